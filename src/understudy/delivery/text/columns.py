"""Whole columns as text: JSON values, SQL literals, PostgreSQL literals, joined to lines. No loop over rows.

Text that needs no escaping is found by one histogram over its bytes, so that the common case costs one pass;
dictionary columns are written once per entry and taken. Lines are joined in Arrow, and the data buffer of the
joined array is the file's bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HEX = np.frombuffer("".join(f"{i:02x}" for i in range(256)).encode(), dtype=np.uint16)
"""The two digits of each byte, as one 16-bit word."""

JSON_ESCAPES = {
    **{i: f"\\u{i:04x}" for i in range(32)},
    8: "\\b",
    9: "\\t",
    10: "\\n",
    12: "\\f",
    13: "\\r",
    34: '\\"',
    92: "\\\\",
}
"""RFC 8259: what a JSON string must not hold as it is."""

Writer = Callable[[pa.Array], pa.Array]


def text_array(value: str, n: int) -> pa.Array:
    """``n`` times the same text."""
    return pa.repeat(pa.scalar(value, pa.string()), n)


def plain(array: pa.Array) -> pa.Array:
    """Text without dictionary, as ``string``."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array if pa.types.is_string(array.type) else array.cast(pa.string())


def bytes_present(array: pa.Array) -> np.ndarray:
    """Which of the 256 byte values occur in a string array (bool[256])."""
    data = array.buffers()[2]
    if data is None or len(array) == 0:
        return np.zeros(256, dtype=bool)
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    window = np.frombuffer(data, dtype=np.uint8)[offsets[0] : offsets[-1]]
    return np.bincount(window, minlength=256) > 0


def escaped(array: pa.Array, escapes: dict[int, str]) -> pa.Array:
    """Text with single bytes replaced; backslashes and quotes first, for the others' replacements hold some."""
    present = bytes_present(array)
    for byte in sorted(escapes, key=lambda b: (b != 92, b != 39, b)):
        if present[byte]:
            array = pc.replace_substring(array, chr(byte), escapes[byte])
    return array


def framed(array: pa.Array, left: str, right: str) -> pa.Array:
    """``left`` and ``right`` around every value; null stays null."""
    return pc.binary_join_element_wise(pa.scalar(left), array, pa.scalar(right), "")


def hex_text(array: pa.Array, prefix: str = "") -> pa.Array:
    """Binary values as hexadecimal digits behind ``prefix``."""
    array = array.cast(pa.binary()) if not pa.types.is_binary(array.type) else array
    n = len(array)
    if n == 0 or array.buffers()[2] is None:
        digits = pa.array(np.zeros(n, dtype="U1"), pa.string())
        digits = pc.if_else(pc.is_valid(array), digits, pa.scalar(None, pa.string()))
    else:
        offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + n + 1]
        data = np.frombuffer(array.buffers()[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
        starts = (offsets - offsets[0]) * np.int32(2)
        digits = pa.StringArray.from_buffers(
            n, pa.py_buffer(starts), pa.py_buffer(HEX[data]), valid_buffer(array), array.null_count
        )
    return framed(digits, prefix, "") if prefix else digits


def valid_buffer(array: pa.Array) -> pa.Buffer | None:
    """The validity bits of an array, from its own first row on."""
    if array.null_count == 0:
        return None
    bits = np.packbits(array.is_valid().to_numpy(zero_copy_only=False), bitorder="little")
    return pa.py_buffer(bits)


def by_entry(array: pa.Array, write: Writer) -> pa.Array:
    """``write`` on the values; for dictionary arrays on each entry once. Null stays null."""
    if not pa.types.is_dictionary(array.type):
        return write(array)
    if len(array.dictionary) > len(array):
        return write(array.dictionary_decode())
    return pc.take(write(array.dictionary), array.indices)


def joined_lists(array: pa.Array, items: pa.Array, separator: str) -> pa.Array:
    """The items' texts (of the flattened list) joined per list; null lists stay null."""
    lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
    offsets = np.zeros(len(array) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    lists = pa.ListArray.from_arrays(pa.array(offsets), items)
    text = pc.binary_join(lists, separator)
    return pc.if_else(pc.is_valid(array), text, pa.scalar(None, text.type)) if array.null_count else text


def struct_fields(array: pa.Array) -> list[tuple[str, pa.Array]]:
    """The columns of a struct array, their nulls merged with the struct's own."""
    return [(array.type.field(i).name, column) for i, column in enumerate(array.flatten())]


def is_list(t: pa.DataType) -> bool:
    """A list type (maps are apart)."""
    return bool(pa.types.is_list(t) or pa.types.is_large_list(t) or pa.types.is_fixed_size_list(t))


def number_text(array: pa.Array) -> pa.Array:
    """Numbers as text, in the shortest form that reads back the same."""
    return array.cast(pa.string())


def iso_text(array: pa.Array, separator: str = " ", zone: str = "") -> pa.Array:
    """Dates, times and timestamps in ISO 8601 with microseconds where the type has them; ``zone`` is
    written behind timestamps that have a time zone."""
    t = array.type
    if not pa.types.is_timestamp(t):
        return array.cast(pa.string())
    zoned = t.tz is not None
    text = array.cast(pa.timestamp("us")).cast(pa.string())
    if separator != " ":
        text = with_separator(text, separator)
    return framed(text, "", zone) if zoned and zone else text


def with_separator(array: pa.Array, separator: str) -> pa.Array:
    """Timestamps' text with another character between date and time, written over the blank in place of
    searching for it: the blank stands at the same place in every row unless a year has other than 4 digits."""
    filled = pc.fill_null(array, "0001-01-01 00:00:00.000000")
    lengths = pc.binary_length(filled)
    if len(array) == 0 or pc.min_max(lengths).as_py() != {"min": 26, "max": 26}:
        return pc.replace_substring(array, " ", separator, max_replacements=1)
    rows = np.frombuffer(text_bytes(filled), dtype=np.uint8).reshape(-1, 26).copy()
    rows[:, 10] = ord(separator)
    offsets = np.arange(len(array) + 1, dtype=np.int32) * np.int32(26)
    buffers = (pa.py_buffer(offsets), pa.py_buffer(rows))
    return pa.StringArray.from_buffers(len(array), *buffers, valid_buffer(array), array.null_count)


def joined_rows(pieces: Sequence[pa.Array | str], n: int) -> pa.Array:
    """One text per row out of pieces (constants or arrays without null)."""
    parts = [pa.scalar(p, pa.string()) if isinstance(p, str) else p for p in pieces]
    if all(isinstance(p, pa.Scalar) for p in parts):
        return text_array("".join(p.as_py() for p in parts), n)
    return pc.binary_join_element_wise(*parts, "")


def text_bytes(array: pa.Array) -> memoryview:
    """All bytes of a string array without null, one row after the other."""
    if len(array) == 0 or array.buffers()[2] is None:
        return memoryview(b"")
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)
    return memoryview(array.buffers()[2])[int(offsets[array.offset]) : int(offsets[array.offset + len(array)])]
