"""Sums of columns: ``end - start <= 30`` as coefficients, exactly, whatever the kinds of number on either side."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from understudy.model.expression import Call, Cast, Column, Const, Node
from understudy.rules.kinds import NUMERIC, exact
from understudy.rules.moments import DAY
from understudy.types import Kind, Type

_TIMED = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.INTERVAL})


class Linear(msgspec.Struct, frozen=True):
    """``sum(coefficient * column) + constant``, in the numbers that expressions speak of (dates in days)."""

    terms: tuple[tuple[str, Fraction], ...]
    constant: Fraction

    def plus(self, other: Linear, factor: Fraction) -> Linear:
        """``self + factor * other``; terms that cancel are dropped."""
        sums = dict(self.terms)
        for name, coefficient in other.terms:
            sums[name] = sums.get(name, Fraction(0)) + factor * coefficient
        return Linear(tuple((n, c) for n, c in sums.items() if c), self.constant + factor * other.constant)

    def times(self, factor: Fraction) -> Linear:
        """``factor * self``."""
        return Linear(tuple((n, c * factor) for n, c in self.terms if factor), self.constant * factor)


def linear(node: Node, types: Mapping[str, Type]) -> Linear | None:
    """``node`` as a sum of columns with coefficients; None where it is not one (products of columns, roundings)."""
    match node:
        case Const(value=bool()):
            return None
        case Const(value=int() | float() as value):
            return Linear((), exact(value))
        case Column(name=name) if (kind := types.get(name)) is not None and (
            kind.kind in NUMERIC or kind.kind in _TIMED
        ):
            return Linear(((name, Fraction(1)),), Fraction(0))
        case Cast(value=value, type=kind) if _transparent(value, kind, types):
            return linear(value, types)
        case Call(function="to_timestamp", args=(day,)):
            inner = linear(day, types)
            return None if inner is None else inner.times(Fraction(DAY))
        case Call(function="-", args=(only,)):
            inner = linear(only, types)
            return None if inner is None else inner.times(Fraction(-1))
        case Call(function="+" | "-" as sign, args=(a, b)):
            left, right = linear(a, types), linear(b, types)
            return None if left is None or right is None else left.plus(right, Fraction(1 if sign == "+" else -1))
        case Call(function="*", args=(a, b)):
            left, right = linear(a, types), linear(b, types)
            if left is not None and right is not None and (not left.terms or not right.terms):
                return left.times(right.constant) if not right.terms else right.times(left.constant)
        case Call(function="/", args=(a, b)):
            left, right = linear(a, types), linear(b, types)
            if left is not None and right is not None and not right.terms and right.constant and _divides(a, b, types):
                return left.times(1 / right.constant)
    return None


def _transparent(value: Node, kind: Type, types: Mapping[str, Type]) -> bool:
    """Whether a cast keeps the number exactly: to a number without fewer digits than it has."""
    if kind.kind is Kind.INTEGER:
        return _whole(value, types)
    return kind.kind in (Kind.DECIMAL, Kind.FLOAT) and kind.scale is None


def _whole(node: Node, types: Mapping[str, Type]) -> bool:
    """Whether a value is certainly a whole number."""
    match node:
        case Const(value=value):
            return isinstance(value, int)
        case Column(name=name):
            kind = types.get(name)
            return kind is not None and kind.kind in (Kind.INTEGER, Kind.YEAR, *_TIMED)
        case Call(function="+" | "-" | "*", args=args):
            return all(_whole(a, types) for a in args)
        case Call(function="to_timestamp"):
            return True
    return False


def _divides(a: Node, b: Node, types: Mapping[str, Type]) -> bool:
    """Whether a quotient is exact, not cut to a whole number."""
    return not (_whole(a, types) and _whole(b, types))
