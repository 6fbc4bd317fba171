"""Children per parent, laid out parent by parent, with an exact total: any parent's share is known alone.

A binary tree over blocks of 4,096 parents splits the total: a node's left half gets its proportional share plus
a keyed normal deviation (as independent counts would show, given their sum), clamped to what both halves can hold.
Inside a block every parent draws its own count; the block's total is then met by moving keyed parents by one.

    total ── node ─┬─ node ─┬─ block 0: counts of parents 0..4095      offsets of blocks: 8 bytes each,
                   │        └─ block 1                                 built once, level by level
                   └─ node ─┬─ block 2                                 blocks themselves: a few hundred kept
                            └─ …
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from understudy.errors import InternalError, RequestError
from understudy.rng.laws import choose, slots
from understudy.rng.splitting import BLOCK, block_offsets, settle
from understudy.rng.streams import Key, Whole, bits
from understudy.rng.tilting import tilt

_WIDE = BLOCK + 1  # a block's starts, and its end
_SHIFT = 12
_KEPT = 512  # blocks kept: 512 * 32 KiB = 16 MiB
_NEAR = 4  # children at most so much apart on average are cheaper made in one stretch than searched
_DRAWN = 16  # blocks drawn at a time: 16 * 4,096 rows fill a batch
_MOST_PARENTS = 1 << 32  # products of two sizes must fit 64 bits; block offsets of so many take 8 MiB
_MOST_CHILDREN = 1 << 62


class Counts:
    """``total`` children over ``parents`` parents, ``minimum``..``maximum`` each.

    ``weights`` (relative, of minimum, minimum + 1, …; all 0 or none: alike) are tilted exponentially so that their
    mean is total / parents, which keeps their shape. Parents are 0 .. parents-1, children 0 .. total-1. Parents that
    move by one to meet the total may take a count without weight. RequestError where total is outside
    [parents * minimum, parents * maximum].
    """

    def __init__(
        self, parents: int, total: int, minimum: int, maximum: int, weights: Sequence[float], key: Key
    ) -> None:
        _check(parents, total, minimum, maximum)
        self.parents, self.total, self.minimum = parents, total, minimum
        self.maximum = max(minimum, min(maximum, total))
        self._draws, self._splits = key, (key[1], key[0])
        mean = total / parents if parents else float(minimum)
        self._values, shares = tilt(minimum, self.maximum, weights, mean)
        self._table = self._values.astype(np.min_scalar_type(int(self._values.max(initial=0))))[slots(shares)]
        self._deviation = math.sqrt(math.fsum((shares * (self._values - mean) ** 2).tolist()))
        self._blocks: OrderedDict[int, Whole] = OrderedDict()
        self._joined = (np.empty(0, np.int64), np.empty(0, np.int64))

    # ---- reading -------------------------------------------------------------------------------
    def offset(self, parents: Whole) -> Whole:
        """The dense number of each parent's first child; that of the parent past the last is the total."""
        _inside(parents, self.parents + 1, "parent")
        past = parents == self.parents
        if not past.any():
            return self._edges(parents)[0]
        result = np.full(parents.shape, self.total, np.int64)
        result[~past] = self._edges(parents[~past])[0]
        return result

    def count(self, parents: Whole) -> Whole:
        """How many children each parent has."""
        _inside(parents, self.parents, "parent")
        start, stop = self._edges(parents)
        return stop - start

    def parent_of(self, children: Whole) -> tuple[Whole, Whole]:
        """Each child's parent, and its position among that parent's children (from 0)."""
        _inside(children, self.total, "child")
        if not children.size:
            return np.empty(children.shape, np.int64), np.empty(children.shape, np.int64)
        low, high = int(children.min()), int(children.max()) + 1
        if high - low <= _NEAR * children.size:
            parents, ordinals = self.children_range(low, high)
            return parents.take(children - low), ordinals.take(children - low)
        owner = np.searchsorted(self._offsets, children, side="right") - 1
        blocks = _distinct(owner, self._offsets.size - 1)
        starts = self._starts(blocks)
        place = _last_at_most(starts, children)
        block = place // _WIDE
        return (blocks[block] << _SHIFT) + (place - block * _WIDE), children - starts[place]

    def children_range(self, low: int, high: int) -> tuple[Whole, Whole]:
        """As :meth:`parent_of` for the children low .. high-1, without searching."""
        if not 0 <= low <= high <= self.total:
            raise InternalError(f"children {low}..{high} are outside 0..{self.total}")
        if low == high:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        edge = np.searchsorted(self._offsets, [low, high - 1], side="right") - 1
        *before, last_block = self._made(list(range(int(edge[0]), int(edge[1]) + 1)))
        starts = np.concatenate([*(b[:BLOCK] for b in before), last_block]) if before else last_block
        first = int(np.searchsorted(starts, low, side="right")) - 1
        last = int(np.searchsorted(starts, high, side="left"))
        used = starts[first : last + 1]
        shares = np.minimum(used[1:], high) - np.maximum(used[:-1], low)
        parents = np.repeat(np.arange(last - first, dtype=np.int64), shares)
        ordinals = np.arange(low, high, dtype=np.int64)
        ordinals -= used.take(parents)
        parents += first + (int(edge[0]) << _SHIFT)
        return parents, ordinals

    def children(self, parents: Whole) -> tuple[Whole, Whole]:
        """The children of the given parents, flat, parent after parent by ordinal; and offsets into them.

        Children of parents[i] are rows[offsets[i] : offsets[i + 1]].
        """
        _inside(parents, self.parents, "parent")
        start, stop = self._edges(parents)
        return expand(start, stop - start)

    # ---- blocks --------------------------------------------------------------------------------
    @cached_property
    def _offsets(self) -> Whole:
        """First child of each block, and the total."""
        return block_offsets(self.parents, self.total, self.minimum, self.maximum, self._deviation, self._splits)

    def _edges(self, parents: Whole) -> tuple[Whole, Whole]:
        """First child of each parent, and of the one after it."""
        if not parents.size:
            return np.empty(parents.shape, np.int64), np.empty(parents.shape, np.int64)
        owner = parents >> _SHIFT
        blocks = _distinct(owner, self._offsets.size - 1)
        starts = self._starts(blocks)
        dense = int(blocks[-1]) - int(blocks[0]) + 1 == blocks.size
        rank = owner - blocks[0] if dense else np.searchsorted(blocks, owner)
        place = rank * _WIDE + (parents & (BLOCK - 1))
        return starts.take(place), starts.take(place + 1)

    def _starts(self, blocks: Whole) -> Whole:
        """First children of all parents of the blocks (ascending), each block's end after them; it ascends."""
        if np.array_equal(blocks, self._joined[0]):
            return self._joined[1]
        made = self._made(blocks.tolist())
        starts = made[0] if len(made) == 1 else np.concatenate(made)
        if len(made) <= _KEPT:  # the next batch often touches the same blocks
            self._joined = (blocks, starts)
        return starts

    def _made(self, numbers: list[int]) -> list[Whole]:
        """The blocks of those numbers, drawn now or before."""
        missing = [b for b in numbers if b not in self._blocks]
        found = {b: self._blocks[b] for b in numbers if b in self._blocks}
        for at in range(0, len(missing), _DRAWN):
            found.update(self._draw(missing[at : at + _DRAWN]))
        for number in numbers:
            self._blocks[number] = found[number]
            self._blocks.move_to_end(number)
        while len(self._blocks) > _KEPT:
            self._blocks.popitem(last=False)
        return [found[b] for b in numbers]

    def _wished(self, parents: Whole) -> Whole:
        """Counts of blocks of parents, before they are met to their totals."""
        return choose(bits(parents, self._draws), self._table)

    def _draw(self, numbers: list[int]) -> dict[int, Whole]:
        """The blocks' counts, met to their totals, as first children."""
        made: dict[int, Whole] = {}
        first = np.array(numbers, np.int64) << _SHIFT
        identity = first[:, None] + np.arange(BLOCK, dtype=np.int64)[None, :]
        drawn = self._wished(identity)
        order = bits(identity, self._splits, 3)  # attempts 0..2 of this key split the tree
        order &= ~np.uint64(BLOCK - 1)
        order |= identity.view(np.uint64) & np.uint64(BLOCK - 1)
        for row, number in enumerate(numbers):
            size = min(BLOCK, self.parents - (number << _SHIFT))
            start, stop = int(self._offsets[number]), int(self._offsets[number + 1])
            counts = drawn[row, :size]
            settle(counts, stop - start, self.minimum, self.maximum, order[row, :size])
            starts = np.full(_WIDE, stop, np.int64)
            starts[0] = start
            np.cumsum(counts, out=starts[1 : size + 1])
            starts[1 : size + 1] += start
            made[number] = starts
        return made


def expand(start: Whole, share: Whole) -> tuple[Whole, Whole]:
    """The ranges [start, start + share) one after the other, and where each begins in that list."""
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(share)])
    rows = np.repeat(start - offsets[:-1], share)
    rows += np.arange(int(offsets[-1]), dtype=np.int64)
    return rows, offsets


def _last_at_most(starts: Whole, wanted: Whole) -> Whole:
    """Position of the last start <= each wanted number; sorted first, which spares cache misses (340 to 100 ns)."""
    order = np.argsort(wanted, axis=None)
    place = np.empty(wanted.size, np.int64)
    place[order] = np.searchsorted(starts, wanted.reshape(-1)[order], side="right") - 1
    return place.reshape(wanted.shape)


def _distinct(numbers: Whole, limit: int) -> Whole:
    """The distinct numbers in [0, limit), ascending; by marks where that is cheaper than sorting."""
    low, high = int(numbers.min()), int(numbers.max())
    if high - low < 2:
        return np.arange(low, high + 1)
    if limit > 16 * numbers.size:
        ordered = np.sort(numbers, axis=None)  # np.unique would import numpy.ma, which takes as long as a small table
        distinct: Whole = ordered[np.append(True, ordered[1:] != ordered[:-1])]
        return distinct
    marks = np.zeros(limit, np.bool_)
    marks[numbers] = True
    return np.flatnonzero(marks)


def _inside(numbers: Whole, limit: int, noun: str) -> None:
    """Refuse numbers that nobody has."""
    if numbers.size and not (int(numbers.min()) >= 0 and int(numbers.max()) < limit):
        raise InternalError(f"a {noun} outside 0..{limit - 1} was asked for")


def _check(parents: int, total: int, minimum: int, maximum: int) -> None:
    """Sizes that fit together, and fit the arithmetic."""
    if parents > _MOST_PARENTS or total > _MOST_CHILDREN:
        raise RequestError(
            f"{total:,} children of {parents:,} parents are more than a link can number",
            mend="At most 4,294,967,296 parents and 2**62 children are possible.",
        )
    if parents < 0 or minimum < 0 or minimum > maximum or not parents * minimum <= total <= parents * maximum:
        raise RequestError(
            f"{total:,} children do not fit {parents:,} parents with {minimum:,} to {maximum:,} each",
            mend=f"Ask for {parents * minimum:,} to {parents * maximum:,} children.",
        )
