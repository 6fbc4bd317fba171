"""Comparing values of one form: numbers as numbers, texts by their bytes, lists and structs part by part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from understudy.errors import InternalError
from understudy.kernels import native
from understudy.kernels.vector import Lists, Structs, Vector, both, mask, put_together, spread, take, truth
from understudy.kernels.words import Words

UFUNCS: dict[str, Any] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
ARROW = {"=": "equal", "<>": "not_equal", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}
MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(sign: str, v: Vector, w: Vector, n: int) -> Vector:
    """``v sign w``, null where either is."""
    valid = both(v.valid, w.valid)
    if isinstance(v.data, Words):
        return Vector(_texts(sign, v.data, w.data, n), valid)
    if isinstance(v.data, Lists | Structs):
        if sign not in ("=", "<>"):
            raise InternalError("lists and structs have no order here")
        same = _nested(v, w, n)
        return Vector(same if sign == "=" else ~same, valid)
    return Vector(_bool(UFUNCS[sign](v.data, w.data)), valid)


def _bool(x: Any) -> Any:
    return x.astype(np.bool_) if np.asarray(x).dtype.hasobject else x


def _texts(sign: str, a: Words, b: Words, n: int) -> Any:
    """A constant is compared with each member of a pool once."""
    if a.scalar and not b.scalar:
        return _texts(MIRRORED[sign], b, a, n)
    if b.scalar:
        constant = b.pool.array[b.codes if isinstance(b.codes, int) else 0]
        return a.measured((sign, constant.as_py()), lambda x: native.booleans(native.call(ARROW[sign], x, constant)), n)
    return native.booleans(native.call(ARROW[sign], a.array(n), b.array(n)))


def _nested(v: Vector, w: Vector, n: int) -> Any:
    a, b = v.data, w.data
    if isinstance(a, Structs):
        return np.logical_and.reduce(
            [_same(x, y, n) for x, y in zip(a.fields, b.fields, strict=True)] or [np.ones(n, np.bool_)]
        )
    counts, others = np.diff(a.offsets), np.diff(b.offsets)
    equal = counts == others
    rows = np.flatnonzero(equal & (counts > 0))
    if rows.size:
        one, two = take(v, rows).data, take(w, rows).data
        same = _same(one.elements, two.elements, int(one.offsets[-1]))
        equal[rows] = np.logical_and.reduceat(same, one.offsets[:-1])
    return equal


def _same(v: Vector, w: Vector, n: int) -> Any:
    """Equal, null being a value."""
    found = truth(compare("=", v, w, n), n)
    a, b = mask(v.valid, n), mask(w.valid, n)
    if a is None and b is None:
        return found
    a = np.ones(n, np.bool_) if a is None else a
    b = np.ones(n, np.bool_) if b is None else b
    return (found & a & b) | ~(a | b)


def distinct(v: Vector, w: Vector, n: int) -> Any:
    """Different, null being a value."""
    return ~_same(v, w, n)


def extreme(greatest: bool, vectors: Sequence[Vector], n: int) -> Vector:
    """The greatest (or least) of the values that are not null."""
    result = vectors[0]
    for v in vectors[1:]:
        result = _better(">" if greatest else "<", result, v, n)
    return result


def _better(sign: str, a: Vector, b: Vector, n: int) -> Vector:
    if a.valid is None and b.valid is None and not isinstance(a.data, Words | Lists | Structs):
        return Vector((np.maximum if sign == ">" else np.minimum)(a.data, b.data))
    wins = truth(compare(sign, b, a, n), n)
    known = mask(a.valid, n)
    if known is not None:
        other = mask(b.valid, n)
        wins = wins | (~known if other is None else ~known & other)
    if isinstance(a.data, Words | Lists | Structs):
        rows, rest = np.flatnonzero(wins), np.flatnonzero(~wins)
        return put_together(n, [(rows, take(b, rows)), (rest, take(a, rest))])
    valid = None if known is None or b.valid is None else known | spread(b.valid, n)
    return Vector(np.where(wins, b.data, a.data), valid)
