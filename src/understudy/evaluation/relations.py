"""Two tables along a reference: children per parent, and how children take after their parents."""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.errors import InputError
from understudy.evaluation.families import families, side
from understudy.evaluation.pairing import Column, pair
from understudy.evaluation.shapes import ks_complement
from understudy.evaluation.trends import trends
from understudy.model.evaluation import Families, Relation
from understudy.model.schema import Entity, ForeignKey
from understudy.profiling.matching import parents_of

_PARENT = "parent."
Tables = tuple[pa.Table, pa.Table]
"""The real and the synthetic one."""


def evaluate_relation(
    key: ForeignKey, child: Entity, parent: Entity, children: Tables, parents: Tables, held: Tables | None = None
) -> Relation:
    """``cardinality``: Kolmogorov–Smirnov similarity of children per parent; ``trends``: mean similarity of the pairs
    of one parent's and one child's column. ``held``: children and parents that no model has seen: families are told
    from these rather than from the real ones."""
    found = [parents_of(key, c, p) for c, p in zip(children, parents, strict=True)]
    counts = [
        np.bincount(at[at >= 0], minlength=p.num_rows).astype(np.float64) for at, p in zip(found, parents, strict=True)
    ]
    below, above = _columns(child, children), _columns(parent, parents)
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
        _families(key, child, parent, children, parents, held),
    )


def _families(
    key: ForeignKey, child: Entity, parent: Entity, children: Tables, parents: Tables, held: Tables | None
) -> Families:
    """Children against the rows held back, where there are any. Siblings are ordered by the first time that no row
    lacks, else as they come."""
    if held is not None:
        children, parents = (held[0], children[1]), (held[1], parents[1])
    below, above = _columns(child, children), _columns(parent, parents)
    complete = (c for c in below if c.kind == "time" and np.isfinite(c.real).all() and np.isfinite(c.synthetic).all())
    order = next(complete, None)
    moments = (None, None) if order is None else (order.real, order.synthetic)
    sides = [
        side(parents_of(key, c, p), p.num_rows, values) for c, p, values in zip(children, parents, moments, strict=True)
    ]
    return families(below, above, sides[0], sides[1])


def _columns(entity: Entity, sides: Tables) -> tuple[Column, ...]:
    """The columns of both sides that are no keys; none where there are no others."""
    known = [f.name for f in entity.fields if all(f.name in s.column_names for s in sides)]
    try:
        return pair(entity, *(s.select(known) for s in sides)).columns
    except InputError:
        return ()


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


def _absent(key: ForeignKey, child: pa.Table) -> int:
    """Rows that refer to nobody, by a null."""
    nulls = np.zeros(child.num_rows, np.bool_)
    for column in key.columns:
        nulls |= np.asarray(pc.is_null(child.column(column).combine_chunks()).to_numpy(zero_copy_only=False))
    return int(nulls.sum())
