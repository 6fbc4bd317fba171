"""Types declared in SQLite, which takes any name: usual ones mean what they mean elsewhere, the rest go by affinity."""

from __future__ import annotations

import msgspec

from understudy.sources.database.declared import postgresql
from understudy.sources.database.declared.terms import (
    FIXED_TEXTS,
    INTEGER_BITS,
    VARYING_TEXTS,
    Inner,
    decimal,
    folds,
    number,
    zoned,
)
from understudy.sources.database.spelling import Spelling
from understudy.types import Kind, Type


def read(t: Spelling, collation: str, inner: Inner) -> Type | None:
    """SQLite takes any name; the usual ones mean what they mean elsewhere, the rest go by affinity."""
    folded = folds(collation, "sqlite")
    name = t.name
    match name:
        case "" | "any":
            return Type(Kind.TEXT, variant="any", folded=folded)
        case "int" | "integer" | "int8" | "bigint" | "long" | "big int" | "serial" | "bigserial":
            return Type(Kind.INTEGER, bits=64)
        case "unsigned big int" | "unsigned bigint":
            return Type(Kind.INTEGER, bits=64)  # a signed 64-bit integer is all that SQLite stores
        case "text" | "clob" | "string" | "nvarchar" | "nchar" | "native character" | "varying character" | "nclob":
            return Type(Kind.TEXT, length=number(t), folded=folded)
        case "numeric" | "decimal" | "dec" | "number":
            return decimal(t)
        case "money" | "smallmoney" | "currency":
            return Type(Kind.DECIMAL, precision=19, scale=4)
        case "bit":
            return Type(Kind.BOOLEAN, variant="bit")
        case "datetime" | "datetime2" | "smalldatetime" | "timestamp" | "datetimeoffset" | "timestamptz":
            return Type(
                Kind.TIMESTAMP,
                variant=name,
                zoned=name in ("datetimeoffset", "timestamptz") or zoned(t),
                precision=number(t),
            )
        case "guid" | "uniqueidentifier" | "uuid":
            return Type(Kind.UUID)
        case "year":
            return Type(Kind.YEAR)
        case "image" | "binary" | "varbinary" | "bytea":
            return Type(Kind.BINARY, length=number(t))
        case "jsonb":
            return Type(Kind.JSON, variant="jsonb")
        case "xml":
            return Type(Kind.XML)
        case "ntext" | "mediumtext" | "longtext" | "tinytext":
            return Type(Kind.TEXT, folded=folded)
        case _:
            return _common(t, folded) or _affinity(name, t, folded)


def _common(t: Spelling, folded: bool) -> Type | None:
    if t.name in ("tinyint", "smallint", "mediumint", "int2", "int4", "smallserial"):
        unsigned = "unsigned" in t.words
        return Type(Kind.INTEGER, bits=INTEGER_BITS[t.name], signed=not unsigned)
    if t.name in ("boolean", "bool", "date", "time", "json", "real", "double precision", "interval"):
        found = postgresql.plain(t.name, t) or postgresql.rich(t.name, t)
        found = found or Type(Kind.TEXT)
        return msgspec.structs.replace(found, bits=64) if found.kind is Kind.FLOAT else found
    if t.name in VARYING_TEXTS or t.name in FIXED_TEXTS:
        return Type(Kind.TEXT, length=number(t), folded=folded)
    return None


def _affinity(name: str, t: Spelling, folded: bool) -> Type:
    """The five rules, in SQLite's order."""
    if "int" in name:
        return Type(Kind.INTEGER, bits=64)
    if any(word in name for word in ("char", "clob", "text")):
        return Type(Kind.TEXT, length=number(t), folded=folded)
    if "blob" in name:
        return Type(Kind.BINARY, length=number(t))
    if any(word in name for word in ("real", "floa", "doub")):
        return Type(Kind.FLOAT, bits=64)
    return Type(
        Kind.DECIMAL,
        precision=number(t),
        scale=number(t, 1) or 0 if t.arguments else None,
        variant="numeric affinity",
    )
