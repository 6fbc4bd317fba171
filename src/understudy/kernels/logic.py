"""Comparison, three-valued logic and nulls: the functions that speak of null itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from understudy.kernels import forms, native
from understudy.kernels.casts import convert, nothing, side_by_side
from understudy.kernels.comparison import compare, distinct, extreme
from understudy.kernels.forms import WORDS, Sort
from understudy.kernels.program import Program
from understudy.kernels.vector import Vector, both, mask, put_together, spread, take, truth
from understudy.kernels.words import Words, strings

if TYPE_CHECKING:
    from understudy.kernels.calls import Function
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

FEW = 8
"""Members up to which a set is compared one by one; beyond, NumPy sorts."""


def boolean(p: Program) -> Program:
    """An argument as a truth value."""
    if p.form.sort is Sort.BOOL:
        return p
    return nothing(forms.BOOL) if p.form.sort is Sort.NULL else convert(p, forms.BOOL)


def comparison(sign: str) -> Function:
    """One of the six comparisons."""

    def bind(_scope: Scope, args: list[Program]) -> Program:
        _, (a, b) = side_by_side(args)
        left, right = a.run, b.run
        return Program(forms.BOOL, lambda frame: compare(sign, left(frame), right(frame), frame.n))

    return bind


def conjunction(_scope: Scope, args: list[Program]) -> Program:
    """False if any is false, else null if any is null, else true."""
    parts = [boolean(a).run for a in args]
    return Program(forms.BOOL, lambda frame: _reduced(frame, parts, all_of=True))


def disjunction(_scope: Scope, args: list[Program]) -> Program:
    """True if any is true, else null if any is null, else false."""
    parts = [boolean(a).run for a in args]
    return Program(forms.BOOL, lambda frame: _reduced(frame, parts, all_of=False))


def _reduced(frame: Frame, parts: Sequence[Any], *, all_of: bool) -> Vector:
    """``decided``: rows where one argument settles it (false for and, true for or)."""
    decided: Any = None
    known: Any = None
    for part in parts:
        v = part(frame)
        settles = ~v.data if all_of else v.data
        if v.valid is not None:
            settles = settles & v.valid
        decided = settles if decided is None else decided | settles
        known = both(known, v.valid)
    if decided is None:
        return Vector(np.bool_(all_of))
    return Vector(~decided if all_of else decided, None if known is None else known | decided)


def negation(_scope: Scope, args: list[Program]) -> Program:
    """Three-valued not."""
    inner = boolean(args[0]).run

    def run(frame: Frame) -> Vector:
        v = inner(frame)
        return Vector(~v.data, v.valid)

    return Program(forms.BOOL, run)


def is_null(_scope: Scope, args: list[Program]) -> Program:
    """True where null."""
    inner = args[0].run

    def run(frame: Frame) -> Vector:
        known = mask(inner(frame).valid, frame.n)
        return Vector(np.bool_(False) if known is None else ~known)

    return Program(forms.BOOL, run)


def is_true(_scope: Scope, args: list[Program]) -> Program:
    """True where true."""
    inner = boolean(args[0]).run
    return Program(forms.BOOL, lambda frame: Vector(truth(inner(frame), frame.n)))


def is_false(_scope: Scope, args: list[Program]) -> Program:
    """True where false."""
    inner = boolean(args[0]).run

    def run(frame: Frame) -> Vector:
        v = inner(frame)
        return Vector(truth(Vector(~v.data, v.valid), frame.n))

    return Program(forms.BOOL, run)


def is_distinct(_scope: Scope, args: list[Program]) -> Program:
    """Different, null being a value."""
    form, (a, b) = side_by_side(args)
    if form.sort is Sort.NULL:
        return Program(forms.BOOL, lambda _: Vector(np.bool_(False)))
    return Program(forms.BOOL, lambda frame: Vector(distinct(a.run(frame), b.run(frame), frame.n)))


def membership(_scope: Scope, args: list[Program]) -> Program:
    """Equal to one of the others; null where that cannot be said."""
    if len(args) == 1:
        return Program(forms.BOOL, lambda _: Vector(np.bool_(False)))
    form, converted = side_by_side(args)
    first, others = converted[0], converted[1:]
    has_null = any(p.is_constant and p.value is None for p in args[1:])
    others = [p for p in others if not (p.is_constant and p.value is None)]
    if all(p.is_constant for p in others) and others:
        members = [p.run(None).data for p in others]
        if form.sort in WORDS:
            return _constant_set(first, _text_set(members), has_null)
        if len(members) > FEW and form.sort not in (Sort.LIST, Sort.STRUCT):
            return _constant_set(first, _number_set(members), has_null)

    def run(frame: Frame) -> Vector:
        v = first.run(frame)
        found: Any = np.bool_(False)
        known: Any = v.valid
        for p in others:
            equal = compare("=", v, p.run(frame), frame.n)
            found = found | (equal.data if equal.valid is None else equal.data & equal.valid)
            known = both(known, equal.valid)
        return _answer(found, known, v.valid, has_null)

    return Program(forms.BOOL, run)


def _answer(found: Any, known: Any, first: Any, has_null: bool) -> Vector:
    if has_null:
        return Vector(found, both(found, first))
    return Vector(found, known if known is None else known | both(found, first))


def _constant_set(first: Program, inside: Any, has_null: bool) -> Program:
    def run(frame: Frame) -> Vector:
        v = first.run(frame)
        return _answer(inside(v.data, frame.n), v.valid, v.valid, has_null)

    return Program(forms.BOOL, run)


def _text_set(members: Sequence[Words]) -> Any:
    binary = members[0].pool.array.type == pa.binary()
    values = strings([m.pool.array[0].as_py() for m in members], binary=binary)
    name = ("in", *(values.to_pylist()))

    def measure(array: pa.Array) -> Any:
        return native.booleans(native.call("is_in", array, options="SetLookupOptions", value_set=values))

    return lambda words, n: words.measured(name, measure, n)


def _number_set(members: Sequence[Any]) -> Any:
    values = np.array(members)
    return lambda data, n: np.isin(spread(data, n), values)


def coalesce(_scope: Scope, args: list[Program]) -> Program:
    """The first that is not null."""
    form, programs = side_by_side(args)

    def run(frame: Frame) -> Vector:
        result = programs[0].run(frame)
        for p in programs[1:]:
            known = mask(result.valid, frame.n)
            if known is None:
                return result
            rest, some = np.flatnonzero(~known), np.flatnonzero(known)
            result = put_together(frame.n, [(some, take(result, some)), (rest, take(p.run(frame), rest))])
        return result

    return Program(form, run, pool=_one_pool(programs))


def _one_pool(programs: Sequence[Program]) -> Any:
    pool = programs[0].pool
    return pool if pool is not None and all(p.pool is pool for p in programs) else None


def nullif(_scope: Scope, args: list[Program]) -> Program:
    """Null where both are equal, else the first."""
    _, (a, b) = side_by_side(args)
    first = args[0]

    def run(frame: Frame) -> Vector:
        v = first.run(frame)
        equal = truth(compare("=", a.run(frame), b.run(frame), frame.n), frame.n)
        return Vector(v.data, both(v.valid, ~equal))

    return Program(first.form, run, pool=first.pool)


def nulls_among(wanted: bool) -> Function:
    """How many arguments are null (or are not)."""

    def bind(_scope: Scope, args: list[Program]) -> Program:
        def run(frame: Frame) -> Vector:
            known = np.zeros(frame.n, np.int64)
            for a in args:
                valid = mask(a.run(frame).valid, frame.n)
                known += 1 if valid is None else valid
            return Vector(len(args) - known if wanted else known)

        return Program(forms.INT, run)

    return bind


def best(greatest: bool) -> Function:
    """The greatest or least argument that is not null."""

    def bind(_scope: Scope, args: list[Program]) -> Program:
        form, programs = side_by_side(args)
        return Program(form, lambda frame: extreme(greatest, [p.run(frame) for p in programs], frame.n))

    return bind


FUNCTIONS: dict[str, Function] = {
    **{sign: comparison(sign) for sign in ("=", "<>", "<", "<=", ">", ">=")},
    "and": conjunction,
    "or": disjunction,
    "not": negation,
    "is_null": is_null,
    "is_true": is_true,
    "is_false": is_false,
    "is_distinct": is_distinct,
    "in": membership,
    "coalesce": coalesce,
    "nullif": nullif,
    "num_nulls": nulls_among(True),
    "num_nonnulls": nulls_among(False),
    "greatest": best(True),
    "least": best(False),
}
