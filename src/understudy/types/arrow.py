"""The Arrow type in which each logical type travels between rooms.

Text-like kinds (UUID, JSON, XML, ENUM, SET as ``a,b``, NETWORK, GEOMETRIC, SPATIAL as WKT, SEARCH,
RANGE, MULTIRANGE, BITS as 0/1 digits, INTERVAL as ``3 days 04:05:06``, OPAQUE) travel as text in the
form that the database reads. Text may come dictionary encoded (int32 → string).
"""

from __future__ import annotations

import pyarrow as pa

from understudy.types.logical import Kind, Type

DECIMAL_PRECISION = 38
"""Digits of a DECIMAL that names none."""


def arrow_type(t: Type) -> pa.DataType:
    """The Arrow type of a column of logical type ``t``."""
    match t.kind:
        case Kind.BOOLEAN:
            return pa.bool_()
        case Kind.INTEGER:
            width = 8 if t.bits <= 8 else 16 if t.bits <= 16 else 32 if t.bits <= 32 else 64
            return getattr(pa, f"{'' if t.signed else 'u'}int{width}")()
        case Kind.YEAR:
            return pa.int16()
        case Kind.DECIMAL | Kind.MONEY:
            precision = t.precision or (19 if t.kind is Kind.MONEY else DECIMAL_PRECISION)
            scale = t.scale if t.scale is not None else (2 if t.kind is Kind.MONEY else 0)
            return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(min(precision, 76), scale)
        case Kind.FLOAT:
            return pa.float32() if t.bits <= 32 else pa.float64()
        case Kind.BINARY:
            return pa.binary()
        case Kind.DATE:
            return pa.date32()
        case Kind.TIME:
            return pa.time64("us")
        case Kind.TIMESTAMP:
            return pa.timestamp("us", tz="UTC" if t.zoned else None)
        case Kind.ARRAY if t.element is not None:
            return pa.list_(arrow_type(t.element))
        case Kind.STRUCT:
            return pa.struct([pa.field(n, arrow_type(f)) for n, f in t.fields])
        case Kind.MAP if t.key is not None and t.element is not None:
            return pa.map_(arrow_type(t.key), arrow_type(t.element))
        case _:
            return pa.string()
