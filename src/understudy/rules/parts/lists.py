"""Elements of arrays and fields of composites as :class:`Part` nodes; what holds of all elements of a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Case, Column, Const, Node, Part, When
from understudy.rules.coercion import NotUnderstoodError
from understudy.rules.kinds import FLOAT, kind_of
from understudy.rules.parts.documents import JSON, member
from understudy.rules.trees import NULL, call
from understudy.types import Kind, Type

if TYPE_CHECKING:
    from understudy.rules.translating import Translator


def field_of(t: Translator, e: Any) -> Node:
    """``(composite).field``."""
    base = t.value(e.this)
    kind = kind_of(base, t.types)
    if kind is None or kind.kind is not Kind.STRUCT:
        raise NotUnderstoodError("a field of what is no composite")
    name = e.expression.name
    found = next((f for f in kind.fields if f[0].casefold() == name.casefold()), None)
    if found is None:
        raise NotUnderstoodError(name)
    return (
        Part(base.value, (*base.path, found[0]), found[1])
        if isinstance(base, Part)
        else Part(base, (found[0],), found[1])
    )


def element_of(t: Translator, e: Any) -> Node:
    """``array[n]``, ``point[n]``, ``document['key']``, ``struct['field']``."""
    base = t.value(e.this)
    kind = kind_of(base, t.types)
    (index,) = e.expressions
    if index.key == "literal" and index.is_string:
        if kind is not None and kind.kind is Kind.STRUCT:
            found = next((f for f in kind.fields if f[0] == index.this), None)
            if found is None:
                raise NotUnderstoodError(str(index.this))
            inner = base if isinstance(base, Part) else Part(base, (), kind)
            return Part(inner.value, (*inner.path, found[0]), found[1])
        return member(t, base, (str(index.this),), JSON)
    place = t.value(index)
    if not isinstance(place, Const) or not isinstance(place.value, int) or not isinstance(base, Column) or kind is None:
        raise NotUnderstoodError("an element whose place is no constant")
    number = place.value + 1  # sqlglot counts from 0, SQL from 1
    if kind.kind is Kind.GEOMETRIC and kind.variant == "point" and number in (0, 1):
        return Part(base, ("xy"[number],), FLOAT)
    if kind.kind is Kind.ARRAY and kind.element is not None and 1 <= number <= 16:
        return Part(base, (f"[{number}]",), kind.element)
    raise NotUnderstoodError("an element")


def every(node: Node, kind: Type) -> Node | None:
    """The element that stands for all of a list's."""
    if isinstance(node, Column) and kind.kind is Kind.ARRAY and kind.element is not None:
        return Part(node, ("*",), kind.element)
    return None


def position_of_null(t: Translator, e: Any) -> Node:
    """``array_position(list, null)``: no list that is made holds a null."""
    base, wanted = t.value(e.this), t.value(e.expression)
    if wanted == NULL or (isinstance(wanted, Const) and wanted.value is None):
        return NULL
    return Case((When(call("array_contains", base, wanted), Const(1)),), NULL)


def quantified(t: Translator, subject: Any, listed: Node, sign: str) -> Node | None:
    """``value sign ALL (list)``: a condition on the element that stands for all; None where it is no array."""
    kind = kind_of(listed, t.types)
    if kind is None or (element := every(listed, kind)) is None:
        return None
    return t.compared(sign, t.value(subject), element)


def within_list(t: Translator, listed: Node, items: tuple[Node, ...]) -> Node | None:
    """``list <@ ARRAY[…]``."""
    kind = kind_of(listed, t.types)
    if kind is None or (element := every(listed, kind)) is None:
        return None
    return t.membership(element, items)


KEYED: dict[str, Callable[[Translator, Any], Node]] = {
    "dot": field_of, "bracket": element_of, "arrayposition": position_of_null,
}  # fmt: skip
