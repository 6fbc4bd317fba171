"""A table's rows as a stream of batches."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.kernels import Runtime
from understudy.model.batch import Batch


def batch_bounds(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    """Row ranges between multiples of ``size``, cut to start..stop."""
    at = start
    while at < stop:
        behind = min(stop, (at // size + 1) * size)
        yield at, behind
        at = behind


def stream(runtime: Runtime, table: str, start: int, stop: int) -> Iterator[Batch]:
    """Rows ``start``..``stop`` (exclusive) of a table, at most ``plan.batch_rows`` at a time."""
    for low, high in batch_bounds(start, stop, runtime.plan.batch_rows):
        yield Batch(table, low, high, runtime.batch(table, low, high))
