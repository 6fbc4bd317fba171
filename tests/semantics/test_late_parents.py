"""A rule's bound is stronger than the wish that a child begins after its parent."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import understudy

DDL = """CREATE TABLE rental (id INTEGER PRIMARY KEY, rented_at TIMESTAMP NOT NULL);
CREATE TABLE payment (id INTEGER PRIMARY KEY, rental_id INT NOT NULL REFERENCES rental,
  paid_at TIMESTAMP NOT NULL CHECK (paid_at >= '2020-01-01' AND paid_at < '2020-03-01'));"""


def test_a_child_whose_parent_began_too_late_keeps_to_its_own_bounds(tmp_path: Path) -> None:
    schema = tmp_path / "s.sql"
    schema.write_text(DDL)
    manifest = understudy.generate(str(schema), to=f"sqlite:///{tmp_path}/d.db", rows=200, seed=1)
    assert manifest.holds
    with sqlite3.connect(tmp_path / "d.db") as connection:
        first, last, different = connection.execute(
            "SELECT min(paid_at), max(paid_at), count(DISTINCT paid_at) FROM payment"
        ).fetchone()
    assert first >= "2020-01-01"
    assert last < "2020-03-01"
    assert different > 150
