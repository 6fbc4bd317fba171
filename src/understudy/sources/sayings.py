"""Rules in plain English: ``A ticket's subject must be between 5 and 100 characters``.

A sentence is read only where all of it is understood; what speaks like a rule and is not understood is told, never
guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from understudy.model.evidence import Bounds, Choices, FacetKind, Value
from understudy.sources.about import snake

NUMBER = r"(?P<{0}>-?\d+(?:\.\d+)?)"
LOW, HIGH = NUMBER.format("low"), NUMBER.format("high")
UNIT = r"(?:\s+(?P<unit>characters|letters|digits|symbols)(?:\s+long)?)?"
MUST = r"(?:must|shall|has to|should always|needs to)"
NOT = r"(?:must not|must never|may not|cannot|can not|shall not|can never)"
NAME = r"[a-z][a-z -]{1,38}?"
SUBJECT = re.compile(
    rf"(?:the\s+)?(?P<field>{NAME})\s+of\s+(?:an?|the|every|each|any)\s+(?P<of>{NAME})"
    rf"|(?:an?|the|every|each|any)\s+(?P<owner>{NAME})(?:'s|’s)\s+(?P<its>{NAME})"
    rf"|(?:an?|the|every|each|any)?\s*(?P<alone>{NAME})",
    re.IGNORECASE,
)
LIKELY = re.compile(
    rf"\b(?:{MUST}|{NOT}|at least|at most|no more than|no longer than|is required|is mandatory)\b", re.IGNORECASE
)
LONGEST = 200


class Saying(msgspec.Struct, frozen=True):
    """What a sentence says of a field. ``entity``: "" where it names none."""

    entity: str
    field: str
    facet: FacetKind
    value: Value
    text: str


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _bounds(low: str | None, high: str | None, unit: str | None, **more: bool) -> tuple[FacetKind, Value]:
    bounds = Bounds(_number(low) if low else None, _number(high) if high else None, **more)
    return (FacetKind.LENGTH if unit else FacetKind.RANGE), bounds


def _choices(words: str) -> tuple[FacetKind, Value] | None:
    values = tuple(w.strip(" \"'“”‘’") for w in re.split(r"\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s+and\s+", words))
    return (
        (FacetKind.ENUM, Choices(values))
        if len(values) > 1 and all(re.fullmatch(r"[\w-]+", v) for v in values)
        else None
    )


Reading = Callable[[re.Match[str]], tuple[FacetKind, Value] | None]
HAS = rf"(?:{MUST}\s+(?:be|have)|(?:is|has)(?:\s+always)?)"
PREDICATES: tuple[tuple[re.Pattern[str], Reading], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reading)
    for pattern, reading in (
        (
            rf"{MUST}\s+(?:be|have|lie)\s+(?:between|from)\s+{LOW}\s+(?:and|to)\s+{HIGH}{UNIT}",
            lambda m: _bounds(m["low"], m["high"], m["unit"]),
        ),
        (
            rf"{HAS}\s+(?:at least|no less than|not less than)\s+{LOW}{UNIT}",
            lambda m: _bounds(m["low"], None, m["unit"]),
        ),
        (
            rf"{HAS}\s+(?:at most|no more than|not more than|no longer than)"
            rf"\s+{HIGH}{UNIT}",
            lambda m: _bounds(None, m["high"], m["unit"]),
        ),
        (
            rf"{NOT}\s+(?:exceed|be (?:more|greater|higher|larger|longer) than)\s+{HIGH}{UNIT}",
            lambda m: _bounds(None, m["high"], m["unit"]),
        ),
        (
            rf"{NOT}\s+be\s+(?:less|lower|smaller|shorter)\s+than\s+{LOW}{UNIT}",
            lambda m: _bounds(m["low"], None, m["unit"]),
        ),
        (
            rf"{MUST}\s+be\s+(?:more|greater|higher|larger)\s+than\s+{LOW}",
            lambda m: _bounds(m["low"], None, None, low_open=True),
        ),
        (rf"{NOT}\s+be\s+negative", lambda m: (FacetKind.RANGE, Bounds(0))),
        (rf"{MUST}\s+be\s+positive", lambda m: (FacetKind.RANGE, Bounds(0, low_open=True))),
        (
            rf"(?:is|are)\s+(?:always\s+)?(?:required|mandatory)|{NOT}\s+be\s+(?:empty|blank|missing|left out)"
            rf"|{MUST}\s+be\s+(?:given|filled in|present|provided)",
            lambda m: (FacetKind.NULLABILITY, False),
        ),
        (rf"(?:{MUST}\s+be|is(?:\s+always)?)\s+one\s+of:?\s+(?P<words>.+)", lambda m: _choices(m["words"])),
    )
)


def sayings(text: str) -> tuple[list[Saying], list[str]]:
    """What the sentences of a text say of fields, and those that speak like rules and are not understood."""
    found: list[Saying] = []
    left: list[str] = []
    for sentence in _sentences(text):
        said = _said(sentence)
        if said is not None:
            found.append(said)
        elif LIKELY.search(sentence):
            left.append(sentence[:LONGEST])
    return found, left


def _sentences(text: str) -> Iterator[str]:
    joined = re.sub(r"\n(?=\s*[-*•])|\n\s*\n", ". ", text)
    for part in re.split(r"(?<=[.!?;])\s+", " ".join(joined.split())):
        sentence = part.strip(" .!;-*•")
        if sentence:
            yield sentence


def _said(sentence: str) -> Saying | None:
    for predicate, reading in PREDICATES:
        found = re.search(rf"\s{predicate.pattern}$", sentence, re.IGNORECASE)
        subject = SUBJECT.fullmatch(sentence[: found.start()].strip()) if found else None
        if found is None or subject is None:
            continue
        told = reading(found)
        if told is None:
            return None
        field = subject["field"] or subject["its"] or subject["alone"]
        owner = subject["of"] or subject["owner"] or ""
        return Saying(snake(owner), snake(field), told[0], told[1], sentence)
    return None
