"""Schema, sizes and models to a plan.

Tables are planned parents first, so that a child can ask its parents for values; every question is
answered here, and what cannot be met is told before a row is made.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from understudy.errors import RequestError
from understudy.model.bundle import Bundle
from understudy.model.domain import Domain
from understudy.model.learned import Fitted
from understudy.model.lesson import Lesson
from understudy.model.plan import Plan, PlannedTable, Run
from understudy.model.request import Request
from understudy.model.schema import Entity, ForeignKey, Schema
from understudy.model.snapshot import Snapshot
from understudy.planning.binding.derive import Measure, measures
from understudy.planning.climbing import climbed
from understudy.planning.conditions import Asked, conditions, refuse_followed
from understudy.planning.doors import Wishes, shown_by_faces, split
from understudy.planning.draft import Draft
from understudy.planning.inferring import infer
from understudy.planning.keyed import keyed
from understudy.planning.layout.backward import Backward, find_backward, without
from understudy.planning.layout.capacity import capacity
from understudy.planning.layout.demanded import demanded
from understudy.planning.lessons import behind, set_again, shaped, sized, taught
from understudy.planning.listed import Bounds, asked_of_keys, bounded
from understudy.planning.loading.order import components, load_steps
from understudy.planning.selection import Wanted, select
from understudy.planning.solving.making import with_partitions
from understudy.planning.table_draft import Neighbourhood
from understudy.planning.tables import plan_table
from understudy.planning.trees import expressions_of, read_by_children
from understudy.planning.typeless import told_types
from understudy.planning.unseen import Unseen, with_things
from understudy.semantics.catalogue import check_meanings
from understudy.semantics.locales import LOCALES, known, nearest
from understudy.semantics.words import home
from understudy.types import Kind

__all__ = ["plan", "select"]

NO_SNAPSHOT = Snapshot()

FULL = 1.5
"""Lines for every order on average, from which on none is left without one."""

FRUITLESS = ": no value found that satisfies "
"""Between table and rules where drawing found nothing: see :mod:`understudy.planning.binding.verify`."""


def plan(
    schema: Schema,
    request: Request,
    snapshot: Snapshot = NO_SNAPSHOT,
    fitted: Fitted | None = None,
    lessons: tuple[Lesson, ...] = (),
) -> Bundle:
    """The plan for ``request``. Demands that cannot be met stand in ``Plan.unmet``; nothing is raised for them.
    ``fitted``: a model whose columns are made as they were learned, as far as the schema's constraints let them.
    ``lessons``: what a rehearsal on the target taught.

    Raises RequestError where the request names tables, columns or a locale that do not exist.
    """
    request = msgspec.structs.replace(request, locale=request.locale or home(schema.entities))
    if not known(request.locale):
        near = nearest(request.locale)
        mend = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(LOCALES)}."
        raise RequestError(f"there are no names and words for locale {request.locale!r}", mend=mend)
    wishes = split(schema, request)
    only_faces = bool(request.only) and not wishes.request.only
    request = wishes.request
    if request.anomalies and not (fitted is not None and any(t.unusual for t in fitted.model.tables)):
        raise RequestError(
            "it is not known what would stand out",
            where="--anomalies",
            mend="Fit a model with `understudy fit --anomalies`.",
        )
    described = schema
    beside = with_things(schema, request, snapshot, fitted)
    schema, request = beside.schema, beside.request
    schema, partitions = with_partitions(taught(told_types(schema), lessons))
    wanted, refused, left = sized({} if only_faces else select(schema, request), lessons)
    if not wanted and not wishes.rows:
        raise RequestError("no table to fill", mend="The source describes no table, or --only/--except leave none.")
    wanted = keyed(wanted, fitted)
    check_meanings([w.entity for w in wanted.values()])
    schema, wanted = infer(schema, wanted, snapshot)
    lists = asked_of_keys({e.name: e for e in schema.entities}, schema.faces, wishes.rows)
    wanted = bounded(wanted, lists)
    draft = Draft(schema, request, snapshot, {n: _expected(w) for n, w in wanted.items()}, fitted, lessons)
    draft.unmet += refused
    draft.warnings += [*left, *beside.warnings]
    asked = conditions({n: w.entity for n, w in wanted.items()}, request.where, request.shares, draft.known)
    refuse_followed(asked, fitted)
    _reference_tables(draft, schema, wanted)
    backward = find_backward({n: w.entity for n, w in wanted.items()})
    around = _neighbourhoods(schema, wanted, backward, request.clock, lists)
    for name in _order({n: without(w.entity, backward.get(n, ())) for n, w in wanted.items()}):
        plan_table(draft, wanted[name], around.get(name, Neighbourhood()), asked.get(name, Asked()))
        table = climbed(draft, shaped(draft.tables[name], lessons), lessons)
        if table.rows and (lacking := partitions.get(name, ())):
            told = ", ".join(f"{n} ({bound})" for n, bound in lacking)
            draft.warnings.append(f"{name}: no partition takes all its rows; made before they are loaded: {told}")
            table = msgspec.structs.replace(table, partitions=lacking)
        draft.settle(table)
    faces = _faces(draft, schema, wishes) if wishes.rows else ()
    read = read_by_children(draft.tables, draft.reading)
    tables = tuple(_pruned(draft, t, read.get(n, frozenset()) | shown_by_faces(t)) for n, t in draft.tables.items())
    loaded = {n: msgspec.structs.replace(w.entity, foreign_keys=_seen(w.entity, beside)) for n, w in wanted.items()}
    steps = load_steps({n: e for n, e in loaded.items() if n not in beside.names}, schema.dialect, behind(lessons))
    steps = set_again(steps, lessons)
    made = Plan(
        schema=described,
        tables=tuple(t for t in tables if t.name not in beside.names),
        load=steps,
        seed=request.seed,
        clock=request.clock,
        locale=request.locale,
        unmet=_once(draft.unmet),
        warnings=tuple(dict.fromkeys(draft.warnings)),
        faces=faces,
        lessons=lessons,
        unseen=tuple(t for t in tables if t.name in beside.names),
    )
    draft.close()
    return Bundle(made, draft.artefacts)


def _faces(draft: Draft, schema: Schema, wishes: Wishes) -> tuple[PlannedTable, ...]:
    from understudy.planning.faces import plan_faces  # the compiler of documents is a tenth of a small run

    return plan_faces(draft, schema.faces, wishes.rows, wishes.named)


def _once(unmet: list[str]) -> tuple[str, ...]:
    """Each demand once: a rule that was proved contradictory needs no second line that no value was found for it."""
    proved = [line for line in unmet if FRUITLESS not in line]
    return tuple(
        line
        for line in dict.fromkeys(unmet)
        if FRUITLESS not in line
        or not any(p.startswith(line.split(FRUITLESS)[0]) and line.split(FRUITLESS)[1] in p for p in proved)
    )


def _seen(entity: Entity, beside: Unseen) -> tuple[ForeignKey, ...]:
    return tuple(k for k in entity.foreign_keys if k.target not in beside.names)


def _expected(wanted: Wanted) -> int:
    """Rows that a table will have as far as its own columns tell: what its cycle's other tables count on."""
    entity = wanted.entity
    referring = {c for k in entity.foreign_keys for c in k.columns}
    rows = wanted.rows
    for unique in entity.uniques:
        columns = unique.columns
        if len(columns) == len(unique.parts) and not unique.predicate and not referring & set(columns):
            room = 1
            for column in columns:
                field = entity.field(column)
                room *= capacity(field.type, Domain()) - (1 if field.type.kind is Kind.INTEGER else 0)
            rows = min(rows, room)
    return rows


def _reference_tables(draft: Draft, schema: Schema, wanted: Mapping[str, Wanted]) -> None:
    """Tables that are not filled but hold rows serve as parents."""
    for entity in schema.entities:
        held = draft.held(entity.name)
        if entity.name in wanted or held is None or held.columns is None:
            continue
        snapshot = draft.keep(f"{entity.name}:existing", held.columns)
        rows, reason = held.columns.num_rows, "already there"
        draft.settle(PlannedTable(entity.name, 0, (), existing=rows, snapshot=snapshot, rows_reason=reason))


def _neighbourhoods(
    schema: Schema,
    wanted: Mapping[str, Wanted],
    backward: Mapping[str, tuple[Backward, ...]],
    clock: int,
    lists: Mapping[tuple[str, str], Bounds],
) -> dict[str, Neighbourhood]:
    """Per table what the others ask of it."""
    referenced: dict[str, set[str]] = {}
    asked: dict[str, dict[str, Measure]] = {}
    invertible: dict[str, set[str]] = {}
    filled: dict[str, set[str]] = {}
    for back in (b for found in backward.values() for b in found):
        measure = Measure(back.table, back.child, back.child_key, "max", back.target_column)
        asked.setdefault(back.table, {})[measure.hidden] = measure
        invertible.setdefault(back.child, set()).add(back.child_key)
        if back.required:
            filled.setdefault(back.child, set()).add(back.child_key)
    for item in wanted.values():
        for key in item.entity.foreign_keys:
            referenced.setdefault(key.target, set()).update(key.target_columns)
        for field in item.entity.fields:
            if field.derive:
                for measure in measures(schema, item.entity, field):
                    below = wanted.get(measure.child)
                    if field.because and below is not None and below.rows >= FULL * wanted[measure.parent].rows:
                        filled.setdefault(measure.child, set()).add(measure.key)
                    asked.setdefault(measure.parent, {})[measure.hidden] = measure
                    invertible.setdefault(measure.child, set()).add(measure.key)
    for (table, named), bounds in lists.items():
        if table in wanted:
            invertible.setdefault(table, set()).add(named)
            target = next((k.target for k in wanted[table].entity.foreign_keys if k.name == named), "")
            if bounds.least and target in wanted and wanted[table].rows >= bounds.least * wanted[target].rows:
                filled.setdefault(table, set()).add(named)
    asked_values = demanded((w.entity for w in wanted.values() if w.rows), schema.dialect, clock)
    return {
        name: Neighbourhood(
            frozenset(referenced.get(name, ())),
            tuple(asked.get(name, {}).values()),
            frozenset(invertible.get(name, ())),
            backward.get(name, ()),
            frozenset(filled.get(name, ())),
            asked_values.get(name, {}),
        )
        for name in wanted
    }


def _order(entities: Mapping[str, Entity]) -> list[str]:
    """Parents first; inside a cycle, references that may be null give way."""
    edges = {
        n: {k.target for k in e.foreign_keys if k.target in entities and k.target != n} for n, e in entities.items()
    }
    order: list[str] = []
    for group in components(edges):
        if len(group) == 1:
            order += group
            continue
        firm = {
            n: {
                k.target
                for k in entities[n].foreign_keys
                if k.target in group and k.target != n and not _optional(entities[n], k.columns)
            }
            for n in group
        }
        order += [n for part in components(firm) for n in part]
    return order


def _optional(entity: Entity, columns: tuple[str, ...]) -> bool:
    return any(entity.field(c).nullable for c in columns)


def _pruned(draft: Draft, table: PlannedTable, read: frozenset[str]) -> PlannedTable:
    """Without hidden columns that nothing reads; ``read``: those that children do."""
    by_name = {c.name: c for c in table.columns}
    needed = {
        c.name
        for c in table.columns
        if not c.hidden or c.name in read or c.name.startswith(("$sum:", "$min:", "$max:", "$count:"))
    }
    todo = [by_name[n].expression for n in sorted(needed)]
    todo += [r.predicate for r in table.repairs]
    for link in table.links:
        todo += [link.absent] if link.absent is not None else []
        todo += list(expressions_of(link.mode))
    while todo:
        for name in draft.reading.of(todo.pop()).columns:
            if name in by_name and name not in needed:
                needed.add(name)
                todo.append(by_name[name].expression)
    runs = tuple(
        Run(
            r.link,
            tuple(c for c in r.columns if c in needed),
            tuple(c for c in r.between if c in needed or c.startswith("link:")),
        )
        for r in table.runs
    )
    return msgspec.structs.replace(
        table, columns=tuple(c for c in table.columns if c.name in needed), runs=tuple(r for r in runs if r.columns)
    )
