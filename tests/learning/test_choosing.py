"""Other parents: which product a line has follows from its order, and popular products have more lines."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

import understudy
from understudy import workflow
from understudy.kernels import Runtime
from understudy.model.request import Request
from understudy.planning import plan
from understudy.storage.models import save_model

ORDERS, PRODUCTS = 1500, 60
DDL = """CREATE TABLE orders (id INTEGER PRIMARY KEY, mood TEXT NOT NULL);
CREATE TABLE product (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, price INT NOT NULL);
CREATE TABLE clerk (id INTEGER PRIMARY KEY, level INT NOT NULL);
CREATE TABLE line (id INTEGER PRIMARY KEY, order_id INT NOT NULL REFERENCES orders,
  product_id INT NOT NULL REFERENCES product, clerk_id INT REFERENCES clerk, paid INT NOT NULL);"""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Happy orders are of toys; one product in ten of a kind has most of the lines; a line costs what its product
    costs, and a tenth of the lines of sad orders has a clerk, of the others none."""
    folder = tmp_path_factory.mktemp("choosing")
    random = np.random.default_rng(2)
    with sqlite3.connect(folder / "real.db") as connection:
        connection.executescript(DDL)
        goods = [(i, "toy" if i % 2 else "tool", 10 + 5 * i) for i in range(1, PRODUCTS + 1)]
        connection.executemany("INSERT INTO product VALUES (?, ?, ?)", goods)
        connection.executemany("INSERT INTO clerk VALUES (?, ?)", [(i, i % 3) for i in range(1, 31)])
        by_kind = {k: [g for g in goods if g[1] == k] for k in ("toy", "tool")}
        number = 0
        for order in range(1, ORDERS + 1):
            happy = bool(random.random() < 0.5)
            connection.execute("INSERT INTO orders VALUES (?, ?)", (order, "happy" if happy else "sad"))
            for _ in range(int(random.integers(1, 5))):
                number += 1
                of = by_kind["toy" if happy else "tool"]
                product = of[int(random.integers(3))] if random.random() < 0.8 else of[int(random.integers(len(of)))]
                clerk = None if happy or random.random() < 0.9 else int(random.integers(1, 31))
                row = (number, order, product[0], clerk, product[2])
                connection.execute("INSERT INTO line VALUES (?, ?, ?, ?, ?)", row)
    return workflow.fit(f"sqlite:///{folder}/real.db")


@pytest.fixture(scope="module")
def made(fitted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("choosing_made")
    save_model(fitted, folder / "it.model")
    rows = {"orders": ORDERS, "product": PRODUCTS, "clerk": 30}
    assert understudy.generate(str(folder / "it.model"), to=f"sqlite:///{folder}/made.db", rows=rows).holds
    with sqlite3.connect(folder / "made.db") as connection:
        yield connection


def test_a_row_chooses_its_other_parent_by_what_it_is_given(made):
    sql = "SELECT mood, kind FROM line JOIN orders o ON o.id = order_id JOIN product p ON p.id = product_id"
    rows = made.execute(sql).fetchall()
    assert np.mean([(mood == "happy") == (kind == "toy") for mood, kind in rows]) > 0.95


def test_what_has_many_rows_has_many_again(made):
    counts = sorted((n for (n,) in made.execute("SELECT count(*) FROM line GROUP BY product_id")), reverse=True)
    assert 0.6 < sum(counts[:6]) / sum(counts) < 0.95
    assert len(counts) > PRODUCTS / 3


def test_the_row_takes_after_the_parent_that_it_chose(made):
    rows = made.execute("SELECT price, paid FROM line JOIN product ON product.id = product_id").fetchall()
    assert np.corrcoef(np.array(rows, float).T)[0, 1] > 0.9


def test_a_reference_is_empty_as_often_as_it_was_where_it_was(made):
    rows = made.execute("SELECT mood, clerk_id IS NULL FROM line JOIN orders ON orders.id = order_id").fetchall()
    assert all(absent for mood, absent in rows if mood == "happy")
    assert abs(np.mean([absent for mood, absent in rows if mood == "sad"]) - 0.9) < 0.03


def test_the_same_rows_come_in_any_partition(fitted):
    bundle = plan(fitted.model.schema, Request(rows={"orders": 150}, seed=7), fitted=fitted)
    rows = bundle.plan.table("line").rows
    whole = Runtime(bundle).batch("line", 0, rows)
    for low in range(0, rows - 10, 37):
        assert Runtime(bundle).batch("line", low, low + 10).equals(whole.slice(low, 10))
