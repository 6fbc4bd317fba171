"""The engines that judge: four databases, asked by query, never written to.

Drivers' exceptions end here as :class:`QueryError`; connecting fails with the errors of ``understudy.errors``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


class SqliteEngine:
    """The standard library's sqlite3 on a file opened for reading."""

    dialect = "sqlite"

    def __init__(self, address: Address, timeout_s: float) -> None:
        import sqlite3

        path = _existing(address)
        self.name = f"SQLite {sqlite3.sqlite_version}"
        self._timeout_s = timeout_s
        self._raw = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=timeout_s)
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
