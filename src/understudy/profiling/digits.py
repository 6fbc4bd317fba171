"""How people write numbers down: digits after the point, last digits, round numbers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from understudy.model.profile import Digits
from understudy.profiling.values import as_floats

MOST_SCALE = 9
STEPS = (1_000_000.0, 100_000.0, 10_000.0, 1000.0, 500.0, 100.0, 50.0, 25.0, 10.0, 5.0, 0.5)
EXCESS = 0.03
"""A step counts as a habit when so many more of the values are multiples of it than chance gives."""


def digits(there: pa.Array) -> Digits | None:
    """The habits of a column of numbers; None where there are none (no values)."""
    floats = as_floats(there)
    floats = floats[~np.isnan(floats)]
    if not floats.size:
        return None
    if pa.types.is_integer(there.type):
        needed = np.zeros(floats.size, np.int64)
    else:
        needed = np.full(floats.size, MOST_SCALE, np.int64)
        for scale in range(MOST_SCALE - 1, -1, -1):
            scaled = floats * 10.0**scale
            needed[np.abs(scaled - np.round(scaled)) <= 1e-6 * np.maximum(1.0, np.abs(scaled) * 1e-6)] = scale
    scale = int(needed.max())
    scales = tuple(float(x) for x in np.bincount(needed, minlength=scale + 1) / floats.size)
    whole = np.round(np.abs(floats) * 10.0**scale)
    small = whole < 2**53
    last = np.bincount((whole[small] % 10).astype(np.int64), minlength=10)
    shares = tuple(float(x) for x in last / max(int(last.sum()), 1))
    unit = 10.0**-scale
    return Digits(scale, scales, shares, _multiple(whole[small], unit), _round(floats, unit))


def _multiple(whole: np.ndarray, unit: float) -> float:  # type: ignore[type-arg]
    """The greatest number of which all are multiples, where it is more than one unit."""
    if whole.size < 20:
        return 0.0
    common = int(np.gcd.reduce(whole.astype(np.int64)))
    return common * unit if common > 1 and np.unique(whole).size > 2 else 0.0


def _round(floats: np.ndarray, unit: float) -> tuple[tuple[float, float], ...]:  # type: ignore[type-arg]
    there = floats[floats != 0]
    if there.size < 50:
        return ()
    width = float(np.quantile(np.abs(there), 0.75))
    found = []
    for step in STEPS:
        if step <= unit or step > width:
            continue
        ratio = there / step
        share = float((np.abs(ratio - np.round(ratio)) < 1e-9 * np.maximum(1.0, np.abs(ratio))).mean())
        chance = min(1.0, unit / step)
        excess = (share - chance) / (1.0 - chance)
        if excess > EXCESS:
            found.append((step, round(excess, 4)))
    return tuple(found)
