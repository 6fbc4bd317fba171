"""Runs: children made one after the other, whatever rows are asked for; counts that a parent's column holds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.errors import InternalError
from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.expression import (
    RUN,
    Aggregate,
    Call,
    Case,
    Column,
    Const,
    Lookup,
    Ordinal,
    Previous,
    Row,
    Siblings,
    Uniform,
    When,
)
from understudy.model.link import Known, Link, Owned
from understudy.model.plan import Layout, Plan, PlannedColumn, PlannedTable, Repair, Run
from understudy.model.schema import Entity, Field, ForeignKey, Schema
from understudy.rng import given_offsets
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)
PARENTS = 9000
WIDE = 700


def hidden(name, node):
    return PlannedColumn(name, WHOLE, node, hidden=True)


def counts() -> np.ndarray:
    """What parents wish for: mostly few, none for every seventh, one of them more than two runs."""
    wishes = np.arange(PARENTS) % 7
    wishes[5] = WIDE
    return wishes


def shop(total: int | None = None, repairs=(), extra=()) -> Runtime:
    """``x`` adds up along the children; ``y`` is told by the one before ``x`` and the parent's ``base``."""
    wishes = counts()
    sums = [int(wishes[i : i + 4096].sum()) for i in range(0, PARENTS, 4096)]
    rows = int(wishes.sum()) if total is None else total
    place = Call("%", (Row(), Const(7)))
    parent = PlannedTable(
        "p",
        PARENTS,
        (
            PlannedColumn("id", WHOLE, Row()),
            hidden("n", Case((When(Call("=", (Row(), Const(5))), Const(WIDE)),), place)),
            hidden("base", Call("*", (place, Const(1000)))),
        ),
    )
    mode = Owned(0, WIDE, (), Known("n", sum(sums), "blocks"))
    added = Call(
        "+", (Call("coalesce", (Previous("l", "x"), Lookup("l", "base"))), Uniform("step", Const(1), Const(9)))
    )
    told = Case(
        (When(Call("is_null", (Previous("l", "y"),)), Column("x")),), Call("-", (Column("x"), Previous("l", "x")))
    )
    child = PlannedTable(
        "c",
        rows,
        (
            PlannedColumn("p", WHOLE, Lookup("l", "id")),
            hidden("x", added),
            hidden("y", told),
            PlannedColumn("x_out", WHOLE, Column("x")),
            PlannedColumn("y_out", WHOLE, Column("y")),
            PlannedColumn("place", WHOLE, Ordinal("l")),
            PlannedColumn("of", WHOLE, Siblings("l")),
            *extra,
        ),
        Layout("l"),
        (Link("l", "c", "p", mode),),
        tuple(repairs),
        runs=(Run("l", ("y", "x")),),
    )
    entities = (
        Entity("p", (Field("id", WHOLE),)),
        Entity("c", (Field("p", WHOLE),), foreign_keys=(ForeignKey("l", ("p",), "p", ("id",)),)),
    )
    plan = Plan(Schema("s", entities), (parent, child), (), seed=3, clock=0)
    offsets = given_offsets(sums, PARENTS, rows, 0, WIDE)
    return Runtime(Bundle(plan, {"blocks": pa.array(offsets)}))


@pytest.fixture(scope="module")
def whole() -> pa.Table:
    made = shop()
    rows = made.table("c").planned.rows
    return pa.Table.from_batches([made.batch("c", 0, rows)])


def numbers(table, column):
    return table.column(column).to_numpy()


def test_parents_have_the_children_that_their_column_says(whole):
    assert np.bincount(numbers(whole, "p"), minlength=PARENTS).tolist() == counts().tolist()


def test_each_child_goes_on_from_the_one_before_and_a_run_begins_anew_after_its_length(whole):
    x, y, place, parent = (numbers(whole, c) for c in ("x_out", "y_out", "place", "p"))
    begins = place % RUN == 0
    base = np.where(begins, parent % 7 * 1000, np.roll(x, 1))
    assert ((x - base >= 1) & (x - base <= 9)).all()
    assert (y[begins] == x[begins]).all()
    assert (y[~begins] == (x - np.roll(x, 1))[~begins]).all()
    assert (begins & (place > 0)).sum() == WIDE // RUN


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_rows_in_any_order_are_the_same_rows(whole, data):
    made, rows = shop(), whole.num_rows
    low = data.draw(st.integers(0, rows - 1))
    high = data.draw(st.integers(low, min(rows, low + 900)))
    batch = pa.Table.from_batches([made.batch("c", low, high)])
    assert batch.equals(whole.slice(low, high - low))
    chosen = np.array(data.draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=60)))
    assert made.column("c", "x", chosen).to_pylist() == numbers(whole, "x_out")[chosen].tolist()


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 60_000))
def test_another_total_is_met_exactly_in_proportion_to_the_wishes(total):
    made = shop(total)
    parents = pa.Table.from_batches([made.batch("c", 0, total)]).column("p").to_numpy()
    found = np.bincount(parents, minlength=PARENTS)
    assert found.sum() == total
    assert (np.diff(parents) >= 0).all()
    wanted = counts() * (total / counts().sum())
    assert abs(found[5] - min(wanted[5], WIDE)) <= 2 + abs(found - wanted).mean()


def test_a_repair_of_one_row_changes_no_other():
    odd = Call("<>", (Call("%", (Column("z"), Const(2))), Const(0)))
    z = PlannedColumn("z", WHOLE, Call("+", (Column("x"), Uniform("z", Const(0), Const(9)))))
    made = shop(extra=(z,), repairs=(Repair("odd", ("z",), odd, 64),))
    rows = made.table("c").planned.rows
    table = pa.Table.from_batches([made.batch("c", 0, rows)])
    assert (numbers(table, "z") % 2 == 1).all()
    plain = shop()
    assert numbers(table, "x_out").tolist() == plain.column("c", "x", range(rows)).to_pylist()


def test_a_column_outside_the_run_cannot_be_asked_of_the_child_before():
    made = shop(extra=(PlannedColumn("w", WHOLE, Previous("l", "place")),))
    with pytest.raises(InternalError, match="not made sibling after sibling"):
        made.batch("c", 0, 1)


def test_parents_add_up_children_of_runs():
    made = shop()
    total = made.values("p", Aggregate("c", "l", "max", "x"), np.array([5, 6, 7])).to_pylist()
    rows = made.table("c").planned.rows
    values, owners = made.column("c", "x", range(rows)).to_numpy(), made.parents("c", "l", range(rows))
    assert total == [max(values[owners == p].tolist(), default=None) for p in (5, 6, 7)]
