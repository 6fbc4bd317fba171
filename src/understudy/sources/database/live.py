"""Reads any live database by its URL: connects, and hands over to the dialect's reader."""

from __future__ import annotations

from understudy.errors import InternalError
from understudy.model.evidence import Evidence
from understudy.sources.database.connect import (
    Connection,
    DuckdbConnection,
    MysqlConnection,
    PostgresqlConnection,
    SqliteConnection,
    connect,
)


def read(url: str, *, schemas: tuple[str, ...] = (), tables: tuple[str, ...] = ()) -> Evidence:
    """What the database at ``url`` says of its structure.

    ``schemas`` and ``tables`` choose (names with or without namespace); unknown ones are a SourceError.
    Errors as of :func:`connect`.
    """
    with connect(url) as connection:
        return _read(connection, schemas, tables)


def _read(connection: Connection, schemas: tuple[str, ...], tables: tuple[str, ...]) -> Evidence:
    match connection:
        case PostgresqlConnection():
            from understudy.sources.database.postgresql import read_postgresql

            return read_postgresql(connection, schemas, tables)
        case MysqlConnection():
            from understudy.sources.database.mysql import read_mysql

            return read_mysql(connection, schemas, tables)
        case SqliteConnection():
            from understudy.sources.database.sqlite import read_sqlite

            return read_sqlite(connection, schemas, tables)
        case DuckdbConnection():
            from understudy.sources.database.duckdb import read_duckdb

            return read_duckdb(connection, schemas, tables)
        case Connection():
            from understudy.sources.database.other import read_other

            return read_other(connection, schemas, tables)
    raise InternalError(f"no reader for {type(connection).__name__}")
