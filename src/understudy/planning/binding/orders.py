"""Orders that names tell, where a key has settled one side: from before to, start before end.

Semantics keeps free columns of a row in order by itself; a column that carries uniqueness is made from a
code, and its companion must follow it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from understudy.planning.binding.relations import ORDERED, Push
from understudy.types import Type

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


def named_orders(types: Mapping[str, Type], settled: frozenset[str], free: frozenset[str]) -> list[Push]:
    """Pushes of free columns behind the settled ones that their names put before them."""
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
