"""A person's decisions about what sources say: kept in ``overrides.yaml``, honoured on every run.

::

    fields:
      owners.telephone:
        pattern: ^[0-9]{10}$
        length: 10..10
        reason: the clinic's own rule
      pets.birth_date:
        nullable: false
        accepted: [type, length]
"""

from __future__ import annotations

import msgspec

from understudy.model.evidence import Bounds, Choices, Claim, Evidence, FacetKind, Pattern
from understudy.model.origin import Origin, SourceKind
from understudy.types import Type


class Decision(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person decided about one field; what is None stays as the sources have it. ``type``: as SQL writes it;
    ``length``, ``range``: ``1..40``, ``..40``, ``1..``; ``accepted``: facets that were looked at and are right as they
    are; ``reason``: for the report."""

    type: str | None = None
    nullable: bool | None = None
    length: str | None = None
    range: str | None = None
    enum: tuple[str | int | float, ...] | None = None
    pattern: str | None = None
    meaning: str | None = None
    accepted: tuple[str, ...] = ()
    reason: str = ""


class Overrides(msgspec.Struct, frozen=True, omit_defaults=True):
    """Decisions by ``entity.field``. ``types``: the decisions' types, read (filled by whoever loads the file)."""

    fields: dict[str, Decision] = {}
    types: dict[str, Type] = {}

    def evidence(self, source: str) -> Evidence:
        """The decisions as claims of a person."""
        claims: list[Claim] = []
        for subject, decision in self.fields.items():
            entity, _, field = subject.rpartition(".")
            origin = Origin(SourceKind.PERSON, source, subject)
            for facet, value in self._facets(subject, decision):
                claims.append(Claim(facet, entity, value, origin, field, raw=decision.reason))
        return Evidence(source, tuple(claims))

    def _facets(self, subject: str, d: Decision) -> list[tuple[FacetKind, msgspec.Struct | str | bool]]:
        found: list[tuple[FacetKind, msgspec.Struct | str | bool]] = []
        if subject in self.types:
            found.append((FacetKind.TYPE, self.types[subject]))
        if d.nullable is not None:
            found.append((FacetKind.NULLABILITY, d.nullable))
        if d.length is not None:
            found.append((FacetKind.LENGTH, bounds(d.length)))
        if d.range is not None:
            found.append((FacetKind.RANGE, bounds(d.range)))
        if d.enum is not None:
            found.append((FacetKind.ENUM, Choices(d.enum)))
        if d.pattern is not None:
            found.append((FacetKind.PATTERN, Pattern(d.pattern)))
        if d.meaning is not None:
            found.append((FacetKind.MEANING, d.meaning))
        return found


def bounds(text: str) -> Bounds:
    """``1..40``, ``..40``, ``1..`` or ``40`` (exactly) as bounds; ValueError for anything else.

    >>> bounds("1..40") == Bounds(1, 40), bounds("2026-01-01..").low
    (True, '2026-01-01')
    """
    low, dots, high = text.strip().partition("..")
    if not dots:
        high = low
    if not low.strip() and not high.strip():
        raise ValueError(f"{text!r} names no bound")
    return Bounds(_bound(low.strip()), _bound(high.strip()))


def _bound(text: str) -> int | float | str | None:
    if not text:
        return None
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
