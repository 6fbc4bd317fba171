"""The logical type of an expression, as far as it can be told: which comparison, which representation."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from understudy.model.expression import Call, Case, Cast, Column, Const, Node, Part
from understudy.rules.trees import NOW
from understudy.types import Kind, Type

BOOLEAN, INTEGER, FLOAT, TEXT = Type(Kind.BOOLEAN), Type(Kind.INTEGER), Type(Kind.FLOAT), Type(Kind.TEXT)
DATE, TIME, TIMESTAMP, INTERVAL = Type(Kind.DATE), Type(Kind.TIME), Type(Kind.TIMESTAMP), Type(Kind.INTERVAL)
DECIMAL = Type(Kind.DECIMAL)

NUMERIC = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.YEAR})
WHOLE = frozenset({Kind.INTEGER, Kind.YEAR})
TEMPORAL = frozenset({Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.INTERVAL})
TEXTUAL = frozenset({
    Kind.TEXT, Kind.ENUM, Kind.UUID, Kind.JSON, Kind.XML, Kind.SET, Kind.NETWORK, Kind.BITS, Kind.SEARCH, Kind.OPAQUE,
    Kind.RANGE, Kind.MULTIRANGE, Kind.GEOMETRIC, Kind.SPATIAL,
})  # fmt: skip
"""Kinds whose values travel as text."""

PREDICATES = frozenset({
    "=", "<>", "<", "<=", ">", ">=", "is_distinct", "is_null", "is_true", "is_false", "and", "or", "not", "in",
    "starts_with", "like", "ilike", "glob", "regex", "iregex", "array_contains", "json_valid",
})  # fmt: skip
"""Functions that answer true, false or null."""

TWO_VALUED = frozenset({"is_null", "is_true", "is_false", "is_distinct"})
"""Predicates that are never null."""

_TEXT_RESULT = frozenset({
    "lower", "upper", "trim", "ltrim", "rtrim", "concat", "substring", "left", "right", "replace", "reverse", "repeat",
    "lpad", "initials", "slug", "ascii", "encodable", "initcap",
    "regex_replace", "capitalize", "format_time", "json_typeof", "md5", "sha256", "luhn",
    "mod97", "ean", "check",
})  # fmt: skip
_WHOLE_RESULT = frozenset({
    "length", "octet_length", "position", "year", "month", "day", "hour", "minute", "second", "day_of_week",
    "day_of_year",
    "epoch", "num_nulls", "num_nonnulls", "array_length", "bit_and", "bit_or", "bit_xor", "shift_left",
    "shift_right", "sign",
})  # fmt: skip


def kind_of(node: Node, types: Mapping[str, Type]) -> Type | None:
    """The logical type of what ``node`` gives; None where it cannot be told (an untyped null, words not understood)."""
    match node:
        case Column(name=name):
            return TIMESTAMP if name == NOW else types.get(name)
        case Const(value=bool()):
            return BOOLEAN
        case Const(value=int()):
            return INTEGER
        case Const(value=float()):
            return DECIMAL
        case Const(value=str()):
            return TEXT
        case Cast(type=kind) | Part(type=kind):
            return kind
        case Case(branches=branches, otherwise=otherwise):
            return _first(types, *(b.value for b in branches), otherwise)
        case Call(function=function, args=args):
            return _of_call(function, args, types)
    return None


def _first(types: Mapping[str, Type], *nodes: Node) -> Type | None:
    found = [k for k in (kind_of(n, types) for n in nodes) if k is not None]
    return next((k for k in found if k.kind is not Kind.TEXT), found[0] if found else None)


def _of_call(function: str, args: tuple[Node, ...], types: Mapping[str, Type]) -> Type | None:
    if function in PREDICATES:
        return BOOLEAN
    if function in _TEXT_RESULT:
        return TEXT
    if function in _WHOLE_RESULT:
        return INTEGER
    match function:
        case "to_date":
            return DATE
        case "to_timestamp" | "date_trunc":
            return TIMESTAMP
        case "to_time":
            return TIME
        case "add_months" | "nullif" | "abs" | "round" | "floor" | "ceil" | "trunc":
            return kind_of(args[0], types)
        case "coalesce" | "greatest" | "least":
            return _first(types, *args)
        case "power" | "ln" | "exp":
            return FLOAT
        case "+" | "-" | "*" | "/" | "%":
            return _arithmetic(function, [kind_of(a, types) for a in args])
    return None


def _arithmetic(function: str, kinds: list[Type | None]) -> Type | None:
    known = [k.kind for k in kinds if k is not None]
    if function == "-" and len(known) == 2 and known[0] == known[1]:
        if known[0] is Kind.DATE:
            return INTEGER
        if known[0] in (Kind.TIMESTAMP, Kind.TIME):
            return INTERVAL
    for kind in (TIMESTAMP, DATE, TIME, INTERVAL, FLOAT, DECIMAL):
        if kind.kind in known or (kind is DECIMAL and Kind.MONEY in known):
            return kind
    return INTEGER if known else None


def scale_of(kind: Type | None) -> int:
    """Digits after the point in the whole-number representation of a type's values."""
    if kind is None or kind.kind not in (Kind.DECIMAL, Kind.MONEY):
        return 0
    return kind.scale if kind.scale is not None else 2 if kind.kind is Kind.MONEY else 0


def natural(value: object, kind: Type | None) -> object:
    """A value of a domain (scaled where decimal) as the value that expressions speak of."""
    scale = scale_of(kind)
    if scale and isinstance(value, int) and not isinstance(value, bool):
        from decimal import Decimal

        return Decimal(value).scaleb(-scale)
    return value


def exact(value: int | float) -> Fraction:
    """A constant as the decimal number that was written (0.1 is one tenth)."""
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
