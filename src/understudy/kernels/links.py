"""Links at work: the parents of rows, and the children of parents, by law.

A mode numbers *positions*: parents themselves, or, where only some are eligible, places in their list.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from understudy.errors import InternalError
from understudy.kernels import native
from understudy.kernels.evaluate import Scope
from understudy.kernels.forms import WHOLE, Sort
from understudy.kernels.program import Program
from understudy.kernels.vector import Index, mask, runs, spread, truth
from understudy.model.expression import Node
from understudy.model.link import Coded, Drawn, Grouped, Known, Link, Owned, Paired, Spread, Tree
from understudy.rng import counts as laws_of_counts
from understudy.rng import forest, laws, permutation, streams
from understudy.rng import spread as laws_of_spread
from understudy.rng.given import Given

if TYPE_CHECKING:
    from understudy.kernels.frame import Frame
    from understudy.kernels.table import Table


NUMBERED = (Owned, Spread, Drawn, Paired)
"""Modes that number the parents themselves: every row has one of them."""

ORDER = 1 << 20
"""Parents up to which their keyed order is kept (8 MB)."""


class Tie:
    """A link of ``table``, bound. ``existing``: the parent's rows that were there before."""

    def __init__(self, table: Table, link: Link) -> None:
        self.table, self.link, self.mode = table, link, link.mode
        self.owner = f"link:{link.name}"
        self.where = f"{table.name}.{link.name}"
        self.parent = table.runtime.read(link.parent, table.name)
        self.existing = self.parent.planned.existing
        self.total = self.existing + self.parent.planned.rows
        self.seed = table.runtime.plan.seed
        self._drawn_rows = 0

    def key(self, *use: str) -> streams.Key:
        """A key of the link's own draws."""
        return streams.key(self.seed, self.table.name, self.owner, *use)

    @cached_property
    def eligible(self) -> Index | None:
        """Parent indices that may be chosen, ascending; None: all."""
        if not self.link.eligible:
            return None
        return native.data_of(self.table.runtime.numbers(self.link.eligible), np.int64)

    @cached_property
    def size(self) -> int:
        """How many positions there are."""
        return self.total if self.eligible is None else int(self.eligible.size)

    @cached_property
    def law(self) -> Any:
        """The counts of an owned or spread link."""
        rows = self.table.planned.rows
        match self.mode:
            case Owned(minimum=low, maximum=high, known=Known(natural=natural, blocks=blocks)):
                offsets = native.data_of(self.table.runtime.numbers(blocks), np.int64)
                return Given(self.size, rows, low, high, self.key("counts"), offsets, natural, self._wishes)
            case Owned(minimum=low, maximum=high, weights=weights):
                return laws_of_counts.Counts(self.size, rows, low, high, weights, self.key("counts"))
            case Spread(exponent=exponent, minimum=low, capacity=capacity):
                return laws_of_spread.Spread(self.size, rows, exponent, low, capacity, self.key("spread"))
        raise InternalError(
            f"children cannot be told from the parent's side of a {self.mode_name} link", where=self.where
        )

    def _wishes(self, low: int, high: int) -> Index:
        """The counts that a column of the parents at positions low .. high-1 holds."""
        assert isinstance(self.mode, Owned)
        assert self.mode.known is not None
        if self.mode.known.settled:
            return native.data_of(self.table.runtime.numbers(self.mode.known.settled), np.int64)[low:high]
        chosen = range(low, high) if self.eligible is None else self.eligible[low:high]
        found = self.parent.frame(chosen).column(self.mode.known.column)
        data, known = spread(found.data, high - low), mask(found.valid, high - low)
        return np.asarray(data if known is None else np.where(known, data, 0))

    @property
    def mode_name(self) -> str:
        """The mode in words."""
        return type(self.mode).__name__.lower()

    @cached_property
    def scope(self) -> Scope:
        """The scope of the link's expressions."""
        return Scope(self.table, self.owner, self.link)

    def compile(self, node: Node) -> Program:
        """A program of one of the link's expressions that gives whole numbers."""
        made = self.scope.compile(node)
        if made.form.sort not in WHOLE | {Sort.NULL, Sort.DECIMAL}:
            raise InternalError(f"a parent cannot be found by {made.form.sort.value}", where=self.where)
        return made

    # ---- parents of rows -------------------------------------------------------------------
    @cached_property
    def absent(self) -> Program | None:
        """Where rows have no parent."""
        return None if self.link.absent is None else self.scope.compile(self.link.absent)

    @cached_property
    def certain(self) -> bool:
        """Whether every row has a parent, whatever is drawn."""
        return self.link.absent is None and isinstance(self.mode, NUMBERED)

    def parents(self, frame: Frame) -> Index:
        """The parent index of each row, -1 for none."""
        gone = None if self.absent is None else truth(self.absent.run(frame), frame.n)
        if gone is not None and gone.all():
            return np.full(frame.n, -1, np.int64)
        if self.size == 0 and frame.n and not isinstance(self.mode, Coded | Grouped):
            raise InternalError(f"there is no row of {self.link.parent} to refer to", where=self.where)
        found = self.to_parents(self.layout(frame)[0])
        if gone is not None:
            found = np.where(gone, np.int64(-1), found)
        self._check(found)
        return found

    def _check(self, found: Index) -> None:
        if isinstance(self.mode, NUMBERED) and self.eligible is None:
            return
        if found.size and not (int(found.min()) >= -1 and int(found.max()) < self.total):
            worst = int(found.max()) if int(found.max()) >= self.total else int(found.min())
            raise InternalError(
                f"parent {worst} is not among the {self.total} rows of {self.link.parent}", where=self.where
            )

    def to_parents(self, position: Index) -> Index:
        """Parent indices of positions; -1 stays."""
        if self.eligible is None or isinstance(self.mode, Grouped):
            return position
        if position.size and int(position.max()) >= self.eligible.size:
            raise InternalError(
                f"place {int(position.max())} is not among {self.eligible.size} eligible parents", where=self.where
            )
        if not self.eligible.size:
            return position
        return np.where(position < 0, np.int64(-1), self.eligible.take(np.maximum(position, 0)))

    def layout(self, frame: Frame) -> tuple[Index, Index | None]:
        """(position, ordinal) of each row, whether or not the row has a parent in the end."""
        key = ("layout", self.link.name)
        if not frame.owns(self.owner) and frame.base is not None:
            position, ordinal = self.layout(frame.base)
            if frame.index is None:
                return position, ordinal
            return position.take(frame.index), None if ordinal is None else ordinal.take(frame.index)
        return frame.kept(key, lambda: self._layout(frame))  # type: ignore[no-any-return]

    def _layout(self, frame: Frame) -> tuple[Index, Index | None]:
        rows = frame.rows
        match self.mode:
            case Owned():
                if frame.start is not None:
                    return self.law.children_range(frame.start, frame.start + frame.n)  # type: ignore[no-any-return]
                return self.law.parent_of(rows)  # type: ignore[no-any-return]
            case Spread():
                return self.law.parent_of(rows)  # type: ignore[no-any-return]
            case Drawn(exponent=exponent):
                return self._drawn(frame, exponent), None
            case Paired(shuffled=shuffled):
                return self._paired(rows, shuffled), np.zeros(rows.size, np.int64)
            case Tree():
                return self._tree(rows), None
            case Coded(index=index):
                return _indices(self.compile_index(index), frame), None
            case Grouped():
                return self._grouped(frame), None
        raise InternalError(f"unknown mode {self.mode_name}", where=self.where)

    def _bits(self, frame: Frame, *use: str) -> Any:
        return streams.bits_of_base(frame.words, self._keys(*use), frame.attempt_of(self.owner))

    def _keys(self, *use: str) -> streams.Key:
        return self.table.runtime.kept(("key", self.table.name, self.owner, *use), lambda: self.key(*use))  # type: ignore[no-any-return]

    def _drawn(self, frame: Frame, exponent: float) -> Index:
        z = self._bits(frame, "draw")
        if exponent == 0:
            return streams.below(z, self.size)
        rank = laws.zipf(z, self.size, self.ranks)
        self._drawn_rows += frame.n
        if self.size <= ORDER and self._drawn_rows > self.size:
            return self.order.take(rank)
        return permutation.permute(rank, self.size, self._keys("order"))

    @cached_property
    def order(self) -> Index:
        """Parents by rank, made once where more rows than parents are drawn: a gather is four times quicker."""
        return permutation.permute(np.arange(self.size, dtype=np.int64), self.size, self._keys("order"))

    @cached_property
    def ranks(self) -> Any:
        """Quantiles of the power law."""
        assert isinstance(self.mode, Drawn)
        return laws.zipf_law(self.size, self.mode.exponent)

    def _paired(self, rows: Index, shuffled: bool) -> Index:
        if self.table.planned.rows > self.size:
            what = f"{self.table.planned.rows} rows cannot each have one of {self.size} parents of their own"
            raise InternalError(what, where=self.where)
        return permutation.permute(rows, self.size, self._keys("order")) if shuffled else rows

    @cached_property
    def forest(self) -> Any:
        """The forest of a self-reference."""
        assert isinstance(self.mode, Tree)
        return forest.Forest(self.table.planned.rows, self.mode.roots, self.mode.depth, self.key("forest"))

    def _tree(self, rows: Index) -> Index:
        assert isinstance(self.mode, Tree)
        above = self.forest.parent_of(rows)
        root = rows + self.existing if self.mode.self_rooted else np.int64(-1)
        return np.where(above < 0, root, above + self.existing)

    @cached_property
    def _compiled(self) -> dict[int, Program]:
        return {}

    def compile_index(self, node: Node) -> Program:
        """:meth:`compile`, once per node."""
        found = self._compiled.get(id(node))
        if found is None:
            found = self._compiled[id(node)] = self.compile(node)
        return found

    @cached_property
    def groups(self) -> tuple[Index, Index]:
        """Offsets and members of a grouped link."""
        assert isinstance(self.mode, Grouped)
        runtime = self.table.runtime
        offsets, members = (
            native.data_of(runtime.numbers(a), np.int64) for a in (self.mode.offsets, self.mode.members)
        )
        return offsets, members

    def _grouped(self, frame: Frame) -> Index:
        assert isinstance(self.mode, Grouped)
        offsets, members = self.groups
        group = _indices(self.compile_index(self.mode.group), frame)
        if group.size and int(group.max()) >= offsets.size - 1:
            raise InternalError(f"group {int(group.max())} is not among {offsets.size - 1}", where=self.where)
        some = group >= 0
        safe = np.where(some, group, 0)
        if offsets.size < 2:
            return np.full(frame.n, -1, np.int64)
        first, size = offsets.take(safe), np.diff(offsets).take(safe)
        some &= size > 0
        if self.mode.member is None:
            pick = streams.below(self._bits(frame, "draw"), np.where(some, size, 1))
        else:
            pick = _indices(self.compile_index(self.mode.member), frame) % np.where(some, size, 1)
        place = np.where(some, first + pick, 0)
        return np.where(some, members.take(place), np.int64(-1)) if members.size else np.full(frame.n, -1, np.int64)

    # ---- children of parents ---------------------------------------------------------------
    def children(self, parents: Index) -> tuple[Index, Index]:
        """(child rows, one parent behind the other; offsets) of parent indices; rows that turn out to have no
        parent (``absent``) included."""
        position, some = self._positions(parents)
        if isinstance(self.mode, Paired):
            return self._pairs(position, some)
        if some.all():
            return self.law.children(position)  # type: ignore[no-any-return]
        counts = np.zeros(parents.size, np.int64)
        rows, offsets = self.law.children(position[some])
        counts[some] = np.diff(offsets)
        return rows, runs(counts, counts)[0]

    def child_range(self, parents: Index) -> tuple[int, int, Index] | None:
        """(first child, one behind the last, offsets) of parents that count up, where their children do so too."""
        if (
            not isinstance(self.mode, Owned)
            or not parents.size
            or int(parents[-1]) - int(parents[0]) != parents.size - 1
        ):
            return None
        position, some = self._positions(parents)
        if not some.all() or int(position[-1]) - int(position[0]) != position.size - 1:
            return None
        first = int(self.law.offset(position[:1])[0])
        counts = self.law.count(position)
        offsets = np.zeros(counts.size + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        return first, first + int(offsets[-1]), offsets

    def _positions(self, parents: Index) -> tuple[Index, Any]:
        if self.eligible is None:
            return parents, np.ones(parents.size, np.bool_)
        if not self.eligible.size:
            return parents, np.zeros(parents.size, np.bool_)
        place = np.minimum(np.searchsorted(self.eligible, parents), self.eligible.size - 1)
        return place, self.eligible.take(place) == parents

    def _pairs(self, position: Index, some: Any) -> tuple[Index, Index]:
        assert isinstance(self.mode, Paired)
        rows = permutation.invert(position, self.size, self._keys("order")) if self.mode.shuffled else position
        has = some & (rows < self.table.planned.rows)
        counts = has.astype(np.int64)
        return rows[has], runs(counts, counts)[0]

    def siblings(self, frame: Frame) -> Index:
        """How many children the parents of a frame's rows have, absent ones not counted."""
        position = self.layout(frame)[0]
        if self.absent is None:
            return np.ones(frame.n, np.int64) if isinstance(self.mode, Paired) else self.law.count(position)  # type: ignore[no-any-return]
        some, place = np.unique(self.to_parents(position), return_inverse=True)
        rows, offsets = self.children(some)
        here = self.table.frame(rows).parents(self.link.name) >= 0
        total = np.zeros(rows.size + 1, np.int64)
        np.cumsum(here, out=total[1:])
        return (total[offsets[1:]] - total[offsets[:-1]])[place]


def _indices(program: Program, frame: Frame) -> Index:
    """Whole numbers, -1 where null."""
    v = program.run(frame)
    data, known = spread(v.data, frame.n), mask(v.valid, frame.n)
    found = data if known is None else np.where(known, data, -1)
    return found.astype(np.int64, copy=False)
