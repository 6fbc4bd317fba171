"""A batch: some rows of a table, as Arrow."""

from __future__ import annotations

import msgspec
import pyarrow as pa


class Batch(msgspec.Struct, frozen=True):
    """Rows ``start``..``stop`` (exclusive) of ``table``; ``data`` has the delivered columns, in order."""

    table: str
    start: int
    stop: int
    data: pa.RecordBatch
