"""What was understood, told: coverage per source, agreements, differences and how each was settled, what to review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from understudy.model.schema import Entity, Facet, Remark, Schema, Standing
from understudy.workflow.deciding import to_review


class Coverage(msgspec.Struct, frozen=True):
    """What one source contributes: the claims that count, on how many fields of the schema they bear, how many of
    the schema's fields that is, and what of it no field has."""

    source: str
    kind: str
    claims: int
    fields: int
    share: float
    unplaced: int


class Told(msgspec.Struct, frozen=True):
    """The report. ``fields``: how many the schema has; ``captured``: share of the sources' fields that found their
    place; ``confidence``: mean of all accounts; ``agreed``, ``resolved``, ``set_aside``, ``decided``: how many facets
    came out so; ``conflicts``: those in which somebody gave way or was met by something stricter."""

    fields: int
    captured: float
    confidence: float
    agreed: int
    resolved: int
    set_aside: int
    decided: int
    coverage: tuple[Coverage, ...]
    conflicts: tuple[Facet, ...]
    review: tuple[Facet, ...]
    unplaced: tuple[Facet, ...]
    remarks: tuple[Remark, ...] = ()


def told(schema: Schema, entities: Sequence[Entity] | None = None) -> Told:
    """The report on a schema, or on some of its entities."""
    chosen = schema.entities if entities is None else tuple(entities)
    names = {e.name for e in chosen}
    known = [f for f in schema.facets if entities is None or _about(f.subject, names)]
    placed = [f for f in known if f.standing != Standing.UNPLACED.value]
    stray = [f for f in known if f.standing == Standing.UNPLACED.value]
    fields = sum(len(e.fields) for e in chosen if not e.view)
    conflicts = [f for f in placed if f.standing in (Standing.RESOLVED.value, Standing.SET_ASIDE.value)]
    spoken = [f for f in placed if f.facet == "field"]
    sought = sum(len(f.support) for f in spoken) + sum(f.facet == "field" for f in stray)
    return Told(
        fields,
        round(sum(len(f.support) for f in spoken) / sought, 4) if sought else 1.0,
        round(sum(f.confidence for f in placed) / len(placed), 4) if placed else 1.0,
        _count(placed, Standing.AGREED),
        _count(placed, Standing.RESOLVED),
        _count(placed, Standing.SET_ASIDE),
        _count(placed, Standing.DECIDED),
        coverage(placed, stray, fields),
        tuple(sorted(conflicts, key=lambda f: (f.standing != Standing.SET_ASIDE.value, f.subject, f.facet))),
        tuple(f for f in to_review(schema) if entities is None or _about(f.subject, names)),
        tuple(stray),
        tuple(r for r in schema.remarks if entities is None or _about(r.place, names)),
    )


def _about(subject: str, names: Iterable[str]) -> bool:
    return any(subject == n or subject.startswith(f"{n}.") for n in names)


def _count(facets: Iterable[Facet], standing: Standing) -> int:
    return sum(f.standing == standing.value for f in facets)


def coverage(placed: Iterable[Facet], stray: Iterable[Facet], fields: int) -> tuple[Coverage, ...]:
    """Per source what it contributes, in the order in which sources first speak."""
    kinds: dict[str, str] = {}
    claims: dict[str, int] = {}
    subjects: dict[str, set[str]] = {}
    for facet in placed:
        for statement in (*facet.support, *facet.dissent):
            kinds.setdefault(statement.source, statement.kind)
            claims[statement.source] = claims.get(statement.source, 0) + 1
            if "." in facet.subject:
                subjects.setdefault(statement.source, set()).add(facet.subject)
    lost: dict[str, int] = {}
    for facet in stray:
        for statement in facet.dissent:
            kinds.setdefault(statement.source, statement.kind)
            lost[statement.source] = lost.get(statement.source, 0) + 1
    return tuple(
        Coverage(
            source,
            kind,
            claims.get(source, 0),
            len(subjects.get(source, ())),
            round(len(subjects.get(source, ())) / fields, 4) if fields else 0.0,
            lost.get(source, 0),
        )
        for source, kind in kinds.items()
    )
