"""Choosing between values, nulls, lists and records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import forms
from understudy.kernels.casts import convert, nothing, side_by_side
from understudy.kernels.forms import WHOLE, WORDS, Form, Sort
from understudy.kernels.program import Program
from understudy.kernels.vector import Index, Lists, Structs, Vector, both, mask, put_together, select, spread, truth
from understudy.kernels.words import Pool, Words, merged
from understudy.model import expression as e

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

LIGHT = (e.Const, e.Column, e.Row, e.Slot, e.Lookup)
"""Branches that cost less to take everywhere than to evaluate for their rows only."""


def condition(scope: Scope, node: e.Node) -> Program:
    """A predicate's program."""
    made = scope.compile(node)
    if made.form.sort not in (Sort.BOOL, Sort.NULL):
        made = convert(made, forms.BOOL)
    return made if made.form.sort is Sort.BOOL else nothing(forms.BOOL)


def case(scope: Scope, node: e.Case) -> Program:
    """The first branch that holds."""
    conditions = [condition(scope, b.condition) for b in node.branches]
    nodes = [*(b.value for b in node.branches), node.otherwise]
    form, values = side_by_side([scope.compile(v) for v in nodes])
    if form.sort in WORDS and all(v.pool is not None for v in values):
        return _pooled(form, conditions, values, all(isinstance(v, LIGHT) for v in nodes))
    if form.sort not in (*WORDS, Sort.LIST, Sort.STRUCT) and all(isinstance(v, LIGHT) for v in nodes):
        return Program(form, lambda frame: _everywhere(frame, conditions, values))
    return Program(form, lambda frame: _branchwise(frame, conditions, values))


def _masks(frame: Frame, conditions: Sequence[Program]) -> list[NDArray[np.bool_]]:
    """Which rows take which branch; disjoint."""
    left: Any = None
    found = []
    for program in conditions:
        mine = truth(program.run(frame), frame.n)
        found.append(mine if left is None else mine & left)
        left = ~mine if left is None else left & ~mine
    return found


def _everywhere(frame: Frame, conditions: Sequence[Program], values: Sequence[Program]) -> Vector:
    masks = [truth(c.run(frame), frame.n) for c in conditions]
    vectors = [v.run(frame) for v in values]
    return select(frame.n, list(zip(masks, vectors[:-1], strict=True)), vectors[-1])


def _branchwise(frame: Frame, conditions: Sequence[Program], values: Sequence[Program]) -> Vector:
    masks = _masks(frame, conditions)
    taken = np.zeros(frame.n, np.bool_)
    parts: list[tuple[Index, Vector]] = []
    for mine, program in zip(masks, values, strict=False):
        taken |= mine
        if mine.any():
            parts.append(_part(frame, np.flatnonzero(mine), program))
    if not taken.all() or not frame.n:
        parts.append(_part(frame, np.flatnonzero(~taken), values[-1]))
    return put_together(frame.n, parts)


def _part(frame: Frame, index: Index, program: Program) -> tuple[Index, Vector]:
    if index.size == frame.n:
        return index, program.run(frame)
    return index, program.run(frame.part(index))


def _pooled(form: Form, conditions: Sequence[Program], values: Sequence[Program], light: bool) -> Program:
    """Texts of pools: only codes are chosen, over one pool of all members."""
    pools: list[Pool] = []
    for v in values:
        assert v.pool is not None
        if not any(v.pool is p for p in pools):
            pools.append(v.pool)
    pool, starts = (pools[0], [0]) if len(pools) == 1 else merged(pools)

    def shifted(program: Program) -> Any:
        def run(frame: Frame) -> Vector:
            v = program.run(frame)
            at = next((i for i, p in enumerate(pools) if p is v.data.pool), None)
            if at is None:
                raise InternalError("a text left its pool", where=frame.table.name)
            codes = np.arange(frame.n) if v.data.codes is None else np.asarray(v.data.codes)
            return Vector(codes + starts[at] if starts[at] else codes, v.valid)

        return Program(forms.RAW, run)

    moved = [shifted(v) for v in values]
    choose = _everywhere if light else _branchwise

    def run(frame: Frame) -> Vector:
        v = choose(frame, conditions, moved)
        return Vector(Words(pool, spread(v.data, frame.n)), v.valid)

    return Program(form, run, pool=pool)


def nulls(scope: Scope, node: e.Nulls) -> Program:
    """Null where a condition holds."""
    value, where = scope.compile(node.value), condition(scope, node.where)

    def run(frame: Frame) -> Vector:
        v = value.run(frame)
        gone = truth(where.run(frame), frame.n)
        return v if not gone.any() else Vector(v.data, both(mask(v.valid, frame.n), ~gone))

    raw = value.is_constant and value.form.sort is Sort.INT
    return Program(forms.RAW if raw else value.form, run, pool=value.pool)


def listing(scope: Scope, node: e.Listing) -> Program:
    """A list per row."""
    element, length = scope.compile(node.element), scope.compile(node.length)
    if length.form.sort not in WHOLE:
        raise InternalError(f"a list cannot be {length.form.sort.value} long", where=scope.table.name)

    def run(frame: Frame) -> Vector:
        v = length.run(frame)
        known = mask(v.valid, frame.n)
        counts = np.maximum(spread(v.data, frame.n), 0)
        if known is not None:
            counts = np.where(known, counts, 0)
        offsets = np.zeros(frame.n + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        return Vector(Lists(offsets, element.run(frame.elements(counts))), known)

    return Program(Form(Sort.LIST, element=element.form), run)


def record(scope: Scope, node: e.Record) -> Program:
    """A struct per row."""
    members = [scope.compile(value) for _, value in node.fields]
    form = Form(Sort.STRUCT, fields=tuple((name, m.form) for (name, _), m in zip(node.fields, members, strict=True)))
    return Program(form, lambda frame: Vector(Structs(tuple(m.run(frame) for m in members), frame.n)))
