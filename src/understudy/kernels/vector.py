"""Vectors: a column of values while it is evaluated, and how rows of vectors are taken and put together.

``data`` is a NumPy array (int64, float64, bool, or object holding Python's whole numbers where decimals
outgrow 64 bits), a NumPy scalar (the same in every row), :class:`Words`, :class:`Lists` or :class:`Structs`.
``valid`` is a mask (or one truth for all rows); None: nothing is null. Under nulls lies anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from understudy.kernels.words import Pool, Words, merged

Index: TypeAlias = NDArray[np.int64]
Valid: TypeAlias = Any


class Lists:
    """Lists of rows: row r holds elements ``offsets[r]`` .. ``offsets[r+1]``."""

    __slots__ = ("elements", "offsets")

    def __init__(self, offsets: Index, elements: Vector) -> None:
        self.offsets, self.elements = offsets, elements


class Structs:
    """Structs of rows: one vector of ``n`` rows per field."""

    __slots__ = ("fields", "n")

    def __init__(self, fields: tuple[Vector, ...], n: int) -> None:
        self.fields, self.n = fields, n


class Vector:
    """Values of rows; see the module."""

    __slots__ = ("data", "valid")

    def __init__(self, data: Any, valid: Valid = None) -> None:
        self.data, self.valid = data, valid


NOTHING = np.zeros((), np.bool_)
"""The mask of a vector that is null everywhere."""


def null() -> Vector:
    """Null in every row."""
    return Vector(np.zeros((), np.int64), NOTHING)


def both(a: Valid, b: Valid) -> Valid:
    """Valid where both are."""
    return b if a is None else a if b is None else a & b


def mask(valid: Valid, n: int) -> NDArray[np.bool_] | None:
    """A mask of ``n`` rows; None where all are valid."""
    if valid is None:
        return None
    if np.ndim(valid) == 0:
        return None if valid else np.zeros(n, np.bool_)
    found: NDArray[np.bool_] = valid
    return found


def spread(data: Any, n: int) -> NDArray[Any]:
    """Numbers of ``n`` rows, also where one number stands for all."""
    if np.ndim(data) == 0:
        return np.full(n, data)
    found: NDArray[Any] = data
    return found


def truth(v: Vector, n: int) -> NDArray[np.bool_]:
    """True where the vector is true and not null."""
    known = v.data if v.valid is None else v.data & v.valid
    return spread(known, n).astype(np.bool_, copy=False)


def take(v: Vector, index: Index) -> Vector:
    """The values of some rows, in the order of ``index``."""
    valid = v.valid if v.valid is None or np.ndim(v.valid) == 0 else v.valid.take(index)
    return Vector(_take_data(v.data, index), valid)


def _take_data(data: Any, index: Index) -> Any:
    if isinstance(data, Words):
        return data.take(index)
    if isinstance(data, Lists):
        starts, counts = data.offsets[:-1][index], np.diff(data.offsets)[index]
        offsets, inner = runs(starts, counts)
        return Lists(offsets, take(data.elements, inner))
    if isinstance(data, Structs):
        return Structs(tuple(take(f, index) for f in data.fields), index.size)
    return data if np.ndim(data) == 0 else data.take(index)


def runs(starts: Index, counts: Index) -> tuple[Index, Index]:
    """Offsets of runs laid one behind the other, and the numbers in them: each run counts up from its start."""
    offsets = np.zeros(counts.size + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    inside = np.arange(int(offsets[-1]), dtype=np.int64)
    inside += np.repeat(starts - offsets[:-1], counts)
    return offsets, inside


def put_together(n: int, parts: Sequence[tuple[Index, Vector]]) -> Vector:
    """A vector of ``n`` rows from vectors of disjoint rows that together are all of them."""
    if len(parts) == 1 and parts[0][0].size == n:
        return parts[0][1]
    valid = None
    if any(v.valid is not None for _, v in parts):
        valid = np.ones(n, np.bool_)
        for index, v in parts:
            if v.valid is not None:
                valid[index] = v.valid
    return Vector(_put_data(n, [(i, v.data) for i, v in parts]), valid)


def _put_data(n: int, parts: Sequence[tuple[Index, Any]]) -> Any:
    held = [(i, d) for i, d in parts if i.size]
    if not held:
        return _take_data(parts[0][1], np.zeros(0, np.int64)) if parts else np.zeros(n, np.int64)
    wordy = [d for _, d in held if isinstance(d, Words)]
    if wordy:
        return _put_words(n, [(i, d) for i, d in held if isinstance(d, Words)])
    lists = [(i, d) for i, d in held if isinstance(d, Lists)]
    if lists:
        return _put_lists(n, lists)
    structs = [(i, d) for i, d in held if isinstance(d, Structs)]
    if structs:
        width = len(structs[0][1].fields)
        return Structs(tuple(put_together(n, [(i, d.fields[k]) for i, d in structs]) for k in range(width)), n)
    kinds = [np.asarray(d).dtype for _, d in held]
    out = np.zeros(n, np.result_type(*kinds) if kinds else np.int64)
    for index, data in held:
        out[index] = data
    return out


def _put_words(n: int, parts: Sequence[tuple[Index, Words]]) -> Words:
    """Texts of several pools; rows that no part names (they are null) take code 0."""
    pools: list[Pool] = []
    for _, words in parts:
        if not any(words.pool is p for p in pools):
            pools.append(words.pool)
    pool, starts = (pools[0], [0]) if len(pools) == 1 else merged(pools)
    codes = np.zeros(n, np.int32)
    for index, words in parts:
        start = next(s for s, p in zip(starts, pools, strict=True) if p is words.pool)
        own = np.arange(index.size) if words.codes is None else words.codes
        codes[index] = own if start == 0 else own + start
    return Words(pool, codes)


def _put_lists(n: int, parts: Sequence[tuple[Index, Lists]]) -> Lists:
    counts = np.zeros(n, np.int64)
    for index, lists in parts:
        counts[index] = np.diff(lists.offsets)
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(counts, out=offsets[1:])
    inner = []
    for index, lists in parts:
        _, places = runs(offsets[:-1][index], counts[index])
        inner.append((places, take(lists.elements, runs(lists.offsets[:-1], np.diff(lists.offsets))[1])))
    return Lists(offsets, put_together(int(offsets[-1]), inner))


def select(n: int, choices: Sequence[tuple[NDArray[np.bool_], Vector]], otherwise: Vector) -> Vector:
    """Numbers only: the first choice whose mask is true, else ``otherwise``; masks of ``n`` rows."""
    result = otherwise
    for where, v in reversed(choices):
        valid = None
        if v.valid is not None or result.valid is not None:
            valid = np.where(
                where, True if v.valid is None else v.valid, True if result.valid is None else result.valid
            )
        result = Vector(np.where(where, v.data, result.data), valid)
    return result


Evaluate: TypeAlias = Callable[[Any], Vector]
