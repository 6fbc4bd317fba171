"""Scores: what all trees say of a row, added up."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.kernels.test_trees import WHOLE, values

from understudy.errors import InternalError
from understudy.model.expression import Call, Column, Const, Row, Score
from understudy.model.plan import PlannedColumn

TREES = pa.table(
    {
        "feature": pa.array([[0, 1], [1]], pa.list_(pa.int16())),
        "threshold": pa.array([[4, 0], [2]], pa.list_(pa.int64())),
        "value": pa.array([[1, 10, 100, 1000], [0, 5]], pa.list_(pa.int32())),
    }
)
X = PlannedColumn("x", WHOLE, Call("%", (Row(), Const(8))), hidden=True)
Y = PlannedColumn("y", WHOLE, Call("%", (Row(), Const(4))), hidden=True)


def expected(row):
    x, y = row % 8, row % 4
    return [1, 10, 100, 1000][2 * (x > 4) + (y > 0)] + (5 if y > 2 else 0)


def test_a_score_is_the_sum_of_what_each_tree_says():
    found = values(Score("t", (Column("x"), Column("y"))), {"t": TREES}, rows=40, hidden=(X, Y))
    assert found == [expected(row) for row in range(40)]


def test_rows_alone_have_the_scores_they_have_among_others():
    node = Score("t", (Column("x"), Column("y")))
    whole = values(node, {"t": TREES}, rows=20_000, hidden=(X, Y))
    assert values(node, {"t": TREES}, rows=20_000, start=9_001, hidden=(X, Y)) == whole[9_001:]


def test_null_counts_as_less_than_everything():
    assert set(values(Score("t", (Const(9), Const(None))), {"t": TREES}, rows=3)) == {100}


def test_a_score_that_asks_for_more_inputs_than_there_are_is_refused():
    with pytest.raises(InternalError, match="more than 1 inputs"):
        values(Score("t", (Const(1),)), {"t": TREES})
