"""Claims gathered into entities: same nouns of several sources meet, order of first mention is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec

from understudy.fusion.settle import Settled, facet, settle
from understudy.model.evidence import Claim, FacetKind
from understudy.model.rule import Rule
from understudy.model.schema import (
    Entity,
    Exclusion,
    Facet,
    Field,
    ForeignKey,
    Partitioning,
    Remark,
    Trigger,
    Unique,
)
from understudy.model.weights import DEFAULT, Weights

CONSTRAINTS = (FacetKind.UNIQUE, FacetKind.FOREIGN_KEY, FacetKind.CHECK, FacetKind.EXCLUSION, FacetKind.TRIGGER)


class Assembly:
    """Whole nouns by what they are about. ``weights``: the figures in force."""

    def __init__(self, weights: Weights = DEFAULT) -> None:
        self.weights = weights
        self.entities: dict[str, list[Claim]] = {}
        self.fields: dict[str, dict[str, list[Claim]]] = {}
        self.constraints: dict[tuple[str, FacetKind], dict[object, list[Claim]]] = {}
        self.partitions: dict[str, list[Claim]] = {}
        self.remarks: list[Remark] = []
        self.accounts: list[Facet] = []

    def gather(self, claims: Iterable[Claim]) -> None:
        """Sort claims into their places."""
        for claim in claims:
            match claim.facet:
                case FacetKind.ENTITY if isinstance(claim.value, Entity):
                    self.entities.setdefault(claim.entity, []).append(claim)
                case FacetKind.FIELD if isinstance(claim.value, Field):
                    self.entities.setdefault(claim.entity, [])
                    self.fields.setdefault(claim.entity, {}).setdefault(claim.field, []).append(claim)
                case FacetKind.PARTITIONING:
                    self.partitions.setdefault(claim.entity, []).append(claim)
                case FacetKind.REMARK:
                    self.remarks.append(_remark(claim))
                case kind if kind in CONSTRAINTS:
                    self.entities.setdefault(claim.entity, [])
                    group = self.constraints.setdefault((claim.entity, kind), {})
                    group.setdefault(_identity(claim), []).append(claim)

    def build(self) -> tuple[Entity, ...]:
        """One entity per name."""
        return tuple(self._entity(name) for name in self.entities)

    def _entity(self, name: str) -> Entity:
        claims = self.entities[name]
        fields = tuple(self._field(name, field, group) for field, group in self.fields.get(name, {}).items())
        head = Entity(name, ())
        if claims:
            settled = settle(claims, self.weights)
            head = cast(Entity, settled.winner.value)
            self.accounts.append(facet(name, "entity", settled, self.weights))
        return msgspec.structs.replace(
            head,
            fields=fields,
            uniques=cast("tuple[Unique, ...]", self._nouns(name, FacetKind.UNIQUE)),
            foreign_keys=cast("tuple[ForeignKey, ...]", self._nouns(name, FacetKind.FOREIGN_KEY)),
            checks=cast("tuple[Rule, ...]", self._nouns(name, FacetKind.CHECK)),
            exclusions=cast("tuple[Exclusion, ...]", self._nouns(name, FacetKind.EXCLUSION)),
            triggers=cast("tuple[Trigger, ...]", self._nouns(name, FacetKind.TRIGGER)),
            partitioning=self._partitioning(name),
        )

    # ---- fields -------------------------------------------------------------------------------------
    def _field(self, entity: str, name: str, claims: list[Claim]) -> Field:
        settled = settle(claims, self.weights)
        field = cast(Field, settled.winner.value)
        subject = f"{entity}.{name}"
        self._account(subject, "field", settled)
        return field

    def _account(self, subject: str, name: str, settled: Settled) -> None:
        """Only what is not simply said by a certain source is worth a line."""
        account = facet(subject, name, settled, self.weights)
        if settled.contested or account.confidence < 1.0:
            self.accounts.append(account)

    # ---- constraints --------------------------------------------------------------------------------
    def _nouns(self, entity: str, kind: FacetKind) -> tuple[msgspec.Struct, ...]:
        """One noun per identity; of different nouns with one name the weightier, if their sources differ."""
        groups = self.constraints.get((entity, kind), {})
        chosen = [settle(group, self.weights) for group in groups.values()]
        if len({c.winner.origin.source for c in chosen}) > 1:
            chosen = self._one_per_name(entity, chosen)
        for settled in chosen:
            name = getattr(settled.winner.value, "name", "")
            self._account(f"{entity}.{name}" if name else entity, kind.value, settled)
        return tuple(cast(msgspec.Struct, c.winner.value) for c in chosen)

    def _one_per_name(self, entity: str, chosen: list[Settled]) -> list[Settled]:
        by_name: dict[str, list[Settled]] = {}
        for settled in chosen:
            by_name.setdefault(_slot(settled.winner), []).append(settled)
        out = []
        for group in by_name.values():
            if len({s.winner.origin.source for s in group}) == 1:
                out += group
            else:
                out.append(settle([c for s in group for c in (s.winner, *s.supporters)], self.weights))
        return out

    def _partitioning(self, entity: str) -> Partitioning | None:
        claims = self.partitions.get(entity)
        return cast(Partitioning, settle(claims, self.weights).winner.value) if claims else None


def _identity(claim: Claim) -> object:
    """What makes two constraints the same one, whatever their names."""
    match claim.value:
        case Unique() as u:
            return u.parts, u.predicate, u.primary
        case ForeignKey() as k:
            return k.columns, k.target, k.target_columns
        case Rule() as r:
            return " ".join(r.text.split()) or r.name, r.domain
        case Exclusion() as e:
            return e.elements, e.predicate
        case Trigger() as t:
            return t.name
        case _:
            return claim.raw


def _slot(claim: Claim) -> str:
    value = claim.value
    if isinstance(value, Unique) and value.primary:
        return "primary key"
    return str(getattr(value, "name", "")) or repr(_identity(claim))


def _remark(claim: Claim) -> Remark:
    if isinstance(claim.value, Remark):
        return claim.value
    return Remark(claim.origin.place or claim.origin.source, str(claim.value))


def merged(parts: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    """Sequences one after the other, each thing once."""
    return tuple(dict.fromkeys(x for part in parts for x in part))
