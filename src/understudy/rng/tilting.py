"""A law of counts with a wanted mean: given weights tilted exponentially, which keeps their shape best.

Among all laws with that mean the tilted one is nearest to the weights in relative entropy (Csiszár 1975).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.rng import series
from understudy.rng.streams import Whole

Floats: TypeAlias = NDArray[np.float64]

_VALUES = 4096  # without weights, at most so many evenly spaced counts
_CLOSE = 1e-9  # of the mean: the totals are exact anyway, this only has to fit them


def tilt(minimum: int, maximum: int, weights: Sequence[float], mean: float) -> tuple[Whole, Floats]:
    """Counts in minimum..maximum and their probabilities, with that mean.

    Where no tilting of the weights reaches the mean (it lies outside, or at the edge, of the counts that have
    weight), the two whole numbers around the mean share it.
    """
    values, given = _support(minimum, maximum, weights)
    if values.size < 2 or not float(values[0]) < mean < float(values[-1]):
        return _around(mean)
    places = (values - values[0]).astype(np.float64)
    wanted = mean - float(values[0])
    low, high, slope = -_steepest(places), _steepest(places), 0.0
    for _ in range(200):
        shares = _tilted(places, given, slope)
        reached = math.fsum((places * shares).tolist())
        if abs(reached - wanted) <= _CLOSE * max(1.0, wanted):
            return values, shares
        low, high = (slope, high) if reached < wanted else (low, slope)
        spread = math.fsum((shares * (places - reached) ** 2).tolist())
        step = slope + (wanted - reached) / spread if spread > 0.0 else low
        slope = step if low < step < high else (low + high) / 2.0
    return _around(mean)


def _support(minimum: int, maximum: int, weights: Sequence[float]) -> tuple[Whole, Floats]:
    """The counts that have weight, and those weights relative to the largest."""
    given = np.array([float(w) for w in weights][: maximum - minimum + 1])
    if not all(0.0 <= w < math.inf for w in given.tolist()):
        raise InternalError("weights of counts must be finite and none negative")
    if not given.any():
        size = min(_VALUES, maximum - minimum + 1)
        spaced = [minimum + (maximum - minimum) * i // max(size - 1, 1) for i in range(size)]
        return np.array(spaced, np.int64), np.ones(size)
    kept = np.flatnonzero(given)
    return minimum + kept, given[kept] / given.max()


def _tilted(places: Floats, given: Floats, slope: float) -> Floats:
    """Probabilities in proportion to weight times e**(slope * place)."""
    rise = places * slope
    raw = given * series.exponential(np.maximum(rise - rise.max(), -650.0))
    result: Floats = raw / math.fsum(raw.tolist())
    return result


def _steepest(places: Floats) -> float:
    """A slope that puts all on one end: neighbours differ by e**40 or more."""
    return 40.0 / float(np.diff(places).min())


def _around(mean: float) -> tuple[Whole, Floats]:
    """The two whole numbers next to the mean."""
    below = math.floor(mean)
    rest = mean - below
    if rest == 0.0:
        return np.array([below], np.int64), np.ones(1)
    return np.array([below, below + 1], np.int64), np.array([1.0 - rest, rest])
