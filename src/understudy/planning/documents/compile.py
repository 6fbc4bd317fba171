"""From a JSON Schema to an expression that gives a valid JSON document per row.

    conjunction ─► shapes (one kind each) ─► object: see ``objects``
                                             list:   see ``lists``
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

import msgspec

from understudy.model.expression import Node, Written
from understudy.planning.documents.alternatives import chosen, one_of
from understudy.planning.documents.leaves import Leaf, told
from understudy.planning.documents.lists import Lists
from understudy.planning.documents.making import INLINE, SCALARS, Making, Place
from understudy.planning.documents.objects import Objects
from understudy.planning.documents.parts import NEVER, Book, Conj, key_of, place_of
from understudy.planning.documents.rows import rows_shown
from understudy.planning.documents.shape import Shape
from understudy.planning.documents.spread import MOST
from understudy.planning.documents.workshop import Workshop, obeying

BUDGET = 160
"""Members made anew in each row of one document; what comes after is drawn from pools."""
TRIED = 64
"""Documents tried of what is trusted by its making."""
WRITTEN_OUT, WRITTEN_OUT_BELOW = 400, 160
"""Members of one document, and of a part for a pool, up to which what is written out in its place has several
alternatives; behind them each place has one, another in another place; behind as many again it is the least there can
be."""
DEEPEST_WRITTEN = INLINE + 4
"""Objects within objects, written out in their places, before only the least is made."""
POOLED = 96
"""Documents of a pool that are tried."""
LAST_POOLED = 1024
"""Documents tried where whole documents have to be drawn from a pool."""
CHAIN = 4
"""Pools within pools before only the least is made."""
ALTERNATIVES = 8
"""Alternatives of one place below the root that are made; the root has all of its own."""
FEWER = 3
"""Alternatives of what lies deep or is made for a pool."""
DEFINITION = re.compile(r"#(?:/\$defs/[^/]+)?\Z")
"""Pointers of what may be referred to from many places, itself included."""


class Compiler:
    """Compiles the conjunctions of one document."""

    def __init__(
        self, book: Book, workshop: Workshop, locale: str, clock: int, shared: dict[str, tuple[str, ...]] | None = None
    ) -> None:
        """``shared``: pools that other documents made of the same parts, by what those parts say."""
        self.making = Making(book, workshop, locale, clock)
        self.objects, self.lists = Objects(self.making, self), Lists(self.making, self)
        self.shared = {} if shared is None else shared
        self._pools: dict[tuple[tuple[str, ...], bool], tuple[str, ...]] = {}

    @property
    def troubles(self) -> dict[str, None]:
        """Why something could not be made, in words for people."""
        return self.making.troubles

    # ---- documents -------------------------------------------------------------------------
    def document(self, conj: Conj, name: str) -> Node | None:
        """JSON text per row; None where nothing obeys (``troubles`` tells why)."""
        self.making.spent = 0
        place = Place("", name, name)
        rows = rows_shown(self.making, self, conj, place)
        node = self.value(conj, place) if rows is None else rows.node
        if node is None:
            if not self.making.troubles:
                self.making.troubles[f"{place_of(conj)}: nothing obeys it"] = None
            return None
        node = Written(node)
        wrong = self._wrong(conj, node)
        if not wrong:
            return node
        kept = self._sample(conj, node, LAST_POOLED)
        if not kept:
            self.making.troubles[f"{place_of(conj)}: {wrong}"] = None
            return None
        return self.making.workshop.pool("documents", kept, "pick")

    def _made(self, conj: Conj, node: Node, rows: int) -> list[str]:
        digest = hashlib.blake2b(repr(key_of(conj)).encode(), digest_size=8).hexdigest()
        return self.making.workshop.texts(f"$document:{digest}", {"v": node}, rows)["v"]

    def _wrong(self, conj: Conj, node: Node) -> str:
        """What is wrong with the first document of a sample that does not obey; "" where all do."""
        for text in self._made(conj, node, TRIED):
            if not self.making.judge.obeys(conj, value := json.loads(text)):
                return self.making.judge.complaint(conj, value)
        return ""

    def _sample(self, conj: Conj, node: Node, rows: int) -> list[str]:
        """Documents that obey, each once."""
        return obeying(self._made(conj, node, rows), lambda v: self.making.judge.obeys(conj, v))

    # ---- values ----------------------------------------------------------------------------
    def value(self, conj: Conj, place: Place) -> Node | None:
        """An expression of one value: typed, or JSON; None where there is none."""
        if conj == NEVER:
            return None
        place = msgspec.structs.replace(place, above=place.above | {key_of(conj)})
        few = self._alternatives(place)
        for most in dict.fromkeys((few, MOST)):
            made = self._any(conj, chosen(self.making, conj, place, most), place)
            if made is not None:
                return made
        return self._any(conj, self.making.spread.others(conj), place)

    def _alternatives(self, place: Place) -> int:
        """How many alternatives are made at a place."""
        if place.use == "" and not self.making.drawing:
            return MOST
        if self.making.spent > (WRITTEN_OUT_BELOW if self.making.drawing else WRITTEN_OUT):
            return 1
        return ALTERNATIVES if place.depth < INLINE - 1 and self.making.spent < BUDGET else FEWER

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
            self.making.troubles.setdefault(f"{place_of(conj)}: nothing obeys everything asked there")
            return None
        return one_of(made, place.use)

    def _shape(self, conj: Conj, shape: Shape, place: Place) -> Node | None:
        kind = next(iter(shape.kinds))
        if shape.values is not None or kind in SCALARS:
            leaf = Leaf(place.name, conj, shape, place.use + "=")
            node = self.making.leaves.make(place.owner, [leaf])[0]
            if node is None:
                self.making.troubles[told(leaf)] = None
            return node
        made = self.objects.make(shape, place) if kind == "object" else self.lists.make(shape, place)
        if made is None or not shape.loose or place.depth == 0:
            return made
        kept = self._sample(conj, made, POOLED * 4)
        return self.making.workshop.pool("parts", kept, place.use + "pick") if kept else None

    # ---- pools -----------------------------------------------------------------------------
    def deep(self, conj: Conj, place: Place) -> Node | None:
        """An object or list: anew where there is room or where it is written out in its place, else from a pool."""
        shared = key_of(conj) in place.above or any(DEFINITION.match(p.pointer) for p in conj)
        spent, limit = self.making.spent, WRITTEN_OUT_BELOW if self.making.drawing else WRITTEN_OUT
        if place.least or not shared:
            full = spent > 2 * limit or place.depth > DEEPEST_WRITTEN
            return self.value(conj, msgspec.structs.replace(place, least=True) if full else place)
        if place.depth < INLINE and spent < BUDGET:
            return self.value(conj, place)
        kept = self.pool(conj, place)
        return self.making.workshop.pool("parts", kept, place.use + "pick") if kept else None

    def pool(self, conj: Conj, place: Place) -> tuple[str, ...]:
        """JSON texts that obey; empty where none was found. A part of itself is made of its least form."""
        key = key_of(conj)
        if not any(p.schema for p in conj):
            return ()
        least = len(self.making.drawing) >= CHAIN or (key, False) in self.making.drawing
        if (key, least) not in self._pools:
            if (key, least) in self.making.drawing:
                return ()
            said = f"{least}{len(self.making.drawing) >= CHAIN}{place.name}{self.making.book.digest(conj)}"
            if said not in self.shared:
                self.shared[said] = self._pooled(conj, place, (key, least))
            self._pools[(key, least)] = self.shared[said]
        return self._pools[(key, least)]

    def _pooled(self, conj: Conj, place: Place, name: tuple[tuple[str, ...], bool]) -> tuple[str, ...]:
        self.making.drawing.append(name)
        spent, self.making.spent = self.making.spent, 0
        try:
            node = self.value(conj, Place("", place.name, place.owner, 0 if name[1] else INLINE - 1, name[1]))
            return tuple(self._sample(conj, Written(node), POOLED)) if node is not None else ()
        finally:
            self.making.drawing.pop()
            self.making.spent = spent
