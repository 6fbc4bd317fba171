"""Tables that join rows of others: whom they join hangs together, as far as it did."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from understudy import workflow
from understudy.errors import RequestError
from understudy.kernels import Runtime
from understudy.model.request import Request
from understudy.planning import plan
from understudy.storage.models import load_model, save_model

PEOPLE, CIRCLE = 240, 12


@pytest.fixture(scope="module")
def friends(tmp_path_factory):
    """People in circles of twelve that none of their columns tells; nine friends of ten are of one's circle."""
    random = np.random.default_rng(5)
    circle = random.permutation(PEOPLE) // CIRCLE
    place = tmp_path_factory.mktemp("graphs") / "friends.db"
    with sqlite3.connect(place) as base:
        base.executescript(
            "create table person(id integer primary key, age integer not null);"
            "create table friendship(id integer primary key, one integer not null references person(id),"
            " other integer not null references person(id), check (one <> other));"
        )
        base.executemany("insert into person values(?,?)", [(i, int(random.integers(18, 70))) for i in range(PEOPLE)])
        for n in range(4 * PEOPLE):
            a = int(random.integers(PEOPLE))
            among = np.flatnonzero(circle == circle[a]) if random.random() < 0.9 else np.arange(PEOPLE)
            base.execute("insert into friendship values(?,?,?)", (n, a, int(random.choice(among[among != a]))))
    return f"sqlite:///{place}"


def bundle(fitted):
    return plan(fitted.model.schema, Request(rows={"person": PEOPLE}, seed=1), fitted=fitted)


def pairs(fitted) -> np.ndarray:
    made = bundle(fitted)
    size = next(t.rows for t in made.plan.tables if t.name == "friendship")
    batch = Runtime(made).batch("friendship", 0, size)
    ids = Runtime(made).batch("person", 0, PEOPLE).column("id").to_pylist()
    number = {v: i for i, v in enumerate(ids)}
    return np.array([[number[v] for v in batch.column(c).to_pylist()] for c in ("one", "other")])


def transitivity(found: np.ndarray) -> float:
    """Closed among all paths of two steps."""
    near = np.zeros((PEOPLE, PEOPLE))
    near[found[0], found[1]] = near[found[1], found[0]] = 1
    np.fill_diagonal(near, 0)
    steps = near @ near
    paths = steps.sum() - np.trace(steps)
    return float((steps * near).sum() / paths)


def test_friends_of_friends_are_friends_more_often_than_trees_know(friends):
    plain = transitivity(pairs(workflow.fit(friends, learners={"friendship": "trees"})))
    known = pairs(workflow.fit(friends, learners={"friendship": "node2vec"}))
    assert transitivity(known) > 0.2 > 2 * plain
    assert (known[0] != known[1]).all()


def test_communities_survive_the_file_and_parts_are_cut_out_of_the_same_whole(friends, tmp_path):
    fitted = workflow.fit(friends, learners={"friendship": "node2vec"})
    save_model(fitted, tmp_path / "x.model")
    made = bundle(load_model(tmp_path / "x.model"))
    whole = Runtime(made).batch("friendship", 0, 500)
    assert Runtime(bundle(fitted)).batch("friendship", 0, 500).equals(whole)
    assert Runtime(made).batch("friendship", 130, 190).equals(whole.slice(130, 60))
    assert any(n.startswith("friendship: learned as node2vec") for n in fitted.model.card.notes)


def test_a_table_that_joins_nothing_is_refused(friends):
    with pytest.raises(RequestError, match="joins no two rows"):
        workflow.fit(friends, learners={"person": "node2vec"})
