"""Conditions and shares that a person asks of rows: met in every row, or refused before a row is made."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from understudy.errors import RequestError
from understudy.kernels import Runtime
from understudy.learning import LEVELS, fit_table
from understudy.model.learned import Card, Fitted, Model
from understudy.model.request import Request, Share
from understudy.model.schema import Entity, Field, Schema
from understudy.planning import plan
from understudy.types import Kind, Type

N = 2000
PEOPLE = Entity(
    "people", (Field("team", Type(Kind.TEXT)), Field("age", Type(Kind.INTEGER)), Field("pay", Type(Kind.INTEGER)))
)
SCHEMA = Schema("s", (PEOPLE, Entity("places", (Field("town", Type(Kind.TEXT)), Field("size", Type(Kind.INTEGER))))))


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    """Pay follows age; one in ten is of team b, where all are above 50."""
    random = np.random.default_rng(1)
    b = random.random(N) < 0.1
    age = np.where(b, random.integers(51, 66, N), random.integers(20, 66, N))
    table = pa.table({"team": np.where(b, "b", "a"), "age": age, "pay": age * 100 + random.integers(0, 50, N)})
    kept = {}

    def keep(name, values):
        kept[name] = values
        return name

    learned, _ = fit_table(PEOPLE, table, level=LEVELS["low"], keep=keep)
    return Fitted(Model("m", SCHEMA, (learned,), Card("memory", "now")), kept)


def made(request: Request, fitted=None, start=0, stop=None) -> pa.Table:
    bundle = plan(SCHEMA, request, fitted=fitted)
    assert not bundle.plan.unmet, bundle.plan.unmet
    return pa.Table.from_batches([Runtime(bundle).batch("people", start, stop or bundle.plan.table("people").rows)])


def numbers(table, column):
    return np.array(table.column(column).to_pylist())


def test_every_row_fulfils_the_condition_and_follows_the_model_given_it(fitted):
    rows = made(Request(default_rows=N, where=("age >= 60",)), fitted)
    age, pay = numbers(rows, "age"), numbers(rows, "pay")
    assert age.min() >= 60
    assert abs(pay - age * 100).mean() < 300
    natural = made(Request(default_rows=4 * N, seed=9), fitted)
    old = numbers(natural, "age") >= 60
    share = (numbers(natural, "team")[old] == "b").mean()
    assert abs((numbers(rows, "team") == "b").mean() - share) < 0.05


def test_a_value_has_the_share_that_is_wished_and_the_rest_goes_with_it(fitted):
    rows = made(Request(default_rows=N, shares=(Share("team", "b", 0.5),)), fitted)
    b = numbers(rows, "team") == "b"
    assert abs(b.mean() - 0.5) < 0.04
    assert numbers(rows, "age")[b].min() > 45
    assert numbers(rows, "age")[~b].min() < 25


def test_parts_are_the_same_rows_of_the_whole(fitted):
    asked = Request(default_rows=300, where=("age >= 50",), shares=(Share("people.team", "b", 0.5),))
    assert made(asked, fitted, 100, 150).equals(made(asked, fitted).slice(100, 50).combine_chunks())


def test_without_a_model_conditions_and_shares_hold_as_well():
    asked = Request(default_rows=400, where=("people: age BETWEEN 30 AND 40",), shares=(Share("pay", "1234", 0.25),))
    rows = made(asked)
    assert set(numbers(rows, "age")) <= set(range(30, 41))
    assert abs((numbers(rows, "pay") == 1234).mean() - 0.25) < 0.08


def test_a_condition_is_no_constraint_of_the_schema_but_stands_in_the_plan(fitted):
    bundle = plan(SCHEMA, Request(default_rows=50, where=("age >= 60",)), fitted=fitted)
    assert not bundle.plan.schema.entity("people").checks
    (said,) = [c for c in bundle.plan.table("people").constraints if c.kind == "condition"]
    assert said.text == "age >= 60"


@pytest.mark.parametrize(
    "asked",
    [
        Request(where=("age > 900",)),
        Request(where=("age is null",)),
        Request(shares=(Share("team", "c", 0.5),)),
    ],
)
def test_what_the_model_never_makes_is_told_before_a_row_is_made(fitted, asked):
    assert any("no value found" in line for line in plan(SCHEMA, asked, fitted=fitted).plan.unmet)


@pytest.mark.parametrize(
    ("where", "shares", "said"),
    [
        (("agee > 3",), (), "is 'age' meant"),
        (("age > (",), (), "no condition"),
        ((), (Share("nothing", "1", 0.5),), "no table has it"),
        ((), (Share("team", "a", 0.7), Share("team", "b", 0.7)), "more than 1"),
    ],
)
def test_what_is_not_understood_is_refused(where, shares, said):
    with pytest.raises(RequestError, match=said):
        plan(SCHEMA, Request(where=where, shares=shares))
