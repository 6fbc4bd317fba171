"""Codes: several small numbers in one, and numbering around refused values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InternalError

_LIMIT = 1 << 63


def encode(digits: Sequence[NDArray[np.int64]], radices: Sequence[int]) -> NDArray[np.int64]:
    """One code in [0, product of radices) from digits, the first being the most significant.

    Each digit must lie in [0, its radix) and the product must fit into 63 bits, else InternalError.
    """
    _check(len(digits), radices)
    code = np.zeros(np.broadcast_shapes(*(np.shape(d) for d in digits)) if digits else (), np.int64)
    for digit, radix in zip(digits, radices, strict=True):
        if np.size(digit) and not 0 <= int(np.min(digit)) <= int(np.max(digit)) < radix:
            raise InternalError(f"a digit in {int(np.min(digit))}..{int(np.max(digit))} exceeds its radix {radix}")
        code *= radix
        code += digit
    return code


def decode(code: NDArray[np.int64], radices: Sequence[int]) -> list[NDArray[np.int64]]:
    """The digits that :func:`encode` was given; a code outside [0, product) is an InternalError."""
    product = _check(len(radices), radices)
    if code.size and not 0 <= int(code.min()) <= int(code.max()) < product:
        raise InternalError(f"a code in {int(code.min())}..{int(code.max())} is outside [0, {product})")
    digits: list[NDArray[np.int64]] = []
    rest = code
    for radix in reversed(radices[1:]):
        above = rest // radix
        digits.append(rest - above * radix)
        rest = above
    if radices:
        digits.append(rest.copy() if rest is code else rest)
    return digits[::-1]


def skip(index: NDArray[np.int64], refused_sorted: NDArray[np.int64]) -> NDArray[np.int64]:
    """The index-th (from 0) whole number >= 0 that is not refused; refused numbers ascend, are distinct and >= 0.

    ``refused - position`` tells how many permitted numbers stand before each refused one.
    """
    before = refused_sorted - np.arange(refused_sorted.size, dtype=np.int64)
    shifted: NDArray[np.int64] = index + np.searchsorted(before, index, side="right")
    return shifted


def _check(count: int, radices: Sequence[int]) -> int:
    """The product of the radices."""
    if count != len(radices):
        raise InternalError(f"{count} digits but {len(radices)} radices")
    product = 1
    for radix in radices:
        if radix < 1:
            raise InternalError(f"the radix {radix} is not positive")
        product *= int(radix)
    if product > _LIMIT:
        raise InternalError(f"a code of {product} values does not fit into 63 bits")
    return product
