"""Does a schema that a person has edited name only what is there? Readers settle this for what they read."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator

from understudy.model.flow import Need
from understudy.model.schema import Entity, Schema

PRIVACY = ("low", "medium", "high")


def faults(schema: Schema) -> Iterator[str]:
    """One line for each name that stands for nothing or for two things."""
    tables = {e.name: e for e in schema.entities}
    yield from (f"two tables are named {n!r}" for n in _twice([e.name for e in schema.entities]))
    for entity in schema.entities:
        columns = [f.name for f in entity.fields]
        for where, level in (
            (entity.name, entity.privacy),
            *((f"{entity.name}.{f.name}", f.privacy) for f in entity.fields),
        ):
            if level not in ("", *PRIVACY):
                yield f"{where}: there is no privacy level {level!r}{_near(level, PRIVACY)}"
        yield from (f"{entity.name}: two fields are named {n!r}" for n in _twice(columns))
        for unique in entity.uniques:
            words = f"{entity.name}: key {unique.name or ', '.join(unique.columns)}"
            yield from (
                f"{words} names no field of it: {c!r}{_near(c, columns)}" for c in _missing(unique.columns, columns)
            )
        for key in entity.foreign_keys:
            words = f"{entity.name}: foreign key {key.name or ', '.join(key.columns)}"
            yield from (
                f"{words} names no field of it: {c!r}{_near(c, columns)}" for c in _missing(key.columns, columns)
            )
            yield from (f"{words} {fault}" for fault in _target(key.target, key.target_columns, tables))
            if len(key.columns) != len(key.target_columns):
                yield f"{words} has {len(key.columns)} columns for {len(key.target_columns)}"
    known = {f"{e.name}.{f.name}" for e in schema.entities for f in e.fields}
    for flow in schema.flows:
        told = [*(f for fields in flow.touches.values() for f in fields), *(f for n in flow.needs for f in _needed(n))]
        yield from (
            f"flow {flow.name!r} names no field: {f!r}{_near(f, known)}" for f in _missing(dict.fromkeys(told), known)
        )
        named = dict.fromkeys([*flow.touches, *(t for n in flow.needs for t in (n.start, n.end))])
        yield from (
            f"flow {flow.name!r} has no state {t!r}{_near(t, flow.states)}" for t in _missing(named, flow.states)
        )


def _needed(need: Need) -> tuple[str, str]:
    return need.brought, need.needed


def _target(target: str, columns: Collection[str], tables: dict[str, Entity]) -> Iterator[str]:
    if target not in tables:
        yield f"refers to no table: {target!r}{_near(target, tables)}"
        return
    there = [f.name for f in tables[target].fields]
    yield from (f"names no field of {target}: {c!r}{_near(c, there)}" for c in _missing(columns, there))


def _missing(names: Collection[str], known: Collection[str]) -> list[str]:
    return [n for n in names if n not in known]


def _twice(names: list[str]) -> list[str]:
    return [n for n, times in Counter(names).items() if times > 1]


def _near(name: str, known: Collection[str]) -> str:
    found = difflib.get_close_matches(name, known, 1)
    return f" (did you mean {found[0]!r}?)" if found else ""
