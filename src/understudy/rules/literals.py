"""Constants as the kind that stands beside them: ``'2020-01-01'`` beside a date is a day, beside a number an error."""

from __future__ import annotations

from decimal import Decimal

from understudy.model.expression import Cast, Const, Node
from understudy.rules import moments
from understudy.rules.casting import read_boolean, read_number
from understudy.rules.kinds import NUMERIC
from understudy.types import Kind, Type

_TEMPORAL = {Kind.DATE: moments.read_date, Kind.TIMESTAMP: moments.read_timestamp, Kind.TIME: moments.read_time}


def read_constant(text: str, kind: Type) -> Node | None:
    """The constant that ``text`` means as a value of ``kind``; None where it means none (``infinity``, ``now``)."""
    if kind.kind in _TEMPORAL:
        value = _TEMPORAL[kind.kind](text)
        return None if value is None else Cast(Const(value), Type(kind.kind))
    if kind.kind is Kind.INTERVAL:
        found = moments.read_interval(text)
        return None if found is None else interval(*found)
    if kind.kind is Kind.BOOLEAN:
        word = read_boolean(text)
        return None if word is None else Const(word)
    if kind.kind in NUMERIC:
        number = read_number(text)
        return None if number is None else number_constant(number, whole=kind.kind in (Kind.INTEGER, Kind.YEAR))
    return Const(text)


def number_constant(number: Decimal, *, whole: bool = False) -> Const | None:
    """A number as a constant: whole where it is written so; None where a float cannot hold it exactly as written."""
    if number == number.to_integral_value() and (whole or number.as_tuple().exponent == 0 or abs(number) >= 2**53):
        return Const(int(number))
    value = float(number)
    return Const(value) if Decimal(repr(value)) == number else None


def interval(months: int, us: int) -> Node:
    """An interval as a constant that still knows its months."""
    return Cast(Const(us if months == 0 else f"{months} months {us} microseconds"), Type(Kind.INTERVAL))


def interval_parts(node: Node) -> tuple[int, int] | None:
    """Months and microseconds of an interval constant; None if ``node`` is none."""
    match node:
        case Cast(value=Const(value=int() as us), type=Type(kind=Kind.INTERVAL)):
            return 0, us
        case Cast(value=Const(value=str() as text), type=Type(kind=Kind.INTERVAL)):
            return moments.read_interval(text)
    return None
