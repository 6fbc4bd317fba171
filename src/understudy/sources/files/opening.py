"""Which tables a file, or a folder of files, holds: by content, not by ending."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from understudy.errors import SourceError
from understudy.sources.files.encoding import guess
from understudy.sources.files.limits import Limits
from understudy.sources.files.sheet import Sheet
from understudy.sources.files.unpack import head_of, plain_name
from understudy.sources.signatures import is_binary

PART = re.compile(r"^(?P<stem>.+?)[-_. ]?(?:part)?[-_. ]?\d{1,8}(?:[-_]?of[-_]?\d+)?$", re.IGNORECASE)
"""Names of files that are parts of one table: ``orders-00001``, ``orders.part2``, ``orders_1_of_4``."""


def sheets(path: Path, limits: Limits) -> list[Sheet]:
    """All tables; names are made distinct. SourceError where there is none, or where the only file cannot be read; in a
    folder a file that cannot be read is told, and the others are read."""
    if path.is_file():
        return _distinct(_of_file(path, limits))
    found: list[Sheet] = []
    errors: list[SourceError] = []
    for file in files_of(path):
        try:
            found += _of_file(file, limits)
        except SourceError as e:
            errors.append(e)
    if not found:
        raise (
            errors[0]
            if errors
            else SourceError("no data file is in it", where=str(path), mend="Name a file with data.")
        )
    for error in errors:
        found[0].faults.add("files that cannot be read", error.where or str(path), error.what)
    return _distinct(_joined(found))


def _distinct(found: list[Sheet]) -> list[Sheet]:
    taken: dict[str, int] = {}
    for sheet in found:
        taken[sheet.name] = taken.get(sheet.name, 0) + 1
        if taken[sheet.name] > 1:
            sheet.name = f"{sheet.name}_{taken[sheet.name]}"
    return found


def _joined(found: list[Sheet]) -> list[Sheet]:
    """Sheets that are parts of one table as one."""
    groups: dict[tuple[str, tuple[str, ...]], list[Sheet]] = {}
    for sheet in found:
        part = PART.fullmatch(sheet.name) if sheet.parent is None else None
        key = (part["stem"] if part else sheet.name, sheet.columns) if part else (sheet.name, ())
        groups.setdefault(key, []).append(sheet)
    out = []
    for (stem, _), parts in groups.items():
        if len(parts) == 1 or any(p.schema != parts[0].schema for p in parts):
            out += parts
            continue
        out.append(_together(stem, parts))
    return out


def _together(name: str, parts: list[Sheet]) -> Sheet:
    """The first part, with the rows of all."""
    first = parts[0]
    streams = [p.stream for p in parts]

    def stream(columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        for one in streams:
            yield from one(columns)

    first.stream, first.name = stream, name
    first.place = f"{first.place} and {len(parts) - 1} more"
    first.size_bytes = sum(p.size_bytes for p in parts)
    for other in parts[1:]:
        first.faults.found += other.faults.found
    return first


def files_of(folder: Path) -> list[Path]:
    """Files of a folder that hold data, by name."""
    from understudy.sources.recognise import recognise

    found = []
    for path in sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "_"))):
        try:
            kind = recognise(str(path)).kind
        except SourceError:
            kind = "data" if path.suffix.lower() in ENDINGS else ""
        if kind == "data":
            found.append(path)
    return found


ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".xlsx", ".parquet", ".avro", ".feather", ".arrow")


def entity_name(path: Path) -> str:
    """What the table of a file is called: its name without endings."""
    name = plain_name(path)
    return name.rsplit(".", 1)[0] if "." in name.strip(".") else name


def _of_file(path: Path, limits: Limits) -> list[Sheet]:
    name = entity_name(path)
    match kind_of(path, limits):
        case "csv":
            from understudy.sources.files.delimited import Delimited

            return [Delimited(path, limits).sheet(name)]
        case "json":
            from understudy.sources.files.documents import json_sheets

            return json_sheets(path, name, limits)
        case "xml":
            from understudy.sources.files.markup import markup_sheets

            return markup_sheets(path, name, limits)
        case "excel":
            from understudy.sources.files.workbook import workbook_sheets

            return workbook_sheets(path, name, limits)
        case "avro":
            from understudy.sources.files.avro import avro_sheets

            return avro_sheets(path, name, limits)
        case kind:
            from understudy.sources.files.columnar import columnar_sheets

            return columnar_sheets(path, name, limits, kind)


SIGNS = (
    (b"PAR1", "parquet"),
    (b"Obj\x01", "avro"),
    (b"ARROW1", "arrow"),
    (b"FEA1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),
    (b"PK\x03\x04", "excel"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel"),
)


def kind_of(path: Path, limits: Limits) -> str:
    """csv, json, xml, excel, parquet, arrow or avro: by the first bytes, then by the first sign of the text."""
    head = head_of(path, limits, 4096)
    if not head:
        raise SourceError("the file is empty", where=str(path), mend="Name a file with something in it.")
    for sign, kind in SIGNS:
        if head.startswith(sign):
            return kind
    if is_binary(head):
        raise SourceError("binary data of no known kind", where=str(path), mend="Name a data file.")
    encoding = guess(head)
    begin = head[encoding.mark :].decode(encoding.name, "ignore").lstrip("\ufeff \t\r\n")
    ending = Path(plain_name(path)).suffix.lower()
    if begin[:1] == "<" and ending not in (".csv", ".tsv"):
        return "xml"
    if begin[:1] in ("{", "[") and ending not in (".csv", ".tsv"):
        return "json"
    return "csv"
