"""LIKE, GLOB and regular expressions: by RE2 on whole arrays, by Python on distinct values where RE2 cannot.

RE2 knows neither look-around nor back-references. Both engines are given PostgreSQL's reading: a point
matches a line break too, ``$`` only the very end, ``\\y`` a word's edge.
"""

from __future__ import annotations

import re
from functools import lru_cache

import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import native
from understudy.kernels.words import strings

CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
    "word": r"\w",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
}
"""POSIX classes for Python's engine, which has none."""

EDGES = {"y": r"\b", "m": r"\b(?=\w)", "M": r"\b(?<=\w)", "A": r"\A", "Z": r"\Z"}


def regex_replace(text: str, pattern: str, by: str) -> str:
    """Every place where the pattern is found, replaced (``\\1`` in ``by`` is a group)."""
    return python_pattern(pattern, False).sub(by, text)


# ---- LIKE and GLOB -----------------------------------------------------------------------------
def _special(c: str) -> str:
    return "\\" + c if c in "\\.^$*+?{}[]|()" else c


@lru_cache(maxsize=1024)
def like_pattern(pattern: str) -> str:
    """A LIKE pattern as a regular expression."""
    out, chars = [], iter(pattern)
    for c in chars:
        match c:
            case "%":
                out.append(".*")
            case "_":
                out.append(".")
            case "\\":
                out.append(_special(next(chars, "\\")))
            case _:
                out.append(_special(c))
    return r"\A" + "".join(out) + r"\z"


@lru_cache(maxsize=1024)
def glob_pattern(pattern: str) -> str:
    """A GLOB pattern as a regular expression."""
    out, at = [], 0
    while at < len(pattern):
        c, at = pattern[at], at + 1
        if c == "*":
            out.append(".*")
        elif c == "?":
            out.append(".")
        elif c == "[" and (end := pattern.find("]", at + (2 if pattern[at : at + 1] == "^" else 1))) > 0:
            inner = pattern[at:end].replace("\\", "\\\\").replace("[", "\\[")
            inner = (
                "^\\]" + inner[2:] if inner.startswith("^]") else "\\]" + inner[1:] if inner.startswith("]") else inner
            )
            out.append(f"[{inner}]")
            at = end + 1
        else:
            out.append(_special(c))
    return r"\A" + "".join(out) + r"\z"


# ---- engines -----------------------------------------------------------------------------------
def _search(array: pa.Array, pattern: str, fold: bool) -> pa.Array:
    try:
        text = f"(?s{'i' if fold else ''}:{_for_re2(pattern)})"
        return native.call("match_substring_regex", array, options="MatchSubstringOptions", pattern=text)
    except pa.ArrowInvalid:
        matcher = python_pattern(pattern, fold)
        return native.call(
            "equal", strings("y" if matcher.search(t) else "n" for t in array.to_pylist()), native.text("y")
        )


def _for_re2(pattern: str) -> str:
    """``\\y`` is RE2's ``\\b``; ``\\Z`` its ``\\z``."""
    return re.sub(r"\\(.)", lambda m: {"y": r"\b", "Z": r"\z"}.get(m[1], m[0]), pattern, flags=re.DOTALL)


@lru_cache(maxsize=1024)
def python_pattern(pattern: str, fold: bool) -> re.Pattern[str]:
    """The pattern for Python's engine; InternalError where it is none."""
    try:
        return re.compile(_for_python(pattern), re.DOTALL | (re.IGNORECASE if fold else 0))
    except (re.error, OverflowError) as error:
        raise InternalError(f"the regular expression {pattern!r} is not understood: {error}") from error


def _for_python(pattern: str) -> str:
    out, at, inside = [], 0, False
    while at < len(pattern):
        c = pattern[at]
        if c == "\\" and at + 1 < len(pattern):
            d = pattern[at + 1]
            out.append(r"\Z" if d == "z" else c + d if inside else EDGES.get(d, c + d))
            at += 2
            continue
        if inside and (found := re.match(r"\[:(\w+):\]", pattern[at:])) and found[1] in CLASSES:
            out.append(CLASSES[found[1]])
            at += found.end()
            continue
        if c == "[" and not inside:
            inside = True
            lead = re.match(r"\[\^?\]?", pattern[at:])
            assert lead is not None
            out.append(lead[0].replace("]", "\\]"))
            at += lead.end()
            continue
        inside = inside and c != "]"
        out.append(r"\Z" if c == "$" and not inside else "\\[" if c == "[" else c)
        at += 1
    return "".join(out)


def like(text: str, pattern: str) -> bool:
    """text LIKE pattern."""
    return python_pattern(like_pattern(pattern), False).search(text) is not None


def ilike(text: str, pattern: str) -> bool:
    """text ILIKE pattern."""
    return python_pattern(like_pattern(pattern), True).search(text) is not None


def glob(text: str, pattern: str) -> bool:
    """text GLOB pattern."""
    return python_pattern(glob_pattern(pattern), False).search(text) is not None


def regex(text: str, pattern: str) -> bool:
    """Pattern found anywhere."""
    return python_pattern(pattern, False).search(text) is not None


def iregex(text: str, pattern: str) -> bool:
    """Pattern found anywhere, without regard to case."""
    return python_pattern(pattern, True).search(text) is not None


def likes(array: pa.Array, pattern: str) -> pa.Array:
    """:func:`like` of an array."""
    return _search(array, like_pattern(pattern), False)


def ilikes(array: pa.Array, pattern: str) -> pa.Array:
    """:func:`ilike` of an array."""
    return _search(array, like_pattern(pattern), True)


def globs(array: pa.Array, pattern: str) -> pa.Array:
    """:func:`glob` of an array."""
    return _search(array, glob_pattern(pattern), False)


def regexes(array: pa.Array, pattern: str) -> pa.Array:
    """:func:`regex` of an array."""
    return _search(array, pattern, False)


def iregexes(array: pa.Array, pattern: str) -> pa.Array:
    """:func:`iregex` of an array."""
    return _search(array, pattern, True)
