"""From a target's name to its sink: URL scheme, then folder or file ending."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from understudy.delivery.capabilities import FILE_FORMATS
from understudy.delivery.files.folder import OPTIONS, FileSink
from understudy.delivery.files.single import SingleFileSink
from understudy.errors import RequestError
from understudy.model.batch import Batch
from understudy.ports.sink import PartSink, StepSink
from understudy.ports.tryout import Tryout
from understudy.storage.databases import SCHEMES, is_database, parse_address, scheme

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
        near = difflib.get_close_matches(format, FILE_FORMATS, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"One of {', '.join(FILE_FORMATS)}."
        raise RequestError(f"unknown format {format!r}", mend=hint)
    target = resolved(target)
    if is_database(target):
        if format:
            raise RequestError("a database takes no --format", where=parse_address(target).masked, mend="Leave it out.")
        return _database(target, options)
    return _file(Path(target), format, options)


def open_tryout(target: str) -> Tryout | None:
    """A rehearsal on a target; None for what is no database."""
    target = resolved(target)
    if not is_database(target):
        return None
    from understudy.delivery.databases.tryout import DatabaseTryout

    return DatabaseTryout(parse_address(target))


def resolved(target: str) -> str:
    """A target as a database URL or a path: a path that ends as database files do is one, if no folder is there or
    meant (a stroke at its end). RequestError for an empty target or an unknown scheme."""
    if not target.strip():
        raise RequestError("the target is empty", where="--to", mend="Name a database URL, a folder or a file.")
    if is_database(target):
        return target
    if scheme(target) not in ("", "file"):
        near = difflib.get_close_matches(scheme(target), SCHEMES, 1)
        mend = "Name a folder, a file, or a database URL (postgresql, mysql, mariadb, sqlite, duckdb)."
        mend = f"Did you mean {near[0]}://?" if near else mend
        raise RequestError(f"unknown target scheme {scheme(target)!r}", where="--to", mend=mend)
    path = target.removeprefix("file://")
    family = DATABASE_ENDINGS.get(Path(path).suffix.lower(), "")
    return f"{family}:///{path}" if family and not path.endswith("/") and not Path(path).is_dir() else path


def _database(target: str, options: Mapping[str, str]) -> StepSink:
    from understudy.delivery.databases.sink import DatabaseSink

    address = parse_address(target)
    if address.path == ":memory:":
        mend = f"Name a file: {address.dialect}:///FILE."
        raise RequestError("a database in memory is gone when the run ends", where=address.masked, mend=mend)
    return DatabaseSink(address, dict(options))


def _file(path: Path, file_format: str, options: Mapping[str, str]) -> PartSink:
    unknown = sorted(set(options) - OPTIONS)
    if unknown:
        mend = f"Known for files: {', '.join(sorted(OPTIONS))}."
        raise RequestError(f"unknown option {unknown[0]!r}", where=str(path), mend=mend)
    ending = ENDINGS.get(path.suffix.lower(), "")
    if ending and not path.is_dir() and file_format in ("", ending):
        return SingleFileSink(path, ending, dict(options))
    if ending and file_format and not path.is_dir():
        what = f"--format {file_format} contradicts the ending {path.suffix}"
        raise RequestError(what, where=str(path), mend="Leave --format out, or name a folder.")
    if path.suffix and not ending and not file_format and not path.is_dir():
        mend = f"Use one of {', '.join(ENDINGS)}, or --format with a folder."
        raise RequestError(f"no format for the ending {path.suffix!r}", where=str(path), mend=mend)
    return FileSink(path, file_format or "parquet", dict(options))


def write_text(batches: Iterable[Batch], format: str, *, header: bool = True) -> Iterator[bytes]:
    """Batches of one table as chunks of text for a stream: csv, tsv, jsonl (UTF-8)."""
    from understudy.delivery.files.textual import csv_bytes
    from understudy.delivery.text.columns import text_bytes
    from understudy.delivery.text.json import json_lines

    if format not in ("csv", "tsv", "jsonl"):
        raise RequestError(f"{format!r} cannot be streamed as text", where="-", mend="Use csv, tsv or jsonl.")
    for batch in batches:
        if format == "jsonl":
            yield bytes(text_bytes(json_lines(batch.data)))
        else:
            yield csv_bytes(batch.data, "," if format == "csv" else "\t", header=header)
            header = False
