"""When things happen: weekdays, hours, months, trend, steps and gaps of a column of moments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.model.profile import Temporal
from understudy.profiling.values import as_floats

SPANS = 8
STEPS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def temporal(there: pa.Array) -> Temporal | None:
    """The patterns of a column of dates, times or timestamps; None where it has no values."""
    if not len(there):
        return None
    t = there.type
    if pa.types.is_time(t):
        return Temporal(hours=_shares(pc.hour(there.cast(pa.time64("us"))), 24), step=_step(_seconds(there)))
    seconds = _seconds(there)
    low, high = float(seconds.min()), float(seconds.max())
    trend: tuple[float, ...] = ()
    if high > low:
        spans = np.minimum(((seconds - low) / (high - low) * SPANS).astype(np.int64), SPANS - 1)
        trend = tuple(float(x) for x in np.bincount(spans, minlength=SPANS) / seconds.size)
    gaps, regular = _gaps(seconds)
    return Temporal(
        weekdays=_shares(pc.day_of_week(there), 7),
        hours=_shares(pc.hour(there), 24) if pa.types.is_timestamp(t) else (),
        months=tuple(_shares(pc.subtract(pc.month(there), 1), 12)),
        trend=trend,
        step=_step(seconds),
        gaps=gaps,
        regular=regular,
    )


def _seconds(there: pa.Array) -> np.ndarray:  # type: ignore[type-arg]
    """Seconds since the origin."""
    unit = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
    floats = as_floats(there)
    if pa.types.is_date32(there.type):
        return floats * 86_400.0
    if pa.types.is_date64(there.type):
        return floats / 1e3
    return floats / unit[there.type.unit]


def _shares(numbers: pa.Array, size: int) -> tuple[float, ...]:
    found = np.bincount(numbers.to_numpy(zero_copy_only=False).astype(np.int64), minlength=size)[:size]
    return tuple(float(x) for x in found / max(int(found.sum()), 1))


def _step(seconds: np.ndarray) -> str:  # type: ignore[type-arg]
    for name, size in STEPS:
        if not np.any(np.mod(seconds, size) > 1e-7):
            return name
    return "fraction of a second"


def _gaps(seconds: np.ndarray) -> tuple[tuple[float, ...], float]:  # type: ignore[type-arg]
    """Quantiles of the gaps between different neighbours in time, and the share of the most frequent one."""
    moments = np.unique(seconds)
    if moments.size < 3:
        return (), 0.0
    gaps = np.round(np.diff(moments), 6)
    points = np.quantile(gaps, np.arange(9) / 8, method="inverted_cdf")
    _, counts = np.unique(gaps, return_counts=True)
    return tuple(float(p) for p in points), float(counts.max() / gaps.size)
