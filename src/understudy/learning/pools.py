"""Black boxes behind the engine's laws: what a network or a guest samples is frozen as a pool of rows at fit time.

    black box ─► pool: one whole number per row and column     row of the table ─► a place in the pool ─► its values

A place is a draw like any other, so any row alone is the same bytes, and a row that breaks a rule is drawn again. A
pool is finite: the plan says how large it is, and warns where more rows are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.columns import HIDDEN, NULL, NUMBERS, Keep, Represented, decoded, points
from understudy.learning.privacy import Level
from understudy.learning.taken import taken
from understudy.model.expression import Column, Const, Drawn, Node, Take, Uniform
from understudy.model.learned import LearnedColumn, LearnedTable
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)
PLACE = f"{HIDDEN}place in the pool"
TIMES, LEAST, MOST = 5, 20_000, 200_000
"""A pool has so many times the rows that were seen, within these bounds: five times as many leave one row in ten that
another has too, where as many rows are made as were seen."""

CLASSES = 48
"""Classes of a column, at most: what is finer is drawn within them."""

Sampler = Callable[[list[Represented], int], dict[str, NDArray[np.int64]]]
"""The columns and a number of rows: numbers per column, as the columns count them."""


def pool_size(rows: int) -> int:
    """Rows of the pool of a table of which ``rows`` were seen."""
    return int(min(max(TIMES * rows, LEAST), MOST))


def fit_pool(
    entity: Entity,
    data: pa.Table,
    *,
    learner: str,
    sample: Sampler,
    level: Level,
    skipped: Sequence[str] = (),
    extra: Sequence[Represented] = (),
    seed: int = 0,
    keep: Keep,
    by_class: bool,
) -> tuple[LearnedTable, tuple[Represented, ...]]:
    """A table whose rows are those of a pool that ``sample`` fills. ``by_class``: it is given classes of values and
    answers with them; within a class values are drawn anew in each row. See ``fit_table`` for the rest. Raises
    InputError where there is no row."""
    data, columns, left = taken(entity, data, skipped, level, seed)
    every = [*columns, *extra]
    size = pool_size(data.num_rows)
    classed = {c.name: classes(c, level.leaf) for c in every} if by_class else {}
    shown = [_as_classes(c, classed[c.name]) for c in every] if by_class else every
    drawn = sample(shown, size) if every else {}
    why = f"of a frozen pool of {size:,} rows"
    place = Uniform("place", Const(0), Const(size - 1))
    hidden = [PlannedColumn(PLACE, WHOLE, place, "a row of the pool", hidden=True)]
    for column in every:
        stem = f"{entity.name}:learned:{column.name}"
        node: Node = Take(keep(f"{stem}:pool", _kept(drawn[column.name])), Column(PLACE))
        if by_class:
            node = _within(stem, column, classed[column.name], node, keep)
        hidden.append(PlannedColumn(HIDDEN + column.name, WHOLE, node, why, hidden=True))
    for column in extra:
        if column.values is not None:
            keep(column.levels_artefact, column.values)
    made = tuple(LearnedColumn(c.name, decoded(c, keep), learner, why) for c in columns)
    return LearnedTable(entity.name, data.num_rows, made, tuple(hidden), left, pool=size), tuple(every)


def _kept(numbers: NDArray[np.int64]) -> pa.Array:
    values = pa.array(numbers, mask=numbers == NULL)
    known = numbers[numbers != NULL]
    small = not known.size or (known.min() >= -(1 << 31) and known.max() < 1 << 31)
    return values.cast(pa.int32()) if small else values


# ---- classes of values ---------------------------------------------------------------------------
class Classes(msgspec.Struct):
    """``numbers``: the class of each row; ``lists``: per class the values that rows of it have."""

    numbers: NDArray[np.int64]
    lists: list[NDArray[np.int64]]


def classes(column: Represented, leaf: int) -> Classes:
    """A column's values in classes: null, values that many rows share and frequent categories are ones of their own;
    other numbers lie in ranges of at least ``leaf`` rows, other categories together."""
    numbers = column.numbers
    if not column.coded:
        own: Sequence[int] = points(numbers[numbers != NULL])
    else:
        found, counts = np.unique(numbers[numbers != NULL], return_counts=True)
        own = [int(v) for v in found[np.argsort(-counts, kind="stable")][:CLASSES]]
    key = np.full(numbers.size, -1, np.int64)
    for place, value in enumerate([NULL, *own]):
        key[numbers == value] = place
    rest = np.flatnonzero(key < 0)
    if rest.size and column.type.kind in NUMBERS:
        bins = int(min(max(rest.size // max(leaf, 1), 1), CLASSES))
        ordered = np.sort(numbers[rest])
        edges = np.unique(ordered[np.arange(1, bins) * rest.size // bins])
        key[rest] = len(own) + 1 + np.searchsorted(edges, numbers[rest], "right")
    elif rest.size:
        key[rest] = len(own) + 1
    _, place_of = np.unique(key, return_inverse=True)
    place_of = place_of.astype(np.int64)
    order = np.lexsort((numbers, place_of))
    ends = np.cumsum(np.bincount(place_of))
    return Classes(place_of, [numbers[part] for part in np.split(order, ends[:-1])])


def _as_classes(column: Represented, found: Classes) -> Represented:
    kind = column.type if column.type.kind not in NUMBERS else WHOLE
    return msgspec.structs.replace(
        column, numbers=found.numbers, type=kind, coded=True, levels=len(found.lists), values=None, exact=None
    )


def _within(stem: str, column: Represented, found: Classes, place: Node, keep: Keep) -> Node:
    offsets = np.cumsum([0, *(part.size for part in found.lists)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.concatenate(found.lists)))
    name = keep(f"{stem}:leaves", lists)
    between = not column.coded
    return Drawn("value", name, place, between, column.unit if between else 1, column.habits if between else ())
