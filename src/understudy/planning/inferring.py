"""Formulas that names and keys imply, written into the schema before it is planned."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from understudy.model.schema import Entity, Field, Schema
from understudy.model.snapshot import Snapshot
from understudy.planning.selection import Wanted
from understudy.semantics import kinship


def infer(schema: Schema, wanted: Mapping[str, Wanted], snapshot: Snapshot) -> tuple[Schema, dict[str, Wanted]]:
    """The schema and its wanted tables with every inferred formula in place, and ``derive: none`` taken out."""
    readable: dict[str, frozenset[str] | None] = {}
    for name, held in snapshot.tables.items():
        if held.rows:
            readable[name] = frozenset() if held.columns is None else frozenset(held.columns.column_names)
    found, helpers = kinship.inferred([w.entity for w in wanted.values()], readable)
    formulas = {(i.entity, i.field): i for i in found}
    changed: dict[str, Entity] = {}
    for name, item in wanted.items():
        fields = tuple(_changed(f, formulas.get((name, f.name))) for f in item.entity.fields)
        fields += tuple(h.field for h in helpers if h.entity == name)
        if fields != item.entity.fields:
            changed[name] = msgspec.structs.replace(item.entity, fields=fields)
    if not changed:
        return schema, dict(wanted)
    entities = tuple(changed.get(e.name, e) for e in schema.entities)
    tables = {n: msgspec.structs.replace(w, entity=changed.get(n, w.entity)) for n, w in wanted.items()}
    return msgspec.structs.replace(schema, entities=entities), tables


def _changed(field: Field, inference: kinship.Inference | None) -> Field:
    if field.derive == kinship.NONE:
        return msgspec.structs.replace(field, derive="")
    if inference is None:
        return field
    return msgspec.structs.replace(field, derive=inference.derive, because=inference.because)
