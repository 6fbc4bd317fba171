"""The judge of a tree is the database: the same rows, the same rule, the same truth, nulls included."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import rule_grids as grids

from understudy.rules import NOW, columns_of, evaluate, understand
from understudy.rules.moments import days_of, micros
from understudy.rules.normal import normal

Ask = Callable[[str], list[Any]]
NAME = f"us_rules_{os.getpid()}"


def _plain(value: Any) -> Any:
    """A value as trees speak of it."""
    from datetime import UTC

    if isinstance(value, datetime):
        return micros(value.replace(tzinfo=UTC))
    return days_of(value) if isinstance(value, date) else value


ROWS = [{**{k: _plain(v) for k, v in row.items()}, NOW: micros(datetime.now().astimezone())} for row in grids.ROWS]


def _literal(value: Any, *, flags: tuple[str, str] = ("TRUE", "FALSE")) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return flags[0 if value else 1]
        case str():
            return "'" + value.replace("'", "''") + "'"
        case date():
            return f"'{value}'"
        case Decimal() | int() | float():
            return str(value)
    raise AssertionError(value)


def _values(flags: tuple[str, str] = ("TRUE", "FALSE")) -> str:
    return ", ".join("(" + ", ".join(_literal(v, flags=flags) for v in row.values()) + ")" for row in grids.ROWS)


def _truth(value: Any) -> bool | None:
    return None if value is None else bool(value)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Ask]:
    import psycopg

    with psycopg.connect("host=127.0.0.1 user=postgres dbname=postgres", autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME}")
        admin.execute(f"CREATE DATABASE {NAME} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' TEMPLATE template0")
        with psycopg.connect(f"host=127.0.0.1 user=postgres dbname={NAME}", autocommit=True) as db:
            db.execute("SET timezone = 'UTC'")
            db.execute(
                "CREATE TABLE grid (id int, a int, b int, n numeric(8,2), x double precision, s text, r varchar(20),"
                " f boolean,"
                " g boolean, d date, t timestamp)"
            )
            db.execute(f"INSERT INTO grid VALUES {_values()}".encode())
            yield lambda text: [r[0] for r in db.execute(f"SELECT ({text}) FROM grid ORDER BY id".encode()).fetchall()]
        admin.execute(f"DROP DATABASE {NAME}")


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Ask]:
    import pymysql

    db = pymysql.connect(host="127.0.0.1", user="root", charset="utf8mb4", autocommit=True)
    with db.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        cursor.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
        cursor.execute(f"USE {NAME}")
        cursor.execute("SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin")
        cursor.execute("SET sql_mode = 'STRICT_TRANS_TABLES'")
        cursor.execute(
            "CREATE TABLE grid (id int, a int, b int, n decimal(8,2), x double, s varchar(40), r varchar(20), f"
            " boolean, g boolean,"
            " d date, t datetime)"
        )
        cursor.execute(f"INSERT INTO grid VALUES {_values()}")

        def ask(text: str) -> list[Any]:
            cursor.execute(f"SELECT ({text}) FROM grid ORDER BY id")
            return [r[0] for r in cursor.fetchall()]

        yield ask
        cursor.execute(f"DROP DATABASE {NAME}")
    db.close()


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Ask]:
    db = sqlite3.connect(":memory:")
    db.create_function("unknown_function", 1, lambda value: value)
    db.execute(
        "CREATE TABLE grid (id INTEGER, a INTEGER, b INTEGER, n DECIMAL(8,2), x REAL, s TEXT, r TEXT, f BOOLEAN,"
        " g BOOLEAN, d DATE, t TIMESTAMP)"
    )
    db.execute(f"INSERT INTO grid VALUES {_values(('1', '0'))}")
    yield lambda text: [r[0] for r in db.execute(f"SELECT ({text}) FROM grid ORDER BY id").fetchall()]
    db.close()


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Ask]:
    import duckdb as engine

    db = engine.connect()
    db.execute(
        "CREATE TABLE grid (id INT, a INT, b INT, n DECIMAL(8,2), x DOUBLE, s VARCHAR, r VARCHAR, f BOOLEAN,"
        " g BOOLEAN, d DATE, t TIMESTAMP)"
    )
    db.execute(f"INSERT INTO grid VALUES {_values()}")
    db.execute("SET TimeZone = 'UTC'")
    yield lambda text: [r[0] for r in db.execute(f"SELECT ({text}) FROM grid ORDER BY id").fetchall()]
    db.close()


def _agrees(ask: Ask, dialect: str, text: str, kept_words: tuple[str, ...] = ()) -> None:
    understood = understand(text, dialect, grids.TYPES)
    assert understood.opaque == kept_words, f"{text}: not understood {understood.opaque}"
    if kept_words:
        return
    expected = [_truth(v) for v in ask(text)]
    for tree in (understood.predicate, normal(understood.predicate, grids.TYPES)):
        got = [_truth(evaluate(tree, row)) for row in ROWS]
        apart = [(grids.ROWS[i], e, g) for i, (e, g) in enumerate(zip(expected, got, strict=True)) if e != g]
        shown = [({c: row[c] for c in columns_of(tree)}, e, g) for row, e, g in apart[:4]]
        assert not apart, f"{text}: {len(apart)} rows apart, such as {shown}"
    assert set(understood.columns) <= set(grids.TYPES)


@pytest.mark.parametrize("text", [*grids.COMMON, *grids.POSTGRESQL])
def test_a_rule_means_what_postgresql_says(postgresql: Ask, text: str) -> None:
    _agrees(postgresql, "postgresql", text)


@pytest.mark.parametrize("text", [*grids.COMMON, *grids.MARIADB])
def test_a_rule_means_what_mariadb_says(mariadb: Ask, text: str) -> None:
    _agrees(mariadb, "mariadb", text.replace("length(s)", "char_length(s)") if text in grids.COMMON else text)


KEPT = {
    "unknown_function(a) OR a > 0": ('UNKNOWN_FUNCTION("a")',),
}


@pytest.mark.parametrize("text", [*grids.COMMON, *grids.SQLITE])
def test_a_rule_means_what_sqlite_says(sqlite: Ask, text: str) -> None:
    _agrees(sqlite, "sqlite", text, KEPT.get(text, ()))


@pytest.mark.parametrize("text", [*grids.COMMON, *grids.DUCKDB])
def test_a_rule_means_what_duckdb_says(duckdb: Ask, text: str) -> None:
    _agrees(duckdb, "duckdb", text)
