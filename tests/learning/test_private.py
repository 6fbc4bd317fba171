"""Differential privacy: what is measured is paid for, what is not measured is not known, what comes out is useful."""

from __future__ import annotations

import sqlite3
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from understudy.errors import InputError, RequestError, TargetError
from understudy.kernels import Runtime
from understudy.learning.private import Budget, Public, bare, declared, epsilon_of, fit_private, shares
from understudy.learning.private.domains import Binned, binned
from understudy.learning.private.domains import Terms as BinTerms
from understudy.learning.private.network import Cliques, Network, Noisy
from understudy.model.learned import Card, Fitted, Model
from understudy.model.request import Request
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, Schema
from understudy.planning import plan
from understudy.storage.ledgers import held, load_ledger
from understudy.types import Kind, Type
from understudy.workflow.private_fitting import Terms, fit_privately

N = 4000


def people(n=N, seed=0) -> pa.Table:
    """City decides country; size depends on the city, half of the debts are nothing; one row has a city of its own."""
    random = np.random.default_rng(seed)
    cities = np.array(["Paris", "Lyon", "Rome", "Bonn"])[random.choice(4, n, p=[0.4, 0.2, 0.2, 0.2])]
    country = {"Paris": "FR", "Lyon": "FR", "Rome": "IT", "Bonn": "DE"}
    size = np.where(cities == "Paris", random.integers(50, 60, n), random.integers(1, 20, n))
    debt = np.where(random.random(n) < 0.5, 0, random.integers(100, 5000, n))
    named = cities.astype(object)
    named[0] = "Atlantis"
    return pa.table(
        {
            "city": pa.array(named),
            "country": pa.array([country[c] for c in cities]),
            "size": pa.array(size),
            "debt": pa.array(debt, mask=random.random(n) < 0.25),
            "born": pa.array(random.integers(3650, 14600, n), pa.int32()).cast(pa.date32()),
        }
    )


ENTITY = Entity(
    "t",
    tuple(
        Field(n, Type(k))
        for n, k in zip(
            ("city", "country", "size", "debt", "born"),
            (Kind.TEXT, Kind.TEXT, Kind.INTEGER, Kind.INTEGER, Kind.DATE),
            strict=True,
        )
    ),
)


def learn(table: pa.Table, epsilon=8.0, secret=1, public=None) -> tuple[Fitted, Budget]:
    kept: dict[str, pa.Array | pa.Table] = {}

    def keep(name, values):
        kept[name] = values
        return name

    rho, delta = shares(epsilon, 1e-6)
    budget = Budget(rho, delta, np.random.default_rng(secret))
    learned = fit_private(ENTITY, table, public or {}, budget, keep=keep)
    return Fitted(Model("m", Schema("s", (ENTITY,)), (learned,), Card("memory", "now")), kept), budget


def rows(fitted: Fitted, n=N, start=0, of=None) -> pa.Table:
    bundle = plan(fitted.model.schema, Request(default_rows=of or n, seed=1), fitted=fitted)
    return pa.Table.from_batches([Runtime(bundle).batch("t", start, start + n)])


@pytest.fixture(scope="module")
def made() -> pa.Table:
    return rows(learn(people())[0])


def test_columns_that_depend_on_each_other_still_do(made):
    told = {"Paris": "FR", "Lyon": "FR", "Rome": "IT", "Bonn": "DE"}
    pairs = zip(made.column("city").to_pylist(), made.column("country").to_pylist(), strict=True)
    assert np.mean([told[city] == country for city, country in pairs]) > 0.9
    size = np.array(made.column("size").to_pylist())
    paris = np.array(made.column("city").to_pylist()) == "Paris"
    assert size[paris].mean() > 45
    assert size[~paris].mean() < 20


def test_nulls_points_and_dates_come_back_as_often_as_they_were(made):
    debt = made.column("debt").to_pylist()
    assert abs(np.mean([d is None for d in debt]) - 0.25) < 0.04
    assert abs(np.mean([d == 0 for d in debt if d is not None]) - 0.5) < 0.05
    assert abs(np.mean([d.year for d in made.column("born").to_pylist()]) - 1994.5) < 1.5


def test_a_value_that_one_row_has_is_nowhere_in_the_model():
    fitted, _ = learn(people())
    assert all("Atlantis" not in str(a.to_pylist()) for a in fitted.artefacts.values() if a.type == pa.string())
    assert any("Paris" in str(a.to_pylist()) for a in fitted.artefacts.values() if a.type == pa.string())


def test_every_draw_of_noise_is_paid_and_nothing_is_left_over():
    _, budget = learn(people(), epsilon=2.0)
    assert 1.8 < epsilon_of(budget.spent, 1e-6) <= 2.0 + 1e-9
    used = {s.use.split(":")[0] for s in budget.spent}
    assert {"number of rows", "city", "size", "choice of a pair"} <= used


def column(values, secret, rho=0.0006) -> Binned:
    """One column of numbers as bins, at a budget of which little is left for each."""
    budget = Budget(1.0, 1e-6, np.random.default_rng(secret))
    terms = BinTerms(rho, 1e-7, float(len(values)), 8, 800.0)
    found = binned("x", Type(Kind.INTEGER), pa.array(values), Public(), budget, terms)
    assert isinstance(found, Binned)
    return found


def test_bins_of_a_number_hold_as_many_rows_as_they_say_under_much_noise():
    values = np.random.default_rng(0).lognormal(9, 1.2, 10_000).astype(np.int64)
    apart = [
        np.abs(np.bincount(found.codes, minlength=found.size) - found.counts).sum()
        for found in (column(values, secret) for secret in range(6))
    ]
    assert np.mean(apart) < 1000  # the noise of the cells alone adds up to twice that


def test_a_value_that_many_rows_have_keeps_them_beside_cells_where_noise_left_nothing():
    random = np.random.default_rng(0)
    values = np.where(random.random(10_000) < 0.5, 40, 5 * random.integers(1, 13, 10_000))
    for secret in range(6):
        found = column(values, secret)
        mode = [w for w, low, high in zip(found.weights, found.lows, found.highs, strict=True) if low <= 40 <= high]
        width = [high - low for low, high in zip(found.lows, found.highs, strict=True) if low <= 40 <= high]
        assert width == [0]
        assert 4800 < sum(mode) < 6000


def test_what_is_declared_costs_no_threshold():
    public = {"city": Public(values=("Bonn", "Lyon", "Paris", "Rome")), "country": Public(values=("DE", "FR", "IT"))}
    _, budget = learn(people(), public=public)
    assert {s.use.split(":")[0] for s in budget.spent if s.kind == "threshold"} == {"debt", "born"}


def test_parts_are_cut_out_of_the_same_whole():
    fitted, _ = learn(people())
    whole = rows(fitted, 500)
    assert rows(fitted, 100, start=230, of=500).equals(whole.slice(230, 100).combine_chunks())


@pytest.mark.parametrize("epsilon", [1e-4, 1e9])
def test_any_epsilon_gives_a_model(epsilon):
    fitted, _ = learn(people(400), epsilon=epsilon)
    assert rows(fitted, 50).num_rows == 50


# ---- the graphical model -------------------------------------------------------------------------
def brute(network: Network) -> np.ndarray:
    """The joint table of all columns, by multiplying everything out."""
    sizes = network.cliques.sizes
    joint = np.empty(sizes)
    for cell in product(*(range(s) for s in sizes)):
        joint[cell] = sum(
            p[tuple(cell[c] for c in m)] for m, p in zip(network.cliques.members, network.potentials, strict=True)
        )
    joint = np.exp(joint)
    return joint * network.total / joint.sum()


def test_tables_of_cliques_and_pairs_are_those_of_the_joint_distribution():
    cliques = Cliques([2, 3, 2, 4, 3, 2], [(0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (5,)])
    network = Network(cliques, 100.0)
    random = np.random.default_rng(3)
    network.potentials = [random.normal(0, 1, p.shape) for p in network.potentials]
    joint, tables = brute(network), network.tables()
    for members, table in zip(cliques.members, tables, strict=True):
        away = tuple(c for c in range(6) if c not in members)
        np.testing.assert_allclose(table, joint.sum(axis=away), rtol=1e-9)
    for (a, b), table in network.pairs(tables).items():
        np.testing.assert_allclose(table, joint.sum(axis=tuple(c for c in range(6) if c not in (a, b))), rtol=1e-9)


def test_the_fit_meets_measured_tables_that_agree_with_each_other():
    random = np.random.default_rng(5)
    joint = random.dirichlet(np.ones(24)).reshape(2, 3, 4) * 1000
    measured = [Noisy((0, 1), joint.sum(axis=2), 1.0), Noisy((1, 2), joint.sum(axis=0), 1.0)]
    cliques = Cliques([2, 3, 4], [(0, 1), (1, 2)])
    tables = Network(cliques, 1000.0).fit(measured, 2000)
    for m in measured:
        np.testing.assert_allclose(tables[cliques.members.index(m.columns)], m.table, atol=1.0)


# ---- what is public ------------------------------------------------------------------------------
def test_ranges_and_labels_are_known_only_where_they_are_declared():
    fields = (
        Field("state", Type(Kind.ENUM, labels=("new", "old"))),
        Field("age", Type(Kind.INTEGER)),
        Field("price", Type(Kind.DECIMAL, precision=8, scale=2)),
    )
    checks = (Rule("c1", "age >= 18 AND age <= 99"), Rule("c2", "price BETWEEN 0.5 AND 20"))
    entity = Entity("t", fields, checks=checks)
    known = declared(entity, "postgresql")
    assert known["state"].values == ("new", "old")
    assert (known["age"].low, known["age"].high) == (18, 99)
    assert (known["price"].low, known["price"].high, known["price"].scale) == (0.5, 20, 2)
    assert declared(bare(entity), "") == {n: Public() for n in ("state", "age", "price")}


# ---- the budget of a source ----------------------------------------------------------------------
@pytest.fixture
def file(tmp_path):
    pa.csv.write_csv(people(800), tmp_path / "people.csv")
    return str(tmp_path / "people.csv")


def test_releases_add_up_and_the_limit_refuses_one_more(file, tmp_path):
    ledger = str(tmp_path / "ledger.json")
    first = fit_privately(file, Terms(1.0, ledger=ledger, limit=1.6), model="a").model.card.guarantee
    second = fit_privately(file, Terms(1.0, ledger=ledger), model="b").model.card.guarantee
    assert first is not None
    assert second is not None
    assert first.released[0] <= 1.0 < second.released[0] < 1.6
    assert second.released[1] == pytest.approx(2e-6)
    with pytest.raises(RequestError, match="over the limit"):
        fit_privately(file, Terms(1.0, ledger=ledger), model="c")
    assert [r.model for r in load_ledger(tmp_path / "ledger.json", file).releases] == ["a", "b"]


def test_a_fit_that_breaks_off_has_cost_what_it_was_to_cost(file, tmp_path, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("power cut")

    monkeypatch.setattr("understudy.learning.private.fit_private", broken)
    with pytest.raises(RuntimeError):
        fit_privately(file, Terms(1.0, ledger=str(tmp_path / "l.json")), model="a")
    kept = load_ledger(tmp_path / "l.json", file)
    assert 0.9 < epsilon_of(kept.spent, kept.delta) <= 1.0 + 1e-9


def test_two_fits_at_once_do_not_overlook_each_other(file, tmp_path):
    place = tmp_path / "l.json"
    with held(place), pytest.raises(TargetError, match="another fit"):
        fit_privately(file, Terms(1.0, ledger=str(place)), model="a")


@pytest.mark.parametrize("terms", [Terms(0.0), Terms(-1.0), Terms(float("nan")), Terms(1.0, 0.0), Terms(1.0, 1.0)])
def test_what_protects_nobody_is_refused(file, terms):
    with pytest.raises(RequestError):
        fit_privately(file, terms, model="a")


def test_a_files_ranges_labels_and_counts_are_not_in_the_model(file, tmp_path):
    fitted = fit_privately(file, Terms(1.0, ledger=str(tmp_path / "l.json")), model="a", secret=5)
    (entity,) = fitted.model.schema.entities
    assert all(f.distribution is None and not f.type.labels and not f.values for f in entity.fields)
    assert entity.rows is None
    assert not entity.uniques
    assert not fitted.model.schema.facets
    guarantee = fitted.model.card.guarantee
    assert guarantee is not None
    assert guarantee.known == ("names and kinds of columns",)


def test_the_noise_is_another_each_time(file, tmp_path):
    terms = Terms(0.1, ledger=str(tmp_path / "l.json"))
    assert len({fit_privately(file, terms, model="a").model.tables[0].seen for _ in range(4)}) > 1


def test_a_databases_declared_structure_is_public_and_its_rows_are_not(tmp_path):
    place = tmp_path / "shop.db"
    with sqlite3.connect(place) as database:
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT CHECK (state IN ('a', 'b')), n INTEGER)")
        database.executemany("INSERT INTO t VALUES (?, ?, ?)", [(i, "ab"[i % 2], i % 7) for i in range(3000)])
    fitted = fit_privately(f"sqlite:///{place}", Terms(2.0, ledger=str(tmp_path / "l.json")), model="a", secret=3)
    (table,) = fitted.model.tables
    assert [c.name for c in table.columns] == ["state", "n"]
    made = rows(fitted, 400)
    assert set(made.column("state").to_pylist()) <= {"a", "b"}
    assert len(set(made.column("id").to_pylist())) == 400


def test_another_sources_ledger_is_refused(file, tmp_path):
    ledger = str(tmp_path / "l.json")
    fit_privately(file, Terms(1.0, ledger=ledger), model="a")
    pa.csv.write_csv(people(100), tmp_path / "other.csv")
    with pytest.raises(InputError, match="this is the ledger of"):
        fit_privately(str(tmp_path / "other.csv"), Terms(1.0, ledger=ledger), model="b")


# ---- composition ---------------------------------------------------------------------------------
def zcdp(spent) -> float:
    """What draws of noise cost in rho, added up by hand: costs of one mechanism after the other are sums."""
    cost = {"gaussian": lambda s: 1 / (2 * s.size**2), "exponential": lambda s: s.size**2 / 8, "rho": lambda s: s.size}
    return sum(cost[s.kind](s) * s.times for s in spent if s.kind in cost)


def epsilon_by_hand(rho: float, delta: float) -> float:
    """An upper bound that is looser than the accountant's: rho + 2 sqrt(rho log(1/delta)) (Bun and Steinke, 2016)."""
    return rho + 2 * (rho * np.log(1 / delta)) ** 0.5


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> str:
    place = tmp_path_factory.mktemp("three") / "t.db"
    base = sqlite3.connect(place)
    for name in ("a", "b", "c"):
        base.execute(f"CREATE TABLE {name} (kind TEXT, size INT)")
        base.executemany(f"INSERT INTO {name} VALUES (?, ?)", [("xy"[n % 2], n % 40) for n in range(900)])
    base.commit()
    return f"sqlite:///{place}"


def test_tables_of_one_fit_cost_together_what_was_promised(three, tmp_path):
    found = fit_privately(three, Terms(1.0, ledger=str(tmp_path / "l.json")), model="a").model.card.guarantee
    assert list(found.tables) == ["a", "b", "c"]
    alone = list(found.tables.values())
    assert max(alone) < 1.0 < sum(alone)
    assert 0.9 < epsilon_of(found.spent, found.delta) <= 1.0 + 1e-6
    thresholds = sum(s.size for s in found.spent if s.kind == "threshold")
    assert epsilon_by_hand(zcdp(found.spent), found.delta - thresholds) >= epsilon_of(found.spent, found.delta)
    assert zcdp(found.spent) <= shares(1.0, found.delta)[0] * (1 + 1e-9)


def test_the_ledger_composes_releases_of_several_tables_as_one_accountant_does(three, tmp_path):
    ledger = str(tmp_path / "l.json")
    runs = [fit_privately(three, Terms(e, ledger=ledger), model=f"m{e}").model.card.guarantee for e in (0.5, 1.0, 0.5)]
    every = [s for g in runs for s in g.spent]
    kept = load_ledger(tmp_path / "l.json", three)
    assert len(kept.releases) == 3
    assert zcdp(kept.spent) == pytest.approx(zcdp(every))
    assert runs[-1].released[0] == pytest.approx(epsilon_of(every, 3e-6), abs=1e-3)
    assert 1.0 < runs[-1].released[0] < 2.0
    assert [g.released[0] for g in runs] == sorted(g.released[0] for g in runs)
