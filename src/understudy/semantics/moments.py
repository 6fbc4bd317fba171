"""Dates and times: within the last years before the clock, more often lately, at hours people keep."""

from __future__ import annotations

import math
import re

from understudy.model.domain import Domain
from understudy.model.expression import Call, Cast, Column, Const, Digits, Join, Node, Quantile, Uniform
from understudy.model.schema import Field
from understudy.semantics.nouns import Coded, Want, code_name
from understudy.types import Kind, Type

DAY = 86_400_000_000
"""Microseconds of a day."""
SECOND = 1_000_000
YEAR_DAYS = 365

HOURS = (0, 6.2, 7.4, 8.2, 8.7, 9.3, 10.1, 11, 12, 13.1, 14.2, 15.1, 16, 17.3, 19.2, 21.4, 24)
"""Quantiles of the hour at which things happen (0, 1/16 … 1): office hours mostly, evenings, rarely at night."""


def time_of_day(use: str, step: int = 1) -> Node:
    """A time of day in microseconds, whole seconds (or ``step`` seconds)."""
    points = tuple(min(round(h * 3600), 86_399) // step for h in HOURS)
    return Call("*", (Quantile(use, points), Const(SECOND * step)))


def default_time(field: Field) -> int | None:
    """The time of day (microseconds) that a column has by default."""
    found = re.search(r"'(\d\d):(\d\d)(?::(\d\d))?'", field.default)
    return (int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)) * SECOND if found else None


def bounds(want: Want, low: int, high: int) -> tuple[int, int]:
    """[low, high] in the type's unit, moved into what the domain permits (keeping its width if it can)."""
    d = want.domain
    least = math.ceil(d.low) if d.low is not None else None
    most = math.floor(d.high) if d.high is not None else None
    width = high - low
    if least is not None and low < least:
        low = least
        high = max(high, low + width) if most is None and high < low else high
        high = high if high > low else low + width
    if most is not None and high > most:
        high = most
        low = low if low < high else (high - width if least is None else max(least, high - width))
    return low, max(low, high)


def recent(use: str, low: int, high: int) -> Node:
    """A day (or any unit) in [low, high], later ones more often: business grows."""
    if low >= high:
        return Const(low)
    points = tuple(low + round((high - low) * (k / 16) ** 0.7) for k in range(17))
    return Quantile(use, points)


def window(clock: int, years: float, ahead_days: int = 0) -> tuple[int, int]:
    """Days since 1970 from ``years`` before the clock to ``ahead_days`` after it (yesterday if 0)."""
    today = clock // DAY
    return today - round(years * YEAR_DAYS), today + ahead_days - 1


def stamp(want: Want, use: str, first_day: int, last_day: int) -> Node:
    """A value of the want's temporal kind between two days."""
    t = want.field.type
    match t.kind:
        case Kind.DATE:
            return recent(use, *bounds(want, first_day, last_day))
        case Kind.YEAR:
            return recent(use, *bounds(want, 1970 + first_day * 100 // 36525, 1970 + last_day * 100 // 36525))
        case Kind.TIME:
            return clock_time(want, use)
        case _:
            low, high = bounds(want, first_day * DAY, (last_day + 1) * DAY - SECOND)
            if high - low < 3 * DAY:
                whole = Call(
                    "*",
                    (
                        Uniform(use, Const(-(-low // SECOND)), Const(max(-(-low // SECOND), high // SECOND))),
                        Const(SECOND),
                    ),
                )
                return Call("least", (whole, Const(high))) if high // SECOND <= -(-low // SECOND) else whole
            day = recent(use + ".day", -(-low // DAY), high // DAY - 1)
            return Call("+", (Call("*", (day, Const(DAY))), time_of_day(use + ".time")))


def clock_time(want: Want, use: str) -> Node:
    """A time of day (TIME), in the domain."""
    low, high = bounds(want, 0, DAY - SECOND)
    if want.domain.low is None and want.domain.high is None:
        return time_of_day(use, 60)
    low_s, high_s = -(-low // SECOND), high // SECOND
    return Call("*", (Uniform(use, Const(low_s), Const(max(low_s, high_s))), Const(SECOND)))


def coded(want: Want, clock: int, rows: int) -> Coded | None:
    """Distinct days, seconds, or years: backwards from the clock as far as the rows need."""
    code = Column(code_name(want.field.name))
    today = clock // DAY
    d = want.domain
    match want.field.type.kind:
        case Kind.DATE:
            low, high = bounds(want, today - max(5 * YEAR_DAYS, min(4 * rows, today + 25000)), today - 1)
            if high - low + 1 < 2 * rows and d.low is None and d.high is None:
                low = high - 2 * rows - 1 if 2 * rows < 700_000 else high - 700_000
            return Coded(high - low + 1, Call("+", (code, Const(low))))
        case Kind.YEAR:
            low, high = bounds(want, 1901, 2155)
            return Coded(high - low + 1, Call("+", (code, Const(low))))
        case Kind.TIME:
            low, high = bounds(want, 0, DAY - SECOND)
            return _spaced(code, low, high, rows, want.field.type)
        case _:
            low, high = bounds(want, (today - 5 * YEAR_DAYS) * DAY, today * DAY - SECOND)
            if d.multiple:
                return _stepped(code, low, high, rows, d)
            return _spaced(code, low, high, rows, want.field.type)


def _stepped(code: Column, low: int, high: int, rows: int, d: Domain) -> Coded:
    """Moments that are whole multiples of the domain's step, from further back where the rows need it."""
    step = d.multiple or 1
    if d.low is None and (high - low) // step + 1 < 2 * rows:
        low = max(high - 2 * rows * step, 0)
    first = -(-low // step)
    return Coded(max(1, high // step - first + 1), Call("*", (Call("+", (code, Const(first))), Const(step))))


def _spaced(code: Column, low: int, high: int, rows: int, t: Type) -> Coded:
    """Moments a second apart, or closer where the rows need it and the precision permits."""
    fine = 6 if t.precision is None else min(6, t.precision)
    step = SECOND
    while (high - low) // step + 1 < 4 * rows and step > 10 ** (6 - fine):
        step //= 10
    first = -(-low // step)
    capacity = max(1, high // step - first + 1)
    return Coded(capacity, Call("*", (Call("+", (code, Const(first))), Const(step))))


def interval(source: Node) -> Node:
    """Whole seconds as interval text, ``3 days 04:05:06``."""
    two = [
        Digits(Call("%", (Call("/", (source, Const(3600))), Const(24))), 2),
        Digits(Call("%", (Call("/", (source, Const(60))), Const(60))), 2),
        Digits(Call("%", (source, Const(60))), 2),
    ]
    return Join((Call("/", (source, Const(86_400))), Const(" days "), two[0], Const(":"), two[1], Const(":"), two[2]))


def as_text(moment: Node, pattern: str = "%Y-%m-%d %H:%M:%S") -> Node:
    """A timestamp written out, for text columns that hold one."""
    return Call("format_time", (Cast(moment, Type(Kind.TIMESTAMP)), Const(pattern)))


def civil(clock: int) -> tuple[int, int, int]:
    """Year, month and day of a moment (microseconds since 1970-01-01 UTC), by Howard Hinnant's algorithm."""
    z = clock // DAY + 719_468
    era = z // 146_097
    doe = z - era * 146_097
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) // 5 + 1
