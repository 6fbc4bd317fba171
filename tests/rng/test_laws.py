"""Laws: categories, quantile tables, power laws."""

import decimal
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy import rng
from understudy.errors import InternalError
from understudy.rng import series

KEY = rng.key(5, "laws")
WORDS = st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40).map(lambda v: np.array(v, np.uint64))
WEIGHTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=300).filter(lambda w: sum(w) > 1e-9)


@given(WEIGHTS)
def test_slots_are_exact_to_two_to_the_minus_sixteen(weights):
    table = rng.slots(weights)
    shares = np.bincount(table, minlength=len(weights)) / table.size
    wanted = np.array(weights) / math.fsum(weights)
    assert table.size & (table.size - 1) == 0
    assert np.abs(shares - wanted).max() <= 2.0**-16 * 1.000001
    assert not shares[np.array(weights) == 0.0].any()


@given(WORDS, WEIGHTS)
def test_a_category_without_weight_is_never_chosen(z, weights):
    chosen = rng.choose(z, rng.slots(weights))
    assert np.array(weights)[chosen].min() > 0


def test_rare_and_many_categories_are_all_reachable():
    rare = rng.slots([1.0, 1e-6])
    assert np.bincount(rare, minlength=2)[1] >= 1
    many = rng.slots(np.ones(70_000))
    assert many.dtype == np.uint32
    assert np.bincount(many, minlength=70_000).min() >= 1


def test_one_category_is_always_chosen():
    assert rng.choose(rng.bits(np.arange(10), KEY), rng.slots([3.0], bits=0)).tolist() == [0] * 10


@pytest.mark.parametrize("weights", [[], [0.0], [-1.0, 2.0], [math.nan, 1.0], [math.inf, 1.0]])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(InternalError, match="weights"):
        rng.slots(weights)


POINTS = st.integers(0, 5).flatmap(
    lambda k: st.lists(st.integers(-(2**61), 2**61 - 1), min_size=2**k + 1, max_size=2**k + 1).map(
        lambda v: np.array(sorted(v), np.int64)
    )
)


@given(WORDS, POINTS)
def test_quantile_interpolates_as_exact_fractions_would(z, points):
    width = (points.size - 1).bit_length() - 1
    short = int(np.diff(points).max()) < 2**31
    for word, drawn in zip(z.tolist(), rng.quantile(z, rng.Quantiles(points)).tolist(), strict=True):
        cell, place = word >> 64 - width, (word << width) % 2**64
        low, step = int(points[cell]), int(points[cell + 1]) - int(points[cell])
        assert drawn == low + ((place >> 32) * step >> 32 if short else place * step >> 64)


def test_quantile_draws_the_law_that_its_points_describe():
    points = np.array([0, 10, 1_000, 1_001, 50_000])
    drawn = rng.quantile(rng.bits(np.arange(40_000), KEY), rng.Quantiles(points))
    assert np.abs(np.histogram(drawn, bins=points)[0] / 40_000 - 0.25).max() < 0.011


@pytest.mark.parametrize("points", [[1], [0, 1, 2, 3], [3, 1], [-(2**62), 2**62]])
def test_points_that_are_no_table_are_refused(points):
    with pytest.raises(InternalError, match="quantile"):
        rng.Quantiles(np.array(points))


@given(WORDS, st.integers(1, 2**52), st.floats(0, 8))
def test_power_law_ranks_stay_in_range(z, size, exponent):
    drawn = rng.zipf(z, size, rng.zipf_law(size, exponent))
    assert np.all((drawn >= 0) & (drawn < size))


@pytest.mark.parametrize("size", [3, 40, 5_000, 10**7])
@pytest.mark.parametrize("exponent", [0.0, 0.5, 0.999, 1.0, 1.3, 2.0, 3.0])
def test_power_law_ranks_follow_the_bounded_density(size, exponent):
    def share(rank):
        x, end = rank + 1.0, size + 1.0
        if exponent == 1.0:
            return math.log(x) / math.log(end)
        return math.expm1((1 - exponent) * math.log(x)) / math.expm1((1 - exponent) * math.log(end))

    drawn = rng.zipf(rng.bits(np.arange(200_000), KEY), size, rng.zipf_law(size, exponent))
    for rank in sorted({r for r in (1, 2, 3, 10, 100, size // 2, size - 1) if 0 < r < size}):
        assert abs((drawn < rank).mean() - share(rank)) < 5 * math.sqrt(0.25 / 200_000) * 2 * math.sqrt(
            max(share(rank) * (1 - share(rank)), 0.001)
        )


def test_far_tails_keep_their_shape():
    z = np.arange(2**64 - 2**44, 2**64, 2**24, dtype=np.uint64)  # the uppermost 2**-20 of the words
    drawn = rng.zipf(z, 10**9, rng.zipf_law(10**9, 2.0))
    beyond = 2**20 / (np.arange(z.size, 0, -1) / z.size)  # x with x**-1 of the probability above it
    beyond = 1 / (1 / beyond + 1e-9)
    assert np.median(np.abs(drawn / beyond - 1)) < 0.01


def test_a_table_of_another_size_is_refused():
    with pytest.raises(InternalError, match="ranks"):
        rng.zipf(np.zeros(1, np.uint64), 11, rng.zipf_law(10, 1.0))


@given(st.floats(1e-300, 1e300))
def test_logarithm_agrees_with_the_library(x):
    assert float(series.logarithm(np.array([x]))[0]) == pytest.approx(math.log(x), rel=4e-16, abs=1e-16)


@given(st.floats(-690, 690))
def test_exponential_agrees_with_the_library(y):
    assert float(series.exponential(np.array([y]))[0]) == pytest.approx(math.exp(y), rel=4e-16 * max(1, abs(y)))


@pytest.mark.parametrize(("size", "exponent"), [(1_000, 1.1), (10**6, 1.0), (500, 0.3)])
def test_tables_agree_with_forty_digits(size, exponent):
    """Decimal arithmetic gives the same whole numbers: rounding errors of doubles do not reach the table."""
    table = rng.zipf_law(size, exponent)
    with decimal.localcontext(prec=40):
        bent, end = 1 - decimal.Decimal(exponent), decimal.Decimal(size + 1)
        for level, cell in [(0, 1), (0, 1_000), (0, 4_000), (1, 77), (3, 4_095)]:
            share = 1 - decimal.Decimal(64) ** -level * (1 - decimal.Decimal(cell) / 4096)
            x = (1 + share * (end**bent - 1)) ** (1 / bent) if bent else end**share
            assert int(table[level].points[cell]) == int(((x - 1) * 256).to_integral_value())
