"""The few Arrow functions that kernels call, by name, without importing ``pyarrow.compute``.

``pyarrow.compute`` writes a Python wrapper for each of its 300 functions when it is imported (0.06 CPU-s,
measured); the functions themselves are there in 0.004. Nor is ``pa.array`` ever called with a list or a
NumPy array: it would import pandas.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import _compute

TYPES = {
    np.dtype(np.int8): pa.int8(),
    np.dtype(np.int16): pa.int16(),
    np.dtype(np.int32): pa.int32(),
    np.dtype(np.int64): pa.int64(),
    np.dtype(np.uint8): pa.uint8(),
    np.dtype(np.uint16): pa.uint16(),
    np.dtype(np.uint32): pa.uint32(),
    np.dtype(np.uint64): pa.uint64(),
    np.dtype(np.float32): pa.float32(),
    np.dtype(np.float64): pa.float64(),
}


def call(name: str, *arguments: Any, options: str = "", **settings: Any) -> Any:
    """An Arrow compute function by name; ``options`` names its class of options, ``settings`` go into it."""
    chosen = getattr(_compute, options)(**settings) if options else None
    return _compute.call_function(name, list(arguments), chosen)


def cast(values: pa.Array, target: pa.DataType, *, safe: bool = True) -> pa.Array:
    """``values`` as another Arrow type."""
    options = _compute.CastOptions(target) if safe else _compute.CastOptions.unsafe(target)
    return _compute.call_function("cast", [values], options)


def take(values: pa.Array, index: NDArray[Any]) -> pa.Array:
    """Elements by position; positions must be within."""
    return _compute.call_function("take", [values, numbers(index)], _compute.TakeOptions(boundscheck=False))


def text(value: str) -> pa.Scalar:
    """A text as an Arrow scalar (``pa.scalar`` would import pandas)."""
    raw = value.encode()
    offsets = np.array([0, len(raw)], np.int32)
    return pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(offsets), pa.py_buffer(raw)])[0]


def numbers(data: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> pa.Array:
    """A NumPy array of numbers as Arrow, without a copy."""
    data = np.ascontiguousarray(data)
    return pa.Array.from_buffers(TYPES[data.dtype], data.size, [bitmap(valid), pa.py_buffer(data)])


def bitmap(valid: NDArray[np.bool_] | None) -> pa.Buffer | None:
    """Arrow's validity bits of a mask; None where all are valid."""
    return None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))


def booleans(values: pa.Array) -> NDArray[np.bool_]:
    """The bits of a boolean Arrow array (what lies under nulls is arbitrary)."""
    return _bits(values.buffers()[1], values.offset, len(values))


def validity(values: pa.Array) -> NDArray[np.bool_] | None:
    """The mask of an Arrow array; None where nothing is null."""
    if values.null_count == 0:
        return None
    if pa.types.is_null(values.type):
        return np.zeros(len(values), np.bool_)
    return _bits(values.buffers()[0], values.offset, len(values))


def data_of(values: pa.Array, dtype: Any) -> NDArray[Any]:
    """The numbers of a primitive Arrow array as they lie in memory."""
    if not len(values):
        return np.zeros(0, dtype)
    return np.frombuffer(values.buffers()[1], dtype, count=values.offset + len(values))[values.offset :]


def _bits(buffer: pa.Buffer, offset: int, size: int) -> NDArray[np.bool_]:
    if not size:
        return np.zeros(0, np.bool_)
    first = offset // 8
    raw = np.frombuffer(buffer, np.uint8, count=(offset + size + 7) // 8 - first, offset=first)
    return np.unpackbits(raw, count=offset % 8 + size, bitorder="little")[offset % 8 :].view(np.bool_)


def data_of_records(values: pa.Array, words: int) -> NDArray[np.int64]:
    """The 64-bit words (rows, words) of an array of wide numbers, least significant first."""
    if not len(values):
        return np.zeros((0, words), np.int64)
    end = (values.offset + len(values)) * words
    return np.frombuffer(values.buffers()[1], np.int64, count=end).reshape(-1, words)[values.offset :]


def offsets_of(values: pa.Array) -> NDArray[np.int32]:
    """The n + 1 offsets of an Arrow string or binary array."""
    if not len(values):
        return np.zeros(1, np.int32)
    return np.frombuffer(values.buffers()[1], np.int32, count=values.offset + len(values) + 1)[values.offset :]
