"""Whole-number arithmetic that never wraps silently: beyond 64 bits it goes on with Python's whole numbers.

Sums of 64-bit numbers are checked by the sizes of their operands (0.3 ns a row each), and come back to
int64 as soon as they fit again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LIMIT = 1 << 63


def magnitude(x: Any) -> int:
    """The largest absolute value; 0 of nothing."""
    if np.ndim(x) == 0:
        return abs(int(x))
    return max(-int(x.min()), int(x.max())) if x.size else 0


def widened(x: Any) -> Any:
    """As Python's whole numbers."""
    return np.asarray(x).astype(object)


def narrowed(x: Any) -> Any:
    """As int64 where all fit."""
    if np.ndim(x) == 0:
        return np.int64(int(x)) if -LIMIT <= int(x) < LIMIT else x
    if not x.size or (x.min() >= -LIMIT and x.max() < LIMIT):
        return x.astype(np.int64)
    return x


def _wide(*xs: Any) -> bool:
    return any(np.asarray(x).dtype.hasobject for x in xs)


def add(a: Any, b: Any) -> Any:
    """a + b."""
    if not _wide(a, b) and magnitude(a) + magnitude(b) < LIMIT:
        return a + b
    return narrowed(widened(a) + widened(b))


def subtract(a: Any, b: Any) -> Any:
    """a - b."""
    if not _wide(a, b) and magnitude(a) + magnitude(b) < LIMIT:
        return a - b
    return narrowed(widened(a) - widened(b))


def multiply(a: Any, b: Any) -> Any:
    """a * b."""
    if not _wide(a, b) and magnitude(a) * magnitude(b) < LIMIT:
        return a * b
    return narrowed(widened(a) * widened(b))


def grown(x: Any, digits: int) -> Any:
    """x * 10**digits."""
    if digits == 0:
        return x
    if digits < 19 and not _wide(x) and magnitude(x) * 10**digits < LIMIT:
        return x * np.int64(10**digits)
    return narrowed(widened(x) * 10**digits)


def rounded(x: Any, digits: int) -> Any:
    """x / 10**digits, halves away from zero."""
    if digits == 0:
        return x
    return divided(x, whole_power(digits))


def divided(a: Any, b: Any) -> Any:
    """a / b rounded to a whole number, halves away from zero; b is not 0."""
    if _wide(a, b) or magnitude(a) + magnitude(b) >= LIMIT:
        a, b = widened(a), widened(b)
    size, by = abs(a), abs(b)
    quotient = (size + by // 2) // by
    return _signed(quotient, (a < 0) != (b < 0))


def truncated(a: Any, b: Any) -> Any:
    """a / b towards zero; b is not 0."""
    if _wide(a, b) or magnitude(a) >= LIMIT - 1:
        return narrowed(_signed(abs(widened(a)) // abs(widened(b)), (a < 0) != (b < 0)))
    if _least(a) >= 0 and _least(b) > 0:
        return a // b
    return _signed(abs(a) // abs(b), (a < 0) != (b < 0))


def remainder(a: Any, b: Any) -> Any:
    """a % b with the sign of a; b is not 0."""
    if not _wide(a, b) and _least(a) >= 0 and _least(b) > 0:
        return a - a // b * b
    return subtract(a, multiply(truncated(a, b), b))


def floored(x: Any, digits: int) -> Any:
    """floor(x / 10**digits)."""
    return x if digits == 0 else x // whole_power(digits)


def whole_power(digits: int) -> Any:
    """10**digits."""
    return np.int64(10**digits) if digits < 19 else np.array(10**digits, object)


def _least(x: Any) -> int:
    return int(x) if np.ndim(x) == 0 else int(x.min()) if x.size else 0


def _signed(x: Any, negative: Any) -> Any:
    if np.ndim(x) == 0 and np.ndim(negative) == 0:
        return narrowed(-x) if negative else narrowed(x)
    result = np.where(negative, -x, x)
    return narrowed(result) if result.dtype == object else result
