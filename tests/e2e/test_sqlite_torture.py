"""Schemas made to break a loader, filled in SQLite with foreign keys on, then topped up."""

from __future__ import annotations

import sqlite3

import pytest
from tests.e2e.support_torture import FOLDER, ask, broken, faults, sqlite_file

import understudy

SCHEMAS = sorted((FOLDER / "sqlite").glob("*.sql"))
EMPTY = {"ghost"}
"""Its foreign key leads to no table: SQLite takes no row."""

MEANT = {"never.x"}
"""Its check permits nothing but null."""


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.stem)
def test_every_row_is_accepted_twice_and_no_column_is_poor(path, tmp_path):
    url = sqlite_file(tmp_path / "t.db", path.read_text())
    first = understudy.generate(url, to=url, rows=120, seed=7)
    counts = {t.name: t.accepted for t in first.tables}
    assert all(t.sent == t.accepted and (t.accepted or t.name in EMPTY) for t in first.tables)
    assert [f for f in faults(url, counts) if f.split(":")[0] not in MEANT] == []
    assert broken(url) == []
    second = understudy.generate(url, to=url, rows=60, seed=8, mode="append")
    total = {t.name: counts[t.name] + t.accepted for t in second.tables}
    assert [f for f in faults(url, total) if f.split(":")[0] not in MEANT] == []
    assert broken(url) == []
    with sqlite3.connect(tmp_path / "t.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_text_that_checks_read_as_something_holds_that(tmp_path):
    ddl = """CREATE TABLE t (id INTEGER PRIMARY KEY, d TEXT NOT NULL CHECK (d = date(d)),
             at TEXT NOT NULL CHECK (datetime(at) IS NOT NULL), j TEXT NOT NULL CHECK (json_type(j) = 'array'),
             digits TEXT NOT NULL CHECK (digits NOT GLOB '*[^0-9]*' AND length(digits) = 6))"""
    url = sqlite_file(tmp_path / "t.db", ddl)
    understudy.generate(url, to=url, rows=100, seed=2)
    assert ask(url, "SELECT COUNT(*), COUNT(DISTINCT d) > 20, COUNT(DISTINCT digits) > 90 FROM t") == [100, 1, 1]


def test_what_only_null_fulfils_and_what_no_row_can_enter_is_told(tmp_path):
    ddl = """CREATE TABLE t (id INTEGER PRIMARY KEY, x INT CHECK (x > 5 AND x < 3));
             CREATE TABLE lost (id INTEGER PRIMARY KEY, v INT REFERENCES nowhere(id))"""
    plan = understudy.plan(sqlite_file(tmp_path / "t.db", ddl), rows=10).plan
    assert "t.x: its checks permit no value but null" in plan.warnings
    assert plan.table("lost").rows == 0
    assert any("nowhere" in w for w in plan.warnings)


def test_a_bound_on_a_computed_column_narrows_what_it_is_computed_from(tmp_path):
    ddl = "CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, s INT AS (a * b) STORED CHECK (s <= 400))"
    url = sqlite_file(tmp_path / "t.db", ddl)
    understudy.generate(url, to=url, rows=200, seed=2)
    assert ask(url, "SELECT COUNT(*), COUNT(DISTINCT s) > 10, MAX(s) <= 400 FROM t") == [200, 1, 1]


def test_a_rule_that_one_row_in_thousands_would_break_holds_in_all(tmp_path):
    ddl = """CREATE TABLE t (id INTEGER PRIMARY KEY, w INT NOT NULL CHECK (w > 0), h INT NOT NULL CHECK (h > 0),
             CHECK (w * h > 3))"""
    url = sqlite_file(tmp_path / "t.db", ddl)
    understudy.generate(url, to=url, rows=30_000, seed=7)
    assert ask(url, "SELECT COUNT(*), MIN(w * h) > 3 FROM t") == [30_000, 1]
