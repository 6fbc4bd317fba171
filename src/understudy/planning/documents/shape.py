"""Shapes: what a conjunction permits, as one product of limits; a schema is a choice among shapes.

Two shapes meet limit by limit; where they contradict each other there is no meeting.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec

from understudy.planning.documents.judge import canonical
from understudy.planning.documents.parts import Conj, joined

KINDS = ("null", "boolean", "number", "string", "array", "object")
ALL = frozenset(KINDS)


class Members(msgspec.Struct, frozen=True):
    """What one schema says about an object's members: by name, by pattern of the name, and of the rest (None:
    nothing)."""

    named: dict[str, Conj] = {}
    patterns: tuple[tuple[str, Conj], ...] = ()
    rest: Conj | None = None


class Items(msgspec.Struct, frozen=True):
    """What one schema says about a list's elements: the first ones, and the rest (None: nothing)."""

    first: tuple[Conj, ...] = ()
    rest: Conj | None = None


class Contained(msgspec.Struct, frozen=True):
    """At least ``least`` and at most ``most`` elements obey ``what``."""

    what: Conj
    least: int = 1
    most: int | None = None


class Shape(msgspec.Struct, frozen=True):
    """Limits of every kind of value. ``values``: the only ones (None: no such limit). ``refused``: none of these.
    ``whole``: numbers without a fraction. ``misses``: patterns that must not be found. ``needs``: a member that brings
    others with it. ``names``: what members' names obey. ``nots``: what must not hold, not yet worked in. ``hints``:
    examples and defaults. ``loose``: says more than was understood, so that what is made must be tried. ``rare``:
    marked as going out of use."""

    kinds: frozenset[str] = ALL
    whole: bool = False
    values: tuple[Any, ...] | None = None
    refused: tuple[Any, ...] = ()
    low: Fraction | None = None
    low_open: bool = False
    high: Fraction | None = None
    high_open: bool = False
    multiples: tuple[Fraction, ...] = ()
    shortest: int = 0
    longest: int | None = None
    patterns: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    base64: bool = False
    items: tuple[Items, ...] = ()
    contained: tuple[Contained, ...] = ()
    least_items: int = 0
    most_items: int | None = None
    distinct: bool = False
    members: tuple[Members, ...] = ()
    required: frozenset[str] = frozenset()
    needs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    names: Conj = ()
    least_members: int = 0
    most_members: int | None = None
    nots: Conj = ()
    hints: tuple[Any, ...] = ()
    loose: bool = False
    rare: bool = False


FREE = Shape()


def meet(a: Shape, b: Shape) -> Shape | None:
    """What both permit; None where that is nothing, as far as their own limits tell."""
    if a is FREE or b is FREE:
        return b if a is FREE else a
    kinds = a.kinds & b.kinds
    if not kinds or told_apart(a, b):
        return None
    values = a.values
    if b.values is not None:
        known = {canonical(v) for v in b.values}
        values = b.values if values is None else tuple(v for v in values if canonical(v) in known)
    low, low_open = _low(a, b)
    high, high_open = _high(a, b)
    made = Shape(
        kinds=kinds,
        whole=a.whole or b.whole,
        values=values,
        refused=a.refused + b.refused,
        low=low,
        low_open=low_open,
        high=high,
        high_open=high_open,
        multiples=tuple(dict.fromkeys(a.multiples + b.multiples)),
        shortest=max(a.shortest, b.shortest),
        longest=_least(a.longest, b.longest),
        patterns=tuple(dict.fromkeys(a.patterns + b.patterns)),
        misses=tuple(dict.fromkeys(a.misses + b.misses)),
        formats=tuple(dict.fromkeys(a.formats + b.formats)),
        base64=a.base64 or b.base64,
        items=a.items + tuple(i for i in b.items if i not in a.items),
        contained=a.contained + tuple(c for c in b.contained if c not in a.contained),
        least_items=max(a.least_items, b.least_items),
        most_items=_least(a.most_items, b.most_items),
        distinct=a.distinct or b.distinct,
        members=a.members + tuple(m for m in b.members if m not in a.members),
        required=a.required | b.required,
        needs=tuple(dict.fromkeys(a.needs + b.needs)),
        names=joined(a.names, b.names),
        least_members=max(a.least_members, b.least_members),
        most_members=_least(a.most_members, b.most_members),
        nots=joined(a.nots, b.nots),
        hints=a.hints + b.hints,
        loose=a.loose or b.loose,
        rare=a.rare or b.rare,
    )
    return settled(made)


def told_apart(a: Shape, b: Shape) -> bool:
    """Whether a member that one of them requires has other values in the other (a discriminator): the common case of
    alternatives that exclude each other, seen without laying them together."""
    if a.kinds != b.kinds or a.kinds != {"object"}:
        return False
    for one, other in ((a, b), (b, a)):
        for name in one.required:
            mine = _named_values(one, name)
            theirs = _named_values(other, name) if mine is not None else None
            if mine is not None and theirs is not None and not mine & theirs:
                return True
    return False


def _named_values(shape: Shape, name: str) -> frozenset[str] | None:
    """The values that a schema names for a member; None where it names none."""
    for rule in shape.members:
        for part in rule.named.get(name, ()):
            if isinstance(part.schema, dict):
                values = [part.schema["const"]] if "const" in part.schema else part.schema.get("enum")
                if isinstance(values, list):
                    return frozenset(map(canonical, values))
    return None


def settled(shape: Shape) -> Shape | None:
    """The shape without kinds that its limits leave no value of; None where no kind is left."""
    kinds = set(shape.kinds)
    if shape.values is not None:
        gone = {canonical(v) for v in shape.refused}
        kinds &= {kind_of(v) for v in shape.values if canonical(v) not in gone}
    if shape.low is not None and shape.high is not None:
        open_ends = shape.low_open or shape.high_open
        if shape.low > shape.high or (shape.low == shape.high and open_ends):
            kinds.discard("number")
    if shape.longest is not None and shape.shortest > shape.longest:
        kinds.discard("string")
    if shape.most_items is not None and shape.least_items > shape.most_items:
        kinds.discard("array")
    if shape.most_members is not None and max(shape.least_members, len(shape.required)) > shape.most_members:
        kinds.discard("object")
    if not kinds:
        return None
    return shape if len(kinds) == len(shape.kinds) else msgspec.structs.replace(shape, kinds=frozenset(kinds))


def kind_of(value: Any) -> str:
    """JSON's own kind of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
    return "object"


def member(shape: Shape, name: str, found: Any) -> Conj:
    """What a member of that name obeys; ``found``: whether a pattern is found in a name."""
    parts: list[Conj] = []
    for rule in shape.members:
        mine = [rule.named[name]] if name in rule.named else []
        mine += [c for p, c in rule.patterns if found(p, name)]
        if not mine and rule.rest is not None:
            mine = [rule.rest]
        parts += mine
    return joined(*parts)


def element(shape: Shape, at: int) -> Conj:
    """What the element at a position obeys."""
    parts = []
    for rule in shape.items:
        if at < len(rule.first):
            parts.append(rule.first[at])
        elif rule.rest is not None:
            parts.append(rule.rest)
    return joined(*parts)


def _least(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


def _low(a: Shape, b: Shape) -> tuple[Fraction | None, bool]:
    if a.low is None or b.low is None:
        return (a.low, a.low_open) if b.low is None else (b.low, b.low_open)
    if a.low == b.low:
        return a.low, a.low_open or b.low_open
    return (a.low, a.low_open) if a.low > b.low else (b.low, b.low_open)


def _high(a: Shape, b: Shape) -> tuple[Fraction | None, bool]:
    if a.high is None or b.high is None:
        return (a.high, a.high_open) if b.high is None else (b.high, b.high_open)
    if a.high == b.high:
        return a.high, a.high_open or b.high_open
    return (a.high, a.high_open) if a.high < b.high else (b.high, b.high_open)
