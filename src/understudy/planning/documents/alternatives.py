"""Alternatives of one value: which of them are made, and how one is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.model.expression import Call, Case, Choice, Const, Node, When, Written
from understudy.planning.documents.making import Making, Place
from understudy.planning.documents.parts import Conj
from understudy.planning.documents.shape import Shape

NULL_SHARE = 0.12


def chosen(making: Making, conj: Conj, place: Place, most: int) -> Sequence[Shape]:
    """At most so many shapes to make; where only the least is wanted, the lowest that can be met."""
    if not place.least:
        return making.spread.typed(conj, most)
    shapes = making.spread.rough(conj)
    heights = [(h, i) for i, s in enumerate(shapes) if (h := making.heights.of_shape(s)) is not None]
    return making.spread.lowest(shapes[i] for _, i in sorted(heights))


def one_of(made: Sequence[tuple[Shape, Node]], use: str) -> Node:
    """One of several ways, drawn; null seldom."""
    if len(made) == 1:
        return made[0][1]
    others = max(1, sum(s.kinds != {"null"} for s, _ in made))
    weights = tuple(NULL_SHARE if s.kinds == {"null"} else (1 - NULL_SHARE) / others for s, _ in made)
    pick = Choice(use + "|", weights)
    whens = tuple(When(Call("=", (pick, Const(i))), Written(node)) for i, (_, node) in enumerate(made[:-1]))
    return Case(whens, Written(made[-1][1]))
