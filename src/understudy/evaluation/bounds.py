"""How sure a figure is: 95 % bounds by the bootstrap over rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from understudy.model.evaluation import Interval

ROUNDS = 60
Indices = NDArray[np.int64]


def interval(size: int, figure: Callable[[Indices], float], seed: int = 0) -> Interval:
    """``figure`` of all rows, and of resampled ones."""
    random = np.random.default_rng(seed)
    value = figure(np.arange(size))
    if size < 2:
        return Interval(round(value, 4), round(value, 4), round(value, 4))
    drawn = [figure(random.integers(0, size, size)) for _ in range(ROUNDS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Interval(round(value, 4), round(float(low), 4), round(float(high), 4))
