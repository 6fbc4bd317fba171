"""The runtime: a plan bound lazily, asked for rows.

It keeps what is worth keeping between batches (keys, choice tables, pools, whole small parent tables) and
nothing that grows with the rows.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import exchange, native
from understudy.kernels.arrowforms import arrow_of
from understudy.kernels.frame import Frame
from understudy.kernels.repair import failing
from understudy.kernels.table import Table
from understudy.kernels.words import Pool
from understudy.model.bundle import Bundle
from understudy.model.expression import Node
from understudy.model.plan import PlannedTable, Repair

Rows = NDArray[np.int64] | range
T = TypeVar("T")

WHOLE_ROWS = 1 << 17
"""Parent tables up to this size are made once and kept as far as children read them (a column: 1 MB)."""
WORTH = 4
"""A parent table is made whole where it has at most so many times the rows of the batch that reads it."""
LARGE_ROWS = 1 << 20
"""After a table of more rows than this, to bind the next one from nothing is a hundredth of what was done."""
WORTH_LEARNED = 1 << 13
"""Of a learned table so many rows always: they ask their own parents column by column, and children that ask for few at
a time, level above level, would have the same ones made again and again."""
KEPT_CELLS = 8 << 20
"""Cells of parent tables that are kept, 64 MB of numbers; beyond, the table not read for longest goes."""


class Runtime:
    """Evaluates a bundle's columns, links and any other expression on any rows. Not for several threads at once."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle, self.plan = bundle, bundle.plan
        self._planned = {t.name: t for t in (*bundle.plan.everything, *bundle.plan.unseen)}
        self._current = ""
        self._tables: dict[str, Table] = {}
        self._pools: dict[str, Pool] = {}
        self._kept: dict[Any, Any] = {}
        self._whole: OrderedDict[str, Frame] = OrderedDict()
        self._touched: set[str] = set()
        self._cells: dict[str, int] = {}
        self._kept_cells = 0
        self._readers: dict[str, set[str]] = {}
        self._read: dict[str, Any] = {}
        self._about: dict[Any, list[Any]] = {}

    # ---- planning --------------------------------------------------------------------------
    def add(self, planned: PlannedTable) -> None:
        """One more table (or another of that name), for planning: what was bound for others is kept, unless it
        reads that table's namesake and other rows come of it."""
        before = self._planned.get(planned.name)
        self._planned[planned.name] = planned
        if before is not None and _as_before(before, planned):
            if (bound := self._tables.get(planned.name)) is not None:
                bound.planned = planned
            return
        self._unbind(planned.name)

    def remove(self, name: str) -> None:
        """Without a table of that name, and without what was bound to it."""
        self._planned.pop(name, None)
        self._unbind(name)

    def planned(self, name: str) -> PlannedTable | None:
        """The table of that name as it was added."""
        return self._planned.get(name)

    def read(self, name: str, reader: str) -> Table:
        """A table, bound, for table ``reader``, which is bound anew when that one changes."""
        found = self.table(name)
        self._readers.setdefault(name, set()).add(reader)
        return found

    def refresh(self) -> bool:
        """Forget artefacts that were replaced or taken away since they were read; whether there were any."""
        stale = [n for n, a in self._read.items() if self.bundle.artefacts.get(n) is not a]
        for name in stale:
            del self._read[name]
            self._pools.pop(name, None)
            for key in self._about.pop(name, ()):
                self._kept.pop(key, None)
        return bool(stale)

    def trust(self) -> None:
        """Artefacts read so far are not replaced any more: :meth:`refresh` need not look at them."""
        self._read.clear()

    def _unbind(self, name: str) -> None:
        """Let go of a table and of all that are bound to it: children by their links, parents by aggregates."""
        todo = [name]
        while todo:
            gone = todo.pop()
            self._tables.pop(gone, None)
            if self._whole.pop(gone, None) is not None:
                self._touched.add(gone)
            todo += self._readers.pop(gone, ())

    def turn_to(self, name: str) -> None:
        """Rows of that table come next: what was kept for another large one is let go, and before the first what
        planning left."""
        before, self._current = self._current, name
        done = [self._planned[before]] if before in self._planned else self._planned.values()
        if before != name and any(t.rows > LARGE_ROWS for t in done):
            self.forget()

    def forget(self) -> None:
        """Let go of everything that was bound or kept; it is made again where it is asked for again."""
        for table in self._tables.values():
            table.release()
        for held in (self._tables, self._pools, self._kept, self._whole, self._cells, self._readers, self._about):
            held.clear()
        self._touched.clear()
        self._read.clear()
        self._kept_cells = 0

    # ---- rows ------------------------------------------------------------------------------
    def batch(self, table: str, start: int, stop: int, *, omitted: bool = False, lean: bool = False) -> pa.RecordBatch:
        """The delivered columns of rows start..stop (exclusive), in the source's order, in the Arrow types of
        ``types.arrow`` (text may be dictionary encoded). ``omitted``: with the columns left to the database.
        ``lean``: texts that lie within others come as Arrow views, decimals of up to 18 digits in 64 bits, which spares
        copies."""
        found = self.table(table)
        frame = found.frame(range(start, max(start, stop)))
        columns = [c for c in found.planned.delivered if omitted or not c.omitted]
        arrays = [self._array(frame, c.name, lean=lean) for c in columns]
        self._let_go()
        fields = [pa.field(c.name, a.type) for c, a in zip(columns, arrays, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields)) if columns else _columnless(frame.n)

    def schema(self, table: str, *, omitted: bool = False) -> pa.Schema:
        """The Arrow schema of :meth:`batch`."""
        found = self.table(table)
        columns = [c for c in found.planned.delivered if omitted or not c.omitted]
        return pa.schema([pa.field(c.name, found.output(c.name)) for c in columns])

    def column(self, table: str, name: str, rows: Rows) -> pa.Array:
        """One column, hidden ones too, of any generated rows."""
        made = self._array(self.table(table).frame(rows), name)
        self._let_go()
        return made

    def _array(self, frame: Frame, name: str, *, lean: bool = False) -> pa.Array:
        target = frame.table.output(name)
        try:
            return exchange.to_arrow(frame.column(name), target, frame.n, lean=lean)
        except InternalError as error:
            raise InternalError(
                error.what, where=error.where or f"{frame.table.name}.{name}", mend=error.mend
            ) from error

    def values(self, table: str, node: Node, rows: Rows) -> pa.Array:
        """Any expression in the table's context; text plain, decimals with 38 digits, intervals in microseconds."""
        return self.several(table, (node,), rows)[0]

    def several(self, table: str, nodes: Iterable[Node], rows: Rows) -> list[pa.Array]:
        """Expressions as :meth:`values` gives them, of the same rows: columns that several read are made
        once, and those of all rows of a small table are kept for its children."""
        found = self.table(table)
        every = isinstance(rows, range) and rows == range(found.planned.rows)
        frame = (self.whole(found, len(rows)) if every else None) or found.frame(rows)
        made = []
        for program in [found.expression(n) for n in nodes]:
            made.append(exchange.to_arrow(program.run(frame), arrow_of(program.form), frame.n))
        self._let_go()
        return made

    def attempt_values(self, table: str, repair: Repair, node: Node, rows: Rows, attempt: int) -> pa.Array:
        """An expression as it would be at one attempt of a repair."""
        found = self.table(table)
        program = found.expression(node)
        frame = found.frame(rows).trial(None, repair, found.affected(repair), attempt)
        return exchange.to_arrow(program.run(frame), arrow_of(program.form), frame.n)

    def acceptance(self, table: str, repair: Repair, rows: Rows, attempt: int = 0) -> float:
        """Share of rows whose predicate is not false at an attempt; 1 of no rows."""
        found = self.table(table)
        frame = found.frame(rows)
        if not frame.n:
            return 1.0
        trial = frame.trial(None, repair, found.affected(repair), attempt)
        return 1.0 - failing(found, trial, repair).size / frame.n

    def parents(self, table: str, link: str, rows: Rows) -> NDArray[np.int64]:
        """Parent indices (existing rows first, then generated ones), -1 for none."""
        return self.table(table).frame(rows).parents(link)

    def children(
        self, table: str, link: str, parents: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(child rows, one parent behind the other; offsets) along ``link`` of the child ``table``."""
        return self.table(table).tie(link).children(np.asarray(parents, np.int64))

    # ---- parts of the plan -----------------------------------------------------------------
    def table(self, name: str) -> Table:
        """A table, bound; InternalError where the plan has none of that name."""
        found = self._tables.get(name)
        if found is None:
            planned = self._planned.get(name)
            if planned is None:
                raise InternalError(f"the plan has no table {name}")
            found = self._tables[name] = Table(self, planned)
        return found

    def artefact(self, name: str, kind: type) -> Any:
        """An artefact; InternalError where it is missing or something else."""
        found = self.bundle.artefacts.get(name)
        if isinstance(found, pa.ChunkedArray):
            found = found.combine_chunks()
        if not isinstance(found, kind):
            what = "is missing" if found is None else f"is a {type(found).__name__}, not a {kind.__name__}"
            raise InternalError(f"artefact {name} {what}")
        self._read[name] = self.bundle.artefacts[name]
        return found

    def pool(self, name: str) -> Pool:
        """An artefact of texts."""
        found = self._pools.get(name)
        if found is None:
            array = self.artefact(name, pa.Array)
            if pa.types.is_dictionary(array.type):
                array = native.call("dictionary_decode", array)
            if array.type != pa.string():
                array = native.cast(array, pa.string())
            if array.null_count:
                raise InternalError(f"pool {name} holds nulls")
            found = self._pools[name] = Pool(array, static=True)
        return found

    def numbers(self, name: str) -> pa.Array:
        """An artefact of whole numbers, as int64 without nulls."""

        def make() -> pa.Array:
            array = self.artefact(name, pa.Array)
            if array.null_count:
                raise InternalError(f"artefact {name} holds nulls")
            return array if array.type == pa.int64() else native.cast(array, pa.int64())

        return self.kept(("numbers", name), make)

    def kept(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """What ``make`` gives, remembered for as long as the runtime lives (tables of laws and the like), or until the
        artefact that stands second in the key is replaced."""
        if key not in self._kept:
            self._kept[key] = make()
            self._about.setdefault(key[1], []).append(key)
        found: T = self._kept[key]
        return found

    # ---- whole parents ---------------------------------------------------------------------
    def whole(self, table: Table, rows: int) -> Frame | None:
        """A frame of all rows of a small table, kept between batches; None where that is not worth its while."""
        size = table.planned.rows
        found = self._whole.get(table.name)
        if found is None:
            worth = max(WORTH * rows, WORTH_LEARNED if table.is_learned else 0)
            if not 0 < size <= min(WHOLE_ROWS, worth):
                return None
            found = self._whole[table.name] = Frame(table, np.arange(size, dtype=np.int64), 0, whole=True)
        self._whole.move_to_end(table.name)
        self._touched.add(table.name)
        return found

    def _let_go(self) -> None:
        """Of what is kept of whole tables, the least recently read, beyond the limit; only tables touched since the
        last time can have grown."""
        for name in self._touched:
            frame = self._whole.get(name)
            if frame is not None:
                frame.forget_steps()
            now = 0 if frame is None else len(frame.memo) * frame.n
            self._kept_cells += now - self._cells.get(name, 0)
            self._cells[name] = now
        self._touched.clear()
        while len(self._whole) > 1 and self._kept_cells > KEPT_CELLS:
            name, _ = self._whole.popitem(last=False)
            self._kept_cells -= self._cells.pop(name, 0)


TOLD = frozenset({"constraints", "rows_reason"})
"""What a planned table says of its rows without deciding them."""


def _as_before(before: PlannedTable, after: PlannedTable) -> bool:
    """Whether a table's rows are as they were: it was but told more of, say how its constraints are met."""
    return all(n in TOLD or getattr(before, n) is getattr(after, n) for n in before.__struct_fields__)


def _columnless(n: int) -> pa.RecordBatch:
    """A batch of ``n`` rows without columns."""
    return pa.RecordBatch.from_struct_array(pa.Array.from_buffers(pa.struct([]), n, [None]))
