"""Types declared in MySQL and MariaDB."""

from __future__ import annotations

import msgspec

from understudy.sources.database.declared.terms import INTEGER_BITS, VARYING_TEXTS, Inner, folds, number
from understudy.sources.database.spelling import Spelling, label
from understudy.types import Kind, Type
from understudy.types.encoding import CODECS

TEXT_BYTES = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215, "longtext": 4_294_967_295}

BLOB_BYTES = {"tinyblob": 255, "blob": 65_535, "mediumblob": 16_777_215, "longblob": 4_294_967_295}

SPATIAL_NAMES = frozenset(  # of PostGIS, MySQL, MariaDB
    {"geometry", "geography", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"}
    | {"geometrycollection", "geomcollection"}
)


def read(t: Spelling, collation: str, inner: Inner) -> Type | None:
    """The type that is declared, None where neither has one of that name."""
    words = t.words
    bare_unsigned = "unsigned" in words or "zerofill" in words
    if t.name in ("bool", "boolean") or (t.name == "tinyint" and number(t) == 1):
        return Type(Kind.INTEGER, bits=8, signed=not bare_unsigned, variant="boolean")
    if t.name == "serial":
        return Type(Kind.INTEGER, bits=64, signed=False)
    if t.name in INTEGER_BITS and t.name != "long":
        return Type(Kind.INTEGER, bits=INTEGER_BITS[t.name], signed=not bare_unsigned)
    return _text(t, collation, inner) or _numeric(t, not bare_unsigned) or _rich(t)


def _text(t: Spelling, collation: str, inner: Inner) -> Type | None:
    stated = t.words[t.words.index("collate") + 1 : t.words.index("collate") + 2] if "collate" in t.words else ()
    charset = _charset(t)
    if charset == "binary":
        return _as_binary(t)
    binary_order = "binary" in t.words and not charset and not stated
    effective = unquoted(stated[0]) if stated else collation
    folded = not binary_order and folds(effective, inner.dialect)
    limited = charset or effective.partition("_")[0]
    made = _text_type(t, folded, inner)
    if made is not None and made.kind is Kind.TEXT and limited in CODECS:
        return msgspec.structs.replace(made, charset=limited)
    return made


def _text_type(t: Spelling, folded: bool, inner: Inner) -> Type | None:
    match t.name:
        case "enum" | "set":
            labels = tuple(label(a, backslashes=True) for a in t.arguments)
            return Type(Kind.ENUM if t.name == "enum" else Kind.SET, labels=labels, folded=folded)
        case "char" | "character" | "nchar" | "national char" | "national character":
            length = number(t)
            return Type(Kind.TEXT, length=1 if length is None else length, fixed=True, folded=folded)
        case "tinytext" | "text" | "mediumtext" | "longtext":
            return Type(Kind.TEXT, length=_text_length(t), variant=t.name, folded=folded)
        case "long" | "long varchar":
            return Type(Kind.TEXT, length=TEXT_BYTES["mediumtext"], variant="mediumtext", folded=folded)
        case "json" if inner.dialect == "mysql":
            return Type(Kind.JSON, variant="json")
        case "json":
            return Type(Kind.JSON, variant="longtext")
        case _ if t.name in VARYING_TEXTS or t.name in ("national varchar", "nchar varchar", "nchar varying"):
            return Type(Kind.TEXT, length=number(t), folded=folded)
        case _:
            return None


def unquoted(word: str) -> str:
    """A collation's or character set's name without quotes, lower case."""
    return word.strip("'\"`").lower()


def _charset(t: Spelling) -> str:
    words = t.words
    for i, word in enumerate(words):
        if word == "charset" and i + 1 < len(words):
            return unquoted(words[i + 1])
        if word == "character" and words[i + 1 : i + 2] == ("set",) and i + 2 < len(words):
            return unquoted(words[i + 2])
    return ""


def _as_binary(t: Spelling) -> Type | None:
    """Text of the character set ``binary`` is bytes."""
    name = t.name.replace("text", "blob") if t.name.endswith("text") else t.name
    if name in BLOB_BYTES:
        return Type(Kind.BINARY, length=BLOB_BYTES[name], variant=name)
    fixed = "var" not in name
    return Type(Kind.BINARY, length=number(t) or (1 if fixed else None), fixed=fixed) if "char" in name else None


def _text_length(t: Spelling) -> int:
    """TEXT(n) becomes the smallest kind that holds n characters, whatever its name."""
    asked = number(t)
    return (
        TEXT_BYTES[t.name]
        if asked is None
        else next((b for b in TEXT_BYTES.values() if b >= asked), TEXT_BYTES["longtext"])
    )


def _numeric(t: Spelling, signed: bool) -> Type | None:
    match t.name:
        case "decimal" | "numeric" | "dec" | "fixed":
            precision = number(t)
            return Type(
                Kind.DECIMAL, precision=10 if precision is None else precision, scale=number(t, 1) or 0, signed=signed
            )
        case "float" if len(t.arguments) < 2 and (number(t) or 0) > 24:
            return Type(Kind.FLOAT, bits=64, signed=signed)
        case "float" | "double" | "double precision" | "real" | "float4" | "float8":
            bits = 32 if t.name in ("float", "float4") else 64
            return Type(
                Kind.FLOAT,
                bits=bits,
                signed=signed,
                precision=number(t) if len(t.arguments) > 1 else None,
                scale=number(t, 1),
            )
        case "bit":
            return Type(Kind.BITS, length=number(t) or 1, fixed=True)
        case "year":
            return Type(Kind.YEAR)
        case _:
            return None


def _rich(t: Spelling) -> Type | None:
    match t.name:
        case "date":
            return Type(Kind.DATE)
        case "time":
            return Type(Kind.TIME, precision=number(t) or 0)
        case "datetime" | "timestamp":
            return Type(Kind.TIMESTAMP, precision=number(t) or 0, variant=t.name)
        case "binary" | "char byte":
            length = number(t)
            return Type(Kind.BINARY, length=1 if length is None else length, fixed=True)
        case "varbinary":
            return Type(Kind.BINARY, length=number(t))
        case "long varbinary":
            return Type(Kind.BINARY, length=BLOB_BYTES["mediumblob"], variant="mediumblob")
        case "uuid":
            return Type(Kind.UUID)
        case "inet4" | "inet6":
            return Type(Kind.NETWORK, variant=t.name)
        case _ if t.name in BLOB_BYTES:
            return Type(Kind.BINARY, length=BLOB_BYTES[t.name], variant=t.name)
        case _ if t.name in SPATIAL_NAMES:
            return Type(Kind.SPATIAL, variant=t.name, srid=_srid(t))
        case _:
            return None


def _srid(t: Spelling) -> int:
    for i, word in enumerate(t.words):
        if word in ("srid", "ref_system_id"):
            return next((int(w) for w in t.words[i + 1 :] if w.isdigit()), 0)
    return 0
