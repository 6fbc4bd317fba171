"""Forests: acyclic, of limited depth, any row alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy import rng
from understudy.errors import InternalError, RequestError

KEY = rng.key(3, "forest")


@st.composite
def forests(draw):
    nodes = draw(st.one_of(st.integers(1, 30), st.integers(1, 4_000)))
    roots = draw(st.integers(1, nodes))
    depth = draw(st.integers(1 if roots == nodes else 2, 9))
    return rng.Forest(nodes, roots, depth, rng.key(draw(st.integers(0, 99)), "f"))


@settings(max_examples=80, deadline=None)
@given(forests())
def test_parents_come_first_depths_are_kept_and_sizes_add_up(forest):
    rows = np.arange(forest.nodes)
    parent, depth, size = forest.find(rows)
    child = np.flatnonzero(parent >= 0)
    assert np.count_nonzero(parent == -1) == forest.roots
    assert np.all((parent >= -1) & (parent < rows))
    assert np.all(depth[parent == -1] == 0)
    assert np.array_equal(depth[child], depth[parent[child]] + 1)
    assert depth.max() < forest.depth
    assert np.all(parent[child] + size[parent[child]] >= child + size[child])
    total = np.ones(forest.nodes, np.int64)
    np.add.at(total, parent[child], size[child])
    assert np.array_equal(total, size)


@settings(max_examples=40, deadline=None)
@given(forests(), st.data())
def test_any_rows_equal_those_of_the_whole(forest, data):
    whole = forest.find(np.arange(forest.nodes))
    rows = np.array(data.draw(st.lists(st.integers(0, forest.nodes - 1), min_size=1, max_size=30)))
    low, high = sorted(data.draw(st.tuples(st.integers(0, forest.nodes), st.integers(0, forest.nodes))))
    for some in (rows, rows[:1], np.arange(low, high)):
        for part, all_rows in zip(forest.find(some), whole, strict=True):
            assert np.array_equal(part, all_rows[some])
    assert np.array_equal(forest.parent_of(rows), whole[0][rows])
    assert np.array_equal(forest.depth_of(rows), whole[1][rows])
    assert np.array_equal(forest.size_of(rows), whole[2][rows])


def test_scattered_and_neighbouring_rows_of_a_large_forest_agree():
    forest = rng.Forest(10**9, 1_000, 8, KEY)
    scattered = np.concatenate([np.arange(123_456_789, 123_456_889), [5, 10**9 - 1]])
    stretch = forest.find(scattered[:100])
    for a, b in zip(forest.find(scattered), stretch, strict=True):
        assert np.array_equal(a[:100], b)


def test_families_are_small_where_the_depth_suffices():
    parent = rng.Forest(50_000, 50, 12, KEY).parent_of(np.arange(50_000))
    families = np.bincount(parent[parent >= 0])
    families = families[families > 0]
    assert 2 <= np.median(families) <= 6
    assert np.quantile(families, 0.99) <= 14


def test_only_roots_need_no_depth():
    assert rng.Forest(5, 5, 1, KEY).parent_of(np.arange(5)).tolist() == [-1] * 5
    assert rng.Forest(0, 0, 1, KEY).parent_of(np.empty(0, np.int64)).size == 0


@pytest.mark.parametrize(("nodes", "roots", "depth"), [(5, 6, 3), (5, 0, 3), (5, 2, 1), (5, 2, 0)])
def test_forests_that_cannot_be_are_refused(nodes, roots, depth):
    with pytest.raises(RequestError, match="trees"):
        rng.Forest(nodes, roots, depth, KEY)


def test_rows_outside_are_refused():
    with pytest.raises(InternalError, match="node"):
        rng.Forest(5, 2, 3, KEY).parent_of(np.array([5]))
