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


# ---- how sure, how made, what else ---------------------------------------------------------------
def test_attacks_come_with_bounds_and_copies_lie_outside_of_chance():
    real = table(500)
    copied = evaluate_table(ENTITY, real, real, table(500, seed=3))
    fresh = evaluate_table(ENTITY, real, table(500, seed=1), table(500, seed=3))
    for found in (copied.privacy, fresh.privacy):
        for figure in (found.attribute[1], found.singled):
            assert figure.low <= figure.value <= figure.high
    assert copied.privacy.singled.low > 0.5
    assert fresh.privacy.singled.low < 0.05


def test_scores_are_the_weighted_means_of_the_parts_that_are_shown(alike, shuffled):
    for found in (alike, shuffled):
        for total, parts in ((found.quality, found.quality_parts), (found.privacy_score, found.privacy_parts)):
            assert total == pytest.approx(
                sum(p.weight * p.value for p in parts) / sum(p.weight for p in parts), abs=1e-3
            )
            assert all(p.why for p in parts)
    told = page(Evaluation("real", "made", "now", (alike,)))
    assert all(p.name in told for p in (*alike.quality_parts, *alike.privacy_parts))


def triple(n=3000, seed=0, *, broken=False) -> pa.Table:
    """Any two are independent, the third follows from both."""
    random = np.random.default_rng(seed)
    a, b = random.integers(0, 2, n), random.integers(0, 2, n)
    c = random.integers(0, 2, n) if broken else a ^ b
    return pa.table({k: np.array(["no", "yes"])[v] for k, v in (("a", a), ("b", b), ("c", c))})


def test_three_columns_together_are_seen_where_every_two_are_right():
    entity = Entity("t", tuple(Field(n, Type(Kind.TEXT)) for n in "abc"))
    good = evaluate_table(entity, triple(), triple(seed=1), triple(seed=2))
    bad = evaluate_table(entity, triple(), triple(seed=1, broken=True), triple(seed=2))
    assert bad.trends > 0.95
    assert good.triples[0].similarity > 0.95
    assert bad.triples[0].similarity < 0.6
    assert bad.triples[0].natural > 0.95
    assert bad.quality < good.quality


def test_rows_that_fall_on_other_weekdays_are_seen():
    entity = Entity("t", (Field("at", Type(Kind.TIMESTAMP)),))
    random = np.random.default_rng(0)
    days = random.integers(0, 730, 900)
    any_day = np.datetime64("2024-01-01") + days
    weekdays = any_day[(days % 7) < 5]
    sides = [pa.table({"at": pa.array(d.astype("datetime64[us]"))}) for d in (weekdays, any_day)]
    (clock,) = evaluate_table(entity, *sides).clocks
    assert clock.weekdays < 0.8
    assert clock.course > 0.9
    assert clock.hours is None
    (same,) = evaluate_table(entity, sides[0], sides[0]).clocks
    assert (same.course, same.months, same.weekdays) == (1.0, 1.0, 1.0)


def test_what_is_not_installed_is_told_before_anything_is_read(monkeypatch):
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "lightgbm" else find(name))
    begun = []
    with pytest.raises(InputError, match="lightgbm is not installed"):
        workflow.evaluate("nowhere.csv", "nowhere.csv", listen=begun.append)
    assert not begun


def test_the_page_holds_all_parts_loads_nothing_and_fits_a_narrow_screen(alike):
    told = page(Evaluation("a" * 90, "b" * 90, "now", (alike,)))
    assert "http" not in told.replace("http-equiv", "")
    assert "<script" not in told
    assert told.count("<table>") == told.count('<div class="scroll"><table>')
    for heading in ("Three columns together", "How the scores are made", "Pairs of columns", "record show through"):
        assert heading in told
