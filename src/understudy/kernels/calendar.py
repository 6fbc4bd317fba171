"""Calendar arithmetic on arrays: days and microseconds to years, months, days and back.

Civil dates by Howard Hinnant's algorithms ("chrono-compatible low-level date algorithms"), on whole numbers.
"""

from __future__ import annotations

import datetime
import re
from typing import Any, NamedTuple

import numpy as np

DAY = 86_400_000_000
"""Microseconds of a day."""
HOUR, MINUTE, SECOND = 3_600_000_000, 60_000_000, 1_000_000
MONTH_DAYS = 30
"""Days for which a month of an interval counts in comparisons (as in PostgreSQL)."""

_ERA = 146_097
"""Days of 400 years."""
_SHIFT = 719_468
"""Days from 0000-03-01 to 1970-01-01."""


class Civil(NamedTuple):
    """Year, month 1..12 and day 1..31 of each day."""

    year: Any
    month: Any
    day: Any


def civil(days: Any) -> Civil:
    """Calendar dates of days since 1970-01-01."""
    z = days + _SHIFT
    era = z // _ERA
    doe = z - era * _ERA
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + np.where(mp < 10, 3, -9)
    return Civil(yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) // 5 + 1)


def days_of(year: Any, month: Any, day: Any) -> Any:
    """Days since 1970-01-01 of calendar dates."""
    y = year - (month <= 2)
    era = y // 400
    yoe = y - era * 400
    doy = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    return era * _ERA + yoe * 365 + yoe // 4 - yoe // 100 + doy - _SHIFT


def month_length(year: Any, month: Any) -> Any:
    """Days of a month."""
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    long = 30 + ((month + month // 8) & 1)
    return np.where(month == 2, 28 + leap, long)


def add_months(days: Any, months: Any) -> Any:
    """The day so many months later, clipped to the month's end."""
    date = civil(days)
    index = date.year * 12 + date.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return days_of(year, month, np.minimum(date.day, month_length(year, month)))


def truncate(unit: str, us: Any) -> Any:
    """Start of the year, quarter, month, week (Monday), day, hour, minute or second; None for another unit."""
    fine = {"day": DAY, "hour": HOUR, "minute": MINUTE, "second": SECOND, "millisecond": 1000, "microsecond": 1}
    if unit in fine:
        return us // fine[unit] * fine[unit]
    days = us // DAY
    if unit == "week":
        return (days - (days + 3) % 7) * DAY
    date = civil(days)
    match unit:
        case "month":
            return days_of(date.year, date.month, 1) * DAY
        case "quarter":
            return days_of(date.year, (date.month - 1) // 3 * 3 + 1, 1) * DAY
        case "year":
            return days_of(date.year, np.int64(1), 1) * DAY
        case "decade":
            return days_of(date.year // 10 * 10, np.int64(1), 1) * DAY
    return None


# ---- reading (distinct values only) ------------------------------------------------------------
def read_timestamp(text: str) -> int | None:
    """Microseconds since 1970-01-01 UTC of an ISO date or timestamp; None if it is none."""
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return (aware - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)) // datetime.timedelta(microseconds=1)


def read_date(text: str) -> int | None:
    """Days since 1970-01-01; None if it is no date."""
    moment = read_timestamp(text)
    return None if moment is None else moment // DAY


def read_time(text: str) -> int | None:
    """Microseconds since midnight; None if it is no time of day."""
    try:
        clock = datetime.time.fromisoformat(text.strip())
    except ValueError:
        return None
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * SECOND + clock.microsecond


_UNITS = {
    "microsecond": 1, "millisecond": 1000, "second": SECOND, "sec": SECOND, "minute": MINUTE, "min": MINUTE,
    "hour": HOUR, "day": DAY, "week": 7 * DAY, "month": MONTH_DAYS * DAY, "mon": MONTH_DAYS * DAY,
    "year": 12 * MONTH_DAYS * DAY,
}  # fmt: skip
_CLOCK = re.compile(r"([+-]?)(\d+):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$")
_PART = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-z]+)")


def read_interval(text: str) -> int | None:
    """Microseconds for which ``1 mon 3 days 04:05:06`` counts in comparisons; None if it is no interval."""
    rest, total = text.strip().lower(), 0
    if not rest:
        return None
    if clock := _CLOCK.search(rest):
        us = (
            (int(clock[2]) * 60 + int(clock[3])) * MINUTE
            + int(clock[4] or 0) * SECOND
            + int((clock[5] or "").ljust(6, "0"))
        )
        total += -us if clock[1] == "-" else us
        rest = rest[: clock.start()].strip()
    for found in _PART.finditer(rest):
        unit = _UNITS.get(found[2]) or _UNITS.get(found[2].removesuffix("s"))
        if unit is None:
            return None
        total += round(float(found[1]) * unit)
    return total if not _PART.sub("", rest).strip() else None
