"""One table's rows as text for a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.errors import RequestError, UnsatisfiableError
from understudy.model.batch import Batch
from understudy.model.bundle import Bundle


def stream(bundle: Bundle, format: str = "csv") -> Iterator[bytes]:
    """The rows of the plan's only table as csv, tsv or jsonl in UTF-8, batch by batch. RequestError where the plan
    has several tables, UnsatisfiableError where it cannot be met."""
    from understudy.delivery import write_text

    plan = bundle.plan
    if plan.unmet:
        raise UnsatisfiableError(plan.unmet, mend="See `understudy plan` for the reasons.")
    if len(plan.everything) != 1:
        mend = "Choose one with --only TABLE, or name a folder."
        raise RequestError(f"{len(plan.everything)} tables do not fit into one stream", where="--to -", mend=mend)
    return write_text(_batches(bundle), format or "csv")


def _batches(bundle: Bundle) -> Iterator[Batch]:
    from understudy.kernels import Runtime

    (table,) = bundle.plan.everything
    runtime = Runtime(bundle)
    for start in range(0, table.rows, bundle.plan.batch_rows):
        stop = min(start + bundle.plan.batch_rows, table.rows)
        yield Batch(table.name, start, stop, runtime.batch(table.name, start, stop))
