"""Rows of data files for a judge: every value as text in its plain form, with the place where its row stands.

A value is plain when the column's way of writing (decimal commas, dates of some form) was understood; what was not
understood stays as it is written, so that the judge sees it and says so. The schema tells what a column should be: a
column of dates with many faults is still read as dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import pyarrow as pa

from understudy.model.schema import Entity
from understudy.profiling import Sampler
from understudy.sources.files.inference import Column, Context, infer, read_as
from understudy.sources.files.limits import Limits
from understudy.sources.files.reading import Converter, Reading
from understudy.sources.files.sheet import Sheet
from understudy.sources.files.survey import replaced
from understudy.types import Kind, Type

PLACE = "$place"
MOST_VALUES = 3000
TEXTUAL = (Kind.TEXT, Kind.ENUM, Kind.SET)


class Texts(msgspec.Struct, frozen=True):
    """``columns``: the sheet's column → the entity's field; ``missing``: fields that the sheet does not have;
    ``strange``: columns that the entity does not have."""

    sheet: Sheet
    entity: Entity
    columns: Mapping[str, str]
    missing: tuple[str, ...]
    strange: tuple[str, ...]


def matched(sheet: Sheet, entity: Entity) -> Texts:
    """Which columns of the sheet are which fields: by name, case and signs aside."""
    exact = {f.name: f.name for f in entity.fields}
    loose = {_folded(f.name): f.name for f in entity.fields}
    columns: dict[str, str] = {}
    for column in sheet.columns:
        field = exact.get(column) or loose.get(_folded(column))
        if field is not None and field not in columns.values():
            columns[column] = field
    held = set(columns.values())
    missing = tuple(f.name for f in entity.fields if f.name not in held and not f.generated)
    return Texts(sheet, entity, columns, missing, tuple(c for c in sheet.columns if c not in columns))


def _folded(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def likeness(sheet: Sheet, entity: Entity) -> float:
    """Share of the names of both that they have in common."""
    found = matched(sheet, entity)
    every = len(found.columns) + len(found.missing) + len(found.strange)
    return len(found.columns) / every if every else 0.0


def texts(found: Texts, limits: Limits) -> Iterator[pa.RecordBatch]:
    """The rows under the fields' names, as text (typed files: as they are), and :data:`PLACE`."""
    sheet, chosen = found.sheet, list(found.columns)
    readings = _readings(found, limits) if any(c in sheet.texts for c in chosen) else {}
    row = 0
    with Converter(list(readings.values()), plain=True) as converter:
        for batch in sheet.stream(chosen):
            table = pa.Table.from_batches([batch])
            if readings:
                made = converter.table(table.select(list(readings)))
                table = replaced(table, dict(zip(made.column_names, made.columns, strict=True)))
            places = pa.array([sheet.lines(i) for i in range(row, row + table.num_rows)], pa.string())
            row += table.num_rows
            table = table.rename_columns([found.columns[c] for c in chosen]).append_column(PLACE, places)
            yield from table.combine_chunks().to_batches()


def _readings(found: Texts, limits: Limits) -> dict[str, Reading]:
    """How each column of texts is written, given what it should be."""
    sheet = found.sheet
    names = [c for c in found.columns if c in sheet.texts]
    sampler = Sampler(pa.schema([sheet.schema.field(n) for n in names]), limits.sample_cells)
    for batch in sheet.stream(names):
        sampler.add(batch)
    sample = sampler.table()
    told = Context(comma=sheet.comma, loose=sheet.loose)
    told_apart = any(c.null_count for c in sample.columns)
    inferred, told = infer(sample, told)
    out = {}
    for name, reading in zip(names, inferred, strict=True):
        wanted = found.entity.field(found.columns[name]).type
        made = _wanted(reading, wanted, Column(sample.column(name), MOST_VALUES), told, sheet)
        if told_apart and wanted.kind in TEXTUAL:  # a file that leaves cells empty means a text by "" in quotes
            made = msgspec.structs.replace(made, nulls=tuple(n for n in made.nulls if n))
        out[name] = made
    return out


def _wanted(reading: Reading, wanted: Type, column: Column, told: Context, sheet: Sheet) -> Reading:
    nulls = reading.nulls if sheet.loose else ()
    if wanted.kind in TEXTUAL:
        return Reading(Type(Kind.TEXT), nulls=nulls, trim=reading.trim and sheet.loose)
    if reading.type.kind is Kind.TEXT or _family(reading.type.kind) != _family(wanted.kind):
        other = read_as(column, wanted.kind, told)
        return other if other is not None else Reading(Type(Kind.TEXT), nulls=nulls, trim=sheet.loose)
    return reading


def _family(kind: Kind) -> str:
    if kind in (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.YEAR):
        return "number"
    return "moment" if kind in (Kind.DATE, Kind.TIMESTAMP) else kind.value


def best(sheets: Sequence[Sheet], entities: Sequence[Entity]) -> dict[str, list[Sheet]]:
    """Entity → the sheets that hold its rows: by name, else by their columns; one sheet for one entity is its own."""
    found: dict[str, list[Sheet]] = {}
    left = []
    for sheet in sheets:
        name = _folded(sheet.name)
        owner = next((e for e in entities if name in (_folded(e.name), _folded(e.table))), None)
        if owner is not None:
            found.setdefault(owner.name, []).append(sheet)
        else:
            left.append(sheet)
    for sheet in left:
        ranked = sorted(((likeness(sheet, e), e.name) for e in entities if e.name not in found), reverse=True)
        alone = len(entities) == 1 and len(sheets) == 1
        if ranked and (ranked[0][0] >= ALIKE or (alone and ranked[0][0] > 0)):
            found.setdefault(ranked[0][1], []).append(sheet)
    return found


ALIKE = 0.6
"""Share of names of columns in common from which on a file of another name is taken for a table."""
