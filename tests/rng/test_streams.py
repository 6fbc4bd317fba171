"""Streams: pure functions of key, identity and attempt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy import rng
from understudy.errors import InternalError

KEY = rng.key(7, "table", "column")
PARTS = st.lists(st.one_of(st.text(max_size=6), st.integers(-(2**70), 2**70)), max_size=4)
WORDS = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40).map(lambda v: np.array(v, np.uint64))
SPLITMIX_M1, SPLITMIX_M2, GOLDEN, MASK = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9E3779B97F4A7C15, 2**64 - 1


def by_hand(identity: int, key: rng.Key) -> int:
    """The documented formula in Python's own integers."""
    z = (identity * GOLDEN + int(key[0])) & MASK
    z = ((z ^ z >> 30) * SPLITMIX_M1 & MASK) ^ int(key[1])
    z = (z ^ z >> 27) * SPLITMIX_M2 & MASK
    return z ^ z >> 31


@given(PARTS, PARTS)
def test_different_names_give_different_keys(left, right):
    assert (rng.key(1, *left) == rng.key(1, *right)) == ([(type(p), p) for p in left] == [(type(p), p) for p in right])


def test_parts_do_not_run_into_each_other():
    spellings = [("ab", "c"), ("a", "bc"), ("abc",), ("a/b", "c"), ("a", "b/c"), ("1",), (1,), ("", "1"), ("1", "")]
    assert len({rng.key(0, *parts) for parts in spellings}) == len(spellings)
    assert rng.key(1, 2) != rng.key(12)


@given(WORDS)
def test_bits_follow_the_documented_formula(identity):
    assert rng.bits(identity, KEY).tolist() == [by_hand(int(i), KEY) for i in identity]


def test_bits_of_any_rows_equal_those_of_the_whole_across_internal_pieces():
    whole = rng.bits(np.arange(50_000), KEY)
    some = np.array([49_999, 0, 16_384, 16_383, 8_192, 31])
    assert np.array_equal(rng.bits(some, KEY), whole[some])
    assert np.array_equal(rng.bits_of_base(rng.base(some), KEY), whole[some])


def test_the_given_arrays_are_left_as_they_were():
    identity = np.arange(100, dtype=np.uint64)
    base = rng.base(identity)
    kept = base.copy()
    words = rng.bits_of_base(base, KEY, 3)
    drawn = words.copy()
    for result in (rng.below(words, 10), rng.uniform(words, -5, 5), rng.uniform(words, -(2**63), 2**63 - 1)):
        result[:] = 0
    rng.below(words, 2**40)
    rng.mix(base, identity)
    assert np.array_equal(base, kept)
    assert np.array_equal(words, drawn)
    assert np.array_equal(identity, np.arange(100))


@given(WORDS, st.lists(st.integers(0, 2**40), min_size=1, max_size=40))
def test_one_attempt_per_row_equals_the_same_attempts_one_by_one(identity, attempts):
    numbers = np.resize(np.array(attempts), identity.size)
    together = rng.bits(identity, KEY, numbers)
    apart = [rng.bits(identity[i : i + 1], KEY, int(a))[0] for i, a in enumerate(numbers)]
    assert together.tolist() == [int(w) for w in apart]


def test_attempts_are_uncorrelated_with_each_other():
    draws = np.array([rng.unit(rng.bits(np.arange(20_000), KEY, a)) for a in range(6)])
    off_diagonal = np.corrcoef(draws)[~np.eye(6, dtype=bool)]
    assert np.abs(off_diagonal).max() < 5 / np.sqrt(20_000)


def test_streams_of_different_names_are_uncorrelated_also_when_shifted():
    names = ["a", "b", "ab", "a.b", "A", "orders.id", "orders.ie", "1"]
    draws = np.array([rng.unit(rng.bits(np.arange(20_064), rng.key(3, n))) for n in names])
    bound = 5.5 / np.sqrt(20_000)
    for lag in (0, 1, 2, 63):
        table = np.corrcoef(draws[:, :20_000], draws[:, lag : 20_000 + lag])[: len(names), len(names) :]
        assert np.abs(table[~np.eye(len(names), dtype=bool)]).max() < bound


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_mix_of_two_numbers_equals_mix_of_arrays(a, b):
    arrays = rng.mix(np.array([a], np.uint64), np.array([b], np.uint64))
    assert int(rng.mix(a, b)) == int(arrays[0])


def test_mix_is_injective_in_practice_and_not_symmetric():
    parent, ordinal = np.divmod(np.arange(300_000), 300)
    assert np.unique(rng.mix(parent, ordinal)).size == 300_000
    assert int(rng.mix(1, 2)) != int(rng.mix(2, 1))


@given(WORDS, st.integers(1, 2**63))
def test_below_is_the_upper_part_of_the_product(z, m):
    kept = 32 if m <= 2**32 else 64
    assert rng.below(z, m).tolist() == [((int(w) >> 64 - kept) * m >> kept) for w in z]


@given(WORDS, st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=40))
def test_bounds_per_row_are_kept(z, bounds):
    m = np.resize(np.array(bounds, np.int64), z.size)
    drawn = rng.below(z, m)
    assert np.all((drawn >= 0) & ((drawn < m) | (m == 0)))


@pytest.mark.parametrize("m", [0, -1, 2**63 + 1])
def test_a_bound_that_nothing_is_below_is_refused(m):
    with pytest.raises(InternalError, match="below"):
        rng.below(np.zeros(1, np.uint64), m)


INT64 = st.integers(-(2**63), 2**63 - 1)


@given(WORDS, INT64, INT64)
def test_uniform_stays_between_its_bounds_whether_numbers_or_arrays(z, a, b):
    low, high = min(a, b), max(a, b)
    drawn = rng.uniform(z, low, high)
    assert np.all((drawn >= low) & (drawn <= high))
    assert np.array_equal(drawn, rng.uniform(z, np.full(z.shape, low), np.full(z.shape, high)))
    assert np.array_equal(drawn, rng.uniform(z, low, np.full(z.shape, high)))


def test_uniform_reaches_both_ends():
    drawn = rng.uniform(rng.bits(np.arange(2_000), KEY), -3, 3)
    assert np.unique(drawn).tolist() == [-3, -2, -1, 0, 1, 2, 3]


def test_crossed_bounds_are_refused():
    with pytest.raises(InternalError, match="between"):
        rng.uniform(np.zeros(1, np.uint64), 3, 2)


@given(WORDS, st.floats(0, 1))
def test_chance_is_the_same_for_one_share_and_a_share_per_row(z, share):
    assert np.array_equal(rng.chance(z, share), rng.chance(z, np.full(z.shape, share)))


def test_chance_is_certain_at_the_ends_and_fair_between():
    z = rng.bits(np.arange(100_000), KEY)
    assert not rng.chance(z, 0.0).any()
    assert rng.chance(z, 1.0).all()
    assert abs(rng.chance(z, 0.25).mean() - 0.25) < 0.006


@given(WORDS)
def test_unit_is_in_the_half_open_interval(z):
    drawn = rng.unit(z)
    assert np.all((drawn >= 0.0) & (drawn < 1.0))
