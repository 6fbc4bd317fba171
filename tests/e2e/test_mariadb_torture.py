"""Schemas made to break a loader, filled in a real MariaDB with every constraint on, then topped up."""

from __future__ import annotations

import pytest
from tests.e2e.support_torture import FOLDER, broken, faults, mariadb, mariadb_database

import understudy
from understudy.errors import UnderstudyError

SCHEMAS = sorted((FOLDER / "mariadb").glob("*.sql"))
MEANT = {"uniques": {"boolu.is_default"}}
"""Columns that their checks leave one value."""


def left(name: str, found: list[str]) -> list[str]:
    return [f for f in found if f.split(":")[0] not in MEANT.get(name, set())]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.stem)
def test_every_row_is_accepted_twice_and_no_column_is_poor(path):
    with mariadb_database(path.stem, path.read_text()) as url:
        first = understudy.generate(url, to=url, rows=120, seed=7)
        counts = {t.name: t.accepted for t in first.tables}
        assert all(t.sent == t.accepted and t.accepted for t in first.tables)
        assert left(path.stem, faults(url, counts)) == []
        assert broken(url) == []
        second = understudy.generate(url, to=url, rows=60, seed=8, mode="append")
        total = {t.name: counts[t.name] + t.accepted for t in second.tables}
        assert left(path.stem, faults(url, total)) == []
        assert broken(url) == []


def test_a_table_of_three_hundred_columns_is_filled():
    kinds = ("INT", "VARCHAR(20)", "DATE", "DECIMAL(8,2) NOT NULL", "TINYINT(1)", "DATETIME NOT NULL")
    columns = ", ".join(f"col_{i} {kinds[i % 6]}" for i in range(300))
    with mariadb_database("wide", f"CREATE TABLE wide (id INT AUTO_INCREMENT PRIMARY KEY, {columns})") as url:
        understudy.generate(url, to=url, rows=100, seed=1)
        assert faults(url, {"wide": 100}) == []


def test_more_distinct_values_than_a_type_holds_are_refused_when_asked_for_by_name():
    with mariadb_database("tight", "CREATE TABLE flag (code ENUM('a','b','c') PRIMARY KEY, n INT)") as url:
        bundle = understudy.plan(url, rows=1000)
        assert bundle.plan.table("flag").rows == 3
        assert "3 distinct values" in bundle.plan.table("flag").rows_reason
        with pytest.raises(UnderstudyError, match="flag: 1,000 rows were asked for"):
            understudy.generate(url, to=url, rows={"flag": 1000})
        assert mariadb("SELECT COUNT(*) FROM flag", url.rpartition("/")[2]) == [["0"]]


def test_a_row_beyond_the_last_partition_is_never_made():
    ddl = """CREATE TABLE log (id INT NOT NULL, day DATE NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (YEAR(day))
             (PARTITION a VALUES LESS THAN (2001), PARTITION b VALUES LESS THAN (2003))"""
    with mariadb_database("parts", ddl) as url:
        understudy.generate(url, to=url, rows=200, seed=3)
        found = mariadb("SELECT COUNT(*), MAX(day) < '2003-01-01' FROM log", url.rpartition("/")[2])
        assert found == [["200", "1"]]


def test_tables_without_transactions_are_loaded_beside_others():
    ddl = """CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(9)) ENGINE=Aria; CREATE TABLE b (id INT PRIMARY KEY, v INT);
             CREATE TABLE c (id INT PRIMARY KEY, t TEXT, FULLTEXT (t)) ENGINE=MyISAM"""
    with mariadb_database("engines", ddl) as url:
        manifest = understudy.generate(url, to=url, rows=50, seed=3)
        assert {t.name: t.accepted for t in manifest.tables} == {"a": 50, "b": 50, "c": 50}
