"""Families told from real ones: by children beside their parents, by their sums, by steps from child to child."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from understudy.evaluation import evaluate_relation
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Unique
from understudy.types import Kind, Type

PARENTS = 500
KEY = ForeignKey("k", ("p",), "parent", ("id",))
PARENT = Entity(
    "parent",
    (Field("id", Type(Kind.INTEGER)), Field("size", Type(Kind.INTEGER))),
    uniques=(Unique("pk", (KeyPart("id"),), primary=True),),
)
CHILD = Entity(
    "child",
    (Field("p", Type(Kind.INTEGER)), Field("day", Type(Kind.DATE)), Field("x", Type(Kind.INTEGER))),
    foreign_keys=(KEY,),
)


def sides(seed: int, *, level: bool = True, weekly: bool = True, like_parent: bool = True):
    """Five children each: ``x`` keeps a level of its family near the parent's size, days go by the week."""
    random = np.random.default_rng(100 + seed)  # not the seed by which the judge draws its folds
    size = random.integers(0, 1000, PARENTS)
    owner = np.repeat(np.arange(PARENTS), 5)
    family = random.integers(-300, 300, PARENTS)
    noise = random.integers(-20, 20, owner.size)
    base = size[owner] if like_parent else random.permutation(size)[owner]
    x = base + (family[owner] if level else random.integers(-300, 300, owner.size)) + noise
    start = random.integers(18000, 19000, PARENTS)[owner]
    place = np.tile(np.arange(5), PARENTS)
    day = start + (7 * place if weekly else np.sort(random.integers(0, 29, (PARENTS, 5)), axis=1).ravel())
    parent = pa.table({"id": np.arange(PARENTS), "size": size})
    child = pa.table({"p": owner, "day": pa.array(day.astype(np.int32), pa.date32()), "x": x})
    shuffled = random.permutation(owner.size)
    return child.take(pa.array(shuffled)), parent


def told(**made):
    real, other = sides(0), sides(1, **made)
    return evaluate_relation(KEY, CHILD, PARENT, (real[0], other[0]), (real[1], other[1]))


@pytest.fixture(scope="module")
def same():
    return told()


def test_families_of_the_same_law_cannot_be_told_apart(same):
    assert all(0.42 < f.value < 0.58 for f in (same.families.children, same.families.sums, same.families.steps))
    assert same.families.over_time > 0.95


def test_children_that_do_not_take_after_their_parents_are_told(same):
    assert told(like_parent=False).families.children.value > same.families.children.value + 0.15


def test_children_that_differ_among_themselves_are_told_by_what_they_come_to():
    assert told(level=False).families.sums.value > 0.8


def test_wrong_steps_are_told_by_steps_and_seen_over_time():
    found = told(weekly=False).families
    assert found.steps.value > 0.9
    assert found.over_time < 0.85


def test_rows_held_back_stand_in_for_the_real_ones():
    held, other = sides(2), sides(1, level=False)
    found = evaluate_relation(KEY, CHILD, PARENT, (other[0], other[0]), (other[1], other[1]), (held[0], held[1]))
    assert found.families.sums.value > 0.8


def test_a_parent_that_is_only_a_key_and_few_rows_are_no_error():
    alone = Entity("parent", PARENT.fields[:1], uniques=PARENT.uniques)
    child, parent = sides(0)
    found = evaluate_relation(KEY, CHILD, alone, (child, child), (parent.select(["id"]), parent.select(["id"])))
    assert found.trends == 1.0
    few = child.slice(0, 20)
    assert evaluate_relation(KEY, CHILD, PARENT, (few, few), (parent, parent)).families.children is None
