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
    unit = 1000 if {"g", "gr", "gram", "grams"} & set(words) else 2 if "lb" in words or "pound" in words else 1
    node: Node = Call("/", (Call("*", (Call("*", (grams, share)), Const(unit * 10**scale))), Const(1_000_000)))
    low, high, _ = numbers.bounds(want)
    if low > 0 or high < 30 * unit * 10**scale:
        return None
    return numbers.as_float(want, Call("greatest", (node, Const(1))))


@maker("product")
def make_product(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The name of a thing: a style or material before it, the row's brand, or a suffix behind."""
    product = Record(loom, "product", "", "" if use == "v" else use)
    longest, borrowed = limits(want)[1], loom.borrowed or product.english("thing")
    thing = product.text("thing", 0, longest)
    if thing is None or longest < 20:
        return None
    named = _english if loom.locale.startswith("en") else _local
    brands, brand = brand_index(loom)
    forms, weights, ways = named(loom, product, thing, Pool(brands, brand), use, codes.code_of(want))
    loom.borrowed = borrowed  # brands and models are called the same everywhere
    kept = [(f, w) for f, w in zip(forms, weights, strict=True) if loom.fits(want, f)] or [(thing, 1.0)]
    pick = Choice(use + ".form", tuple(w for _, w in kept))
    whens = tuple(When(Call("=", (pick, Const(i))), f) for i, (f, _) in enumerate(kept[:-1]))
    node = Case(whens, kept[-1][0]) if whens else kept[0][0]
    if not want.unique:
        return Made(node, label(t))
    return Made(node, label(t), textual.coded(loom, want, ways if product.leader == want.field.name else []))


Named = tuple[list[Node], tuple[float, ...], list[Coded]]
"""Ways to name a thing, how usual each is, and injective ones."""
KINDS = ("kind", "kind2", "kind3")


def _english(loom: Loom, product: Record, thing: Node, brand: Node, use: str, code: Node) -> Named:
    """Leather Hiking Boots, Fernhill Classic Teapot, Desk Lamp Pro."""
    style, styles = loom.pool("commerce.product/style", unique=True)
    suffix, suffixes = loom.pool("commerce.product/suffix", unique=True)
    lists = [product.columns[k] for k in ("thing", *KINDS)]
    kinds = loom.keep(
        "records:product.kinds", tuple(f"{kind} {row[0]}" for row in zip(*lists, strict=True) for kind in row[1:])
    )
    apt = Pool(
        kinds, Call("+", (Call("*", (product.index, Const(len(KINDS)))), Uniform(f"{use}.kind", Const(0), Const(2))))
    )
    a_style, a_suffix = _drawn(style, styles, f"{use}.style"), _drawn(suffix, suffixes, f"{use}.suffix")
    forms: list[Node] = [
        apt,
        Join((a_style, thing), " "),
        Join((brand, thing), " "),
        Join((brand, apt), " "),
        Join((thing, a_suffix), " "),
        thing,
    ]
    n, digits = product.size, codes.digits_for(loom.rows, product.size * styles)
    one, two = Pool(style, codes.place(code, n, styles)), Pool(suffix, codes.place(code, n * styles, suffixes))
    number = codes.place(code, n * styles, 10**digits)
    ways = [
        Coded(n * styles, Join((one, thing), " ")),
        Coded(n * styles * suffixes, Join((one, thing, two), " ")),
        Coded(n * styles * 10**digits, Join((one, thing, number), " ")),
    ]
    return forms, (5.0, 3.0, 3.0, 3.0, 2.0, 1.0), ways


def _local(loom: Loom, product: Record, thing: Node, brand: Node, use: str, code: Node) -> Named:
    """Laufschuhe Alpina, Fernhill Bürostuhl Milano 300: what stands behind the thing needs no ending."""
    model, models = loom.pool("commerce.product/model", unique=True)
    suffix, suffixes = loom.pool("commerce.product/suffix", unique=True)
    a_model, a_suffix = _drawn(model, models, f"{use}.model"), _drawn(suffix, suffixes, f"{use}.suffix")
    forms: list[Node] = [
        Join((thing, a_model), " "),
        Join((brand, thing), " "),
        Join((brand, thing, a_model), " "),
        Join((thing, a_suffix), " "),
        thing,
    ]
    n, digits = product.size, codes.digits_for(loom.rows, product.size * models)
    one, two = Pool(model, codes.place(code, n, models)), Pool(suffix, codes.place(code, n * models, suffixes))
    number = codes.place(code, n * models, 10**digits)
    ways = [
        Coded(n * models, Join((thing, one), " ")),
        Coded(n * models * suffixes, Join((thing, one, two), " ")),
        Coded(n * models * 10**digits, Join((thing, one, number), " ")),
    ]
    return forms, (5.0, 3.0, 3.0, 2.0, 2.0), ways


def _drawn(pool: str, size: int, use: str) -> Node:
    return Pool(pool, Uniform(use, Const(0), Const(size - 1)))


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
