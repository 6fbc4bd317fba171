"""One writer per file format: batches in, bytes into a file. None knows of parts, folders or plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from understudy.delivery.files.columnar import write_arrow, write_parquet
from understudy.delivery.files.spool import HashingFile
from understudy.errors import InternalError


def write_batches(
    file: HashingFile, batches: Iterator[pa.RecordBatch], schema: pa.Schema, file_format: str, **how: Any
) -> int:
    """Write all batches in one format; ``schema`` serves where there is no batch. Returns the rows written.

    ``how``: ``header`` (csv, tsv), ``manner`` (csv: how the table's own file is written), ``table``, ``columns``,
    ``dialect``, ``overriding`` (sql), ``compression``.
    """
    match file_format:
        case "parquet":
            return write_parquet(file, batches, schema, how.get("compression") or "snappy")
        case "arrow":
            return write_arrow(file, batches, schema)
    from understudy.delivery.files import textual

    match file_format:
        case "csv":
            from understudy.delivery.files import manner

            own = how.get("manner", {})
            rows = manner.mannered(batches, own) if own else batches
            return textual.write_csv(file, rows, schema, manner.delimiter(own), header=how.get("header", True))
        case "tsv":
            return textual.write_csv(file, batches, schema, "\t", header=how.get("header", True))
        case "jsonl":
            return textual.write_lines(file, batches)
        case "json":
            return textual.write_array(file, batches)
        case "sql":
            return textual.write_sql(file, batches, **how)
    raise InternalError(f"no writer for {file_format!r}")
