"""Repairs: rows that break a rule draw again, attempt after attempt, until they keep it.

Attempt k of a row depends on nothing but the row, so that repair is as pure as all the rest: any rows
alone go through the same attempts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import exchange
from understudy.kernels.casts import convert
from understudy.kernels.forms import Form, form_of
from understudy.kernels.program import Program
from understudy.kernels.vector import Index, Vector, mask, put_together, spread, take
from understudy.model.plan import Repair
from understudy.rng import streams

if TYPE_CHECKING:
    from understudy.kernels.frame import Frame
    from understudy.kernels.table import Table

Parts = dict[str, list[tuple[Index, Any]]]


def failing(table: Table, trial: Frame, repair: Repair) -> Index:
    """Positions of a trial's rows whose predicate is false (null passes)."""
    verdict = table.predicate(repair).run(trial)
    false = ~spread(verdict.data, trial.n).astype(np.bool_)
    known = mask(verdict.valid, trial.n)
    return np.flatnonzero(false if known is None else false & known)


def settle(table: Table, frame: Frame, repair: Repair) -> None:
    """See :meth:`Table.settle`."""
    affected = table.affected(repair)
    owners = [*repair.columns, *(f"link:{name}" for name in repair.links)]
    parts: Parts = {owner: [] for owner in owners}
    index: Index = np.arange(frame.n, dtype=np.int64)
    for attempt in range(max(repair.limit, 1)):
        trial = frame.trial(None if attempt == 0 else index, repair, affected, attempt)
        failed = failing(table, trial, repair)
        if attempt == 0 and not failed.size:
            for owner in owners:
                frame.memo[_memo(owner)] = _read(trial, owner)
            return
        passed = np.ones(index.size, np.bool_)
        passed[failed] = False
        _collect(parts, trial, np.flatnonzero(passed), index[passed])
        index = index[failed]
        if not index.size:
            break
    if index.size:
        _witness(table, frame, repair, index, parts)
    for owner, found in parts.items():
        frame.memo[_memo(owner)] = _joined(owner, frame.n, found)


def _memo(owner: str) -> Any:
    return ("parents", owner.removeprefix("link:")) if owner.startswith("link:") else owner


def _read(trial: Frame, owner: str) -> Any:
    return trial.parents(owner.removeprefix("link:")) if owner.startswith("link:") else trial.column(owner)


def _collect(parts: Parts, trial: Frame, passed: Index, rows: Index) -> None:
    if not rows.size:
        return
    for owner, found in parts.items():
        values = _read(trial, owner)
        found.append((rows, take(values, passed) if isinstance(values, Vector) else values[passed]))


def _joined(owner: str, n: int, found: list[tuple[Index, Any]]) -> Any:
    if not owner.startswith("link:"):
        return put_together(n, found)
    out = np.full(n, -1, np.int64)
    for rows, parents in found:
        out[rows] = parents
    return out


def _witness(table: Table, frame: Frame, repair: Repair, index: Index, parts: Parts) -> None:
    """Rows that never passed take a tuple of values that was found to keep the rule."""
    witnesses = table.runtime.artefact(repair.witnesses, pa.Table) if repair.witnesses else None
    if witnesses is None or not witnesses.num_rows:
        row = int(frame.rows[index[0]])
        what = f"row {row} found no value within {repair.limit} attempts of {repair.name}"
        raise InternalError(what, where=table.name, mend="Plan anew, or loosen the rule.")
    key = streams.key(table.runtime.plan.seed, table.name, f"repair:{repair.name}", "witness")
    chosen = streams.below(streams.bits(frame.identity.take(index), key), witnesses.num_rows)
    last = frame.trial(index, repair, table.affected(repair), 0)
    for owner, found in parts.items():
        if owner in witnesses.column_names:
            form, values = exchange.from_arrow(witnesses.column(owner))
            taken = take(values, chosen)
            found.append((index, convert(_given(form, taken), form_of(table.planned_column(owner).type)).run(last)))
        elif owner.startswith("link:") or table.planned_column(owner).hidden:
            found.append((index, _read(last, owner)))
        else:
            raise InternalError(f"the witnesses of {repair.name} lack column {owner}", where=table.name)


def _given(form: Form, values: Vector) -> Program:
    """Values that are already there."""
    return Program(form, lambda _: values)
