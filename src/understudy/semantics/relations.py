"""Numbers and flags of a row that follow from its other columns: age from birth date, days between two dates, a body
mass index.

The other columns are read as they are delivered, so what is empty there is empty here.
"""

from __future__ import annotations

import msgspec

from understudy.model.expression import Call, Case, Column, Const, Node, When
from understudy.semantics import finance, moments, numbers
from understudy.semantics.loom import Loom
from understudy.semantics.making import Made
from understudy.semantics.moments import DAY, SECOND
from understudy.semantics.nouns import Want
from understudy.types import Kind

UNITS = {
    "second": SECOND,
    "minute": 60 * SECOND,
    "hour": 3600 * SECOND,
    "day": DAY,
    "night": DAY,
    "millisecond": 1000,
    "ms": 1000,
    "week": 7 * DAY,
}
SPANS = frozenset(
    {
        "duration",
        "length",
        "stay",
        "elapsed",
        "time",
        "delay",
        "delayed",
        "late",
        "nights",
        "days",
        "minutes",
        "hours",
        "seconds",
        "total",
    }
)
PAIRS = (
    ("scheduled_start", "scheduled_end"), ("start", "end"), ("started", "ended"), ("started", "completed"),
    ("started", "finished"), ("begin", "end"), ("admitted", "discharged"), ("admission", "discharge"),
    ("check_in", "check_out"), ("checkin", "checkout"), ("departure", "arrival"), ("departed", "arrived"),
    ("pickup", "dropoff"), ("rental", "return"), ("opened", "closed"), ("from", "to"),
    ("entered", "left"), ("actual_start", "actual_end"), ("login", "logout"),
)  # fmt: skip
TEMPORAL = (Kind.DATE, Kind.TIMESTAMP)
NUMERIC = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT)


def related(loom: Loom, want: Want, meaning: str) -> Made | None:
    """The column as it follows from others of the row; None where nothing tells it."""
    if want.unique or want.domain.values is not None or want.field.name not in loom.tokens or want.field.spread:
        return None
    if want.field.type.kind is Kind.BOOLEAN:
        return _abnormal(loom, want)
    if want.field.type.kind is Kind.DATE:
        return finance.ends(loom, want)
    if want.field.type.kind not in (*NUMERIC, Kind.YEAR):
        return None
    for step in (_age, _year, _span, _mass_index):
        made = step(loom, want, meaning)
        made = msgspec.structs.replace(made, nulls=0.0) if made is not None else None
        if made is not None:
            low, high, named = numbers.bounds(want)
            return None if named and high - low < 10 else made
    return None


def _moment(loom: Loom, name: str) -> Node:
    """A moment in microseconds."""
    units = Call("units", (Column(name),))
    return Call("*", (units, Const(DAY))) if loom.field(name).type.kind is Kind.DATE else units


def _dated(loom: Loom) -> dict[str, tuple[str, ...]]:
    """Dates and times of the row with the words of their names."""
    return {
        n: w
        for n, w in loom.tokens.items()
        if (n in loom.wants or n in loom.given) and loom.field(n).type.kind in TEMPORAL
    }


def _filled(want: Want, node: Node, sources: list[bool], otherwise: Node) -> Node:
    return Call("coalesce", (node, otherwise)) if not want.field.nullable and any(sources) else node


# ---- ages and years --------------------------------------------------------------------------------
def _age(loom: Loom, want: Want, meaning: str) -> Made | None:
    if meaning != "age" or want.field.type.kind is not Kind.INTEGER:
        return None
    born = next((n for n in loom.named("birth_date") if loom.field(n).type.kind in TEMPORAL), None)
    if born is None:
        return None
    today = moments.civil(loom.clock)
    years = Call("-", (Const(today[0]), Call("year", (Column(born),))))
    day = Call("+", (Call("*", (Call("month", (Column(born),)), Const(100))), Call("day", (Column(born),))))
    node = Call("-", (years, Case((When(Call(">", (day, Const(today[1] * 100 + today[2]))), Const(1)),), Const(0))))
    return Made(_filled(want, node, [loom.field(born).nullable], Const(40)), f"how old somebody born on '{born}' is")


def _year(loom: Loom, want: Want, meaning: str) -> Made | None:
    words = loom.tokens[want.field.name]
    if words[-1] != "year" or want.field.type.kind not in (Kind.INTEGER, Kind.YEAR):
        return None
    head = words[:-1]
    dated = _dated(loom)
    about = [n for n, w in dated.items() if tuple(x for x in w if x not in ("date", "at", "on", "day", "time")) == head]
    if not about and not head and len(dated) == 1:
        about = list(dated)
    if not about:
        return None
    node = Call("year", (Column(about[0]),))
    return Made(
        _filled(want, node, [loom.field(about[0]).nullable], Const(moments.civil(loom.clock)[0] - 1)),
        f"the year of '{about[0]}'",
    )


# ---- spans of time ---------------------------------------------------------------------------------
def _span(loom: Loom, want: Want, meaning: str) -> Made | None:
    """The time between two moments of the row, in the unit that the name says."""
    words = loom.tokens[want.field.name]
    singulars = [w.removesuffix("s") if w not in ("ms",) else w for w in words]
    unit = next((UNITS[w] for w in singulars if w in UNITS), 0)
    if not SPANS & set(words) and meaning not in ("duration_seconds", "duration_minutes", "hours", "days"):
        return None
    if not unit and meaning in ("duration_seconds", "duration_minutes"):
        unit = SECOND if meaning == "duration_seconds" else 60 * SECOND
    if {
        "rate",
        "per",
        "price",
        "limit",
        "maximum",
        "minimum",
        "estimated",
        "planned",
        "payment",
        "term",
        "due",
        "rental",
    } & set(words):
        return None
    pair = _late(loom) if {"delay", "delayed", "late"} & set(words) else _ends(loom)
    if not unit or pair is None:
        return None
    begin, end = pair
    if unit < DAY and Kind.DATE in (loom.field(begin).type.kind, loom.field(end).type.kind):
        return None
    length: Node = Call("/", (Call("-", (_moment(loom, end), _moment(loom, begin))), Const(unit)))
    scale = numbers.scale_of(want.field.type)
    if want.field.type.kind is not Kind.INTEGER and scale:
        length = Call(
            "/",
            (
                Call(
                    "*",
                    (
                        Call("/", (Call("-", (_moment(loom, end), _moment(loom, begin))), Const(SECOND))),
                        Const(10**scale),
                    ),
                ),
                Const(unit // SECOND or 1),
            ),
        )
    low, high, _ = numbers.bounds(want)
    if low > 0 or high < 400 * 10**scale:
        length = Call("least", (Call("greatest", (length, Const(low))), Const(high)))
    absent = [loom.field(n).nullable for n in pair]
    return Made(numbers.as_float(want, _filled(want, length, absent, Const(max(low, 0)))), f"from '{begin}' to '{end}'")


def _ends(loom: Loom) -> tuple[str, str] | None:
    dated = {
        "_".join(w for w in words if w not in ("date", "at", "on", "time", "timestamp")): n
        for n, words in _dated(loom).items()
    }
    for begin, end in PAIRS:
        if begin in dated and end in dated:
            return dated[begin], dated[end]
    return None


def _late(loom: Loom) -> tuple[str, str] | None:
    """The planned and the actual moment of the same thing."""
    dated = _dated(loom)
    for planned, words in dated.items():
        if words[0] in ("scheduled", "planned", "expected", "due"):
            rest = words[1:]
            found = next((n for n, w in dated.items() if w[0] in ("actual", "real") and w[1:] == rest), None)
            if found is not None:
                return planned, found
    return None


# ---- bodies ----------------------------------------------------------------------------------------
def _mass_index(loom: Loom, want: Want, meaning: str) -> Made | None:
    if meaning != "bmi" or want.field.type.kind is Kind.INTEGER:
        return None
    weight = next((n for n, w in loom.tokens.items() if "weight" in w and ("kg" in w or "kilogram" in w)), None)
    height = next((n for n, w in loom.tokens.items() if "height" in w and ("cm" in w or "centimeter" in w)), None)
    if weight is None or height is None or weight not in loom.wants or height not in loom.wants:
        return None
    if loom.wants[height].field.type.kind is not Kind.INTEGER or loom.wants[weight].field.type.kind is Kind.TEXT:
        return None
    square = Call("*", (Column(height), Column(height)))
    node = Call(
        "round",
        (
            Call("/", (Call("*", (Column(weight), Const(10_000.0))), square)),
            Const(max(numbers.scale_of(want.field.type), 1)),
        ),
    )
    absent = [loom.wants[n].field.nullable for n in (weight, height)]
    return Made(_filled(want, node, absent, Const(24.0)), f"from '{weight}' and '{height}'")


def _abnormal(loom: Loom, want: Want) -> Made | None:
    """Whether a measured value lies outside its range of reference."""
    if not {"abnormal", "critical", "out", "flagged"} & set(loom.tokens[want.field.name]):
        return None
    names = {
        aspect: next((n for n, m in loom.meanings.items() if m == f"lab_{aspect}"), None)
        for aspect in ("value", "low", "high")
    }
    value, low, high = names["value"], names["low"], names["high"]
    if value is None or low is None or high is None:
        return None
    outside = Call("or", (Call("<", (Column(value), Column(low))), Call(">", (Column(value), Column(high)))))
    return Made(Call("coalesce", (outside, Const(False))), f"whether '{value}' lies outside '{low}' and '{high}'")
