"""Sequences without a parent's table: rows of one thing after the other in time, of things that have no table.

    reading(sensor, site, at, value) ─► thing(sensor, site)  ─ one row each, made but never delivered
                                        reading(… at, value) ─ children of it, sibling after sibling

What holds for parents and children then holds here too: how many rows a thing has, when they begin, steps of time,
values told by the row before. Which column names the thing is found by what its rows tell of each other, or said by
a person.
"""

from __future__ import annotations

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import RequestError
from understudy.learning.anchors import FIRST, PACE, paces, parts_of
from understudy.learning.columns import NUMBERS, represent
from understudy.learning.relations import settled
from understudy.learning.sequential import RELATED, find, related
from understudy.learning.siblings import moments, sorted_rows
from understudy.model.learned import with_things
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Unique
from understudy.types import Kind, Type

APART = "/"
"""Between a table and the column that names its things: what the table of them is called."""

FEWEST_ROWS = 4.0
FEWEST_THINGS = 8
"""Rows of a thing on average, and things, for a column to be taken as naming them unasked."""

AT_ONCE = 0.98
"""Share of rows that must be the only one of their thing at their moment."""

TELLING = 0.2
"""How much neighbours in time, less their thing's own mean, must go together for rows to be taken as sequences."""

FEWEST = 50
"""Neighbours that are needed to see how they go together."""

BEYOND = 0.1
"""How much more than neighbours in time of different things: what all follow together (a trend) makes no sequences."""

NAMES = frozenset({Kind.TEXT, Kind.ENUM, Kind.INTEGER, Kind.UUID})
MOMENTS = frozenset({Kind.DATE, Kind.TIMESTAMP})


class Told(msgspec.Struct, frozen=True):
    """``by``: the column that names the thing; ``order``: the time; ``fixed``: columns that are the same in all rows of
    a thing; ``why``: how it is known."""

    by: str
    order: str
    fixed: tuple[str, ...]
    why: str


class Split(msgspec.Struct):
    """The table with its ``key`` to its things, and these, with their rows."""

    entity: Entity
    key: ForeignKey
    things: Entity
    rows: pa.Table


def sequence(entity: Entity, data: pa.Table, asked: str = "") -> Told | None:
    """The sequences that a table's rows are; None where they are none. ``asked``: the column that names the things, as
    a person said; RequestError where that cannot be."""
    if asked:
        return _asked(entity, data, asked)
    taken = {c for k in entity.foreign_keys for c in k.columns}
    best: tuple[float, Told] | None = None
    orders = _complete(entity, data, MOMENTS, taken)
    for order in orders[:2]:
        when = moments(data.column(order).combine_chunks())
        if when is None:
            continue
        traits = _traits(entity, data, {order, *taken})
        for by in _complete(entity, data, NAMES, taken | {order}):
            codes = _codes(data.column(by))
            things = int(codes.max(initial=-1)) + 1
            if things < FEWEST_THINGS or data.num_rows < FEWEST_ROWS * things or _alike(codes, when) > 1 - AT_ONCE:
                continue
            found, others = _together(codes, when, {n: t for n, t in traits.items() if n != by})
            if found >= max(TELLING, others + BEYOND) and (best is None or found > best[0]):
                why = f"rows of one {by} tell of each other over {order} ({found:.2f}; of different ones {others:.2f})"
                best = found, Told(by, order, _fixed(entity, data, codes, {by, order, *taken}), why)
    return None if best is None else best[1]


def _asked(entity: Entity, data: pa.Table, by: str) -> Told:
    taken = {c for k in entity.foreign_keys for c in k.columns}
    if by not in data.column_names or by in taken:
        known = ", ".join(n for n in data.column_names if n not in taken)
        raise RequestError(f"{entity.name} has no column {by!r} to tell sequences by", mend=f"Its columns: {known}.")
    if data.column(by).null_count:
        raise RequestError(f"{entity.name}.{by} is empty in some rows: whose these are is not known", mend="Fill it.")
    orders = _complete(entity, data, MOMENTS, taken | {by})
    if not orders:
        raise RequestError(f"{entity.name} has no column of times without gaps", mend="Sequences need one.")
    codes = _codes(data.column(by))
    return Told(by, orders[0], _fixed(entity, data, codes, {by, orders[0], *taken}), f"{by} was named")


def _complete(entity: Entity, data: pa.Table, kinds: frozenset[Kind], but: set[str]) -> list[str]:
    return [
        f.name
        for f in entity.fields
        if f.type.kind in kinds and f.name in data.column_names and f.name not in but and not f.generated
        if not data.column(f.name).null_count
    ]


def _codes(values: pa.ChunkedArray) -> NDArray[np.int64]:
    encoded = values.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)


def _alike(codes: NDArray[np.int64], when: NDArray[np.int64]) -> float:
    """Share of rows whose thing has another at the same moment."""
    place = np.unique(when, return_inverse=True)[1]
    return 1.0 - np.unique(codes * (int(place.max()) + 1) + place).size / codes.size


def _traits(entity: Entity, data: pa.Table, but: set[str]) -> dict[str, NDArray[np.float64]]:
    """Columns as numbers that can go together: ranks of numbers, a mark for the most frequent of categories."""
    found: dict[str, NDArray[np.float64]] = {}
    for field in entity.fields:
        if field.name in but or field.name not in data.column_names:
            continue
        made = represent(field.name, field.type, data.column(field.name))
        if isinstance(made, str) or made.levels < 2:
            continue
        values, place, counts = np.unique(made.numbers, return_inverse=True, return_counts=True)
        if field.type.kind in NUMBERS and values.size > 2:
            found[field.name] = np.asarray((np.cumsum(counts) - counts / 2)[place] / place.size, np.float64)
        else:
            found[field.name] = (place == int(np.argmax(counts))).astype(np.float64)
    return found


def _together(
    codes: NDArray[np.int64], when: NDArray[np.int64], traits: dict[str, NDArray[np.float64]]
) -> tuple[float, float]:
    """How much a row, less its thing's own mean, goes with the one before it of the same thing, of the column where it
    does so most beyond what goes with the row before in time that is of another; and this second figure."""
    rows, ordinal, siblings = sorted_rows(codes, when)
    later = np.flatnonzero(ordinal > 0)
    if later.size < FEWEST:
        return 0.0, 0.0
    owner = np.cumsum(ordinal == 0) - 1
    chance = -float((1 / siblings[later]).mean())  # what is left of values dealt out by chance
    time = np.lexsort((owner, when[rows]))
    beside = np.flatnonzero(owner[time][1:] != owner[time][:-1]) + 1
    best = 0.0, 0.0
    for trait in traits.values():
        own = trait[rows]
        rest = own - (np.bincount(owner, own) / np.bincount(owner))[owner]
        spread = float((rest**2).mean())
        if spread <= 1e-9:
            continue
        same = float((rest[later] * rest[later - 1]).mean()) / spread - chance
        other = float((rest[time][beside] * rest[time][beside - 1]).mean()) / spread if beside.size >= FEWEST else 0.0
        if same - other > best[0] - best[1]:
            best = same, other
    return best


def _fixed(entity: Entity, data: pa.Table, codes: NDArray[np.int64], but: set[str]) -> tuple[str, ...]:
    """Columns without nulls that are the same in all rows of each thing, and not in all rows."""
    keys = {c for u in entity.uniques for c in u.columns}
    found = []
    for name in _complete(entity, data, NAMES | {Kind.DATE, Kind.YEAR, Kind.BOOLEAN}, but | keys):
        own = _codes(data.column(name))
        if int(own.max(initial=0)) and np.unique(codes * (int(own.max()) + 1) + own).size == int(codes.max()) + 1:
            found.append(name)
    return tuple(found)


def split(entity: Entity, data: pa.Table, found: Told) -> Split:
    """The things as a table of their own, in the order of their first rows, and the key that leads to them."""
    names = (found.by, *found.fixed)
    codes = _codes(data.column(found.by))
    first = np.sort(np.unique(codes, return_index=True)[1])
    rows = data.select(list(names)).take(pa.array(first))
    fields = tuple(_plain(entity.field(n)) for n in names)
    when = moments(data.column(found.order).combine_chunks())
    order = entity.field(found.order).type
    if when is not None and (line := paces(codes, when, parts_of(order.kind))) is not None:
        at, steps = line
        rows = data.select(list(names)).take(pa.array(at))
        rows = rows.append_column(FIRST + found.order, data.column(found.order).take(pa.array(at)))
        rows = rows.append_column(PACE + found.order, steps)
        fields += (Field(FIRST + found.order, order, False), Field(PACE + found.order, Type(Kind.INTEGER), False))
    name = f"{entity.name}{APART}{found.by}"
    unique = Unique(f"{found.by} names it", (KeyPart(found.by),), primary=True)
    checks = tuple(c for c in entity.checks if c.columns and set(c.columns) <= set(names))
    things = Entity(name, fields, (unique,), checks=checks)
    key = ForeignKey(f"by {found.by}", names, name, names)
    return Split(with_things(entity, key, found.order), key, things, rows)


def _plain(field: Field) -> Field:
    return msgspec.structs.replace(field, nullable=False, default="", derive="", null_share=None)


def regular(entity: Entity, data: pa.Table) -> bool:
    """Whether the rows are series at regular moments, which have a learner of their own."""
    found = find(entity, data, settled(entity))
    return not isinstance(found, str) and related(found) >= RELATED
