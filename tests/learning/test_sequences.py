"""Sequences of things that have no table: found by their rows, as long and as regular as seen, the same in any part."""

from __future__ import annotations

import itertools
import sqlite3

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from understudy import workflow
from understudy.errors import RequestError
from understudy.kernels import Runtime
from understudy.learning.forms import forms
from understudy.model.request import Request
from understudy.model.schema import Entity, Field, KeyPart, Unique
from understudy.planning import plan
from understudy.planning.keyed import widened
from understudy.storage.models import load_model, save_model
from understudy.types import Kind, Type

THINGS = 40


def readings(longest: int = 40) -> pa.Table:
    """Warm and cold machines; gaps of 1 to 3 minutes; each value goes with the last; a machine stays where it is."""
    random = np.random.default_rng(5)
    rows = []
    for thing in range(THINGS):
        hall = "warm" if thing % 2 else "cold"
        moment, value = np.datetime64("2024-05-01T00:00") + int(random.integers(5000)), 0.0
        for _ in range(int(random.integers(20, 40)) if thing % 2 else longest):
            moment += int(random.integers(1, 4))
            value = 0.9 * value + random.normal(0, 1)
            rows.append((f"M-{thing * 3 + 200}", hall, moment, round(value + (50 if thing % 2 else 10), 1)))
    random.shuffle(rows)
    machine, hall, at, value = zip(*rows, strict=True)
    times = pa.array(np.array(at, "datetime64[s]").astype("datetime64[us]"))
    return pa.table({"machine": machine, "hall": hall, "at": times, "value": np.array(value, np.float64)})


def learned(data, folder, **options):
    pyarrow.csv.write_csv(data, folder / "readings.csv")
    return workflow.fit(str(folder / "readings.csv"), **options)


def made(fitted, rows: int):
    bundle = plan(fitted.model.schema, Request(rows={"readings": rows}, seed=3), fitted=fitted)
    assert not bundle.plan.unmet
    assert not any("left aside" in w for w in bundle.plan.warnings)
    return bundle, pa.Table.from_batches([Runtime(bundle).batch("readings", 0, rows)])


def by_machine(table: pa.Table) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {}
    for row in table.to_pylist():
        found.setdefault(row["machine"], []).append((row["at"], row["hall"], float(row["value"])))
    return found


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    return learned(readings(), tmp_path_factory.mktemp("sequences"))


def test_rows_of_things_without_a_table_are_found_to_be_sequences_and_why(fitted):
    assert [s.things.name for s in fitted.model.series] == ["readings/machine"]
    assert any("sequences of machine over at" in n for n in fitted.model.card.notes)


def test_things_are_as_long_as_seen_stay_where_they_are_and_their_times_rise(fitted):
    _, table = made(fitted, 1200)
    things = by_machine(table)
    assert all(20 <= len(rows) <= 42 for rows in things.values())
    assert all(len({hall for _, hall, _ in rows}) == 1 for rows in things.values())
    gaps = [(b[0] - a[0]).total_seconds() for rows in things.values() for a, b in itertools.pairwise(rows)]
    assert {60.0, 120.0, 180.0} == set(gaps)
    warm = [v for rows in things.values() for _, hall, v in rows if hall == "warm"]
    assert np.mean([v > 35 for v in warm]) > 0.97


def test_a_value_goes_with_the_one_before_it(fitted):
    _, table = made(fitted, 1200)
    steps = []
    for rows in by_machine(table).values():
        values = np.array([v for *_, v in rows])
        steps.append(np.diff(values).std() / values.std())
    assert np.mean(steps) < 0.8  # dealt out by chance: 1.41


def test_things_are_named_like_those_that_were_seen(fitted):
    _, table = made(fitted, 1200)
    names = set(table.column("machine").to_pylist())
    assert all(len(n) == 5 and n.startswith("M-") and n[2:].isdigit() for n in names)


def test_any_rows_alone_are_the_same_also_from_a_file(fitted, tmp_path):
    bundle, table = made(fitted, 900)
    assert Runtime(bundle).batch("readings", 333, 371).equals(table.slice(333, 38).combine_chunks().to_batches()[0])
    save_model(fitted, tmp_path / "it.model")
    assert made(load_model(tmp_path / "it.model"), 900)[1].equals(table)


def test_long_sequences_go_on_where_a_run_begins_anew(tmp_path):
    _, table = made(learned(readings(700), tmp_path), 8000)
    things = by_machine(table)
    long = [rows for rows in things.values() if len(rows) > 520]
    assert long
    gaps = [(b[0] - a[0]).total_seconds() for rows in long for a, b in itertools.pairwise(rows)]
    assert min(gaps) >= 0
    assert np.mean([g <= 180 for g in gaps]) > 0.98


def test_a_person_says_what_is_a_sequence(tmp_path):
    assert not learned(readings(), tmp_path, sequences={"readings": ""}).model.series
    assert learned(readings(), tmp_path, sequences={"readings": "hall"}).model.series[0].key.columns[0] == "hall"
    with pytest.raises(RequestError, match="no column 'engine'"):
        learned(readings(), tmp_path, sequences={"readings": "engine"})
    with pytest.raises(RequestError, match="no table"):
        learned(readings(), tmp_path, sequences={"elsewhere": "hall"})


def test_rows_that_follow_nothing_are_no_sequences(tmp_path):
    random = np.random.default_rng(2)
    data = readings()
    data = data.set_column(3, "value", pa.array(random.normal(0, 1, data.num_rows).round(2)))
    at = data.column("at").to_numpy().copy()
    random.shuffle(at)
    assert not learned(data.set_column(2, "at", pa.array(at)), tmp_path).model.series


def test_sequences_load_into_a_database_whose_key_is_the_thing_and_the_time(tmp_path):
    from understudy import generate

    with sqlite3.connect(tmp_path / "real.db") as connection:
        connection.execute(
            "CREATE TABLE readings (machine TEXT NOT NULL, hall TEXT NOT NULL, at TIMESTAMP NOT NULL, value REAL, "
            "PRIMARY KEY (machine, at))"
        )
        rows = [(r["machine"], r["hall"], str(r["at"]), r["value"]) for r in readings().to_pylist()]
        connection.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", rows)
    model = workflow.fit(f"sqlite:///{tmp_path}/real.db")
    assert model.model.series
    save_model(model, tmp_path / "it.model")
    manifest = generate(str(tmp_path / "it.model"), to=f"sqlite:///{tmp_path}/made.db", rows={"readings": 900})
    assert manifest.holds
    with sqlite3.connect(tmp_path / "made.db") as connection:
        assert connection.execute("SELECT count(*) FROM readings").fetchone() == (900,)
        assert connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("readings",)]


def test_forms_of_keys_are_told_but_not_of_words():
    entity = Entity(
        "t",
        (Field("code", Type(Kind.TEXT)), Field("name", Type(Kind.TEXT))),
        tuple(Unique(c, (KeyPart(c),)) for c in ("code", "name")),
    )
    words = [f"{a}{b}" for a in ("anna", "bert", "cleo", "dora") for b in ("son", "ova", "ette")]
    data = pa.table({"code": [f"AB-{n}/X" for n in range(100, 112)], "name": words})
    assert forms(entity, data) == {"code": "AB-[0-9]{3}/X"}


def test_a_form_is_widened_until_all_rows_find_a_key():
    assert widened("AB-[0-9]{3}", 800, 20) == "AB-[0-9]{3}"
    assert widened("AB-[0-9]{3}", 80_000, 20) == "AB-[0-9]{3,5}"
    assert widened("AB-[0-9]{3}", 80_000, 7) is None
