"""Meanings that are words: of a pool, of a few, titles, running text, reviews, slugs."""

from __future__ import annotations

from collections.abc import Iterable

from understudy.model.expression import (
    Call,
    Case,
    Chance,
    Column,
    Const,
    Digits,
    Join,
    Node,
    When,
)
from understudy.semantics import codes, finite, speech, textual
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.making import Made, label, listed, maker, number, option
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.pools import distinct
from understudy.semantics.templates import coded_template
from understudy.types import Kind


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
    return speech.spoken(loom, want, topic, use, lambda u: _title(loom, want, t, topic, u), by=_by(t))


def _by(t: SemanticType) -> str:
    """What the language of the type's texts follows: who writes, or only what the row says outright, or its country."""
    return option(t, "speech", "speech")


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
    return speech.spoken(loom, want, topic, use, lambda u: _prose(loom, want, t, u), by=_by(t))


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


@maker("slug")
def make_slug(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The slug of the row's title or name; unique: with the code behind it."""
    source = next((n for n in titles(loom) if n != want.field.name), None)
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


def titles(loom: Loom) -> list[str]:
    """Columns that hold what the row is called, titles first."""
    order = ("title", "name", "label", "headline", "subject")
    named = [
        (order.index(w[-1]), n)
        for n, w in loom.tokens.items()
        if w[-1] in order and loom.wants[n].field.type.kind is Kind.TEXT and finite.allowed(loom.wants[n]) is None
    ]
    return [n for _, n in sorted(named)]
