"""Data files on the command line: inspect, profile, preview, validate."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from tests.files.material import written

from understudy.cli.main import main

ROWS = "".join(f"{i};{('Rome', 'Oslo')[i % 2]};{i},5;{i % 28 + 1:02}.01.2024\n" for i in range(1, 121))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path, "trips.csv", "id;city;cost;day\n" + ROWS)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    code = main(list(words))
    assert code == 0
    return capsys.readouterr().out


def test_preview_shows_the_files_own_rows_and_what_they_are_read_as(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(said(capsys, "preview", str(path), "--limit", "2", "--json"))["trips"]
    assert found["total"] == 120
    assert found["rows"] == [
        {"id": 1, "city": "Oslo", "cost": 1.5, "day": "2024-01-02"},
        {"id": 2, "city": "Rome", "cost": 2.5, "day": "2024-01-03"},
    ]
    assert found["columns"]["cost"] == "decimal (decimal comma)"
    assert found["columns"]["day"] == "date (d.m.Y)"
    assert "2024-01-02" in said(capsys, "preview", str(path))


def test_preview_of_rows_as_they_would_be_made(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = json.loads(said(capsys, "preview", str(path), "--made", "--json"))["trips"]
    assert len(made) == 10
    assert {r["city"] for r in made} <= {"Rome", "Oslo"}
    assert json.loads(said(capsys, "preview", str(path), "--seed", "3", "--json"))["trips"] != made


def test_profiles_of_files_and_of_databases_say_the_same(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "t.db"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE trips (id INTEGER PRIMARY KEY, city TEXT, cost REAL)")
        rows = [(i, ("Rome", "Oslo")[i % 2], i + 0.5) for i in range(1, 121)]
        connection.executemany("INSERT INTO trips VALUES (?, ?, ?)", rows)
    connection.close()
    before = database.read_bytes()
    own = json.loads(said(capsys, "inspect", str(path), "--profile", "--table", "trips", "--json"))
    theirs = json.loads(said(capsys, "inspect", str(database), "--profile", "--table", "trips", "--json"))
    for name in ("id", "city", "cost"):
        one = next(c for c in own["columns"] if c["name"] == name)
        other = next(c for c in theirs["columns"] if c["name"] == name)
        assert {k: one.get(k) for k in ("rows", "nulls", "distinct", "low", "high")} == {
            k: other.get(k) for k in ("rows", "nulls", "distinct", "low", "high")
        }
    assert database.read_bytes() == before
    assert "Rome 50%" in said(capsys, "inspect", str(path), "--profile")


def test_profiling_what_holds_no_rows_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = written(tmp_path, "s.sql", "CREATE TABLE t (a int);")
    assert main(["inspect", str(dump), "--profile"]) == 2
    assert "holds no rows that can be measured" in capsys.readouterr().err


def test_validate_tells_faults_by_line_and_ends_with_one(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "inspect", str(path), "--save", str(tmp_path / "trips"))
    bad = written(tmp_path, "bad.csv", "id;city;cost;day\n" + ROWS + "7;Paris;x;31.02.2024\n")
    assert main(["validate", str(tmp_path / "trips.schema.yaml"), "--data", str(bad)]) == 1
    told = capsys.readouterr().out
    for words in ("line 122, cost='x'", "line 122, day='31.02.2024'", "city='Paris'", "line 8 and line 122, id=7"):
        assert words in told
    assert main(["validate", str(tmp_path / "trips.schema.yaml"), "--data", str(path)]) == 0
