"""What the uses of a model beside plain generation share: the model, rows of it to look at, real rows under its names.

    model ─► reference rows ─┐
    real rows ───────────────┴─► impute · extend · mix ─► tables as they are ─► a plan of them ─► any target

The tables lie in memory meanwhile: at most :data:`MOST_ROWS` rows of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from understudy.errors import RequestError, UnsatisfiableError
from understudy.model.bundle import Bundle
from understudy.model.learned import Fitted
from understudy.model.request import Request
from understudy.model.schema import Entity, ForeignKey, Schema
from understudy.workflow.extras import require
from understudy.workflow.reading import read, shown
from understudy.workflow.rows import rows_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Above = tuple[ForeignKey, NDArray[np.int64]]
    """A reference, and per row its parent's row."""

MOST_ROWS = 5_000_000
"""Rows of a table that are held in memory; more are refused, for a part of the rows would be no answer."""

REFERENCE = 20_000
"""Rows of a model that are looked at for rows like those at hand."""


def model_of(path: str | Path | Fitted) -> Fitted:
    """A model, or the one in that file."""
    from understudy.storage.models import load_model

    require("sklearn")
    return path if isinstance(path, Fitted) else load_model(Path(path))


def real_rows(fitted: Fitted, source: str) -> dict[str, pa.Table]:
    """The rows of ``source`` under the model's names, as far as the model has learned their tables. RequestError where
    it has none of them, or too many rows."""
    found = rows_of(source, read([source]), MOST_ROWS + 1)
    learned = [fitted.model.schema.entity(t.name) for t in fitted.model.tables]
    if len(learned) == 1 and len(found) == 1:
        named = {learned[0].name: next(iter(found.values()))}
    else:
        short = {n.rpartition(".")[2].lower(): n for n in found}
        there = {e.name: e.name if e.name in found else short.get(e.table.lower(), "") for e in learned}
        named = {n: found[other] for n, other in there.items() if other}
    if not named:
        names = ", ".join(e.name for e in learned)
        raise RequestError(f"none of the model's tables is there: {names}", where=shown(source), mend="Name such rows.")
    for name, rows in named.items():
        if rows.num_rows > MOST_ROWS:
            raise RequestError(
                f"{name} has more than {MOST_ROWS:,} rows", where=shown(source), mend="Take it in parts."
            )
        if not set(rows.column_names) & {f.name for f in fitted.model.schema.entity(name).fields}:
            raise RequestError(f"no column of {name} is there", where=shown(source), mend="Name rows of that table.")
    return named


def made_rows(fitted: Fitted, request: Request) -> dict[str, pa.Table]:
    """Rows of the model's learned tables. RequestError where these are too many to be held, UnsatisfiableError where
    the request cannot be met."""
    import pyarrow as pa

    from understudy.kernels import Runtime
    from understudy.planning import plan

    bundle = plan(fitted.model.schema, request, fitted=fitted)
    if bundle.plan.unmet:
        raise UnsatisfiableError(bundle.plan.unmet, mend="See `understudy plan` for the reasons.")
    if (most := max((t.rows for t in bundle.plan.tables), default=0)) > MOST_ROWS:
        raise RequestError(f"{most:,} rows of a table are too many", mend=f"Ask for {MOST_ROWS:,} at most.")
    runtime = Runtime(bundle)
    wanted = {t.name for t in fitted.model.tables}
    out = {}
    for table in bundle.plan.tables:
        if table.name in wanted and table.rows:
            step = bundle.plan.batch_rows
            parts = [runtime.batch(table.name, s, min(s + step, table.rows)) for s in range(0, table.rows, step)]
            out[table.name] = _plain(pa.Table.from_batches(parts))
    return out


def reference_rows(fitted: Fitted, seed: int = 0) -> dict[str, pa.Table]:
    """Enough of them to find rows like those at hand; of parents fewer, where they have many children."""
    most = max(
        (sum(i * s for i, s in enumerate(c)) for t in fitted.model.tables for c in t.counts.values()), default=1.0
    )
    return made_rows(fitted, Request(default_rows=max(int(REFERENCE / max(most, 1.0)), 500), seed=seed))


def _plain(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    for i, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            values = table.column(i).combine_chunks()
            table = table.set_column(i, field.name, values.dictionary_decode())
    return table


def below_one_another(rows: pa.Table, more: pa.Table) -> pa.Table:
    """Both, with the columns and kinds of the first; what the second lacks is null."""
    import pyarrow as pa

    columns = {}
    for name in rows.column_names:
        kind = rows.schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        below = more.column(name) if name in more.column_names else pa.chunked_array([pa.nulls(more.num_rows, kind)])
        columns[name] = pa.chunked_array([a.cast(kind) for c in (rows.column(name), below) for a in c.chunks], kind)
    return pa.table(columns)


def parents(entity: Entity, tables: Mapping[str, pa.Table]) -> list[Above]:
    """Per reference to another table that is there, the parent's row of each row."""
    from understudy.profiling.matching import parents_of

    keys = [k for k in entity.foreign_keys if k.target in tables and k.target != entity.name]
    mine = tables[entity.name]
    return [(k, parents_of(k, mine, tables[k.target])) for k in keys if set(k.columns) <= set(mine.column_names)]


def beside(
    schema: Schema, name: str, ours: Mapping[str, pa.Table], reference: Mapping[str, pa.Table]
) -> tuple[Entity, pa.Table, pa.Table] | None:
    """What parents tell of a table's rows: an entity of their columns, these for our rows and for the reference's."""
    import pyarrow as pa

    from understudy.learning.relations import settled

    entity = schema.entity(name)
    sides = [dict(parents_by_name(entity, t)) for t in (ours, reference)]
    fields, columns = [], ([], [])  # type: ignore[var-annotated]
    for key in entity.foreign_keys:
        if any(key.name not in s for s in sides):
            continue
        above = schema.entity(key.target)
        shared = [t[key.target] for t in (ours, reference)]
        left = settled(above)
        for field in above.fields:
            if field.name in left or any(field.name not in t.column_names for t in shared):
                continue
            fields.append(msgspec.structs.replace(field, name=f"{key.name}→{field.name}"))
            for side, table, found in zip(sides, shared, columns, strict=True):
                at = side[key.name]
                found.append(table.column(field.name).combine_chunks().take(pa.array(at, mask=at < 0)))
    if not fields:
        return None
    names = [f.name for f in fields]
    mine, theirs = (pa.table(dict(zip(names, c, strict=True))) for c in columns)
    return Entity(f"{name}→", tuple(fields)), mine, theirs


def parents_by_name(entity: Entity, tables: Mapping[str, pa.Table]) -> list[tuple[str, NDArray[np.int64]]]:
    """The same by the reference's name."""
    return [(k.name, at) for k, at in parents(entity, tables)]


def delivered(
    schema: Schema,
    tables: Mapping[str, pa.Table],
    why: Mapping[str, str],
    real: Mapping[str, int],
    said: Sequence[str],
    seed: int,
) -> Bundle:
    """The tables as a plan."""
    from understudy.planning.frozen import frozen

    return frozen(schema, tables, why, seed=seed, real=real, used=tuple(said))
