"""Foreign keys in the order in which a row settles them.

Columns that several foreign keys share are settled by the first; the others choose among the
parents that agree. Required ones come first, wide ones before narrow ones.
"""

from __future__ import annotations

import msgspec

from understudy.model.schema import Entity, ForeignKey


class Tie(msgspec.Struct, frozen=True):
    """``own``: columns that this foreign key settles; ``shared``: columns settled by earlier ties;
    ``implied``: it settles none. ``required``: no column of its own may be null. ``firm``: where it is not required,
    its own columns that need a value all the same, of their own where there is no parent."""

    name: str
    key: ForeignKey
    own: tuple[str, ...]
    shared: tuple[str, ...]
    required: bool
    firm: tuple[str, ...] = ()

    @property
    def implied(self) -> bool:
        """Every column is settled by other ties."""
        return not self.own

    def target_of(self, column: str) -> str:
        """The parent's column that ``column`` must equal."""
        return self.key.target_columns[self.key.columns.index(column)]


def order_ties(entity: Entity, required_columns: frozenset[str]) -> tuple[Tie, ...]:
    """The table's foreign keys as ties. ``required_columns``: columns that are never null."""

    def rank(key: ForeignKey) -> tuple[bool, bool, int, str]:
        required = all(c in required_columns for c in key.columns)
        return (not required, key.target == entity.name, -len(key.columns), key.name)

    settled: set[str] = set()
    ties: list[Tie] = []
    names: set[str] = set()
    for key in sorted(entity.foreign_keys, key=rank):
        own = tuple(c for c in key.columns if c not in settled)
        shared = tuple(c for c in key.columns if c in settled)
        name = _fresh(key.name or "_".join(("fk", *key.columns)), names)
        required = all(c in required_columns for c in (own or key.columns))
        firm = () if required else tuple(c for c in own if c in required_columns)
        ties.append(Tie(name, key, own, shared, required, firm))
        settled.update(key.columns)
    return tuple(ties)


def owners(ties: tuple[Tie, ...]) -> dict[str, Tie]:
    """Per foreign-key column the tie that settles it."""
    return {column: tie for tie in ties for column in tie.own}


def _fresh(name: str, taken: set[str]) -> str:
    candidate, n = name, 2
    while candidate in taken:
        candidate, n = f"{name}_{n}", n + 1
    taken.add(candidate)
    return candidate
