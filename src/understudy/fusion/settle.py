"""Claims about one and the same noun: which holds, and what is kept of the others.

Equal claims support each other; of different ones the weightiest wins, and of equally weighty ones
the first. Nothing is lost: the losers stand in the facet's ``against`` with where they came from.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.fusion.confidence import calibrated, pooled
from understudy.fusion.weights import rank, weight
from understudy.model.evidence import Claim
from understudy.model.schema import Entity, Facet, Field, Standing, Statement
from understudy.model.weights import DEFAULT, Weights


class Settled(msgspec.Struct, frozen=True):
    """``winner``, and the claims that agree with it and that do not, in the order they came."""

    winner: Claim
    supporters: tuple[Claim, ...] = ()
    losers: tuple[Claim, ...] = ()

    @property
    def contested(self) -> bool:
        """Whether somebody says otherwise."""
        return bool(self.losers)


def settle(claims: Sequence[Claim], weights: Weights = DEFAULT) -> Settled:
    """Choose among claims about one noun (at least one)."""
    if len(claims) == 1:
        return Settled(claims[0])
    winner = max(claims, key=lambda c: rank(c, weights))  # the first of the greatest
    others = [c for c in claims if c is not winner]
    same = tuple(c for c in others if agrees(c, winner))
    return Settled(winner, same, tuple(c for c in others if not agrees(c, winner)))


def agrees(one: Claim, other: Claim) -> bool:
    """Whether two claims say the same, their wording and row counts aside."""
    return _essence(one.value) == _essence(other.value)


def _essence(value: object) -> object:
    match value:
        case Field():
            kind = msgspec.structs.replace(value.type, raw="", name="", variant="")
            return msgspec.structs.replace(value, type=kind, default="", comment="", collation="", sequence="")
        case Entity():
            return value.name, value.view
        case _:
            return value


def confidence(settled: Settled, weights: Weights = DEFAULT) -> float:
    """Claims pooled as independent evidence, calibrated; certain where a certain source speaks unopposed."""
    if not settled.losers and weight(settled.winner, weights) >= 1.0:
        return 1.0
    support = [weight(c, weights) for c in (settled.winner, *settled.supporters)]
    return calibrated(pooled(support, [weight(c, weights) for c in settled.losers]))


def facet(subject: str, name: str, settled: Settled, weights: Weights = DEFAULT) -> Facet:
    """The account of a choice."""
    reason, standing = "", Standing.SINGLE
    if settled.losers:
        best = max(weight(c, weights) for c in settled.losers)
        own = weight(settled.winner, weights)
        why = f"weighs {own:.2f} against {best:.2f}" if own > best else f"came first (both weigh {own:.2f})"
        reason, standing = f"{settled.winner.origin.source} {why}", Standing.SET_ASIDE
    elif settled.supporters:
        standing = Standing.AGREED
    told = tuple(dict.fromkeys(c.origin.source for c in (settled.winner, *settled.supporters)))
    plain = not settled.losers and not settled.supporters
    return Facet(
        subject,
        name,
        confidence(settled, weights),
        told,
        tuple(_shown(c) for c in settled.losers),
        reason,
        standing="" if plain else standing.value,
        support=() if plain else tuple(_stated(c, weights) for c in (settled.winner, *settled.supporters)),
        dissent=tuple(_stated(c, weights) for c in settled.losers),
    )


def _stated(claim: Claim, weights: Weights) -> Statement:
    origin = claim.origin
    return Statement(origin.source, origin.kind.value, _words(claim), round(weight(claim, weights), 4), origin.place)


SHOWN = 160


def _shown(claim: Claim) -> str:
    place = f" {claim.origin.place}" if claim.origin.place else ""
    return f"{claim.origin.source}{place}: {_words(claim)}"


def _words(claim: Claim) -> str:
    return " ".join((claim.raw or _said(claim.value)).split())[:SHOWN]


def _said(value: object) -> str:
    match value:
        case Field():
            return f"{value.type.raw or value.type.kind.value}{'' if value.nullable else ' NOT NULL'}"
        case msgspec.Struct():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)
