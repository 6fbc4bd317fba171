"""How a resource lives, by its operations: made, read, changed, taken away; and where the description links on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from understudy.model.flow import Flow, Transition
from understudy.sources.api.operations import Operation

ORDER = ("post", "get", "put", "patch", "delete")
"""The life of a thing."""


def flows(operations: Sequence[Operation], entities: Mapping[str, str]) -> tuple[Flow, ...]:
    """A flow per resource that can be made: ``entities``: title of an operation → the entity that it is about."""
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        base = re.sub(r"/\{[^{}]+\}/?$", "", operation.path.rstrip("/")) or "/"
        groups.setdefault(base, []).append(operation)
    by_name = {o.name: o.title for o in operations if o.name}
    found = []
    for base, group in groups.items():
        if len(group) < 2 or not any(o.method == "post" for o in group):
            continue
        steps = sorted(
            (o for o in group if o.method in ORDER), key=lambda o: (ORDER.index(o.method), o.path.count("{"))
        )
        states = [o.title for o in steps]
        moves = [Transition(a, b) for a, b in pairwise(states)]
        linked = [
            Transition(o.title, target, label=f"link on {status}")
            for o in group
            for status, name in o.links
            if (target := by_name.get(name, "")) and target not in states
        ]
        states += [t.end for t in linked]
        entity = next((entities[o.title] for o in steps if entities.get(o.title)), "")
        kind = "conditional" if linked else "linear"
        found.append(Flow(base, entity, tuple(dict.fromkeys(states)), (*moves, *linked), states[0], kind))
    return tuple(found)
