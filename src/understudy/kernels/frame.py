"""Frames: some rows of a table while they are made, with everything already computed for them.

    root frame ── rows of a table, columns memoised
      ├─ part      rows of a case's branch: every column is taken from the frame below
      ├─ trial     rows at attempt k of a repair: columns that depend on the repair are its own
      ├─ step      the k-th children of all parents: columns that depend on the child before are its own
      └─ elements  one row per list element: an identity of its own, columns repeated

A frame refers to frames of parents and children, never the other way round: no cycle keeps memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import siblings
from understudy.kernels.vector import Index, Vector, take
from understudy.model.plan import Repair
from understudy.rng import streams

if TYPE_CHECKING:
    from understudy.kernels.table import Table

Words64 = NDArray[np.uint64]
STEP = "node"
"""What a frame remembers under this word is a step on the way to a column, worth nothing once the column is there."""
_PENDING = object()
_NONE: frozenset[str] = frozenset()
_NOWHERE: Index = np.zeros(0, np.int64)
OLD = np.uint64(1 << 63)
"""Set in the identities of existing rows, so that they never meet those of generated ones."""


class Frame:
    """``rows``: dense numbers of generated rows. ``start``: the first, where they count up without gaps, else None.
    ``own``: owners (columns, ``link:`` names) computed here, None for all; others come from ``base``.
    ``redrawn``: owners whose draws use ``attempt``. ``slot``: position within the list (elements only)."""

    __slots__ = (
        "__weakref__",
        "_identity",
        "_words",
        "attempt",
        "base",
        "index",
        "kind",
        "memo",
        "n",
        "own",
        "places",
        "redrawn",
        "repair",
        "rows",
        "slot",
        "start",
        "table",
        "whole",
    )

    def __init__(self, table: Table, rows: Index, start: int | None = None, *, whole: bool = False) -> None:
        self.table, self.rows, self.n, self.start, self.whole = table, rows, rows.size, start, whole
        self.memo: dict[Any, Any] = {}
        self.kind = "root"
        self.base: Frame | None = None
        self.index: Index | None = None
        self.own: frozenset[str] | None = None
        self.repair: Repair | None = None
        self.redrawn, self.attempt = _NONE, 0
        self.slot: Index | None = None
        self.places: Index = _NOWHERE
        self._identity: Words64 | None = None
        self._words: Words64 | None = None

    # ---- other frames on this one ----------------------------------------------------------
    def part(self, index: Index) -> Frame:
        """Some of the rows, for a branch that only they take."""
        return self._derived("part", index, _NONE)

    def trial(self, index: Index | None, repair: Repair, affected: frozenset[str], attempt: int) -> Frame:
        """Some (None: all) of the rows at an attempt of a repair."""
        made = self._derived("trial", index, affected)
        made.repair, made.attempt = repair, attempt
        made.redrawn = frozenset((*repair.columns, *(f"link:{name}" for name in repair.links)))
        return made

    def step(self, places: Index, own: frozenset[str]) -> Frame:
        """Some of the rows of a run, made after those before them; ``own``: the run's columns."""
        made = self._derived("step", places, own)
        made.places = places
        return made

    def elements(self, counts: Index) -> Frame:
        """A row for each element of lists of ``counts`` elements."""
        index = np.repeat(np.arange(self.n), counts)
        offsets = np.cumsum(counts) - counts
        made = self._derived("elements", index, _NONE)
        made.slot = np.arange(index.size, dtype=np.int64) - np.repeat(offsets, counts)
        made._identity = streams.mix(self.dense.take(index), made.slot) if index.size else np.zeros(0, np.uint64)
        return made

    def _derived(self, kind: str, index: Index | None, own: frozenset[str]) -> Frame:
        made = Frame(
            self.table, self.rows if index is None else self.rows.take(index), self.start if index is None else None
        )
        made.kind, made.base, made.index, made.own = kind, self, index, own
        made.repair, made.redrawn, made.attempt = self.repair, self.redrawn, self.attempt
        if self.slot is not None and index is not None:
            made.slot = self.slot.take(index)
        return made

    # ---- identity --------------------------------------------------------------------------
    @property
    def identity(self) -> Words64:
        """What draws are keyed by: the own number of roots, a mix of the parent's identity and the ordinal else."""
        if self._identity is None:
            if self.base is not None:
                below = self.base.identity
                self._identity = below if self.index is None else below.take(self.index)
            else:
                self._identity = self.table.identity(self)
        return self._identity

    @property
    def words(self) -> Words64:
        """The base of draws; see ``streams.base``."""
        if self._words is None:
            self._words = streams.base(self.identity)
        return self._words

    @property
    def dense(self) -> Words64:
        """What distinct values are keyed by: row numbers, or identities of list elements."""
        return self.identity if self.slot is not None else self.rows.view(np.uint64)

    def attempt_of(self, owner: str) -> int:
        """The attempt of an owner's draws."""
        return self.attempt if owner in self.redrawn else 0

    # ---- memory ----------------------------------------------------------------------------
    def forget_steps(self) -> None:
        """Let go of what expressions remembered on the way to columns."""
        for key in [k for k in self.memo if isinstance(k, tuple) and k[0] == STEP]:
            del self.memo[key]

    def column(self, name: str) -> Vector:
        """A column of the same rows."""
        found = self.memo.get(name)
        if found is not None and found is not _PENDING:
            return found  # type: ignore[no-any-return]
        if found is _PENDING:
            raise InternalError(f"column {name} is computed from itself in the same row", where=self.table.name)
        if not self.owns(name):
            made = self.below(lambda f: f.column(name))
            self.memo[name] = made
            return made
        run = self.table.run_of(name)
        if run is not None and self.kind == "root" and not self.table.is_redrawn(name):
            made = self.memo[name] = siblings.column(self, run, name)
            return made
        return self._settled(name, name, lambda: self.table.program(name).run(self))  # type: ignore[no-any-return]

    def parents(self, link: str) -> Index:
        """Parent indices, -1 for none."""
        key = ("parents", link)
        found = self.memo.get(key)
        if found is not None:
            return found  # type: ignore[no-any-return]
        owner = f"link:{link}"
        if not self.owns(owner):
            assert self.base is not None
            below = self.base.parents(link)
            found = below if self.index is None else below.take(self.index)
            self.memo[key] = found
            return found
        return self._settled(key, owner, lambda: self.table.tie(link).parents(self))  # type: ignore[no-any-return]

    def _settled(self, key: Any, owner: str, make: Callable[[], Any]) -> Any:
        repair = self.table.repair_of(owner)
        if repair is not None and repair != self.repair and self.kind not in ("run", "step"):
            self.table.settle(self, repair)
            if key in self.memo:
                return self.memo[key]
        self.memo[key] = _PENDING if isinstance(key, str) else None
        try:
            made = make()
        except BaseException:
            del self.memo[key]
            raise
        self.memo[key] = made
        return made

    def kept(self, key: Any, make: Callable[[], Any]) -> Any:
        """What ``make`` gives for these rows, computed once."""
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = make()
        return found

    def owns(self, owner: str) -> bool:
        """Whether an owner's values are computed here rather than taken from the frame below."""
        return self.own is None or owner in self.own

    def below(self, read: Callable[[Frame], Vector]) -> Vector:
        """What the frame below has for these rows."""
        assert self.base is not None
        found = read(self.base)
        return found if self.index is None else take(found, self.index)

    def pending(self, column: str) -> bool:
        """Whether a column is being computed at this moment."""
        return self.memo.get(column) is _PENDING
