"""A total split down a binary tree of blocks, and a block's total met by its members.

After Funke, Lamm, Sanders et al., "Communication-free massively distributed graph generation" (2018).
All sums are whole numbers; deviations use single correctly rounded operations, so bytes agree everywhere.
"""

from __future__ import annotations

import numpy as np

from understudy.errors import InternalError
from understudy.rng.streams import Key, Whole, Words, bits

BLOCK = 4096  # fixed for ever: it decides bytes (design, decision 2)


def block_offsets(members: int, total: int, minimum: int, maximum: int, deviation: float, key: Key) -> Whole:
    """First unit of each block of 4,096 members, and the total: an array of blocks + 1 numbers.

    ``deviation``: standard deviation of one member's share. Each block gets what its members can hold.
    """
    blocks = -(-members // BLOCK)
    levels = max(blocks - 1, 0).bit_length()
    totals = np.array([total], np.int64)
    for level in range(levels):
        half = BLOCK << (levels - level - 1)
        start = np.arange(totals.size, dtype=np.int64) * (2 * half)
        left = np.clip(members - start, 0, half)
        right = np.clip(members - start - half, 0, half)
        node = np.arange(totals.size, dtype=np.uint64) + np.uint64(1 << level)
        given = _left_share(totals, left, right, deviation * _normal(node, key))
        given = np.clip(given, *_limits(totals, left, right, minimum, maximum))
        halves = np.stack([given, totals - given], axis=1).reshape(-1)
        totals = halves[: -(-members // half)]
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(totals[:blocks])])


def settle(counts: Whole, total: int, minimum: int, maximum: int, order: Words) -> None:
    """Change counts in place, by as little as possible, so that they sum to ``total``.

    Members move by one in the order of ``order`` (distinct words); all of them move first where that is not enough.
    """
    missing = total - int(counts.sum())
    if missing and _moved_first(counts, missing, minimum, maximum, order):
        return
    while missing:
        sign = 1 if missing > 0 else -1
        room = maximum - counts if sign > 0 else counts - minimum
        able = np.flatnonzero(room > 0)
        if not able.size:
            raise InternalError(f"a block of {counts.size} parents cannot hold {total} children")
        few = abs(missing)
        if few < able.size:
            chosen = able[np.argpartition(order[able], few - 1)[:few]]
            counts[chosen] += sign
            return
        moves = np.minimum(room[able], few // able.size)
        counts[able] += sign * moves
        missing -= sign * int(moves.sum())


def _moved_first(counts: Whole, missing: int, minimum: int, maximum: int, order: Words) -> bool:
    """Move the ``missing`` by members whose words are among the smallest, if enough of them can move: the same ones
    that a look at all members would choose, in a quarter of the time."""
    few = abs(missing)
    near = 2 * few + 64
    if 2 * near >= counts.size:
        return False
    first = np.flatnonzero(order < np.uint64((near << 64) // counts.size))
    held = counts.take(first)
    able = first[held < maximum if missing > 0 else held > minimum]
    if able.size < few:
        return False
    chosen = able[np.argpartition(order.take(able), few - 1)[:few]]
    counts[chosen] += 1 if missing > 0 else -1
    return True


def _left_share(
    totals: Whole, left: Whole, right: Whole, scores: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> Whole:
    """floor(total * left / (left + right)) plus the deviation of a sum of ``left`` counts, given the total."""
    both = (left + right).astype(np.uint64)
    share = left.astype(np.uint64)
    units = totals.astype(np.uint64)
    even = (units // both * share + units % both * share // both).astype(np.int64)
    width = np.sqrt(left.astype(np.float64) * (right.astype(np.float64) / both.astype(np.float64)))
    return even + np.rint(scores * width).astype(np.int64)


def _limits(totals: Whole, left: Whole, right: Whole, minimum: int, maximum: int) -> tuple[Whole, Whole]:
    """Least and most that the left side may get. Products only where they stay below the total."""

    def capacity(side: Whole) -> Whole:
        loose = maximum > totals // np.maximum(side, 1)
        return np.where(side == 0, 0, np.where(loose, totals, side * np.where(loose, 0, maximum)))

    return np.maximum(left * minimum, totals - capacity(right)), np.minimum(capacity(left), totals - right * minimum)


def _normal(node: Words, key: Key) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Standard normal scores without libm: twelve uniform numbers of 16 bits, their sum centred and scaled."""
    words = np.stack([bits(node, key, attempt) for attempt in range(3)], axis=1)
    parts = sum(((words >> np.uint64(16 * i)) & np.uint64(0xFFFF)).sum(axis=1).astype(np.int64) for i in range(4))
    scores: np.ndarray[tuple[int], np.dtype[np.float64]] = (parts - 12 * 65535 // 2) / 65536.0
    return scores
