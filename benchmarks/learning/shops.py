"""A relational set with known dependencies: shops → customers → orders → lines → products, and staff under staff.

    python benchmarks/learning/shops.py FOLDER [--customers 1500] [--seed 0]

Written as ``relational.py`` reads it: ``train/`` and ``holdout/`` are two draws of one law over the same products.
What depends on what: a shop's region decides its customers' ages and prices; age and segment decide how many orders and
of what; orders follow each other by weeks or months and grow; lines of an order stay within a category; popular
products sell more; quantity follows price; a member of staff earns less than their boss.
"""

from __future__ import annotations

import argparse
import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

REGIONS = ("north", "south", "coast", "city")
CATEGORIES = ("toys", "tools", "books", "garden", "kitchen", "music")
KINDS = {"i": "id", "n": "numerical", "c": "categorical", "d": "datetime"}
TABLES = {
    "shop": "id:i region:c size:n",
    "staff": "id:i shop_id:i boss_id:i pay:n role:c",
    "product": "id:i category:c price:n since:d",
    "customer": "id:i shop_id:i segment:c age:n joined:d",
    "orders": "id:i customer_id:i day:d channel:c discount:n",
    "line": "id:i order_id:i product_id:i quantity:n note:c",
}
KEYS = (
    ("staff", "shop_id", "shop"),
    ("customer", "shop_id", "shop"),
    ("orders", "customer_id", "customer"),
    ("line", "order_id", "orders"),
    ("line", "product_id", "product"),
)
OWN = {"staff": "boss_id"}
APART = 1_000_000
"""Added to the keys of the second half, all but the products': its rows are others."""

ORDER = {"orders": "day"}
Rows = dict[str, list[tuple[Any, ...]]]


def products(random: np.random.Generator, count: int = 240) -> list[tuple[Any, ...]]:
    """Prices by category, dates anywhere within five years."""
    level = {c: 3.0 + 0.45 * k for k, c in enumerate(CATEGORIES)}
    rows = []
    for number in range(1, count + 1):
        category = CATEGORIES[int(random.integers(len(CATEGORIES)))]
        price = round(float(np.exp(random.normal(level[category], 0.35))), 1)
        rows.append((number, category, price, date(2018, 1, 1) + timedelta(days=int(random.integers(1800)))))
    return rows


def draw(random: np.random.Generator, goods: list[tuple[Any, ...]], customers: int) -> Rows:
    """All tables; ``goods``: the products."""
    out: Rows = {t: [] for t in TABLES}
    out["product"] = goods
    by_category = {c: [g for g in goods if g[1] == c] for c in CATEGORIES}
    popular = {c: np.array([1 / (1 + k) for k in range(len(g))]) for c, g in by_category.items()}
    for shop in range(1, max(customers // 25, 4) + 1):
        region = REGIONS[int(random.choice(4, p=[0.4, 0.3, 0.2, 0.1]))]
        out["shop"].append((shop, region, int(random.gamma(3, 40)) + 20))
        _staff(random, out, shop)
    for customer in range(1, customers + 1):
        shop = out["shop"][int(random.integers(len(out["shop"])))]
        age = int(np.clip(random.normal({"north": 55, "south": 45, "coast": 38, "city": 30}[shop[1]], 9), 18, 90))
        gold = random.random() < 0.1 + 0.006 * (age - 18)
        segment = "gold" if gold else ("new" if random.random() < 0.4 else "plain")
        joined = date(2020, 1, 1) + timedelta(days=int(random.integers(700)))
        out["customer"].append((customer, shop[0], segment, age, joined))
        _orders(random, out, customer, segment, age, joined, by_category, popular)
    return out


def _staff(random: np.random.Generator, out: Rows, shop: int) -> None:
    first = len(out["staff"]) + 1
    for place in range(int(random.integers(3, 9))):
        boss = None if place == 0 else first + int(random.integers(min(place, 3)))
        above = None if boss is None else out["staff"][boss - 1]
        pay = int(random.normal(6000, 500)) if above is None else int(above[3] * random.uniform(0.6, 0.9))
        role = "head" if above is None else ("lead" if above[4] == "head" and random.random() < 0.5 else "clerk")
        out["staff"].append((first + place, shop, boss, pay, role))


def _orders(
    random: np.random.Generator,
    out: Rows,
    customer: int,
    segment: str,
    age: int,
    joined: date,
    by_category: dict[str, list[tuple[Any, ...]]],
    popular: dict[str, Any],
) -> None:
    many = {"gold": 7.0, "plain": 3.0, "new": 1.0}[segment]
    day = joined + timedelta(days=int(random.exponential(20)))
    channel = "web" if random.random() < 1.1 - age / 80 else "shop"
    pace = 7 if random.random() < 0.4 else 30
    discount = int(random.integers(0, 3)) * 5
    favourite = int(random.integers(3)) + (3 if segment == "gold" else 0)
    for _ in range(int(random.poisson(many))):
        order = len(out["orders"]) + 1
        out["orders"].append((order, customer, day, channel, discount))
        category = CATEGORIES[favourite] if random.random() < 0.7 else CATEGORIES[int(random.integers(6))]
        for _ in range(1 + int(random.poisson(1.5 if channel == "web" else 0.6))):
            at = int(random.choice(len(popular[category]), p=popular[category] / popular[category].sum()))
            product = by_category[category][at]
            quantity = 1 + int(random.poisson(60 / (product[2] + 10)))
            note = "gift" if category in ("toys", "music") and random.random() < 0.3 else None
            out["line"].append((len(out["line"]) + 1, order, product[0], quantity, note))
            if random.random() > 0.8:
                category = CATEGORIES[int(random.integers(6))]
        day += timedelta(days=max(1, int(random.normal(pace, pace / 6))))
        channel = channel if random.random() < 0.9 else ("web" if channel == "shop" else "shop")
        discount = min(discount + (5 if random.random() < 0.2 else 0), 25)


def write(folder: Path, customers: int, seed: int) -> None:
    """Both halves and their description."""
    goods = products(np.random.default_rng(seed))
    for number, half in enumerate(("train", "holdout")):
        (folder / half).mkdir(parents=True, exist_ok=True)
        rows = draw(np.random.default_rng((seed, number)), goods, customers)
        for table, columns in TABLES.items():
            with (folder / half / f"{table}.csv").open("w", newline="") as file:
                header = [c.split(":")[0] for c in columns.split()]
                keys = [c.endswith(":i") and c != "product_id:i" and table != "product" for c in columns.split()]
                moved = (
                    [v + number * APART if k and v else v for v, k in zip(r, keys, strict=True)] for r in rows[table]
                )
                csv.writer(file).writerows([header, *moved])
    tables = {}
    for table, columns in TABLES.items():
        kinds = {c.split(":")[0]: KINDS[c.split(":")[1]] for c in columns.split()}
        tables[table] = {"pk": "id", "columns": kinds, **({"order": ORDER[table]} if table in ORDER else {})}
    keys = [{"child": c, "col": k, "parent": p, "pcol": "id"} for c, k, p in KEYS]
    meta = {"name": "shops", "type": "multi", "tables": tables, "fks": keys, "own": OWN}
    (folder / "meta.json").write_text(json.dumps(meta, indent=1))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    write(chosen.folder, chosen.customers, chosen.seed)


if __name__ == "__main__":
    main()
