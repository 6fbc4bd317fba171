"""Evaluations: equal tables look equal, different ones different, copies are found, and the page says so."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from understudy import workflow
from understudy.errors import InputError, RequestError
from understudy.evaluation import evaluate_relation, evaluate_table, page
from understudy.model.evaluation import Evaluation, Families, Interval, Relation
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Unique
from understudy.types import Kind, Type
from understudy.workflow.evaluating import keep_report

KINDS = {
    "id": Kind.INTEGER,
    "city": Kind.TEXT,
    "size": Kind.INTEGER,
    "price": Kind.FLOAT,
    "start": Kind.INTEGER,
    "end": Kind.INTEGER,
}
ENTITY = Entity(
    "t", tuple(Field(n, Type(k)) for n, k in KINDS.items()), (Unique("pk", (KeyPart("id"),), primary=True),)
)


def table(n=600, seed=0, *, shuffled=False, shift=0.0) -> pa.Table:
    random = np.random.default_rng(seed)
    city = random.choice(["Paris", "Rome"], n, p=[0.7, 0.3])
    size = np.where(city == "Paris", random.integers(50, 90, n), random.integers(1, 40, n))
    price = size * 2.0 + random.normal(shift, 3, n)
    start = random.integers(0, 1000, n)
    end = start + random.integers(1, 50, n)
    if shuffled:
        size, price, end = random.permutation(size), random.permutation(price), random.permutation(end)
    return pa.table({"id": np.arange(n), "city": city, "size": size, "price": price, "start": start, "end": end})


@pytest.fixture(scope="module")
def alike():
    return evaluate_table(ENTITY, table(), table(seed=1), table(seed=2), target="city")


@pytest.fixture(scope="module")
def shuffled():
    return evaluate_table(ENTITY, table(), table(seed=1, shuffled=True), table(seed=2), target="city")


def test_rows_of_one_law_cannot_be_told_apart(alike):
    assert alike.shapes > 0.93
    assert alike.trends > 0.93
    assert alike.detection.auc.low <= 0.56
    assert alike.quality > 0.9


def test_columns_without_their_connection_are_found_out(shuffled):
    assert shuffled.shapes > 0.93
    assert shuffled.trends < 0.9
    assert shuffled.detection.auc.value > 0.8
    assert shuffled.utility[0].synthetic < shuffled.utility[0].real - 0.2


def test_an_ordering_of_two_columns_is_noticed_where_it_breaks(alike, shuffled):
    assert dict(alike.rules)["start <= end"] == 1.0
    assert dict(shuffled.rules)["start <= end"] < 0.9


def test_keys_are_not_compared(alike):
    assert "id" not in {c.name for c in alike.columns}


def test_a_shifted_column_is_the_least_alike():
    found = evaluate_table(ENTITY, table(), table(seed=1, shift=80.0))
    assert found.columns[0].name == "price"
    assert found.columns[0].similarity < 0.7


def test_copies_of_training_rows_are_counted_and_lower_the_score(alike):
    real = table()
    copied = evaluate_table(ENTITY, real, real, table(seed=2), target="city")
    assert copied.privacy.copies == real.num_rows
    assert copied.privacy.nearer.value > 0.9
    assert copied.privacy.membership.value > 0.9
    assert copied.privacy_score < 0.3 < alike.privacy_score


def test_without_rows_held_back_privacy_is_measured_and_not_judged():
    found = evaluate_table(ENTITY, table(), table(seed=1))
    assert found.privacy is not None
    assert not found.privacy.held_back
    assert found.privacy_score is None


@pytest.mark.parametrize("rows", [1, 5])
def test_few_rows_are_compared_as_far_as_they_go(rows):
    found = evaluate_table(ENTITY, table(rows), table(rows, seed=1))
    assert found.detection is None
    assert found.privacy is None
    assert found.columns


def test_columns_of_nulls_and_of_one_value_are_compared():
    entity = Entity("t", (Field("a", Type(Kind.INTEGER)), Field("b", Type(Kind.TEXT)), Field("c", Type(Kind.TEXT))))
    data = pa.table({"a": pa.nulls(60, pa.int64()), "b": ["x"] * 60, "c": pa.nulls(60, pa.string())})
    found = evaluate_table(entity, data, data)
    assert found.shapes == 1.0


def test_no_column_in_common_is_told():
    with pytest.raises(InputError, match="no column"):
        evaluate_table(ENTITY, table(), pa.table({"other": [1]}))


def test_children_per_parent_and_trends_across_tables_are_compared():
    parent = Entity(
        "p",
        (Field("id", Type(Kind.INTEGER)), Field("kind", Type(Kind.TEXT))),
        (Unique("pk", (KeyPart("id"),), primary=True),),
    )
    child = Entity("c", (Field("p_id", Type(Kind.INTEGER)), Field("x", Type(Kind.INTEGER))))
    key = ForeignKey("k", ("p_id",), "p", ("id",))
    parents = pa.table({"id": list(range(100)), "kind": ["a", "b"] * 50})

    def children(each, follows):
        ids = [i for i in range(100) for _ in range(each)]
        return pa.table({"p_id": ids, "x": [(i % 2) * 10 if follows else (n % 2) * 10 for n, i in enumerate(ids)]})

    real = children(4, True)
    same = evaluate_relation(key, child, parent, (real, real), (parents, parents))
    other = evaluate_relation(key, child, parent, (real, children(8, False)), (parents, parents))
    assert (same.cardinality, same.trends, same.orphans) == (1.0, 1.0, 0)
    assert other.cardinality == 0.0
    assert other.trends < 0.8


def test_the_page_reads_nothing_from_elsewhere_and_shows_names_as_they_are(alike):
    entity = Entity("<t>", (Field("<b>x</b>", Type(Kind.TEXT)),))
    data = pa.table({"<b>x</b>": ["<script>", "b"] * 40})
    found = Evaluation("a", "b<i>", "now", (alike, evaluate_table(entity, data, data)))
    text = page(found)
    assert "<script" not in text
    assert "<b>x" not in text
    assert "b<i>" not in text
    assert "http" not in text


def test_the_page_shows_by_what_families_are_told(alike):
    families = Families(Interval(0.512, 0.5, 0.53), Interval(0.634, 0.6, 0.65), None, 0.987)
    relation = Relation("line", "orders", ("order_id",), 0.99, 0.98, families=families)
    text = page(Evaluation("a", "b", "now", (alike,), (relation,)))
    for shown in ("told by children", "0.512", "0.634", "0.987"):
        assert shown in text


def test_two_files_are_compared_and_the_report_is_kept(tmp_path):
    import pyarrow.csv

    for name, seed in (("real", 0), ("made", 1), ("held", 2)):
        pyarrow.csv.write_csv(table(200, seed), tmp_path / f"{name}.csv")
    found = workflow.evaluate(
        str(tmp_path / "real.csv"), str(tmp_path / "made.csv"), holdout=str(tmp_path / "held.csv"), target="city"
    )
    assert found.tables[0].utility[0].target == "city"
    beside = keep_report(found, tmp_path / "report.html")
    assert beside.stat().st_size > 1000
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")


def test_a_target_that_is_not_there_is_told(tmp_path):
    import pyarrow.csv

    for name, seed in (("real", 0), ("made", 1)):
        pyarrow.csv.write_csv(table(60, seed), tmp_path / f"{name}.csv")
    with pytest.raises(RequestError, match="cannot be predicted"):
        workflow.evaluate(str(tmp_path / "real.csv"), str(tmp_path / "made.csv"), target="nothing")
