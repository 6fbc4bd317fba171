"""Rows that no real row is like: an isolation forest grown on real rows says how soon a row stands alone.

Liu, Ting and Zhou, "Isolation forest" (2008). Half of the real rows grow the forest, the other half says what is usual:
a synthetic row is an anomaly where it stands out more than all but one in two hundred of those. A data set as good as
real rows has as many; fewer means that rare cases are missing, more that there are rows that cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.bounds import interval
from understudy.evaluation.pairing import Column
from understudy.model.evaluation import Anomalies, Unusual

EXPECTED = 0.005
MOST_ROWS, SHOWN, REASONS = 20_000, 10, 3
LEAST = 100
Matrix = NDArray[np.float64]


def anomalies(columns: Sequence[Column], seed: int = 0) -> Anomalies | None:
    """None where there are fewer than 100 real rows."""
    from sklearn.ensemble import IsolationForest

    random = np.random.default_rng(seed)
    real = _numbers(columns, "real")
    real = real[random.permutation(len(real))[:MOST_ROWS]]
    if len(real) < LEAST:
        return None
    made = _numbers(columns, "synthetic")
    at = np.sort(random.permutation(len(made))[:MOST_ROWS])
    made, half = made[at], len(real) // 2
    forest = IsolationForest(n_estimators=200, random_state=seed).fit(real[:half])
    usual = -forest.score_samples(real[half:])
    scores = -forest.score_samples(made)
    edge = float(np.quantile(usual, 1 - EXPECTED))
    out = scores > edge
    worst = [int(i) for i in np.argsort(-scores)[:SHOWN] if out[i]]
    typical = np.median(real[:half], axis=0)
    rows = tuple(
        Unusual(int(at[i]), round(float(scores[i]), 4), _because(columns, int(at[i]), made[i], typical, forest))
        for i in worst
    )
    share = interval(out.size, lambda rows_: float(out[rows_].mean()), seed)
    return Anomalies(share, EXPECTED, round(edge, 4), rows)


def _numbers(columns: Sequence[Column], side: str) -> Matrix:
    """Numbers as they are, categories by how rare they are among real rows, null as something of its own."""
    parts = []
    for column in columns:
        values = getattr(column, side)
        if column.numeric:
            known = column.real[~np.isnan(column.real)]
            low, spread = (float(known.min()), float(known.std()) or 1.0) if known.size else (0.0, 1.0)
            parts.append(np.where(np.isnan(values), low - spread, values))
        else:
            counts = np.bincount(column.real + 1, minlength=len(column.labels) + 1)
            parts.append(-np.log((counts + 0.5) / column.real.size)[values + 1])
    return np.column_stack(parts).astype(np.float64)


def _because(
    columns: Sequence[Column], row: int, values: NDArray[np.float64], typical: NDArray[np.float64], forest: Any
) -> tuple[tuple[str, str], ...]:
    """The columns whose replacement by a typical value makes the row most usual, with the values."""
    tried = np.tile(values, (len(columns) + 1, 1))
    for k in range(len(columns)):
        tried[k, k] = typical[k]
    scores = -forest.score_samples(tried)
    eased = scores[-1] - scores[:-1]
    order = [int(k) for k in np.argsort(-eased)[:REASONS] if eased[k] > 0]
    return tuple((columns[k].name, _said(columns[k], row)) for k in order)


def _said(column: Column, row: int) -> str:
    value = column.synthetic[row]
    if not column.numeric:
        return "null" if value < 0 else column.labels[int(value)]
    if np.isnan(value):
        return "null"
    if column.kind == "time":
        return str(np.datetime64(int(value), "us").astype("datetime64[s]")).replace("T", " ")
    return f"{value:,.10g}"
