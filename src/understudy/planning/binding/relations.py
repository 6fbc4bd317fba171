"""Order between columns of a row, by construction: the later one is pushed behind the earlier one.

``a <= b`` makes b = greatest(b, a); ``a < b`` leaves a step between. Domains are tightened first,
so that pushing never leaves them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Const, Node
from understudy.rules import Relation
from understudy.types import Kind, Type

STEPS = {Kind.TIMESTAMP: 60_000_000, Kind.TIME: 60_000_000}
"""The least distance in microseconds that a strict order leaves; one unit for all other kinds."""

ORDERED = {
    Kind.INTEGER,
    Kind.DECIMAL,
    Kind.FLOAT,
    Kind.MONEY,
    Kind.DATE,
    Kind.TIMESTAMP,
    Kind.TIME,
    Kind.YEAR,
}


class Push(msgspec.Struct, frozen=True):
    """``column`` must be at least ``floor`` (a column) plus ``step`` units of its own scale."""

    column: str
    floor: str
    step: int


def pushes(
    relations: Iterable[Relation], types: Mapping[str, Type], free: frozenset[str]
) -> tuple[list[Push], list[Relation]]:
    """The relations that pushing can meet, in an order in which each floor is settled first; and the others.

    ``free``: columns that may be changed.
    """
    found: list[Push] = []
    rest: list[Relation] = []
    for relation in relations:
        push = _push(relation, types)
        if push is None or push.column not in free or _reaches(found, push.floor, push.column):
            rest.append(relation)
        else:
            found.append(push)
    return found, rest


def _push(relation: Relation, types: Mapping[str, Type]) -> Push | None:
    left, right = types.get(relation.left), types.get(relation.right)
    if left is None or right is None or left.kind is not right.kind or left.kind not in ORDERED:
        return None
    if (relation.left_factor, relation.right_factor) != (1, 1) or not isinstance(relation.offset, int):
        return None
    step = STEPS.get(left.kind, 1)
    match relation.op:
        case "<=":
            return Push(relation.right, relation.left, -relation.offset)
        case "<":
            return Push(relation.right, relation.left, step - relation.offset)
        case ">=":
            return Push(relation.left, relation.right, relation.offset)
        case ">":
            return Push(relation.left, relation.right, step + relation.offset)
    return None


def _reaches(found: list[Push], start: str, goal: str) -> bool:
    """Whether ``start`` is already pushed, however far, by ``goal``."""
    todo, seen = [start], set()
    while todo:
        here = todo.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            todo += [p.floor for p in found if p.column == here]
    return False


def tighten(found: list[Push], domains: dict[str, Domain]) -> None:
    """Lower the upper bounds of floors so that what they push stays within its own."""
    for _ in range(len(found)):
        for push in found:
            top = domains.get(push.column, Domain()).high
            if top is None:
                continue
            floor = domains.get(push.floor, Domain())
            if floor.high is None or floor.high > top - push.step:
                domains[push.floor] = msgspec.structs.replace(floor, high=top - push.step)


def pushed(base: Node, floors: Iterable[Push], t: Type) -> Node:
    """``base``, but at least every floor that is not null."""
    arguments = [base]
    for push in floors:
        node: Node = Column(push.floor)
        if push.step:
            node = Call("+", (node, _units(push.step, t)))
        arguments.append(node)
    return Call("greatest", tuple(arguments))


def _units(step: int, t: Type) -> Node:
    """``step`` units of a type's scale as a constant that ``+`` takes in the type's own terms."""
    if t.kind in (Kind.DECIMAL, Kind.MONEY) and t.scale:
        return Const(step / 10**t.scale)
    return Const(step)
