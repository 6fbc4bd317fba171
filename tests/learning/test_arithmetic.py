"""Arithmetic and orders between columns: what holds in every real row holds in every made one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tests.learning.test_fitting import entity, learn, rows

from understudy.types import Kind

N = 2000
KINDS = {
    "fare": Kind.FLOAT,
    "tip": Kind.FLOAT,
    "tolls": Kind.FLOAT,
    "total": Kind.FLOAT,
    "bags": Kind.INTEGER,
    "price": Kind.FLOAT,
    "charged": Kind.FLOAT,
    "left": Kind.TIMESTAMP,
    "came": Kind.TIMESTAMP,
    "seats": Kind.INTEGER,
    "riders": Kind.INTEGER,
}


def rides() -> pa.Table:
    random = np.random.default_rng(3)
    fare = np.round(2.5 + random.gamma(2, 4, N), 2)
    tip = np.where(random.random(N) < 0.6, np.round(fare * 0.2, 2), 0.0)
    tolls = random.choice([0.0, 5.76, 12.5], N, p=[0.9, 0.07, 0.03])
    bags, price = random.integers(0, 5, N), np.round(random.gamma(2, 2, N), 2)
    left = 1_500_000_000 + random.integers(0, 90 * 86_400, N)
    seats = random.choice([4, 6, 8], N)
    return pa.table(
        {
            "fare": fare,
            "tip": tip,
            "tolls": tolls,
            "total": np.round(fare + tip + tolls, 2),
            "bags": bags,
            "price": price,
            "charged": np.round(bags * price, 2),
            "left": pa.array(left * 1_000_000, pa.timestamp("us")),
            "came": pa.array((left + 60 + random.gamma(2, 300, N).astype(int)) * 1_000_000, pa.timestamp("us")),
            "seats": seats,
            "riders": np.minimum(seats, random.integers(1, 9, N)),
        }
    )


@pytest.fixture(scope="module")
def made() -> pa.Table:
    return rows(learn(rides(), entity(**KINDS)), 5000)


def cents(table, column):
    return np.rint(np.array(table.column(column).to_pylist(), float) * 100).astype(int)


def test_a_total_is_the_sum_of_its_parts_in_every_row(made):
    assert (cents(made, "total") == cents(made, "fare") + cents(made, "tip") + cents(made, "tolls")).all()


def test_a_product_is_the_product_in_every_row(made):
    bags = np.array(made.column("bags").to_pylist())
    assert (cents(made, "charged") == bags * cents(made, "price")).all()


def test_nobody_arrives_before_leaving(made):
    gone = made.column("came").cast(pa.int64()).to_numpy() - made.column("left").cast(pa.int64()).to_numpy()
    assert (gone > 0).all()
    assert (gone % 1_000_000 == 0).all()
    assert np.median(gone) / 60e6 < 20


def test_whole_numbers_with_few_values_keep_their_order_too(made):
    assert all(r <= s for r, s in zip(made.column("riders").to_pylist(), made.column("seats").to_pylist(), strict=True))


def test_what_chance_alone_keeps_is_no_law():
    random = np.random.default_rng(0)
    table = pa.table({"small": random.integers(0, 100, N), "large": random.integers(1000, 2000, N)})
    reasons = [c.reason for c in learn(table, entity(small=Kind.INTEGER, large=Kind.INTEGER)).model.tables[0].columns]
    assert not any("never" in r for r in reasons)


def test_digit_habits_come_back():
    random = np.random.default_rng(1)
    paid = np.where(random.random(N) < 0.5, random.integers(1, 400, N) * 50, random.integers(1, 20_000, N))
    table = pa.table({"paid": paid, "noise": random.normal(0, 1, N)})
    found = np.array(rows(learn(table, entity(paid=Kind.INTEGER, noise=Kind.FLOAT)), N).column("paid").to_pylist())
    assert abs((found % 50 == 0).mean() - (paid % 50 == 0).mean()) < 0.06


def test_what_follows_from_the_time_between_two_columns_follows_from_it():
    random = np.random.default_rng(2)
    left = 1_500_000_000 + random.integers(0, 90 * 86_400, N)
    minutes = random.integers(2, 60, N)
    table = pa.table(
        {
            "left": pa.array(left * 1_000_000, pa.timestamp("us")),
            "came": pa.array((left + 60 * minutes) * 1_000_000, pa.timestamp("us")),
            "fare": 3 * minutes + random.integers(0, 3, N),
            "night": pa.array(left % 86_400 < 21_600),
        }
    )
    kinds = {"left": Kind.TIMESTAMP, "came": Kind.TIMESTAMP, "fare": Kind.INTEGER, "night": Kind.BOOLEAN}
    made = rows(learn(table, entity(**kinds)), N)
    start = made.column("left").cast(pa.int64()).to_numpy() // 1_000_000
    gone = (made.column("came").cast(pa.int64()).to_numpy() // 1_000_000 - start) / 60
    assert np.corrcoef(gone, np.array(made.column("fare").to_pylist(), float))[0, 1] > 0.98
    assert np.mean((start % 86_400 < 21_600) == np.array(made.column("night").to_pylist())) > 0.98
