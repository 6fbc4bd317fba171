"""How the values of a field are spread, as somebody saw it: value of a DISTRIBUTION claim, and a field's own.

    values, weights   single values that are frequent, with how often each was seen
    points            quantiles of all other values (or of all, where no value is singled out)

Numbers stand as themselves, dates and times as ISO 8601 text, so that a person can read and edit them.
"""

from __future__ import annotations

import msgspec

Scalar = str | int | float | bool


class Distribution(msgspec.Struct, frozen=True, omit_defaults=True):
    """``nulls``: share of rows without a value, 0..1. ``values``: single values, the most frequent first;
    ``weights``: how often each was seen (same length, relative). ``rest``: weight of all other values together, in
    the same unit; 0: there are no others. ``points``: quantiles of those others at 0, 1/n, …, 1 (n a power of two),
    of numbers, dates, times and timestamps; of text, of its number of characters. ``rows``: how many rows stand
    behind it."""

    nulls: float = 0.0
    values: tuple[Scalar, ...] = ()
    weights: tuple[float, ...] = ()
    rest: float = 0.0
    points: tuple[int | float | str, ...] = ()
    rows: int = 0
