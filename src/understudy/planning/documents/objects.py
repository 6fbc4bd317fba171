"""Objects: a document of members that are there or not; the scalar ones are made together, so that they agree."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.model.expression import Call, Document, Node
from understudy.planning.documents.alternatives import chosen, one_of
from understudy.planning.documents.bound import Shown, or_else
from understudy.planning.documents.leaves import Leaf, told
from understudy.planning.documents.making import SCALARS, Maker, Making, Place, step
from understudy.planning.documents.names import names
from understudy.planning.documents.parts import Conj
from understudy.planning.documents.presence import followed, presence
from understudy.planning.documents.rows import rows_shown
from understudy.planning.documents.shape import Shape, member
from understudy.planning.documents.texts import found

KINDS_OF_LEAF = 6
"""Alternatives of a scalar member that are made."""


class Objects:
    """Makes the objects of one document."""

    def __init__(self, making: Making, maker: Maker) -> None:
        self.making, self.maker = making, maker

    def make(self, shape: Shape, place: Place) -> Node | None:
        """A document of its members; None where one that must be there cannot be made."""
        listed = names(self.making, self.maker, shape, place)
        if listed is None:
            return None
        required = [n for n in listed if n in shape.required]
        optional = [n for n in listed if n not in shape.required]
        if place.least:
            optional = optional[: max(0, shape.least_members - len(required))]
            listed = [n for n in listed if n in shape.required or n in optional]
        made = self._members(shape, listed, place)
        if any(made.get(name) is None for name in required):
            return None
        kept = followed(shape, set(required), [n for n in optional if made.get(n) is not None])
        if kept is None or len(required) + len(kept) < shape.least_members:
            few = f"at least {shape.least_members} members are asked for, too few can be made"
            self.making.troubles[few] = None
            return None
        where = presence(self.making, shape, required, kept, place)
        members = tuple((n, node) for n in listed if n in required or n in kept if (node := made[n]) is not None)
        return Document(members, tuple((n, where[n]) for n, _ in members if n in where))

    def _members(self, shape: Shape, listed: Sequence[str], place: Place) -> dict[str, Node | None]:
        """A value per name: scalars together, then objects and lists."""
        made: dict[str, Node | None] = {}
        own: dict[str, Shown] = {}
        together: list[tuple[str, list[tuple[Shape, Leaf]]]] = []
        self.making.spent += len(listed)
        owner = place.name
        for name in listed:
            conj = member(shape, name, found)
            inner = place.inner(step(name), name, owner)
            shown = self._shown(conj, inner) or rows_shown(self.making, self.maker, conj, inner)
            if shown is not None:
                own[name] = shown
            shapes = self.making.spread.rough(conj)
            flat = shapes and all(s.kinds <= SCALARS or s.values is not None for s in shapes)
            few = chosen(self.making, conj, inner, KINDS_OF_LEAF)[: 1 if place.least else None] if flat else ()
            if few:
                together.append((name, [(s, Leaf(name, conj, s, f"{inner.use}|{i}=")) for i, s in enumerate(few)]))
            else:
                made[name] = self._nested(name, conj, inner)
        made |= self._scalars(owner, together, place)
        for name, shown in own.items():
            made[name] = self._with_row(shown, made.get(name), member(shape, name, found), name in shape.required)
            if shown.nullable and made[name] is shown.node:
                self.making.absent[place.inner(step(name), name, owner).use] = Call("is_null", (shown.node,))
        return made | self._repeated(shape, listed, made, place)

    def _scalars(
        self, owner: str, together: Sequence[tuple[str, list[tuple[Shape, Leaf]]]], place: Place
    ) -> dict[str, Node | None]:
        """Scalar members, all kinds of each at once."""
        flat = [leaf for _, group in together for _, leaf in group]
        nodes = dict(zip([leaf.use for leaf in flat], self.making.leaves.make(owner, flat), strict=True))
        made: dict[str, Node | None] = {}
        for name, group in together:
            fine = [(s, node) for s, leaf in group if (node := nodes[leaf.use]) is not None]
            if not fine:
                self.making.troubles[told(group[0][1])] = None
            made[name] = one_of(fine, place.inner(step(name), name, owner).use) if fine else None
        return made

    def _nested(self, name: str, conj: Conj, inner: Place) -> Node | None:
        if self.making.heights.of(conj) is None:
            return None
        return self.maker.deep(conj, Place(inner.use, name, name, inner.depth + 1, inner.least, inner.above))

    def _repeated(
        self, shape: Shape, listed: Sequence[str], made: dict[str, Node | None], place: Place
    ) -> dict[str, Node | None]:
        """Members that repeat another (a form's second password, ``x-same-as``) are that other's own value, and are
        missing where it is."""
        again: dict[str, Node | None] = {}
        for name in listed:
            for part in member(shape, name, found):
                original = part.schema.get("x-same-as") if isinstance(part.schema, dict) else None
                if not isinstance(original, str) or made.get(original) is None:
                    continue
                again[name] = made[original]
                missing = self.making.absent.get(place.inner(step(original), original, place.name).use)
                if missing is not None:
                    self.making.absent[place.inner(step(name), name, place.name).use] = missing
        return again

    # ---- rows ------------------------------------------------------------------------------
    def _shown(self, conj: Conj, inner: Place) -> Shown | None:
        """The row's own value for a member, where the face is about rows and the member shows one."""
        bound = self.making.bound
        if bound is None or self.making.drawing or bound.of(inner.use) is None:
            return None
        for shape in self.making.spread.typed(conj):
            if shape.kinds != {"null"}:
                shown = bound.shown(inner.use, conj, shape, self.making.workshop, self.making.judge.obeys)
                if shown is not None:
                    return shown
        return None

    def _with_row(self, shown: Shown, made: Node | None, conj: Conj, required: bool) -> Node:
        """A row's value; where it has none: null if the face takes it, nothing if it may be missing, else another."""
        if not shown.nullable or self.making.judge.obeys(conj, None):
            return shown.node
        if not required or made is None:
            return shown.node
        return or_else(shown.node, made)
