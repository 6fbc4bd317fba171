"""Learning from rows: what was seen comes back, exactly where it must, and nothing breaks the schema."""

from __future__ import annotations

import sqlite3
import zipfile

import numpy as np
import pyarrow as pa
import pytest

import understudy
from understudy import workflow
from understudy.errors import InputError, SourceError
from understudy.kernels import Runtime
from understudy.learning import LEVELS, fit_table
from understudy.model.learned import Card, Fitted, Model
from understudy.model.request import Request
from understudy.model.schema import Entity, Field, Schema
from understudy.planning import plan
from understudy.storage.models import load_model, save_model
from understudy.types import Kind, Type

KINDS = {"city": Kind.TEXT, "country": Kind.TEXT, "size": Kind.INTEGER, "price": Kind.FLOAT, "flag": Kind.BOOLEAN}
N = 3000


def people(n=N, seed=0) -> pa.Table:
    """City decides country; size depends on the city; price on size; flag on both; sizes are missing in Rome."""
    random = np.random.default_rng(seed)
    cities = np.array(["Paris", "Lyon", "Rome", "Bonn"])[random.choice(4, n, p=[0.5, 0.2, 0.2, 0.1])]
    country = {"Paris": "FR", "Lyon": "FR", "Rome": "IT", "Bonn": "DE"}
    size = np.where(cities == "Paris", random.integers(50, 60, n), random.integers(1, 20, n))
    price = np.round(size * 10 + random.normal(0, 5, n), 2)
    return pa.table(
        {
            "city": pa.array(cities),
            "country": pa.array([country[c] for c in cities]),
            "size": pa.array(size, mask=cities == "Rome"),
            "price": pa.array(price),
            "flag": pa.array(size > 30),
        }
    )


def entity(**kinds) -> Entity:
    return Entity("t", tuple(Field(n, Type(k)) for n, k in (kinds or KINDS).items()))


def learn(table: pa.Table, of: Entity | None = None, level="medium") -> Fitted:
    kept: dict[str, pa.Array | pa.Table] = {}

    def keep(name, values):
        kept[name] = values
        return name

    found = of or entity()
    learned, _ = fit_table(found, table, level=LEVELS[level], keep=keep)
    return Fitted(Model("m", Schema("s", (found,)), (learned,), Card("memory", "now")), kept)


def rows(fitted: Fitted, n=N, seed=1) -> pa.Table:
    bundle = plan(fitted.model.schema, Request(default_rows=n, seed=seed), fitted=fitted)
    return pa.Table.from_batches([Runtime(bundle).batch("t", 0, n)])


def text(table, column):
    return table.column(column).cast(pa.string()).to_pylist()


@pytest.fixture(scope="module")
def made() -> pa.Table:
    return rows(learn(people()))


def test_what_follows_from_another_column_follows_in_every_row(made):
    seen = set(zip(text(people(), "city"), text(people(), "country"), strict=True))
    assert set(zip(text(made, "city"), text(made, "country"), strict=True)) <= seen


def test_shares_come_back(made):
    found = text(made, "city")
    assert abs(found.count("Paris") / N - 0.5) < 0.04


def test_columns_depend_on_each_other_as_they_did(made):
    cities, sizes = text(made, "city"), made.column("size").to_pylist()
    paris = [s for c, s in zip(cities, sizes, strict=True) if c == "Paris" and s is not None]
    other = [s for c, s in zip(cities, sizes, strict=True) if c == "Lyon" and s is not None]
    assert np.mean(paris) > 50
    assert np.mean(other) < 25


def test_nulls_stay_where_they_were(made):
    share = [s is None for c, s in zip(text(made, "city"), made.column("size").to_pylist(), strict=True) if c == "Rome"]
    assert np.mean(share) > 0.9


def test_digits_behind_the_point_stay_as_many(made):
    prices = np.array(made.column("price").to_pylist())
    assert np.array_equal(np.round(prices, 2), prices)


def test_the_same_seed_learns_the_same_model():
    one, other = learn(people()), learn(people())
    assert one.model.tables == other.model.tables
    assert all(one.artefacts[n].equals(a) for n, a in other.artefacts.items())


def test_a_high_level_keeps_more_rows_behind_every_value():
    lists = learn(people(), level="high").artefacts["t:learned:price:leaves"]
    assert min(len(v) for v in lists.to_pylist()) >= LEVELS["high"].leaf


@pytest.mark.parametrize(
    ("column", "kind", "why"),
    [
        (pa.array([None] * 50, pa.string()), Kind.TEXT, "no value"),
        (pa.array([f"word {i}" for i in range(50)]), Kind.TEXT, "another"),
        (pa.array([float("inf")] * 50), Kind.FLOAT, "finite"),
    ],
)
def test_a_column_that_cannot_be_learned_says_why(column, kind, why):
    fitted = learn(pa.table({"x": column}), entity(x=kind))
    assert why in fitted.model.tables[0].left["x"]


@pytest.mark.parametrize("values", [[5], [5] * 30, [None, 3] * 20, [1 << 61, 0] * 30])
def test_few_rows_equal_rows_and_wide_numbers_are_learned(values):
    of = entity(x=Kind.INTEGER)
    found = rows(learn(pa.table({"x": pa.array(values, pa.int64())}), of), 50).column("x").to_pylist()
    assert set(found) <= set(values)


def test_no_row_is_told():
    with pytest.raises(InputError, match="no rows"):
        learn(people(0))


# ---- the whole way ---------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def database(tmp_path_factory):
    place = tmp_path_factory.mktemp("learning") / "town.db"
    with sqlite3.connect(place) as connection:
        connection.executescript(
            """CREATE TABLE shop (id INTEGER PRIMARY KEY, city TEXT NOT NULL);
            CREATE TABLE sale (id INTEGER PRIMARY KEY, shop_id INT NOT NULL REFERENCES shop, city TEXT, country TEXT,
            size INT CHECK (size < 55), price REAL NOT NULL, sold TEXT);"""
        )
        data = people(600)
        connection.executemany("INSERT INTO shop VALUES (?, ?)", [(i, "Paris") for i in range(1, 11)])
        listed = zip(*(data.column(c).to_pylist() for c in ("city", "country", "size", "price")), strict=True)
        connection.executemany(
            "INSERT INTO sale VALUES (?, ?, ?, ?, min(?, 54), ?, '2024-01-02')",
            [(i, i % 10 + 1, *row) for i, row in enumerate(listed)],
        )
    return f"sqlite:///{place}"


def test_rows_from_a_model_keep_every_constraint(database, tmp_path):
    path = tmp_path / "town.model"
    save_model(workflow.fit(database), path)
    out = f"sqlite:///{tmp_path}/new.db"
    manifest = understudy.generate(str(path), to=out, rows=500)
    assert manifest.holds
    with sqlite3.connect(tmp_path / "new.db") as connection:
        pairs = set(connection.execute("SELECT DISTINCT city, country FROM sale"))
    assert pairs <= {("Paris", "FR"), ("Lyon", "FR"), ("Rome", "IT"), ("Bonn", "DE")}


def test_a_model_is_one_file_that_comes_back_whole(database, tmp_path):
    fitted = workflow.fit(database)
    save_model(fitted, tmp_path / "a.model")
    again = load_model(tmp_path / "a.model")
    assert again.model == fitted.model
    assert again.artefacts.keys() == fitted.artefacts.keys()


def test_a_changed_model_is_refused(database, tmp_path):
    save_model(workflow.fit(database), tmp_path / "a.model")
    with zipfile.ZipFile(tmp_path / "a.model") as old, zipfile.ZipFile(tmp_path / "b.model", "w") as new:
        for item in old.namelist():
            data = old.read(item)
            new.writestr(item, data[:-40] + bytes(40) if item == "artefacts/0001.arrow" else data)
    with pytest.raises(SourceError, match="was changed"):
        load_model(tmp_path / "b.model")


def test_what_is_no_model_is_told(tmp_path):
    (tmp_path / "x.model").write_text("hello")
    with pytest.raises(SourceError, match="no fitted model"):
        load_model(tmp_path / "x.model")


def test_a_data_file_is_learned_from(tmp_path):
    lines = ["city,country,size"] + [
        f"{c},{k},{s}"
        for c, k, s in zip(*(text(people(500), n) for n in ("city", "country", "size")), strict=True)
        if s
    ]
    (tmp_path / "town.csv").write_text("\n".join(lines))
    fitted = workflow.fit(str(tmp_path / "town.csv"))
    (table,) = fitted.model.tables
    assert {c.name for c in table.columns} == {"city", "country", "size"}
    assert table.seen == len(lines) - 1


def test_of_many_rows_a_sample_is_learned_from(tmp_path):
    (tmp_path / "n.csv").write_text("x,y\n" + "\n".join(f"{i % 7},{i % 3}" for i in range(5000)))
    (table,) = workflow.fit(str(tmp_path / "n.csv"), most_rows=1000).model.tables
    assert table.seen == 1000
