"""One writer per file format: batches in, bytes into a file. None knows of parts, folders or plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from understudy.delivery import text
from understudy.delivery.json_text import json_lines, json_values
from understudy.delivery.spool import HashingFile
from understudy.delivery.sql_text import insert_statements
from understudy.errors import InternalError
from understudy.model.plan import PlannedColumn

DICTIONARY_PAGE_BYTES = 8 << 20
"""Pools of 100,000 words must fit, or the writer falls back to plain text pages (measured: twice the bytes)."""

CSV_ROWS = 16384
"""Rows that the CSV writer formats at once: its buffers stay in the cache."""


def write_batches(
    file: HashingFile, batches: Iterator[pa.RecordBatch], schema: pa.Schema, file_format: str, **how: Any
) -> int:
    """Write all batches in one format; ``schema`` serves where there is no batch. Returns the rows written.

    ``how``: ``header`` (csv, tsv), ``table``, ``columns``, ``dialect``, ``overriding`` (sql), ``compression``.
    """
    match file_format:
        case "csv" | "tsv":
            return _write_csv(
                file, batches, schema, "," if file_format == "csv" else "\t", header=how.get("header", True)
            )
        case "jsonl":
            return _write_lines(file, batches)
        case "json":
            return _write_array(file, batches)
        case "parquet":
            return _write_parquet(file, batches, schema, how.get("compression") or "snappy")
        case "arrow":
            return _write_arrow(file, batches, schema)
        case "sql":
            return _write_sql(file, batches, **how)
    raise InternalError(f"no writer for {file_format!r}")


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


def _write_csv(
    file: HashingFile, batches: Iterator[pa.RecordBatch], schema: pa.Schema, delimiter: str, *, header: bool
) -> int:
    from pyarrow import csv

    rows = 0
    options = csv.WriteOptions(include_header=False, batch_size=CSV_ROWS, delimiter=delimiter)
    if header:
        file.write(csv_head(schema.names, delimiter))
    for batch in batches:
        csv.write_csv(flat(batch), pa.PythonFile(file, mode="w"), options)
        rows += batch.num_rows
    return rows


def _write_lines(file: HashingFile, batches: Iterator[pa.RecordBatch]) -> int:
    rows = 0
    for batch in batches:
        file.write(text.text_bytes(json_lines(batch)))
        rows += batch.num_rows
    return rows


def _write_array(file: HashingFile, batches: Iterator[pa.RecordBatch]) -> int:
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


def _write_parquet(file: HashingFile, batches: Iterator[pa.RecordBatch], schema: pa.Schema, compression: str) -> int:
    import pyarrow.parquet as pq

    first = next(batches, None)
    schema = first.schema if first is not None else schema
    rows = 0
    with pq.ParquetWriter(pa.PythonFile(file, mode="w"), schema, **parquet_options(schema, compression)) as writer:
        batch = first
        while batch is not None:
            batch = aligned(batch, schema)
            if batch.num_rows:
                writer.write_batch(batch, row_group_size=batch.num_rows)
            rows += batch.num_rows
            batch = next(batches, None)
    return rows


def parquet_options(schema: pa.Schema, compression: str) -> dict[str, Any]:
    """Dictionaries only where the data has them (finding new ones costs more than it saves), whole-number keys
    as differences, decimals as integers; see ``docs/benchmarks.md`` for what each is worth."""
    dictionaries = [f.name for f in schema if pa.types.is_dictionary(f.type)]
    plain = {f.name for f in schema if pa.types.is_integer(f.type)}
    dotted = any("." in f.name for f in schema)
    return {
        "compression": "NONE" if compression == "none" else compression,
        "use_dictionary": dictionaries if not dotted else False,
        "store_decimal_as_integer": True,
        "dictionary_pagesize_limit": DICTIONARY_PAGE_BYTES,
        "store_schema": any(pa.types.is_nested(f.type) or pa.types.is_null(f.type) for f in schema),
        "column_encoding": None if dotted else dict.fromkeys(sorted(plain), "DELTA_BINARY_PACKED") or None,
    }


def _write_arrow(file: HashingFile, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> int:
    batch = next(batches, None)
    plain = undictionary(batch.schema if batch is not None else schema)
    rows = 0
    with pa.ipc.new_file(pa.PythonFile(file, mode="w"), plain) as writer:
        while batch is not None:
            writer.write_batch(aligned(batch, plain))
            rows += batch.num_rows
            batch = next(batches, None)
    return rows


def undictionary(schema: pa.Schema) -> pa.Schema:
    """The schema with the dictionaries' value types: an IPC file holds one dictionary a column, batches several."""
    types = (f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in schema)
    return pa.schema(list(zip(schema.names, types, strict=True)))


def aligned(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the types of ``schema`` (a column may have a dictionary in one batch and none in the next)."""
    if batch.schema.equals(schema):
        return batch
    columns = [c if c.type == f.type else _cast(c, f.type) for c, f in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _cast(array: pa.Array, t: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(t) and not pa.types.is_dictionary(array.type):
        return array.cast(t.value_type).dictionary_encode().cast(t)
    return array.cast(t)


def _write_sql(
    file: HashingFile,
    batches: Iterator[pa.RecordBatch],
    *,
    table: str,
    columns: tuple[PlannedColumn, ...],
    dialect: str,
    overriding: bool = False,
    **_: Any,
) -> int:
    rows = 0
    for count, statements in insert_statements(batches, table, columns, dialect, overriding=overriding):
        file.write(statements)
        rows += count
    return rows
