"""Tables that refer to each other, made ready for learning: who belongs to whom, along which key a table's rows are
children of one parent, in which order siblings stand, and what a parent tells of its children.

    order_line ── order (3 lines each: lines are laid out along it) ── customer (4 orders each)
               └─ product (50 lines each: chosen)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.columns import GIVEN, HIDDEN, NULL, Represented
from understudy.learning.siblings import Run, moments, order_column, sorted_rows
from understudy.model.expression import Column, Lookup
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity, ForeignKey
from understudy.profiling.matching import parents_of
from understudy.types import Kind, Type

MOST_CHILDREN = 1024
"""Counts beyond this are taken for it: a law of so many weights is enough for any tail."""

MOST_GIVEN = 40
"""Columns that a row is given of a parent and the parent's own parents, the nearest first."""

COUNTS = "children:"
"""Before a child's table and key: the hidden column of how many of it a parent has."""


class Children(msgspec.Struct):
    """``parents``: per child its parent's row, -1 for none. ``number``: children per parent; ``counts``: shares of
    parents with 0, 1, 2 … of them."""

    parents: NDArray[np.int64]
    number: NDArray[np.int64]

    @property
    def counts(self) -> tuple[float, ...]:
        """Shares of parents with 0, 1, 2 … children."""
        shares = np.bincount(np.minimum(self.number, MOST_CHILDREN)) / max(self.number.size, 1)
        return tuple(round(float(s), 9) for s in shares)

    @property
    def mean(self) -> float:
        """Children per parent."""
        return float(self.number.mean()) if self.number.size else 0.0


def children(key: ForeignKey, child: pa.Table, parent: pa.Table) -> Children:
    """Match the rows of two tables along a foreign key."""
    parents = parents_of(key, child, parent)
    return Children(parents, np.bincount(parents[parents >= 0], minlength=parent.num_rows))


# ---- a family of tables --------------------------------------------------------------------------
class Member(msgspec.Struct):
    """A table of a family. ``data``: its rows, siblings side by side where it is laid ``along`` a key, in the order of
    column ``order`` ("": of the rows); ``matched``: per foreign key's name its parents' rows."""

    entity: Entity
    data: pa.Table
    matched: dict[str, Children]
    along: ForeignKey | None = None
    order: str = ""
    run: Run | None = None
    extra: list[Represented] = []

    @property
    def keys(self) -> list[ForeignKey]:
        """The foreign keys to tables of the family."""
        return [k for k in self.entity.foreign_keys if k.name in self.matched]

    @property
    def settled(self) -> tuple[str, ...]:
        """Columns that keys and references settle."""
        return settled(self.entity)


def settled(entity: Entity) -> tuple[str, ...]:
    """Columns that keys and references settle: they are not learned."""
    found = {c for k in entity.foreign_keys for c in k.columns}
    found |= {c for u in entity.uniques if u.primary or len(u.columns) == 1 for c in u.columns}
    return tuple(sorted(found))


def link_of(key: ForeignKey) -> str:
    """What a plan calls the reference."""
    return key.name or "_".join(("fk", *key.columns))


def family(entities: Mapping[str, Entity], held: Mapping[str, pa.Table]) -> dict[str, Member]:
    """Tables with their rows matched and sorted, and parents with the numbers of their children."""
    members = {}
    kept: dict[str, NDArray[np.int64]] = {}
    for name, entity in entities.items():
        keys = [k for k in entity.foreign_keys if k.target in held and k.target in entities]
        member = Member(entity, held[name], {k.name: children(k, held[name], held[k.target]) for k in keys})
        members[name] = member
        member.along = _along(entity, member)
        if member.along is not None:
            parents = member.matched[member.along.name].parents
            member.order = order_column(entity, member.data, parents, member.settled)
            order = moments(member.data.column(member.order).combine_chunks()) if member.order else None
            kept[name], ordinal, siblings = sorted_rows(parents, order)
            member.run = Run(link_of(member.along), ordinal, siblings)
            member.data = member.data.take(pa.array(kept[name]))
    for name, member in members.items():
        for key in member.matched:
            target = next(k.target for k in member.entity.foreign_keys if k.name == key)
            member.matched[key] = _moved(member.matched[key], kept.get(name), kept.get(target))
        for own in member.keys:
            if own.target != name:
                extra = _counted(own.target, name, own, member.matched[own.name])
                members[own.target].extra.append(extra)
    return members


def _along(entity: Entity, member: Member) -> ForeignKey | None:
    """The key along which a table is laid out: a must, to another table, and of these the one with the fewest children
    per parent."""
    fields = {f.name: f for f in entity.fields}
    fit = [
        (member.matched[k.name].mean, k)
        for k in entity.foreign_keys
        if k.name in member.matched and k.target != entity.name and all(not fields[c].nullable for c in k.columns)
    ]
    able = [(mean, k) for mean, k in fit if mean > 0]
    return min(able, key=lambda p: p[0])[1] if able else None


def _moved(found: Children, rows: NDArray[np.int64] | None, above: NDArray[np.int64] | None) -> Children:
    """A match after both tables were sorted; ``rows``, ``above``: which rows are where (None: as they were)."""
    parents = found.parents if rows is None else found.parents[rows]
    if above is None:
        return Children(parents, found.number)
    place = np.full(found.number.size, -1, np.int64)
    place[above] = np.arange(above.size)
    return Children(np.where(parents >= 0, place[np.maximum(parents, 0)], -1), found.number[above])


def _counted(parent: str, child: str, key: ForeignKey, found: Children) -> Represented:
    """How many children each parent has, as a column of the parent."""
    number = np.minimum(found.number, MOST_CHILDREN).astype(np.int64)
    top = int(number.max(initial=0)) + 1
    name = counts_column(child, key)
    values = pa.array(np.arange(top))
    return Represented(name, Type(Kind.INTEGER), number, top <= 64, top, values=values, table=parent)


def counts_column(child: str, key: ForeignKey) -> str:
    """The name of the parent's column of how many children it has."""
    return f"{COUNTS}{child}.{link_of(key)}"


def given_by(link: str, found: Children, columns: Sequence[Represented]) -> list[Represented]:
    """The parent's columns as the children see them; ``link``: what the plan calls the reference."""
    known = found.parents >= 0
    place = np.maximum(found.parents, 0)
    out = []
    for column in columns[:MOST_GIVEN]:
        numbers = np.where(known, column.numbers[place], NULL)
        name = f"{link}{GIVEN}{column.name}"
        node = Lookup(link, HIDDEN + column.name)
        out.append(msgspec.structs.replace(column, name=name, numbers=numbers, given=node))
    return out


def carried(given: Sequence[Represented]) -> tuple[list[Represented], list[PlannedColumn]]:
    """What a table was given by its parents as columns of its own, for its children; and the hidden columns that hold
    it."""
    own = [g for g in given if isinstance(g.given, Lookup)]
    columns = [msgspec.structs.replace(g, given=Column(HIDDEN + g.name)) for g in own]
    hidden = [
        PlannedColumn(HIDDEN + g.name, Type(Kind.INTEGER), g.given, "of the parent, for children", hidden=True)
        for g in own
        if g.given is not None
    ]
    return columns, hidden
