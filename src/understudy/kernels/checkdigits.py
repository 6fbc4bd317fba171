"""Check digits of texts, one length at a time, by matrices of bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import native
from understudy.kernels.checksums import completed
from understudy.kernels.texting import textual
from understudy.kernels.words import Pool, from_matrix, strings, texts

if TYPE_CHECKING:
    from understudy.kernels.calls import Function


def _checked(name: str, compute: Callable[..., pa.Array]) -> Function:
    """A function of texts of digits (or letters), one length at a time."""

    def change(array: pa.Array, *more: Any) -> pa.Array:
        pool = Pool(array)
        starts, sizes = pool.offsets[:-1].astype(np.int64), np.diff(pool.offsets)
        made, order = [], []
        for size in np.flatnonzero(np.bincount(sizes)).tolist():  # np.unique would import numpy.ma
            rows = np.flatnonzero(sizes == size)
            matrix = pool.data[starts[rows, None] + np.arange(size)] if size else np.zeros((rows.size, 0), np.uint8)
            made.append(compute(matrix, *more))
            order.append(rows)
        if len(made) == 1:
            return made[0]
        place = np.zeros(len(array), np.int64)
        place[np.concatenate(order) if order else []] = np.arange(len(array))
        return native.take(pa.concat_arrays(made), place) if made else array

    return textual(name, lambda t, *more: texts(change(strings([t]), *more))[0], change)


def _figures(matrix: Any, what: str) -> Any:
    figures = matrix.astype(np.int64) - ord("0")
    if figures.size and (figures.min() < 0 or figures.max() > 9):
        raise InternalError(f"{what} takes digits only")
    return figures


def _appended(matrix: Any, digit: Any) -> pa.Array:
    return from_matrix(np.concatenate([matrix, (digit + ord("0")).astype(np.uint8)[:, None]], axis=1))


def _luhn(matrix: Any) -> pa.Array:
    doubled = _figures(matrix, "luhn")
    doubled[:, ::-1][:, ::2] *= 2
    doubled[doubled > 9] -= 9
    return _appended(matrix, -doubled.sum(axis=1) % 10)


def _ean(matrix: Any) -> pa.Array:
    weighted = _figures(matrix, "ean")
    weighted[:, ::-1][:, ::2] *= 3
    return _appended(matrix, -weighted.sum(axis=1) % 10)


def _mod97(matrix: Any) -> pa.Array:
    upper = np.where((matrix >= ord("a")) & (matrix <= ord("z")), matrix - 32, matrix).astype(np.int64)
    letter = (upper >= ord("A")) & (upper <= ord("Z"))
    values = np.where(letter, upper - ord("A") + 10, upper - ord("0"))
    if values.size and (values.min() < 0 or values.max() > 35):
        raise InternalError("mod97 takes letters and digits only")
    rest = np.zeros(matrix.shape[0], np.int64)
    for place in range(matrix.shape[1]):
        rest = (rest * np.where(letter[:, place], 100, 10) + values[:, place]) % 97
    check = 98 - rest * 100 % 97
    return from_matrix(np.stack([check // 10 + ord("0"), check % 10 + ord("0")], axis=1).astype(np.uint8))


FUNCTIONS: dict[str, Function] = {
    "luhn": _checked("luhn", _luhn),
    "mod97": _checked("mod97", _mod97),
    "ean": _checked("ean", _ean),
    "check": _checked("check", completed),
}
