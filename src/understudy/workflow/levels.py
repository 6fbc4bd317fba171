"""Privacy levels of tables and columns: as asked for, else as the schema says, else the fit's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from understudy.errors import RequestError
from understudy.model.schema import Entity

if TYPE_CHECKING:
    from understudy.learning import Level


def levels_of(entities: Sequence[Entity], privacy: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """The privacy levels that differ from ``privacy``, by table and ``table.column``: as asked for, else as the schema
    says. RequestError for names that stand for nothing, or for columns of several tables."""
    found: dict[str, str] = {}
    for entity in entities:
        found |= {entity.name: entity.privacy} if entity.privacy else {}
        found |= {f"{entity.name}.{f.name}": f.privacy for f in entity.fields if f.privacy}
    for name, level in wanted.items():
        tables = [e.name for e in entities if name in (e.name, e.table)]
        columns = [
            f"{e.name}.{f.name}"
            for e in entities
            for f in e.fields
            if name in (f.name, f"{e.name}.{f.name}", f"{e.table}.{f.name}")
        ]
        fits = tables or columns
        if len(fits) != 1:
            why = "no table or column is called so" if not fits else f"{' and '.join(fits)} are called so"
            raise RequestError(f"{name}: {why}", where="--privacy", mend="Write TABLE=LEVEL or TABLE.COLUMN=LEVEL.")
        found[fits[0]] = level
    return {
        n: level
        for n, level in found.items()
        if level != next((found[e.name] for e in entities if n.startswith(f"{e.name}.") and e.name in found), privacy)
    }


def with_schema(entities: Sequence[Entity], schema: str) -> list[Entity]:
    """The tables with the levels of a saved schema. RequestError where it describes none of them."""
    from understudy.model.editable import load_schema

    if not schema:
        return list(entities)
    there = {e.table.lower(): e for e in load_schema(Path(schema)).entities}
    if not {e.table.lower() for e in entities} & set(there):
        mend = "Name a schema of these rows: understudy inspect SOURCE --save FILE."
        raise RequestError("it describes none of the tables with rows", where=schema, mend=mend)
    out = []
    for entity in entities:
        other = there.get(entity.table.lower(), entity)
        fields = {f.name: f.privacy for f in other.fields}
        said = tuple(msgspec.structs.replace(f, privacy=fields.get(f.name, f.privacy)) for f in entity.fields)
        out.append(msgspec.structs.replace(entity, fields=said, privacy=other.privacy))
    return out


def level_of(privacy: str, levels: Mapping[str, str], entity: Entity) -> Level:
    """A table's level, with those of its columns that differ."""
    from understudy.learning import LEVELS

    columns = {f.name: LEVELS[levels[n]] for f in entity.fields if (n := f"{entity.name}.{f.name}") in levels}
    return msgspec.structs.replace(LEVELS[levels.get(entity.name, privacy)], columns=columns)
