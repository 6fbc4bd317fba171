"""Sequences of things that have no table of their own: planned with one, which nobody receives."""

from __future__ import annotations

import msgspec

from understudy.model.learned import Fitted
from understudy.model.request import Request
from understudy.model.schema import Schema
from understudy.model.snapshot import Snapshot


class Unseen(msgspec.Struct, frozen=True):
    """``schema`` with the tables of things, ``names``; ``request``: with the rows of those whose sequences are told."""

    schema: Schema
    request: Request
    names: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


def with_things(schema: Schema, request: Request, snapshot: Snapshot, fitted: Fitted | None) -> Unseen:
    """Put things beside the tables whose rows are sequences of them. Where a target holds rows already, whose things
    are not known, the sequences are left aside, which is told."""
    found, warnings = Unseen(schema, request), list[str]()
    for series in fitted.model.series if fitted is not None else ():
        if all(e.name != series.table for e in schema.entities):
            continue
        held = snapshot.tables.get(series.table)
        if held is not None and held.rows:
            warnings.append(
                f"{series.table}: what was learned of its sequences is left aside: rows are already there, "
                f"and new ones could meet theirs"
            )
            continue
        entities = tuple(series.laid(e) if e.name == series.table else e for e in found.schema.entities)
        here = found.request
        if series.table not in here.rows and not _refers(here, series.table):
            here = msgspec.structs.replace(here, rows={**here.rows, series.table: here.default_rows})
        if here.only:
            here = msgspec.structs.replace(here, only=(*here.only, series.things.name))
        schema = msgspec.structs.replace(found.schema, entities=(*entities, series.things))
        found = Unseen(schema, here, found.names | {series.things.name})
    return msgspec.structs.replace(found, warnings=tuple(warnings))


def _refers(request: Request, table: str) -> bool:
    """Whether the request speaks of the table in its own way: by a short name, or leaves it out."""
    short = table.rsplit(".", 1)[-1]
    spoken = {*request.rows, *request.excluded}
    return bool(spoken & {table, short}) or bool(request.only and not {table, short} & set(request.only))
