"""Keyed permutations of [0, n), readable in both directions, for any rows alone.

Which construction serves which size was found by test (``benchmarks/battery.py``, n = 2..64 with consecutive
parents as tweaks, where such things break):

======================  ======================================================================
one size, one key       n <= 65,536: the order of hashes, sorted once and kept
                        above: four rounds of multiply and xorshift on k bits, walking cycles
per row (sizes, tweak)  n <= 32: the order of hashes, sorted per run of equal tweaks
                        n <= 1,024: eight rounds of a Feistel network on a rectangle, walking cycles
                        above: six rounds of it
======================  ======================================================================

Cycle walking (Black and Rogaway 2002): a bijection of a larger domain, applied until it lands in [0, n).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.rng.feistel import walk_feistel
from understudy.rng.rounds import walk_rounds
from understudy.rng.streams import GOLDEN, Key, Whole, Words, bits, pieces

SORTED = 65536  # sorting so many hashes takes about 4 ms once; the order then costs one gather a row
ORDERED = 32  # per row: the Feistel network deviates measurably below, the sorting of hashes costs more above
EIGHT = 1024  # over 600,000 parents pairs of images stray by 3 to 7 sigma with six rounds at n = 33..48, not with eight
LARGEST = 1 << 62
_RUNS = 256  # runs sorted at a time: 256 * 32 words = 64 KiB of hashes
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)  # SplitMix64's multipliers
_ORDERS = 64  # kept orders: at most 64 * 2 * 128 KiB


def permute(
    x: Whole, size: int | Whole, key: Key, tweak: NDArray[np.uint64] | Whole | int | None = None
) -> NDArray[np.int64]:
    """The images of ``x`` under the permutation of [0, size) that ``key`` (and ``tweak``) names.

    ``size``: one number up to 2**62, or one per row. ``tweak``: None, or whole numbers, each naming a permutation
    of its own (a permutation per parent). Without a tweak, one number as size and an array of it name two different
    permutations; with one they name the same. Inputs outside [0, size) are an InternalError; size 0 has no inputs.
    """
    return _apply(x, size, key, tweak, False)


def invert(
    y: Whole, size: int | Whole, key: Key, tweak: NDArray[np.uint64] | Whole | int | None = None
) -> NDArray[np.int64]:
    """The inverse of :func:`permute` with the same size, key and tweak."""
    return _apply(y, size, key, tweak, True)


def _apply(x: Whole, size: int | Whole, key: Key, tweak: NDArray[np.uint64] | Whole | int | None, back: bool) -> Whole:
    x = np.asarray(x, np.int64)
    _check(x, size)
    if x.size == 0:
        return x.copy()
    if tweak is None and not isinstance(size, np.ndarray):
        return _one(x, size, key, back)
    shape = np.broadcast_shapes(x.shape, np.shape(size), np.shape(tweak) if tweak is not None else ())
    flat = np.broadcast_to(x, shape).reshape(-1)
    sizes = np.broadcast_to(np.asarray(size, np.int64), shape).reshape(-1) if isinstance(size, np.ndarray) else size
    names = np.broadcast_to(_names(tweak, key), shape).reshape(-1)
    return _many(flat, sizes, names, back).reshape(shape)


def _check(x: Whole, size: int | Whole) -> None:
    """Inputs must lie in their domain; a permutation has nothing to say about others."""
    if x.size == 0:
        return
    largest = int(size.max()) if isinstance(size, np.ndarray) else size
    beyond = bool(np.any(x >= size)) if isinstance(size, np.ndarray) else int(x.max()) >= size
    if beyond or int(x.min()) < 0:
        raise InternalError(f"a permutation of [0, {largest}) was asked for numbers outside of it")
    if largest > LARGEST:
        raise InternalError(f"a permutation of {largest} numbers is beyond 2**62")


def _one(x: Whole, size: int, key: Key, back: bool) -> Whole:
    """One permutation for all rows."""
    if size > SORTED:
        return walk_rounds(x, size, key, back)
    order, rank = _order(size, key)
    return (order if back else rank).take(x).astype(np.int64)


@lru_cache(maxsize=_ORDERS)
def _order(size: int, key: Key) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """All of [0, size) in the order of their hashes, and each one's rank in it. Ties by number."""
    order = np.argsort(bits(np.arange(size, dtype=np.uint64), key), kind="stable").astype(np.uint16)
    rank = np.empty(size, np.uint16)
    rank[order] = np.arange(size, dtype=np.uint16)
    return order, rank


def _names(tweak: NDArray[np.uint64] | Whole | int | None, key: Key) -> Words:
    """The 64-bit name of each row's permutation: key and tweak well mixed."""
    if isinstance(tweak, np.ndarray):
        return bits(tweak, key)
    return bits(np.array([tweak or 0], np.int64), key).reshape(())


def _many(x: Whole, size: int | Whole, names: Words, back: bool) -> Whole:
    """A permutation per row: each range of sizes by its construction."""
    if not isinstance(size, np.ndarray):
        return _by_size(x, np.full(x.shape, size) if size <= ORDERED else size, size, names, back)
    low, high = int(size.min()), int(size.max())
    if not any(low <= edge < high for edge in (ORDERED, EIGHT)):
        return _by_size(x, size, high, names, back)
    out = np.empty(x.shape, np.int64)
    kind = (size > ORDERED).astype(np.int8) + (size > EIGHT)
    for number, largest in enumerate((ORDERED, EIGHT, LARGEST)):
        part = np.flatnonzero(kind == number)
        if part.size:
            out[part] = _by_size(x[part], size[part], largest, names[part], back)
    return out


def _by_size(x: Whole, size: int | Whole, largest: int, names: Words, back: bool) -> Whole:
    """Sizes of one range, told by the largest of them."""
    if isinstance(size, np.ndarray) and largest <= ORDERED:
        return _ordered(x, size, names, back)
    return walk_feistel(x, size, names, 8 if largest <= EIGHT else 6, back)


# ---- orders of hashes, a permutation per row ----------------------------------------------------
def _ordered(x: Whole, size: Whole, names: Words, back: bool) -> Whole:
    """Exact orders of few numbers: sorted once per run of equal (size, name), or counted where runs are short."""
    fresh = np.empty(x.shape, np.bool_)
    fresh[0] = True
    fresh[1:] = (size[1:] != size[:-1]) | (names[1:] != names[:-1])
    heads = np.flatnonzero(fresh)
    if not back and heads.size * 4 > x.size:
        return _counted(x, size, names)
    out = np.empty(x.shape, np.int64)
    edges = np.append(heads, x.size)
    for start in range(0, heads.size, _RUNS):
        used = edges[start : start + _RUNS + 1]
        table = _tables(size[used[:-1]], names[used[:-1]], back)
        part = slice(int(used[0]), int(used[-1]))
        out[part] = table[np.repeat(np.arange(used.size - 1), np.diff(used)), x[part]]
    return out


def _counted(x: Whole, size: Whole, names: Words) -> Whole:
    """Ranks by counting the smaller hashes, for rows that share no order with their neighbours."""
    out = np.empty(x.shape, np.int64)
    for part in pieces(x.size):
        own, limit, name = x[part], size[part], names[part]
        mine = _hash(name, own.view(np.uint64))
        rank = np.zeros(own.shape, np.int64)
        for number in range(int(limit.max())):
            rank += (_hash(name, np.array([number], np.uint64)) < mine) & (limit > number)
        out[part] = rank
    return out


def _tables(size: Whole, names: Words, back: bool) -> NDArray[np.uint8]:
    """Per run the order (back) or the ranks of [0, size), as rows of a table."""
    width = int(size.max())
    numbers = np.arange(width, dtype=np.uint64)
    hashes = _hash(names[:, None], numbers[None, :])
    hashes[numbers[None, :] >= size.view(np.uint64)[:, None]] |= ~np.uint64(63)  # fillers sort behind all others
    hashes.sort(axis=1)
    order = hashes & np.uint64(63)
    if back:
        return order.astype(np.uint8)
    rank = np.empty((size.size, width), np.uint8)
    np.put_along_axis(rank, order.view(np.int64), np.arange(width, dtype=np.uint8)[None, :], axis=1)
    return rank


def _hash(names: Words, numbers: Words) -> Words:
    """A hash of the number under the (well mixed) name, with the number in its low bits: no ties."""
    z = names + numbers * GOLDEN
    z ^= z >> np.uint64(30)
    z *= _M1
    z ^= z >> np.uint64(27)
    z *= _M2
    z &= ~np.uint64(63)
    z |= numbers
    return z
