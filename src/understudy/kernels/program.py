"""Programs: expressions bound to a plan, ready to be run on frames of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from understudy.errors import InternalError
from understudy.kernels import forms
from understudy.kernels.forms import Form, Sort
from understudy.kernels.vector import Evaluate, Vector, both, null
from understudy.kernels.words import Pool, constant

_NO = object()

MOST_DIGITS = 18
"""Digits after the point of a literal that fit into 64 bits beside a few whole digits; longer ones are floats."""


class Program:
    """``run`` gives a frame's values in ``form``. ``value``: of a constant. ``pool``: the plan's pool that all its
    texts come from. ``fixed``: a way to write texts of one length straight into a matrix of bytes."""

    __slots__ = ("fixed", "form", "pool", "run", "value")

    def __init__(
        self, form: Form, run: Evaluate, *, value: Any = _NO, pool: Pool | None = None, fixed: Any = None
    ) -> None:
        self.form, self.run, self.value, self.pool, self.fixed = form, run, value, pool, fixed

    @property
    def is_constant(self) -> bool:
        """Whether it is a literal."""
        return self.value is not _NO


@lru_cache(4096, typed=True)
def literal(value: Any) -> Program:
    """A constant of the language: a decimal where it is written with a point."""
    if value is None:
        nothing = null()
        return Program(forms.NULL, lambda _: nothing, value=None)
    if isinstance(value, bool):
        return of_scalar(forms.BOOL, np.bool_(value), value)
    if isinstance(value, str | bytes):
        words = constant(value)
        form = forms.TEXT if isinstance(value, str) else forms.BINARY
        vector = Vector(words)
        return Program(form, lambda _: vector, value=value, pool=words.pool)
    if isinstance(value, float):
        exact = Decimal(repr(value)) if np.isfinite(value) else None
        scale = -int(exact.as_tuple().exponent) if exact is not None else MOST_DIGITS + 1
        if exact is None or not -MOST_DIGITS <= scale <= MOST_DIGITS or abs(exact.scaleb(scale)) >= 1 << 63:
            return of_scalar(forms.FLOAT, np.float64(value), value)
        return of_scalar(forms.decimal(max(scale, 0)), scaled(exact, max(scale, 0)), value)
    return of_scalar(forms.INT, whole(value), value)


def of_scalar(form: Form, data: Any, value: Any = _NO) -> Program:
    """The same value in every row."""
    vector = Vector(data)
    return Program(form, lambda _: vector, value=value)


def whole(value: int) -> Any:
    """A whole number as NumPy's, beyond 64 bits as Python's in an object."""
    return np.int64(value) if -(1 << 63) <= value < 1 << 63 else np.array(value, object)


def scaled(value: Decimal | int, scale: int) -> Any:
    """A number in units of 10**-scale."""
    return whole(int(Decimal(value).scaleb(scale).to_integral_value("ROUND_HALF_UP")))


def lift(form: Form, args: Sequence[Program], compute: Callable[..., Any], **extra: Any) -> Program:
    """Null in, null out: ``compute`` on the arguments' data, valid where all of them are."""
    match [a.run for a in args]:
        case [one]:

            def run(frame: Any) -> Vector:
                v = one(frame)
                return Vector(compute(v.data), v.valid)
        case [one, two]:

            def run(frame: Any) -> Vector:
                v, w = one(frame), two(frame)
                return Vector(compute(v.data, w.data), both(v.valid, w.valid))
        case many:

            def run(frame: Any) -> Vector:
                vectors = [f(frame) for f in many]
                valid = None
                for v in vectors:
                    valid = both(valid, v.valid)
                return Vector(compute(*(v.data for v in vectors)), valid)

    return Program(form, run, **extra)


def expect(p: Program, sorts: frozenset[Sort], what: str) -> None:
    """InternalError unless the argument is of one of those sorts (or null)."""
    if p.form.sort not in sorts and p.form.sort is not Sort.NULL:
        raise InternalError(f"{what} cannot take {p.form.sort.value}")
