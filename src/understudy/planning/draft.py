"""Planning's working state: what has been decided so far, and the means to measure with it.

Later tables may ask for values of earlier ones (groups, eligible parents, acceptance); the draft
gives them through the same kernels that will generate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy import rules
from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.expression import Node
from understudy.model.learned import Fitted, LearnedTable
from understudy.model.lesson import Lesson
from understudy.model.plan import Plan, PlannedTable
from understudy.model.request import Request
from understudy.model.schema import Entity, Schema
from understudy.model.snapshot import Snapshot, TableSnapshot
from understudy.planning.trees import Reading


class Draft:
    """Tables planned so far, artefacts, demands that cannot be met, warnings."""

    def __init__(
        self,
        schema: Schema,
        request: Request,
        snapshot: Snapshot,
        expected: Mapping[str, int] | None = None,
        fitted: Fitted | None = None,
        lessons: tuple[Lesson, ...] = (),
    ) -> None:
        self.schema, self.request, self.snapshot, self.lessons = schema, request, snapshot, lessons
        self.expected, self.fitted = expected or {}, fitted
        self.known = rules.known_of(
            schema.prelude,
            {n: {f.name: f.type for f in e.fields} for e in schema.entities for n in dict.fromkeys((e.name, e.table))},
        )
        self._entities = {e.name: e for e in schema.entities}
        self.tables: dict[str, PlannedTable] = {}
        self.reach: dict[str, dict[str, int]] = {}
        self.reading = Reading()
        self.closed: set[tuple[str, str]] = set()
        self.artefacts: dict[str, pa.Array | pa.Table] = {}
        self.unmet: list[str] = []
        self.warnings: list[str] = []
        self._runtime: Runtime | None = None
        self._trial: tuple[str, ...] = ()
        self._settled: list[str] = []

    def entity(self, name: str) -> Entity:
        """The entity of that full name (or of that table name, where it is the only one); else KeyError."""
        return self._entities.get(name) or self.schema.entity(name)

    def learned(self, table: str) -> LearnedTable | None:
        """What a model knows of the table, if there is one and it does."""
        return None if self.fitted is None else self.fitted.model.table(table)

    def held(self, table: str) -> TableSnapshot | None:
        """The rows that the target held before, if any."""
        found = self.snapshot.tables.get(table)
        return found if found is not None and found.rows else None

    def parents(self, table: str) -> int:
        """How many rows of ``table`` children may refer to (existing ones as far as the snapshot has them). Of a
        table that a cycle puts behind its children, what is expected of it."""
        planned = self.tables.get(table)
        if planned is not None:
            return planned.existing + planned.rows
        held = self.held(table)
        there = held.columns.num_rows if held is not None and held.columns is not None else 0
        return there + self.expected.get(table, 0)

    def keep(self, name: str, values: pa.Array | pa.Table) -> str:
        """Store an artefact; its name comes back."""
        self.artefacts[name] = values
        return name

    def keep_indices(self, name: str, values: NDArray[np.int64]) -> str:
        """Store whole numbers as an artefact."""
        return self.keep(name, int_array(values))

    def bundle(self, *tables: PlannedTable) -> Bundle:
        """A plan of what there is, with ``tables`` added or put in place of their namesakes."""
        known = {**self.tables, **{t.name: t for t in tables}}
        plan = Plan(
            schema=self.schema,
            tables=tuple(known.values()),
            load=(),
            seed=self.request.seed,
            clock=self.request.clock,
            locale=self.request.locale,
        )
        return Bundle(plan, self.artefacts)

    def settle(self, table: PlannedTable) -> None:
        """A table is planned (or planned anew)."""
        self.tables[table.name] = table
        self._settled.append(table.name)
        if self._runtime is not None:
            self._forget()
            self._runtime.trust()

    def close(self) -> None:
        """The plan is made: what was bound and drawn for it is let go."""
        if self._runtime is not None:
            self._runtime.forget()
            self._runtime = None

    def runtime(self, *tables: PlannedTable) -> Runtime:
        """Kernels over what there is, with ``tables`` added or put in place of their namesakes, until the next call:
        one runtime lives as long as the draft, so that what children read of their parents is bound, and for small
        parents made, once and not for every child."""
        if self._runtime is None:
            self._runtime = Runtime(self.bundle())
            self._settled.clear()
        runtime, replaced = self._runtime, {t.name for t in tables}
        self._forget()
        for name in [*self._settled, *self._trial]:
            if name in replaced:
                continue
            if name not in self.tables:
                runtime.remove(name)
            elif runtime.planned(name) is not self.tables[name]:
                runtime.add(self.tables[name])
        for table in tables:
            if runtime.planned(table.name) is not table:
                runtime.add(table)
        self._settled.clear()
        self._trial = tuple(replaced)
        return runtime

    def _forget(self) -> None:
        """Artefacts of tables on trial come and go; what was bound to those is bound anew."""
        assert self._runtime is not None
        if self._runtime.refresh():
            for name in self._trial:
                self._runtime.remove(name)

    def parent_values(self, table: str, columns: Iterable[str]) -> list[pa.Array]:
        """Columns of all parents of ``table``: existing rows first, then generated ones."""
        planned = self.tables[table]
        runtime = self.runtime()
        out = []
        for column in columns:
            made = runtime.column(table, column, range(planned.rows))
            if planned.existing:
                old = self.artefacts[planned.snapshot].column(column).combine_chunks()
                made = pa.concat_arrays([flat(old).cast(flat(made).type), flat(made)])
            out.append(flat(made))
        return out

    def evaluate(self, table: PlannedTable, node: Node, rows: NDArray[np.int64]) -> pa.Array:
        """An expression in the context of a table that is still being planned."""
        return flat(self.runtime(table).values(table.name, node, rows))


def int_array(values: NDArray[np.int64]) -> pa.Array:
    """An int64 Arrow array over a NumPy buffer (``pa.array`` would import pandas)."""
    data = np.ascontiguousarray(values, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), data.size, [None, pa.py_buffer(data)])


def not_false(verdict: pa.Array) -> NDArray[np.bool_]:
    """Where a rule passes: true or null (from the buffers, for PyArrow's conversions would import pandas)."""
    if pa.types.is_null(verdict.type):
        return np.ones(len(verdict), bool)
    valid, data = verdict.buffers()
    passed = _bits(data, verdict)
    return passed if valid is None else passed | ~_bits(valid, verdict)


def _bits(buffer: pa.Buffer, array: pa.Array) -> NDArray[np.bool_]:
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].astype(bool)


def flat(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One plain array: no chunks, no dictionary."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
