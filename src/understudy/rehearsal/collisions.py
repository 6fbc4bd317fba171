"""Rows that are there already because a trigger made them: set afterwards, counted past, or left to the trigger."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from understudy.model.lesson import Behind, Counted, Lesson, Merged, Withheld
from understudy.model.schema import Entity, Identity, Schema, Unique
from understudy.ports.tryout import Refusal

DUPLICATE = frozenset({"23505", "1062", "UNIQUE"})
"""Codes of a duplicate key: PostgreSQL, MySQL and MariaDB, SQLite."""


def collision(
    schema: Schema,
    entity: Entity,
    refusal: Refusal,
    fed: Mapping[str, Mapping[str, float]],
    near: Mapping[str, tuple[str, ...]],
    rows: Mapping[str, int],
    known: Collection[Lesson],
) -> Lesson | None:
    """What to do about a duplicate key met by a row of ``entity``; None where no trigger has a part in it.

    ``fed``: per table the tables whose triggers add rows to it, and how many for each row; ``near``: what triggers on a
    table may write to; ``rows``: planned rows per table."""
    place = _place(schema, entity, refusal, near, fed)
    if place is None:
        return None
    table, key = place
    if table.name == entity.name and table.name in fed:
        return _own(table, key, fed[table.name], rows, known)
    if table.name == entity.name:
        return None
    wish = Behind(table.name, f"triggers of {entity.name} add rows to it", (entity.name,))
    if wish not in known:
        return wish
    return _new(Withheld(table.name, f"the triggers of {entity.name} fill it"), known)


def _own(
    table: Entity, key: Unique | None, sources: Mapping[str, float], rows: Mapping[str, int], known: Collection[Lesson]
) -> Lesson | None:
    by = ", ".join(sorted(sources))
    withheld = Withheld(table.name, f"the triggers of {by} fill it")
    if key is None or key.predicate or any(not p.column or p.prefix for p in key.parts):
        return _new(withheld, known)
    if len(key.columns) == 1 and _numbered(table, key.columns[0]):
        expected = sum(share * rows.get(source, 0) for source, share in sources.items())
        start = 10 ** len(str(int(expected) + 1))
        counted = Counted(table.name, f"behind the numbers that the triggers of {by} use", key.columns[0], start)
        return _new(counted, known) or _new(withheld, known)
    merged = Merged(table.name, f"the triggers of {by} make them", key.columns)
    if any(isinstance(x, Merged) and x.table == table.name for x in known):
        return _new(withheld, known)
    return _new(merged, known)


def _new(lesson: Lesson, known: Collection[Lesson]) -> Lesson | None:
    return None if lesson in known else lesson


def _numbered(table: Entity, column: str) -> bool:
    field = table.field(column)
    referring = {c for k in table.foreign_keys for c in k.columns}
    counted = field.identity is not Identity.NONE or "nextval" in field.default.lower()
    return column not in referring and counted


def _place(
    schema: Schema,
    entity: Entity,
    refusal: Refusal,
    near: Mapping[str, tuple[str, ...]],
    fed: Mapping[str, Mapping[str, float]],
) -> tuple[Entity, Unique | None] | None:
    """The table and key that the duplicate is of: the one named, else the only one near that has such a key."""
    others = [schema.entity(n) for n in near.get(entity.name, ())]
    if refusal.table:
        named = [
            e
            for e in (entity, *others)
            if e.name == refusal.table or f"{schema.default_namespace}.{e.name}" == refusal.table
        ]
        return (named[0], _key(named[0], refusal)) if named else None
    if "." in refusal.constraint and "," not in refusal.constraint.split(".")[0]:  # SQLite: table.column, table.column
        table = refusal.constraint.split(".")[0].strip()
        named = [e for e in (entity, *others) if e.table.lower() == table.lower()]
        return (named[0], _key(named[0], refusal)) if named else None
    if entity.name in fed and (key := _key(entity, refusal)) is not None:
        return entity, key
    found = [(e, key) for e in others if (key := _key(e, refusal)) is not None]
    return found[0] if found else None


def _key(entity: Entity, refusal: Refusal) -> Unique | None:
    """The key of that name (MySQL: PRIMARY), or over the columns that SQLite lists."""
    listed = [part.split(".")[-1].strip() for part in refusal.constraint.split(",")]
    for key in entity.uniques:
        if key.name == refusal.constraint or (refusal.constraint == "PRIMARY" and key.primary):
            return key
        if list(key.columns) == listed and len(key.columns) == len(key.parts):
            return key
    return None
