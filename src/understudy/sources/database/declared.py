"""From a declared type's text to a logical type, for every dialect that is read.

One place decides what ``int unsigned``, ``timestamp(3) with time zone`` or ``NVARCHAR(40)`` mean, so that
a live database and its dump give the same nouns. User-defined types are looked up in what the caller
knows; what no dialect has is OPAQUE and keeps its words.

Sources: PostgreSQL manual, data types; MariaDB and MySQL manuals, data types; SQLite, "Datatypes in SQLite"
section 3 (affinity); DuckDB documentation, data types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from understudy.sources.database.spelling import Spelling, fields_of, label, spell, split_arguments
from understudy.types import Kind, Type
from understudy.types.encoding import CODECS

_ARRAY_TAIL = re.compile(r"(?:\s+array\b)?(?:\s*\[\s*\d*\s*\])*\s*$", re.IGNORECASE)
NO_ENUMS: Mapping[str, tuple[str, ...]] = {}
NO_TYPES: Mapping[str, Type] = {}
MYSQL = ("mysql", "mariadb")
TEXT_BYTES = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215, "longtext": 4_294_967_295}
BLOB_BYTES = {"tinyblob": 255, "blob": 65_535, "mediumblob": 16_777_215, "longblob": 4_294_967_295}
INTEGER_BITS = {
    "tinyint": 8,
    "int1": 8,
    "smallint": 16,
    "int2": 16,
    "smallserial": 16,
    "serial2": 16,
    "mediumint": 24,
    "int3": 24,
    "middleint": 24,
    "integer": 32,
    "int": 32,
    "int4": 32,
    "signed": 32,
    "serial": 32,
    "serial4": 32,
    "bigint": 64,
    "int8": 64,
    "bigserial": 64,
    "serial8": 64,
    "long": 64,
}
UNSIGNED_BITS = {"utinyint": 8, "usmallint": 16, "uinteger": 32, "ubigint": 64, "oid": 32}
DUCKDB_INTEGER_BITS = {"int1": 8, "int2": 16, "int4": 32, "int8": 64, "short": 16, "signed": 32, "long": 64}
HUGE_DIGITS = 38
"""HUGEINT reaches 1.7e38: 38 digits always fit."""
SPATIAL_NAMES = frozenset(  # of PostGIS, MySQL, MariaDB
    {"geometry", "geography", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"}
    | {"geometrycollection", "geomcollection"}
)
GEOMETRIC_NAMES = frozenset(["point", "line", "lseg", "box", "path", "polygon", "circle"])
RANGES: dict[str, Type] = {
    "int4range": Type(Kind.INTEGER, bits=32, raw="integer"),
    "int8range": Type(Kind.INTEGER, bits=64, raw="bigint"),
    "numrange": Type(Kind.DECIMAL, raw="numeric"),
    "tsrange": Type(Kind.TIMESTAMP, raw="timestamp without time zone"),
    "tstzrange": Type(Kind.TIMESTAMP, zoned=True, raw="timestamp with time zone"),
    "daterange": Type(Kind.DATE, raw="date"),
}
PG_TEXTS = frozenset(
    ["varchar", "character varying", "char varying", "national character varying", "national char varying", "nvarchar"]
)
PG_CHARS = frozenset(["char", "character", "national character", "national char", "nchar", "bpchar"])
MONEY_DIGITS = 19
"""PostgreSQL's money is 64 bits wide: 19 digits, two of them after the point in most locales."""
NAME_LENGTH = 63
"""PostgreSQL's ``name`` holds NAMEDATALEN - 1 bytes."""


def declared_type(
    text: str,
    dialect: str,
    *,
    enums: Mapping[str, tuple[str, ...]] = NO_ENUMS,
    known: Mapping[str, Type] = NO_TYPES,
    collation: str = "",
) -> Type:
    """The logical type of a column declared as ``text`` in ``dialect`` (postgresql, mysql, mariadb,
    sqlite, duckdb, or "" where that is not known).

    ``enums``: labels of enum types, ``known``: other user-defined types (domains as their base type,
    composites as STRUCT), both by name as written (qualified or not). ``collation``: the column's, where
    its text does not say it; in MySQL and MariaDB none means their default, which folds case.

    >>> declared_type("varchar(40)[]", "postgresql").element.length
    40
    """
    written = spell(text)
    raw = " ".join(text.split())
    if written.dimensions:
        return _array(text, raw, written, _Inner(dialect, enums, known))
    user = _user_type(written.name, raw, enums, known)
    if user is not None:
        return user
    reader = READERS.get(dialect, _generic)
    inner = _Inner(dialect, enums, known)
    found = reader(written, collation.lower(), inner)
    if found is None:
        return Type(Kind.OPAQUE, variant=written.name.rpartition(".")[2].lower(), raw=raw)
    return msgspec.structs.replace(found, raw=raw)


class _Inner(msgspec.Struct, frozen=True):
    """Reads the types inside a type (elements, members) under the same terms."""

    dialect: str
    enums: Mapping[str, tuple[str, ...]]
    known: Mapping[str, Type]

    def read(self, text: str) -> Type:
        return declared_type(text, self.dialect, enums=self.enums, known=self.known)


def _array(text: str, raw: str, written: Spelling, inner: _Inner) -> Type:
    """PostgreSQL ignores the number of dimensions and their sizes; DuckDB nests and keeps them."""
    element = inner.read(_ARRAY_TAIL.sub("", text))
    if inner.dialect != "duckdb":
        return Type(Kind.ARRAY, element=element, raw=raw)
    out = element
    for size in written.dimensions:
        out = Type(Kind.ARRAY, element=out, length=size, fixed=size is not None, raw=raw)
    return out


def _user_type(name: str, raw: str, enums: Mapping[str, tuple[str, ...]], known: Mapping[str, Type]) -> Type | None:
    if name in enums:
        return Type(Kind.ENUM, labels=tuple(enums[name]), name=name, raw=raw)
    if name in known:
        found = known[name]
        return msgspec.structs.replace(found, name=found.name or name, raw=found.raw or raw)
    return None


def _number(written: Spelling, index: int = 0) -> int | None:
    if index >= len(written.arguments):
        return None
    digits = written.arguments[index].split()[0] if written.arguments[index] else ""
    return int(digits) if digits.lstrip("-").isdigit() else None


def _zoned(written: Spelling) -> bool:
    return written.words[:1] == ("with",) or "local" in written.words


def folds(collation: str, dialect: str) -> bool:
    """Whether text of that collation compares without regard to case ("" is the dialect's default)."""
    name = collation.lower()
    if dialect in MYSQL:
        return not name or name.endswith("_ci") or "_ci_" in name or "_ai_ci" in name
    return name == "nocase" if dialect == "sqlite" else "nocase" in name


# ---- PostgreSQL ------------------------------------------------------------------------------------
def _postgresql(t: Spelling, collation: str, inner: _Inner) -> Type | None:
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
    if name in PG_TEXTS:
        return Type(Kind.TEXT, length=_number(t))
    if name in PG_CHARS:
        unbounded = name == "bpchar" and not t.arguments
        return Type(Kind.TEXT, length=None if unbounded else (_number(t) or 1), fixed=not unbounded)
    if name.startswith("interval"):
        return Type(Kind.INTERVAL, precision=_number(t))
    return _pg_plain(name, t) or _pg_rich(name, t, inner)


def _pg_plain(name: str, t: Spelling) -> Type | None:
    match name:
        case "text":
            return Type(Kind.TEXT)
        case "name":
            return Type(Kind.TEXT, length=NAME_LENGTH, variant="name")
        case "boolean" | "bool":
            return Type(Kind.BOOLEAN)
        case "numeric" | "decimal" | "dec":
            return _decimal(t)
        case "real" | "float4":
            return Type(Kind.FLOAT, bits=32)
        case "double precision" | "float8":
            return Type(Kind.FLOAT, bits=64)
        case "float":
            return Type(Kind.FLOAT, bits=32 if (_number(t) or 53) <= 24 else 64)
        case "money":
            return Type(Kind.MONEY, precision=MONEY_DIGITS, scale=2)
        case "bytea":
            return Type(Kind.BINARY)
        case "date":
            return Type(Kind.DATE)
        case "time" | "timetz":
            return Type(Kind.TIME, precision=_number(t), zoned=name == "timetz" or _zoned(t))
        case "timestamp" | "timestamptz":
            return Type(Kind.TIMESTAMP, precision=_number(t), zoned=name == "timestamptz" or _zoned(t))
        case _:
            return None


def _decimal(t: Spelling) -> Type:
    precision = _number(t)
    return Type(Kind.DECIMAL, precision=precision, scale=None if precision is None else (_number(t, 1) or 0))


def _pg_rich(name: str, t: Spelling, inner: _Inner) -> Type | None:
    bare = name.rpartition(".")[2]  # extension types may be qualified by wherever the extension lives
    match bare:
        case "uuid":
            return Type(Kind.UUID)
        case "json" | "jsonb":
            return Type(Kind.JSON, variant=bare)
        case "xml":
            return Type(Kind.XML)
        case "bit":
            return Type(Kind.BITS, length=_number(t) or 1, fixed=True, variant="bit")
        case "bit varying" | "varbit":
            return Type(Kind.BITS, length=_number(t), variant="varbit")
        case "inet" | "cidr" | "macaddr" | "macaddr8":
            return Type(Kind.NETWORK, variant=bare)
        case "tsvector" | "tsquery":
            return Type(Kind.SEARCH, variant=bare)
        case "citext":
            return Type(Kind.TEXT, folded=True, variant="citext")
        case "geometry" | "geography":
            return Type(Kind.SPATIAL, variant=bare, srid=_number(t, 1) or (4326 if bare == "geography" else 0))
        case _ if bare in GEOMETRIC_NAMES:
            return Type(Kind.GEOMETRIC, variant=bare)
        case _ if bare in RANGES:
            return Type(Kind.RANGE, element=RANGES[bare], variant=bare)
        case _ if bare.replace("multirange", "range") in RANGES:
            return Type(Kind.MULTIRANGE, element=RANGES[bare.replace("multirange", "range")], variant=bare)
        case _:
            return None


# ---- MySQL and MariaDB -----------------------------------------------------------------------------
def _mysql(t: Spelling, collation: str, inner: _Inner) -> Type | None:
    words = t.words
    bare_unsigned = "unsigned" in words or "zerofill" in words
    if t.name in ("bool", "boolean") or (t.name == "tinyint" and _number(t) == 1):
        return Type(Kind.INTEGER, bits=8, signed=not bare_unsigned, variant="boolean")
    if t.name == "serial":
        return Type(Kind.INTEGER, bits=64, signed=False)
    if t.name in INTEGER_BITS and t.name != "long":
        return Type(Kind.INTEGER, bits=INTEGER_BITS[t.name], signed=not bare_unsigned)
    return _mysql_text(t, collation, inner) or _mysql_number(t, not bare_unsigned) or _mysql_rich(t)


def _mysql_text(t: Spelling, collation: str, inner: _Inner) -> Type | None:
    stated = t.words[t.words.index("collate") + 1 : t.words.index("collate") + 2] if "collate" in t.words else ()
    charset = _charset(t)
    if charset == "binary":
        return _as_binary(t)
    binary_order = "binary" in t.words and not charset and not stated
    effective = unquoted(stated[0]) if stated else collation
    folded = not binary_order and folds(effective, inner.dialect)
    limited = charset or effective.partition("_")[0]
    made = _mysql_text_type(t, folded, inner)
    if made is not None and made.kind is Kind.TEXT and limited in CODECS:
        return msgspec.structs.replace(made, charset=limited)
    return made


def _mysql_text_type(t: Spelling, folded: bool, inner: _Inner) -> Type | None:
    match t.name:
        case "enum" | "set":
            labels = tuple(label(a, backslashes=True) for a in t.arguments)
            return Type(Kind.ENUM if t.name == "enum" else Kind.SET, labels=labels, folded=folded)
        case "char" | "character" | "nchar" | "national char" | "national character":
            length = _number(t)
            return Type(Kind.TEXT, length=1 if length is None else length, fixed=True, folded=folded)
        case "tinytext" | "text" | "mediumtext" | "longtext":
            return Type(Kind.TEXT, length=_text_length(t), variant=t.name, folded=folded)
        case "long" | "long varchar":
            return Type(Kind.TEXT, length=TEXT_BYTES["mediumtext"], variant="mediumtext", folded=folded)
        case "json" if inner.dialect == "mysql":
            return Type(Kind.JSON, variant="json")
        case "json":
            return Type(Kind.JSON, variant="longtext")
        case _ if t.name in PG_TEXTS or t.name in ("national varchar", "nchar varchar", "nchar varying"):
            return Type(Kind.TEXT, length=_number(t), folded=folded)
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
    return Type(Kind.BINARY, length=_number(t) or (1 if fixed else None), fixed=fixed) if "char" in name else None


def _text_length(t: Spelling) -> int:
    """TEXT(n) becomes the smallest kind that holds n characters, whatever its name."""
    asked = _number(t)
    return (
        TEXT_BYTES[t.name]
        if asked is None
        else next((b for b in TEXT_BYTES.values() if b >= asked), TEXT_BYTES["longtext"])
    )


def _mysql_number(t: Spelling, signed: bool) -> Type | None:
    match t.name:
        case "decimal" | "numeric" | "dec" | "fixed":
            precision = _number(t)
            return Type(
                Kind.DECIMAL, precision=10 if precision is None else precision, scale=_number(t, 1) or 0, signed=signed
            )
        case "float" if len(t.arguments) < 2 and (_number(t) or 0) > 24:
            return Type(Kind.FLOAT, bits=64, signed=signed)
        case "float" | "double" | "double precision" | "real" | "float4" | "float8":
            bits = 32 if t.name in ("float", "float4") else 64
            return Type(
                Kind.FLOAT,
                bits=bits,
                signed=signed,
                precision=_number(t) if len(t.arguments) > 1 else None,
                scale=_number(t, 1),
            )
        case "bit":
            return Type(Kind.BITS, length=_number(t) or 1, fixed=True)
        case "year":
            return Type(Kind.YEAR)
        case _:
            return None


def _mysql_rich(t: Spelling) -> Type | None:
    match t.name:
        case "date":
            return Type(Kind.DATE)
        case "time":
            return Type(Kind.TIME, precision=_number(t) or 0)
        case "datetime" | "timestamp":
            return Type(Kind.TIMESTAMP, precision=_number(t) or 0, variant=t.name)
        case "binary" | "char byte":
            length = _number(t)
            return Type(Kind.BINARY, length=1 if length is None else length, fixed=True)
        case "varbinary":
            return Type(Kind.BINARY, length=_number(t))
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


# ---- SQLite ----------------------------------------------------------------------------------------
def _sqlite(t: Spelling, collation: str, inner: _Inner) -> Type | None:
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
            return Type(Kind.TEXT, length=_number(t), folded=folded)
        case "numeric" | "decimal" | "dec" | "number":
            return _decimal(t)
        case "money" | "smallmoney" | "currency":
            return Type(Kind.DECIMAL, precision=19, scale=4)
        case "bit":
            return Type(Kind.BOOLEAN, variant="bit")
        case "datetime" | "datetime2" | "smalldatetime" | "timestamp" | "datetimeoffset" | "timestamptz":
            return Type(
                Kind.TIMESTAMP,
                variant=name,
                zoned=name in ("datetimeoffset", "timestamptz") or _zoned(t),
                precision=_number(t),
            )
        case "guid" | "uniqueidentifier" | "uuid":
            return Type(Kind.UUID)
        case "year":
            return Type(Kind.YEAR)
        case "image" | "binary" | "varbinary" | "bytea":
            return Type(Kind.BINARY, length=_number(t))
        case "jsonb":
            return Type(Kind.JSON, variant="jsonb")
        case "xml":
            return Type(Kind.XML)
        case "ntext" | "mediumtext" | "longtext" | "tinytext":
            return Type(Kind.TEXT, folded=folded)
        case _:
            return _sqlite_common(t, folded) or _affinity(name, t, folded)


def _sqlite_common(t: Spelling, folded: bool) -> Type | None:
    if t.name in ("tinyint", "smallint", "mediumint", "int2", "int4", "smallserial"):
        unsigned = "unsigned" in t.words
        return Type(Kind.INTEGER, bits=INTEGER_BITS[t.name], signed=not unsigned)
    if t.name in ("boolean", "bool", "date", "time", "json", "real", "double precision", "interval"):
        found = _pg_plain(t.name, t) or _pg_rich(t.name, t, _Inner("sqlite", NO_ENUMS, NO_TYPES))
        found = found or Type(Kind.TEXT)
        return msgspec.structs.replace(found, bits=64) if found.kind is Kind.FLOAT else found
    if t.name in PG_TEXTS or t.name in PG_CHARS:
        return Type(Kind.TEXT, length=_number(t), folded=folded)
    return None


def _affinity(name: str, t: Spelling, folded: bool) -> Type:
    """The five rules, in SQLite's order."""
    if "int" in name:
        return Type(Kind.INTEGER, bits=64)
    if any(word in name for word in ("char", "clob", "text")):
        return Type(Kind.TEXT, length=_number(t), folded=folded)
    if "blob" in name:
        return Type(Kind.BINARY, length=_number(t))
    if any(word in name for word in ("real", "floa", "doub")):
        return Type(Kind.FLOAT, bits=64)
    return Type(
        Kind.DECIMAL,
        precision=_number(t),
        scale=_number(t, 1) or 0 if t.arguments else None,
        variant="numeric affinity",
    )


# ---- DuckDB ----------------------------------------------------------------------------------------
def _duckdb(t: Spelling, collation: str, inner: _Inner) -> Type | None:
    name = t.name
    if name in DUCKDB_INTEGER_BITS or name in ("tinyint", "smallint", "integer", "int", "bigint"):
        return Type(Kind.INTEGER, bits=DUCKDB_INTEGER_BITS.get(name) or INTEGER_BITS[name])
    if name in UNSIGNED_BITS and name != "oid":
        return Type(Kind.INTEGER, bits=UNSIGNED_BITS[name], signed=False)
    if name in ("hugeint", "uhugeint", "int128", "varint", "bignum"):
        return Type(Kind.DECIMAL, precision=HUGE_DIGITS, scale=0, signed=name != "uhugeint", variant=name)
    return _duckdb_plain(t, folds(collation, "duckdb")) or _duckdb_nested(t, inner)


def _duckdb_plain(t: Spelling, folded: bool) -> Type | None:
    match t.name:
        case "varchar" | "char" | "bpchar" | "text" | "string" | "character varying" | "nvarchar":
            return Type(Kind.TEXT, folded=folded)  # DuckDB ignores lengths
        case "decimal" | "numeric" | "dec":
            precision = _number(t)
            scale = _number(t, 1)
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
            return Type(Kind.TIMESTAMP, precision=6, zoned=t.name == "timestamptz" or _zoned(t))
        case "timestamp_s" | "timestamp_ms" | "timestamp_ns":
            return Type(Kind.TIMESTAMP, precision={"s": 0, "ms": 3, "ns": 9}[t.name[10:]], variant=t.name)
        case "date" | "time" | "timetz":
            return _pg_plain(t.name, t)
        case "interval" | "uuid" | "json":
            return Type(Kind(t.name))
        case "geometry":
            return Type(Kind.SPATIAL, variant="geometry")
        case _:
            return None


def _duckdb_nested(t: Spelling, inner: _Inner) -> Type | None:
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


# ---- unknown dialect -------------------------------------------------------------------------------
def _generic(t: Spelling, collation: str, inner: _Inner) -> Type | None:
    """Standard SQL first, then whichever dialect knows the name."""
    plain = _postgresql(t, collation, inner)
    if plain is not None and plain.kind is not Kind.GEOMETRIC:
        return plain
    mysql = _mysql(t, "binary", _Inner("mysql", inner.enums, inner.known))
    found = mysql or plain or _duckdb(t, collation, inner)
    if found is not None:
        return found
    lenient = _sqlite(t, collation, inner)
    return None if lenient is None or lenient.variant in ("numeric affinity", "any") else lenient


READERS: dict[str, Callable[[Spelling, str, _Inner], Type | None]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mariadb": _mysql,
    "sqlite": _sqlite,
    "duckdb": _duckdb,
}


def declared_columns(text: str, dialect: str, *, known: Mapping[str, Type] = NO_TYPES) -> tuple[tuple[str, Type], ...]:
    """``name type, name type`` of a composite type or STRUCT, in order."""
    return tuple((n, declared_type(k, dialect, known=known)) for n, k in fields_of(split_arguments(text)))
