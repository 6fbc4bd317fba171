"""Flows of all sources, under the schema's names, the same flow told twice made one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.fusion.alignment import Alignment
from understudy.model.evidence import Evidence
from understudy.model.flow import Flow, Transition


def merged_flows(evidence: Sequence[Evidence], alignment: Alignment) -> tuple[Flow, ...]:
    """Every flow once: those of one name over one entity are joined, their transitions' shares averaged."""
    found: dict[tuple[str, str], list[Flow]] = {}
    for part, said in enumerate(evidence):
        for flow in said.flows:
            place = alignment.places.get((part, flow.entity))
            match = alignment.matches.get((part, flow.entity, flow.field))
            entity = place.table if place is not None else flow.entity
            field = match.column if match is not None and match.column else flow.field
            named = msgspec.structs.replace(flow, entity=entity, field=field)
            found.setdefault((named.name, named.entity), []).append(named)
    return tuple(_one(flows) for flows in found.values())


def _one(flows: Sequence[Flow]) -> Flow:
    if len(flows) == 1:
        return flows[0]
    states = tuple(dict.fromkeys(s for f in flows for s in f.states))
    shares: dict[tuple[str, str, str], list[float]] = {}
    kept: dict[tuple[str, str, str], Transition] = {}
    for flow in flows:
        for t in flow.transitions:
            key = (t.start, t.end, t.label)
            shares.setdefault(key, []).append(t.probability)
            kept.setdefault(key, t)
    moves = tuple(msgspec.structs.replace(t, probability=sum(shares[k]) / len(shares[k])) for k, t in kept.items())
    kinds = {f.kind for f in flows}
    kind = flows[0].kind if len(kinds) == 1 else "probabilistic"
    return msgspec.structs.replace(flows[0], states=states, transitions=moves, kind=kind)
