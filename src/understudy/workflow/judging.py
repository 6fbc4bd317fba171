"""Files as others write them, judged: read by the readers of data files, handed to the judge as texts with places."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from understudy.errors import SourceError
from understudy.model.event import Listener, Notice, silent
from understudy.model.schema import Entity, Schema
from understudy.model.violation import Verdict

if TYPE_CHECKING:
    from understudy.sources.files.sheet import Sheet
    from understudy.sources.files.texts import Texts

WILD = frozenset({"csv", "excel", "xml", "avro"})
"""Kinds of files whose cells are texts that somebody wrote, or that the judge does not read by itself."""


def in_the_wild(path: Path) -> bool:
    """Whether a file, or one of a folder's, is of such a kind."""
    from understudy.sources.files.opening import files_of, kind_of
    from understudy.workflow.readers import limits

    if path.is_file():
        files = [path]
    elif path.is_dir():
        files = files_of(path)
    else:
        return False
    for file in files:
        try:
            if kind_of(file, limits()) in WILD:
                return True
        except SourceError:
            return path.is_file()
    return False


def judge(path: Path, schema: Schema, listen: Listener = silent, shown: int = 5) -> tuple[Verdict, ...]:
    """A verdict per constraint on the tables that the files hold, and one for each kind of fault in their form: rows
    of another width, columns that are missing. SourceError where no file holds a table of the schema."""
    from understudy import validation
    from understudy.sources.files.engine import reading
    from understudy.sources.files.opening import sheets
    from understudy.sources.files.texts import best, matched
    from understudy.workflow.readers import limits

    entities = [e for e in schema.entities if not e.view]
    with reading(), tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        found = sheets(path, limits())
        owned = best(found, entities)
        _strangers(found, owned, path, listen)
        files: dict[str, list[Path]] = {}
        formal: list[Verdict] = []
        for number, entity in enumerate(e for e in entities if e.name in owned):
            for part, sheet in enumerate(owned[entity.name]):
                texts = matched(sheet, entity)
                target = Path(folder) / f"{number}-{part}.parquet"
                rows = _write(texts, target)
                files.setdefault(entity.name, []).append(target)
                formal += _formal(texts, rows, shown, listen)
        verdicts = validation.validate_files(files, schema, listen=listen, shown=shown)
    return (*formal, *verdicts)


def _strangers(found: Sequence[Sheet], owned: dict[str, list[Sheet]], path: Path, listen: Listener) -> None:
    known = {id(s) for sheets in owned.values() for s in sheets}
    for sheet in found:
        if id(sheet) not in known:
            listen(Notice(f"{sheet.place}: {sheet.name} belongs to no table of the schema and was not looked at"))
    if not known:
        names = ", ".join(s.name for s in found[:5])
        mend = "Name the file after its table, or choose a schema that has its columns."
        raise SourceError(f"no table of the schema has the columns of {names}", where=str(path), mend=mend)


def _write(texts: Texts, target: Path) -> int:
    """The rows as a file that the judge reads; how many."""
    import pyarrow.parquet as pq

    from understudy.sources.files.texts import PLACE
    from understudy.sources.files.texts import texts as rows
    from understudy.workflow.readers import limits

    schema = pa.schema(
        [
            *(pa.field(f, texts.sheet.schema.field(c).type) for c, f in texts.columns.items()),
            pa.field(PLACE, pa.string()),
        ]
    )
    count = 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for batch in rows(texts, limits()):
            count += batch.num_rows
            writer.write_batch(batch.cast(schema))
    return count


def _formal(texts: Texts, rows: int, shown: int, listen: Listener) -> Iterator[Verdict]:
    """What is wrong with the form of a file."""
    entity, sheet = texts.entity, texts.sheet
    for name in texts.strange:
        listen(Notice(f"{sheet.place}: column {name} is not in the schema"))
    for name in texts.missing:
        if _required(entity, name):
            yield Verdict(
                entity.name,
                "column",
                name,
                f"a column {name}, which may not be empty",
                "columns of the file compared",
                max(rows, 1),
                column=name,
                sample=(f"{sheet.place} has no such column",),
            )
    for kind, count in sheet.faults.counts.items():
        told = [f for f in sheet.faults.found if f.severity == "warning"]
        if kind in FORMAL and told:
            sample = tuple(f"{f.place}: {f.text}" for f in told)
            yield Verdict(
                entity.name, "form", kind, f"no {kind}", "read", count, sample=sample if not shown else sample[:shown]
            )


FORMAL = ("rows of another width", "bytes of another encoding", "NUL characters", "open quotes")
"""Faults of form that are violations, and not mere remarks."""


def _required(entity: Entity, name: str) -> bool:
    field = entity.field(name)
    return not field.nullable and not field.default and not field.identity
