"""Dump files without a server: structure and rows in an empty target, of the same dialect and of others; files."""

from __future__ import annotations

import pytest
from tests.e2e.support_torture import FOLDER, broken, faults, mariadb_database

import understudy

SQLITE = [FOLDER / "sqlite" / n for n in ("affinity.sql", "checks.sql", "uniques.sql")]
MARIADB = [FOLDER / "mariadb" / n for n in ("checks.sql", "types.sql", "partitions.sql", "names.sql")]


@pytest.mark.parametrize("path", SQLITE, ids=lambda p: p.stem)
def test_a_sqlite_dump_fills_an_empty_file(path, tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    manifest = understudy.generate(str(path), to=url, rows=40, seed=4)
    assert {t.name for t in manifest.tables} == {e.name for e in understudy.read(url).entities}
    assert broken(url) == []


@pytest.mark.parametrize("path", MARIADB, ids=lambda p: p.stem)
def test_a_mariadb_dump_fills_an_empty_database(path):
    with mariadb_database(f"dump_{path.stem}", "SELECT 1") as url:
        manifest = understudy.generate(str(path), to=url, rows=40, seed=4)
        assert faults(url, {t.name: t.accepted for t in manifest.tables}) == []
        assert broken(url) == []


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl", "sql"])
def test_a_dump_becomes_files_in_which_no_rule_is_broken(form, tmp_path):
    for path in (SQLITE[1], MARIADB[0]):
        place = str(tmp_path / f"{path.parent.name}_{form}")
        understudy.generate(str(path), to=place, format=form, rows=40, seed=4)
        if form != "sql":
            assert broken(source=str(path), data=place) == []


def test_a_mariadb_dump_fills_sqlite_as_far_as_that_can_say_it(tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    manifest = understudy.generate(str(FOLDER / "mariadb" / "composite.sql"), to=url, rows=40, seed=4)
    assert all(t.accepted == t.sent for t in manifest.tables)
    assert broken(url) == []


def test_a_sqlite_dump_fills_mariadb_as_far_as_that_can_say_it():
    with mariadb_database("cross", "SELECT 1") as url:
        manifest = understudy.generate(str(SQLITE[2]), to=url, rows=40, seed=4)
        assert all(t.accepted == t.sent for t in manifest.tables)
        assert broken(url) == []
