"""A planned table, bound: programs of its columns, its links, what depends on what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import exchange, words
from understudy.kernels.calls import to_column
from understudy.kernels.casts import convert
from understudy.kernels.evaluate import Scope, places
from understudy.kernels.forms import Sort, form_of
from understudy.kernels.frame import OLD, Frame
from understudy.kernels.links import Tie
from understudy.kernels.program import Program
from understudy.kernels.repair import settle
from understudy.kernels.vector import Vector
from understudy.model.expression import (
    Aggregate,
    Call,
    Cast,
    Chance,
    Choice,
    Column,
    Const,
    Drawn,
    Lookup,
    Node,
    Nulls,
    Ordinal,
    ParentRow,
    Pool,
    Previous,
    Quantile,
    Row,
    Siblings,
    Uniform,
)
from understudy.model.link import Owned
from understudy.model.plan import PlannedColumn, PlannedTable, Repair, Run
from understudy.rng import streams
from understudy.types import Type
from understudy.types.arrow import arrow_type

if TYPE_CHECKING:
    from understudy.kernels.runtime import Runtime


class Table:
    """Everything of one table is bound when it is first asked for."""

    def __init__(self, runtime: Runtime, planned: PlannedTable) -> None:
        self.runtime, self.planned, self.name = runtime, planned, planned.name
        self.columns: dict[str, PlannedColumn] = {c.name: c for c in planned.columns}
        self._links = {k.name: k for k in planned.links}
        self._programs: dict[str, Program] = {}
        self._ties: dict[str, Tie] = {}
        self._values: dict[str, tuple[Node, Program]] = {}
        self._snapshot: dict[str, Vector] = {}
        self._predicates: dict[str, Program] = {}
        self._affected: dict[str, frozenset[str]] = {}
        self._repair_of = {
            owner: r for r in planned.repairs for owner in (*r.columns, *(f"link:{name}" for name in r.links))
        }
        self._run_of = {c: run for run in planned.runs for c in run.columns}
        self._types: dict[str, pa.DataType] = {}
        self._binding: set[str] = set()
        self._light: dict[str, bool] = {}
        self._raw: dict[str, bool] = {}

    def release(self) -> None:
        """Let go of everything bound: tables, links and programs hold each other, and nobody should have to look for
        such cycles (a full search takes as long as 100,000 rows)."""
        for bound in (self._programs, self._ties, self._values, self._snapshot, self._predicates):
            bound.clear()

    # ---- columns ---------------------------------------------------------------------------
    def planned_column(self, name: str) -> PlannedColumn:
        """The planned column; InternalError where the plan has none of that name."""
        found = self.columns.get(name)
        if found is None:
            raise InternalError(f"the plan has no column {name}", where=self.name)
        return found

    def program(self, name: str) -> Program:
        """A column's program, in the form of its type."""
        found = self._programs.get(name)
        if found is None:
            column = self.planned_column(name)
            self._binding.add(name)
            try:
                inner = Scope(self, name, column.expression).compile(column.expression)
                found = to_column(inner, column.type)
            except InternalError as e:
                raise InternalError(e.what, where=e.where or f"{self.name}.{name}", mend=e.mend) from e
            finally:
                self._binding.discard(name)
            self._programs[name] = found
            self._raw[name] = inner.form.sort is Sort.RAW
        return found

    def is_raw(self, name: str) -> bool:
        """Whether a hidden whole-number column holds raw numbers (a code, a shared draw) rather than quantities."""
        if name not in self._raw and name not in self._binding:
            self.program(name)
        return self._raw.get(name, False)

    def pool_of(self, name: str) -> words.Pool | None:
        """The one pool that all of a text column's values come from, if there is one."""
        repair = self.repair_of(name)
        if name in self._binding or (repair is not None and repair.witnesses):
            return None
        return self.program(name).pool

    def output(self, name: str) -> pa.DataType:
        """The Arrow type in which a column is delivered: its texts as a dictionary where they come from a pool."""
        found = self._types.get(name)
        if found is None:
            found = arrow_type(self.planned_column(name).type)
            pool = self.program(name).pool
            if found == pa.string() and pool is not None and len(pool) <= exchange.DICTIONARY:
                found = pa.dictionary(pa.int32(), pa.string())
            self._types[name] = found
        return found

    def expression(self, node: Node) -> Program:
        """A program of an expression that is no column's: a predicate, a measure."""
        key = repr(node)
        if key not in self._values:
            self._values[key] = (node, Scope(self, "value", node).compile(node))
        return self._values[key][1]

    def existing(self, name: str) -> Vector:
        """A column of the rows that were there before, in the form of its type."""
        found = self._snapshot.get(name)
        if found is None:
            column = self.planned_column(name)
            artefact = self.runtime.artefact(self.planned.snapshot, pa.Table) if self.planned.snapshot else None
            if artefact is None or name not in artefact.column_names:
                raise InternalError(f"the snapshot lacks column {name}, which children read", where=self.name)
            form, values = exchange.from_arrow(artefact.column(name), static=True)
            n = artefact.num_rows
            frame = Frame(self, np.zeros(n, np.int64))
            found = convert(Program(form, lambda _: values), form_of(column.type), adopting=False).run(frame)
            self._snapshot[name] = found
        return found

    # ---- rows ------------------------------------------------------------------------------
    def frame(self, rows: Any) -> Frame:
        """A frame of row numbers: a range or an array; InternalError outside the planned rows."""
        if isinstance(rows, range) and rows.step == 1:
            first, last = rows.start, rows.stop - 1
            made = Frame(self, np.arange(rows.start, rows.stop, dtype=np.int64), rows.start)
        else:
            made = Frame(self, np.ascontiguousarray(rows, dtype=np.int64))
            first, last = (int(made.rows.min()), int(made.rows.max())) if made.n else (0, -1)
        if made.n and not 0 <= first <= last < self.planned.rows:
            what = f"rows {first}..{last} were asked for, but only {self.planned.rows} are planned"
            raise InternalError(what, where=self.name)
        return made

    def identity(self, frame: Frame) -> NDArray[np.uint64]:
        """Identities of a root frame's rows."""
        owner = self.planned.layout.owner
        if not owner:
            return frame.rows.view(np.uint64)
        tie = self.tie(owner)
        if not isinstance(tie.link.mode, Owned):
            raise InternalError(f"link {owner} lays the table out but is not owned", where=self.name)
        if not frame.n:
            return np.zeros(0, np.uint64)
        position, ordinal = tie.layout(frame)
        assert ordinal is not None
        return streams.mix(self._identity_of_parents(frame, tie, tie.to_parents(position)), ordinal)

    def _identity_of_parents(self, frame: Frame, tie: Tie, parents: NDArray[np.int64]) -> NDArray[np.uint64]:
        if not tie.existing and not tie.parent.planned.layout.owner:
            return parents.view(np.uint64)
        if not tie.existing:
            return self._identity_above(frame, tie, parents)
        old = parents < tie.existing
        out = parents.view(np.uint64) | OLD
        if old.all():
            return out
        known = self._identity_above(frame, tie, np.where(old, parents[~old][0], parents))
        return np.where(old, out, known) if old.any() else known

    def _identity_above(self, frame: Frame, tie: Tie, parents: NDArray[np.int64]) -> NDArray[np.uint64]:
        """The identities of generated parents."""
        first = int(parents.min()) - tie.existing
        last = int(parents.max()) - tie.existing
        if last - first < max(2 * frame.n, 1024):
            return tie.parent.frame(range(first, last + 1)).identity.take(parents - (tie.existing + first))
        rows, place = np.unique(parents - tie.existing, return_inverse=True)
        return tie.parent.frame(rows).identity.take(place)

    @cached_property
    def is_learned(self) -> bool:
        """Whether columns are drawn from leaves of trees, each by many others."""
        return any(isinstance(c.expression, Drawn) for c in self.planned.columns)

    def is_light(self, name: str) -> bool:
        """Whether a column costs so little that children ask for it row by row, parents repeated, rather than
        looking for the distinct ones first (12 ns a row where they lie close together, 100 where they do not)."""
        if name not in self._light:
            self._light[name] = False  # while it is being found out
            column = self.planned_column(name)
            self._light[name] = self.repair_of(name) is None and self._is_light(column.expression)
        return self._light[name]

    def _is_light(self, node: object) -> bool:
        match node:
            case Column(name=name):
                return self.is_light(name)
            case Row() | Const() | Uniform() | Chance() | Choice() | Quantile() | Pool() | Call() | Cast() | Nulls():
                return all(self._is_light(getattr(node, name)) for name in places(type(node)))
            case tuple():
                return all(self._is_light(item) for item in node)
            case msgspec.Struct():
                return isinstance(node, Type)
        return True

    # ---- links -----------------------------------------------------------------------------
    def tie(self, name: str) -> Tie:
        """A link, bound; InternalError where the plan has none of that name."""
        found = self._ties.get(name)
        if found is None:
            link = self._links.get(name)
            if link is None:
                raise InternalError(f"the plan has no link {name}", where=self.name)
            found = self._ties[name] = Tie(self, link)
        return found

    def run_of(self, column: str) -> Run | None:
        """The run that a column is made in, child after child."""
        return self._run_of.get(column)

    # ---- repairs ---------------------------------------------------------------------------
    def is_redrawn(self, column: str) -> bool:
        """Whether a repair may change a column, or something that it reads of its row."""
        return any(column in self.affected(repair) for repair in self.planned.repairs)

    def repair_of(self, owner: str) -> Repair | None:
        """The repair that redraws an owner."""
        return self._repair_of.get(owner)

    def predicate(self, repair: Repair) -> Program:
        """What a repair holds to."""
        found = self._predicates.get(repair.name)
        if found is None:
            found = Scope(self, f"repair:{repair.name}", repair.predicate).compile(repair.predicate)
            self._predicates[repair.name] = found
        return found

    def settle(self, frame: Frame, repair: Repair) -> None:
        """Find the attempt of every row; the group's columns and links are in the frame's memory afterwards."""
        settle(self, frame, repair)

    def affected(self, repair: Repair) -> frozenset[str]:
        """The owners that depend on what a repair redraws, those included."""
        found = self._affected.get(repair.name)
        if found is None:
            reached = {*repair.columns, *(f"link:{name}" for name in repair.links)}
            reads = {c.name: set(_reads(c.expression)) for c in self.planned.columns}
            reads |= {f"link:{k.name}": set(_reads(k)) for k in self.planned.links}
            while more := {o for o, r in reads.items() if o not in reached and r & reached}:
                reached |= more
            found = self._affected[repair.name] = frozenset(reached)
        return found


def _reads(value: object) -> Iterator[str]:
    """The owners of the same table that an expression or link reads directly."""
    match value:
        case Column(name=name):
            yield name
        case Lookup(link=link) | ParentRow(link=link) | Ordinal(link=link) | Siblings(link=link) | Previous(link=link):
            yield f"link:{link}"
        case Aggregate():
            return
        case tuple():
            for item in value:
                yield from _reads(item)
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from _reads(getattr(value, name))
