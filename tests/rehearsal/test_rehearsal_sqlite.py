"""Triggers of SQLite: what they reject, swallow, rewrite and add is learned before the load."""

from __future__ import annotations

from pathlib import Path

import pytest
from trial_databases import ask, fill, lessons, sqlite

from understudy.errors import UnsatisfiableError

FILMS = """
CREATE TABLE film (id INTEGER PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('a','b','c')),
  len INTEGER NOT NULL CHECK (len BETWEEN 1 AND 1000), updated TEXT);
CREATE TABLE film_text (film_id INTEGER PRIMARY KEY REFERENCES film (id), title TEXT NOT NULL, n INT);
CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, who TEXT);
CREATE TABLE copy (id INTEGER PRIMARY KEY, film_id INTEGER NOT NULL REFERENCES film (id),
  state TEXT NOT NULL CHECK (state IN ('good', 'worn', 'lost')));
CREATE TRIGGER film_before BEFORE INSERT ON film WHEN NEW.len < 30 BEGIN SELECT RAISE(ABORT, 'too short'); END;
CREATE TRIGGER film_after AFTER INSERT ON film BEGIN
  INSERT INTO film_text (film_id, title) VALUES (NEW.id, NEW.title);
  INSERT INTO log (what) VALUES ('film ' || NEW.id);
  UPDATE film SET updated = datetime('now') WHERE id = NEW.id;
END;
CREATE TRIGGER copy_before BEFORE INSERT ON copy BEGIN
  SELECT RAISE(ABORT, 'no copies of c') WHERE EXISTS (SELECT 1 FROM film WHERE id = NEW.film_id AND kind = 'c');
END;
CREATE TRIGGER copy_lost BEFORE INSERT ON copy WHEN NEW.state = 'lost' BEGIN SELECT RAISE(IGNORE); END;
"""


def test_films_whose_triggers_reject_swallow_and_add_are_loaded_without_a_rejected_row(tmp_path: Path) -> None:
    url = sqlite(tmp_path / "films.db", FILMS)
    manifest = fill(url)
    assert manifest.holds
    assert all(t.rejected == 0 and t.sent == 120 for t in manifest.tables)
    assert "film.updated" in lessons(manifest, "Assigned")
    assert ask(url, "SELECT count(*) FROM copy") == [(120,)], "no row was swallowed"
    assert ask(url, "SELECT count(*), count(n) > 0 FROM film_text") == [(120, 1)]
    assert ask(url, "SELECT count(*) FROM log") == [(240,)]


def test_a_rehearsal_leaves_no_trace_where_nothing_can_be_met(tmp_path: Path) -> None:
    url = sqlite(
        tmp_path / "closed.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, x INT); "
        "CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'closed for good'); END;",
    )
    before = (tmp_path / "closed.db").read_bytes()
    with pytest.raises(UnsatisfiableError, match="closed for good"):
        fill(url, default_rows=0, rows={"t": 9})
    assert (tmp_path / "closed.db").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["closed.db"]


HALF = """
CREATE TABLE t (id INTEGER PRIMARY KEY, x INT); CREATE TABLE u (id INTEGER PRIMARY KEY, x INT);
CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'closed for good'); END;
"""


def test_a_table_that_takes_no_row_stops_the_load_before_it_begins_until_it_is_left_out(tmp_path: Path) -> None:
    url = sqlite(tmp_path / "half.db", HALF)
    with pytest.raises(
        UnsatisfiableError, match=r"t: refused: it takes no row: closed for good.*--except t leaves it out"
    ):
        fill(url)
    assert ask(url, "SELECT count(*) FROM u") == [(0,)]
    for wish in ({"excluded": ("t",)}, {"rows": {"t": 0}}):
        Path(tmp_path / "half.db").unlink()
        manifest = fill(sqlite(tmp_path / "half.db", HALF), **wish)
        assert {t.name: t.sent for t in manifest.tables if t.sent} == {"u": 120}
