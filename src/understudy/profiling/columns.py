"""One column's profile: from its counts over all rows and its values in the sample."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.model.distribution import Scalar
from understudy.model.profile import ColumnProfile, Flaw, Lengths, Outliers
from understudy.profiling.counting import Counts
from understudy.profiling.digits import digits
from understudy.profiling.shapes import shapes
from understudy.profiling.temporal import temporal
from understudy.profiling.values import as_floats, is_moment, is_number, is_ordered, is_text, plain, scalar, scalars

POINTS = 128
"""Quantiles are kept at every 128th: a share of one percent shows as a flat piece."""
FREQUENT = 50
"""Values kept with their shares where there are more; all of up to :data:`ALL`."""
ALL = 300
SAMPLES = 200
LOOKED_AT = 20_000
"""Texts whose shapes and flaws are looked at."""
FAR = 3.0
"""Tukey's factor for values that are far out."""

MOST_EXPONENT = 700.0
"""Of e, that a float can hold."""


def column_profile(name: str, kind: str, counts: Counts, sampled: pa.ChunkedArray) -> ColumnProfile:
    """The profile of a column named ``name`` of logical kind ``kind``; ``sampled``: its values in the sample."""
    values = plain(sampled)
    there = values.drop_null()
    t = values.type
    distinct = counts.distinct()
    filled = counts.rows - counts.nulls
    frequent, whole = _frequent(counts, there, filled)
    ordered = is_ordered(t) and len(there) > 0
    mean = deviation = None
    if is_number(t) and filled:
        mean = counts.total / filled
        deviation = math.sqrt(max(counts.squares / filled - mean * mean, 0.0))
    return ColumnProfile(
        name=name,
        kind=kind,
        rows=counts.rows,
        nulls=counts.nulls,
        distinct=distinct,
        exact=counts.exact,
        low=_scalar(counts.low),
        high=_scalar(counts.high),
        mean=mean,
        deviation=deviation,
        points=quantiles(there) if ordered else (),
        frequent=frequent,
        whole=whole,
        lengths=_lengths(there),
        shapes=shapes(there[:LOOKED_AT]) if is_text(t) else (),
        temporal=temporal(there) if is_moment(t) else None,
        digits=digits(there) if is_number(t) else None,
        outliers=_outliers(there) if ordered else None,
        flaws=_flaws(counts, there[:LOOKED_AT]),
        samples=_samples(there),
    )


def _scalar(value: object) -> Scalar | None:
    if not isinstance(value, pa.Scalar):
        return None
    try:
        return scalar(value.as_py())
    except (ValueError, OverflowError):
        return str(value.cast(pa.string()).as_py())


def quantiles(values: pa.Array) -> tuple[int | float | str, ...]:
    """Values at 0, 1/n, …, 1 of all (n = :data:`POINTS`): real ones, no means of neighbours."""
    if pa.types.is_floating(values.type):
        values = values.filter(pc.is_finite(values))
    if not len(values):
        return ()
    order = values.take(pc.array_sort_indices(values))
    places = np.round(np.arange(POINTS + 1) * ((len(order) - 1) / POINTS)).astype(np.int64)
    return tuple(v for v in scalars(order.take(pa.array(places))) if v is not None)


def _frequent(counts: Counts, there: pa.Array, filled: int) -> tuple[tuple[tuple[Scalar, float], ...], bool]:
    """Values with their share of the rows that have one, and whether these are all there are."""
    counted = counts.counted()
    total = filled - counts.infinite
    if counted is None:
        if pa.types.is_nested(there.type) or not len(there):
            return (), False
        found = pc.value_counts(there)
        counted = pa.table({"v": found.field(0), "n": found.field(1)}).sort_by(
            [("n", "descending"), ("v", "ascending")]
        )
        total = len(there)
        counted = counted.slice(0, ALL + 1).filter(pc.greater(counted.slice(0, ALL + 1)["n"], 1))
        whole = False
    else:
        whole = counted.num_rows <= ALL
    head = counted.slice(0, ALL if whole else FREQUENT)
    pairs = zip(scalars(head["v"]), head["n"].to_pylist(), strict=True)
    return tuple((v, n / total) for v, n in pairs if v is not None and (whole or n > 1)), whole


def _lengths(there: pa.Array) -> Lengths | None:
    t = there.type
    if is_text(t):
        sizes = pc.utf8_length(there)
    elif pa.types.is_list(t) or pa.types.is_large_list(t):
        sizes = pc.list_value_length(there)
    else:
        return None
    if not len(sizes):
        return None
    numbers = sizes.to_numpy(zero_copy_only=False).astype(np.int64)
    points = np.quantile(numbers, np.arange(17) / 16, method="inverted_cdf")
    return Lengths(int(numbers.min()), int(numbers.max()), float(numbers.mean()), tuple(int(p) for p in points))


def _outliers(there: pa.Array) -> Outliers | None:
    floats = as_floats(there)
    floats = floats[~np.isnan(floats)]
    if floats.size < 20:
        return None
    low, middle, high = (float(x) for x in np.quantile(floats, (0.25, 0.5, 0.75)))
    if not all(map(math.isfinite, (low, high))) or not math.isfinite(high - low):
        return None
    skewed = float(floats.min()) > 0 and high - middle > 2 * (middle - low)
    if skewed and not is_moment(there.type):
        one, two = math.log(low), math.log(high)
        fences = math.exp(one - FAR * (two - one)), math.exp(min(two + FAR * (two - one), MOST_EXPONENT))
    else:
        fences = low - FAR * (high - low), high + FAR * (high - low)
    if low == high:
        return None
    out = (floats < fences[0]) | (floats > fences[1])
    if not out.any():
        return Outliers(fences[0], fences[1], 0.0)
    distance = np.abs(floats - middle) * out
    worst = np.argsort(-distance)[:5]
    kept = there.filter(pc.is_finite(there)) if pa.types.is_floating(there.type) else there
    examples = tuple(v for v in scalars(kept.take(pa.array(worst[distance[worst] > 0]))) if v is not None)
    return Outliers(fences[0], fences[1], float(out.mean()), tuple(dict.fromkeys(examples)))


PLACEHOLDERS = (
    "n/a",
    "na",
    "none",
    "null",
    "nil",
    "unknown",
    "-",
    "--",
    "?",
    "tbd",
    "xxx",
    "test",
    "todo",
    "missing",
    "undefined",
)


def _flaws(counts: Counts, there: pa.Array) -> tuple[Flaw, ...]:
    """What looks wrong with the values themselves."""
    found: list[Flaw] = []
    if counts.infinite:
        found.append(Flaw("not a finite number", counts.infinite / counts.rows))
    if not is_text(there.type) or not len(there):
        return tuple(found)
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(there))
    tests = (
        ("empty text", pc.equal(there, "")),
        ("blanks at an end", pc.match_substring_regex(there, r"^\s|\s$")),
        ("stands for no value", pc.is_in(lower, value_set=pa.array(PLACEHOLDERS))),
        ("signs of a wrong encoding", pc.match_substring_regex(there, "Ã[\u0080-¿]|â€|\ufffd")),
        ("control characters", pc.match_substring_regex(there, r"[\x01-\x08\x0b\x0c\x0e-\x1f]")),
    )
    for what, hits in tests:
        share = (pc.sum(hits).as_py() or 0) / len(there)
        if share > 0:
            found.append(Flaw(what, share, str(there.filter(hits)[0].as_py())[:60]))
    cases = pc.count_distinct(there).as_py() - pc.count_distinct(pc.utf8_lower(there)).as_py()
    if cases and pc.count_distinct(there).as_py() < len(there) * 0.5:
        found.append(Flaw("values that differ only in upper and lower case", cases / len(there)))
    return tuple(found)


def _samples(there: pa.Array) -> tuple[Scalar, ...]:
    """Some different values, evenly spread."""
    if pa.types.is_nested(there.type) or not len(there):
        return ()
    spread = there.take(pa.array(_spread(len(there), SAMPLES * 2)))
    return tuple(dict.fromkeys(v for v in scalars(spread) if v is not None))[:SAMPLES]


def _spread(size: int, most: int) -> Sequence[int]:
    return range(size) if size <= most else [i * size // most for i in range(most)]
