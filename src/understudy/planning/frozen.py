"""Rows that are there already as a plan: every column is taken from a pool, row by row. What is delivered so obeys the
same laws as all else: any partition, any sink, a manifest, a certificate.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from understudy.errors import RequestError
from understudy.model.bundle import Bundle
from understudy.model.expression import Row, Take
from understudy.model.plan import Plan, PlannedColumn, PlannedConstraint, PlannedTable, Standing
from understudy.model.schema import Entity, Schema
from understudy.planning.loading.order import load_steps

GIVEN = "given"


def frozen(
    schema: Schema,
    tables: Mapping[str, pa.Table],
    why: Mapping[str, str],
    *,
    seed: int = 0,
    clock: int = 0,
    real: Mapping[str, int] | None = None,
    used: tuple[str, ...] = (),
) -> Bundle:
    """The plan of ``tables`` as they are. ``why``: per table where its rows come from; ``real``: how many of them are
    real ones; ``used``: what a model did with them. RequestError for tables that the schema does not describe."""
    if lost := [n for n in tables if all(e.name != n for e in schema.entities)]:
        raise RequestError(f"the schema has no table {lost[0]!r}", mend="Name rows of the model's tables.")
    artefacts: dict[str, pa.Array | pa.Table] = {}
    planned = tuple(_table(schema.entity(n), t, why.get(n, GIVEN), artefacts) for n, t in tables.items())
    steps = load_steps({n: schema.entity(n) for n in tables}, schema.dialect)
    return Bundle(Plan(schema, planned, steps, seed, clock, real=dict(real or {}), used=used), artefacts)


def _table(entity: Entity, rows: pa.Table, why: str, artefacts: dict[str, pa.Array | pa.Table]) -> PlannedTable:
    columns = []
    for field in entity.fields:
        if field.name not in rows.column_names:
            continue
        name = f"{entity.name}:{GIVEN}:{field.name}"
        values = rows.column(field.name).combine_chunks()
        artefacts[name] = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
        omitted = bool(field.generated)
        columns.append(PlannedColumn(field.name, field.type, Take(name, Row()), why, omitted=omitted))
    constraints = tuple(
        PlannedConstraint(name, kind, text, Standing.UNKNOWN, "rows are delivered as they are")
        for name, kind, text in _constraints(entity)
    )
    return PlannedTable(entity.name, rows.num_rows, tuple(columns), constraints=constraints, rows_reason=why)


def _constraints(entity: Entity) -> list[tuple[str, str, str]]:
    """Names, kinds and texts, as in other plans."""
    return [
        *((u.name, "primary key" if u.primary else "unique", ", ".join(u.columns)) for u in entity.uniques),
        *((k.name, "foreign key", f"{', '.join(k.columns)} → {k.target}") for k in entity.foreign_keys),
        *((c.name, "check", c.text) for c in entity.checks),
    ]
