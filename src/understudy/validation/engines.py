"""The engines that judge: four databases, asked by query, never written to.

Drivers' exceptions end here as :class:`QueryError`; connecting fails with the errors of ``understudy.errors``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from understudy.errors import ConnectionFailedError, SourceError
from understudy.storage.databases import Address, connect_mysql, connect_postgresql, parse_address

Rows = list[tuple[Any, ...]]


class QueryError(Exception):
    """The engine cannot answer a query; ``late``: it ran out of time."""

    def __init__(self, text: str, *, late: bool = False) -> None:
        self.late = late
        super().__init__(" ".join(text.split()))


class Engine(Protocol):
    """``dialect``: as in a tongue; ``name``: for people, with version."""

    dialect: str
    name: str

    def rows(self, sql: str) -> Rows:
        """All rows of a query; QueryError."""

    def packed(self, counts: Sequence[str]) -> str:
        """One expression that holds several counts."""

    def close(self) -> None:
        """Give the connection back."""


def unpacked(value: Any) -> list[int]:
    """The counts that a packed expression yields."""
    return [int(n) for n in (value.split(",") if isinstance(value, str) else value)]


class PostgresqlEngine:
    """psycopg, autocommit, read only; policies that would hide rows make a query fail instead."""

    dialect = "postgresql"

    def __init__(self, address: Address, namespace: str, timeout_s: float) -> None:
        self._raw = connect_postgresql(address)
        self._raw.autocommit = True
        version = self._raw.info.server_version
        self.name = f"PostgreSQL {version // 10000}.{version % 10000}"
        self._raw.execute("SET default_transaction_read_only = on")
        self._raw.execute("SET row_security = off")
        self._raw.execute(f"SET statement_timeout = {int(timeout_s * 1000)}")
        if namespace:
            current = self._raw.execute("SHOW search_path").fetchone()[0]
            quoted = '"' + namespace.replace('"', '""') + '"'
            self._raw.execute("SELECT set_config('search_path', %s, false)", (f"{quoted}, {current}",))

    def rows(self, sql: str) -> Rows:
        """All rows of a query."""
        import psycopg

        try:
            return list(self._raw.execute(sql).fetchall())
        except psycopg.errors.QueryCanceled as e:
            raise QueryError(str(e), late=True) from e
        except psycopg.Error as e:
            raise QueryError(e.diag.message_primary or str(e)) from e

    def packed(self, counts: Sequence[str]) -> str:
        """An array."""
        return f"ARRAY[{', '.join(counts)}]::bigint[]"

    def close(self) -> None:
        """Give the connection back."""
        self._raw.close()


class MysqlEngine:
    """PyMySQL; MariaDB and MySQL."""

    dialect = "mysql"
    LATE = (1969, 3024, 1317)
    """MariaDB's and MySQL's codes for a statement that ran out of time or was killed for it."""

    def __init__(self, address: Address, timeout_s: float) -> None:
        self._raw = connect_mysql(address)
        version = str(self.rows("SELECT version()")[0][0])
        maria = "mariadb" in version.lower()
        self.name = f"{'MariaDB' if maria else 'MySQL'} {version.split('-', maxsplit=1)[0]}"
        limit = f"max_statement_time = {timeout_s}" if maria else f"max_execution_time = {int(timeout_s * 1000)}"
        with self._raw.cursor() as cursor:
            cursor.execute(f"SET SESSION {limit}")
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
        self._raw.rollback()

    def rows(self, sql: str) -> Rows:
        """All rows of a query."""
        import pymysql

        try:
            with self._raw.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())
        except pymysql.err.Error as e:
            code = e.args[0] if e.args else 0
            raise QueryError(str(e.args[-1] if e.args else e), late=code in self.LATE) from e

    def packed(self, counts: Sequence[str]) -> str:
        """Digits with commas between."""
        return f"CONCAT_WS(',', {', '.join(counts)})"

    def close(self) -> None:
        """Give the connection back."""
        self._raw.close()


LETTERS = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u1fff\u2c00-\u2dff\u3040-\ud7ff"
CLASSES = {
    "[:alpha:]": LETTERS,
    "[:alnum:]": LETTERS + "0-9",
    "[:digit:]": "0-9",
    "[:space:]": r"\s",
    "[:upper:]": "A-Z\u00c0-\u00d6\u00d8-\u00de\u0391-\u03a9\u0410-\u042f",
    "[:lower:]": "a-z\u00df-\u00f6\u00f8-\u00ff\u03b1-\u03c9\u0430-\u044f",
    "[:punct:]": r"!-/:-@\[-`{-~",
}
PROPERTIES = {
    "L": "[:alpha:]",
    "Lu": "[:upper:]",
    "Ll": "[:lower:]",
    "N": "[:digit:]",
    "Nd": "[:digit:]",
    "P": "[:punct:]",
}
"""Classes of characters that Python's expressions do not name."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    inside, out, at = False, [], 0
    while at < len(pattern):
        found = re.compile(r"\\p\{(\w+)\}|\[:\w+:\]").match(pattern, at)
        name = (PROPERTIES.get(found[1], "") if found[1] else found[0]) if found else ""
        if found and name in CLASSES:
            out.append(CLASSES[name] if inside else f"[{CLASSES[name]}]")
            at = found.end()
            continue
        if pattern[at] == "\\":
            out.append(pattern[at : at + 2])
            at += 2
            continue
        inside = (inside or pattern[at] == "[") and pattern[at] != "]"
        out.append(pattern[at])
        at += 1
    return re.compile("".join(out))


def regexp(pattern: str | None, value: object) -> bool | None:
    """SQLite's ``value REGEXP pattern``, which it leaves to the application: the pattern is searched for."""
    if pattern is None or value is None:
        return None
    return _compiled(pattern).search(str(value)) is not None


class SqliteEngine:
    """The standard library's sqlite3 on a file opened for reading."""

    dialect = "sqlite"

    def __init__(self, address: Address, timeout_s: float) -> None:
        import sqlite3

        path = _existing(address)
        self.name = f"SQLite {sqlite3.sqlite_version}"
        self._timeout_s = timeout_s
        self._raw = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=timeout_s)
        self._raw.create_function("regexp", 2, regexp, deterministic=True)
        try:
            self._raw.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.DatabaseError as e:
            self._raw.close()
            raise SourceError(f"SQLite cannot read it: {e}", where=address.masked, mend="Name a SQLite file.") from e

    def rows(self, sql: str) -> Rows:
        """All rows of a query."""
        import sqlite3

        try:
            with _deadline(self._raw.interrupt, self._timeout_s):
                return self._raw.execute(sql).fetchall()
        except sqlite3.Error as e:
            raise QueryError(str(e), late="interrupted" in str(e)) from e

    def packed(self, counts: Sequence[str]) -> str:
        """Digits with commas between."""
        return "'' || " + " || ',' || ".join(f"({c})" for c in counts)

    def close(self) -> None:
        """Give the connection back."""
        self._raw.close()


class DuckdbEngine:
    """DuckDB, on a file opened for reading, or on a connection that holds the data already."""

    dialect = "duckdb"

    def __init__(self, connection: Any, timeout_s: float) -> None:
        import duckdb

        self.name = f"DuckDB {duckdb.__version__}"
        self.raw, self._timeout_s = connection, timeout_s

    @classmethod
    def on_file(cls, address: Address, timeout_s: float) -> DuckdbEngine:
        """Open a file for reading; SourceError where it is none, ConnectionFailedError where it is held."""
        import duckdb

        path = _existing(address)
        try:
            return cls(duckdb.connect(str(path), read_only=True), timeout_s)
        except duckdb.ConnectionException:  # this very process holds it open for writing
            return cls(duckdb.connect(str(path)).cursor(), timeout_s)
        except duckdb.IOException as e:
            if "lock" in str(e).lower():
                mend = "Close it there, then try again."
                raise ConnectionFailedError("another process holds the file", where=address.masked, mend=mend) from e
            raise SourceError("DuckDB cannot read it", where=address.masked, mend="Name a DuckDB file.") from e

    def rows(self, sql: str) -> Rows:
        """All rows of a query."""
        import duckdb

        try:
            with _deadline(self.raw.interrupt, self._timeout_s):
                return list(self.raw.execute(sql).fetchall())
        except duckdb.InterruptException as e:
            raise QueryError(str(e), late=True) from e
        except duckdb.Error as e:
            raise QueryError(str(e).split("\n")[0]) from e

    def packed(self, counts: Sequence[str]) -> str:
        """A list."""
        return f"[{', '.join(counts)}]"

    def close(self) -> None:
        """Give the connection back."""
        self.raw.close()


def connect(url: str, namespace: str, timeout_s: float) -> Engine:
    """The engine behind a URL. ``namespace``: where unqualified names are looked for first (PostgreSQL).

    RequestError, SourceError, ConnectionFailedError."""
    address = parse_address(url)
    match address.dialect:
        case "postgresql":
            return PostgresqlEngine(address, namespace, timeout_s)
        case "mysql":
            return MysqlEngine(address, timeout_s)
        case "sqlite":
            return SqliteEngine(address, timeout_s)
        case _:
            return DuckdbEngine.on_file(address, timeout_s)


def _existing(address: Address) -> Path:
    path = Path(address.path)
    if not path.is_file() or path.stat().st_size == 0:
        what = "it is a folder" if path.is_dir() else "the file is empty" if path.is_file() else "there is no such file"
        raise SourceError(what, where=address.masked, mend="Name a database file that holds tables.")
    return path


@contextmanager
def _deadline(interrupt: Any, seconds: float) -> Iterator[None]:
    """Interrupts a query of an embedded engine that runs longer than ``seconds``."""
    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
