"""Reads a schema dump or hand-written DDL without a server: text in, evidence out.

::

    bytes ─ source ─ dialect ─ split ─► statements
          ─ tables, alter, … ─► catalog ─ claims ─► evidence

Statements change a small model of the database's catalog one after the other, as the server would;
what is not understood becomes a remark with its line, and everything else is read.
"""

from __future__ import annotations

from pathlib import Path

from understudy.errors import SourceError
from understudy.model.evidence import Evidence
from understudy.sources.database.dump.catalog import Catalog
from understudy.sources.database.dump.claims import Claims
from understudy.sources.database.dump.dialect import LOOK_BYTES, recognise_dialect, version
from understudy.sources.database.dump.source import Material, from_file, from_text
from understudy.sources.database.dump.split import Command, Data, Splitter, Statement
from understudy.sources.database.dump.statements import Interpreter

DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "duckdb")


def read(path: Path | str, *, text: str | None = None, dialect: str = "") -> Evidence:
    """What the dump at ``path`` (or ``text``, named so) says of its tables.

    ``dialect`` is recognised from the content where it is not given. SourceError where there is no
    file, no text, or no table in it; faults inside become remarks with their line.
    """
    if dialect and dialect not in DIALECTS:
        raise SourceError(f"unknown dialect {dialect!r}", where=str(path), mend=f"Known: {', '.join(DIALECTS)}.")
    material = from_file(Path(path)) if text is None else from_text(text, str(path))
    head = material.data[:LOOK_BYTES]
    dialect = dialect or recognise_dialect(head, Path(path).name)
    catalog = Catalog(dialect)
    for remark in material.remarks:
        catalog.remark(0, remark, "warning", material.source)
    if not dialect:
        catalog.remark(1, "whose SQL this is cannot be told; it is read as standard SQL", "warning")
    found = _interpret(material, catalog)
    if not catalog.tables:
        raise _nothing(material, found)
    return Claims(catalog, material.source).evidence(version(head), {})


def _interpret(material: Material, catalog: Catalog) -> int:
    """Run all statements; answers how many there were."""
    splitter = Splitter(material.data, catalog.dialect)
    interpreter = Interpreter(catalog)
    count = 0
    for piece in splitter:
        count += 1
        match piece:
            case Statement():
                offset = interpreter.statement(piece)
                if offset is not None:
                    splitter.rewind(offset)
            case Data():
                interpreter.data(piece)
            case Command():
                interpreter.command(piece)
    return count


def _nothing(material: Material, statements: int) -> SourceError:
    what = "this dump defines no table" if statements else "this file holds no SQL statement"
    mend = "Name a file with CREATE TABLE statements (pg_dump --schema-only, mysqldump --no-data, sqlite3 .schema)."
    return SourceError(what, where=material.source, mend=mend)


__all__ = ["DIALECTS", "read"]
