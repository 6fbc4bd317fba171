"""Columns one by one: are the same values as frequent?

Numbers by the two-sample Kolmogorov–Smirnov statistic, categories by total variation distance (as SDMetrics'
KSComplement and TVComplement); nulls are a value of their own.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.pairing import FEW, Column
from understudy.model.evaluation import ColumnShape, Spread

BINS = 24
MOST_BARS = 16


def shape(column: Column) -> ColumnShape:
    """How like its real self a column is."""
    if column.numeric:
        real, synthetic = column.real[~np.isnan(column.real)], column.synthetic[~np.isnan(column.synthetic)]
        nulls = (float(np.isnan(column.real).mean()), float(np.isnan(column.synthetic).mean()))
        like = ks_complement(real, synthetic)
        kept = (
            float(((synthetic >= real.min()) & (synthetic <= real.max())).mean()) if real.size * synthetic.size else 1.0
        )
        spread = _bins(column, real, synthetic)
    else:
        nulls = (float((column.real < 0).mean()), float((column.synthetic < 0).mean()))
        first, second = shares(column.real, len(column.labels)), shares(column.synthetic, len(column.labels))
        like = 1.0 - float(np.abs(first - second).sum()) / 2
        known = column.synthetic[column.synthetic >= 0]
        kept = float((first[known + 1] > 0).mean()) if known.size else 1.0
        spread = _bars(column.labels, first, second)
    return ColumnShape(column.name, column.kind, round(like, 4), _rounded(nulls), round(kept, 4), spread)


def ks_complement(real: NDArray[np.float64], synthetic: NDArray[np.float64]) -> float:
    """One minus the largest difference of the two distribution functions; 0 where one side is empty and not the
    other."""
    if not real.size or not synthetic.size:
        return float(real.size == synthetic.size)
    a, b = np.sort(real), np.sort(synthetic)
    both = np.concatenate([a, b])
    gap = np.searchsorted(a, both, "right") / a.size - np.searchsorted(b, both, "right") / b.size
    return 1.0 - float(np.abs(gap).max())


def shares(codes: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Share of each code, null first."""
    return np.asarray(np.bincount(codes + 1, minlength=size + 1) / max(codes.size, 1))


def _rounded(pair: tuple[float, float]) -> tuple[float, float]:
    return round(pair[0], 4), round(pair[1], 4)


def _bins(column: Column, real: NDArray[np.float64], synthetic: NDArray[np.float64]) -> Spread:
    both = np.concatenate([real, synthetic])
    if not both.size:
        return Spread((), (), ())
    values = np.unique(both)
    if values.size <= FEW:
        labels = tuple(_label(column.kind, v) for v in values)
        return Spread(labels, _parts(real, values), _parts(synthetic, values))
    low, high = np.quantile(both, [0.005, 0.995])
    if low == high:
        low, high = float(both.min()), float(both.max())
    edges = np.linspace(low, high, BINS + 1)
    labels = tuple(_label(column.kind, v) for v in edges[:-1])
    return Spread(labels, _binned(real, edges), _binned(synthetic, edges))


def _parts(values: NDArray[np.float64], known: NDArray[np.float64]) -> tuple[float, ...]:
    counts = np.bincount(np.searchsorted(known, values), minlength=known.size)
    return tuple(round(float(c) / max(values.size, 1), 5) for c in counts)


def _binned(values: NDArray[np.float64], edges: NDArray[np.float64]) -> tuple[float, ...]:
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return tuple(round(float(c) / max(values.size, 1), 5) for c in counts)


def _label(kind: str, value: float) -> str:
    if kind == "time" and abs(value) > 86_400e6:
        return f"{datetime.fromtimestamp(value / 1e6, UTC):%Y-%m-%d}" if abs(value) < 2.5e17 else f"{value:g}"
    return f"{value:,.6g}"


def _bars(labels: tuple[str, ...], real: NDArray[np.float64], synthetic: NDArray[np.float64]) -> Spread:
    names = ("(null)", *labels)
    order = [int(i) for i in np.argsort(-(real + synthetic), kind="stable") if real[i] + synthetic[i] > 0]
    shown, rest = order[:MOST_BARS], order[MOST_BARS:]
    said = [names[i] for i in shown]
    first, second = [float(real[i]) for i in shown], [float(synthetic[i]) for i in shown]
    if rest:
        said.append(f"{len(rest)} others")
        first.append(float(real[rest].sum()))
        second.append(float(synthetic[rest].sum()))
    return Spread(tuple(said), tuple(round(v, 5) for v in first), tuple(round(v, 5) for v in second))
