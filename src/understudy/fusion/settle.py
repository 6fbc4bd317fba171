"""Claims about one and the same noun: which holds, and what is kept of the others.

Equal claims support each other; of different ones the weightiest wins, and of equally weighty ones
the first. Nothing is lost: the losers stand in the facet's ``against`` with where they came from.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy.fusion.weights import rank, weight
from understudy.model.evidence import Claim
from understudy.model.schema import Entity, Facet, Field


class Settled(msgspec.Struct, frozen=True):
    """``winner``, and the claims that agree with it and that do not, in the order they came."""

    winner: Claim
    supporters: tuple[Claim, ...] = ()
    losers: tuple[Claim, ...] = ()

    @property
    def contested(self) -> bool:
        """Whether somebody says otherwise."""
        return bool(self.losers)


def settle(claims: Sequence[Claim]) -> Settled:
    """Choose among claims about one noun (at least one)."""
    if len(claims) == 1:
        return Settled(claims[0])
    winner = max(claims, key=rank)  # the first of the greatest
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


def confidence(settled: Settled) -> float:
    """Claims pooled as independent evidence: agreement raises it, contradiction lowers it.

    Each claim counts as odds of its weight; the losers' odds are taken off the winners'. (Calibration
    on systems whose truth is known comes with the other kinds of source.)
    """
    if not settled.losers and weight(settled.winner) >= 1.0:
        return 1.0
    odds = 1.0
    for claim in (settled.winner, *settled.supporters):
        odds *= _odds(claim)
    for claim in settled.losers:
        odds /= _odds(claim)
    return round(odds / (1.0 + odds), 4)


CERTAIN = 0.99
"""Where a weight of 1 meets dissent it counts as this: odds of 99 to 1, not infinite."""


def _odds(claim: Claim) -> float:
    """At least 1: a claim never speaks against what it says."""
    share = min(max((1.0 + weight(claim)) / 2.0, 0.5), CERTAIN)
    return share / (1.0 - share)


def facet(subject: str, name: str, settled: Settled) -> Facet:
    """The account of a choice."""
    reason = ""
    if settled.losers:
        best = max(weight(c) for c in settled.losers)
        own = weight(settled.winner)
        why = f"weighs {own:.2f} against {best:.2f}" if own > best else f"came first (both weigh {own:.2f})"
        reason = f"{settled.winner.origin.source} {why}"
    told = tuple(dict.fromkeys(c.origin.source for c in (settled.winner, *settled.supporters)))
    return Facet(subject, name, confidence(settled), told, tuple(_shown(c) for c in settled.losers), reason)


SHOWN = 160


def _shown(claim: Claim) -> str:
    place = f" {claim.origin.place}" if claim.origin.place else ""
    words = " ".join((claim.raw or _said(claim.value)).split())
    return f"{claim.origin.source}{place}: {words[:SHOWN]}"


def _said(value: object) -> str:
    match value:
        case Field():
            return f"{value.type.raw or value.type.kind.value}{'' if value.nullable else ' NOT NULL'}"
        case msgspec.Struct():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)
