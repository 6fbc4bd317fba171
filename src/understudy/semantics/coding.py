"""Meanings that are codes: with check digits, digests, UUIDs, names of files, small documents."""

from __future__ import annotations

from understudy.model.expression import (
    Call,
    Const,
    Digits,
    Hexadecimal,
    Join,
    Node,
    Uniform,
    Uuid,
)
from understudy.semantics import codes, records, structured, textual
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import Made, label, listed, maker, number, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.templates import among, coded_template, filled
from understudy.types import Kind


@maker("file")
def make_file(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A file's name, extension or media type, of one kind of file in a row; sound where the table is of sound."""
    of = "audio" if {"track", "song", "recording", "audio", "podcast", "episode"} & set(loom.subject) else "file"
    record = records.Record(loom, of, "", "" if use == "v" else use)
    low, high = limits(want)
    extension = record.text("extension")
    assert extension is not None
    if option(t, "aspect") != "name":
        node = record.text(option(t, "aspect"), low, high)
        if node is None or high < 3:
            return None
        return Made(node, f"{label(t)} of the row's file", textual.coded(loom, want) if want.unique else None)
    forms = [filled(loom, x, f"{use}.{k}") for k, x in enumerate(listed(t, "templates"))]
    whole: list[Node] = [Join((x, Const("."), extension)) for x in forms]
    fits = [f for f in whole if loom.fits(want, f)]
    if not fits:
        return None
    node = among(fits, use) if len(fits) > 1 else fits[0]
    ways: list[Coded | None] = []
    for text in listed(t, "templates"):
        way = coded_template(loom, want, text + "-{#}", 1)
        ways.append(Coded(way.capacity, Join((way.expression, Const("."), extension))) if way is not None else None)
    return Made(node, f"{label(t)} of the row's kind of file", textual.coded(loom, want, ways))


@maker("checked")
def make_checked(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """Digits with a right check digit: ``ean`` or ``luhn`` over a prefix and ``digits`` free digits."""
    width, prefix, check = int(number(t, "digits", 9)), option(t, "prefix"), option(t, "check")
    drawn = Call(check, (Join((Const(prefix), Digits(Uniform(use, Const(0), Const(10**width - 1)), width))),))
    coded = Call(check, (Join((Const(prefix), Digits(codes.code_of(want), width))),))
    return Made(drawn, label(t), Coded(10**width, coded)) if loom.fits(want, drawn) else None


@maker("hash")
def make_hash(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """Hexadecimal digits of the digest that name or length suggest."""
    shortest, longest = limits(want)
    sizes = [int(number(t, "digits", 64)), 64, 40, 32, 16]
    size = next((s for s in sizes if shortest <= s <= longest), None)
    if size is None:
        return None
    node = Hexadecimal(use, size)
    return Made(node, label(t), Coded(codes.MOST, node))


@maker("document")
def make_document(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A small JSON document, in text or JSON columns."""
    node, coded = structured.document(loom, want, use)
    if want.field.type.kind is Kind.TEXT and limits(want)[1] < 250:
        return None
    return Made(node, label(t), coded)


@maker("uuid")
def make_uuid(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A UUID in a text column."""
    node = Uuid(use)
    return Made(node, label(t), Coded(codes.MOST, node)) if loom.fits(want, node) else None
