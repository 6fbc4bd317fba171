"""Values of Arrow columns as what profiles hold: numbers as they are, moments as ISO 8601 text; and as numbers."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.model.distribution import Scalar

TEXT_LIMIT = 200
"""Characters kept of a text in a profile: it is looked at, not stored."""


def scalar(value: Any) -> Scalar | None:
    """A Python value of an Arrow scalar as profiles and claims hold it; None for null."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
        case str():
            return value[:TEXT_LIMIT]
        case datetime.datetime():
            return value.isoformat(sep="T")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes():
            return "0x" + value[: TEXT_LIMIT // 2].hex()
        case datetime.timedelta():
            return str(value)
        case _:
            return str(value)[:TEXT_LIMIT]


def scalars(values: pa.Array | pa.ChunkedArray) -> list[Scalar | None]:
    """All values of a (short) array; moments that Python's calendar does not reach as Arrow writes them."""
    t = values.type
    if pa.types.is_integer(t) or pa.types.is_boolean(t) or pa.types.is_floating(t):
        return values.to_pylist()  # type: ignore[no-any-return]
    try:
        if is_text(t):
            return [v if v is None else v[:TEXT_LIMIT] for v in values.to_pylist()]
        return [scalar(v) for v in values.to_pylist()]
    except (ValueError, OverflowError):
        return [scalar(v) for v in values.cast(pa.string()).to_pylist()]


def is_number(t: pa.DataType) -> bool:
    """Whether values of the type are numbers."""
    return bool(pa.types.is_integer(t) or pa.types.is_floating(t) or pa.types.is_decimal(t))


def is_moment(t: pa.DataType) -> bool:
    """Whether they are dates, times or timestamps."""
    return bool(pa.types.is_date(t) or pa.types.is_time(t) or pa.types.is_timestamp(t))


def is_text(t: pa.DataType) -> bool:
    """Whether they are texts."""
    return bool(pa.types.is_string(t) or pa.types.is_large_string(t))


def is_ordered(t: pa.DataType) -> bool:
    """Whether they have an order that means something."""
    return is_number(t) or is_moment(t)


def plain(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    """One array, dictionaries and views decoded."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
        if isinstance(values, pa.ChunkedArray):
            values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if hasattr(pa.types, "is_string_view") and pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
    return values


def as_floats(values: pa.Array) -> NDArray[np.float64]:
    """Numbers and moments (in their unit since their origin) as floats, nulls as NaN, infinite ones as NaN too."""
    t = values.type
    if pa.types.is_date32(t) or pa.types.is_time32(t):
        values = values.cast(pa.int32())
    elif is_moment(t):
        values = values.cast(pa.int64())
    elif pa.types.is_boolean(t):
        values = values.cast(pa.int8())
    found: NDArray[np.float64] = (
        pc.cast(values, pa.float64(), safe=False).to_numpy(zero_copy_only=False).astype(np.float64, copy=True)
    )
    found[~np.isfinite(found)] = np.nan
    return found
