"""Sums, extremes and counts over runs of children, piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.kernels import native, whole
from understudy.kernels.forms import Form, Sort
from understudy.kernels.vector import Index, Vector, mask, spread
from understudy.kernels.words import Words

Read = Callable[[int, int], Vector]


def reduce(function: str, form: Form, offsets: Index, read: Read, piece: int) -> Vector:
    """``function`` over the runs [offsets[r], offsets[r+1]); ``read`` gives children low..high, at most ``piece``
    at a time. Nulls do not count; sum and count of none are 0, extremes null."""
    n, total = offsets.size - 1, int(offsets[-1])
    if total <= piece:
        return _piece(function, form, offsets, read(0, total), total) if total else _none(function, form, n)
    result: Vector | None = None
    for low in range(0, total, piece):
        high = min(low + piece, total)
        local = np.clip(offsets, low, high) - low
        part = _piece(function, form, local, read(low, high), high - low)
        result = part if result is None else _combined(function, form, result, part, n)
    assert result is not None
    return result


def _none(function: str, form: Form, n: int) -> Vector:
    if form.sort in (Sort.TEXT, Sort.BINARY) and function != "count":
        from understudy.kernels.casts import nothing

        return nothing(form).run(None)
    data = np.zeros(n, np.float64 if form.sort is Sort.FLOAT and function != "count" else np.int64)
    return Vector(data, None if function in ("sum", "count") else np.zeros(n, np.bool_))


def _piece(function: str, form: Form, offsets: Index, v: Vector, total: int) -> Vector:
    known = mask(v.valid, total)
    if function == "count":
        return Vector(np.diff(offsets) if known is None else _sums(known.astype(np.int64), offsets))
    if isinstance(v.data, Words):
        return _text_extreme(function, offsets, v, total, known)
    data = spread(v.data, total)
    if function == "sum":
        return Vector(_exact_sums(data if known is None else np.where(known, data, 0), offsets))
    return _extreme(function, data, offsets, known)


def _exact_sums(data: NDArray[Any], offsets: Index) -> NDArray[Any]:
    if data.dtype == np.int64:
        longest = int(np.diff(offsets).max(initial=0))
        if whole.magnitude(data) * max(longest, 1) >= whole.LIMIT:
            data = data.astype(object)
    made = _sums(data, offsets)
    result: NDArray[Any] = whole.narrowed(made) if made.dtype == object else made
    return result


def _sums(data: NDArray[Any], offsets: Index) -> NDArray[Any]:
    """Sums of runs; 0 of empty ones (which ``reduceat`` would read wrongly)."""
    starts = offsets[:-1]
    some = offsets[1:] > starts
    if some.all():
        return np.add.reduceat(data, starts)
    out = np.zeros(starts.size, data.dtype)
    if some.any():
        out[some] = np.add.reduceat(data, starts[some])
    return out


def _extreme(function: str, data: NDArray[Any], offsets: Index, known: NDArray[np.bool_] | None) -> Vector:
    least = function == "min"
    ufunc: Any = np.minimum if least else np.maximum
    if known is not None:
        if data.dtype == object:
            worst: Any = max(data, default=0) if least else min(data, default=0)
        elif data.dtype == np.bool_:
            worst = least
        else:
            limits: Any = np.iinfo(data.dtype) if data.dtype.kind == "i" else np.finfo(data.dtype)
            worst = limits.max if least else limits.min
        data = np.where(known, data, worst)
    starts = offsets[:-1]
    some = offsets[1:] > starts
    out = np.zeros(starts.size, data.dtype)
    if some.any():
        out[some] = ufunc.reduceat(data, starts[some])
    if known is not None:
        some = _sums(known.astype(np.int64), offsets) > 0
    return Vector(out, None if some.all() else some)


def _text_extreme(function: str, offsets: Index, v: Vector, total: int, known: NDArray[np.bool_] | None) -> Vector:
    """Extremes of texts by the order of their bytes: ranks of the distinct ones."""
    array = v.data.array(total)
    ranks = native.call("rank", array, options="RankOptions", sort_keys="ascending", tiebreaker="dense")
    rank = native.data_of(ranks, np.uint64).astype(np.int64)
    found = _extreme(function, rank, offsets, known)
    where = np.zeros(int(rank.max(initial=0)) + 1, np.int64)
    where[rank] = np.arange(total)
    return Vector(v.data.take(where.take(found.data)), found.valid)


def _combined(function: str, form: Form, a: Vector, b: Vector, n: int) -> Vector:
    if function in ("sum", "count"):
        return Vector(a.data + b.data if form.sort is Sort.FLOAT and function == "sum" else whole.add(a.data, b.data))
    from understudy.kernels.comparison import extreme

    return extreme(function == "max", [a, b], n)
