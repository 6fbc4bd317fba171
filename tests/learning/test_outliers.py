"""Rows that stand out, in a share on request: another forest finds them, they are labelled, and all laws hold."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from sklearn.ensemble import IsolationForest

from understudy import workflow
from understudy.errors import RequestError
from understudy.kernels import Runtime
from understudy.model.request import Request
from understudy.planning import plan
from understudy.storage.models import load_model, save_model
from understudy.workflow.labelling import anomalies

N = 1500


def people() -> pa.Table:
    random = np.random.default_rng(3)
    age = random.integers(18, 80, N)
    return pa.table(
        {
            "age": age,
            "income": np.round(800 + 40 * age + random.normal(0, 200, N), 2),
            "town": random.choice(["a", "b", "c", "d"], N, p=[0.5, 0.3, 0.19, 0.01]),
            "visits": random.poisson(3, N),
        }
    )


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    source = tmp_path_factory.mktemp("outliers") / "people.csv"
    pyarrow.csv.write_csv(people(), source)
    return workflow.fit(str(source), anomalies=True)


def planned(fitted, n: int, **asked):
    return plan(fitted.model.schema, Request(default_rows=n, seed=1, **asked), fitted=fitted)


def rows(bundle, start: int, stop: int) -> pa.Table:
    return pa.Table.from_batches([Runtime(bundle).batch("people", start, stop)])


def matrix(table: pa.Table) -> np.ndarray:
    real = people().column("town").to_pylist()
    often = {t: real.count(t) / N for t in set(real)}
    columns = [np.array([float(v) for v in table.column(c).to_pylist()]) for c in ("age", "income", "visits")]
    rare = -np.log([often.get(t, 1e-4) for t in table.column("town").to_pylist()])
    return np.column_stack([*columns, rare])


def test_another_forest_finds_the_rows_that_are_labelled_and_hardly_others(learned):
    bundle = planned(learned, 3000, anomalies=0.03)
    (label,) = anomalies(bundle)
    assert label.table == "people"
    assert 50 < label.number == len(label.rows) < 140
    forest = IsolationForest(n_estimators=200, random_state=9).fit(matrix(people()))
    edge = np.quantile(-forest.score_samples(matrix(people())), 0.995)
    out = -forest.score_samples(matrix(rows(bundle, 0, 3000))) > edge
    named = np.zeros(3000, np.bool_)
    named[list(label.rows)] = True
    assert out[named].mean() > 0.8
    assert out[~named].mean() < 0.03


def test_other_rows_are_as_they_are_without(learned):
    bundle = planned(learned, 400, anomalies=0.05)
    (label,) = anomalies(bundle)
    with_some, without = rows(bundle, 0, 400).to_pylist(), rows(planned(learned, 400), 0, 400).to_pylist()
    differ = {i for i in range(400) if with_some[i] != without[i]}
    assert differ == set(label.rows)


def test_any_rows_alone_are_the_same_and_a_model_read_again_gives_them(learned, tmp_path):
    bundle = planned(learned, 600, anomalies=0.05)
    whole = rows(bundle, 0, 600)
    assert rows(bundle, 200, 290).equals(whole.slice(200, 90).combine_chunks())
    save_model(learned, tmp_path / "x.model")
    assert rows(planned(load_model(tmp_path / "x.model"), 600, anomalies=0.05), 0, 600).equals(whole)


def test_rules_hold_for_rows_that_stand_out(learned):
    made = rows(planned(learned, 500, anomalies=0.3, where=("age <= 90",)), 0, 500)
    assert max(made.column("age").to_pylist()) <= 90


def test_the_manifest_of_a_load_names_them(learned, tmp_path):
    bundle = planned(learned, 300, anomalies=0.1)
    manifest = workflow.generate(bundle, str(tmp_path / "out"), format="csv")
    assert manifest.anomalies == anomalies(bundle)
    assert workflow.generate(planned(learned, 30), str(tmp_path / "plain"), format="csv").anomalies == ()


def test_a_model_that_did_not_learn_it_refuses(tmp_path):
    pyarrow.csv.write_csv(people(), tmp_path / "people.csv")
    fitted = workflow.fit(str(tmp_path / "people.csv"), learners={"": "distribution"})
    with pytest.raises(RequestError, match="not known what would stand out"):
        planned(fitted, 10, anomalies=0.1)
