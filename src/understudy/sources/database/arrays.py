"""Columns of text, as databases print them, as Arrow arrays of the logical type's Arrow type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from understudy.errors import SourceError
from understudy.sources.database.printing import NESTED
from understudy.types import Kind, Type
from understudy.types.arrow import arrow_type

FREE_SCALE = 10
"""Digits after the point for decimals that name none and are not whole."""


def strings(values: Sequence[str | None]) -> pa.Array:
    """An Arrow string array, built from buffers (``pa.array`` of a list would import pandas)."""
    encoded = [b"" if v is None else v.encode("utf-8", "replace") for v in values]
    lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    missing = np.fromiter((v is None for v in values), dtype=bool, count=len(encoded))
    validity = pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes()) if missing.any() else None
    buffers = [validity, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    large = pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)
    return large.cast(pa.string()) if offsets[-1] < 2**31 else large


def typed(printed: pa.ChunkedArray, t: Type, where: str, *, loose: bool = False) -> pa.ChunkedArray:
    """The printed column in its Arrow type. SourceError where a value does not fit; with ``loose``
    (SQLite, which stores anything anywhere) such a column stays text."""
    target = arrow_type(t)
    try:
        if t.kind is Kind.BINARY:
            return unhex(printed)
        if t.kind in NESTED:
            return _from_json(printed, t)
        if pa.types.is_string(target):
            return printed.cast(pa.string())
        if pa.types.is_timestamp(target):
            return printed.cast(pa.timestamp("us")).cast(target)
        if pa.types.is_time(target):
            return _times(printed).cast(target)
        if pa.types.is_decimal(target) and t.scale is None:
            return _free_decimal(printed, target)
        return printed.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        if loose:
            return printed.cast(pa.string())
        reason = str(error).splitlines()[0]
        raise SourceError(f"a stored value does not fit its type {t.raw or t.kind}: {reason}", where=where) from error


def _times(printed: pa.ChunkedArray) -> pa.ChunkedArray:
    """Arrow reads moments but no times of day: a date is put before each."""
    import pyarrow.compute as pc

    return pc.binary_join_element_wise(pa.scalar("1970-01-01"), printed, pa.scalar(" ")).cast(pa.timestamp("us"))


def _free_decimal(printed: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    try:
        return printed.cast(target)
    except pa.ArrowInvalid:
        return printed.cast(pa.decimal128(38, FREE_SCALE))


def unhex(printed: pa.ChunkedArray) -> pa.ChunkedArray:
    """Hexadecimal digits as bytes, all rows at once."""
    out = []
    for chunk in printed.cast(pa.large_string()).chunks:
        plain = chunk if chunk.offset == 0 else pa.concat_arrays([chunk])
        offsets = np.frombuffer(plain.buffers()[1], dtype=np.int64, count=len(plain) + 1)
        data = plain.buffers()[2]
        raw = bytes.fromhex(data.to_pybytes()[: offsets[-1]].decode("ascii")) if data is not None else b""
        buffers = [plain.buffers()[0], pa.py_buffer((offsets // 2).astype(np.int64)), pa.py_buffer(raw)]
        out.append(pa.Array.from_buffers(pa.large_binary(), len(plain), buffers).cast(pa.binary()))
    return pa.chunked_array(out, type=pa.binary())


def _from_json(printed: pa.ChunkedArray, t: Type) -> pa.ChunkedArray:
    import msgspec

    decoder = msgspec.json.Decoder()
    values = (None if v is None else _shape(decoder.decode(v), t) for v in printed.to_pylist())
    return pa.chunked_array([pa.array(list(values), type=arrow_type(t))])


def _shape(value: object, t: Type) -> object:
    """JSON's value as what Arrow wants for ``t``; text-like members as text."""
    if value is None:
        return None
    match t.kind:
        case Kind.ARRAY if t.element is not None and isinstance(value, list):
            return [_shape(v, t.element) for v in _flat(value, t.element)]
        case Kind.STRUCT if isinstance(value, dict):
            return {name: _shape(value.get(name), inner) for name, inner in t.fields}
        case Kind.MAP if isinstance(value, dict) and t.element is not None:
            return [(k, _shape(v, t.element)) for k, v in value.items()]
    import pyarrow.compute as pc

    target = arrow_type(t)
    if isinstance(value, bool | int | float) and not pa.types.is_string(target) and not pa.types.is_decimal(target):
        return value
    if isinstance(value, dict | list):
        import msgspec

        return msgspec.json.encode(value).decode()
    text = str(value).removeprefix("\\x") if t.kind is Kind.BINARY else str(value)
    if t.kind is Kind.BINARY:
        return bytes.fromhex(text)
    return text if pa.types.is_string(target) else pc.cast(pa.scalar(text), target).as_py()


def _flat(value: list[object], element: Type) -> Iterable[object]:
    """PostgreSQL's arrays of any number of dimensions are one list here."""
    for v in value:
        if isinstance(v, list) and element.kind is not Kind.ARRAY:
            yield from _flat(v, element)
        else:
            yield v
