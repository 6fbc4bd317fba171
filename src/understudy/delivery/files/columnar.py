"""The two columnar formats, Parquet and Arrow's own: batches in, bytes into a file.

They stand apart from the text formats because these import ``pyarrow.compute``, a tenth of a small run's time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa

from understudy.delivery.files.spool import HashingFile
from understudy.errors import InternalError

WHOLE_DIGITS = 18
"""Decimals of up to so many digits are kept as integers."""

DICTIONARY_PAGE_BYTES = 8 << 20
"""Pools of 100,000 words must fit, or the writer falls back to plain text pages (measured: twice the bytes)."""


def write_parquet(file: HashingFile, batches: Iterator[pa.RecordBatch], schema: pa.Schema, compression: str) -> int:
    """Write all batches, a row group each; ``schema`` says what may be null, and serves where there is no batch.
    Returns the rows."""
    from pyarrow._parquet import ParquetWriter  # pyarrow.parquet loads clients of all object stores as well: 0.04 CPU-s

    first = next(batches, None)
    schema = schema if first is None else _with_types(schema, first.schema)
    rows = 0
    with closing(
        ParquetWriter(pa.PythonFile(file, mode="w"), schema, **parquet_options(schema, compression))
    ) as writer:
        batch = first
        while batch is not None:
            batch = aligned(batch, schema)
            if batch.num_rows:
                writer.write_table(pa.Table.from_batches([batch]), row_group_size=batch.num_rows)
            rows += batch.num_rows
            batch = next(batches, None)
    return rows


def parquet_options(schema: pa.Schema, compression: str) -> dict[str, Any]:
    """Dictionaries only where the data has them (finding new ones costs more than it saves), what is kept as integers
    as packed differences (half the bytes of plain numbers after compression, and two thirds of the time), statistics
    only where they tell row groups apart (of a dictionary's words every group has about all, and it takes as long to
    see as to write them)."""
    dictionaries = [f.name for f in schema if pa.types.is_dictionary(f.type)]
    whole = [f.name for f in schema if _is_whole(f.type)]
    dotted = any("." in f.name for f in schema)
    return {
        "compression": "NONE" if compression == "none" else compression,
        "use_dictionary": dictionaries if not dotted else False,
        "store_decimal_as_integer": True,
        "writer_engine_version": "V2",
        "dictionary_pagesize_limit": DICTIONARY_PAGE_BYTES,
        "store_schema": any(pa.types.is_nested(f.type) or pa.types.is_null(f.type) for f in schema),
        "column_encoding": None if dotted else dict.fromkeys(whole, "DELTA_BINARY_PACKED") or None,
        "write_statistics": True if dotted else [f.name for f in schema if f.name not in dictionaries],
    }


def _with_types(schema: pa.Schema, types: pa.Schema) -> pa.Schema:
    """``schema`` with the types of another: what may be null stays (a column that may not needs no marks of it: a tenth
    of the time)."""
    return pa.schema([f.with_type(t) for f, t in zip(schema, types.types, strict=True)])


def _is_whole(t: pa.DataType) -> bool:
    """Whether Parquet keeps values of the type as integers of 32 or 64 bits."""
    return (
        pa.types.is_integer(t)
        or (pa.types.is_temporal(t) and not pa.types.is_interval(t))
        or (pa.types.is_decimal(t) and t.precision <= WHOLE_DIGITS)
    )


def write_arrow(file: HashingFile, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> int:
    """Write all batches as one IPC file; ``schema`` serves where there is none. Returns the rows."""
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
    for column, field in zip(batch.columns, schema, strict=True):
        if not field.nullable and column.null_count:
            raise InternalError("a null was made where none may be", where=field.name)
    columns = [c if c.type == f.type else _cast(c, f.type) for c, f in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _cast(array: pa.Array, t: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(t) and not pa.types.is_dictionary(array.type):
        return array.cast(t.value_type).dictionary_encode().cast(t)
    return array.cast(t)
