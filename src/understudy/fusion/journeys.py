"""Test cases as flows under the schema's names: cases that take the same way are one flow that names them all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from understudy.fusion.alignment import PLACED, Alignment
from understudy.fusion.confidence import calibrated, pooled
from understudy.fusion.weights import figure
from understudy.model.evidence import Evidence, FacetKind
from understudy.model.flow import Flow, Fragment, Need, Step, StepKind, Transition
from understudy.model.origin import SourceKind
from understudy.model.weights import DEFAULT, Weights

MOST_PLACES = 20
"""Test cases that a flow names; ``seen`` counts them all."""
FILLING = (StepKind.FILL, StepKind.CHOOSE, StepKind.TICK, StepKind.UPLOAD)
SAID = re.compile(r"^(?:role|text|label|test|link|title|name|id)=")


class Way(msgspec.Struct):
    """One case on its way to a flow: its states in order, what they touch, what they need of each other, and how
    surely its tables are the schema's."""

    states: list[str]
    touches: dict[str, dict[str, None]]
    needs: dict[Need, None]
    certainty: float


def journeys(evidence: Sequence[Evidence], alignment: Alignment, weights: Weights = DEFAULT) -> tuple[Flow, ...]:
    """A flow for every way that test cases take through the schema's tables, in the order of first mention. Cases that
    touch no field of the schema only move between pages: that is the flow of the pages visited."""
    found: dict[tuple[object, ...], list[tuple[Way, Fragment, str]]] = {}
    for part, said in enumerate(evidence):
        for fragment in said.fragments:
            way = _way(fragment, part, alignment)
            if any(way.touches.values()):
                key = (fragment.negative, *way.states)
                found.setdefault(key, []).append((way, fragment, said.source))
    names = Counter[str]()
    flows = []
    for told in found.values():
        name = told[0][1].name or told[0][1].source
        names[name] += 1
        flows.append(_flow(name if names[name] == 1 else f"{name} ({names[name]})", told, weights))
    return tuple(flows)


def _flow(name: str, told: Sequence[tuple[Way, Fragment, str]], weights: Weights) -> Flow:
    states = told[0][0].states
    touches = {s: tuple(dict.fromkeys(f for way, _, _ in told for f in way.touches.get(s, ()))) for s in states}
    made = {s: fields for s, fields in touches.items() if fields and not s.startswith("given ")}
    tables = Counter(f.rpartition(".")[0] for fields in (made or touches).values() for f in fields)
    votes: dict[str, float] = {}
    for way, _, source in told:
        weight = figure(SourceKind.CASE, FacetKind.FLOW, weights) * way.certainty
        votes[source] = max(votes.get(source, 0.0), weight)
    sure = pooled(list(votes.values()))
    return Flow(
        name,
        tables.most_common(1)[0][0],
        tuple(states),
        tuple(Transition(a, b) for a, b in pairwise(states)),
        states[0],
        touches={s: f for s, f in touches.items() if f},
        needs=tuple(dict.fromkeys(n for way, _, _ in told for n in way.needs)),
        refused=told[0][1].negative,
        places=tuple(dict.fromkeys(f"{f.source} {f.place}".strip() for _, f, _ in told))[:MOST_PLACES],
        seen=len(told),
        confidence=round(min(sure, calibrated(sure)), 4),  # the map was not measured on flows: it lifts none
    )


def _way(fragment: Fragment, part: int, alignment: Alignment) -> Way:
    way = Way([], {}, {}, 1.0)
    where: dict[int, tuple[str, str]] = {}
    last = ""
    for number, step in enumerate(fragment.steps):
        table, field = _placed(step, part, alignment)
        said = _state(step, table)
        if not said:
            continue
        if said != last:
            way.states.append(_again(said, way.touches))
            way.touches[way.states[-1]] = {}
            last = said
        state = way.states[-1]
        if not field:
            continue
        way.touches[state][field] = None
        where[number] = state, field
        way.certainty = min(way.certainty, _certainty(step, part, alignment))
        for brought in (where[u] for u in step.uses if u in where):
            if brought != (state, field):
                way.needs[Need(*brought, state, field)] = None
    return way


def _placed(step: Step, part: int, alignment: Alignment) -> tuple[str, str]:
    """The table and the ``table.column`` that a step is about, "" where the schema has none."""
    place = alignment.places.get((part, step.entity))
    match = alignment.matches.get((part, step.entity, step.field)) if step.field else None
    if match is not None and match.role in PLACED and match.table and match.column:
        return match.table, f"{match.table}.{match.column}"
    return (place.table if place is not None else ""), ""


def _certainty(step: Step, part: int, alignment: Alignment) -> float:
    return alignment.matches[part, step.entity, step.field].certainty


def _state(step: Step, table: str) -> str:
    """What a step is in a flow; "" where the schema has no part in it and nobody moves."""
    match step.kind:
        case StepKind.GIVEN:
            return f"given {table}" if table else ""
        case StepKind.VISIT:
            return f"visit {step.target or step.text}"[:80]
        case kind if kind in FILLING:
            return f"fill {table}" if table else ""
        case StepKind.PRESS:
            return f"press {SAID.sub('', step.target)}"[:80].strip()
        case StepKind.REQUEST:
            return f"request {' '.join(step.values[:2]) or step.target}"[:80].strip()
        case StepKind.EXPECT:
            return f"expect {table}".strip()
        case _:
            return ""


def _again(said: str, known: dict[str, dict[str, None]]) -> str:
    """A state's name, with a number where the way has come there before."""
    return next(n for n in _numbered(said) if n not in known)


def _numbered(said: str) -> Iterator[str]:
    yield said
    number = 2
    while True:
        yield f"{said} ({number})"
        number += 1
