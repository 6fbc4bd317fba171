"""What may be known of a table without its rows: what its schema declares, never what was seen.

data file     names and kinds of its columns, nothing else (ranges, labels, keys were read off the rows)
database      its structure too: labels of enums, checks, digits of decimals, keys
--public      a schema that says it
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from understudy import rules
from understudy.learning.private.domains import Public
from understudy.model.domain import Domain
from understudy.model.schema import Entity, Field
from understudy.types import Kind, Type


def bare(entity: Entity) -> Entity:
    """Names and kinds of columns, without anything that was read off the rows."""
    return Entity(entity.name, tuple(Field(f.name, _kind(f.type)) for f in entity.fields))


def _kind(found: Type) -> Type:
    match found.kind:
        case Kind.ENUM | Kind.TEXT | Kind.UUID | Kind.SET:
            return Type(Kind.TEXT)
        case Kind.DECIMAL | Kind.MONEY | Kind.FLOAT:
            return Type(Kind.FLOAT)
        case Kind.YEAR:
            return Type(Kind.INTEGER)
        case _:
            return Type(found.kind, zoned=found.zoned)


def structure(entity: Entity) -> Entity:
    """A database's own structure, without what was seen of its rows."""
    fields = tuple(msgspec.structs.replace(f, distribution=None, meaning="", because="") for f in entity.fields)
    keys = tuple(msgspec.structs.replace(k, fanout=None) for k in entity.foreign_keys if k.enforced)
    checks = tuple(c for c in entity.checks if c.enforced)
    return msgspec.structs.replace(entity, fields=fields, foreign_keys=keys, checks=checks, rows=None)


def declared(entity: Entity, dialect: str) -> dict[str, Public]:
    """Per column what the schema declares of its values: labels, bounds, digits behind the point."""
    types = {f.name: f.type for f in entity.fields}
    trees = [c.predicate or rules.understand(c.text, c.dialect or dialect, types).predicate for c in entity.checks]
    found = rules.branches(trees, types).branches if trees else ()
    return {f.name: _public(f, [b.domains.get(f.name, Domain()) for b in found]) for f in entity.fields}


def _public(field: Field, ways: Iterable[Domain]) -> Public:
    """The hull of what the ways of meeting the rules permit."""
    t, ways = field.type, list(ways)
    scale = (t.scale or 0) if t.kind in (Kind.DECIMAL, Kind.MONEY) and t.precision is not None else None
    labels = t.labels or field.values
    if ways and all(d.values is not None for d in ways):
        seen = [v for d in ways for v in d.values or ()]
        if seen and all(isinstance(v, str) for v in seen):
            labels = labels or tuple(dict.fromkeys(map(str, seen)))
        elif seen and not any(isinstance(v, str) for v in seen):
            return Public(min(map(float, seen)), max(map(float, seen)), scale=scale)
    unit = 10 ** (t.scale or 0) if t.kind in (Kind.DECIMAL, Kind.MONEY) else 1
    lows, highs = [d.low for d in ways], [d.high for d in ways]
    return Public(
        None if not lows or None in lows else min(x for x in lows if x is not None) / unit,
        None if not highs or None in highs else max(x for x in highs if x is not None) / unit,
        tuple(labels),
        scale,
    )
