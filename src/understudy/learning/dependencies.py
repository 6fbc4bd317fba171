"""Columns that follow from others exactly: they are looked up, never drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from understudy.learning.columns import NULL, Represented

LEAST_REPEATS = 4
"""Rows per value of the determining column, on average: where values hardly repeat, anything follows from them."""


def determined(columns: Sequence[Represented]) -> dict[str, str]:
    """Per column that another coded column determines exactly, that column (the one with the fewest values).

    Of two that determine each other the first stays free.
    """
    found: dict[str, str] = {}
    for column in columns:
        by = [
            other
            for other in columns
            if other is not column
            and other.coded
            and other.levels > 1
            and other.numbers.size >= LEAST_REPEATS * other.levels
            and column.levels > 1
            and not _leads_back(found, other.name, column.name)
            and _follows(other.numbers, column.numbers)
        ]
        if by:
            found[column.name] = min(by, key=lambda c: c.levels).name
    return found


def _leads_back(found: dict[str, str], name: str, to: str) -> bool:
    while name in found:
        name = found[name]
        if name == to:
            return True
    return False


def _follows(by: NDArray[np.int64], column: NDArray[np.int64]) -> bool:
    order = np.lexsort((column, by))
    same = by[order][1:] == by[order][:-1]
    return bool((column[order][1:] == column[order][:-1])[same].all())


def image(by: Represented, column: Represented) -> NDArray[np.int64]:
    """The column's number for each level of ``by``; :data:`NULL` where it is null."""
    out = np.full(by.levels, NULL, np.int64)
    known = by.numbers != NULL
    out[by.numbers[known]] = column.numbers[known]
    return out
