"""Shapes on the map as well-known text: of the kind and dimensions that the type names, valid, near places."""

from __future__ import annotations

import re

from understudy.model.expression import Call, Const, Digits, Join, Node, Uniform
from understudy.semantics.codes import code_of, place
from understudy.semantics.nouns import Coded, Want
from understudy.types import Type

Made = tuple[Node, Coded | None]

SHAPES = (
    "multipolygon", "multilinestring", "multipoint", "multisurface", "multicurve", "polyhedralsurface", "curvepolygon",
    "compoundcurve", "circularstring", "geometrycollection", "polygon", "linestring", "triangle", "tin", "point",
)  # fmt: skip
"""Longer names before those that they contain."""

_ASKED = re.compile(r"\(\s*'?([a-z]+)", re.IGNORECASE)
_DIMENSIONS = {"zm": "zm", "z": "z", "m": "m"}


def shape_of(t: Type) -> tuple[str, str]:
    """The shape that a type names (``point`` where it names none), and its further dimensions: ``z``, ``m``, both."""
    named = _ASKED.search(t.raw)
    word = (named[1] if named else t.variant).lower()
    shape = next((s for s in SHAPES if word.startswith(s)), "point")
    rest = word[len(shape) :] if word.startswith(shape) else ""
    return shape, _DIMENSIONS.get(rest, "")


def spatial(want: Want, use: str) -> Made:
    """A shape somewhere in Europe; distinct ones from a grid."""
    shape, further = shape_of(want.field.type)
    x, y = Uniform(use + ".x", Const(2), Const(24)), Uniform(use + ".y", Const(37), Const(56))
    fx, fy = (Digits(Uniform(f"{use}.{n}", Const(0), Const(9999)), 4) for n in ("fx", "fy"))
    code = code_of(want)
    coded_x, coded_fx = Call("+", (place(code, 10**8, 20), Const(2))), Digits(place(code, 10_000, 10_000), 4)
    coded_fy = Digits(place(code, 1, 10_000), 4)
    made = written(shape, further, (x, fx), (y, fy))
    return made, Coded(20 * 10**8, written(shape, further, (coded_x, coded_fx), (Const(47), coded_fy)))


def written(shape: str, further: str, x: tuple[Node, Node], y: tuple[Node, Node]) -> Node:
    """A shape whose first corner is at the point, of about a degree, so that every shape is valid. ``x``, ``y``: whole
    number and digits behind the point."""
    height = {"z": (12,), "m": (3,), "zm": (12, 3)}.get(further, ())

    def corner(dx: int, dy: int) -> Node:
        first = x[0] if not dx else Call("+", (x[0], Const(dx)))
        second = y[0] if not dy else Call("+", (y[0], Const(dy)))
        at = Join((first, Const("."), x[1], Const(" "), second, Const("."), y[1]))
        return Join((at, *(Const(f" {h}") for h in height))) if height else at

    line = Join((corner(0, 0), corner(1, 0), corner(1, 1)), ",")
    ring = Join((corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1), corner(0, 0)), ",")
    face = Join((corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 0)), ",")
    opening, body, closing = {
        "point": ("(", corner(0, 0), ")"),
        "multipoint": ("(", Join((corner(0, 0), corner(1, 1)), ","), ")"),
        "linestring": ("(", line, ")"),
        "circularstring": ("(", line, ")"),
        "compoundcurve": ("((", line, "))"),
        "multilinestring": ("((", line, "))"),
        "multicurve": ("((", line, "))"),
        "polygon": ("((", ring, "))"),
        "curvepolygon": ("((", ring, "))"),
        "triangle": ("((", face, "))"),
        "multipolygon": ("(((", ring, ")))"),
        "multisurface": ("(((", ring, ")))"),
        "polyhedralsurface": ("(((", ring, ")))"),
        "tin": ("(((", face, ")))"),
        "geometrycollection": (f"(POINT{_dimension(further)}(", corner(0, 0), "))"),
    }[shape]
    return Join((Const(f"{shape.upper()}{_dimension(further)}{opening}"), body, Const(closing)))


def _dimension(further: str) -> str:
    return f" {further.upper()} " if further else ""
