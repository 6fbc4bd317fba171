"""Whether bounds and relations of a branch can hold together: bounds are carried along relations until nothing
moves."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.rules.branch import Branch, Relation
from understudy.types import Kind, Type

ROUNDS = 3
"""Rounds per relation after which bounds that still move only creep (a cycle of strict relations) or cannot clash."""


def consistent(branch: Branch, types: Mapping[str, Type]) -> bool:
    """False where columns that must not be null cannot all have values; a column that may be null always can escape."""
    required = {n for n, d in branch.domains.items() if d.required}
    relations = [
        r
        for r in branch.relations
        if r.left in required and r.right in required and r.left_factor > 0 and r.right_factor > 0
    ]
    if not relations:
        return True
    edges = [e for r in relations for e in _edges(r, types)]
    if _negative_cycle(edges):
        return False
    low = {
        n: d.low if d.values is None else min(d.values)
        for n, d in branch.domains.items()
        if n in required and _numeric(d.values)
    }
    high = {
        n: d.high if d.values is None else max(d.values)
        for n, d in branch.domains.items()
        if n in required and _numeric(d.values)
    }
    for _ in range(ROUNDS * len(relations)):
        moved = False
        for left, right, a, b, offset in edges:
            moved |= _raise(low, left, right, a, b, offset) | _lower(high, left, right, a, b, offset)
        if not moved:
            break
    return all(low.get(n) is None or high.get(n) is None or low[n] <= high[n] for n in required)  # type: ignore[operator]


def _numeric(values: tuple[object, ...] | None) -> bool:
    return values is None or (bool(values) and not any(isinstance(v, str | bool) for v in values))


def _edges(relation: Relation, types: Mapping[str, Type]) -> list[tuple[str, str, int, int, float]]:
    """``left * a <= right * b + offset``, one or both ways; strictness is one unit of whole numbers."""
    kinds = [types.get(n) for n in (relation.left, relation.right)]
    step = 0 if any(k is None or k.kind is Kind.FLOAT for k in kinds) else 1
    a, b, c = relation.left_factor, relation.right_factor, relation.offset
    forward, backward = (relation.left, relation.right, a, b, c), (relation.right, relation.left, b, a, -c)
    match relation.op:
        case "<=":
            return [forward]
        case "<":
            return [(*forward[:4], c - step)]
        case ">=":
            return [backward]
        case ">":
            return [(*backward[:4], -c - step)]
        case "=":
            return [forward, backward]
    return []


def _negative_cycle(edges: list[tuple[str, str, int, int, float]]) -> bool:
    """Whether differences alone (all factors 1) exclude each other: left - right <= offset around a circle below 0."""
    plain = [(left, right, c) for left, right, a, b, c in edges if a == b == 1]
    distance = dict.fromkeys({n for one, other, _ in plain for n in (one, other)}, 0.0)
    for turn in range(len(distance) + 1):
        moved = False
        for left, right, offset in plain:
            if distance[right] + offset < distance[left]:
                distance[left] = distance[right] + offset
                moved = True
        if not moved:
            return False
        if turn == len(distance):
            return True
    return False


def _raise(low: dict, left: str, right: str, a: int, b: int, offset: float) -> bool:  # type: ignore[type-arg]
    """right >= (left * a - offset) / b"""
    if low.get(left) is None or right not in low:
        return False
    bound = (
        -((offset - low[left] * a) // b)
        if isinstance(low[left], int) and isinstance(offset, int)
        else (low[left] * a - offset) / b
    )
    if low[right] is None or bound > low[right]:
        low[right] = bound
        return True
    return False


def _lower(high: dict, left: str, right: str, a: int, b: int, offset: float) -> bool:  # type: ignore[type-arg]
    """left <= (right * b + offset) / a"""
    if high.get(right) is None or left not in high:
        return False
    bound = (
        (high[right] * b + offset) // a
        if isinstance(high[right], int) and isinstance(offset, int)
        else (high[right] * b + offset) / a
    )
    if high[left] is None or bound < high[left]:
        high[left] = bound
        return True
    return False
