"""Orders that names and meanings tell, where a key has settled one side: ordered before shipped, min before max.

Semantics keeps free columns of a row in order by itself; a column that carries uniqueness is made from a
code, and its companion must follow it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from understudy import semantics
from understudy.model.schema import Entity
from understudy.planning.binding.relations import ORDERED, Push
from understudy.types import Kind, Type

PAIRS = (
    ("from", "to"),
    ("from", "until"),
    ("from", "thru"),
    ("start", "end"),
    ("start", "stop"),
    ("start", "finish"),
    ("starts", "ends"),
    ("started", "ended"),
    ("started", "finished"),
    ("started", "completed"),
    ("begin", "end"),
    ("created", "updated"),
    ("created", "modified"),
    ("opened", "closed"),
    ("ordered", "shipped"),
    ("order", "ship"),
    ("min", "max"),
    ("first", "last"),
    ("low", "high"),
    ("intime", "outtime"),
    ("admit", "disch"),
)
"""Words of names: what stands left is not later than what stands right."""


TEMPORAL = (Kind.DATE, Kind.TIMESTAMP)


def told_orders(entity: Entity, settled: frozenset[str], free: frozenset[str]) -> list[Push]:
    """Pushes of free columns behind the settled ones that names or meanings put before them."""
    types = {f.name: f.type for f in entity.fields}
    found = _by_name(types, settled, free)
    if any(types[c].kind in TEMPORAL for c in settled):
        found += [p for p in _by_meaning(entity, types, settled, free) if p not in found]
    return found


def _by_meaning(entity: Entity, types: Mapping[str, Type], settled: frozenset[str], free: frozenset[str]) -> list[Push]:
    """Moments in the order of life, as semantics ranks them."""
    ranks = {f.name: semantics.moment_rank(entity, f) for f in entity.fields if f.type.kind in TEMPORAL}
    return [
        Push(later, earlier, 0)
        for earlier in sorted(settled & set(ranks))
        for later in sorted(free & set(ranks))
        if types[earlier].kind is types[later].kind
        and (first := ranks[earlier]) is not None
        and (second := ranks[later]) is not None
        and first < second
    ]


def _by_name(types: Mapping[str, Type], settled: frozenset[str], free: frozenset[str]) -> list[Push]:
    names = {n.lower(): n for n in types}
    found = []
    for lower, name in names.items():
        if name not in settled:
            continue
        for early, late in PAIRS:
            pattern = rf"(?<![a-z]){early}(?![a-z])" if "_" in lower or lower == early else early
            other = names.get(re.sub(pattern, late, lower, count=1))
            if other is None or other == name or other not in free:
                continue
            if types[name].kind is types[other].kind and types[name].kind in ORDERED:
                found.append(Push(other, name, 0))
    return found
