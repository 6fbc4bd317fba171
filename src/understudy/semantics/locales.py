"""Names, places and streets of locales: our own lists, and those of mimesis (MIT) for languages that we have none of.

A word may carry its Latin form behind ``=`` (``佐藤=Sato``): the first is written in the locale itself, the second in
mail
addresses and where rows of many countries stand together. mimesis is used for its data files only; nothing of its
code runs.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from understudy.errors import InternalError
from understudy.semantics.pools import distinct, handle, sections, words

LOCALES = (
    "en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "pl_PL", "tr_TR", "ja_JP", "zh_CN", "hi_IN",
    "ar_SA",
)  # fmt: skip
"""Locales with names, places, phones, streets and companies of their own."""
PLACED = (*LOCALES, "en_CA", "en_AU")
"""Locales whose cities we list."""
MOST_NAMES = 400
"""Names taken of a list: more make the pool larger, not the rows livelier."""


@cache
def _donor(locale: str, file: str) -> dict[str, Any]:
    """A data file of mimesis for the locale, its language, or nothing."""
    found = find_spec("mimesis")
    if found is None or found.origin is None:
        raise InternalError("the word lists of mimesis are not installed", mend="Install the package mimesis.")
    place = Path(found.origin).parent / "datasets"
    language = locale.split("_", maxsplit=1)[0].lower()
    merged: dict[str, Any] = {}
    for folder in (language, locale.replace("_", "-").lower()):
        path = place / folder / f"{file}.json"
        if path.is_file():
            merged |= msgspec.json.decode(path.read_bytes())
    return merged


def _sampled(names: list[str]) -> list[str]:
    """At most :data:`MOST_NAMES` plain names, evenly from the list."""
    plain = [n for n in names if n.replace("-", "").replace("'", "").replace(" ", "").isalpha()]
    step = max(1, len(plain) // MOST_NAMES)
    return plain[::step][:MOST_NAMES]


@cache
def known(locale: str) -> bool:
    """Whether there are names for the locale (or at least its language)."""
    if locale in PLACED:
        return True
    language, _, country = locale.partition("_")
    real = not country or any(row.split("|")[1].strip() == country for row in words("world.countries"))
    return real and (any(x[:2] == language for x in LOCALES) or bool(_donor(locale, "person").get("names")))


def nearest(locale: str) -> list[str]:
    """Locales that a misspelt one may have meant: alike in letters, or of its language or country."""
    tidy = locale.strip().replace("-", "_")
    head, _, tail = tidy.partition("_")
    same = [x for x in LOCALES if x.lower() == tidy.lower()]
    alike = [x for x in LOCALES if x[:2] == head.lower()] + [
        x for x in LOCALES if x[3:] in (tail.upper(), head.upper())
    ]
    close = difflib.get_close_matches(tidy, LOCALES, 2, 0.5)
    return list(dict.fromkeys([*same, *alike, *close]))[:2]


def _own(locale: str, section: str) -> tuple[str, ...]:
    """A section of the locale's file, or of another file of its language; of ``world.txt`` where the locale is a
    bare language."""
    if "_" not in locale:
        return sections("locales", "world").get(f"{locale}.{section.removeprefix('people.')}", ())
    found = sections("locales", locale).get(section)
    if found is not None:
        return found
    if section.startswith("people.") or section == "streets":
        base = "en_US" if locale == "en_CA" else next((x for x in LOCALES if x != "en_US" and x[:2] == locale[:2]), "")
        return sections("locales", base).get(section, ()) if base else ()
    return ()


def native(word: str) -> str:
    """A word in its own script."""
    return word.partition("=")[0]


def latin(word: str) -> str:
    """A word in Latin letters, where it has such a form."""
    head, _, tail = word.partition("=")
    return tail or head


class Names(msgspec.Struct, frozen=True):
    """First names of a locale, women's and men's in turn, each list of even length; family names."""

    modern: tuple[str, ...]
    older: tuple[str, ...]
    last: tuple[str, ...]


@cache
def names(locale: str) -> Names:
    """Names of the locale, of its language, or English ones. Words may carry Latin forms."""
    women, men, last = _own(locale, "people.female"), _own(locale, "people.male"), _own(locale, "people.last")
    if not women:
        found = _donor(locale, "person")
        if not found.get("names") or not found.get("surnames"):
            return names("en_US")
        women, men = distinct(_sampled(found["names"]["female"])), distinct(_sampled(found["names"]["male"]))
        family = found["surnames"]
        last = tuple(_sampled(family["male"] if isinstance(family, dict) else family))
    seen: set[str] = set()
    old = frozenset(_own(locale, "people.older"))

    def turn(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
        kept: list[str] = []
        for pair in zip(some, others, strict=False):
            keys = [handle(latin(n)) or n for n in pair]
            if keys[0] != keys[1] and not seen.intersection(keys):
                kept += pair
                seen.update(keys)
        return tuple(kept)

    if old:
        parts = [tuple(n for n in x if (n in old) is which) for which in (False, True) for x in (women, men)]
        modern, older = turn(parts[0], parts[1]), turn(parts[2], parts[3])
    else:
        modern = turn(women[: len(women) // 2], men[: len(men) // 2])
        older = turn(women[len(women) // 2 :], men[len(men) // 2 :])
    family_names = tuple({handle(latin(n)) or n: n for n in reversed(last)}.values())[::-1]
    return Names(modern, older, family_names)


@cache
def first_names(locale: str) -> tuple[str, ...]:
    """Women's and men's first names in turn: an even index is a woman's name."""
    found = names(locale)
    return tuple(native(n) for n in found.modern + found.older)


@cache
def last_names(locale: str) -> tuple[str, ...]:
    """Family names, distinct as handles too."""
    return tuple(native(n) for n in names(locale).last)


@cache
def places(locale: str) -> tuple[tuple[str, ...], ...]:
    """Places of the locale's country: (city, region, region code, postcode form, phone form, latitude,
    longitude, time zone), the largest first; empty where we have no list that agrees."""
    rows = sections("locales", locale).get("places", ())
    return tuple(tuple(part.strip() for part in row.split("|")) for row in rows)


@cache
def streets(locale: str, *, foreign: bool = False) -> tuple[str, ...]:
    """Street names in full; those of the language of the locale. ``foreign``: in Latin letters."""
    own = _own(locale, "streets")
    if own:
        return tuple((latin if foreign else native)(s) for s in own)
    street = _donor(locale, "address").get("street") if "_" in locale else None
    if not street:
        return streets("en_US")
    return tuple(s for s in _sampled(street["name"]) if len(s) <= 28)


def own_company(locale: str) -> bool:
    """Whether the locale has company names of its own."""
    return "work.company" in sections("locales", locale)
