"""Three-valued evaluation of an expression on one row: for witnesses, finite sets and tests.

Values are Python's: whole numbers, ``Decimal`` or float, booleans, text, bytes, lists; dates in days, times and
timestamps in microseconds, intervals in microseconds; None is null. Semantics are those of ``model.functions``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation, localcontext
from functools import partial
from typing import Any

from understudy.errors import InternalError
from understudy.model.expression import Call, Case, Cast, Column, Const, Node, Nulls
from understudy.rules import textual, timely
from understudy.rules.casting import cast
from understudy.rules.rendering import render

Row = Mapping[str, Any]
Values = list[Any]


def evaluate(node: Node, row: Row) -> Any:
    """What ``node`` gives on ``row``: a value, or True, False or None for a predicate.

    Raises InternalError on a node that reads more than the row (a draw, a parent) or that nobody understood.
    """
    match node:
        case Const(value=float() as value):
            return Decimal(repr(value))
        case Const(value=value):
            return value
        case Column(name=name):
            return row[name]
        case Cast(value=value, type=kind):
            return cast(evaluate(value, row), kind)
        case Case(branches=branches, otherwise=otherwise):
            taken = next((b.value for b in branches if evaluate(b.condition, row) is True), otherwise)
            return evaluate(taken, row)
        case Nulls(value=value, where=where):
            return None if evaluate(where, row) is True else evaluate(value, row)
        case Call(function=function, args=args) if function in _LAZY:
            return _LAZY[function](args, row)
        case Call(function=function, args=args) if function in _STRICT:
            values = [evaluate(a, row) for a in args]
            return None if any(v is None for v in values) else _STRICT[function](values)
    raise InternalError(f"a rule cannot be evaluated on one row: {render(node)}")


def _and(args: tuple[Node, ...], row: Row) -> bool | None:
    values = [evaluate(a, row) for a in args]
    return False if any(v is not None and not v for v in values) else None if None in values else True


def _or(args: tuple[Node, ...], row: Row) -> bool | None:
    values = [evaluate(a, row) for a in args]
    return True if any(values) else None if None in values else False


def _in(args: tuple[Node, ...], row: Row) -> bool | None:
    first = evaluate(args[0], row)
    if first is None:
        return None if len(args) > 1 else False
    seen = [evaluate(a, row) for a in args[1:]]
    return True if any(v is not None and compare("=", first, v) for v in seen) else None if None in seen else False


def _distinct(args: tuple[Node, ...], row: Row) -> bool:
    a, b = (evaluate(x, row) for x in args)
    return (a is None) != (b is None) if a is None or b is None else not compare("=", a, b)


def _nullif(args: tuple[Node, ...], row: Row) -> Any:
    a, b = (evaluate(x, row) for x in args)
    return None if a is not None and b is not None and compare("=", a, b) else a


def _coalesce(args: tuple[Node, ...], row: Row) -> Any:
    return next((v for v in (evaluate(a, row) for a in args) if v is not None), None)


def _count_nulls(args: tuple[Node, ...], row: Row) -> int:
    return sum(evaluate(a, row) is None for a in args)


def _extreme(sign: str) -> Callable[[tuple[Node, ...], Row], Any]:
    def pick(args: tuple[Node, ...], row: Row) -> Any:
        best: Any = None
        for value in (evaluate(a, row) for a in args):
            if value is not None and (best is None or compare(sign, value, best)):
                best = value
        return best

    return pick


_LAZY: dict[str, Callable[[tuple[Node, ...], Row], Any]] = {
    "and": _and,
    "or": _or,
    "in": _in,
    "is_distinct": _distinct,
    "is_null": lambda args, row: evaluate(args[0], row) is None,
    "is_true": lambda args, row: bool(evaluate(args[0], row)),
    "is_false": lambda args, row: (v := evaluate(args[0], row)) is not None and not v,
    "nullif": _nullif,
    "coalesce": _coalesce,
    "num_nulls": _count_nulls,
    "num_nonnulls": lambda args, row: len(args) - _count_nulls(args, row),
    "greatest": _extreme(">"),
    "least": _extreme("<"),
}


def compare(sign: str, a: Any, b: Any) -> bool:
    """``a sign b`` of two values that are not null; texts by code point, a decimal beside a float as a float."""
    a, b = _matched(a, b)
    match sign:
        case "=":
            return bool(a == b)
        case "<>":
            return bool(a != b)
        case "<":
            return bool(a < b)
        case "<=":
            return bool(a <= b)
        case ">":
            return bool(a > b)
        case _:
            return bool(a >= b)


def _compared(sign: str, v: Values) -> bool:
    return compare(sign, v[0], v[1])


def _matched(a: Any, b: Any) -> tuple[Any, Any]:
    if isinstance(a, str) != isinstance(b, str):
        raise InternalError(f"a rule compares text with a number: {a!r} and {b!r}")
    if isinstance(a, float) and isinstance(b, Decimal):
        return a, float(b)
    return (float(a), b) if isinstance(b, float) and isinstance(a, Decimal) else (a, b)


def _plus(v: Values) -> Any:
    a, b = _matched(*v)
    return a + b


def _minus(v: Values) -> Any:
    if len(v) == 1:
        return -v[0]
    a, b = _matched(*v)
    return a - b


def _times(v: Values) -> Any:
    a, b = _matched(*v)
    return a * b


def _divided(v: Values) -> Any:
    a, b = _matched(*v)
    if b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    with localcontext() as exact:
        exact.prec = 40
        return a / b


def _remainder(v: Values) -> Any:
    a, b = _matched(*v)
    if b == 0:
        return None
    if isinstance(a, float) or isinstance(b, float):
        import math

        return math.fmod(a, b)
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) % abs(b) * (-1 if a < 0 else 1)
    return Decimal(a) % Decimal(b)


def _power(v: Values) -> float | None:
    try:
        result = float(v[0]) ** float(v[1])
    except (ZeroDivisionError, OverflowError):
        return None
    return None if isinstance(result, complex) else result


def _rounded(v: Values, rounding: str = "ROUND_HALF_UP") -> Any:
    value, digits = v[0], int(v[1]) if len(v) > 1 else 0
    if isinstance(value, int) and digits >= 0:
        return value
    try:
        with localcontext() as wide:
            wide.prec = 80
            result = Decimal(repr(value) if isinstance(value, float) else value).quantize(
                Decimal(1).scaleb(-digits), rounding
            )
    except InvalidOperation:
        return None
    return type(value)(result) if isinstance(value, int | float) else result


def _units(v: Values) -> int:
    """A decimal without its point (12.34 is 1234); dates and times are whole numbers already."""
    value = v[0]
    return int(value.scaleb(-int(value.as_tuple().exponent))) if isinstance(value, Decimal) else int(value)


_STRICT: dict[str, Callable[[Values], Any]] = {
    **{sign: partial(_compared, sign) for sign in ("=", "<>", "<", "<=", ">", ">=")},
    "not": lambda v: not v[0],
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _divided,
    "%": _remainder,
    "power": _power,
    "ln": lambda v: math.log(v[0]) if v[0] > 0 else None,
    "exp": lambda v: math.exp(v[0]) if v[0] < 700 else None,
    "abs": lambda v: abs(v[0]),
    "sign": lambda v: (v[0] > 0) - (v[0] < 0),
    "round": _rounded,
    "floor": lambda v: _rounded(v[:1], "ROUND_FLOOR"),
    "ceil": lambda v: _rounded(v[:1], "ROUND_CEILING"),
    "trunc": lambda v: _rounded(v, "ROUND_DOWN"),
    "bit_and": lambda v: int(v[0]) & int(v[1]),
    "bit_or": lambda v: int(v[0]) | int(v[1]),
    "bit_xor": lambda v: int(v[0]) ^ int(v[1]),
    "shift_left": lambda v: int(v[0]) << int(v[1]),
    "shift_right": lambda v: (int(v[0]) & (2**64 - 1)) >> int(v[1]),
    "units": _units,
    "array_length": lambda v: len(v[0]),
    "array_contains": lambda v: v[1] in v[0],
    **textual.FUNCTIONS,
    **timely.FUNCTIONS,
}

EVALUATED = frozenset(_STRICT) | frozenset(_LAZY)
"""The functions that can be evaluated here: all of the registry."""
