"""Making both sides of a comparison or sum the same kind of value, as the database does before it compares."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.model.expression import Call, Case, Cast, Const, Node, Part, When
from understudy.rules.kinds import FLOAT, INTEGER, NUMERIC, TEXTUAL, TIMESTAMP, TWO_VALUED, WHOLE, kind_of
from understudy.rules.literals import interval, interval_parts, read_constant
from understudy.rules.moments import DAY
from understudy.rules.trees import call
from understudy.types import Kind, Type


class NotUnderstoodError(Exception):
    """A part of a rule that the trees cannot say; its words are kept."""


Types = Mapping[str, Type]


def aligned(a: Node, b: Node, types: Types, dialect: str) -> tuple[Node, Node]:
    """Both sides of a comparison as comparable values. Raises NotUnderstoodError where they are not."""
    a, b = plain(a, types), plain(b, types)
    ka, kb = kind_of(a, types), kind_of(b, types)
    if isinstance(b, Const) and isinstance(b.value, str) and ka is not None:
        return _beside(a, ka, b, types, dialect)
    if isinstance(a, Const) and isinstance(a.value, str) and kb is not None:
        other, constant = _beside(b, kb, a, types, dialect)
        return constant, other
    if ka is None or kb is None:
        return a, b
    return _same(a, ka, b, kb, dialect)


def _beside(node: Node, kind: Type, constant: Const, types: Types, dialect: str) -> tuple[Node, Node]:
    """A text constant beside a value of another kind is read as that kind."""
    if kind.kind in TEXTUAL or kind.kind in (Kind.BINARY, Kind.ARRAY, Kind.STRUCT, Kind.MAP):
        return node, constant
    found = read_constant(str(constant.value), kind)
    if found is None and kind.kind is Kind.DATE and dialect != "postgres":
        found = read_constant(str(constant.value), TIMESTAMP)
    if found is None:
        raise NotUnderstoodError(f"{constant.value!r} as {kind.kind.value}")
    return aligned(node, found, types, dialect)


def _same(a: Node, ka: Type, b: Node, kb: Type, dialect: str) -> tuple[Node, Node]:
    one, other = ka.kind, kb.kind
    if one is other or (one in NUMERIC and other in NUMERIC) or (one in TEXTUAL and other in TEXTUAL):
        return a, b
    if Kind.BOOLEAN in (one, other) and (one in NUMERIC or other in NUMERIC):
        return as_boolean_constant(a, kb), as_boolean_constant(b, ka)
    match one, other:
        case (Kind.DATE, Kind.TIMESTAMP):
            return call("to_timestamp", a), b
        case (Kind.TIMESTAMP, Kind.DATE):
            return a, call("to_timestamp", b)
    if one in TEXTUAL and other in NUMERIC:
        return _text_beside_number(a, b, dialect)
    if other in TEXTUAL and one in NUMERIC:
        number, text = _text_beside_number(b, a, dialect)
        return text, number
    raise NotUnderstoodError(f"{one.value} beside {other.value}")


def _text_beside_number(text: Node, number: Node, dialect: str) -> tuple[Node, Node]:
    if dialect == "sqlite" and isinstance(number, Const):
        return text, Const(str(number.value))
    if isinstance(text, Part):  # a document's member holds the number itself
        whole = isinstance(number, Const) and isinstance(number.value, int)
        return Part(text.value, text.path, INTEGER if whole else FLOAT), number
    return Cast(text, FLOAT), number


def as_boolean_constant(node: Node, other: Type) -> Node:
    """0 and 1 beside a boolean are false and true."""
    if other.kind is Kind.BOOLEAN and isinstance(node, Const) and node.value in (0, 1):
        return Const(bool(node.value))
    return node


def plain(node: Node, types: Types) -> Node:
    """``node`` without casts that change no comparison: a number made wider, a text made text, 2.0 for 2."""
    match node:
        case Const(value=float() as value) if value.is_integer() and abs(value) < 2**53:
            return Const(int(value))
        case Cast(value=value, type=kind):
            inner = kind_of(value, types)
            if inner is not None and inner.kind in WHOLE and kind.kind in NUMERIC and kind.scale is None:
                return plain(value, types)
            wider = kind.kind is Kind.FLOAT or (kind.kind is Kind.DECIMAL and kind.scale is None)
            if inner is not None and inner.kind in (Kind.DECIMAL, Kind.MONEY) and wider:
                return plain(value, types)
    return node


def summed(sign: str, a: Node, b: Node, types: Types, dialect: str) -> Node:
    """``a + b`` or ``a - b`` with what it means for dates, times and intervals."""
    ka, kb = kind_of(a, types), kind_of(b, types)
    kinds = (ka.kind if ka else None, kb.kind if kb else None)
    if isinstance(b, Const) and isinstance(b.value, str) and ka is not None and ka.kind in (Kind.DATE, Kind.TIMESTAMP):
        found = read_constant(b.value, ka if sign == "-" else Type(Kind.INTERVAL))
        if found is None:
            raise NotUnderstoodError(b.value)
        return summed(sign, a, found, types, dialect)
    match kinds:
        case (Kind.INTERVAL, Kind.DATE | Kind.TIMESTAMP | Kind.TIME) if sign == "+":
            return summed(sign, b, a, types, dialect)
        case (Kind.INTEGER, Kind.DATE) if sign == "+":
            return call("+", b, a)
        case (Kind.DATE | Kind.TIMESTAMP | Kind.TIME as base, Kind.INTERVAL):
            return _moved(sign, a, base, b, dialect)
        case (Kind.INTERVAL, Kind.INTERVAL):
            return _intervals(sign, a, b)
        case (Kind.DATE, Kind.TIMESTAMP) if sign == "-":
            return call("-", call("to_timestamp", a), b)
        case (Kind.TIMESTAMP, Kind.DATE) if sign == "-":
            return call("-", a, call("to_timestamp", b))
        case (Kind.DATE, Kind.DATE) | (Kind.TIMESTAMP, Kind.TIMESTAMP) if sign == "-" and dialect in (
            "postgres",
            "duckdb",
        ):
            return call("-", a, b)
        case (Kind.TIME, Kind.TIME) if sign == "-":
            return call("-", a, b)
        case (Kind.DATE, Kind.INTEGER) if dialect in ("postgres", "duckdb"):
            return call(sign, a, b)
    return call(sign, number(a, types), number(b, types))


def _intervals(sign: str, a: Node, b: Node) -> Node:
    one, other = interval_parts(a), interval_parts(b)
    if one is None or other is None:
        return call(sign, a, b)
    way = 1 if sign == "+" else -1
    return interval(one[0] + way * other[0], one[1] + way * other[1])


def _moved(sign: str, base: Node, kind: Kind, span: Node, dialect: str) -> Node:
    """A date or moment moved by an interval; a date becomes a moment, except in MySQL where whole days keep it a
    date."""
    parts = interval_parts(span)
    way = 1 if sign == "+" else -1
    if parts is None:
        return call(sign, call("to_timestamp", base) if kind is Kind.DATE else base, span)
    months, us = parts
    if months and kind is Kind.TIME:
        raise NotUnderstoodError("months added to a time of day")
    if months:
        base = call("add_months", base, Const(way * months))
    if kind is Kind.DATE and us % DAY == 0 and dialect == "mysql":
        return call(sign, base, Const(us // DAY)) if us else base
    if kind is Kind.DATE:
        base = call("to_timestamp", base)
    return call(sign, base, Cast(Const(us), Type(Kind.INTERVAL))) if us else base


def number(node: Node, types: Types) -> Node:
    """An operand of arithmetic: a boolean counts as 0 or 1; anything but a number is not understood."""
    kind = kind_of(node, types)
    if kind is None or kind.kind in NUMERIC or kind.kind is Kind.INTERVAL:
        return node
    if kind.kind is Kind.BOOLEAN:
        if isinstance(node, Call) and node.function in TWO_VALUED:
            return Case((When(node, Const(1)),), Const(0))
        return Case((When(node, Const(1)), When(call("not", node), Const(0))), Const(None))
    if isinstance(node, Const) and isinstance(node.value, str) and (found := read_constant(node.value, INTEGER)):
        return found
    raise NotUnderstoodError(f"arithmetic on {kind.kind.value}")


def truth(node: Node, types: Types) -> Node:
    """A value used as a condition: a number is true where it is not 0."""
    kind = kind_of(node, types)
    if kind is None or kind.kind is Kind.BOOLEAN:
        return node
    if isinstance(node, Case):
        return Case(
            tuple(When(b.condition, truth(b.value, types)) for b in node.branches), truth(node.otherwise, types)
        )
    if kind.kind in NUMERIC:
        return call("<>", node, Const(0))
    raise NotUnderstoodError(f"{kind.kind.value} as a condition")


def is_call(node: Node, function: str) -> bool:
    """Whether ``node`` calls that function."""
    return isinstance(node, Call) and node.function == function
