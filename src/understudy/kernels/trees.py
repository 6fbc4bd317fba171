"""Decision trees and the values in their leaves: what was learned from rows, evaluated in whole numbers.

A forest is a table of nodes, its trees one behind the other::

    feature    int16   the input that decides; -1 in a leaf
    threshold  int64   at most that: to ``child``, else to ``child + 1``
    child      int32   in a leaf: its number
    root       bool    a tree begins here

Whole numbers throughout, so that a row falls into the same leaf on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import forms, native
from understudy.kernels.forms import TEMPORAL, WHOLE, Sort
from understudy.kernels.program import Program, expect
from understudy.kernels.vector import Vector, mask, spread
from understudy.model import expression as e
from understudy.rng import streams

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

NULL = -(1 << 63)
"""What null counts as beside whole numbers, and what stands for it in a leaf's values."""

NUMBERS = WHOLE | TEMPORAL | {Sort.DECIMAL}
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_HALF = np.uint64(1 << 31)


class Forest(NamedTuple):
    """Nodes as arrays; leaves lead to themselves, so that every row takes ``depth`` steps."""

    feature: NDArray[np.int64]
    threshold: NDArray[np.int64]
    child: NDArray[np.int64]
    leaf: NDArray[np.int64]
    roots: NDArray[np.int64]
    depth: int


def leaf(scope: Scope, node: e.Leaf) -> Program:
    """The leaf of a row."""
    inputs = [scope.compile(i) for i in node.inputs]
    for program in inputs:
        expect(program, NUMBERS, "a decision tree")
    forest = scope.runtime.kept(("forest", node.trees), lambda: _forest(scope.runtime.artefact(node.trees, pa.Table)))
    bits = scope.bits(node, node.use) if forest.roots.size > 1 else None
    if forest.feature.size and int(forest.feature.max()) >= max(len(inputs), 1):
        raise InternalError(f"forest {node.trees} asks for more than {len(inputs)} inputs", where=scope.table.name)

    def run(frame: Frame) -> Vector:
        at = np.full(frame.n, forest.roots[0])
        if bits is not None:
            at = forest.roots.take(streams.below(bits(frame), int(forest.roots.size)))
        if forest.depth:
            matrix = np.concatenate([filled(p.run(frame), frame.n) for p in inputs])
            at = _descend(forest, matrix, at)
        return Vector(forest.leaf.take(at))

    return Program(forms.RAW, run)


def _descend(forest: Forest, matrix: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = np.arange(at.size)
    for _ in range(forest.depth):
        place = forest.feature.take(at)
        place *= at.size
        place += rows
        right = matrix.take(place) > forest.threshold.take(at)
        at = forest.child.take(at)
        at += right
    return at


def filled(v: Vector, n: int) -> NDArray[np.int64]:
    """Numbers of ``n`` rows, with what stands for null."""
    data, known = spread(v.data, n), mask(v.valid, n)
    return data if known is None else np.where(known, data, NULL)


def _forest(table: pa.Table) -> Forest:
    def column(name: str) -> Any:
        return table.column(name).combine_chunks().to_numpy(zero_copy_only=False)

    feature, child = column("feature").astype(np.int64), column("child").astype(np.int64)
    ends = feature < 0
    itself = np.arange(feature.size)
    roots = np.flatnonzero(column("root"))
    if not roots.size:
        raise InternalError("a forest without a tree")
    steps = np.where(ends, itself, child)
    threshold = np.where(ends, np.iinfo(np.int64).max, column("threshold").astype(np.int64))
    return Forest(np.maximum(feature, 0), threshold, steps, np.where(ends, child, 0), roots, _depth(steps, ends, roots))


def _depth(steps: NDArray[np.int64], ends: NDArray[np.bool_], roots: NDArray[np.int64]) -> int:
    depth, level = 0, roots
    while (level := level[~ends[level]]).size:
        level = np.concatenate([steps[level], steps[level] + 1])
        depth += 1
        if depth > steps.size:
            raise InternalError("a forest whose trees do not end")
    return depth


# ---- values in leaves --------------------------------------------------------------------------
def drawn(scope: Scope, node: e.Drawn) -> Program:
    """A value of a list."""
    row = scope.compile(node.row)
    bits = scope.bits(node, node.use)
    lists = scope.runtime.artefact(node.lists, pa.ListArray)
    offsets = native.data_of(lists.offsets, np.int32).astype(np.int64)
    if pa.types.is_struct(lists.values.type):
        values, keys = _weighted(lists.values, offsets)
        choose = _by_weight(keys, offsets)
    else:
        values = native.data_of(native.cast(lists.values, pa.int64()), np.int64)
        choose = _alike(values, offsets, node)

    def run(frame: Frame) -> Vector:
        at = row.run(frame)
        known = mask(at.valid, frame.n)
        place = spread(at.data, frame.n)
        place = place if known is None else np.where(known, place, 0)
        found = choose(bits(frame), place, values)
        given = found != NULL
        given = given if known is None else given & known
        return Vector(found, None if given.all() else given)

    return Program(forms.RAW, run)


def _alike(values: NDArray[np.int64], offsets: NDArray[np.int64], node: e.Drawn) -> Any:
    """Each value of a list as likely as the others; moved up to half way to others near it where that is wanted, so
    that the values keep their mean and none leaves the list's bounds: to those as many places away as the root of the
    list's length (a density told from so many values is uncertain by that much), on the side where they are nearer;
    fewer places towards its ends."""
    starts, counts = offsets[:-1], np.diff(offsets).astype(np.uint64)
    reaches = np.maximum(np.sqrt(counts), 1).astype(np.int64)

    def choose(z: NDArray[np.uint64], row: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
        size = counts.take(row)
        share = (z >> _32) * size
        inside = (share >> _32).view(np.int64)
        place = starts.take(row) + inside
        found = values.take(place)
        if not node.between:
            return found
        beyond = size.view(np.int64) - 1 - inside
        reach = np.minimum(np.maximum(np.minimum(inside, beyond) >> 2, 1), reaches.take(row))
        ahead = (share & _LOW) >= _HALF
        gap = _room(values, place, found, ahead, np.minimum(reach, inside), np.minimum(reach, beyond))
        step = _part(gap, np.where(ahead, share & _LOW, ~share & _LOW) - _HALF)
        return _in_units(found + np.where(ahead, step, -step), found, gap > 0, node)

    return choose


def _room(
    values: NDArray[np.int64],
    place: NDArray[np.int64],
    found: NDArray[np.int64],
    ahead: NDArray[np.bool_],
    back: NDArray[np.int64],
    forth: NDArray[np.int64],
) -> NDArray[np.int64]:
    """How far the nearer of two values is, so many places before and behind; 0 on the way out of a list's end, where
    there is but one."""
    below, above = values.take(place - back), values.take(place + forth)
    there = (below != NULL) & (back > 0)
    down = np.where(there, found - np.where(there, below, found), 0)
    up = above - np.where(found == NULL, above, found)
    one = np.where(there, np.where(ahead, 0, down), np.where(ahead, up, 0))
    return np.where(found == NULL, 0, np.where(there & (forth > 0), np.minimum(up, down), one))


def _part(gap: NDArray[np.int64], share: NDArray[np.uint64]) -> NDArray[np.int64]:
    """``gap * share / 2**32``, for gaps from 0 to below 2**63 and shares below 2**32."""
    wide = gap.view(np.uint64)
    return ((wide >> _32) * share + ((wide & _LOW) * share >> _32)).view(np.int64)


def _in_units(
    moved: NDArray[np.int64], found: NDArray[np.int64], apart: NDArray[np.bool_], node: e.Drawn
) -> NDArray[np.int64]:
    """The nearest multiple of the unit, or of the habit that the value found keeps; what was not moved stays."""
    if node.unit == 1 and not node.habits:
        return moved
    unit: Any = node.unit
    for habit in node.habits:
        unit = np.where(found % habit == 0, habit, unit)
    return np.where(apart, (moved + unit // 2) // unit * unit, found)


def _weighted(structs: pa.StructArray, offsets: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Values, and cumulative weights made to rise over all lists: list k's lie in (k * 2**32, (k + 1) * 2**32]."""
    values = native.data_of(native.cast(structs.field("value"), pa.int64()), np.int64)
    upto = native.data_of(native.cast(structs.field("upto"), pa.int64()), np.int64)
    lists = np.repeat(np.arange(offsets.size - 1, dtype=np.int64), np.diff(offsets))
    return values, ((lists << 32) + upto).view(np.uint64)


def _by_weight(keys: NDArray[np.uint64], offsets: NDArray[np.int64]) -> Any:
    def choose(z: NDArray[np.uint64], row: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
        wanted = (row.view(np.uint64) << _32) | (z >> _32)
        return values.take(np.searchsorted(keys, wanted, side="right"))

    return choose
