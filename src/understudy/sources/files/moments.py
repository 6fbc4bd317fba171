"""Dates, times and timestamps of many forms; whether the day or the month comes first is settled over the column.

A form is a regular expression and the strptime pattern that reads it; DuckDB does the reading.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import msgspec

from understudy.sources.files.reading import Reading, literal
from understudy.types import Kind, Type

CLOCK = (
    r"(?P<glue>T|,? )(?P<H>\d{1,2}):(?P<M>\d{2})(?P<S>:\d{2})?(?P<f>[.,]\d{1,9})?(?P<p> ?[AaPp]\.?[Mm]\.?)?"
    r"(?P<z> ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?"
)
WEEKDAY = r"(?P<w>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?"
MONTH = r"(?P<b>[A-Z][a-z]{2,8}|[a-z]{3,9}|[A-Z]{3,9})\.?"
DAYS = (
    ("ymd", re.compile(rf"(?P<a>\d{{4}})(?P<s>[-/.])(?P<c>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?:{CLOCK})?")),
    ("xxy", re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<c>\d{{1,2}})(?P=s)(?P<d>\d{{4}}|\d{{2}})(?:{CLOCK})?")),
    ("dby", re.compile(rf"{WEEKDAY}(?P<a>\d{{1,2}})(?P<s>[- ]){MONTH}(?P<t>[- ])(?P<d>\d{{4}}|\d{{2}})(?:{CLOCK})?")),
    ("bdy", re.compile(rf"{WEEKDAY}{MONTH} (?P<a>\d{{1,2}})(?P<o>,?) (?P<d>\d{{4}})(?:{CLOCK})?")),
    ("ybd", re.compile(rf"(?P<a>\d{{4}})(?P<s>[- ]){MONTH}(?P<t>[- ])(?P<d>\d{{1,2}})(?:{CLOCK})?")),
)
COMPACT = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
COMPACT_CLOCK = re.compile(COMPACT.pattern + r"T?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?")
TWELVE = re.compile(r"(?:0?[1-9]|1[0-2]):[0-5]\d(?::[0-5]\d)? ?[AaPp][Mm]")
TWELVE_FORMS = "['%I:%M %p', '%I:%M:%S %p', '%I:%M%p', '%I:%M:%S%p', '%H:%M', '%H:%M:%S']"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
HEAD = 60
"""Values of which one must be a moment before all are tried."""
FEWEST_COMPACT = 8
"""Eight digits are taken for dates only where so many different ones all are."""
RARE = 0.01


class Form(msgspec.Struct, frozen=True):
    """``pattern``: of strptime. ``order``: dmy, mdy, ymd; "" where day and month are still open. ``clock``, ``zoned``:
    what it holds. ``day_first``, ``month_first``: how many values say so (a part above 12)."""

    pattern: str
    clock: bool = False
    zoned: bool = False
    open: bool = False
    seconds: bool = False


def temporal(values: Sequence[str], weights: Sequence[int], *, day_first: bool | None, least: float) -> Reading | None:
    """The reading as dates, times or timestamps of texts of which a share of at least ``least`` are such; None if
    there is none. ``day_first``: what other columns of the file say, None where they say nothing."""
    total = sum(weights)
    shown = _shown(values)
    head = values[:: max(1, len(values) // HEAD)]
    if not any(TIME.fullmatch(v) or TWELVE.fullmatch(v) or COMPACT.match(v) or _form(v) for v in head):
        return None
    clock = sum(w for v, w in zip(values, weights, strict=True) if TIME.fullmatch(v) or TWELVE.fullmatch(v))
    if clock >= least * total:
        return _times(values)
    compact = _compact(values, weights, least)
    if compact is not None:
        return compact
    forms: Counter[Form] = Counter()
    firsts, seconds = 0, 0
    for value, weight in zip(values, weights, strict=True):
        found = _form(value)
        if found is not None:
            form, first, second = found
            forms[form] += weight
            if form.open:
                firsts, seconds = firsts + (first > 12) * weight, seconds + (second > 12) * weight
    if sum(forms.values()) < least * total:
        return None
    return _settled(forms, firsts, seconds, day_first, shown)


def _shown(values: Sequence[str]) -> str:
    return next(iter(values), "")


def _form(value: str) -> tuple[Form, int, int] | None:
    """How a value is written, and the two numbers of which one is the day and one the month."""
    for order, pattern in DAYS:
        found = pattern.fullmatch(value)
        if found is None:
            continue
        clock, zoned, with_clock = _clock(found)
        year = "%Y" if len(found["a"] if order[0] == "y" else found["d"]) == 4 else "%y"
        match order:
            case "ymd":
                if not (1 <= int(found["c"]) <= 12 and 1 <= int(found["d"]) <= 31):
                    return None
                return Form(f"%Y{found['s']}%m{found['s']}%d{clock}", with_clock, zoned), 0, 0
            case "xxy":
                first, second, s = int(found["a"]), int(found["c"]), found["s"]
                if not (1 <= min(first, second) <= 12 and max(first, second) <= 31):
                    return None
                return Form(f"<1>{s}<2>{s}{year}{clock}", with_clock, zoned, open=True), first, second
        if found["b"].lower()[:3] not in MONTHS:
            return None
        month = "%b" if len(found["b"]) == 3 else "%B"
        dot = "." if f"{found['b']}." in value else ""
        day = (
            "%a, "
            if "w" in found.groupdict() and found["w"] and "," in found["w"]
            else "%a "
            if ("w" in found.groupdict() and found["w"])
            else ""
        )
        if day and found["w"] and len(found["w"].strip(", ")) > 3:
            day = day.replace("%a", "%A")
        match order:
            case "dby":
                return Form(f"{day}%d{found['s']}{month}{dot}{found['t']}{year}{clock}", with_clock, zoned), 0, 0
            case "bdy":
                return Form(f"{day}{month}{dot} %d{found['o']} %Y{clock}", with_clock, zoned), 0, 0
            case _:
                return Form(f"%Y{found['s']}{month}{dot}{found['t']}%d{clock}", with_clock, zoned), 0, 0
    return None


def _clock(found: re.Match[str]) -> tuple[str, bool, bool]:
    """The strptime pattern of the time of day, whether it has a zone, whether there is one."""
    if found["H"] is None:
        return "", False, False
    half = found["p"]
    said = found["glue"] + ("%I" if half else "%H") + ":%M"
    said += ":%S" if found["S"] else ""
    said += f"{found['f'][0]}%f" if found["f"] else ""
    if half:
        said += " %p" if half.startswith(" ") else "%p"
    zone = found["z"]
    if zone:
        gap = " " if zone.startswith(" ") else ""
        word = zone.strip()
        said += gap + (word if word in ("UTC", "GMT", "Z") else "%z")
    return said, bool(zone), True


def _settled(forms: Counter[Form], firsts: int, seconds: int, day_first: bool | None, shown: str) -> Reading:
    """All forms as one reading; the day comes first where some first part is above 12, or where the file says so."""
    total = sum(forms.values())
    opened = any(f.open for f in forms)
    doubt = ""
    first = firsts > seconds
    if opened and firsts == seconds:
        separator = next((f.pattern[3] for f in forms if f.open), "/")
        first = day_first if day_first is not None else separator in ".-"
        if day_first is None:
            doubt = f"day and month cannot be told apart ({shown}): read as {'day' if first else 'month'} first"
    elif opened and min(firsts, seconds) > 0:
        doubt = f"{min(firsts, seconds)} values have day and month the other way round"
    patterns = []
    for form, _ in forms.most_common():
        one, two = ("%d", "%m") if first else ("%m", "%d")
        patterns.append(form.pattern.replace("<1>", one).replace("<2>", two))
    clocked = sum(n for f, n in forms.items() if f.clock)
    zoned = sum(n for f, n in forms.items() if f.zoned)
    patterns = list(dict.fromkeys(patterns))[:12]
    listed = ", ".join(literal(p) for p in patterns)
    fraction = any("%f" in p for p in patterns)
    kind = (
        Type(Kind.DATE)
        if not clocked
        else Type(Kind.TIMESTAMP, precision=6 if fraction else 0, zoned=zoned > 0.5 * total)
    )
    target = "DATE" if not clocked else "TIMESTAMPTZ" if kind.zoned else "TIMESTAMP"
    style = " or ".join(p.replace("%", "") for p in patterns[:3])
    iso = all(re.fullmatch(r"%Y-%m-%d(?:[T ]%H:%M(?::%S)?(?:\.%f)?(?:Z|%z)?)?", p) for p in patterns)
    cast = f"TRY_CAST({{}} AS {target})" if iso else f"CAST(try_strptime({{}}, [{listed}]) AS {target})"
    guard = r"\d{4}-\d{1,2}-\d{1,2}.*" if iso else r".*\d.*"
    return Reading(kind, "" if iso else style, guard, (), cast, doubt=doubt)


def _times(values: Sequence[str]) -> Reading:
    if any(TWELVE.fullmatch(v) for v in values):
        return Reading(
            Type(Kind.TIME, precision=0),
            "twelve-hour clock",
            TWELVE.pattern + "|" + TIME.pattern,
            (),
            f"CAST(try_strptime(upper({{}}), {TWELVE_FORMS}) AS TIME)",
        )
    fine = any("." in v for v in values)
    return Reading(Type(Kind.TIME, precision=6 if fine else 0), "", TIME.pattern, (), "TRY_CAST({} AS TIME)")


def _compact(values: Sequence[str], weights: Sequence[int], least: float) -> Reading | None:
    """``20240131``: only where there are many different ones and all of them are dates."""
    if len(values) < FEWEST_COMPACT:
        return None
    total = sum(weights)
    for pattern, forms, kind, target in (
        (COMPACT, "['%Y%m%d']", Type(Kind.DATE), "DATE"),
        (
            COMPACT_CLOCK,
            "['%Y%m%d%H%M%S', '%Y%m%dT%H%M%S', '%Y%m%d%H%M']",
            Type(Kind.TIMESTAMP, precision=0),
            "TIMESTAMP",
        ),
    ):
        hits = sum(w for v, w in zip(values, weights, strict=True) if pattern.fullmatch(v))
        if hits >= max(least, 0.999) * total:
            cast = f"CAST(try_strptime({{}}, {forms}) AS {target})"
            return Reading(kind, "YYYYMMDD" if target == "DATE" else "YYYYMMDDhhmmss", r"[\dT]+", (), cast)
    return None
