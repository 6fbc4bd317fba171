"""Permutations: bijections of any size, invertible, for any rows alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy import rng
from understudy.errors import InternalError

KEY = rng.key(11, "permutation")
SIZES = st.one_of(st.integers(1, 70), st.integers(1, 2**20), st.integers(1, 2**62))


@pytest.mark.parametrize("tweak", [None, 0, 9])
def test_every_small_size_is_permuted_and_inverted(tweak):
    for size in range(1, 71):
        x = np.arange(size)
        y = rng.permute(x, size, KEY, tweak)
        assert np.array_equal(np.sort(y), x)
        assert np.array_equal(rng.invert(y, size, KEY, tweak), x)


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 100_003, 131_072, 262_145])
@pytest.mark.parametrize("tweak", [None, 3])
def test_large_sizes_are_permuted_and_inverted_whole(size, tweak):
    x = np.arange(size)
    y = rng.permute(x, size, KEY, tweak)
    assert np.array_equal(np.sort(y), x)
    assert np.array_equal(rng.invert(y, size, KEY, tweak), x)


@given(SIZES, st.lists(st.integers(0, 2**62), min_size=1, max_size=30), st.one_of(st.none(), st.integers(0, 2**40)))
def test_any_rows_of_any_size_come_back(size, rows, tweak):
    x = np.array(rows) % size
    y = rng.permute(x, size, KEY, tweak)
    assert np.all((y >= 0) & (y < size))
    assert np.array_equal(rng.invert(y, size, KEY, tweak), x)
    assert np.unique(y).size == np.unique(x).size


ROWS = st.lists(st.tuples(SIZES, st.integers(0, 2**62), st.integers(0, 2**40)), min_size=1, max_size=40)


@given(ROWS)
def test_sizes_and_tweaks_per_row_equal_one_by_one(rows):
    size, x, tweak = (np.array(column) for column in zip(*rows, strict=True))
    x %= size
    together = rng.permute(x, size, KEY, tweak)
    apart = [int(rng.permute(x[i : i + 1], int(size[i]), KEY, int(tweak[i]))[0]) for i in range(len(rows))]
    assert together.tolist() == apart
    assert np.array_equal(rng.invert(together, size, KEY, tweak), x)


def test_one_size_and_the_same_size_per_row_agree_also_where_roots_round():
    for size in (2**62, 2**62 - 1, 4_611_686_018_427_387_648, 2**61 + 1, 94_906_267**2, 94_906_267**2 - 1):
        x, tweak = np.array([0, size - 1]), np.array([3, 3])
        assert np.array_equal(rng.permute(x, size, KEY, tweak), rng.permute(x, np.full(2, size), KEY, tweak))


@settings(max_examples=20)
@given(st.lists(st.integers(1, 80), min_size=1, max_size=60))
def test_a_permutation_per_parent_is_a_bijection_in_each(sizes):
    size = np.repeat(sizes, sizes)
    parent = np.repeat(np.arange(len(sizes)), sizes)
    x = np.concatenate([np.arange(n) for n in sizes])
    y = rng.permute(x, size, KEY, parent)
    order = np.lexsort((y, parent))
    assert np.array_equal(y[order], x)
    shuffled = rng.permute(np.arange(x.size), x.size, KEY)
    assert np.array_equal(rng.permute(x[shuffled], size[shuffled], KEY, parent[shuffled]), y[shuffled])
    assert np.array_equal(rng.invert(y[shuffled], size[shuffled], KEY, parent[shuffled]), x[shuffled])


def test_rows_alone_equal_rows_of_the_whole_across_internal_pieces():
    whole = rng.permute(np.arange(200_003), 200_003, KEY)
    some = np.array([200_002, 0, 65_536, 65_535, 16_384, 16_383])
    assert np.array_equal(rng.permute(some, 200_003, KEY), whole[some])


def test_parents_and_keys_have_permutations_of_their_own():
    x = np.tile(np.arange(40), 2)
    y = rng.permute(x, 40, KEY, np.repeat([1, 2], 40)).reshape(2, 40)
    assert not np.array_equal(y[0], y[1])
    assert not np.array_equal(rng.permute(x[:40], 40, KEY), rng.permute(x[:40], 40, rng.key(12, "permutation")))


def test_no_rows_of_nothing_are_permuted():
    assert rng.permute(np.empty(0, np.int64), 0, KEY).size == 0
    assert rng.permute(np.empty(0, np.int64), np.empty(0, np.int64), KEY, np.empty(0, np.int64)).size == 0


@pytest.mark.parametrize(("x", "size"), [(5, 5), (-1, 5), (0, 0), (0, 2**62 + 1)])
def test_numbers_outside_the_domain_are_refused(x, size):
    with pytest.raises(InternalError, match="permutation"):
        rng.permute(np.array([x]), size, KEY)
    with pytest.raises(InternalError, match="permutation"):
        rng.permute(np.array([x]), np.array([size]), KEY, np.array([1]))
