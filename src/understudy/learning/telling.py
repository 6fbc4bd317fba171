"""What a column tells beside its number: how far it is from the one it was told from, the hour, the day of the week.

Trees cut one input at a time: a fare that follows from the minutes between two times, or a surcharge from the hour,
would need a staircase of cuts in both.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from understudy.learning.columns import HIDDEN, NULL, NUMBERS, Represented, natural, numbers_node
from understudy.model.expression import Call, Column, Const, Node
from understudy.model.plan import PlannedColumn
from understudy.types import Kind, Type

DAY = 86_400_000_000
"""Microseconds."""

LEAST_ROUNDED = 0.98
WHOLE = Type(Kind.INTEGER)


def parts(column: Represented, base: Represented | None) -> Iterator[tuple[Represented, PlannedColumn]]:
    """Inputs for the columns after it, each with its hidden column. ``base``: what the column is a difference to."""
    if column.type.kind not in NUMBERS:
        return
    own = natural(column)
    if base is not None:
        other = natural(base)
        there = (own != NULL) & (other != NULL)
        apart = np.where(there, own - np.where(there, other, 0), NULL)
        yield _part(column, "apart", apart, Call("-", (numbers_node(column), numbers_node(base))))
    if column.type.kind is Kind.TIMESTAMP and _has_hours(own):
        node = numbers_node(column)
        hour = Call("%", (Call("+", (Call("%", (node, Const(DAY))), Const(DAY))), Const(DAY)))
        yield _part(column, "hour", np.where(own == NULL, NULL, own % DAY), hour)
        past = Call("+", (Call("/", (Call("-", (node, hour)), Const(DAY))), Const(7_000_000)))
        yield _part(
            column, "weekday", np.where(own == NULL, NULL, (own // DAY + 7_000_000) % 7), Call("%", (past, Const(7)))
        )


def _has_hours(numbers: NDArray[np.int64]) -> bool:
    known = numbers[numbers != NULL]
    return float((known % DAY == 0).mean()) < LEAST_ROUNDED


def _part(column: Represented, what: str, numbers: NDArray[np.int64], node: Node) -> tuple[Represented, PlannedColumn]:
    name = f"{column.name}:{what}"
    hidden = PlannedColumn(HIDDEN + name, WHOLE, node, f"{what} of {column.name}", hidden=True)
    levels = int(np.unique(numbers).size)
    return Represented(name, WHOLE, numbers, False, levels, given=Column(hidden.name)), hidden
