"""The main job from the command line, on real SQLite files: what is promised is what happens."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from understudy.cli.main import main

DDL = """
CREATE TABLE team (
  id INTEGER PRIMARY KEY,
  name VARCHAR(30) NOT NULL UNIQUE,
  part_of INTEGER REFERENCES team (id)
);
CREATE TABLE member (
  team_id INTEGER NOT NULL REFERENCES team (id),
  number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 500),
  email VARCHAR(60) NOT NULL UNIQUE,
  state VARCHAR(10) NOT NULL CHECK (state IN ('asked', 'joined', 'left')),
  joined_on DATE,
  left_on DATE,
  PRIMARY KEY (team_id, number),
  CHECK (left_on IS NULL OR left_on >= joined_on)
);
"""

IMPOSSIBLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER NOT NULL CHECK (a > 5), CHECK (a < 3));"


@pytest.fixture
def dump(tmp_path: Path) -> str:
    (tmp_path / "clubs.sql").write_text(DDL)
    return str(tmp_path / "clubs.sql")


@pytest.fixture
def live(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "live.db")) as connection:
        connection.executescript(DDL)
    return f"sqlite:///{tmp_path / 'live.db'}"


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(query).fetchall()


def test_a_live_database_is_filled_and_certified(live: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", live, "--to", live, "--rows", "50", "--rows", "member=1_200", "--seed", "3"]) == 0
    shown = capsys.readouterr()
    assert "HOLDS" in shown.out
    assert "1,200" in shown.out
    assert "rows" in shown.err
    assert rows(live, "SELECT count(*) FROM team") == [(50,)]
    assert rows(live, "SELECT count(*) FROM member") == [(1200,)]
    assert rows(live, "PRAGMA foreign_key_check") == []
    assert rows(live, "PRAGMA integrity_check") == [("ok",)]


def test_json_is_the_certificate_and_nothing_else(live: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", live, "--to", live, "--rows", "20", "--json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert {t["name"]: t["accepted"] for t in manifest["tables"]} == {"team": 20, "member": 20}
    assert {c["violations"] for c in manifest["constraints"]} == {0}


def test_quiet_says_nothing(live: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", live, "--to", live, "--rows", "5", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_rows_that_are_there_are_not_touched_unasked(live: str, capsys: pytest.CaptureFixture[str]) -> None:
    again = ["generate", live, "--to", live, "--rows", "20", "--quiet"]
    assert main(again) == 0
    before = rows(live, "SELECT * FROM member")
    assert main(again) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "--append" in error
    assert rows(live, "SELECT * FROM member") == before
    assert main([*again, "--append", "--seed", "9"]) == 0
    assert rows(live, "SELECT count(*) FROM member") == [(40,)]
    assert set(before) < set(rows(live, "SELECT * FROM member"))
    assert main([*again, "--replace"]) == 0
    assert rows(live, "SELECT * FROM member") == before


def test_files_and_a_database_get_the_same_rows(dump: str, tmp_path: Path) -> None:
    wishes = ["--rows", "30", "--seed", "5", "--quiet", "--clock", "2026-01-01"]
    assert main(["generate", dump, "--to", str(tmp_path / "a"), "--format", "csv", *wishes]) == 0
    assert main(["generate", dump, "--to", str(tmp_path / "b"), "--format", "csv", "--workers", "2", *wishes]) == 0
    names = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert [(tmp_path / "b" / n).read_bytes() for n in names] == [(tmp_path / "a" / n).read_bytes() for n in names]
    url = f"sqlite:///{tmp_path / 'c.db'}"
    assert main(["generate", dump, "--to", url, *wishes]) == 0
    emails = sorted(row[0] for row in rows(url, "SELECT email FROM member"))
    lines = (tmp_path / "a" / "member.csv").read_text().splitlines()
    at = lines[0].replace('"', "").split(",").index("email")
    assert sorted(line.split(",")[at].strip('"') for line in lines[1:]) == emails


def test_preview_shows_the_rows_that_generate_makes(dump: str, capsys: pytest.CaptureFixture[str]) -> None:
    wishes = ["--rows", "30", "--seed", "5", "--clock", "2026-01-01"]
    assert main(["preview", dump, "--table", "member", "--limit", "4", "--json", *wishes]) == 0
    shown = json.loads(capsys.readouterr().out)["member"]
    assert len(shown) == 4
    assert main(["generate", dump, "--to", "-", "--only", "member", "--follow", *wishes]) == 2
    assert "one stream" in capsys.readouterr().err
    assert main(["preview", dump, *wishes]) == 0
    assert shown[0]["email"] in capsys.readouterr().out


def test_rows_can_go_into_a_pipe(dump: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    wishes = ["--rows", "25", "--seed", "5", "--clock", "2026-01-01"]
    assert main(["generate", dump, "--to", "-", "--only", "team", "--format", "jsonl", *wishes]) == 0
    found = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert len({row["name"] for row in found}) == 25


def test_a_saved_plan_gives_the_same_rows_again(dump: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wishes = ["--rows", "30", "--seed", "5", "--clock", "2026-01-01"]
    assert main(["plan", dump, *wishes, "--save", str(tmp_path / "clubs")]) == 0
    text = capsys.readouterr().out
    for words in ("member: 30 rows", "email", "Order of loading", "check", "clubs.plan"):
        assert words in text
    made = []
    for source, place, more in ((str(tmp_path / "clubs.plan"), "a", []), (dump, "b", wishes)):
        assert main(["generate", source, "--to", str(tmp_path / place), "--format", "jsonl", "--quiet", *more]) == 0
        made.append((tmp_path / place / "member.jsonl").read_bytes())
    assert made[0] == made[1]


def test_what_cannot_be_met_is_said_before_a_row_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.sql").write_text(IMPOSSIBLE)
    assert main(["plan", str(tmp_path / "x.sql")]) == 1
    assert "Cannot be met" in capsys.readouterr().out
    url = f"sqlite:///{tmp_path / 'x.db'}"
    assert main(["generate", str(tmp_path / "x.sql"), "--to", url]) == 2
    assert "a" in capsys.readouterr().err
    assert not (tmp_path / "x.db").exists()


def test_a_saved_schema_is_a_source_like_the_dump(
    dump: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", dump, "--save", str(tmp_path / "clubs")]) == 0
    assert "part_of" in capsys.readouterr().out
    assert main(["inspect", dump, "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(["inspect", str(tmp_path / "clubs.schema.yaml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entities"] == first["entities"]
    assert main(["inspect", dump, "--table", "membr"]) == 2
    assert "Did you mean 'member'?" in capsys.readouterr().err


def test_validate_finds_what_was_broken_on_purpose(
    live: str, dump: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", live, "--to", live, "--rows", "40", "--quiet"]) == 0
    assert main(["validate", dump, "--data", live]) == 0
    assert "0 broken" in capsys.readouterr().out
    with closing(sqlite3.connect(live.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = on")
        connection.execute("UPDATE member SET state = 'lost' WHERE rowid <= 3")
        connection.execute("UPDATE member SET team_id = 99999 WHERE rowid = 7")
    assert main(["validate", dump, "--data", live]) == 1
    text = capsys.readouterr().out
    assert "3 × check" in text
    assert "1 × foreign key" in text
    assert main(["validate", dump, "--data", live, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["violations"]
    assert sorted(v["count"] for v in found) == [1, 3]
    assert main(["generate", dump, "--to", str(tmp_path / "files"), "--rows", "40", "--quiet"]) == 0
    assert main(["validate", dump, "--data", str(tmp_path / "files")]) == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.sql", b""),
        ("garbage.sql", bytes(range(256)) * 20),
        ("words.sql", b"this is no SQL at all;"),
        ("none", None),
    ],
)
def test_a_source_that_describes_nothing_is_one_line(
    tmp_path: Path, name: str, data: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    assert main(["generate", str(tmp_path / name), "--to", f"sqlite:///{tmp_path / 'x.db'}", "--quiet"]) == 2
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("understudy: ")]
    assert len(error) == 1
    assert not (tmp_path / "x.db").exists()


def test_the_demo_shows_rows_and_a_certificate_that_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--folder", str(tmp_path / "demo")]) == 0
    text = capsys.readouterr().out
    for words in ("customer", "order_line", "LOAD CERTIFICATE", "HOLDS", "understudy generate postgresql://"):
        assert words in text
    url = f"sqlite:///{tmp_path / 'demo' / 'shop.db'}"
    assert rows(url, "PRAGMA foreign_key_check") == []
    assert rows(url, "PRAGMA integrity_check") == [("ok",)]
    assert len(rows(url, "SELECT DISTINCT status FROM orders")) == 5
    first = rows(url, "SELECT * FROM customer")
    assert main(["demo", "--folder", str(tmp_path / "demo"), "--quiet"]) == 0
    assert rows(url, "SELECT * FROM customer") == first


def test_the_demo_never_replaces_a_file_that_is_not_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
        connection.execute("CREATE TABLE mine (a)")
    assert main(["demo", "--folder", str(tmp_path)]) == 2
    assert "no demo made it" in capsys.readouterr().err
    assert rows(f"sqlite:///{tmp_path / 'shop.db'}", "SELECT count(*) FROM mine") == [(0,)]
