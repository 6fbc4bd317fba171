"""Laws: categories, quantile tables and power laws, drawn with whole numbers only.

Tables are made once (at plan time, or anywhere: their floats use correctly rounded operations alone, see
:mod:`understudy.rng.series`) and kept by the caller; a draw is a gather and a few integer operations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.rng import series
from understudy.rng.streams import Whole, Words, high, pieces

Table: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.uint32]

_MOST_BITS = 20  # a table of a million slots (1 to 4 MB) is the largest that a column may cost
_32 = np.uint64(32)


# ---- categories --------------------------------------------------------------------------------
def slots(weights: Sequence[float] | NDArray[np.float64], bits: int = 16) -> Table:
    """A table of 2**k slots, k >= bits, in which each category has its share of slots, for :func:`choose`.

    Shares are exact to one slot (largest remainders), so to 2**-16 by default; k grows to at most 20 where there
    are many or rare categories. A weight of 0 gets no slot; a positive one at least one slot while all such
    favours together stay below 2**-16. Negative, infinite or all-zero weights: InternalError.
    """
    return _slots(tuple(float(w) for w in weights), bits)


@lru_cache(32)
def _slots(values: tuple[float, ...], bits: int) -> Table:
    """See :func:`slots`; many columns of a schema have the same weights."""
    if not values or not all(0.0 <= w < math.inf for w in values) or not any(values):
        raise InternalError("weights must be finite, none negative, not all zero")
    top = max(values)
    wanted = np.array([w / top for w in values])  # no overflow in the sum
    shares = wanted / math.fsum(wanted.tolist())
    width = _table_bits(shares, bits)
    counts = _largest_remainders(shares, 1 << width)
    kind: Any = np.uint8 if len(values) <= 1 << 8 else np.uint16 if len(values) <= 1 << 16 else np.uint32
    table: Table = np.repeat(np.arange(len(values), dtype=kind), counts)
    table.flags.writeable = False
    return table


def choose(z: Words, table: Table) -> Whole:
    """Category numbers drawn by a table of :func:`slots`."""
    width = table.size.bit_length() - 1
    if width == 0:
        return np.zeros(z.shape, np.int64)
    out = np.empty(z.shape, np.int64)
    flat, words = out.reshape(-1), z.reshape(-1)
    for part in pieces(flat.size):
        flat[part] = table.take((words[part] >> np.uint64(64 - width)).view(np.int64))
    return out


def _table_bits(shares: NDArray[np.float64], least: int) -> int:
    """Enough slots for the rarest category, and at least eight per category, within the limit."""
    rarest = float(shares[shares > 0].min())
    needed = max(8 * int(np.count_nonzero(shares)), math.ceil(1 / rarest) if rarest > 2.0**-_MOST_BITS else 0)
    return max(least, min(_MOST_BITS, (needed - 1).bit_length()), (int(np.count_nonzero(shares)) - 1).bit_length())


def _largest_remainders(shares: NDArray[np.float64], total: int) -> Whole:
    """Whole counts near ``shares * total`` with that sum; none for a share of 0."""
    exact = shares * total
    counts = np.floor(exact).astype(np.int64)
    rare = (shares > 0) & (counts == 0)
    if np.count_nonzero(rare) <= max(1, total >> 16):
        counts[rare] = 1
    left = total - int(counts.sum())
    if left < 0:
        order = np.argsort(-counts, kind="stable")[:-left]
        counts[order] -= 1
        left = total - int(counts.sum())
    order = np.argsort(np.where(shares > 0, counts - exact, np.inf), kind="stable")
    counts[order[:left]] += 1
    return counts


# ---- quantile tables ---------------------------------------------------------------------------
class Quantiles:
    """A law's quantiles at 0, 1/n, …, 1, ready to be inverted by :func:`quantile`; n a power of two.

    Points ascend and differ by less than 2**62, else InternalError.
    """

    __slots__ = ("last", "points", "steps", "wide", "width")

    def __init__(self, points: Whole) -> None:
        self.points, self.steps = points, _checked_steps(points)
        self.last = int(points[-1])
        self.width = (points.size - 1).bit_length() - 1
        self.wide = int(self.steps.max()) >= 1 << 31


def quantile(z: Words, law: Quantiles) -> Whole:
    """Whole numbers by inverting a law.

    Linear between its points, rounded down: values lie in [points[0], points[n]), or equal points[i] where neighbours
    do.
    """
    out = np.empty(z.shape, np.int64)
    flat, words = out.reshape(-1), z.reshape(-1)
    for part in pieces(flat.size):
        _piece(words[part], law, flat[part])
    return out


def _checked_steps(points: Whole) -> Words:
    parts = points.size - 1
    steps = np.diff(points)
    if parts < 1 or parts & (parts - 1):
        raise InternalError(f"a quantile table has 2**k + 1 points, not {points.size}")
    if int(steps.min()) < 0 or int(steps.max()) >= 1 << 62:
        raise InternalError("quantile points must ascend by less than 2**62")
    return steps.view(np.uint64)


def _piece(z: Words, law: Quantiles, out: Whole) -> None:
    """Cell by the upper bits, place in the cell by the next 32 (or all the rest, where steps are large)."""
    if law.width:
        cell = (z >> np.uint64(64 - law.width)).view(np.int64)
        start, step = law.points.take(cell), law.steps.take(cell)
        place = z << np.uint64(law.width)
    else:
        start, step, place = law.points[:1], np.broadcast_to(law.steps, z.shape), z.copy()
    if law.wide:
        place = high(place, step)
    else:
        place >>= _32
        place *= step
        place >>= _32
    np.add(place.view(np.int64), start, out=out)


# ---- power laws --------------------------------------------------------------------------------
_CELLS = 12  # 4,097 points are 32 KiB: they stay in the first-level cache
_TAIL = 6  # the last 1/64 of each table is drawn from a finer one: heavy tails keep their shape
_LEVELS = 5  # 12 + 4 * 6 bits of cell and at least 28 of place
_FRACTION = 8  # binary places of a rank in the table


@lru_cache(maxsize=128)
def zipf_law(size: int, exponent: float) -> tuple[Quantiles, ...]:
    """The tables of :func:`zipf`: quantiles of the density x**-exponent on [1, size + 1), five levels of 4,097.

    Level l covers the last 64**-l of the probability. Whole numbers, ranks in units of 2**-8. Made without libm,
    so it is the same on every machine; build once per column and keep it. size: 1 .. 2**52; exponent >= 0.
    """
    if not 1 <= size <= 1 << 52 or not 0 <= exponent < math.inf:
        raise InternalError(f"no power law over {size} ranks with exponent {exponent}")
    ladder = np.arange((1 << _CELLS) + 1) / (1 << _CELLS)
    levels = [series.power_quantile((1.0 - ladder) * 64.0**-level, size, exponent) for level in range(_LEVELS)]
    table = np.rint((np.array(levels) - 1.0) * (1 << _FRACTION)).astype(np.int64)
    np.clip(table, 0, size << _FRACTION, out=table)
    table[0, 0] = 0
    table[:, -1] = size << _FRACTION
    return tuple(map(Quantiles, np.maximum.accumulate(table, axis=1)))


def zipf(z: Words, size: int, law: tuple[Quantiles, ...]) -> Whole:
    """Ranks in [0, size) by a bounded power law, rank 0 the most frequent; the law is ``zipf_law(size, …)``."""
    if law[0].last != size << _FRACTION:
        raise InternalError(f"the law was not made for {size} ranks")
    drawn = quantile(z, law[0])
    rest = np.flatnonzero(z >= _tail_start())
    words = z[rest]
    for level in range(1, _LEVELS):
        if not rest.size:
            break
        words = words << np.uint64(_TAIL)
        drawn[rest] = quantile(words, law[level])
        deeper = words >= _tail_start()
        rest, words = rest[deeper], words[deeper]
    drawn >>= _FRACTION
    return np.minimum(drawn, size - 1, out=drawn)


def _tail_start() -> np.uint64:
    """Words from here on lie in the last 1/64."""
    return np.uint64(((1 << _TAIL) - 1) << (64 - _TAIL))
