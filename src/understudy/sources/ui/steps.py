"""Numbers, days and times as the browser counts them: each kind of value is a whole number of its unit.

Source: HTML Living Standard, 4.10.5.3.8 (step base: ``min``, else the ``value`` attribute, else 0; a week counts from
1970-W01) and 2.3.5 (formats of dates and times).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

import msgspec

EPOCH = date(1970, 1, 1)
MONDAY = date(1969, 12, 29)
"""The Monday of 1970-W01."""
DAY_S = 86_400
UNITS = {"date": 1, "month": 1, "week": 1, "time": 60, "datetime-local": 60}
"""Default steps: days, months, weeks, seconds, seconds."""
ENOUGH = 512
"""How many values are written out where a range can only be said by listing: finer than what a person notices."""
HORIZON = {"date": 3650, "month": 120, "week": 520, "time": DAY_S, "datetime-local": 365 * DAY_S}
"""How far from a lone bound values are listed."""
FORMATS = {
    "date": re.compile(r"\d{4,}-\d\d-\d\d"),
    "month": re.compile(r"(\d{4,})-(\d\d)"),
    "week": re.compile(r"(\d{4,})-W(\d\d)"),
    "time": re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,3})?)?"),
    "datetime-local": re.compile(r"\d{4,}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?"),
}


def counted(kind: str, text: str) -> int | None:
    """The number of units since 1970 that a text of that kind stands for; None where it is not one."""
    match = FORMATS[kind].fullmatch(text.strip())
    if match is None:
        return None
    try:
        match kind:
            case "date":
                return (date.fromisoformat(text.strip()) - EPOCH).days
            case "month":
                return (int(match[1]) - 1970) * 12 + int(match[2]) - 1 if 1 <= int(match[2]) <= 12 else None
            case "week":
                return (date.fromisocalendar(int(match[1]), int(match[2]), 1) - MONDAY).days // 7
            case "time":
                hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
                return hour * 3600 + minute * 60 + second if hour < 24 and minute < 60 and second < 60 else None
            case _:
                return int((datetime.fromisoformat(text.strip()) - datetime(1970, 1, 1)).total_seconds())
    except ValueError:
        return None


def spelled(kind: str, number: int) -> str:
    """The text of a number of units."""
    match kind:
        case "date":
            return (EPOCH + timedelta(days=number)).isoformat()
        case "month":
            return f"{1970 + number // 12:04d}-{number % 12 + 1:02d}"
        case "week":
            year, week, _ = (MONDAY + timedelta(weeks=number)).isocalendar()
            return f"{year:04d}-W{week:02d}"
        case "time":
            text = f"{number // 3600:02d}:{number // 60 % 60:02d}"
            return text + (f":{number % 60:02d}" if number % 60 else "")
        case _:
            moment = datetime(1970, 1, 1) + timedelta(seconds=number)
            return moment.isoformat(timespec="seconds" if number % 60 else "minutes")


class Span(msgspec.Struct, frozen=True):
    """Bounds and step of a control in its unit; ``reversed``: times past midnight (low > high)."""

    low: int | None
    high: int | None
    step: int
    base: int

    @property
    def free(self) -> bool:
        """Whether every value of the kind will do."""
        return self.low is None and self.high is None and self.step <= 1


def span(kind: str, attributes: dict[str, str], value: str) -> Span:
    """What ``min``, ``max``, ``step`` and the default value demand of a date or time."""
    low = counted(kind, attributes.get("min", ""))
    high = counted(kind, attributes.get("max", ""))
    given = attributes.get("step", "").strip().lower()
    step = UNITS[kind]
    if given == "any":
        step = 1
    else:
        try:
            parsed = float(given) if given else 0.0
        except ValueError:
            parsed = 0.0
        if parsed > 0:
            step = max(1, round(parsed))
    base = low if low is not None else counted(kind, value)
    return Span(low, high, step, base if base is not None else 0)


def listed(kind: str, s: Span) -> tuple[list[str], bool]:
    """Values within a span, and whether these are all."""
    if kind == "time" and s.low is not None and s.high is not None and s.low > s.high:
        first = list(range(s.low, DAY_S, s.step))
        return _thinned(kind, first + [v % DAY_S for v in range(first[-1] + s.step, DAY_S + s.high + 1, s.step)])
    low, high = s.low, s.high
    if kind == "time":
        low, high = low if low is not None else 0, high if high is not None else DAY_S - 1
    if low is None and high is None:
        low, high = s.base, s.base + HORIZON[kind]
        if s.base == 0:
            low, high = counted(kind, spelled(kind, _recent(kind))) or 0, _recent(kind) + HORIZON[kind]
        whole = False
    else:
        whole = low is not None and high is not None
        high = high if high is not None else (low or 0) + HORIZON[kind]
        low = low if low is not None else high - HORIZON[kind]
    start = low + (s.base - low) % s.step
    values, complete = _thinned(kind, range(start, high + 1, s.step))
    return values, complete and whole


def _recent(kind: str) -> int:
    """2020, in the kind's unit: where nothing bounds a value, years near our own."""
    return {"date": 18262, "month": 600, "week": 2609, "time": 0, "datetime-local": 18262 * DAY_S}[kind]


def _thinned(kind: str, values: range | list[int]) -> tuple[list[str], bool]:
    if len(values) <= ENOUGH:
        return [spelled(kind, v) for v in values], True
    stride = len(values) / ENOUGH
    return [spelled(kind, values[int(i * stride)]) for i in range(ENOUGH)], False


# ---- numbers ----------------------------------------------------------------------------------------
class Numbers(msgspec.Struct, frozen=True):
    """Bounds and step of a number; ``step`` None: any. ``base``: where steps are counted from."""

    low: Decimal | None
    high: Decimal | None
    step: Decimal | None
    base: Decimal


NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?")


def number(text: str) -> Decimal | None:
    """A valid floating-point number of HTML, else None."""
    if not NUMBER.fullmatch(text.strip()):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def numbers(attributes: dict[str, str], value: str, kind: str) -> Numbers:
    """What ``min``, ``max``, ``step`` and the default value demand of a number (``kind``: number or range)."""
    low, high = number(attributes.get("min", "")), number(attributes.get("max", ""))
    if kind == "range":
        low = low if low is not None else Decimal(0)
        high = high if high is not None else Decimal(100)
        high = max(low, high)
    given = attributes.get("step", "").strip().lower()
    step: Decimal | None = Decimal(1)
    if given == "any":
        step = None
    else:
        parsed = number(given)
        if parsed is not None and parsed > 0:
            step = parsed
    base = low if low is not None and ("min" in attributes) else number(value)
    return Numbers(low, high, step, base if base is not None else Decimal(0))


def steps_within(n: Numbers) -> tuple[list[int | float], bool]:
    """Values on the steps within the bounds, and whether these are all."""
    assert n.step is not None
    low = n.low if n.low is not None else (n.base if n.high is None else min(n.base, n.high - n.step * ENOUGH))
    first = n.base + ((low - n.base) / n.step).to_integral_value("ROUND_CEILING") * n.step
    last = n.high if n.high is not None else first + n.step * (ENOUGH - 1)
    total = int((last - first) // n.step) + 1 if last >= first else 0
    count = min(total, ENOUGH)
    stride = max(1, total // ENOUGH)
    whole = total <= ENOUGH and n.low is not None and n.high is not None
    return [plain_number(first + n.step * (i * stride)) for i in range(count)], whole


def plain_number(value: Decimal) -> int | float:
    """A decimal as JSON writes it."""
    return int(value) if value == value.to_integral_value() else float(value)
