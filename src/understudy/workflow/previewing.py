"""A few rows of a plan, made alone."""

from __future__ import annotations

import difflib

import pyarrow as pa

from understudy.errors import RequestError, UnsatisfiableError
from understudy.model.bundle import Bundle


def preview(bundle: Bundle, table: str | None = None, rows: int = 10) -> dict[str, pa.Table]:
    """The first ``rows`` rows of a table, or of all, by name, exactly as generating gives them.

    RequestError for an unknown table, UnsatisfiableError where the plan has demands that cannot be met."""
    from understudy.kernels import Runtime

    if bundle.plan.unmet:
        raise UnsatisfiableError(bundle.plan.unmet, mend="See `understudy plan` for the reasons.")
    names = [t.name for t in bundle.plan.everything if t.columns]
    if table is not None:
        found = [n for n in names if n == table or n.rsplit(".", 1)[-1] == table]
        if len(found) != 1:
            near = difflib.get_close_matches(table, names, 1)
            raise RequestError(f"no table {table!r}", mend=f"Did you mean {near[0]!r}?" if near else "")
        names = found
    runtime = Runtime(bundle)
    shown = {}
    for name in names:
        count = min(rows, bundle.plan.table(name).rows)
        shown[name] = _plain(runtime.batch(name, 0, count))
    return shown


def _plain(batch: pa.RecordBatch) -> pa.Table:
    """Text as text: pools repeat words, which dictionaries elsewhere do not allow."""
    columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns]
    return pa.Table.from_arrays(columns, names=batch.schema.names)
