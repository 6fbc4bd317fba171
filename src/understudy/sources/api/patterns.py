"""Patterns as every engine of ECMA regular expressions reads them, Unicode mode included.

Older patterns escape what needs no escape and let a hyphen stand beside a class; Unicode mode refuses both. What no
engine accepts is left out, and told.
"""

from __future__ import annotations

import re
from functools import lru_cache

SYNTAX = frozenset("^$\\.*+?()[]{}|/-")
"""What may be escaped in Unicode mode."""
LETTERS = frozenset("dDwWsSbBpPkKnrtfv0cxu123456789")


@lru_cache(maxsize=4096)
def ecma(pattern: str) -> str | None:
    """The pattern in strict syntax; None where it is none."""
    if _accepted(pattern):
        return pattern
    for changed in (_strict(pattern), _strict(pattern.replace(r"\Z", "$").replace(r"\z", "$").replace(r"\A", "^"))):
        if _accepted(changed):
            return changed
    flags = re.match(r"^/(.*)/[gimsuy]*$", pattern, re.S) or re.match(r"^\(\?[a-z]+\)(.*)$", pattern, re.S)
    if flags and "i" not in pattern[flags.end(1) :] and not pattern.startswith("(?i"):
        return ecma(flags[1])
    return None


def _accepted(pattern: str) -> bool:
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return False
    return True


def _strict(pattern: str) -> str:
    """Needless escapes taken away; a hyphen that means itself escaped."""
    out: list[str] = []
    inside = False
    at = 0
    while at < len(pattern):
        c = pattern[at]
        if c == "\\" and at + 1 < len(pattern):
            after = pattern[at + 1]
            out.append(c + after if after in SYNTAX or after in LETTERS else after)
            at += 2
            if inside and pattern[at : at + 1] == "-" and after in "dDwWsS" and pattern[at + 1 : at + 2] != "]":
                out.append("\\-")
                at += 1
            continue
        if c == "[" and not inside:
            inside = True
        elif c == "]" and inside:
            inside = False
        elif c == "[" and inside:
            c = "\\["
        elif c == "-" and inside and pattern[at + 1 : at + 2] == "\\" and pattern[at + 2 : at + 3] in tuple("dDwWsS"):
            c = "\\-"
        elif c in "{}" and not inside and not _quantifier(pattern, at, c):
            c = "\\" + c
        out.append(c)
        at += 1
    return "".join(out)


def _quantifier(pattern: str, at: int, brace: str) -> bool:
    if brace == "{":
        return re.match(r"\{\d+(?:,\d*)?\}", pattern[at:]) is not None or pattern[at - 2 : at] in ("\\p", "\\P", "\\u")
    opened = pattern.rfind("{", 0, at)
    return opened >= 0 and (
        re.match(r"\{\d+(?:,\d*)?\}$", pattern[opened : at + 1]) is not None
        or pattern[opened - 2 : opened] in ("\\p", "\\P", "\\u")
    )
