"""Tables that nobody would call good material: a sane result or a clear line, never a crash."""

from __future__ import annotations

import csv
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest
from tests.learning.test_fitting import entity, learn, rows

from understudy import workflow
from understudy.errors import UnderstudyError
from understudy.types import Kind

N = 400
RANDOM = np.random.default_rng(5)


def values(fitted, column, n=N):
    return rows(fitted, n).column(column).to_pylist()


def test_identifiers_among_features_are_left_to_planning_and_said():
    table = pa.table({"code": [f"C-{i:06}" for i in range(N)], "size": RANDOM.integers(0, 5, N)})
    fitted = learn(table, entity(code=Kind.TEXT, size=Kind.INTEGER))
    assert "identifier" in fitted.model.tables[0].left["code"]
    made = set(values(fitted, "size"))
    assert made <= set(range(5))


def test_a_serial_number_among_features_gives_numbers_within_its_bounds():
    table = pa.table({"serial": np.arange(1000, 1000 + N), "size": RANDOM.integers(0, 5, N)})
    made = values(learn(table, entity(serial=Kind.INTEGER, size=Kind.INTEGER)), "serial")
    assert min(made) >= 1000
    assert max(made) < 1000 + N


def test_a_target_that_leaks_is_learned_as_what_it_is():
    x = RANDOM.integers(0, 8, N)
    table = pa.table({"x": x, "leak": pa.array([f"class {v % 2}" for v in x]), "twin": x})
    fitted = learn(table, entity(x=Kind.INTEGER, leak=Kind.TEXT, twin=Kind.INTEGER))
    made = rows(fitted, N).to_pylist()
    assert all(r["leak"] == f"class {r['x'] % 2}" and r["twin"] == r["x"] for r in made)


def test_infinite_values_are_not_made_and_break_nothing():
    x = np.where(RANDOM.random(N) < 0.2, np.inf, RANDOM.normal(0, 1, N))
    x[:5] = -np.inf
    made = values(learn(pa.table({"x": x, "y": x * 2}), entity(x=Kind.FLOAT, y=Kind.FLOAT)), "y")
    assert all(v is None or np.isfinite(v) for v in made)


def test_not_a_number_counts_as_unknown():
    x = np.where(RANDOM.random(N) < 0.5, np.nan, np.round(RANDOM.normal(0, 1, N), 1))
    made = values(learn(pa.table({"x": x}), entity(x=Kind.FLOAT)), "x")
    assert 0.3 < np.mean([v is None for v in made]) < 0.7


@pytest.mark.parametrize("value", [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)])
def test_times_at_the_ends_of_the_calendar_stay_within_them(value):
    ordinary = [datetime(2020, 1, 1 + i % 28, i % 24) for i in range(N - 40)]
    table = pa.table({"at": pa.array(ordinary + [value] * 40, pa.timestamp("us")), "n": RANDOM.integers(0, 9, N)})
    made = values(learn(table, entity(at=Kind.TIMESTAMP, n=Kind.INTEGER)), "at")
    seen = set(ordinary)
    assert all(v == value or min(seen) <= v <= max(seen) for v in made)


def test_numbers_beyond_64_bits_are_said_or_left_out():
    table = pa.table({"x": [1e300, -1e300, 5.0] * 50})
    fitted = learn(table, entity(x=Kind.FLOAT))
    assert "large" in fitted.model.tables[0].left["x"]


def test_wide_numbers_do_not_overflow_in_differences_and_sums():
    big = RANDOM.integers(1 << 61, 1 << 62, N)
    table = pa.table({"a": big, "b": -big, "c": big - RANDOM.integers(0, 100, N)})
    made = rows(learn(table, entity(a=Kind.INTEGER, b=Kind.INTEGER, c=Kind.INTEGER)), N)
    assert min(made.column("a").to_pylist()) >= 1 << 61
    assert max(made.column("b").to_pylist()) <= -(1 << 61)


@pytest.mark.parametrize("n", [1, 2, 3, 50])
def test_few_rows_of_every_kind_are_enough_not_to_fail(n):
    at = [datetime(2024, 1, 1 + i % 28) for i in range(n)]
    table = pa.table(
        {
            "word": pa.array([f"w{i % 3}" for i in range(n)]),
            "number": RANDOM.normal(0, 1, n),
            "whole": RANDOM.integers(0, 3, n),
            "at": pa.array(at, pa.timestamp("us")),
            "flag": pa.array([i % 2 == 0 for i in range(n)]),
            "nothing": pa.nulls(n, pa.string()),
        }
    )
    kinds = {
        "word": Kind.TEXT,
        "number": Kind.FLOAT,
        "whole": Kind.INTEGER,
        "at": Kind.TIMESTAMP,
        "flag": Kind.BOOLEAN,
        "nothing": Kind.TEXT,
    }
    assert rows(learn(table, entity(**kinds)), 30).num_rows == 30


def test_a_sentinel_stays_a_sentinel():
    x = np.where(RANDOM.random(N) < 0.2, -999.0, np.round(RANDOM.normal(50, 9, N), 2))
    made = np.array(values(learn(pa.table({"x": x}), entity(x=Kind.FLOAT)), "x"))
    assert not ((made > -999) & (made < 0)).any()
    assert abs((made == -999).mean() - 0.2) < 0.08


def test_many_columns_are_learned_each_by_few_others():
    hidden = RANDOM.normal(0, 1, (200, 3))
    data = hidden @ RANDOM.normal(0, 1, (3, 120)) + RANDOM.normal(0, 0.3, (200, 120))
    names = [f"c{i}" for i in range(120)]
    table = pa.table({n: np.round(data[:, i], 3) for i, n in enumerate(names)})
    fitted = learn(table, entity(**dict.fromkeys(names, Kind.FLOAT)))
    trees = [a for n, a in fitted.artefacts.items() if n.endswith(":trees")]
    assert max(a.column("feature").to_numpy().max() for a in trees) < 16
    assert rows(fitted, 100).num_columns == 120


def test_a_file_with_mixed_types_in_a_column_is_learned_or_refused_in_a_line(tmp_path):
    place = tmp_path / "mixed.csv"
    with place.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["mixed", "size"])
        writer.writerows([[("12", "twelve", "", "2024-01-01", "1e999")[i % 5], i % 7] for i in range(300)])
    fitted = workflow.fit(str(place))
    assert fitted.model.tables[0].seen == 300


def test_a_file_without_rows_is_refused_with_the_mend(tmp_path):
    place = tmp_path / "empty.csv"
    place.write_text("a,b\n")
    with pytest.raises(UnderstudyError) as told:
        workflow.fit(str(place))
    assert "rows" in str(told.value)
