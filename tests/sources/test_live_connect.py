"""How URLs are taken apart, shown without secrets, and refused in one line."""

from __future__ import annotations

import os
import string

import psycopg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from understudy.errors import ConnectionFailedError, SourceError, UnderstudyError
from understudy.sources.database import describe, read
from understudy.sources.database.address import parse
from understudy.sources.database.connect import PostgresqlConnection, connect

PG = "postgresql://postgres@127.0.0.1:5432"


@pytest.mark.parametrize(
    ("url", "reader", "parts"),
    [
        ("postgres://u:p%40ss@h:1/d?sslmode=disable", "postgresql", {"password": "p@ss", "port": 1, "database": "d"}),
        ("postgresql+psycopg://h/d", "postgresql", {"host": "h", "user": ""}),
        ("postgresql://u@%2Fvar%2Frun%2FPG/d", "postgresql", {"host": "/var/run/PG"}),
        ("mariadb://[::1]:3307/d", "mysql", {"host": "::1", "port": 3307}),
        ("mysql+pymysql://u@h/d?unix_socket=/s", "mysql", {"options": {"unix_socket": "/s"}}),
        ("sqlite:///rel.db", "sqlite", {"path": "rel.db"}),
        ("sqlite:////abs%20x.db?timeout=1", "sqlite", {"path": "/abs x.db", "options": {"timeout": "1"}}),
        ("duckdb:///f.duckdb", "duckdb", {"path": "f.duckdb"}),
    ],
)
def test_urls_are_taken_apart(url: str, reader: str, parts: dict) -> None:
    address = parse(url)
    assert address.reader == reader
    assert {k: getattr(address, k) for k in parts} == parts


@given(st.text(string.ascii_uppercase + string.digits + ":/@%?&=#", min_size=1).map(lambda t: f"SECRET{t}TERCES"))
@example("SECRET:0?TERCES")
@example("0?SECRET")
@example("1/SECRET")
def test_no_password_is_ever_shown(password: str) -> None:
    assert "SECRET" not in describe(f"postgresql://ann:{password}@db.example/shop")
    assert "SECRET" not in describe(f"mysql://db/shop?password={password.replace('&', '').replace('#', '')}")
    line = ""
    try:
        parse(f"postgresql://ann:{password}@db.example:port/shop")
    except SourceError as error:
        line = error.line
    assert "SECRET" not in line


def test_a_url_without_password_is_shown_as_it_is() -> None:
    assert (
        describe("postgresql://db:5432/shop?application_name=a@b") == "postgresql://db:5432/shop?application_name=a@b"
    )
    assert (
        describe("postgresql://ann@db:5432/shop?application_name=a")
        == "postgresql://ann@db:5432/shop?application_name=a"
    )


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("postgressql://h/d", SourceError, "Did you mean postgres"),
        ("no url", SourceError, "not a database URL"),
        ("sqlite://", SourceError, "names no file"),
        ("postgresql://h:port/d", SourceError, "the port is not a number"),
        ("postgresql://127.0.0.1:1/d", ConnectionFailedError, "connection refused"),
        ("mysql://root@127.0.0.1:1/d", ConnectionFailedError, "connection refused"),
        ("postgresql://no-such-host.invalid/d", ConnectionFailedError, "host is not known"),
        (f"{PG}/us_sources_no_such", SourceError, "there is no database 'us_sources_no_such'"),
        ("postgresql://us_nobody@127.0.0.1/postgres", ConnectionFailedError, "there is no user"),
        (f"{PG}/postgres?nonsense=1", SourceError, "nonsense"),
        ("mysql://root@127.0.0.1/us_sources_no_such", SourceError, "there is no database"),
        ("mysql://root@127.0.0.1/", SourceError, "names no database"),
        ("mysql://root@127.0.0.1/mysql?nonsense=1", SourceError, "unknown URL option 'nonsense'"),
        ("sqlite:///x.db?nonsense=1", SourceError, "unknown URL option 'nonsense'"),
        ("sqlite:////tmp", SourceError, "a folder"),
    ],
)
def test_each_fault_is_one_line_with_its_mend(url: str, kind: type[UnderstudyError], words: str) -> None:
    with pytest.raises(kind) as caught:
        connect(url)
    assert words in caught.value.line
    assert "\n" not in caught.value.line
    assert caught.value.mend or "nonsense" in url


@pytest.mark.usefixtures("mariadb_server")
def test_a_wrong_password_is_refused_and_not_echoed() -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        connect("mysql://root:OPENSESAME@127.0.0.1/mysql")
    assert "refused the log-in" in caught.value.line
    assert "OPENSESAME" not in caught.value.line
    assert caught.value.exit_code == 2


@pytest.mark.usefixtures("mariadb_server")
def test_connections_cannot_write() -> None:
    with connect(f"{PG}/postgres") as connection, pytest.raises(SourceError, match="read-only"):
        connection.query("CREATE TABLE us_sources_forbidden (x int)")
    with connect("mysql://root@127.0.0.1/mysql") as connection, pytest.raises(SourceError, match=r"(?i)read.only"):
        connection.query("CREATE TABLE us_sources_forbidden (x int)")


def test_any_other_dialect_is_read_by_reflection_and_says_so(tmp_path) -> None:
    import sqlite3

    path = tmp_path / "x.db"
    sqlite3.connect(path).executescript(
        "CREATE TABLE p (id integer PRIMARY KEY, v varchar(9) UNIQUE CHECK (v <> ''));"
        "CREATE TABLE c (p integer NOT NULL REFERENCES p (id)); INSERT INTO p VALUES (1, 'a');"
    )
    evidence = read(f"sqlite+pysqlite:///{path}")
    claims = [(c.entity, c.facet.value) for c in evidence.claims]
    assert ("p", "unique") in claims
    assert ("p", "check") in claims
    assert ("c", "foreign_key") in claims
    assert any("reflection" in c.value.text for c in evidence.claims if c.facet == "remark")
    assert next(c.value.rows for c in evidence.claims if c.facet == "entity" and c.entity == "p") == 1


def test_a_table_locked_by_somebody_else_is_said_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from understudy.errors import WorldError

    name = f"us_sources_lock_{os.getpid()}"
    monkeypatch.setattr("understudy.sources.database.open_servers.LOCK_TIMEOUT_S", 1)
    with psycopg.connect(f"{PG}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE TABLE {name} (x int)")
        try:
            with psycopg.connect(f"{PG}/postgres") as holder, connect(f"{PG}/postgres") as reader:
                assert isinstance(reader, PostgresqlConnection)
                holder.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
                with pytest.raises(WorldError, match="did not answer in time"):
                    reader.query(f"SELECT count(*) FROM {name}")
        finally:
            admin.execute(f"DROP TABLE {name}")
