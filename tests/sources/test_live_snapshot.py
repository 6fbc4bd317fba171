"""What a snapshot takes from tables that hold rows."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import msgspec
import psycopg
import pyarrow as pa
import pymysql
import pytest

from understudy.errors import SourceError
from understudy.model.evidence import Evidence, FacetKind
from understudy.model.schema import Entity, Schema
from understudy.sources.database import read
from understudy.sources.database.snapshot import snapshot
from understudy.types.arrow import arrow_type

NAME = f"us_sources_snap_{os.getpid()}"
PG, MY = "postgresql://postgres@127.0.0.1:5432", "mysql://root@127.0.0.1:3306"


def schema_of(evidence: Evidence) -> Schema:
    """The schema of one source's evidence (fusion's work in small: one source, nothing to weigh)."""
    parts: dict[str, dict] = {}
    facets = {FacetKind.FIELD: "fields", FacetKind.UNIQUE: "uniques"}
    for claim in evidence.claims:
        if claim.facet is FacetKind.ENTITY:
            parts[claim.entity] = {"entity": claim.value, "fields": (), "uniques": ()}
    for claim in evidence.claims:
        if claim.facet in facets:
            parts[claim.entity][facets[claim.facet]] += (claim.value,)
    entities: list[Entity] = [msgspec.structs.replace(p.pop("entity"), **p) for p in parts.values()]
    return Schema("s", tuple(entities), dialect=evidence.dialect, default_namespace=evidence.default_namespace)


def everything(schema: Schema) -> dict[str, tuple[str, ...]]:
    return {e.name: tuple(f.name for f in e.fields) for e in schema.entities if not e.view}


def arrow_fits(schema: Schema, name: str, table: pa.Table) -> bool:
    wanted = [arrow_type(f.type) for f in schema.entity(name).fields]
    return all(have.equals(want) for have, want in zip(table.schema.types, wanted, strict=True))


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    url = f"{PG}/{NAME}"
    with psycopg.connect(f"{PG}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {NAME}")
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(
                    r"""CREATE SCHEMA side; CREATE TYPE pair AS (a int, b text);
                    CREATE TABLE many (id bigserial PRIMARY KEY, b bool, t text, ch char(4), d date, ts timestamptz,
                      tm time, n numeric(8,2), by bytea,
                      u uuid, ip inet, r int4range, i interval, mo money, arr int[], p pair, j jsonb, bits bit(3));
                    INSERT INTO many (b, t, ch, d, ts, tm, n, by, u, ip, r, i, mo, arr, p, j, bits) VALUES
                      (true, '', 'ab', '2024-02-29', '2024-01-01 00:30:00+02', '10:11:12.5', 12.5, '\x00ff',
                        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1',
                       '[1,5)', '3 days 04:05:06', 12.5, '{1,NULL,3}', ROW(1, 'x,"y'), '{"k": [1]}', '101'),
                      (false, E'two\nlines, "q"', NULL, 'infinity', NULL, '24:00', 'NaN', NULL, NULL, NULL, NULL,
                        NULL, NULL, NULL, NULL, NULL, NULL);
                    CREATE TABLE side.big (k text PRIMARY KEY, n int);
                    INSERT INTO side.big SELECT 'k' || i, i FROM generate_series(1, 5000) i;
                    CREATE TABLE empty (id int PRIMARY KEY)"""
                )
            yield url
        finally:
            admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def test_postgresql_values_come_in_the_arrow_type_of_their_type(postgresql: str) -> None:
    schema = schema_of(read(postgresql))
    taken = snapshot(postgresql, schema, everything(schema))
    assert set(taken.tables) == {"many", "side.big"}
    many = taken.tables["many"]
    assert arrow_fits(schema, "many", many.columns)
    first, second = many.columns.to_pylist()
    assert (first["t"], second["t"]) == ("", 'two\nlines, "q"')
    assert str(first["ts"]) == "2023-12-31 22:30:00+00:00"
    assert (first["by"], str(first["tm"]), str(first["n"]), str(first["mo"])) == (
        b"\x00\xff",
        "10:11:12.500000",
        "12.50",
        "12.50",
    )
    assert (first["ip"], first["r"], first["i"], first["bits"]) == ("10.0.0.1", "[1,5)", "3 days 04:05:06", "101")
    assert (first["arr"], first["p"]) == ([1, None, 3], {"a": 1, "b": 'x,"y'})
    assert (second["d"], second["tm"], second["n"]) == (None, None, None)  # infinity, 24:00, NaN
    assert (many.rows, many.complete, many.maxima["id"], many.sequences) == (2, True, 2, {"id": 3})


def test_a_large_table_gives_a_sample_that_depends_on_keys_only(postgresql: str) -> None:
    schema = schema_of(read(postgresql))
    first = snapshot(postgresql, schema, {"side.big": ("k", "n")}, limit=1000)
    table = first.tables["side.big"]
    assert (table.rows, table.complete, table.maxima) == (5000, False, {"n": 5000})
    assert 900 <= table.columns.num_rows <= 1000
    assert len(set(table.columns["k"].to_pylist())) == table.columns.num_rows
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE TABLE side.copy AS SELECT * FROM side.big ORDER BY k DESC; TRUNCATE side.big")
        connection.execute("INSERT INTO side.big SELECT * FROM side.copy; DROP TABLE side.copy")
    again = snapshot(postgresql, schema, {"side.big": ("k", "n")}, limit=1000)
    assert again.fingerprint == first.fingerprint


def test_the_fingerprint_follows_the_rows(postgresql: str) -> None:
    schema = schema_of(read(postgresql))
    before = snapshot(postgresql, schema, {"many": ("id", "t")})
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("UPDATE many SET t = 'changed' WHERE id = 1")
        assert snapshot(postgresql, schema, {"many": ("id", "t")}).fingerprint != before.fingerprint
        connection.execute("UPDATE many SET t = '' WHERE id = 1")
    assert snapshot(postgresql, schema, {"many": ("id", "t")}).fingerprint == before.fingerprint


def test_a_wanted_column_that_is_not_there_is_said(postgresql: str) -> None:
    schema = schema_of(read(postgresql))
    with pytest.raises(SourceError, match="no column 'gone'"):
        snapshot(postgresql, schema, {"many": ("gone",)})


def test_mariadb_values_maxima_and_auto_increment() -> None:
    url = f"{MY}/{NAME}"
    admin = pymysql.connect(host="127.0.0.1", user="root", autocommit=True)
    with admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4")
        try:
            cursor.execute(f"USE {NAME}")
            cursor.execute(
                """CREATE TABLE many (id int unsigned AUTO_INCREMENT PRIMARY KEY, e enum('a','b'), bt bit(5),
                  bin varbinary(9), d date,
                dt datetime(3), tm time(2), n decimal(6,2), y year, f double, t text, geo point)"""
            )
            cursor.execute(
                """
                INSERT INTO many
                VALUES (7, 'b', b'00101', 'z\\0', '2024-02-29', '2024-01-02 03:04:05.678', '01:02:03.45', 1.25,
                  2001, 2.5, 'é',
                point(1, 2)), (9, NULL, NULL, NULL, NULL, NULL, '100:00:00', NULL, NULL, NULL, '', NULL)"""
            )
            cursor.execute("CREATE TABLE empty (id int)")
            schema = schema_of(read(url))
            taken = snapshot(url, schema, everything(schema))
        finally:
            cursor.execute(f"DROP DATABASE {NAME}")
    assert set(taken.tables) == {"many"}
    many = taken.tables["many"]
    assert arrow_fits(schema, "many", many.columns)
    first, second = many.columns.to_pylist()
    assert (first["bt"], first["bin"], str(first["tm"]), str(first["n"]), first["geo"]) == (
        "00101",
        b"z\0",
        "01:02:03.450000",
        "1.25",
        "POINT(1 2)",
    )
    assert (first["dt"].microsecond, first["t"], second["t"], second["tm"]) == (678000, "é", "", None)
    assert (many.maxima["id"], many.sequences) == (9, {"id": 10})


def test_sqlite_values_that_do_not_fit_their_declared_type_come_as_text(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, v varchar(9), b blob, f real, d date, n numeric);"
            "INSERT INTO t VALUES (4, 'x', x'00ff', 0.1, '2024-02-29', 18.6), (5, NULL, NULL, NULL, 'soon', NULL)"
        )
    schema = schema_of(read(f"sqlite:///{path}"))
    table = snapshot(f"sqlite:///{path}", schema, everything(schema)).tables["t"]
    assert table.columns.to_pylist() == [
        {"id": 4, "v": "x", "b": b"\x00\xff", "f": 0.1, "d": "2024-02-29", "n": Decimal("18.6")},
        {"id": 5, "v": None, "b": None, "f": None, "d": "soon", "n": None},
    ]
    assert (table.maxima, table.sequences) == ({"id": 5}, {"id": 6})
    sample = snapshot(f"sqlite:///{path}", schema, {"t": ("id",)}, limit=1).tables["t"]
    assert (sample.complete, sample.columns.num_rows) == (False, 1)


def test_duckdb_values_and_sequences(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE SEQUENCE q START 5; CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('q'), l int[], s "
            "struct(a int, b varchar), h hugeint, u uuid, ts timestamptz);"
            "INSERT INTO t VALUES (DEFAULT, [1, NULL], {'a': 1, 'b': 'x'}, 170141183460469231731, "
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2024-01-01 00:00:00+02')"
        )
    schema = schema_of(read(f"duckdb:///{path}"))
    table = snapshot(f"duckdb:///{path}", schema, everything(schema)).tables["t"]
    assert arrow_fits(schema, "t", table.columns)
    (row,) = table.columns.to_pylist()
    assert (row["l"], row["s"], row["h"], row["u"]) == (
        [1, None],
        {"a": 1, "b": "x"},
        170141183460469231731,
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    )
    assert (table.maxima["id"], table.sequences) == (5, {"id": 6})


def test_a_target_that_does_not_exist_yet_holds_nothing(tmp_path: Path) -> None:
    schema = Schema("s", (Entity("t", ()),), dialect="sqlite")
    assert snapshot(f"sqlite:///{tmp_path}/none.db", schema, {}).tables == {}
