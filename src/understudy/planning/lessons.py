"""What a rehearsal taught, put into the plan: rules and formulas into the schema that is planned, the rest into tables.

The schema itself stays as its source says it; only planning reads the taught one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy import rules
from understudy.model.expression import Call, Const, Node, Row
from understudy.model.lesson import (
    Assigned,
    Behind,
    Counted,
    Derived,
    Folded,
    Formed,
    Lesson,
    Limited,
    Merged,
    Narrowed,
    Refused,
    Reset,
    Withheld,
    said,
)
from understudy.model.plan import LoadStep, PlannedColumn, PlannedTable
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, Schema
from understudy.planning.draft import Draft, flat
from understudy.planning.selection import Wanted
from understudy.types import Kind

SETTING = re.compile(r'unrecognized configuration parameter "([^"]+)"')
"""How PostgreSQL says that a session setting is missing."""

LEARNED = "learned"
"""Name of rules that a rehearsal taught, with their number."""


def taught(schema: Schema, lessons: tuple[Lesson, ...]) -> Schema:
    """The schema with learned rules, formulas, forms and limits beside its own."""
    mine = {x.table for x in lessons}
    entities = tuple(
        _taught(e, [x for x in lessons if x.table == e.name]) if e.name in mine else e for e in schema.entities
    )
    return msgspec.structs.replace(schema, entities=entities) if mine else schema


def _taught(entity: Entity, lessons: list[Lesson]) -> Entity:
    for number, lesson in enumerate(lessons, 1):
        match lesson:
            case Narrowed(text=text, columns=columns, dialect=dialect, key=""):
                rule = Rule(f"{LEARNED} {number}", text, columns, dialect)
                entity = msgspec.structs.replace(entity, checks=(*entity.checks, rule))
            case Derived(column=column, formula=formula):
                entity = _with_field(entity, column, derive=formula)
            case Formed(column=column, values=values):
                entity = _with_field(entity, column, values=values)
            case Folded(column=column, function=function) if function != "ascii":
                t = entity.field(column).type
                entity = _with_field(entity, column, type=msgspec.structs.replace(t, folded=t.kind is Kind.TEXT))
            case Limited(key=key, most=most):
                keys = tuple(
                    msgspec.structs.replace(k, fanout={**(k.fanout or {}), "max": float(most)}) if k.name == key else k
                    for k in entity.foreign_keys
                )
                entity = msgspec.structs.replace(entity, foreign_keys=keys)
    return entity


def _with_field(entity: Entity, column: str, **changes: object) -> Entity:
    def changed(field: Field) -> Field:
        return msgspec.structs.replace(field, **changes) if field.name == column else field

    return msgspec.structs.replace(entity, fields=tuple(changed(f) for f in entity.fields))


def sized(wanted: Mapping[str, Wanted], lessons: Iterable[Lesson]) -> tuple[dict[str, Wanted], list[str], list[str]]:
    """The tables to fill without those that get no row of their own; what was asked for and cannot be; what is left
    empty."""
    found, unmet, warnings = dict(wanted), list[str](), list[str]()
    for lesson in lessons:
        item = found.get(lesson.table)
        if item is None:
            continue
        match lesson:
            case Withheld(why=why):
                if item.explicit and item.rows:
                    unmet.append(f"{lesson.table}: {item.rows:,} rows were asked for, but {why}")
                if item.rows:
                    warnings.append(f"{lesson.table}: no rows of its own: {why}")
                found[lesson.table] = Wanted(item.entity, 0, False, why)
            case Assigned(column=column, fixed=True):
                warnings.append(
                    f"{lesson.table}.{column}: one value in every row, for its triggers set it whatever is sent"
                )
            case Refused():
                unmet.append(f"{said(lesson)}; {_mend(lesson)}")
    return found, unmet, warnings


def _mend(lesson: Refused) -> str:
    """What a user can do about rows that are refused."""
    missing = SETTING.search(lesson.message)
    if missing is not None:
        return f"--set {missing[1]}=VALUE gives the session this setting"
    return f"--except {lesson.table} leaves it out"


def shaped(table: PlannedTable, lessons: Iterable[Lesson]) -> PlannedTable:
    """A planned table as its lessons want it."""
    mine = [x for x in lessons if x.table == table.name]
    again = {c for x in mine if isinstance(x, Reset) for c in x.columns}
    for lesson in mine:
        match lesson:
            case Assigned(column=column, sent=sent):
                sent, then = sent or column in again, ", and is set again afterwards" if column in again else ""
                table = _column(table, column, omitted=not sent, reason=f"the database sets it itself{then}")
            case Counted(column=column, start=start, step=step):
                place: Node = Row() if step == 1 else Call("*", (Row(), Const(step)))
                counted = Call("+", (place, Const(start)))
                table = _column(table, column, expression=counted, reason=f"as the database counts: from {start}")
            case Folded(column=column, function=function):
                own = next((c.expression for c in table.columns if c.name == column), None)
                if own is not None:
                    table = _column(table, column, expression=Call(function, (own,)))
            case Merged(key=key):
                table = msgspec.structs.replace(table, merge=key)
    return table


def set_again(steps: tuple[LoadStep, ...], lessons: Iterable[Lesson]) -> tuple[LoadStep, ...]:
    """The steps with columns that are set once more when the rows are in."""
    again = {x.table: x.columns for x in lessons if isinstance(x, Reset)}

    def mine(step: LoadStep) -> dict[str, tuple[str, ...]]:
        return {n: again[n] for n in step.tables if n in again}

    return tuple(msgspec.structs.replace(s, again=found) if (found := mine(s)) else s for s in steps)


def given(lessons: Iterable[Lesson], table: str) -> frozenset[str]:
    """Columns of a table that the database sets, to values that rows share: no key can rest on them."""
    return frozenset(x.column for x in lessons if isinstance(x, Assigned) and x.table == table and not x.distinct)


def _column(table: PlannedTable, name: str, **changes: object) -> PlannedTable:
    def changed(column: PlannedColumn) -> PlannedColumn:
        return msgspec.structs.replace(column, **changes) if column.name == name else column

    return msgspec.structs.replace(table, columns=tuple(changed(c) for c in table.columns))


def behind(lessons: Iterable[Lesson]) -> dict[str, set[str]]:
    """Per table those that are loaded before it although it does not refer to them."""
    found: dict[str, set[str]] = {}
    for lesson in lessons:
        if isinstance(lesson, Behind):
            found.setdefault(lesson.table, set()).update(lesson.before)
    return found


def narrowed_parents(draft: Draft, table: str, key: str, target: str) -> NDArray[np.bool_] | None:
    """Which parents by foreign key ``key`` the lessons permit; None: all."""
    mask: NDArray[np.bool_] | None = None
    for lesson in draft.lessons:
        if isinstance(lesson, Narrowed) and (lesson.table, lesson.key) == (table, key):
            permitted = _permitted(draft, lesson, target)
            mask = permitted if mask is None else mask & permitted
    return mask


def _permitted(draft: Draft, lesson: Narrowed, target: str) -> NDArray[np.bool_]:
    """Per parent whether it fulfils a rule over one of its columns; parents whose column is not known do not."""
    (column,) = lesson.columns
    planned, entity = draft.tables[target], draft.entity(target)
    known = not planned.existing or column in draft.artefacts[planned.snapshot].column_names
    if known:
        values = draft.parent_values(target, [column])[0]
    else:
        values = flat(draft.runtime().column(target, column, range(planned.rows)))
    types = {f.name: f.type for f in entity.fields}
    predicate = rules.understand(lesson.text, lesson.dialect, types).predicate
    encoded = values.dictionary_encode()
    verdicts = [rules.evaluate(predicate, {column: v}) is True for v in encoded.dictionary.to_pylist()]
    verdicts.append(rules.evaluate(predicate, {column: None}) is True)
    places = encoded.indices.fill_null(len(verdicts) - 1).to_numpy(zero_copy_only=False)
    found = np.asarray(verdicts, dtype=np.bool_)[places]
    return found if known else np.concatenate([np.zeros(planned.existing, np.bool_), found])
