"""Opens any database by its URL for reading, never able to write."""

from __future__ import annotations

from pathlib import Path

from understudy.sources.database.address import describe, parse
from understudy.sources.database.connection import (
    Connection,
    DuckdbConnection,
    MysqlConnection,
    PostgresqlConnection,
    SqliteConnection,
)
from understudy.sources.database.open_files import open_duckdb, open_sqlite
from understudy.sources.database.open_servers import open_mysql, open_other, open_postgresql

__all__ = [
    "Connection",
    "DuckdbConnection",
    "MysqlConnection",
    "PostgresqlConnection",
    "SqliteConnection",
    "connect",
    "describe",
    "exists",
]


def connect(url: str) -> Connection:
    """Open a database for reading.

    SourceError: bad URL, unknown scheme or database, missing driver, a file that is not there or no
    database. ConnectionFailedError: unreachable, refused, wrong password.
    """
    address = parse(url)
    match address.reader:
        case "postgresql":
            return open_postgresql(address)
        case "mysql":
            return open_mysql(address)
        case "sqlite":
            return open_sqlite(address)
        case "duckdb":
            return open_duckdb(address)
        case _:
            return open_other(address)


def exists(url: str) -> bool:
    """Whether there is something to connect to: a file that is not empty; a server is always tried."""
    address = parse(url)
    if not address.path:
        return True
    return Path(address.path).is_file() and Path(address.path).stat().st_size > 0
