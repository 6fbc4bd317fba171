"""Rows of composed entities, made by the real kernels."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from semantic_tables import CLOCK

from understudy.kernels.runtime import Runtime
from understudy.model.bundle import Bundle
from understudy.model.domain import Domain
from understudy.model.expression import Chance, Const, Node, Nulls, Permute, Row
from understudy.model.plan import Plan, PlannedColumn, PlannedTable
from understudy.model.schema import Entity, Schema
from understudy.semantics import Composition, Want, code_name, compose
from understudy.types import Kind, Type


def rows_of(
    entity: Entity,
    count: int,
    *,
    unique: Sequence[str] = (),
    domains: dict[str, Domain] | None = None,
    locale: str = "en_US",
    nulls: bool = True,
    planned: int = 0,
) -> tuple[pa.RecordBatch, Composition]:
    """The first ``count`` rows as planning would make them: codes under a permutation, natural nulls."""
    wants = [Want(f, (domains or {}).get(f.name, Domain()), f.name in unique) for f in entity.fields]
    made = compose(entity, wants, locale=locale, clock=CLOCK, rows=planned or count)
    codes: list[PlannedColumn] = []
    visible: list[PlannedColumn] = []
    for want in wants:
        recipe = made.recipes[want.field.name]
        node: Node = recipe.expression
        if want.unique:
            assert recipe.coded is not None
            code = Permute("code", Row(), Const(recipe.coded.capacity))
            codes.append(PlannedColumn(code_name(want.field.name), Type(Kind.INTEGER), code, hidden=True))
            node = recipe.coded.expression
        elif nulls and want.field.nullable:
            where = recipe.null_when if recipe.null_when is not None else Chance("$null", recipe.natural_nulls)
            node = Nulls(node, where)
        visible.append(PlannedColumn(want.field.name, want.field.type, node))
    table = PlannedTable(entity.name, planned or count, (*codes, *made.hidden, *visible))
    plan = Plan(schema=Schema("s", (entity,)), tables=(table,), load=(), seed=7, clock=CLOCK, locale=locale)
    return Runtime(Bundle(plan, dict(made.artefacts))).batch(entity.name, 0, count), made
