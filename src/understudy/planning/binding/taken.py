"""Codes whose values the target already holds: found by making candidates and looking them up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.model.expression import Const, Permute, Row
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.model.snapshot import TableSnapshot
from understudy.planning import names
from understudy.planning.draft import Draft, flat
from understudy.semantics import Coded
from understudy.types import Kind, Type


def refused_codes(draft: Draft, binding, column: str, coded: Coded, held: TableSnapshot) -> NDArray[np.int64]:  # type: ignore[no-untyped-def]
    """Sorted candidate positions whose value stands in the target already."""
    if held.columns is None or column not in held.columns.column_names:
        return np.zeros(0, np.int64)
    existing = flat(held.columns.column(column))
    count = min(binding.rows + len(existing), binding.rooms[column])
    field = binding.entity.field(column)
    code = PlannedColumn(
        names.code(column), Type(Kind.INTEGER), Permute("code", Row(), Const(binding.rooms[column])), hidden=True
    )
    trial = PlannedTable(
        name=binding.entity.name,
        rows=count,
        columns=(PlannedColumn(column, field.type, coded.expression), code, *binding.filling.hidden),
    )
    import pyarrow.compute as pc

    made = flat(draft.runtime(trial).column(trial.name, column, range(count)))
    known = existing.cast(made.type)
    if pa.types.is_string(made.type):
        made, known = pc.utf8_lower(made), pc.utf8_lower(known)
    return np.flatnonzero(pc.is_in(made, value_set=known).to_numpy(zero_copy_only=False)).astype(np.int64)
