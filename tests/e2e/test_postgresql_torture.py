"""Schemas made to break a loader, filled in a real PostgreSQL with every constraint on, then topped up; then from their
dumps alone."""

from __future__ import annotations

import pytest
from tests.e2e.support_torture import FOLDER, faults, postgresql, postgresql_database

import understudy

SCHEMAS = sorted((FOLDER / "postgresql").glob("*.sql"))
ALONE = [p for p in SCHEMAS if p.stem not in ("maps",)]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.stem)
def test_every_row_is_accepted_twice_and_no_column_is_poor(path):
    with postgresql_database(path.stem, path.read_text()) as url:
        first = understudy.generate(url, to=url, rows=60, seed=7)
        counts = {t.name: t.accepted for t in first.tables}
        assert all(t.sent == t.accepted for t in first.tables)
        assert faults(url, counts) == []
        second = understudy.generate(url, to=url, rows=40, seed=8, mode="append")
        total = {t.name: counts[t.name] + t.accepted for t in second.tables}
        assert faults(url, total) == []


@pytest.mark.parametrize("path", ALONE, ids=lambda p: p.stem)
def test_a_dump_alone_gives_statements_that_a_fresh_server_takes(path, tmp_path):
    with postgresql_database(f"dump_{path.stem}") as url:
        manifest = understudy.generate(str(path), to=str(tmp_path), format="sql", rows=40, seed=4)
        postgresql(f"\\i {tmp_path}/load.sql", url.rsplit("/", 1)[1])
        assert faults(url, {t.name: t.accepted for t in manifest.tables}) == []
