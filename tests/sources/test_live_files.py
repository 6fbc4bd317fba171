"""What the SQLite and DuckDB readers say of real files, and how broken files are answered."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from understudy.errors import SourceError, WorldError
from understudy.model.evidence import Evidence, FacetKind
from understudy.model.schema import Identity
from understudy.sources.database import read
from understudy.types import Kind

SQLITE = """
CREATE TABLE parent (a int, b text, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE "odd.name" (id integer PRIMARY KEY AUTOINCREMENT,
  "a ""b" varchar(20) NOT NULL COLLATE nocase DEFAULT 'x' CHECK (length("a ""b") > 1), -- a comment with )
  state text CONSTRAINT known CHECK (state IN ("new", 'old')) DEFAULT "new",
  n numeric(10,2) UNIQUE ON CONFLICT REPLACE, pa int, pb text,
  up integer REFERENCES strict_one ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  g int GENERATED ALWAYS AS (pa * 2) STORED, g2 AS (pa + 1), flag boolean DEFAULT (0), anything,
  CONSTRAINT both UNIQUE (pa, pb), CONSTRAINT fk1 FOREIGN KEY (pa, pb) REFERENCES parent,
  CHECK (pa > 0 AND pb <> ')') CONSTRAINT second CHECK (n < 3));
CREATE TABLE strict_one (id integer PRIMARY KEY, x text) STRICT;
CREATE UNIQUE INDEX partial ON strict_one (lower(x)) WHERE x IS NOT NULL;
CREATE UNIQUE INDEX folded ON strict_one (x COLLATE nocase DESC);
CREATE VIRTUAL TABLE words USING fts5(a, b);
CREATE VIEW seen AS SELECT * FROM strict_one; CREATE VIEW broken AS SELECT * FROM gone;
CREATE TRIGGER guard BEFORE INSERT ON parent WHEN new.a < 0 BEGIN SELECT raise(ABORT, 'no'); END;
CREATE TRIGGER route INSTEAD OF INSERT ON seen BEGIN INSERT INTO strict_one VALUES (new.id, new.x); END;
CREATE TABLE lost (x REFERENCES missing (y));
INSERT INTO strict_one VALUES (1, 'a');
"""

DUCKDB = """
CREATE SCHEMA side; CREATE SEQUENCE counter START 5; CREATE TYPE mood AS ENUM ('low', 'it''s fine');
CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('counter'), m mood, x decimal(5,2) CHECK (x > 0), l int[],
  s struct(a int, "b c" varchar[]),
  mp map(varchar, int), u union(n int, s varchar), h hugeint, g int GENERATED ALWAYS AS (id * 2),
    n varchar NOT NULL UNIQUE COLLATE nocase,
  pa int, pb int, FOREIGN KEY (pa, pb) REFERENCES parent (a, b), CHECK (pa < pb));
CREATE UNIQUE INDEX low ON t (lower(n), pa);
CREATE TABLE side.other (id int UNIQUE); CREATE VIEW seen AS SELECT id FROM t; CREATE MACRO plus_one(x) AS x + 1;
INSERT INTO parent VALUES (1, 2);
"""


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    path = tmp_path_factory.mktemp("sqlite") / "a file?.db"
    connection = sqlite3.connect(path)
    connection.executescript(SQLITE)
    connection.close()
    return read(f"sqlite:///{str(path).replace('?', '%3F')}")


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    path = tmp_path_factory.mktemp("duck") / "a.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(DUCKDB)
    return read(f"duckdb:///{path}")


def values(evidence: Evidence, facet: FacetKind, entity: str) -> list:
    return [c.value for c in evidence.claims if c.facet is facet and c.entity == entity]


def fields(evidence: Evidence, entity: str) -> dict:
    return {f.name: f for f in values(evidence, FacetKind.FIELD, entity)}


def remarks(evidence: Evidence, entity: str) -> str:
    return "\n".join(r.text for r in values(evidence, FacetKind.REMARK, entity))


# ---- SQLite --------------------------------------------------------------------------------------------
def test_sqlite_table_options(sqlite: Evidence) -> None:
    assert values(sqlite, FacetKind.ENTITY, "parent")[0].options == {"without_rowid": "yes"}
    assert values(sqlite, FacetKind.ENTITY, "strict_one")[0].options == {"strict": "yes"}
    assert values(sqlite, FacetKind.ENTITY, "odd.name")[0].options == {"dotted": "yes", "autoincrement": "yes"}
    assert values(sqlite, FacetKind.ENTITY, "strict_one")[0].rows == 1
    assert values(sqlite, FacetKind.ENTITY, "parent")[0].rows == 0


def test_sqlite_fields(sqlite: Evidence) -> None:
    odd = fields(sqlite, "odd.name")
    assert list(odd)[:2] == ["id", 'a "b']
    assert odd["id"].identity is Identity.AUTO_INCREMENT
    assert fields(sqlite, "strict_one")["id"].identity is Identity.BY_DEFAULT
    text = odd['a "b']
    assert (text.type.kind, text.type.length, text.type.folded, text.collation) == (Kind.TEXT, 20, True, "nocase")
    assert odd["state"].default == "'new'"  # SQLite takes "new" for a string where no column is called so
    assert (odd["g"].generated, odd["g"].stored) == ("pa * 2", True)
    assert (odd["g2"].generated, odd["g2"].stored) == ("pa + 1", False)
    assert odd["flag"].type.kind is Kind.BOOLEAN
    assert (odd["n"].type.precision, odd["n"].type.scale) == (10, 2)


def test_sqlite_checks_are_cut_out_of_the_statement(sqlite: Evidence) -> None:
    texts = {r.name: r.text for r in values(sqlite, FacetKind.CHECK, "odd.name")}
    assert texts["known"] == "state IN ('new', 'old')"
    assert texts["second"] == "n < 3"
    assert set(texts.values()) >= {'length("a ""b") > 1', "pa > 0 AND pb <> ')'"}


def test_sqlite_keys(sqlite: Evidence) -> None:
    uniques = {u.name: u for u in values(sqlite, FacetKind.UNIQUE, "odd.name")}
    assert uniques["both"].columns == ("pa", "pb")
    indexes = {u.name: u for u in values(sqlite, FacetKind.UNIQUE, "strict_one")}
    assert indexes["primary key"].primary
    assert (indexes["partial"].parts[0].text, indexes["partial"].predicate) == ("lower(x)", "x IS NOT NULL")
    assert "COLLATE nocase" in indexes["folded"].parts[0].text


def test_sqlite_foreign_keys(sqlite: Evidence) -> None:
    keys = {k.columns: k for k in values(sqlite, FacetKind.FOREIGN_KEY, "odd.name")}
    assert keys["pa", "pb"].target_columns == ("a", "b")  # none are named: the target's primary key
    assert keys["pa", "pb"].name == "fk1"
    up = keys["up",]
    assert (up.target_columns, up.deferrable, up.initially_deferred, up.on_delete) == (("id",), True, True, "cascade")
    assert "does not exist" in remarks(sqlite, "lost")


def test_sqlite_virtual_tables_are_remarked_and_not_entities(sqlite: Evidence) -> None:
    entities = {c.entity for c in sqlite.claims if c.facet is FacetKind.ENTITY}
    assert entities == {"parent", "odd.name", "strict_one", "lost", "seen", "broken"}
    assert "virtual table" in remarks(sqlite, "words")


def test_sqlite_triggers_and_views(sqlite: Evidence) -> None:
    (guard,) = values(sqlite, FacetKind.TRIGGER, "parent")
    assert (guard.timing, guard.events, guard.body) == ("before", ("insert",), "SELECT raise(ABORT, 'no');")
    assert "INSTEAD OF" in remarks(sqlite, "seen")
    assert "cannot be used" in remarks(sqlite, "broken")
    assert "ON CONFLICT" in remarks(sqlite, "odd.name")


# ---- DuckDB --------------------------------------------------------------------------------------------
def test_duckdb_types(duck: Evidence) -> None:
    found = {name: f.type.kind for name, f in fields(duck, "t").items()}
    expected = {"m": Kind.ENUM, "x": Kind.DECIMAL, "l": Kind.ARRAY, "s": Kind.STRUCT, "mp": Kind.MAP, "u": Kind.UNION}
    assert found | expected == found
    assert fields(duck, "t")["m"].type.labels == ("low", "it's fine")
    assert fields(duck, "t")["m"].type.name == "mood"
    assert fields(duck, "t")["n"].type.folded


def test_duckdb_defaults_generated_columns_and_sequences(duck: Evidence) -> None:
    found = fields(duck, "t")
    assert (found["id"].identity, found["id"].sequence) == (Identity.SERIAL, "counter")
    assert "id * 2" in found["g"].generated
    assert not found["g"].stored
    assert found["x"].stored


def test_duckdb_constraints(duck: Evidence) -> None:
    assert {r.text for r in values(duck, FacetKind.CHECK, "t")} == {"x > 0", "pa < pb"}
    (key,) = values(duck, FacetKind.FOREIGN_KEY, "t")
    assert (key.columns, key.target, key.target_columns) == (("pa", "pb"), "parent", ("a", "b"))
    index = next(u for u in values(duck, FacetKind.UNIQUE, "t") if u.name == "low")
    assert [p.column or p.text for p in index.parts] == ["lower(n)", "pa"]
    assert values(duck, FacetKind.UNIQUE, "side.other")[0].columns == ("id",)


def test_duckdb_structure_can_be_made_anew(duck: Evidence) -> None:
    with duckdb.connect() as connection:
        for statement in [*(text for _, text in duck.types), *duck.prelude]:
            connection.execute(statement)
        assert connection.execute("SELECT plus_one(1), nextval('counter'), 'low'::mood").fetchone() == (2, 5, "low")


# ---- broken files --------------------------------------------------------------------------------------
def test_a_missing_file_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read(f"sqlite:///{tmp_path}/none.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_garbage_is_no_database(tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(SourceError, match=r"is not an? \w+ database"):
        read(f"{scheme}:///{path}")
    path.write_bytes(b"")
    with pytest.raises(SourceError, match="empty"):
        read(f"{scheme}:///{path}")


def test_a_damaged_sqlite_file_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"SQLite format 3\0" + b"\7" * 5000)
    with pytest.raises(SourceError, match="cannot be read as a database"):
        read(f"sqlite:///{path}")


def test_each_file_kind_points_to_the_other_scheme(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    sqlite3.connect(path).executescript("CREATE TABLE t (x)")
    with pytest.raises(SourceError, match="write sqlite:///"):
        read(f"duckdb:///{path}")
    duckdb.connect(str(tmp_path / "y.db")).execute("CREATE TABLE t (x int)").close()
    with pytest.raises(SourceError, match="write duckdb:///"):
        read(f"sqlite:///{tmp_path}/y.db")


def test_a_locked_sqlite_file_is_the_worlds_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE t (x)")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(WorldError, match="holds the file"):
            read(f"sqlite:///{path}?timeout=0.1")
    finally:
        holder.close()
