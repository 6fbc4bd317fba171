"""Accounts of what stands where: which sources speak of a table, what they say that no field of it has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from understudy.fusion.alignment import Match, Role
from understudy.fusion.confidence import calibrated, pooled
from understudy.fusion.gathering import Gathered
from understudy.fusion.mentions import Mention
from understudy.fusion.saying import account
from understudy.fusion.weights import figure
from understudy.model.evidence import FacetKind
from understudy.model.schema import Facet, Standing, Statement
from understudy.model.weights import Weights


def entity_accounts(gathered: Gathered, declared: Collection[str]) -> list[Facet]:
    """Per table who else speaks of it, under which name."""
    return [
        account(table, "aligned" if table in declared else "entity", "exists", said)
        for table, said in gathered.entities.items()
        if said
    ]


def unplaced_accounts(
    gathered: Gathered,
    homeless: Mapping[tuple[int, str], str],
    mentions: Iterable[Mention],
    closed: bool,
    weights: Weights,
) -> list[Facet]:
    """What sources say and no field of the schema has, each with the reason; lists and computed figures as what they
    are."""
    found = [_related(m, match, weights) for m, match in gathered.lists]
    for mention, match in gathered.unplaced:
        words = {
            Role.TECHNICAL: "no field of the data",
            Role.REPEAT: "no field of its own",
            Role.ABSENT: "no field",
        }[match.role]
        found.append(_aside(mention, match.field, words, "; ".join(match.reasons)))
    for mention in mentions:
        if mention.key in homeless:
            found.append(_aside(mention, "", "no table" if closed else "no entity", homeless[mention.key]))
    return found


def _related(mention: Mention, match: Match, weights: Weights) -> Facet:
    subject = f"{match.table}.{match.column}" if match.column else match.table
    weight = match.certainty * figure(mention.kind, FacetKind.FOREIGN_KEY, weights)
    facet = {Role.COLLECTION: "collection", Role.DERIVED: "derived"}.get(match.role, "parent")
    return Facet(
        subject,
        facet,
        calibrated(pooled([weight])),
        (mention.source,),
        reason="; ".join(match.reasons),
        value=f"{mention.entity}.{match.field}",
        standing=Standing.SINGLE.value,
        support=(_statement(mention, match.field, weight),),
    )


def _aside(mention: Mention, field: str, value: str, reason: str) -> Facet:
    subject = f"{mention.entity}.{field}" if field else mention.entity
    return Facet(
        subject,
        "field" if field else "entity",
        0.0,
        (),
        reason=reason,
        value=value,
        standing=Standing.UNPLACED.value,
        dissent=(_statement(mention, field, 0.0),),
    )


def _statement(mention: Mention, field: str, weight: float) -> Statement:
    claims = mention.fields.get(field, ()) if field else mention.claims
    place = next((c.origin.place for c in claims if c.origin.place), "")
    asset = f"{mention.entity}.{field}" if field else mention.entity
    return Statement(mention.source, mention.kind.value, "exists", round(weight, 4), place, asset)
