"""When the optional members of an object are there: usually; together where one needs another; within limits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from understudy.model.expression import Call, Chance, Const, Node, Uniform
from understudy.planning.documents.making import SCALARS, Making, Place, step
from understudy.planning.documents.shape import Shape, member
from understudy.planning.documents.texts import found

PLAIN, NESTED, RARE = 0.78, 0.62, 0.2
"""How often a plain member is there, an object or list (the seldomer, the more pools of parts lie around it: else texts
would grow with every pool), and one that goes out of use."""
TILT = 0.24
"""By how much the names' own shares differ."""
ROOM, ROOM_BELOW = 40, 16
"""Optional members that are expected at most of an object near the root, and of one that lies deeper: who may say
eighty things of an axis says a few."""
NEAR = 1
USUAL = 0.7
"""The share of members that are there where their number is limited."""


def followed(shape: Shape, there: set[str], optional: list[str]) -> list[str] | None:
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


def presence(
    making: Making, shape: Shape, required: Sequence[str], optional: Sequence[str], place: Place
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
        return _window(optional, least, most, use)
    room = (ROOM if place.depth <= NEAR else ROOM_BELOW) / max(len(optional), 1)
    shares = {n: round(_share(making, shape, n) * min(1.0, room), 3) for n in optional}
    own: dict[str, Node] = {n: Chance(f"{use}{step(n)}", share) for n, share in shares.items()}
    for name in optional:
        empty = making.absent.get(f"{place.use}/{step(name)}")
        if empty is not None and not making.judge.obeys(member(shape, name, found), None):
            own[name] = Call("and", (own[name], Call("not", (empty,))))
    wanted_by: dict[str, list[str]] = {}
    for name in optional:
        for other in _closure({name}, needs) - {name}:
            wanted_by.setdefault(other, []).append(name)
    return {n: Call("or", (own[n], *(own[w] for w in wanted_by[n]))) if n in wanted_by else own[n] for n in own}


def _window(optional: Sequence[str], least: int, most: int, use: str) -> dict[str, Node]:
    """A drawn number of members that follow each other, from any of them on."""
    low = least if least or not optional else 0
    usual = max(low, round(most * USUAL))
    count = Uniform(use + "count", Const(min(low if least else max(0, usual - 1), most)), Const(most))
    size = len(optional)
    start = Uniform(use + "start", Const(0), Const(size - 1))
    ranks = [Call("%", (Call("+", (start, Const(i))), Const(size))) for i in range(size)]
    return {n: Call("<", (rank, count)) for n, rank in zip(optional, ranks, strict=True)}


def _share(making: Making, shape: Shape, name: str) -> float:
    """How often an optional member is there: objects less often than what is plain, each name its own."""
    shapes = making.spread.rough(member(shape, name, found))
    base = PLAIN if all(s.kinds <= SCALARS for s in shapes) else NESTED / max(1, len(making.drawing))
    if any(s.rare for s in shapes):
        base = RARE
    tilt = hashlib.blake2b(name.encode(), digest_size=1).digest()[0] / 255 - 0.5
    return base + tilt * min(TILT, base)


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
