"""Rules that expressions show to hold: whatever is proved so holds in every row, and what plainly holds is proved."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.expression import (
    Call,
    Case,
    Chance,
    Choice,
    Column,
    Const,
    Node,
    Nulls,
    Pool,
    Quantile,
    Row,
    Take,
    Uniform,
    When,
)
from understudy.model.plan import Plan, PlannedColumn, PlannedTable
from understudy.model.schema import Schema
from understudy.planning.binding.proving import Proofs
from understudy.planning.draft import not_false
from understudy.planning.trees import substitute
from understudy.rules.trees import rebuild
from understudy.types import Kind, Type

INTEGER, DATE, TEXT = Type(Kind.INTEGER), Type(Kind.DATE), Type(Kind.TEXT)
PRICE = Type(Kind.DECIMAL, precision=10, scale=2)
ARTEFACTS = {"endings": pa.array([0, 50, 99], pa.int64()), "words": pa.array(["new", "open"])}
ROWS = 400


def table(**columns: tuple[Type, Node]) -> PlannedTable:
    """``_`` before a name hides the column."""
    made = [PlannedColumn(n.replace("_", "$"), t, e, hidden=n.startswith("_")) for n, (t, e) in columns.items()]
    return PlannedTable("t", ROWS, tuple(made))


def proved(rule: Node, planned: PlannedTable) -> bool:
    return Proofs(planned, ARTEFACTS).passes(rule)


def broken(rule: Node, planned: PlannedTable) -> int:
    """Rows in which the rule is false."""
    plan = Plan(schema=Schema("s", ()), tables=(planned,), load=(), seed=1, clock=0)
    verdict = Runtime(Bundle(plan, dict(ARTEFACTS))).values("t", rule, np.arange(ROWS))
    return int(np.count_nonzero(~not_false(verdict)))


# ---- soundness -------------------------------------------------------------------------------------
numbers = st.integers(-40, 40)


def leaves(use: st.SearchStrategy[str]) -> st.SearchStrategy[Node]:
    uniform = st.builds(lambda u, a, b: Uniform(u, Const(min(a, b)), Const(max(a, b))), use, numbers, numbers)
    quantile = st.builds(lambda u, p: Quantile(u, tuple(sorted(p))), use, st.tuples(*[numbers] * 3))
    choice = st.builds(lambda u, n: Choice(u, (1.0,) * n), use, st.integers(1, 4))
    taken = st.builds(lambda u: Take("endings", Uniform(u, Const(0), Const(2))), use)
    return st.one_of(uniform, quantile, choice, taken, st.builds(Const, numbers), st.just(Row()), st.just(Column("$x")))


def grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pairs = st.tuples(inner, inner)
    null = st.builds(lambda v, s: Nulls(v, Chance("n", s)), inner, st.sampled_from([0.1, 0.5]))
    case = st.builds(
        lambda a, b: Case((When(Call("=", (Choice("b", (1.0, 1.0)), Const(0))), a),), b),
        st.one_of(inner, st.just(Const(None))),
        inner,
    )
    by = st.builds(lambda f, x, k: Call(f, (x, Const(k))), st.sampled_from("/%"), inner, st.integers(1, 9))
    calls = st.builds(Call, st.sampled_from(["+", "*", "greatest", "least", "coalesce"]), pairs)
    return st.one_of(null, case, by, calls)


trees = st.recursive(leaves(st.just("u")), grown, max_leaves=8)
bounds = st.builds(
    lambda sign, value, turned: Call(sign, (Const(value), Column("a")) if turned else (Column("a"), Const(value))),
    st.sampled_from(["<", "<=", ">", ">="]),
    st.integers(-200, 200),
    st.booleans(),
)
orders = st.sampled_from([Call(s, (Column(x), Column(y))) for s in ("<=", ">=") for x, y in ("ab", "ba")])
rules_ = st.recursive(
    st.one_of(bounds, orders), lambda r: st.builds(Call, st.sampled_from(["and", "or"]), st.tuples(r, r)), max_leaves=3
)


@settings(max_examples=400, deadline=None)
@given(trees, trees, st.integers(0, 5), rules_)
def test_what_is_proved_holds_in_every_row(a: Node, x: Node, shape: int, rule: Node) -> None:
    a, x = _apart(a, "1"), _apart(_without_hidden(x), "2")
    others = (
        Column("$x"),
        Nulls(Column("$x"), Chance("m", 0.3)),
        Call("+", (Column("$x"), Uniform("g", Const(0), Const(5)))),
        Call("greatest", (Column("$x"), _apart(_without_hidden(a), "3"))),
        Call("/", (Column("$x"), Const(7))),
        Call("least", (Column("$x"), Const(3))),
    )
    own = Call("greatest", (a, others[shape])) if shape % 2 else a
    planned = table(a=(INTEGER, own), b=(INTEGER, others[shape]), _x=(INTEGER, x))
    if proved(rule, planned):
        assert broken(rule, planned) == 0


def _without_hidden(node: Node) -> Node:
    return substitute(node, {"$x": Const(4)})


def _apart(node: Node, mark: str) -> Node:
    """Every draw with a use of its own."""
    count = iter(range(1000))

    def renamed(part: Node) -> Node:
        changed = rebuild(part, renamed)
        return (
            msgspec.structs.replace(changed, use=f"{mark}.{next(count)}") if getattr(changed, "use", None) else changed
        )

    return renamed(node)


# ---- what plainly holds ----------------------------------------------------------------------------
START = Uniform("s", Const(0), Const(20_000_000))
SHOP = table(
    amount=(INTEGER, Quantile("v", (1, 3, 9))),
    price=(PRICE, Call("+", (Call("*", (Quantile("v", (3, 5, 9)), Const(100))), Take("endings", Choice("c", (1, 1, 1)))))),  # noqa: E501
    status=(TEXT, Nulls(Pool("words", Choice("v", (1.0, 1.0))), Chance("n", 0.1))),
    _start=(INTEGER, START),
    _end=(INTEGER, Call("greatest", (Call("least", (Column("$start"), Const(5_000))), Column("$start")))),
    start=(DATE, Nulls(Call("/", (Column("$start"), Const(1000))), Chance("n", 0.1))),
    end=(DATE, Case((When(Chance("c", 0.2), Const(None)),), Call("/", (Column("$end"), Const(1000))))),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (Call("and", (Call(">=", (Column("amount"), Const(1))), Call("<=", (Column("amount"), Const(9))))), True),
        (Call("<", (Column("amount"), Const(9))), False),
        (Call(">", (Column("price"), Const(0))), True),
        (Call(">", (Column("price"), Const(2))), False),  # of decimals only the sign is told
        (Call("in", (Column("status"), Const("open"), Const("new"), Const("old"))), True),
        (Call("in", (Column("status"), Const("open"), Const("old"))), False),
        (Call("or", (Call("is_null", (Column("end"),)), Call(">=", (Column("end"), Column("start"))))), True),
        (Call(">=", (Column("start"), Column("end"))), False),
        (Call(">", (Column("end"), Column("start"))), False),
    ],
)
def test_bounds_members_and_orders_are_seen(rule: Node, holds: bool) -> None:
    assert proved(rule, SHOP) is holds
    if holds:
        assert broken(rule, SHOP) == 0


def test_a_null_among_the_arguments_of_greatest_is_no_bound() -> None:
    maybe = Nulls(Const(50), Chance("n", 0.5))
    planned = table(a=(INTEGER, Call("greatest", (Uniform("v", Const(0), Const(9)), maybe))))
    rule = Call(">=", (Column("a"), Const(50)))
    assert broken(rule, planned) > 0
    assert not proved(rule, planned)


def test_what_is_below_a_start_that_may_be_missing_is_not_taken_for_after_it() -> None:
    planned = table(
        b=(INTEGER, Column("$x")),
        a=(INTEGER, Call("greatest", (Nulls(Column("$x"), Chance("n", 0.5)), Const(0)))),
        _x=(INTEGER, Uniform("v", Const(5), Const(9))),
    )
    rule = Call(">=", (Column("a"), Column("b")))
    assert broken(rule, planned) > 0
    assert not proved(rule, planned)


def test_the_same_draw_in_two_columns_is_not_taken_for_one_value() -> None:
    draw = Uniform("v", Const(0), Const(99))
    planned = table(a=(INTEGER, Call("greatest", (draw, Const(0)))), b=(INTEGER, draw))
    rule = Call(">=", (Column("a"), Column("b")))
    assert broken(rule, planned) > 0
    assert not proved(rule, planned)
