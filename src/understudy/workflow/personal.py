"""An inventory of personal data: databases, data files and folders, and descriptions without rows by their names."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from understudy.errors import TargetError
from understudy.model.event import Listener, StageFinished, StageStarted, silent
from understudy.workflow.reading import read, shown

if TYPE_CHECKING:
    from understudy.model.schema import Entity
    from understudy.semantics.personal import Column, Deeper, Finding

MOST_ROWS = 20_000
"""Rows of a database's table that are looked at; chosen by a hash of the key, the same in every run."""
SAMPLES = 200


class PersonalColumn(msgspec.Struct, frozen=True):
    """A column with personal data; ``sensitivity``: the highest of its findings."""

    table: str
    column: str
    type: str
    sensitivity: str
    findings: tuple[Finding, ...]


class Inventory(msgspec.Struct, frozen=True):
    """What a source holds: ``columns`` with personal data among ``looked_at``; ``rows`` read (0: only names)."""

    source: str
    tables: int
    looked_at: int
    rows: int
    columns: tuple[PersonalColumn, ...]


def inventory(sources: Sequence[str], *, deep: bool = False, listen: Listener = silent) -> tuple[Inventory, ...]:
    """Personal data per source. ``deep``: ask Presidio too (needs the extra ``pii``). Errors as of reading."""
    deeper = _presidio() if deep else None
    out = []
    for source in sources:
        started = time.monotonic()
        listen(StageStarted("personal data", shown(source)))
        found = _of(source, deeper)
        out.append(found)
        told = f"{len(found.columns)} of {found.looked_at} columns"
        listen(StageFinished("personal data", time.monotonic() - started, told))
    return tuple(out)


def save(found: Sequence[Inventory], place: str) -> str:
    """The inventory as CSV, a line per finding; TargetError where it cannot be written."""
    head = ("source", "table", "column", "type", "class", "meaning", "sensitivity", "certainty", "share", "evidence")
    try:
        with Path(place).open("w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(head)
            for each in found:
                for c in each.columns:
                    for f in c.findings:
                        share = "" if f.share is None else f"{f.share:.4f}"
                        told = (f.kind, f.meaning, f.sensitivity, f"{f.certainty:.2f}", share, "; ".join(f.evidence))
                        lines.writerow((each.source, c.table, c.column, c.type, *told))
    except OSError as e:
        raise TargetError(f"the inventory cannot be written: {e.strerror}", where=place) from e
    return place


def _presidio() -> Deeper:
    from understudy.semantics.presidio import recogniser

    return recogniser()


def _of(source: str, deeper: Deeper | None) -> Inventory:
    from understudy.semantics.personal import personal

    columns: list[PersonalColumn] = []
    tables = looked = rows = 0
    for entity, taken in tables_of(source):
        tables, looked, rows = tables + 1, looked + len(entity.fields), rows + (taken.num_rows if taken else 0)
        for f, findings in zip(entity.fields, personal(columns_of(entity, taken), deeper), strict=True):
            if findings:
                level = max((x.sensitivity for x in findings), key=("low", "medium", "high").index)
                columns.append(PersonalColumn(entity.name, f.name, f.type.raw or f.type.kind.value, level, findings))
    return Inventory(shown(source), tables, looked, rows, tuple(columns))


def columns_of(entity: Entity, taken: pa.Table | None) -> list[Column]:
    """What is known of each column of a table: its description, and values and texts of the rows taken."""
    from understudy.semantics.matching import Clues
    from understudy.semantics.personal import Column

    names = tuple(f.name for f in entity.fields)
    unique = {u.columns[0] for u in entity.uniques if len(u.parts) == 1 and u.columns}
    references = {c for k in entity.foreign_keys for c in k.columns}
    given = []
    for f in entity.fields:
        values = taken.column(f.name) if taken is not None and f.name in taken.column_names else None
        clues = Clues(
            name=f.name,
            type=f.type,
            table=entity.table,
            neighbours=tuple(n for n in names if n != f.name),
            comment=f.comment,
            samples=_samples(values),
            values=f.values or f.type.labels,
            unique=f.name in unique,
        )
        given.append(Column(clues, _texts(values), f.name in references))
    return given


def _samples(values: pa.ChunkedArray | None) -> tuple[str | int | float, ...]:
    """Some different values, evenly spread over the rows."""
    if values is None or not len(values):
        return ()
    step = max(1, len(values) // (SAMPLES * 2))
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        return ()
    found = dict.fromkeys(v for v in values.take(pa.array(range(0, len(values), step))).to_pylist() if v is not None)
    return tuple(v if isinstance(v, str | int | float) else str(v) for v in found)[:SAMPLES]


def _texts(values: pa.ChunkedArray | None) -> tuple[str, ...]:
    if values is None or not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return ()
    return tuple(pc.unique(values).drop_null().to_pylist())


def tables_of(source: str) -> Iterator[tuple[Entity, pa.Table | None]]:
    """Tables with some of their rows; None where the source has none."""
    from understudy.sources.recognise import recognise

    found = recognise(source)
    if found.kind == "data":
        yield from _of_files(Path(found.location))
        return
    schema = read([source])
    tables = [e for e in schema.entities if not e.view]
    held = {}
    if found.kind == "database":
        from understudy.sources.database.snapshot import snapshot

        wanted = {e.name: tuple(f.name for f in e.fields) for e in tables}
        held = snapshot(found.location, schema, wanted, MOST_ROWS).tables
    for entity in tables:
        yield entity, held[entity.name].columns if entity.name in held else None


def _of_files(path: Path) -> Iterator[tuple[Entity, pa.Table | None]]:
    from understudy.model.schema import Entity, Field
    from understudy.profiling import SAMPLE_CELLS, Depth, sample
    from understudy.sources.files.engine import reading
    from understudy.sources.files.read import surveys
    from understudy.sources.files.survey import values
    from understudy.workflow.readers import limits

    with reading():
        for each in surveys(path, limits(), Depth.COLUMNS):
            fields = tuple(Field(c.name, t) for c, t in zip(each.profile.columns, each.types, strict=True))
            batches = values(each.sheet)
            first = next(batches, None)
            table = None if first is None else sample(first.schema, chain((first,), batches), SAMPLE_CELLS).table()
            yield Entity(each.sheet.name, fields), table
