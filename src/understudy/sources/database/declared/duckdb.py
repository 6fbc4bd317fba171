"""Types declared in DuckDB."""

from __future__ import annotations

from understudy.sources.database.declared import postgresql
from understudy.sources.database.declared.terms import INTEGER_BITS, Inner, folds, number, zoned
from understudy.sources.database.spelling import Spelling, fields_of, label
from understudy.types import Kind, Type

UNSIGNED_BITS = {"utinyint": 8, "usmallint": 16, "uinteger": 32, "ubigint": 64, "oid": 32}

OWN_INTEGER_BITS = {"int1": 8, "int2": 16, "int4": 32, "int8": 64, "short": 16, "signed": 32, "long": 64}

HUGE_DIGITS = 38

"""HUGEINT reaches 1.7e38: 38 digits always fit."""


def read(t: Spelling, collation: str, inner: Inner) -> Type | None:
    """The type that is declared, None where DuckDB has none of that name."""
    name = t.name
    if name in OWN_INTEGER_BITS or name in ("tinyint", "smallint", "integer", "int", "bigint"):
        return Type(Kind.INTEGER, bits=OWN_INTEGER_BITS.get(name) or INTEGER_BITS[name])
    if name in UNSIGNED_BITS and name != "oid":
        return Type(Kind.INTEGER, bits=UNSIGNED_BITS[name], signed=False)
    if name in ("hugeint", "uhugeint", "int128", "varint", "bignum"):
        return Type(Kind.DECIMAL, precision=HUGE_DIGITS, scale=0, signed=name != "uhugeint", variant=name)
    return _plain(t, folds(collation, "duckdb")) or _nested(t, inner)


def _plain(t: Spelling, folded: bool) -> Type | None:
    match t.name:
        case "varchar" | "char" | "bpchar" | "text" | "string" | "character varying" | "nvarchar":
            return Type(Kind.TEXT, folded=folded)  # DuckDB ignores lengths
        case "decimal" | "numeric" | "dec":
            precision = number(t)
            scale = number(t, 1)
            return Type(Kind.DECIMAL, precision=precision or 18, scale=3 if precision is None else scale or 0)
        case "float" | "real" | "float4":
            return Type(Kind.FLOAT, bits=32)
        case "double" | "double precision" | "float8":
            return Type(Kind.FLOAT, bits=64)
        case "blob" | "bytea" | "binary" | "varbinary":
            return Type(Kind.BINARY)
        case "bit" | "bitstring":
            return Type(Kind.BITS)
        case "boolean" | "bool" | "logical":
            return Type(Kind.BOOLEAN)
        case "datetime" | "timestamp" | "timestamptz" | "timestamp_us":
            return Type(Kind.TIMESTAMP, precision=6, zoned=t.name == "timestamptz" or zoned(t))
        case "timestamp_s" | "timestamp_ms" | "timestamp_ns":
            return Type(Kind.TIMESTAMP, precision={"s": 0, "ms": 3, "ns": 9}[t.name[10:]], variant=t.name)
        case "date" | "time" | "timetz":
            return postgresql.plain(t.name, t)
        case "interval" | "uuid" | "json":
            return Type(Kind(t.name))
        case "geometry":
            return Type(Kind.SPATIAL, variant="geometry")
        case _:
            return None


def _nested(t: Spelling, inner: Inner) -> Type | None:
    match t.name:
        case "struct" | "row" | "union":
            fields = tuple((n, inner.read(k)) for n, k in fields_of(t.arguments))
            return Type(Kind.UNION if t.name == "union" else Kind.STRUCT, fields=fields)
        case "map" if len(t.arguments) == 2:
            return Type(Kind.MAP, key=inner.read(t.arguments[0]), element=inner.read(t.arguments[1]))
        case "enum":
            return Type(Kind.ENUM, labels=tuple(label(a) for a in t.arguments))
        case _:
            return None
