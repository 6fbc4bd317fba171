"""HTML's ``pattern`` attribute as an ECMA pattern over the whole value.

Source: HTML Living Standard, 4.10.5.3.6: the text is compiled with the ``v`` flag and anchored at both ends; one
that does not compile is ignored. Older browsers compiled with ``u``, which permits ``[\\w-]``.
"""

from __future__ import annotations

import msgspec


class Read(msgspec.Struct, frozen=True):
    """``anchored``: for JSON Schema, "" where browsers ignore the attribute; ``meant``: what its author meant;
    ``fault``: why it is ignored."""

    anchored: str
    meant: str
    fault: str = ""


def read_pattern(text: str) -> Read:
    """What a ``pattern`` attribute demands."""
    import regress

    meant = _whole(text)
    try:
        regress.Regex(f"^(?:{text})$", flags="v")
    except regress.RegressError as error:
        return Read("", meant if _compiles(meant) else "", str(error))
    return Read(meant, meant)


def _compiles(text: str) -> bool:
    import regress

    try:
        regress.Regex(text, flags="u")
    except regress.RegressError:
        return False
    return True


def _whole(text: str) -> str:
    """Anchored once: ``^a$`` stays so, ``a|b`` is grouped."""
    inner = text
    if inner.startswith("^") and not _branches(inner):
        inner = inner[1:]
    if inner.endswith("$") and not inner.endswith("\\$") and not _branches(inner):
        inner = inner[:-1]
    return f"^(?:{inner})$" if _branches(inner) else f"^{inner}$"


def _branches(text: str) -> bool:
    """Whether there is a ``|`` outside groups and classes."""
    depth, inside, at = 0, 0, 0
    while at < len(text):
        c = text[at]
        if c == "\\":
            at += 1
        elif c == "[":
            inside += 1
        elif c == "]" and inside:
            inside -= 1
        elif not inside:
            depth += (c == "(") - (c == ")")
            if c == "|" and depth == 0:
                return True
        at += 1
    return False
