"""A sheet read and measured: a sample first, readings of its texts, then one pass over the values.

rows ─► sample ─► readings ─► values ─► profile
          └ all of them, where the file is small; of a large one every n-th row is measured, and keys on all rows
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from understudy.model.profile import TableProfile
from understudy.profiling import Depth, Pass, Sampler, profile_table
from understudy.sources.files.arrow_types import logical
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


def survey(sheet: Sheet, limits: Limits, depth: Depth = Depth.RULES) -> Survey:
    """Read and measure a sheet; faults join the sheet's."""
    if not sheet.texts:
        types = tuple(logical(f.type) for f in sheet.schema)
        found = profile_table(
            sheet.name, sheet.schema, sheet.stream(), _kinds(sheet, types), limits.sample_cells, depth
        )
        return Survey(sheet, types, found)
    sampler = Sampler(sheet.schema, limits.sample_cells)
    for batch in sheet.stream():
        sampler.add(batch)
    texts = sampler.table()
    told = Context(comma=None if sheet.comma is None else sheet.comma, loose=sheet.loose)
    found_readings, _ = infer(texts.select(list(sheet.texts)), told)
    sampled = _settled(sheet, texts, dict(zip(sheet.texts, found_readings, strict=True)), sampler)
    types = tuple(sheet.readings[f.name].type if f.name in sheet.readings else logical(f.type) for f in sheet.schema)
    kinds = _kinds(sheet, types)
    if sampler.whole:
        profile = profile_table(sheet.name, sampled.schema, sampled.to_batches(), kinds, limits.sample_cells, depth)
        return Survey(sheet, types, profile)
    if sheet.size_bytes <= limits.deep_bytes:
        profile = profile_table(sheet.name, sampled.schema, values(sheet), kinds, limits.sample_cells, depth)
        return Survey(sheet, types, profile)
    return _large(sheet, types, sampled, sampler, limits, kinds, depth)


def values(sheet: Sheet, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """A sheet's rows as values of their types (once it was surveyed)."""
    chosen = list(sheet.columns if columns is None else columns)
    readings = {c: sheet.readings[c] for c in chosen if c in sheet.readings}
    with Converter(list(readings.values())) as converter:
        for batch in sheet.stream(chosen):
            yield from _converted(pa.Table.from_batches([batch]), readings, converter).to_batches()


def first_rows(sheet: Sheet, count: int) -> pa.Table:
    """The first rows as values (once it was surveyed)."""
    parts: list[pa.Table] = []
    left = count
    for batch in values(sheet):
        parts.append(pa.Table.from_batches([batch]).slice(0, left))
        left -= parts[-1].num_rows
        if left <= 0:
            break
    return pa.concat_tables(parts) if parts else sheet.schema.empty_table()


def _converted(table: pa.Table, readings: dict[str, Reading], converter: Converter) -> pa.Table:
    """The table with the columns of texts as values."""
    if not readings:
        return table
    made = converter.table(table.select(list(readings)))
    return replaced(table, dict(zip(made.column_names, made.columns, strict=True)))


def replaced(table: pa.Table, columns: Mapping[str, pa.ChunkedArray]) -> pa.Table:
    """The table with other columns in place of some."""
    whole = [columns.get(n, c) for n, c in zip(table.column_names, table.columns, strict=True)]
    return pa.table(whole, names=table.column_names)


def _kinds(sheet: Sheet, types: Sequence[Type]) -> dict[str, str]:
    return {n: t.kind.value for n, t in zip(sheet.columns, types, strict=True)}


def _large(
    sheet: Sheet,
    types: tuple[Type, ...],
    sampled: pa.Table,
    sampler: Sampler,
    limits: Limits,
    kinds: dict[str, str],
    depth: Depth,
) -> Survey:
    """Everything from the sample, but keys (columns of which no value stands twice in it) on all rows."""
    found = profile_table(sheet.name, sampled.schema, sampled.to_batches(), kinds, limits.sample_cells, depth)
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
def _settled(sheet: Sheet, texts: pa.Table, readings: dict[str, Reading], sampler: Sampler) -> pa.Table:
    """The sample's values; readings that do not keep their promise on all of it become texts."""
    names = list(readings)
    chosen = texts.select(names)
    with Converter(list(readings.values())) as converter:
        made = converter.table(chosen)
        misfits = converter.misfits(chosen, made)
    changed: dict[str, Reading] = {}
    for name, bad in zip(names, misfits, strict=True):
        count = pc.sum(bad).as_py() or 0 if len(bad) else 0
        if not count:
            continue
        filled = made.num_rows - made.column(name).null_count + count
        if count > TOLERATED * filled:
            changed[name] = _as_text(sheet, texts.column(name), readings[name], name, bad, sampler)
        else:
            _tell(sheet, texts.column(name), readings[name], name, bad, sampler)
    if changed:
        readings = {**readings, **changed}
        with Converter(list(changed.values())) as converter:
            again = converter.table(texts.select(list(changed)))
        made = replaced(made, dict(zip(again.column_names, again.columns, strict=True)))
    for name, reading in readings.items():
        if reading.doubt:
            sheet.faults.add("doubtful forms", f"{sheet.place}, column {name}", reading.doubt)
    sheet.readings = readings
    return replaced(texts, dict(zip(made.column_names, made.columns, strict=True)))


def _as_text(
    sheet: Sheet, texts: pa.ChunkedArray, reading: Reading, name: str, bad: pa.Array, sampler: Sampler
) -> Reading:
    share = 1 - (pc.sum(bad).as_py() or 0) / max(len(texts), 1)
    row = pc.index(bad, True).as_py()
    what = f"{share:.0%} of the values are {reading.type.kind.value}, others are not: read as text"
    place = f"{sheet.place}, {sheet.lines(row * sampler.stride)}, column {name}"
    sheet.faults.add("columns of mixed types", place, f"{what} ({_shown(texts, row)})")
    if not sheet.loose:
        return Reading(Type(Kind.TEXT), nulls=(), trim=False)
    found = Column(texts, 3000)
    return Reading(Type(Kind.TEXT), nulls=tuple(dict.fromkeys(("", *found.absent))), trim=found.blank)


def _tell(sheet: Sheet, texts: pa.ChunkedArray, reading: Reading, name: str, bad: pa.Array, sampler: Sampler) -> None:
    kind = f"cells of {name} that are no {reading.type.kind.value}"
    rows = pc.indices_nonzero(bad).to_pylist()
    for row in rows[: sheet.faults.most]:
        place = f"{sheet.place}, {sheet.lines(row * sampler.stride)}, column {name}"
        sheet.faults.add(kind, place, f"{_shown(texts, row)} is no {reading.type.kind.value}")
    sheet.faults.more(kind, max(0, len(rows) - sheet.faults.most))


def _shown(texts: pa.ChunkedArray, row: int) -> str:
    return repr(str(texts[row].as_py())[:40])
