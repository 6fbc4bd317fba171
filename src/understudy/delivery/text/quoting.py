"""Names and values in SQL text, per dialect. Every name and value that enters SQL passes through here."""

from __future__ import annotations

from understudy.errors import RequestError
from understudy.model.schema import Entity, Schema

DIALECTS = ("sqlite", "duckdb", "postgresql", "mysql", "mariadb")


def quote(name: str, dialect: str) -> str:
    """An identifier, quoted always (so that reserved words, case, spaces and quotes are right)."""
    if "\0" in name:
        raise RequestError(f"the name {name!r} has a NUL character", mend="Rename it; no database takes it.")
    if dialect in ("mysql", "mariadb"):
        return "`" + name.replace("`", "``") + "`"
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str, dialect: str) -> str:
    """A short text as a literal (for catalog look-ups and DDL where no parameter may stand)."""
    if dialect in ("mysql", "mariadb"):
        value = value.replace("\\", "\\\\")
    return "'" + value.replace("'", "''") + "'"


def has_namespaces(dialect: str) -> bool:
    """Whether tables of a database of this dialect live in namespaces."""
    return dialect in ("postgresql", "duckdb")


def namespace(entity: Entity) -> str:
    """The namespace in an entity's name, or ''."""
    return entity.name[: -len(entity.table) - 1] if len(entity.name) > len(entity.table) else ""


def table_path(schema: Schema, entity: Entity, dialect: str) -> tuple[str, str]:
    """(namespace, table) of an entity in a database of ``dialect``; the namespace is '' where the
    database's own default holds. Where the dialect has no namespaces, those that must be told apart
    become part of the table's name."""
    space = namespace(entity)
    if dialect == schema.dialect and has_namespaces(dialect):
        return space, entity.table
    if space in ("", schema.default_namespace):
        return "", entity.table
    if has_namespaces(dialect):
        return space, entity.table
    if dialect in ("mysql", "mariadb") and schema.dialect in ("mysql", "mariadb"):
        return space, entity.table
    return "", f"{space}_{entity.table}"


def quoted_table(schema: Schema, entity: Entity, dialect: str) -> str:
    """The entity's name as it stands in a statement."""
    space, table = table_path(schema, entity, dialect)
    return f"{quote(space, dialect)}.{quote(table, dialect)}" if space else quote(table, dialect)


def quoted_list(names: tuple[str, ...], dialect: str, prefix: str = "") -> str:
    """Several identifiers with commas between; ``prefix`` (already quoted, with its dot) before each."""
    return ", ".join(prefix + quote(n, dialect) for n in names)
