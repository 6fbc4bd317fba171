"""Databases of one's own for each test, and one way to look into them that shares nothing with the sinks."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pymysql
import pytest

COUNTER = itertools.count()


@dataclass
class Database:
    """``url`` for the sink; ``run`` executes a statement and gives its rows, over a fresh connection."""

    dialect: str
    url: str
    run: Callable[[str], list[tuple[Any, ...]]]


def _name() -> str:
    return f"us_delivery_{os.getpid()}_{next(COUNTER)}"


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    path = tmp_path / "target file.db"

    def run(sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(path) as connection:
            return connection.execute(sql).fetchall()

    return Database("sqlite", f"sqlite:///{path}", run)


@pytest.fixture
def duckdb_database(tmp_path: Path) -> Database:
    path = tmp_path / "target.duckdb"

    def run(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(path)) as connection:
            result = connection.execute(sql)
            return result.fetchall() if result.description else []

    return Database("duckdb", f"duckdb:///{path}", run)


@pytest.fixture
def postgresql_database() -> Iterator[Database]:
    name = _name()
    with psycopg.connect("host=127.0.0.1 user=postgres dbname=postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")

        def run(sql: str) -> list[tuple[Any, ...]]:
            with psycopg.connect(f"host=127.0.0.1 user=postgres dbname={name}", autocommit=True) as connection:
                cursor = connection.execute(sql)  # type: ignore[arg-type]
                return cursor.fetchall() if cursor.description else []

        yield Database("postgresql", f"postgresql://postgres@127.0.0.1:5432/{name}", run)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def mysql_database() -> Iterator[Database]:
    name = _name()
    admin = pymysql.connect(host="127.0.0.1", user="root", autocommit=True)
    admin.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")

    def run(sql: str) -> list[tuple[Any, ...]]:
        with pymysql.connect(host="127.0.0.1", user="root", database=name, autocommit=True) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall())

    yield Database("mysql", f"mysql://root@127.0.0.1:3306/{name}", run)
    admin.cursor().execute(f"DROP DATABASE {name}")
    admin.close()


@pytest.fixture(params=["sqlite", "postgresql", "duckdb", "mysql"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found
