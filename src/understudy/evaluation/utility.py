"""Is a model that was trained on synthetic rows as good as one trained on real rows?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.pairing import Column
from understudy.evaluation.trees import auc, fitted, matrix
from understudy.model.evaluation import Utility

MOST_CLASSES = 20
LEAST = 200
MOST_TARGETS = 3
TRIED = 4
"""Targets that are tried where none is named: each costs two models."""

CERTAIN = 0.995
"""What is predicted that well follows from another column, and tells nothing."""


def utility(columns: Sequence[Column], target: str = "", seed: int = 0) -> tuple[Utility, ...]:
    """For the target named, or for the columns that real rows predict best. Tested on the rows held back, else on a
    fifth of the real rows that neither model sees."""
    if len(columns) < 2 or columns[0].real.size < LEAST or columns[0].synthetic.size < LEAST:
        return ()
    usable = [c for c in columns if c.numeric or 1 < len(c.labels) <= MOST_CLASSES]
    if target:
        found = [u for c in usable if c.name == target and (u := _one(columns, c, seed)) is not None]
        return tuple(found)
    found = [u for c in _worth(usable) if (u := _one(columns, c, seed)) is not None and u.real < CERTAIN]
    return tuple(sorted(found, key=lambda u: -u.real)[:MOST_TARGETS])


def _worth(usable: Sequence[Column]) -> list[Column]:
    """Columns in the order in which people predict them: few classes first, the last column before the others."""
    return sorted(usable, key=lambda c: len(c.labels) if c.labels else MOST_CLASSES)[:TRIED]


def _one(columns: Sequence[Column], target: Column, seed: int) -> Utility | None:
    rest = [c for c in columns if c.name != target.name]
    train, categories = matrix(rest, "real")
    made, _ = matrix(rest, "synthetic")
    wanted, told = target.real, target.synthetic
    if target.held is not None:
        test, truth = matrix(rest, "held")[0], target.held
    else:
        order = np.random.default_rng(seed).permutation(len(train))
        cut = len(train) // 5
        test, truth = train[order[:cut]], wanted[order[:cut]]
        train, wanted = train[order[cut:]], wanted[order[cut:]]
    score, measure = (_explained, "R²") if target.numeric else (_separated, "AUC")
    real = score(train, wanted, test, truth, categories)
    synthetic = score(made, told, test, truth, categories)
    if real is None or synthetic is None:
        return None
    return Utility(target.name, measure, round(synthetic, 4), round(real, 4))


def _explained(
    x: NDArray[np.float64], y: NDArray[Any], test: NDArray[np.float64], truth: NDArray[Any], categories: list[int]
) -> float | None:
    known, there = ~np.isnan(y), ~np.isnan(truth)
    if known.sum() < 50 or there.sum() < 20 or np.std(truth[there]) == 0 or np.std(y[known]) == 0:
        return None
    told = fitted(x[known], y[known], categories, "regression").predict(test[there])
    left = float(((truth[there] - told) ** 2).sum())
    return 1.0 - left / float(((truth[there] - truth[there].mean()) ** 2).sum())


def _separated(
    x: NDArray[np.float64], y: NDArray[Any], test: NDArray[np.float64], truth: NDArray[Any], categories: list[int]
) -> float | None:
    classes = np.unique(truth[truth >= 0])
    known = y >= 0
    if classes.size < 2 or np.unique(y[known]).size < 2:
        return None
    names, place = np.unique(y[known], return_inverse=True)
    model = fitted(x[known], place, categories, "multiclass", int(names.size))
    told = np.zeros((truth.size, int(max(classes.max(), names.max())) + 1))
    told[:, names] = model.predict(test)
    scores = [auc((truth == c).astype(np.int64), told[:, c]) for c in classes]
    return float(np.mean(scores))
