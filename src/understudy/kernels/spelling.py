"""Values as SQL writes them: 12.50, true, 2024-02-29 08:00:00, 3 days 04:05:06."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import calendar, native, tables
from understudy.kernels.forms import Form, Sort
from understudy.kernels.vector import Vector, mask, spread
from understudy.kernels.words import Pool, Words, from_matrix, from_offsets, plain, strings

Spell = Callable[[Vector, int], Vector]

CENTURIES = (0, 10_000)
"""Years that four digits can write; others go the slow way."""


def speller(form: Form) -> Spell:
    """How values of a form are written as text."""
    match form.sort:
        case Sort.INT | Sort.RAW:
            return _each(integers)
        case Sort.DECIMAL:
            return _each(lambda d: decimals(d, form.scale))
        case Sort.FLOAT:
            return _each(lambda d: native.cast(native.numbers(d), pa.string()))
        case Sort.BOOL:
            pool = Pool(strings(["false", "true"]), static=True)
            return lambda v, n: Vector(Words(pool, spread(v.data, n).astype(np.int32)), v.valid)
        case Sort.DATE:
            return _each(dates)
        case Sort.TIMESTAMP:
            return _each(timestamps)
        case Sort.TIME:
            return _each(times)
        case Sort.INTERVAL:
            return _each(intervals)
        case Sort.BINARY:
            return _hexadecimal
        case Sort.TEXT:
            return lambda v, _n: v
    raise InternalError(f"{form.sort.value} cannot be made text")


def _each(write: Callable[[NDArray[Any]], pa.Array]) -> Spell:
    """Written row by row; what lies under nulls is written as 0."""

    def spell(v: Vector, n: int) -> Vector:
        known = mask(v.valid, n)
        data = spread(v.data, n)
        return Vector(plain(write(data if known is None else np.where(known, data, 0))), v.valid)

    return spell


def _hexadecimal(v: Vector, n: int) -> Vector:
    def change(array: pa.Array) -> pa.Array:
        return strings("\\x" + b.hex() for b in array.to_pylist())

    return Vector(v.data.mapped("hex", change, n), v.valid)


def integers(data: NDArray[Any]) -> pa.Array:
    """Whole numbers in decimal."""
    if data.dtype == object:
        return strings(str(x) for x in data.tolist())
    return native.cast(native.numbers(data.astype(np.int64, copy=False)), pa.string())


def decimals(data: NDArray[Any], scale: int) -> pa.Array:
    """Decimals with all digits of their scale."""
    if scale <= 0:
        return integers(data)
    if data.dtype == object or scale > 18:
        unit = 10**scale
        return strings(
            f"{'-' if x < 0 else ''}{abs(int(x)) // unit}.{abs(int(x)) % unit:0{scale}d}" for x in data.tolist()
        )
    size = np.abs(data)
    above = size // 10**scale
    tail = np.empty((data.size, scale + 1), np.uint8)
    tail[:, 0] = ord(".")
    tables.write(size - above * 10**scale, "0123456789", tail[:, 1:])
    parts = [integers(above), from_matrix(tail)]
    if (data < 0).any():
        signs = Pool(strings(["", "-"]), static=True)
        parts.insert(0, native.take(signs.array, (data < 0).astype(np.int32)))
    return beside(parts)


def beside(parts: list[pa.Array]) -> pa.Array:
    """Texts row by row, one behind the other."""
    empty = native.text("")
    return native.call("binary_join_element_wise", *parts, empty, options="JoinOptions")


def dates(days: NDArray[Any]) -> pa.Array:
    """ISO dates."""
    date = calendar.civil(days)
    if not _four_digits(date.year):
        return strings(f"{y:04d}-{m:02d}-{d:02d}" for y, m, d in zip(*(x.tolist() for x in date), strict=True))
    out = np.full((days.size, 10), ord("-"), np.uint8)
    tables.write(date.year, "0123456789", out[:, 0:4])
    tables.write(date.month, "0123456789", out[:, 5:7])
    tables.write(date.day, "0123456789", out[:, 8:10])
    return from_matrix(out)


def times(us: NDArray[Any]) -> pa.Array:
    """Times of day; a fraction only where it is not 0, without zeros at its end."""
    out = np.full((us.size, 15), ord(":"), np.uint8)
    seconds = us // calendar.SECOND
    tables.write(seconds // 3600, "0123456789", out[:, 0:2])
    tables.write(seconds // 60 % 60, "0123456789", out[:, 3:5])
    tables.write(seconds % 60, "0123456789", out[:, 6:8])
    fraction = us - seconds * calendar.SECOND
    if not fraction.any():
        return from_matrix(out[:, :8])
    out[:, 8] = ord(".")
    tables.write(fraction, "0123456789", out[:, 9:])
    zeros = np.argmax(out[:, :8:-1] != ord("0"), axis=1)
    lengths = np.where(fraction == 0, 8, 15 - zeros)
    return ragged(out, lengths)


def ragged(matrix: NDArray[np.uint8], lengths: NDArray[Any]) -> pa.Array:
    """The first ``lengths`` bytes of each row of a matrix."""
    offsets = np.zeros(lengths.size + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    kept = matrix[np.arange(matrix.shape[1]) < lengths[:, None]]
    return from_offsets(offsets, pa.py_buffer(kept))


def timestamps(us: NDArray[Any]) -> pa.Array:
    """ISO timestamps with a blank between date and time."""
    days = us // calendar.DAY
    blank = native.text(" ")
    return native.call(
        "binary_join_element_wise", dates(days), times(us - days * calendar.DAY), blank, options="JoinOptions"
    )


def intervals(us: NDArray[Any]) -> pa.Array:
    """``3 days 04:05:06``; days only where there are any, hours beyond 24 never."""
    size = np.abs(us)
    days = size // calendar.DAY
    clock = times(size - days * calendar.DAY)
    minus = us < 0
    if not days.any() and not minus.any():
        return clock
    signs = Pool(strings(["", "-"]), static=True)
    sign = native.take(signs.array, minus.astype(np.int32))
    plural = native.take(strings([" days ", " day "]), (days == 1).astype(np.int32))
    long = beside([sign, integers(days), plural, sign, clock])
    short = beside([sign, clock])
    both = pa.concat_arrays([short, long])
    return native.take(both, np.arange(us.size) + np.where(days > 0, us.size, 0))


def _four_digits(year: NDArray[Any]) -> bool:
    return not year.size or (int(year.min()) >= CENTURIES[0] and int(year.max()) < CENTURIES[1])
