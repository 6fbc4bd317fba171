"""Claims as they count for one field of the schema: under its name, with the weight that is left of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from understudy.fusion.claims_text import said
from understudy.fusion.confidence import calibrated, pooled, share
from understudy.model.evidence import Claim
from understudy.model.origin import SourceKind
from understudy.model.schema import Facet, Standing, Statement


class Said(msgspec.Struct, frozen=True):
    """A claim, the weight with which it counts, and how it was said. ``value``: the claim's, or what of it
    concerns the facet."""

    claim: Claim
    weight: float
    value: object
    asset: str = ""

    @property
    def person(self) -> bool:
        """Whether a person decided it."""
        return self.claim.origin.kind is SourceKind.PERSON

    @property
    def rank(self) -> tuple[bool, float]:
        """What claims are compared by."""
        return self.person, self.weight

    def statement(self, facet: str) -> Statement:
        """For the report."""
        origin = self.claim.origin
        return Statement(
            origin.source, origin.kind.value, said(self.value, facet), round(self.weight, 4), origin.place, self.asset
        )


def account(
    subject: str,
    facet: str,
    value: str,
    support: Sequence[Said],
    looser: Sequence[Said] = (),
    against: Sequence[Said] = (),
    reason: str = "",
    standing: Standing | None = None,
) -> Facet:
    """The account of a settled facet. ``looser``: claims that hold as well but ask less; ``against``: set aside."""
    decided = any(s.person for s in support)
    figure = pooled(_votes(support), _votes(against), _votes(looser))
    guessed = bool(support) and all(s.claim.origin.kind is SourceKind.LLM for s in support)
    if decided or _plain(support, looser, against):
        confidence = 1.0
    elif guessed:  # no model was among the sources that the map was measured on: it lifts none
        confidence = min(figure, calibrated(figure))
    else:
        confidence = calibrated(figure)
    if standing is None:
        standing = (
            Standing.DECIDED
            if decided
            else Standing.SET_ASIDE
            if against
            else Standing.RESOLVED
            if looser
            else Standing.AGREED
            if len({s.claim.origin.source for s in support}) > 1
            else Standing.SINGLE
        )
    others = (*against, *looser)
    return Facet(
        subject,
        facet,
        round(confidence, 4),
        tuple(dict.fromkeys(s.claim.origin.source for s in support)),
        tuple(_line(s, facet) for s in others),
        reason,
        value,
        share([s.weight for s in support], [s.weight for s in others]),
        standing.value,
        tuple(s.statement(facet) for s in support),
        tuple(s.statement(facet) for s in others),
    )


def _votes(said: Iterable[Said]) -> list[float]:
    """One vote per source: a source that says a thing in five places has said it once."""
    best: dict[str, float] = {}
    for s in said:
        name = s.claim.origin.source
        best[name] = max(best.get(name, 0.0), s.weight)
    return list(best.values())


def _plain(support: Sequence[Said], looser: Sequence[Said], against: Sequence[Said]) -> bool:
    """Simply said by a source that is certain."""
    return not looser and not against and any(s.weight >= 1.0 for s in support)


def _line(s: Said, facet: str) -> str:
    place = f" {s.claim.origin.place}" if s.claim.origin.place else ""
    return f"{s.claim.origin.source}{place}: {said(s.value, facet)}"


def sources_of(items: Iterable[Said]) -> str:
    """Their sources' names, each once, for a sentence."""
    return " and ".join(dict.fromkeys(s.claim.origin.source for s in items))
