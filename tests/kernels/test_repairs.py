"""Repairs: what comes out keeps the rule, and stays a function of the row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.errors import InternalError
from understudy.kernels import Runtime
from understudy.kernels.words import strings
from understudy.model.expression import Call, Case, Chance, Column, Const, Lookup, Pool, Row, Uniform, When
from understudy.model.link import Drawn, Link
from understudy.model.plan import PlannedColumn, PlannedTable, Repair

from .shop import INTEGER, TEXT, ints, small

ROWS = 400
RULE = Call("<", (Call("+", (Column("a"), Column("b"))), Column("limit")))


def numbers(limit=64, rule=RULE, witnesses="", **artefacts):
    table = PlannedTable(
        "t",
        ROWS,
        (
            PlannedColumn("limit", INTEGER, Uniform("v", Const(40), Const(120))),
            PlannedColumn("a", INTEGER, Uniform("v", Const(0), Const(99))),
            PlannedColumn(
                "b", INTEGER, Case((When(Chance("n", 0.1), Const(None)),), Uniform("v", Const(0), Const(99)))
            ),
            PlannedColumn("twice", INTEGER, Call("*", (Column("a"), Const(2)))),
            PlannedColumn("word", TEXT, Pool("words", Call("%", (Column("a"), Const(3))))),
        ),
        repairs=(Repair("sum", ("a", "b"), rule, limit, witnesses=witnesses),),
    )
    return small(table, words=strings(["x", "y", "z"]), **artefacts)


def columns(bundle, rows=range(ROWS)):
    runtime = Runtime(bundle)
    return {c: runtime.column("t", c, rows).to_pylist() for c in ("limit", "a", "b", "twice", "word")}


def test_every_row_keeps_the_rule_and_null_passes():
    made = columns(numbers())
    pairs = list(zip(made["a"], made["b"], made["limit"], strict=True))
    assert all(b is None or a + b < limit for a, b, limit in pairs)
    assert sum(b is None for _, b, _ in pairs) > 10
    assert made["twice"] == [2 * a for a in made["a"]]
    assert made["word"] == ["xyz"[a % 3] for a in made["a"]]


def test_rows_that_pass_at_once_are_left_alone():
    without = numbers(rule=Const(True))
    free, held = columns(without), columns(numbers())
    for a, b, limit, x, y in zip(free["a"], free["b"], free["limit"], held["a"], held["b"], strict=True):
        if b is None or a + b < limit:
            assert (a, b) == (x, y)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=40))
def test_repair_depends_on_the_row_alone(rows):
    whole = columns(numbers())
    some = columns(numbers(), np.array(rows, np.int64))
    assert some == {c: [v[r] for r in rows] for c, v in whole.items()}


def test_acceptance_is_the_share_that_passes_at_once():
    bundle = numbers()
    repair = bundle.plan.table("t").repairs[0]
    free = columns(numbers(rule=Const(True)))
    passing = [b is None or a + b < limit for a, b, limit in zip(free["a"], free["b"], free["limit"], strict=True)]
    assert Runtime(bundle).acceptance("t", repair, range(ROWS)) == pytest.approx(sum(passing) / ROWS)


def test_a_row_that_never_passes_is_named():
    with pytest.raises(InternalError, match=r"t: row \d+ found no value within 5 attempts of sum"):
        columns(numbers(limit=5, rule=Call("<", (Column("a"), Const(0)))))


def test_a_row_that_never_passes_takes_a_witness():
    rule = Call("=", (Column("a"), Call("*", (Column("b"), Const(1000)))))
    found = pa.Table.from_arrays([ints([1000, 2000, 0]), ints([1, 2, 0])], ["a", "b"])
    made = columns(numbers(limit=2, rule=rule, witnesses="found", found=found))
    pairs = set(zip(made["a"], made["b"], strict=True))
    assert {(1000, 1), (2000, 2)} <= pairs
    assert all(b is None or a == b * 1000 for a, b in pairs)
    assert made["twice"] == [2 * a for a in made["a"]]


def test_links_are_redrawn_with_their_columns():
    parents = PlannedTable(
        "p", 20, (PlannedColumn("id", INTEGER, Row()), PlannedColumn("open", INTEGER, Call("%", (Row(), Const(2)))))
    )
    kids = PlannedTable(
        "c",
        300,
        (PlannedColumn("p_id", INTEGER, Lookup("up", "id")), PlannedColumn("open", INTEGER, Lookup("up", "open"))),
        links=(Link("up", "c", "p", Drawn(0.5)),),
        repairs=(Repair("only open", ("p_id",), Call("=", (Lookup("up", "open"), Const(1))), 64, links=("up",)),),
    )
    runtime = Runtime(small(parents, kids))
    assert set(runtime.column("c", "open", range(300)).to_pylist()) == {1}
    chosen = runtime.column("c", "p_id", range(300)).to_pylist()
    assert runtime.parents("c", "up", range(300)).tolist() == chosen
    assert Runtime(small(parents, kids)).column("c", "p_id", np.array([7, 299])).to_pylist() == [chosen[7], chosen[299]]


def test_two_groups_of_which_one_reads_the_other_both_hold():
    table = PlannedTable(
        "t",
        ROWS,
        (
            PlannedColumn("a", INTEGER, Uniform("v", Const(0), Const(99))),
            PlannedColumn("b", INTEGER, Uniform("v", Const(0), Const(99))),
        ),
        repairs=(
            Repair("even", ("a",), Call("=", (Call("%", (Column("a"), Const(2))), Const(0))), 64),
            Repair("above", ("b",), Call(">", (Column("b"), Call("/", (Column("a"), Const(2))))), 64),
        ),
    )
    runtime = Runtime(small(table))
    a, b = (runtime.column("t", c, range(ROWS)).to_pylist() for c in ("a", "b"))
    assert all(x % 2 == 0 and y > x // 2 for x, y in zip(a, b, strict=True))
