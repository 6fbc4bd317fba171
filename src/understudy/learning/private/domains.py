"""Columns as a few bins, found without looking at rows more than the budget allows.

    declared      labels of an enum, both truth values, the bounds of a check     costs nothing
    values        what many rows share: texts, and points such as 0 or 40          shown above a threshold
    magnitudes    powers of two that numbers lie between                           a noisy histogram of public cells
    cells         a grid within them, finer where more rows lie                    a noisy histogram
    bins          neighbouring cells together, as many as the noise lets be told    free: made of what is known

Every histogram has cells that exist whatever the rows are (or pass a threshold); a row adds 1 to one of them.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.learning.columns import NULL, NUMBERS
from understudy.learning.private.budget import Budget, sigma_of
from understudy.types import Kind, Type

Whole = NDArray[np.int64]

CELLS = 256
"""Cells of a number's grid."""

SMALL = 512
"""Numbers with so few possible values have a cell each."""

MOST_DIGITS = 6
"""Digits behind the point that numbers are taken with where none are declared."""

HABIT = 0.98
"""Part of the rows whose digits behind the point are kept."""

EPOCH = {Kind.DATE: 10957, Kind.TIMESTAMP: 946_684_800_000_000}
"""2000-01-01: magnitudes of times count from here."""

LIMIT = 1 << 61
LOUD, HEARD, ALONE = 3.5, 1.5, 5.0
"""Times the noise: what the loudest magnitude must reach, what its neighbours must, one after the other, and what one
apart from them must (one in three million empty ones does: it would make numbers that are far too large)."""

MAGNITUDES, POINTS = 0.15, 0.3
"""Part of a number's budget for its magnitudes, and of what is left for its points; the rest goes to its cells."""

TRACE = 2.0
"""Rows that stand for parts of a declared range in which none were seen."""

SECOND = 1_000_000

AGAIN = 0.2
"""Part of a number's budget for counting its bins as a whole, once they are known: the noise of their cells adds up to
a tenth of the rows and more, which made every pair of the column look telling and cost a target its best predictor."""

CLEAR = 2.5
"""Times the noise: what neighbouring cells must hold together to stand apart from others."""


class Public(msgspec.Struct, frozen=True):
    """What is known of a column without its rows. ``low``, ``high``: both included, times in days or microseconds since
    1970; ``scale``: digits behind the point."""

    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    scale: int | None = None


class Terms(msgspec.Struct, frozen=True):
    """How a column is binned: ``rho`` and ``delta`` that it may cost, ``rows`` (noisy), at most ``most`` bins of a
    number, each with about ``least`` rows or more."""

    rho: float
    delta: float
    rows: float
    most: int
    least: float


class Binned(msgspec.Struct):
    """A column as bins. ``codes``: per row its bin. Per cell: ``bins`` its bin, ``weights`` its noisy rows, ``lows``
    and ``highs`` the numbers in it (with ``values``: the position of its value there); NULL is null. ``sigma``: the
    noise of a bin's rows, as a rule."""

    name: str
    type: Type
    codes: Whole
    bins: Whole
    weights: NDArray[np.float64]
    lows: Whole
    highs: Whole
    sigma: float
    scale: int = 0
    unit: int = 1
    values: Any = None
    how: str = ""

    @property
    def size(self) -> int:
        """How many bins."""
        return int(self.bins.max()) + 1

    @property
    def counts(self) -> NDArray[np.float64]:
        """Noisy rows per bin."""
        return np.bincount(self.bins, self.weights, self.size).astype(np.float64)


def worth(kind: Type) -> float:
    """How much of the budget a column needs beside others: numbers are looked at several times."""
    return 2.5 if kind.kind in NUMBERS else 1.0


def binned(name: str, kind: Type, array: pa.Array, public: Public, budget: Budget, terms: Terms) -> Binned | str:
    """A column as bins, or the reason why it is not learned."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if kind.kind in NUMBERS:
        return _number(name, kind, array, public, budget, terms)
    if kind.kind in (Kind.TEXT, Kind.BOOLEAN, Kind.ENUM, Kind.UUID):
        return _category(name, kind, array, public, budget, terms)
    return f"values of the type {kind.raw or kind.kind.value} are not learned"


# ---- categories ----------------------------------------------------------------------------------
def _category(name: str, kind: Type, array: pa.Array, public: Public, budget: Budget, terms: Terms) -> Binned | str:
    sigma = sigma_of(terms.rho)
    missing = np.asarray(pc.is_null(array))
    if kind.kind is Kind.BOOLEAN or public.values:
        known = pa.array([False, True]) if kind.kind is Kind.BOOLEAN else pa.array(sorted(public.values), pa.string())
        codes = _codes(array, known)
        noisy = budget.counts(_histogram(codes, missing, len(known)), sigma, f"{name}: shares")
        how = "declared values"
    else:
        texts = array.cast(pa.string())
        found = pc.unique(texts.drop_null())
        counts = _histogram(_codes(texts, found), missing, len(found))
        noisy = budget.above(counts, sigma, terms.delta, f"{name}: values and shares")
        shown = pa.array(noisy[:-1] > 0)
        order = pc.sort_indices(found.filter(shown))
        known, noisy = found.filter(shown).take(order), noisy[np.r_[np.flatnonzero(shown)[order], len(found)]]
        codes = _codes(texts, known)
        how = "values that enough rows share"
    if not len(known):
        return "no value is shared by enough rows to be shown under this budget"
    weights = np.maximum(noisy.astype(np.float64), 0.0)
    if weights[-1] < CLEAR * sigma:
        weights[-1] = 0.0
    return _categories(name, kind, np.where(missing, len(known), codes), weights, known, sigma, terms, how)


def _categories(
    name: str,
    kind: Type,
    codes: Whole,
    weights: NDArray[np.float64],
    known: pa.Array,
    sigma: float,
    terms: Terms,
    how: str,
) -> Binned:
    """Values with many rows have a bin each, the others share one with what nobody may see."""
    size = len(known)
    other = terms.rows - float(weights.sum())
    if how == "declared values" or other < CLEAR * sigma * weights.size**0.5:
        other = 0.0
    own = weights >= terms.least
    if not own[:-1].any():
        own[int(np.argmax(weights[:-1]))] = True
    bins = np.cumsum(own) - 1
    shared = int(own.sum())
    bins[~own] = shared
    rare = np.flatnonzero(~own[:-1])
    if other > 0 and not rare.size:  # what nobody may see is shown as any of the others
        rare = np.arange(size)
    spread = weights[rare] + 1e-9
    extra = other * spread / max(spread.sum(), 1e-9)
    place = np.r_[bins, np.full(rare.size, shared)]
    cells = np.r_[np.arange(size), NULL, rare]
    amounts = np.r_[weights, extra]
    row = np.where(codes < 0, shared, bins[np.maximum(codes, 0)])
    column = _dense(
        Binned(name, kind, row.astype(np.int64), place, amounts, cells, cells, sigma, values=known, how=how)
    )
    column.sigma = float(sigma * np.sqrt(np.median(np.bincount(column.bins, minlength=column.size))))
    return column


def _histogram(codes: Whole, missing: NDArray[np.bool_], size: int) -> Whole:
    """Rows per value, and of null last."""
    known = np.bincount(codes[~missing & (codes >= 0)], minlength=size)
    return np.append(known, missing.sum()).astype(np.int64)


def _codes(array: pa.Array, known: pa.Array) -> Whole:
    found = pc.fill_null(pc.index_in(array.cast(known.type), value_set=known), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def _dense(column: Binned) -> Binned:
    """Without cells that nothing leads to, bins numbered through."""
    used = column.weights > 0
    used[np.argmax(column.weights)] = True
    there = np.unique(column.bins[used])
    place = np.full(int(max(column.bins.max(), column.codes.max())) + 1, -1, np.int64)
    place[there] = np.arange(there.size)
    place[place < 0] = int(np.argmax(np.bincount(place[column.bins[used]], column.weights[used])))
    column.codes = place[column.codes]
    column.bins, column.weights = place[column.bins[used]], column.weights[used]
    column.lows, column.highs = column.lows[used], column.highs[used]
    return column


# ---- numbers -------------------------------------------------------------------------------------
def _number(name: str, kind: Type, array: pa.Array, public: Public, budget: Budget, terms: Terms) -> Binned | str:
    rho = terms.rho
    floats = pa.types.is_floating(array.type) or pa.types.is_decimal(array.type)
    scale = public.scale if public.scale is not None else 0 if kind.kind in TIMED or not floats else None
    if scale is None:
        scale = _digits(name, array, budget, 0.1 * rho)
        rho *= 0.9
    numbers = _whole(kind, array, scale)
    if isinstance(numbers, str):
        return numbers
    missing = numbers == NULL
    low, high = _declared(kind, public, scale)
    if low is not None and high is not None and high - low < SMALL:
        edges, points = np.arange(low, high + 2), np.zeros(0, np.int64)
        how = f"declared from {low} to {high}"
    else:
        found = _edges(name, kind, numbers[~missing], (low, high), budget, MAGNITUDES * rho, sigma_of(0.5 * rho))
        if isinstance(found, str):
            return found
        edges, points, rho, how = found, np.zeros(0, np.int64), (1 - MAGNITUDES) * rho, "bounds from a noisy histogram"
        if edges[-1] - edges[0] <= SMALL:
            edges = np.arange(edges[0], edges[-1] + 1)
        else:
            points = _points(name, numbers[~missing], budget, POINTS * rho, terms.delta)
            rho *= 1 - POINTS
    ends = (low is not None, high is not None)
    return _cells(name, kind, numbers, edges, points, budget, rho, terms, scale, ends, how)


TIMED = (Kind.DATE, Kind.TIMESTAMP, Kind.TIME)


def _declared(kind: Type, public: Public, scale: int) -> tuple[int | None, int | None]:
    """Declared bounds in units of 10**-scale."""
    low, high = public.low, public.high
    if kind.kind is Kind.TIME:
        low, high = 0, 86_399_999_999
    elif kind.kind is Kind.YEAR and low is None:
        low, high = 1901, 2155
    unit = 10**scale
    return (
        None if low is None else max(ceil(low * unit), -LIMIT),
        None if high is None else min(floor(high * unit), LIMIT),
    )


def _whole(kind: Type, array: pa.Array, scale: int) -> Whole | str:
    """Numbers in units of 10**-scale, days or microseconds; what is too large is cut to the limit."""
    unit = {Kind.DATE: pa.date32(), Kind.TIME: pa.time64("us"), Kind.TIMESTAMP: pa.timestamp("us")}.get(kind.kind)
    if unit is not None:
        try:
            array = array.cast(unit, safe=False).cast(pa.int32() if kind.kind is Kind.DATE else pa.int64())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return "its values are no times"
        return np.asarray(pc.fill_null(array.cast(pa.int64()), NULL).to_numpy(zero_copy_only=False))
    floats = _floats(array)
    if isinstance(floats, str):
        return floats
    missing = np.isnan(floats)
    return np.where(
        missing, NULL, np.rint(np.clip(np.nan_to_num(floats) * 10.0**scale, -LIMIT, LIMIT)).astype(np.int64)
    )


def _floats(array: pa.Array) -> NDArray[np.float64] | str:
    try:
        return np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return f"values of the Arrow type {array.type} are no numbers"


def _digits(name: str, array: pa.Array, budget: Budget, rho: float) -> int:
    """The digits behind the point that nearly all numbers make do with."""
    floats = _floats(array)
    known = np.zeros(0) if isinstance(floats, str) else floats[np.isfinite(floats)]
    need = np.full(known.size, MOST_DIGITS)
    for d in range(MOST_DIGITS - 1, -1, -1):
        need[np.round(known, d) == known] = d
    sigma = sigma_of(rho)
    noisy = budget.counts(np.bincount(need, minlength=MOST_DIGITS + 1), sigma, f"{name}: digits")
    few = (1 - HABIT) * max(int(noisy.sum()), 0)
    for d in range(MOST_DIGITS):
        if noisy[d + 1 :].sum() <= few + CLEAR * sigma * (MOST_DIGITS - d) ** 0.5:
            return d
    return MOST_DIGITS


def _edges(
    name: str,
    kind: Type,
    known: Whole,
    declared: tuple[int | None, int | None],
    budget: Budget,
    rho: float,
    fine: float,
) -> Whole | str:
    """Edges of a grid: within the magnitudes that rows have, finer where more rows lie, about ``fine`` in a cell."""
    base = declared[0] if declared[0] is not None else EPOCH.get(kind.kind, 0)
    away = np.clip(known - base, -LIMIT, LIMIT)
    size = np.ceil(np.log2(np.abs(away).astype(np.float64) + 1)).astype(np.int64)
    sigma = sigma_of(rho)
    noisy = budget.counts(
        np.bincount(np.where(away < 0, -size, size) + 62, minlength=125), sigma, f"{name}: magnitudes"
    )
    there = _heard(noisy, sigma)
    if not there.size:
        return "too few rows for this budget to see its magnitude"
    low, high = declared
    first, last = _span(int(there[0]) - 62)[0] + base, _span(int(there[-1]) - 62)[1] + base
    first, last = first if low is None else low, last if high is None else high
    edges = [first, last + 1]
    held = np.maximum(noisy[there], 0.0) * (np.abs(there - 62) > 5)
    most = min(float(held.sum()) / fine, CELLS)
    for place, share in zip(there, held / max(float(held.sum()), 1.0), strict=True):
        start, stop = (x + base for x in _span(int(place) - 62))
        start, stop = max(start, first), min(stop, last) + 1
        if start < stop:
            cells = min(max(1 if abs(place - 62) > 5 else 32, round(share * most)), stop - start)
            edges += [start + (stop - start) * k // cells for k in range(cells + 1)]
    return np.unique(np.array(edges, np.int64))


def _heard(noisy: Whole, sigma: float) -> Whole:
    """Magnitudes that rows have: the loud ones, and from them outwards as long as something is heard."""
    there = noisy >= ALONE * sigma
    there[int(np.argmax(noisy))] = noisy.max() >= LOUD * sigma
    for _ in range(there.size):
        near = np.r_[False, there[:-1]] | np.r_[there[1:], False]
        grown = there | (near & (noisy >= HEARD * sigma))
        if (grown == there).all():
            break
        there = grown
    return np.flatnonzero(there)


def _span(magnitude: int) -> tuple[int, int]:
    """The numbers of a magnitude: 0; 1; 2 and 3; 4 to 7 …, and their opposites."""
    if magnitude == 0:
        return 0, 0
    low, high = 1 << (abs(magnitude) - 1), (1 << abs(magnitude)) - 1
    return (low, high) if magnitude > 0 else (-high, -low)


def _points(name: str, known: Whole, budget: Budget, rho: float, delta: float) -> Whole:
    found, counts = np.unique(known, return_counts=True)
    return found[budget.above(counts, sigma_of(rho), delta, f"{name}: values that many rows share") > 0]


def _cells(
    name: str,
    kind: Type,
    numbers: Whole,
    edges: Whole,
    points: Whole,
    budget: Budget,
    rho: float,
    terms: Terms,
    scale: int,
    declared: tuple[bool, bool],
    how: str,
) -> Binned:
    """The noisy histogram of grid, points and null, as cells and bins."""
    grid, size = edges.size - 1, edges.size - 1 + points.size
    at = np.clip(np.searchsorted(edges, numbers, "right") - 1, 0, grid - 1)
    if points.size:
        near = np.minimum(np.searchsorted(points, numbers), points.size - 1)
        at = np.where(points[near] == numbers, grid + near, at)
    at[numbers == NULL] = size
    sigma = sigma_of((1 - AGAIN) * rho)
    noisy = budget.counts(np.bincount(at, minlength=size + 1), sigma, f"{name}: cells").astype(np.float64)
    order = np.argsort(np.r_[edges[:-1], points], kind="stable")
    lows, highs = np.r_[edges[:-1], points][order], np.r_[edges[1:] - 1, points][order]
    first, last = _inside(noisy[order], sigma)
    fine, weights = _fine(noisy[order], first, last, sigma, declared)
    bins = _bins(weights, terms)
    place = np.empty(size + 1, np.int64)
    place[order] = bins[fine]
    place[size] = bins.max() + 1
    group_low, group_high = np.full(weights.size, LIMIT), np.full(weights.size, -LIMIT)
    np.minimum.at(group_low, fine, lows)
    np.maximum.at(group_high, fine, highs)
    if not declared[0]:
        group_low[0] = lows[first]
    if not declared[1]:
        group_high[-1] = highs[last]
    null = noisy[size] if noisy[size] >= CLEAR * sigma else 0.0
    second = kind.kind is Kind.TIMESTAMP and int((group_high - group_low).max()) > SECOND
    column = Binned(
        name,
        kind,
        place[at],
        np.r_[bins, bins.max() + 1],
        np.r_[weights, null],
        np.r_[group_low, NULL],
        np.r_[group_high, NULL],
        sigma,
        scale,
        SECOND if second else 1,
        how=how,
    )
    return _again(_dense(column), np.bincount(fine), budget, sigma_of(AGAIN * rho))


def _again(column: Binned, parts: Whole, budget: Budget, fresh: float) -> Binned:
    """Its bins counted as a whole: both counts together, each as much as its noise lets it say. ``parts``: cells of the
    grid per group (null is one of its own)."""
    counted = budget.counts(np.bincount(column.codes, minlength=column.size), fresh, f"{column.name}: bins")
    inside = np.bincount(column.bins, minlength=column.size)
    cells = np.maximum(inside * float(parts.sum() + 1) / max(int(inside.sum()), 1), 1.0)
    own, other = cells * column.sigma**2, np.full(column.size, fresh**2)
    told = np.maximum((column.counts * other + counted * own) / (own + other), 0.0)
    held = column.counts
    share = np.where(
        held[column.bins] > 0, column.weights / np.maximum(held, 1e-9)[column.bins], 1 / inside[column.bins]
    )
    column.weights = share * told[column.bins]
    column.sigma = float(np.sqrt(np.median(own * other / (own + other))))
    return column


def _inside(noisy: NDArray[np.float64], sigma: float) -> tuple[int, int]:
    """The outermost cells that rows have: those that alone, or with all cells outside them, hold more than noise
    would."""
    loud = CLEAR * sigma * np.sqrt(np.arange(1, noisy.size + 1))
    up, down = np.cumsum(noisy) >= loud, np.cumsum(noisy[::-1]) >= loud
    if not up.any() or not down.any():
        return 0, noisy.size - 1
    alone = np.flatnonzero(noisy >= LOUD * sigma)
    first, last = int(np.argmax(up)), noisy.size - 1 - int(np.argmax(down))
    if alone.size:
        first, last = min(first, int(alone[0])), max(last, int(alone[-1]))
    return (first, last) if first <= last else (0, noisy.size - 1)


def _fine(
    noisy: NDArray[np.float64], first: int, last: int, sigma: float, declared: tuple[bool, bool]
) -> tuple[Whole, NDArray[np.float64]]:
    """Cells in order, those that noise hides put together: per cell its group, and the rows of each. What lies outside
    of ``first`` and ``last`` is part of the next group or, within declared bounds, a group of its own with a trace of
    rows: the bounds are known to be possible."""
    inner = _together(noisy[first : last + 1], CLEAR * sigma)
    weights = np.maximum(np.bincount(inner, noisy[first : last + 1]), 0.0)
    below, above = declared[0] and first > 0, declared[1] and last < noisy.size - 1
    weights = np.r_[[TRACE] * below, weights, [TRACE] * above]
    inner = inner + int(below)
    before = np.full(first, 0 if below else inner[0])
    behind = np.full(noisy.size - 1 - last, inner[-1] + int(above))
    return np.r_[before, inner, behind], weights


def _bins(weights: NDArray[np.float64], terms: Terms) -> Whole:
    """Per group its bin: those with many rows alone, their neighbours together."""
    heavy = weights >= max(terms.rows / terms.most, terms.least)
    return _together(weights, max(terms.least, float(weights[~heavy].sum()) / terms.most))


def _together(amounts: NDArray[np.float64], enough: float) -> Whole:
    """Neighbours put together until they hold ``enough``; what does alone stays alone, also beside cells in which noise
    left nothing: it would share its rows with their values."""
    groups = np.zeros(amounts.size, np.int64)
    group, held, alone = 0, 0.0, False
    for i, amount in enumerate(amounts):
        if i and (alone or held >= enough or amount >= enough):
            group, held = group + 1, 0.0
        groups[i] = group
        held += amount
        alone = amount >= enough
    if group and held < enough / 2 and not amounts[groups == group - 1].max() >= enough:
        groups[groups == group] = group - 1
    return groups
