"""A column that the database computes, asked to be a given value: what the column it is computed from must be.

Foreign keys may stand on such columns (a number inside a document, a code in lower case): the parent is chosen first,
and the input is made so that the computed value is the parent's.
"""

from __future__ import annotations

from collections.abc import Mapping

from understudy.model.expression import Call, Case, Cast, Column, Const, Join, Node, When
from understudy.rules.kinds import kind_of
from understudy.types import Kind, Type

SAME = frozenset({"lower", "upper", "trim", "ltrim", "rtrim", "coalesce", "nullif", "to_timestamp", "to_date"})
"""Functions that leave a value of the right form as it is."""


def inverted(tree: Node, value: Node, types: Mapping[str, Type]) -> tuple[str, Node] | None:
    """The column from which ``tree`` is computed, and what makes ``tree`` equal ``value``, if that is seen."""
    match tree:
        case Column(name=name):
            return name, value
        case Cast(value=inner):
            kind = kind_of(inner, types)
            return inverted(inner, value if kind is None else Cast(value, _plain(kind)), types)
        case Call(function=function, args=(inner, *_)) if function in SAME:
            return inverted(inner, value, types)
        case Call(function="+" | "-" as sign, args=(inner, Const() as by)):
            return inverted(inner, Call("-" if sign == "+" else "+", (value, by)), types)
        case Call(function="concat", args=(Const(value=str() as lead), inner)):
            return inverted(inner, Call("substring", (value, Const(len(lead) + 1))), types)
        case Call(function="left", args=(inner, Const())):
            return inverted(inner, value, types)
        case Case(branches=(When(condition=Call(function=">", args=(Call(function="position", args=found), _))),)):
            part, inner = found  # split_part: the piece before the sign, or what is behind it
            if tree.otherwise == inner:
                return inverted(inner, value, types)
            if tree.otherwise == Const("") and isinstance(part, Const):
                return inverted(inner, Join((Const(f"x{part.value}"), value)), types)
        case Call(function="substring", args=(inner, Const(value=int() as start))) if start >= 1:
            return inverted(inner, Join((Const("x" * (start - 1)), value)), types)
    return None


def _plain(kind: Type) -> Type:
    return Type(Kind.TEXT) if kind.kind in (Kind.TEXT, Kind.JSON) else kind
