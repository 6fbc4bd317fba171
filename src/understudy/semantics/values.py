"""What values show by themselves: by their form, their check digits, the words that they are.

A form that nothing else has (an address with @, a right IBAN) is a proof; a word that is a name or a city is a hint
that grows with the share of the values that are such words. Nothing here looks at what a column is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from understudy.model.checking import holds
from understudy.semantics.pools import fold
from understudy.semantics.vocabularies import known

MOST = 120
"""Values looked at."""
LONGEST = 400
"""Characters of a value that may have a form; longer ones are prose."""
LEAST = 0.6
"""Share of the values that must have a form."""
FEWEST_WORDS = 0.35
"""Share of the values that must be words of a vocabulary: no list knows every name."""


class Shown(msgspec.Struct, frozen=True):
    """``share`` of the values that look like ``meaning``; ``certainty`` that the column is that; ``how`` it shows:
    ``form``, ``check digits`` or ``words``."""

    meaning: str
    share: float
    certainty: float
    how: str


class Form(msgspec.Struct, frozen=True):
    """A form of single values. ``weight``: how far a column full of it is that meaning. ``example``: one of them."""

    meaning: str
    test: Callable[[str], bool]
    weight: float
    how: str = "form"
    example: str = ""


@cache
def forms() -> tuple[Form, ...]:
    """The forms of ``forms.txt``, stricter ones first."""
    found = []
    for line in (Path(__file__).parent / "forms.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            meaning, weight, scheme, example, pattern = (p.strip() for p in line.split(" | ", 4))
            how = "check digits" if scheme else "words" if meaning == "company" else "form"
            found.append(Form(meaning, _test(pattern, scheme), float(weight), how, example))
    return tuple(found)


def _test(pattern: str, scheme: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)

    def test(text: str) -> bool:
        if len(text) > LONGEST or compiled.fullmatch(text) is None:
            return False
        return not scheme or holds(SEPARATORS.sub("", text).upper(), scheme)

    return test


SEPARATORS = re.compile(r"[\s.\-/]")


VOCABULARIES: tuple[tuple[str, float], ...] = (
    ("gender", 0.9), ("country", 0.92), ("country_code", 0.7), ("currency", 0.8), ("language_name", 0.85),
    ("language_code", 0.5), ("continent", 0.9), ("nationality", 0.85), ("city", 0.75), ("region", 0.75),
    ("first_name", 0.85), ("last_name", 0.8), ("job_title", 0.85), ("department", 0.8), ("industry", 0.7),
    ("product_color", 0.85), ("browser", 0.8), ("blood_type", 0.9), ("operating_system", 0.75), ("http_method", 0.9),
    ("condition", 0.85), ("drug", 0.85), ("marital_status", 0.9), ("religion", 0.85),
    ("person_title", 0.9), ("region_code", 0.4),
)  # fmt: skip
"""Meanings by the words that values are, with how far a column full of such words is that."""
FEW = {
    "gender": 2,
    "country_code": 4,
    "currency": 3,
    "language_code": 4,
    "blood_type": 3,
    "continent": 3,
    "http_method": 2,
}
"""Different values that a vocabulary of short codes needs before it says anything."""


def shown(samples: Sequence[object]) -> tuple[Shown, ...]:
    """What some different values of a column (texts, numbers as they are) look like, surest first."""
    texts = _texts(samples)
    if not texts:
        return ()
    found: dict[str, Shown] = {}
    for form in forms():
        share = sum(map(form.test, texts)) / len(texts)
        if share >= LEAST:
            _keep(found, Shown(form.meaning, share, _certainty(form.weight, share, len(texts)), form.how))
    if not any(s.how != "words" and s.certainty > 0.85 for s in found.values()):
        for one in (*_words(texts), *_persons(texts), *_digits(samples), *_births(texts)):
            _keep(found, one)
    return tuple(sorted(found.values(), key=lambda s: -s.certainty))


def _texts(samples: Sequence[object]) -> list[str]:
    kept = [str(v).strip() for v in samples if isinstance(v, str | int) and not isinstance(v, bool)]
    return list(dict.fromkeys(t for t in kept if t))[:MOST]


def _keep(found: dict[str, Shown], one: Shown) -> None:
    held = found.get(one.meaning)
    if held is None or held.certainty < one.certainty:
        found[one.meaning] = one


def _certainty(weight: float, share: float, count: int) -> float:
    """Grows with the share, and with how many values there were: three say less than thirty, the less so the looser
    the form."""
    return round(weight * (share - LEAST / 2) / (1 - LEAST / 2) * count / (count + 3 * (1 - weight)), 3)


def _words(texts: Sequence[str]) -> Iterable[Shown]:
    folded = [fold(t) for t in texts]
    short = sum(len(t.split()) <= 4 for t in texts) / len(texts)
    if short < LEAST:
        return
    shares: dict[str, float] = {}
    for meaning, _ in VOCABULARIES:
        share = sum(t in known(meaning) for t in folded) / len(folded)
        if share >= FEWEST_WORDS and len(folded) >= FEW.get(meaning, 2) and _written(meaning, texts):
            shares[meaning] = share
    names = {"first_name", "last_name", "city", "region"}
    best = max((shares[m] for m in names if m in shares), default=0.0)
    for meaning, weight in VOCABULARIES:
        if meaning in shares:
            share = shares[meaning]
            doubt = max(0.0, best - share) * 2 if meaning in names else 0.0
            yield Shown(meaning, share, max(_certainty(weight, share, len(texts)) - doubt, 0.05), "words")


def _written(meaning: str, texts: Sequence[str]) -> bool:
    """Codes are written in capitals, names with one."""
    if meaning in ("country_code", "currency", "region_code"):
        return all(t.isupper() for t in texts)
    if meaning in ("first_name", "last_name", "city", "region"):
        return sum(t[:1].isupper() or not t.isascii() for t in texts) >= 0.8 * len(texts)
    return True


WORD = r"[^\W\d_][\w.'’\-]*"
NAME = re.compile(rf"{WORD}(?: {WORD}){{1,4}}|{WORD}(?: {WORD})*,(?: {WORD})+")
TITLES = frozenset({"mr", "mrs", "ms", "dr", "prof", "herr", "frau", "sr", "sra", "m", "mme", "jr"})


@cache
def is_person(text: str) -> bool:
    """Whether a text is the whole name of a person: first and family names that are known, written as names are."""
    if NAME.fullmatch(text) is None or not text[:1].isupper():
        return False
    parts = [fold(p).strip(".") for p in re.split(r"[ ,]+", text)]
    parts = [
        p for p in parts if p not in ("mr", "mrs", "ms", "dr", "prof", "herr", "frau", "sr", "sra", "m", "mme", "jr")
    ]
    if len(parts) < 2:
        return False
    ends = [(parts[0], parts[-1]), (parts[-1], parts[0])]
    return any(a in known("first_name") and (b in known("last_name") or b in known("first_name")) for a, b in ends)


def _persons(texts: Sequence[str]) -> Iterable[Shown]:
    share = sum(map(is_person, texts)) / len(texts)
    if share >= 0.4:
        yield Shown("person_name", share, round(0.9 * min(1.0, share / 0.8), 3), "words")


def _digits(samples: Sequence[object]) -> Iterable[Shown]:
    """Texts of digits, all of one length, some with a zero in front: so postcodes are written in many countries."""
    texts = [v.strip() for v in samples if isinstance(v, str)]
    if (
        len(texts) >= 5
        and len({len(t) for t in texts}) == 1
        and all(t.isdigit() and len(t) in (4, 5, 6) for t in texts)
    ):
        yield Shown("postcode", 1.0, 0.45 if any(t[0] == "0" for t in texts) else 0.3, "form")


DATE = re.compile(r"((?:18|19|20)\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[ T]00:00:00\S*)?")
BIRTH_SPAN, BIRTH_LEAST, BIRTH_MIDDLE = 20, 1900, 1995


def _births(texts: Sequence[str]) -> Iterable[Shown]:
    """Days over a lifetime, most of them long ago: dates of birth. Other dates of a table lie within some years."""
    years = sorted(int(m[1]) for t in texts if (m := DATE.fullmatch(t)) is not None)
    if len(years) < 5 or len(years) < LEAST * len(texts):
        return
    low, middle, high = years[len(years) // 20], years[len(years) // 2], years[-1 - len(years) // 20]
    if high - low >= BIRTH_SPAN and low >= BIRTH_LEAST and middle <= BIRTH_MIDDLE:
        yield Shown("birth_date", len(years) / len(texts), 0.62, "form")


@cache
def shape_of(meaning: str) -> tuple[Form, ...]:
    """The forms of a meaning."""
    return tuple(f for f in forms() if f.meaning == meaning)
