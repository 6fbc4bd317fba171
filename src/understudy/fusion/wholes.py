"""One source's single facets as whole nouns, so that a source that stands alone makes a schema.

A file, read alone, says of each column its type, whether it may be empty, which words it has: together that is a field,
and what looks like a rule is a check in standard SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec

from understudy.model.distribution import Distribution
from understudy.model.evidence import Bounds, Choices, Claim, Evidence, FacetKind
from understudy.model.rule import Rule
from understudy.model.schema import Field
from understudy.types import Kind, Type

SINGLE = (
    FacetKind.TYPE,
    FacetKind.NULLABILITY,
    FacetKind.MEANING,
    FacetKind.DISTRIBUTION,
    FacetKind.ENUM,
    FacetKind.RANGE,
    FacetKind.LENGTH,
    FacetKind.PATTERN,
    FacetKind.SAMPLE,
)


def whole(evidence: Evidence) -> Evidence:
    """The same evidence with a FIELD claim that carries a Field in place of single facets, and CHECK claims for ranges,
    lengths and patterns."""
    facets: dict[tuple[str, str], dict[FacetKind, Claim]] = {}
    for claim in evidence.claims:
        if claim.facet in SINGLE and claim.field:
            best = facets.setdefault((claim.entity, claim.field), {})
            if claim.facet not in best or claim.certainty > best[claim.facet].certainty:
                best[claim.facet] = claim
    claims: list[Claim] = []
    for claim in evidence.claims:
        if claim.facet is FacetKind.FIELD and claim.value is None:
            own = facets.get((claim.entity, claim.field), {})
            claims.append(msgspec.structs.replace(claim, value=_field(claim.field, own)))
            claims += _checks(claim, own)
        elif not (claim.facet in SINGLE and claim.field):
            claims.append(claim)
    return msgspec.structs.replace(evidence, claims=tuple(claims))


def _field(name: str, facets: dict[FacetKind, Claim]) -> Field:
    def value(facet: FacetKind) -> object:
        return facets[facet].value if facet in facets else None

    kind = cast("Type | None", value(FacetKind.TYPE)) or Type(Kind.TEXT)
    choices = value(FacetKind.ENUM)
    if isinstance(choices, Choices) and not choices.open and kind.kind is Kind.TEXT:
        kind = Type(Kind.ENUM, labels=tuple(str(v) for v in choices.values if v is not None))
    nullable = value(FacetKind.NULLABILITY)
    spread = value(FacetKind.DISTRIBUTION)
    return Field(
        name=name,
        type=kind,
        nullable=True if nullable is None else bool(nullable),
        meaning=str(value(FacetKind.MEANING) or "") if _believed(facets.get(FacetKind.MEANING)) else "",
        distribution=spread if isinstance(spread, Distribution) else None,
    )


BELIEVED = 0.8
"""Meanings that values show; what only a name says is found again from the name."""


def _believed(claim: Claim | None) -> bool:
    return claim is not None and claim.certainty >= BELIEVED


def _checks(field: Claim, facets: dict[FacetKind, Claim]) -> Sequence[Claim]:
    found = []
    column = '"' + field.field.replace('"', '""') + '"'
    for facet, words in ((FacetKind.RANGE, column), (FacetKind.LENGTH, f"length({column})")):
        claim = facets.get(facet)
        if claim is None or not isinstance(claim.value, Bounds):
            continue
        text = _bounded(words, claim.value)
        if text:
            rule = Rule(f"{field.entity}_{field.field}_{facet.value}", text, (field.field,), enforced=False)
            found.append(msgspec.structs.replace(claim, facet=FacetKind.CHECK, value=rule, field=""))
    return found


def _bounded(words: str, bounds: Bounds) -> str:
    parts = []
    if bounds.low is not None:
        parts.append(f"{words} >{'' if bounds.low_open else '='} {bounds.low}")
    if bounds.high is not None:
        parts.append(f"{words} <{'' if bounds.high_open else '='} {bounds.high}")
    return " AND ".join(parts)
