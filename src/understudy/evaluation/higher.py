"""Three columns together, and columns of times against the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.pairing import Column
from understudy.model.evaluation import Clock, PairTrend, Triple

CUTS, KEPT = 4, 5
"""Parts of a number, and values of a category that stand for themselves: more leave too few rows in a cell."""

MOST_COLUMNS = 12
"""Columns that are looked at, those that depend most on others."""

LEAST = 200
DAY_US = 86_400_000_000


def triples(columns: Sequence[Column], pairs: Sequence[PairTrend]) -> tuple[Triple, ...]:
    """All threes of the columns that depend most on others, the least alike first; none of fewer than 200 rows."""
    if min(columns[0].real.size, columns[0].synthetic.size) < LEAST:
        return ()
    strength: dict[str, float] = {}
    for pair in pairs:
        for name in (pair.first, pair.second):
            strength[name] = strength.get(name, 0.0) + pair.strength
    names = sorted(strength, key=lambda n: -strength[n])[:MOST_COLUMNS]
    coded = {c.name: _coded(c) for c in columns if c.name in names}
    found = [_triple(group, coded) for group in combinations(coded, 3)]
    return tuple(sorted(found, key=lambda t: t.similarity - (t.natural or 0.0)))


def _triple(group: tuple[str, ...], coded: dict[str, list[NDArray[np.int64]]]) -> Triple:
    sides = [
        np.bincount((a * 8 + b) * 8 + c, minlength=512) / max(a.size, 1)
        for a, b, c in zip(*(coded[n] for n in group), strict=True)
    ]
    like = [1.0 - float(np.abs(sides[0] - other).sum()) / 2 for other in sides[1:]]
    first, second, third = group
    return Triple((first, second, third), round(like[0], 4), round(like[1], 4) if len(like) > 1 else None)


def _coded(column: Column) -> list[NDArray[np.int64]]:
    """Codes below 8 of real and synthetic rows, and of those held back."""
    sides = [column.real, column.synthetic, *([] if column.held is None else [column.held])]
    if column.numeric:
        known = column.real[~np.isnan(column.real)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, CUTS + 1)[1:-1])) if known.size else np.zeros(0)
        return [np.where(np.isnan(s), 0, 1 + np.searchsorted(edges, np.nan_to_num(s), "right")) for s in sides]
    counts = np.bincount(column.real[column.real >= 0], minlength=len(column.labels))
    place = np.full(len(column.labels) + 1, KEPT + 1)
    place[np.argsort(-counts, kind="stable")[:KEPT]] = np.arange(min(KEPT, counts.size)) + 1
    place[-1] = 0
    return [place[s] for s in sides]


def clocks(columns: Sequence[Column]) -> tuple[Clock, ...]:
    """Columns of dates and times."""
    return tuple(_clock(c) for c in columns if c.kind == "time" and _dated(c))


def _dated(column: Column) -> bool:
    """Whether it says days, not times of a day."""
    sides = [s[~np.isnan(s)] for s in (column.real, column.synthetic)]
    return all(s.size > 0 for s in sides) and bool(np.abs(sides[0]).max() > DAY_US)


def _clock(column: Column) -> Clock:
    sides = [s[~np.isnan(s)].astype(np.int64) for s in (column.real, column.synthetic)]
    edges = np.unique(np.quantile(sides[0], np.linspace(0, 1, 11)[1:-1]))
    course = _alike([np.searchsorted(edges, s, "right") for s in sides], edges.size + 1)
    days = [s // DAY_US for s in sides]
    months = [
        (s * np.timedelta64(1, "us") + np.datetime64("1970-01-01")).astype("datetime64[M]").astype(int) % 12
        for s in sides
    ]
    long = int(days[0].max() - days[0].min()) >= 365
    hours = [s % DAY_US // 3_600_000_000 for s in sides]
    return Clock(
        column.name,
        course,
        _alike(months, 12) if long else None,
        _alike([(d + 3) % 7 for d in days], 7),
        _alike(hours, 24) if len(np.unique(hours[0])) > 1 else None,
    )


def _alike(sides: Sequence[NDArray[np.int64]], size: int) -> float:
    first, second = (np.bincount(s, minlength=size) / s.size for s in sides)
    return round(1.0 - float(np.abs(first - second).sum()) / 2, 4)
