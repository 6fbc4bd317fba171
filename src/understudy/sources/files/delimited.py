"""CSV, TSV and their kin in the wild: sniffed by :mod:`.dialect`, streamed by Arrow as columns of texts."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from understudy.errors import SourceError
from understudy.sources.files.dialect import Dialect, sniff
from understudy.sources.files.encoding import Encoding, Utf8, guess
from understudy.sources.files.limits import Limits
from understudy.sources.files.sheet import Faults, Sheet, distinct_names
from understudy.sources.files.unpack import head_of, opened, plain_name

HEAD_BYTES = 1 << 18
BLOCK_BYTES = 4 << 20
"""Parsed at once; also the longest row."""
NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar", " ": "blank", ":": "colon"}


class Delimited:
    """One delimited file."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self.limits, self.where = path, limits, str(path)
        self.faults = Faults(limits.faults)
        head = head_of(path, limits, HEAD_BYTES)
        self.encoding: Encoding = guess(head)
        self.dialect = self._sniffed(len(head) < HEAD_BYTES)
        raw = self.dialect.names or tuple(f"column_{i}" for i in range(1, self.dialect.width + 1))
        if not self.dialect.width:
            raise SourceError("there is no table in it", where=self.where, mend="Name a file with rows and columns.")
        self.names = distinct_names(raw, self.faults, self._line(self.dialect.line - 1))
        if not self.dialect.header:
            self.faults.add("no header", self.where, "no header: columns are numbered", "info")
        self._told = False

    def _sniffed(self, whole: bool) -> Dialect:
        with self._utf8() as stream:
            text = stream.read(HEAD_BYTES * (2 if self.encoding.name.startswith("utf-16") else 1))
        decoded = text.decode("utf-8", "ignore")
        ending = Path(plain_name(self.path)).suffix.lower()
        return sniff(decoded, whole=whole, ending=ending)

    def _utf8(self) -> Utf8:
        return Utf8(opened(self.path, self.limits), self.encoding)

    def _line(self, number: int) -> str:
        return f"{self.where}, line {number}"

    def sheet(self, name: str) -> Sheet:
        """The file as a sheet."""
        schema = pa.schema([(n, pa.string()) for n in self.names])
        d = self.dialect
        style = f"{NAMES.get(d.delimiter, repr(d.delimiter))} between cells, {self.encoding.name}"
        for line in d.preamble[:3]:
            self.faults.add("lines before the table", self.where, f"before the table: {line.strip()[:120]}", "info")
        return Sheet(
            name,
            self.where,
            schema,
            self.stream,
            self.faults,
            texts=self.names,
            size_bytes=self.path.stat().st_size,
            raw=d.names or self.names,
            lines=lambda row: f"line {d.line + row}",
            style=style,
            delimiter=d.delimiter,
        )

    # ---- rows -----------------------------------------------------------------------------------
    def stream(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows as texts; what does not fit the table's width is told (the first time) and left out."""
        from pyarrow import csv as arrow

        telling, self._told = not self._told, True
        short: list[str] = []
        d = self.dialect
        chosen = list(self.names if columns is None else columns)

        def odd(row: Any) -> str:
            if d.comment and row.text.startswith(d.comment):
                return "skip"
            if d.short and row.actual_columns < row.expected_columns:
                short.append(row.text)
            elif telling:
                self._ragged(row)
            return "skip"

        with self._utf8() as source:
            source.skip(d.skip)
            try:
                reader = arrow.open_csv(
                    source,
                    read_options=arrow.ReadOptions(
                        column_names=list(self.names), block_size=BLOCK_BYTES, use_threads=False
                    ),
                    parse_options=arrow.ParseOptions(
                        delimiter=d.delimiter,
                        quote_char=d.quote or False,
                        double_quote=not d.escape,
                        escape_char=d.escape or False,
                        newlines_in_values=bool(d.quote),
                        invalid_row_handler=odd,
                    ),
                    convert_options=arrow.ConvertOptions(
                        column_types={n: pa.string() for n in self.names},
                        include_columns=chosen,
                        null_values=[""],
                        strings_can_be_null=True,
                        quoted_strings_can_be_null=False,
                        check_utf8=False,
                    ),
                )
            except pa.ArrowInvalid as e:
                if "Empty CSV" in str(e):
                    return
                raise self._broken(e, 0) from e
            yield from self._batches(reader, chosen, short)
            if telling:
                self._tell(source)

    def _batches(self, reader: Any, chosen: list[str], short: list[str]) -> Iterator[pa.RecordBatch]:
        rows = 0
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                break
            except pa.ArrowInvalid as e:
                raise self._broken(e, rows) from e
            rows += batch.num_rows
            if self.dialect.comment and batch.num_rows and self.names[0] in chosen:
                first = batch.column(chosen.index(self.names[0]))
                batch = batch.filter(pc.invert(pc.coalesce(pc.starts_with(first, self.dialect.comment), False)))
            if batch.num_rows:
                yield batch
            if short:
                yield self._padded(short, chosen)
                short.clear()
        if short:
            yield self._padded(short, chosen)

    def _padded(self, texts: list[str], chosen: list[str]) -> pa.RecordBatch:
        """Rows with fewer cells than the table: the last ones are empty."""
        d = self.dialect
        reader = csv.reader(
            texts,
            delimiter=d.delimiter,
            quotechar=d.quote or None,
            escapechar=d.escape or None,
            doublequote=not d.escape,
            quoting=csv.QUOTE_MINIMAL if d.quote else csv.QUOTE_NONE,
        )
        rows = [[c or None for c in row] + [None] * (len(self.names) - len(row)) for row in reader]
        places = [self.names.index(c) for c in chosen]
        return pa.RecordBatch.from_arrays([pa.array([r[p] for r in rows], pa.string()) for p in places], names=chosen)

    def _ragged(self, row: Any) -> None:
        place = self._line(self.dialect.line - 1 + row.number) if row.number else self.where
        what = f"{row.actual_columns} cells where {row.expected_columns} are expected: left out"
        self.faults.add("rows of another width", place, f"{what} ({row.text[:60]!r})")

    def _broken(self, error: Exception, rows: int) -> SourceError:
        said = " ".join(str(error).split())
        if "straddling" in said:
            what = (
                f"a row behind row {rows:,} is longer than {BLOCK_BYTES >> 20} MiB: "
                f"a quote ({self.dialect.quote or 'none'}) may have been opened and never closed"
            )
            return SourceError(what, where=self.where, mend="Close the quote, or write it twice inside a cell.")
        return SourceError(f"cannot be read as delimited text: {said[:160]}", where=self.where, mend="Mend the file.")

    def _tell(self, source: Utf8) -> None:
        for line in source.misfits[: self.limits.faults]:
            self.faults.add("bytes of another encoding", self._line(line), f"bytes that are no {self.encoding.name}")
        for line in source.nulls[: self.limits.faults]:
            self.faults.add("NUL characters", self._line(line), "NUL characters, left out")
        if self.dialect.quote and source.quotes(self.dialect.quote) % 2 and not self.dialect.escape:
            line = self._opened()
            self.faults.add("open quotes", self._line(line), "a quote is opened here and never closed")

    def _opened(self) -> int:
        """The line at which the last quote is opened."""
        quote, inside, line, opened_at = self.dialect.quote, False, 0, 1
        with self._utf8() as stream:
            rest = ""
            while piece := stream.read(1 << 20):
                text = rest + piece.decode("utf-8", "ignore")
                *lines, rest = text.split("\n")
                for part in lines:
                    line += 1
                    if part.count(quote) % 2:
                        inside = not inside
                        opened_at = line if inside else opened_at
            if rest.count(quote) % 2 and not inside:
                opened_at = line + 1
        return opened_at
