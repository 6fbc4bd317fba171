"""The page's answers, and rows that no real row is like."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from understudy.evaluation import evaluate_table, page
from understudy.evaluation.answers import Verdict, answers
from understudy.model.evaluation import Evaluation
from understudy.model.schema import Entity, Field
from understudy.types import Kind, Type

N = 1500
ENTITY = Entity(
    "t", (Field("city", Type(Kind.TEXT)), Field("size", Type(Kind.INTEGER)), Field("price", Type(Kind.FLOAT)))
)


def table(seed, *, cities=("Paris", "Rome"), shares=(0.7, 0.3), n=N) -> pa.Table:
    random = np.random.default_rng(seed)
    city = random.choice(cities, n, p=shares)
    size = np.where(city == "Paris", random.integers(50, 90, n), random.integers(1, 40, n))
    return pa.table({"city": city, "size": size, "price": size * 2.0 + random.normal(0, 3, n)})


def answered(made: pa.Table, held=True):
    report = evaluate_table(ENTITY, table(1), made, table(2) if held else None, target="city")
    return report, {a.question: a for a in answers(report)}


@pytest.fixture(scope="module")
def good():
    return answered(table(3))


def test_rows_of_the_same_law_give_good_answers_only(good):
    assert {a.verdict for a in good[1].values()} == {Verdict.GOOD}


def test_copied_rows_are_called_copied():
    said = answered(table(1))[1]["Is anybody's record copied?"]
    assert said.verdict is Verdict.BAD
    assert said.text.startswith("Yes: 1,500 of 1,500")


def test_without_rows_held_back_copies_stay_an_open_question():
    assert answered(table(1), held=False)[1]["Is anybody's record copied?"].verdict is Verdict.OPEN


def test_the_worst_column_is_named_with_what_differs():
    _, said = answered(table(3, shares=(0.2, 0.8)))
    assert "city" in said["Which columns are worst?"].text
    assert "city is " in said["Where does it differ?"].text
    assert said["Where does it differ?"].verdict is Verdict.BAD


def test_rows_that_cannot_be_are_found_and_explained():
    made = table(3)
    odd = pa.table({"city": ["Rome"] * 20, "size": [880] * 20, "price": [-5000.0] * 20}, made.schema)
    report, said = answered(pa.concat_tables([made.slice(0, N - 20), odd]))
    assert report.anomalies.share.value >= 20 / N
    assert all(u.row >= N - 20 for u in report.anomalies.rows)
    assert {n for u in report.anomalies.rows for n, _ in u.because} >= {"size", "price"}
    assert said["Are there rows that cannot be?"].verdict is not Verdict.GOOD


def test_real_rows_stand_out_no_more_than_expected(good):
    assert good[0].anomalies.share.low <= 0.01


def test_the_page_holds_every_answer_and_nothing_from_elsewhere(good):
    html = page(Evaluation("a", "b", "now", (good[0],)))
    assert all(q.replace("'", "&#x27;") in html for q in good[1])
    assert "Rows that no real row is like" in html
    assert "http" not in html
