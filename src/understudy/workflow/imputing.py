"""Real rows whose nulls a model fills."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.errors import RequestError
from understudy.model.bundle import Bundle
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.learned import Fitted
from understudy.model.schema import Entity
from understudy.workflow.using import beside, delivered, model_of, real_rows, reference_rows

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


def impute(
    model: str | Path | Fitted,
    real: str,
    *,
    columns: Sequence[str] = (),
    seed: int = 0,
    listen: Listener = silent,
) -> Bundle:
    """A plan of the rows of ``real`` with their nulls filled by ``model``, as in rows of the model that are like them.

    ``columns``: only these (``column`` or ``table.column``). Keys and references are left as they are; so are nulls
    that mean something: rows like theirs have none, or a rule of the schema wants them. Every table of ``real`` that
    the model knows comes back whole. RequestError where a column is not there or nothing is to be filled.
    """
    from understudy.learning.imputing import impute as fill
    from understudy.learning.relations import settled

    fitted = model_of(model)
    schema = fitted.model.schema
    started = time.monotonic()
    listen(StageStarted("impute", "rows of the model"))
    ours = real_rows(fitted, real)
    wanted = _wanted(schema.entity, ours, columns)
    reference = reference_rows(fitted, seed)
    done: dict[str, pa.Table] = {}
    said: list[str] = []
    total = 0
    for name, rows in ours.items():
        entity = schema.entity(name)
        if name not in reference or (columns and name not in wanted):
            done[name] = rows
            continue

        def tell(column: str, number: int, of: int, name: str = name) -> None:
            listen(StageStarted(f"impute {name}", f"{column} ({number + 1} of {of})"))

        found = fill(
            entity,
            rows,
            reference[name],
            wanted=wanted.get(name, ()),
            settled=settled(entity),
            beside=beside(schema, name, ours, reference),
            holds=rules_of(entity, schema.dialect),
            seed=seed,
            tell=tell,
        )
        done[name] = found.table
        total += sum(found.filled.values())
        said += [f"{name}.{c}: {n:,} nulls filled" for c, n in found.filled.items() if n]
        said += [f"{name}.{c}: {why}" for c, why in found.left.items()]
    for line in said:
        listen(Notice(line, "info"))
    listen(StageFinished("impute", time.monotonic() - started, f"{total:,} nulls filled"))
    why = dict.fromkeys(done, "real rows, their nulls filled by the model")
    return delivered(schema, done, why, {n: t.num_rows for n, t in done.items()}, said, seed)


def _wanted(entity_of: Any, ours: dict[str, pa.Table], columns: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in columns:
        table, _, column = text.rpartition(".")
        fits = [n for n, t in ours.items() if column in t.column_names and table in ("", n, entity_of(n).table)]
        if len(fits) != 1:
            why = "no table has it" if not fits else "several tables have it"
            raise RequestError(f"{text}: {why}", where="--column", mend="Write COLUMN or TABLE.COLUMN.")
        found.setdefault(fits[0], []).append(column)
    return found


def rules_of(entity: Entity, dialect: str) -> Any:
    """Whether rows keep the rules of their table, as far as these are understood and the rows have their columns; None
    where there are none. What a rule leaves open (null), it lets pass, as SQL does."""
    import numpy as np

    from understudy import rules

    types = {f.name: f.type for f in entity.fields}
    read = [rules.understand(c.text, c.dialect or dialect, types) for c in entity.checks if c.enforced]
    known = [(u.predicate, set(rules.columns_of(u.predicate))) for u in read if u.columns and not u.opaque]
    if not known:
        return None

    def holds(table: pa.Table) -> NDArray[np.bool_]:
        out = np.ones(table.num_rows, np.bool_)
        for predicate, columns in known:
            if columns <= set(table.column_names):
                values = [plain_values(table.column(c)) for c in sorted(columns)]
                for i, row in enumerate(zip(*values, strict=True)):
                    out[i] &= rules.evaluate(predicate, dict(zip(sorted(columns), row, strict=True))) is not False
        return out

    return holds


def plain_values(column: pa.ChunkedArray) -> list[Any]:
    """Values as rules take them: dates in days, times and timestamps in microseconds."""
    import pyarrow as pa

    array = column.combine_chunks()
    if pa.types.is_date(array.type):
        array = array.cast(pa.date32()).cast(pa.int32())
    elif pa.types.is_timestamp(array.type):
        array = array.cast(pa.timestamp("us", array.type.tz), safe=False).cast(pa.int64())
    elif pa.types.is_time(array.type):
        array = array.cast(pa.time64("us"), safe=False).cast(pa.int64())
    return list(array.to_pylist())
