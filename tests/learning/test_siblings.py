"""Children one after the other: order, steps, repetitions, how many there are, what a grandparent tells."""

from __future__ import annotations

import itertools
import sqlite3

import numpy as np
import pytest

import understudy
from understudy import workflow
from understudy.kernels import Runtime
from understudy.model.request import Request
from understudy.planning import plan
from understudy.storage.models import save_model

SHOPS, CUSTOMERS = 40, 900
DDL = """CREATE TABLE shop (id INTEGER PRIMARY KEY, kind TEXT NOT NULL);
CREATE TABLE customer (id INTEGER PRIMARY KEY, shop_id INT NOT NULL REFERENCES shop, segment TEXT NOT NULL);
CREATE TABLE visit (id INTEGER PRIMARY KEY, customer_id INT NOT NULL REFERENCES customer, day DATE NOT NULL,
  clerk TEXT NOT NULL, paid INT NOT NULL);
CREATE TABLE note (id INTEGER PRIMARY KEY, customer_id INT NOT NULL REFERENCES customer, stars INT NOT NULL);"""


def fill(connection) -> None:
    """Gold customers come 8 to 12 times, others once or twice, every week or every other one; a clerk mostly stays;
    each visit costs a little more than the last, in dear shops a thousand more. Notes follow nothing."""
    random = np.random.default_rng(1)
    connection.executescript(DDL)
    kinds = ["dear" if random.random() < 0.4 else "cheap" for _ in range(SHOPS)]
    connection.executemany("INSERT INTO shop VALUES (?, ?)", list(enumerate(kinds, 1)))
    visits, notes = [], []
    for customer in range(1, CUSTOMERS + 1):
        shop = int(random.integers(SHOPS))
        gold = bool(random.random() < 0.3)
        row = (customer, shop + 1, "gold" if gold else "plain")
        connection.execute("INSERT INTO customer VALUES (?, ?, ?)", row)
        day = np.datetime64("2024-01-01") + int(random.integers(100))
        paid = int(random.integers(10, 200)) + (1000 if kinds[shop] == "dear" else 0)
        clerk = f"c{random.integers(12)}"
        for _ in range(int(random.integers(8, 13)) if gold else int(random.integers(1, 3))):
            visits.append((customer, str(day), clerk, paid))
            day += 7 if random.random() < 0.8 else 14
            paid += int(random.integers(1, 5))
            clerk = clerk if random.random() < 0.85 else f"c{random.integers(12)}"
        notes += [(customer, int(random.integers(1, 6))) for _ in range(3)]
    connection.executemany("INSERT INTO visit (customer_id, day, clerk, paid) VALUES (?, ?, ?, ?)", visits)
    connection.executemany("INSERT INTO note (customer_id, stars) VALUES (?, ?)", notes)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("siblings")
    with sqlite3.connect(folder / "real.db") as connection:
        fill(connection)
    return workflow.fit(f"sqlite:///{folder}/real.db")


@pytest.fixture(scope="module")
def made(fitted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("siblings_made")
    save_model(fitted, folder / "it.model")
    rows = {"shop": SHOPS, "customer": CUSTOMERS}
    manifest = understudy.generate(str(folder / "it.model"), to=f"sqlite:///{folder}/made.db", rows=rows)
    assert manifest.holds
    with sqlite3.connect(folder / "made.db") as connection:
        yield connection


def visits(made):
    """Per customer the visits in their order: (day number, clerk, paid)."""
    found: dict[int, list] = {}
    sql = "SELECT customer_id, julianday(day), clerk, paid FROM visit ORDER BY id"
    for customer, day, clerk, paid in made.execute(sql):
        found.setdefault(customer, []).append((day, clerk, paid))
    return found


def pairs(made):
    return [(a, b) for rows in visits(made).values() for a, b in itertools.pairwise(rows)]


def test_how_many_children_there_are_follows_from_the_parent(made):
    sql = """SELECT segment, (SELECT count(*) FROM visit WHERE customer_id = customer.id) FROM customer"""
    counts = {s: [n for segment, n in made.execute(sql).fetchall() if segment == s] for s in ("gold", "plain")}
    assert np.mean([8 <= n <= 12 for n in counts["gold"]]) > 0.95
    assert np.mean([1 <= n <= 2 for n in counts["plain"]]) > 0.95


def test_siblings_follow_each_other_by_the_steps_that_were_seen(made):
    steps = [b[0] - a[0] for a, b in pairs(made)]
    assert np.mean([s in (7, 14) for s in steps]) > 0.98
    assert abs(np.mean([s == 7 for s in steps]) - 0.8) < 0.05


def test_a_category_stays_from_sibling_to_sibling_as_often_as_was_seen(made):
    assert abs(np.mean([a[1] == b[1] for a, b in pairs(made)]) - (0.85 + 0.15 / 12)) < 0.05


def test_what_grows_from_sibling_to_sibling_grows(made):
    apart = [b[2] - a[2] for a, b in pairs(made)]
    assert np.mean([-20 <= d <= 40 for d in apart]) > 0.9


def test_a_grandparent_tells_of_its_grandchildren(made):
    sql = """SELECT kind, paid FROM visit JOIN customer ON customer.id = customer_id JOIN shop ON shop.id = shop_id"""
    rows = made.execute(sql).fetchall()
    assert np.mean([(kind == "dear") == (paid > 600) for kind, paid in rows]) > 0.95


def test_only_what_depends_on_the_sibling_before_is_made_one_after_the_other(fitted):
    along = {t.name: t.along for t in fitted.model.tables}
    assert along["shop"] is None
    assert along["visit"].run is not None
    assert along["note"].run is None


def test_the_same_rows_come_in_any_partition(fitted):
    bundle = plan(fitted.model.schema, Request(rows={"customer": 200}, seed=5), fitted=fitted)
    rows = bundle.plan.table("visit").rows
    whole = Runtime(bundle).batch("visit", 0, rows)
    random = np.random.default_rng(0)
    for low in random.integers(0, rows - 20, 6).tolist():
        high = low + int(random.integers(1, 20))
        assert Runtime(bundle).batch("visit", low, high).equals(whole.slice(low, high - low))


def test_rows_that_were_asked_for_are_made_whatever_parents_would_have(fitted):
    bundle = plan(fitted.model.schema, Request(rows={"customer": 100, "visit": 777}, seed=5), fitted=fitted)
    assert not bundle.plan.unmet
    assert bundle.plan.table("visit").rows == 777
    counts = np.bincount(Runtime(bundle).parents("visit", bundle.plan.table("visit").layout.owner, range(777)))
    assert counts.sum() == 777


def test_a_model_of_siblings_is_left_aside_where_parents_are_there_already(fitted, tmp_path):
    with sqlite3.connect(tmp_path / "there.db") as connection:
        fill(connection)
    save_model(fitted, tmp_path / "it.model")
    there = f"sqlite:///{tmp_path}/there.db"
    bundle = understudy.plan(str(tmp_path / "it.model"), only=["visit"], append_to=there)
    assert any("left aside" in w for w in bundle.plan.warnings)
