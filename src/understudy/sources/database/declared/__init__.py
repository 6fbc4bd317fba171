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

from understudy.sources.database.declared import duckdb, mysql, postgresql, sqlite
from understudy.sources.database.declared.terms import NO_ENUMS, NO_TYPES
from understudy.sources.database.spelling import Spelling, fields_of, spell, split_arguments
from understudy.types import Kind, Type

_ARRAY_TAIL = re.compile(r"(?:\s+array\b)?(?:\s*\[\s*\d*\s*\])*\s*$", re.IGNORECASE)


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
        return _array(text, raw, written, Inner(dialect, enums, known))
    user = _user_type(written.name, raw, enums, known)
    if user is not None:
        return user
    reader = READERS.get(dialect, _generic)
    inner = Inner(dialect, enums, known)
    found = reader(written, collation.lower(), inner)
    if found is None:
        return Type(Kind.OPAQUE, variant=written.name.rpartition(".")[2].lower(), raw=raw)
    return msgspec.structs.replace(found, raw=raw)


class Inner(msgspec.Struct, frozen=True):
    """Reads the types inside a type (elements, members) under the same terms."""

    dialect: str
    enums: Mapping[str, tuple[str, ...]]
    known: Mapping[str, Type]

    def read(self, text: str) -> Type:
        """The type that a text declares."""
        return declared_type(text, self.dialect, enums=self.enums, known=self.known)


def _array(text: str, raw: str, written: Spelling, inner: Inner) -> Type:
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


def _generic(t: Spelling, collation: str, inner: Inner) -> Type | None:
    """Standard SQL first, then whichever dialect knows the name."""
    plain = postgresql.read(t, collation, inner)
    if plain is not None and plain.kind is not Kind.GEOMETRIC:
        return plain
    found = (
        mysql.read(t, "binary", Inner("mysql", inner.enums, inner.known)) or plain or duckdb.read(t, collation, inner)
    )
    if found is not None:
        return found
    lenient = sqlite.read(t, collation, inner)
    return None if lenient is None or lenient.variant in ("numeric affinity", "any") else lenient


READERS: dict[str, Callable[[Spelling, str, Inner], Type | None]] = {
    "postgresql": postgresql.read,
    "mysql": mysql.read,
    "mariadb": mysql.read,
    "sqlite": sqlite.read,
    "duckdb": duckdb.read,
}


def declared_columns(text: str, dialect: str, *, known: Mapping[str, Type] = NO_TYPES) -> tuple[tuple[str, Type], ...]:
    """``name type, name type`` of a composite type or STRUCT, in order."""
    return tuple((n, declared_type(k, dialect, known=known)) for n, k in fields_of(split_arguments(text)))
