"""Functions of dates, times and timestamps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import calendar, forms, native, tables
from understudy.kernels.casts import convert
from understudy.kernels.forms import WHOLE, Sort
from understudy.kernels.program import Program, lift
from understudy.kernels.spelling import beside
from understudy.kernels.vector import Vector, both, mask, spread
from understudy.kernels.words import from_matrix, plain, strings

if TYPE_CHECKING:
    from understudy.kernels.calls import Function
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def moment(p: Program) -> Program:
    """A date, time or timestamp; raw numbers are microseconds since 1970, texts ISO."""
    if p.form.sort in (Sort.DATE, Sort.TIME, Sort.TIMESTAMP, Sort.INTERVAL):
        return p
    if p.form.sort in WHOLE | {Sort.TEXT, Sort.NULL}:
        return convert(p, forms.TIMESTAMP)
    raise InternalError(f"{p.form.sort.value} is no date or time")


def days(p: Program) -> Program:
    """The day of a date or timestamp."""
    return convert(moment(p), forms.DATE)


def _part(read: Any) -> Function:
    return lambda _scope, args: lift(forms.INT, [days(args[0])], read)


def _clock(size: int, cycle: int) -> Function:
    def bind(_scope: Scope, args: list[Program]) -> Program:
        p = moment(args[0])
        us = convert(p, forms.TIMESTAMP) if p.form.sort is Sort.DATE else p
        return lift(forms.INT, [us], lambda d: d // size % cycle)

    return bind


def day_of_year(d: Any) -> Any:
    """1..366."""
    return d - calendar.days_of(calendar.civil(d).year, np.int64(1), 1) + 1


def epoch(_scope: Scope, args: list[Program]) -> Program:
    """Whole seconds since 1970."""
    p = moment(args[0])
    us = convert(p, forms.TIMESTAMP) if p.form.sort is Sort.DATE else p
    return lift(forms.INT, [us], lambda d: d // calendar.SECOND)


def date_trunc(_scope: Scope, args: list[Program]) -> Program:
    """Start of the unit."""
    unit = args[0].value if args[0].is_constant else None
    if not isinstance(unit, str) or calendar.truncate(unit.lower(), np.zeros(1, np.int64)) is None:
        raise InternalError(f"date_trunc knows no unit {unit!r}")
    us = convert(moment(args[1]), forms.TIMESTAMP)
    return lift(forms.TIMESTAMP, [us], lambda d: calendar.truncate(unit.lower(), d))


def add_months(_scope: Scope, args: list[Program]) -> Program:
    """The moment so many months later; the time of day stays."""
    p, n = moment(args[0]), convert(args[1], forms.INT)
    if p.form.sort is Sort.DATE:
        return lift(forms.DATE, [p, n], calendar.add_months)

    def shifted(us: Any, months: Any) -> Any:
        day = us // calendar.DAY
        return us + (calendar.add_months(day, months) - day) * calendar.DAY

    return lift(forms.TIMESTAMP, [p, n], shifted)


# ---- format_time -------------------------------------------------------------------------------
def format_time(_scope: Scope, args: list[Program]) -> Program:
    """Dates, times and timestamps by a strftime pattern, in English."""
    pattern = args[1].value if args[1].is_constant else None
    if not isinstance(pattern, str):
        raise InternalError("format_time needs a constant pattern")
    p = moment(args[0])
    us = convert(p, forms.TIMESTAMP) if p.form.sort is Sort.DATE else p
    pieces = _pieces(pattern)

    def run(frame: Frame) -> Vector:
        v = us.run(frame)
        known = mask(v.valid, frame.n)
        data = spread(v.data, frame.n)
        if known is not None:
            data = np.where(known, data, 0)
        return Vector(plain(_formatted(pieces, data)), both(v.valid, None))

    return Program(forms.TEXT, run)


_NUMERIC = {
    "Y": 4,
    "m": 2,
    "d": 2,
    "H": 2,
    "M": 2,
    "S": 2,
    "f": 6,
    "y": 2,
    "j": 3,
    "I": 2,
    "G": 4,
    "V": 2,
    "u": 1,
    "w": 1,
}
_NAMES = {"B": MONTHS, "b": tuple(m[:3] for m in MONTHS), "A": DAYS, "a": tuple(d[:3] for d in DAYS), "p": ("AM", "PM")}
_LONG = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}


def _pieces(pattern: str) -> list[tuple[str, str]]:
    """(directive, "") and ("", text) in order; InternalError for directives that are not known."""
    for short, long in _LONG.items():
        pattern = pattern.replace(f"%{short}", long)
    out: list[tuple[str, str]] = []
    chars = iter(pattern)
    for c in chars:
        if c != "%":
            out.append(("", c))
            continue
        d = next(chars, "")
        if d == "-":
            d += next(chars, "")
        if d == "%":
            out.append(("", "%"))
        elif d in _NUMERIC or d in _NAMES or d == "e" or (d[:1] == "-" and d[1:] in _NUMERIC):
            out.append((d, ""))
        else:
            raise InternalError(f"format_time knows no directive %{d}")
    return out


def _formatted(pieces: list[tuple[str, str]], us: Any) -> pa.Array:
    """Runs of text and of digits of one length go into one matrix."""
    if all(not d or d in _NUMERIC for d, _ in pieces):
        return _matrix(pieces, us)
    parts: list[Any] = []
    run: list[tuple[str, str]] = []
    for piece in [*pieces, None]:
        if piece is not None and (not piece[0] or piece[0] in _NUMERIC):
            run.append(piece)
            continue
        if run:
            parts.append(_matrix(run, us))
            run = []
        if piece is not None:
            parts.append(_named(piece[0], us))
    return beside(parts)


def _matrix(pieces: list[tuple[str, str]], us: Any) -> pa.Array:
    raw = [t.encode() for _, t in pieces]
    width = sum(_NUMERIC[d] if d else len(t) for (d, _), t in zip(pieces, raw, strict=True))
    out, at = np.empty((us.size, width), np.uint8), 0
    for (directive, _), text in zip(pieces, raw, strict=True):
        size = _NUMERIC[directive] if directive else len(text)
        if directive:
            tables.write(_number(directive, us) % 10**size, "0123456789", out[:, at : at + size])
        else:
            out[:, at : at + size] = np.frombuffer(text, np.uint8)
        at += size
    return from_matrix(out)


def _named(directive: str, us: Any) -> pa.Array:
    if directive in _NAMES:
        return native.take(strings(_NAMES[directive]), _index(directive, us))
    number = native.cast(native.numbers(_number(directive.lstrip("-").replace("e", "d"), us)), pa.string())
    if directive != "e":
        return number
    return native.call("utf8_lpad", number, options="PadOptions", width=2, padding=" ")


def _index(directive: str, us: Any) -> Any:
    day = us // calendar.DAY
    match directive:
        case "B" | "b":
            return calendar.civil(day).month - 1
        case "A" | "a":
            return (day + 4) % 7
        case _:
            return (us // calendar.HOUR % 24 >= 12).astype(np.int64)


def _number(directive: str, us: Any) -> Any:
    day = us // calendar.DAY
    match directive:
        case "Y" | "y":
            year = calendar.civil(day).year
            return year if directive == "Y" else year % 100
        case "m":
            return calendar.civil(day).month
        case "d":
            return calendar.civil(day).day
        case "H":
            return us // calendar.HOUR % 24
        case "I":
            return (us // calendar.HOUR + 11) % 12 + 1
        case "M":
            return us // calendar.MINUTE % 60
        case "S":
            return us // calendar.SECOND % 60
        case "f":
            return us % calendar.SECOND
        case "j":
            return day_of_year(day)
        case "u":
            return (day + 3) % 7 + 1
        case "w":
            return (day + 4) % 7
    thursday = day - (day + 3) % 7 + 3
    if directive == "G":
        return calendar.civil(thursday).year
    return (day_of_year(thursday) - 1) // 7 + 1


FUNCTIONS: dict[str, Function] = {
    "year": _part(lambda d: calendar.civil(d).year),
    "month": _part(lambda d: calendar.civil(d).month),
    "day": _part(lambda d: calendar.civil(d).day),
    "day_of_week": _part(lambda d: (d + 4) % 7),
    "day_of_year": _part(day_of_year),
    "hour": _clock(calendar.HOUR, 24),
    "minute": _clock(calendar.MINUTE, 60),
    "second": _clock(calendar.SECOND, 60),
    "epoch": epoch,
    "to_date": lambda _scope, args: days(args[0]),
    "to_timestamp": lambda _scope, args: convert(
        convert(args[0], forms.DATE) if args[0].form.sort in WHOLE else moment(args[0]), forms.TIMESTAMP
    ),
    "to_time": lambda _scope, args: convert(moment(args[0]), forms.TIME),
    "date_trunc": date_trunc,
    "add_months": add_months,
    "format_time": format_time,
}
