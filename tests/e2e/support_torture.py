"""Databases for torture schemas, and a judge that asks the server itself: counts, wholly null and constant columns."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import understudy

FOLDER = Path(__file__).parent / "torture"
CLIENT = ["mariadb", "-h", "127.0.0.1", "-u", "root"]


def mariadb(sql: str, database: str = "") -> list[list[str]]:
    """Run statements; rows of the last ones as texts."""
    command = [*CLIENT, "-N", "-B", *([database] if database else [])]
    done = subprocess.run(command, input=sql.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return [line.split("\t") for line in done.stdout.decode().splitlines()]


def postgresql(sql: str, database: str = "postgres") -> list[list[str]]:
    """Run statements; rows of the last ones as texts."""
    command = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"]
    done = subprocess.run(command, input=sql.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return [line.split("|") for line in done.stdout.decode().splitlines()]


@contextmanager
def postgresql_database(name: str, ddl: str = "") -> Iterator[str]:
    """A database made from DDL, dropped in the end; its URL."""
    full = f"us_e2e_{name}_{os.getpid()}"
    postgresql(f'DROP DATABASE IF EXISTS "{full}"')
    postgresql(f'CREATE DATABASE "{full}"')
    try:
        postgresql(ddl, full)
        yield f"postgresql://postgres@127.0.0.1:5432/{full}"
    finally:
        postgresql(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')


@contextmanager
def mariadb_database(name: str, ddl: str) -> Iterator[str]:
    """A database made from DDL, dropped in the end; its URL. No other run makes one of that name."""
    full = f"us_e2e_{name}_{os.getpid()}"
    mariadb(f"DROP DATABASE IF EXISTS `{full}`; CREATE DATABASE `{full}` CHARACTER SET utf8mb4")
    try:
        mariadb(ddl, full)
        yield f"mariadb://root@127.0.0.1:3306/{full}"
    finally:
        mariadb(f"DROP DATABASE IF EXISTS `{full}`")


def sqlite_file(place: Path, ddl: str) -> str:
    """A SQLite file made from DDL; its URL."""
    with sqlite3.connect(place) as connection:
        connection.executescript(ddl)
    return f"sqlite:///{place}"


def ask(url: str, sql: str) -> list[Any]:
    """The one row of a query."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            return list(connection.execute(sql).fetchone())
    if url.startswith("postgresql"):
        return [int(v) for v in postgresql(sql, url.rsplit("/", 1)[1])[0]]
    return [int(v) for v in mariadb(sql, url.rsplit("/", 1)[1])[0]]


def quoted(name: str, url: str) -> str:
    """An identifier for the server at ``url``."""
    mark = "`" if url.startswith("mariadb") else '"'
    return mark + name.replace(mark, mark * 2) + mark


def faults(url: str, expected: Mapping[str, int]) -> list[str]:
    """What is wrong with a filled database: tables with other counts than said, columns wholly null, columns with one
    value only."""
    found = []
    for entity in understudy.read(url).entities:
        names = [quoted(f.name, url) for f in entity.fields]
        if entity.view:
            continue
        only = "ONLY " if url.startswith("postgresql") and entity.partitioning is None else ""
        cast = "::text" if url.startswith("postgresql") else ""
        parts = [f"COUNT({n}), COUNT(DISTINCT {n}{cast})" for n in names]
        rows, *counts = ask(url, f"SELECT COUNT(*), {', '.join(parts)} FROM {only}{quoted(entity.table, url)}")
        if rows != expected.get(entity.name, rows):
            found.append(f"{entity.name}: {rows} rows instead of {expected[entity.name]}")
        for field, known, distinct in zip(entity.fields, counts[::2], counts[1::2], strict=True):
            if rows >= 20 and (not known or (distinct < 2 and known == rows)):
                found.append(f"{entity.name}.{field.name}: {known} values in {rows} rows, {distinct} distinct")
    return found


def broken(url: str = "", source: str = "", data: str = "") -> list[str]:
    """Constraints that validation's own engine finds broken."""
    return [f"{v.table}: {v.rule}" for v in understudy.validate(source or url, data or url) if v.violations]
