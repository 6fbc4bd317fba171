"""Moments of a row in the order of life: created, started, ordered, shipped, delivered, closed, deleted.

    $time.0 (drawn before the clock) ─ + gap ─► $time.1 ─ + gap ─► …   (microseconds, hidden)

Each column reads its own hidden moment, so a null in one does not empty the next. Bounds are passed along the
chain first (a later high cuts the earlier ones), so that keeping inside them never turns the order round.
Things in the past never reach beyond the clock; deadlines and expiries may.
"""

from __future__ import annotations

import math

from understudy.errors import RequestError
from understudy.model.expression import Call, Case, Column, Const, Lookup, Node, Quantile, Uniform, When
from understudy.semantics import finite, lifespan, moments, numbers, rhythm
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import PREPARERS, Made, label, listed, maker, number
from understudy.semantics.moments import DAY, SECOND
from understudy.semantics.nouns import SemanticType, Want
from understudy.types import Kind

HISTORY_YEARS = 3
"""How far back things began: long enough for seasons, short enough to look alive."""
AHEAD_DAYS = 730
"""How far ahead expiries may lie."""


class _Step:
    """One column of the chain."""

    def __init__(self, want: Want, t: SemanticType, low: int, high: int) -> None:
        self.want, self.type, self.low, self.high = want, t, low, high
        self.words: frozenset[str] = frozenset()
        self.about: frozenset[str] = frozenset()


def prepare(loom: Loom) -> None:
    """Builds the chains: one of dates and timestamps, one of times of day."""
    found = []
    for name, meaning in loom.meanings.items():
        t = semantic_type(meaning)
        if t is not None and t.maker == "moment" and "rank" in t.options and finite.allowed(loom.wants[name]) is None:
            found.append((number(t, "rank", 0), loom.wants[name], t))
    found.sort(key=lambda item: item[0])
    dated = [_step(loom, w, t) for _, w, t in found if w.field.type.kind is not Kind.TIME and not w.unique]
    hours = [_timed(loom, w, t) for _, w, t in found if w.field.type.kind is Kind.TIME and not w.unique]
    dated = [s for s in dated if s.low <= s.high]
    keyed = next((w for _, w, _ in found if w.unique and w.field.type.kind in (Kind.DATE, Kind.TIMESTAMP)), None)
    if keyed is None:
        _chain(loom, dated, "time")
    else:
        rank = next(r for r, w, _ in found if w is keyed)
        _chain(loom, [s for s in dated if number(s.type, "rank", 0) <= rank], "time")
        later = [s for s in dated if number(s.type, "rank", 0) > rank]
        for step in later:
            step.low = step.low if step.want.domain.low is not None else 0  # a key may reach further back than history
        _chain(loom, later, "time", _when(loom, keyed))
    _chain(loom, [s for s in hours if s.low <= s.high], "hour")
    if not (SHORT | STAYS) & set(loom.subject):
        lifespan.prepare(loom, [s.want for s in dated if f"moment of {s.want.field.name}" in loom.shared])


def _when(loom: Loom, want: Want) -> Column:
    """The moment of a column that a key has settled, in microseconds."""
    node: Node = Call("units", (Column(want.field.name),))
    if want.field.nullable:
        node = Call("coalesce", (node, Const(loom.clock // _unit(want))))
    return loom.hide(f"time.key.{want.field.name}", Call("*", (node, Const(_unit(want)))), reason="what its key says")


def _timed(loom: Loom, want: Want, t: SemanticType) -> _Step:
    step = _Step(want, t, *_day_bounds(want))
    step.words, step.about = frozenset(loom.tokens[want.field.name]), frozenset(loom.subject)
    return step


def _day_bounds(want: Want) -> tuple[int, int]:
    return moments.bounds(want, 6 * 3600 * SECOND, 23 * 3600 * SECOND)


def _unit(want: Want) -> int:
    """Microseconds of one unit of the column's whole-number representation."""
    match want.field.type.kind:
        case Kind.DATE:
            return DAY
        case Kind.INTEGER:
            return SECOND if not _millis(want) else 1000
        case _:
            return 1


def _millis(want: Want) -> bool:
    """Whether a whole-number time is in milliseconds: 64 bits wide and named so."""
    name = want.field.name.lower()
    return want.field.type.bits == 64 and (name.endswith(("_ms", "millis", "_millis", "ms")) or "milli" in name)


def _step(loom: Loom, want: Want, t: SemanticType) -> _Step:
    """The column with its bounds in microseconds: from history to the clock, or beyond it."""
    day = loom.clock // DAY * DAY
    words = frozenset(loom.tokens[want.field.name]) | ({"card"} if loom.subject[-1:] == ("card",) else set())
    reach = max(AHEAD_DAYS, 366 * _validity(words))
    ahead = reach * DAY if t.options.get("future") else -DAY
    low, high = day - round(number(t, "years", HISTORY_YEARS) * 365.25) * DAY, day + ahead
    unit, d = _unit(want), want.domain
    least = math.ceil(d.low) * unit if d.low is not None and want.field.type.kind is not Kind.TEXT else None
    most = math.floor(d.high) * unit if d.high is not None and want.field.type.kind is not Kind.TEXT else None
    if least is not None and least > low:
        low, high = least, max(high, least + 365 * DAY) if high <= least else high
    if most is not None and most < high:
        low, high = (
            (low if low < most else max(most - 365 * DAY, least if least is not None else most - 365 * DAY)),
            most,
        )
    step = _Step(want, t, low, high)
    step.words, step.about = words, frozenset(loom.subject)
    return step


def _chain(loom: Loom, steps: list[_Step], tag: str, before: Column | None = None) -> None:
    """Hidden columns, one per step, each not before the one ahead of it, the first not before ``before``."""
    for k in range(len(steps) - 2, -1, -1):
        apart = DAY if steps[k + 1].want.field.type.kind is Kind.DATE else 60 * SECOND
        steps[k].high = min(steps[k].high, max(steps[k + 1].high - apart, steps[k].low))
    for k in range(1, len(steps)):
        own = steps[k].low if steps[k].want.domain.low is not None else steps[k - 1].low
        steps[k].low = max(own, min(steps[k - 1].low, steps[k].high))
    earlier, born = "", before is not None
    for step in steps:
        if tag == "hour" and moments.default_time(step.want.field) is not None:
            node = _first(loom, step, tag)
        elif before is None:
            parents = _births(loom, step) if tag == "time" else []
            born = bool(parents)
            node = _after(loom, step, parents) if parents else _first(loom, step, tag)
        else:
            room = Call("greatest", (Call("-", (Const(step.high), before)), Const(0)))
            share = Uniform("share", Const(150), Const(1000))
            capped = Call(
                "*", (Call("/", (Call("*", (Call("/", (room, Const(SECOND))), share)), Const(1000))), Const(SECOND))
            )
            gap = _gap(step, tag, step.type.name == earlier)
            whole = isinstance(gap, Const) or (
                tag == "hour" and bool({"closing", "close", "closes", "closed"} & step.words)
            )
            node = Call("+", (before, gap if whole else Call("least", (gap, capped))))
            node = Call("least", (Call("greatest", (node, Const(step.low))), Const(step.high)))
            if born:
                apart = 0 if step.want.field.type.kind is Kind.DATE else 60 * SECOND
                later = Call("+", (before, Const(apart))) if apart else before
                node = Call("greatest", (node, later))  # parents may have begun later than the row's own bounds
            if (wish := rhythm.asked(step.want.field)) != rhythm.Rhythm() and tag == "time":
                if wish.growth is not None:
                    told = "spread: growth is that of the row's first moment; ask for it there"
                    raise RequestError(told, where=step.want.field.name)
                node = rhythm.moved(loom, "asked", node, before, step.high, wish)
        key = f"{tag}.{step.want.field.name}"
        earlier = step.type.name
        before = loom.hide(key, node, reason="when it happened, after what comes before it")
        loom.shared[f"moment of {step.want.field.name}"] = before


def _first(loom: Loom, step: _Step, tag: str) -> Node:
    if tag == "hour":
        if (about := moments.default_time(step.want.field)) is not None:
            low, high = max(step.low, about - 2 * 3600 * SECOND), min(step.high, about + 2 * 3600 * SECOND)
            quarters = (max(low, 0) // (900 * SECOND), max(high, low, 0) // (900 * SECOND))
            return Call("*", (numbers.bell("v", *quarters), Const(900 * SECOND)))
        if {"opening", "open", "opens"} & step.words:
            early = max(step.low // (900 * SECOND), 28)
            return Call("*", (numbers.law("v", early, early + 14, early + 6, 0.4), Const(900 * SECOND)))
        minutes = numbers.law("v", 0, max(1, (step.high - step.low) // (900 * SECOND) * 2 // 3), 16, 0.8)
        return Call("+", (Call("*", (minutes, Const(900 * SECOND))), Const(step.low)))
    low, high = step.low, step.high - min((step.high - step.low) // 20, 5 * DAY)
    if high - low < 4 * DAY:
        return Call(
            "*", (Uniform("v", Const(-(-low // SECOND)), Const(max(-(-low // SECOND), high // SECOND))), Const(SECOND))
        )
    kept = rhythm.of(step.want.field, step.about)
    day = rhythm.day(loom, "day", -(-low // DAY), high // DAY - 1, kept)
    return Call("+", (Call("*", (day, Const(DAY))), rhythm.clock("time", kept)))


BIRTH = 45
"""Up to this rank a moment is the beginning of a thing (created, hired, ordered, paid, …)."""
LATER = (0, 400, 900, 1500, 2100, 2700, 3300, 3900, 4500, 5150, 5800, 6450, 7100, 7800, 8500, 9250, 10000)
"""Quantiles, in ten-thousandths of the time there is, of when children begin: soon more often than late."""


def _births(loom: Loom, step: _Step) -> list[Node]:
    """The moments (microseconds) at which the row's parents began; those that may lack one count as long ago."""
    found: list[Node] = []
    if step.type.name in ("hired_at", "joined_at"):
        found += [_grown(loom, n, step) for n in loom.named("birth_date") if loom.field(n).type.kind is Kind.DATE][:1]
    for up in loom.ups:
        born = [
            (rank, f)
            for f in up.entity.fields
            if f.name in up.columns
            and f.type.kind in (Kind.DATE, Kind.TIMESTAMP)
            and (rank := _begun(up.meanings.get(f.name, ""))) is not None
            and rank <= BIRTH
        ]
        if not born:
            continue
        field = min(born, key=lambda item: item[0])[1]
        node: Node = Lookup(up.link, field.name)
        node = Call("units", (node,))
        if field.type.kind is Kind.DATE:
            node = Call("*", (node, Const(DAY)))
        if step.want.field.type.kind is Kind.DATE and field.type.kind is Kind.TIMESTAMP:
            node = Call("+", (node, Const(DAY)))  # a day's midnight is not before its hours
        found.append(node if up.required and not field.nullable else Call("coalesce", (node, Const(step.low))))
    return found


GROWN = 18 * 365 + 5
"""Days from birth until somebody may be hired."""
YOUNG = frozenset({"student", "pupil", "child", "kid", "schoolchild"})
"""Tables of people who are not grown up, or hardly."""
YOUNGEST_YEARS, SCHOOL = (6, 24), 5 * 365 + 182
"""How old students are; days from birth until somebody may come to school."""


def _pupil(loom: Loom, want: Want, use: str, today: int) -> Node | None:
    """A birth date that goes with the grade (1 to 13) of a pupil's row: six years old in the first."""
    if not YOUNG.intersection(loom.subject) or want.domain.low is not None or want.domain.high is not None:
        return None
    grade = next((n for n, w in loom.tokens.items() if w in (("grade", "level"), ("grade",)) and n in loom.wants), None)
    if grade is None or loom.wants[grade].field.type.kind is not Kind.INTEGER:
        return None
    years = Call("least", (Call("greatest", (Call("coalesce", (Column(grade), Const(6))), Const(0))), Const(13)))
    age = Call("+", (Call("*", (Call("+", (years, Const(5))), Const(365))), Uniform(use, Const(60), Const(420))))
    return Call("-", (Const(today), age))


def _grown(loom: Loom, born: str, step: _Step) -> Node:
    grown = SCHOOL if YOUNG.intersection(loom.subject) else GROWN
    node = Call("*", (Call("+", (Call("units", (Column(born),)), Const(grown))), Const(DAY)))
    return Call("coalesce", (node, Const(step.low))) if loom.field(born).nullable else node


def _begun(meaning: str) -> float | None:
    """The rank of a moment as the beginning of a parent; what was founded or put into service began first."""
    return 0.0 if meaning in ("in_service_date", "founded_date") else _rank(meaning)


def _rank(meaning: str) -> float | None:
    t = semantic_type(meaning)
    return number(t, "rank", 0) if t is not None and t.maker == "moment" and "rank" in t.options else None


def _after(loom: Loom, step: _Step, parents: list[Node]) -> Node:
    """Some time after the last of the parents began, the sooner the likelier, at hours people keep."""
    base = Call("greatest", (*parents, Const(step.low)))
    since = loom.hide(f"time.parents.{step.want.field.name}", base, reason="when the row's parents began")
    last = max(step.high // DAY - 1, 0)
    first = Call("+", (Call("/", (since, Const(DAY))), Const(1)))
    kept = rhythm.of(step.want.field, step.about)
    reach = last - rhythm.AHEAD if rhythm.has_days(kept) else last
    room = Call("greatest", (Call("-", (Const(reach), first)), Const(0)))
    day: Node = Call("+", (first, Call("/", (Call("*", (room, Quantile("day", LATER))), Const(10_000)))))
    if rhythm.asked(step.want.field).growth is not None:
        raise RequestError("spread: growth follows from when its parents began", where=step.want.field.name)
    day = rhythm.weekday(loom, "day", day, kept)
    node = Call("+", (Call("*", (day, Const(DAY))), rhythm.clock("time", kept)))
    later = Call("greatest", (Call("least", (node, Const(step.high))), since))
    if step.want.domain.high is None:
        return later
    own = loom.hide(
        f"time.own.{step.want.field.name}", _first(loom, step, "time"), reason="where its parents began too late"
    )
    return Case((When(Call(">", (since, Const(step.high))), own),), later)


def _gap(step: _Step, tag: str, same: bool) -> Node:
    """How long after the step before: the type's median in hours (TIME: quarters of an hour), less than an hour
    after a step of the ``same`` kind (planned and actual)."""
    if tag == "hour":
        closing = bool({"closing", "close", "closes", "closed"} & step.words)
        if closing:
            return Call("*", (numbers.law("gap", 28, 44, 38, 0.3), Const(900 * SECOND)))
        return Call("*", (numbers.law("gap", 1, 24, 4, 0.7), Const(900 * SECOND)))
    words = step.words
    if step.type.name == "expires_at" and (years := _validity(words)):
        return Const(years * 365 * DAY + years // 4 * DAY)
    hours, most = (0.3, 3.0) if same else (number(step.type, "hours", 48), number(step.type, "most", 0))
    if step.type.name in ("ended_at", "completed_at") and step.want.field.type.kind is Kind.DATE:
        hours, most = (72, 24 * 21) if STAYS & step.about else (hours, most)
        hours, most = (24 * 75, 24 * 400) if LASTING & step.about else (hours, most)
    elif step.type.name in ("ended_at", "completed_at") and SHORT & step.about:
        hours, most = 0.75, 3.0
    least = 86_400 if step.want.field.type.kind is Kind.DATE and number(step.type, "rank", 0) > 15 else 60
    median = max(round(hours * 3600), least + 60)
    top = min(median * 40, round(most * 3600)) if most else median * 40
    return Call("*", (numbers.law("gap", least, max(top, median + 60), median, 1.2), Const(SECOND)))


SHORT = frozenset(
    {
        "appointment",
        "meeting",
        "session",
        "lesson",
        "class",
        "shift",
        "visit",
        "call",
        "event",
        "slot",
        "booking",
        "reservation",
        "interview",
        "exam",
    }
)
"""Things that take an hour or so, where times of day are kept."""
STAYS = frozenset({"reservation", "booking", "stay", "rental", "hire", "visit", "trip", "leave", "absence"})
"""Things that take a few days."""
LASTING = frozenset(
    {"course", "exhibition", "project", "campaign", "semester", "season", "contract", "lease", "programme", "program"}
    | {"class", "tender", "assignment", "engagement", "internship", "residency", "tenancy"}
)
"""Things that take weeks or months."""
VALIDITY = {
    "passport": 10,
    "visa": 1,
    "license": 10,
    "licence": 10,
    "card": 4,
    "certificate": 3,
    "id": 10,
    "document": 5,
    "domain": 1,
    "warranty": 2,
}


def _validity(words: frozenset[str]) -> int:
    """Years for which a document is issued, 0 where it is none."""
    return next((years for word, years in VALIDITY.items() if word in words), 0)


@maker("moment")
def make_moment(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The row's moment of that kind, in the column's own form: date, timestamp, seconds since 1970, text."""
    kind = want.field.type.kind
    moment = loom.shared.get(f"moment of {want.field.name}") if use == "v" else None
    nulls = t.nulls
    null_when = _absent(loom, want, t)
    if moment is None:
        return _free(loom, want, t, use)
    node: Node
    match kind:
        case Kind.DATE:
            node = Call("/", (moment, Const(DAY)))
        case Kind.TIMESTAMP | Kind.TIME:
            node = moment
        case Kind.INTEGER:
            node = Call("/", (moment, Const(_unit(want))))
            high = want.field.type.integer_bounds[1]
            if high < loom.clock // _unit(want) + AHEAD_DAYS * 86_400:
                return None
        case _:
            return _written(loom, want, t, moment)
    return Made(node, f"{label(t)}, in order with the row's other times", None, nulls, null_when)


def _written(loom: Loom, want: Want, t: SemanticType, moment: Node) -> Made | None:
    """A moment as text, by the length there is."""
    low, high = limits(want)
    named = want.field.name.lower().endswith(("date", "_on", "day"))
    day_only = want.domain.content == "date" or (named and want.domain.content != "timestamp") or high < 19
    pattern = "%Y-%m-%d" if day_only else "%Y-%m-%d %H:%M:%S"
    node = moments.as_text(moment, pattern)
    return Made(node, f"{label(t)}, as text") if loom.fits(want, node) and low <= 10 else None


def _free(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A moment outside the chain: births, or times that stand alone."""
    kind = want.field.type.kind
    oldest, youngest = number(t, "years_ago", HISTORY_YEARS), number(t, "years_least", 0)
    today = loom.clock // DAY
    ahead = AHEAD_DAYS if t.options.get("future") else 0
    first, last = today - round(oldest * 365.25), today - round(youngest * 365.25) + ahead - 1
    if kind is Kind.TIME or kind is Kind.TIMESTAMP or kind is Kind.YEAR:
        return Made(
            moments.stamp(want, use, first, last), label(t), moments.coded(want, loom.clock, loom.rows), t.nulls
        )
    if kind is Kind.DATE and t.name == "birth_date" and (pupil := _pupil(loom, want, use, today)) is not None:
        return Made(pupil, f"{label(t)} of somebody of that grade", moments.coded(want, loom.clock, loom.rows), t.nulls)
    if t.name == "birth_date" and YOUNG.intersection(loom.subject):
        first = max(first, today - round(YOUNGEST_YEARS[1] * 365.25))
        last = today - round(YOUNGEST_YEARS[0] * 365.25)
    if kind is Kind.DATE:
        low, high = moments.bounds(want, first, last)
        node = numbers.bell(use, low, high) if "years_least" in t.options else moments.recent(use, low, high)
        return Made(node, label(t), moments.coded(want, loom.clock, loom.rows), t.nulls)
    if kind is Kind.TEXT:
        day = numbers.bell(use, first, last) if last > first else Const(first)
        return _written(loom, want, t, Call("*", (day, Const(DAY))))
    return None


def _absent(loom: Loom, want: Want, t: SemanticType) -> Node | None:
    """Rows whose status says that this has not happened (``unless``: statuses in which it has)."""
    unless = listed(t, "unless")
    if not unless or not want.field.nullable:
        return None
    for name, words in loom.tokens.items():
        if words[-1] in ("status", "state") and name != want.field.name:
            labels = [str(v) for v in finite.allowed(loom.wants[name]) or () if isinstance(v, str)]
            done = [v for v in labels if v.lower().replace("_", " ") in unless]
            if done and len(done) < len(labels):
                others = tuple(Const(v) for v in labels if v not in done)
                return Call("in", (Column(name), *others))
    return None


PREPARERS.append(prepare)
