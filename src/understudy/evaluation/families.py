"""Can a classifier tell synthetic families from real ones? It looks at children beside their parents, at what children
of one parent come to, and at the step from child to child. Children of one parent are always judged together: a fold
that has seen a child's siblings would know its parent.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.bounds import interval
from understudy.evaluation.pairing import Column
from understudy.evaluation.shapes import ks_complement
from understudy.evaluation.trees import auc, matrix, out_of_fold
from understudy.model.evaluation import Families, Interval

MOST_ROWS = 6_000
LEAST = 60
"""Rows of a side that a classifier is shown, at most and at least."""

Floats = NDArray[np.float64]


class Side(msgspec.Struct):
    """Children of one side, siblings side by side in their order: ``rows`` of the child table, ``parents``: the
    parent's row of each, ``place`` among siblings from 0, ``number``: children per parent's row."""

    rows: NDArray[np.int64]
    parents: NDArray[np.int64]
    place: NDArray[np.int64]
    number: NDArray[np.int64]


def side(parents: NDArray[np.int64], size: int, order: Floats | None) -> Side:
    """Sort children (those that have a parent); ``order``: what siblings are ordered by, None: as they come."""
    there = np.flatnonzero(parents >= 0)
    keys = (parents[there],) if order is None else (order[there], parents[there])
    rows = there[np.lexsort(keys)]
    owner = parents[rows]
    first = np.searchsorted(owner, owner)
    return Side(rows, owner, np.arange(rows.size) - first, np.bincount(owner, minlength=size))


def families(below: Sequence[Column], above: Sequence[Column], real: Side, synthetic: Side, seed: int = 0) -> Families:
    """``below``, ``above``: columns of children and parents, both sides of each; None for what too few rows tell."""
    sides = (real, synthetic)
    children = [_children(below, above, s, name) for s, name in zip(sides, ("real", "synthetic"), strict=True)]
    steps = [_steps(below, s, name, c) for s, name, c in zip(sides, ("real", "synthetic"), children, strict=True)]
    sums = [_sums(below, above, s, name) for s, name in zip(sides, ("real", "synthetic"), strict=True)]
    beside = _categories(above)
    categories = [*_categories(below), *(len(below) + i for i in beside)]
    later = [s.place > 0 for s in sides]
    return Families(
        _told(children, [s.parents for s in sides], categories, seed),
        _told(sums, None, beside, seed),
        _told(steps, [s.parents[n] for s, n in zip(sides, later, strict=True)], categories, seed),
        _over_time(below, sides),
    )


def _categories(columns: Sequence[Column]) -> list[int]:
    return matrix(columns, "real")[1] if columns else []


def _numbers(columns: Sequence[Column], name: str, rows: NDArray[np.int64]) -> Floats:
    """Some rows of one side, a column each."""
    return matrix(columns, name)[0][rows] if columns else np.zeros((rows.size, 0))


def _children(below: Sequence[Column], above: Sequence[Column], s: Side, name: str) -> Floats:
    """Children's columns, their parents', how many siblings there are, and the place among them."""
    own, parents = _numbers(below, name, s.rows), _numbers(above, name, s.parents)
    return np.column_stack([own, parents, s.number[s.parents], s.place])


def _steps(below: Sequence[Column], s: Side, name: str, children: Floats) -> Floats:
    """The same, and the difference from the child before (categories: whether it is the same)."""
    own = _numbers(below, name, s.rows)
    later = np.flatnonzero(s.place > 0)
    apart = own[later] - own[later - 1]
    for i, column in enumerate(below):
        if not column.numeric:
            apart[:, i] = own[later, i] == own[later - 1, i]
    return np.column_stack([children[later], apart])


def _sums(below: Sequence[Column], above: Sequence[Column], s: Side, name: str) -> Floats:
    """Per parent its columns, how many children it has, and what they come to: mean, deviation, least, greatest, or
    how many categories."""
    own = _numbers(below, name, s.rows)
    size = s.number.size
    parts = [_numbers(above, name, np.arange(size))]
    parts.append(s.number[:, None].astype(np.float64))
    first = np.flatnonzero(s.place == 0)
    owner = s.parents[first]
    for i, column in enumerate(below):
        values = own[:, i]
        if column.numeric:
            parts += [_spread(f, size, owner) for f in _moments(values, s, first)]
        else:
            pairs = np.unique(np.column_stack([s.parents, np.nan_to_num(values, nan=-1)]), axis=0)
            kinds = np.bincount(pairs[:, 0].astype(np.int64), minlength=size).astype(np.float64)
            parts.append(np.where(s.number > 0, kinds, np.nan)[:, None])
    return np.column_stack(parts)


def _moments(values: Floats, s: Side, first: NDArray[np.int64]) -> list[Floats]:
    """Of each parent that has children; nulls left out."""
    known = np.isfinite(values)
    group = np.cumsum(s.place == 0) - 1
    size = first.size
    count = np.bincount(group[known], minlength=size).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(group[known], values[known], minlength=size) / count
        squares = np.bincount(group[known], (values[known] - mean[group[known]]) ** 2, minlength=size)
        deviation = np.sqrt(squares / (count - 1))
    low = np.minimum.reduceat(np.where(known, values, np.inf), first) if size else np.zeros(0)
    high = np.maximum.reduceat(np.where(known, values, -np.inf), first) if size else np.zeros(0)
    return [np.where(np.isfinite(m), m, np.nan) for m in (mean, deviation, low, high)]


def _spread(found: Floats, size: int, owner: NDArray[np.int64]) -> Floats:
    out = np.full((size, 1), np.nan)
    out[owner, 0] = found
    return out


def _told(
    both: list[Floats], groups: list[NDArray[np.int64]] | None, categories: list[int], seed: int
) -> Interval | None:
    size = min(len(both[0]), len(both[1]), MOST_ROWS)
    if size < LEAST:
        return None
    random = np.random.default_rng(seed)
    chosen = [np.sort(random.permutation(len(x))[:size]) for x in both]
    x = np.vstack([b[c] for b, c in zip(both, chosen, strict=True)])
    truth = np.repeat([0, 1], size)
    owner = None
    if groups is not None:
        mine, theirs = (g[c] for g, c in zip(groups, chosen, strict=True))
        owner = np.concatenate([mine, theirs + int(mine.max(initial=0)) + 1])
    told, _ = out_of_fold(x, truth, categories, seed, groups=owner)
    return interval(truth.size, lambda rows: auc(truth[rows], told[rows]), seed)


def _over_time(below: Sequence[Column], sides: tuple[Side, Side]) -> float | None:
    """How alike the steps from child to child are: mean similarity of the distributions of differences."""
    later = [np.flatnonzero(s.place > 0) for s in sides]
    if min(n.size for n in later) < LEAST:
        return None
    found = []
    for column in below:
        values = [v[s.rows] for v, s in zip((column.real, column.synthetic), sides, strict=True)]
        steps = [v[n] - v[n - 1] for v, n in zip(values, later, strict=True)]
        if column.numeric:
            known = [t[np.isfinite(t)] for t in steps]
            if min(k.size for k in known) >= LEAST:
                found.append(ks_complement(known[0], known[1]))
        else:
            found.append(1.0 - abs(float((steps[0] == 0).mean()) - float((steps[1] == 0).mean())))
    return round(float(np.mean(found)), 4) if found else None
