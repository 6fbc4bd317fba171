"""The DDL that a PostgreSQL structure stands on: types, extensions, namespaces, sequences, functions.

Order in which it can be run elsewhere: the prelude's ``CREATE EXTENSION`` and ``CREATE SCHEMA``,
then the types (functions that a type's checks call stand among them, where they are needed), then
the prelude's sequences and functions, then tables. Function bodies are not checked while created.
"""

from __future__ import annotations

from typing import Any

from understudy.sources.database.connect import PostgresqlConnection
from understudy.sources.database.postgresql_catalog import SYSTEM
from understudy.sources.database.postgresql_types import TypeBook, TypeRow

EXTENSIONS = """
SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql' ORDER BY e.oid"""

NAMESPACES = f"""
SELECT n.nspname FROM pg_namespace n WHERE {SYSTEM} AND NOT EXISTS
  (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
ORDER BY n.nspname"""

SEQUENCES = f"""
SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
  s.seqcache, s.seqcycle
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {SYSTEM} AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND
    d.deptype IN ('i', 'e'))
ORDER BY n.nspname, c.relname"""

FUNCTIONS = f"""
SELECT p.oid, n.nspname, p.proname, p.prokind::text, l.lanname,
       CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE {SYSTEM}
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND
    d.deptype IN ('e', 'i'))
ORDER BY p.oid"""

DOMAIN_FUNCTIONS = """
SELECT k.contypid, d.refobjid FROM pg_depend d JOIN pg_constraint k ON k.oid = d.objid
WHERE d.classid = 'pg_constraint'::regclass AND d.refclassid = 'pg_proc'::regclass AND k.contypid <> 0"""

RANGES = """
SELECT r.rngtypid, format_type(r.rngsubtype, NULL), oc.opcname, ns.nspname, oc.opcdefault, co.collname,
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END,
       CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END
FROM pg_range r JOIN pg_opclass oc ON oc.oid = r.rngsubopc JOIN pg_namespace ns ON ns.oid = oc.opcnamespace
LEFT JOIN pg_collation co ON co.oid = r.rngcollation AND co.collname <> 'default'"""


def read_ddl(
    connection: PostgresqlConnection, book: TypeBook, default_namespace: str
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """(types, prelude) as :class:`understudy.model.schema.Schema` wants them."""
    functions = connection.query(FUNCTIONS)
    sources = {f[0]: f for f in functions if f[5]}
    needed: dict[int, list[int]] = {}
    for type_oid, function in connection.query(DOMAIN_FUNCTIONS):
        if function in sources:
            needed.setdefault(type_oid, []).append(function)
    types = _types(connection, book, needed, sources, default_namespace)
    early = {f for group in needed.values() for f in group}
    prelude = [
        *_extensions(connection, default_namespace),
        *_namespaces(connection, default_namespace),
        *(_sequence(connection, row, default_namespace) for row in connection.query(SEQUENCES)),
        *(str(f[5]).strip() for oid, f in sources.items() if oid not in early),
    ]
    return tuple(types), tuple(prelude)


def _extensions(connection: PostgresqlConnection, default: str) -> list[str]:
    return [
        f"CREATE EXTENSION IF NOT EXISTS {connection.quote(name)}"
        + ("" if namespace in (default, "pg_catalog") else f" SCHEMA {connection.quote(namespace)}")
        for name, namespace in connection.query(EXTENSIONS)
    ]


def _namespaces(connection: PostgresqlConnection, default: str) -> list[str]:
    rows = connection.query(NAMESPACES)
    return [f"CREATE SCHEMA IF NOT EXISTS {connection.quote(name)}" for (name,) in rows if name != default]


def _sequence(connection: PostgresqlConnection, row: tuple[Any, ...], default: str) -> str:
    namespace, name, kind, start, step, least, most, cache, cycle = row
    full = connection.qualify("" if namespace == default else namespace, name)
    return (
        f"CREATE SEQUENCE {full} AS {kind} INCREMENT BY {step} MINVALUE {least} MAXVALUE {most} "
        f"START WITH {start} CACHE {cache}" + (" CYCLE" if cycle else "")
    )


def _types(
    connection: PostgresqlConnection,
    book: TypeBook,
    needed: dict[int, list[int]],
    functions: dict[int, Any],
    default: str,
) -> list[tuple[str, str]]:
    ranges = {r[0]: r[1:] for r in connection.query(RANGES)}
    out: list[tuple[str, str]] = []
    done: set[int] = set()

    def visit(oid: int) -> None:
        row = book.rows.get(oid)
        if row is None or oid in done:
            return
        done.add(oid)
        for inner in (row.element, row.base, row.subtype or 0, *(a[1] for a in book.attributes.get(row.relation, []))):
            visit(inner)
        if not row.user or row.category == "A":
            return
        for function in needed.get(oid, []):
            entry = (f"{functions[function][1]}.{functions[function][2]}()", str(functions[function][5]).strip())
            if entry not in out:
                out.append(entry)
        text = _type_ddl(connection, book, row, ranges, default)
        if text:
            out.append((book.qualified(row), text))

    for oid in sorted(book.rows):
        visit(oid)
    return out


def _type_ddl(
    connection: PostgresqlConnection, book: TypeBook, row: TypeRow, ranges: dict[int, tuple[Any, ...]], default: str
) -> str:
    name = connection.qualify("" if row.namespace == default else row.namespace, row.name)
    match row.kind:
        case "e":
            labels = ", ".join(literal(label) for label in book.labels.get(row.oid, ()))
            return f"CREATE TYPE {name} AS ENUM ({labels})"
        case "c" if row.relation in book.attributes:
            parts = ", ".join(f"{connection.quote(n)} {shown}" for n, _, _, shown in book.attributes[row.relation])
            return f"CREATE TYPE {name} AS ({parts})"
        case "d":
            collation = f" COLLATE {connection.quote(row.collation)}" if row.collation else ""
            default_text = f" DEFAULT {row.default}" if row.default else ""
            checks = "".join(f" CONSTRAINT {connection.quote(n)} {text}" for n, text in book.checks.get(row.oid, []))
            null = " NOT NULL" if row.not_null else ""
            return f"CREATE DOMAIN {name} AS {row.base_shown}{collation}{default_text}{null}{checks}"
        case "r" if row.oid in ranges:
            return f"CREATE TYPE {name} AS RANGE ({_range_options(connection, ranges[row.oid])})"
        case _:
            return ""  # multiranges come with their range; base types need C code and cannot be made anew


def _range_options(connection: PostgresqlConnection, row: tuple[Any, ...]) -> str:
    subtype, opclass, namespace, is_default, collation, canonical, subdiff = row
    parts = [f"subtype = {subtype}"]
    if not is_default:
        parts.append(f"subtype_opclass = {connection.qualify('' if namespace == 'pg_catalog' else namespace, opclass)}")
    if collation:
        parts.append(f"collation = {connection.quote(collation)}")
    parts += [f"{word} = {value}" for word, value in (("canonical", canonical), ("subtype_diff", subdiff)) if value]
    return ", ".join(parts)


def literal(text: str) -> str:
    """A string literal that reads the same whatever ``standard_conforming_strings`` says."""
    quoted = text.replace("'", "''")
    return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in text else f"'{quoted}'"
