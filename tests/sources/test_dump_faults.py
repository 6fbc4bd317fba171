"""Bad dumps: each fault gets its line, and everything else is read."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest

from understudy.errors import SourceError
from understudy.fusion import fuse
from understudy.model.schema import Schema
from understudy.sources.database import dump


def schema(text: str, dialect: str = "postgresql") -> Schema:
    return fuse([dump.read("test.sql", text=text, dialect=dialect)])


def errors(found: Schema) -> list[str]:
    return [r.place for r in found.remarks if r.severity == "error"]


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        ("CREATE TABLE x (id int PRIMARY KEY, b int;", "line 2"),
        ("CREATE TABLE x (id int DEFAULT 'oh);", "line 2"),
        ("CREATE TABLE x (id int\n, na me int));", "line 3"),
        ("CREATE TABLE x (id int,\n b int REFERENCES);", "line 3"),
        ("FROBNICATE the table x;", "line 2"),
        ("ALTER TABLE nowhere ADD x int;", "line 2"),
        ("CREATE TABLE first (again int);", "line 2"),
        ("ALTER TABLE first\n ADD CONSTRAINT c CHECK;", "line 3"),
        ("CREATE UNIQUE INDEX i ON first (nothing);", "line 2"),
        ("COMMENT ON COLUMN first.nothing IS 'x';", "line 2"),
    ],
)
def test_a_fault_is_told_with_its_line_and_the_rest_is_read(bad: str, line: str) -> None:
    found = schema(
        f"CREATE TABLE first (a int);\n{bad}\n"
        f"CREATE TABLE last (z int REFERENCES last2, q text DEFAULT 'fine');\nCREATE TABLE last2 (z int PRIMARY KEY);"
    )
    assert line in errors(found)
    assert {"first", "last", "last2"} <= {e.name for e in found.entities}
    assert found.entity("last").foreign_keys[0].target == "last2"


def test_one_bad_column_leaves_the_others_standing() -> None:
    found = schema("CREATE TABLE t (a int PRIMARY KEY,\n b int FROB NOT,\n c int CHECK (c > 0));")
    assert "line 2" in errors(found)
    assert {"a", "c"} <= {f.name for f in found.entity("t").fields}
    assert found.entity("t").primary_key is not None
    assert len(found.entity("t").checks) == 1


def test_missing_semicolons_are_told_and_cost_nothing() -> None:
    found = schema("CREATE TABLE a (id int PRIMARY KEY)\nCREATE TABLE b (x int)\n\nCREATE UNIQUE INDEX i ON b (x)\n")
    assert [e.name for e in found.entities] == ["a", "b"]
    assert [u.name for u in found.entity("b").uniques] == ["i"]
    assert any("semicolon" in r.text for r in found.remarks)


def test_a_broken_insert_loses_no_table() -> None:
    found = schema(
        "CREATE TABLE a (n text);\nINSERT INTO a VALUES ('O'Brien');\n"
        "INSERT INTO a VALUES ('Smith');\nCREATE TABLE b (x int);",
        "sqlite",
    )
    assert [e.name for e in found.entities] == ["a", "b"]
    assert found.entity("a").rows is None
    assert "line 2" in errors(found)


def test_a_foreign_key_to_nowhere_is_told_and_left_out() -> None:
    found = schema("CREATE TABLE t (a int,\n b int REFERENCES gone (x));")
    assert found.entity("t").foreign_keys == ()
    assert [r.place for r in found.remarks if "gone" in r.text] == ["line 2"]


def test_an_unknown_type_is_kept_in_its_words_and_told() -> None:
    found = schema("CREATE TABLE t (a frobtype(3));")
    assert found.entity("t").field("a").type.raw == "frobtype(3)"
    assert any("frobtype" in r.text for r in found.remarks)


def test_other_files_are_said_not_to_be_read() -> None:
    found = schema("\\i other.sql\nCREATE TABLE t (a int);")
    assert any("other.sql" in r.text and r.place == "line 1" for r in found.remarks)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\t\n", "no SQL statement"),
        (b"-- only a comment\n", "no SQL statement"),
        (b"INSERT INTO t VALUES (1);", "defines no table"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
        (gzip.compress(b"CREATE TABLE t (a int);", mtime=0), "gzip"),
        (bytes(range(1, 256)) * 9, "binary|defines no table"),
        (b"SQLite format 3\0" + bytes(200), "SQLite"),
        (b"PGDMP\x01\x0e" + bytes(99), "pg_dump archive"),
    ],
)
def test_files_that_hold_no_schema_are_refused_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.sql"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=words) as caught:
        dump.read(path)
    assert caught.value.mend
    assert "\n" not in caught.value.line


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        dump.read(tmp_path / "nothing.sql")
    with pytest.raises(SourceError, match="folder"):
        dump.read(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_every_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.sql"
    path.write_bytes('CREATE TABLE "naïve" (a int, "größe" text DEFAULT \'é\');\n'.encode(encoding) * 1)
    found = fuse([dump.read(path, dialect="postgresql")])
    assert [f.name for f in found.entity("naïve").fields] == ["a", "größe"]
    assert any("Latin-1" in r.text for r in found.remarks) == (encoding in ("latin-1", "cp1252"))


def test_a_folder_of_a_duckdb_export_is_its_schema(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, s STRUCT(x INTEGER), CHECK (a > 0))")
        connection.execute(f"EXPORT DATABASE '{tmp_path / 'out'}'")
    evidence = dump.read(tmp_path / "out")
    assert evidence.dialect == "duckdb"
    assert [c.text for c in fuse([evidence]).entity("t").checks] == ["a > 0"]


def test_reading_grows_with_the_size_and_not_faster() -> None:
    def took(tables: int) -> float:
        text = "".join(
            f"CREATE TABLE t{i} (id int PRIMARY KEY, a text, b int REFERENCES t{i});\n" for i in range(tables)
        )
        began = time.process_time()
        dump.read("x.sql", text=text, dialect="postgresql")
        return time.process_time() - began

    took(50)
    assert took(1600) < 12 * max(took(400), 0.05)  # four times the tables; a square law would take sixteen times
