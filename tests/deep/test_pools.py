"""Black boxes: an autoencoder, SDV's synthesizers. What they make is a frozen pool, under the laws of any table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from understudy import workflow
from understudy.kernels import Runtime
from understudy.model.request import Request
from understudy.planning import plan
from understudy.storage.models import load_model, save_model

N = 1200
BOXES = ("vae", "sdv-copula", "sdv-tvae", "sdv-ctgan")
EVERY = pytest.mark.parametrize("name", BOXES)


SLOW = ("sdv-tvae", "sdv-ctgan")
"""Given fewer rows: they are SDV's, and it is not they that are tested here."""


def table() -> pa.Table:
    """Price rises with size, size differs by town; one row in five has no size; one town has one row."""
    random = np.random.default_rng(4)
    town = random.choice(["a", "b", "c"], N).astype(object)
    size = np.select([town == "a", town == "b"], [20, 60], 100) + random.integers(0, 30, N)
    price = np.round(size * 3 + random.normal(0, 5, N), 2)
    town[7] = "lonely"
    return pa.table(
        {
            "town": town,
            "size": pa.array(size, mask=random.random(N) < 0.2),
            "price": price,
            "sold": np.where(size > 60, "yes", "no"),
        }
    )


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    place = tmp_path_factory.mktemp("pools")
    for folder, size in (("all", N), ("few", 400)):
        (place / folder).mkdir()
        pyarrow.csv.write_csv(table().slice(0, size), place / folder / "t.csv")
    held = {}

    def fit(name: str, privacy: str = "medium"):
        if (name, privacy) not in held:
            source = place / ("few" if name in SLOW else "all") / "t.csv"
            held[name, privacy] = workflow.fit(str(source), learners={"": name}, privacy=privacy)
        return held[name, privacy]

    return fit


def rows(fitted, n: int, start: int = 0, of: int = 0, **asked) -> pa.Table:
    bundle = plan(fitted.model.schema, Request(default_rows=of or n, seed=1, **asked), fitted=fitted)
    return pa.Table.from_batches([Runtime(bundle).batch("t", start, start + n)])


@EVERY
def test_columns_are_as_they_were_and_go_together(name, learned):
    made = rows(learned(name), N)
    towns = made.column("town").to_pylist()
    assert set(towns) <= {"a", "b", "c", "lonely"}
    if name in SLOW:
        return
    assert abs(towns.count("a") / N - 1 / 3) < 0.12
    size = np.array([np.nan if v is None else v for v in made.column("size").to_pylist()], float)
    assert abs(float(np.isnan(size).mean()) - 0.2) < 0.12
    price = np.array([float(v) for v in made.column("price").to_pylist()])
    known = ~np.isnan(size)
    assert np.corrcoef(size[known], price[known])[0, 1] > 0.6


@EVERY
def test_any_rows_alone_are_the_same_and_a_model_read_again_gives_them(name, learned, tmp_path):
    fitted = learned(name)
    whole = rows(fitted, 600)
    assert rows(fitted, 100, 250, 600).equals(whole.slice(250, 100).combine_chunks())
    save_model(fitted, tmp_path / "x.model")
    assert rows(load_model(tmp_path / "x.model"), 600).equals(whole)


@EVERY
def test_the_card_and_the_plan_say_that_it_is_a_pool(name, learned):
    fitted = learned(name)
    assert any(f"learned as {name}" in n and "frozen pool" in n for n in fitted.model.card.notes)
    (planned,) = plan(fitted.model.schema, Request(default_rows=10), fitted=fitted).plan.tables
    assert "frozen pool of 20,000 rows" in next(c.reason for c in planned.columns if c.name == "price")
    many = plan(fitted.model.schema, Request(default_rows=50_000), fitted=fitted).plan
    assert any("frozen pool of 20,000" in w for w in many.warnings)


def test_rows_that_do_not_fit_are_drawn_again(learned):
    made = rows(learned("vae"), 300, where=("size >= 100",))
    sizes = made.column("size").to_pylist()
    assert min(sizes) >= 100
    assert made.column("town").to_pylist().count("c") > 250


@pytest.mark.parametrize("name", ["vae", "sdv-copula"])
def test_what_a_level_protects_is_not_in_the_pool(name, learned):
    fitted = learned(name, "high")
    texts = [
        str(v) for a in fitted.artefacts.values() if isinstance(a, pa.Array) and pa.types.is_string(a.type) for v in a
    ]
    assert "lonely" not in texts
    assert rows(fitted, 50).num_rows == 50


def test_the_same_seed_learns_the_same(tmp_path):
    pyarrow.csv.write_csv(table().slice(0, 200), tmp_path / "t.csv")
    a, b = (workflow.fit(str(tmp_path / "t.csv"), learners={"": "vae"}) for _ in range(2))
    assert a.artefacts.keys() == b.artefacts.keys()
    assert all(a.artefacts[k].equals(b.artefacts[k]) for k in a.artefacts)
