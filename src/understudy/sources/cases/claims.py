"""Fragments to claims: fields touched, values used, and what was wrong on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from understudy.model.evidence import Choices, Claim, FacetKind, Samples
from understudy.model.flow import Fragment, Step, StepKind
from understudy.model.origin import Origin, SourceKind
from understudy.model.schema import Entity, Field
from understudy.semantics.recognition import matches
from understudy.types import Kind, Type

TOUCHING = (StepKind.FILL, StepKind.CHOOSE, StepKind.TICK, StepKind.UPLOAD, StepKind.GIVEN, StepKind.REQUEST)
MOST_SAMPLES = 200
LEAST_MEANING = 0.75
CERTAINTY = 0.8
"""Of a field that a test names: it may be a control that is no field."""
HINTED = 0.5


class Use(msgspec.Struct):
    """What all steps together say of one field."""

    entity: str
    field: str
    place: Origin
    kinds: set[StepKind]
    good: dict[str, None]
    bad: dict[str, None]
    text: str
    count: int = 0


def claims_of(fragments: Sequence[Fragment]) -> tuple[Claim, ...]:
    """Claims about every entity and field that the fragments touch, in the order of first mention."""
    uses = _uses(fragments)
    claims: list[Claim] = []
    seen: set[str] = set()
    for use in uses.values():
        if use.entity not in seen:
            seen.add(use.entity)
            claims.append(Claim(FacetKind.ENTITY, use.entity, Entity(use.entity, ()), use.place, certainty=CERTAINTY))
        if use.field:
            claims += _field(use)
    return tuple(claims)


def _uses(fragments: Sequence[Fragment]) -> dict[tuple[str, str], Use]:
    found: dict[tuple[str, str], Use] = {}
    for fragment in fragments:
        for step in fragment.steps:
            if not step.entity or step.kind not in TOUCHING:
                continue
            key = (step.entity, step.field)
            if key not in found:
                origin = Origin(SourceKind.CASE, fragment.source, step.place or fragment.place)
                found[key] = Use(step.entity, step.field, origin, set(), {}, {}, step.text)
            _used(found[key], step)
    return found


def _used(use: Use, step: Step) -> None:
    use.count += 1
    use.kinds.add(step.kind)
    if step.kind is StepKind.TICK:
        return
    for value in step.values:
        if "<" not in value or ">" not in value:
            (use.bad if step.invalid else use.good)[value] = None


def _field(use: Use) -> Iterator[Claim]:
    def claim(facet: FacetKind, value: msgspec.Struct | str | None, certainty: float = 1.0) -> Claim:
        return Claim(facet, use.entity, value, use.place, field=use.field, certainty=certainty, raw=use.text[:200])

    yield claim(FacetKind.FIELD, None, CERTAINTY)
    kind = _type(use)
    if kind is not None:
        yield claim(FacetKind.TYPE, Type(kind), HINTED)
    if StepKind.CHOOSE in use.kinds and len(use.good) > 1:
        yield claim(FacetKind.ENUM, Choices(tuple(use.good), open=True), HINTED)
    found = matches(Entity(use.entity, ()), Field(re.sub(r"\W+", "_", use.field), Type(Kind.TEXT)))
    if kind is not Kind.BOOLEAN and found and found[0].certainty >= LEAST_MEANING:
        yield claim(FacetKind.MEANING, found[0].meaning, round(found[0].certainty, 3))
    good = tuple(use.good)[:MOST_SAMPLES]
    bad = tuple(v for v in use.bad if v not in use.good)[:MOST_SAMPLES]
    if good:
        yield claim(FacetKind.SAMPLE, Samples(good, seen=use.count))
    if bad:
        yield claim(FacetKind.SAMPLE, Samples(bad, invalid=True))


def _type(use: Use) -> Kind | None:
    """What the values look like; None where nothing was seen."""
    if use.kinds == {StepKind.TICK}:
        return Kind.BOOLEAN
    values = list(use.good)
    if not values:
        return None
    for kind, pattern in (
        (Kind.INTEGER, r"-?(?:0|[1-9]\d{0,8})"),
        (Kind.DECIMAL, r"-?(?:0|[1-9]\d{0,8})\.\d+"),
        (Kind.DATE, r"\d{4}-\d\d-\d\d"),
    ):
        if all(re.fullmatch(pattern, v) for v in values):
            return kind
    return Kind.TEXT
