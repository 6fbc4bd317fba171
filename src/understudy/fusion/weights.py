"""How far each kind of source is believed, by facet: ``contracts/weights.md`` as data.

A claim's weight is the figure for its source and facet times the claim's own certainty.
"""

from __future__ import annotations

from collections.abc import Mapping

from understudy.model.evidence import Claim, FacetKind
from understudy.model.origin import SourceKind

FIGURES: dict[SourceKind, dict[str, float]] = {
    SourceKind.DATABASE: {
        "structure": 1.0,
        "constraints": 1.0,
        "relationships": 1.0,
        "distributions": 0.9,
        "names": 0.6,
    },
    SourceKind.REHEARSAL: {"structure": 1.0, "constraints": 1.0, "relationships": 1.0, "distributions": 0.9},
    SourceKind.FILE: {"structure": 0.8, "constraints": 0.6, "relationships": 0.6, "distributions": 0.9},
    SourceKind.API: {"contracts": 0.9, "validation": 0.9, "enums": 0.9, "samples": 0.7, "names": 0.5},
    SourceKind.UI: {"fields": 0.7, "constraints": 0.6, "structure": 0.6, "semantics": 0.5},
    SourceKind.CASE: {"flows": 0.7, "scenarios": 0.7, "fields": 0.6, "data": 0.5},
    SourceKind.PACK: {"rules": 0.6, "entities": 0.5, "relationships": 0.5, "distributions": 0.6},
    SourceKind.FLOW: {"flows": 0.6, "branches": 0.6, "probabilities": 0.5},
    SourceKind.LLM: {"inference": 0.4, "semantics": 0.4, "relationships": 0.3, "constraints": 0.3},
}
HEADLINE: dict[SourceKind, float] = {
    SourceKind.DATABASE: 1.0,
    SourceKind.REHEARSAL: 1.0,
    SourceKind.FILE: 0.8,
    SourceKind.API: 0.9,
    SourceKind.UI: 0.7,
    SourceKind.CASE: 0.7,
    SourceKind.PACK: 0.6,
    SourceKind.FLOW: 0.6,
    SourceKind.LLM: 0.4,
    SourceKind.PERSON: 1.0,
}
"""For display, and for facets that the table does not list."""

_STRUCTURE = {
    "database": "structure",
    "api": "contracts",
    "ui": "fields",
    "test_case": "fields",
    "domain_pack": "entities",
    "llm": "inference",
}
_RULES = {
    "database": "constraints",
    "api": "validation",
    "ui": "constraints",
    "test_case": "data",
    "domain_pack": "rules",
    "llm": "constraints",
}
_ENUMS = {**_RULES, "api": "enums"}
_LINKS = {
    "database": "relationships",
    "api": "contracts",
    "ui": "structure",
    "test_case": "flows",
    "domain_pack": "relationships",
} | {
    "scenario": "flows",
    "llm": "relationships",
}
_MEANING = {
    "database": "names",
    "api": "names",
    "ui": "semantics",
    "test_case": "fields",
    "domain_pack": "entities",
    "llm": "semantics",
}
_VALUES = {"database": "distributions", "api": "samples", "test_case": "data", "domain_pack": "distributions"} | {
    "scenario": "probabilities",
    "llm": "inference",
}
_FLOWS = {
    "database": "distributions",
    "api": "contracts",
    "ui": "structure",
    "test_case": "flows",
    "domain_pack": "rules",
    "scenario": "flows",
}
_LIKE_DATABASE = {"file": "database", "rehearsal": "database"}
"""Sources weighed by the same columns of the table as a database, with figures of their own."""

COLUMNS: dict[FacetKind, Mapping[str, str]] = {
    FacetKind.ENTITY: _STRUCTURE,
    FacetKind.FIELD: _STRUCTURE,
    FacetKind.TYPE: _STRUCTURE,
    FacetKind.NULLABILITY: _STRUCTURE,
    FacetKind.LENGTH: _STRUCTURE,
    FacetKind.PARTITIONING: _STRUCTURE,
    FacetKind.TRIGGER: _STRUCTURE,
    FacetKind.RANGE: _RULES,
    FacetKind.PATTERN: _RULES,
    FacetKind.CHECK: _RULES,
    FacetKind.EXCLUSION: _RULES,
    FacetKind.ENUM: _ENUMS,
    FacetKind.UNIQUE: _LINKS,
    FacetKind.FOREIGN_KEY: _LINKS,
    FacetKind.MEANING: _MEANING,
    FacetKind.DISTRIBUTION: _VALUES,
    FacetKind.SAMPLE: _VALUES,
    FacetKind.FLOW: _FLOWS,
}


def figure(source: SourceKind, facet: FacetKind) -> float:
    """The figure of the table for a source and a facet; the headline weight where it lists none."""
    column = COLUMNS.get(facet, {}).get(_LIKE_DATABASE.get(source.value, source.value))
    figures = FIGURES.get(source, {})
    return figures[column] if column in figures else HEADLINE[source]


def weight(claim: Claim) -> float:
    """Figure times certainty, between 0 and 1."""
    return figure(claim.origin.kind, claim.facet) * claim.certainty


def rank(claim: Claim) -> tuple[bool, float]:
    """What claims are compared by: a person's decision beats every source."""
    return claim.origin.kind is SourceKind.PERSON, weight(claim)
