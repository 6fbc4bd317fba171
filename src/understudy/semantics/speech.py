"""In which language a row speaks: its own column says it, or the parent that does (a review's customer lives in Japan).

    lang, locale, country … ─► $language, $speech (numbers of LANGUAGES, 0: the table's own) ─► a text per language

``$language`` is what a row says outright (a column of languages or locales); ``$speech`` is what those speak who write
in it: that, else the language of the row's country, else that of its author, its ticket, its shop. What a shop says of
its goods follows the first alone, what people write follows the second.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import msgspec

from understudy.errors import RequestError
from understudy.model.expression import Call, Case, Column, Const, Lookup, Node, When
from understudy.semantics.gazetteer import countries
from understudy.semantics.loom import Loom
from understudy.semantics.making import PREPARERS, Made
from understudy.semantics.nouns import Up, Want
from understudy.semantics.places import SITES
from understudy.semantics.pools import rows_of, translated
from understudy.types import Kind

HOMES = {
    "en": "en_US", "de": "de_DE", "fr": "fr_FR", "es": "es_ES", "it": "it_IT", "pt": "pt_BR", "nl": "nl_NL",
    "pl": "pl_PL", "tr": "tr_TR", "ja": "ja_JP", "zh": "zh_CN",
}  # fmt: skip
"""Languages with running text, and the locale that writes it."""
LANGUAGES = tuple(HOMES)
TELLING = ("language_code", "language_iso", "locale_code", "language_name", "language_native")
LIVING = ("country_code", "country", "nationality")
"""Meanings of columns that say the language outright, and of those that say where somebody lives."""
SIGNED = frozenset({"first_name", "person_name", "last_name", "user_name"})
"""Meanings of columns of tables whose rows are somebody."""
THINGS = frozenset({"product_name", "film", "book", "song", "album", "dish", "drug", "vehicle_model"})
"""Meanings of columns of tables whose rows are things: where their maker lives says nothing of who writes of them."""
ELSEWHERE = frozenset({"origin", "made", "birth", "destination", "departure", "arrival", "passport", "issuing"})
"""Words in the names of countries where the row's person does not live."""

WORDS = (Kind.TEXT, Kind.ENUM)


class Voice(msgspec.Struct, frozen=True):
    """Which language, as a number (0: the table's own), and whose it is, in words."""

    number: Node
    whose: str


def prepare(loom: Loom) -> None:
    """Defines the row's hidden columns for those that refer to it; a text of the row reads them too."""
    for by in ("language", "speech"):
        _voice(loom, by)


def _voice(loom: Loom, by: str) -> Voice | None:
    """The row's voice by what it says outright (``language``), by who writes (``speech``), by its ``country`` alone;
    None where nothing tells it."""
    if by == "country":
        own = _own(loom, LIVING)
        found = None if own is None else _of_column(loom, own)
    else:
        found = _found(loom, by == "language")
    if found is None:
        return None
    return Voice(loom.hide(by, found.number, reason=f"the language of {found.whose}"), found.whose)


def _found(loom: Loom, outright: bool) -> Voice | None:
    if not outright and THINGS & set(loom.meanings.values()):
        return _found(loom, outright=True)
    own = _own(loom, TELLING) or (None if outright else _own(loom, LIVING))
    if own is not None:
        return _of_column(loom, own)
    ranked = sorted(loom.ups, key=lambda up: _rank(up, outright))
    for up in ranked:
        node = _above(up, outright)
        if node is not None:
            node = node if up.required else Call("coalesce", (node, Const(0)))
            return Voice(node, f"the row's {up.entity.table.replace('_', ' ')}")
    sent = None if outright else _own(loom, LIVING, sited=True)
    return None if sent is None else _of_column(loom, sent)


def _of_column(loom: Loom, column: str) -> Voice:
    meaning = next(m for m in (*TELLING, *LIVING) if column in loom.named(m))
    return Voice(_said(Column(column), meaning), f"the row's '{column}'")


def _own(loom: Loom, meanings: tuple[str, ...], *, sited: bool = False) -> str | None:
    """The plainest column of the row that means one of these. ``sited``: where things are sent or billed counts too."""
    found = [n for n in loom.named(*meanings) if loom.field(n).type.kind in WORDS and n in loom.tokens]
    found = [n for n in found if not (ELSEWHERE if sited else ELSEWHERE | SITES) & set(loom.tokens[n])]
    return min(found, key=lambda n: len(loom.tokens[n]), default=None)


def _rank(up: Up, outright: bool) -> tuple[int, int, int]:
    """Those who write before what they write about; what is called plainly before what is qualified."""
    somebody = bool(SIGNED & set(up.meanings.values()))
    listed = bool(set(TELLING) & set(up.meanings.values())) and not somebody and len(up.meanings) <= 6
    return (0 if listed else 1 if somebody else 2), not up.required, len(up.link)


def _above(up: Up, outright: bool) -> Node | None:
    """What a parent's row says; of rows that are there already only what can be read."""
    hidden = "$language" if outright else "$speech"
    if hidden in up.columns:
        return Lookup(up.link, hidden)
    for meaning in TELLING if outright else (*TELLING, *LIVING):
        for column, its in up.meanings.items():
            if its == meaning and column in up.columns and up.entity.field(column).type.kind in WORDS:
                return _said(Lookup(up.link, column), meaning)
    return None


def _said(value: Node, meaning: str) -> Node:
    """The number of the language that a delivered text names: whatever made the column, texts follow what it holds."""
    low = Call("lower", (value,))
    names = _spellings(meaning in LIVING)
    whens = []
    for number, language in enumerate(LANGUAGES, 1):
        said: Node = Call("in", (low, *(Const(n) for n in names[language])))
        if meaning not in LIVING:
            marked = Call("in", (Call("left", (low, Const(3))), Const(f"{language}-"), Const(f"{language}_")))
            said = Call("or", (said, marked))
        whens.append(When(Call("is_true", (said,)), Const(number)))
    return Case(tuple(whens), Const(0))


@cache
def _spellings(living: bool) -> dict[str, tuple[str, ...]]:
    """How a language, or a country where it is spoken, is written: in codes, in English, in the languages we know."""
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    if living:
        rows = list(countries().values())
        shown = [tuple(r[0] for r in rows)] + [translated(tuple(r[0] for r in rows), home) for home in HOMES.values()]
        for at, row in enumerate(rows):
            if row[5] in found:
                found[row[5]] += [row[1], row[2], row[8], *(names[at] for names in shown)]
    else:
        for code, english, native, three in rows_of("language")[1]:
            if code in found:
                found[code] += [code, english, native, three]
    return {language: tuple(dict.fromkeys(n.lower() for n in names)) for language, names in found.items()}


# ---- texts -------------------------------------------------------------------------------------------
def spoken(
    loom: Loom, want: Want, topic: str, use: str, make: Callable[[str], Made | None], *, by: str = "speech"
) -> Made | None:
    """What ``make`` (given the name of its draws) makes in the row's language, where that has words for the topic; in
    the table's own elsewhere. ``by``: what counts, ``speech``, ``language`` or ``country``."""
    asked = want.field.language
    loom.shared[f"speaks {want.field.name}"] = Const(True)
    if asked and asked != "table" and asked not in loom.tokens:
        return _always(loom, want, asked, use, make)
    home = make(use)
    voice = _wished(loom, want) if asked else _voice(loom, by) if use == "v" else None
    if home is None or voice is None or want.unique:
        return home
    borrowed, locale = loom.borrowed, loom.locale
    whens = []
    for number, language in enumerate(LANGUAGES, 1):
        if locale.startswith(language) or not loom.speaks(topic, HOMES[language]):
            continue
        loom.locale = HOMES[language]
        made = make(f"{use}.{language}")
        if made is not None:
            whens.append(When(Call("=", (voice.number, Const(number))), made.expression))
    loom.locale, loom.borrowed = locale, borrowed
    if not whens:
        return home
    what = f"{home.what}, in the language of {voice.whose}"
    return msgspec.structs.replace(home, expression=Case(tuple(whens), home.expression), what=what)


def unheard(loom: Loom) -> list[str]:
    """Notes on columns whose language a person set though they hold no running text."""
    asked = [w.field for w in loom.wants.values() if w.field.language]
    silent = [f for f in asked if f"speaks {f.name}" not in loom.shared]
    return [f"{f.name}: language {f.language} says nothing here, the column holds no running text" for f in silent]


def _wished(loom: Loom, want: Want) -> Voice | None:
    """The voice of a column that a person named; None where they want the table's own language."""
    asked = want.field.language
    if asked == "table":
        return None
    meaning = loom.meanings.get(asked) or (loom.given[asked][1] if asked in loom.given else "")
    return Voice(_said(Column(asked), meaning if meaning in LIVING else TELLING[0]), f"the row's '{asked}', as asked")


def _always(loom: Loom, want: Want, asked: str, use: str, make: Callable[[str], Made | None]) -> Made | None:
    """The text in a language that a person asked for, whatever the row."""
    if asked not in HOMES:
        raise RequestError(
            f"language: {asked!r} is neither a language with running text nor a column of the row",
            where=f"{loom.entity.name}.{want.field.name}",
            mend=f"Languages: {', '.join(LANGUAGES)}; or name a column, or say table.",
        )
    locale = loom.locale
    loom.locale = locale if locale.startswith(asked) else HOMES[asked]
    made = make(use)
    loom.locale = locale
    return None if made is None else msgspec.structs.replace(made, what=f"{made.what}, in {asked} as asked")


PREPARERS.append(prepare)
