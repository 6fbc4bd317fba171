"""Rows of a table as a stream of batches."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.kernels import Runtime
from understudy.model.batch import Batch
from understudy.model.bundle import Bundle


def pieces(start: int, stop: int, batch_rows: int) -> Iterator[tuple[int, int]]:
    """Cut start..stop (exclusive) at multiples of ``batch_rows``.

    >>> list(pieces(3, 11, 4))
    [(3, 4), (4, 8), (8, 11)]
    """
    while start < stop:
        end = min(stop, (start // batch_rows + 1) * batch_rows)
        yield start, end
        start = end


def stream(
    source: Bundle | Runtime, table: str, start: int, stop: int, *, omitted: bool = False, lean: bool = False
) -> Iterator[Batch]:
    """Rows start..stop (exclusive) of ``table`` as batches, in order; one is in memory at a time.
    ``omitted``: with the columns that are left to the database. ``lean``: values may come in Arrow's leaner forms."""
    runtime = source if isinstance(source, Runtime) else Runtime(source)
    runtime.turn_to(table)
    for low, high in pieces(start, stop, max(runtime.plan.batch_rows, 1)):
        yield Batch(table, low, high, runtime.batch(table, low, high, omitted=omitted, lean=lean))
