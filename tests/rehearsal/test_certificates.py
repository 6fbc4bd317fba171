"""Certificates are written, read, and verified again; a refused row is explained."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from trial_databases import sqlite

from understudy.cli.main import main
from understudy.errors import SourceError
from understudy.workflow.certifying import load_certificate, verify_load

SHOP = """
CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE member (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES team (id),
  age INTEGER NOT NULL CHECK (age BETWEEN 18 AND 65));
"""


@pytest.fixture
def loaded(tmp_path: Path) -> tuple[str, Path]:
    """A loaded database's URL and its certificate's folder."""
    url = sqlite(tmp_path / "shop.db", SHOP)
    assert (
        main(["generate", url, "--to", url, "--rows", "50", "--quiet", "--certificate", str(tmp_path / "proof")]) == 0
    )
    return url, tmp_path / "proof"


def change(url: str, sql: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.executescript(sql)


def test_a_certificate_says_what_was_loaded_and_is_verified_again(loaded: tuple[str, Path]) -> None:
    url, folder = loaded
    manifest = load_certificate(folder).manifest
    assert manifest.server.startswith("SQLite")
    assert manifest.structure_before == manifest.structure_after != ""
    assert [(t.name, t.sent, t.accepted, t.rejected, bool(t.checksum)) for t in manifest.tables] == [
        ("team", 50, 50, 0, True),
        ("member", 50, 50, 0, True),
    ]
    again = verify_load(folder)
    assert again.holds
    assert {(c.table, c.kind) for c in again.manifest.constraints} >= {("member", "foreign_key"), ("member", "check")}
    assert main(["verify-load", str(folder), "--quiet"]) == 0
    change(url, "INSERT INTO member VALUES (1000, 1, 30)")
    assert verify_load(folder).rows["member"] == (50, 51), "more rows are told, and break nothing"


def test_a_broken_row_and_a_dropped_constraint_are_found_later(loaded: tuple[str, Path]) -> None:
    url, folder = loaded
    change(url, "PRAGMA ignore_check_constraints = ON; UPDATE member SET age = 7 WHERE id = 1;")
    again = verify_load(folder)
    assert not again.holds
    assert again.structure
    assert [c.violations for c in again.manifest.constraints if c.violations] == [1]
    assert main(["verify-load", str(folder), "--quiet"]) == 1
    change(url, "CREATE TRIGGER late BEFORE INSERT ON team BEGIN SELECT 1; END;")
    assert not verify_load(folder).structure


def test_a_certificate_that_was_changed_is_refused(loaded: tuple[str, Path]) -> None:
    place = loaded[1] / "certificate.json"
    place.write_text(place.read_text().replace('"accepted": 50', '"accepted": 51', 1))
    with pytest.raises(SourceError, match="changed after it was written"):
        verify_load(loaded[1])
    assert main(["verify-load", str(loaded[1] / "nowhere"), "--quiet"]) == 2


def test_the_page_stands_alone_and_names_every_constraint(loaded: tuple[str, Path]) -> None:
    text = (loaded[1] / "certificate.html").read_text()
    found: list[str] = []

    class Page(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(tag)
            away = [v for name, v in attrs if name == "src" or (name == "href" and not (v or "").startswith("#"))]

            assert not away, "nothing is loaded from anywhere"

    Page().feed(text)
    assert {"table", "style", "h1"} <= set(found)
    assert "script" not in found
    assert "Holds" in text
    assert "BETWEEN 18 AND 65" in text


def test_a_refused_row_is_shown_with_its_rule_and_a_command_that_shows_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = sqlite(
        tmp_path / "odd.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INTEGER NOT NULL CHECK (x BETWEEN 0 AND 1000));"
        "CREATE TRIGGER odd BEFORE INSERT ON t WHEN NEW.id = 90 BEGIN SELECT RAISE(ABORT, 'not the ninetieth'); END;",
    )
    assert main(["generate", url, "--to", url, "--rows", "120", "--seed", "3", "--quiet", "--no-rehearse"]) == 2
    told = capsys.readouterr().err
    assert "not the ninetieth" in told.splitlines()[0]
    assert "table       t" in told
    assert "trigger     odd (before insert)" in told
    again = next(line for line in told.splitlines() if line.strip().startswith("again"))
    assert "understudy rehearse" in again
    assert "--seed 3" in again
    assert "--table t" in again
