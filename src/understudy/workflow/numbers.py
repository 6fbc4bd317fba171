"""Numbers as people write them on a command line: ``1000``, ``1_000``, ``1e6``, ``2.5e3``, ``1k``, ``3m``."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

SUFFIXES = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000, "b": 1_000_000_000}

LARGEST = 10**15
"""More rows than any disk holds: a slip of the keyboard."""


def whole_number(text: str) -> int:
    """A whole number that is not negative; ValueError says what is wrong.

    >>> whole_number("1e6"), whole_number("2.5k"), whole_number("1_000")
    (1000000, 2500, 1000)
    """
    plain = text.strip().lower().replace("_", "")
    factor = SUFFIXES.get(plain[-1:], 1)
    try:
        number = Decimal(plain[:-1] if factor > 1 else plain) * factor
    except InvalidOperation:
        raise ValueError("it is not a number") from None
    if not number.is_finite() or number != number.to_integral_value():
        raise ValueError("it is not a whole number")
    if number < 0:
        raise ValueError("it is negative")
    if number > LARGEST:
        raise ValueError(f"it is larger than {LARGEST:.0e}".replace("+", ""))
    return int(number)
