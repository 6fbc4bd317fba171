"""Vectors to Arrow and back: buffers handed over without a copy wherever the widths agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import forms, native
from understudy.kernels.forms import Form, Sort
from understudy.kernels.vector import Lists, Structs, Vector, mask, spread
from understudy.kernels.words import Pool, Windows, Words

DICTIONARY = 1 << 16
"""Members of a pool up to which its texts are delivered as a dictionary; larger ones would weigh more than a batch."""

WHOLE_DIGITS = 18
"""Decimals of up to so many digits fit into 64 bits."""


def to_arrow(v: Vector, target: pa.DataType, n: int, *, lean: bool = False) -> pa.Array:
    """A vector (whose form is that of the type) as an Arrow array of type ``target`` and length ``n``.
    Texts stay dictionary encoded only where ``target`` is; with ``lean``, plain ones that lie within others come as
    views of them, and decimals of up to 18 digits in 64 bits."""
    if isinstance(v.data, Words):
        if lean and isinstance(v.data.pool, Windows) and pa.types.is_string(target):
            return v.data.pool.viewed(v.data.codes, mask(v.valid, n), n)
        return _texts(v.data, mask(v.valid, n), target, n)
    if isinstance(v.data, Lists):
        return _lists(v, target, n)
    if isinstance(v.data, Structs):
        return _structs(v, target, n)
    data, valid = spread(v.data, n), mask(v.valid, n)
    if pa.types.is_decimal(target):
        return _decimals(data, valid, target, lean)
    if pa.types.is_boolean(target):
        packed = np.packbits(data.astype(np.bool_, copy=False), bitorder="little")
        return pa.Array.from_buffers(target, n, [native.bitmap(valid), pa.py_buffer(packed)])
    if pa.types.is_null(target):
        return pa.nulls(n)
    return _numbers(data, valid, target, n)


def _numbers(data: NDArray[Any], valid: NDArray[np.bool_] | None, target: pa.DataType, n: int) -> pa.Array:
    kind = _DTYPES.get(target.id)
    if kind is None:
        raise InternalError(f"values cannot be delivered as {target}")
    if kind not in (np.float32, np.float64):
        data = _fitting(data, valid, kind, target)
    made = np.ascontiguousarray(data.astype(kind, copy=False))
    return pa.Array.from_buffers(target, n, [native.bitmap(valid), pa.py_buffer(made)])


def _fitting(data: NDArray[Any], valid: NDArray[np.bool_] | None, kind: Any, target: pa.DataType) -> NDArray[Any]:
    """The numbers, zero under nulls where those would not fit; InternalError where a value does not fit."""
    if kind is np.int64 and data.dtype == np.int64:
        return data
    bounds = np.iinfo(kind)
    if data.size and not (bounds.min <= data.min() and data.max() <= bounds.max):
        known = data if valid is None else np.where(valid, data, 0)
        if not (bounds.min <= known.min() and known.max() <= bounds.max):
            worst = int(known.max()) if known.max() > bounds.max else int(known.min())
            raise InternalError(f"the value {worst} does not fit into {target}")
        return known
    return data


_DTYPES: dict[int, Any] = {
    pa.int8().id: np.int8,
    pa.int16().id: np.int16,
    pa.int32().id: np.int32,
    pa.int64().id: np.int64,
    pa.uint8().id: np.uint8,
    pa.uint16().id: np.uint16,
    pa.uint32().id: np.uint32,
    pa.uint64().id: np.uint64,
    pa.float32().id: np.float32,
    pa.float64().id: np.float64,
    pa.date32().id: np.int32,
    pa.time64("us").id: np.int64,
    pa.timestamp("us").id: np.int64,
}


def _decimals(data: NDArray[Any], valid: NDArray[np.bool_] | None, target: pa.DataType, lean: bool) -> pa.Array:
    """Scaled whole numbers as decimal128 or decimal256: the low words, and the sign above; as decimal64 where
    ``lean`` and they fit."""
    limbs = target.bit_width // 64
    known = data if valid is None else np.where(valid, data, 0)
    limit = 10**target.precision
    least = known.min(initial=0)
    if (
        known.size
        and (target.precision < 19 or known.dtype == object)
        and not -limit < least <= known.max(initial=0) < limit
    ):
        worst = max(int(known.max()), -int(least))
        raise InternalError(f"a decimal of {len(str(worst))} digits does not fit into {target}")
    if lean and target.precision <= WHOLE_DIGITS:
        narrow = pa.decimal64(target.precision, target.scale)
        whole = np.ascontiguousarray(known.astype(np.int64, copy=False))
        return pa.Array.from_buffers(narrow, data.size, [native.bitmap(valid), pa.py_buffer(whole)])
    out = np.empty((data.size, limbs), np.int64)
    if known.dtype == object:
        for k in range(limbs):
            word = (known >> (64 * k)) & ((1 << 64) - 1)
            out[:, k] = word.astype(np.uint64).view(np.int64)
    else:
        out[:, 0] = known
        out[:, 1:] = 0 if least >= 0 else (known >> 63)[:, None]
    return pa.Array.from_buffers(target, data.size, [native.bitmap(valid), pa.py_buffer(out)])


def _texts(words: Words, valid: NDArray[np.bool_] | None, target: pa.DataType, n: int) -> pa.Array:
    if pa.types.is_dictionary(target):
        codes = words.codes
        index = (
            np.full(n, codes, np.int32)
            if isinstance(codes, int)
            else np.arange(n, dtype=np.int32)
            if codes is None
            else codes
        )
        kept = native.numbers(index.astype(np.int32, copy=False), valid)
        return pa.DictionaryArray.from_arrays(kept, words.pool.array, safe=False)
    if len(words.pool) == 0:
        array = pa.nulls(n, target)
        return array
    array = words.array(n)
    if valid is not None:
        array = pa.Array.from_buffers(
            array.type, n, [_aligned(valid, array.offset), *array.buffers()[1:]], offset=array.offset
        )
    return array if array.type == target else native.cast(array, target)


def _aligned(valid: NDArray[np.bool_], offset: int) -> pa.Buffer | None:
    return native.bitmap(valid if not offset else np.concatenate([np.ones(offset, np.bool_), valid]))


def _lists(v: Vector, target: pa.DataType, n: int) -> pa.Array:
    offsets = native.numbers(v.data.offsets.astype(np.int32))
    size = int(v.data.offsets[-1])
    valid = mask(v.valid, n)
    if pa.types.is_map(target):
        entries = v.data.elements.data
        entry = pa.struct([pa.field("key", target.key_type, nullable=False), pa.field("value", target.item_type)])
        inner = to_arrow(Vector(entries, v.data.elements.valid), entry, size)
    else:
        inner = to_arrow(v.data.elements, target.value_type, size)
    return pa.Array.from_buffers(target, n, [native.bitmap(valid), offsets.buffers()[1]], children=[inner])


def _structs(v: Vector, target: pa.DataType, n: int) -> pa.Array:
    children = [to_arrow(f, target.field(k).type, n) for k, f in enumerate(v.data.fields)]
    return pa.Array.from_buffers(target, n, [native.bitmap(mask(v.valid, n))], children=children)


# ---- from Arrow --------------------------------------------------------------------------------
def from_arrow(values: pa.Array | pa.ChunkedArray, *, static: bool = False) -> tuple[Form, Vector]:
    """An artefact as a vector, with its form. ``static``: it belongs to the plan."""
    array = _one(values)
    form = forms.form_of_arrow(array.type)
    valid = native.validity(array)
    return form, Vector(_data(array, form, static), valid)


def _one(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        return values.chunk(0) if values.num_chunks == 1 else _joined(values)
    return values


def _joined(values: pa.ChunkedArray) -> pa.Array:
    made = values.combine_chunks()
    return (
        made
        if isinstance(made, pa.Array)
        else pa.concat_arrays(made.chunks)
        if made.num_chunks
        else pa.nulls(0, values.type)
    )


def _data(array: pa.Array, form: Form, static: bool) -> Any:
    if pa.types.is_dictionary(array.type):
        _, inner = from_arrow(array.dictionary, static=static)
        index = native.data_of(array.indices, _DTYPES[array.indices.type.id])
        known = native.validity(array.indices)
        index = index if known is None else np.where(known, index, 0)
        if isinstance(inner.data, Words):
            return Words(inner.data.pool, index)
        return inner.data[index]
    match form.sort:
        case Sort.TEXT | Sort.BINARY:
            plain = (
                array
                if array.type in (pa.string(), pa.binary())
                else native.cast(array, pa.string() if form.sort is Sort.TEXT else pa.binary())
            )
            return Words(Pool(plain, static=static))
        case Sort.NULL:
            return np.zeros(len(array), np.int64)
        case Sort.BOOL:
            return native.booleans(array)
        case Sort.DECIMAL:
            return _read_decimals(array)
        case Sort.LIST:
            return _read_lists(array, static)
        case Sort.STRUCT:
            return Structs(
                tuple(from_arrow(array.field(k), static=static)[1] for k in range(array.type.num_fields)), len(array)
            )
    return _read_numbers(array)


def _read_numbers(array: pa.Array) -> NDArray[Any]:
    t = array.type
    if pa.types.is_timestamp(t):
        array = array if t.unit == "us" else native.cast(array, pa.timestamp("us", tz=t.tz), safe=False)
    elif pa.types.is_time(t):
        array = array if t == pa.time64("us") else native.cast(array, pa.time64("us"), safe=False)
    elif pa.types.is_date64(t):
        array = native.cast(array, pa.date32(), safe=False)
    elif pa.types.is_float16(t):
        array = native.cast(array, pa.float32())
    data = native.data_of(array, _DTYPES[array.type.id])
    return data.astype(np.float64 if pa.types.is_floating(t) else np.int64)


def _read_decimals(array: pa.Array) -> NDArray[Any]:
    if array.type.bit_width < 128:
        array = native.cast(array, pa.decimal128(max(array.type.precision, 19), array.type.scale))
    limbs = array.type.bit_width // 64
    words = native.data_of_records(array, limbs)
    low = words[:, 0]
    if (words[:, 1:] == (low >> 63)[:, None]).all():
        return low.copy()
    total = words[:, -1].astype(object)
    for k in range(limbs - 2, -1, -1):
        total = (total << 64) | words[:, k].view(np.uint64).astype(object)
    return total


def _read_lists(array: pa.Array, static: bool) -> Lists:
    if pa.types.is_large_list(array.type):
        array = native.cast(array, pa.list_(array.type.value_type))
    first = array.offset
    offsets = np.frombuffer(array.buffers()[1], np.int32, count=first + len(array) + 1)[first:].astype(np.int64)
    inner = (
        pa.StructArray.from_arrays([array.keys, array.items], ["key", "value"])
        if pa.types.is_map(array.type)
        else array.values
    )
    return Lists(offsets, from_arrow(inner, static=static)[1])
