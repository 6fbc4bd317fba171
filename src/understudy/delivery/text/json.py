"""Columns and rows as JSON text, without a loop over rows.

Numbers stay numbers (not-a-number and infinities, which JSON lacks, become null), dates and times are ISO 8601,
binary is ``\\\\x`` and hexadecimal digits, lists, structs and maps stay nested.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.delivery.text import columns as text


def json_string(value: str) -> str:
    """One text as a JSON string."""
    return '"' + "".join(text.JSON_ESCAPES.get(ord(c), c) for c in value) + '"'


def json_values(array: pa.Array) -> pa.Array:
    """Each value as JSON text; null stays null."""
    return text.by_entry(array, _values)


def json_lines(batch: pa.RecordBatch, *, left: str = "{", right: str = "}\n") -> pa.Array:
    """Each row as one JSON object between ``left`` and ``right``; nulls are written."""
    pieces: list[pa.Array | str] = []
    glue = left
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        bare = None if column.null_count else _bare(column)
        if bare is None:
            pieces += [f"{glue}{json_string(name)}:", filled(json_values(column))]
            glue = ","
        else:
            pieces += [f'{glue}{json_string(name)}:"', bare]
            glue = '",'
    if glue == '",':
        right = f'"{right}'
    if not pieces:
        return text.text_array(left + right, batch.num_rows)
    return text.joined_rows([*pieces, right], batch.num_rows)


def filled(array: pa.Array) -> pa.Array:
    """JSON's null where there is none."""
    return pc.fill_null(array, "null") if array.null_count else array


def _bare(array: pa.Array) -> pa.Array | None:
    """What stands between quotes in JSON, where the column is of a quoted kind: the quotes then cost nothing,
    for they join the text between the columns."""
    t = array.type
    if pa.types.is_string(t):
        return text.escaped(array, text.JSON_ESCAPES)
    if pa.types.is_timestamp(t) and t.tz is None:
        return text.iso_text(array, "T")
    if pa.types.is_date(t) or pa.types.is_time(t):
        return text.iso_text(array)
    return None


def _values(array: pa.Array) -> pa.Array:
    t = array.type
    if pa.types.is_null(t):
        return pa.nulls(len(array), pa.string())
    if pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t):
        return text.framed(text.escaped(text.plain(array), text.JSON_ESCAPES), '"', '"')
    if pa.types.is_floating(t):
        return pc.if_else(pc.is_finite(array), text.number_text(array), pa.scalar(None, pa.string()))
    if pa.types.is_boolean(t) or pa.types.is_integer(t) or pa.types.is_decimal(t):
        return text.number_text(array)
    if pa.types.is_temporal(t):
        return text.framed(text.iso_text(array, "T", "Z"), '"', '"')
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t):
        return text.hex_text(array, '"\\\\x') if not len(array) else text.framed(text.hex_text(array), '"\\\\x', '"')
    if text.is_list(t):
        return text.framed(text.joined_lists(array, filled(json_values(array.flatten())), ","), "[", "]")
    if pa.types.is_struct(t):
        return _structs(array)
    if pa.types.is_map(t):
        return _maps(array)
    return text.framed(text.escaped(array.cast(pa.string()), text.JSON_ESCAPES), '"', '"')


def _structs(array: pa.Array) -> pa.Array:
    fields = text.struct_fields(array)
    columns = pa.RecordBatch.from_arrays([c for _, c in fields], names=[n for n, _ in fields])
    lines = json_lines(columns, right="}")
    return pc.if_else(pc.is_valid(array), lines, pa.scalar(None, pa.string())) if array.null_count else lines


def _maps(array: pa.Array) -> pa.Array:
    offsets = np.asarray(array.offsets)
    keys, items = array.keys[offsets[0] : offsets[-1]], array.items[offsets[0] : offsets[-1]]
    names = text.framed(text.escaped(keys.cast(pa.string()), text.JSON_ESCAPES), '"', '":')
    pairs = pc.binary_join_element_wise(names, filled(json_values(items)), "")
    lists = pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), pairs)
    body = text.framed(pc.binary_join(lists, ","), "{", "}")
    return pc.if_else(pc.is_valid(array), body, pa.scalar(None, pa.string())) if array.null_count else body
