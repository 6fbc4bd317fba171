"""Opens database files for reading; nothing is ever made where no file is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

from understudy.errors import SourceError, WorldError
from understudy.sources.database.address import Address, describe
from understudy.sources.database.connection import DuckdbConnection, SqliteConnection, first_line

LOCK_TIMEOUT_S = 10
"""Readers of SQLite wait only while somebody commits."""


# ---- files -----------------------------------------------------------------------------------------
def _file(address: Address, where: str) -> Path:
    path = Path(address.path)
    if path.is_dir():
        raise SourceError("this is a folder, not a database file", where=where, mend="Name the file inside it.")
    if not path.exists():
        near = f" It was looked for at {path.absolute()}." if not path.is_absolute() else ""
        raise SourceError("there is no such file", where=where, mend=f"Correct the path.{near}")
    if not os.access(path, os.R_OK):
        raise SourceError("the file may not be read by this user", where=where, mend="Change its permissions.")
    if path.stat().st_size == 0:
        raise SourceError("the file is empty", where=where, mend="Name a database file that holds tables.")
    return path


def open_sqlite(address: Address) -> SqliteConnection:
    """An SQLite file, by its first bytes; SourceError where it is none, WorldError where it is locked."""
    import sqlite3

    where = describe(address.url)
    unknown = set(address.options) - {"timeout", "mode"}
    if unknown or address.options.get("mode", "ro") not in ("ro", "rw", "rwc"):
        raise SourceError(
            f"unknown URL option {(sorted(unknown) or ['mode'])[0]!r}", where=where, mend="Known: timeout, mode=ro."
        )
    path = _file(address, where)
    with path.open("rb") as file:
        head = file.read(16)
    if head != b"SQLite format 3\0":
        raise SourceError("the file is not an SQLite database", where=where, mend=_what_it_is(head, path))
    try:
        timeout = float(address.options.get("timeout", LOCK_TIMEOUT_S))
    except ValueError as error:
        raise SourceError(
            "URL option timeout is not a number of seconds", where=where, mend="Write timeout=10."
        ) from error
    uri = f"file:{url_quote(str(path.absolute()))}?mode=ro"
    try:
        raw = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
        raw.execute("PRAGMA query_only = on")
        raw.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error as error:
        raise _broken_file(error, address, where) from error
    return SqliteConnection(address, where, raw)


def _what_it_is(head: bytes, path: Path) -> str:
    if head[8:12] == b"DUCK":
        return f"It is a DuckDB file: write duckdb:///{path}."
    if head.startswith(b"PAR1"):
        return "It is a Parquet file: name it without a scheme."
    if path.suffix.lower() == ".sql":
        return "It looks like SQL text: name it without a scheme."
    return "Correct the path."


def _broken_file(error: Exception, address: Address, where: str) -> SourceError | WorldError:
    text = first_line(error, address)
    if "lock" in text.lower() or "busy" in text.lower():
        return WorldError(
            f"another process holds the file: {text}", where=where, mend="Close it there, then try again."
        )
    return SourceError(
        f"the file cannot be read as a database: {text}", where=where, mend="Check that it is whole and not encrypted."
    )


def open_duckdb(address: Address) -> DuckdbConnection:
    """A DuckDB file, by its first bytes; SourceError where it is none, WorldError where it is locked."""
    where = describe(address.url)
    path = _file(address, where)
    with path.open("rb") as file:
        head = file.read(16)
    if head[8:12] != b"DUCK":
        kind = (
            f"It is an SQLite file: write sqlite:///{path}."
            if head.startswith(b"SQLite format 3")
            else _what_it_is(head, path)
        )
        raise SourceError("the file is not a DuckDB database", where=where, mend=kind)
    import duckdb

    try:
        raw = _open_duckdb(str(path), dict(address.options))
        raw.execute("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        raise _broken_file(error, address, where) from error
    return DuckdbConnection(address, where, raw)


def _open_duckdb(path: str, config: dict[str, Any]) -> Any:
    import duckdb

    try:
        return duckdb.connect(path, read_only=True, config=config)
    except duckdb.ConnectionException as error:
        if "different configuration" not in str(error):
            raise
        return duckdb.connect(path, config=config).cursor()  # this very process holds it open for writing
