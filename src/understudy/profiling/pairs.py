"""Pairs of columns of any types: how much one tells of the other, what follows from what, what is never greater.

Mutual information over the lesser entropy, freed from the bias that small samples have (Miller 1955): 0 for columns
that have nothing to do with each other, 1 where one follows from the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.model.profile import Association, Dependency, Ordering, Sum
from understudy.profiling.codes import Codes, binned, exact
from understudy.profiling.values import as_floats, is_moment, is_number, plain

MOST_ROWS = 20_000
MOST_COLUMNS = 80
"""Columns that are paired with each other; of wider tables those that vary, the first so many."""
LEAST_STRENGTH = 0.05
MOST_ASSOCIATIONS = 300
FOLLOWS = 0.99
"""Share of rows in which a column must follow from another."""
BY_CHANCE = 0.05
"""An order counts when so many rows would break it if the columns had nothing to do with each other."""
HOLDS = 0.995
MOST_NUMBERS = 16
"""Columns of numbers among which sums and products are looked for: a thousand triples."""
FEWEST = 30
HEAD = 64


class Paired:
    """A sample ready for comparing its columns."""

    def __init__(self, sample: pa.Table) -> None:
        step = -(-sample.num_rows // MOST_ROWS) or 1
        if step > 1:
            sample = sample.take(pa.array(range(0, sample.num_rows, step), pa.int64()))
        self.rows: int = sample.num_rows
        self.sample = sample
        self.codes: dict[str, Codes] = {}
        for name in sample.column_names:
            if len(self.codes) == MOST_COLUMNS:
                break
            if not pa.types.is_nested(sample.schema.field(name).type):
                codes = exact(sample.column(name))
                if codes.size and codes.max() > codes.min():
                    self.codes[name] = codes
        self.groups = {n: binned(sample.column(n), c) for n, c in self.codes.items()}
        self.distinct = {n: int(np.unique(c).size) for n, c in self.codes.items()}

    def floats(self, name: str) -> NDArray[np.float64]:
        """A column of numbers or moments as floats."""
        return as_floats(plain(self.sample.column(name)))

    def kind(self, name: str) -> pa.DataType:
        """A column's Arrow type."""
        return self.sample.schema.field(name).type


def associations(paired: Paired) -> tuple[Association, ...]:
    """Pairs that tell of each other, strongest first. Columns in which (nearly) nothing repeats tell of none."""
    names = [
        n
        for n in paired.codes
        if paired.distinct[n] < 0.95 * paired.rows or is_number(paired.kind(n)) or is_moment(paired.kind(n))
    ]
    entropies = {n: _entropy(np.bincount(paired.groups[n]), paired.rows) for n in names}
    found = []
    for one, other in combinations(names, 2):
        a, b = paired.groups[one], paired.groups[other]
        width = int(b.max()) + 1
        joint = np.bincount(a * width + b)
        filled = int(np.count_nonzero(joint))
        rows, columns = np.unique(a).size, np.unique(b).size
        shared = entropies[one] + entropies[other] - _entropy(joint, paired.rows)
        bias = (filled - rows - columns + 1) / (2 * paired.rows)
        least = min(entropies[one], entropies[other])
        strength = (shared - max(bias, 0.0)) / least if least > 0 else 0.0
        if strength >= LEAST_STRENGTH:
            found.append((min(strength, 1.0), one, other))
    found.sort(key=lambda f: (-f[0], f[1], f[2]))
    return tuple(
        Association(one, other, round(s, 4), _correlation(paired, one, other))
        for s, one, other in found[:MOST_ASSOCIATIONS]
    )


def _entropy(counts: NDArray[np.int64], total: int) -> float:
    shares = counts[counts > 0] / total
    return float(-(shares * np.log(shares)).sum())


def _correlation(paired: Paired, one: str, other: str) -> float | None:
    """Of ranks (Spearman); None where one of the two has no order."""
    if not all(is_number(paired.kind(n)) or is_moment(paired.kind(n)) for n in (one, other)):
        return None
    a, b = paired.floats(one), paired.floats(other)
    both = ~(np.isnan(a) | np.isnan(b))
    if np.count_nonzero(both) < 10:
        return None
    x, y = _ranks(a[both]), _ranks(b[both])
    if x.std() == 0 or y.std() == 0:
        return None
    return round(float(np.corrcoef(x, y)[0, 1]), 4)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2.0)[places])


# ---- what follows from what -------------------------------------------------------------------------
def dependencies(paired: Paired) -> tuple[Dependency, ...]:
    """Columns that follow from another one in (nearly) all rows, not because they hardly vary or nothing repeats."""
    found = []
    for given, own in paired.codes.items():
        if paired.rows < 2 * paired.distinct[given] or paired.distinct[given] < 3:
            continue
        for column, other in paired.codes.items():
            if column == given or paired.distinct[column] > paired.distinct[given] or paired.distinct[column] < 2:
                continue
            usual = float(np.bincount(other).max()) / paired.rows
            if usual > 0.95:
                continue
            few = slice(0, 400)
            if paired.rows > 2000 and _share(own[few], other[few]) < FOLLOWS - 0.04:
                continue
            share = _share(own, other)
            if share >= FOLLOWS and (1 - share) < 0.2 * (1 - usual):
                found.append(Dependency((given,), column, round(share, 6)))
    return tuple(sorted(found, key=lambda d: (-d.share, d.given, d.column)))


def _share(given: Codes, column: Codes) -> float:
    """Share of rows that have the most frequent value of those with the same given one."""
    width = int(column.max(initial=0)) + 1
    keys, counts = np.unique(given * width + column, return_counts=True)
    owners = keys // width
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    return float(np.maximum.reduceat(counts, starts).sum()) / max(given.size, 1)


# ---- what is never greater, and what adds up --------------------------------------------------------
def orderings(paired: Paired) -> tuple[Ordering, ...]:
    """Pairs of numbers, or of moments, of which one is never (or hardly ever) greater than the other."""
    names = [n for n in paired.codes if is_number(paired.kind(n)) or is_moment(paired.kind(n))]
    values = {n: paired.floats(n) for n in names}
    found = []
    for one, other in combinations(names, 2):
        if _sort(paired.kind(one)) != _sort(paired.kind(other)):
            continue
        a, b = values[one], values[other]
        both = ~(np.isnan(a) | np.isnan(b))
        a, b = a[both], b[both]
        if a.size < FEWEST:
            continue
        for lesser, greater, low, high in ((one, other, a, b), (other, one, b, a)):
            share = float((low <= high).mean())
            if (
                share >= HOLDS
                and _by_chance(low, high) >= BY_CHANCE
                and share < 1.0 + 1e-9
                and not np.array_equal(low, high)
            ):
                found.append(Ordering(lesser, greater, round(share, 6), bool((low < high).all())))
    return tuple(found)


def _sort(t: pa.DataType) -> str:
    return "number" if is_number(t) else "day" if pa.types.is_date(t) else "time" if pa.types.is_time(t) else "moment"


def _by_chance(low: NDArray[np.float64], high: NDArray[np.float64]) -> float:
    """Share of rows that would break the order if the columns were shuffled."""
    ordered = np.sort(low)
    return float(1.0 - (np.searchsorted(ordered, high, side="right") / ordered.size).mean())


def sums(paired: Paired) -> tuple[Sum, ...]:
    """Columns that are the sum, difference or product of two others."""
    names = [n for n in paired.codes if is_number(paired.kind(n)) and paired.distinct[n] > 4][:MOST_NUMBERS]
    values = {n: paired.floats(n) for n in names}
    found: list[Sum] = []
    for left, right in combinations(names, 2):
        a, b = values[left], values[right]
        for sign, made in (("+", a + b), ("*", a * b)):
            for total in names:
                if total in (left, right):
                    continue
                share = _equal(made, values[total])
                if share >= HOLDS:
                    found.append(Sum(total, left, sign, right, round(share, 6)))
    return tuple(found)


def _equal(made: NDArray[np.float64], total: NDArray[np.float64]) -> float:
    """Share of rows in which both are the same, half a cent aside."""
    if np.count_nonzero(_off(made[:HEAD], total[:HEAD])) > HEAD // 10:
        return 0.0
    both = ~(np.isnan(made) | np.isnan(total))
    m, t = made[both], total[both]
    if t.size < FEWEST or np.unique(t).size < 5:
        return 0.0
    return 1.0 - float(np.count_nonzero(_off(m, t))) / len(t)


def _off(made: NDArray[np.float64], total: NDArray[np.float64]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.abs(made - total) > 0.0051 + 1e-9 * np.abs(total)
    return found


# ---- keys of several columns, rows that repeat, nulls that go together ------------------------------
MOST_KEY_COLUMNS = 12

NEARLY = 0.9
"""Share of distinct values from which a column is nearly a key alone: what it needs another for is chance."""

LEAST_MEETINGS = 3.0
"""Pairs of rows that would agree by chance, for it to mean something that none does: two times to the second never
meet, and are no key."""


def composite_keys(paired: Paired, names: Sequence[str], width: int = 3) -> tuple[tuple[str, ...], ...]:
    """The smallest sets of columns (of ``names``, without nulls) of which no two rows of the sample agree."""
    ranked = [n for n in names if n in paired.codes and paired.distinct[n] <= NEARLY * paired.rows]
    ranked = sorted(ranked, key=lambda n: -paired.distinct[n])[:MOST_KEY_COLUMNS]
    ranked = [n for n in names if n in ranked]
    for size in range(2, width + 1):
        found = []
        for chosen in combinations(ranked, size):
            room = 1.0
            for n in chosen:
                room *= paired.distinct[n]
            by_chance = paired.rows * (paired.rows - 1) / 2 / room
            if by_chance >= LEAST_MEETINGS and _distinct(paired, chosen):
                found.append(chosen)
        if found:
            return tuple(found[:5])
    return ()


def _distinct(paired: Paired, chosen: Sequence[str]) -> bool:
    together = _together(paired, chosen)
    return bool(np.unique(together).size == together.size)


def _together(paired: Paired, chosen: Sequence[str]) -> Codes:
    found = np.zeros(paired.rows, np.int64)
    for name in chosen:
        codes = paired.codes[name]
        found = np.unique(found * (int(codes.max()) + 1) + codes, return_inverse=True)[1].astype(np.int64)
    return found


def duplicates(paired: Paired) -> float:
    """Share of rows that repeat an earlier one in every column."""
    if not paired.rows or not paired.codes:
        return 0.0
    different = len(np.unique(_together(paired, list(paired.codes))).tolist())
    return (paired.rows - different) / paired.rows
