"""How many children a parent has: the law behind an owned or spread link."""

from __future__ import annotations

import math

from understudy.model.link import Owned
from understudy.model.schema import ForeignKey

EXPONENT = 0.6
"""Skew of references nobody described: the busiest parent of 1,000 gets about 15 times its even share."""

LONG_TAIL = 4
"""Without a wish, nobody has more than about this many times the mean."""


def most_children(key: ForeignKey, parents: int, rows: int) -> int:
    """How many children one parent may have at most; 0: any number. What was merely seen elsewhere gives way to
    ``rows``, of which a person has said that there are to be so many."""
    most = int((key.fanout or {}).get("max", 0))
    return max(most, math.ceil(rows / parents)) if most and parents and not key.enforced else most


def owned(
    children: int, parents: int, wish: dict[str, float] | None, capacity: int, counts: tuple[float, ...] = ()
) -> Owned:
    """A law of counts whose mean is children/parents, within ``capacity`` per parent. The caller has made
    sure that children <= parents * capacity. ``counts``: how often a parent was seen with 0, 1, 2 … children; their
    shape is kept where the mean can be met within them."""
    wish = wish or {}
    mean = children / max(parents, 1)
    if counts and 0 < mean <= (most := min(len(counts) - 1, capacity)):
        least = next(i for i, share in enumerate(counts) if share > 0)
        if least <= mean:
            return Owned(least, most, counts[least : most + 1])
    minimum = int(wish.get("min", 1 if mean >= 1.5 else 0))
    maximum = int(wish.get("max", max(minimum + 1, math.ceil(LONG_TAIL * mean))))
    minimum = min(minimum, math.floor(mean))
    maximum = min(max(maximum, math.ceil(mean)), capacity)
    return Owned(minimum, max(maximum, minimum), _weights(minimum, max(maximum, minimum), mean))


def _weights(minimum: int, maximum: int, mean: float) -> tuple[float, ...]:
    """An exponential family on minimum..maximum with the given mean (bisection on its tilt)."""
    values = range(minimum, min(maximum, minimum + 4096) + 1)
    if len(values) == 1:
        return (1.0,)
    low, high = -50.0, 50.0
    for _ in range(60):
        tilt = (low + high) / 2
        weights = _tilted(values, tilt)
        if sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights) < mean:
            low = tilt
        else:
            high = tilt
    top = max(weights)
    return tuple(round(w / top, 9) + 1e-12 for w in weights)


def _tilted(values: range, tilt: float) -> list[float]:
    scale = len(values)
    exponents = [tilt * (v - values.start) / scale * 4 for v in values]
    top = max(exponents)
    return [math.exp(e - top) for e in exponents]
