"""The registry's functions of time, on one row's values.

Whether a value is a date or a timestamp cannot be seen in it, so the reader of rules wraps a date in ``to_timestamp``
before ``hour``, ``date_trunc`` and their like; ``year`` to ``format_time`` take either, told apart by their size.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from understudy.rules import moments
from understudy.rules.moments import DAY

Values = list[Any]
LARGEST_DAY = 4_000_000
"""Days up to the year 10,000 and somewhat beyond; a greater number is microseconds (four seconds from 1970 on)."""


def _moment(value: int) -> datetime | None:
    return moments.moment_parts(value * DAY if -LARGEST_DAY <= value <= LARGEST_DAY else value)


def _part(read: Callable[[datetime], int]) -> Callable[[Values], int | None]:
    def part(v: Values) -> int | None:
        moment = _moment(v[0])
        return None if moment is None else read(moment)

    return part


def _clock_part(size: int, cycle: int) -> Callable[[Values], int]:
    return lambda v: v[0] // size % cycle


def _add_months(v: Values) -> int | None:
    value, months = v
    if -LARGEST_DAY <= value <= LARGEST_DAY:
        return moments.add_months(value, int(months))
    days, rest = divmod(value, DAY)
    moved = moments.add_months(days, int(months))
    return None if moved is None else moved * DAY + rest


def _format(v: Values) -> str | None:
    moment = _moment(v[0])
    return None if moment is None else moment.strftime(v[1]).zfill(4 if v[1] == "%Y" else 0)


FUNCTIONS: dict[str, Callable[[Values], Any]] = {
    "year": _part(lambda m: m.year),
    "month": _part(lambda m: m.month),
    "day": _part(lambda m: m.day),
    "day_of_week": _part(lambda m: m.isoweekday() % 7),
    "day_of_year": _part(lambda m: m.timetuple().tm_yday),
    "hour": _clock_part(3_600_000_000, 24),
    "minute": _clock_part(60_000_000, 60),
    "second": _clock_part(1_000_000, 60),
    "epoch": lambda v: v[0] // 1_000_000,
    "to_date": lambda v: v[0] // DAY,
    "to_timestamp": lambda v: v[0] * DAY,
    "to_time": lambda v: v[0] % DAY,
    "date_trunc": lambda v: moments.truncate(v[0], v[1]),
    "add_months": _add_months,
    "format_time": _format,
}
