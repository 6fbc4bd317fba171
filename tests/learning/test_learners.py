"""Learners behind one signature: distributions, copulas, trees; and what no learner gives away."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from understudy import workflow
from understudy.errors import InputError, RequestError
from understudy.kernels import Runtime
from understudy.learning import LEARNERS, LEVELS, NEEDS, Task, ready, suited
from understudy.model.learned import Card, Fitted, Model
from understudy.model.request import Request
from understudy.model.schema import Entity, Field, Schema
from understudy.planning import plan
from understudy.types import Kind, Type

N = 3000
LIGHT = [name for name in LEARNERS if name not in NEEDS and name != "series"]
"""Those that learn any table with the packages that every checkout has; the others: test_series.py and tests/deep."""
ENTITY = Entity(
    "t",
    (
        Field("town", Type(Kind.TEXT)),
        Field("size", Type(Kind.INTEGER)),
        Field("price", Type(Kind.FLOAT)),
        Field("sold", Type(Kind.BOOLEAN)),
        Field("noise", Type(Kind.INTEGER)),
    ),
)


def table(n=N) -> pa.Table:
    """Price rises with size, size differs by town, one row in five has no size; one town has one row."""
    random = np.random.default_rng(4)
    town = random.choice(["a", "b", "c"], n)
    size = np.select([town == "a", town == "b"], [20, 60], 100) + random.integers(0, 30, n)
    price = np.round(size * 3 + random.normal(0, 5, n), 2)
    named = town.astype(object)
    named[7] = "lonely"
    price[11] = 1e6
    return pa.table(
        {
            "town": named,
            "size": pa.array(size, mask=random.random(n) < 0.2),
            "price": price,
            "sold": size > 60,
            "noise": random.integers(0, 1000, n),
        }
    )


def learn(name: str, data=None, level="medium") -> Fitted:
    kept: dict[str, pa.Array | pa.Table] = {}

    def keep(artefact, values):
        kept[artefact] = values
        return artefact

    learned, _ = LEARNERS[name].fit(Task(ENTITY, table() if data is None else data, LEVELS[level], keep))
    return Fitted(Model("m", Schema("s", (ENTITY,)), (learned,), Card("memory", "now")), kept)


def rows(fitted: Fitted, n=N, start=0, of=None) -> pa.Table:
    bundle = plan(fitted.model.schema, Request(default_rows=of or n, seed=1), fitted=fitted)
    return pa.Table.from_batches([Runtime(bundle).batch("t", start, start + n)])


def together(made: pa.Table, first: str, second: str) -> float:
    a, b = (np.array([np.nan if v is None else v for v in made.column(c).to_pylist()], float) for c in (first, second))
    known = ~np.isnan(a) & ~np.isnan(b)
    ranks = [np.argsort(np.argsort(x[known])) for x in (a, b)]
    return float(np.corrcoef(*ranks)[0, 1])


@pytest.mark.parametrize("name", LIGHT)
def test_every_learner_keeps_each_column_as_it_was(name):
    made = rows(learn(name))
    towns = made.column("town").to_pylist()
    assert abs(towns.count("a") / N - 1 / 3) < 0.04
    sizes = made.column("size").to_pylist()
    assert abs(sizes.count(None) / N - 0.2) < 0.04
    assert abs(np.mean([s for s in sizes if s is not None]) - 74.5) < 3
    assert abs(np.mean(made.column("sold").to_pylist()) - np.mean(table().column("sold").to_pylist())) < 0.04


def test_a_copula_keeps_how_ranks_rise_together_and_a_distribution_does_not():
    real = together(table(), "size", "price")
    assert real > 0.95
    assert together(rows(learn("copula")), "size", "price") > 0.85
    assert abs(together(rows(learn("copula")), "size", "noise")) < 0.08
    assert abs(together(rows(learn("distribution")), "size", "price")) < 0.08


@pytest.mark.parametrize("name", ["copula", "distribution"])
def test_parts_are_cut_out_of_the_same_whole(name):
    fitted = learn(name)
    assert rows(fitted, 100, 250, 600).equals(rows(fitted, 600).slice(250, 100).combine_chunks())


@pytest.mark.parametrize("name", ["copula", "distribution", "trees"])
@pytest.mark.parametrize("count", [1, 2, 30])
def test_few_rows_are_learned_as_well(name, count):
    assert rows(learn(name, table(100).slice(20, count)), 40).num_rows == 40


@pytest.mark.parametrize("name", LIGHT)
def test_at_the_high_level_a_text_of_one_row_is_nowhere_in_the_model_and_extremes_are_cut(name):
    fitted = learn(name, level="high")
    texts = [v for a in fitted.artefacts.values() if isinstance(a, pa.Array) and pa.types.is_string(a.type) for v in a]
    assert "lonely" not in {str(v) for v in texts}
    assert max(p for p in rows(fitted).column("price").to_pylist() if p is not None) < 1000


def test_the_low_level_gives_what_it_saw():
    assert any("lonely" in str(a) for a in learn("distribution", level="low").artefacts.values())


def test_the_choice_says_why_and_a_wish_wins():
    assert suited(10)[0].name == "distribution"
    assert "10 rows" in suited(10)[1]
    assert suited(10_000)[0].name == "trees"
    assert suited(10_000, "copula") == (LEARNERS["copula"], "asked for")


def test_learners_are_chosen_per_table_and_the_card_says_which(tmp_path):
    for name in ("one", "two"):
        pa.csv.write_csv(table(200), tmp_path / f"{name}.csv")
    fitted = workflow.fit(str(tmp_path), learners={"two": "copula", "": "distribution"})
    assert {t.name: {c.learner for c in t.columns} for t in fitted.model.tables} == {
        "one": {"distribution"},
        "two": {"Gaussian copula"},
    }
    assert any(n.startswith("two: learned as copula") for n in fitted.model.card.notes)


@pytest.mark.parametrize(("wish", "said"), [({"": "magic"}, "no learner 'magic'"), ({"three": "trees"}, "no table")])
def test_learners_and_tables_that_do_not_exist_are_refused(tmp_path, wish, said):
    pa.csv.write_csv(table(50), tmp_path / "one.csv")
    with pytest.raises(RequestError, match=said):
        workflow.fit(str(tmp_path / "one.csv"), learners=wish)


def test_the_fast_learner_tells_a_column_by_one_tree():
    kept: dict[str, pa.Array | pa.Table] = {}

    def keep(name, values):
        kept[name] = values
        return name

    LEARNERS["fast"].fit(Task(ENTITY, table(), LEVELS["medium"], keep))
    trees = [a.column("root").to_pylist() for n, a in kept.items() if n.endswith(":trees")]
    assert trees
    assert all(sum(roots) == 1 for roots in trees)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_a_learner_whose_package_is_missing_says_how_to_get_it(name, monkeypatch):
    monkeypatch.setattr("understudy.learning.learners.find_spec", lambda module: None)
    with pytest.raises(InputError, match="is not installed") as refused:
        ready(name)
    assert "pip install" in str(refused.value)
