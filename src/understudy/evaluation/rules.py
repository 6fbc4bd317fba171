"""Orderings and sums between columns that hold in every real row: do they hold in the synthetic ones?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np

from understudy.evaluation.pairing import Column

MOST_COLUMNS = 16
LEAST = 50


def kept_rules(columns: Sequence[Column]) -> tuple[tuple[str, float], ...]:
    """(rule, share of synthetic rows that keep it) of ``a <= b`` and ``a + b = c``, the least kept first."""
    numbers = [c for c in columns if c.numeric][:MOST_COLUMNS]
    found = [*_orders(numbers), *_sums([c for c in numbers if c.kind == "number"])]
    return tuple(sorted(found, key=lambda r: r[1]))


def _orders(numbers: Sequence[Column]) -> list[tuple[str, float]]:
    found = []
    for a, b in permutations(numbers, 2):
        if a.kind != b.kind:
            continue
        known = ~(np.isnan(a.real) | np.isnan(b.real))
        apart = np.nanmin(b.real) < np.nanmax(a.real) if known.any() else False  # else they hold by their ranges alone
        if known.sum() >= LEAST and apart and (a.real[known] <= b.real[known]).all():
            broken = a.synthetic > b.synthetic
            found.append((f"{a.name} <= {b.name}", round(1.0 - float(broken.mean()), 5)))
    return found


def _sums(numbers: Sequence[Column]) -> list[tuple[str, float]]:
    found = []
    for a, b in combinations(numbers, 2):
        for c in numbers:
            if c.name in (a.name, b.name):
                continue
            known = ~(np.isnan(a.real) | np.isnan(b.real) | np.isnan(c.real))
            if known.sum() < LEAST or not (a.real[known].any() and b.real[known].any()):
                continue
            if _equal(a.real[known] + b.real[known], c.real[known]).all():
                all_known = ~(np.isnan(a.synthetic) | np.isnan(b.synthetic) | np.isnan(c.synthetic))
                kept = _equal((a.synthetic + b.synthetic)[all_known], c.synthetic[all_known])
                found.append((f"{a.name} + {b.name} = {c.name}", round(float(kept.mean()) if kept.size else 1.0, 5)))
    return found


def _equal(
    x: np.ndarray[tuple[int], np.dtype[np.float64]], y: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.abs(x - y) <= 1e-9 * np.maximum(1.0, np.abs(y))
