"""Keys over computed values, moments whose parts are other columns, texts that begin with other columns."""

from __future__ import annotations

import pyarrow as pa
import pytest

import understudy


def rows_of(tmp_path, ddl: str, rows: int = 200, dialect: str = "postgresql") -> list[dict]:
    path = tmp_path / "s.sql"
    path.write_text(ddl)
    found = understudy.preview(str(path), rows=rows, seed=5)["t"]
    assert isinstance(found, pa.Table)
    return found.to_pylist()


@pytest.mark.parametrize("sum_", ["a + b", "a * 256 + b % 256", "greatest(a, b)", "abs(a - b)"])
def test_what_is_computed_of_several_columns_is_distinct(tmp_path, sum_: str) -> None:
    ddl = f"""CREATE TABLE t (a int NOT NULL CHECK (a BETWEEN 1 AND 5000), b int NOT NULL CHECK (b BETWEEN 1 AND 5000),
              s bigint GENERATED ALWAYS AS ({sum_}) STORED UNIQUE);"""
    found = [
        {
            "a + b": r["a"] + r["b"],
            "a * 256 + b % 256": r["a"] * 256 + r["b"] % 256,
            "greatest(a, b)": max(r["a"], r["b"]),
            "abs(a - b)": abs(r["a"] - r["b"]),
        }[sum_]
        for r in rows_of(tmp_path, ddl)
    ]
    assert len(found) == len(set(found)) == 200


def test_a_date_lies_in_the_month_and_year_that_other_columns_name(tmp_path) -> None:
    ddl = """CREATE TABLE t (id int PRIMARY KEY, year int NOT NULL CHECK (year BETWEEN 2020 AND 2026),
             period int NOT NULL CHECK (period BETWEEN 1 AND 13), starts date NOT NULL, ends date NOT NULL,
             CHECK (extract(year FROM starts) = year), CHECK (period = 13 OR extract(month FROM starts) = period),
             CHECK (date_trunc('month', starts)::date = starts), CHECK (ends >= starts));"""
    found = rows_of(tmp_path, ddl)
    assert all(r["starts"].year == r["year"] and r["starts"].day == 1 and r["ends"] >= r["starts"] for r in found)
    assert all(r["period"] in (13, r["starts"].month) for r in found)
    assert len({r["starts"] for r in found}) > 20


def test_a_piece_of_a_distinct_text_is_the_number_beside_it(tmp_path) -> None:
    ddl = r"""CREATE TABLE t (number text NOT NULL UNIQUE CHECK (number ~ '^INV-[0-9]{4}-[0-9]{6}$'),
              year smallint NOT NULL CHECK (year BETWEEN 2015 AND 2035),
              CHECK (substring(number FROM 5 FOR 4)::int = year));"""
    found = rows_of(tmp_path, ddl)
    assert all(int(r["number"][4:8]) == r["year"] and 2015 <= r["year"] <= 2035 for r in found)
    assert len({r["number"] for r in found}) == 200


def test_a_text_in_a_key_begins_with_the_column_beside_it(tmp_path) -> None:
    ddl = """CREATE TABLE t (kind text NOT NULL CHECK (kind IN ('GL', 'AP')), doc text NOT NULL, UNIQUE (kind, doc),
             CHECK (doc LIKE kind || '-%'));"""
    found = rows_of(tmp_path, ddl)
    assert all(r["doc"].startswith(r["kind"] + "-") for r in found)
    assert len({r["doc"] for r in found}) == 200


def test_a_fixed_text_that_a_pattern_speaks_of_has_its_full_length(tmp_path) -> None:
    found = rows_of(tmp_path, r"CREATE TABLE t (id int PRIMARY KEY, puk char(8) NOT NULL CHECK (puk ~ '^\d+$'));")
    assert all(len(r["puk"]) == 8 for r in found)


def test_a_range_lies_before_another(tmp_path) -> None:
    ddl = "CREATE TABLE t (id int PRIMARY KEY, one daterange NOT NULL, two daterange NOT NULL, CHECK (one << two));"
    for r in rows_of(tmp_path, ddl, 100):
        assert r["one"].strip("[)").split(",")[1] <= r["two"].strip("[)").split(",")[0]


def test_a_column_whose_name_begins_with_check_is_read(tmp_path) -> None:
    ddl = "CREATE TABLE t (id int PRIMARY KEY, checksum text NOT NULL CHECK (checksum ~ '^[0-9a-f]{16}$'));"
    assert all(len(r["checksum"]) == 16 for r in rows_of(tmp_path, ddl, 50))
