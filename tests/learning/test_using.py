"""Using a model beside plain generation: nulls filled, sequences gone on with, real rows mixed in."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

import understudy
from understudy import workflow
from understudy.errors import InputError, RequestError
from understudy.kernels import Runtime
from understudy.model.manifest import Manifest
from understudy.model.request import Request, Share
from understudy.workflow.extending import extend
from understudy.workflow.fitting import keep_model
from understudy.workflow.imputing import impute
from understudy.workflow.mixing import mix

COUNTRY = {"Paris": "FR", "Lyon": "FR", "Rome": "IT", "Bonn": "DE"}


def people(n: int, seed: int) -> pa.Table:
    """City decides country and size; gross is net plus tax; who is no customer has no discount."""
    random = np.random.default_rng(seed)
    city = random.choice(list(COUNTRY), n)
    size = np.where(city == "Paris", random.integers(50, 60, n), random.integers(1, 20, n))
    net, tax = random.integers(100, 900, n), random.integers(1, 90, n)
    customer = random.random(n) < 0.5
    return pa.table(
        {
            "city": city,
            "country": [COUNTRY[c] for c in city],
            "size": size,
            "net": net,
            "tax": tax,
            "gross": net + tax,
            "kind": np.where(customer, "customer", "guest"),
            "discount": pa.array(random.integers(1, 9, n), mask=~customer),
        }
    )


def with_gaps(table: pa.Table, share: float, seed: int) -> tuple[pa.Table, dict[str, np.ndarray]]:
    random = np.random.default_rng(seed)
    gaps = {}
    for name in table.column_names:
        gaps[name] = random.random(table.num_rows) < share
        values = pa.array(table.column(name).to_pylist(), table.schema.field(name).type, mask=gaps[name])
        table = table.set_column(table.column_names.index(name), name, values)
    return table, gaps


def rows_of(bundle, name=None) -> pa.Table:
    table = bundle.plan.table(name or bundle.plan.tables[0].name)
    return pa.Table.from_batches([Runtime(bundle).batch(table.name, 0, table.rows)])


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("using")
    pyarrow.csv.write_csv(people(1500, 0), folder / "people.csv")
    keep_model(workflow.fit(str(folder / "people.csv"), privacy="low"), folder / "people.model")
    keep_model(workflow.fit(str(folder / "people.csv")), folder / "medium.model")
    lacking, _ = with_gaps(people(400, 1), 0.15, 2)
    pyarrow.csv.write_csv(lacking, folder / "lacking.csv")
    return folder


@pytest.fixture(scope="module")
def filled(place) -> pa.Table:
    return rows_of(impute(place / "people.model", str(place / "lacking.csv")))


# ---- impute --------------------------------------------------------------------------------------
def test_what_is_there_stays_and_what_lacks_follows_from_it(filled):
    true = people(400, 1)
    lacking, gaps = with_gaps(true, 0.15, 2)
    for name in true.column_names:
        sides = [t.column(name).to_pylist() for t in (lacking, filled)]
        assert all(was is None or was == now for was, now in zip(*sides, strict=True))
    alone = gaps["country"] & ~gaps["city"]
    told = np.array(filled.column("country").to_pylist())[alone]
    assert (told == np.array(true.column("country").to_pylist())[alone]).all()
    alone = gaps["size"] & ~gaps["city"]
    size, city = (np.array(filled.column(c).to_pylist())[alone] for c in ("size", "city"))
    assert (size[city == "Paris"] >= 45).all()
    assert (size[city != "Paris"] <= 25).all()
    assert filled.column("net").null_count == 0


def test_a_missing_part_of_a_sum_is_what_the_total_leaves(filled):
    net, tax, gross = (np.array(filled.column(c).to_pylist()) for c in ("net", "tax", "gross"))
    assert (net + tax == gross).mean() > 0.99


def test_a_null_that_means_something_stays(filled):
    kind, discount = filled.column("kind").to_pylist(), filled.column("discount").to_pylist()
    true = people(400, 1)
    _, gaps = with_gaps(true, 0.15, 2)
    known = [i for i in range(400) if not gaps["kind"][i]]
    assert all(discount[i] is None for i in known if kind[i] == "guest")
    assert np.mean([discount[i] is not None for i in known if kind[i] == "customer"]) > 0.98


def test_the_same_seed_fills_the_same_values_and_another_does_not(place):
    first, again, other = (
        rows_of(impute(place / "people.model", str(place / "lacking.csv"), columns=["net"], seed=s)) for s in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)
    assert first.column("tax").null_count


def test_a_column_that_is_not_there_is_told(place):
    with pytest.raises(RequestError, match="no table has it"):
        impute(place / "people.model", str(place / "lacking.csv"), columns=["nett"])


def test_rows_of_another_kind_are_refused_in_a_line(place, tmp_path):
    pyarrow.csv.write_csv(pa.table({"a": [1, 2], "b": [3, None]}), tmp_path / "other.csv")
    with pytest.raises(RequestError, match="no column of"):
        impute(place / "people.model", str(tmp_path / "other.csv"))
    pyarrow.csv.write_csv(pa.table({"net": ["x", "y"], "city": ["Rome", None]}), tmp_path / "text.csv")
    with pytest.raises(InputError, match="net: holds string"):
        impute(place / "people.model", str(tmp_path / "text.csv"))


def test_a_rule_of_the_schema_is_kept_by_what_is_filled(tmp_path):
    random = np.random.default_rng(0)
    base = sqlite3.connect(tmp_path / "a.db")
    base.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, kind TEXT, low INT, high INT, CHECK (low + 10 <= high))")
    for n in range(800):
        low = int(random.integers(0, 50))
        base.execute("INSERT INTO t VALUES (?, ?, ?, ?)", (n, "ab"[n % 2], low, low + 10 + int(random.integers(0, 9))))
    base.commit()
    fitted = workflow.fit(f"sqlite:///{tmp_path}/a.db")
    base.execute("UPDATE t SET high = NULL WHERE id % 3 = 0")
    base.commit()
    made = rows_of(impute(fitted, f"sqlite:///{tmp_path}/a.db"))
    low, high = (made.column(c).to_pylist() for c in ("low", "high"))
    assert sum(h is None for h in high) < 8
    assert all(h is None or a + 10 <= h for a, h in zip(low, high, strict=True))
    assert sorted(made.column("id").to_pylist()) == list(range(800))


def test_the_certificate_says_which_rows_are_real(place, tmp_path):
    done = understudy.impute(place / "people.model", place / "lacking.csv", to=tmp_path / "out.csv")
    assert isinstance(done, Manifest)
    assert done.real == {"people": 400}
    assert any("nulls filled" in line for line in done.used)
    assert pyarrow.csv.read_csv(tmp_path / "out.csv").num_rows == 400


# ---- extend --------------------------------------------------------------------------------------
DAYS = 400


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> tuple[str, Path]:
    """Customers who order every week; their level grows by steps; the second half has stopped for good."""
    folder = tmp_path_factory.mktemp("shop")
    random = np.random.default_rng(0)
    base = sqlite3.connect(folder / "shop.db")
    base.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, segment TEXT)")
    base.execute("CREATE TABLE products (id INTEGER PRIMARY KEY, price INT)")
    base.execute(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INT NOT NULL REFERENCES customers, "
        "product_id INT NOT NULL REFERENCES products, ordered DATE, level INT, colour TEXT)"
    )
    base.executemany("INSERT INTO products VALUES (?, ?)", [(i, 10 * i) for i in range(1, 6)])
    number = 0
    for customer in range(120):
        base.execute("INSERT INTO customers VALUES (?, ?)", (customer + 1, "ab"[customer % 2]))
        day, level = int(random.integers(0, 14)), int(random.integers(0, 1000))
        colour = str(random.choice(["red", "blue", "green"]))
        stop = DAYS if customer % 2 == 0 else int(random.integers(20, 150))
        while day < stop:
            number += 1
            when = str(np.datetime64("2025-01-01") + day)
            base.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)",
                (number, customer + 1, 1 + number % 5, when, level, colour),
            )
            day += int(random.integers(6, 9))
            level += int(random.integers(1, 5))
    base.commit()
    return f"sqlite:///{folder}/shop.db", folder


@pytest.fixture(scope="module")
def model(shop):
    return workflow.fit(shop[0], privacy="low")


def orders(source: str) -> dict[int, list[tuple]]:
    base = sqlite3.connect(source.removeprefix("sqlite:///"))
    found: dict[int, list[tuple]] = {}
    for row in base.execute("SELECT customer_id, ordered, level, colour, id FROM orders ORDER BY customer_id, ordered"):
        found.setdefault(row[0], []).append(row[1:])
    return found


def test_the_future_follows_the_last_row_of_each_entity(shop, model):
    made = rows_of(extend(model, shop[0], until="2026-03-31"), "orders").to_pylist()
    before = orders(shop[0])
    last = max(r[0] for rows in before.values() for r in rows)
    assert min(str(r["ordered"]) for r in made) > last
    assert max(str(r["ordered"]) for r in made) <= "2026-03-31"
    assert min(r["id"] for r in made) == max(r[3] for rows in before.values() for r in rows) + 1
    on = {r["customer_id"] for r in made}
    assert np.mean([c % 2 == 1 for c in on]) > 0.8
    assert len([c for c in on if c % 2 == 1]) > 30
    first = {}
    for row in made:
        first.setdefault(row["customer_id"], row)
    near = [abs(row["level"] - before[c][-1][1]) for c, row in first.items()]
    assert np.median(near) < 20
    assert np.mean([row["colour"] == before[c][-1][2] for c, row in first.items()]) > 0.8
    assert {r["product_id"] for r in made} <= set(range(1, 6))


def test_steps_are_rows_of_each_entity(shop, model):
    made = rows_of(extend(model, shop[0], steps=2), "orders").to_pylist()
    counts = np.unique([r["customer_id"] for r in made], return_counts=True)[1]
    assert counts.max() == 2


def test_new_entities_come_under_fresh_keys_with_what_belongs_to_them(shop, model):
    bundle = extend(model, shop[0], rows=30, whole=True)
    customers, lines = rows_of(bundle, "customers"), rows_of(bundle, "orders")
    assert customers.num_rows == 150
    ids = customers.column("id").to_pylist()
    assert len(set(ids)) == 150
    assert set(lines.column("customer_id").to_pylist()) <= set(ids)
    numbers = lines.column("id").to_pylist()
    assert len(set(numbers)) == len(numbers)
    assert bundle.plan.real == {"customers": 120, "products": 5, "orders": sum(map(len, orders(shop[0]).values()))}


def test_how_to_go_on_must_be_said_once(shop, model):
    with pytest.raises(RequestError, match="nothing says how"):
        extend(model, shop[0])
    with pytest.raises(RequestError, match="two things"):
        extend(model, shop[0], rows=3, steps=1)
    with pytest.raises(RequestError, match="no end of ordered"):
        extend(model, shop[0], until="soon")


def test_a_table_without_sequences_has_no_future(place):
    with pytest.raises(RequestError, match="follow each other"):
        extend(place / "people.model", str(place / "people.csv"), steps=1)


# ---- mix -----------------------------------------------------------------------------------------
def test_a_share_of_real_rows_is_mixed_in(place):
    made = understudy.generate(
        place / "people.model", real=place / "people.csv", synthetic_ratio=0.75, rows=400, seed=1
    )["people"]
    real = {tuple(r.values()) for r in people(1500, 0).to_pylist()}
    same = [tuple(r.values()) in real for r in made.to_pylist()]
    assert made.num_rows == 400
    assert 100 <= sum(same) <= 115  # the level low comes near to rows by itself
    assert 15 < sum(same[:100]) < 35


@pytest.mark.parametrize("ratio", [0.0, 1.0, -1.0, 1.5])
def test_a_share_that_is_none_is_refused(place, ratio):
    with pytest.raises(RequestError):
        understudy.generate(place / "people.model", real=place / "people.csv", synthetic_ratio=ratio, rows=10)


def test_a_model_that_protects_stands_beside_real_rows_only_if_asked(place):
    wish = {"real": place / "people.csv", "synthetic_ratio": 0.5, "rows": 20}
    with pytest.raises(RequestError, match="privacy medium"):
        understudy.generate(place / "medium.model", **wish)
    assert understudy.generate(place / "medium.model", allow_real=True, **wish)["people"].num_rows == 20


def test_more_real_rows_than_there_are_is_told(place):
    with pytest.raises(RequestError, match="1,500 are there"):
        understudy.generate(place / "people.model", real=place / "people.csv", synthetic_ratio=0.1, rows=3000)


def test_families_are_mixed_whole(shop, model):
    bundle = mix(model, shop[0], 0.5, Request(default_rows=10))
    lines, customers = rows_of(bundle, "orders"), rows_of(bundle, "customers")
    assert set(lines.column("customer_id").to_pylist()) <= set(customers.column("id").to_pylist())
    assert bundle.plan.real["customers"] == 5


# ---- levels --------------------------------------------------------------------------------------
def test_levels_hold_per_table_and_field_and_stand_in_the_card(place, tmp_path):
    random = np.random.default_rng(0)
    table = people(600, 3).append_column("nick", pa.array([f"n{i}" for i in random.integers(0, 250, 600)]))
    pyarrow.csv.write_csv(table, tmp_path / "t.csv")

    def leaf(fitted, column: str) -> int:
        return min(len(x) for x in fitted.artefacts[f"t:learned:{column}:leaves"])

    plain = workflow.fit(str(tmp_path / "t.csv"), privacy="low")
    mixed = workflow.fit(str(tmp_path / "t.csv"), privacy="low", levels={"t.net": "high", "nick": "high"})
    assert leaf(plain, "net") < 40 <= leaf(mixed, "net")
    assert leaf(mixed, "tax") < 40
    assert "nick" in mixed.model.tables[0].left
    assert "nick" not in plain.model.tables[0].left
    assert mixed.model.card.levels == {"t.net": "high", "t.nick": "high"}
    assert set(mixed.model.card.protection) == {"low", "high"}


def test_levels_of_a_saved_schema_count(place, tmp_path):
    pyarrow.csv.write_csv(people(300, 3), tmp_path / "t.csv")
    schema = understudy.read(tmp_path / "t.csv")
    understudy.save(schema, tmp_path / "t.schema.yaml")
    text = (tmp_path / "t.schema.yaml").read_text()
    (tmp_path / "t.schema.yaml").write_text(text.replace("- name: size\n", "- name: size\n    privacy: high\n"))
    fitted = workflow.fit(str(tmp_path / "t.csv"), privacy="low", schema=str(tmp_path / "t.schema.yaml"))
    assert fitted.model.card.levels == {"t.size": "high"}
    (tmp_path / "t.schema.yaml").write_text(text.replace("- name: size\n", "- name: size\n    privacy: hihg\n"))
    with pytest.raises(understudy.UnderstudyError, match="no privacy level 'hihg'"):
        workflow.fit(str(tmp_path / "t.csv"), schema=str(tmp_path / "t.schema.yaml"))


@pytest.mark.parametrize("levels", [{"nobody": "high"}, {"size": "higher"}])
def test_levels_that_do_not_exist_are_told(place, levels):
    with pytest.raises(RequestError):
        workflow.fit(str(place / "people.csv"), levels=levels)


# ---- what follows from row to row ----------------------------------------------------------------
@pytest.mark.parametrize(
    "wish", [{"where": ("orders: level > 500",)}, {"shares": (Share("orders.colour", "red", 0.5),)}]
)
def test_a_condition_on_what_goes_on_from_row_to_row_is_refused_before_a_row_is_made(model, wish):
    with pytest.raises(RequestError, match="goes on from row to row"):
        workflow.plan_schema(model.model.schema, Request(default_rows=20, **wish), fitted=model)


def test_a_condition_on_the_parents_of_rows_that_go_on_is_met(model):
    wish = Request(default_rows=30, where=("customers: segment = 'a'",))
    made = rows_of(workflow.plan_schema(model.model.schema, wish, fitted=model), "customers")
    assert set(made.column("segment").to_pylist()) == {"a"}


def test_sequences_of_things_without_a_table_are_not_gone_on_with_or_mixed(tmp_path):
    lines = [f"T{k:02d},2025-01-{d:02d},{10 * k + d}" for k in range(30) for d in range(1, 29)]
    source = tmp_path / "prices.csv"
    source.write_text("\n".join(["ticker,day,price", *lines]))
    fitted = workflow.fit(str(source), privacy="low", sequences={"prices": "ticker"})
    with pytest.raises(RequestError, match="cannot be gone on with"):
        extend(fitted, str(source), steps=2)
    with pytest.raises(RequestError, match="cannot be mixed with real rows"):
        mix(fitted, str(source), 0.5, Request(default_rows=10))
