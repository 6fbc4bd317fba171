"""Rows are kept as trees tell them from real ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from understudy.kernels import Runtime
from understudy.learning import boosting
from understudy.learning.boosting import UNIT, binned, boost, trees
from understudy.learning.columns import HIDDEN, Represented
from understudy.learning.contrast import CHANCE, contrast
from understudy.model.bundle import Bundle
from understudy.model.expression import Uniform
from understudy.model.plan import Plan, PlannedColumn, PlannedTable, Repair
from understudy.model.schema import Entity, Schema
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)


def column(name, numbers):
    return Represented(name, WHOLE, np.asarray(numbers, np.int64), False, len(set(numbers)), table="t")


def ring(size=3000):
    """Points near a circle, which columns drawn each by itself would scatter over a square."""
    random = np.random.default_rng(5)
    turn = random.random(size) * 2 * np.pi
    return [np.rint(1000 * f(turn) + random.normal(0, 30, size)).astype(np.int64) for f in (np.cos, np.sin)]


def alone(low=-1100, high=1100):
    from understudy.model.expression import Const

    return [
        PlannedColumn(HIDDEN + n, WHOLE, Uniform("value", Const(low), Const(high)), hidden=True) for n in ("x", "y")
    ]


def made(found, artefacts, rows=4000):
    names = (f"{HIDDEN}x", f"{HIDDEN}y", CHANCE)
    repair = Repair("likeness", names, found.kept, 1024)
    table = PlannedTable("t", rows, (*alone(), *found.hidden), repairs=(repair,))
    runtime = Runtime(Bundle(Plan(Schema("s", (Entity("t", ()),)), (table,), (), seed=1, clock=0), artefacts))
    return [runtime.column("t", n, range(rows)).to_numpy() for n in names[:2]]


def test_rows_that_are_kept_lie_nearer_to_where_real_rows_lie():
    kept = {}
    x, y = ring()
    found = contrast(
        "t", [column("x", x), column("y", y)], alone(), {}, 3, lambda n, v: kept.setdefault(n, v) is None or n
    )
    assert found is not None
    near = np.abs(np.hypot(*made(found, kept)) - 1000) < 150
    random = np.random.default_rng(0)
    by_chance = np.abs(np.hypot(random.integers(-1100, 1100, 9000), random.integers(-1100, 1100, 9000)) - 1000) < 150
    assert near.mean() > 1.7 * by_chance.mean()


def test_rows_that_nothing_tells_apart_are_all_kept():
    random = np.random.default_rng(2)
    x, y = random.integers(-1100, 1101, (2, 4000))
    assert contrast("t", [column("x", x), column("y", y)], alone(), {}, 3, lambda n, v: n) is None


def test_a_few_rows_say_nothing():
    x, y = ring(200)
    assert contrast("t", [column("x", x), column("y", y)], alone(), {}, 3, lambda n, v: n) is None


def test_held_back_rows_decide_how_many_trees_there_are():
    random = np.random.default_rng(4)
    noise = [binned(random.integers(0, 500, 3000))[1] for _ in range(3)]
    real = np.arange(3000) < 1000
    assert len(boost(noise, real, 1).trees) < boosting.MOST_TREES / 2


def test_scores_of_the_artefact_are_those_of_the_bins():
    from understudy.kernels import scores

    random = np.random.default_rng(4)
    numbers = random.integers(0, 500, (2, 3000))
    real = numbers[0] + numbers[1] > random.integers(300, 700, 3000)
    cuts, bins = zip(*(binned(n) for n in numbers), strict=True)
    found = boost(list(bins), real, 1)
    table, used = trees(found, cuts)
    told = scores.said(scores._trees(table), [numbers[i] for i in used], 3000)
    assert told[real].mean() / UNIT > told[~real].mean() / UNIT + 0.5
    assert isinstance(table, pa.Table)
