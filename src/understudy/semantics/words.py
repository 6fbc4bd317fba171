"""Names taken apart: ``CustAddrLine1`` in table ``customers`` is (customer, address, line, 1).

Splits at case changes, underscores, digits; splits names written as one word (``postalcode``) by a
vocabulary; spells out abbreviations; makes singular what is plural.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from understudy.model.schema import Entity
from understudy.semantics import tongues
from understudy.semantics.catalogue import catalogue
from understudy.semantics.pools import words

ABBREVIATIONS: dict[str, str] = {
    short: long.strip() for short, _, long in (entry.partition("=") for entry in words("names.abbreviations"))
}
"""What databases commonly shorten; what stands for nothing is dropped."""

COMPOUND = frozenset(words("names.compound"))
KEEP = frozenset(words("names.keep"))

_CASE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")


IRREGULAR = {
    "diagnoses": "diagnosis",
    "analyses": "analysis",
    "indices": "index",
    "statuses": "status",
    "aliases": "alias",
    "matrices": "matrix",
    "leaves": "leaf",
    "shelves": "shelf",
    "wives": "wife",
    "crises": "crisis",
    "theses": "thesis",
    "vertices": "vertex",
    "buses": "bus",
    "gases": "gas",
    "lenses": "lens",
    "wages": "wage",
}


@cache
def singular(word: str) -> str:
    """The singular of an English noun, by its ending."""
    if word in KEEP or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return {
            "data": "data",
            "people": "person",
            "children": "child",
            "men": "man",
            "women": "woman",
            "media": "media",
        }.get(word, word)
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("ies"):
        return word[:-3] + "y" if word not in ("movies", "series", "cookies") else word[:-1]
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


@cache
def tokens(name: str, language: str = "") -> tuple[str, ...]:
    """Lower-case English words of a name, abbreviations spelled out, runs without a separator split, other languages
    translated. ``language``: the one that the names around it speak (:func:`spoken`), empty for English or unknown."""
    parts = _raw(name)
    if language or not all(_english(p) is not None for p in parts):
        foreign = tongues.translated(parts, language, _english)
        if foreign is not None:
            return foreign
    return tuple(w for p in parts for w in _english(p) or (p,)) or (name.lower(),)


def _raw(name: str) -> tuple[str, ...]:
    """The pieces of a name, folded, lower case."""
    return tuple(r.lower() for r in _CASE.findall(tongues.folded(name)))


@cache
def _english(word: str) -> tuple[str, ...] | None:
    """The English words of a piece, abbreviations spelled out; None where English does not know it."""
    if word in ABBREVIATIONS:
        return tuple(ABBREVIATIONS[word].split())
    if word.isdigit() or len(word) == 1 or word in _vocabulary() or singular(word) in _vocabulary() or word in SMALL:
        return (word,)
    parts = _split(word)
    return tuple(w for p in parts for w in ABBREVIATIONS.get(p, p).split()) if len(parts) > 1 else None


SMALL = frozenset({"id", "of", "is", "at", "by", "to", "in", "on", "up", "no", "or"})


def spoken(entity: Entity) -> str:
    """The language that the names of a table speak; empty for English."""
    global _heard  # noqa: PLW0603  one remembered answer, whoever asks
    heard = _heard
    if heard is None or heard[0] is not entity:  # asked for one column of a table after the other
        heard = _heard = entity, _spoken(entity.table, tuple(f.name for f in entity.fields))
    return heard[1]


_heard: tuple[Entity, str] | None = None


def home(entities: Sequence[Entity]) -> str:
    """The locale of the language in which most tables are named; en_US where that is English or none."""
    votes = Counter(spoken(e) for e in entities if not e.view)
    found = max((c for c in votes if c), key=lambda c: votes[c], default="")
    return tongues.tongues()[found].locale if found and votes[found] * 2 > votes.total() else "en_US"


def noun(entity: Entity) -> str:
    """The last word of a table's name as it is written, in whatever language."""
    words = [w for w in _raw(entity.table) if w.isalpha()]
    return words[-1] if words else ""


@cache
def _spoken(table: str, names: tuple[str, ...]) -> str:
    parts = [_raw(n) for n in (table, *names)]
    if all(_english(p) is not None for each in parts for p in each):
        return ""
    return tongues.language_of(parts[0], parts[1:], _english)


def _split(word: str) -> list[str]:
    """A word written in one piece as its parts, if it is made of known words only."""
    if len(word) < 6 or word in ABBREVIATIONS or word in _vocabulary() or singular(word) in _vocabulary():
        return [word]
    parts = _parts(word)
    if parts is not None:
        return parts
    tail = next((t for t in TAILS if word.endswith(t) and len(word) - len(t) >= SHORTEST), "")
    return [word.removesuffix(tail), tail] if tail else [word]


TAILS = (
    "timestamp",
    "datetime",
    "number",
    "status",
    "amount",
    "flag",
    "guid",
    "uuid",
    "url",
    "qty",
    "cnt",
    "amt",
    "pct",
    "hrs",
)
"""Words that say what a name is about though what stands before them is not known (``webserviceurl``)."""
SHORTEST = 4
"""Letters before such a tail: shorter heads are words that end alike."""


@cache
def _vocabulary() -> frozenset[str]:
    """The words of all names in the catalogue (three letters at least) and those above."""
    known = {w for t in catalogue().values() for n in t.names for w in n.replace(":", "").lstrip("=").split()}
    return COMPOUND | {w for w in known if len(w) > 2 and w.isalpha()}


@cache
def _parts(word: str) -> list[str] | None:
    known = _vocabulary() | {"id"}
    for cut in range(len(word) - 1, 1, -1):
        head, rest = word[:cut], word[cut:]
        if head in known or (len(head) > 2 and head in ABBREVIATIONS):
            if rest in known or singular(rest) in known or (len(rest) > 2 and rest in ABBREVIATIONS):
                return [head, rest]
            deeper = _parts(rest) if len(rest) >= 4 else None
            if deeper is not None:
                return [head, *deeper]
    return None


@cache
def subject(table: str, language: str = "") -> tuple[str, ...]:
    """Words of a table's name, in the singular."""
    return tuple(singular(t) for t in tokens(table, language))


@cache
def own_tokens(table: str, column: str, language: str = "") -> tuple[str, ...]:
    """Words of a column's name without the table's own name in front of it (``customer_name`` in customers)."""
    parts = tokens(column, language)
    about = subject(table, language)
    for k in range(len(about)):
        head = about[k:]
        if len(parts) > len(head) and tuple(singular(w) for w in parts[: len(head)]) == head:
            return parts[len(head) :]
    return parts
