"""Which meanings a field may have: by the words of its name, its type, its table.

Phrases are indexed by their last word (the head of an English compound) and their first; the longer the
phrase and the more of the name it explains, the surer. A phrase bound to a table (``artist: name``) is surer
than one that is not.
"""

from __future__ import annotations

from functools import cache

import msgspec

from understudy.model.schema import Entity, Field
from understudy.semantics.catalogue import catalogue
from understudy.semantics.nouns import Match, SemanticType
from understudy.semantics.words import own_tokens, singular, subject, tokens
from understudy.types import Kind

GROUPS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("text",),
    Kind.INTEGER: ("integer", "number"),
    Kind.DECIMAL: ("decimal", "number"),
    Kind.MONEY: ("decimal", "number"),
    Kind.FLOAT: ("decimal", "number"),
    Kind.BOOLEAN: ("boolean",),
    Kind.DATE: ("date", "moment"),
    Kind.TIMESTAMP: ("timestamp", "moment"),
    Kind.TIME: ("time",),
    Kind.YEAR: ("year", "number"),
    Kind.JSON: ("json",),
    Kind.NETWORK: ("network",),
    Kind.UUID: ("uuid",),
    Kind.INTERVAL: ("interval",),
    Kind.BINARY: ("binary",),
}
"""Families of logical types as semantic types name them."""


TEMPORAL = frozenset({"date", "timestamp", "time", "year"})
TIME_WORDS = frozenset("at date time timestamp expiration expiry deadline modified created updated changed".split())
"""In whole numbers and texts a moment is seen only where the name says so with one of these words."""


class _Phrase(msgspec.Struct, frozen=True):
    words: tuple[str, ...]
    about: str
    whole: bool
    order: int
    type: SemanticType


@cache
def _index() -> dict[str, list[_Phrase]]:
    """Phrases by their last word."""
    found: dict[str, list[_Phrase]] = {}
    for order, t in enumerate(catalogue().values()):
        for name in t.names:
            about, _, phrase = name.rpartition(": ")
            parts = tuple(singular(w) for w in phrase.lstrip("=").split())
            found.setdefault(parts[-1], []).append(_Phrase(parts, about, phrase.startswith("="), order, t))
    return found


def matches(entity: Entity, field: Field) -> tuple[Match, ...]:
    """The meanings that the field may have, surest first; a meaning that a person set is certain."""
    if field.meaning:
        return (Match(field.meaning, 1.0, "set in the schema"),)
    kinds = GROUPS.get(field.type.kind, ())
    if field.type.kind is Kind.INTEGER and field.type.bits < 32:
        kinds = ("number", "integer", "small")
    return _matches(entity.table, field.name, kinds)


@cache
def _matches(table: str, column: str, kinds: tuple[str, ...]) -> tuple[Match, ...]:
    about = subject(table)
    full = tuple(singular(w) for w in tokens(column))
    own = tuple(singular(w) for w in own_tokens(table, column))
    best: dict[str, tuple[float, int, str]] = {}
    for words, penalty in ((own, 0.0), (full, 0.03)):
        for phrase in _candidates(words):
            certainty = _certainty(phrase, words, about, kinds) - penalty
            if certainty > 0 and certainty > best.get(phrase.type.name, (0.0, 0, ""))[0]:
                said = f"{phrase.about + ': ' if phrase.about else ''}{' '.join(phrase.words)}"
                best[phrase.type.name] = (certainty, phrase.order, f"named '{column}', as '{said}'")
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[1][1]))
    return tuple(Match(name, round(c, 3), reason) for name, (c, _, reason) in ranked)


def _candidates(words: tuple[str, ...]) -> list[_Phrase]:
    index = _index()
    return [p for w in dict.fromkeys(words) for p in index.get(w, ())]


def _certainty(phrase: _Phrase, words: tuple[str, ...], about: tuple[str, ...], kinds: tuple[str, ...]) -> float:
    """0 where the phrase does not match; else by place in the name, length, and table."""
    if not any(k in phrase.type.kinds for k in kinds):
        return 0.0
    if phrase.type.maker == "moment" and not TEMPORAL.intersection(kinds) and not TIME_WORDS.intersection(phrase.words):
        return 0.0
    bonus = 0.0
    if phrase.about:
        if phrase.about not in about and phrase.about != " ".join(about):
            return 0.0
        bonus = 0.09 if phrase.about == about[-1] or phrase.about == " ".join(about) else 0.05
    size = len(phrase.words)
    if words == phrase.words:
        return 0.88 + bonus
    if phrase.whole:
        return 0.0
    if words[-size:] == phrase.words:
        return min(0.6 + 0.09 * size, 0.8) + bonus / 2
    if words[-1].isdigit() and words[-size - 1 : -1] == phrase.words:
        return min(0.58 + 0.09 * size, 0.8) + bonus / 2
    if phrase.type.maker == "moment" and not TEMPORAL.intersection(kinds):
        return 0.0
    if words[:size] == phrase.words:
        return 0.32 + 0.07 * size + bonus / 2
    for k in range(1, len(words) - size):
        if words[k : k + size] == phrase.words:
            return 0.27 + 0.07 * size + bonus / 2
    return 0.0
