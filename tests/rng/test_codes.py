"""Mixed-radix codes and numbering around refused values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy import rng
from understudy.errors import InternalError

RADICES = st.lists(st.integers(1, 2**20), min_size=1, max_size=3)


@given(RADICES, st.lists(st.integers(0, 2**62), min_size=1, max_size=20))
def test_codes_and_digits_are_one_to_one(radices, numbers):
    code = np.array(numbers) % int(np.prod(np.array(radices, object)))
    digits = rng.decode(code, radices)
    assert all(np.all((d >= 0) & (d < r)) for d, r in zip(digits, radices, strict=True))
    assert np.array_equal(rng.encode(digits, radices), code)


def test_the_first_digit_counts_most():
    assert [d.tolist() for d in rng.decode(np.array([0, 1, 7, 14]), [3, 7])] == [[0, 0, 1, 2], [0, 1, 0, 0]]


def test_decoding_leaves_the_code_alone():
    code = np.array([3])
    rng.decode(code, [5])[0][0] = 99
    assert code.tolist() == [3]


@pytest.mark.parametrize("radices", [[2**32, 2**32], [0, 4], [3]])
def test_what_does_not_fit_is_refused(radices):
    with pytest.raises(InternalError):
        rng.encode([np.array([0]), np.array([0])], radices)


def test_digits_and_codes_out_of_range_are_refused():
    with pytest.raises(InternalError, match="radix"):
        rng.encode([np.array([3])], [3])
    with pytest.raises(InternalError, match="outside"):
        rng.decode(np.array([21]), [3, 7])


@given(st.sets(st.integers(0, 60)), st.integers(1, 80))
def test_skip_counts_the_permitted_numbers(refused, count):
    permitted = [n for n in range(300) if n not in refused][:count]
    assert rng.skip(np.arange(count), np.array(sorted(refused), np.int64)).tolist() == permitted
