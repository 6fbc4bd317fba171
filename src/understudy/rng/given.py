"""Counts per parent that something else knows, such as a learned column of the parent: laid out parent by parent like
those that are drawn, and with an exact total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from understudy.errors import InternalError
from understudy.rng.counts import Counts
from understudy.rng.splitting import BLOCK
from understudy.rng.streams import Key, Whole, below, bits


class Given(Counts):
    """``wishes(low, high)`` gives the counts of parents low .. high-1, whose sum over all is ``natural``; they are
    scaled where ``total`` is another, kept within ``minimum``..``maximum``, and met to the totals of the blocks of
    4,096 parents that begin at ``offsets``: see :func:`given_offsets`."""

    def __init__(
        self,
        parents: int,
        total: int,
        minimum: int,
        maximum: int,
        key: Key,
        offsets: Whole,
        natural: int,
        wishes: Callable[[int, int], Whole],
    ) -> None:
        super().__init__(parents, total, minimum, maximum, (), key)
        self._given, self._natural, self._wishes = offsets, natural, wishes

    @cached_property
    def _offsets(self) -> Whole:
        return self._given

    def _wished(self, parents: Whole) -> Whole:
        out = np.zeros(parents.shape, np.int64)
        for row in range(parents.shape[0]):
            first = int(parents[row, 0])
            wishes = self._wishes(first, min(first + BLOCK, self.parents))
            out[row, : wishes.size] = self._scaled(wishes, parents[row, : wishes.size])
        return np.clip(out, self.minimum, self.maximum)

    def _scaled(self, wishes: Whole, parents: Whole) -> Whole:
        """In proportion to the total, rounded up or down by chance so that the mean is kept."""
        if self._natural in (0, self.total):
            return wishes
        whole, part = divmod(self.total, self._natural)
        chance = below(bits(parents, self._draws, 1), self._natural)
        return np.asarray(wishes * whole + (wishes * part + chance) // self._natural)


def given_offsets(sums: Sequence[int], parents: int, total: int, minimum: int, maximum: int) -> Whole:
    """The first child of each block, and the total. ``sums``: what the parents of each block of 4,096 wish for
    together. Blocks share the total in proportion, within what their parents can hold."""
    if not parents * minimum <= total <= parents * maximum:
        raise InternalError(f"{total:,} children do not fit {parents:,} parents with {minimum:,} to {maximum:,} each")
    natural, offsets, before, given = sum(sums), [0], 0, 0
    for block, wish in enumerate(sums):
        size = min(BLOCK, parents - block * BLOCK)
        left = parents - block * BLOCK - size
        before += wish
        share = (total * before // natural if natural else total * (parents - left) // parents) - given
        least = max(size * minimum, total - given - left * maximum)
        most = min(size * maximum, total - given - left * minimum)
        given += min(max(share, least), most)
        offsets.append(given)
    return np.array(offsets, np.int64)
