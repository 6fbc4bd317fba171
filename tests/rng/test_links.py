"""Counts and spreads: exact totals, bounds, and both directions agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy import rng
from understudy.errors import InternalError, RequestError

KEY = rng.key(3, "links")
LAW = [1.0, 2.0, 3.0, 2.0, 1.0, 0.5, 0.2, 0.1]


@st.composite
def counts(draw, most_parents=9_000):
    parents = draw(st.one_of(st.integers(1, 30), st.integers(1, most_parents)))
    minimum = draw(st.integers(0, 3))
    maximum = minimum + draw(st.integers(0, 6))
    total = draw(st.integers(parents * minimum, parents * maximum))
    weights = draw(st.lists(st.sampled_from([0.0, 0.1, 1.0, 5.0]), max_size=7))
    return rng.Counts(parents, total, minimum, maximum, weights, rng.key(draw(st.integers(0, 99)), "c"))


@settings(max_examples=60, deadline=None)
@given(counts())
def test_totals_are_exact_and_counts_within_bounds(law):
    count = law.count(np.arange(law.parents))
    assert count.sum() == law.total
    assert count.min() >= law.minimum
    assert count.max() <= law.maximum
    assert np.array_equal(law.offset(np.arange(law.parents + 1)), np.concatenate([[0], np.cumsum(count)]))


@settings(max_examples=60, deadline=None)
@given(counts(), st.data())
def test_both_directions_of_counts_agree(law, data):
    count = law.count(np.arange(law.parents))
    wanted = np.repeat(np.arange(law.parents), count)
    ordinals = np.arange(law.total) - np.repeat(np.cumsum(count) - count, count)
    low, high = sorted(data.draw(st.tuples(st.integers(0, law.total), st.integers(0, law.total))))
    for parent, ordinal in (law.parent_of(np.arange(low, high)), law.children_range(low, high)):
        assert np.array_equal(parent, wanted[low:high])
        assert np.array_equal(ordinal, ordinals[low:high])
    some = rng.permute(np.arange(law.parents), law.parents, KEY)[:50]
    rows, offsets = law.children(some)
    assert np.array_equal(wanted[rows], np.repeat(some, count[some]))
    assert np.array_equal(np.diff(offsets), count[some])
    assert np.array_equal(ordinals[rows], np.arange(rows.size) - np.repeat(offsets[:-1], count[some]))


def test_any_rows_of_counts_equal_those_of_the_whole_with_a_fresh_law():
    def law():
        return rng.Counts(60_000, 170_000, 1, 8, LAW, KEY)

    parent, ordinal = law().children_range(0, 170_000)
    some = rng.permute(np.arange(170_000), 170_000, KEY)[:3_000]
    for rows in (some, np.sort(some), some[:1], some[:2]):
        found = law().parent_of(rows)
        assert np.array_equal(found[0], parent[rows])
        assert np.array_equal(found[1], ordinal[rows])
    few = np.array([59_999, 0, 31_000])
    assert np.array_equal(law().count(few), law().count(np.arange(60_000))[few])


def test_more_blocks_than_are_kept_change_nothing():
    law = rng.Counts(4096 * 600, 4096 * 600, 0, 3, [1.0, 1.0], KEY)
    rows = np.arange(0, law.total, 1_000)
    first, _ = law.parent_of(rows)
    again, _ = law.parent_of(rows[:5])
    assert np.array_equal(again, first[:5])
    start = law.offset(first)
    assert np.all((start <= rows) & (rows < start + law.count(first)))
    assert len(law._blocks) <= 512


def test_counts_keep_the_shape_of_their_weights():
    weights = np.array(LAW) / sum(LAW)
    total = round(100_000 * float((weights * np.arange(1, 9)).sum()))
    law = rng.Counts(100_000, total, 1, 8, LAW, KEY)
    shares = np.bincount(law.count(np.arange(100_000)), minlength=9)[1:] / 100_000
    assert np.abs(shares - weights).max() < 0.012


def test_another_mean_tilts_the_weights_and_keeps_all_counts_in_use():
    law = rng.Counts(50_000, 250_000, 1, 8, LAW, KEY)
    shares = np.bincount(law.count(np.arange(50_000)), minlength=9)[1:]
    assert shares.min() > 100
    assert shares[:3].sum() < shares[4:].sum()


def test_blocks_differ_as_independent_counts_would():
    law = rng.Counts(4096 * 128, 4096 * 128 * 3, 1, 8, LAW, KEY)
    starts = law.offset(np.arange(0, 4096 * 128 + 1, 4096))
    expected = law._deviation * 64
    assert 0.8 * expected < np.diff(starts).std() < 1.25 * expected


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 3), st.integers(0, 2**29))
def test_offsets_of_huge_links_stay_exact(parents, minimum, extra):
    from understudy.rng.splitting import block_offsets

    parents = min(parents, 2**27)  # keeps the test quick; the arithmetic is the same
    total = parents * minimum + min(extra, parents * 5)
    offsets = block_offsets(parents, total, minimum, minimum + 5, 1.3, KEY)
    sizes = np.minimum(np.arange(1, offsets.size) * 4096, parents) - np.arange(offsets.size - 1) * 4096
    held = np.diff(offsets)
    assert offsets[0] == 0
    assert offsets[-1] == total or parents == 0
    assert np.all((held >= sizes * minimum) & (held <= sizes * (minimum + 5)))


@pytest.mark.parametrize(
    ("parents", "total", "low", "high"), [(10, 9, 1, 3), (10, 31, 1, 3), (0, 1, 0, 3), (5, 5, 2, 1)]
)
def test_totals_that_do_not_fit_are_refused(parents, total, low, high):
    with pytest.raises(RequestError, match="do not fit"):
        rng.Counts(parents, total, low, high, LAW, KEY)


def test_no_parents_and_no_children_is_a_link_too():
    law = rng.Counts(0, 0, 1, 3, LAW, KEY)
    assert law.offset(np.array([0])).tolist() == [0]
    assert law.children_range(0, 0)[0].size == 0
    assert rng.Counts(7, 0, 0, 3, LAW, KEY).count(np.arange(7)).tolist() == [0] * 7


def test_rows_that_nobody_has_are_refused():
    law = rng.Counts(10, 20, 1, 3, LAW, KEY)
    spread = rng.Spread(10, 20, 1.0, 1, 0, KEY)
    for ask in (law.parent_of, law.count, law.offset, spread.parent_of, spread.count):
        with pytest.raises(InternalError, match="outside"):
            ask(np.array([21]))
        with pytest.raises(InternalError, match="outside"):
            ask(np.array([-1]))


@st.composite
def spreads(draw):
    parents = draw(st.one_of(st.integers(1, 30), st.integers(1, 5_000)))
    minimum = draw(st.integers(0, 2))
    capacity = draw(st.sampled_from([0, minimum + 1, minimum + 2, minimum + 40]))
    most = parents * capacity if capacity else parents * minimum + 20_000
    total = draw(st.integers(parents * minimum, min(most, parents * minimum + 20_000)))
    exponent = draw(st.sampled_from([0.0, 0.4, 1.0, 1.2, 2.5]))
    return rng.Spread(parents, total, exponent, minimum, capacity, rng.key(draw(st.integers(0, 99)), "s")), (
        minimum,
        capacity or total,
    )


@settings(max_examples=80, deadline=None)
@given(spreads())
def test_spreads_are_exact_bounded_and_agree_in_both_directions(case):
    law, (minimum, most) = case
    count = law.count(np.arange(law.parents))
    assert count.sum() == law.total
    assert count.min() >= minimum
    assert count.max() <= most
    parent, ordinal = law.parent_of(np.arange(law.total))
    assert np.array_equal(np.bincount(parent, minlength=law.parents), count)
    rows, offsets = law.children(np.arange(law.parents))
    assert np.array_equal(np.diff(offsets), count)
    assert np.array_equal(parent[rows], np.repeat(np.arange(law.parents), count))
    assert np.array_equal(ordinal[rows], np.arange(law.total) - np.repeat(offsets[:-1], count))


def test_popularity_follows_the_exponent_and_is_not_the_order_of_numbers():
    law = rng.Spread(5_000, 200_000, 1.0, 0, 0, KEY)
    count = law.count(np.arange(5_000))
    top = np.sort(count)[::-1]
    assert top[0] > 1.7 * top[1] > 2 * top[3]
    assert abs(np.corrcoef(np.arange(5_000), count)[0, 1]) < 0.06
    assert np.argmax(count) != np.argmax(rng.Spread(5_000, 200_000, 1.0, 0, 0, rng.key(4)).count(np.arange(5_000)))


def test_exponent_zero_is_even_to_one_child():
    count = rng.Spread(700, 10_000, 0.0, 0, 0, KEY).count(np.arange(700))
    assert count.max() - count.min() <= 1


def test_large_spreads_agree_in_both_directions_on_samples():
    law = rng.Spread(3 * 10**9, 10**12, 1.1, 2, 10**6, KEY)
    rows = rng.below(rng.bits(np.arange(500), KEY), 10**12)
    parent, ordinal = law.parent_of(rows)
    assert np.all(ordinal < law.count(parent))
    light = parent[law.count(parent) < 1_000][:5]
    found, offsets = law.children(light)
    assert np.array_equal(law.parent_of(found)[0], np.repeat(light, np.diff(offsets)))


@pytest.mark.parametrize(
    ("total", "minimum", "capacity", "word"), [(9, 1, 0, "few"), (31, 0, 3, "many"), (31, 0, 0, "")]
)
def test_spreads_that_cannot_be_are_refused(total, minimum, capacity, word):
    if not word:
        assert rng.Spread(10, total, 1.0, minimum, capacity, KEY).count(np.arange(10)).sum() == total
        return
    with pytest.raises(RequestError, match=word):
        rng.Spread(10, total, 1.0, minimum, capacity, KEY)
