"""What a column of a typed file (Parquet, Arrow, Avro, JSON) is, as a logical type."""

from __future__ import annotations

import pyarrow as pa

from understudy.types import Kind, Type


def logical(t: pa.DataType) -> Type:
    """The logical type of an Arrow type; what has none is text with Arrow's words in ``raw``."""
    is_ = pa.types
    if is_.is_dictionary(t):
        return logical(t.value_type)
    if is_.is_boolean(t):
        return Type(Kind.BOOLEAN)
    if is_.is_integer(t):
        return Type(Kind.INTEGER, bits=t.bit_width, signed=is_.is_signed_integer(t))
    if is_.is_floating(t):
        return Type(Kind.FLOAT, bits=64 if t.bit_width == 64 else 32)
    if is_.is_decimal(t):
        return Type(Kind.DECIMAL, precision=t.precision, scale=t.scale)
    if is_.is_date(t):
        return Type(Kind.DATE)
    if is_.is_time(t):
        return Type(Kind.TIME, precision=DIGITS[t.unit])
    if is_.is_timestamp(t):
        return Type(Kind.TIMESTAMP, precision=min(DIGITS[t.unit], 6), zoned=t.tz is not None)
    if is_.is_duration(t) or str(t) == "month_day_nano_interval":
        return Type(Kind.INTERVAL)
    if is_.is_fixed_size_binary(t):
        return Type(Kind.BINARY, length=t.byte_width, fixed=True)
    if is_.is_binary(t) or is_.is_large_binary(t):
        return Type(Kind.BINARY)
    if is_.is_map(t):
        return Type(Kind.MAP, key=logical(t.key_type), element=logical(t.item_type))
    if is_.is_list(t) or is_.is_large_list(t) or is_.is_fixed_size_list(t):
        return Type(Kind.ARRAY, element=logical(t.value_type))
    if is_.is_struct(t):
        return Type(Kind.STRUCT, fields=tuple((f.name, logical(f.type)) for f in t))
    return Type(Kind.TEXT)


DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
