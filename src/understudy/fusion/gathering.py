"""Claims carried to the fields that they are about: under the schema's names, with the weight that is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from understudy.fusion.alignment import PLACED, Alignment, Match, Role
from understudy.fusion.mentions import Mention
from understudy.fusion.saying import Said
from understudy.fusion.weights import figure
from understudy.model.evidence import Bounds, Choices, Claim, Evidence, FacetKind
from understudy.model.origin import SourceKind
from understudy.model.schema import Field
from understudy.model.weights import Weights
from understudy.types import Kind, Type

ByFacet = dict[FacetKind, list[Said]]
OF_REFERENCES = frozenset({FacetKind.NULLABILITY, FacetKind.FIELD, FacetKind.UNIQUE, FacetKind.FOREIGN_KEY})
"""What is said of a reference in another guise (an object, a name in a list) and holds for its column as well."""
FACETS = frozenset(
    {
        FacetKind.TYPE,
        FacetKind.NULLABILITY,
        FacetKind.RANGE,
        FacetKind.LENGTH,
        FacetKind.ENUM,
        FacetKind.PATTERN,
        FacetKind.MEANING,
        FacetKind.SAMPLE,
        FacetKind.DISTRIBUTION,
        FacetKind.FORMULA,
        FacetKind.FIELD,
    }
)


class Gathered(msgspec.Struct):
    """``fields``: (table, column) → claims per facet; ``entities``: table → who speaks of it; ``unplaced``: mention's
    fields that are none of the schema's, with why; ``lists``: collections, parents' columns and computed figures."""

    fields: dict[tuple[str, str], ByFacet] = {}
    entities: dict[str, list[Said]] = {}
    unplaced: list[tuple[Mention, Match]] = []
    lists: list[tuple[Mention, Match]] = []


def gather(mentions: Iterable[Mention], alignment: Alignment, weights: Weights) -> Gathered:
    """Every claim of every placed mention, where it belongs."""
    found = Gathered()
    for mention in mentions:
        place = alignment.places.get(mention.key)
        if place is None:
            continue
        head = next((c for c in mention.claims if c.facet is FacetKind.ENTITY), None) or _any(mention)
        if head is not None:
            weight = figure(mention.kind, FacetKind.ENTITY, weights) * head.certainty * place.certainty
            asset = mention.entity if mention.entity != place.table else ""
            found.entities.setdefault(place.table, []).append(Said(head, weight, None, asset))
        for field, claims in mention.fields.items():
            match = alignment.matches.get((*mention.key, field))
            if match is None:
                continue
            if match.role not in PLACED:
                found.unplaced.append((mention, match))
                continue
            if match.role in (Role.COLLECTION, Role.DERIVED, Role.PARENT):
                found.lists.append((mention, match))
                continue
            slot = found.fields.setdefault((match.table, match.column), {})
            _add(slot, mention, match, claims, weights)
    return found


def _any(mention: Mention) -> Claim | None:
    return next((c for claims in (mention.claims, *mention.fields.values()) for c in claims), None)


def _add(slot: ByFacet, mention: Mention, match: Match, claims: Sequence[Claim], weights: Weights) -> None:
    asset = f"{mention.entity}.{match.field}"
    asset = "" if asset == f"{match.table}.{match.column}" else asset
    if not any(c.facet is FacetKind.FIELD for c in claims) and claims:
        exists = msgspec.structs.replace(claims[0], facet=FacetKind.FIELD, value=None)
        claims = [exists, *claims]
    for claim in claims:
        if claim.facet not in FACETS or (match.role is Role.REFERENCE and claim.facet not in OF_REFERENCES):
            continue
        weight = figure(claim.origin.kind, claim.facet, weights) * claim.certainty * match.certainty
        slot.setdefault(claim.facet, []).append(Said(claim, weight, claim.value, asset))


def stored_claims(claims: Sequence[Claim], weights: Weights) -> ByFacet:
    """What a database's claims about a whole field say facet by facet: type, null, length, permitted words."""
    slot: ByFacet = {}
    for claim in claims:
        if isinstance(claim.value, Field):
            _whole(slot, claim, claim.value, weights)
    return slot


def _whole(slot: ByFacet, claim: Claim, field: Field, weights: Weights) -> None:
    def say(facet: FacetKind, value: object) -> None:
        weight = figure(claim.origin.kind, facet, weights) * claim.certainty
        slot.setdefault(facet, []).append(Said(claim, weight, value))

    say(FacetKind.FIELD, None)
    say(FacetKind.TYPE, field.type)
    say(FacetKind.NULLABILITY, field.nullable)
    if field.type.kind is Kind.TEXT and field.type.length is not None:
        say(FacetKind.LENGTH, Bounds(high=field.type.length))
    if field.type.kind is Kind.ENUM and field.type.labels:
        say(FacetKind.ENUM, Choices(field.type.labels))
    if field.meaning:
        say(FacetKind.MEANING, field.meaning)


def decided(evidence: Iterable[Evidence]) -> dict[tuple[str, str], ByFacet]:
    """A person's decisions, in the schema's own names."""
    found: dict[tuple[str, str], ByFacet] = {}
    for part in evidence:
        for claim in part.claims:
            if claim.origin.kind is SourceKind.PERSON and claim.facet in FACETS and not isinstance(claim.value, Field):
                slot = found.setdefault((claim.entity, claim.field), {})
                slot.setdefault(claim.facet, []).append(Said(claim, claim.certainty, claim.value))
    return found


def plain_field(name: str, slot: ByFacet) -> Field:
    """A field that no database describes, before its facets are settled."""
    types = [s.value for s in slot.get(FacetKind.TYPE, ()) if isinstance(s.value, Type)]
    return Field(name, types[0] if types else guessed(slot), nullable=True)


def guessed(slot: ByFacet) -> Type:
    """The type of a field of which nobody says it: as its values look, else text."""
    return Type(Kind.TEXT)
