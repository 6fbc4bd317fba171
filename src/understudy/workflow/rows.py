"""The rows that a source holds, by entity."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.errors import RequestError
from understudy.model.schema import Schema
from understudy.workflow.reading import limits, shown

if TYPE_CHECKING:
    import pyarrow as pa


def rows_of(source: str, schema: Schema, most: int) -> Mapping[str, pa.Table]:
    """Tables that hold rows, at most ``most`` of each: of a database a sample that depends on keys only, of a file
    every n-th row. RequestError where the source is none that holds rows."""
    from understudy.sources.recognise import recognise

    found = recognise(source)
    if found.kind == "data":
        return _of_files(Path(found.location), most)
    if found.kind != "database":
        raise RequestError(f"{shown(source)} holds no rows", mend="Name a database's URL or a data file.")
    from understudy.sources.database.snapshot import snapshot

    wanted = {e.name: tuple(f.name for f in e.fields) for e in schema.entities if not e.view}
    taken = snapshot(found.location, schema, wanted, most)
    return {n: t.columns for n, t in taken.tables.items() if t.columns is not None and t.columns.num_rows}


def _of_files(path: Path, most: int) -> Mapping[str, pa.Table]:
    import pyarrow as pa

    from understudy.sources.files.read import surveys
    from understudy.sources.files.survey import values

    held = {}
    for found in surveys(path, limits()):
        step = -(-found.profile.rows // most) or 1
        batches, first = [], 0
        for batch in values(found.sheet):
            kept = range(-first % step, batch.num_rows, step)
            batches.append(batch if step == 1 else batch.take(pa.array(list(kept), pa.int64())))
            first += batch.num_rows
        if first:
            held[found.sheet.name] = pa.Table.from_batches(batches)
    return held
