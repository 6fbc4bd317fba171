"""How deep the least value of a conjunction is: what needs itself for ever has no height and is not made."""

from __future__ import annotations

from understudy.planning.documents.parts import NEVER, Conj, key_of
from understudy.planning.documents.shape import Shape, element, member
from understudy.planning.documents.spread import Spread
from understudy.planning.documents.texts import found

FUEL = 14
"""Objects within objects that the least document may need."""
LOOKED_AT = 8
"""Needed elements of a list that are looked at."""
FLAT = frozenset({"null", "boolean", "number", "string"})


class Heights:
    """The heights of one document's conjunctions, each found once."""

    def __init__(self, spread: Spread) -> None:
        self.spread = spread
        self._known: dict[tuple[tuple[str, ...], int], int | None] = {}

    def of(self, conj: Conj, fuel: int = FUEL) -> int | None:
        """How many objects within objects the least value needs; None where more than ``fuel``."""
        if conj == NEVER or fuel <= 0:
            return None
        key = (key_of(conj), fuel)
        if key not in self._known:
            heights = [h for s in self.spread.rough(conj) if (h := self.of_shape(s, fuel)) is not None]
            self._known[key] = min(heights, default=None)
        return self._known[key]

    def of_shape(self, shape: Shape, fuel: int = FUEL) -> int | None:
        """The height of one shape."""
        if shape.values is not None or shape.kinds <= FLAT:
            return 0
        inner: list[Conj] = []
        if shape.kinds == {"object"}:
            inner = [member(shape, n, found) for n in sorted(shape.required)]
        else:
            needed = max(shape.least_items, sum(c.least for c in shape.contained))
            inner = [element(shape, i) for i in range(min(needed, LOOKED_AT))]
            inner += [c.what for c in shape.contained if c.least]
        heights = [self.of(c, fuel - 1) for c in inner]
        return None if None in heights else 1 + max((h for h in heights if h is not None), default=0)
