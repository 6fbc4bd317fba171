"""Lists in documents about a row that are rows themselves: its children, each in its own words, or a page of rows.

An element is made as a document about its row, and kept as a hidden column of the row's table; the list gathers that
column of the rows that point here. So a pet says the same of itself in every document that shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from understudy.model.expression import (
    Call,
    Children,
    Choice,
    Column,
    Const,
    Gathered,
    Listing,
    Lookup,
    Node,
    Nulls,
    Row,
    Slot,
    Take,
    Written,
)
from understudy.model.link import Owned, Paired, Spread
from understudy.model.plan import PlannedColumn
from understudy.planning.documents.bound import ROW, Bound, Shown, in_the_row
from understudy.planning.documents.making import Maker, Making, Place, singular
from understudy.planning.documents.parts import Conj
from understudy.planning.documents.shape import Shape, element
from understudy.planning.documents.workshop import JSON, SHUFFLE
from understudy.planning.doors import FOR_FACES
from understudy.planning.draft import int_array
from understudy.rules.trees import walk

LOOKED_AT = 100
"""Rows of which is told that they have more or fewer children than the face takes."""
INDEXED = 1 << 20
"""Children up to which those of each parent are listed beforehand, where the link cannot tell them (8 bytes each)."""
PAGE = 4
"""Rows on a page: up to so many more than the least."""


def rows_shown(making: Making, maker: Maker, conj: Conj, place: Place) -> Shown | None:
    """The rows that a list at a place shows; None where it shows none, or not these."""
    bound = making.bound
    inner = None if bound is None or making.drawing else bound.list_at(place.use)
    if bound is None or inner is None:
        return None
    shape = next((s for s in making.spread.typed(conj) if s.kinds == {"array"}), None)
    if shape is None:
        return None
    if any(rule.first for rule in shape.items) or shape.contained:
        bound.refused[place.use] = "made anew: its first elements have places of their own"
        return None
    made = _element(making, maker, element(shape, 0), inner, place)
    if made is None:
        bound.refused[place.use] = f"made anew: no element can be made about a row of {inner.about}"
        return None
    column = f"{FOR_FACES}{bound.face}{inner.at}"
    if any(isinstance(n, Column) and n.name == SHUFFLE.name for n in walk(made)):
        inner.keep(SHUFFLE)
    inner.keep(PlannedColumn(column, JSON, Written(in_the_row(made)), hidden=True))
    shown = (
        _children(making, bound, inner, column, shape, place) if inner.rows.key else _page(inner, column, shape, place)
    )
    if shown is None:
        return None
    for table in (inner.table, bound.table):
        making.workshop.runtime.add(table)
    return bound.tried(
        place.use, shown, conj, making.workshop, making.judge.obeys, f"list of its rows of {inner.about}"
    )


@contextmanager
def _about(making: Making, bound: Bound) -> Iterator[None]:
    """What is made inside is about the rows of ``bound``."""
    outer, link, spent = making.bound, making.workshop.link, making.spent
    making.bound, making.workshop.link, making.spent = bound, bound.link, 0
    try:
        yield
    finally:
        making.bound, making.workshop.link, making.spent = outer, link, spent


def _element(making: Making, maker: Maker, conj: Conj, inner: Bound, place: Place) -> Node | None:
    name = singular(place.name)
    at = Place(f"{place.use}/*", name, name, 1, False, place.above)
    with _about(making, inner):
        if inner.of(at.use) is None:
            return maker.value(conj, at)
        shapes = [s for s in making.spread.typed(conj) if s.kinds != {"null"}]
        found = (inner.shown(at.use, conj, s, making.workshop, making.judge.obeys) for s in shapes)
        return next((s.node for s in found if s is not None), None)


def _children(making: Making, bound: Bound, inner: Bound, column: str, shape: Shape, place: Place) -> Shown | None:
    """The list as a hidden column of the row's table; null where it has fewer children than the face takes."""
    least, most = shape.least_items, shape.most_items
    if most == 0:
        return None
    every = _rows(bound, inner, 0)
    if every is None:
        bound.refused[place.use] = f"made anew: which of so many rows of {inner.about} are its own is not to be told"
        return None
    runtime = making.workshop.runtime
    for table in (inner.table, bound.table):
        runtime.add(table)
    seen = range(min(bound.table.rows, LOOKED_AT))
    counts = runtime.values(bound.about, Call("array_length", (every,)), seen).to_pylist()
    told = f"rows of {inner.about} that are its own"
    if few := sum(n < least for n in counts):
        bound.notes.append(f"{place.use}: {few} of {len(counts)} rows have fewer than {least} {told}; made anew there")
    if most is not None and (many := sum(n > most for n in counts)):
        bound.notes.append(
            f"{place.use}: {many} of {len(counts)} rows have more than {most} {told}; the first are shown"
        )
    rows = every if most is None else _rows(bound, inner, most)
    assert rows is not None
    node: Node = Written(Gathered(inner.about, column, rows))
    if few:
        node = Nulls(node, Call("<", (Call("array_length", (every,)), Const(least))))
    name = f"{FOR_FACES}{bound.face}{place.use}"
    bound.keep(PlannedColumn(name, JSON, node, hidden=True))
    return Shown(Lookup(ROW, name), bool(few))


def _rows(bound: Bound, inner: Bound, most: int) -> Node | None:
    """The numbers of a row's children: by the link where it can tell, else by a list made beforehand."""
    child = inner.table
    tie = next((k for k in child.links if k.name == inner.rows.key and k.parent == bound.about), None)
    if tie is None:
        return None
    if isinstance(tie.mode, Owned | Spread | Paired):
        return Children(child.name, tie.name, most)
    if child.rows > INDEXED:
        return None
    name = f"{FOR_FACES}{child.name}.{tie.name}:{most}"
    if name not in bound.draft.artefacts:
        parents = bound.draft.runtime().parents(child.name, tie.name, range(child.rows)) - bound.table.existing
        kept = np.flatnonzero(parents >= 0)
        order = kept[np.argsort(parents[kept], kind="stable")]
        counts = np.bincount(parents[kept], minlength=bound.table.rows)
        if most:
            place = np.arange(order.size) - np.repeat(np.cumsum(counts) - counts, counts)
            order, counts = order[place < most], np.minimum(counts, most)
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        lists = pa.ListArray.from_arrays(
            pa.Array.from_buffers(pa.int32(), offsets.size, [None, pa.py_buffer(offsets)]), int_array(order)
        )
        bound.draft.keep(name, lists)
    return Take(name, Row())


def _page(inner: Bound, column: str, shape: Shape, place: Place) -> Shown | None:
    """Some rows of the table, page by page, from the start again behind the last."""
    rows = inner.table.rows
    low = shape.least_items
    high = min(low + PAGE, rows) if shape.most_items is None else min(low + PAGE, rows, shape.most_items)
    if high < max(low, 1):
        inner.refused[place.use] = f"made anew: {low} rows of {inner.about} are asked for, there are {rows}"
        return None
    length = Call("+", (Choice(place.use + "#", tuple(1.0 + i for i in range(high - low + 1))), Const(low)))
    number = Call("%", (Call("+", (Call("*", (Row(), Const(high))), Slot())), Const(rows)))
    return Shown(Written(Gathered(inner.about, column, Listing(number, length))), nullable=False)
