"""What mentions are aligned to: the tables of the leading sources, with profiles per column and their references."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from understudy.fusion.mentions import Profile
from understudy.fusion.names import core, words
from understudy.model.schema import Entity

NAMING = frozenset({"name", "title", "number", "code", "id"})
"""What columns end in that name or number the rows of their table."""


class Reference(msgspec.Struct, frozen=True):
    """``columns`` lead to ``target_columns`` of table ``target``."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]


class Table(msgspec.Struct, frozen=True):
    """A table as alignment sees it."""

    name: str
    profiles: dict[str, Profile]
    references: tuple[Reference, ...] = ()
    key: tuple[str, ...] = ()
    view: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its name."""
        return core(self.name, True)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Words that columns which name its rows have in front and its own name has not: a vessel's ``boat_name``."""
        referring = {c for r in self.references for c in r.columns}
        named = [words(c) for c in self.profiles if c not in referring]
        return tuple(dict.fromkeys(w[0] for w in named if len(w) == 2 and w[1] in NAMING and w[0] not in self.words))

    @property
    def joins(self) -> bool:
        """Whether it only joins two others: two references, and at most two columns that belong to neither."""
        held = {c for r in self.references for c in r.columns}
        free = [c for c in self.profiles if c not in held and c not in self.key]
        return len(self.references) >= 2 and len(free) <= 2

    def reference(self, column: str) -> Reference | None:
        """The reference that a column alone makes, if it makes one."""
        return next((r for r in self.references if r.columns == (column,)), None)


def tables_of(entities: Iterable[Entity], profiles: dict[str, dict[str, Profile]]) -> list[Table]:
    """Tables of a schema's entities; ``profiles``: entity → field → profile, where more is known than the schema."""
    found = []
    for entity in entities:
        known = profiles.get(entity.name, {})
        primary = entity.primary_key
        keys = {u.columns for u in entity.uniques if not u.predicate}
        own = {}
        for field in entity.fields:
            mine = known.get(field.name) or Profile(field.name, field.type, field.nullable)
            own[field.name] = msgspec.structs.replace(mine, unique=mine.unique or (field.name,) in keys)
        references = tuple(Reference(k.columns, k.target, k.target_columns) for k in entity.foreign_keys)
        found.append(Table(entity.name, own, references, primary.columns if primary else (), entity.view))
    return found
