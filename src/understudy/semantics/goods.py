"""Goods: name, category, brand, price and weight of the same thing."""

from __future__ import annotations

from understudy.model.expression import Call, Case, Choice, Const, Join, Node, Pool, Quantile, Uniform, When, Zipf
from understudy.semantics import codes, numbers, textual
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import Made, label, maker
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.records import Record

PRICED = (0, 40, 90, 140, 190, 240, 290, 340, 390, 440, 490, 550, 610, 680, 760, 870, 1000)
"""Quantiles, in thousandths of the usual range, of what a thing costs."""


def in_row(loom: Loom) -> bool:
    """Whether the row names a thing that is sold."""
    return "record product." in loom.shared


def brand_index(loom: Loom) -> tuple[str, Node]:
    """The pool of brands and the row's place in it."""
    pool, size = loom.pool("commerce.brand", unique=True)
    return pool, loom.hide("brand", Zipf("v", size, 0.5), reason="whose product it is")


def price(loom: Loom, use: str = "v") -> Node:
    """The whole units that the row's thing costs."""
    product = Record(loom, "product")
    low, high = product.number("low"), product.number("high")
    return Call("+", (low, Call("/", (Call("*", (Call("-", (high, low)), Quantile(use, PRICED))), Const(1000)))))


def weight(loom: Loom, want: Want, use: str) -> Node | None:
    """What the row's thing weighs, in the unit of the column's name (kilograms where it says none)."""
    scale = numbers.scale_of(want.field.type)
    words = loom.tokens[want.field.name]
    grams = Record(loom, "product").number("grams")
    share = Uniform(use, Const(900), Const(1120))
    unit = (
        1000 if "g" in words or "gram" in words or "grams" in words else 2 if "lb" in words or "pound" in words else 1
    )
    node: Node = Call("/", (Call("*", (Call("*", (grams, share)), Const(unit * 10**scale))), Const(1_000_000)))
    low, high, _ = numbers.bounds(want)
    if low > 0 or high < 30 * unit * 10**scale:
        return None
    return numbers.as_float(want, Call("greatest", (node, Const(1))))


@maker("product")
def make_product(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The name of a thing: a style or material before it, the row's brand, or a suffix behind."""
    product = Record(loom, "product", "", "" if use == "v" else use)
    longest = limits(want)[1]
    thing = product.text("thing", 0, longest)
    if thing is None or longest < 20:
        return None
    style, styles = loom.pool("commerce.product/style", unique=True)
    material, materials = loom.pool("commerce.product/material", unique=True)
    suffix, suffixes = loom.pool("commerce.product/suffix", unique=True)
    brands, brand = brand_index(loom)
    drawn = [
        Pool(p, Uniform(f"{use}.{p[-8:]}", Const(0), Const(n - 1)))
        for p, n in ((style, styles), (material, materials), (suffix, suffixes))
    ]
    forms: list[Node] = [
        Join((drawn[0], thing), " "),
        Join((Pool(brands, brand), thing), " "),
        Join((drawn[1], thing), " "),
        Join((Pool(brands, brand), drawn[0], thing), " "),
        Join((thing, drawn[2]), " "),
        thing,
    ]
    fits = [f for f in forms if loom.fits(want, f)] or [thing]
    pick = Choice(use + ".form", (5.0, 4.0, 2.0, 3.0, 2.0, 1.0)[: len(fits)])
    whens = tuple(When(Call("=", (pick, Const(i))), f) for i, f in enumerate(fits[:-1]))
    node = Case(whens, fits[-1]) if whens else fits[0]
    if not want.unique:
        return Made(node, label(t))
    code, n = codes.code_of(want), product.size
    one = Pool(style, codes.place(code, n, styles))
    two = Pool(material, codes.place(code, n * styles, materials))
    three = Pool(suffix, codes.place(code, n * styles * materials, suffixes))
    digits = codes.digits_for(loom.rows, n * styles)
    ways = [
        Coded(n * styles, Join((one, thing), " ")),
        Coded(n * styles * materials, Join((one, two, thing), " ")),
        Coded(n * styles * materials * suffixes, Join((one, two, thing, three), " ")),
        Coded(n * styles * 10**digits, Join((one, thing, codes.place(code, n * styles, 10**digits)), " ")),
    ]
    return Made(node, label(t), textual.coded(loom, want, ways if product.leader == want.field.name else []))


@maker("brand")
def make_brand(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The row's brand, the one in its product's name."""
    if use != "v" or want.unique or not in_row(loom):
        node = textual.pooled(loom, want, "commerce.brand", use, 0.5)
        return (
            Made(node, label(t), textual.coded(loom, want, codes.worded(loom, want, "commerce.brand")))
            if node
            else None
        )
    pool, index = brand_index(loom)
    node = Pool(pool, index)
    return Made(node, f"{label(t)}, as in the product's name") if loom.fits(want, node) else None
