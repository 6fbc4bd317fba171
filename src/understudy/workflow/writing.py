"""Which learner a person wants for which table and field, and fields whose texts are written anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from understudy.errors import RequestError
from understudy.model.learned import LearnedTable
from understudy.model.schema import Entity
from understudy.types import Kind

if TYPE_CHECKING:
    from understudy.learning import Represented, Task

WRITER = "t5"


def wishes(
    entities: Sequence[Entity], learners: Mapping[str, str] | None
) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Per table its fields with what their writer starts from ("": from nothing), and per table its learner.
    RequestError for learners, tables and fields that do not exist."""
    from understudy.learning import AUTO, LEARNERS

    asked = dict(learners or {})
    fields: dict[str, dict[str, str]] = {}
    for place in list(asked):
        table, dot, column = place.rpartition(".")
        entity = next((e for e in entities if dot and table in (e.name, e.table)), None)
        if entity is not None and place not in {n for e in entities for n in (e.name, e.table)}:
            fields.setdefault(entity.name, {})[_field(entity, column)] = _base(asked.pop(place), place)
    known = (AUTO, *LEARNERS)
    if bad := [n for n in asked.values() if n not in known]:
        mend = f"Known: {', '.join(known)}; TABLE.FIELD={WRITER} for a field of texts."
        raise RequestError(f"there is no learner {bad[0]!r} of tables", where="--model", mend=mend)
    tables = {n for e in entities for n in (e.name, e.table)}
    if lost := [n for n in asked if n and n not in tables]:
        raise RequestError(f"no table {lost[0]!r} is learned", where="--model", mend="Write TABLE=LEARNER.")
    rest = asked.get("", AUTO)
    return fields, {e.name: asked.get(e.name, asked.get(e.table, rest)) for e in entities}


def _field(entity: Entity, column: str) -> str:
    from understudy.learning import settled

    found = next((f for f in entity.fields if f.name == column), None)
    if found is None:
        known = ", ".join(f.name for f in entity.fields if f.type.kind is Kind.TEXT)
        raise RequestError(f"{entity.name} has no field {column!r}", where="--model", mend=f"Its texts: {known}.")
    if found.type.kind is not Kind.TEXT or column in settled(entity):
        what = "a key or a reference" if column in settled(entity) else "no text"
        raise RequestError(f"{entity.name}.{column} is {what}", where="--model", mend="Leave its learner out.")
    return column


def _base(name: str, place: str) -> str:
    writer, _, base = name.partition(":")
    if writer != WRITER:
        mend = f"Write {place}={WRITER}, or {place}={WRITER}:FOLDER for a pretrained model."
        raise RequestError(f"there is no learner {writer!r} of single fields", where="--model", mend=mend)
    return base


def with_texts(
    task: Task, table: LearnedTable, known: Sequence[Represented], fields: Mapping[str, str]
) -> LearnedTable:
    """The table with texts for ``fields``, told by its other columns."""
    from understudy.learning import texts_of
    from understudy.workflow.settings import settings

    held = settings()
    downloads = bool(held["learning.downloads"]) and not held["privacy.local_only"]
    for column, base in fields.items():
        made, hidden = texts_of(task, [k for k in known if k.name != column], column, base, downloads=downloads)
        table = msgspec.structs.replace(
            table,
            columns=(*(c for c in table.columns if c.name != column), made),
            hidden=(*(h for h in table.hidden if h.name != hidden.name), hidden),
            left={n: why for n, why in table.left.items() if n != column},
        )
    return table
