"""Words by which values show what they are: names, places, jobs, codes. Read when values are first looked at.

Names come from our own lists and from all word lists of mimesis (MIT), some 30,000 first and 35,000 family names; words
are compared folded (case and accents do not count).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from understudy.semantics.locales import PLACED, latin, native
from understudy.semantics.pools import fold, rows_of, sections, words


def _folded(found: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(w) for word in found for w in {native(word), latin(word)} if w)


@cache
def _donors(file: str) -> tuple[dict[str, Any], ...]:
    found = find_spec("mimesis")
    if found is None or found.origin is None:
        return ()
    places = sorted((Path(found.origin).parent / "datasets").glob(f"*/{file}.json"))
    return tuple(msgspec.json.decode(p.read_bytes()) for p in places)


def _listed(found: Any) -> Iterable[str]:
    """All words of a list, or of the lists of a mapping."""
    if isinstance(found, dict):
        return [w for part in found.values() for w in _listed(part)]
    return [w for w in found or () if isinstance(w, str)]


def _of_locales(section: str) -> list[str]:
    return [w for locale in PLACED for w in sections("locales", locale).get(section, ())]


@cache
def first_names() -> frozenset[str]:
    """First names of all languages known."""
    own = [w for s in ("people.female", "people.male", "people.older") for w in _of_locales(s)]
    own += [
        w for name, found in sections("locales", "world").items() if name.endswith(("female", "male")) for w in found
    ]
    return _folded([*own, *(w for d in _donors("person") for w in _listed(d.get("names")) if len(w) > 1)])


@cache
def last_names() -> frozenset[str]:
    """Family names of all languages known."""
    own = _of_locales("people.last")
    own += [w for name, found in sections("locales", "world").items() if name.endswith("last") for w in found]
    return _folded([*own, *(w for d in _donors("person") for w in _listed(d.get("surnames")) if len(w) > 1)])


@cache
def _places() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(p.strip() for p in row.split("|")) for row in _of_locales("places"))


@cache
def cities() -> frozenset[str]:
    """Cities, capitals among them."""
    world = [row.split("|")[0].strip() for row in words("world.cities")]
    capitals = [row.split("|")[7].strip() for row in words("world.countries")]
    given = [w for d in _donors("address") for w in _listed(d.get("city"))]
    return _folded([*(p[0] for p in _places()), *world, *capitals, *given])


@cache
def regions() -> frozenset[str]:
    """States, provinces and the like."""
    given = [w for d in _donors("address") for w in _listed(_named(d.get("state", {})))]
    return _folded([*(p[1] for p in _places()), *given])


@cache
def region_codes() -> frozenset[str]:
    """Short codes of states and provinces, as written."""
    given = [w for d in _donors("address") for w in _listed((d.get("state") or {}).get("abbr", ()))]
    return frozenset(w for w in [*(p[2] for p in _places()), *given] if 2 <= len(w) <= 3 and w.isupper())


def _named(found: Any) -> Any:
    return found.get("name", ()) if isinstance(found, dict) else found


@cache
def _countries() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(p.strip() for p in row.split("|")) for row in words("world.countries"))


def _country(place: int) -> frozenset[str]:
    return frozenset(fold(row[place]) for row in _countries())


ALSO = (
    "usa", "uk", "great britain", "england", "scotland", "deutschland", "osterreich", "espana", "brasil", "italia",
    "nederland", "polska", "turkiye", "holland", "russia", "south korea", "suisse", "schweiz",
)  # fmt: skip
"""Other names of countries than those of the list, folded."""


@cache
def known(name: str) -> frozenset[str]:
    """The folded words of a vocabulary by the name of the semantic type that they show."""
    match name:
        case "first_name":
            return first_names()
        case "last_name":
            return last_names()
        case "city":
            return cities()
        case "region":
            return regions()
        case "country":
            return _country(0) | frozenset(ALSO)
        case "country_code":
            return _country(1) | _country(2)
        case "nationality":
            return _country(8)
        case "continent":
            return _country(6) | {"europe", "asia", "america"}
        case "currency":
            return frozenset(r[0].lower() for r in rows_of("currency")[1])
        case "language_code":
            return frozenset(w for r in rows_of("language")[1] for w in (r[0], r[3]))
        case "language_name":
            return _folded(w for r in rows_of("language")[1] for w in r[1:3])
        case "job_title":
            jobs = [r[0] for r in rows_of("job")[1]]
            return _folded(
                [*jobs, *words("work.job"), *(w for d in _donors("person") for w in _listed(d.get("occupation")))]
            )
        case "product_color":
            return _folded(r[0] for r in rows_of("color")[1])
        case "region_code":
            return frozenset(c.lower() for c in region_codes())
        case "person_title":
            return frozenset(COURTESY)
        case "gender":
            return frozenset(GENDERS)
        case _:
            file, section = SECTIONS[name]
            return _folded(words(f"{file}.{section}"))


GENDERS = (
    "m", "f", "male", "female", "man", "woman", "x", "d", "w", "mannlich", "weiblich", "divers", "homme", "femme",
    "hombre", "mujer", "masculino", "femenino", "feminino", "maschio", "femmina", "vrouw", "mezczyzna", "kobieta",
    "erkek", "kadin", "男", "女", "男性", "女性", "non-binary", "other", "unknown",
)  # fmt: skip
COURTESY = (
    "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "miss", "mx", "mx.", "dr", "dr.", "prof", "prof.", "sir", "herr", "frau",
    "m.", "mme", "mme.", "mlle", "monsieur", "madame", "sr", "sr.", "sra", "sra.", "srta", "don", "dona", "sig.",
    "sig.ra", "dott.", "dhr.", "mevr.", "pan", "pani", "bay", "bayan",
)  # fmt: skip
SECTIONS = {
    "department": ("work", "department"), "industry": ("work", "industry"), "time_zone": ("net", "timezone"),
    "browser": ("net", "browser"), "operating_system": ("net", "os"), "http_method": ("net", "http_method"),
    "mime_type": ("net", "mime"), "condition": ("health", "condition"), "drug": ("health", "drug"),
    "blood_type": ("health", "blood_type"), "marital_status": ("health", "marital"), "religion": ("health", "religion"),
}  # fmt: skip
"""Vocabularies that are a section of a pool file."""
