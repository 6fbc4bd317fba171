"""Logical types in the words of each database, for structure that is made anew in another dialect."""

from __future__ import annotations

from understudy.delivery.text.quoting import text_literal
from understudy.types import Kind, Type

LONGEST_POSTGRESQL = 10_485_760
"""Characters that PostgreSQL's varchar(n) may name."""

LONGEST_VARCHAR = 16_000
"""MariaDB's row limit of 65,535 bytes over utf8mb4: longer columns become LONGTEXT."""

KEY_TEXT = "VARCHAR(255)"
"""Unbounded text in a key, where the database indexes no unbounded text."""

SERIALS = {"smallserial": "smallint", "serial": "integer", "bigserial": "bigint"}
SERIALS |= {"serial2": "smallint", "serial4": "integer", "serial8": "bigint"}


def type_words(t: Type, dialect: str, *, keyed: bool = False) -> str:
    """The column type of a logical type. ``keyed``: the column is part of a key or a reference."""
    match dialect:
        case "postgresql":
            return _postgresql(t)
        case "mysql" | "mariadb":
            return _mysql(t, keyed)
        case "duckdb":
            return _duckdb(t)
        case _:
            return _sqlite(t)


def own_words(t: Type, domain: str, dialect: str) -> str:
    """The type in its own dialect: the source's words, where it has kept them."""
    words = t.raw or domain or t.name
    if dialect == "postgresql" and words.lower() in SERIALS:
        return SERIALS[words.lower()]
    return words or type_words(t, dialect)


def _digits(t: Type, name: str, most: int) -> str:
    if t.precision is None:
        return name
    return f"{name}({min(t.precision, most)}, {t.scale or 0})"


def _postgresql(t: Type) -> str:
    integer = {8: "smallint", 16: "smallint", 32: "integer", 64: "bigint"}
    match t.kind:
        case Kind.BOOLEAN:
            return "boolean"
        case Kind.INTEGER:
            wider = integer.get(t.bits, "bigint")
            if not t.signed:
                wider = {8: "smallint", 16: "integer", 32: "bigint"}.get(t.bits, "numeric(20)")
            return wider
        case Kind.YEAR:
            return "smallint"
        case Kind.DECIMAL:
            return _digits(t, "numeric", 1000)
        case Kind.MONEY:
            return f"numeric({t.precision or 19}, {t.scale if t.scale is not None else 2})"
        case Kind.FLOAT:
            return "real" if t.bits <= 32 else "double precision"
        case Kind.TEXT | Kind.ENUM | Kind.SET:
            return f"varchar({t.length})" if t.length and t.length <= LONGEST_POSTGRESQL else "text"
        case Kind.BINARY:
            return "bytea"
        case Kind.DATE | Kind.UUID | Kind.XML | Kind.INTERVAL:
            return t.kind.value
        case Kind.TIME:
            return "time"
        case Kind.TIMESTAMP:
            return "timestamptz" if t.zoned else "timestamp"
        case Kind.JSON:
            return "jsonb"
        case Kind.BITS:
            return f"bit({t.length})" if t.fixed and t.length else "bit varying"
        case Kind.ARRAY if t.element is not None:
            return _postgresql(t.element) + "[]"
        case Kind.STRUCT | Kind.MAP | Kind.UNION:
            return "jsonb"
        case Kind.NETWORK:
            return t.variant if t.variant in ("inet", "cidr", "macaddr", "macaddr8") else "text"
        case _:
            return "text"


def _mysql(t: Type, keyed: bool) -> str:
    match t.kind:
        case Kind.BOOLEAN:
            return "tinyint(1)"
        case Kind.INTEGER:
            name = {8: "tinyint", 16: "smallint", 32: "int"}.get(t.bits, "bigint")
            return name if t.signed else f"{name} unsigned"
        case Kind.YEAR:
            return "year"
        case Kind.DECIMAL:
            return f"decimal({min(t.precision or 38, 65)}, {min(t.scale or 0, 30)})"
        case Kind.MONEY:
            return f"decimal({t.precision or 19}, {t.scale if t.scale is not None else 2})"
        case Kind.FLOAT:
            return "float" if t.bits <= 32 else "double"
        case Kind.ENUM | Kind.SET if t.labels:
            labels = ", ".join(text_literal(label, "mysql") for label in t.labels)
            return f"{t.kind.value}({labels})"
        case Kind.BINARY:
            return f"varbinary({t.length})" if t.length and t.length <= LONGEST_VARCHAR else _keyed_binary(keyed)
        case Kind.DATE:
            return "date"
        case Kind.TIME:
            return "time(6)"
        case Kind.TIMESTAMP:
            return "datetime(6)"
        case Kind.JSON | Kind.ARRAY | Kind.STRUCT | Kind.MAP:
            return "json"
        case Kind.UUID:
            return "char(36)"
        case Kind.BITS if t.length and t.length <= 64:
            return f"bit({t.length})"
        case Kind.SPATIAL:
            return "geometry"
        case _:
            if t.length and t.length <= LONGEST_VARCHAR:
                return f"varchar({t.length})"
            return KEY_TEXT if keyed else "longtext"


def _keyed_binary(keyed: bool) -> str:
    return "varbinary(255)" if keyed else "longblob"


def _duckdb(t: Type) -> str:
    match t.kind:
        case Kind.BOOLEAN:
            return "BOOLEAN"
        case Kind.INTEGER:
            name = {8: "TINYINT", 16: "SMALLINT", 32: "INTEGER"}.get(t.bits, "BIGINT")
            return name if t.signed else f"U{name}"
        case Kind.YEAR:
            return "SMALLINT"
        case Kind.DECIMAL:
            return f"DECIMAL({min(t.precision or 38, 38)}, {t.scale or 0})"
        case Kind.MONEY:
            return f"DECIMAL({t.precision or 19}, {t.scale if t.scale is not None else 2})"
        case Kind.FLOAT:
            return "FLOAT" if t.bits <= 32 else "DOUBLE"
        case Kind.BINARY:
            return "BLOB"
        case Kind.DATE | Kind.TIME | Kind.UUID | Kind.JSON:
            return t.kind.value.upper()
        case Kind.INTERVAL:
            return "INTERVAL"
        case Kind.TIMESTAMP:
            return "TIMESTAMPTZ" if t.zoned else "TIMESTAMP"
        case Kind.ENUM if t.labels:
            return "ENUM (" + ", ".join(text_literal(label, "duckdb") for label in t.labels) + ")"
        case Kind.BITS:
            return "BIT"
        case Kind.ARRAY if t.element is not None:
            return _duckdb(t.element) + "[]"
        case Kind.STRUCT if t.fields:
            fields = ", ".join('"' + n.replace('"', '""') + f'" {_duckdb(f)}' for n, f in t.fields)
            return f"STRUCT({fields})"
        case Kind.MAP if t.key is not None and t.element is not None:
            return f"MAP({_duckdb(t.key)}, {_duckdb(t.element)})"
        case _:
            return "VARCHAR"


def _sqlite(t: Type) -> str:
    match t.kind:
        case Kind.INTEGER | Kind.YEAR:
            return "INTEGER"
        case Kind.BOOLEAN:
            return "BOOLEAN"
        case Kind.DECIMAL | Kind.MONEY:
            return _digits(t, "DECIMAL", 1000)
        case Kind.FLOAT:
            return "REAL"
        case Kind.BINARY:
            return "BLOB"
        case _:
            return f"VARCHAR({t.length})" if t.length and t.kind is Kind.TEXT else "TEXT"
