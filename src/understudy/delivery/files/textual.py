"""The formats of text: CSV, JSON and SQL; batches in, bytes into a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from understudy.delivery.files.spool import HashingFile
from understudy.delivery.text import columns as text
from understudy.delivery.text.json import json_lines, json_values
from understudy.delivery.text.sql import insert_statements
from understudy.model.plan import PlannedColumn

CSV_ROWS = 16384
"""Rows that the CSV writer formats at once: its buffers stay in the cache."""


def flat(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch whose columns a CSV file can hold: nested values as JSON text, binary as ``\\\\x`` and digits."""
    columns = [_flat_column(c) for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _flat_column(array: pa.Array) -> pa.Array:
    t = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if pa.types.is_nested(t):
        return json_values(array)
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t):
        return text.by_entry(array, lambda a: text.hex_text(a, "\\x"))
    return array.cast(pa.string()) if pa.types.is_null(t) else array


def csv_bytes(batch: pa.RecordBatch, delimiter: str = ",", *, header: bool = False) -> bytes:
    """A batch as CSV text (UTF-8): text quoted, null empty."""
    from pyarrow import csv

    out = pa.BufferOutputStream()
    csv.write_csv(flat(batch), out, csv.WriteOptions(include_header=False, batch_size=CSV_ROWS, delimiter=delimiter))
    head = csv_head(batch.schema.names, delimiter) if header else b""
    return head + bytes(out.getvalue().to_pybytes())


def csv_head(names: list[str], delimiter: str) -> bytes:
    """The line of column names, each quoted."""
    quoted = (n.replace('"', '""') for n in names)
    return (delimiter.join(f'"{n}"' for n in quoted) + "\n").encode()


def write_csv(
    file: HashingFile, batches: Iterator[pa.RecordBatch], schema: pa.Schema, delimiter: str, *, header: bool
) -> int:
    """All batches as CSV; ``schema`` names the columns. Returns the rows."""
    from pyarrow import csv

    rows = 0
    options = csv.WriteOptions(include_header=False, batch_size=CSV_ROWS, delimiter=delimiter)
    if header:
        file.write(csv_head(schema.names, delimiter))
    for batch in batches:
        csv.write_csv(flat(batch), pa.PythonFile(file, mode="w"), options)
        rows += batch.num_rows
    return rows


def write_lines(file: HashingFile, batches: Iterator[pa.RecordBatch]) -> int:
    """A JSON object a line. Returns the rows."""
    rows = 0
    for batch in batches:
        file.write(text.text_bytes(json_lines(batch)))
        rows += batch.num_rows
    return rows


def write_array(file: HashingFile, batches: Iterator[pa.RecordBatch]) -> int:
    """One JSON array of objects. Returns the rows."""
    file.write(b"[")
    rows = 0
    for batch in batches:
        if batch.num_rows == 0:
            continue
        lines = text.text_bytes(json_lines(batch, left=",\n{", right="}"))
        file.write(lines if rows else lines[1:])
        rows += batch.num_rows
    file.write(b"\n]\n" if rows else b"]\n")
    return rows


def write_sql(
    file: HashingFile,
    batches: Iterator[pa.RecordBatch],
    *,
    table: str,
    columns: tuple[PlannedColumn, ...],
    dialect: str,
    overriding: bool = False,
    **_: Any,
) -> int:
    """INSERT statements. Returns the rows."""
    rows = 0
    for count, statements in insert_statements(batches, table, columns, dialect, overriding=overriding):
        file.write(statements)
        rows += count
    return rows
