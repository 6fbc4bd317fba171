"""Arithmetic on numbers, dates and intervals. Decimals stay whole numbers of their scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from understudy.errors import InternalError
from understudy.kernels import calendar, forms, whole
from understudy.kernels.casts import convert, half_away, nothing, side_by_side
from understudy.kernels.forms import NUMBERS, TEMPORAL, WHOLE, Form, Sort
from understudy.kernels.program import Program, expect, lift
from understudy.kernels.vector import Vector, both, mask, spread

if TYPE_CHECKING:
    from understudy.kernels.calls import Function
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

QUOTIENT_DIGITS = 6
"""Digits that a decimal quotient has beyond those of its operands; 9·10**12 units stay within 64 bits."""

MOMENTS = frozenset({Sort.DATE, Sort.TIMESTAMP})


def numeric(p: Program) -> Program:
    """An argument of arithmetic: text is read as a number, a truth counts 0 or 1."""
    if p.form.sort is Sort.TEXT:
        return convert(p, forms.FLOAT)
    return convert(p, forms.INT) if p.form.sort is Sort.BOOL else p


def plus(_scope: Scope, args: list[Program]) -> Program:
    """Sum of numbers; dates and times moved by numbers or intervals."""
    a, b = args
    if b.form.sort in MOMENTS | {Sort.TIME} and a.form.sort not in MOMENTS:
        a, b = b, a
    if a.form.sort in TEMPORAL:
        return _moved(a, b, whole.add)
    if b.form.sort is Sort.INTERVAL:
        return _moved(b, a, whole.add)
    return _summed(a, b, whole.add, np.add)


def minus(_scope: Scope, args: list[Program]) -> Program:
    """Difference; with one argument, negation."""
    if len(args) == 1:
        a = numeric(args[0])
        return lift(a.form, [a], lambda d: -d if a.form.sort is Sort.FLOAT else whole.subtract(np.int64(0), d))
    a, b = args
    if a.form.sort is Sort.TEXT and b.form.sort in TEMPORAL:
        a = convert(a, b.form)
    if b.form.sort is Sort.TEXT and a.form.sort in TEMPORAL:
        b = convert(b, a.form)
    match a.form.sort, b.form.sort:
        case Sort.DATE, Sort.DATE:
            return lift(forms.INT, [a, b], whole.subtract)
        case (Sort.DATE | Sort.TIMESTAMP, Sort.DATE | Sort.TIMESTAMP):
            return lift(forms.INTERVAL, [convert(a, forms.TIMESTAMP), convert(b, forms.TIMESTAMP)], whole.subtract)
        case Sort.TIME, Sort.TIME:
            return lift(forms.INTERVAL, [a, b], whole.subtract)
    if a.form.sort in TEMPORAL:
        return _moved(a, b, whole.subtract)
    return _summed(a, b, whole.subtract, np.subtract)


def _moved(a: Program, b: Program, combine: Any) -> Program:
    """A date, time or interval moved by ``b``; a date moved by an interval or a time is a timestamp."""
    if b.form.sort is Sort.NULL:
        return nothing(a.form)
    if b.form.sort in (Sort.DECIMAL, Sort.FLOAT):
        b = convert(b, forms.INT)
    if b.form.sort is Sort.TEXT:
        b = convert(b, forms.INTERVAL)
    if b.form.sort not in WHOLE | {Sort.INTERVAL, Sort.TIME}:
        raise InternalError(f"{a.form.sort.value} and {b.form.sort.value} cannot be added")
    if a.form.sort is Sort.DATE and b.form.sort in (Sort.INTERVAL, Sort.TIME):
        a = convert(a, forms.TIMESTAMP)
    if a.form.sort is Sort.TIME:
        return lift(forms.TIME, [a, b], lambda x, y: combine(x, y) % calendar.DAY)
    return lift(a.form, [a, b], combine)


def _summed(a: Program, b: Program, exact: Any, floats: Any) -> Program:
    a, b = numeric(a), numeric(b)
    form, (a, b) = side_by_side([a, b])
    if form.sort is Sort.NULL:
        return nothing(forms.INT)
    if form.sort not in NUMBERS:
        raise InternalError(f"{form.sort.value} cannot be added")
    return lift(form, [a, b], floats if form.sort is Sort.FLOAT else exact)


def times(_scope: Scope, args: list[Program]) -> Program:
    """Product; the scales of decimals add up."""
    a, b = (numeric(x) for x in args)
    if Sort.NULL in (a.form.sort, b.form.sort):
        return nothing(b.form if a.form.sort is Sort.NULL else a.form)
    if Sort.INTERVAL in (a.form.sort, b.form.sort):
        span, factor = (a, b) if a.form.sort is Sort.INTERVAL else (b, a)
        if factor.form.sort in WHOLE:
            return lift(forms.INTERVAL, [span, factor], whole.multiply)
        return lift(
            forms.INTERVAL, [span, convert(factor, forms.FLOAT)], lambda x, y: half_away(x * y).astype(np.int64)
        )
    _numbers_only(a, b, "multiplied")
    if Sort.FLOAT in (a.form.sort, b.form.sort):
        return lift(forms.FLOAT, [convert(a, forms.FLOAT), convert(b, forms.FLOAT)], np.multiply)
    if Sort.DECIMAL in (a.form.sort, b.form.sort):
        return lift(forms.decimal(a.form.scale + b.form.scale), [a, b], whole.multiply)
    return lift(_whole_form(a, b), [a, b], whole.multiply)


def _whole_form(a: Program, b: Program) -> Form:
    """Raw numbers with literals stay raw."""
    raw = [p.form.sort is Sort.RAW or p.is_constant for p in (a, b)]
    return forms.RAW if all(raw) and not (a.is_constant and b.is_constant) else forms.INT


def _numbers_only(a: Program, b: Program, what: str) -> None:
    for p in (a, b):
        if p.form.sort not in NUMBERS:
            raise InternalError(f"{p.form.sort.value} cannot be {what}")


def over(_scope: Scope, args: list[Program]) -> Program:
    """Quotient; null where the divisor is 0."""
    a, b = (numeric(x) for x in args)
    if Sort.NULL in (a.form.sort, b.form.sort):
        return nothing(b.form if a.form.sort is Sort.NULL else a.form)
    if a.form.sort is Sort.INTERVAL and b.form.sort is not Sort.INTERVAL:
        factor = b if b.form.sort in WHOLE else convert(b, forms.FLOAT)
        if factor.form.sort is Sort.FLOAT:
            return _divided(forms.INTERVAL, a, factor, lambda x, y: half_away(x / y).astype(np.int64))
        return _divided(forms.INTERVAL, a, factor, whole.truncated)
    if a.form.sort is Sort.INTERVAL:
        return _divided(forms.FLOAT, a, b, lambda x, y: x / y)
    _numbers_only(a, b, "divided")
    sorts = {a.form.sort, b.form.sort}
    if Sort.FLOAT in sorts or (sorts == {Sort.RAW, Sort.DECIMAL} and (a.is_constant or b.is_constant)):
        return _divided(forms.FLOAT, convert(a, forms.FLOAT), convert(b, forms.FLOAT), np.divide)
    if Sort.DECIMAL not in sorts:
        return _divided(_whole_form(a, b), a, b, whole.truncated)
    scale = max(a.form.scale, b.form.scale) + QUOTIENT_DIGITS
    digits = scale - a.form.scale + b.form.scale
    return _divided(forms.decimal(scale), a, b, lambda x, y: whole.divided(whole.grown(x, digits), y))


def _divided(form: Form, a: Program, b: Program, divide: Any) -> Program:
    """``divide`` where the divisor is not 0."""
    if b.is_constant and b.value:
        return lift(form, [a, b], divide)

    def run(frame: Frame) -> Vector:
        v, w = a.run(frame), b.run(frame)
        zero = w.data == 0
        if not np.any(zero):
            return Vector(divide(v.data, w.data), both(v.valid, w.valid))
        by = np.where(zero, np.ones((), np.asarray(w.data).dtype), w.data)
        return Vector(divide(v.data, by), both(both(v.valid, w.valid), ~zero))

    return Program(form, run)


def modulo(_scope: Scope, args: list[Program]) -> Program:
    """Remainder with the dividend's sign; null where the divisor is 0."""
    a, b = (numeric(x) for x in args)
    if Sort.NULL in (a.form.sort, b.form.sort):
        return nothing(b.form if a.form.sort is Sort.NULL else a.form)
    if {a.form.sort, b.form.sort} <= WHOLE:
        return _divided(_whole_form(a, b), a, b, whole.remainder)
    form, (a, b) = side_by_side([a, b])
    _numbers_only(a, b, "divided")
    return _divided(form, a, b, np.fmod if form.sort is Sort.FLOAT else whole.remainder)


def power(_scope: Scope, args: list[Program]) -> Program:
    """base ** exponent as a float; null where that is no real number."""
    a, b = (convert(numeric(x), forms.FLOAT) for x in args)

    def run(frame: Frame) -> Vector:
        v, w = a.run(frame), b.run(frame)
        with np.errstate(all="ignore"):
            found = np.power(v.data, w.data)
        finite = np.isfinite(found)
        return Vector(found, both(both(v.valid, w.valid), None if np.all(finite) else finite))

    return Program(forms.FLOAT, run)


def _real(function: Callable[[Any], Any]) -> Callable[[Scope, list[Program]], Program]:
    """A function of one float; null where it is no real number."""

    def made(_scope: Scope, args: list[Program]) -> Program:
        inner = convert(numeric(args[0]), forms.FLOAT)

        def run(frame: Frame) -> Vector:
            v = inner.run(frame)
            with np.errstate(all="ignore"):
                found = function(v.data)
            finite = np.isfinite(found)
            return Vector(found, both(v.valid, None if np.all(finite) else finite))

        return Program(forms.FLOAT, run)

    return made


def absolute(_scope: Scope, args: list[Program]) -> Program:
    """The absolute value."""
    a = numeric(args[0])
    return lift(a.form, [a], abs)


def sign(_scope: Scope, args: list[Program]) -> Program:
    """-1, 0 or 1."""
    return lift(
        forms.INT,
        [numeric(args[0])],
        lambda d: np.asarray(d > 0).astype(np.int64) - np.asarray(d < 0).astype(np.int64),
    )


def units(_scope: Scope, args: list[Program]) -> Program:
    """The whole numbers behind decimals, dates and times, of no unit yet."""
    expect(args[0], WHOLE | TEMPORAL | {Sort.DECIMAL}, "units")
    return Program(forms.RAW, args[0].run)


def _to_whole(name: str) -> Function:
    """floor, ceil: whole numbers of the same kind, decimals of scale 0."""

    def bind(_scope: Scope, args: list[Program]) -> Program:
        a = numeric(args[0])
        scale = a.form.scale
        match a.form.sort:
            case Sort.FLOAT:
                return lift(forms.FLOAT, [a], np.floor if name == "floor" else np.ceil)
            case Sort.DECIMAL if name == "floor":
                return lift(forms.decimal(0), [a], lambda d: whole.floored(d, scale))
            case Sort.DECIMAL:
                return lift(forms.decimal(0), [a], lambda d: -whole.floored(-d, scale))
        return a

    return bind


def _to_digits(nearest: bool) -> Function:
    """round and trunc to a number of digits (0 by default, negative before the point)."""

    def bind(_scope: Scope, args: list[Program]) -> Program:
        a = numeric(args[0])
        digits = args[1].value if len(args) > 1 and args[1].is_constant else 0 if len(args) == 1 else None
        if digits is None or (a.form.sort is Sort.NULL):
            return nothing(a.form) if a.form.sort is Sort.NULL or args[1].is_constant else _by_row(a, args[1], nearest)
        places = int(digits)
        if a.form.sort is Sort.FLOAT:
            return lift(forms.FLOAT, [a], lambda d: _float_digits(d, places, nearest))
        scale = a.form.scale
        if places >= scale:
            return a
        cut = whole.rounded if nearest else (lambda d, k: whole.truncated(d, whole.whole_power(k)))
        if places >= 0:
            return lift(forms.decimal(places), [a], lambda d: cut(d, scale - places))
        form = forms.decimal(0) if a.form.sort is Sort.DECIMAL else a.form
        return lift(form, [a], lambda d: whole.grown(cut(d, scale - places), -places))

    return bind


def _by_row(a: Program, digits: Program, nearest: bool) -> Program:
    """Another number of digits in every row; the scale stays."""
    scale = a.form.scale

    def run(frame: Frame) -> Vector:
        v, w = a.run(frame), digits.run(frame)
        data, places = spread(v.data, frame.n), spread(w.data, frame.n)
        out: Any = data.copy()
        for k in np.unique(places).tolist():
            rows = places == k
            if a.form.sort is Sort.FLOAT:
                out[rows] = _float_digits(data[rows], k, nearest)
            elif k < scale:
                by = scale - k
                part = whole.rounded(data[rows], by) if nearest else whole.truncated(data[rows], whole.whole_power(by))
                out[rows] = whole.grown(part, by)
        return Vector(out, mask(both(v.valid, w.valid), frame.n))

    return Program(a.form, run)


def _float_digits(d: Any, places: int, nearest: bool) -> Any:
    cut = half_away if nearest else np.trunc
    return cut(d * 10.0**places) / 10.0**places if places >= 0 else cut(d / 10.0**-places) * 10.0**-places


def _bitwise(ufunc: Any) -> Function:
    def bind(_scope: Scope, args: list[Program]) -> Program:
        a, b = (convert(numeric(x), forms.INT) for x in args)
        return lift(forms.INT, [a, b], ufunc)

    return bind


def shift_left(_scope: Scope, args: list[Program]) -> Program:
    """x << n within 64 bits; 0 from 64 on."""
    a, b = (convert(numeric(x), forms.INT) for x in args)
    return lift(forms.INT, [a, b], lambda x, n: np.where((n < 64) & (n >= 0), np.left_shift(x, np.clip(n, 0, 63)), 0))


def shift_right(_scope: Scope, args: list[Program]) -> Program:
    """x >> n, the sign not copied; 0 from 64 on."""
    a, b = (convert(numeric(x), forms.INT) for x in args)

    def shifted(x: Any, n: Any) -> Any:
        moved = np.right_shift(np.asarray(x, np.int64).astype(np.uint64), np.clip(n, 0, 63).astype(np.uint64)).astype(
            np.int64
        )
        return np.where((n < 64) & (n >= 0), moved, 0)

    return lift(forms.INT, [a, b], shifted)


FUNCTIONS: dict[str, Function] = {
    "+": plus,
    "-": minus,
    "*": times,
    "/": over,
    "%": modulo,
    "power": power,
    "ln": _real(np.log),
    "exp": _real(np.exp),
    "abs": absolute,
    "sign": sign,
    "round": _to_digits(True),
    "trunc": _to_digits(False),
    "floor": _to_whole("floor"),
    "ceil": _to_whole("ceil"),
    "bit_and": _bitwise(np.bitwise_and),
    "bit_or": _bitwise(np.bitwise_or),
    "bit_xor": _bitwise(np.bitwise_xor),
    "shift_left": shift_left,
    "shift_right": shift_right,
    "units": units,
}
