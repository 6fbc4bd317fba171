"""The ways in which meanings are made: each is a maker that weaves a recipe on the loom, or says it does not fit.

A semantic type names its maker and gives options, so most types are data alone. ``template`` is the widest:
literal text with slots, ``{pool.words}``, ``{1-31}``, ``{0001-9999}`` (padded), ``{hex:12}``, ``{year}``, ``{#}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import msgspec

from understudy.model.expression import (
    Call,
    Case,
    Chance,
    Choice,
    Column,
    Const,
    Digits,
    Hexadecimal,
    Join,
    Node,
    Pool,
    Quantile,
    Take,
    Uniform,
    Uuid,
    When,
    Zipf,
)
from understudy.semantics import codes, finite, moments, numbers, stages, structured, textual
from understudy.semantics.catalogue import semantic_type
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.nouns import Coded, Match, SemanticType, Want
from understudy.semantics.pools import distinct
from understudy.types import Kind


class Made(msgspec.Struct, frozen=True):
    """A draw, what it is in words, the injective way, natural nulls, and when null is natural."""

    expression: Node
    what: str
    coded: Coded | None = None
    nulls: float | None = None
    null_when: Node | None = None


Maker = Callable[[Loom, Want, SemanticType, str], Made | None]
MAKERS: dict[str, Maker] = {}
PREPARERS: list[Callable[[Loom], None]] = []
SHARED = frozenset({"person", "place", "moment", "amount", "slug", "loan"})
"""Makers that need the other columns of the row: not for elements of lists."""


def maker(name: str) -> Callable[[Maker], Maker]:
    """Registers a maker under the name that semantic types call it by."""

    def register(function: Maker) -> Maker:
        MAKERS[name] = function
        return function

    return register


def prepare(loom: Loom) -> None:
    """Finds the groups of columns that must agree, before any recipe is made."""
    for step in PREPARERS:
        step(loom)


def standalone(meaning: str) -> bool:
    """Whether a value of the meaning can be made without the rest of the row."""
    described = semantic_type(meaning)
    return described is not None and described.maker not in SHARED


def make(loom: Loom, want: Want, match: Match, use: str = "v") -> Made | None:
    """What the matched type makes of the want; None where it cannot fit."""
    described = semantic_type(match.meaning)
    return MAKERS[described.maker](loom, want, described, use) if described is not None else None


def option(t: SemanticType, name: str, default: str = "") -> str:
    """A textual option."""
    return str(t.options.get(name, default))


def number(t: SemanticType, name: str, default: float) -> float:
    """A numeric option."""
    value = t.options.get(name, default)
    return float(value) if isinstance(value, int | float) else default


def listed(t: SemanticType, name: str) -> tuple[str, ...]:
    """An option that is a list of texts (or one text)."""
    value = t.options.get(name, ())
    return tuple(str(v) for v in value) if isinstance(value, tuple | list) else (str(value),)


def label(t: SemanticType) -> str:
    """The meaning in words, with its article."""
    text = t.name.replace("_", " ")
    return f"an {text}" if text[0] in "aeio" else f"a {text}"


# ---- words -----------------------------------------------------------------------------------------
@maker("pool")
def make_pool(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A word of a pool; unique: the words alone, then with a number."""
    pool = option(t, "pool")
    node = textual.pooled(loom, want, pool, use, number(t, "exponent", 0.5))
    if node is None:
        return None
    ways: list[Coded | None] = list(codes.worded(loom, want, pool, option(t, "separator", " ")))
    if kinds := option(t, "kinds"):
        kind, _ = loom.pool(kinds, unique=True)
        member, _ = loom.pool(pool, unique=True)
        ways.insert(1, codes.mixture(loom, codes.code_of(want), [kind, "= ", member]))
    return Made(node, label(t), textual.coded(loom, want, ways))


@maker("words")
def make_words(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """One of a few weighted words; unique: the words alone, then of several kinds, then with a number."""
    shortest, longest = limits(want)
    fits = tuple(w for w in listed(t, "words") if shortest <= len(w) <= longest)
    if len(fits) < min(2, len(listed(t, "words"))):
        return None
    code = None
    if want.unique and want.field.type.kind is Kind.TEXT:
        kept = loom.keep(f"pool:words:{finite.digest(distinct(fits))}", distinct(fits))
        kind, _ = loom.pool("general.standing", unique=True)
        forms = ((kept,), (kind, "= ", kept), (kept, "= ", "#"))
        digits = codes.digits_for(loom.rows, len(fits))
        code = textual.coded(loom, want, [codes.mixture(loom, codes.code_of(want), form, digits) for form in forms])
    return Made(finite.chosen(loom, want, fits, use), label(t), code)


@maker("title")
def make_title(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A title from a grammar; unique: titles alone, then with a number or subtitle."""
    topic = option(t, "topic")
    return speech.spoken(loom, want, topic, use, lambda u: _title(loom, want, t, topic, u), outright=_outright(t))


def _outright(t: SemanticType) -> bool:
    """Whether texts of the type follow only a language that the row says outright."""
    return option(t, "speech") == "outright"


def _title(loom: Loom, want: Want, t: SemanticType, topic: str, use: str) -> Made | None:
    node = textual.pooled(loom, want, f"grammar:{topic}", use, number(t, "exponent", 0.0))
    if node is None:
        return None
    if not want.unique:
        return Made(node, label(t), textual.coded(loom, want, codes.worded(loom, want, f"grammar:{topic}", " ")))
    ways = [coded_template(loom, want, text, 1) for text in listed(t, "unique")]
    return Made(node, label(t), textual.coded(loom, want, [*ways, *codes.worded(loom, want, f"grammar:{topic}", " ")]))


@maker("prose")
def make_prose(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """Sentences of a topic; a short phrase where only little fits."""
    topic = option(t, "topic")
    return speech.spoken(loom, want, topic, use, lambda u: _prose(loom, want, t, u), outright=_outright(t))


def _prose(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    node = textual.prose(loom, want, option(t, "topic"), use, int(number(t, "most", 4)))
    if node is None and (brief := option(t, "brief")):
        node = textual.pooled(loom, want, brief, use)
    return Made(node, label(t)) if node is not None else None


@maker("review")
def make_review(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A review; where the row has a rating, a bad one says so too."""
    topic = option(t, "pool") or option(t, "topic")
    return speech.spoken(loom, want, topic, use, lambda u: _review(loom, want, t, u, alone=use != "v"))


def _review(loom: Loom, want: Want, t: SemanticType, use: str, *, alone: bool) -> Made | None:
    if option(t, "pool"):
        good = textual.pooled(loom, want, option(t, "pool"), use)
        bad = textual.pooled(loom, want, option(t, "bad_pool"), use + ".bad")
    else:
        good = textual.prose(loom, want, option(t, "topic"), use, int(number(t, "most", 4)))
        bad = textual.prose(loom, want, option(t, "bad"), use + ".bad", int(number(t, "most", 4)))
    if good is None or bad is None:
        return _prose(loom, want, t, use) if option(t, "topic") else None
    rating = next((n for n, m in loom.meanings.items() if m == "rating"), "") if not alone else ""
    poor: Node = Chance(use + ".poor", 0.2)
    if rating and loom.wants[rating].field.type.kind is Kind.INTEGER:
        poor = Call("<", (Column(rating), Const(3)))
    return Made(Case((When(poor, bad),), good), f"{label(t)}{', as good as its rating' if rating else ''}")


@maker("pick")
def make_pick(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """One of a few whole numbers."""
    low, high, _ = numbers.bounds(want)
    if want.field.type.kind is Kind.TEXT:
        return None
    if want.field.type.kind is Kind.FLOAT:
        floats = tuple(float(v) for v in listed(t, "values"))
        return Made(finite.finite_numbers(loom, want, floats, use)[0], label(t))
    unit = 10 ** numbers.scale_of(want.field.type)
    values = tuple(v for x in listed(t, "values") if low <= (v := int(x) * unit) <= high)
    if len(values) < 2:
        return None
    return Made(finite.finite_numbers(loom, want, values, use)[0], label(t))


@maker("pick_price")
def make_pick_price(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """One of a few usual prices; where the row's amounts hang on it, as the row's price."""
    unit = numbers.FLOAT_STEP if want.field.type.kind is Kind.FLOAT else 10 ** numbers.scale_of(want.field.type)
    if unit < 100 or want.field.type.kind is Kind.TEXT:
        return None
    low, high, _ = numbers.bounds(want)
    values = tuple(v for x in listed(t, "values") if low <= (v := round(float(x) * unit)) <= high)
    if not values:
        return None
    kept = loom.keep_numbers(f"pool:prices:{finite.digest(values)}", values)
    node = Take(kept, Choice(use, tuple(1 / (1 + k) for k in range(len(values)))))
    return Made(numbers.as_float(want, node), label(t))


@maker("lab_value")
def make_lab_value(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """What the row's laboratory test measured: within its range mostly, outside it in one of eight."""
    if want.field.type.kind is Kind.TEXT or "record lab." not in loom.shared or use != "v":
        return None
    scale = 2 if want.field.type.kind is Kind.FLOAT else numbers.scale_of(want.field.type)
    lab = records.Record(loom, "lab")
    low, high = lab.number("low", scale), lab.number("high", scale)
    points = (-300, 40, 120, 190, 260, 320, 380, 440, 500, 560, 620, 680, 740, 820, 900, 1010, 1500)
    node = Call("+", (low, Call("/", (Call("*", (Call("-", (high, low)), Quantile(use, points))), Const(1000)))))
    least, most, _ = numbers.bounds(want)
    node = Call("least", (Call("greatest", (node, Const(max(least, 0)))), Const(most)))
    return Made(numbers.as_float(want, node), f"{label(t)}, of the row's test")


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
    node = _among(fits, use) if len(fits) > 1 else fits[0]
    ways: list[Coded | None] = []
    for text in listed(t, "templates"):
        way = coded_template(loom, want, text + "-{#}", 1)
        ways.append(Coded(way.capacity, Join((way.expression, Const("."), extension))) if way is not None else None)
    return Made(node, f"{label(t)} of the row's kind of file", textual.coded(loom, want, ways))


@maker("rate")
def make_rate(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """One of a few hundredths (a discount of 0.15), falling in frequency."""
    hundredths = tuple(int(v) for v in listed(t, "values"))
    scale = numbers.scale_of(want.field.type)
    if scale < 2:
        return None
    if want.field.type.kind is Kind.FLOAT:
        low, high, _ = numbers.bounds(want)
        floats = tuple(v / 100 for v in hundredths if low <= v <= high)
        return Made(finite.finite_numbers(loom, want, floats, use)[0], label(t)) if len(floats) > 1 else None
    low, high, _ = numbers.bounds(want)
    values = tuple(v * 10 ** (scale - 2) for v in hundredths if low <= v * 10 ** (scale - 2) <= high)
    return Made(finite.finite_numbers(loom, want, values, use)[0], label(t)) if len(values) > 1 else None


# ---- templates -------------------------------------------------------------------------------------
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
    node = _among(fits, use) if t.options.get("mixed") and len(fits) > 1 else fits[0]
    texts = (*listed(t, "unique"), *listed(t, "templates"))
    ways = [coded_template(loom, want, text, least) for text in texts for least in (4, 1)]
    return Made(node, label(t), textual.coded(loom, want, ways))


def _among(nodes: list[Node], use: str) -> Node:
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


# ---- numbers ---------------------------------------------------------------------------------------
@maker("number")
def make_number(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A number by its law: ``low``, ``median``, ``high`` in natural units, ``sigma`` its spread."""
    if want.field.type.kind is Kind.TEXT:
        return _number_text(loom, want, t, use)
    if t.name == "weight" and use == "v" and not want.unique and goods.in_row(loom):
        node = goods.weight(loom, want, use)
        if node is not None:
            return Made(node, "what the row's product weighs")
    unit = numbers.FLOAT_STEP if want.field.type.kind is Kind.FLOAT else 10 ** numbers.scale_of(want.field.type)
    low, median, high = (round(number(t, k, d) * unit) for k, d in (("low", 0), ("median", 10), ("high", 1000)))
    node = numbers.within(want, use, low, median, high, number(t, "sigma", 0.9))
    return Made(node, label(t), numbers.coded(want, loom.rows, low)) if node is not None else None


def _number_text(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    shortest, longest = limits(want)
    high = min(int(number(t, "high", 1000)), 10 ** min(longest, 15) - 1)
    node = numbers.law(use, int(number(t, "low", 0)), high, int(number(t, "median", 10)), number(t, "sigma", 0.9))
    return Made(Call("concat", (Const(""), Join((node,)))), label(t)) if shortest <= 1 else None


@maker("year")
def make_year(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A year from ``oldest`` to ``youngest`` years before the clock, later ones more often."""
    if want.field.type.kind not in (Kind.INTEGER, Kind.YEAR, Kind.DECIMAL, Kind.TEXT) or numbers.scale_of(
        want.field.type
    ):
        return None
    this = moments.civil(loom.clock)[0]
    first, last = this - round(number(t, "oldest", 30)), this - round(number(t, "youngest", 0))
    if want.field.type.kind is Kind.TEXT:
        return Made(Join((moments.recent(use, first, last),)), label(t)) if limits(want)[1] >= 4 else None
    low, high, _ = numbers.bounds(want)
    if high < 1000:
        return None
    first, last = max(low, first), min(high, last)
    if first > last:
        return None
    return Made(moments.recent(use, first, last), label(t), numbers.coded(want, loom.rows, first))


@maker("flag")
def make_flag(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """True or false; 0 or 1 in a whole number where the name says a flag; Y or N in a character."""
    told = stages.flag(loom, want) if use == "v" and not want.unique and want.domain.values is None else None
    if want.field.type.kind is Kind.BOOLEAN:
        node, _, coded = _boolean(want, t, use)
        if told is not None:
            return Made(told, "as the row's status says", coded)
        return Made(node, label(t), coded)
    if (
        told is not None
        and want.field.type.kind is Kind.INTEGER
        and numbers.bounds(want)[0] <= 0 < numbers.bounds(want)[1]
    ):
        return Made(Case((When(told, Const(1)),), Const(0)), "as the row's status says")
    if want.field.type.kind is Kind.TEXT:
        pair = ("Y", "N") if limits(want)[1] < 3 else ("yes", "no")
        chance, _ = finite.boolean(want, use)
        return Made(Case((When(chance, Const(pair[0])),), Const(pair[1])), label(t))
    low, high, _ = numbers.bounds(want)
    if low > 0 or high < 1:
        return None
    return Made(finite.flag_number(want, use), label(t))


def _boolean(want: Want, t: SemanticType, use: str) -> tuple[Node, str, Coded]:
    node, coded = finite.boolean(want, use)
    return node, label(t), coded


# ---- the rest --------------------------------------------------------------------------------------
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


@maker("slug")
def make_slug(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The slug of the row's title or name; unique: with the code behind it."""
    source = next((n for n in _titles(loom) if n != want.field.name), None)
    pool = option(t, "topic", "general.phrase")
    if source is not None and limits(want)[1] >= 40:
        inner: Node = Call("slug", (Column(source),))
        borrowed, instead = loom.borrowed, textual.pooled(loom, want, f"grammar:{pool}", f"{use}.instead")
        loom.borrowed = borrowed
        if instead is not None:  # titles in scripts that no address is made of, and rows without a title
            english = Call("slug", (Call("coalesce", (Column(source), Const(""))),))
            inner = Case((When(Call("=", (english, Const(""))), Call("slug", (instead,))),), english)
        top = limits(want)[1]
        digits = codes.digits_for(loom.rows * 4)
        cut = Call("left", (inner, Const(top))) if top < UNLIMITED else inner
        short = Call("left", (inner, Const(top - digits - 1))) if top < UNLIMITED else inner
        coded = Coded(10**digits, Join((short, Const("-"), Digits(codes.code_of(want), digits))))
        return Made(cut, f"the slug of the row's '{source}'", coded)
    made = textual.pooled(loom, want, f"grammar:{pool}", use)
    if made is None:
        return None
    word, adjective = loom.pool("general.word", unique=True)[0], loom.pool("general.adjective", unique=True)[0]
    ways: Iterable[Coded | None] = (
        codes.mixture(loom, codes.code_of(want), [adjective, "=-", word, "=-", "#"], codes.digits_for(loom.rows, 1000)),
    )
    return Made(Call("slug", (made,)), label(t), textual.coded(loom, want, ways))


def _titles(loom: Loom) -> list[str]:
    order = ("title", "name", "label", "headline", "subject")
    named = [
        (order.index(w[-1]), n)
        for n, w in loom.tokens.items()
        if w[-1] in order and loom.wants[n].field.type.kind is Kind.TEXT and finite.allowed(loom.wants[n]) is None
    ]
    return [n for _, n in sorted(named)]


from understudy.semantics import (  # noqa: E402, F401  (they register)
    amounts,
    finance,
    goods,
    identity,
    naming,
    people,
    pictures,
    places,
    records,
    speech,
    timeline,
)
