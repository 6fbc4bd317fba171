"""A question: one constraint, asked of the data by query. A count of offenders is the answer.

Two shapes: ``bad`` is a condition on one row (all such questions of a table are answered by one scan);
``scalar`` is a whole query that yields one number. ``reason``: why it cannot be asked at all.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from understudy.model.schema import Entity

PLACE = "$place"
"""A column of data beside the schema's: where the row stands in the material (``line 12``)."""


class CannotSayError(Exception):
    """A condition has no equivalent in the judging engine; the text says why."""


class Tongue(msgspec.Struct, frozen=True):
    """How to speak to one engine about one schema.

    ``dialect``: the engine's (postgresql, mysql, sqlite, duckdb); ``source``: the schema's. ``tables``: entity
    name → quoted table; an entity that is not in it has no data here. ``say``: a condition or expression of
    an entity in the engine's words (CannotSayError). ``present``: entity → the columns that the data have, where
    that is known. ``heirs``: entities from which others inherit (PostgreSQL), whose keys bind them alone.
    ``placed``: entities whose data say where each row stands, in the column :data:`PLACE`.
    """

    dialect: str
    source: str
    tables: dict[str, str]
    say: Callable[[Entity, str], str]
    present: dict[str, frozenset[str]] | None = None
    heirs: frozenset[str] = frozenset()
    placed: frozenset[str] = frozenset()

    def quote(self, name: str) -> str:
        """An identifier, always quoted."""
        if self.dialect == "mysql":
            return "`" + name.replace("`", "``") + "`"
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: str) -> str:
        """A text literal."""
        if self.dialect == "mysql":
            value = value.replace("\\", "\\\\")
        return "'" + value.replace("'", "''") + "'"

    def table(self, entity: str) -> str:
        """The table with all rows that belong to the entity, its heirs' rows included."""
        return self.tables[entity]

    def own(self, entity: str) -> str:
        """The table with the rows that the entity's keys bind."""
        return f"ONLY {self.tables[entity]}" if entity in self.heirs else self.tables[entity]

    def absent(self, entity: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Those of ``columns`` that the data do not have."""
        known = (self.present or {}).get(entity)
        return () if known is None else tuple(c for c in columns if c not in known)


class Question(msgspec.Struct, frozen=True):
    """``rule``, ``kind``, ``text``: as in a verdict. ``source``: what ``bad`` is asked of (after FROM).
    ``shown``: (label, expression) of what a sample shows; ``offenders``: for scalars, what stands behind
    ``SELECT shown`` to get them. ``method``: how the verdict was found, in a person's words.
    ``declared`` False: the source does not enforce it."""

    table: str
    kind: str
    rule: str
    text: str
    method: str
    column: str = ""
    bad: str = ""
    source: str = ""
    scalar: str = ""
    shown: tuple[tuple[str, str], ...] = ()
    offenders: str = ""
    reason: str = ""
    declared: bool = True

    @property
    def sample(self) -> str:
        """A query for offending rows, without limit."""
        columns = ", ".join(expression for _, expression in self.shown)
        return f"SELECT {columns} {self.offenders or f'FROM {self.source} WHERE {self.bad}'}"


def labelled(tongue: Tongue, entity: Entity, columns: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What a sample of rows shows: where it stands, the primary key, then the columns in question."""
    primary = entity.primary_key
    keys = primary.columns if primary and not tongue.absent(entity.name, primary.columns) else ()
    place = (("at", tongue.quote(PLACE)),) if entity.name in tongue.placed else ()
    return (*place, *((c, tongue.quote(c)) for c in dict.fromkeys((*keys, *columns))))
