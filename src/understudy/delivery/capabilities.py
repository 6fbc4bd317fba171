"""What there is to deliver to, declared."""

from __future__ import annotations

from understudy.model.capability import Capability

FILE_FORMATS: dict[str, Capability] = {
    name: Capability(
        name, transactional=True, resumable=True, parallel=True, nested=nested, lean=name == "parquet", note=note
    )
    for name, nested, note in (
        ("csv", False, "text quoted, null empty, lists and structs as JSON text, binary as \\x and hexadecimal digits"),
        ("tsv", False, "as csv, with tabs between"),
        ("jsonl", True, "one object a line; not-a-number and infinities become null"),
        ("json", True, "one array a table; in a single file, one object of arrays"),
        ("parquet", True, "snappy; dictionaries kept"),
        ("arrow", True, "Arrow IPC file, uncompressed"),
        ("sql", True, "multi-row INSERT statements in load order, with schema.sql and load.sql"),
    )
}
"""Folder and file formats by name. A part appears whole or not at all; what has a receipt need not be redone."""

DATABASES: dict[str, Capability] = {
    "sqlite": Capability(
        "sqlite", transactional=True, resumable=True, defers=True, note="one transaction; foreign keys are enforced"
    ),
    "duckdb": Capability(
        "duckdb",
        transactional=True,
        resumable=True,
        nested=True,
        note="no deferred foreign keys; a cycle of foreign keys cannot exist in this database",
    ),
    "postgresql": Capability(
        "postgresql",
        transactional=True,
        resumable=True,
        defers=True,
        one_statement=True,
        nested=True,
        note="one transaction, structure included",
    ),
    "mysql": Capability(
        "mysql",
        transactional=True,
        resumable=True,
        note="tables made by the load are dropped on failure (DDL commits by itself); tables of engines without "
        "transactions are emptied on failure if they were empty before; cycles need foreign key checks off, "
        "with re-validation",
    ),
}
"""Databases by URL scheme (mariadb is mysql)."""


def formats() -> tuple[Capability, ...]:
    """Every format and database, with what it can do."""
    return (*FILE_FORMATS.values(), *DATABASES.values())
