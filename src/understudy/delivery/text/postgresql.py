"""Columns in PostgreSQL's text form (what COPY and casts from text read), without a loop over rows.

Arrays are ``{1,NULL,"a"}``, composites ``(1,,"a")``, binary ``\\\\x00ff``; quoting follows the manual's chapters on
arrays and composite types: inside quotes a backslash stands before backslashes and quotes.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.delivery.text import columns as text
from understudy.delivery.text.json import json_values
from understudy.types import Kind, Type

INSIDE_QUOTES = {92: "\\\\", 34: '\\"'}


SEPARATORS = {"box": ";", "geometry": ":", "geography": ":"}
"""What stands between the elements of an array, where it is no comma (pg_type.typdelim)."""


def separator(t: Type) -> str:
    """What stands between the elements of an array of that type."""
    while t.element is not None and t.kind is Kind.ARRAY:
        t = t.element
    return SEPARATORS.get(t.variant, ",")


def pg_column(array: pa.Array, between: str = ",") -> pa.Array:
    """A column as the CSV writer may take it: binary and nested values as text, all else as it is. ``between``:
    elements of an array."""
    t = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    if (
        pa.types.is_nested(t)
        or pa.types.is_binary(t)
        or pa.types.is_large_binary(t)
        or pa.types.is_fixed_size_binary(t)
    ):
        return pg_values(array, between)
    if pa.types.is_null(t):
        return array.cast(pa.string())
    return array


def pg_values(array: pa.Array, between: str = ",") -> pa.Array:
    """Each value in PostgreSQL's text form; null stays null. ``between``: elements of an array."""
    return text.by_entry(array, partial(_values, between=between))


def _values(array: pa.Array, between: str) -> pa.Array:
    t = array.type
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t):
        return text.hex_text(array, "\\x")
    if text.is_list(t):
        return text.framed(text.joined_lists(array, _element(array.flatten(), between), between), "{", "}")
    if pa.types.is_struct(t):
        return _composite(array)
    if pa.types.is_map(t):
        return _hstore(array)
    if pa.types.is_timestamp(t):
        return text.iso_text(array, " ", "+00")
    return array.cast(pa.string())


def _element(items: pa.Array, between: str) -> pa.Array:
    """The elements of an array; lists inside lists are dimensions and stay bare."""
    bare = items.type.value_type if pa.types.is_dictionary(items.type) else items.type
    written = pg_values(items, between)
    if pa.types.is_struct(bare) or not (text.is_list(bare) or _never_quoted(bare)):
        written = text.framed(text.escaped(written, INSIDE_QUOTES), '"', '"')
    return pc.fill_null(written, "NULL") if written.null_count else written


def _composite(array: pa.Array) -> pa.Array:
    pieces: list[pa.Array | str] = []
    for _, values in text.struct_fields(array):
        bare = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
        written = pg_values(values)
        if not _never_quoted(bare):
            written = text.framed(text.escaped(written, INSIDE_QUOTES), '"', '"')
        pieces += ["," if pieces else "(", pc.fill_null(written, "") if written.null_count else written]
    rows = text.joined_rows([*pieces, ")"], len(array))
    return pc.if_else(pc.is_valid(array), rows, pa.scalar(None, pa.string())) if array.null_count else rows


def _hstore(array: pa.Array) -> pa.Array:
    """Maps of text as hstore (JSON where a value is no text)."""
    if not pa.types.is_string(array.type.item_type):
        return json_values(array)
    offsets = np.asarray(array.offsets)
    keys, items = (part[offsets[0] : offsets[-1]] for part in (array.keys, array.items))
    left = text.framed(text.escaped(keys.cast(pa.string()), INSIDE_QUOTES), '"', '"=>')
    right = pc.fill_null(text.framed(text.escaped(items, INSIDE_QUOTES), '"', '"'), "NULL")
    pairs = pc.binary_join_element_wise(left, right, "")
    lists = pa.ListArray.from_arrays(pa.array(offsets - offsets[0], pa.int32()), pairs)
    body = pc.binary_join(lists, ",")
    return pc.if_else(pc.is_valid(array), body, pa.scalar(None, pa.string())) if array.null_count else body


def _never_quoted(t: pa.DataType) -> bool:
    """Kinds whose text has nothing that needs quotes."""
    return bool(pa.types.is_integer(t) or pa.types.is_decimal(t) or pa.types.is_boolean(t) or pa.types.is_floating(t))
