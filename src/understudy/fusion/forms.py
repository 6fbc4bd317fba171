"""Forms of texts: patterns that say the same, and the pattern that codes of one form share."""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase, digits

from understudy.model.evidence import Pattern

SHORTEST_FORM = 4
"""Characters of a code: shorter ones share a form by chance."""


def canonical(pattern: Pattern) -> Pattern:
    """The one form of patterns that say the same: anchors as ``whole``, ``\\d`` as a class, no dialect without need."""
    text, whole = pattern.text, pattern.whole
    if re.fullmatch(r"\^[^|]*[^\\|]\$", text):
        text, whole = text[1:-1], True
    text = CLASSES_AND_ESCAPES.sub(lambda m: "[0-9]" if m[0] == r"\d" else m[0], text)
    return Pattern(text, pattern.syntax if "\\" in text else "", whole)


CLASSES_AND_ESCAPES = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.")


def common_form(texts: set[str]) -> Pattern | None:
    """The pattern of texts that all have digits and capital letters in the same places; None where they have not."""
    some = iter(texts)
    mask = _mask(next(some))
    if any(_mask(v) != mask for v in some) or len(mask) < SHORTEST_FORM:
        return None
    if not re.fullmatch(r"[9A\-/. ]*9[9A\-/. ]*", mask) or _datelike(mask):
        return None
    return Pattern("^" + _pattern_of(mask) + "$", "python") if mask.count("9") >= 3 else None


def _mask(text: str) -> str:
    """Digits as 9, ASCII letters as A (upper) or a, others as they are."""
    return (text if text.isascii() else re.sub(r"\d", "9", text)).translate(MASKS)


MASKS = {ord(c): sign for run, sign in ((digits, "9"), (ascii_uppercase, "A"), (ascii_lowercase, "a")) for c in run}


def _datelike(mask: str) -> bool:
    return bool(re.fullmatch(r"9{4}[-/.]9{1,2}[-/.]9{1,2}.*|9{1,2}[-/.]9{1,2}[-/.]9{2,4}.*", mask))


def _pattern_of(mask: str) -> str:
    out = []
    for run in re.finditer(r"9+|A+|.", mask):
        text = run.group()
        symbol = {"9": "[0-9]", "A": "[A-Z]"}.get(text[0], re.escape(text[0]))
        out.append(symbol + (f"{{{len(text)}}}" if len(text) > 1 else ""))
    return "".join(out)
