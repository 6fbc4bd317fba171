"""Faces in the schema's names: which member of a record at a door is which field.

Readers propose bindings in their own names; here they become the schema's, members that no field can show are
left to the door's own document, and why is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import msgspec

from understudy.fusion.alignment import Alignment, Match, Role
from understudy.fusion.tables import Table
from understudy.model.evidence import Evidence
from understudy.model.face import Face
from understudy.model.pointing import member
from understudy.model.schema import Entity
from understudy.types import Kind, Type, carries

SPOKEN = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "number": Kind.DECIMAL,
    "boolean": Kind.BOOLEAN,
    "object": Kind.STRUCT,
    "array": Kind.ARRAY,
}


PASSWORD = re.compile(r"(?:password|passwd|passphrase|pwd)[^/]*$", re.IGNORECASE)
HASHED = re.compile(r"hash|digest|salt", re.IGNORECASE)


def settled(
    evidence: Sequence[Evidence], alignment: Alignment, tables: Mapping[str, Table], entities: Sequence[Entity]
) -> tuple[Face, ...]:
    """All faces of all sources, bound to the schema."""
    known = {e.name: e for e in entities}
    return tuple(
        _face(part, face, alignment, tables, known) for part, said in enumerate(evidence) for face in said.faces
    )


def _face(
    part: int, face: Face, alignment: Alignment, tables: Mapping[str, Table], entities: Mapping[str, Entity]
) -> Face:
    place = alignment.places.get((part, face.entity))
    table = place.table if place is not None else face.entity if face.entity in entities else ""
    bound: dict[str, str] = {}
    for pointer, target in face.bindings.items():
        entity, _, field = target.rpartition(".")
        match = alignment.matches.get((part, entity, field))
        if match is None:
            if entity in entities and any(f.name == field for f in entities[entity].fields):
                bound[pointer] = target
            continue
        if PASSWORD.search(pointer) and not HASHED.search(pointer):
            continue  # what is sent is not what is kept
        found = _bound(match, table, tables, entities)
        if found and _showable(face, pointer, found, entities):
            bound[pointer] = found
    return msgspec.structs.replace(face, entity=table, bindings=bound)


def _bound(match: Match, table: str, tables: Mapping[str, Table], entities: Mapping[str, Entity]) -> str:
    """The field that a matched member shows; a parent's key is shown by the reference to it, which lies in the row."""
    if match.role not in (Role.FIELD, Role.REFERENCE, Role.PARENT) or match.table not in entities:
        return ""
    if match.table != table and table in tables:
        for reference in tables[table].references:
            if reference.target == match.table and reference.target_columns == (match.column,):
                ways = [r for r in tables[table].references if r.target == match.table]
                return f"{table}.{reference.columns[0]}" if len(ways) == 1 else ""
    return f"{match.table}.{match.column}"


def _showable(face: Face, pointer: str, target: str, entities: Mapping[str, Entity]) -> bool:
    """Whether the member's type can carry the field's values at all."""
    table, _, column = target.rpartition(".")
    storage = next((f.type for f in entities[table].fields if f.name == column), None)
    spoken = member(json.loads(face.document), pointer)
    kinds = spoken.get("type")
    names = [k for k in (kinds if isinstance(kinds, list) else [kinds]) if k in SPOKEN]
    if storage is None or not names:
        return storage is not None
    return any(carries(storage, Type(SPOKEN[n])) for n in names)
