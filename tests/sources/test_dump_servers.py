"""A dump and the live database that it makes or comes from say the same."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pymysql
import pytest

from understudy.fusion import fuse
from understudy.model.schema import Entity, Schema
from understudy.sources.database import dump, read
from understudy.types import Type

NAME = f"us_dump_{os.getpid()}"

POSTGRESQL = r"""
CREATE SCHEMA side;
CREATE TYPE mood AS ENUM ('low', 'it''s fine');
CREATE DOMAIN code AS text CHECK (VALUE ~ '^[A-Z]+$');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
COMMENT ON TABLE parent IS 'it''s';
CREATE TABLE "odd name" (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s bigserial, c code, m mood, ms mood[], p pair, r int4range,
    n numeric, n2 numeric(10,2),
  v varchar(20), ch char(3), bits bit(3), i interval, mo money, ts timestamptz(3), ip inet, u uuid, j jsonb, by bytea,
  g int GENERATED ALWAYS AS (id * 2) STORED, pa int, pb int,
  CONSTRAINT both_parents FOREIGN KEY (pa,
    pb) REFERENCES parent MATCH FULL ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ordered CHECK (pa < pb), EXCLUDE USING gist (r WITH &&), UNIQUE NULLS NOT DISTINCT (v, ch),
    UNIQUE (pa) DEFERRABLE);
CREATE UNIQUE INDEX partly ON "odd name" (lower(v), pa) WHERE pb IS NULL;
CREATE TABLE side.serials (id bigserial PRIMARY KEY, up bigint REFERENCES side.serials);
CREATE TABLE base (id int, z text CHECK (z <> '')); CREATE TABLE kid (extra int) INHERITS (base);
CREATE TABLE parted (id int NOT NULL, d date NOT NULL, UNIQUE (id, d)) PARTITION BY RANGE (d);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE parted_b PARTITION OF parted DEFAULT;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no;'; END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE VIEW seen AS SELECT a FROM parent;
"""

MARIADB = """
CREATE TABLE parent (a int, b int unsigned, PRIMARY KEY (a, b)) COMMENT 'it''s';
CREATE TABLE `odd name` (
  id bigint unsigned AUTO_INCREMENT PRIMARY KEY, e enum('a','b''c') DEFAULT 'a', s set('x','y'), y year, bt bit(5),
  flag tinyint(1) DEFAULT 1, small tinyint unsigned, j json, v varchar(20) NOT NULL DEFAULT 'it''s',
    exact varchar(30) COLLATE utf8mb4_bin,
  t text, l longtext CHARACTER SET latin1, bin binary(16), d decimal(10,2), dt datetime(3),
  g int GENERATED ALWAYS AS (small + 1) VIRTUAL, c char(2) CHECK (c <> 'no'), pa int, pb int unsigned,
  CONSTRAINT ck CHECK (small > 1 AND v LIKE 'a%'), UNIQUE KEY front (v(5), pa), UNIQUE (small),
  CONSTRAINT fk FOREIGN KEY (pa, pb) REFERENCES parent (a, b) ON DELETE SET NULL ON UPDATE CASCADE,
    FOREIGN KEY (pa) REFERENCES parent (a));
CREATE TABLE plain (x int) ENGINE=MyISAM;
CREATE TRIGGER guard BEFORE INSERT ON plain FOR EACH ROW SET new.x = abs(new.x);
CREATE VIEW seen AS SELECT a FROM parent;
"""

SQLITE = """
CREATE TABLE parent (a int, b text, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE "odd name" (id integer PRIMARY KEY AUTOINCREMENT,
  "a ""b" varchar(20) NOT NULL COLLATE nocase DEFAULT 'x', n numeric(10,2) UNIQUE,
  pa int, pb text, g int GENERATED ALWAYS AS (pa * 2) STORED, g2 AS (pa + 1), anything,
  CONSTRAINT both UNIQUE (pa, pb), CONSTRAINT fk1 FOREIGN KEY (pa, pb) REFERENCES parent ON DELETE CASCADE,
  CHECK (pa > 0 AND pb <> ')') CONSTRAINT second CHECK (n < 3));
CREATE UNIQUE INDEX partial ON "odd name" (lower(pb)) WHERE pb IS NOT NULL;
CREATE TRIGGER guard BEFORE INSERT ON parent WHEN new.a < 0 BEGIN SELECT raise(ABORT, 'no;'); END;
CREATE VIEW seen AS SELECT a FROM parent;
"""


# ---- comparing -----------------------------------------------------------------------------------------
def squeezed(text: str) -> str:
    """Words without the blanks, brackets and casts that servers add."""
    return re.sub(r"::\"?[a-z ]+\"?(\[\])?|[\s()\"`]", "", text.lower())


def shape(t: Type | None) -> object:
    if t is None:
        return None
    plain = (
        t.kind,
        t.length,
        t.fixed,
        t.bits,
        t.signed,
        t.precision,
        t.scale,
        t.zoned,
        t.labels,
        t.variant,
        t.folded,
        t.name,
    )
    return plain, shape(t.element), tuple((n, shape(f)) for n, f in t.fields)


def facts(e: Entity) -> dict[str, object]:
    return {
        "fields": [
            (f.name, shape(f.type), f.nullable, f.identity, f.sequence, f.domain, squeezed(f.generated), f.comment)
            for f in e.fields
        ],
        "uniques": {
            (
                u.name,
                u.primary,
                tuple((p.column, squeezed(p.text), p.prefix) for p in u.parts),
                squeezed(u.predicate),
                u.nulls_distinct,
                u.deferrable,
            )
            for u in e.uniques
        },
        "foreign keys": {
            (
                k.name,
                k.columns,
                k.target,
                k.target_columns,
                k.match,
                k.deferrable,
                k.initially_deferred,
                k.on_delete,
                k.on_update,
            )
            for k in e.foreign_keys
        },
        "checks": {(c.name, squeezed(c.text), frozenset(c.columns), c.domain) for c in e.checks},
        "exclusions": {(x.name, x.elements, x.using) for x in e.exclusions},
        "triggers": {(t.name, t.timing, t.events, t.per_row, squeezed(t.body)) for t in e.triggers},
        "partitioning": e.partitioning,
        "comment": e.comment,
    }


def assert_same(live: Schema, dumped: Schema) -> None:
    assert not [r for r in dumped.remarks if r.severity == "error"]
    assert {(e.name, e.view) for e in live.entities} == {(e.name, e.view) for e in dumped.entities}
    for entity in live.entities:
        if not entity.view:
            assert facts(dumped.entity(entity.name)) == facts(entity), entity.name


def dumped(text: str, dialect: str = "") -> Schema:
    return fuse([dump.read("test.sql", text=text, dialect=dialect)])


# ---- servers -------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def postgresql(postgresql_server: str) -> Iterator[str]:
    with psycopg.connect(postgresql_server, autocommit=True, dbname="postgres") as connection:
        connection.execute(f"CREATE DATABASE {NAME}")
        with psycopg.connect(postgresql_server, autocommit=True, dbname=NAME) as own:
            own.execute(POSTGRESQL)
        yield f"{postgresql_server}/{NAME}"
        connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture(scope="module")
def mariadb(mariadb_server: str) -> Iterator[str]:
    with pymysql.connect(
        host="127.0.0.1", user="root", autocommit=True, client_flag=pymysql.constants.CLIENT.MULTI_STATEMENTS
    ) as connection:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4")
            for statement in MARIADB.split(";\n"):
                if statement.strip():
                    cursor.execute(f"USE {NAME}")
                    cursor.execute(statement)
        yield f"{mariadb_server}/{NAME}"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {NAME}")


def tool(command: list[str]) -> str:
    """A dumping program's output; the test is skipped where the program is not installed."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "version mismatch" in done.stderr:
        pytest.skip(f"{command[0]} is older than the server")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_postgresql_ddl_means_what_the_server_makes_of_it(postgresql: str) -> None:
    assert_same(fuse([read(postgresql)]), dumped(POSTGRESQL))


def test_pg_dump_says_what_the_live_database_says(postgresql: str) -> None:
    text = tool(["pg_dump", "--dbname", postgresql])
    found = dumped(text)
    assert found.dialect == "postgresql"
    assert found.version
    assert_same(fuse([read(postgresql)]), found)


def test_mariadb_ddl_means_what_the_server_makes_of_it(mariadb: str) -> None:
    assert_same(fuse([read(mariadb)]), dumped(MARIADB, "mariadb"))


def test_mysqldump_says_what_the_live_database_says(mariadb: str) -> None:
    text = tool(["mysqldump", "-h127.0.0.1", "-uroot", NAME])
    found = dumped(text)
    assert found.dialect == "mariadb"
    assert_same(fuse([read(mariadb)]), found)


def test_sqlite_ddl_and_iterdump_say_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(SQLITE)
        text = "\n".join(connection.iterdump())
    live = fuse([read(f"sqlite:///{path}")])
    assert_same(live, dumped(SQLITE))
    assert_same(live, dumped(text, "sqlite"))


# ---- dumps that others wrote ---------------------------------------------------------------------------
def test_dumps_that_others_wrote_are_read_whole(corpora: Path) -> None:
    seen = 0
    for folder in sorted((corpora / "databases").iterdir()):
        if not folder.is_dir():
            continue
        said = json.loads(re.findall(r"```json\n(.*?)```", (folder / "SOURCE.md").read_text(), re.DOTALL)[-1])
        found = fuse([dump.read(folder / "schema.sql")])
        tables = [e for e in found.entities if not e.view]
        counts = {
            "tables": len(tables),
            "columns": sum(len(e.fields) for e in tables),
            "fk": sum(len(e.foreign_keys) for e in tables),
            "pk": sum(e.primary_key is not None for e in tables),
            "views": sum(e.view for e in found.entities),
        }
        assert counts == {k: said.get(k, 0) for k in counts} | {"views": counts["views"]}, folder.name
        assert found.dialect == {"mariadb": "mysql"}.get(dialect := found_dialect(folder), dialect), folder.name
        assert not [r for r in found.remarks if r.severity == "error"], folder.name
        seen += 1
    assert seen > 10


def found_dialect(folder: Path) -> str:
    match = re.search(r"dialect: (\w+)", (folder / "SOURCE.md").read_text())
    assert match is not None
    return match[1]
