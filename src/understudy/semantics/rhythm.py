"""When things happen: on which weekdays, at which hours, more of them every year.

    day by growth ─► moved inside its week by weights of weekdays ─► + time of day by weights of hours

Defaults follow what a table is about (an office keeps office days, a film is rented on a Friday evening); a person sets
them in the schema file: ``spread: {weekdays: office, hours: evening, growth: 1.4}``.
"""

from __future__ import annotations

import math
from functools import cache

import msgspec

from understudy.errors import RequestError
from understudy.model.expression import Call, Case, Const, Node, Quantile, Take, Uniform, When
from understudy.model.schema import Field
from understudy.semantics import moments
from understudy.semantics.finite import digest
from understudy.semantics.loom import Loom
from understudy.semantics.moments import DAY, SECOND
from understudy.types import Kind

WEEKDAYS: dict[str, tuple[float, ...]] = {
    "flat": (1, 1, 1, 1, 1, 1, 1),
    "office": (20, 21, 21, 20, 17, 0.6, 0.4),
    "usual": (15.5, 15.5, 15.5, 15.5, 16, 12, 10),
    "shop": (13, 13, 13.5, 14.5, 16.5, 17, 12.5),
    "weekend": (9, 9, 10, 12, 20, 24, 16),
}
"""Weights of Monday to Sunday."""
HOURS: dict[str, tuple[float, ...]] = {
    "flat": (1,) * 24,
    "office": (0, 0, 0, 0, 0, 0, 0.3, 2, 8, 12, 13, 12, 7, 10, 12, 12, 8, 3, 0.7, 0, 0, 0, 0, 0),
    "evening": (3, 1.5, 0.7, 0.3, 0.2, 0.3, 0.8, 1.5, 2, 2.5, 3, 3.5, 4, 4, 4, 4.5, 5.5, 7, 9, 11, 12, 11, 8, 5),
    "night": (10, 9, 8, 7, 5, 3, 1, 0.5, 0.3, 0.3, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5, 0.7, 1, 2, 4, 6, 8, 10, 11),
}
"""Weights of the hours 0 to 23; without a name, :data:`moments.HOURS`."""
ABOUT: dict[str, tuple[str, ...]] = {
    "office": (
        *("appointment", "invoice", "contract", "claim", "application", "shipment", "exam", "enrollment", "lesson"),
        *("class", "meeting", "employee", "hire", "loan", "payroll", "salary", "interview", "audit", "inspection"),
        *("purchase", "quote", "prescription"),
    ),
    "shop": ("order", "sale", "cart", "checkout", "item", "receipt"),
    "weekend": ("rental", "film", "show", "concert", "party", "match", "game", "festival"),
}
"""Weekdays by what a table is about; ``usual`` for any other."""
TIMES: dict[str, tuple[str, ...]] = {
    "office": ("appointment", "meeting", "interview", "exam", "lesson", "class", "inspection"),
    "evening": ("rental", "post", "comment", "review", "message", "like", "reaction", "playlist", "stream"),
}
"""Hours by what a table is about."""
KEYS = ("weekdays", "hours", "growth")
FEWEST_DAYS = 21
"""Spans shorter than this have no weeks to speak of."""
FACTORS = (0.05, 20.0)


class Rhythm(msgspec.Struct, frozen=True):
    """Weights of weekdays and hours (empty: as people usually keep them), and how many times as many events there are
    every year (None: somewhat more)."""

    weekdays: tuple[float, ...] = ()
    hours: tuple[float, ...] = ()
    growth: float | None = None


def of(field: Field, about: frozenset[str]) -> Rhythm:
    """The rhythm that was asked for, else that of what the table is about. RequestError for what is no rhythm."""
    wish = asked(field)
    days = next((name for name, words in ABOUT.items() if about.intersection(words)), "usual")
    hours = next((HOURS[name] for name, words in TIMES.items() if about.intersection(words)), ())
    return Rhythm(wish.weekdays or WEEKDAYS[days], wish.hours or hours, wish.growth)


def asked(field: Field) -> Rhythm:
    """What ``spread`` says about when; empty where it says nothing."""
    wish = {k: v for k, v in field.spread.items() if k in KEYS}
    if not wish:
        return Rhythm()
    if field.type.kind not in (Kind.DATE, Kind.TIMESTAMP, Kind.TIME):
        raise RequestError(f"spread: {next(iter(wish))} is about times, this is none", where=field.name)
    if "hours" in wish and field.type.kind is Kind.DATE:
        raise RequestError("spread: a date has no hours", where=field.name, mend="Leave hours out.")
    if set(wish) & {"weekdays", "growth"} and field.type.kind is Kind.TIME:
        raise RequestError("spread: a time of day has no days", where=field.name, mend="Leave weekdays and growth out.")
    growth = wish.get("growth")
    if growth is not None and not (isinstance(growth, int | float) and FACTORS[0] <= growth <= FACTORS[1]):
        told = f"spread: growth is a factor a year from {FACTORS[0]} to {FACTORS[1]:g}, not {growth!r}"
        raise RequestError(told, where=field.name)
    return Rhythm(
        _weights(field, wish.get("weekdays"), "weekdays", WEEKDAYS, 7),
        _weights(field, wish.get("hours"), "hours", HOURS, 24),
        None if growth is None else float(growth),
    )


def _weights(
    field: Field, wish: object, what: str, known: dict[str, tuple[float, ...]], count: int
) -> tuple[float, ...]:
    if wish is None:
        return ()
    if isinstance(wish, str) and wish in known:
        return tuple(float(w) for w in known[wish])
    if isinstance(wish, tuple | list) and len(wish) == count and min(wish) >= 0 and sum(wish) > 0:
        return tuple(float(w) for w in wish)
    mend = f"Known: {', '.join(known)}, or a list of {count} weights."
    raise RequestError(f"spread: {what} is not {wish!r}", where=field.name, mend=mend)


def day(loom: Loom, use: str, low: int, high: int, rhythm: Rhythm) -> Node:
    """A day since 1970 in [low, high]."""
    weekly = high - low >= FEWEST_DAYS and has_days(rhythm)
    last = high - AHEAD if weekly else high
    node = moments.recent(use, low, last) if rhythm.growth is None else _grown(use, low, last, rhythm.growth)
    return weekday(loom, use, node, rhythm) if weekly else node


def has_days(rhythm: Rhythm) -> bool:
    """Whether the weekdays differ."""
    return len(set(rhythm.weekdays)) > 1


AHEAD = 6
"""Days that :func:`weekday` moves a day on at most."""
CHOICES = 256
"""Parts in which weights of weekdays are kept: the move is one look into a small table (a draw by weights and a second
remainder took three times as long)."""


def weekday(loom: Loom, use: str, node: Node, rhythm: Rhythm) -> Node:
    """The day moved on, by at most :data:`AHEAD`, to a weekday drawn by the weights."""
    if not has_days(rhythm):
        return node
    ahead = loom.keep_numbers(f"pool:weekdays:{digest(rhythm.weekdays)}", _moves(rhythm.weekdays))
    since = Call("%", (Call("+", (node, Const(THURSDAY))), Const(7)))
    drawn = Uniform(f"{use}.weekday", Const(0), Const(CHOICES - 1))
    return Call("+", (node, Take(ahead, Call("+", (Call("*", (since, Const(CHOICES))), drawn)))))


@cache
def _moves(weights: tuple[float, ...]) -> tuple[int, ...]:
    """Per weekday and choice how many days lie ahead of it until the weekday chosen."""
    total, reached, chosen = sum(weights), 0.0, list[int]()
    for at, weight in enumerate(weights):
        reached += weight
        chosen += [at] * (round(reached / total * CHOICES) - len(chosen))
    return tuple((at - since) % 7 for since in range(7) for at in chosen)


THURSDAY = 3 + 7_000_000
"""1970-01-01 was one: so many days after a Monday (of long ago: days before it are counted as well)."""


def clock(use: str, rhythm: Rhythm, step: int = 1) -> Node:
    """A time of day in microseconds, by the weights of the hours."""
    if not rhythm.hours:
        return moments.time_of_day(use, step)
    total, points, reached, hour = sum(rhythm.hours), [], 0.0, 0
    for k in range(PARTS + 1):
        wanted = total * k / PARTS
        while hour < 23 and reached + rhythm.hours[hour] < wanted:
            reached += rhythm.hours[hour]
            hour += 1
        share = (wanted - reached) / rhythm.hours[hour] if rhythm.hours[hour] else 0.0
        points.append(min(round((hour + min(share, 1.0)) * 3600), 86_399) // step)
    first = next(h for h, w in enumerate(rhythm.hours) if w)
    points[0] = first * 3600 // step
    return Call("*", (Quantile(use, tuple(points)), Const(SECOND * step)))


PARTS = 64
"""Quantiles of the hours."""


def _grown(use: str, low: int, high: int, growth: float) -> Node:
    """A day in [low, high], ``growth`` times as many each year."""
    if low >= high:
        return Const(low)
    years = (high - low) / 365.25
    rate = math.log(growth)
    if abs(rate) < 1e-6:
        points = tuple(low + round((high - low) * k / PARTS) for k in range(PARTS + 1))
    else:
        whole = math.expm1(rate * years)
        points = tuple(
            low + min(high - low, round(math.log1p(k / PARTS * whole) / rate * 365.25)) for k in range(PARTS + 1)
        )
    return Quantile(use, points)


def moved(loom: Loom, use: str, node: Node, before: Node, high: int, rhythm: Rhythm) -> Node:
    """A moment (microseconds) moved to the weekdays and hours asked for, not before another, not after ``high``."""
    on = weekday(loom, use, Call("/", (node, Const(DAY))), rhythm)
    back = Call("-", (on, Const(7)))
    late = Call("and", (Call(">", (on, Const(high // DAY))), Call(">=", (back, Call("/", (before, Const(DAY)))))))
    kept = Case((When(late, back),), on)
    time = clock(f"{use}.hour", rhythm) if rhythm.hours else Call("%", (node, Const(DAY)))
    made = Call("+", (Call("*", (kept, Const(DAY))), time))
    return Call("least", (Call("greatest", (made, before)), Const(high)))
