"""Types declared in PostgreSQL, with what its usual extensions add."""

from __future__ import annotations

from understudy.sources.database.declared.terms import (
    FIXED_TEXTS,
    INTEGER_BITS,
    VARYING_TEXTS,
    Inner,
    decimal,
    number,
    zoned,
)
from understudy.sources.database.spelling import Spelling
from understudy.types import Kind, Type

GEOMETRIC_NAMES = frozenset(["point", "line", "lseg", "box", "path", "polygon", "circle"])

RANGES: dict[str, Type] = {
    "int4range": Type(Kind.INTEGER, bits=32, raw="integer"),
    "int8range": Type(Kind.INTEGER, bits=64, raw="bigint"),
    "numrange": Type(Kind.DECIMAL, raw="numeric"),
    "tsrange": Type(Kind.TIMESTAMP, raw="timestamp without time zone"),
    "tstzrange": Type(Kind.TIMESTAMP, zoned=True, raw="timestamp with time zone"),
    "daterange": Type(Kind.DATE, raw="date"),
}

MONEY_DIGITS = 19

"""PostgreSQL's money is 64 bits wide: 19 digits, two of them after the point in most locales."""

NAME_LENGTH = 63

"""PostgreSQL's ``name`` holds NAMEDATALEN - 1 bytes."""


def read(t: Spelling, collation: str, inner: Inner) -> Type | None:
    """The type that is declared, None where PostgreSQL has none of that name."""
    name = t.name.removeprefix("pg_catalog.")
    if name.startswith("_") and len(name) > 1:
        return Type(Kind.ARRAY, element=inner.read(name[1:]))
    if t.quoted and name == "char":
        return Type(Kind.TEXT, length=1, variant="char")
    if name in INTEGER_BITS and name not in ("tinyint", "mediumint", "long", "signed", "int1", "int3", "middleint"):
        return Type(Kind.INTEGER, bits=INTEGER_BITS[name])
    if name in ("xid", "cid"):
        return Type(Kind.OPAQUE, variant=name)
    if name == "oid":
        return Type(Kind.INTEGER, bits=32, signed=False, variant=name)
    if name in VARYING_TEXTS:
        return Type(Kind.TEXT, length=number(t))
    if name in FIXED_TEXTS:
        unbounded = name == "bpchar" and not t.arguments
        return Type(Kind.TEXT, length=None if unbounded else (number(t) or 1), fixed=not unbounded)
    if name.startswith("interval"):
        return Type(Kind.INTERVAL, precision=number(t))
    return plain(name, t) or rich(name, t)


def plain(name: str, t: Spelling) -> Type | None:
    """Text, numbers and times as standard SQL has them."""
    match name:
        case "text":
            return Type(Kind.TEXT)
        case "name":
            return Type(Kind.TEXT, length=NAME_LENGTH, variant="name")
        case "boolean" | "bool":
            return Type(Kind.BOOLEAN)
        case "numeric" | "decimal" | "dec":
            return decimal(t)
        case "real" | "float4":
            return Type(Kind.FLOAT, bits=32)
        case "double precision" | "float8":
            return Type(Kind.FLOAT, bits=64)
        case "float":
            return Type(Kind.FLOAT, bits=32 if (number(t) or 53) <= 24 else 64)
        case "money":
            return Type(Kind.MONEY, precision=MONEY_DIGITS, scale=2)
        case "bytea":
            return Type(Kind.BINARY)
        case "date":
            return Type(Kind.DATE)
        case "time" | "timetz":
            return Type(Kind.TIME, precision=number(t), zoned=name == "timetz" or zoned(t))
        case "timestamp" | "timestamptz":
            return Type(Kind.TIMESTAMP, precision=number(t), zoned=name == "timestamptz" or zoned(t))
        case _:
            return None


def rich(name: str, t: Spelling) -> Type | None:
    """What PostgreSQL and its extensions have beyond that."""
    bare = name.rpartition(".")[2]  # extension types may be qualified by wherever the extension lives
    match bare:
        case "uuid":
            return Type(Kind.UUID)
        case "json" | "jsonb":
            return Type(Kind.JSON, variant=bare)
        case "xml":
            return Type(Kind.XML)
        case "bit":
            return Type(Kind.BITS, length=number(t) or 1, fixed=True, variant="bit")
        case "bit varying" | "varbit":
            return Type(Kind.BITS, length=number(t), variant="varbit")
        case "inet" | "cidr" | "macaddr" | "macaddr8":
            return Type(Kind.NETWORK, variant=bare)
        case "tsvector" | "tsquery":
            return Type(Kind.SEARCH, variant=bare)
        case "citext":
            return Type(Kind.TEXT, folded=True, variant="citext")
        case "geometry" | "geography":
            return Type(Kind.SPATIAL, variant=bare, srid=number(t, 1) or (4326 if bare == "geography" else 0))
        case _ if bare in GEOMETRIC_NAMES:
            return Type(Kind.GEOMETRIC, variant=bare)
        case _ if bare in RANGES:
            return Type(Kind.RANGE, element=RANGES[bare], variant=bare)
        case _ if bare.replace("multirange", "range") in RANGES:
            return Type(Kind.MULTIRANGE, element=RANGES[bare.replace("multirange", "range")], variant=bare)
        case _:
            return None
