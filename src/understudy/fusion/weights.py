"""How far each kind of source is believed, by facet: ``contracts/weights.md`` as data.

A claim's weight is the figure for its source and facet times the claim's own certainty.
"""

from __future__ import annotations

from collections.abc import Mapping

from understudy.model.evidence import Claim, FacetKind
from understudy.model.origin import SourceKind
from understudy.model.weights import DEFAULT, Weights

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
    FacetKind.FORMULA: _RULES,
    FacetKind.EXCLUSION: _RULES,
    FacetKind.ENUM: _ENUMS,
    FacetKind.UNIQUE: _LINKS,
    FacetKind.FOREIGN_KEY: _LINKS,
    FacetKind.MEANING: _MEANING,
    FacetKind.DISTRIBUTION: _VALUES,
    FacetKind.SAMPLE: _VALUES,
    FacetKind.FLOW: _FLOWS,
}


def column(source: SourceKind, facet: FacetKind) -> str:
    """The column of the table that a facet of a source is weighed by; "" where it lists none."""
    return COLUMNS.get(facet, {}).get(_LIKE_DATABASE.get(source.value, source.value), "")


def figure(source: SourceKind, facet: FacetKind, weights: Weights = DEFAULT) -> float:
    """The figure of the table for a source and a facet; the headline weight where it lists none."""
    return weights.figure(source, column(source, facet))


def weight(claim: Claim, weights: Weights = DEFAULT) -> float:
    """Figure times certainty, between 0 and 1."""
    return figure(claim.origin.kind, claim.facet, weights) * claim.certainty


def rank(claim: Claim, weights: Weights = DEFAULT) -> tuple[bool, float]:
    """What claims are compared by: a person's decision beats every source."""
    return claim.origin.kind is SourceKind.PERSON, weight(claim, weights)
