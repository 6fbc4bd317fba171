"""Names in other languages, put into the English words by which meanings are known (``languages/*.txt``).

    Geburtsdatum ─► birth date        fecha_pedido ─► order date (heads come first)        電話番号 ─► phone

A word that English has too (``data``, ``land``) is taken for the other language only where the names around it speak
that language; a long word that English has not is taken so anywhere.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec

LONG = 5
"""Letters from which a word that English has not is surely of the language that has it."""
LONGEST_PHRASE = 4
LINKS = ("", "s", "es", "n", "en", "er", "e")
"""What stands between the parts of a compound."""
PLAIN = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ı": "i", "ø": "o", "Ø": "O", "æ": "ae", "œ": "oe"})
HEADS = frozenset(
    [
        "name",
        "first name",
        "last name",
        "number",
        "code",
        "date",
        "amount",
        "price",
        "total",
        "status",
        "type",
        "quantity",
    ]
)
"""Words that are what a name is about: where one stands last, the name is in English order already."""
ENOUGH = 0.2
"""Share of a table's columns that must speak a language."""


class Tongue(msgspec.Struct, frozen=True):
    """A language of names. ``head_first``: what a name is about comes first; ``compounds``: words are joined into one;
    ``cut``: they stand without blanks; ``strong``: short words that are surely of it."""

    code: str
    locale: str
    words: dict[str, tuple[str, ...]]
    strong: frozenset[str] = frozenset()
    linkers: frozenset[str] = frozenset()
    head_first: bool = False
    compounds: bool = False
    cut: bool = False


def folded(name: str) -> str:
    """A name without accents, its case kept."""
    if name.isascii():
        return name
    return "".join(c for c in unicodedata.normalize("NFKD", name.translate(PLAIN)) if not unicodedata.combining(c))


@cache
def tongues() -> dict[str, Tongue]:
    """All languages, read when a name is met that English does not explain."""
    return {p.stem: _read(p) for p in sorted((Path(__file__).parent / "languages").glob("*.txt"))}


def _read(place: Path) -> Tongue:
    words: dict[str, tuple[str, ...]] = {}
    strong: set[str] = set()
    told: dict[str, str] = {}
    for line in place.read_text(encoding="utf-8").splitlines():
        english, _, forms = line.partition(": ")
        if line.startswith("#") or not forms:
            continue
        if english in ("locale", "linkers", "head first", "compounds", "cut"):
            told[english] = forms
            continue
        for form in forms.split(","):
            bare = form.strip().lstrip("!")
            for key in {folded(bare), folded(bare.translate(UMLAUTS))}:
                key = key.lower().replace("_", " ")
                words.setdefault(key, tuple(english.split()))
                if form.strip().startswith("!") or not key.isascii():
                    strong.add(key)
    linkers = frozenset(x.strip() for x in told.get("linkers", "").split(",") if x.strip())
    flags = (told.get("head first") == "yes", told.get("compounds") == "yes", told.get("cut") == "yes")
    return Tongue(place.stem, told["locale"], words, frozenset(strong), linkers, *flags)


UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


class Unit(msgspec.Struct, frozen=True):
    """A piece of a name: English words, whether they were translated, how many letters they stand for."""

    words: tuple[str, ...]
    foreign: bool
    letters: int = 0


English = Callable[[str], tuple[str, ...] | None]
"""The English words of a piece, None where English does not know it."""


def translated(parts: tuple[str, ...], language: str, english: English) -> tuple[str, ...] | None:
    """The English words of a name taken apart; None where no language explains more than English. ``language``: that of
    the names around it, empty if unknown."""
    if not _foreign(tuple("0" if p.isdigit() else p for p in parts), language, english):
        return None
    known = tongues()
    best: list[Unit] = []
    which: Tongue | None = None
    for tongue in (known[language],) if language else known.values():
        units = list(_units(parts, tongue, bool(language), english))
        if _letters(units) > _letters(best):
            best, which = units, tongue
    if which is None:
        return None
    return tuple(w for unit in _ordered(best, which) for w in unit.words)


@cache
def _foreign(parts: tuple[str, ...], language: str, english: English) -> bool:
    """Whether some language explains a part of a name. Numbers are in none: ``column_17`` is asked like all its kin."""
    known = tongues()
    tried = (known[language],) if language else known.values()
    return any(_letters(list(_units(parts, t, bool(language), english))) for t in tried)


def speaking(parts: tuple[str, ...], english: English) -> frozenset[str]:
    """The languages that surely explain some of a name."""
    if all(english(p) is not None for p in parts):
        return frozenset()
    return frozenset(c for c, t in tongues().items() if _letters(list(_units(parts, t, False, english))))


def language_of(table: tuple[str, ...], names: Sequence[tuple[str, ...]], english: English) -> str:
    """The language that the names of a table and its columns (taken apart) speak; empty for English, or none."""
    votes: Counter[str] = Counter()
    for parts in names:
        votes.update(speaking(parts, english))
    entitled = speaking(table, english)
    votes.update(entitled)
    if not votes:
        return ""
    most = max(votes.values())
    code = next(
        c
        for c in tongues()
        if votes[c] == most and (c in entitled or not entitled & {x for x in votes if votes[x] == most})
    )
    return code if most >= max(1, ENOUGH * len(names)) or (code in entitled and most > 1) else ""


def _letters(units: Sequence[Unit]) -> int:
    return sum(u.letters for u in units if u.foreign)


def _units(parts: tuple[str, ...], tongue: Tongue, sure: bool, english: English) -> Iterator[Unit]:
    at = 0
    while at < len(parts):
        for size in range(min(LONGEST_PHRASE, len(parts) - at), 0, -1):
            piece = parts[at : at + size]
            phrase = " ".join(piece)
            found = tongue.words.get(phrase) or tongue.words.get("".join(piece))
            if found is not None and (sure or _surely(phrase, piece, tongue, english)):
                yield Unit(found, True, sum(map(len, piece)))
                at += size
                break
        else:
            word = parts[at]
            at += 1
            if word in tongue.linkers and (sure or english(word) is None):
                continue
            yield from _single(word, tongue, sure, english)


def _surely(phrase: str, piece: tuple[str, ...], tongue: Tongue, english: English) -> bool:
    """Whether a phrase is of the language without a word from its neighbours."""
    if phrase in tongue.strong:
        return True
    return any(len(p) >= (LONG if len(piece) == 1 else LONG - 1) and english(p) is None for p in piece)


def _single(word: str, tongue: Tongue, sure: bool, english: English) -> Iterator[Unit]:
    """A word that stands in no list: a compound, a run without blanks, an English word, or itself."""
    plain = english(word)
    if plain is None or sure:
        taken = None
        if tongue.compounds and len(word) >= 6:
            taken = _compound(word, tongue, english)
        elif tongue.cut and not word.isascii():
            taken = _cut(word, tongue)
        if taken is not None:
            yield Unit(taken, True, len(word))
            return
    yield Unit(plain or (word,), False)


def _compound(word: str, tongue: Tongue, english: English) -> tuple[str, ...] | None:
    """The parts of a compound, at least one of the language; the last is what it is about."""
    for cut in range(len(word) - 2, 2, -1):
        tail = tongue.words.get(word[cut:]) or (
            english(word[cut:]) if len(word) - cut > 3 or word[cut:] in ("nr", "id") else None
        )
        if tail is None:
            continue
        for link in LINKS:
            head = word[:cut].removesuffix(link) if link else word[:cut]
            if len(head) >= 3 and (not link or word[:cut].endswith(link)) and head in tongue.words:
                return (*tongue.words[head], *tail)
    return None


def _cut(word: str, tongue: Tongue) -> tuple[str, ...] | None:
    """A run without blanks, cut at the longest words known; None where a piece is not known."""
    found: list[str] = []
    at = 0
    while at < len(word):
        end = next((e for e in range(len(word), at, -1) if word[at:e] in tongue.words), None)
        if end is None:
            at += 1
            continue
        found += tongue.words[word[at:end]]
        at = end
    return tuple(found) or None


def _ordered(units: list[Unit], tongue: Tongue) -> list[Unit]:
    """In English order: what a name is about last, numbers and ``id`` behind it."""
    tail = [u for u in units if u.words[-1].isdigit() or u.words == ("id",)]
    rest = [u for u in units if u not in tail]
    if (
        tongue.head_first
        and len(rest) > 1
        and not (" ".join(rest[-1].words) in HEADS and " ".join(rest[0].words) not in HEADS)
    ):
        rest.reverse()
    return rest + tail
