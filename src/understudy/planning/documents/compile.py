"""From a JSON Schema to an expression that gives a valid JSON document per row.

    conjunction ─► shapes (one kind each) ─► object: members that are there or not, scalars made together
                                             array:  a listing, first and contained elements in their places
                                             scalar: see ``leaves``
                   several shapes ─────────► one of them, drawn

Near the root everything is made anew in each row. What lies deep, comes back to itself, or could not be understood to
the last word is drawn from a pool of parts made and tried beforehand; so documents end, and cost grows with the schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from understudy.model.expression import (
    Call,
    Case,
    Cast,
    Chance,
    Choice,
    Column,
    Const,
    Document,
    Listing,
    Node,
    Permute,
    Pool,
    Slot,
    Uniform,
    When,
    Written,
)
from understudy.planning.documents.bound import Bound, Shown, or_else
from understudy.planning.documents.judge import Judge
from understudy.planning.documents.leaves import Leaf, Leaves, told
from understudy.planning.documents.parts import NEVER, Book, Conj, joined, key_of, place_of
from understudy.planning.documents.shape import Contained, Shape, element, member
from understudy.planning.documents.spread import Spread
from understudy.planning.documents.texts import found, language
from understudy.planning.documents.workshop import JSON, SHUFFLE, Workshop, obeying

INLINE = 3
"""Objects within objects that are made anew in each row."""
BUDGET = 160
"""Members made anew in each row of one document; what comes after is drawn from pools."""
TRIED = 64
"""Documents tried of what is trusted by its making."""
WRITTEN_OUT = 800
"""Members of one document up to which what is written out in its place is made anew in each row, too."""
POOLED = 96
"""Documents of a pool that are tried."""
LAST_POOLED = 1024
"""Documents tried where whole documents have to be drawn from a pool."""
FUEL = 14
"""Objects within objects that the least document may need."""
CHAIN = 10
"""Pools within pools before only the least is made."""
NULL_SHARE = 0.12
ALTERNATIVES = 8
"""Alternatives of one place below the root that are made; the root has all of its own."""
FEWER = 3
"""Alternatives of what lies deep."""
KINDS_OF_LEAF = 6
"""Alternatives of a scalar member that are made."""
MAP_NAMES = ("primary", "secondary", "default", "north", "south", "extra", "alpha", "beta")
LENGTHS = (0.1, 0.34, 0.28, 0.18, 0.1)
"""How many elements beyond the least a list has."""
WIDE = 12
"""Distinct elements looked for, beyond what a list needs."""
DEFINITION = re.compile(r"#(?:/\$defs/[^/]+)?\Z")
"""Pointers of what may be referred to from many places, itself included."""
SCALARS = frozenset({"null", "boolean", "number", "string"})


class Place(msgspec.Struct, frozen=True):
    """Where an expression stands: ``use`` prefix of its streams, ``name`` of the member, ``owner`` the object's name,
    ``depth`` objects above it; ``least``: only what must be there; ``above``: the conjunctions that it stands in."""

    use: str
    name: str
    owner: str
    depth: int = 0
    least: bool = False
    above: frozenset[tuple[str, ...]] = frozenset()

    def inner(self, step: str, name: str, owner: str, deeper: int = 0) -> Place:
        """A place below."""
        return Place(f"{self.use}/{step}", name, owner, self.depth + deeper, self.least, self.above)


class Compiler:
    """Compiles the conjunctions of one document."""

    def __init__(
        self, book: Book, workshop: Workshop, locale: str, clock: int, shared: dict[str, tuple[str, ...]] | None = None
    ) -> None:
        """``shared``: pools that other documents made of the same parts, by what those parts say."""
        self.book, self.workshop = book, workshop
        self.shared = {} if shared is None else shared
        self.judge = Judge(book)
        self.spread = Spread(book, self.judge)
        self.leaves = Leaves(workshop, self.judge, locale, clock)
        self.troubles: dict[str, None] = {}
        self.bound: Bound | None = None
        self.absent: dict[str, Node] = {}
        self.spent = 0
        self._pools: dict[tuple[tuple[str, ...], bool], tuple[str, ...]] = {}
        self._open: list[tuple[tuple[str, ...], bool]] = []
        self._heights: dict[tuple[tuple[str, ...], int], int | None] = {}

    # ---- documents -------------------------------------------------------------------------
    def document(self, conj: Conj, name: str) -> Node | None:
        """JSON text per row; None where nothing obeys (``troubles`` tells why)."""
        self.spent = 0
        node = self.value(conj, Place("", name, name))
        if node is None:
            if not self.troubles:
                self.troubles[f"{place_of(conj)}: nothing obeys it"] = None
            return None
        node = Written(node)
        wrong = self._wrong(conj, node)
        if not wrong:
            return node
        kept = self._sample(conj, node, LAST_POOLED)
        if not kept:
            self.troubles[f"{place_of(conj)}: {wrong}"] = None
            return None
        return self.workshop.pool("documents", kept, "pick")

    def _made(self, conj: Conj, node: Node, rows: int) -> list[str]:
        digest = hashlib.blake2b(repr(key_of(conj)).encode(), digest_size=8).hexdigest()
        return self.workshop.texts(f"$document:{digest}", {"v": node}, rows)["v"]

    def _wrong(self, conj: Conj, node: Node) -> str:
        """What is wrong with the first document of a sample that does not obey; "" where all do."""
        for text in self._made(conj, node, TRIED):
            if not self.judge.obeys(conj, value := json.loads(text)):
                return self.judge.complaint(conj, value)
        return ""

    def _sample(self, conj: Conj, node: Node, rows: int) -> list[str]:
        """Documents that obey, each once."""
        return obeying(self._made(conj, node, rows), lambda v: self.judge.obeys(conj, v))

    # ---- values ----------------------------------------------------------------------------
    def value(self, conj: Conj, place: Place) -> Node | None:
        """An expression of one value: typed, or JSON; None where there is none."""
        if conj == NEVER:
            return None
        place = msgspec.structs.replace(place, above=place.above | {key_of(conj)})
        shapes = self._chosen(conj, place)
        few = (
            shapes
            if place.use == "" and not self._open
            else _some(shapes, ALTERNATIVES if place.depth < INLINE else FEWER)
        )
        for group in (few, shapes if few is not shapes else ()):
            made = self._any(conj, group, place)
            if made is not None:
                return made
        return self._any(conj, self.spread.others(conj), place)

    def _any(self, conj: Conj, shapes: Sequence[Shape], place: Place) -> Node | None:
        """One of the shapes that can be made; None where none can."""
        made: list[tuple[Shape, Node]] = []
        for number, shape in enumerate(shapes):
            inner = place if len(shapes) == 1 else place.inner(f"|{number}", place.name, place.owner)
            node = self._shape(conj, shape, inner)
            if node is not None:
                made.append((shape, node))
                if place.least:
                    break
        if not made:
            self.troubles.setdefault(f"{place_of(conj)}: nothing obeys everything asked there")
            return None
        return _one_of(made, place.use)

    def _chosen(self, conj: Conj, place: Place) -> Sequence[Shape]:
        """The shapes to make; where only the least is wanted, the lowest first."""
        shapes = self.spread.typed(conj)
        if not place.least:
            return shapes
        heights = [(h, i) for i, s in enumerate(shapes) if (h := self._height_of(s, FUEL)) is not None]
        return [shapes[i] for _, i in sorted(heights)]

    def _shape(self, conj: Conj, shape: Shape, place: Place) -> Node | None:
        kind = next(iter(shape.kinds))
        if shape.values is not None or kind in SCALARS:
            leaf = Leaf(place.name, conj, shape, place.use + "=")
            node = self.leaves.make(place.owner, [leaf])[0]
            if node is None:
                self.troubles[told(leaf)] = None
            return node
        made = self._object(shape, place) if kind == "object" else self._array(shape, place)
        if made is None or not shape.loose or place.depth == 0:
            return made
        kept = self._sample(conj, made, POOLED * 4)
        return self.workshop.pool("parts", kept, place.use + "pick") if kept else None

    # ---- pools -----------------------------------------------------------------------------
    def _deep(self, conj: Conj, place: Place) -> Node | None:
        """An object or list: anew where there is room or where it is written out in its place, else from a pool."""
        shared = key_of(conj) in place.above or any(DEFINITION.match(p.pointer) for p in conj)
        written_out = not shared and self.spent < WRITTEN_OUT
        if written_out or place.least or (place.depth < INLINE and self.spent < BUDGET):
            return self.value(conj, place)
        kept = self.pool(conj, place)
        return self.workshop.pool("parts", kept, place.use + "pick") if kept else None

    def pool(self, conj: Conj, place: Place) -> tuple[str, ...]:
        """JSON texts that obey; empty where none was found. A part of itself is made of its least form."""
        key = key_of(conj)
        if not any(p.schema for p in conj):
            return ()
        least = len(self._open) >= CHAIN or (key, False) in self._open
        if (key, least) not in self._pools:
            if (key, least) in self._open:
                return ()
            said = f"{least}{len(self._open) >= CHAIN}{place.name}{self.book.digest(conj)}"
            if said not in self.shared:
                self.shared[said] = self._pooled(conj, place, (key, least))
            self._pools[(key, least)] = self.shared[said]
        return self._pools[(key, least)]

    def _pooled(self, conj: Conj, place: Place, name: tuple[tuple[str, ...], bool]) -> tuple[str, ...]:
        self._open.append(name)
        spent, self.spent = self.spent, 0
        try:
            node = self.value(conj, Place("", place.name, place.owner, 0 if name[1] else INLINE - 1, name[1]))
            return tuple(self._sample(conj, Written(node), POOLED)) if node is not None else ()
        finally:
            self._open.pop()
            self.spent = spent

    def height(self, conj: Conj, fuel: int = FUEL) -> int | None:
        """How many objects within objects the least value needs; None where more than ``fuel``."""
        if conj == NEVER or fuel <= 0:
            return None
        key = (key_of(conj), fuel)
        if key not in self._heights:
            found_heights = [h for s in self.spread.typed(conj) if (h := self._height_of(s, fuel)) is not None]
            self._heights[key] = min(found_heights, default=None)
        return self._heights[key]

    def _height_of(self, shape: Shape, fuel: int) -> int | None:
        if shape.values is not None or shape.kinds <= SCALARS:
            return 0
        inner: list[Conj] = []
        if shape.kinds == {"object"}:
            inner = [member(shape, n, found) for n in sorted(shape.required)]
        else:
            needed = max(shape.least_items, sum(c.least for c in shape.contained))
            inner = [element(shape, i) for i in range(min(needed, 8))]
            inner += [c.what for c in shape.contained if c.least]
        heights = [self.height(c, fuel - 1) for c in inner]
        return None if None in heights else 1 + max((h for h in heights if h is not None), default=0)

    # ---- objects ---------------------------------------------------------------------------
    def _object(self, shape: Shape, place: Place) -> Node | None:
        """A document of its members."""
        names = self._names(shape, place)
        if names is None:
            return None
        required = [n for n in names if n in shape.required]
        optional = [n for n in names if n not in shape.required]
        if place.least:
            optional = optional[: max(0, shape.least_members - len(required))]
            names = [n for n in names if n in shape.required or n in optional]
        made = self._members(shape, names, place)
        for name in required:
            if made.get(name) is None:
                return None
        optional = [n for n in optional if made.get(n) is not None]
        kept = self._followed(shape, set(required), optional)
        if kept is None or len(required) + len(kept) < shape.least_members:
            self.troubles[f"at least {shape.least_members} members are asked for, too few can be made"] = None
            return None
        optional = kept
        where = self._presence(shape, required, optional, place)
        members = tuple((n, node) for n in names if n in required or n in optional if (node := made[n]) is not None)
        return Document(members, tuple((n, where[n]) for n, _ in members if n in where))

    def _names(self, shape: Shape, place: Place) -> list[str] | None:
        """Declared members in their order, required ones that nobody declared, and as many more as are needed."""
        declared = [n for rule in shape.members for n in rule.named]
        names = list(dict.fromkeys([*declared, *sorted(shape.required)]))
        names = [n for n in names if member(shape, n, found) != NEVER]
        if shape.names:
            names = [n for n in names if self.judge.obeys(shape.names, n)]
        if not shape.required <= set(names):
            missing = sorted(shape.required - set(names))[0]
            self.troubles[f"member {missing} is required, and forbidden as well"] = None
            return None
        free = not declared and not shape.required
        wanted = max(shape.least_members - len(names), (4 if not place.least else 0) if free else 0)
        open_ = any(rule.patterns or rule.rest is not None for rule in shape.members) or not shape.members
        if wanted > 0 and (open_ or shape.least_members > len(names)):
            names += self._more_names(shape, names, wanted)
        elif not place.least and any(rule.patterns for rule in shape.members):
            names += self._more_names(shape, names, 2, patterned=True)
        return names

    def _more_names(self, shape: Shape, taken: list[str], count: int, patterned: bool = False) -> list[str]:
        """Names for members that nobody declared, as their patterns and limits want them."""
        candidates: list[str] = []
        for rule in shape.members:
            for pattern, conj in rule.patterns:
                if conj != NEVER:
                    known = language((pattern,), 0, 24)
                    if known is not None:
                        candidates += [known.text(i * 7919 % known.size) for i in range(min(known.size, count * 2))]
        candidates += [] if patterned else [*MAP_NAMES]
        if shape.names and not patterned:
            leaf = Place("", "key", "key", INLINE)
            candidates = [json.loads(t) for t in self.pool(joined(shape.names, _text(self.book)), leaf)] + candidates
        candidates += [] if patterned else [f"key_{i + 1}" for i in range(min(count, 300))]
        out: list[str] = []
        for name in dict.fromkeys(candidates):
            if len(out) >= count:
                break
            fits = isinstance(name, str) and name not in taken and member(shape, name, found) != NEVER
            if fits and (not shape.names or self.judge.obeys(shape.names, name)):
                out.append(name)
        return out

    def _members(self, shape: Shape, names: Sequence[str], place: Place) -> dict[str, Node | None]:
        """A value per name: scalars together, then objects and lists."""
        made: dict[str, Node | None] = {}
        own: dict[str, Shown] = {}
        together: list[tuple[str, list[tuple[Shape, Leaf]]]] = []
        self.spent += len(names)
        owner = place.name
        for name in names:
            conj = member(shape, name, found)
            inner = place.inner(_step(name), name, owner)
            shapes = self._chosen(conj, inner)
            shown = self._shown(name, conj, shapes, inner)
            if shown is not None:
                own[name] = shown
            if shapes and all(s.kinds <= SCALARS or s.values is not None for s in shapes):
                leaves = [
                    (s, Leaf(name, conj, s, f"{inner.use}|{i}="))
                    for i, s in enumerate(shapes[: 1 if place.least else 6])
                ]
                together.append((name, leaves))
            else:
                made[name] = self._nested(shape, name, conj, inner)
        flat = [leaf for _, group in together for _, leaf in group]
        nodes = dict(zip([leaf.use for leaf in flat], self.leaves.make(owner, flat), strict=True))
        for name, group in together:
            fine = [(s, node) for s, leaf in group if (node := nodes[leaf.use]) is not None]
            if not fine:
                self.troubles[told(group[0][1])] = None
            made[name] = _one_of(fine, place.inner(_step(name), name, owner).use) if fine else None
        for name, shown in own.items():
            made[name] = self._with_row(shown, made.get(name), member(shape, name, found), name in shape.required)
            if shown.nullable and made[name] is shown.node:
                self.absent[place.inner(_step(name), name, owner).use] = Call("is_null", (shown.node,))
        return made | self._repeated(shape, names, made, place)

    def _repeated(
        self, shape: Shape, names: Sequence[str], made: dict[str, Node | None], place: Place
    ) -> dict[str, Node | None]:
        """Members that repeat another (a form's second password, ``x-same-as``) are that other's own value, and are
        missing where it is."""
        again: dict[str, Node | None] = {}
        for name in names:
            for part in member(shape, name, found):
                original = part.schema.get("x-same-as") if isinstance(part.schema, dict) else None
                if not isinstance(original, str) or made.get(original) is None:
                    continue
                again[name] = made[original]
                missing = self.absent.get(place.inner(_step(original), original, place.name).use)
                if missing is not None:
                    self.absent[place.inner(_step(name), name, place.name).use] = missing
        return again

    def _shown(self, name: str, conj: Conj, shapes: Sequence[Shape], inner: Place) -> Shown | None:
        """The row's own value for a member, where the face is about rows and the member shows one."""
        if self.bound is None or self._open or self.bound.of(inner.use) is None:
            return None
        for shape in shapes:
            if shape.kinds != {"null"}:
                shown = self.bound.shown(inner.use, conj, shape, self.workshop, self.judge.obeys)
                if shown is not None:
                    return shown
        return None

    def _with_row(self, shown: Shown, made: Node | None, conj: Conj, required: bool) -> Node:
        """A row's value; where it has none: null if the face takes it, nothing if it may be missing, else another."""
        if not shown.nullable or self.judge.obeys(conj, None):
            return shown.node
        if not required or made is None:
            return shown.node
        return or_else(shown.node, made)

    def _nested(self, shape: Shape, name: str, conj: Conj, inner: Place) -> Node | None:
        if self.height(conj) is None:
            return None
        return self._deep(conj, Place(inner.use, inner.name, inner.name, inner.depth + 1, inner.least, inner.above))

    def _followed(self, shape: Shape, there: set[str], optional: list[str]) -> list[str] | None:
        """Optional members without those that need something impossible; None where one that is there needs it."""
        needs = _merged(shape.needs)
        while True:
            can = there | set(optional)
            if any(set(needs.get(n, ())) - can for n in there):
                return None
            kept = [n for n in optional if not set(needs.get(n, ())) - can]
            if kept == optional:
                return kept
            optional = kept

    def _presence(
        self, shape: Shape, required: Sequence[str], optional: Sequence[str], place: Place
    ) -> dict[str, Node]:
        """When each optional member is there."""
        needs = _merged(shape.needs)
        firm = _closure(set(required), needs)
        optional = [n for n in optional if n not in firm]
        use = place.use + "?"
        least = max(0, shape.least_members - len(firm))
        most = len(optional) if shape.most_members is None else min(len(optional), shape.most_members - len(firm))
        if place.least and not least:
            return {n: Const(False) for n in optional}
        if least > 0 or most < len(optional):
            low = least if least or not optional else 0
            usual = max(low, round(most * 0.7))
            count = Uniform(use + "count", Const(min(low if least else max(0, usual - 1), most)), Const(most))
            size = len(optional)
            start = Uniform(use + "start", Const(0), Const(size - 1))  # a window that may begin at any of them
            ranks = [Call("%", (Call("+", (start, Const(i))), Const(size))) for i in range(size)]
            return {n: Call("<", (rank, count)) for n, rank in zip(optional, ranks, strict=True)}
        own: dict[str, Node] = {n: Chance(f"{use}{_step(n)}", self._share(shape, n)) for n in optional}
        for name in optional:
            empty = self.absent.get(f"{place.use}/{_step(name)}")
            if empty is not None and not self.judge.obeys(member(shape, name, found), None):
                own[name] = Call("and", (own[name], Call("not", (empty,))))
        wanted_by: dict[str, list[str]] = {}
        for name in optional:
            for other in _closure({name}, needs) - {name}:
                wanted_by.setdefault(other, []).append(name)
        return {n: Call("or", (own[n], *(own[w] for w in wanted_by[n]))) if n in wanted_by else own[n] for n in own}

    def _share(self, shape: Shape, name: str) -> float:
        """How often an optional member is there: usually; objects less often than what is plain, each name its own."""
        conj = member(shape, name, found)
        shapes = self.spread.typed(conj)
        plain = all(s.kinds <= SCALARS for s in shapes)
        base = 0.78 if plain else 0.62
        if any(s.rare for s in shapes):
            base = 0.2
        tilt = hashlib.blake2b(name.encode(), digest_size=1).digest()[0] / 255 - 0.5
        return round(base + tilt * 0.24, 3)

    # ---- lists -----------------------------------------------------------------------------
    def _array(self, shape: Shape, place: Place) -> Node | None:
        """A listing."""
        first = max((len(rule.first) for rule in shape.items), default=0)
        low, high = self._length(shape, first, place)
        if high < low:
            return None
        if high == 0:
            return Cast(Const("[]"), JSON)
        if shape.distinct and high > 1:
            return self._distinct(shape, place, low, high)
        contained = [c for c in shape.contained if c.least]
        inside = sum(c.least for c in contained)
        plain = self._plain_element(shape, first, place)
        branches: list[When] = []
        for at in range(min(first, high)):
            node = self._element(element(shape, at), place, f"{at}")
            if node is None:
                if at < low:
                    return None
                high = at
                break
            branches.append(When(Call("=", (Slot(), Const(at))), Written(node)))
        start = len(branches) if inside and first + inside <= high else 0
        if contained:
            placed: list[When] = []
            for c in contained:
                node = self._element(joined(element(shape, start), c.what), place, f"c{start}")
                if node is None:
                    return None
                last = start + c.least
                here = Call("and", (Call(">=", (Slot(), Const(start))), Call("<", (Slot(), Const(last)))))
                placed.append(When(here, Written(node)))
                start = last
            branches = [*placed, *branches]
            low = max(low, start)
        if plain is None:
            high = min(high, max(first, start))
        if high < low:
            return None
        if high == 0:
            return Cast(Const("[]"), JSON)
        body = plain if plain is not None else branches[-1].value
        item: Node = Case(tuple(branches), Written(body)) if branches else body
        return Written(Listing(item, self._drawn_length(low, high, first, place)))

    def _plain_element(self, shape: Shape, first: int, place: Place) -> Node | None:
        conj = element(shape, first)
        limited = [c for c in shape.contained if c.most is not None]
        if limited:
            conj = joined(conj, self.book.conj(*(self.book.made({"not": _said(c)}) for c in limited)))
        return self._element(conj, place, "*")

    def _element(self, conj: Conj, place: Place, step: str) -> Node | None:
        if conj == NEVER:
            return None
        name = _singular(place.name)
        inner = Place(f"{place.use}/{step}", name, name, place.depth, place.least, place.above)
        shapes = self.spread.typed(conj)
        if all(s.kinds <= SCALARS or s.values is not None for s in shapes):
            return self.value(conj, inner)
        if self.height(conj) is None:
            return None
        return self._deep(conj, Place(inner.use, name, name, place.depth + 1, place.least, place.above))

    def _length(self, shape: Shape, first: int, place: Place) -> tuple[int, int]:
        low = max(shape.least_items, sum(c.least for c in shape.contained))
        closed = any(rule.rest == NEVER for rule in shape.items)
        bound = min((len(rule.first) for rule in shape.items if rule.rest == NEVER), default=None) if closed else None
        most = shape.most_items
        if bound is not None:
            most = bound if most is None else min(most, bound)
        usual = low if place.least else max(first, low + len(LENGTHS) - 1)
        return low, usual if most is None else min(most, max(usual, low))

    def _drawn_length(self, low: int, high: int, first: int, place: Place) -> Node:
        if low == high:
            return Const(low)
        weights = LENGTHS[: high - low + 1]
        if first and first <= high:
            weights = tuple(4.0 if low + i == first else 0.4 for i in range(high - low + 1))
        return Call("+", (Choice(place.use + "#", weights), Const(low)))

    def _distinct(self, shape: Shape, place: Place, low: int, high: int) -> Node | None:
        """Elements of a pool in an order of the row's own, so that no two are the same."""
        if any(rule.first for rule in shape.items) or shape.contained:
            return self._tried_list(shape, place)
        name = _singular(place.name)
        conj = element(shape, 0)
        inner = Place("", name, name, INLINE)
        texts = list(self.pool(conj, inner)) if conj else [json.dumps(n) for n in MAP_NAMES]
        if len(texts) < low:
            self.troubles[f"{place_of(conj)}: {low} different elements are asked for, {len(texts)} were found"] = None
            return None
        high = min(high, len(texts))
        if high == 0:
            return Cast(Const("[]"), JSON)
        at = Permute(place.use + "shuffle", Slot(), Const(len(texts)), Column(SHUFFLE.name))
        item = Cast(Pool(self.workshop.keep("elements", texts), at), JSON)
        return Written(Listing(item, self._drawn_length(low, high, 0, place)))

    def _tried_list(self, shape: Shape, place: Place) -> Node | None:
        """Lists whose first elements are their own and which must not repeat any: those that do not, of many."""
        node = self._array(msgspec.structs.replace(shape, distinct=False), Place("", place.name, place.owner, INLINE))
        if node is None:
            return None
        made = self.workshop.texts(f"$document:list:{place.use}", {"v": node}, POOLED * 4)["v"]
        kept = obeying(made, lambda v: len({json.dumps(e, sort_keys=True) for e in v}) == len(v))
        return self.workshop.pool("parts", kept, place.use + "pick") if kept else None


def _some(shapes: Sequence[Shape], most: int) -> Sequence[Shape]:
    """At most so many, taken evenly."""
    size = len(shapes)
    return shapes if size <= most else [shapes[i * size // most] for i in range(most)]


def _one_of(made: Sequence[tuple[Shape, Node]], use: str) -> Node:
    """One of several ways, drawn; null seldom."""
    if len(made) == 1:
        return made[0][1]
    others = max(1, sum(s.kinds != {"null"} for s, _ in made))
    weights = tuple(NULL_SHARE if s.kinds == {"null"} else (1 - NULL_SHARE) / others for s, _ in made)
    pick = Choice(use + "|", weights)
    whens = tuple(When(Call("=", (pick, Const(i))), Written(node)) for i, (_, node) in enumerate(made[:-1]))
    return Case(whens, Written(made[-1][1]))


def _text(book: Book) -> Conj:
    return book.conj(book.made({"type": "string"}))


def _said(c: Contained) -> Any:
    return {"allOf": [p.schema for p in c.what]} if c.what else True


def _step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _merged(needs: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    out: dict[str, tuple[str, ...]] = {}
    for name, others in needs:
        out[name] = tuple(dict.fromkeys((*out.get(name, ()), *others)))
    return out


def _closure(names: set[str], needs: dict[str, tuple[str, ...]]) -> set[str]:
    todo, seen = list(names), set(names)
    while todo:
        for other in needs.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def _singular(name: str) -> str:
    from understudy.semantics.words import singular

    return singular(name) if name else name
