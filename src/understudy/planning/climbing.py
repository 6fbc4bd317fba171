"""A column that may not go down from row to row: its law's quantiles, climbed step by step with the row number."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from understudy.model.expression import Call, Column, Const, Node, Row, Take
from understudy.model.lesson import Climbing, Lesson
from understudy.model.plan import PlannedTable
from understudy.planning.draft import Draft, flat
from understudy.types import Kind

SAMPLE = 1024
STEPS = 64
FINE = 1 << 16
"""Parts of a step: its product with a step of a century in microseconds stays below 2**63."""
SECOND = 1_000_000
COUNTED = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.DATE, Kind.TIMESTAMP)
"""Kinds whose values are whole numbers underneath."""


def climbed(draft: Draft, table: PlannedTable, lessons: Iterable[Lesson]) -> PlannedTable:
    """The table with the columns that lessons want in order made so, over the range that they have anyway."""
    for lesson in lessons:
        if isinstance(lesson, Climbing) and lesson.table == table.name and table.rows:
            table = _climbed(draft, table, lesson)
    return table


def _climbed(draft: Draft, table: PlannedTable, lesson: Climbing) -> PlannedTable:
    column = next((c for c in table.columns if c.name == lesson.column), None)
    if column is None or column.type.kind not in COUNTED:
        return table
    rows = np.unique(np.linspace(0, table.rows - 1, min(table.rows, SAMPLE)).astype(np.int64))
    units = flat(draft.evaluate(table, Call("units", (Column(column.name),)), rows)).drop_null()
    if not len(units):
        return table
    values = np.sort(units.to_numpy(zero_copy_only=False).astype(np.int64))
    points = values[np.linspace(0, values.size - 1, STEPS + 1).astype(np.int64)]
    grain = SECOND if column.type.kind is Kind.TIMESTAMP and not (points % SECOND).any() else 1
    points = points // grain
    if lesson.strict and points[-1] - points[0] < 2 * table.rows:
        points = points[0] + np.arange(STEPS + 1, dtype=np.int64) * (-(-2 * table.rows // STEPS))
    node = _way(draft, f"climb:{table.name}.{column.name}", points, table.rows)
    if lesson.strict:
        node = _strictly(node, points, table.rows)
    if lesson.falling:
        node = Call("-", (Const(int(points[0] + points[-1])), node))
    if grain > 1:
        node = Call("*", (node, Const(grain)))
    why = f"never goes {'up' if lesson.falling else 'down'} from row to row, as the database wants it"
    made = msgspec.structs.replace(column, expression=node, reason=why)
    return msgspec.structs.replace(table, columns=tuple(made if c is column else c for c in table.columns))


def _way(draft: Draft, name: str, points: np.ndarray[tuple[int], np.dtype[np.int64]], rows: int) -> Node:
    """The piecewise straight line through the points, at the row's place among all rows."""
    kept = draft.keep_indices(name, points)
    place = Call("*", (Row(), Const(STEPS)))
    step, rest = Call("/", (place, Const(rows))), Call("%", (place, Const(rows)))
    here, there = Take(kept, step), Take(kept, Call("+", (step, Const(1))))
    part = Call("/", (Call("*", (rest, Const(FINE))), Const(rows)))
    return Call("+", (here, Call("/", (Call("*", (Call("-", (there, here)), part)), Const(FINE)))))


def _strictly(node: Node, points: np.ndarray[tuple[int], np.dtype[np.int64]], rows: int) -> Node:
    """Half of the way by the law, half by the row number, so that no two rows share a value."""
    low = int(points[0])
    half = Call("/", (Call("-", (node, Const(low))), Const(2)))
    stride = max(1, int(points[-1] - low) // (2 * rows))
    return Call("+", (Call("+", (half, Call("*", (Row(), Const(stride))))), Const(low)))
