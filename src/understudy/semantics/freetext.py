"""Personal data inside running text: addresses, numbers with right check digits, names, secrets.

A text is searched, not matched as a whole. What has a form or check digits of its own counts wherever it stands; a name
counts where a known first name stands before a known family name inside a sentence, or a form of address before either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec

from understudy.model.checking import holds
from understudy.semantics.pools import fold
from understudy.semantics.vocabularies import known

MOST = 5000
"""Texts of a column that are searched."""
FEWEST_WORDS = 3
"""Mean words of a column from which it is searched: shorter ones are values, and told as such."""
LONGEST = 20_000
"""Characters of a text that are searched."""


class Found(msgspec.Struct, frozen=True):
    """``meaning`` stands in ``rows`` of ``texts`` searched; ``certainty`` that at least one is real; ``how``."""

    meaning: str
    rows: int
    texts: int
    certainty: float
    how: str


class _Search(msgspec.Struct, frozen=True):
    meaning: str
    pattern: re.Pattern[str]
    certainty: float
    scheme: str = ""
    how: str = "form"


@cache
def searches() -> tuple[_Search, ...]:
    """What is looked for, as ``searches.txt`` says."""
    found = []
    for line in (Path(__file__).parent / "searches.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            meaning, certainty, scheme, pattern = (p.strip() for p in line.split(" | ", 3))
            how = "check digits" if scheme else "form"
            found.append(_Search(meaning, re.compile(pattern), float(certainty), scheme, how))
    return tuple(found)


ADDRESSED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr[n]?|Frau|Mme|Monsieur|Madame|Señora?|Sra?|Signora?)\.? ([A-ZÀ-Þ][\w'’-]+)"
)
PAIR = re.compile(
    r"(?<![\w'’-])([A-ZÀ-Þ][a-zß-ÿ'’-]+) ((?:(?:van|von|de|di|da|del|la|der|den|el|al) )*[A-ZÀ-Þ][\w'’-]+)"
)
ADDRESSED_CERTAINTY, PAIR_CERTAINTY = 0.85, 0.75


def is_running(texts: Sequence[str]) -> bool:
    """Whether the texts of a column are long enough to hold something."""
    looked = [t for t in texts[:200] if t]
    return bool(looked) and sum(len(t.split()) for t in looked) >= FEWEST_WORDS * len(looked)


def found_in(texts: Sequence[str]) -> tuple[Found, ...]:
    """What stands in some texts of a column, most frequent first; () where the column is no running text."""
    looked = [t[:LONGEST] for t in texts if t][:MOST]
    if not is_running(looked):
        return ()
    rows: dict[str, int] = {}
    best: dict[str, tuple[float, str]] = {}
    for text in looked:
        for meaning, certainty, how in dict.fromkeys(_hits(text)):
            rows[meaning] = rows.get(meaning, 0) + 1
            best[meaning] = max(best.get(meaning, (0.0, "")), (certainty, how))
    return tuple(
        Found(m, n, len(looked), _together(best[m][0], n, len(looked), m), best[m][1])
        for m, n in sorted(rows.items(), key=lambda item: -item[1])
    )


def _together(certainty: float, rows: int, texts: int, meaning: str) -> float:
    """Several hits are surer than one; a single name, or a few among thousands of texts, may be chance."""
    doubt = (1 - certainty) / min(rows, 4) ** 0.5
    if meaning == "person_name" and certainty < ADDRESSED_CERTAINTY and (rows * 200 < texts or rows == 1 < texts):
        doubt = max(doubt, 0.55)
    return round(float(1 - doubt), 3)


def _hits(text: str) -> Iterator[tuple[str, float, str]]:
    left = text
    for search in searches():
        hits = [h for h in search.pattern.finditer(left) if not search.scheme or _right(h[0], search.scheme)]
        if hits:
            yield search.meaning, search.certainty, search.how
        for hit in hits:  # what is a card is no phone number too
            left = left[: hit.start()] + "\N{BULLET}" * len(hit[0]) + left[hit.end() :]
    certainty = _named(left)
    if certainty:
        yield "person_name", certainty, "words"


def _right(hit: str, scheme: str) -> bool:
    return holds(re.sub(r"[\s.-]", "", hit), scheme)


def _named(text: str) -> float:
    """How sure a person is named in a text; 0 where none is."""
    for hit in ADDRESSED.finditer(text):
        if fold(hit[1]) in known("last_name") or fold(hit[1]) in known("first_name"):
            return ADDRESSED_CERTAINTY
    words = text.split()
    if sum(w[:1].islower() for w in words) * 2 < len(words):
        return 0.0  # a title or a list: capitals say nothing
    for hit in PAIR.finditer(text):
        if _is_first(hit[1]) and fold(hit[2].split()[-1]) in known("last_name") and hit[2].split()[-1] not in PLAIN:
            return PAIR_CERTAINTY
    return 0.0


PLAIN = frozenset(
    [
        "Street",
        "Park",
        "Day",
        "House",
        "Hill",
        "Church",
        "Field",
        "Wood",
        "Stone",
        "Lane",
        "Road",
        "Bay",
        "Beach",
        "City",
    ]
)
"""Family names that are words of places."""
NO_NAMES = frozenset(
    [
        *("will", "may", "mark", "grant", "bill", "art", "rose", "hope", "faith", "grace", "joy", "dawn", "august"),
        *("june", "april", "the", "an", "so", "see", "my", "do", "in", "der", "die", "das", "le", "la", "san", "santa"),
        *("los", "new", "via", "chase", "page", "gene", "sunny", "summer", "autumn", "store", "max", "van", "star"),
        *("lake", "north", "south"),
    ]
)
"""First names that more often are words."""


@cache
def _is_first(word: str) -> bool:
    folded = fold(word)
    return len(folded) > 2 and folded in known("first_name") and folded not in NO_NAMES
