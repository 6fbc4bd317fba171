"""JSON in its shapes: an array of records, records line by line, an object of tables, records by key, nested ones."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from understudy.errors import SourceError
from understudy.sources.files.engine import cursor
from understudy.sources.files.limits import Limits
from understudy.sources.files.nested import Origin, tables
from understudy.sources.files.reading import literal
from understudy.sources.files.sheet import Faults, Sheet
from understudy.sources.files.unpack import head_of, on_disk

ROW_BYTES = 64 << 20
"""The longest record of a JSON file with many."""
BATCH_ROWS = 8192
SNIFFED = 128 << 20
"""Up to this size every record is looked at to find the types; beyond, the first :data:`SNIFFED_ROWS`."""
SNIFFED_ROWS = 200_000


def json_sheets(path: Path, name: str, limits: Limits) -> list[Sheet]:
    """The tables of a JSON or JSON Lines file. SourceError with the place where it is no valid JSON."""
    keep = tempfile.TemporaryDirectory(prefix="understudy-")
    with on_disk(path, limits) as plain:
        if plain != path:
            target = Path(keep.name) / plain.name
            plain.replace(target)
            plain = target
        plain = _utf8(plain, path, Path(keep.name), limits)
        return _sheets(plain, path, name, limits, keep)


def _utf8(plain: Path, path: Path, folder: Path, limits: Limits) -> Path:
    """The file in UTF-8: itself, or a copy where it is written otherwise."""
    from understudy.sources.files.encoding import Utf8, guess
    from understudy.sources.files.unpack import opened

    encoding = guess(head_of(plain, limits, 1 << 16))
    if encoding.name == "utf-8" and not encoding.mark:
        return plain
    copy = folder / f"utf8-{plain.name}"
    with Utf8(opened(plain, limits), encoding) as source, copy.open("wb") as target:
        while piece := source.read(1 << 20):
            target.write(piece)
    del path
    return copy


def _sheets(plain: Path, path: Path, name: str, limits: Limits, keep: object) -> list[Sheet]:
    where, size = str(path), plain.stat().st_size
    begin = head_of(plain, limits, 1 << 16).lstrip()
    lines = _by_lines(begin, plain)
    single = begin[:1] == b"{" and not lines
    if single and size > limits.whole_bytes:
        from understudy.sources.files.unpack import too_large

        raise too_large(where, limits.whole_bytes)
    source = plain
    if single and _by_key(plain, size):
        source, lines, single = _unkeyed(plain, size, Path(keep.name) / "records.jsonl"), True, False  # type: ignore[attr-defined]
    query = _query(source, size, lines=lines, single=single)
    schema = _schema(query, where, lines=lines)
    faults = Faults(limits.faults)

    def rows() -> Iterator[pa.RecordBatch]:
        yield from _read(query, where, lines=lines)

    place = (lambda row: f"line {row + 1}") if lines else (lambda row: f"record {row + 1}")
    origin = Origin(where, faults, size, "JSON Lines" if lines else "JSON", False, place, keep)
    return tables(name, schema, rows, origin, apart=single)


def _by_lines(begin: bytes, path: Path) -> bool:
    """Whether every line is a record of its own."""
    if begin[:1] != b"{":
        return False
    import msgspec

    first, newline, rest = begin.partition(b"\n")
    try:
        msgspec.json.decode(first)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return bool(newline and rest.strip()[:1] == b"{") or path.suffix.lower() in (".jsonl", ".ndjson")


def _settings(size: int, *, lines: bool, single: bool) -> str:
    largest = max(ROW_BYTES, size + 1024 if single else 0)
    shape = "newline_delimited" if lines else "unstructured" if single else "array"
    sniffed = -1 if size <= SNIFFED else SNIFFED_ROWS
    return (
        f"format = {literal(shape)}, maximum_object_size = {min(largest, 1 << 31)}, sample_size = {sniffed}, "
        "convert_strings_to_integers = false, maximum_depth = 10, field_appearance_threshold = 0, "
        "map_inference_threshold = 500"
    )


def _query(path: Path, size: int, *, lines: bool, single: bool) -> str:
    return f"SELECT * FROM read_json({literal(str(path))}, {_settings(size, lines=lines, single=single)})"


def _plain_types(connection: Any, query: str) -> str:
    """The query with what JSON calls by no single type as text."""
    described = connection.sql(query)
    columns = []
    for name, kind in zip(described.columns, described.types, strict=True):
        quoted = '"' + name.replace('"', '""') + '"'
        columns.append(f"{quoted} ->> '$' AS {quoted}" if str(kind) == "JSON" else quoted)
    return f"SELECT {', '.join(columns)} FROM ({query})"


def _schema(query: str, where: str, *, lines: bool) -> pa.Schema:
    import duckdb

    connection = cursor()
    try:
        plain = _plain_types(connection, query)
        return connection.sql(plain).limit(0).to_arrow_table().schema
    except duckdb.Error as e:
        raise _fault(e, where, lines=lines) from e
    finally:
        connection.close()


def _read(query: str, where: str, *, lines: bool) -> Iterator[pa.RecordBatch]:
    import duckdb

    connection = cursor()
    try:
        yield from connection.sql(_plain_types(connection, query)).to_arrow_reader(BATCH_ROWS)
    except (duckdb.Error, pa.ArrowException, OSError) as e:
        raise _fault(e, where, lines=lines) from e
    finally:
        connection.close()


def _fault(error: Exception, where: str, *, lines: bool) -> SourceError:
    said = " ".join(str(error).split())
    for noise in ("Invalid Input Error: ", "IO Error: "):
        said = said.removeprefix(noise)
    said = said.split("Try ", 1)[0].split("LINE 1", 1)[0]
    said = said.replace(f'in file "{where}", ', "")
    return SourceError(
        f"no valid JSON: {said[:200].strip(' .')}", where=where, mend="Mend it there." if lines else "Mend it."
    )


# ---- records by key ---------------------------------------------------------------------------------
FEWEST_KEYED = 3


def _by_key(path: Path, size: int) -> bool:
    """Whether an object's members are all objects of much the same form: records, named by their keys."""
    import duckdb

    connection = cursor()
    text = _settings(size, lines=False, single=True).replace("field_appearance_threshold = 0, ", "")
    query = (
        f"WITH o AS (SELECT json AS j FROM read_json_objects({literal(str(path))}, format = 'unstructured', "
        f"maximum_object_size = {_size_of(text)})) "
        "SELECT k, json_type(j -> k), json_keys(j -> k) FROM (SELECT j, unnest(json_keys(j)) AS k FROM o) LIMIT 1000"
    )
    try:
        found = connection.execute(query).fetchall()
    except duckdb.Error:
        return False
    finally:
        connection.close()
    if len(found) < FEWEST_KEYED or any(kind != "OBJECT" for _, kind, _ in found):
        return False
    common = set.intersection(*(set(keys or ()) for _, _, keys in found))
    every = set().union(*(set(keys or ()) for _, _, keys in found))
    return len(common) > 0 and len(common) >= 0.5 * len(every)


def _size_of(settings: str) -> str:
    return settings.split("maximum_object_size = ")[1].split(",", maxsplit=1)[0]


def _unkeyed(path: Path, size: int, target: Path) -> Path:
    """The records line by line, their key as a member ``key``."""
    connection = cursor()
    largest = _size_of(_settings(size, lines=False, single=True))
    source = f"read_json_objects({literal(str(path))}, format = 'unstructured', maximum_object_size = {largest})"
    try:
        connection.execute(
            f"COPY (SELECT json_merge_patch(json_object('key', k), j -> k) FROM "
            f"(SELECT json AS j, unnest(json_keys(json)) AS k FROM {source})) TO {literal(str(target))} "
            "(FORMAT csv, HEADER false, QUOTE '', DELIMITER '\\x01', ESCAPE '')".replace("\\x01", "\x01")
        )
    finally:
        connection.close()
    return target
