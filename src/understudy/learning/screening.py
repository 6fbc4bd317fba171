"""Which of many known columns tell most about one: a quick tree on few rows says so, and the rest is left out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from understudy.learning.columns import Represented
from understudy.learning.growing import indicators

MOST = 16
"""Columns that a column's trees are given. Growing costs time in proportion, and what tells nothing only adds noise."""

ROWS, FEWEST = 4000, 600
"""Rows that are looked at: of sixteen columns, and the fewer the more columns there are, so that width costs no more
than in proportion."""

LEAF = 20


def telling(column: Represented, before: Sequence[Represented], seed: int) -> list[Represented]:
    """The columns of ``before`` that tell most about ``column``, in their order; all where they are few."""
    if len(before) <= MOST:
        return list(before)
    from sklearn.tree import DecisionTreeRegressor

    rows = np.random.default_rng(seed).permutation(column.numbers.size)[: max(ROWS * MOST // len(before), FEWEST)]
    wanted = indicators(msgspec.structs.replace(column, numbers=column.numbers[rows]))
    features = np.column_stack([_ordered(b, rows, wanted) for b in before])
    model = DecisionTreeRegressor(min_samples_leaf=LEAF, random_state=seed)
    model.fit(features, wanted)
    chosen = np.sort(np.argsort(-model.feature_importances_, kind="stable")[:MOST])
    return [before[i] for i in chosen.tolist()]


def _ordered(column: Represented, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    """Numbers as they are; categories by the mean of what is most spread in the target."""
    numbers = column.numbers[rows]
    found, codes = np.unique(numbers, return_inverse=True)
    if not column.coded or found.size <= 2:
        return codes.astype(np.float32)
    trend = wanted[:, int(np.argmax(wanted.var(axis=0)))]
    counts = np.bincount(codes)
    means = (np.bincount(codes, trend) + 5.0 * trend.mean()) / (counts + 5.0)
    return np.asarray(means[codes], np.float32)
