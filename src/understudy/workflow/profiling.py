"""Sources that hold rows, measured: data files whole (very large ones by every n-th row), databases by a sample of each
table that is taken by reading alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa

from understudy.errors import RequestError
from understudy.model.event import Listener, StageFinished, StageStarted, silent
from understudy.model.profile import Inclusion, Profile, TableProfile
from understudy.model.schema import Entity, Schema
from understudy.workflow.reading import shown

MOST_ROWS = 200_000
"""Rows of a database's table that are measured; chosen by a hash of the key, the same in every run."""
LEAST = 0.5
"""Share of a reference's values that must be found for it to be told."""


def profile(sources: Sequence[str], listen: Listener = silent) -> tuple[Profile, ...]:
    """A profile per source. RequestError for a source that holds no rows."""
    from understudy.sources.recognise import recognise

    out = []
    for source in sources:
        found = recognise(source)
        started = time.monotonic()
        listen(StageStarted("profile", shown(source)))
        match found.kind:
            case "data":
                made = _of_files(Path(found.location))
            case "database":
                made = _of_database(found.location, shown(source))
            case _:
                mend = "Name a database's URL or a data file."
                raise RequestError(f"{shown(source)} holds no rows that can be measured", mend=mend)
        out.append(made)
        rows = sum(t.rows for t in made.tables)
        listen(StageFinished("profile", time.monotonic() - started, f"{rows:,} rows in {len(made.tables)} tables"))
    return tuple(out)


def _of_files(path: Path) -> Profile:
    from understudy.profiling import Depth
    from understudy.sources.files.engine import reading
    from understudy.sources.files.read import surveys
    from understudy.sources.files.relate import related
    from understudy.workflow.readers import limits

    with reading():
        found = surveys(path, limits(), Depth.ALL)
        inclusions = tuple(r.measured for r in related(found))
    return Profile(str(path), tuple(s.profile for s in found), inclusions)


def _of_database(url: str, name: str) -> Profile:
    from understudy.fusion import fuse, relate
    from understudy.profiling import Depth, profile_table
    from understudy.sources.database import read
    from understudy.sources.database.snapshot import snapshot

    schema: Schema = relate(fuse([read(url)]))
    entities = {e.name: e for e in schema.entities if not e.view}
    wanted = {n: tuple(f.name for f in e.fields) for n, e in entities.items()}
    held = snapshot(url, schema, wanted, MOST_ROWS).tables
    tables: list[TableProfile] = []
    for table, taken in held.items():
        if taken.columns is None or not taken.columns.num_rows:
            continue
        kinds = {f.name: f.type.kind.value for f in entities[table].fields}
        found = profile_table(table, taken.columns.schema, taken.columns.to_batches(), kinds, depth=Depth.ALL)
        if taken.rows > found.rows:
            found = msgspec.structs.replace(found, rows=taken.rows, sampled=found.sampled or found.rows)
        tables.append(found)
    rows = {n: t.columns for n, t in held.items() if t.columns is not None}
    return Profile(name, tuple(tables), tuple(_references(entities, rows)))


def _references(entities: dict[str, Entity], rows: dict[str, pa.Table]) -> Iterator[Inclusion]:
    """How the keys of the schema, declared or not, lie in the rows taken."""
    from understudy.profiling import KeySide, inclusion

    for entity in entities.values():
        for key in entity.foreign_keys:
            if entity.name not in rows or key.target not in rows or not key.target_columns:
                continue
            child = KeySide(entity.name, key.columns, _reader(rows[entity.name], key.columns))
            parent = KeySide(key.target, key.target_columns, _reader(rows[key.target], key.target_columns))
            found = inclusion(child, parent)
            if found.share >= LEAST:
                yield found if key.enforced else msgspec.structs.replace(found, certainty=0.7)


def _reader(table: pa.Table, columns: tuple[str, ...]) -> Callable[[], Iterator[pa.RecordBatch]]:
    chosen = table.select(list(columns))
    return lambda: iter(chosen.to_batches())
