"""Several tables: children take after their parents, and each parent has about as many as was seen."""

from __future__ import annotations

import sqlite3

import numpy as np
import pyarrow as pa
import pytest

import understudy
from understudy import workflow
from understudy.learning import children
from understudy.model.schema import ForeignKey
from understudy.storage.models import save_model

PEOPLE = 800
DDL = """CREATE TABLE person (id INTEGER PRIMARY KEY, segment TEXT NOT NULL, since TEXT NOT NULL);
CREATE TABLE purchase (id INTEGER PRIMARY KEY, person_id INT NOT NULL REFERENCES person, price DECIMAL(8,2) NOT NULL,
  kind TEXT NOT NULL);
CREATE TABLE refund (purchase_id INT PRIMARY KEY REFERENCES purchase, share INT NOT NULL);"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Gold people buy dear things; everybody buys 1 or 6 times; what is dear is refunded in full."""
    folder = tmp_path_factory.mktemp("relations")
    random = np.random.default_rng(0)
    with sqlite3.connect(folder / "real.db") as connection:
        connection.executescript(DDL)
        number = 0
        for person in range(1, PEOPLE + 1):
            gold = bool(random.random() < 0.3)
            connection.execute("INSERT INTO person VALUES (?, ?, '2024-01-01')", (person, "gold" if gold else "plain"))
            for _ in range(6 if random.random() < 0.5 else 1):
                number += 1
                price = round(float(random.uniform(500, 600) if gold else random.uniform(5, 60)), 2)
                kind = "ring" if gold else random.choice(["cup", "hat"])
                connection.execute("INSERT INTO purchase VALUES (?, ?, ?, ?)", (number, person, price, str(kind)))
                if random.random() < 0.3:
                    connection.execute("INSERT INTO refund VALUES (?, ?)", (number, 100 if gold else 10))
    save_model(workflow.fit(f"sqlite:///{folder}/real.db"), folder / "shop.model")
    manifest = understudy.generate(
        str(folder / "shop.model"), to=f"sqlite:///{folder}/made.db", rows={"person": PEOPLE}
    )
    assert manifest.holds
    with sqlite3.connect(folder / "made.db") as connection:
        yield connection


def test_children_take_after_their_parents(made):
    rows = made.execute("SELECT segment, price, kind FROM purchase JOIN person ON person.id = person_id").fetchall()
    gold = [r for r in rows if r[0] == "gold"]
    plain = [r for r in rows if r[0] == "plain"]
    assert np.mean([r[1] > 400 for r in gold]) > 0.97
    assert np.mean([r[1] < 100 for r in plain]) > 0.97
    assert np.mean([r[2] == "ring" for r in gold]) > 0.97


def test_parents_have_as_many_children_as_was_seen(made):
    counts = [n for (n,) in made.execute("SELECT count(*) FROM purchase GROUP BY person_id")]
    assert np.mean([n in (1, 6) for n in counts]) > 0.9
    assert abs(np.mean([n == 6 for n in counts]) - 0.5) < 0.08


def test_what_a_parent_took_from_its_own_parent_reaches_its_children(made):
    rows = made.execute("SELECT price, share FROM refund JOIN purchase ON purchase.id = purchase_id").fetchall()
    assert np.mean([(share == 100) == (price > 400) for price, share in rows]) > 0.95


def test_money_keeps_its_size_and_digits(made):
    prices = [p for (p,) in made.execute("SELECT price FROM purchase")]
    assert min(prices) >= 5
    assert max(prices) <= 600
    assert all(round(p, 2) == p for p in prices)


def test_keys_of_several_columns_are_matched_and_strangers_have_no_parent():
    parent = pa.table({"a": [1, 1, 2], "b": ["x", "y", "x"]})
    child = pa.table({"a": [2, 1, 1, None, 2], "b": ["x", "y", "y", "x", "y"]})
    found = children(ForeignKey("k", ("a", "b"), "p", ("a", "b")), child, parent)
    assert found.parents.tolist() == [2, 1, 1, -1, -1]
    assert found.counts == (pytest.approx(1 / 3), pytest.approx(1 / 3), pytest.approx(1 / 3))


def test_a_model_is_left_aside_where_its_parents_are_not_made(made, tmp_path_factory):
    folder = next(p for p in tmp_path_factory.getbasetemp().iterdir() if p.name.startswith("relations"))
    bundle = understudy.plan(str(folder / "shop.model"), only=["purchase"], append_to=f"sqlite:///{folder}/real.db")
    assert any("left aside" in w for w in bundle.plan.warnings)
