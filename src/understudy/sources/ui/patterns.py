"""HTML's ``pattern`` attribute as an ECMA pattern over the whole value.

Source: HTML Living Standard, 4.10.5.3.6: the text is compiled with the ``v`` flag and anchored at both ends; one
that does not compile is ignored. Older browsers compiled with ``u``, which permits ``[\\w-]``. JSON Schema knows
``u`` only, so sets of sets (``[a-z--[aeiou]]``) are written with look-ahead. (ECMA-262, 22.2.1: ClassSetExpression.)
"""

from __future__ import annotations

import re

import msgspec

RESERVED = "()[]{}/-|"
"""Characters that must be escaped in a class of the ``v`` flag."""
DOUBLED = frozenset(c + c for c in "&!#$%*+,.:;<=>?@^`~")
"""Pairs that are kept for operators to come."""
PUNCTUATION = frozenset("&!#%,:;<=>@`~")
"""What ``v`` lets one escape in a class, and ``u`` does not."""
ESCAPE = re.compile(r"\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|.)", re.DOTALL)


class Read(msgspec.Struct, frozen=True):
    """``anchored``: for JSON Schema, "" where browsers ignore the attribute; ``meant``: what its author meant;
    ``fault``: why it is ignored."""

    anchored: str
    meant: str
    fault: str = ""


def read_pattern(text: str) -> Read:
    """What a ``pattern`` attribute demands."""
    meant = _whole(text)
    try:
        translated = unicode_pattern(text)
        fault = _fault(f"^(?:{translated})$")
    except ValueError as error:
        translated, fault = "", str(error)
    if fault:
        return Read("", "" if _fault(meant) else meant, fault)
    anchored = _whole(translated)
    return Read(anchored, anchored)


def _fault(pattern: str) -> str:
    """Why a pattern does not compile with the ``u`` flag, "" where it does."""
    import regress

    try:
        regress.Regex(pattern, flags="u")
    except regress.RegressError as error:
        return str(error)
    return ""


def unicode_pattern(text: str) -> str:
    """A pattern of the ``v`` flag for the ``u`` flag. ValueError where ``v`` does not permit it."""
    parts, at = [], 0
    while at < len(text):
        if text[at] == "\\":
            match = ESCAPE.match(text, at)
            parts.append(match[0] if match else text[at])
            at += len(parts[-1])
        elif text[at] == "[":
            one, at = _set(text, at + 1)
            parts.append(one)
        else:
            parts.append(text[at])
            at += 1
    return "".join(parts)


def _set(text: str, at: int) -> tuple[str, int]:
    """A class from after its bracket: an expression for one character, and where it ends."""
    negated = text[at : at + 1] == "^"
    at += negated
    plain: list[str] = []
    nested: list[str] = []
    operator = ""
    operands: list[str] = []
    while True:
        if at >= len(text):
            raise ValueError("a class is not closed")
        pair = text[at : at + 2]
        if text[at] == "]":
            at += 1
            break
        if pair in ("--", "&&"):
            if operator not in ("", pair):
                raise ValueError("a class mixes -- and &&")
            operator = pair
            operands.append(_union(plain, nested))
            plain, nested = [], []
            at += 2
        elif text[at] == "[":
            one, at = _set(text, at + 1)
            nested.append(one)
        else:
            one, at = _member(text, at)
            plain.append(one)
    operands.append(_union(plain, nested))
    return _combined(operator, operands, negated, plain if len(operands) == 1 and not nested else None), at


def _member(text: str, at: int) -> tuple[str, int]:
    """A character, an escape, or a range."""
    first, at = _character(text, at)
    if text[at : at + 1] == "-" and text[at : at + 2] != "--" and len(first) and not re.match(r"\\[dDwWsSpP]", first):
        last, end = _character(text, at + 1)
        return f"{first}-{last}", end
    return first, at


def _character(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] == "\\":
        match = ESCAPE.match(text, at)
        if match is None:
            raise ValueError("a backslash ends the pattern")
        told = match[0]
        if told == "\\q":
            raise ValueError("texts in a class are not understood")
        return (told[1] if told[1] in PUNCTUATION else told), at + len(told)
    if text[at : at + 1] in RESERVED or not text[at : at + 1]:
        raise ValueError(f"{text[at : at + 1]!r} in a class must be escaped")
    if text[at : at + 2] in DOUBLED:
        raise ValueError(f"{text[at : at + 2]!r} in a class is reserved")
    return ("\\^" if text[at] == "^" else text[at]), at + 1


def _union(plain: list[str], nested: list[str]) -> str:
    parts = ([f"[{''.join(plain)}]"] if plain else []) + nested
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})" if parts else "[]"


def _combined(operator: str, operands: list[str], negated: bool, plain: list[str] | None) -> str:
    if plain is not None:
        return f"[{'^' if negated else ''}{''.join(plain)}]"
    match operator:
        case "--":
            whole = "".join(f"(?!{o})" for o in operands[1:]) + operands[0]
        case "&&":
            whole = "".join(f"(?={o})" for o in operands[1:]) + operands[0]
        case _:
            whole = operands[0]
    return f"(?!{whole})[\\s\\S]" if negated else f"(?:{whole})"


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
