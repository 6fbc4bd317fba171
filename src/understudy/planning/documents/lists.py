"""Lists: a listing of drawn length; first and contained elements in their places; distinct ones from a pool."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from understudy.model.expression import (
    Call,
    Case,
    Cast,
    Choice,
    Column,
    Const,
    Listing,
    Node,
    Permute,
    Pool,
    Slot,
    When,
    Written,
)
from understudy.planning.documents.making import INLINE, MAP_NAMES, SCALARS, Maker, Making, Place, singular
from understudy.planning.documents.parts import NEVER, Conj, joined, place_of
from understudy.planning.documents.shape import Contained, Shape, element
from understudy.planning.documents.workshop import JSON, SHUFFLE, obeying

LENGTHS = (0.1, 0.34, 0.28, 0.18, 0.1)
"""How many elements beyond the least a list has."""
TRIED = 384
"""Lists tried whose first elements are their own and which must not repeat any."""


class Lists:
    """Makes the lists of one document."""

    def __init__(self, making: Making, maker: Maker) -> None:
        self.making, self.maker = making, maker

    def make(self, shape: Shape, place: Place) -> Node | None:
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
            conj = joined(conj, self.making.book.conj(*(self.making.book.made({"not": _said(c)}) for c in limited)))
        return self._element(conj, place, "*")

    def _element(self, conj: Conj, place: Place, step: str) -> Node | None:
        if conj == NEVER:
            return None
        name = singular(place.name)
        inner = Place(f"{place.use}/{step}", name, name, place.depth, place.least, place.above)
        shapes = self.making.spread.rough(conj)
        if all(s.kinds <= SCALARS or s.values is not None for s in shapes):
            return self.maker.value(conj, inner)
        if self.making.heights.of(conj) is None:
            return None
        return self.maker.deep(conj, Place(inner.use, name, name, place.depth + 1, place.least, place.above))

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
        name = singular(place.name)
        conj = element(shape, 0)
        inner = Place("", name, name, INLINE)
        texts = list(self.maker.pool(conj, inner)) if conj else [json.dumps(n) for n in MAP_NAMES]
        if len(texts) < low:
            self.making.troubles[
                f"{place_of(conj)}: {low} different elements are asked for, {len(texts)} were found"
            ] = None
            return None
        high = min(high, len(texts))
        if high == 0:
            return Cast(Const("[]"), JSON)
        at = Permute(place.use + "shuffle", Slot(), Const(len(texts)), Column(SHUFFLE.name))
        item = Cast(Pool(self.making.workshop.keep("elements", texts), at), JSON)
        return Written(Listing(item, self._drawn_length(low, high, 0, place)))

    def _tried_list(self, shape: Shape, place: Place) -> Node | None:
        """Lists whose first elements are their own and which must not repeat any: those that do not, of many."""
        node = self.make(msgspec.structs.replace(shape, distinct=False), Place("", place.name, place.owner, INLINE))
        if node is None:
            return None
        made = self.making.workshop.texts(f"$document:list:{place.use}", {"v": node}, TRIED)["v"]
        kept = obeying(made, lambda v: len({json.dumps(e, sort_keys=True) for e in v}) == len(v))
        return self.making.workshop.pool("parts", kept, place.use + "pick") if kept else None


def _said(c: Contained) -> Any:
    return {"allOf": [p.schema for p in c.what]} if c.what else True
