"""Texts that a rule reads as something else: dates, numbers, JSON of a shape, UUIDs, written in a text column."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from understudy.model.domain import Domain
from understudy.model.expression import Call, Cast, Const, Document, Join, Node, Pool, Zipf
from understudy.semantics import numbers, structured
from understudy.semantics.codes import code_of
from understudy.semantics.loom import Loom
from understudy.semantics.nouns import Coded, Recipe, Want
from understudy.types import Kind, Type

TEXT = Type(Kind.TEXT)
WRITTEN: dict[str, tuple[Type, str]] = {
    "date": (Type(Kind.DATE), "%Y-%m-%d"),
    "timestamp": (Type(Kind.TIMESTAMP), "%Y-%m-%d %H:%M:%S"),
    "integer": (Type(Kind.INTEGER), ""),
    "number": (Type(Kind.DECIMAL, precision=12, scale=2), ""),
    "uuid": (Type(Kind.UUID), ""),
}
"""What is made instead, and the strftime form in which it is written (empty: as text of its own)."""


def contained(loom: Loom, want: Want, recipe: Callable[[Want], Recipe]) -> Recipe | None:
    """A recipe for a text that must hold its domain's ``content``; None where that asks for nothing special.

    ``recipe``: how a want of another type is composed.
    """
    content, kind = want.domain.content, want.field.type.kind
    if kind not in (Kind.TEXT, Kind.JSON) or not content or f"moment of {want.field.name}" in loom.shared:
        return None
    if content.startswith("json"):
        if kind is Kind.JSON and content in ("json", "json:object"):
            return None
        shape, _, members = content.partition(":")[2].partition(":")
        return _document(loom, want, shape, tuple(m for m in members.split(",") if m))
    if content == "time":
        return _wrapped(
            recipe(_instead(want, Type(Kind.TIMESTAMP))), lambda n: _formatted(n, Kind.TIMESTAMP, "%H:%M:%S")
        )
    known = WRITTEN.get(content)
    if known is None:
        return None
    other, form = known
    return _wrapped(
        recipe(_instead(want, other)), lambda n: _formatted(n, other.kind, form) if form else _plain(n, other)
    )


def _instead(want: Want, other: Type) -> Want:
    domain = Domain(required=want.domain.required)
    return msgspec.structs.replace(want, field=msgspec.structs.replace(want.field, type=other), domain=domain)


def _formatted(node: Node, kind: Kind, form: str) -> Node:
    return Call("format_time", (Cast(node, Type(kind)), Const(form)))


def _plain(node: Node, other: Type) -> Node:
    return node if other.kind is Kind.UUID else Cast(Cast(node, other), TEXT) if other.scale else Cast(node, TEXT)


def _wrapped(made: Recipe, wrap: Callable[[Node], Node]) -> Recipe:
    coded = None if made.coded is None else Coded(made.coded.capacity, wrap(made.coded.expression))
    return msgspec.structs.replace(
        made, expression=wrap(made.expression), coded=coded, reason=f"{made.reason}, written as text"
    )


def _document(loom: Loom, want: Want, shape: str, members: tuple[str, ...]) -> Recipe:
    """A JSON document of a shape: an object (with ``members``) where any will do."""
    share = 0.1 if want.field.nullable else 0.0
    word, words = loom.pool("general.tag")
    drawn: Node
    coded: Node
    match shape:
        case "array":
            drawn = _list(Pool(word, Zipf("v.first", words, 0.5)), Pool(word, Zipf("v.second", words, 0.5)))
            coded = _list(Pool(word, Zipf("v.first", words, 0.5)), code_of(want))
        case "string":
            drawn = Join((Const('"'), Pool(word, Zipf("v", words, 0.5)), Const('"')))
            coded = Join((Const('"'), code_of(want), Const('"')))
        case "number":
            drawn, coded = Cast(numbers.law("v", 1, 1000, 20), TEXT), Cast(code_of(want), TEXT)
        case "boolean":
            drawn = Call(
                "lower", (Cast(Call("=", (Call("%", (numbers.law("v", 1, 1000, 20), Const(2))), Const(0))), TEXT),)
            )
            return Recipe(drawn, "true or false as JSON", "", None, share)
        case "null":
            return Recipe(Const("null"), "null as JSON", "", Coded(1, Const("null")), share)
        case _:
            made, way = structured.document(loom, want, "v")
            asked = tuple((m, Pool(word, Zipf(f"v.{m}", words, 0.5))) for m in members)
            if asked and isinstance(made, Document) and way is not None and isinstance(way.expression, Document):
                made = Document(asked + made.members)
                way = Coded(way.capacity, Document(asked + way.expression.members))
            return Recipe(made, "a small document", "", way, share)
    return Recipe(drawn, f"JSON: {shape}", "", Coded(10**12, coded), share)


def _list(first: Node, second: Node) -> Node:
    return Join((Const('["'), first, Const('", "'), second, Const('"]')))
