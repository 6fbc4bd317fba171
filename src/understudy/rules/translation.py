"""A regular expression of any dialect in Python's words, so that samples can be verified and rules evaluated."""

from __future__ import annotations

import re

from understudy.errors import InternalError
from understudy.rules.expressions import Anchor, Chain, Look, Members, Options, Parsed, Pattern, Repeat, read

_LETTERS = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u1fff\u2c00-\u2dff\u3040-\ud7ff"
"""Letters as far as one range of characters can say it: Latin, Greek, Cyrillic, Semitic, Indic, kana, Han, Hangul."""

CLASSES = {
    "digit": "0-9", "word": "\\w", "space": "\\s", "letter": _LETTERS, "alnum": "0-9" + _LETTERS,
    "upper": "A-Z\u00c0-\u00d6\u00d8-\u00de\u0391-\u03a9\u0410-\u042f",
    "lower": "a-z\u00df-\u00f6\u00f8-\u00ff\u03b1-\u03c9\u0430-\u044f",
    "blank": " \\t", "punct": "!-/:-@\\[-`{-~", "xdigit": "0-9A-Fa-f", "print": "\\x20-\\x7e\u00a0-\ud7ff",
    "graph": "\\x21-\\x7e\u00a1-\ud7ff",
    "cntrl": "\\x00-\\x1f\\x7f", "not digit": "\\D", "not word": "\\W", "not space": "\\S",
}  # fmt: skip


def to_python(pattern: str, flags: str = "") -> str:
    """The pattern as Python's ``re`` reads it (case folding written in). Raises InternalError where it cannot be
    said."""
    parsed = read(pattern, flags)
    if parsed is None:
        raise InternalError(f"a regular expression is not understood: {pattern}")
    return written(parsed)


def written(parsed: Parsed) -> str:
    """A parsed pattern in Python's words."""
    text = _text(parsed.tree)
    return f"(?i:{text})" if parsed.folded else text


def translatable(pattern: str) -> bool:
    """Whether the pattern can be evaluated here."""
    parsed = read(pattern)
    if parsed is None:
        return False
    try:
        re.compile(written(parsed))
    except (re.error, KeyError, OverflowError):
        return False
    return True


def _text(node: Pattern) -> str:
    match node:
        case Members(ranges=(), names=(), negated=True):
            return "[\\s\\S]"
        case Members(ranges=((low, high),), names=(), negated=False) if low == high:
            return re.escape(chr(low))
        case Members(ranges=ranges, names=names, negated=negated):
            inner = "".join(_span(a, b) for a, b in ranges) + "".join(CLASSES[n] for n in names)
            return f"[{'^' if negated else ''}{inner}]"
        case Chain(items=items):
            return "".join(map(_text, items))
        case Options(options=options):
            return "(?:" + "|".join(map(_text, options)) + ")"
        case Repeat(item=item, low=low, high=high):
            return f"(?:{_text(item)}){{{low},{'' if high is None else high}}}"
        case Anchor(kind=kind):
            return {"^": "\\A", "$": "\\Z", "b": "\\b"}.get(kind, "\\B")
        case Look(item=item, negative=negative, behind=behind):
            return f"(?{'<' if behind else ''}{'!' if negative else '='}{_text(item)})"


def _span(low: int, high: int) -> str:
    first, last = (f"\\U{p:08x}" for p in (low, high))
    return first if low == high else f"{first}-{last}"
