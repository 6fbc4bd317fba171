"""Logical types as DuckDB holds them while it judges files, and how text becomes them."""

from __future__ import annotations

from understudy.types import Kind, Type

MOST_DIGITS = 38
"""DuckDB's widest DECIMAL."""

NESTED = frozenset({Kind.ARRAY, Kind.STRUCT, Kind.MAP})

INTEGERS = {8: "TINYINT", 16: "SMALLINT", 24: "INTEGER", 32: "INTEGER", 64: "BIGINT"}


def duck_type(t: Type) -> str:
    """The type of a column. Words of enums are compared in their order; kinds without equivalent are text."""
    match t.kind:
        case Kind.BOOLEAN | Kind.DATE | Kind.UUID | Kind.JSON | Kind.INTERVAL:
            return t.kind.value.upper()
        case Kind.TIME:
            return "TIME"
        case Kind.INTEGER:
            name = INTEGERS.get(t.bits, "BIGINT")
            return name if t.signed else f"U{name}"
        case Kind.YEAR:
            return "SMALLINT"
        case Kind.DECIMAL | Kind.MONEY:
            return _decimal(t)
        case Kind.FLOAT:
            return "FLOAT" if t.bits <= 32 else "DOUBLE"
        case Kind.BINARY:
            return "BLOB"
        case Kind.TIMESTAMP:
            return "TIMESTAMPTZ" if t.zoned else "TIMESTAMP"
        case Kind.ENUM if t.labels:
            return f"ENUM({', '.join(literal(w) for w in t.labels)})"
        case Kind.ARRAY if t.element is not None:
            return f"{duck_type(t.element)}[]"
        case Kind.STRUCT if t.fields:
            return f"STRUCT({', '.join(f'{identifier(n)} {duck_type(f)}' for n, f in t.fields)})"
        case Kind.MAP if t.key is not None and t.element is not None:
            return f"MAP({duck_type(t.key)}, {duck_type(t.element)})"
    return "VARCHAR"


def _decimal(t: Type) -> str:
    if t.precision is None:
        return "DECIMAL(19, 2)" if t.kind is Kind.MONEY else "DECIMAL(38, 12)"
    if t.precision > MOST_DIGITS:
        return "DOUBLE"
    return f"DECIMAL({t.precision}, {t.scale or 0})"


def from_text(t: Type, raw: str) -> str:
    """An expression for the typed value of text ``raw`` (an expression); null where it is none of the type."""
    kind = duck_type(t)
    match t.kind:
        case Kind.BINARY:
            digits = f"regexp_full_match({raw}, '\\\\x([0-9a-fA-F]{{2}})*')"
            return f"CASE WHEN {digits} THEN unhex(substr({raw}, 3)) ELSE encode({raw}) END"
        case Kind.INTEGER | Kind.YEAR:
            return f"CASE WHEN regexp_full_match({raw}, '[+-]?[0-9]+') THEN TRY_CAST({raw} AS {kind}) END"
        case Kind.ARRAY | Kind.STRUCT | Kind.MAP if kind != "VARCHAR":
            return f"TRY_CAST(TRY_CAST({raw} AS JSON) AS {kind})"
        case Kind.TEXT if t.folded:
            return f"{raw} COLLATE NOCASE.NOACCENT"
    return raw if kind == "VARCHAR" else f"TRY_CAST({raw} AS {kind})"


def from_value(t: Type, column: str, held: str) -> str:
    """The same for a value that a typed file holds as DuckDB type ``held``."""
    kind = duck_type(t)
    if held == "VARCHAR":
        return from_text(t, column)
    if held == kind or kind == "VARCHAR" or (held.startswith("DECIMAL") and kind == held):
        return f"CAST({column} AS VARCHAR)" if kind == "VARCHAR" and held != "VARCHAR" else column
    return f"TRY_CAST({column} AS {kind})"


def misfit(t: Type, raw: str, value: str, *, textual: bool) -> str:
    """A condition for rows whose value is not of the type; '' where any text is. ``textual``: ``raw`` is text."""
    if t.kind is Kind.ARRAY and textual and duck_type(t) != "VARCHAR":  # casting a list nulls its misfits one by one
        words = f"TRY_CAST(TRY_CAST({raw} AS JSON) AS VARCHAR[])"
        return f"{raw} IS NOT NULL AND ({value} IS NULL OR list_count({value}) <> list_count({words}))"
    if t.kind is Kind.INTEGER and t.bits == 24:
        low, high = t.integer_bounds
        return f"{raw} IS NOT NULL AND ({value} IS NULL OR {value} NOT BETWEEN {low} AND {high})"
    if t.kind is Kind.BITS:
        return f"{raw} IS NOT NULL AND NOT regexp_full_match(CAST({raw} AS VARCHAR), '[01]*')"
    if duck_type(t) == "VARCHAR" or t.kind is Kind.BINARY:
        return ""
    return f"{raw} IS NOT NULL AND ({value}) IS NULL"


def literal(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """An identifier, always quoted."""
    return '"' + name.replace('"', '""') + '"'
