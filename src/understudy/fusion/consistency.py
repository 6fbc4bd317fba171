"""Does the schema hold together? What does not is told, and only what nobody can obey is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from understudy.model.schema import Entity, ForeignKey, Remark
from understudy.types import Kind


def consistent(entities: Sequence[Entity], told: Sequence[Remark]) -> tuple[tuple[Entity, ...], tuple[Remark, ...]]:
    """The entities with foreign keys to nowhere left out, and a remark for everything that is odd.

    ``told``: what readers have said already, which is not said twice.
    """
    by_name = {e.name: e for e in entities}
    columns = {e.name: frozenset(f.name for f in e.fields) for e in entities}
    known = " ".join(r.text for r in told)
    out, remarks = [], []
    for entity in entities:
        kept = []
        for key in entity.foreign_keys:
            fault = _fault(entity, key, by_name, columns)
            if fault and f"foreign key {key.name} refers to " in known:
                continue  # the reader has said so, with its line
            if fault:
                remarks.append(Remark(f"{entity.name}.{key.name}", f"foreign key {key.name} {fault}; it is left out"))
            else:
                kept.append(key)
        out.append(
            entity
            if len(kept) == len(entity.foreign_keys)
            else msgspec.structs.replace(entity, foreign_keys=tuple(kept))
        )
        remarks += [r for r in _oddities(entity, columns[entity.name]) if r.text not in known]
    remarks += _alike(entities)
    return tuple(out), tuple(remarks)


def _fault(entity: Entity, key: ForeignKey, by_name: dict[str, Entity], columns: dict[str, frozenset[str]]) -> str:
    """Why a foreign key cannot be followed, "" where it can."""
    if key.target not in by_name:
        return f"refers to {key.target}, which is not among what was read"
    if len(key.columns) != len(key.target_columns) or not key.columns:
        return f"has {len(key.columns)} columns for {len(key.target_columns)} of {key.target}"
    own = next((c for c in key.columns if c not in columns[entity.name]), None)
    if own is not None:
        return f"names column {own}, which {entity.name} does not have"
    theirs = next((c for c in key.target_columns if c not in columns[key.target]), None)
    return (
        f"names column {theirs}, which {key.target} does not have" if theirs is not None and columns[key.target] else ""
    )


def _oddities(entity: Entity, columns: frozenset[str]) -> Iterator[Remark]:
    if entity.view:
        return
    if not entity.fields:
        yield Remark(entity.name, "has no fields that are known: no rows can be made for it")
        return
    if not entity.uniques and not entity.options.get("inherits"):
        yield Remark(entity.name, "has no key: nothing tells its rows apart", "info")
    for field in entity.fields:
        if field.type.kind is Kind.OPAQUE:
            words = f"column {field.name} is of type {field.type.raw or field.type.variant}, which is not understood"
            yield Remark(f"{entity.name}.{field.name}", words)
    for unique in entity.uniques:
        for column in unique.columns:
            if column not in columns:
                yield Remark(entity.name, f"key {unique.name} names column {column}, which is not there")
    yield from _duplicates(entity)


def _duplicates(entity: Entity) -> Iterator[Remark]:
    lower = Counter(f.name.lower() for f in entity.fields)
    for name, count in lower.items():
        if count > 1:
            yield Remark(f"{entity.name}.{name}", f"{count} columns are named {name}, case aside", "info")
    nouns = (*entity.uniques, *entity.checks, *entity.foreign_keys, *entity.exclusions)
    for name, count in Counter(str(getattr(n, "name", "")) for n in nouns).items():
        if name and count > 1:
            yield Remark(entity.name, f"{count} constraints are named {name}", "info")


def _alike(entities: Sequence[Entity]) -> Iterator[Remark]:
    lower: dict[str, list[str]] = {}
    for entity in entities:
        lower.setdefault(entity.name.lower(), []).append(entity.name)
    for names in lower.values():
        if len(names) > 1:
            yield Remark(names[0], f"names differ only in case: {', '.join(names)}", "info")
