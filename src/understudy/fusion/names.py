"""How alike two names are: words rather than letters, in several languages.

``custLastName``, ``customer[last_name]``, ``Nachname`` and ``c_surname`` in a table of customers all come to
(last, name); words that mean the same are made one, heads of compounds count more than what stands before them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import cache

from understudy.fusion.lexicon import listed, near, same
from understudy.semantics.words import singular
from understudy.semantics.words import tokens as split

CARRIERS = listed("carriers")
HOLDERS = listed("holders")
"""Words that say how something is carried, not what it is (``NewOwnerRequest``, ``owner-edit-form``, ``tbl_owner``);
the second set only where another word remains, for lists and pages are things of some systems."""

PREFIXES = listed("prefixes")
"""Prefixes of one old habit or another; dropped where something remains."""

KEYS = frozenset({"id", "identifier", "uuid", "guid", "key", "fk", "ref", "pk", "number", "code"})
PLAIN = listed("plain")
"""Words that many names end in: where two names share only such a one, and each says more, they share nothing."""
HEAD = 1.6
"""How much more the last word of an English compound weighs than those before it."""
NEAR, CLOSE = 0.84, 0.88
"""Words whose letters are so alike are taken for slips or spellings of one another, at this worth."""
EXCHANGED = 0.75
"""Worth of words that may stand for one another."""
SHORTENED = 0.82
"""Worth of a word that begins like another, longer one (``descr``, ``description``)."""


def plain(text: str) -> str:
    """Without accents (ö as o), letters only as they are."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.replace("ß", "ss")) if not unicodedata.combining(c))


HUNGARIAN = re.compile(r"^(?:str|txt|int|lng|byt|sng|dbl|dec|cur|mny|dtm|dat|bln|bol|flg|mem|obj|arr|tbl)(?=[A-Z])")
"""The kind of a value in front of its name, as one wrote it once (``strLastName``)."""


MOMENTS = ("on", "at")
"""What names of moments end in that say what happens then."""


@cache
def words(name: str) -> tuple[str, ...]:
    """The words of a name, singular, variants replaced by the word that stands for all.

    >>> words("emailAddress"), words("Geburtsdatum"), words("order_lines")
    (('email',), ('birth', 'date'), ('order', 'line'))
    """
    name = HUNGARIAN.sub("", re.sub(r"(?<=\S)\s*\([^)]*\)\s*$", "", name))
    path = re.sub(r"\[(\d*)\]", r".\1", name).replace("[", ".").replace("]", "")
    found = [w for w in split(plain(path)) if w]
    raw = [singular(w) for w in found]
    if len(found) > 1 and found[-1] in MOMENTS and re.fullmatch(r"[a-z]{3,}[^s]s", found[-2]):
        raw[-2] = found[-2][:-1]  # ``leavesOn`` is when somebody leaves, no leaf
    return _unified(tuple(raw))


@cache
def spelt(name: str) -> frozenset[str]:
    """The words of a name as they stand there, singular."""
    return frozenset(singular(w) for w in split(plain(name)) if w)


@cache
def _unified(raw: tuple[str, ...]) -> tuple[str, ...]:
    known = same()
    out: list[str] = []
    at = 0
    while at < len(raw):
        for size in range(min(4, len(raw) - at), 0, -1):
            chief = known.get(raw[at : at + size])
            if chief is not None:
                out += chief if tuple(out[-len(chief) :]) != chief else ()
                at += size
                break
        else:
            out.append(raw[at])
            at += 1
    return tuple(out)


@cache
def core(name: str, stored: bool = False) -> tuple[str, ...]:
    """The words of an entity's name without those that only say how it is carried (``stored``: a table's, of which
    only a prefix is left out).

    >>> core("NewOwnerRequest"), core("tbl_owner"), core("OwnerFields")
    (('owner',), ('owner',), ('owner',))
    """
    last = re.split(r"[.#/:\\ ]", name.strip("./#: "))[-1] or name
    if stored:
        found = words(last)
        return found[1:] if len(found) > 1 and found[0] in ("tbl", "t", "tab") else found
    found = _bare(words(last)) or (_bare(words(name)) if last != name else ())
    if len(found) > 1 and found[0] in PREFIXES:
        found = found[1:]
    return found or words(last)


def _bare(found: tuple[str, ...]) -> tuple[str, ...]:
    left = tuple(w for w in found if w not in CARRIERS and not w.isdigit())
    while len(left) > 1 and left[-1] in HOLDERS - {"type", "group", "item"}:
        left = left[:-1]
    return left


@cache
def own(entity: str, field: str, stored: bool = False) -> tuple[str, ...]:
    """The words of a field's name without its entity's and without old prefixes.

    >>> own("visits", "visit_date"), own("customers", "txtCustomerName")
    (('date',), ('name',))
    """
    found = words(field)
    if len(found) > 1 and found[0] in PREFIXES:
        found = found[1:]
    about = core(entity, stored)
    for size in range(min(len(about), len(found) - 1), 0, -1):
        if found[:size] == about[-size:]:
            return found[size:]
    if len(found) > 1 and len(found[0]) <= 2 and about and about[0].startswith(found[0]):
        return found[1:]
    return found


@cache
def word_likeness(a: str, b: str) -> float:
    """How alike two words are, 1 for the same."""
    if a == b:
        return 1.0
    if frozenset((a, b)) in near():
        return EXCHANGED
    short, long = sorted((a, b), key=len)
    if len(short) >= 3 and long.startswith(short) and not long[len(short) :].isdigit():
        return SHORTENED if len(short) * 3 >= len(long) else 0.6
    if len(short) >= 3 and _skeleton(long) == short:
        return 0.7
    if len(short) >= 5 and difflib.SequenceMatcher(None, a, b).ratio() >= NEAR:
        return CLOSE
    return 0.0


def _skeleton(word: str) -> str:
    """A word as hurried people shorten it: its first letter and its consonants."""
    return word[0] + "".join(c for c in word[1:] if c not in "aeiouy")


NUMBERING = frozenset({"id", "number", "code"})
NUMBERED = 0.85
"""Names of the same thing's number, id or code: ``hull_id`` and ``hullNumber``."""


@cache
def likeness(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """How alike two names are, given as words: shared weight over all weight, the last word weighing more."""
    if not a or not b:
        return 0.0
    if a == b or "".join(a) == "".join(b):
        return 1.0
    if a[:-1] == b[:-1] and len(a) > 1 and {a[-1], b[-1]} <= NUMBERING:
        return NUMBERED
    weights_a, weights_b = _weights(a), _weights(b)
    pairs = sorted(
        (
            (word_likeness(x, y), -abs((len(a) - i) - (len(b) - j)), i, j)
            for i, x in enumerate(a)
            for j, y in enumerate(b)
        ),
        reverse=True,
    )
    used_a: set[int] = set()
    used_b: set[int] = set()
    shared = 0.0
    telling = False
    for worth, _, i, j in pairs:
        if worth <= 0.0:
            break
        if i not in used_a and j not in used_b:
            used_a.add(i)
            used_b.add(j)
            shared += worth * (weights_a[i] + weights_b[j])
            telling = telling or a[i] not in PLAIN
    found = shared / (sum(weights_a) + sum(weights_b))
    apart = len(used_a) < len(a) and len(used_b) < len(b)
    if len(a) != len(b) and all(a[i] in KEYS for i in used_a):
        return found * 0.7  # they share that they tell rows apart, not which
    return found * 0.6 if apart and not telling else found


def _weights(name: tuple[str, ...]) -> list[float]:
    return [0.5 if w.isdigit() else HEAD if i == len(name) - 1 else 1.0 for i, w in enumerate(name)]


def field_likeness(table: str, column: str, entity: str, field: str) -> float:
    """How alike the names of a stored and a spoken field are, with and without their entities' names in front."""
    if column == field:
        return 1.0
    full_a, full_b = words(column), words(field)
    own_a, own_b = own(table, column, True), own(entity, field)
    if _itself(table, column, True, own_b) or _itself(entity, field, False, own_a):
        return 0.88
    best = max(
        likeness(own_a, own_b),
        0.98 * likeness(full_a, full_b),
        0.97 * likeness(full_a, own_b),
        0.97 * likeness(own_a, full_b),
    )
    return min(best, 0.99)


NAMING = frozenset({"name", "title", "label", "value", "code", "text"})


def _itself(entity: str, field: str, stored: bool, other: tuple[str, ...]) -> bool:
    """Whether a field bears its entity's own name (``roles.role``) where the other says just ``name``."""
    return words(field) == core(entity, stored) and len(other) == 1 and other[0] in NAMING


@cache
def ending_apart(table: str, column: str, entity: str, field: str, endings: frozenset[str]) -> float:
    """How alike the names are when each is without what names of its kind end in (``opened_ts``, ``openedAt``)."""
    a, b = own(table, column, True), own(entity, field)
    bare_a, bare_b = _without(a, endings), _without(b, endings)
    return ENDED * likeness(bare_a, bare_b) if (bare_a, bare_b) != (a, b) else 0.0


ENDED = 0.9


def _without(found: tuple[str, ...], endings: frozenset[str]) -> tuple[str, ...]:
    while len(found) > 1 and found[-1] in endings:
        found = found[:-1]
    return found


def without_key(name: str) -> tuple[str, ...]:
    """The words of a reference's name without the one that says it is a key: ``owner_id`` is about (owner,)."""
    found = words(name)
    return found[:-1] if len(found) > 1 and found[-1] in KEYS else found
