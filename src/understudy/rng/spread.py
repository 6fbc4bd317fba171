"""Children scattered over parents with skew, readable in both directions, no list kept.

Child i takes stub π(i), π a keyed permutation of all children. Parents stand in a keyed order of popularity;
the parent of rank b owns the stubs [C(b), C(b + 1)). C is a staircase kept as runs of ranks with equal counts::

    ranks    0 │ 1 │ 2 3 │ 4 5 6 7 │ 8 … 19 │ …         rank of a stub: the run, then one division
    counts  90 │ 51│  33 │   20    │   9    │ …         stubs of a rank: one multiplication

The runs follow a bounded power law x**-exponent; exponent 0 gives everyone the same share (to one child: evener
than independent draws would be). Each parent first gets ``minimum``; ``capacity`` cuts the popular ones, and what they
lose goes to the others in proportion.
"""

from __future__ import annotations

import numpy as np

from understudy.errors import InternalError, RequestError
from understudy.rng import series
from understudy.rng.counts import expand
from understudy.rng.permutation import LARGEST, invert, permute
from understudy.rng.streams import Key, Whole

_BUCKETS = 13  # 8,192 buckets of stubs (64 KiB) over some hundreds of runs: a step or none after the look-up
_EXACT = 256  # the most popular parents have knots of their own
_SCALE = 2.0**60  # weights as whole numbers: the most popular stretch has this much
_STEEPEST = 16.0  # beyond, the first parent has all but a 32,768th of the rest anyway
_PER_DOUBLING = 16  # above, knots a factor of 2**(1/16) apart: steps of 4 % in rank


class Spread:
    """``total`` children over ``parents`` parents by a bounded power law of ``exponent`` (0: even shares).

    Everyone has at least ``minimum`` and, where ``capacity`` > 0, at most that many children. RequestError
    where total < parents * minimum or total > parents * capacity.
    """

    def __init__(self, parents: int, total: int, exponent: float, minimum: int, capacity: int, key: Key) -> None:
        _check(parents, total, exponent, minimum, capacity)
        self.parents, self.total = parents, total
        self._stubs, self._order = key, (key[1], key[0])
        knots = _knots(parents, exponent)
        most = capacity - minimum if capacity else total
        extra = _shares(knots, total - parents * minimum, exponent, most)
        self._ranks, self._counts = _runs(knots, extra, minimum)
        widths = np.diff(np.append(self._ranks, parents))
        self._first = np.concatenate([np.zeros(1, np.int64), np.cumsum(widths * self._counts)])
        self._shift = np.int64(max(0, total.bit_length() - _BUCKETS))
        edges = np.arange((total >> self._shift) + 1, dtype=np.int64) << self._shift
        self._buckets = np.maximum(np.searchsorted(self._first, edges, side="right") - 1, 0)

    # ---- reading -------------------------------------------------------------------------------
    def parent_of(self, children: Whole) -> tuple[Whole, Whole]:
        """Each child's parent, and its position among that parent's children (from 0)."""
        _inside(children, self.total, "child")
        stubs = permute(children, self.total, self._stubs)
        run = self._run(stubs)
        share = self._counts.take(run)
        stubs -= self._first.take(run)
        place = stubs // np.maximum(share, 1)
        stubs -= place * share
        place += self._ranks.take(run)
        return invert(place, self.parents, self._order), stubs

    def count(self, parents: Whole) -> Whole:
        """How many children each parent has."""
        return self._stairs(parents)[1]

    def children(self, parents: Whole) -> tuple[Whole, Whole]:
        """The children of the given parents, flat, parent after parent by ordinal; and offsets into them.

        Children of parents[i] are rows[offsets[i] : offsets[i + 1]]; their row numbers are scattered.
        """
        start, share = self._stairs(parents)
        stubs, offsets = expand(start, share)
        return invert(stubs, self.total, self._stubs), offsets

    def _run(self, stubs: Whole) -> Whole:
        """The run that holds each stub: from the first run of the stub's bucket on, a few steps."""
        run = self._buckets.take(stubs >> self._shift)
        behind = np.flatnonzero(self._first.take(run + 1) <= stubs)
        while behind.size:
            run[behind] += 1
            behind = behind[self._first.take(run[behind] + 1) <= stubs[behind]]
        return run

    def _stairs(self, parents: Whole) -> tuple[Whole, Whole]:
        """First stub and number of stubs of each parent."""
        _inside(parents, self.parents, "parent")
        if not parents.size:
            return np.empty(parents.shape, np.int64), np.empty(parents.shape, np.int64)
        rank = permute(parents, self.parents, self._order)
        run = np.searchsorted(self._ranks, rank, side="right") - 1
        share = self._counts.take(run)
        return self._first.take(run) + (rank - self._ranks.take(run)) * share, share


# ---- the staircase -----------------------------------------------------------------------------
def _knots(parents: int, exponent: float) -> Whole:
    """Ranks where the law is evaluated: the first 256 each, then 16 per doubling; the last is ``parents``."""
    if exponent == 0.0:
        return np.array([0, parents], np.int64) if parents else np.zeros(1, np.int64)
    exact = np.arange(min(parents, _EXACT) + 1, dtype=np.int64)
    steps = np.arange(1, max(0, parents.bit_length() - 8) * _PER_DOUBLING + 1) / _PER_DOUBLING
    ladder = np.rint(_EXACT * series.exponential(steps * series.LN2)).astype(np.int64)
    return np.concatenate([exact, ladder[ladder < parents], [parents]]) if parents > _EXACT else exact


def _shares(knots: Whole, rest: int, exponent: float, most: int) -> list[int]:
    """Children of each stretch between knots: ``rest`` in all, at most ``most`` for each rank.

    From the most popular down each takes its proportion of what is left, or what it can hold.
    """
    widths = np.diff(knots).tolist()
    if not widths:
        return []
    weights = np.diff(series.area(knots.astype(np.float64) + 1.0, exponent))
    parts = [max(1, int(w)) for w in (weights * (_SCALE / float(weights.max()))).tolist()]
    ahead = sum(parts)
    shares = []
    for width, part in zip(widths, parts, strict=True):
        shares.append(min(width * most, rest * part // ahead))
        rest -= shares[-1]
        ahead -= part
    for place, width in enumerate(widths):  # rounding down leaves a few where almost everyone is full
        more = min(rest, width * most - shares[place])
        shares[place] += more
        rest -= more
    return shares


def _runs(knots: Whole, extra: list[int], minimum: int) -> tuple[Whole, Whole]:
    """First rank and count of each run: a stretch's children divided evenly, the first ranks one more."""
    ranks, counts = [], []
    for start, width, share in zip(knots.tolist()[:-1], np.diff(knots).tolist(), extra, strict=True):
        each, more = divmod(share, width)
        if more:
            ranks.append(start)
            counts.append(minimum + each + 1)
        ranks.append(start + more)
        counts.append(minimum + each)
    return np.array(ranks, np.int64), np.array(counts, np.int64)


def _inside(numbers: Whole, limit: int, noun: str) -> None:
    """Refuse numbers that nobody has."""
    if numbers.size and not (int(numbers.min()) >= 0 and int(numbers.max()) < limit):
        raise InternalError(f"a {noun} outside 0..{limit - 1} was asked for")


def _check(parents: int, total: int, exponent: float, minimum: int, capacity: int) -> None:
    """Sizes that fit together, and fit the arithmetic."""
    if max(parents, total) > LARGEST or not 0.0 <= exponent <= _STEEPEST or min(parents, total, minimum, capacity) < 0:
        raise RequestError(
            f"{total:,} children cannot be spread over {parents:,} parents with exponent {exponent}",
            mend=f"Sizes go up to 2**62, exponents from 0 to {_STEEPEST:g}.",
        )
    if total < parents * minimum:
        raise RequestError(
            f"{total:,} children are too few for {parents:,} parents with at least {minimum:,} each",
            mend=f"Ask for {parents * minimum:,} or more.",
        )
    if total > (parents * capacity if capacity else total if parents else 0):
        raise RequestError(
            f"{total:,} children are too many for {parents:,} parents with at most {capacity:,} each",
            mend=f"Ask for {parents * capacity:,} or fewer.",
        )
