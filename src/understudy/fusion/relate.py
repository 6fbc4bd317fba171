"""References that nobody declared: found by name, used for values, never enforced.

``listing_id`` beside a table ``listings`` with a key of the same kind refers to it, whatever the
database says. Columns that carry uniqueness are left alone: a guess must not limit how many rows fit.
"""

from __future__ import annotations

import re

import msgspec

from understudy.model.schema import Entity, Facet, Field, ForeignKey, Schema
from understudy.types import Kind, Type

CERTAINTY = 0.7
"""How surely a name alone tells a reference (measured where keys are declared: see docs/evidence)."""

KEY_KINDS = {Kind.INTEGER, Kind.DECIMAL, Kind.UUID, Kind.TEXT}
SUFFIX = re.compile(r"^(?P<stem>.+?)(?:_id|_uuid|_key|(?<=[a-z0-9])I[dD])$")
SELF = {"parent", "parent_node", "reply_to", "in_reply_to", "replaces", "previous", "ancestor"}


def relate(schema: Schema) -> Schema:
    """The schema with inferred foreign keys (``enforced=False``) and a facet for each."""
    index = _Index(schema)
    entities, facets = [], list(schema.facets)
    for entity in schema.entities:
        found = [] if entity.view else _inferred(entity, index)
        entities.append(msgspec.structs.replace(entity, foreign_keys=(*entity.foreign_keys, *found)))
        for key in found:
            reason = f"named after {key.target}; not declared, so values follow it and nothing enforces it"
            facets.append(
                Facet(f"{entity.name}.{key.columns[0]}", "foreign_key", CERTAINTY, (schema.name,), (), reason)
            )
    return msgspec.structs.replace(schema, entities=tuple(entities), facets=tuple(facets))


class _Index:
    """Tables with a key of one column, by the names under which columns may speak of them."""

    def __init__(self, schema: Schema) -> None:
        self.by_stem: dict[str, list[tuple[Entity, Field]]] = {}
        self.by_key: dict[str, list[tuple[Entity, Field]]] = {}
        for entity in schema.entities:
            primary = entity.primary_key
            if entity.view or primary is None or len(primary.parts) != 1 or not primary.columns:
                continue
            key = entity.field(primary.columns[0])
            if key.type.kind not in KEY_KINDS or any(key.name in f.columns for f in entity.foreign_keys):
                continue
            for stem in _stems(entity.table):
                self.by_stem.setdefault(stem, []).append((entity, key))
            self.by_key.setdefault(key.name.lower(), []).append((entity, key))

    def target(self, entity: Entity, field: Field) -> tuple[Entity, Field] | None:
        """The table that a column names, if exactly one fits."""
        name = field.name.lower()
        if name not in ("id", "uuid", "key", "code", "name"):
            fits = [(e, k) for e, k in self.by_key.get(name, ()) if _alike(field.type, k.type)]
            if len(fits) == 1 and fits[0][0] is not entity:
                return fits[0]
        match = SUFFIX.match(field.name)
        if match is None:
            return None
        stem = match.group("stem").lower()
        if stem in SELF:
            primary = entity.primary_key
            own = entity.field(primary.columns[0]) if primary is not None and len(primary.columns) == 1 else None
            return (entity, own) if own is not None and field.nullable and _alike(field.type, own.type) else None
        fits = [(e, k) for e, k in self.by_stem.get(stem, ()) if _alike(field.type, k.type)]
        return fits[0] if len(fits) == 1 else None


def _inferred(entity: Entity, index: _Index) -> list[ForeignKey]:
    taken = {c for k in entity.foreign_keys for c in k.columns}
    taken |= {c for u in entity.uniques for c in u.columns}
    found = []
    for field in entity.fields:
        if field.name in taken or field.generated or field.derive or field.type.kind not in KEY_KINDS:
            continue
        target = index.target(entity, field)
        if target is not None:
            parent, key = target
            found.append(ForeignKey(f"inferred:{field.name}", (field.name,), parent.name, (key.name,), enforced=False))
    return found


def _stems(table: str) -> set[str]:
    """Names in the singular under which others may refer to a table."""
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", table).lower()
    return {name, _singular(name)}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(ses|xes|zes|ches|shes)$", word):
        return word[:-2]
    if word.endswith("people"):
        return word[:-6] + "person"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _alike(child: Type, parent: Type) -> bool:
    """Whether a column of type ``child`` can hold the parent's keys."""
    if child.kind is Kind.TEXT and parent.kind is Kind.TEXT:
        return child.length is None or (parent.length is not None and parent.length <= child.length)
    if child.kind is not parent.kind:
        return False
    return child.kind is not Kind.INTEGER or child.bits >= min(parent.bits, 32)
