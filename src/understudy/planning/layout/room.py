"""How many rows a table can hold, given its parents and its keys."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.planning.layout.capacity import UNBOUNDED
from understudy.planning.layout.keys import Decoded, KeyPlan
from understudy.planning.layout.ties import Tie


def space(decoded: Decoded, parents: Mapping[str, int], rooms: Mapping[str, int]) -> int:
    """Codes of a decoded key (per parent of its anchor): the product of its parts, at most 2**62."""
    product = 1
    for link in decoded.links:
        product *= parents[link]
    for column in decoded.columns:
        product *= rooms[column]
    return min(product, UNBOUNDED)


def most_rows(
    plan: KeyPlan, ties: tuple[Tie, ...], parents: Mapping[str, int], rooms: Mapping[str, int], held: int = 0
) -> tuple[int, str]:
    """The greatest number of rows that keys and parents leave room for, and the words why.

    ``parents``: per tie the parents that may be chosen; ``rooms``: distinct values per free column; ``held``: rows
    that are already there and use some of them up.
    """
    limits: list[tuple[int, str]] = [(UNBOUNDED, "")]
    for tie in ties:
        if tie.required and not parents[tie.name] and not tie.implied:
            limits.append((0, f"{tie.key.target}, which it must refer to, has no row"))
    for column in plan.coded:
        limits.append((max(0, rooms[column] - held), f"{column} has {rooms[column]} distinct values"))
    for name in plan.paired:
        limits.append((parents[name], f"each row needs a parent of its own by {name}, and there are {parents[name]}"))
    for d in plan.decoded:
        codes = space(d, parents, rooms)
        free = min(codes * parents[d.anchor], UNBOUNDED) if d.anchor else max(0, codes - held)
        limits.append((free, f"key {d.key} has {codes} combinations"))
    return min(limits)
