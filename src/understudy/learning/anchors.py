"""Where runs of a long sequence begin again: along the line from its first moment by its mean step.

A run begins anew every 256 rows. What it begins with must be known without the rows before, and lie behind them:

    thing ─► first moment, mean step ─► row 0, 256, 512 …: first + step * row; rows between stay below the next
"""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.columns import GIVEN, HIDDEN, Represented, natural, numbers_node
from understudy.learning.siblings import BEFORE, Run, Way, sorted_rows, unit_of
from understudy.model.expression import RUN, Call, Case, Column, Const, Node, Ordinal, Previous, Siblings, When
from understudy.types import Kind, Type

FIRST, PACE = "first:", "pace:"
PARTS = 1000
"""Of a day: mean steps of dates are told so finely. Times are whole microseconds."""

LEAST = 0.05
"""Quantile of the steps that rows to come are taken to need at least."""

WHOLE = Type(Kind.INTEGER)


def parts_of(kind: Kind) -> int:
    """What a pace is counted in, as parts of the time's own unit."""
    return 1 if kind is Kind.TIMESTAMP else PARTS


def paces(codes: NDArray[np.int64], when: NDArray[np.int64], parts: int) -> tuple[NDArray[np.int64], pa.Array] | None:
    """Per thing its first moment (as a place in the rows) and its mean step; None where no run
    begins anew."""
    rows, ordinal, siblings = sorted_rows(codes, when)
    if siblings.max(initial=0) <= RUN:
        return None
    begins = np.flatnonzero(ordinal == 0)
    size = siblings[begins]
    first, last = rows[begins], rows[begins + size - 1]
    steps = (when[last] - when[first]) * parts // np.maximum(size - 1, 1)
    return first, pa.array(np.maximum(steps, 1))


class Anchors(msgspec.Struct):
    """The columns of the thing that tell its first moment and its mean step, as its rows are given them."""

    first: Represented
    pace: Represented
    parts: int
    unit: int

    def node(self, ordinal: Node) -> Node:
        """The moment of the row of that ordinal, if it lies on the line."""
        gone = Call("/", (Call("*", (numbers_node(self.pace), ordinal)), Const(self.parts)))
        place: Node = Call("+", (numbers_node(self.first), gone))
        if self.unit > 1:
            place = Call("*", (Call("/", (place, Const(self.unit))), Const(self.unit)))
        return place

    def at(self, ordinal: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same, of rows that were seen."""
        return natural(self.first) + natural(self.pace) * ordinal // self.parts


def anchors(link: str, column: Represented, given: list[Represented]) -> Anchors | None:
    """What a sequence's thing tells of its moments; None where it need not."""
    named = {g.name: g for g in given}
    first, pace = (named.get(f"{link}{GIVEN}{what}{column.name}") for what in (FIRST, PACE))
    if first is None or pace is None:
        return None
    return Anchors(first, pace, parts_of(column.type.kind), max(column.unit, 1))


def _next(run: Run) -> tuple[Node, NDArray[np.int64]]:
    """The ordinal with which the next run begins, or the number of rows."""
    place = Ordinal(run.link)
    until = Call("+", (Call("-", (place, Call("%", (place, Const(RUN))))), Const(RUN)))
    return Call("least", (until, Siblings(run.link))), np.minimum(run.ordinal - run.depth + RUN, run.siblings)


def pull(run: Run, column: Represented, found: Anchors) -> Represented:
    """The mean step that would lead to where the next run begins: what steps are given besides."""
    node, until = _next(run)
    before = Previous(run.link, HIDDEN + column.name)
    told = Call("/", (Call("-", (found.node(node), before)), run.left_node))
    there = np.append(0, column.numbers[:-1])
    numbers = (found.at(until) - there) // np.maximum(run.left, 1)
    numbers = np.where(run.depth > 0, numbers, 0)
    name = f"{run.link}{BEFORE}#pull"
    return Represented(name, WHOLE, numbers, False, int(np.unique(numbers).size), given=told)


def anchored(run: Run, column: Represented, found: Anchors) -> tuple[Way, Node]:
    """The steps between rows, and how a moment is made of them: each run from its place on the line, its rows never
    beyond the next run's less what those to come need at least."""
    step = f"{column.name}:step"
    later = np.flatnonzero(run.depth > 0)
    gaps = column.numbers[later] - column.numbers[later - 1]
    go = Represented(
        step, WHOLE, gaps, False, int(np.unique(gaps).size), column.scale, unit_of(column, gaps), table=column.table
    )
    slowest = int(natural(found.pace).min()) // found.parts
    least = min(int(np.quantile(gaps, LEAST)), slowest) if gaps.size else 0
    least = least // found.unit * found.unit
    need = Call("*", (run.left_node, Const(least)))
    node, _ = _next(run)
    beyond = Call(">=", (node, Siblings(run.link)))
    end = Call(
        "-", (Call("greatest", (found.node(node), Const(int(column.numbers.max())))), Call("-", (need, Const(least))))
    )
    top = Case((When(beyond, end),), Call("-", (found.node(node), need)))
    added = Call("+", (Previous(run.link, HIDDEN + column.name), Column(HIDDEN + step)))
    return Way(go, later), Case((When(run.begins, found.node(Ordinal(run.link))),), Call("least", (added, top)))
