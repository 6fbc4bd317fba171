"""Constraints that a page states in words: "at least 8 characters", "max. 200 characters", "between 1 and 5"."""

from __future__ import annotations

import re

from understudy.model.evidence import Bounds

CHARACTERS = r"(?:characters?|chars?|letters?|digits?|zeichen|caract[eè]res|caracteres|caratteri|tekens|znak\w*)"
LENGTHS = (
    (
        re.compile(
            rf"(?:between|from|zwischen|entre)?\s*(\d+)\s*(?:-|–|to|and|und|et|y|bis)\s*(\d+)\s*{CHARACTERS}",
            re.IGNORECASE,
        ),
        "both",
    ),
    (
        re.compile(
            rf"(?:at least|min(?:imum)?\.?(?: of)?|mindestens|au moins|al menos|no (?:fewer|less) than"
            rf"|longer than)\s*:?\s*(\d+)\s*(?:\w+\s+)?{CHARACTERS}",
            re.IGNORECASE,
        ),
        "low",
    ),
    (re.compile(rf"(\d+)\s*{CHARACTERS}\s*(?:or more|minimum|min\b|mindestens)", re.IGNORECASE), "low"),
    (
        re.compile(
            rf"(?:at most|max(?:imum)?\.?(?: of)?|up to|no more than|höchstens"
            rf"|not exceed)\s*:?\s*(\d+)\s*(?:\w+\s+)?{CHARACTERS}",
            re.IGNORECASE,
        ),
        "high",
    ),
    (re.compile(rf"(\d+)\s*{CHARACTERS}\s*(?:or (?:less|fewer)|maximum|max\b)", re.IGNORECASE), "high"),
)
RANGES = (
    (
        re.compile(
            r"(?:between|from|zwischen)\s*(\d+(?:\.\d+)?)\s*(?:-|–|to|and|und|bis)\s*(\d+(?:\.\d+)?)(?!\s*(?:char|letter|zeich|digit))",
            re.IGNORECASE,
        ),
        "both",
    ),
    (
        re.compile(
            r"(?:minimum|min\.?|at least|greater than or equal to"
            r"|>=)\s*:?\s*[$€£]?\s*(\d+(?:\.\d+)?)(?!\s*(?:\w+\s+)?(?:char|letter|zeich|digit|upper|lower"
            r"|number|special|one))\b",
            re.IGNORECASE,
        ),
        "low",
    ),
    (
        re.compile(
            r"(?:maximum|max\.?|at most|up to|less than or equal to"
            r"|<=)\s*:?\s*[$€£]?\s*(\d+(?:\.\d+)?)(?!\s*(?:\w+\s+)?(?:char|letter|zeich|digit|file|mb|kb))\b",
            re.IGNORECASE,
        ),
        "high",
    ),
)


def lengths_said(text: str) -> Bounds | None:
    """Bounds of the length that a text states, None if it states none.

    >>> lengths_said("Use 8-20 characters"), lengths_said("at least 12 characters")
    (Bounds(low=8, high=20), Bounds(low=12))
    """
    return _bounds(text, LENGTHS, int)


def range_said(text: str) -> Bounds | None:
    """Bounds of the value that a text states."""
    return _bounds(text, RANGES, _number)


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _bounds(text: str, shapes: tuple[tuple[re.Pattern[str], str], ...], read: object) -> Bounds | None:
    low: int | float | None = None
    high: int | float | None = None
    for pattern, side in shapes:
        match = pattern.search(text)
        if match is None:
            continue
        values = [read(g) for g in match.groups()]  # type: ignore[operator]
        if side == "both":
            low, high = (low if low is not None else values[0]), (high if high is not None else values[1])
        elif side == "low":
            low = low if low is not None else values[0]
        else:
            high = high if high is not None else values[0]
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        return None
    return Bounds(low, high)
