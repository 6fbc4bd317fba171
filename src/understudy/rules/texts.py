"""LIKE, GLOB and SIMILAR TO as regular expressions, in the one syntax that rules keep (search semantics)."""

from __future__ import annotations

_SPECIAL = set("\\.^$*+?{}[]|()")


def escaped(text: str) -> str:
    """``text`` as a regular expression that matches just it."""
    return "".join("\\" + c if c in _SPECIAL else c for c in text)


def like_to_regex(pattern: str, escape: str = "\\") -> str:
    """The anchored expression of a LIKE pattern; ends that begin or end in ``%`` are left open.

    >>> like_to_regex("ab%")
    '^ab'
    """
    pieces: list[tuple[str, str]] = []
    chars = iter(pattern)
    for c in chars:
        if escape and c == escape:
            pieces.append(("text", escaped(next(chars, c))))
        elif c == "%":
            pieces.append(("any", "[\\s\\S]*"))
        elif c == "_":
            pieces.append(("one", "[\\s\\S]"))
        else:
            pieces.append(("text", escaped(c)))
    return _anchored(pieces)


def glob_to_regex(pattern: str) -> str:
    """The anchored expression of a SQLite GLOB pattern."""
    pieces: list[tuple[str, str]] = []
    at = 0
    while at < len(pattern):
        c = pattern[at]
        at += 1
        if c == "*":
            pieces.append(("any", "[\\s\\S]*"))
        elif c == "?":
            pieces.append(("one", "[\\s\\S]"))
        elif c == "[" and (end := pattern.find("]", at + (2 if pattern[at : at + 1] == "^" else 1))) > 0:
            inner = pattern[at:end].replace("\\", "\\\\").replace("[", "\\[")
            pieces.append(("one", f"[{_closed(inner)}]"))
            at = end + 1
        else:
            pieces.append(("text", escaped(c)))
    return _anchored(pieces)


def _closed(inner: str) -> str:
    """A set's members with a leading ``]`` (a member) escaped."""
    if inner.startswith("^]"):
        return "^\\]" + inner[2:]
    return "\\]" + inner[1:] if inner.startswith("]") else inner


def _anchored(pieces: list[tuple[str, str]]) -> str:
    start, end = "^", "$"
    if pieces and pieces[0][0] == "any":
        start, pieces = "", pieces[1:]
    if pieces and pieces[-1][0] == "any":
        end, pieces = "", pieces[:-1]
    elif not pieces and not start:
        end = ""
    return start + "".join(text for _, text in pieces) + end


def similar_to_regex(pattern: str, escape: str = "\\") -> str:
    """The anchored expression of a SIMILAR TO pattern."""
    out: list[str] = []
    inside = False
    chars = iter(pattern)
    for c in chars:
        if escape and c == escape:
            out.append(escaped(next(chars, c)))
        elif inside:
            inside = c != "]"
            out.append("\\\\" if c == "\\" else c)
        elif c == "[":
            inside = True
            out.append(c)
        else:
            out.append({"%": "[\\s\\S]*", "_": "[\\s\\S]", ".": "\\.", "^": "\\^", "$": "\\$", "\\": "\\\\"}.get(c, c))
    return f"^(?:{''.join(out)})$"
