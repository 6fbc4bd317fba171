"""A pack to evidence: entities, fields and their facets, keys, references, rules, spreads, workflows."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from understudy import packs
from understudy.errors import SourceError
from understudy.model.distribution import Distribution
from understudy.model.evidence import Choices, Claim, Evidence, FacetKind, Pattern, Samples, Value
from understudy.model.flow import Flow, Transition
from understudy.model.origin import Origin, SourceKind
from understudy.model.overrides import bounds
from understudy.model.pack import Pack, PackEntity, PackField, Workflow
from understudy.model.rule import Rule
from understudy.model.schema import ForeignKey, KeyPart, Unique
from understudy.semantics.catalogue import catalogue
from understudy.sources.database.declared import declared_type
from understudy.types import Kind, Type

WEIGHT = 1000.0
"""Shares of values are written as so many seen."""


def read(location: str) -> Evidence:
    """What a pack says. ``location``: ``pack:NAME`` for a built-in one, else a file."""
    if location.startswith("pack:"):
        return evidence(packs.builtin(location.removeprefix("pack:")), location)
    return evidence(packs.load(Path(location)), location)


def evidence(pack: Pack, source: str) -> Evidence:
    """A pack's claims."""
    claims = [c for name, entity in pack.entities.items() for c in _Entity(pack, source, name, entity).claims()]
    flows = tuple(_flow(name, w) for name, w in pack.workflows.items())
    return Evidence(source, tuple(claims), flows=flows)


class _Entity:
    def __init__(self, pack: Pack, source: str, name: str, entity: PackEntity) -> None:
        self.pack, self.source, self.name, self.entity = pack, source, name, entity

    def claims(self) -> Iterator[Claim]:
        yield self._claim(FacetKind.ENTITY, None, raw=self.entity.description)
        for field, said in self.entity.fields.items():
            if not said.holds:
                yield from self._field(field, said)
        yield from self._keys()
        for rule in self.entity.rules:
            columns = tuple(f for f in self.entity.fields if f in rule.text)
            certainty = 1.0 if rule.severity == "error" else 0.7
            value = Rule(rule.name, rule.text, columns, enforced=False)
            yield self._claim(FacetKind.CHECK, value, certainty=certainty, raw=rule.description or rule.text)

    def _claim(self, facet: FacetKind, value: Value, field: str = "", certainty: float = 1.0, raw: str = "") -> Claim:
        place = f"{self.name}.{field}" if field else self.name
        return Claim(facet, self.name, value, Origin(SourceKind.PACK, self.source, place), field, certainty, raw)

    def _field(self, name: str, said: PackField) -> Iterator[Claim]:
        kind = declared_type(said.type, "")
        if kind.kind is Kind.OPAQUE:
            where = f"{self.source}: {self.name}.{name}"
            raise SourceError(f"{said.type!r} is no type", where=where, mend="Write it as SQL does, such as text.")
        yield self._claim(FacetKind.FIELD, None, name, raw=said.description)
        yield self._claim(FacetKind.TYPE, _bare(kind), name, raw=said.type)
        yield self._claim(FacetKind.NULLABILITY, not (said.required or said.key), name)
        for facet, text in ((FacetKind.RANGE, said.range), (FacetKind.LENGTH, said.length)):
            if text:
                yield self._claim(facet, bounds(text), name, raw=text)
        if said.pattern:
            yield self._claim(FacetKind.PATTERN, Pattern(said.pattern), name)
        if said.meaning:
            _known_meaning(said.meaning, f"{self.source}: {self.name}.{name}")
            yield self._claim(FacetKind.MEANING, said.meaning, name)
        if said.samples:
            yield self._claim(FacetKind.SAMPLE, Samples(said.samples), name)
        if said.derive:
            yield self._claim(FacetKind.FORMULA, said.derive, name)
        yield from self._values(name, said, kind)
        if said.refers:
            parent, _, key = said.refers.partition(".")
            value = ForeignKey(
                f"{self.name}_{name}", (name,), parent, (key,), enforced=False, fanout=said.children or None
            )
            yield self._claim(FacetKind.FOREIGN_KEY, value, name)

    def _values(self, name: str, said: PackField, kind: Type) -> Iterator[Claim]:
        values = self.pack.value_sets[said.values] if isinstance(said.values, str) else said.values
        shares: tuple[float, ...] = ()
        if isinstance(values, dict):
            shares = tuple(values.values())
            values = tuple(_number(v) if kind.kind is Kind.INTEGER else v for v in values)
        if values:
            yield self._claim(FacetKind.ENUM, Choices(values), name)
        if shares or said.quantiles or said.nulls is not None:
            spread = Distribution(
                nulls=said.nulls or 0.0,
                values=values if shares and values else (),
                weights=tuple(s * WEIGHT for s in shares),
                points=_stepped(said.quantiles),
            )
            yield self._claim(FacetKind.DISTRIBUTION, spread, name)

    def _keys(self) -> Iterator[Claim]:
        fields = self.entity.fields
        primary = tuple(f for f, said in fields.items() if said.key)
        if primary:
            key = Unique(f"{self.name}_pkey", tuple(KeyPart(f) for f in primary), primary=True)
            yield self._claim(FacetKind.UNIQUE, key)
        singles = [(f,) for f, said in fields.items() if said.unique and (f,) != primary]
        for group in (*singles, *self.entity.unique_together):
            yield self._claim(
                FacetKind.UNIQUE, Unique(f"{self.name}_{'_'.join(group)}", tuple(KeyPart(f) for f in group))
            )


def _known_meaning(name: str, where: str) -> None:
    if name not in catalogue():
        near = difflib.get_close_matches(name, catalogue(), 1)
        mend = f"Did you mean {near[0]!r}?" if near else "Leave it out: what the field's name tells is found anyway."
        raise SourceError(f"{name!r} is no meaning that is known", where=where, mend=mend)


def _bare(kind: Type) -> Type:
    return msgspec.structs.replace(kind, raw="")


def _number(text: object) -> str | int | float:
    try:
        return int(str(text))
    except ValueError:
        return str(text)


def _stepped(points: tuple[float | str, ...]) -> tuple[int | float | str, ...]:
    """Typical values as quantiles at a power of two of steps: what lies between is drawn straight."""
    if len(points) < 2:
        return ()
    steps = 1
    while steps < len(points) - 1:
        steps *= 2
    numbers = [p for p in points if isinstance(p, int | float)]
    if len(numbers) < len(points):
        return tuple(points) if len(points) - 1 == steps else ()
    out = []
    for i in range(steps + 1):
        at = i * (len(numbers) - 1) / steps
        low = int(at)
        high = min(low + 1, len(numbers) - 1)
        out.append(round(numbers[low] + (numbers[high] - numbers[low]) * (at - low), 6))
    return tuple(out)


def _flow(name: str, said: Workflow) -> Flow:
    states = tuple(dict.fromkeys(s for m in said.moves for s in (m.start, m.end)))
    moves = tuple(Transition(m.start, m.end, m.share, label=m.label) for m in said.moves)
    leaving: dict[str, int] = {}
    for move in said.moves:
        leaving[move.start] = leaving.get(move.start, 0) + 1
    kind = "probabilistic" if any(count > 1 for count in leaving.values()) else "linear"
    return Flow(name, said.entity, states, moves, said.initial or (states[0] if states else ""), kind, said.field)
