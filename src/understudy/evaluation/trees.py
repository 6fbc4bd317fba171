"""The classifier that detection, utility and attacks share: gradient-boosted trees, one thread, no chance of its
own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.pairing import Column

SETTINGS: dict[str, Any] = {
    "learning_rate": 0.12,
    "num_leaves": 31,
    "min_child_samples": 20,
    "verbosity": -1,
    "num_threads": 1,
    "seed": 0,
    "deterministic": True,
}
ROUNDS = 80
MOST_CATEGORIES = 1000
"""A category with more values is given to the trees by the frequency of its value."""


def matrix(columns: Sequence[Column], side: str) -> tuple[NDArray[np.float64], list[int]]:
    """Rows × columns of one side (``real``, ``synthetic`` or ``held``), and which columns are categories."""
    parts, categories = [], []
    for place, column in enumerate(columns):
        values = getattr(column, side)
        if column.numeric:
            parts.append(values)
        elif len(column.labels) > MOST_CATEGORIES:
            counts = np.bincount(column.real + 1, minlength=len(column.labels) + 1)
            parts.append(counts[values + 1].astype(np.float64))
        else:
            categories.append(place)
            parts.append(np.where(values < 0, np.nan, values).astype(np.float64))
    return np.column_stack(parts), categories


def fitted(x: NDArray[np.float64], y: NDArray[Any], categories: list[int], objective: str, classes: int = 1) -> Any:
    """A booster; ``objective``: binary, multiclass or regression."""
    import lightgbm

    settings = {**SETTINGS, "objective": objective, **({"num_class": classes} if objective == "multiclass" else {})}
    data = lightgbm.Dataset(x, y, categorical_feature=categories or [], free_raw_data=True)
    return lightgbm.train(settings, data, ROUNDS)


def out_of_fold(
    x: NDArray[np.float64],
    y: NDArray[np.int64],
    categories: list[int],
    seed: int = 0,
    folds: int = 3,
    groups: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each row's probability of class 1 by a classifier that has not seen it, nor any of its group (whole
    numbers from 0), and the columns' gain."""
    random = np.random.default_rng(seed)
    fold = random.integers(0, folds, y.size if groups is None else int(groups.max(initial=0)) + 1)
    fold = fold if groups is None else fold[groups]
    told, gain = np.zeros(y.size), np.zeros(x.shape[1])
    for k in range(folds):
        model = fitted(x[fold != k], y[fold != k], categories, "binary")
        told[fold == k] = model.predict(x[fold == k])
        gain += model.feature_importance("gain")
    return told, gain


def auc(truth: NDArray[np.int64], score: NDArray[np.float64]) -> float:
    """Area under the ROC curve by ranks, ties shared (Mann and Whitney); 0.5 where one class is missing."""
    ones = int((truth == 1).sum())
    zeros = truth.size - ones
    if not ones or not zeros:
        return 0.5
    order = np.argsort(score, kind="stable")
    values = score[order]
    first = np.searchsorted(values, values, "left")
    last = np.searchsorted(values, values, "right")
    ranks = np.empty(truth.size)
    ranks[order] = (first + last + 1) / 2
    return float((ranks[truth == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))
