"""Comparing synthetic rows with real ones."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from understudy.errors import RequestError, TargetError
from understudy.model.evaluation import Evaluation, Relation, TableReport
from understudy.model.event import Listener, StageFinished, StageStarted, silent
from understudy.model.schema import Schema
from understudy.workflow.extras import require
from understudy.workflow.reading import read, shown
from understudy.workflow.rows import rows_of

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 200_000


def evaluate(
    real: str,
    synthetic: str,
    *,
    holdout: str = "",
    target: str = "",
    most_rows: int = MOST_ROWS,
    seed: int = 0,
    listen: Listener = silent,
) -> Evaluation:
    """Fidelity, utility and privacy of the tables that both sources hold. ``holdout``: real rows that no model has
    seen; without them privacy can be measured, but not judged. ``target``: the column whose prediction counts.

    Raises RequestError where the sources have no table in common.
    """
    from understudy.evaluation import evaluate_table
    from understudy.workflow.versions import versions

    require("numpy", "lightgbm", "sklearn")
    schema = read([real], listen)
    started = time.monotonic()
    listen(StageStarted("evaluate", f"{shown(synthetic)} against {shown(real)}"))
    ours = rows_of(real, schema, most_rows)
    theirs = _named(schema, ours, rows_of(synthetic, read([synthetic], listen), most_rows), synthetic)
    held = _named(schema, ours, rows_of(holdout, read([holdout], listen), most_rows), holdout) if holdout else {}
    tables = []
    for name in (n for n in ours if n in theirs):

        def tell(what: str, name: str = name) -> None:
            listen(StageStarted(f"evaluate {name}", what))

        entity = schema.entity(name)
        wanted = target if any(f.name == target for f in entity.fields) else ""
        tables.append(
            evaluate_table(entity, ours[name], theirs[name], held.get(name), target=wanted, seed=seed, tell=tell)
        )
    if not tables:
        raise RequestError(
            f"no table stands on both sides: {', '.join(ours)} here, {', '.join(theirs)} there",
            mend="Compare sources of one structure.",
        )
    if target and not any(t.utility and t.utility[0].target == target for t in tables):
        raise RequestError(f"{target} cannot be predicted: no table has it, or it has one value", where="--target")
    listen(StageStarted("evaluate", "families of rows"))
    relations = _relations(schema, ours, theirs, held, tables)
    listen(StageFinished("evaluate", time.monotonic() - started, f"{len(tables)} tables"))
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return Evaluation(shown(real), shown(synthetic), made, tuple(tables), relations, versions())


def keep_report(found: Evaluation, path: Path) -> Path:
    """Write the page, and beside it the figures as JSON; the JSON's path comes back."""
    from understudy.evaluation import page
    from understudy.model.document import to_json

    beside = path.with_suffix(".json")
    try:
        path.write_text(page(found), encoding="utf-8")
        beside.write_text(to_json(found) + "\n", encoding="utf-8")
    except OSError as error:
        raise TargetError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    return beside


def _named(
    schema: Schema, ours: Mapping[str, pa.Table], theirs: Mapping[str, pa.Table], source: str
) -> Mapping[str, pa.Table]:
    """Their tables under our names: equal ones, equal but for the namespace, or the only one on each side."""
    if len(ours) == 1 and len(theirs) == 1:
        return {next(iter(ours)): next(iter(theirs.values()))}
    short = {n.rpartition(".")[2].lower(): n for n in theirs}
    found = {n: n if n in theirs else short.get(schema.entity(n).table.lower(), "") for n in ours}
    return {n: theirs[other] for n, other in found.items() if other}


def _relations(
    schema: Schema,
    ours: Mapping[str, pa.Table],
    theirs: Mapping[str, pa.Table],
    held: Mapping[str, pa.Table],
    tables: list[TableReport],
) -> tuple[Relation, ...]:
    from understudy.evaluation import evaluate_relation

    there = {t.name for t in tables}
    found = []
    for child in (schema.entity(n) for n in there):
        for key in child.foreign_keys:
            sides = (ours, theirs)
            if key.target in there and all(
                set(key.columns) <= set(s[child.name].column_names)
                and set(key.target_columns) <= set(s[key.target].column_names)
                for s in sides
            ):
                below = (ours[child.name], theirs[child.name])
                above = (ours[key.target], theirs[key.target])
                back = (held[child.name], held[key.target]) if {child.name, key.target} <= set(held) else None
                found.append(evaluate_relation(key, child, schema.entity(key.target), below, above, back))
    return tuple(sorted(found, key=lambda r: (r.child, r.parent, r.columns)))
