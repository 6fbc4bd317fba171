"""Runs: children of one parent made one after the other, each given the child before it.

A step makes the k-th child of every parent at once, so that the work is vectorised over parents::

    rows asked for     ..  p1.2  p1.3 | p2.0  p2.1 | p3.0
    rows made     p1.0 p1.1 p1.2 p1.3 | p2.0  p2.1 | p3.0        from the beginning of each run
    step 0        p1.0                  p2.0         p3.0
    step 1             p1.1                   p2.1
    ...

A run begins anew every :data:`~understudy.model.expression.RUN` children: no row costs more steps than that, whatever a
parent has. What a row is given of the row before is as that row was drawn at first: repairs change no other row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import forms
from understudy.kernels.program import Program, literal
from understudy.kernels.vector import Index, Vector, mask, spread
from understudy.model import expression as e
from understudy.model.link import Owned
from understudy.model.plan import Run

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame
    from understudy.kernels.links import Tie

Known = tuple[NDArray[np.int64], NDArray[np.bool_]]
"""Numbers, and where they are not null."""


class Made:
    """The columns of a run, of the rows asked for and all before them. ``place``: where a frame's rows are among
    them; ``depth``: how many rows of its run come before each."""

    __slots__ = ("depth", "place", "values")

    def __init__(self, place: Index, depth: Index, values: dict[str, Known]) -> None:
        self.place, self.depth, self.values = place, depth, values

    def of(self, name: str, place: Index) -> Vector:
        """A column at some of the rows."""
        data, known = self.values[name]
        there = known.take(place)
        return Vector(data.take(place), None if there.all() else there)

    def before(self, name: str, place: Index) -> Vector:
        """A column of the rows before."""
        data, known = self.values[name]
        some = self.depth.take(place) > 0
        at = np.where(some, place - 1, 0)
        there = known.take(at) & some
        return Vector(data.take(at), None if there.all() else there)


def previous(scope: Scope, node: e.Previous) -> Program:
    """A column of the sibling before."""
    tie = scope.table.tie(node.link)
    if not tie.total:
        return literal(None)
    if not isinstance(tie.mode, Owned):
        raise InternalError(f"the sibling before is asked of a link that is {tie.mode_name}", where=tie.where)
    run = scope.table.run_of(node.column)
    if run is None or run.link != node.link:
        raise InternalError(f"column {node.column} is not made sibling after sibling", where=tie.where)
    column = node.column

    def read(frame: Frame) -> Vector:
        if frame.kind == "step":
            assert frame.base is not None
            return made(frame.base, run).before(column, frame.places)
        if frame.kind not in ("root", "run"):
            return frame.below(read)
        found = made(frame, run)
        return found.before(column, found.place)

    return Program(forms.RAW, read)


def column(frame: Frame, run: Run, name: str) -> Vector:
    """A column of a run, of the rows of a frame."""
    found = made(frame, run)
    return found.of(name, found.place)


def made(frame: Frame, run: Run) -> Made:
    """The run up to the rows of a frame, made once."""
    key = ("run", run.link)
    if frame.kind == "run":
        return frame.memo[key]  # type: ignore[no-any-return]
    return frame.kept(key, lambda: _made(frame, run))  # type: ignore[no-any-return]


def _made(frame: Frame, run: Run) -> Made:
    table = frame.table
    tie = table.tie(run.link)
    whole, place, depth = _from_beginning(frame, tie)
    whole.kind = "run"
    values: dict[str, Known] = {
        name: (np.zeros(whole.n, np.int64), np.zeros(whole.n, np.bool_)) for name in run.columns
    }
    found = whole.memo["run", run.link] = Made(place, depth, values)
    order = np.argsort(depth, kind="stable")
    ends = np.cumsum(np.bincount(depth)) if depth.size else np.zeros(0, np.int64)
    own = frozenset((*run.columns, *run.between))
    for link in [name.removeprefix("link:") for name in run.between if name.startswith("link:")]:
        table.runtime.whole(table.tie(link).parent, whole.n)  # made once, not by each step for its few rows
    first = 0
    for end in ends.tolist():
        rows = order[first:end]
        step = whole.step(rows, own)
        for name in run.columns:
            v = step.column(name)
            data, known = values[name]
            data[rows] = spread(v.data, step.n)
            there = mask(v.valid, step.n)
            known[rows] = True if there is None else there
        first = end
    return found


def _from_beginning(frame: Frame, tie: Tie) -> tuple[Frame, Index, Index]:
    """All rows from the beginning of each run to the last that is asked for; where the frame's rows are among them;
    and how many of its run come before each."""
    ordinal = tie.layout(frame)[1]
    assert ordinal is not None
    depth = ordinal % e.RUN
    if frame.start is not None or not frame.n:
        ahead = int(depth[0]) if frame.n else 0
        start = (frame.start or 0) - ahead
        rows: Any = range(start, start + ahead + frame.n)
        depths = np.concatenate([np.arange(ahead, dtype=np.int64), depth])
        return frame.table.frame(rows), np.arange(ahead, ahead + frame.n), depths
    first = frame.rows - depth
    begins, group = np.unique(first, return_inverse=True)
    length = np.zeros(begins.size, np.int64)
    np.maximum.at(length, group, depth + 1)
    offsets = np.cumsum(length) - length
    depths = np.arange(int(length.sum()), dtype=np.int64) - np.repeat(offsets, length)
    return frame.table.frame(np.repeat(begins, length) + depths), offsets[group] + depth, depths
