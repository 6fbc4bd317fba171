"""Which meanings a field may have: by the words of its name, its type, its table.

Phrases are indexed by their last word (the head of an English compound) and their first; the longer the
phrase and the more of the name it explains, the surer. A phrase bound to a table (``artist: name``) is surer
than one that is not.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import msgspec

from understudy.model.schema import Entity, Field
from understudy.semantics.catalogue import catalogue, semantic_type
from understudy.semantics.nouns import Match, SemanticType
from understudy.semantics.words import own_tokens, singular, spoken, subject, tokens
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
TIME_WORDS = frozenset(
    ["at", "date", "time", "timestamp", "expiration", "expiry", "deadline", "modified", "created", "updated", "changed"]
)
"""In whole numbers and texts a moment is seen only where the name says so with one of these words."""


WHEN = frozenset({"on", "at", "date", "time", "timestamp", "datetime", "dt"})
"""Words behind the name of a moment, of which a table uses one."""
WORN = frozenset({"code", "number", "value", "field", "input", "text"})
"""Words that say nothing behind the name of a code: ``cvv code``, ``iban number``."""
WHOLE_PHRASE = 0.98
"""A name that is a phrase of several words, whole: ``user_name`` in users is not the user's name."""
NUMERIC = frozenset({"integer"})
UUID_LENGTH = 36
SURE_NAME = 0.9
"""From here on a name says more than the form of the type."""
MUTE_ENDINGS = frozenset({"cent", "pence", "minor", "old", "legacy", "original", "backup", "temporary", "tmp"})
"""What an amount is counted in, or that a column is an old one, says nothing about what stands in it."""
ASKING = frozenset({"is", "has", "can", "should", "allow", "was", "needs", "enable", "disable", "show", "use"})
"""Words with which names of flags begin."""


class _Phrase(msgspec.Struct, frozen=True):
    words: tuple[str, ...]
    about: str
    whole: bool
    order: int
    type: SemanticType


@cache
def _named() -> dict[str, list[tuple[str, int, SemanticType]]]:
    """All names of all types by their last word, not taken apart yet (there are thousands, a run needs dozens)."""
    found: dict[str, list[tuple[str, int, SemanticType]]] = {}
    for order, t in enumerate(catalogue().values()):
        for name in t.names:
            last = name[name.rfind(" ") + 1 :].lstrip("=")
            found.setdefault(singular(last), []).append((name, order, t))
    return found


@cache
def _ending_in(word: str) -> dict[tuple[str, str], list[_Phrase]]:
    """Phrases that end in a word, by the word before it ('' for none) and the table they are bound to ('' for none)."""
    found: dict[tuple[str, str], list[_Phrase]] = {}
    for name, order, t in _named().get(word, ()):
        about, _, phrase = name.rpartition(": ")
        parts = tuple(singular(w) for w in phrase.lstrip("=").split())
        key = (parts[-2] if len(parts) > 1 else "", about)
        found.setdefault(key, []).append(_Phrase(parts, about, phrase.startswith("="), order, t))
    return found


def matches(entity: Entity, field: Field) -> tuple[Match, ...]:
    """The meanings that the field may have, surest first; a meaning that a person set is certain."""
    if field.meaning:
        return (Match(field.meaning, 1.0, "set in the schema"),)
    kinds = GROUPS.get(field.type.kind, ())
    if field.type.kind is Kind.INTEGER and field.type.bits < 32:
        kinds = ("number", "integer", "small")
    language = spoken(entity)
    found = _named_beside(entity, field, language) + _matches(entity.table, field.name, kinds, language)
    if field.type.raw.lower().startswith("tinyint(1)") and (not found or found[0].certainty < SURE_NAME):
        return (Match("flag", SURE_NAME, "a tinyint(1), as MySQL keeps truth values"), *found)
    if field.type.kind is Kind.TEXT and field.type.length == UUID_LENGTH and tokens(field.name, language)[-1] == "id":
        return (Match("uuid", SURE_NAME, f"an identifier of {UUID_LENGTH} characters"), *found)
    return found


FIRST, LAST = (("first", "name"), ("given", "name"), ("given",)), (("last", "name"), ("family", "name"), ("family",))
"""What the two names of a person are called; health records say given and family."""


def _named_beside(entity: Entity, field: Field, language: str) -> tuple[Match, ...]:
    """A plain ``name`` (or ``given``) beside a last name is the first, and beside a first name the last."""
    words = own_tokens(entity.table, field.name, language)
    if field.type.kind is not Kind.TEXT or words not in (("name",), ("given",), ("family",)):
        return ()
    others = {_undigited(own_tokens(entity.table, f.name, language)) for f in entity.fields if f.name != field.name}
    first, last = bool(others & set(FIRST)), bool(others & set(LAST))
    if last and not first and words != ("family",):
        return (Match("first_name", 0.99, f"named '{field.name}', beside a last name"),)
    if first and not last and words != ("given",):
        return (Match("last_name", 0.99, f"named '{field.name}', beside a first name"),)
    return ()


def _undigited(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name, numbers aside: a manager's first name is not the row's."""
    return tuple(w for w in words if not w.isdigit())


@cache
def _matches(table: str, column: str, kinds: tuple[str, ...], language: str) -> tuple[Match, ...]:
    about = subject(table, language)
    whole = " ".join(about)
    bound = tuple(w for w in dict.fromkeys((whole, *about)) if w in _bound())
    firm = tuple(w for w in bound if w in (whole, about[-1]))
    full = tuple(singular(w) for w in tokens(column, language))
    own = tuple(singular(w) for w in own_tokens(table, column, language))
    return tuple(Match(n, c, f"named '{column}', {why}") for n, c, why in _meanings(own, full, bound, firm, kinds))


@cache
def _bound() -> frozenset[str]:
    """The tables that phrases are bound to: of no other does it matter what the table is called."""
    return frozenset(n.rpartition(": ")[0] for names in _named().values() for n, _, _ in names)


@cache
def _meanings(
    own: tuple[str, ...], full: tuple[str, ...], bound: tuple[str, ...], firm: tuple[str, ...], kinds: tuple[str, ...]
) -> tuple[tuple[str, float, str], ...]:
    """Meanings of a column with their certainty and why, surest first. ``own``, ``full``: the words of its name without
    its table's and with them; ``bound``: words of the table's name that phrases are bound to, ``firm``: those of them
    that say what the table is."""
    best: dict[str, tuple[float, int, str]] = {}
    forms = [(own, 0.0), (full, 0.03)]
    if len(own) > 1 and own[-1] in WHEN and TEMPORAL.intersection(kinds):  # hired on, hired at, hired date are one
        forms += [((*own[:-1], other), 0.01) for other in ("at", "date", "on") if other != own[-1]]
    if len(own) > 1 and own[-1] in MUTE_ENDINGS:
        forms.append((own[:-1], 0.0))
    for words, penalty in forms:
        for phrase in _candidates(words, bound):
            certainty = _certainty(phrase, words, firm, kinds)
            certainty -= penalty if certainty < WHOLE_PHRASE else 0.0
            if certainty > 0 and certainty > best.get(phrase.type.name, (0.0, 0, ""))[0]:
                said = f"{phrase.about + ': ' if phrase.about else ''}{' '.join(phrase.words)}"
                best[phrase.type.name] = (certainty, phrase.order, f"as '{said}'")
    if (
        ("boolean" in kinds or (NUMERIC.intersection(kinds) and "small" not in kinds))
        and ASKING.intersection(own[:2])
        and len(own) > 1
    ):
        best["flag"] = (0.97, 0, "a question")
    elif "small" in kinds and ASKING.intersection(own[:2]):
        best["flag"] = (0.99, 0, "a question")
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[1][1]))
    return tuple((name, round(c, 3), why) for name, (c, _, why) in ranked)


def _candidates(words: tuple[str, ...], bound: tuple[str, ...]) -> list[_Phrase]:
    """Phrases whose last words stand in the name, bound to this table or to none."""
    tables = ("", *bound)
    pairs = dict.fromkeys([("", w) for w in words] + list(pairwise(words)))
    return [p for before, w in pairs for table in tables for p in _ending_in(w).get((before, table), ())]


def _certainty(phrase: _Phrase, words: tuple[str, ...], firm: tuple[str, ...], kinds: tuple[str, ...]) -> float:
    """0 where the phrase does not match; else by place in the name, length, and table."""
    size = len(phrase.words)
    if phrase.whole and words != phrase.words:
        return 0.0
    if size > len(words) or not any(k in phrase.type.kinds for k in kinds):
        return 0.0
    if phrase.type.maker == "moment" and not TEMPORAL.intersection(kinds) and not TIME_WORDS.intersection(phrase.words):
        return 0.0
    bonus = 0.0
    if phrase.about:
        bonus = 0.09 if phrase.about in firm else 0.05
    if words == phrase.words:
        return 0.88 + bonus if size == 1 else WHOLE_PHRASE + bonus / 10
    if words[-size:] == phrase.words:
        return min(0.6 + 0.09 * size, 0.8) + bonus / 2
    if phrase.type.pattern and words[-1] in WORN and words[:-1] == phrase.words:
        return 0.8 + bonus / 2
    if words[-1].isdigit() and words[-size - 1 : -1] == phrase.words:
        return min(0.58 + 0.09 * size, 0.8) + bonus / 2
    if phrase.type.maker == "moment" and not TEMPORAL.intersection(kinds):
        return 0.0
    if phrase.type.maker == "moment" and _bare(words) == phrase.words:
        return 0.85 + bonus
    if words[:size] == phrase.words:
        return 0.32 + 0.07 * size + bonus / 2
    for k in range(1, len(words) - size):
        if words[k : k + size] == phrase.words:
            return 0.27 + 0.07 * size + bonus / 2
    return 0.0


def _bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """A time's name without the word that only says that it is one: ``admitted_at``, ``date_admitted``."""
    return words[:-1] if words[-1] in TIME_WORDS else words[1:] if words[0] == "date" else words


def moment_rank(entity: Entity, field: Field) -> int | None:
    """Where a moment stands in the order of life (created before started before ended …); None for anything else."""
    found = matches(entity, field)
    described = semantic_type(found[0].meaning) if found else None
    rank = described.options.get("rank") if described is not None and described.maker == "moment" else None
    return int(rank) if isinstance(rank, int | float) else None
