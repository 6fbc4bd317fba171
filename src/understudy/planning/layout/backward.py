"""Foreign keys that lead back to a table's own children: a customer's default address is one of its addresses.

Such a key names the row itself (by its own key) and one of its children; it is answered from the parent's side,
by an extreme over the children, and needs no choice of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from understudy.model.schema import Entity, ForeignKey


class Backward(msgspec.Struct, frozen=True):
    """``column`` of ``table`` names one of the row's children: the greatest ``target_column`` of those rows of
    ``child`` that refer to it by ``child_key``. ``key``: the foreign key so met. ``required``: each row needs one."""

    table: str
    key: ForeignKey
    column: str
    child: str
    child_key: str
    target_column: str
    required: bool


def find_backward(entities: Mapping[str, Entity]) -> dict[str, tuple[Backward, ...]]:
    """Per table its keys that lead back."""
    found = {n: tuple(b for k in e.foreign_keys if (b := _backward(e, k, entities))) for n, e in entities.items()}
    return {n: b for n, b in found.items() if b}


def _backward(entity: Entity, key: ForeignKey, entities: Mapping[str, Entity]) -> Backward | None:
    if len(key.columns) < 2 or key.target == entity.name or key.target not in entities:
        return None
    distinct = {frozenset(u.columns) for u in entity.uniques if not u.predicate and len(u.columns) == len(u.parts)}
    elsewhere = {c for k in entity.foreign_keys if k is not key for c in k.columns}
    pairs = dict(zip(key.columns, key.target_columns, strict=True))
    for back in entities[key.target].foreign_keys:
        if back.target != entity.name:
            continue
        home = zip(back.columns, back.target_columns, strict=True)
        own = {mine for theirs, mine in home if pairs.get(mine) == theirs}
        rest = [c for c in key.columns if c not in own]
        if len(own) == len(back.columns) and frozenset(own) in distinct and len(rest) == 1 and rest[0] not in elsewhere:
            required = not entity.field(rest[0]).nullable
            return Backward(entity.name, key, rest[0], key.target, back.name, pairs[rest[0]], required)
    return None


def without(entity: Entity, backward: tuple[Backward, ...]) -> Entity:
    """The entity without the keys that lead back."""
    gone = [b.key for b in backward]
    return msgspec.structs.replace(entity, foreign_keys=tuple(k for k in entity.foreign_keys if k not in gone))
