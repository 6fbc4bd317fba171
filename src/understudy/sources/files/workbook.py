"""Excel workbooks (xlsx, xlsm, xlsb, xls, ods): every sheet with something in it is a table; its header need not stand
in the first row, merged cells count for all the cells that they cover. Read by Calamine; an archive is measured before
it is unpacked."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from understudy.errors import SourceError
from understudy.sources.files.dialect import looks_like_header
from understudy.sources.files.limits import Limits
from understudy.sources.files.sheet import Faults, Sheet, distinct_names
from understudy.sources.files.unpack import on_disk, too_large

BATCH_ROWS = 8192
LOOKED_AT = 60
"""Rows among which the header is looked for."""
MOST_RATIO = 500
"""An archive that unpacks to so many times its size is a bomb (real sheets: 5 to 30)."""
SMALL = 64 << 20
MOST_MERGED = 10_000
DULL_NAME = re.compile(r"(?i)(?:work)?(?:sheet|tabelle|feuil|hoja|foglio|blad|лист|シート)\s*1?")
"""What programs call a sheet that nobody named: the file's name says more."""


def workbook_sheets(path: Path, name: str, limits: Limits) -> list[Sheet]:
    """The tables of a workbook. SourceError where it is damaged, protected, or a bomb."""
    try:
        import python_calamine as calamine
    except ImportError as e:
        mend = "pip install 'understudy[files]'"
        raise SourceError("Excel files need the package python-calamine", where=str(path), mend=mend) from e
    with on_disk(path, limits, whole=True) as plain:
        _measured(plain, path, limits)
        try:
            book = calamine.load_workbook(str(plain))
        except calamine.PasswordError as e:
            raise SourceError("protected by a password", where=str(path), mend="Save it without.") from e
        except Exception as e:
            raise SourceError(f"no readable workbook: {' '.join(str(e).split())[:160]}", where=str(path)) from e
        found = _tables(book, path, name, limits)
    if not found:
        raise SourceError("all sheets are empty", where=str(path), mend="Name a workbook with rows in it.")
    return found


def _measured(plain: Path, path: Path, limits: Limits) -> None:
    """SourceError for an archive that grows beyond the limit when it is unpacked."""
    if not zipfile.is_zipfile(plain):
        return
    try:
        with zipfile.ZipFile(plain) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError) as e:
        raise SourceError(f"a damaged archive: {e}", where=str(path), mend="Save it anew.") from e
    total = sum(i.file_size for i in infos)
    if total > limits.whole_bytes:
        raise too_large(str(path), limits.whole_bytes, unpacked=True)
    packed = max(sum(i.compress_size for i in infos), 1)
    if total > SMALL and total > MOST_RATIO * packed:
        what = f"unpacks to {total / packed:,.0f} times its size, as only bombs do"
        raise SourceError(what, where=str(path), mend="Save it anew, or name another file.")


def _tables(book: Any, path: Path, name: str, limits: Limits) -> list[Sheet]:
    seen = [m.name for m in book.sheets_metadata if str(m.visible).endswith("Visible")] or list(book.sheet_names)
    hidden = [s for s in book.sheet_names if s not in seen]
    found: list[Sheet] = []
    faults = Faults(limits.faults)
    for title in hidden:
        faults.add("hidden sheets", f"{path}, sheet {title}", "a hidden sheet, not read", "info")
    for title in seen:
        try:
            sheet = book.get_sheet_by_name(title)
        except Exception as e:  # Calamine's own errors have no common root
            faults.add(
                "unreadable sheets", f"{path}, sheet {title}", f"cannot be read: {' '.join(str(e).split())[:120]}"
            )
            continue
        table = _Table(sheet, path, title, limits)
        if table.empty:
            faults.add("empty sheets", f"{path}, sheet {title}", "an empty sheet", "info")
            continue
        found.append(table.sheet(name if len(seen) == 1 or DULL_NAME.fullmatch(title) else title))
    if found:
        found[0].faults.found[:0] = faults.found
    return found


class _Table:
    """One sheet: where its table begins and what it is called."""

    def __init__(self, sheet: Any, path: Path, title: str, limits: Limits) -> None:
        self.raw, self.path, self.title = sheet, path, title
        self.faults = Faults(limits.faults)
        self.where = f"{path}, sheet {title}"
        self.merged = _merged(sheet)
        self.offset = (sheet.start or (0, 0))[0]
        self.head = [[text(c) for c in row] for row in self._rows(LOOKED_AT)]
        self.left, self.right = self._edges()
        self.empty = self.right <= self.left or not any(any(r) for r in self.head)
        if not self.empty:
            self._begin()

    def _rows(self, most: int | None = None) -> Iterator[list[Any]]:
        """Rows of cells; a merged range has its first cell's value in all of its cells."""
        held: dict[tuple[int, int], Any] = {}
        for i, row in enumerate(self.raw.iter_rows()):
            if most is not None and i >= most:
                return
            cells = list(row)
            for top, left, right in self.merged.get(i, ()):
                if i == top:
                    held[top, left] = cells[left] if left < len(cells) else ""
                for column in range(left, min(right + 1, len(cells))):
                    if cells[column] in ("", None):
                        cells[column] = held.get((top, left), "")
            yield cells

    def _edges(self) -> tuple[int, int]:
        """First and last column (exclusive) that hold something."""
        filled = [i for row in self.head for i, c in enumerate(row) if c]
        return (min(filled), max(filled) + 1) if filled else (0, 0)

    def _begin(self) -> None:
        rows = [r[self.left : self.right] for r in self.head]
        first = _header_row(rows)
        width = self.right - self.left
        body = [r for r in rows[first + 1 :] if any(r)]
        names = rows[first]
        self.start = first
        header = looks_like_header(names, body, alone=not body) if any(names) else False
        if header and body and _second_header(names, body):
            names = [" ".join(dict.fromkeys(x for x in (a, b) if x)) for a, b in zip(names, body[0], strict=True)]
            self.start += 1
        for row in rows[:first]:
            said = " ".join(c for c in row if c)
            if said:
                self.faults.add("lines before the table", self.where, f"before the table: {said[:120]}", "info")
        if not header:
            self.faults.add("no header", self.where, "no header: columns are numbered", "info")
            names = [f"column_{i}" for i in range(1, width + 1)]
            self.start -= 1
        self.raw_names = tuple(names)
        self.names = distinct_names(names, self.faults, f"{self.where}, row {self.offset + first + 1}")

    def sheet(self, name: str) -> Sheet:
        """The table as a sheet."""
        schema = pa.schema([(n, pa.string()) for n in self.names])
        begin = self.offset + self.start + 2
        size = (self.raw.height or 0) * (self.raw.width or 0) * 16
        return Sheet(
            name,
            self.where,
            schema,
            self.stream,
            self.faults,
            texts=self.names,
            size_bytes=size,
            raw=self.raw_names,
            lines=lambda row: f"row {begin + row}",
            style="Excel",
            comma=False,
        )

    def stream(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows as texts; rows without any value are left out."""
        chosen = list(self.names if columns is None else columns)
        places = [self.names.index(c) for c in chosen]
        rows: list[list[str]] = []
        for i, cells in enumerate(self._rows()):
            if i <= self.start:
                continue
            row = [text(c) for c in cells[self.left : self.right]]
            if any(row):
                rows.append(row + [""] * (len(self.names) - len(row)))
            if len(rows) >= BATCH_ROWS:
                yield _batch(rows, places, chosen)
                rows = []
        if rows:
            yield _batch(rows, places, chosen)


def _merged(sheet: Any) -> dict[int, list[tuple[int, int, int]]]:
    """Row (of those that are read) → merged ranges that touch it, as (first row, first column, last column)."""
    start = sheet.start or (0, 0)
    found: dict[int, list[tuple[int, int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, min(bottom, top + MOST_MERGED) + 1):
            found.setdefault(row - start[0], []).append((top - start[0], left - start[1], right - start[1]))
    return found


def _batch(rows: list[list[str]], places: list[int], names: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([r[p] for r in rows], pa.string()) for p in places], names=names)


def text(cell: Any) -> str:
    """A cell as the text that a person would type: whole numbers without a point, moments in ISO 8601."""
    match cell:
        case None | "":
            return ""
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime.datetime():
            return (
                cell.isoformat(sep=" ", timespec="auto") if cell.time() != datetime.time(0) else cell.date().isoformat()
            )
        case datetime.date() | datetime.time():
            return cell.isoformat()
        case datetime.timedelta():
            seconds = cell.total_seconds()
            return f"{int(seconds // 3600):02}:{int(seconds % 3600 // 60):02}:{int(seconds % 60):02}"
        case _:
            return str(cell).strip()


def _header_row(rows: Sequence[Sequence[str]]) -> int:
    """The first row that is about as full as the fullest."""
    counts = [sum(bool(c) for c in r) for r in rows]
    most = max(counts[:LOOKED_AT], default=0)
    for i, count in enumerate(counts):
        if count >= 0.6 * most and (count > 1 or most == 1):
            return i
    return next((i for i, c in enumerate(counts) if c), 0)


def _second_header(names: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the names go on in a second row: groups above, with the same name several times, and words below."""
    repeated = len({n for n in names if n}) < sum(bool(n) for n in names)
    return repeated and len(body) > 1 and looks_like_header(body[0], body[1:])
