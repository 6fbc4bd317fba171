"""Streams: 64 random bits per (key, row identity, attempt), with no state anywhere.

A key is 128 bits of BLAKE2b over the seed and the names of what is drawn (table, column, use). Per row a
two-key SplitMix64 runs in NumPy, in place::

    z = identity * GOLDEN + key[0]        base(identity) is shared by all columns of a batch
    z = (z ^ z >> 30) * M1 ^ key[1]       the second key inside the mixer: streams of different keys are
    z = (z ^ z >> 27) * M2                not shifted copies of one sequence
    z =  z ^ z >> 31

Source of the mixer: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014), with
Stafford's constants (variant 13). Measured and tested in ``benchmarks/battery.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InternalError

Key: TypeAlias = tuple[np.uint64, np.uint64]
Words: TypeAlias = NDArray[np.uint64]
Whole: TypeAlias = NDArray[np.int64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio, odd: consecutive identities spread evenly
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_M3 = np.uint64(0xD1342543DE82EF95)  # odd, good lattice (Steele and Vigna 2021): separates ordinals from parents
_MASK = (1 << 64) - 1
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_CHUNK = 16384  # 128 KiB of words and as much scratch stay in the second-level cache; smaller costs calls
_PIECE = 8192  # temporaries of 64 KiB: from 128 KiB on malloc maps fresh pages each time, 3 to 8 times slower


def key(seed: int, *parts: str | int) -> Key:
    """The key of one stream: 128 bits from the seed and any names or numbers.

    Parts are tagged with their type and prefixed with their length: ("ab", "c"), ("a", "bc"), ("a/b", "c"),
    (1,) and ("1",) all differ.
    """
    digest = hashlib.blake2b(digest_size=16, person=b"understudy.rng")
    for part in (seed, *parts):
        tag, text = (b"i", str(int(part)).encode()) if isinstance(part, int) else (b"s", part.encode())
        digest.update(tag + len(text).to_bytes(8, "little") + text)
    raw = digest.digest()
    return np.uint64(int.from_bytes(raw[:8], "little")), np.uint64(int.from_bytes(raw[8:], "little"))


def base(identity: NDArray[np.uint64] | NDArray[np.int64]) -> Words:
    """What :func:`bits_of_base` wants: identities times GOLDEN; compute once per batch, share by all columns."""
    return _words(identity) * GOLDEN


def bits(identity: NDArray[np.uint64] | NDArray[np.int64], key: Key, attempt: int | NDArray[np.int64] = 0) -> Words:
    """64 random bits for each row identity (any 64-bit number), of the same length.

    ``attempt`` (>= 0; one number or one per row) gives independent redraws; attempt 0 costs nothing.
    """
    if isinstance(attempt, np.ndarray) or attempt:
        return bits_of_base(base(identity), key, attempt)
    return _stream(_words(identity), key[0], key[1], GOLDEN)


def bits_of_base(base: Words, key: Key, attempt: int | NDArray[np.int64] = 0) -> Words:
    """As :func:`bits`, from ``base(identity)``; the argument is left as it was."""
    if isinstance(attempt, np.ndarray):
        return _finish(base + _twist(attempt, key[1]), key[0], key[1] ^ _twist(attempt, key[0]))
    if attempt == 0:
        return _stream(base, key[0], key[1])
    number = np.asarray([attempt])
    first, second = _twist(number, key[1])[0], _twist(number, key[0])[0]
    return _stream(base, np.uint64((int(key[0]) + int(first)) & _MASK), key[1] ^ second)


def mix(a: NDArray[np.uint64] | NDArray[np.int64] | int, b: NDArray[np.uint64] | NDArray[np.int64] | int) -> Words:
    """Identity of an owned row from its parent's identity ``a`` and its ordinal ``b``: 64 well mixed bits.

    Not symmetric; broadcasts; two numbers give a zero-dimensional word. Among n rows about n**2 / 2**65 pairs
    share an identity (such rows draw alike, which breaks nothing: keys come from dense numbers).
    """
    first, second = np.broadcast_arrays(_words(a), _words(b))
    out = np.empty(first.shape, np.uint64)
    flat, left, right = out.reshape(-1), first.reshape(-1), second.reshape(-1)
    spare = np.empty(min(flat.size, _CHUNK), np.uint64)
    for start in range(0, flat.size, _CHUNK):
        z = np.multiply(left[start : start + _CHUNK], GOLDEN, out=flat[start : start + _CHUNK])
        other = spare[: z.size]
        np.add(z, _M3, out=z)
        np.right_shift(z, np.uint64(30), out=other)
        np.bitwise_xor(z, other, out=z)
        np.multiply(z, _M1, out=z)
        np.right_shift(z, _32, out=other)
        np.bitwise_xor(z, other, out=z)
        np.multiply(right[start : start + _CHUNK], _M3, out=other)
        np.add(z, other, out=z)
        _mixer(z, GOLDEN, other)
    return out


def below(z: Words, m: int | NDArray[np.int64]) -> Whole:
    """Whole numbers in [0, m), uniform: one bound (1 .. 2**63) or one per row.

    Multiply-shift. Up to m = 2**32 on the high 32 bits (bias at most m / 2**32 of a value's share, that is
    below 2**-12 for a million values); above on all 64 bits. In an array a bound of 0 gives 0: a row with
    nothing to choose from, which the caller masks.
    """
    if isinstance(m, np.ndarray):
        if m.size and int(m.min()) < 0:
            raise InternalError(f"cannot draw below the negative bound {int(m.min())}")
        return _share(z, m.view(np.uint64) if m.dtype == np.int64 else m.astype(np.uint64)).view(np.int64)
    if not 0 < m <= 1 << 63:
        raise InternalError(f"cannot draw below {m}: the bound must be in 1..2**63")
    return _share(z, m).view(np.int64)


def uniform(z: Words, low: int | NDArray[np.int64], high: int | NDArray[np.int64]) -> Whole:
    """Whole numbers in [low, high], both included; bounds are numbers or one per row (each within int64).

    Where high < low in an array the row's result has no meaning (the caller masks it); two such numbers are an error.
    """
    if isinstance(low, np.ndarray) or isinstance(high, np.ndarray):
        first = np.asarray(low, np.int64).view(np.uint64)
        span = np.asarray(high, np.int64).view(np.uint64) - first + np.uint64(1)
        drawn = np.where(span == 0, z, _share(z, span)) if np.any(span == 0) else _share(z, span)
        return (drawn + first).view(np.int64)
    if high < low:
        raise InternalError(f"cannot draw between {low} and {high}")
    width = int(high) - int(low) + 1
    drawn = z.copy() if width == 1 << 64 else _share(z, width)
    if low:
        drawn += np.uint64(int(low) & _MASK)
    return drawn.view(np.int64)


def chance(z: Words, share: float | NDArray[np.float64]) -> NDArray[np.bool_]:
    """True with probability ``share`` (to 2**-53); at 0 or below never, at 1 or above always."""
    if isinstance(share, np.ndarray):
        return (z >> np.uint64(11)) < np.rint(np.clip(share, 0.0, 1.0) * 2.0**53).astype(np.uint64)
    limit = round(min(max(float(share), 0.0), 1.0) * 2**53) << 11
    return np.ones(z.shape, np.bool_) if limit > _MASK else z < np.uint64(limit)


def unit(z: Words) -> NDArray[np.float64]:
    """Floats in [0, 1) with 53 random bits."""
    out = np.empty(z.shape, np.float64)
    flat, words = out.reshape(-1), z.reshape(-1)
    for part in pieces(flat.size):
        np.multiply(words[part] >> np.uint64(11), 2.0**-53, out=flat[part])
    return out


def high(a: Words, b: Words | np.uint64) -> Words:
    """The upper 64 bits of the 128-bit products."""
    if isinstance(b, np.ndarray) and b.shape != a.shape:
        a, b = np.broadcast_arrays(a, b)
    out = np.empty(a.shape, np.uint64)
    flat, words, others = out.reshape(-1), a.reshape(-1), b.reshape(-1) if isinstance(b, np.ndarray) else b
    for part in pieces(flat.size):
        z, m = words[part], others[part] if isinstance(others, np.ndarray) else others
        ah, al, bh, bl = z >> _32, z & _LOW, m >> _32, m & _LOW
        left = ah * bl
        middle = (al * bl >> _32) + (left & _LOW) + al * bh  # below 2**64: (2**32-1) * 2 + (2**32-1)**2
        flat[part] = ah * bh + (left >> _32) + (middle >> _32)
    return out


def pieces(size: int) -> Iterator[slice]:
    """Slices that cut 0 .. size into pieces whose temporaries stay in the cache and off the page table."""
    for start in range(0, size, _PIECE):
        yield slice(start, start + _PIECE)


def _words(numbers: NDArray[np.uint64] | NDArray[np.int64] | int) -> Words:
    """Numbers as 64-bit words, negative ones by two's complement."""
    if isinstance(numbers, np.ndarray) and numbers.dtype == np.uint64:
        return numbers.view(np.uint64)
    if isinstance(numbers, np.ndarray) and numbers.dtype == np.int64:
        return numbers.view(np.uint64)
    if isinstance(numbers, (int, np.integer)):
        return np.asarray(int(numbers) & _MASK, np.uint64)
    return np.asarray(numbers).astype(np.uint64)


def _share(z: Words, m: int | Words) -> Words:
    """floor(z * m / 2**64), on 32 bits where every m fits."""
    most = m if isinstance(m, int) else int(m.max()) if m.size else 0
    bound = np.uint64(m) if isinstance(m, int) else m
    if most > 1 << 32:
        return high(z, bound)
    result: Words = z >> _32
    if isinstance(bound, np.ndarray) and bound.shape != result.shape:
        result = result * bound
    else:
        result *= bound
    result >>= _32
    return result


def _twist(attempt: NDArray[np.int64], word: np.uint64) -> Words:
    """What an attempt changes about a key: 0 for attempt 0, scattered words for the others."""
    z = attempt.astype(np.uint64) * (word | np.uint64(1))
    return _finish(z, np.uint64(0), np.uint64(0))


def _stream(base: Words, first: np.uint64, second: np.uint64, factor: np.uint64 | None = None) -> Words:
    """The mixer over a batch (times a factor), cache-sized piece by piece, leaving the batch alone."""
    out = np.empty(base.shape, np.uint64)
    flat, source = out.reshape(-1), base.reshape(-1)
    spare = np.empty(min(flat.size, _CHUNK), np.uint64)
    for start in range(0, flat.size, _CHUNK):
        z = flat[start : start + _CHUNK]
        if factor is None:
            np.add(source[start : start + _CHUNK], first, out=z)
        else:
            np.multiply(source[start : start + _CHUNK], factor, out=z)
            np.add(z, first, out=z)
        _mixer(z, second, spare[: z.size])
    return out


def _finish(z: Words, first: np.uint64, second: np.uint64 | Words) -> Words:
    """The mixer in place over an array of our own."""
    if first:
        z += first
    _mixer(z, second, np.empty_like(z))
    return z


def _mixer(z: Words, second: np.uint64 | Words, spare: Words) -> None:
    """SplitMix64's finaliser in place, the second key after the first multiplication."""
    np.right_shift(z, np.uint64(30), out=spare)
    np.bitwise_xor(z, spare, out=z)
    np.multiply(z, _M1, out=z)
    np.bitwise_xor(z, second, out=z)
    np.right_shift(z, np.uint64(27), out=spare)
    np.bitwise_xor(z, spare, out=z)
    np.multiply(z, _M2, out=z)
    np.right_shift(z, np.uint64(31), out=spare)
    np.bitwise_xor(z, spare, out=z)
