"""Shapes: of the plane (circle, box, path) and of the map, by their measures."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from understudy.model.expression import Column, Const, Node, Part
from understudy.rules.coercion import NotUnderstoodError
from understudy.rules.kinds import BOOLEAN, FLOAT, INTEGER, TEXT, kind_of
from understudy.rules.trees import FALSE, TRUE, call, negation
from understudy.types import Kind, Type

if TYPE_CHECKING:
    from understudy.rules.translating import Translator


def shape_part(which: str, *variants: str) -> Callable[[Translator, list[Any]], Node]:
    """``radius(circle)``, ``isclosed(path)`` … as a part of the shape."""

    def handle(t: Translator, args: list[Any]) -> Node:
        base = t.value(args[0])
        kind = kind_of(base, t.types)
        if not isinstance(base, Column) or kind is None or kind.variant not in variants:
            raise NotUnderstoodError(which)
        return Part(base, (which,), BOOLEAN if which == "closed" else FLOAT)

    return handle


def map_part(which: str) -> Callable[[Translator, list[Any]], Node]:
    """``ST_SRID(shape)``, ``GeometryType(shape)``, ``ST_X(point)``."""

    def handle(t: Translator, args: list[Any]) -> Node:
        kind = INTEGER if which == "srid" else FLOAT if len(which) == 1 else TEXT
        return Part(_on_map(t, args[0])[0], (which,), kind)

    return handle


def _on_map(t: Translator, e: Any) -> tuple[Column, Type]:
    base = t.value(e)
    kind = kind_of(base, t.types)
    if not isinstance(base, Column) or kind is None or kind.kind is not Kind.SPATIAL:
        raise NotUnderstoodError("what is no shape on the map")
    return base, kind


def _of_shape(value: Node) -> Callable[[Translator, list[Any]], Node]:
    """What holds of every shape that is made."""

    def handle(t: Translator, args: list[Any]) -> Node:
        _on_map(t, args[0])
        return value

    return handle


def _dimensions(t: Translator, args: list[Any]) -> Node:
    raw = _on_map(t, args[0])[1].raw.lower()
    found = re.search(r"\(\s*'?[a-z]*?(zm|z|m)?\s*[,)]", raw)
    return Const(2 + len((found[1] or "") if found else ""))


def area(t: Translator, args: list[Any]) -> Node:
    """``area(box)``: width times height."""
    base = t.value(args[0])
    kind = kind_of(base, t.types)
    if not isinstance(base, Column) or kind is None or kind.variant != "box":
        raise NotUnderstoodError("the area of what is no box")
    return call("*", Part(base, ("width",), FLOAT), Part(base, ("height",), FLOAT))


def points(t: Translator, args: list[Any]) -> Node:
    """``npoints``: every path and polygon that is made has three."""
    kind = kind_of(t.value(args[0]), t.types)
    if kind is None or kind.kind is not Kind.GEOMETRIC:
        raise NotUnderstoodError("points of what is no shape")
    return Const(3)


NAMED: dict[str, Callable[[Translator, list[Any]], Node]] = {
    "radius": shape_part("radius", "circle"), "isclosed": shape_part("closed", "path"), "area": area,
    "isopen": lambda t, a: negation(shape_part("closed", "path")(t, a)), "npoints": points,
    "st_srid": map_part("srid"), "geometrytype": map_part("shape"), "st_geometrytype": map_part("st_shape"),
    "st_x": map_part("x"), "st_y": map_part("y"), "st_ndims": _dimensions, "st_coorddim": _dimensions,
    "st_isvalid": _of_shape(TRUE), "st_issimple": _of_shape(TRUE), "st_isempty": _of_shape(FALSE),
    "width": shape_part("width", "box"), "height": shape_part("height", "box"),
}  # fmt: skip
