"""Files: a folder with one file (or a folder of parts) per table. Parts are independent and appear whole.

The sink holds names and numbers only, so it travels to worker processes; the plan is given to it by ``open``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from understudy.delivery.capabilities import FILE_FORMATS
from understudy.delivery.ddl.structure import structure
from understudy.delivery.files.names import file_names
from understudy.delivery.files.payloads import FACES, face_parts, is_face, write_face
from understudy.delivery.files.slicing import ROWS_PER_FILE, per_file, table_parts
from understudy.delivery.files.spool import TEMPORARY, told, whole_file
from understudy.delivery.files.writers import write_batches
from understudy.delivery.text.quoting import quoted_table
from understudy.errors import InternalError, RequestError, TargetError
from understudy.model.batch import Batch
from understudy.model.capability import Capability
from understudy.model.plan import Plan, PlannedColumn, PlannedTable
from understudy.model.receipt import Receipt
from understudy.model.schema import Identity
from understudy.ports.sink import Part, WriteMode
from understudy.types.arrow import arrow_type

SPLIT = frozenset({"csv", "tsv", "jsonl", "parquet", "arrow", "sql"})
"""Formats whose files may be cut by rows; a JSON array is one file a table unless rows_per_file says otherwise."""

OPTIONS = frozenset({"rows_per_file", "dialect", "compression", "header"})


class FileSink:
    """Writes the plan's tables into a folder, in one format."""

    def __init__(self, folder: Path, file_format: str, options: dict[str, str]) -> None:
        self.folder, self.format, self.options = folder, file_format, options
        self.capability: Capability = FILE_FORMATS[file_format]
        self.plan: Plan | None = None
        self.mode = WriteMode.CREATE
        self._made_folder = False

    def open(self, plan: Plan, mode: WriteMode, *, resumed: bool = False) -> None:
        """Make the folder, or check what it holds; TargetError where it is not empty and ``mode`` is CREATE.
        ``resumed``: what is there are parts of this load, written before an interruption."""
        self.plan, self.mode = plan, mode
        with told(self.folder):
            if self.folder.exists() and not self.folder.is_dir():
                raise TargetError("it is a file, not a folder", where=str(self.folder), mend="Choose another place.")
            held = sorted(self.folder.iterdir()) if self.folder.exists() else []
            if held and mode is WriteMode.CREATE and not resumed:
                what = f"the folder holds files already ({held[0].name}{' …' if len(held) > 1 else ''})"
                raise TargetError(what, where=str(self.folder), mend="Use --append, --replace or another folder.")
            self._made_folder = not self.folder.exists()
            self.folder.mkdir(parents=True, exist_ok=True)
            if mode is WriteMode.REPLACE and not resumed:
                self._set_aside(plan)

    def parts(self, plan: Plan) -> tuple[Part, ...]:
        """One part a file; where APPEND finds files of the same name, new names beside them."""
        wanted = rows_wanted(self.options)
        rows = per_file(plan, wanted, ROWS_PER_FILE if self.format in SPLIT else 0)
        found = [p for t in plan.tables for p in table_parts(t, rows, self._stem(plan, t), self._ending)]
        run = self._run(plan) if self.mode is WriteMode.APPEND and plan.faces else ""
        return (*found, *face_parts(plan, self.format, run))

    def write(self, part: Part, batches: Iterator[Batch]) -> Receipt:
        """Write one part under a temporary name, then rename it."""
        table = self._opened.table(part.table)
        path = self.folder / part.place
        if is_face(self._opened, part.table):
            return write_face(path, part, batches)
        with whole_file(path) as file:
            rows = write_batches(
                file, records(batches), table_schema(self._opened, table), self.format, **self._how(table)
            )
            checked(part, rows)
        return Receipt(part.table, part.start, part.stop, rows, str(path), file.size, file.digest)

    def commit(self, receipts: tuple[Receipt, ...]) -> None:
        """For SQL: schema.sql and load.sql, which loads everything in the plan's order."""
        if self.format == "sql":
            self._write_scripts(receipts)
        if self._aside.exists():
            shutil.rmtree(self._aside)

    def abort(self) -> None:
        """Remove what this run wrote: its parts, temporary files, and the folder if it was made here; replaced files
        come back."""
        if self.plan is None:
            return
        with told(self.folder):
            for part in self.parts(self.plan):
                path = self.folder / part.place
                path.unlink(missing_ok=True)
                path.with_name(path.name + TEMPORARY).unlink(missing_ok=True)
                for above in path.relative_to(self.folder).parents[:-1]:
                    if (self.folder / above).exists() and not any((self.folder / above).iterdir()):
                        (self.folder / above).rmdir()
            self._put_back()
            if self._made_folder and self.folder.exists() and not any(self.folder.iterdir()):
                self.folder.rmdir()

    @property
    def _opened(self) -> Plan:
        if self.plan is None:
            raise InternalError("the sink was not opened")
        return self.plan

    @property
    def _ending(self) -> str:
        return f".{self.format}"

    def _stem(self, plan: Plan, table: PlannedTable) -> str:
        """File name without ending; in APPEND mode a number behind it where files of an earlier run stand."""
        name = file_names(plan.schema, tuple(t.name for t in plan.tables))[table.name]
        return name if self.mode is not WriteMode.APPEND else f"{name}{self._run(plan)}"

    def _run(self, plan: Plan) -> str:
        """What tells this plan's files from those of earlier runs: its seed and snapshot are in its digest."""
        from understudy.model.document import digest

        return f"-{digest(plan)[:8]}"

    @property
    def _aside(self) -> Path:
        return self.folder / ".replaced~"

    def _set_aside(self, plan: Plan) -> None:
        """Move the files of the plan's tables out of the way until the commit."""
        self._put_back()
        names = set(file_names(plan.schema, tuple(t.name for t in plan.tables)).values())
        scripts = {"schema.sql", "load.sql", "references.sql"} if self.format == "sql" else set()
        faces = {FACES} if plan.faces else set()
        old = [p for p in self.folder.iterdir() if p.name in scripts | faces or self._is_old(p, names)]
        self._aside.mkdir()
        for path in old:
            path.rename(self._aside / path.name)

    def _is_old(self, path: Path, names: set[str]) -> bool:
        """Whether a path holds rows of the plan's tables: a file of a known format, or a folder of parts."""
        if path.is_dir():
            return path.name in names and all(p.name.startswith("part-") for p in path.iterdir())
        return path.suffix.removeprefix(".") in FILE_FORMATS and path.name[: -len(path.suffix)] in names

    def _put_back(self) -> None:
        """Replaced files back to their place: on abort, or when a run before was killed."""
        if not self._aside.exists():
            return
        for path in self._aside.iterdir():
            path.rename(self.folder / path.name)
        self._aside.rmdir()

    def _how(self, table: PlannedTable) -> dict[str, object]:
        how: dict[str, object] = {"compression": self.options.get("compression", "")}
        how["manner"] = self._opened.schema.entity(table.name).options if self.format == "csv" else {}
        how["header"] = self.options.get("header", "true").lower() not in ("false", "no", "0", "off")
        if self.format == "sql":
            how |= sql_words(self._opened, table, sql_dialect(self._opened, self.options))
        return how

    def _write_scripts(self, receipts: tuple[Receipt, ...]) -> None:
        plan = self._opened
        dialect = sql_dialect(plan, self.options)
        files: dict[str, list[str]] = {r.table: [] for r in receipts}
        for r in sorted(receipts, key=lambda r: (r.table, r.start)):
            files[r.table].append(Path(r.place).relative_to(self.folder).as_posix())
        late = script_end(plan, dialect)
        with whole_file(self.folder / "schema.sql") as file:
            file.write(script_head(plan, dialect).encode())
        if late:
            with whole_file(self.folder / "references.sql") as file:
                file.write(late.encode())
        lines = [include(dialect, "schema.sql"), *begin_lines(plan, dialect)]
        lines += [include(dialect, f) for t in load_order(plan) for f in files.get(t, [])]
        lines += [include(dialect, "references.sql")] if late else []
        with whole_file(self.folder / "load.sql") as file:
            file.write(("\n".join([*lines, *end_lines(plan, dialect)]) + "\n").encode())


def rows_wanted(options: dict[str, str]) -> int | None:
    """Option ``rows_per_file`` as a number; RequestError if it is none."""
    text = options.get("rows_per_file")
    if text is None:
        return None
    try:
        rows = int(float(text.replace("_", "")))
    except ValueError:
        rows = 0
    if rows < 1:
        raise RequestError(f"rows_per_file must be a whole number of at least 1, not {text!r}", mend="Mend the option.")
    return rows


def records(batches: Iterator[Batch]) -> Iterator[pa.RecordBatch]:
    """The Arrow data of batches."""
    return (b.data for b in batches)


def checked(part: Part, rows: int) -> None:
    """InternalError where a part came with other rows than it should have."""
    if rows != part.stop - part.start:
        raise InternalError(f"{part.table}: rows {part.start}..{part.stop} were wanted, {rows} came")


def table_schema(plan: Plan, table: PlannedTable) -> pa.Schema:
    """The Arrow schema of a table's delivered columns, with what may be null; types may come as dictionaries or views
    of those said here. What the database would compute may be null where it is not understood."""
    optional = {f.name for f in plan.schema.entity(table.name).fields if f.nullable}
    return pa.schema(
        [pa.field(c.name, arrow_type(c.type), nullable=c.omitted or c.name in optional) for c in table.delivered]
    )


def sql_dialect(plan: Plan, options: dict[str, str]) -> str:
    """The dialect that SQL files speak: option ``dialect``, the schema's own, else SQLite's plain SQL."""
    from understudy.delivery.text.quoting import DIALECTS

    dialect = options.get("dialect") or plan.schema.dialect or "sqlite"
    if dialect not in DIALECTS:
        raise RequestError(f"unknown SQL dialect {dialect!r}", mend=f"One of {', '.join(DIALECTS)}.")
    return dialect


def loaded_columns(table: PlannedTable) -> tuple[PlannedColumn, ...]:
    """What is written to a database: the delivered columns without those that the database computes."""
    return tuple(c for c in table.delivered if not c.omitted)


def sql_words(plan: Plan, table: PlannedTable, dialect: str) -> dict[str, object]:
    """Table name, columns and manner of INSERT statements."""
    entity = plan.schema.entity(table.name)
    always = any(f.identity is Identity.ALWAYS for f in entity.fields)
    return {
        "table": quoted_table(plan.schema, entity, dialect),
        "columns": loaded_columns(table),
        "dialect": dialect,
        "overriding": always and dialect == "postgresql",
    }


def load_order(plan: Plan) -> tuple[str, ...]:
    """All tables, in the order in which they are loaded."""
    return tuple(t for step in plan.load for t in step.tables)


def script_head(plan: Plan, dialect: str) -> str:
    """The DDL of the plan's tables as a script, with what could not be said as comments."""
    made = structure(plan.schema, tuple(t.name for t in plan.tables), dialect)
    notes = "".join(f"-- {n.replace(chr(10), ' ')}\n" for n in made.notices)
    first = made.statements
    if cyclic(plan):
        first = tuple(s for s in first if s not in made.references)
    return notes + "".join(f"{s.rstrip().rstrip(';')};\n" for s in first)


def script_end(plan: Plan, dialect: str) -> str:
    """Foreign keys that are added after the rows: those of a plan with a cycle, which no order of INSERTs meets."""
    if not cyclic(plan):
        return ""
    made = structure(plan.schema, tuple(t.name for t in plan.tables), dialect)
    return "".join(f"{s};\n" for s in made.references)


def include(dialect: str, name: str) -> str:
    """The line by which the dialect's own shell reads another file."""
    match dialect:
        case "postgresql":
            return "\\ir '" + name.replace("'", "''") + "'"
        case "mysql" | "mariadb":
            return f"SOURCE {name};"
        case _:
            return f'.read "{name}"'


def begin_lines(plan: Plan, dialect: str) -> list[str]:
    """Start of the load: one transaction, foreign keys checked at its end where the dialect can."""
    match dialect:
        case "postgresql":
            return ["BEGIN;", "SET CONSTRAINTS ALL DEFERRED;"]
        case "sqlite":
            return ["PRAGMA foreign_keys = ON;", "BEGIN;", "PRAGMA defer_foreign_keys = ON;"]
        case "mysql" | "mariadb":
            return ["SET NAMES utf8mb4;", "SET SESSION time_zone = '+00:00';", "START TRANSACTION;"]
        case _:
            return ["BEGIN;"]


def end_lines(plan: Plan, dialect: str) -> list[str]:
    """End of the load; sequences continue behind the loaded values."""
    lines = []
    if dialect == "postgresql":
        from understudy.delivery.databases.sequences import setval_statements

        lines += [f"{s};" for s in setval_statements(plan)]
    return [*lines, "COMMIT;"]


def cyclic(plan: Plan) -> bool:
    """Whether some step of the load is more than tables in order."""
    return any(step.method.value != "plain" or step.later for step in plan.load)
