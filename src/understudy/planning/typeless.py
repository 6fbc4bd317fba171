"""Columns without a declared type (SQLite's) are of the type that their checks ask of their values."""

from __future__ import annotations

import re

import msgspec

from understudy.model.schema import Entity, Field, Schema
from understudy.types import Kind, Type

CLASSES = {"integer": Kind.INTEGER, "real": Kind.FLOAT, "text": Kind.TEXT, "blob": Kind.BINARY}
"""SQLite's storage classes, the words of ``typeof``."""

ASKED = r"typeof\s*\(\s*[\"`\[]?{name}[\"`\]]?\s*\)\s*(?:==?|IN\s*\()\s*((?:'\w+'\s*,?\s*)+)"


def told_types(schema: Schema) -> Schema:
    """The schema with such columns typed: by the first class that a check of theirs permits."""
    if schema.dialect != "sqlite":
        return schema
    return msgspec.structs.replace(schema, entities=tuple(_typed(e) for e in schema.entities))


def _typed(entity: Entity) -> Entity:
    fields = tuple(_told(f, entity) if f.type.variant == "any" else f for f in entity.fields)
    return entity if fields == entity.fields else msgspec.structs.replace(entity, fields=fields)


def _told(field: Field, entity: Entity) -> Field:
    pattern = re.compile(ASKED.format(name=re.escape(field.name)), re.IGNORECASE)
    for words in (m.group(1).lower() for rule in entity.checks for m in pattern.finditer(rule.text)):
        kind = next((CLASSES[w] for w in re.findall(r"\w+", words) if w in CLASSES), None)
        if kind is not None:
            return msgspec.structs.replace(field, type=Type(kind, variant="any"))
    return field
