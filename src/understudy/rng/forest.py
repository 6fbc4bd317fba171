"""Self-references as forests: any row's parent, depth and subtree alone, parents before their children.

A node is an interval [low, low + size) of pre-order numbers. Its size - 1 descendants are divided among a keyed
number of children at keyed, monotone cuts; where the depth is used up the rest become leaves::

    low                                low + size
     │ node │  first child's subtree  │  second child's  │ …
            └ cut 0                   └ cut 1

The roots are the children of a virtual node before row 0. A row is found by descent; a stretch of rows is made
by unfolding, level by level, only the nodes whose intervals touch it (each once, so cheaper by an order).
"""

from __future__ import annotations

import numpy as np

from understudy.errors import InternalError, RequestError
from understudy.rng import series
from understudy.rng.counts import expand
from understudy.rng.streams import Key, Whole, Words, bits, high, mix

_DENSE = 8  # stretches with fewer than 8 rows per wanted row are unfolded, others found by descent
_32 = np.uint64(32)


class Forest:
    """``nodes`` rows in ``roots`` trees of at most ``depth`` levels (roots are level 0, so depths are 0 .. depth-1).

    RequestError where that cannot be: more roots than nodes, or no room for the others below the roots.
    """

    def __init__(self, nodes: int, roots: int, depth: int, key: Key) -> None:
        _check(nodes, roots, depth)
        self.nodes, self.roots, self.depth = nodes, roots, depth
        self._fans, self._cuts = key, (key[1], key[0])

    def parent_of(self, rows: Whole) -> Whole:
        """Each row's parent row, a smaller number; -1 for roots."""
        return self.find(rows)[0]

    def depth_of(self, rows: Whole) -> Whole:
        """How many ancestors each row has."""
        return self.find(rows)[1]

    def size_of(self, rows: Whole) -> Whole:
        """How many rows each row's subtree has, itself included; they are row .. row + size - 1."""
        return self.find(rows)[2]

    def find(self, rows: Whole) -> tuple[Whole, Whole, Whole]:
        """Parent (-1 for roots), depth and subtree size of each row."""
        if not rows.size:
            return np.empty(rows.shape, np.int64), np.empty(rows.shape, np.int64), np.empty(rows.shape, np.int64)
        first, last = int(rows.min()), int(rows.max())
        if first < 0 or last >= self.nodes:
            raise InternalError(f"a node outside 0..{self.nodes - 1} was asked for")
        if last - first < _DENSE * rows.size:
            parent, depth, size = self._unfold(first, last + 1)
            place = rows - first
            return parent.take(place), depth.take(place), size.take(place)
        parent, depth, size = self._descend(rows.reshape(-1))
        return parent.reshape(rows.shape), depth.reshape(rows.shape), size.reshape(rows.shape)

    # ---- a stretch of rows ---------------------------------------------------------------------
    def _unfold(self, start: int, stop: int) -> tuple[Whole, Whole, Whole]:
        """Parent, depth and size of the rows start .. stop-1."""
        parent, depth, size = (np.empty(stop - start, np.int64) for _ in range(3))
        low, wide = np.array([-1], np.int64), np.array([self.nodes + 1], np.int64)
        for level in range(self.depth):
            low, wide, above = self._children(low, wide, level, start, stop)
            inside = np.flatnonzero((low >= start) & (low < stop))
            place = low[inside] - start
            parent[place], depth[place], size[place] = above[inside], level, wide[inside]
            grown = np.flatnonzero((wide > 1) & (low + wide > start) & (low + 1 < stop))
            low, wide = low[grown], wide[grown]
            if not low.size:
                break
        return parent, depth, size

    def _children(self, low: Whole, size: Whole, level: int, start: int, stop: int) -> tuple[Whole, Whole, Whole]:
        """Interval and parent of those children of the nodes that touch [start, stop)."""
        below = size - 1
        fan = self._fan(low, below, level)
        first = self._which(low, below, fan, np.clip(start - low - 1, 0, below - 1))
        last = self._which(low, below, fan, np.clip(stop - low - 2, 0, below - 1))
        count = last - first + 1
        number, _ = expand(first, count)
        low, below, fan = np.repeat(low, count), np.repeat(below, count), np.repeat(fan, count)
        cut, end = self._cut(low, below, fan, number), self._cut(low, below, fan, number + 1)
        return low + 1 + cut, end - cut, low

    # ---- scattered rows ------------------------------------------------------------------------
    def _descend(self, rows: Whole) -> tuple[Whole, Whole, Whole]:
        """Parent, depth and size of any rows, from the top down."""
        parent, depth, size = (np.empty(rows.size, np.int64) for _ in range(3))
        open_rows = np.arange(rows.size)
        low, wide = np.full(rows.size, -1, np.int64), np.full(rows.size, self.nodes + 1, np.int64)
        for level in range(self.depth):
            below, fan = wide - 1, self._fan(low, wide - 1, level)
            number = self._which(low, below, fan, rows[open_rows] - low - 1)
            cut = self._cut(low, below, fan, number)
            wide = self._cut(low, below, fan, number + 1) - cut
            above, low = low, low + 1 + cut
            found = low == rows[open_rows]
            place = open_rows[found]
            parent[place], depth[place], size[place] = above[found], level, wide[found]
            open_rows, low, wide = open_rows[~found], low[~found], wide[~found]
            if not open_rows.size:
                break
        return parent, depth, size

    # ---- the law of a node ---------------------------------------------------------------------
    def _fan(self, low: Whole, below: Whole, level: int) -> Whole:
        """Number of children: 2 to 13, few more often than many, more where the depth would not suffice."""
        if level == 0:
            return np.full(low.shape, self.roots, np.int64)
        left = self.depth - level
        if left == 1:
            return below.copy()
        chance = (bits(low, self._fans) >> np.uint64(44)).astype(np.int64)
        drawn = 2 + ((chance * chance * 12) >> 40)
        needed = series.power(below.astype(np.float64), 1.0 / left)
        fan: Whole = np.minimum(np.maximum(drawn, np.ceil(needed).astype(np.int64)), below)
        return fan

    def _cut(self, low: Whole, below: Whole, fan: Whole, number: Whole) -> Whole:
        """Descendants before child ``number``: each child has one, the others by a bent, jittered ladder.

        cut(0) = 0 <= … <= cut(fan) = below.
        """
        spare = (below - fan).view(np.uint64)
        jitter = mix(bits(low, self._cuts), number) >> _32
        rung = ((number.view(np.uint64) << _32) + jitter) // fan.view(np.uint64)
        bent = self._bend(low, rung)
        cut = number + high(bent << _32, spare).view(np.int64)
        return np.where(number == 0, 0, np.where(number >= fan, below, cut))

    def _bend(self, low: Whole, rung: Words) -> Words:
        """Some children have much larger subtrees than others: x**2 or 1 - (1 - x)**2, by the node; roots are alike."""
        mirror = np.where(bits(low, self._cuts, 1) >> np.uint64(63), np.uint64(0xFFFFFFFF), np.uint64(0))
        x = rung ^ mirror
        return np.where(low < 0, rung, (x * x >> _32) ^ mirror)

    def _which(self, low: Whole, below: Whole, fan: Whole, place: Whole) -> Whole:
        """The child whose interval holds the ``place``-th descendant."""
        first, last = np.where(fan == below, place, 0), np.where(fan == below, place + 1, fan)
        active = np.flatnonzero(last - first > 1)
        while active.size:
            middle = (first[active] + last[active]) >> 1
            right = self._cut(low[active], below[active], fan[active], middle) <= place[active]
            first[active] = np.where(right, middle, first[active])
            last[active] = np.where(right, last[active], middle)
            active = active[last[active] - first[active] > 1]
        return first


def _check(nodes: int, roots: int, depth: int) -> None:
    """Shapes that can be."""
    if not 0 <= nodes <= 1 << 52:
        raise RequestError(f"a forest of {nodes:,} rows is beyond what can be numbered", mend="At most 2**52 rows.")
    impossible = nodes > 0 and (roots < 1 or depth < 1 or (depth == 1 and roots < nodes))
    if impossible or roots > nodes:
        raise RequestError(
            f"{nodes:,} rows cannot form {roots:,} trees of at most {depth:,} levels",
            mend="Ask for as many roots as rows at most, and for two levels or more where there are others.",
        )
