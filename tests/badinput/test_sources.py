"""Sources that are not there, refuse, or are not what they say: one line with the mend, exit code 2, no traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

SECRET = "top/se@cret:1"
GARBAGE = bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ann:topsecret@127.0.0.1:1/shop", "nothing listens there"),
        ("mysql://ann:topsecret@127.0.0.1:1/shop", "nothing listens there"),
        ("postgresql://ann:topsecret@127.0.0.1:99999/shop", "escape"),
        ("postgersql://ann:topsecret@127.0.0.1/shop", "Did you mean postgresql://?"),
        ("mongodb://ann:topsecret@127.0.0.1/shop", ""),
        ("postgresql://ann:top/topsecret@x:topsecret@127.0.0.1:1/shop", "escape"),
        ("postgresql://ann@127.0.0.1:1/shop?password=topsecret", ""),
    ],
)
@pytest.mark.parametrize("place", ["source", "target"])
def test_servers_that_cannot_be_reached_are_told_and_no_password_is(
    call: Call, small: Path, url: str, words: str, place: str
) -> None:
    told = call("inspect", url, "--json") if place == "source" else call("generate", small, "--to", url, "--json")
    assert told.code == 2
    assert words.lower() in told.line.lower()
    assert "secret" not in told.out + told.err


@pytest.mark.parametrize("place", ["source", "target", "data"])
def test_a_wrong_password_is_refused_and_never_echoed(call: Call, small: Path, mariadb: str, place: str) -> None:
    url = mariadb.replace("root@", "root:topsecret@")
    if place == "source":
        told = call("inspect", url)
    elif place == "target":
        told = call("generate", small, "--to", url)
    else:
        told = call("validate", small, "--data", url)
    assert told.code == 2
    assert "the server refused the log-in of root" in told.line
    assert "user and password" in told.line
    assert "secret" not in told.out + told.err


@pytest.mark.parametrize("place", ["source", "target"])
def test_a_database_that_is_not_there_is_named(
    call: Call, small: Path, postgresql: str, mariadb: str, place: str
) -> None:
    for url in (postgresql + "_not", mariadb + "_not"):
        told = call("inspect", url) if place == "source" else call("generate", small, "--to", url)
        assert told.code == 2
        assert "there is no database" in told.line
        assert "reate it first" in told.line


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.sql", b"", "the file is empty"),
        ("blank.sql", b" \n\n ", "nothing but blanks"),
        ("remark.sql", b"-- nothing here\n", "no SQL statement"),
        ("picture.sql", b"\x89PNG\r\n\x1a\n" + GARBAGE, "a PNG image (although its name ends in .sql)"),
        ("garbage.sql", GARBAGE, "binary data of no known kind (although its name ends in .sql)"),
        ("garbage.db", GARBAGE, "binary data of no known kind"),
        ("text.db", b"just some words", "cannot be told"),
        ("cut.db", b"SQLite format 3\0" + GARBAGE, "cannot be read as a database"),
        ("garbage.schema.yaml", GARBAGE, "binary data"),
    ],
)
def test_a_file_that_is_no_source_says_what_it_is(
    call: Call, dump: Callable[..., Path], name: str, content: bytes, words: str
) -> None:
    told = call("plan", dump(content, name))
    assert told.code == 2
    assert words in told.line
    assert told.line.count(". ") >= 1, "the mend is missing"


def test_a_database_named_as_a_dump_is_read_as_what_it_is(call: Call, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "really.sql")) as connection:
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
    told = call("inspect", tmp_path / "really.sql")
    assert told.code == 0
    assert "primary key (id)" in told.out


def test_a_folder_or_a_missing_file_suggests_what_to_name(call: Call, tmp_path: Path, small: Path) -> None:
    (tmp_path / "dir.sql").mkdir()
    assert "Name the file inside it" in call("plan", tmp_path / "dir.sql").line
    assert "Did you mean" in call("plan", tmp_path / "smal.sql").line
    assert call("generate", "", "--to", tmp_path / "x").code == 2


BROKEN = """CREATE TABLE a (id INTEGER PRIMARY KEY);
CREATE TABEL oops (x int);
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id));
ALTER TABLE nowhere ADD COLUMN z int;
CREATE TABLE c (id INTEGER PRIMARY KEY);
"""


def test_syntax_errors_cost_their_statements_only_and_each_is_told_with_its_line(
    call: Call, dump: Callable[..., Path], tmp_path: Path
) -> None:
    told = call("generate", dump(BROKEN), "--to", f"sqlite:///{tmp_path}/x.db", "--rows", 7)
    assert told.code == 0
    faults = [line for line in told.err.splitlines() if line.startswith("error: ")]
    assert [f.split(":")[1].strip() for f in faults] == ["line 2", "line 4"]
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        found = [connection.execute(f"SELECT count(*) FROM {t}").fetchone() for t in "abc"]
    assert found == [(7,), (7,), (7,)]


def test_a_table_without_a_key_and_a_key_to_nowhere_are_told_and_filled(
    call: Call, dump: Callable[..., Path], tmp_path: Path
) -> None:
    ddl = (
        "CREATE TABLE a (name VARCHAR(20));\nCREATE TABLE b (id int PRIMARY KEY, x int NOT NULL REFERENCES none (id));"
    )
    told = call("generate", dump(ddl), "--to", f"sqlite:///{tmp_path}/x.db", "--rows", 5)
    assert told.code == 0
    assert "line 2: foreign key b_x_fkey refers to none, which does not exist" in told.err
    assert "has no key" in call("inspect", tmp_path / "own.sql").out


NAMES = '''
CREATE TABLE "select" ("from" INTEGER PRIMARY KEY, "quo""te" VARCHAR(20) NOT NULL UNIQUE,
  "with space" INTEGER NOT NULL CHECK ("with space" > 3), "order" DATE);
CREATE TABLE "tä ble's; DROP TABLE ""x""" ("schlüssel" INTEGER PRIMARY KEY, "名前" VARCHAR(10) NOT NULL UNIQUE,
  "ref""1" INTEGER NOT NULL REFERENCES "select" ("from"), "percent%s" INTEGER, "back\\slash" INTEGER,
  "co:lon" INTEGER, "back`tick" INTEGER, "q?" INTEGER, "{b}" INTEGER, "$d" INTEGER, "CASE" INTEGER);
CREATE TABLE "LONG" ("LONG" INTEGER PRIMARY KEY, "ACUTEz" INTEGER REFERENCES "LONG" ("LONG"),
  UNIQUE ("ACUTEz", "LONG"));
'''.replace("LONG", "x" * 63).replace("ACUTE", "é" * 31)


@pytest.mark.parametrize("target", ["postgresql", "mariadb", "sqlite", "duckdb", "csv", "parquet", "sql"])
def test_names_with_quotes_blanks_reserved_words_unicode_and_63_bytes_arrive_everywhere(
    call: Call, dump: Callable[..., Path], tmp_path: Path, request: pytest.FixtureRequest, target: str
) -> None:
    match target:
        case "postgresql" | "mariadb":
            where = [request.getfixturevalue(target)]
        case "sqlite" | "duckdb":
            where = [f"{target}:///{tmp_path}/names.{target}"]
        case _:
            where = [str(tmp_path / "files"), "--format", target]
    told = call("generate", dump(NAMES), "--to", *where, "--rows", 40)
    assert told.code == 0, told.err
    if target in ("csv", "parquet", "sqlite"):
        data = where[0]
        checked = call("validate", tmp_path / "own.sql", "--data", data)
        assert checked.code == 0, checked.out


WRONG = [
    ("entities:", "entitties:", "Did you mean 'entities'?"),
    ("nullable:", "nulable:", "Did you mean 'nullable'?"),
    ("kind: integer", "kind: intejer", "intejer"),
    ("target: a\n", "target: aa\n", "did you mean 'a'?"),
    ("    - a_id\n", "    - b_id\n", "did you mean 'a_id'?"),
    ("name: ", "name: [", "not valid YAML"),
]


@pytest.mark.parametrize(("right", "wrong", "words"), WRONG)
def test_a_saved_schema_with_a_slip_names_the_line_or_the_key(
    call: Call, small: Path, tmp_path: Path, right: str, wrong: str, words: str
) -> None:
    path = tmp_path / "own.schema.yaml"
    assert call("inspect", small, "--save", path).code == 0
    text = path.read_text()
    assert right in text
    path.write_text(text.replace(right, wrong))
    told = call("plan", path)
    assert told.code == 2
    assert words in told.line
    assert ", line " in told.line or "foreign key" in told.line


def test_a_saved_plan_with_a_changed_cut_or_missing_part_is_refused(call: Call, small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own.plan"
    assert call("plan", small, "--save", folder).code == 0
    parts = [p for p in folder.rglob("*") if p.is_file()]
    assert len(parts) > 1
    for part in parts:
        held = part.read_bytes()
        for spoilt in (held[: len(held) // 2], held + b"x", None):
            part.unlink() if spoilt is None else part.write_bytes(spoilt)
            told = call("generate", folder, "--to", tmp_path / "out")
            assert told.code == 2, part
            assert folder.name in told.line
            assert not (tmp_path / "out").exists()
        part.write_bytes(held)
    assert call("generate", folder, "--to", tmp_path / "out").code == 0
