"""Rows as INSERT statements, per dialect, without a loop over rows.

Text is quoted with the dialect's own escapes, binary is hexadecimal, dates and times are ISO 8601 in quotes;
lists and structs are what the dialect writes them as (JSON text where it has neither).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.delivery.text import columns as text
from understudy.delivery.text.json import json_values
from understudy.delivery.text.postgresql import pg_values, separator
from understudy.delivery.text.quoting import quote
from understudy.errors import TargetError
from understudy.model.plan import PlannedColumn
from understudy.types import Kind

ROWS_PER_STATEMENT = 500
"""Servers parse some hundred rows at once fastest; thousands meet limits of compound statements."""

BYTE_ESCAPES: dict[str, dict[int, str]] = {
    "sqlite": {39: "''", 0: "'||char(0)||'", 13: "'||char(13)||'"},
    "duckdb": {39: "''", 0: "'||chr(0)||'", 13: "'||chr(13)||'"},
    "postgresql": {39: "''"},
    "mysql": {39: "''", 92: "\\\\", 0: "\\0", 10: "\\n", 13: "\\r", 26: "\\Z"},
}
"""Quotes doubled, NUL by name; carriage returns by name too: the shells of three databases turn them into newlines."""


def family(dialect: str) -> str:
    """The dialect whose words are spoken: mariadb speaks mysql here, and '' plain SQL as sqlite does."""
    return {"mariadb": "mysql", "": "sqlite"}.get(dialect, dialect)


def insert_statements(
    batches: Iterator[pa.RecordBatch],
    table: str,
    columns: tuple[PlannedColumn, ...],
    dialect: str,
    *,
    overriding: bool = False,
) -> Iterator[tuple[int, memoryview]]:
    """INSERT statements of at most 500 rows for the named columns; ``table`` is already quoted. Yields (rows,
    text); where statements begin depends on the rows' places alone, not on how they are batched."""
    names = ", ".join(quote(c.name, dialect) for c in columns)
    middle = " OVERRIDING SYSTEM VALUE" if overriding else ""
    head = f"INSERT INTO {table} ({names}){middle} VALUES\n("
    done = 0
    for batch in batches:
        if batch.num_rows:
            yield batch.num_rows, text.text_bytes(_rows(batch, columns, dialect, head, done))
            done += batch.num_rows
    if done:
        yield 0, memoryview(b";\n")


def _rows(batch: pa.RecordBatch, columns: tuple[PlannedColumn, ...], dialect: str, head: str, done: int) -> pa.Array:
    n = batch.num_rows
    starts = np.flatnonzero((done + np.arange(n)) % ROWS_PER_STATEMENT == 0)
    words = pa.array(["," + "\n(", ";\n" + head, head], pa.string())
    kinds = np.zeros(n, dtype=np.int32)
    kinds[starts] = 1
    if done == 0:
        kinds[0] = 2
    pieces: list[pa.Array | str] = [words.take(pa.array(kinds))]
    for i, column in enumerate(columns):
        literal = sql_literals(batch.column(batch.schema.get_field_index(column.name)), column, dialect)
        pieces += [", "] if i else []
        pieces.append(pc.fill_null(literal, "NULL") if literal.null_count else literal)
    return text.joined_rows([*pieces, ")"], n)


def sql_literals(array: pa.Array, column: PlannedColumn, dialect: str) -> pa.Array:
    """Each value as a literal of the dialect; null stays null."""
    speech = family(dialect)
    return text.by_entry(array, lambda a: _literals(a, column, speech))


def _literals(array: pa.Array, column: PlannedColumn, dialect: str) -> pa.Array:
    t, kind = array.type, column.type.kind
    if pa.types.is_boolean(t):
        words = ("TRUE", "FALSE") if dialect in ("postgresql", "duckdb") else ("1", "0")
        return pc.if_else(array, *words)
    if pa.types.is_integer(t) or pa.types.is_decimal(t):
        return text.number_text(array)
    if pa.types.is_floating(t):
        return _floats(array, dialect)
    if pa.types.is_temporal(t):
        return text.framed(text.iso_text(array, " ", "" if dialect in ("mysql", "sqlite") else "+00"), "'", "'")
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t):
        return _binary(array, dialect)
    if pa.types.is_nested(t):
        return _nested(array, column, dialect)
    literal = string_literals(array.cast(pa.string()), dialect, column.name)
    if kind is Kind.BITS and dialect in ("mysql", "postgresql"):
        return pc.binary_join_element_wise(pa.scalar("b" if dialect == "mysql" else "B"), literal, "")
    if kind is Kind.SPATIAL and dialect == "mysql":
        return text.framed(literal, "ST_GeomFromText(", f", {column.type.srid})")
    return literal


def string_literals(array: pa.Array, dialect: str, column: str = "") -> pa.Array:
    """Text as quoted literals."""
    if dialect == "postgresql" and text.bytes_present(array)[0]:
        raise TargetError("PostgreSQL's text holds no NUL character", where=column, mend="Leave it out of the values.")
    return text.framed(text.escaped(array, BYTE_ESCAPES[dialect]), "'", "'")


def _floats(array: pa.Array, dialect: str) -> pa.Array:
    written = text.number_text(array)
    finite = pc.is_finite(array)
    if pc.all(finite, skip_nulls=True).as_py() is not False:
        return written
    if dialect in ("postgresql", "duckdb"):
        return pc.if_else(finite, written, text.framed(written, "'", "'"))
    if dialect == "sqlite":
        endless = pc.if_else(pc.is_nan(array), pa.scalar(None, pa.string()), "9e999")
        signed = pc.if_else(pc.less(array, 0.0), "-9e999", endless)
        return pc.if_else(finite, written, signed)
    raise TargetError("MySQL holds neither infinities nor not-a-number", mend="Keep them out of the column.")


def _binary(array: pa.Array, dialect: str) -> pa.Array:
    digits = text.hex_text(array)
    if dialect == "postgresql":
        return text.framed(digits, "'\\x", "'")
    if dialect == "duckdb":
        return text.framed(digits, "unhex('", "')")
    return text.framed(digits, "x'", "'")


def _nested(array: pa.Array, column: PlannedColumn, dialect: str) -> pa.Array:
    if dialect == "postgresql":
        return text.framed(text.escaped(pg_values(array, separator(column.type)), {39: "''"}), "'", "'")
    if dialect == "duckdb":
        return _duckdb_nested(array, column)
    return string_literals(json_values(array), dialect, column.name)


def _duckdb_nested(array: pa.Array, column: PlannedColumn) -> pa.Array:
    t = array.type
    if text.is_list(t):
        items = _filled(sql_literals(array.flatten(), column, "duckdb"))
        return text.framed(text.joined_lists(array, items, ", "), "[", "]")
    if pa.types.is_struct(t):
        pieces: list[pa.Array | str] = []
        for name, values in text.struct_fields(array):
            key = "'" + name.replace("'", "''") + "'"
            pieces += [f"{', ' if pieces else '{'}{key}: ", _filled(sql_literals(values, column, "duckdb"))]
        rows = text.joined_rows([*pieces, "}"], len(array))
        return pc.if_else(pc.is_valid(array), rows, pa.scalar(None, pa.string()))
    offsets = np.asarray(array.offsets)
    parts = (array.keys, array.items)
    keys, items = (_filled(sql_literals(p[offsets[0] : offsets[-1]], column, "duckdb")) for p in parts)
    pairs = pc.binary_join_element_wise(keys, items, ": ")
    lists = pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), pairs)
    body = text.framed(pc.binary_join(lists, ", "), "MAP {", "}")
    return pc.if_else(pc.is_valid(array), body, pa.scalar(None, pa.string()))


def _filled(array: pa.Array) -> pa.Array:
    return pc.fill_null(array, "NULL") if array.null_count else array
