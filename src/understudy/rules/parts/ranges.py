"""Ends of ranges as :class:`Part` nodes; conditions on whole ranges (``@>``, ``<@``, ``&&``, ``<<``) as conditions on
their ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Column, Const, Node, Part
from understudy.rules.coercion import NotUnderstoodError
from understudy.rules.kinds import BOOLEAN, DECIMAL, INTEGER, TEXT, kind_of
from understudy.rules.literals import read_constant
from understudy.rules.trees import FALSE, NULL, TRUE, both, call, negation
from understudy.types import Kind, Type

if TYPE_CHECKING:
    from understudy.rules.translating import Translator

MAKERS = ("int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange")

_LITERAL = re.compile(r"^([\[(])\s*\"?([^\",]*)\"?\s*,\s*\"?([^\",]*?)\"?\s*([\])])$")

DISCRETE = (Kind.INTEGER, Kind.DATE)


def end_of(which: str) -> Callable[[Translator, Any], Node | None]:
    """``lower(range)``, ``upper(range)``; None where the argument is no range (a text)."""

    def handle(t: Translator, e: Any) -> Node | None:
        base = t.value(e.this)
        kind = kind_of(base, t.types)
        if kind is None or kind.kind is not Kind.RANGE or kind.element is None or not isinstance(base, Column):
            return None
        return Part(base, (which,), kind.element)

    return handle


def _range(t: Translator, e: Any) -> tuple[Column, Type]:
    base = t.value(e)
    kind = kind_of(base, t.types)
    if kind is None or kind.kind is not Kind.RANGE or kind.element is None or not isinstance(base, Column):
        raise NotUnderstoodError("a bound of what is no range")
    return base, kind.element


def is_empty(t: Translator, args: list[Any]) -> Node:
    """Ranges that are made are never empty."""
    _range(t, args[0])
    return FALSE


def unbounded(which: str) -> Callable[[Translator, list[Any]], Node]:
    """``lower_inf``, ``upper_inf``."""

    def handle(t: Translator, args: list[Any]) -> Node:
        base, element = _range(t, args[0])
        return call("is_null", Part(base, (which,), element))

    return handle


def inclusive(which: str) -> Callable[[Translator, list[Any]], Node]:
    """``lower_inc``, ``upper_inc``: of discrete ranges always the lower one, of others as is asked."""

    def handle(t: Translator, args: list[Any]) -> Node:
        base, element = _range(t, args[0])
        if element.kind in DISCRETE:
            return negation(call("is_null", Part(base, ("lower",), element))) if which == "lower" else FALSE
        return Part(base, (f"{which}_inc",), BOOLEAN)

    return handle


def bounds(t: Translator, e: Any) -> tuple[Node, Node, Type] | None:
    """Lower bound, upper bound (not included) and element type of a range: a column, a call, a constant."""
    while e.key == "paren":
        e = e.this
    if e.key == "anonymous" and str(e.this).lower() in MAKERS:
        low, high = t.value(e.expressions[0]), t.value(e.expressions[1])
        form = t.value(e.expressions[2]) if len(e.expressions) > 2 else Const("[)")
        kind = _element(str(e.this).lower())
        made = [_typed(x, kind) for x in (low, high)]
        if isinstance(form, Const) and str(form.value).endswith("]") and made[1] != NULL:
            step = call("+", made[1], Const(1)) if kind.kind in DISCRETE else made[1]
            made[1] = step
        return made[0], made[1], kind
    if e.key == "cast" and e.this.key == "literal" and (found := _LITERAL.match(str(e.this.this))):
        kind = _element(str(e.to.this).lower() if e.to.this is not None else "")
        ends = [read_constant(x, kind) if x and "inf" not in x else NULL for x in (found[2], found[3])]
        if ends[0] is None or ends[1] is None:
            raise NotUnderstoodError(str(e.this.this))
        low, high = ends[0], ends[1]
        if found[4] == "]" and high != NULL and kind.kind in DISCRETE:
            high = call("+", high, Const(1))
        return low, high, kind
    node = t.value(e)
    kind = kind_of(node, t.types) or TEXT
    if isinstance(node, Column) and kind.kind is Kind.RANGE and kind.element is not None:
        return Part(node, ("lower",), kind.element), Part(node, ("upper",), kind.element), kind.element
    return None


def _typed(node: Node, kind: Type) -> Node:
    if isinstance(node, Const) and isinstance(node.value, str):
        found = read_constant(node.value, kind)
        if found is None:
            raise NotUnderstoodError(node.value)
        return found
    return node


def _element(name: str) -> Type:
    for word, kind in (("int", INTEGER), ("num", DECIMAL), ("date", Type(Kind.DATE)), ("ts", Type(Kind.TIMESTAMP))):
        if word in name:
            return kind
    raise NotUnderstoodError(name)


def _at_most(t: Translator, sign: str, a: Node, b: Node) -> Node:
    return TRUE if NULL in (a, b) else t.compared(sign, a, b)


def range_contains(t: Translator, outer: Any, inner: Any) -> Node | None:
    """``outer @> inner``, an element or a range; None where the left side is no range."""
    around = bounds(t, outer)
    if around is None:
        return None
    within = bounds(t, inner) if kind_is_range(t, inner) else None
    if within is None:
        value = _typed(t.value(inner), around[2])
        return both(_at_most(t, "<=", around[0], value), _at_most(t, ">", around[1], value))
    return both(
        _at_most(t, "<=", around[0], within[0]),
        _at_most(t, ">=", around[1], within[1]),
        *(
            negation(call("is_null", w))
            for a, w in zip(around[:2], within[:2], strict=True)
            if a != NULL and isinstance(w, Part)
        ),
    )


def kind_is_range(t: Translator, e: Any) -> bool:
    """Whether a part of a rule is a range."""
    while e.key == "paren":
        e = e.this
    if e.key == "anonymous":
        return str(e.this).lower() in MAKERS
    if e.key == "cast":
        return "RANGE" in str(e.to.this).upper()
    kind = kind_of(t.value(e), t.types)
    return kind is not None and kind.kind is Kind.RANGE


def ranges_overlap(t: Translator, left: Any, right: Any) -> Node | None:
    """``a && b`` of ranges; None where the left side is none."""
    if not kind_is_range(t, left):
        return None
    a, b = bounds(t, left), bounds(t, right)
    if a is None or b is None:
        raise NotUnderstoodError("an overlap with what is no range")
    return both(_at_most(t, "<", a[0], b[1]), _at_most(t, ">", a[1], b[0]))


def ranges_apart(t: Translator, before: Any, behind: Any, sign: str) -> Node | None:
    """``before << behind`` of ranges (``=``: they touch); None where the first is none. A lower end belongs to its
    range and an upper one does not, as they are made."""
    if not kind_is_range(t, before):
        return None
    a, b = bounds(t, before), bounds(t, behind)
    if a is None or b is None:
        raise NotUnderstoodError("an order with what is no range")
    return call(sign, a[1], b[0])


NAMED: dict[str, Callable[[Translator, list[Any]], Node]] = {
    "isempty": is_empty, "lower_inf": unbounded("lower"), "upper_inf": unbounded("upper"),
    "lower_inc": inclusive("lower"), "upper_inc": inclusive("upper"),
}  # fmt: skip
