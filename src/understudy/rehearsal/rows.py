"""The rows of a plan as a rehearsal needs them: as batches to be sent, and as values to be looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.expression import Lookup
from understudy.model.plan import PlannedTable
from understudy.rehearsal.reasons import Feature

Rows = NDArray[np.int64]


class Planned:
    """A plan's rows by table and number."""

    def __init__(self, bundle: Bundle) -> None:
        self.plan, self.runtime = bundle.plan, Runtime(bundle)

    def parents(self, planned: PlannedTable, link: str, rows: Rows) -> Rows:
        """The parents of rows by a link (-1: none), rows that were there before counted first."""
        return self.runtime.parents(planned.name, link, rows)

    def values(self, table: str, column: str, rows: Rows) -> list[Any]:
        """A column's values; lists come as tuples."""
        return [hashable(v) for v in self.runtime.column(table, column, rows).to_pylist()]

    def data(self, planned: PlannedTable, rows: Rows) -> pa.RecordBatch:
        """What is sent of rows."""
        columns = [c for c in planned.delivered if not c.omitted]
        arrays = [self.runtime.column(planned.name, c.name, rows) for c in columns]
        return pa.RecordBatch.from_arrays(arrays, names=[c.name for c in columns])

    def features(self, planned: PlannedTable, rows: Rows) -> list[Feature]:
        """The rows' columns, and those of their parents, as Python values."""
        found = [
            Feature(c.name, c.type, tuple(self.runtime.column(planned.name, c.name, rows).to_pylist()))
            for c in planned.delivered
            if not c.omitted
        ]
        entity = self.plan.schema.entity(planned.name)
        keys = {k.name for k in entity.foreign_keys}
        for link in (k for k in planned.links if k.name in keys and k.parent != planned.name):
            for field in self.plan.schema.entity(link.parent).fields:
                values = self._looked_up(planned.name, link.name, field.name, rows)
                if values is not None:
                    found.append(Feature(field.name, field.type, values, link.name))
        return found

    def _looked_up(self, table: str, link: str, column: str, rows: Rows) -> tuple[Any, ...] | None:
        try:
            return tuple(self.runtime.values(table, Lookup(link, column), rows).to_pylist())
        except InternalError:  # rows that were there before, of which the snapshot holds keys only
            return None


def hashable(value: Any) -> Any:
    """Lists, which arrays come as, as tuples."""
    return tuple(map(hashable, value)) if isinstance(value, list) else value
