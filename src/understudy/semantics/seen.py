"""Values as they were seen: single ones by their shares, numbers and moments by their quantiles.

What was seen beats what a name suggests, within what the rules permit; keys and distinct columns keep their own way.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from understudy.model.distribution import Distribution
from understudy.model.expression import Call, Case, Choice, Const, Node, Pool, Quantile, Take, When
from understudy.semantics import numbers
from understudy.semantics.finite import allowed, digest
from understudy.semantics.loom import Loom
from understudy.semantics.nouns import Recipe, Want
from understudy.types import Kind, Type

NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.FLOAT, Kind.YEAR)
MOMENTS = (Kind.DATE, Kind.TIME, Kind.TIMESTAMP)
WORDS = (Kind.TEXT, Kind.ENUM)
FINEST = 9
"""Digits after the point of a float that are kept."""
MOST_REST = 0.5
"""Where more of the texts than this are others than those singled out, the shares say too little."""


def as_seen(loom: Loom, want: Want, recipe: Recipe) -> Recipe:
    """The recipe, its values drawn as they were seen where the field says how; nulls as often as they were."""
    seen = want.field.distribution
    if seen is None:
        return recipe
    nulls = seen.nulls if want.field.nullable else 0.0
    recipe = msgspec.structs.replace(recipe, natural_nulls=nulls, null_when=None)
    made = None if want.unique else _made(loom, want, seen)
    if made is None:
        return recipe
    node, what = made
    reason = f"{what}, as seen in {seen.rows:,} rows"
    return msgspec.structs.replace(recipe, expression=node, reason=reason, meaning=recipe.meaning)


def worded(loom: Loom, want: Want) -> bool:
    """Whether a text column is filled with the words that were seen in it."""
    seen = want.field.distribution
    return (
        seen is not None and not want.unique and want.field.type.kind in WORDS and _words(loom, want, seen) is not None
    )


def _made(loom: Loom, want: Want, seen: Distribution) -> tuple[Node, str] | None:
    kind = want.field.type.kind
    if kind is Kind.BOOLEAN:
        return _truth(seen)
    if kind in WORDS:
        return _words(loom, want, seen)
    if kind in NUMBERS or kind in MOMENTS:
        return _values(loom, want, seen) if seen.values and not seen.rest else _quantiles(want, seen)
    return None


def _truth(seen: Distribution) -> tuple[Node, str] | None:
    true = sum(w for v, w in zip(seen.values, seen.weights, strict=True) if v is True)
    total = sum(seen.weights)
    if not total:
        return None
    if true in (0, total):
        return Const(true > 0), "always the same"
    return Call("=", (Choice("v", (true, total - true)), Const(0))), f"{true / total:.0%} true"


def _words(loom: Loom, want: Want, seen: Distribution) -> tuple[Node, str] | None:
    """One of the words seen, by their shares; words that are permitted and were not seen come now and then."""
    if seen.rest > MOST_REST * max(sum(seen.weights), 1.0) or not seen.values:
        return None
    weights = {str(v): w for v, w in zip(seen.values, seen.weights, strict=True)}
    permitted = allowed(want)
    if permitted is not None:
        least = min(weights.values()) / 4
        weights = {str(v): weights.get(str(v), least) for v in permitted}
    weights = {v: w for v, w in weights.items() if want.domain.permits(v)}
    longest = want.field.type.length
    weights = {v: w for v, w in weights.items() if longest is None or len(v) <= longest}
    if not weights:
        return None
    if len(weights) == 1:
        return Const(next(iter(weights))), "always the same"
    words = tuple(weights)
    name = loom.keep(f"seen:{loom.entity.name}.{want.field.name}:{digest(words)}", words)
    return Pool(name, Choice("v", tuple(weights.values()))), f"one of {len(words)} values"


def _values(loom: Loom, want: Want, seen: Distribution) -> tuple[Node, str] | None:
    """One of few numbers or moments, by their shares."""
    whole = [(_whole(want, v), w) for v, w in zip(seen.values, seen.weights, strict=True)]
    low, high = _limits(want)
    permitted = allowed(want)
    kept = [
        (v, w)
        for v, w in whole
        if v is not None
        and low <= v <= high
        and v not in want.domain.refused
        and _stepped(want, v)
        and (permitted is None or v in permitted)
    ]
    if not kept:
        return None
    if len(kept) == 1:
        return _finished(want, Const(kept[0][0])), "always the same"
    values = tuple(v for v, _ in kept)
    name = f"seen:{loom.entity.name}.{want.field.name}:{digest(values)}"
    loom.keep_numbers(name, values)
    node = Take(name, Choice("v", tuple(w for _, w in kept)))
    return _finished(want, node), f"one of {len(kept)} values"


def _quantiles(want: Want, seen: Distribution) -> tuple[Node, str] | None:
    if want.domain.values is not None or len(seen.points) < 3:
        return None
    low, high = _limits(want)
    points = [_whole(want, p) for p in seen.points]
    inside = [min(max(p, low), high) for p in points if p is not None]
    if len(inside) != len(points) or low > high:
        return None
    step = want.domain.multiple or 1
    if step > 1:
        inside = [p // step for p in inside]
    if inside[0] == inside[-1]:
        return _finished(want, Const(inside[0] * step)), "always the same"
    node: Node = Quantile("v", tuple(inside))
    if step > 1:
        node = Call("greatest", (Call("*", (node, Const(step))), Const(-(-low // step) * step)))
    grain = _grain(want, seen.points)
    if grain > 1:
        node = Call("*", (Call("/", (node, Const(grain))), Const(grain)))
        if low > inside[0] - grain:
            node = Call("greatest", (node, Const(low)))
    spared = [v for v in want.domain.refused if isinstance(v, int)]
    if spared:
        other = next((p for p in inside if p not in spared), None)
        if other is None:
            return None
        node = Case((When(Call("in", (node, *(Const(v) for v in spared))), Const(other)),), node)
    return _finished(want, node), "spread"


def _grain(want: Want, points: Sequence[int | float | str]) -> int:
    """The unit (days, hours … in microseconds) of which all moments are whole multiples; 1 for other kinds."""
    if want.field.type.kind not in (Kind.TIME, Kind.TIMESTAMP):
        return 1
    whole = [w for p in points if (w := _whole(want, p)) is not None]
    for size in (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1000):
        if all(w % size == 0 for w in whole):
            return size
    return 1


def _limits(want: Want) -> tuple[int, int]:
    kind = want.field.type.kind
    if kind in NUMBERS and kind is not Kind.FLOAT:
        low, high, _ = numbers.bounds(want)
        return low, high
    factor = 10 ** _scale(want) if kind is Kind.FLOAT else 1
    least, most = want.domain.low, want.domain.high
    return (
        -numbers.WIDEST if least is None else -int(-least * factor // 1),
        numbers.WIDEST if most is None else int(most * factor // 1),
    )


def _stepped(want: Want, value: int) -> bool:
    return not want.domain.multiple or value % want.domain.multiple == 0


def _scale(want: Want) -> int:
    """Digits after the point of the whole-number form; of floats as many as were seen."""
    t = want.field.type
    if t.kind is not Kind.FLOAT:
        return numbers.scale_of(t)
    seen = want.field.distribution
    if seen is None:
        return 2
    told = [p for p in (*seen.points, *seen.values) if isinstance(p, int | float)]
    return max((_digits(p) for p in told), default=2)


def _digits(value: int | float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return min(max(-exponent, 0), FINEST) if isinstance(exponent, int) else 0


def _whole(want: Want, value: object) -> int | None:
    """A value in the whole-number form of the column's type; None where it is none, or outside of the calendar."""
    try:
        return _in_units(want, value)
    except (ValueError, OverflowError):
        return None


def _in_units(want: Want, value: object) -> int | None:
    match want.field.type.kind, value:
        case (Kind.DATE, str()):
            return (datetime.date.fromisoformat(value[:10]) - datetime.date(1970, 1, 1)).days
        case (Kind.TIME, str()):
            at = datetime.time.fromisoformat(value)
            return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000 + at.microsecond
        case (Kind.TIMESTAMP, str()):
            moment = datetime.datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
            since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
            return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        case (kind, int() | float()) if kind in NUMBERS and not isinstance(value, bool):
            return round(Decimal(repr(value)).scaleb(_scale(want)))
    return None


def _finished(want: Want, node: Node) -> Node:
    """Whole numbers as the float that they stand for."""
    t: Type = want.field.type
    return Call("/", (node, Const(float(10 ** _scale(want))))) if t.kind is Kind.FLOAT else node
