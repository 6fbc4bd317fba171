"""Numbers with many values, taken apart: points that many rows share, copies of other columns, and the rest, which is
told from other columns in the form that says most.

    y  =  one of a few points            0, the top code 500001
       |  another column's own value     the payment is last month's bill
       |  form(other columns, rest)      see :mod:`understudy.learning.baselines`

Trees alone see a strong straight line as a staircase; with it taken off, what they must tell is small.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy.learning.baselines import Form, best_form
from understudy.learning.columns import NULL, Represented, natural, points
from understudy.model.expression import Call, Column, Const, Node

COPY_SHARE = 0.02
MOST_COPIES = 3
"""Rows in which a column repeats another one's value, for that to be a way of its own."""


class Apart(msgspec.Struct):
    """A column taken apart. ``kinds`` per row: 0 the rest, 1.. a point or a copy, -1 null. ``rest``: what is to be
    drawn in rows of kind 0, in terms of ``form``; ``low`` and ``high``: the least and greatest value seen."""

    points: tuple[int, ...]
    copies: tuple[str, ...]
    kinds: NDArray[np.int64]
    rest: NDArray[np.int64]
    form: Form
    low: int
    high: int


def take_apart(column: Represented, before: Sequence[Represented], seed: int) -> Apart:
    """See the module. ``before``: the columns that hold numbers among those already known."""
    y = column.numbers
    known = y != NULL
    kinds = np.where(known, 0, -1).astype(np.int64)
    shared = points(y[known])
    for number, point in enumerate(shared):
        kinds[known & (y == point)] = 1 + number
    copies: list[str] = []
    for other in before:
        if len(copies) < MOST_COPIES and other.scale == column.scale and other.type.kind == column.type.kind:
            same = (kinds == 0) & (y == natural(other))
            if same.mean() >= COPY_SHARE:
                copies.append(other.name)
                kinds[same] = len(shared) + len(copies)
    left = kinds == 0
    form = best_form(column, before, np.flatnonzero(left), seed)
    rest = np.where(left, form.rest(y, {b.name: natural(b) for b in before if b.name in form.columns}), 0)
    spread = y[known]
    return Apart(shared, tuple(copies), kinds, rest, form, int(spread.min()), int(spread.max()))


def within(node: Node, low: int, high: int) -> Node:
    """Kept between the least and the greatest value that were seen."""
    return Call("greatest", (Call("least", (node, Const(high))), Const(low)))


def kind_column(name: str) -> str:
    """The hidden column that says which way a value is made."""
    return f"$learned:{name}:kind"


def by_kind(apart: Apart, name: str, rest: Node, known: dict[str, Node]) -> tuple[tuple[int, Node], ...]:
    """What stands for each kind: (kind, expression)."""
    ways: list[tuple[int, Node]] = [(0, rest)]
    ways += [(1 + n, Const(point)) for n, point in enumerate(apart.points)]
    ways += [(1 + len(apart.points) + n, known[c]) for n, c in enumerate(apart.copies)]
    return tuple(ways)


def kinds_of(name: str) -> Column:
    """The kind of the row's value."""
    return Column(kind_column(name))
