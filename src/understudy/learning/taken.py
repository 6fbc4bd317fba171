"""The columns that a table is learned from: protected by the level, represented as numbers, or left with a reason."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from understudy.errors import InputError
from understudy.learning.columns import Represented, represent
from understudy.learning.privacy import Level, protected
from understudy.model.schema import Entity


def taken(
    entity: Entity, data: pa.Table, skipped: Sequence[str], level: Level, seed: int
) -> tuple[pa.Table, list[Represented], dict[str, str]]:
    """The rows as they may be learned, their columns, and what is not learned, with why. InputError without rows."""
    if not data.num_rows:
        raise InputError("no rows to learn from", where=entity.name, mend="Name data that holds rows.")
    data, left = protected(entity, data, skipped, level, seed)
    columns: list[Represented] = []
    for field in entity.fields:
        if field.name in skipped or field.name not in data.column_names or field.name in left:
            continue
        found = represent(field.name, field.type, data.column(field.name))
        if isinstance(found, str):
            left[field.name] = found
        else:
            found.table = entity.name
            columns.append(found)
    return data, columns, left
