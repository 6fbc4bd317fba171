"""From a target's name to its sink: URL scheme, then folder or file ending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from understudy.delivery.capabilities import FILE_FORMATS
from understudy.delivery.files import OPTIONS, FileSink
from understudy.delivery.single import SingleFileSink
from understudy.errors import RequestError
from understudy.model.batch import Batch
from understudy.ports.sink import PartSink, StepSink
from understudy.storage.databases import is_database, parse_address, scheme

ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".sql": "sql",
}
"""File endings → formats."""

DATABASE_ENDINGS = {".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb"}
"""File endings of database files."""


def open_sink(target: str, *, format: str = "", options: Mapping[str, str] = {}) -> PartSink | StepSink:
    """The sink for a target: a database URL, a database file, a folder, or one file (format by its ending).

    RequestError for an unknown scheme, format or option. ``-`` (standard output) is the caller's: see
    :func:`write_text`.
    """
    if format and format not in FILE_FORMATS:
        raise RequestError(f"unknown format {format!r}", mend=f"One of {', '.join(FILE_FORMATS)}.")
    path = Path(target)
    if not is_database(target) and not scheme(target) and not format and path.suffix.lower() in DATABASE_ENDINGS:
        target = f"{DATABASE_ENDINGS[path.suffix.lower()]}:///{target}"
    if is_database(target):
        if format:
            raise RequestError("a database takes no --format", where=parse_address(target).masked, mend="Leave it out.")
        return _database(target, options)
    if scheme(target) not in ("", "file"):
        mend = "Name a folder, a file, or a database URL (postgresql, mysql, mariadb, sqlite, duckdb)."
        raise RequestError(f"unknown target scheme {scheme(target)!r}", where="--to", mend=mend)
    return _file(Path(target.removeprefix("file://")), format, options)


def _database(target: str, options: Mapping[str, str]) -> StepSink:
    from understudy.delivery.database import DatabaseSink

    return DatabaseSink(parse_address(target), dict(options))


def _file(path: Path, file_format: str, options: Mapping[str, str]) -> PartSink:
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        mend = f"Known for files: {', '.join(sorted(OPTIONS))}."
        raise RequestError(f"unknown option {unknown[0]!r}", where=str(path), mend=mend)
    ending = ENDINGS.get(path.suffix.lower(), "")
    if ending and not path.is_dir() and file_format in ("", ending):
        return SingleFileSink(path, ending, dict(options))
    if path.suffix and not ending and not file_format and not path.is_dir():
        mend = f"Use one of {', '.join(ENDINGS)}, or --format with a folder."
        raise RequestError(f"no format for the ending {path.suffix!r}", where=str(path), mend=mend)
    return FileSink(path, file_format or "parquet", dict(options))


def write_text(batches: Iterable[Batch], format: str, *, header: bool = True) -> Iterator[bytes]:
    """Batches of one table as chunks of text for a stream: csv, tsv, jsonl (UTF-8)."""
    from understudy.delivery.json_text import json_lines
    from understudy.delivery.text import text_bytes
    from understudy.delivery.writers import csv_bytes

    if format not in ("csv", "tsv", "jsonl"):
        raise RequestError(f"{format!r} cannot be streamed as text", where="-", mend="Use csv, tsv or jsonl.")
    for batch in batches:
        if format == "jsonl":
            yield bytes(text_bytes(json_lines(batch.data)))
        else:
            yield csv_bytes(batch.data, "," if format == "csv" else "\t", header=header)
            header = False
