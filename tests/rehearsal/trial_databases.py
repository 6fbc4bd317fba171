"""Throw-away databases for rehearsals: made from a script, dropped afterwards."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from understudy import workflow
from understudy.model.event import Listener, silent
from understudy.model.manifest import Manifest
from understudy.model.request import Request
from understudy.ports.sink import WriteMode

CLOCK = 1_767_225_600_000_000
HOST = "127.0.0.1"


@contextmanager
def postgresql(name: str, script: str, words: str = "") -> Iterator[str]:
    """URL of a PostgreSQL database made by ``script``, created with ``words``."""
    run = ["psql", "-h", HOST, "-U", "postgres", "-qX", "-v", "ON_ERROR_STOP=1"]
    subprocess.run([*run, "-c", f"DROP DATABASE IF EXISTS {name}", "-c", f"CREATE DATABASE {name} {words}"], check=True)
    try:
        subprocess.run([*run, "-d", name], input=script.encode(), check=True, capture_output=True)
        yield f"postgresql://postgres@{HOST}:5432/{name}"
    finally:
        subprocess.run([*run, "-c", f"DROP DATABASE {name} WITH (FORCE)"], check=True)


@contextmanager
def mariadb(name: str, script: str) -> Iterator[str]:
    """URL of a MariaDB database made by ``script``."""
    run = ["mariadb", "-h", HOST, "-u", "root"]
    head = f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4;"
    subprocess.run(run, input=head.encode(), check=True)
    try:
        subprocess.run([*run, name], input=script.encode(), check=True)
        yield f"mysql://root@{HOST}:3306/{name}"
    finally:
        subprocess.run(run, input=f"DROP DATABASE {name}".encode(), check=True)


def sqlite(place: Path, script: str) -> str:
    """URL of a SQLite database made by ``script``."""
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript(script)
    return f"sqlite:///{place}"


def fill(
    url: str,
    count: int = 120,
    /,
    mode: WriteMode = WriteMode.CREATE,
    listen: Listener = silent,
    source: str = "",
    **wishes: Any,
) -> Manifest:
    """Rehearse, load and certify, as a user would. ``source``: a dump that makes the structure."""
    append = mode is WriteMode.APPEND
    wishes.setdefault("default_rows", count)
    request = Request(seed=5, clock=CLOCK, append=append, **wishes)
    return workflow.load([source or url], request, url, mode=mode, listen=listen)


def ask(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query, by the database's own driver."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(sql).fetchall()
    if url.startswith("mysql"):
        import pymysql

        with closing(pymysql.connect(host=HOST, user="root", database=url.rsplit("/", 1)[1])) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall())
    import psycopg

    with psycopg.connect(url) as connection:
        return connection.execute(sql.encode()).fetchall()


def lessons(manifest: Manifest, kind: str) -> dict[str, Any]:
    """Lessons of a kind by table (and column, where they have one)."""
    found = [x for x in manifest.learned if type(x).__name__ == kind]
    return {f"{x.table}.{x.column}" if getattr(x, "column", "") else x.table: x for x in found}
