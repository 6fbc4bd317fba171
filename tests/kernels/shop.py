"""A small plan written by hand: customers, products, orders with their lines, payments, reviews."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from understudy.kernels.words import strings
from understudy.model.bundle import Bundle
from understudy.model.expression import (
    Aggregate,
    Call,
    Chance,
    Choice,
    Column,
    Const,
    Digits,
    Join,
    Lookup,
    Nulls,
    Ordinal,
    Permute,
    Pool,
    Prose,
    Quantile,
    Row,
    Uniform,
    Zipf,
)
from understudy.model.link import Drawn, Link, Owned, Paired
from understudy.model.plan import Layout, Plan, PlannedColumn, PlannedTable
from understudy.model.schema import Schema
from understudy.types import Kind, Type

INTEGER, TEXT, MOMENT = Type(Kind.INTEGER), Type(Kind.TEXT), Type(Kind.TIMESTAMP)
SMALL, MONEY = Type(Kind.INTEGER, bits=16), Type(Kind.DECIMAL, precision=12, scale=2)
DAY = 86_400_000_000
WEIGHTS = (24.0, 24.0, 22.0, 14.0, 8.0, 4.0, 2.0, 2.0)


def column(name, kind, node, **more):
    return PlannedColumn(name, kind, node, **more)


def ints(values) -> pa.Array:
    data = np.ascontiguousarray(values, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), data.size, [None, pa.py_buffer(data)])


def moment(use: str):
    day = Quantile(use + ".day", tuple(18_000 + round(1500 * (k / 16) ** 0.7) for k in range(17)))
    clock = Call("*", (Quantile(use + ".time", tuple(k * 5_000 for k in range(17))), Const(1_000_000)))
    return Call("+", (Call("*", (day, Const(DAY))), clock))


def pools() -> dict[str, pa.Array]:
    rng = np.random.default_rng(1)
    syllables = ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe"]

    def words(count, parts):
        return ["".join(rng.choice(syllables, parts)).capitalize() + str(i % 7 or "") for i in range(count)]

    sentences = [" ".join(w.lower() for w in words(int(rng.integers(6, 14)), 2)).capitalize() + "." for _ in range(800)]
    return {
        "first": strings(words(500, 2)),
        "last": strings(words(2000, 3)),
        "city": strings(words(300, 3)),
        "noun": strings(words(400, 3)),
        "status": strings(["pending", "paid", "shipped", "delivered", "cancelled"]),
        "method": strings(["card", "paypal", "transfer", "voucher"]),
        "tape": strings(sentences),
    }


def shop(orders: int, *, batch_rows: int = 65_536, seed: int = 7) -> Bundle:
    people, goods, texts = max(orders // 5, 1), max(orders // 50, 20), orders // 2
    lines = round(orders * 2.9)
    artefacts = pools()
    code = PlannedColumn("$code", INTEGER, Permute("code", Row(), Const(500 * 2000 * 1000)), hidden=True)
    first = Call("%", (Column("$code"), Const(500)))
    last = Call("%", (Call("/", (Column("$code"), Const(500))), Const(2000)))
    suffix = Call("/", (Column("$code"), Const(500 * 2000)))
    customers = PlannedTable(
        "customers",
        people,
        (
            column("id", INTEGER, Call("+", (Row(), Const(1)))),
            column("first_name", TEXT, Pool("first", Column("$first"))),
            column("last_name", TEXT, Pool("last", Column("$last"))),
            column(
                "email",
                TEXT,
                Join(
                    (
                        Pool("first", Column("$first")),
                        Const("."),
                        Pool("last", Column("$last")),
                        suffix,
                        Const("@example.com"),
                    )
                ),
            ),
            column("city", TEXT, Pool("city", Zipf("v", 300, 0.8))),
            column("created_at", MOMENT, moment("v")),
            code,
            PlannedColumn("$first", INTEGER, first, hidden=True),
            PlannedColumn("$last", INTEGER, last, hidden=True),
        ),
    )
    products = PlannedTable(
        "products",
        goods,
        (
            column("id", INTEGER, Call("+", (Row(), Const(1)))),
            column("sku", TEXT, Join((Const("SKU-"), Digits(Permute("v", Row(), Const(10**8)), 8)))),
            column(
                "name", TEXT, Join((Pool("noun", Zipf("a", 400, 0.5)), Const(" "), Pool("noun", Zipf("b", 400, 0.5))))
            ),
            column("price", MONEY, Quantile("v", tuple(round(199 * 1.35**k) for k in range(17)))),
        ),
    )
    orders_table = PlannedTable(
        "orders",
        orders,
        (
            column("id", INTEGER, Call("+", (Row(), Const(1)))),
            column("customer_id", INTEGER, Lookup("customer", "id")),
            column("ordered_at", MOMENT, moment("v")),
            column("status", TEXT, Pool("status", Choice("v", (1, 2, 2, 4, 0.5)))),
            column(
                "shipped_at",
                MOMENT,
                Nulls(
                    Call(
                        "+",
                        (
                            Column("ordered_at"),
                            Call("*", (Quantile("v", tuple(range(10, 9000, 540))), Const(60_000_000))),
                        ),
                    ),
                    Chance("null", 0.3),
                ),
            ),
            PlannedColumn(
                "$total",
                Type(Kind.DECIMAL, precision=18, scale=2),
                Aggregate("order_lines", "order", "sum", "amount"),
                hidden=True,
            ),
        ),
        links=(Link("customer", "orders", "customers", Drawn(0.7)),),
    )
    order_lines = PlannedTable(
        "order_lines",
        lines,
        (
            column("order_id", INTEGER, Lookup("order", "id")),
            column("line_no", SMALL, Call("+", (Ordinal("order"), Const(1)))),
            column("product_id", INTEGER, Lookup("product", "id")),
            column("quantity", SMALL, Call("+", (Choice("v", (50, 25, 10, 5, 4, 2, 2, 1, 1)), Const(1)))),
            column("unit_price", MONEY, Lookup("product", "price")),
            column("amount", MONEY, Call("*", (Column("quantity"), Column("unit_price")))),
        ),
        layout=Layout("order"),
        links=(
            Link("order", "order_lines", "orders", Owned(1, 8, WEIGHTS)),
            Link("product", "order_lines", "products", Drawn(0.7)),
        ),
    )
    payments = PlannedTable(
        "payments",
        orders,
        (
            column("id", INTEGER, Call("+", (Row(), Const(1)))),
            column("order_id", INTEGER, Lookup("order", "id")),
            column("method", TEXT, Pool("method", Choice("v", (6, 3, 2, 1)))),
            column("amount", MONEY, Lookup("order", "$total")),
            column(
                "paid_at",
                MOMENT,
                Call(
                    "+",
                    (Lookup("order", "ordered_at"), Call("*", (Uniform("v", Const(1), Const(900)), Const(60_000_000)))),
                ),
            ),
        ),
        links=(Link("order", "payments", "orders", Paired()),),
    )
    reviews = PlannedTable(
        "reviews",
        texts,
        (
            column("id", INTEGER, Call("+", (Row(), Const(1)))),
            column("order_id", INTEGER, Lookup("order", "id")),
            column("rating", SMALL, Call("+", (Choice("v", (1, 1, 2, 4, 6)), Const(1)))),
            column("title", TEXT, Nulls(Pool("noun", Uniform("v", Const(0), Const(399))), Chance("null", 0.1))),
            column("body", TEXT, Prose("v", "tape", 3, 6)),
            column(
                "created_at",
                MOMENT,
                Call(
                    "+",
                    (
                        Lookup("order", "ordered_at"),
                        Call("*", (Uniform("v", Const(1), Const(90_000)), Const(60_000_000))),
                    ),
                ),
            ),
        ),
        links=(Link("order", "reviews", "orders", Drawn(0.2)),),
    )
    tables = (customers, products, orders_table, order_lines, payments, reviews)
    plan = Plan(
        schema=Schema(name="shop", entities=()),
        tables=tables,
        load=(),
        seed=seed,
        clock=1_700_000_000_000_000,
        batch_rows=batch_rows,
    )
    return Bundle(plan, artefacts)


def small(*tables: PlannedTable, seed: int = 7, batch_rows: int = 65_536, **artefacts: pa.Array | pa.Table) -> Bundle:
    plan = Plan(
        schema=Schema(name="small", entities=()), tables=tables, load=(), seed=seed, clock=0, batch_rows=batch_rows
    )
    return Bundle(plan, artefacts)
