"""Real rows that a model goes on with: new entities beside them, or the future of those that are there.

--rows 500             500 new entities of each table without parents, with what belongs to them, under fresh keys
--until 2027-01-01     rows after the last of every entity, as the model's rows follow each other
--steps 3              three rows more for each
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.errors import RequestError
from understudy.model.bundle import Bundle
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.learned import Fitted
from understudy.model.request import Request
from understudy.model.schema import Entity, ForeignKey
from understudy.types import Kind
from understudy.workflow.keys import beyond, next_keys
from understudy.workflow.sequencing import refuse_things
from understudy.workflow.using import (
    MOST_ROWS,
    below_one_another,
    beside,
    delivered,
    made_rows,
    model_of,
    parents,
    real_rows,
    reference_rows,
)

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from understudy.learning.continuing import Future

ON = "goes on with the real rows by the model"


def extend(
    model: str | Path | Fitted,
    real: str,
    *,
    rows: int | None = None,
    until: str | None = None,
    steps: int | None = None,
    whole: bool = False,
    seed: int = 0,
    listen: Listener = silent,
) -> Bundle:
    """A plan of rows that go on with ``real``; with ``whole``, of the real rows and these behind them.

    ``rows``: new entities of each table that has no parents, with their children. ``until`` (a date, a time, or a
    number where rows are numbered) or ``steps``: the future of the entities that are there. RequestError where the
    wishes do not fit together, or no table has rows that follow each other.
    """
    _checked(rows, until, steps)
    fitted = model_of(model)
    refuse_things(fitted, "gone on with")
    started = time.monotonic()
    listen(StageStarted("extend", "rows of the model"))
    ours = real_rows(fitted, real)
    fresh, said = (
        _entities(fitted, ours, rows, seed) if rows is not None else _futures(fitted, ours, until, steps, seed, listen)
    )
    for line in said:
        listen(Notice(line, "info"))
    total = sum(t.num_rows for t in fresh.values())
    listen(StageFinished("extend", time.monotonic() - started, f"{total:,} new rows"))
    held = {n: t.num_rows for n, t in ours.items()} if whole else {}
    tables = fresh if not whole else {n: below_one_another(t, fresh[n]) if n in fresh else t for n, t in ours.items()}
    return delivered(fitted.model.schema, tables, dict.fromkeys(tables, ON), held, said, seed)


def _checked(rows: int | None, until: str | None, steps: int | None) -> None:
    mend = "Name --rows N for new entities, or --until DATE or --steps N for the future of those there."
    if rows is None and until is None and steps is None:
        raise RequestError("nothing says how to go on", mend=mend)
    if rows is not None and (until is not None or steps is not None):
        raise RequestError("new entities and the future of those there are two things", mend=mend)
    for name, number in (("--rows", rows), ("--steps", steps)):
        if number is not None and number < 1:
            raise RequestError(f"{number} is no number of rows", where=name, mend="Name 1 or more.")


# ---- new entities ------------------------------------------------------------------------------
def _entities(
    fitted: Fitted, ours: Mapping[str, pa.Table], rows: int, seed: int
) -> tuple[dict[str, pa.Table], list[str]]:
    made = made_rows(fitted, Request(default_rows=rows, seed=seed))
    fresh = beyond(fitted.model.schema, made, ours)
    return fresh, [
        f"{n}: {t.num_rows:,} new rows beside {ours[n].num_rows if n in ours else 0:,}" for n, t in fresh.items()
    ]


# ---- the future --------------------------------------------------------------------------------
def _futures(
    fitted: Fitted,
    ours: Mapping[str, pa.Table],
    until: str | None,
    steps: int | None,
    seed: int,
    listen: Listener,
) -> tuple[dict[str, pa.Table], list[str]]:
    from understudy.learning.continuing import future
    from understudy.learning.relations import settled
    from understudy.learning.siblings import order_column

    schema = fitted.model.schema
    reference = reference_rows(fitted, seed)
    fresh: dict[str, pa.Table] = {}
    said: list[str] = []
    for name, rows in ours.items():
        entity = schema.entity(name)
        laid = _laid(fitted, entity, ours, reference)
        if laid is None:
            continue
        key, mine, theirs = laid
        order = order_column(entity, rows, mine, settled(entity))
        if not order:
            continue

        def tell(made: int, entities: int, name: str = name) -> None:
            listen(StageStarted(f"extend {name}", f"{made:,} rows so far, {entities:,} entities go on"))

        found = future(
            entity,
            order,
            (rows, mine),
            (reference[name], theirs),
            settled=settled(entity),
            beside=beside(schema, name, ours, reference),
            until=None if until is None else _end(until, entity, order),
            steps=steps,
            most=MOST_ROWS,
            seed=seed,
            tell=tell,
        )
        fresh[name] = _keyed(entity, key, found, ours, reference, seed)
        told = f"{name}: {found.rows.num_rows:,} rows after the last of {len(set(found.entity.tolist())):,} entities"
        said.append(told + (f"; {found.ended:,} have been silent too long to go on" if found.ended else ""))
    if not fresh:
        raise RequestError(
            "no table has rows that follow each other: children of one parent in the order of a time",
            mend="Name --rows N for new entities.",
        )
    return fresh, said


def _laid(
    fitted: Fitted, entity: Entity, ours: Mapping[str, pa.Table], reference: Mapping[str, pa.Table]
) -> tuple[ForeignKey, NDArray[np.int64], NDArray[np.int64]] | None:
    """The reference along which rows are children of one parent, and both sides' parents."""
    from understudy.learning.relations import link_of

    table = fitted.model.table(entity.name)
    if table is None or entity.name not in reference:
        return None
    sides = [{k.name: (k, at) for k, at in parents(entity, t)} for t in (ours, reference)]
    names = [n for n in sides[0] if n in sides[1]]
    along = None if table.along is None else table.along.link
    chosen = next((n for n in names if link_of(sides[0][n][0]) == along), names[0] if len(names) == 1 else None)
    return None if chosen is None else (sides[0][chosen][0], sides[0][chosen][1], sides[1][chosen][1])


def _end(text: str, entity: Entity, order: str) -> int:
    """The last moment in the order's own units."""
    kind = entity.field(order).type.kind
    try:
        if kind in (Kind.DATE, Kind.TIMESTAMP):
            at = datetime.fromisoformat(text)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
            since = at - datetime(1970, 1, 1, tzinfo=UTC)
            return since.days if kind is Kind.DATE else (since.days * 86_400 + since.seconds) * 1_000_000
        return int(text)
    except ValueError as error:
        what = "a date such as 2027-01-31" if kind in (Kind.DATE, Kind.TIMESTAMP) else "a number"
        raise RequestError(f"{text!r} is no end of {order}", where="--until", mend=f"Write {what}.") from error


def _keyed(
    entity: Entity,
    key: ForeignKey,
    found: Future,
    ours: Mapping[str, pa.Table],
    reference: Mapping[str, pa.Table],
    seed: int,
) -> pa.Table:
    """The new rows with their keys: the entity's own, other references as real rows have them, fresh primary keys."""
    import numpy as np
    import pyarrow as pa

    from understudy.rng import below, bits
    from understudy.rng import key as stream

    mine = ours[entity.name]
    out = found.rows
    above = ours[key.target]
    for column, target in zip(key.columns, key.target_columns, strict=True):
        values = above.column(target).combine_chunks().take(pa.array(found.entity))
        out = out.append_column(column, values.cast(mine.schema.field(column).type))
    for number, other in enumerate(entity.foreign_keys):
        if (
            other is key
            or set(other.columns) & set(out.column_names)
            or not set(other.columns) <= set(mine.column_names)
        ):
            continue
        known = np.flatnonzero(~np.asarray(mine.column(other.columns[0]).is_null()))
        rows = np.arange(out.num_rows)
        place = below(bits(rows, stream(seed, entity.name, other.name, "reference", number)), max(known.size, 1))
        taken = known[place] if known.size else np.zeros(rows.size, np.int64)
        taken = _kept(entity, other, found, reference, mine.num_rows, taken)
        for column in other.columns:
            out = out.append_column(column, mine.column(column).combine_chunks().take(pa.array(taken)))
    return next_keys(entity, out, mine, found.entity, seed)


def _kept(
    entity: Entity,
    other: ForeignKey,
    found: Future,
    reference: Mapping[str, pa.Table],
    size: int,
    taken: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Which real row's reference each new row has: that of the row before it, where its step kept it in the model."""
    from understudy.profiling.matching import parents_of

    if other.target not in reference:
        return taken
    named = parents_of(other, reference[entity.name], reference[other.target])
    start, stop = found.donor
    same = (named[start] == named[stop]) & (named[stop] >= 0)
    out = taken.copy()
    for i in same.nonzero()[0]:
        before = int(found.before[i])
        out[i] = before if before < size else out[before - size]
    return out
