"""Raw numbers, decimals, dates: in which units an expression counts, and what a column makes of it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from understudy.kernels import Runtime
from understudy.model.expression import (
    Call,
    Case,
    Cast,
    Chance,
    Column,
    Const,
    Nulls,
    Quantile,
    Row,
    Take,
    Uniform,
    When,
)
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.types import Kind, Type
from understudy.types.arrow import arrow_type

from .shop import INTEGER, MOMENT, TEXT, ints, small

D2, D4 = Type(Kind.DECIMAL, precision=12, scale=2), Type(Kind.DECIMAL, precision=20, scale=4)
DATE, FLOAT, BOOL = Type(Kind.DATE), Type(Kind.FLOAT), Type(Kind.BOOLEAN)


def column(kind, node, *others, n=2, **artefacts):
    table = PlannedTable("t", n, (*others, PlannedColumn("x", kind, node)))
    array = Runtime(small(table, **artefacts)).column("t", "x", range(n))
    assert array.type == arrow_type(kind) or kind.kind is Kind.TEXT
    return array.to_pylist()


PRICE = PlannedColumn("price", D2, Call("+", (Row(), Const(1050))))
COUNT = PlannedColumn("n", INTEGER, Const(3))
CODE = PlannedColumn("$code", INTEGER, Call("*", (Row(), Const(7))), hidden=True)
TOTAL = PlannedColumn("$total", INTEGER, Call("+", (Column("n"), Const(1))), hidden=True)

UNITS = [
    ("a draw counts in the column's units", D2, Uniform("v", Const(5), Const(5)), Decimal("0.05")),
    ("so does a bare constant", D2, Const(499), Decimal("4.99")),
    ("and a constant that is null sometimes", D2, Nulls(Const(499), Chance("c", 0.0)), Decimal("4.99")),
    ("a constant with a point is what it says", D2, Const(4.99), Decimal("4.99")),
    ("a code in a hidden column counts in units", D2, Column("$code"), Decimal("0.00")),
    ("a quantity in a hidden column is a number", D2, Column("$total"), Decimal("4.00")),
    ("a quantity in a column is a number", D2, Column("n"), Decimal("3.00")),
    ("a product of decimal and number", D2, Call("*", (Column("price"), Column("n"))), Decimal("31.50")),
    ("a constant beside a decimal is a number", D2, Call("+", (Column("price"), Const(1))), Decimal("11.50")),
    (
        "a draw beside a decimal counts in its units",
        D2,
        Call("greatest", (Quantile("q", (2000, 2000)), Column("price"))),
        Decimal("20.00"),
    ),
    ("scales are aligned", D4, Call("-", (Column("price"), Const(0.0005))), Decimal("10.4995")),
    ("and rounded where the column has fewer digits", D2, Call("*", (Column("price"), Const(1.011))), Decimal("10.62")),
    ("quotients keep six digits more", D4, Call("/", (Column("price"), Column("n"))), Decimal("3.5000")),
    ("hundredths made a float", FLOAT, Call("/", (Uniform("v", Const(123), Const(123)), Const(100.0))), 1.23),
    ("decimals in a float column", FLOAT, Column("price"), 10.5),
    (
        "raw days in a date",
        DATE,
        Call("+", (Uniform("v", Const(19_000), Const(19_000)), Const(1))),
        datetime.date(2022, 1, 9),
    ),
    ("a date in a timestamp column", MOMENT, Cast(Const("2024-02-29"), DATE), datetime.datetime(2024, 2, 29)),
    ("raw microseconds in a timestamp", MOMENT, Const(86_400_000_000), datetime.datetime(1970, 1, 2)),
    ("numbers in a text column", TEXT, Column("n"), "3"),
    ("decimals in a text column", TEXT, Column("price"), "10.50"),
    ("zero and one in a boolean column", BOOL, Take("flags", Const(1)), True),
    (
        "a choice between decimal and whole",
        D2,
        Case((When(Chance("c", 1.0), Column("price")),), Const(0)),
        Decimal("10.50"),
    ),
    ("money", Type(Kind.MONEY), Const(1234), Decimal("12.34")),
    ("years", Type(Kind.YEAR), Const(1999), 1999),
    ("unsigned bytes", Type(Kind.INTEGER, bits=8, signed=False), Const(255), 255),
    (
        "a wide decimal",
        Type(Kind.DECIMAL, precision=60, scale=2),
        Call("*", (Const(9 * 10**18), Const(10**19))),
        Decimal(9 * 10**37),
    ),
]


@pytest.mark.parametrize(("kind", "node", "expected"), [pytest.param(*u[1:], id=u[0]) for u in UNITS])
def test_units(kind, node, expected):
    assert column(kind, node, PRICE, COUNT, CODE, TOTAL, n=1, flags=ints([0, 1])) == [expected]


def test_dates_compare_with_texts_and_timestamps():
    d = PlannedColumn("d", DATE, Call("+", (Row(), Const(19_000))))
    m = PlannedColumn("m", MOMENT, Const(19_000 * 86_400_000_000))
    assert column(BOOL, Call("<=", (Column("d"), Const("2022-01-08"))), d) == [True, False]
    assert column(BOOL, Call("=", (Column("d"), Column("m"))), d, m) == [True, False]
    assert column(
        BOOL, Call(">", (Call("-", (Column("m"), Column("d"))), Cast(Const("-1 hours"), Type(Kind.INTERVAL)))), d, m
    ) == [True, False]
    assert column(MOMENT, Call("+", (Column("d"), Cast(Const(3_600_000_000), Type(Kind.INTERVAL)))), d)[
        0
    ] == datetime.datetime(2022, 1, 8, 1)


def test_intervals_as_text_compare_by_their_length():
    span = PlannedColumn("s", Type(Kind.INTERVAL), Take("texts", Row()))
    from understudy.kernels.words import strings

    texts = strings(["3 days 04:05:06", "71:00:00"])
    assert column(
        BOOL, Call(">", (Column("s"), Cast(Const(3 * 86_400_000_000), Type(Kind.INTERVAL)))), span, texts=texts
    ) == [True, False]
