"""A permutation per row: a Feistel network on a rectangle, for sizes and keys that differ from row to row.

``x = L * T + R`` with L in [0, S), R in [0, T), S and T near the square root of the size and S * T >= size.
Rounds add a keyed hash of one half to the other, modulo its side; what leaves [0, size) is sent through again.
"""

from __future__ import annotations

import math

import numpy as np

from understudy.rng.streams import GOLDEN, Whole, Words

_M = np.uint64(0xBF58476D1CE4E5B9)
_32 = np.uint64(32)
_STEP = 0xD1342543DE82EF95  # separates the rounds' keys
_CHUNK = 16384  # fewer calls than 8192, and 32768 leaves the cache


def walk_feistel(x: Whole, size: int | Whole, names: Words, rounds: int, back: bool) -> Whole:
    """Images (or originals) of ``x``, each under the permutation of [0, size) that its 64-bit name stands for."""
    order = range(rounds)[::-1] if back else range(rounds)
    out = np.empty(x.shape, np.int64)
    for start in range(0, x.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        rows, columns = _sides(_of(size, part))
        out[part] = _network(x[part], rows, columns, names[part], order)
    outside = np.flatnonzero(out >= size)
    while outside.size:
        limits = _of(size, outside)
        rows, columns = _sides(limits)
        rest = _network(out[outside], rows, columns, names[outside], order)
        out[outside] = rest
        outside = outside[rest >= limits]
    return out


def _of(size: int | Whole, part: slice | Whole) -> int | Whole:
    """The sizes of some rows."""
    return size[part] if isinstance(size, np.ndarray) else size


def _sides(size: int | Whole) -> tuple[int | Whole, int | Whole]:
    """Sides S, T of a rectangle that holds size cells, nearly square."""
    if isinstance(size, np.ndarray):
        rows = np.sqrt(size.astype(np.float64)).astype(np.int64) + 1  # any side will do, so rounding cannot hurt
        return rows, -(-size // rows)
    side = int(math.sqrt(size)) + 1  # the same rounding as above: the same permutation
    return side, -(-size // side)


def _network(x: Whole, rows: int | Whole, columns: int | Whole, names: Words, order: range) -> Whole:
    """All rounds; odd ones change the column, even ones the row."""
    quotient = x // columns
    left, right = quotient.view(np.uint64), (x - quotient * columns).view(np.uint64)
    high, wide = _unsigned(rows), _unsigned(columns)
    spare = np.empty_like(left)
    back = order.step < 0
    for number in order:
        half, side, other = (right, wide, left) if number & 1 else (left, high, right)
        shift = _hash(other, names, number, side)
        if back:
            np.subtract(half, shift, out=half)
            np.add(half, side, out=spare)
        else:
            np.add(half, shift, out=half)
            np.subtract(half, side, out=spare)
        np.minimum(half, spare, out=half)  # unsigned: the value that did not wrap below zero is the remainder
    left *= wide
    left += right
    return left.view(np.int64)


def _hash(half: Words, names: Words, number: int, side: np.uint64 | Words) -> Words:
    """A keyed number in [0, side) from the other half."""
    z = half * GOLDEN
    z += names
    z += np.uint64((number + 1) * _STEP & ((1 << 64) - 1))
    z ^= z >> _32
    z *= _M
    z ^= z >> np.uint64(29)
    z *= GOLDEN
    z >>= _32
    z *= side
    z >>= _32
    return z


def _unsigned(side: int | Whole) -> np.uint64 | Words:
    return side.view(np.uint64) if isinstance(side, np.ndarray) else np.uint64(side)
