"""A keyed bijection of k bits by multiplication and xorshift, walked down to [0, n): one large permutation.

Each of four rounds is ``x = (x * odd + add) mod 2**k; x ^= x >> ceil(k/2)``; both steps have inverses.
Multiplication carries low bits upwards, the shift brings high bits down. On 32-bit words where k <= 32.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.rng.streams import Key, Whole, bits

_ROUNDS = 4  # the battery finds three rounds wanting, four clean
_WALKED = 65536  # walked at a time: half as many remain in each turn, and a turn costs some 20 calls
_CHUNK = 16384  # numbers and scratch stay in the second-level cache


def walk_rounds(x: Whole, size: int, key: Key, back: bool) -> Whole:
    """Images (or, ``back``, originals) of ``x`` in [0, size) under the key's permutation; size > 1."""
    width = (size - 1).bit_length()
    constants = _constants(width, key, back)
    kind: type[np.unsignedinteger[Any]] = np.uint32 if width <= 32 else np.uint64
    out = np.empty(x.shape, np.int64)
    source, target = x.reshape(-1), out.reshape(-1)
    for start in range(0, source.size, _CHUNK):
        words = source[start : start + _CHUNK].astype(kind)
        _rounds(words, constants, width, back)
        target[start : start + _CHUNK] = words
    if size != 1 << width:
        for start in range(0, source.size, _WALKED):
            _walk(target[start : start + _WALKED], size, constants, width, back, kind)
    return out


def _walk(y: Whole, size: int, constants: _Constants, width: int, back: bool, kind: Any) -> None:
    """Apply the bijection again wherever it left the domain; ends, for cycles are finite and start inside."""
    outside = np.flatnonzero(y >= size)
    rest = y[outside].astype(kind)
    while outside.size:
        _rounds(rest, constants, width, back)
        y[outside] = rest
        still = np.flatnonzero(rest >= kind(size))
        outside, rest = outside[still], rest[still]


_Constants = tuple[tuple[int, int], ...]


@lru_cache(maxsize=256)
def _constants(width: int, key: Key, back: bool) -> _Constants:
    """Multiplier and addend of each round, from the key's own stream; for the way back, their inverses."""
    mask = (1 << width) - 1
    words = [int(w) for w in bits(np.arange(2 * _ROUNDS, dtype=np.uint64), key)]
    forth = [((words[2 * i] >> (64 - width)) | 1, words[2 * i + 1] >> (64 - width)) for i in range(_ROUNDS)]
    if not back:
        return tuple(forth)
    inverse = [(pow(odd, -1, 1 << width), add) for odd, add in forth]
    return tuple((odd, -add * odd & mask) for odd, add in reversed(inverse))


def _rounds(words: NDArray[Any], constants: _Constants, width: int, back: bool) -> None:
    """All rounds in place, forth or back."""
    kind = words.dtype.type
    mask, half = kind((1 << width) - 1), kind((width + 1) // 2)
    spare = np.empty_like(words)
    for odd, add in constants:
        if back:
            np.right_shift(words, half, out=spare)
            np.bitwise_xor(words, spare, out=words)
        np.multiply(words, kind(odd), out=words)
        np.add(words, kind(add), out=words)
        np.bitwise_and(words, mask, out=words)
        if not back:
            np.right_shift(words, half, out=spare)
            np.bitwise_xor(words, spare, out=words)
