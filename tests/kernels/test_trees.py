"""Trees and leaves: rows fall where their numbers say, and draw from the leaf's values."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.expression import Call, Column, Const, Drawn, Leaf, Row
from understudy.model.plan import Plan, PlannedColumn, PlannedTable
from understudy.model.schema import Entity, Field, Schema
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)
NULL = -(1 << 63)

FOREST = pa.table(
    {  # x <= 4 ? (x <= 1 ? leaf 0 : leaf 1) : leaf 2; and a second tree that is one leaf, number 3
        "feature": pa.array([0, 0, -1, -1, -1, -1], pa.int16()),
        "threshold": pa.array([4, 1, 0, 0, 0, 0], pa.int64()),
        "child": pa.array([1, 3, 2, 0, 1, 3], pa.int32()),
        "root": [True, False, False, False, False, True],
    }
)


def runtime(expression, artefacts, rows=1000, hidden=()):
    entity = Entity("t", (Field("v", WHOLE),))
    columns = (PlannedColumn("v", WHOLE, expression), *hidden)
    plan = Plan(Schema("s", (entity,)), (PlannedTable("t", rows, columns),), (), seed=3, clock=0)
    return Runtime(Bundle(plan, artefacts))


def values(expression, artefacts, rows=1000, start=0, hidden=()):
    return runtime(expression, artefacts, rows, hidden).column("t", "v", range(start, rows)).to_pylist()


def test_a_row_falls_into_the_leaf_that_its_numbers_say():
    one = FOREST.slice(0, 5)
    x = PlannedColumn("x", WHOLE, Call("%", (Row(), Const(8))), hidden=True)
    found = values(Leaf("tree", "f", (Column("x"),)), {"f": one}, rows=16, hidden=(x,))
    assert found == [0, 0, 1, 1, 1, 2, 2, 2] * 2


def test_null_counts_as_less_than_everything():
    assert set(values(Leaf("tree", "f", (Const(None),)), {"f": FOREST.slice(0, 5)}, rows=5)) == {0}


def test_of_several_trees_each_is_drawn_alike():
    found = np.array(values(Leaf("tree", "f", (Const(9),)), {"f": FOREST}, rows=20_000))
    assert set(found) == {2, 3}
    assert abs((found == 3).mean() - 0.5) < 0.02


def test_values_of_a_leaf_come_as_often_as_they_stand_there():
    lists = pa.array([[7], [1, 2, 2, NULL]], pa.list_(pa.int64()))
    assert set(values(Drawn("value", "l", Const(0)), {"l": lists})) == {7}
    found = values(Drawn("value", "l", Const(1)), {"l": lists}, rows=40_000)
    shares = {v: found.count(v) / len(found) for v in (1, 2, None)}
    assert abs(shares[2] - 0.5) < 0.02
    assert abs(shares[1] - 0.25) < 0.02
    assert abs(shares[None] - 0.25) < 0.02


def test_between_neighbours_numbers_may_come_but_none_outside():
    lists = pa.array([[10, 20, 1000]], pa.list_(pa.int64()))
    found = values(Drawn("value", "l", Const(0), between=True), {"l": lists}, rows=5000)
    assert min(found) == 10
    assert max(found) == 1000
    assert len(set(found)) > 300
    assert not [v for v in found if 25 < v < 505]  # 20 moves no further than half way to the nearer, 10


def test_numbers_in_between_keep_to_the_unit():
    lists = pa.array([[10, 20, 1000]], pa.list_(pa.int64()))
    found = values(Drawn("value", "l", Const(0), between=True, unit=5), {"l": lists}, rows=5000)
    assert all(v % 5 == 0 for v in found)


def test_gaps_wider_than_32_bits_are_crossed_exactly():
    lists = pa.array([[0, (1 << 62)]], pa.list_(pa.int64()))
    found = values(Drawn("value", "l", Const(0), between=True), {"l": lists}, rows=4000)
    assert 0 <= min(found) <= max(found) <= 1 << 62
    assert abs(np.mean([v / (1 << 62) for v in found]) - 0.5) < 0.03
    assert len({v >> 52 for v in found}) > 500


def test_weighted_values_come_by_their_weights():
    entry = pa.struct([("value", pa.int64()), ("upto", pa.int64())])
    lists = pa.array([[(5, 1 << 30), (6, 1 << 32)], [(8, 1 << 32)]], pa.list_(entry))
    found = values(Drawn("value", "l", Const(0)), {"l": lists}, rows=20_000)
    assert abs(found.count(5) / len(found) - 0.25) < 0.02
    assert set(values(Drawn("value", "l", Const(1)), {"l": lists})) == {8}


def test_any_part_of_the_rows_is_the_same_as_in_the_whole():
    lists = pa.array([[1, 2, 3, 4], [10, 90], [5], [6]], pa.list_(pa.int64()))
    x = PlannedColumn("x", WHOLE, Call("%", (Row(), Const(8))), hidden=True)
    node = Drawn("value", "l", Leaf("tree", "f", (Column("x"),)), between=True)
    made = {"f": FOREST, "l": lists}
    whole = values(node, made, hidden=(x,))
    assert values(node, made, start=333, hidden=(x,)) == whole[333:]
