"""A sheet read and measured: a sample first, readings of its texts, then one pass over the values.

rows ─► sample ─► readings ─► values ─► profile
          └ all of them, where the file is small; of a large one every n-th row is measured, and keys on all rows
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from understudy.model.profile import TableProfile
from understudy.profiling import Pass, Sampler, profile_table
from understudy.sources.files.inference import TOLERATED, Column, Context, infer
from understudy.sources.files.limits import Limits
from understudy.sources.files.reading import Converter, Reading
from understudy.sources.files.sheet import Sheet
from understudy.types import Kind, Type


class Survey(msgspec.Struct, frozen=True):
    """``types``: per column; ``profile``: what was measured; ``unsure``: keys that hold in the sample and could not be
    verified on all rows."""

    sheet: Sheet
    types: tuple[Type, ...]
    profile: TableProfile
    unsure: tuple[str, ...] = ()


def survey(sheet: Sheet, limits: Limits) -> Survey:
    """Read and measure a sheet; faults join the sheet's."""
    return _textual(sheet, limits) if sheet.textual else _typed(sheet, limits)


def values(sheet: Sheet, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """A sheet's rows as values of their types (once it was surveyed)."""
    if not sheet.textual:
        yield from sheet.stream(columns)
        return
    chosen = sheet.columns if columns is None else columns
    readings = [sheet.readings[sheet.columns.index(c)] for c in chosen]
    with Converter(readings) as converter:
        yield from converter.batches(sheet.stream(columns))


def _typed(sheet: Sheet, limits: Limits) -> Survey:
    from understudy.sources.files.arrow_types import logical

    types = tuple(logical(f.type) for f in sheet.schema)
    kinds = {n: t.kind.value for n, t in zip(sheet.columns, types, strict=True)}
    return Survey(sheet, types, profile_table(sheet.name, sheet.schema, sheet.stream(), kinds, limits.sample_cells))


def _textual(sheet: Sheet, limits: Limits) -> Survey:
    sampler = Sampler(sheet.schema, limits.sample_cells)
    for batch in sheet.stream():
        sampler.add(batch)
    texts = sampler.table()
    readings, _ = infer(texts, Context(comma=sheet.comma if sheet.comma is False else None))
    readings, sampled = _settled(sheet, texts, readings, sampler)
    sheet.readings = readings
    types = tuple(r.type for r in readings)
    kinds = {n: t.kind.value for n, t in zip(sheet.columns, types, strict=True)}
    if sampler.whole:
        found = profile_table(sheet.name, sampled.schema, sampled.to_batches(), kinds, limits.sample_cells)
        return Survey(sheet, types, found)
    if sheet.size_bytes <= limits.deep_bytes:
        found = profile_table(sheet.name, sampled.schema, values(sheet), kinds, limits.sample_cells)
        return Survey(sheet, types, found)
    return _large(sheet, types, sampled, sampler, limits, kinds)


def _large(
    sheet: Sheet, types: tuple[Type, ...], sampled: pa.Table, sampler: Sampler, limits: Limits, kinds: dict[str, str]
) -> Survey:
    """Everything from the sample, but keys (columns of which no value stands twice in it) on all rows."""
    found = profile_table(sheet.name, sampled.schema, sampled.to_batches(), kinds, limits.sample_cells)
    keys = [c.name for c in found.columns if c.unique and not c.nulls][:8]
    whole = {}
    if keys:
        schema = pa.schema([sampled.schema.field(k) for k in keys])
        reading = Pass(sheet.name, schema, cells=0)
        for batch in values(sheet, keys):
            reading.add(batch)
        whole = {c.name: c for c in reading.profile().columns}
    scale = sampler.seen / max(sampled.num_rows, 1)
    columns = tuple(
        msgspec.structs.replace(
            c,
            rows=sampler.seen,
            nulls=whole[c.name].nulls if c.name in whole else round(c.nulls * scale),
            distinct=whole[c.name].distinct if c.name in whole else c.distinct,
            exact=whole[c.name].exact if c.name in whole else c.whole,
            low=whole[c.name].low if c.name in whole else c.low,
            high=whole[c.name].high if c.name in whole else c.high,
        )
        for c in found.columns
    )
    sheet.faults.add(
        "sampled",
        sheet.place,
        f"{sampler.seen:,} rows: every {sampler.stride}th was measured, keys on all of them",
        "info",
    )
    verified = tuple((c.name,) for c in columns if c.unique and not c.nulls)
    profile = msgspec.structs.replace(
        found, rows=sampler.seen, sampled=sampled.num_rows, columns=columns, keys=verified
    )
    return Survey(sheet, types, profile, tuple(k for k in keys if k in whole and not whole[k].exact))


# ---- faults in cells --------------------------------------------------------------------------------
def _settled(
    sheet: Sheet, texts: pa.Table, readings: list[Reading], sampler: Sampler
) -> tuple[list[Reading], pa.Table]:
    """Readings that the whole sample bears out, and its values; columns that do not keep their promise become texts."""
    with Converter(readings) as converter:
        made = converter.table(texts)
        misfits = converter.misfits(texts, made)
    changed = {}
    for i, bad in enumerate(misfits):
        count = pc.sum(bad).as_py() or 0 if len(bad) else 0
        if not count:
            continue
        filled = made.num_rows - made.column(i).null_count + count
        if count > TOLERATED * filled:
            changed[i] = _as_text(sheet, texts, readings[i], i, bad, sampler)
        else:
            _tell(sheet, texts, readings[i], i, bad, sampler)
    if changed:
        readings = [changed.get(i, r) for i, r in enumerate(readings)]
        with Converter(list(changed.values())) as converter:
            again = converter.table(texts.select([sheet.columns[i] for i in changed]))
        for i, column in zip(changed, again.columns, strict=True):
            made = made.set_column(i, sheet.columns[i], column)
    for name, reading in zip(sheet.columns, readings, strict=True):
        if reading.doubt:
            sheet.faults.add("doubtful forms", f"{sheet.place}, column {name}", reading.doubt)
    return readings, made


def _as_text(sheet: Sheet, texts: pa.Table, reading: Reading, column: int, bad: pa.Array, sampler: Sampler) -> Reading:
    share = 1 - (pc.sum(bad).as_py() or 0) / max(texts.num_rows, 1)
    row = pc.index(bad, True).as_py()
    what = f"{share:.0%} of the values are {reading.type.kind.value}, others are not: read as text"
    place = f"{sheet.place}, {sheet.lines(row * sampler.stride)}, column {sheet.columns[column]}"
    sheet.faults.add("columns of mixed types", place, f"{what} ({_shown(texts, column, row)})")
    found = Column(texts.column(column), 3000)
    return Reading(Type(Kind.TEXT), nulls=tuple(dict.fromkeys(("", *found.absent))), trim=found.blank)


def _tell(sheet: Sheet, texts: pa.Table, reading: Reading, column: int, bad: pa.Array, sampler: Sampler) -> None:
    kind = f"cells of {sheet.columns[column]} that are no {reading.type.kind.value}"
    rows = pc.indices_nonzero(bad).to_pylist()
    for row in rows[: sheet.faults.most]:
        place = f"{sheet.place}, {sheet.lines(row * sampler.stride)}, column {sheet.columns[column]}"
        sheet.faults.add(kind, place, f"{_shown(texts, column, row)} is no {reading.type.kind.value}")
    sheet.faults.more(kind, max(0, len(rows) - sheet.faults.most))


def _shown(texts: pa.Table, column: int, row: int) -> str:
    return repr(str(texts.column(column)[row].as_py())[:40])
