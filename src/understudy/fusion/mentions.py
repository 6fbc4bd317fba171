"""What one source says of one thing, in its own names: the unit that is aligned.

A database speaks in whole nouns, the others in single facets; both become a :class:`Mention` with a profile per
field, so that alignment compares like with like.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import msgspec

from understudy.model.evidence import Bounds, Choices, Claim, Evidence, FacetKind, Pattern, Samples
from understudy.model.origin import SourceKind
from understudy.model.rule import Rule
from understudy.model.schema import (
    Entity,
    Exclusion,
    Field,
    ForeignKey,
    Partitioning,
    Remark,
    Trigger,
    Unique,
)
from understudy.types import Kind, Type

_WHOLE = (Field, Entity, Unique, ForeignKey, Rule, Exclusion, Partitioning, Trigger, Remark)
MOST_SAMPLES = 200
"""Values of a field that are looked at when fields are compared."""


class Profile(msgspec.Struct, frozen=True):
    """A field as far as it can be compared. ``choices``: permitted words, lower case; ``samples``: values seen, as
    text; ``shortest``, ``longest``: characters; ``target``: the entity that it refers to, in its source's names."""

    name: str
    type: Type | None = None
    nullable: bool | None = None
    choices: frozenset[str] = frozenset()
    samples: frozenset[str] = frozenset()
    longest: int | None = None
    low: float | None = None
    high: float | None = None
    patterns: tuple[str, ...] = ()
    meanings: frozenset[str] = frozenset()
    unique: bool = False
    target: str = ""


class Mention(msgspec.Struct, frozen=True):
    """``part``: the evidence's number; ``claims``: those about the entity itself; ``fields``: per field its claims."""

    part: int
    source: str
    kind: SourceKind
    entity: str
    claims: tuple[Claim, ...]
    fields: dict[str, tuple[Claim, ...]]
    profiles: dict[str, Profile]
    stored: bool = False

    @property
    def key(self) -> tuple[int, str]:
        """What tells mentions apart."""
        return self.part, self.entity


def whole(claim: Claim) -> bool:
    """Whether a claim carries a whole noun of the schema rather than a single facet."""
    match claim.facet:
        case FacetKind.FIELD:
            return isinstance(claim.value, Field)
        case FacetKind.ENTITY:
            return isinstance(claim.value, Entity) and claim.origin.kind in (SourceKind.DATABASE, SourceKind.REHEARSAL)
        case FacetKind.PARTITIONING | FacetKind.TRIGGER | FacetKind.EXCLUSION:
            return True
    return False


def mentions(evidence: Sequence[Evidence]) -> list[Mention]:
    """One mention per evidence and entity, in the order in which they come; a person's decisions are none. Profiles
    are made only where there is something to compare with."""
    found: list[Mention] = []
    several = any(
        not isinstance(c.value, _WHOLE) and c.origin.kind is not SourceKind.PERSON for e in evidence for c in e.claims
    )
    for part, said in enumerate(evidence):
        grouped: dict[str, list[Claim]] = {}
        for claim in said.claims:
            if claim.origin.kind is not SourceKind.PERSON and claim.facet not in (FacetKind.REMARK, FacetKind.FLOW):
                grouped.setdefault(claim.entity, []).append(claim)
        found += [_mention(part, said.source, name, claims, several) for name, claims in grouped.items() if name]
    return found


def _mention(part: int, source: str, entity: str, claims: list[Claim], several: bool) -> Mention:
    own: list[Claim] = []
    fields: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.field:
            fields.setdefault(claim.field, []).append(claim)
        else:
            own.append(claim)
    kind = claims[0].origin.kind
    keys = {u.value.columns for u in claims if isinstance(u.value, Unique)}
    targets = {
        k.value.columns[0]: k.value.target for k in claims if isinstance(k.value, ForeignKey) and k.value.columns
    }
    for name in (c for columns in keys for c in columns):
        fields.setdefault(name, [])
    for name in targets:
        fields.setdefault(name, [])
    profiles = {n: profile(n, c, keys, targets.get(n, "")) for n, c in fields.items()} if several else {}
    stored = any(whole(c) for c in claims)
    return Mention(part, source, kind, entity, tuple(own), {n: tuple(c) for n, c in fields.items()}, profiles, stored)


def profile(name: str, claims: Sequence[Claim], keys: Set[tuple[str, ...]] = frozenset(), target: str = "") -> Profile:
    """What the claims about a field come to, for comparing only: contradictions are settled later."""
    kind: Type | None = None
    nullable: bool | None = None
    choices: set[str] = set()
    samples: list[str] = []
    longest: int | None = None
    low: float | None = None
    high: float | None = None
    patterns: list[str] = []
    meanings: set[str] = set()
    unique = (name,) in keys
    for claim in claims:
        match claim.facet, claim.value:
            case FacetKind.FIELD, Field() as field:
                kind, nullable = field.type, field.nullable
                choices |= {label.lower() for label in field.type.labels}
                longest = field.type.length if field.type.kind is Kind.TEXT else None
                meanings |= {field.meaning} if field.meaning else set()
            case FacetKind.TYPE, Type() as said:
                kind = said if kind is None or kind.kind is Kind.TEXT else kind
                choices |= {label.lower() for label in said.labels}
            case FacetKind.NULLABILITY, bool() as may:
                nullable = may if nullable is None else nullable and may
            case FacetKind.ENUM, Choices() as said:
                choices |= {str(v).lower() for v in said.values if v not in (None, "")}
            case FacetKind.SAMPLE, Samples() as said if not said.invalid:
                samples += [str(v) for v in said.values[: MOST_SAMPLES - len(samples)] if v is not None]
            case FacetKind.SAMPLE, value if not isinstance(value, msgspec.Struct) and value is not None:
                samples.append(str(value))
            case FacetKind.LENGTH, Bounds(high=int() as most):
                longest = most if longest is None else min(longest, most)
            case FacetKind.RANGE, Bounds() as said:
                low = float(said.low) if isinstance(said.low, int | float) else low
                high = float(said.high) if isinstance(said.high, int | float) else high
            case FacetKind.PATTERN, Pattern() as said:
                patterns.append(said.text)
            case FacetKind.MEANING, str() as said:
                meanings.add(said)
            case FacetKind.UNIQUE, _:
                unique = unique or (isinstance(claim.value, Unique) and claim.value.columns in ((name,), ()))
            case FacetKind.FOREIGN_KEY, ForeignKey() as key:
                target = target or key.target
    return Profile(
        name,
        kind,
        nullable,
        frozenset(choices),
        frozenset(samples),
        longest,
        low,
        high,
        tuple(patterns),
        frozenset(meanings),
        unique,
        target,
    )


def entity_of(mention: Mention) -> Entity | None:
    """The noun that an ENTITY claim carries, if one does."""
    return next((c.value for c in mention.claims if isinstance(c.value, Entity)), None)
