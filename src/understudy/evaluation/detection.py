"""Can a strong classifier tell synthetic from real? It also gets differences and ratios of columns, for raw columns
hide broken arithmetic between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.bounds import interval
from understudy.evaluation.pairing import Column
from understudy.evaluation.trees import auc, matrix, out_of_fold
from understudy.model.evaluation import Detection

MOST_ROWS = 10_000
MOST_DERIVED = 40
LEAST = 30


def detect(columns: Sequence[Column], seed: int = 0) -> Detection | None:
    """None where a side has fewer than 30 rows. Against the rows held back, where there are any: against training rows
    a model that copies them would look perfect."""
    side = "held" if columns[0].held is not None else "real"
    real, categories = matrix(columns, side)
    synthetic, _ = matrix(columns, "synthetic")
    size = min(len(real), len(synthetic), MOST_ROWS)
    if size < LEAST:
        return None
    random = np.random.default_rng(seed)
    real = real[random.permutation(len(real))[:size]]
    synthetic = synthetic[random.permutation(len(synthetic))[:size]]
    truth = np.repeat([0, 1], size)
    plain, gain = out_of_fold(np.vstack([real, synthetic]), truth, categories, seed)
    derived, _ = out_of_fold(
        np.vstack([_derived(columns, real), _derived(columns, synthetic)]), truth, categories, seed
    )
    total = float(gain.sum()) or 1.0
    told = [(columns[i].name, round(float(gain[i]) / total, 4)) for i in np.argsort(-gain)[:8] if gain[i] > 0]
    return Detection(
        interval(truth.size, lambda rows: auc(truth[rows], plain[rows]), seed),
        interval(truth.size, lambda rows: auc(truth[rows], derived[rows]), seed),
        tuple(told),
    )


def _derived(columns: Sequence[Column], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The columns, and differences (of times and numbers) and ratios (of numbers) of neighbouring ones."""
    numbers = [i for i, c in enumerate(columns) if c.numeric]
    extra: list[NDArray[np.float64]] = []
    for gap in range(1, len(numbers)):
        for i, j in zip(numbers, numbers[gap:], strict=False):
            if columns[i].kind == columns[j].kind and len(extra) < MOST_DERIVED:
                extra.append(values[:, j] - values[:, i])
                if columns[i].kind == "number":
                    with np.errstate(divide="ignore", invalid="ignore"):
                        ratio = values[:, j] / values[:, i]
                    extra.append(np.where(np.isfinite(ratio), ratio, np.nan))
    return np.column_stack([values, *extra]) if extra else values
