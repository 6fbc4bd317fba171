"""One file for everything: ``out.sql``, ``out.json`` (one object of arrays), ``out.csv`` (one table).

Parts are written beside the target in a hidden folder and joined by ``commit``; the file appears whole or not at all.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from understudy.delivery.capabilities import FILE_FORMATS
from understudy.delivery.files.folder import (
    begin_lines,
    checked,
    end_lines,
    load_order,
    records,
    rows_wanted,
    script_end,
    script_head,
    sql_dialect,
    sql_words,
    table_schema,
)
from understudy.delivery.files.slicing import ROWS_PER_FILE, cuts, per_file
from understudy.delivery.files.spool import HashingFile, told, whole_file
from understudy.delivery.files.writers import write_batches
from understudy.errors import InternalError, RequestError, TargetError
from understudy.model.batch import Batch
from understudy.model.plan import Plan
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part, WriteMode

WHOLE = frozenset({"parquet", "arrow"})
"""Formats whose files cannot be joined from pieces: the table is one part."""

COPY_BYTES = 1 << 22


class SingleFileSink:
    """Writes all tables of the plan into one file."""

    def __init__(self, path: Path, file_format: str, options: dict[str, str]) -> None:
        self.path, self.format, self.options = path, file_format, options
        self.capability = FILE_FORMATS[file_format]
        self.plan: Plan | None = None
        self.mode = WriteMode.CREATE

    @property
    def _pieces(self) -> Path:
        return self.path.with_name(f".{self.path.name}.pieces~")

    def open(self, plan: Plan, mode: WriteMode, *, resumed: bool = False) -> None:
        """Check that the plan fits one file of this format, and that the place is free. ``resumed``: pieces written
        before an interruption stay."""
        if len(plan.tables) != 1 and self.format not in ("sql", "json"):
            what = f"{len(plan.tables)} tables do not fit into one {self.format} file"
            mend = f"Name a folder (--to FOLDER --format {self.format}), or one table with --only."
            raise RequestError(what, where=str(self.path), mend=mend)
        self.plan, self.mode = plan, mode
        with told(self.path):
            if self.path.is_dir():
                raise TargetError("it is a folder", where=str(self.path), mend="Name a file, or leave the ending out.")
            if self.path.exists() and mode is WriteMode.CREATE:
                raise TargetError("the file exists", where=str(self.path), mend="Use --replace or another name.")
            if self.path.exists() and mode is WriteMode.APPEND and self.format not in ("csv", "tsv", "jsonl", "sql"):
                mend = "Use --replace, another name, or a folder."
                raise TargetError(f"rows cannot be added to a {self.format} file", where=str(self.path), mend=mend)
            if self._pieces.exists() and not resumed:
                shutil.rmtree(self._pieces)
            self._pieces.mkdir(parents=True, exist_ok=True)

    def parts(self, plan: Plan) -> tuple[Part, ...]:
        """Pieces of the file; their places are those of the temporary pieces."""
        rows = 0 if self.format in WHOLE else per_file(plan, rows_wanted(self.options), ROWS_PER_FILE)
        order = {name: i for i, name in enumerate(load_order(plan))}
        tables = sorted(plan.tables, key=lambda t: order.get(t.name, len(order)))
        return tuple(
            Part(t.name, a, b, f"{i:06d}-{k:06d}")
            for i, t in enumerate(tables)
            for k, (a, b) in enumerate(cuts(t.rows, rows))
        )

    def write(self, part: Part, batches: Iterator[Batch]) -> Receipt:
        """Write one piece."""
        table = self._opened.table(part.table)
        how: dict[str, object] = {"header": False, "compression": self.options.get("compression", "")}
        if self.format in ("csv", "tsv"):
            how["header"] = part.start == 0 and not self._continues
        if self.format == "csv":
            how["manner"] = self._opened.schema.entity(table.name).options
        if self.format == "sql":
            how |= sql_words(self._opened, table, sql_dialect(self._opened, self.options))
        path = self._pieces / part.place
        with whole_file(path) as file:
            rows = write_batches(file, records(batches), table_schema(self._opened, table), self.format, **how)
            checked(part, rows)
        return Receipt(part.table, part.start, part.stop, rows, str(path), file.size, file.digest)

    def commit(self, receipts: tuple[Receipt, ...]) -> None:
        """Join the pieces in order under a temporary name, rename, and remove them."""
        plan = self._opened
        pieces = self.parts(plan)
        missing = [p.place for p in pieces if not (self._pieces / p.place).exists()]
        if missing:
            raise InternalError(f"{len(missing)} pieces of {self.path} are not there")
        with whole_file(self.path) as file:
            if self._continues:
                _copy(self.path, file)
            match self.format:
                case "json":
                    self._join_json(file, pieces)
                case "sql":
                    self._join_sql(file, plan, pieces)
                case _:
                    for piece in pieces:
                        _copy(self._pieces / piece.place, file)
        shutil.rmtree(self._pieces)

    def abort(self) -> None:
        """Remove the pieces; the target was not touched."""
        with told(self.path):
            if self._pieces.exists():
                shutil.rmtree(self._pieces)

    @property
    def _opened(self) -> Plan:
        if self.plan is None:
            raise InternalError("the sink was not opened")
        return self.plan

    @property
    def _continues(self) -> bool:
        return self.mode is WriteMode.APPEND and self.path.exists()

    def _join_json(self, file: HashingFile, pieces: tuple[Part, ...]) -> None:
        from understudy.delivery.text.json import json_string

        tables: dict[str, list[Part]] = {}
        for piece in pieces:
            tables.setdefault(piece.table, []).append(piece)
        for i, (table, parts) in enumerate(tables.items()):
            file.write(f"{',' if i else '{'}\n{json_string(table)}: [".encode())
            filled = [p for p in parts if p.stop > p.start]
            for k, part in enumerate(filled):
                file.write(b",\n" if k else b"\n")
                _copy(self._pieces / part.place, file, skip=2, leave=len(b"\n]\n"))
            file.write(b"\n]" if filled else b"]")
        file.write(b"\n}\n" if tables else b"{}\n")

    def _join_sql(self, file: HashingFile, plan: Plan, pieces: tuple[Part, ...]) -> None:
        dialect = sql_dialect(plan, self.options)
        head = "" if self._continues else script_head(plan, dialect)
        file.write((head + "\n".join(begin_lines(plan, dialect)) + "\n").encode())
        for piece in pieces:
            _copy(self._pieces / piece.place, file)
        late = "" if self._continues else script_end(plan, dialect)
        file.write((late + "\n".join(end_lines(plan, dialect)) + "\n").encode())


def _copy(path: Path, file: HashingFile, *, skip: int = 0, leave: int = 0) -> None:
    """Bytes of a file into another, without the first ``skip`` and the last ``leave``."""
    left = path.stat().st_size - skip - leave
    with open(path, "rb") as piece:
        piece.seek(skip)
        while left > 0:
            data = piece.read(min(COPY_BYTES, left))
            file.write(data)
            left -= len(data)
