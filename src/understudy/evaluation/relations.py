"""Two tables along a reference: children per parent, and how children take after their parents."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.evaluation.pairing import Column, pair
from understudy.evaluation.shapes import ks_complement
from understudy.evaluation.trends import trends
from understudy.model.evaluation import Relation
from understudy.model.schema import Entity, ForeignKey

_PARENT = "parent."
Tables = tuple[pa.Table, pa.Table]
"""The real and the synthetic one."""


def evaluate_relation(key: ForeignKey, child: Entity, parent: Entity, children: Tables, parents: Tables) -> Relation:
    """``cardinality``: Kolmogorov–Smirnov similarity of children per parent; ``trends``: mean similarity of the pairs
    of one parent's and one child's column."""
    found = [_parents(key, c, p) for c, p in zip(children, parents, strict=True)]
    counts = [
        np.bincount(at[at >= 0], minlength=p.num_rows).astype(np.float64) for at, p in zip(found, parents, strict=True)
    ]
    known = [f.name for f in parent.fields if all(f.name in p.column_names for p in parents)]
    below = pair(child, *children).columns
    above = pair(parent, *(p.select(known) for p in parents)).columns
    given = [_given(c, found[0], found[1]) for c in above]
    similar = [
        t.similarity
        for t in trends([*given, *below])
        if t.first.startswith(_PARENT) and not t.second.startswith(_PARENT)
    ]
    return Relation(
        child.name,
        parent.name,
        key.columns,
        round(ks_complement(counts[0], counts[1]), 4),
        round(float(np.mean(similar)), 4) if similar else 1.0,
        int((found[1] < 0).sum() - _absent(key, children[1])),
    )


def _given(column: Column, real: NDArray[np.int64], synthetic: NDArray[np.int64]) -> Column:
    """A parent's column as each child sees it."""
    nothing = np.nan if column.numeric else -1

    def at(values: NDArray[np.float64], place: NDArray[np.int64]) -> NDArray[np.float64]:
        if not values.size:
            return np.full(place.size, nothing)
        return np.where(place < 0, nothing, values[np.maximum(place, 0)])

    kind = np.float64 if column.numeric else np.int64
    return msgspec.structs.replace(
        column,
        name=_PARENT + column.name,
        real=at(column.real, real).astype(kind),
        synthetic=at(column.synthetic, synthetic).astype(kind),
        held=None,
    )


def _parents(key: ForeignKey, child: pa.Table, parent: pa.Table) -> NDArray[np.int64]:
    """Per child its parent's row, -1 for none."""
    mine, theirs = np.zeros(child.num_rows, np.int64), np.zeros(parent.num_rows, np.int64)
    lost = np.zeros(child.num_rows, np.bool_)
    for own, other in zip(key.columns, key.target_columns, strict=True):
        values = pc.unique(parent.column(other).combine_chunks())
        left = child.column(own).combine_chunks().cast(values.type)
        codes = np.asarray(pc.fill_null(pc.index_in(left, value_set=values), -1).to_numpy(zero_copy_only=False))
        lost |= (codes < 0) | np.asarray(pc.is_null(left).to_numpy(zero_copy_only=False))
        right = pc.index_in(parent.column(other).combine_chunks(), value_set=values)
        mine = mine * (len(values) + 1) + codes + 1
        theirs = theirs * (len(values) + 1) + np.asarray(pc.fill_null(right, -1).to_numpy(zero_copy_only=False)) + 1
    order = np.argsort(theirs, kind="stable")
    if not order.size:
        return np.full(mine.size, -1, np.int64)
    place = np.minimum(np.searchsorted(theirs[order], mine), order.size - 1)
    return np.where(lost | (theirs[order][place] != mine), -1, order[place])


def _absent(key: ForeignKey, child: pa.Table) -> int:
    """Rows that refer to nobody, by a null."""
    nulls = np.zeros(child.num_rows, np.bool_)
    for column in key.columns:
        nulls |= np.asarray(pc.is_null(child.column(column).combine_chunks()).to_numpy(zero_copy_only=False))
    return int(nulls.sum())
