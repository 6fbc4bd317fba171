"""Rows refused because a value goes down: an odometer, a balance, a version, a time behind the last one.

parent  value   so far          refused are those below what rows before them, of the same parent, had reached;
a          10       –  taken    of those taken none is
a           7      10  refused
a          12      10  taken
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from understudy.rehearsal.reasons import ORDERED, Feature

BEHIND = 3
"""Rows taken behind another of their group, without which an order is chance."""

EXPLAINED = 0.6
"""Share of the refused rows that the order must explain; others may be behind rows that were there before."""


def climbing(
    features: Sequence[Feature], parents: Mapping[str, Sequence[int]], refused: Sequence[int], taken: Sequence[int]
) -> Iterator[tuple[str, bool, bool]]:
    """Columns in whose order the refused rows break in: (column, falling, strict), surest first."""
    found = []
    one = [0] * (max((*refused, *taken)) + 1)
    groups = [*parents.values(), one]
    for feature in features:
        if feature.key or feature.type.kind not in ORDERED:
            continue
        for falling in (False, True):
            for strict in (False, True):
                shares = [_explained(feature.values, g, set(refused), taken, falling, strict) for g in groups]
                if (best := max(shares)) >= EXPLAINED:
                    found.append((-best, falling, strict, feature.column))
    for _, falling, strict, column in sorted(found):
        yield column, falling, strict


def _explained(
    values: Sequence[Any], groups: Sequence[int], refused: set[int], taken: Sequence[int], falling: bool, strict: bool
) -> float:
    """The share of refused rows that break the order of what was taken before; 0 where a taken row breaks it too."""
    reached: dict[int, Any] = {}
    behind = broken = 0
    for i in sorted((*refused, *taken)):
        value, group = values[i], groups[i]
        if value is None:
            continue
        last = reached.get(group)
        breaks = last is not None and ((value > last if falling else value < last) or (strict and value == last))
        if i in refused:
            broken += breaks
            continue
        if breaks:
            return 0.0
        behind += last is not None
        reached[group] = value
    return broken / len(refused) if behind >= BEHIND else 0.0
