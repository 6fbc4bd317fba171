"""Texts by templates: literal text with slots.

``{pool.words}``, ``{1-31}``, ``{0001-9999}`` (padded), ``{hex:12}``, ``{year}`` (that in which the row began), ``{#}``.
"""

from __future__ import annotations

import re

from understudy.model.expression import (
    Call,
    Case,
    Choice,
    Column,
    Const,
    Digits,
    Hexadecimal,
    Join,
    Node,
    Pool,
    Uniform,
    Uuid,
    When,
    Zipf,
)
from understudy.semantics import codes, structured, textual
from understudy.semantics.loom import Loom
from understudy.semantics.making import Made, label, listed, maker
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.types import Kind

_SLOT = re.compile(r"\{([^}]+)\}")

_RANGE = re.compile(r"(\d+)-(\d+)")


@maker("template")
def make_template(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """Texts by templates: the first that fits (a column has one form), or all where ``mixed``; unique: the template
    ``unique`` (or the first) in mixed radix."""
    wanted = listed(t, "templates")
    if {"url", "uri", "link", "href", "src"} & set(loom.tokens.get(want.field.name, ())):
        wanted = tuple(x for x in wanted if x.startswith("http")) or wanted
    nodes = [filled(loom, text, f"{use}.{k}") for k, text in enumerate(wanted)]
    fits = [n for n in nodes if loom.fits(want, n)]
    if not fits:
        return None
    if want.field.type.fixed:  # char(64) holds a digest of 64 digits rather than anything shorter
        whole = (want.field.type.length or 0,) * 2
        fits = [n for n in fits if loom.span(n) == whole] or fits
    node = among(fits, use) if t.options.get("mixed") and len(fits) > 1 else fits[0]
    texts = (*listed(t, "unique"), *listed(t, "templates"))
    ways = [coded_template(loom, want, text, least) for text in texts for least in (4, 1)]
    return Made(node, label(t), textual.coded(loom, want, ways))


def among(nodes: list[Node], use: str) -> Node:
    """One of several forms, the first ones more often."""
    pick = Choice(use + ".form", tuple(round(1 / (1 + 0.4 * i), 3) for i in range(len(nodes))))
    return Case(tuple(When(Call("=", (pick, Const(i))), n) for i, n in enumerate(nodes[:-1])), nodes[-1])


def filled(loom: Loom, template: str, use: str) -> Node:
    """A template with every slot drawn."""
    parts: list[Node] = []
    for k, piece in enumerate(_SLOT.split(template)):
        if k % 2 == 0:
            parts += [Const(piece)] if piece else []
        else:
            parts.append(_drawn(loom, piece, f"{use}.{k}"))
    return parts[0] if len(parts) == 1 else Join(tuple(parts))


def _drawn(loom: Loom, slot: str, use: str) -> Node:
    if found := _RANGE.fullmatch(slot):
        low, high = int(found[1]), int(found[2])
        drawn = Uniform(use, Const(low), Const(high))
        return Digits(drawn, len(found[2])) if len(found[1]) == len(found[2]) > 1 else drawn
    if slot.startswith("hex:"):
        return Hexadecimal(use, int(slot[4:]))
    if slot.startswith("b62:"):
        size = int(slot[4:])
        pieces = tuple(
            Digits(Uniform(f"{use}.{k}", Const(0), Const(62 ** min(10, size - k) - 1)), min(10, size - k), codes.BASE62)
            for k in range(0, size, 10)
        )
        return pieces[0] if len(pieces) == 1 else Join(pieces)
    if slot == "uuid":
        return Uuid(use)
    if slot == "year":
        year = 1970 + loom.clock // 31_556_952_000_000
        return _year(loom) or Uniform(use, Const(year - 3), Const(year - 1))
    if slot == "A":
        return Digits(Uniform(use, Const(0), Const(25)), 1, codes.LETTERS)
    if slot == "#":
        return Digits(Uniform(use, Const(0), Const(9999)), 4)
    name, size = loom.pool(slot)
    return Pool(name, Zipf(use, size, 0.4))


DATED = ("issued_at", "created_at", "ordered_at", "occurred_at", "event_at", "started_at", "joined_at")
"""Meanings of times that a number with a year in it speaks of."""


def _year(loom: Loom) -> Node | None:
    """The year in which the row began, in four digits; None where it has no such time."""
    for name in loom.named(*DATED):
        want = loom.wants.get(name)
        if want is not None and not want.unique and not want.field.nullable and want.field.type.kind in DAYS:
            return Digits(Call("year", (Column(name),)), 4)
    return None


DAYS = (Kind.DATE, Kind.TIMESTAMP)


def coded_template(loom: Loom, want: Want, template: str, least: int = 4) -> Coded | None:
    """A template in mixed radix of the column's code: ``{#}`` takes as many digits as the rows need (``least``)."""
    slots: list[tuple[int, str, int]] = []
    parts: list[Node] = []
    share = 1
    for k, piece in enumerate(_SLOT.split(template)):
        if k % 2 == 0:
            parts += [Const(piece)] if piece else []
            continue
        size = 1 if piece == "year" and _year(loom) is not None else _slot_size(loom, piece)
        slots.append((len(parts), piece, size))
        parts.append(Const(""))
        share *= max(size, 1)
    stride = 1
    digits = max(least, codes.digits_for(loom.rows, share))
    for at, piece, size in slots:
        if piece == "#":
            size = 10**digits
        parts[at] = _placed(loom, piece, codes.code_of(want), stride, size, digits)
        stride *= size
    if stride > codes.MOST:
        return None
    return Coded(stride, parts[0] if len(parts) == 1 else Join(tuple(parts)))


def _slot_size(loom: Loom, slot: str) -> int:
    if found := _RANGE.fullmatch(slot):
        return int(found[2]) - int(found[1]) + 1
    if slot.startswith("hex:"):
        return int(16 ** min(int(slot[4:]), 12))
    if slot.startswith("b62:"):
        return int(62 ** min(int(slot[4:]), 8))
    fixed = {"#": 1, "year": 3, "A": 26, "uuid": 1}.get(slot)
    return fixed if fixed is not None else loom.pool(slot, unique=True)[1]


def _placed(loom: Loom, slot: str, code: Node, stride: int, size: int, digits: int) -> Node:
    index = codes.place(code, stride, size)
    if found := _RANGE.fullmatch(slot):
        moved: Node = Call("+", (index, Const(int(found[1])))) if int(found[1]) else index
        return Digits(moved, len(found[2])) if len(found[1]) == len(found[2]) > 1 else moved
    if slot.startswith(("hex:", "b62:")):
        width = int(slot[4:])
        if slot[0] == "h":
            tail = Digits(index, min(width, 12), structured.HEX)
            return Join((Hexadecimal("fill", width - 12), tail)) if width > 12 else tail
        tail = Digits(index, min(width, 8), codes.BASE62)
        return Join((_drawn(loom, f"b62:{width - 8}", "fill"), tail)) if width > 8 else tail
    if slot == "#":
        return Digits(index, digits)
    if slot == "A":
        return Digits(index, 1, codes.LETTERS)
    if slot == "uuid":
        return Uuid("v")
    if slot == "year":
        year = 1970 + loom.clock // 31_556_952_000_000
        return _year(loom) or Digits(Call("+", (index, Const(year - 3))), 4)
    return Pool(loom.pool(slot, unique=True)[0], index)
