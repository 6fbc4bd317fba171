"""Names of things that only their table tells apart: "Riverside Depot", "Standard Room", "Lager Bremen"."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.model.expression import Call, Case, Choice, Column, Const, Join, Node, Pool, Uniform, When
from understudy.semantics import codes, locales, textual
from understudy.semantics.loom import Loom
from understudy.semantics.making import Made, maker
from understudy.semantics.nouns import Coded, SemanticType, Want
from understudy.semantics.templates import make_template
from understudy.semantics.wording import make_title
from understudy.semantics.words import noun
from understudy.types import Kind

KINDS = frozenset({"type", "category", "class", "kind", "level", "tier", "group", "mode", "plan", "option", "rate"})
"""Tables of kinds of a thing: their rows are standard and express, not Riverside."""


@maker("called")
def make_called(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """A name with the noun of its table; a title where the table has no noun to offer, or no room for it."""
    made = called(loom, want, use)
    return made or make_title(loom, want, t, use)


def called(loom: Loom, want: Want, use: str) -> Made | None:
    """A name with the noun of its table; None where the table has no noun to offer, or no room for it."""
    tokens = loom.tokens.get(want.field.name)  # a member of a structured column has none
    if not tokens:
        return None
    about, last = _noun(loom), tokens[-1]
    if not about or not (last == "name" or (loom.subject[-1] in KINDS and last in ("title", "label"))):
        return None
    forms = [f for f in (_english if loom.locale.startswith("en") else _local)(loom, about) if f]
    drawn = [node for n, form in enumerate(forms) if loom.fits(want, node := _drawn(loom, form, f"{use}.{n}"))]
    if not drawn:
        return None
    node = drawn[0] if len(drawn) == 1 else _either(drawn[0], drawn[1], use)
    why = f"what a {about.lower()} is called"
    return Made(node, why, textual.coded(loom, want, _unique(loom, want, forms)))


def _noun(loom: Loom) -> str:
    """The last word of the table's name as it stands before a reader, capital first; '' where it says nothing."""
    if loom.language and loom.locale.startswith(loom.language):
        written = noun(loom.entity)
        return written.capitalize() if len(written) >= 3 else ""
    words = [w for w in loom.subject if w.isalpha()]
    while words and words[-1] in KINDS:
        words.pop()
    if not words or len(words[-1]) < 4 or words[-1] in textual.MUTE:
        return ""
    return words[-1].capitalize()


def _english(loom: Loom, noun: str) -> Iterator[list[str]]:
    """Parts of names: artefacts of words, and literals marked by ``=``."""
    kind, _ = loom.pool("general.standing", unique=True)
    if loom.subject[-1] in KINDS:
        yield [kind, f"= {noun}"]
        return
    proper, _ = loom.pool("general.proper", unique=True)
    quarter, _ = loom.pool("general.quarter", unique=True)
    yield [proper, f"= {noun}"]
    yield [quarter, "= ", proper, f"= {noun}"]


def _local(loom: Loom, noun: str) -> Iterator[list[str]]:
    """In other languages what stands behind the noun needs no ending: a place."""
    cities = tuple(dict.fromkeys(locales.native(row[0]) for row in locales.places(loom.locale)))
    if cities:
        yield [f"={noun} ", loom.keep(f"pool:{loom.locale}:cities", cities)]


def _drawn(loom: Loom, form: list[str], use: str) -> Node:
    return Join(tuple(_part(loom, p, f"{use}.{k}") for k, p in enumerate(form)))


def _part(loom: Loom, part: str, use: str) -> Node:
    if part.startswith("="):
        return Const(part[1:])
    return Pool(part, Uniform(use, Const(0), Const(len(loom.artefacts[part]) - 1)))


def _either(one: Node, other: Node, use: str) -> Node:
    return Case((When(Call("=", (Choice(f"{use}.long", (2.0, 1.0)), Const(0))), one),), other)


def _unique(loom: Loom, want: Want, forms: list[list[str]]) -> Iterator[Coded | None]:
    code = codes.code_of(want)
    for form in forms:
        yield codes.mixture(loom, code, form)
    for form in forms[::-1]:
        share = 1
        for part in form:
            share *= 1 if part.startswith("=") else len(loom.artefacts[part])
        yield codes.mixture(loom, code, [*form, "= ", "#"], codes.digits_for(loom.rows, share))


ORGANISATIONS = frozenset({"company", "hotel", "school", "team", "warehouse", "branch_name", "name_plain", "airline"})
"""Meanings of names that have a site."""


@maker("site")
def make_site(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """The site of what the row is about, by its name; any site where the row has no name."""
    about = next((n for n, m in loom.meanings.items() if m in ORGANISATIONS and n in loom.wants), "")
    if about and use == "v" and loom.wants[about].field.type.kind is Kind.TEXT and not want.unique:
        host = Call("slug", (Call("coalesce", (Column(about), Const("www"))),))
        form = "{}" if loom.tokens[want.field.name][-1] in ("domain", "host") else "https://www.{}"
        node = Join((Const(form.removesuffix("{}")), host, Const(".example.com")))
        if loom.fits(want, node):
            return Made(node, f"the site of the row's {about}")
    return make_template(loom, want, t, use)
