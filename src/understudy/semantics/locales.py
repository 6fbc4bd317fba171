"""People's names and cities of a locale: our own lists where there are some, else those of mimesis (MIT).

mimesis is used for its data files only, read once; nothing of its code runs.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from understudy.errors import InternalError
from understudy.semantics.pools import distinct, handle, sections, words

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
    return bool(sections("locales", locale)) or bool(_donor(locale, "person").get("names"))


@cache
def first_names(locale: str) -> tuple[str, ...]:
    """Women's and men's first names in turn: an even index is a woman's name."""
    if sections("locales", locale).get("people.female"):
        women, men = words("people.female", locale), words("people.male", locale)
    elif locale.startswith("en"):
        return first_names("en_US")
    else:
        names = _donor(locale, "person").get("names")
        if not names:
            return first_names("en_US")
        women, men = distinct(_sampled(names["female"])), distinct(_sampled(names["male"]))
    seen: set[str] = set()
    turn: list[str] = []
    for pair in zip(women, men, strict=False):
        keys = [handle(n) or n for n in pair]
        if keys[0] != keys[1] and not seen.intersection(keys):
            turn += pair
            seen.update(keys)
    return tuple(turn)


@cache
def last_names(locale: str) -> tuple[str, ...]:
    """Family names, distinct as handles too."""
    own = sections("locales", locale).get("people.last")
    if own is None and locale.startswith("en"):
        return last_names("en_US")
    if own is None:
        names = _donor(locale, "person").get("surnames")
        if not names:
            return last_names("en_US")
        own = tuple(_sampled(names["male"] if isinstance(names, dict) else names))
    return tuple({handle(n) or n: n for n in reversed(own)}.values())[::-1]


@cache
def places(locale: str) -> tuple[tuple[str, ...], ...]:
    """Places of the locale's country: (city, region, region code, postcode form, area code, latitude,
    longitude, time zone), the largest first; empty where we have no list that agrees."""
    rows = sections("locales", locale).get("places", ())
    return tuple(tuple(part.strip() for part in row.split("|")) for row in rows)


@cache
def streets(locale: str) -> tuple[str, ...]:
    """Street names in full; those of the language of the locale."""
    own = sections("locales", locale).get("streets")
    if own:
        return own
    street = _donor(locale, "address").get("street")
    if not street:
        return streets("en_US")
    return tuple(s for s in _sampled(street["name"]) if len(s) <= 28)
