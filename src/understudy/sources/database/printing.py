"""How each dialect prints a column as text that :mod:`arrays` turns into Arrow.

Bytes as hexadecimal digits, arrays and composites as JSON, moments in UTC, everything else as the
server itself prints it. What has no place in Arrow (infinity, NaN in a decimal, zero dates, times of 24 hours) is null.
"""

from __future__ import annotations

from understudy.types import Kind, Type

NESTED = frozenset({Kind.ARRAY, Kind.STRUCT, Kind.MAP})


def printed(dialect: str, column: str, t: Type) -> str:
    """An SQL expression that comes out as text for the quoted ``column``."""
    match dialect:
        case "postgresql":
            return _postgresql(column, t)
        case "mysql" | "mariadb":
            return _mysql(column, t)
        case "sqlite":
            return _sqlite(column, t)
        case _:
            return column


def _postgresql(column: str, t: Type) -> str:
    match t.kind:
        case Kind.BINARY:
            return f"encode({column}, 'hex')"
        case Kind.MONEY:
            return f"{column}::numeric::text"
        case Kind.DECIMAL:
            return f"nullif({column}, 'NaN')::text"
        case Kind.DATE:
            return f"CASE WHEN isfinite({column}) THEN {column}::text END"
        case Kind.TIMESTAMP:
            moment = f"({column} AT TIME ZONE 'UTC')" if t.zoned else column
            return f"CASE WHEN isfinite({column}) THEN {moment}::text END"
        case Kind.TIME:
            moment = f"({column} AT TIME ZONE 'UTC')::time" if t.zoned else column
            return f"nullif({moment}, '24:00')::text"
        case kind if kind in NESTED:
            return f"to_json({column})::text"
        case Kind.BOOLEAN | Kind.TEXT:
            return f"{column}::text"
        case _:
            return column  # COPY prints it by the type's own output function


def _mysql(column: str, t: Type) -> str:
    match t.kind:
        case Kind.BINARY:
            return f"hex({column})"
        case Kind.BITS:
            return f"lpad(bin({column} + 0), {t.length or 1}, '0')"
        case Kind.SPATIAL:
            return f"ST_AsText({column})"
        case Kind.TIME:
            return f"CASE WHEN {column} BETWEEN '00:00:00' AND '23:59:59.999999' THEN cast({column} AS char) END"
        case Kind.DATE | Kind.TIMESTAMP:
            return f"CASE WHEN year({column}) > 0 THEN cast({column} AS char) END"
        case _:
            return f"cast({column} AS char)"


def _sqlite(column: str, t: Type) -> str:
    if t.kind is Kind.BINARY:
        return f"CASE WHEN {column} IS NOT NULL THEN hex({column}) END"  # hex(NULL) is an empty text
    digits = 15 if t.kind is Kind.DECIMAL else 17  # 15 give back the decimal that was written, 17 the very float
    real = f"printf('%!.{digits}g', {column})"
    return f"CASE typeof({column}) WHEN 'real' THEN {real} WHEN 'null' THEN NULL ELSE CAST({column} AS TEXT) END"
