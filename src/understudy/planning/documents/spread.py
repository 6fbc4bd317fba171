"""From a conjunction to the shapes it permits: keywords read, combinations multiplied out, exclusions worked in.

``allOf`` multiplies, ``anyOf``, ``oneOf`` and conditions add; what must not hold is replaced by shapes that exclude it.
At most ``MOST`` shapes are carried; those that contradict themselves fall out at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any

import msgspec

from understudy.planning.documents.complement import complement
from understudy.planning.documents.judge import Judge, canonical
from understudy.planning.documents.parts import NEVER, Book, Conj, Part, key_of
from understudy.planning.documents.shape import (
    ALL,
    FREE,
    KINDS,
    Contained,
    Items,
    Members,
    Shape,
    element,
    kind_of,
    meet,
    member,
)
from understudy.planning.documents.texts import found

MOST = 40
"""Shapes carried of one conjunction; of more, every so-manieth."""

OPTIONS = 3
"""Ways kept to exclude one thing."""

DEEP = 5
"""Exclusions within exclusions that are followed."""


class Spread:
    """The shapes of one document's conjunctions, each worked out once."""

    def __init__(self, book: Book, judge: Judge) -> None:
        self.book, self.judge = book, judge
        self._known: dict[tuple[str, ...], tuple[Shape, ...]] = {}
        self._rough: dict[tuple[str, ...], tuple[Shape, ...]] = {}
        self._typed: dict[tuple[tuple[str, ...], int], Sequence[Shape]] = {}
        self._lost: dict[tuple[tuple[str, ...], int], bool] = {}
        self._active: set[str] = set()

    # ---- reading ---------------------------------------------------------------------------
    def of(self, conj: Conj) -> tuple[Shape, ...]:
        """The shapes of a conjunction, exclusions still open."""
        key = key_of(conj)
        if key in self._known:
            return self._known[key]
        shapes: Sequence[Shape] = (FREE,)
        for part in conj:
            shapes = self._product(shapes, self._part(part))
            if not shapes:
                break
        made = tuple(shapes)
        if not self._active:
            self._known[key] = made
        return made

    def _product(self, ones: Sequence[Shape], others: Sequence[Shape]) -> Sequence[Shape]:
        if len(ones) == 1 and ones[0] is FREE:
            return others
        if len(others) == 1 and others[0] is FREE:
            return ones
        made: list[Shape] = []
        for shift in range(len(others)):  # each with each, every one of them early
            for i, a in enumerate(ones):
                met = meet(a, others[(i + shift) % len(others)])
                if met is not None:
                    made.append(met)
            if len(made) >= MOST:
                break
        return thinned(made)

    def _part(self, part: Part) -> Sequence[Shape]:
        part = self.book.followed(part)
        schema = part.schema
        if schema is True or schema == {}:
            return (FREE,)
        if schema is False or not isinstance(schema, dict):
            return ()
        if part.pointer in self._active:
            return (FREE,)  # a schema that includes itself adds nothing
        self._active.add(part.pointer)
        try:
            own = _own(self.book, part)
            shapes: Sequence[Shape] = () if own is None else (own,)
            for more in self._combined(part):
                shapes = self._product(shapes, more)
                if not shapes:
                    return ()
            if "unevaluatedProperties" in schema:
                shapes = [self._members_closed(s, part) for s in shapes]
            if "unevaluatedItems" in schema:
                shapes = [self._items_closed(s, part) for s in shapes]
            return shapes
        finally:
            self._active.discard(part.pointer)

    def _combined(self, part: Part) -> Iterable[Sequence[Shape]]:
        """One group of alternatives per combining keyword."""
        schema, book = part.schema, self.book
        if isinstance(schema.get("$ref"), str):
            yield self._part(Part(schema["$ref"], book.at(schema["$ref"])))
        for i in range(len(schema.get("allOf") or ())):
            yield self._part(book.below(part, "allOf", i))
        if schema.get("anyOf"):
            yield thinned([s for i in range(len(schema["anyOf"])) for s in self._part(book.below(part, "anyOf", i))])
        if schema.get("oneOf"):
            yield self._exactly_one(part)
        if "not" in schema:
            yield (Shape(nots=book.conj(book.below(part, "not"))),) if schema["not"] is not False else (FREE,)
        if "if" in schema and ("then" in schema or "else" in schema):
            condition = book.below(part, "if")
            held = self._product(self._part(condition), self._branch(part, "then"))
            missed = self._product(self._not(condition), self._branch(part, "else"))
            yield [*held, *missed]
        for name in schema.get("dependentSchemas") or ():
            there = Shape(required=frozenset({name}))
            gone = Shape(members=(Members(named={name: NEVER}),))
            yield [*self._product((there,), self._part(book.below(part, "dependentSchemas", name))), gone]

    def _not(self, part: Part) -> Sequence[Shape]:
        part = self.book.followed(part)
        if part.schema is True or part.schema == {}:
            return ()
        return (FREE,) if part.schema is False else (Shape(nots=(part,)),)

    def _branch(self, part: Part, keyword: str) -> Sequence[Shape]:
        return self._part(self.book.below(part, keyword)) if keyword in part.schema else (FREE,)

    def _exactly_one(self, part: Part) -> Sequence[Shape]:
        """Each branch without the others."""
        book = self.book
        branches = [book.followed(book.below(part, "oneOf", i)) for i in range(len(part.schema["oneOf"]))]
        out: list[Shape] = []
        for i, branch in enumerate(branches):
            others = [b for k, b in enumerate(branches) if k != i and b.schema is not False]
            if any(b.schema is True or b.schema == {} or b == branch for b in others):
                continue  # whatever obeys this branch obeys that one too
            apart = Shape(nots=book.conj(*others)) if others else FREE
            out += self._product(self._part(branch), (apart,))
        return thinned(out)

    def _members_closed(self, shape: Shape, part: Part) -> Shape:
        """Members that no schema spoke of obey ``unevaluatedProperties``."""
        if any(rule.rest is not None for rule in shape.members):
            return shape
        known = {n: () for rule in shape.members for n in rule.named}
        patterns = tuple((p, ()) for rule in shape.members for p, _ in rule.patterns)
        rest = self.book.conj(self.book.below(part, "unevaluatedProperties"))
        rule = Members(named=dict(known), patterns=patterns, rest=rest)
        return msgspec.structs.replace(shape, members=(*shape.members, rule))

    def _items_closed(self, shape: Shape, part: Part) -> Shape:
        if any(rule.rest is not None for rule in shape.items):
            return shape
        first = max((len(rule.first) for rule in shape.items), default=0)
        rest = self.book.conj(self.book.below(part, "unevaluatedItems"))
        return msgspec.structs.replace(shape, items=(*shape.items, Items(first=((),) * first, rest=rest)))

    # ---- one kind each ---------------------------------------------------------------------
    def rough(self, conj: Conj) -> tuple[Shape, ...]:
        """Shapes of one kind each, of the kinds that a person expects, exclusions still open."""
        key = key_of(conj)
        made = self._rough.get(key)
        if made is None:
            made = tuple(_split(self.of(conj), likely))
            if not self._active:
                self._rough[key] = made
        return made

    def typed(self, conj: Conj, most: int = MOST) -> Sequence[Shape]:
        """At most so many shapes of one kind each, exclusions worked in, taken evenly from all there are; those that
        cannot be met left out as far as that shows."""
        key = (key_of(conj), most)
        made = self._typed.get(key)
        if made is None:
            made = self._worked(self.rough(conj), most, hashlib.blake2b(repr(key).encode(), digest_size=4).digest())
            if not self._active:
                self._typed[key] = made
        return made

    def lowest(self, shapes: Iterable[Shape]) -> Sequence[Shape]:
        """The first of some shapes that can be met, exclusions worked in."""
        return next((tuple(made) for s in shapes if (made := list(islice(self._without(s, DEEP), OPTIONS)))), ())

    def others(self, conj: Conj) -> Sequence[Shape]:
        """Shapes of the kinds that nobody would expect, but that are permitted."""
        return self._worked(_split(self.of(conj), lambda shape: shape.kinds - likely(shape)), OPTIONS)

    def _worked(self, shapes: Sequence[Shape], most: int, place: bytes = b"") -> Sequence[Shape]:
        """Exclusions worked into some of the shapes (others in another place), into the rest where those cannot be
        met."""
        size = len(shapes)
        start = int.from_bytes(place, "big") % max(size // most, 1)
        picked = range(size) if size <= most else [start + i * size // most for i in range(most)]
        made = _plain(w for i in picked for w in islice(self._without(shapes[i], DEEP), 2 * OPTIONS))
        if not made and len(picked) < size:
            rest = [s for i, s in enumerate(shapes) if i not in set(picked)]
            made = _plain(islice((w for s in rest for w in self._without(s, DEEP)), most))
        return tuple(thinned(made, most))

    def _without(self, shape: Shape, deep: int) -> Iterator[Shape]:
        """The shape with everything that must not hold worked in, one way after the other."""
        if not shape.nots or shape.values is not None:
            yield shape
        elif deep == 0:
            yield msgspec.structs.replace(shape, nots=(), loose=True)
        else:
            yield from self._excluding_all(msgspec.structs.replace(shape, nots=()), shape.nots, deep)

    def _excluding_all(self, shape: Shape, parts: Conj, deep: int) -> Iterator[Shape]:
        if not parts:
            yield shape
            return
        for way in self._excluding(shape, parts[0], deep):
            yield from self._excluding_all(way, parts[1:], deep)

    def _excluding(self, shape: Shape, part: Part, deep: int) -> Iterator[Shape]:
        """Ways to exclude one part, the least odd first."""
        if all(self.apart(shape, o) for o in self.of((part,))):
            yield shape
            return
        schemas = sorted(enumerate(complement(part.schema)), key=lambda c: _strangeness(shape, c[1], c[0]))
        found = False
        for way in islice(self._ways(shape, [schema for _, schema in schemas], deep), OPTIONS):
            found = True
            yield way
        if not found:
            yield msgspec.structs.replace(shape, loose=True)

    def _ways(self, shape: Shape, schemas: Iterable[Any], deep: int) -> Iterator[Shape]:
        for schema in schemas:
            for other in self.of(self.book.conj(self.book.made(schema))):
                met = meet(shape, other)
                if met is not None and not self._barren(met, 2):
                    yield from self._without(met, deep - 1)

    def apart(self, a: Shape, b: Shape) -> bool:
        """Whether no value obeys both, as far as that shows without searching."""
        met = meet(a, b)
        return met is None or self._barren(met, 3)

    def _barren(self, shape: Shape, deep: int) -> bool:
        """Whether something that must be there cannot be."""
        if deep == 0:
            return False
        if shape.kinds == {"object"}:
            return any(self._hopeless(member(shape, name, found), deep) for name in shape.required)
        if shape.kinds == {"array"} and shape.least_items:
            return self._hopeless(element(shape, 0), deep)
        return False

    def _hopeless(self, conj: Conj, deep: int) -> bool:
        """Whether nothing obeys a conjunction, as far as that shows."""
        if conj == NEVER or not conj:
            return conj == NEVER
        key = (key_of(conj), deep)
        if key not in self._lost:
            self._lost[key] = self._nothing(conj, deep)
        return self._lost[key]

    def _nothing(self, conj: Conj, deep: int) -> bool:
        values = [p.schema for p in conj if isinstance(p.schema, dict) and ("const" in p.schema or "enum" in p.schema)]
        if values:
            given = [values[0]["const"]] if "const" in values[0] else values[0]["enum"]
            return not any(self.judge.obeys(conj, v) for v in given)
        return all(self._barren(s, deep - 1) or self._excluded(s) for s in self.of(conj))

    def _excluded(self, shape: Shape) -> bool:
        """Whether one of the things that must not hold holds of every value of the shape, as far as one look tells."""
        for part in shape.nots:
            ways = [self.book.conj(self.book.made(schema)) for schema in complement(part.schema)]
            if not any(meet(shape, other) is not None for way in ways for other in self.of(way)):
                return True
        return False


def _plain(shapes: Iterable[Shape]) -> list[Shape]:
    """Each shape once."""
    out: list[Shape] = []
    for shape in shapes:
        if shape not in out:
            out.append(shape)
    return out


def _split(shapes: Iterable[Shape], kinds: Callable[[Shape], frozenset[str]]) -> list[Shape]:
    """A shape of its own for each kind."""
    return _plain(
        msgspec.structs.replace(shape, kinds=frozenset({kind})) if len(shape.kinds) > 1 else shape
        for shape in shapes
        for kind in KINDS
        if kind in kinds(shape)
    )


def thinned(shapes: Sequence[Shape], most: int = MOST) -> Sequence[Shape]:
    """At most so many, taken evenly."""
    size = len(shapes)
    return shapes if size <= most else [shapes[i * size // most] for i in range(most)]


def _strangeness(shape: Shape, schema: Any, number: int) -> int:
    """How odd a value looks that excludes something this way: a declared member of another value is not odd at all, a
    missing one is hardly, a member that nobody declared is."""
    if not isinstance(schema, dict):
        return number
    declared = {n for rule in shape.members for n in rule.named}
    named = list(schema.get("properties") or ())
    if named and schema["properties"][named[0]] is False:
        return 500 + number
    if named:
        return (number if named[0] in declared else 1000 + number) + (0 if named[0] in shape.required else 200)
    return 600 + number


def likely(shape: Shape) -> frozenset[str]:
    """The kinds that a person expects where a schema names none: those that its limits speak of."""
    if shape.kinds != ALL:
        return shape.kinds
    meant = set()
    if shape.members or shape.required or shape.names or shape.least_members or shape.most_members is not None:
        meant.add("object")
    if shape.items or shape.contained or shape.least_items or shape.most_items is not None or shape.distinct:
        meant.add("array")
    if shape.patterns or shape.formats or shape.shortest or shape.longest is not None or shape.misses:
        meant.add("string")
    if shape.low is not None or shape.high is not None or shape.multiples:
        meant.add("number")
    if not meant:
        meant = {kind_of(h) for h in shape.hints} or {"string", "number", "boolean"}
    return frozenset(meant)


# ---- own keywords ----------------------------------------------------------------------------------
def _own(book: Book, part: Part) -> Shape | None:
    """What a schema says itself, without what it combines."""
    s = part.schema
    limits: dict[str, Any] = {}
    if "type" in s:
        said = [s["type"]] if isinstance(s["type"], str) else [t for t in s["type"] if isinstance(t, str)]
        limits["kinds"] = frozenset("number" if t == "integer" else t for t in said) & ALL
        limits["whole"] = "integer" in said and "number" not in said
        if not limits["kinds"]:
            return None
    if "const" in s:
        limits["values"] = (s["const"],)
    elif isinstance(s.get("enum"), list):
        limits["values"] = tuple({canonical(v): v for v in s["enum"]}.values())
    limits |= _number_limits(s)
    limits |= _text_limits(s)
    limits |= _list_limits(book, part)
    limits |= _object_limits(book, part)
    hints = [s["default"]] if s.get("default") is not None else []
    hints += s["examples"] if isinstance(s.get("examples"), list) else []
    if hints:
        limits["hints"] = tuple(hints)
    if s.get("deprecated") is True:
        limits["rare"] = True
    if "x-refused" in s:
        limits["refused"] = tuple(s["x-refused"])
    return meet(FREE, Shape(**limits)) if limits else FREE


def _number_limits(s: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    low = [(exact(s[k]), k.startswith("excl")) for k in ("minimum", "exclusiveMinimum") if _is_number(s.get(k))]
    high = [(exact(s[k]), k.startswith("excl")) for k in ("maximum", "exclusiveMaximum") if _is_number(s.get(k))]
    if low:
        out["low"], out["low_open"] = max(low)
    if high:
        out["high"], out["high_open"] = min(high, key=lambda h: (h[0], not h[1]))
    if _is_number(s.get("multipleOf")) and s["multipleOf"] > 0:
        out["multiples"] = (exact(s["multipleOf"]),)
    return out


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def exact(value: int | float) -> Fraction:
    """A number as it is written: 0.1 is a tenth."""
    return Fraction(Decimal(repr(value))) if isinstance(value, float) else Fraction(value)


def _text_limits(s: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if _is_number(s.get("minLength")):
        out["shortest"] = int(s["minLength"])
    if _is_number(s.get("maxLength")):
        out["longest"] = int(s["maxLength"])
    if isinstance(s.get("pattern"), str):
        out["patterns"] = (s["pattern"],)
    if isinstance(s.get("format"), str):
        out["formats"] = (s["format"],)
    if s.get("contentEncoding") == "base64":
        out["base64"] = True
    if isinstance(s.get("x-misses"), str):
        out["misses"] = (s["x-misses"],)
        out["loose"] = True
    return out


def _list_limits(book: Book, part: Part) -> dict[str, Any]:
    s = part.schema
    out: dict[str, Any] = {}
    first = tuple(book.conj(book.below(part, "prefixItems", i)) for i in range(len(s.get("prefixItems") or ())))
    rest = book.conj(book.below(part, "items")) if isinstance(s.get("items"), dict | bool) else None
    if first or rest is not None:
        out["items"] = (Items(first, rest),)
    if "contains" in s:
        most = s.get("maxContains")
        what = book.conj(book.below(part, "contains"))
        out["contained"] = (Contained(what, int(s.get("minContains", 1)), None if most is None else int(most)),)
    if _is_number(s.get("minItems")):
        out["least_items"] = int(s["minItems"])
    if _is_number(s.get("maxItems")):
        out["most_items"] = int(s["maxItems"])
    if s.get("uniqueItems") is True:
        out["distinct"] = True
    return out


def _object_limits(book: Book, part: Part) -> dict[str, Any]:
    s = part.schema
    out: dict[str, Any] = {}
    named = {n: book.conj(book.below(part, "properties", n)) for n in s.get("properties") or ()}
    patterns = tuple((p, book.conj(book.below(part, "patternProperties", p))) for p in s.get("patternProperties") or ())
    rest = None
    if "additionalProperties" in s:
        rest = book.conj(book.below(part, "additionalProperties"))
    if named or patterns or rest is not None:
        out["members"] = (Members(named, patterns, rest),)
    if s.get("required"):
        out["required"] = frozenset(n for n in s["required"] if isinstance(n, str))
    if s.get("dependentRequired"):
        out["needs"] = tuple((n, tuple(v)) for n, v in s["dependentRequired"].items() if v)
    if "propertyNames" in s:
        out["names"] = book.conj(book.below(part, "propertyNames"))
    if _is_number(s.get("minProperties")):
        out["least_members"] = int(s["minProperties"])
    if _is_number(s.get("maxProperties")):
        out["most_members"] = int(s["maxProperties"])
    return out
