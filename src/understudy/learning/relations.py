"""Children and their parents: who belongs to whom, how many each has, and what a parent tells of its children."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.learning.columns import GIVEN, HIDDEN, NULL, Represented
from understudy.model.expression import Lookup
from understudy.model.schema import ForeignKey

MOST_CHILDREN = 1024
"""Counts beyond this are taken for it: a law of so many weights is enough for any tail."""

MOST_GIVEN = 16
"""Columns of a parent that its children are given; the first ones, as the table has them."""


class Children(msgspec.Struct):
    """``parents``: per child its parent's row, -1 for none. ``counts``: shares of parents with 0, 1, 2 … children."""

    parents: NDArray[np.int64]
    counts: tuple[float, ...]
    mean: float


def children(key: ForeignKey, child: pa.Table, parent: pa.Table) -> Children:
    """Match the rows of two tables along a foreign key."""
    mine, theirs = _codes([child.column(c) for c in key.columns], [parent.column(c) for c in key.target_columns])
    order = np.argsort(theirs, kind="stable")
    place = np.searchsorted(theirs[order], mine)
    place = np.minimum(place, max(order.size - 1, 0))
    found = (theirs[order][place] == mine) & (mine >= 0) if order.size else np.zeros(mine.size, np.bool_)
    parents = np.where(found, order[place] if order.size else -1, -1)
    number = np.bincount(parents[parents >= 0], minlength=parent.num_rows)
    shares = np.bincount(np.minimum(number, MOST_CHILDREN)) / max(parent.num_rows, 1)
    mean = float(number.mean()) if number.size else 0.0
    return Children(parents, tuple(round(float(s), 9) for s in shares), mean)


def _codes(
    child: Sequence[pa.ChunkedArray], parent: Sequence[pa.ChunkedArray]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Both sides' keys as numbers: equal keys, equal numbers; -1 where a part is null or no parent has it."""
    mine = np.zeros(len(child[0]), np.int64)
    theirs = np.zeros(len(parent[0]), np.int64)
    absent = np.zeros(mine.size, np.bool_)
    for own, other in zip(child, parent, strict=True):
        values = pc.unique(other.combine_chunks())
        left = pc.fill_null(pc.index_in(own.combine_chunks().cast(values.type), value_set=values), -1)
        right = pc.fill_null(pc.index_in(other.combine_chunks(), value_set=values), -1)
        first = left.to_numpy(zero_copy_only=False).astype(np.int64)
        absent |= (first < 0) | np.asarray(pc.is_null(own.combine_chunks()).to_numpy(zero_copy_only=False))
        mine = mine * (len(values) + 1) + first + 1
        theirs = theirs * (len(values) + 1) + right.to_numpy(zero_copy_only=False).astype(np.int64) + 1
    return np.where(absent, -1, mine), theirs


def given_by(key: ForeignKey, link: str, found: Children, columns: Sequence[Represented]) -> list[Represented]:
    """The parent's columns as the children see them; ``link``: what the plan calls the reference."""
    known = found.parents >= 0
    place = np.maximum(found.parents, 0)
    out = []
    for column in columns[:MOST_GIVEN]:
        numbers = np.where(known, column.numbers[place], NULL)
        name = f"{link}{GIVEN}{column.name}"
        node = Lookup(link, HIDDEN + column.name)
        out.append(msgspec.structs.replace(column, name=name, numbers=numbers, given=node))
    return out
