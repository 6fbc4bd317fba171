"""Casts between the values of one row, with SQL's rounding and reading."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from understudy.rules import moments
from understudy.types import Kind, Type

_TRUE, _FALSE = frozenset({"t", "true", "y", "yes", "on", "1"}), frozenset({"f", "false", "n", "no", "off", "0"})


def cast(value: Any, kind: Type) -> Any:
    """``value`` as a value of ``kind``; null where a text cannot be read as one."""
    if value is None:
        return None
    match kind.kind:
        case Kind.BOOLEAN:
            return read_boolean(value) if isinstance(value, str) else bool(value)
        case Kind.INTEGER | Kind.YEAR:
            return _whole(value)
        case Kind.DECIMAL | Kind.MONEY:
            return _decimal(value, kind.scale)
        case Kind.FLOAT:
            number = read_number(value) if isinstance(value, str) else value
            return None if number is None else float(number)
        case Kind.DATE if isinstance(value, str):
            return moments.read_date(value)
        case Kind.TIMESTAMP if isinstance(value, str):
            return moments.read_timestamp(value)
        case Kind.TIME if isinstance(value, str):
            return moments.read_time(value)
        case Kind.INTERVAL if isinstance(value, str):
            found = moments.read_interval(value)
            return None if found is None else moments.interval_weight(*found)
        case Kind.DATE | Kind.TIMESTAMP | Kind.TIME | Kind.INTERVAL | Kind.ARRAY | Kind.BINARY:
            return value
        case _:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            return text[: kind.length] if kind.length is not None else text


def read_boolean(text: str) -> bool | None:
    """The boolean that a word means to SQL; None if none."""
    word = text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def read_number(text: str) -> Decimal | None:
    """The number that a text spells; None if none."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _whole(value: Any) -> int | None:
    number = read_number(value) if isinstance(value, str) else value
    if number is None or isinstance(number, int):
        return None if number is None else int(number)
    return int(Decimal(number).quantize(Decimal(1), ROUND_HALF_UP))


def _decimal(value: Any, scale: int | None) -> Decimal | None:
    number = (
        read_number(value) if isinstance(value, str) else Decimal(repr(value) if isinstance(value, float) else value)
    )
    if number is None or scale is None:
        return number
    return number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
