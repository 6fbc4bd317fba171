"""Columns two by two: do they depend on each other as they did?

Two numbers: one minus half the difference of their correlations. Any other two: one minus the total variation
distance of their joint shares, numbers cut at ten quantiles of the real side (as SDMetrics' CorrelationSimilarity and
ContingencySimilarity).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.pairing import Column
from understudy.model.evaluation import PairTrend

CUTS = 10
MOST_PAIRS = 2000
"""Pairs compared at most: beyond 63 columns, those of the first ones."""


def trends(columns: Sequence[Column]) -> tuple[PairTrend, ...]:
    """All pairs, the least similar first."""
    cut = {c.name: _cut(c) for c in columns}
    found = [_trend(a, b, cut) for a, b in list(combinations(columns, 2))[:MOST_PAIRS]]
    return tuple(sorted(found, key=lambda p: p.similarity))


def _trend(a: Column, b: Column, cut: dict[str, tuple[NDArray[np.int64], NDArray[np.int64], int]]) -> PairTrend:
    if a.numeric and b.numeric:
        one, other = _correlation(a.real, b.real), _correlation(a.synthetic, b.synthetic)
        if one is not None:
            return PairTrend(a.name, b.name, round(1.0 - abs(one - (other or 0.0)) / 2, 4), round(abs(one), 4))
    real, synthetic, size = _joint(cut[a.name], cut[b.name])
    first = np.bincount(real, minlength=size) / max(real.size, 1)
    second = np.bincount(synthetic, minlength=size) / max(synthetic.size, 1)
    like = 1.0 - float(np.abs(first - second).sum()) / 2
    return PairTrend(a.name, b.name, round(like, 4), round(_cramer(first, cut[a.name][2], cut[b.name][2]), 4))


def _correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float | None:
    """Pearson's, of rows where both are known; None where one is constant."""
    known = ~(np.isnan(x) | np.isnan(y))
    if known.sum() < 3 or x[known].std() == 0 or y[known].std() == 0:
        return None
    return float(np.corrcoef(x[known], y[known])[0, 1])


def _cut(column: Column) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Codes of both sides from 0 (null) on, and how many there are."""
    if not column.numeric:
        return column.real + 1, column.synthetic + 1, len(column.labels) + 1
    known = column.real[~np.isnan(column.real)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, CUTS + 1)[1:-1])) if known.size else np.zeros(0)

    def code(values: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.where(np.isnan(values), 0, 1 + np.searchsorted(edges, np.nan_to_num(values), "right"))

    return code(column.real), code(column.synthetic), int(edges.size) + 2


def _joint(
    a: tuple[NDArray[np.int64], NDArray[np.int64], int], b: tuple[NDArray[np.int64], NDArray[np.int64], int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Codes of pairs, numbered by what occurs (wide categories would ask for a matrix of millions)."""
    real, synthetic = a[0] * b[2] + b[0], a[1] * b[2] + b[1]
    if a[2] * b[2] <= 1 << 20:
        return real, synthetic, a[2] * b[2]
    known, place = np.unique(np.concatenate([real, synthetic]), return_inverse=True)
    return place[: real.size], place[real.size :], int(known.size)


def _cramer(joint: NDArray[np.float64], rows: int, columns: int) -> float:
    """Cramér's V of joint shares; 0 where they are numbered by occurrence."""
    if joint.size != rows * columns:
        return 0.0
    table = joint.reshape(rows, columns)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    inside = expected > 0
    chi = float((((table - expected) ** 2)[inside] / expected[inside]).sum())
    least = min(int((table.sum(axis=1) > 0).sum()), int((table.sum(axis=0) > 0).sum())) - 1
    return min(1.0, (chi / least) ** 0.5) if least > 0 else 0.0
