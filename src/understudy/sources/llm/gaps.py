"""What the other sources leave open: fields whose meaning nobody tells, references that nobody declares."""

from __future__ import annotations

import re

import msgspec

from understudy.model.schema import Entity, Field, Schema
from understudy.semantics import matches
from understudy.types import Kind

TOLD = 0.75
"""A name that is recognised this surely leaves no gap."""
ASKED = frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT})
REFERENCE = re.compile(r"(?:_id|_uuid|_key|_ref|(?<=[a-z0-9])I[dD])$")


class Gap(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field about which something is asked. ``wanted``: meaning, reference, range, samples."""

    entity: str
    field: str
    type: str
    wanted: tuple[str, ...]
    comment: str = ""
    seen: tuple[str, ...] = ()


def gaps(schema: Schema) -> list[Gap]:
    """The gaps of a schema, in its order; none for columns that keys, references, formulas or rules settle."""
    return [gap for entity in schema.entities if not entity.view for gap in _of(entity)]


def _of(entity: Entity) -> list[Gap]:
    settled = {c for k in entity.foreign_keys for c in k.columns}
    settled |= {c for u in entity.uniques if u.primary for c in u.columns}
    ruled = {c for r in entity.checks if len(r.columns) == 1 for c in r.columns}
    found = []
    for field in entity.fields:
        if field.name in settled or field.generated or field.derive or field.meaning or field.distribution:
            continue
        wanted = _wanted(entity, field, field.name in ruled)
        if wanted:
            kind = field.type.raw or field.type.kind.value
            found.append(Gap(entity.name, field.name, kind, wanted, field.comment))
    return found


def _wanted(entity: Entity, field: Field, ruled: bool) -> tuple[str, ...]:
    if field.type.kind not in ASKED or field.type.labels:
        return ()
    wanted = ["reference"] if REFERENCE.search(field.name) else []
    known = matches(entity, field)
    if not wanted and not (known and known[0].certainty >= TOLD):
        wanted.append("meaning")
        if field.type.kind is Kind.TEXT and not ruled:
            wanted.append("samples")
        if field.type.kind is not Kind.TEXT and not ruled:
            wanted.append("range")
    return tuple(wanted)
