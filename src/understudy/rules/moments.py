"""Dates, times and intervals as whole numbers: reading literals, and calendar arithmetic on them.

Days since 1970-01-01; microseconds since midnight or since 1970-01-01 UTC; an interval is a pair of
months and microseconds, and weighs 30 days a month where it is compared (as PostgreSQL does).
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta

DAY = 86_400_000_000
"""Microseconds of a day."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)
MONTH_DAYS = 30

UNITS: dict[str, tuple[int, int]] = {
    "microsecond": (0, 1), "millisecond": (0, 1000), "second": (0, 1_000_000), "sec": (0, 1_000_000), "s": (0,
    1_000_000),
    "minute": (0, 60_000_000), "min": (0, 60_000_000), "hour": (0, 3_600_000_000), "h": (0, 3_600_000_000),
    "day": (0, DAY), "d": (0, DAY), "week": (0, 7 * DAY), "w": (0, 7 * DAY), "month": (1, 0), "mon": (1, 0),
    "quarter": (3, 0), "year": (12, 0), "y": (12, 0), "decade": (120, 0), "century": (1200, 0),
}  # fmt: skip
"""Months and microseconds of each unit of an interval."""


def read_date(text: str) -> int | None:
    """Days since 1970-01-01 of an ISO date (a time behind it is dropped); None if it is none."""
    moment = read_timestamp(text)
    return None if moment is None else moment // DAY


def read_timestamp(text: str) -> int | None:
    """Microseconds since 1970-01-01 UTC of an ISO date or timestamp; None if it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def read_time(text: str) -> int | None:
    """Microseconds since midnight; None if it is no time of day."""
    try:
        clock = time.fromisoformat(text.strip())
    except ValueError:
        return None
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


def read_interval(text: str) -> tuple[int, int] | None:
    """Months and microseconds of ``1 year 2 days 04:05:06``, ``P1DT2H`` or ``3 hours ago``; None if it is none."""
    rest = text.strip().lower()
    sign = -1 if rest.endswith(" ago") else 1
    rest = rest.removesuffix(" ago").removeprefix("@").strip()
    if iso := re.fullmatch(
        r"p(?:([\d.]+)y)?(?:([\d.]+)m)?(?:([\d.]+)w)?(?:([\d.]+)d)?(?:t(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?)?",
        rest,
    ):
        names = ("year", "month", "week", "day", "hour", "minute", "second")
        rest = " ".join(f"{n} {u}" for n, u in zip(iso.groups(), names, strict=True) if n)
    months = us = 0
    clock = re.search(r"([+-]?)(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?$", rest)
    if clock:
        part = (int(clock[2]) * 60 + int(clock[3])) * 60_000_000 + round(float(clock[4] or 0) * 1_000_000)
        us += -part if clock[1] == "-" else part
        rest = rest[: clock.start()].strip()
    if not rest and not clock:
        return None
    words = re.findall(r"([+-]?\d+(?:\.\d+)?)\s*([a-z]+)|(\S+)", rest)
    for number, unit, stray in words:
        size = UNITS.get(unit) or UNITS.get(unit.removesuffix("s"))
        if stray or size is None:
            return None
        months += round(float(number) * size[0])
        us += round(float(number) * size[1])
    return sign * months, sign * us


def interval_weight(months: int, us: int) -> int:
    """The microseconds for which an interval counts in a comparison."""
    return months * MONTH_DAYS * DAY + us


def day_parts(days: int) -> date | None:
    """The calendar day; None outside the years 1 to 9999."""
    try:
        return _FIRST_DAY + timedelta(days=days)
    except OverflowError:
        return None


def days_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _FIRST_DAY).days


def moment_parts(us: int) -> datetime | None:
    """The moment in UTC; None outside the years 1 to 9999."""
    try:
        return EPOCH + timedelta(microseconds=us)
    except OverflowError:
        return None


def add_months(days: int, months: int) -> int | None:
    """The day so many months later, clipped to the month's end; None outside the calendar."""
    day = day_parts(days)
    if day is None:
        return None
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        return None
    return days_of(date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1])))


def truncate(unit: str, us: int) -> int | None:
    """Start of the year, quarter, month, week (Monday), day, hour, minute or second that holds the moment."""
    if unit in ("hour", "minute", "second", "day"):
        size = UNITS[unit][1]
        return us // size * size
    days = us // DAY
    day = day_parts(days)
    if day is None:
        return None
    match unit:
        case "week":
            return (days - day.weekday()) * DAY
        case "month":
            return days_of(day.replace(day=1)) * DAY
        case "quarter":
            return days_of(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)) * DAY
        case "year":
            return days_of(day.replace(month=1, day=1)) * DAY
    return None
