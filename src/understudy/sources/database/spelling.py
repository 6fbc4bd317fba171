"""How a declared type is spelled: its name, its arguments, the words after them, its array brackets.

``character varying(50)[]``, ``int(10) unsigned``, ``timestamp(3) with time zone`` and
``STRUCT(a INTEGER, b VARCHAR)`` have one shape; taking it apart knows no dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_TOKEN = re.compile(
    r"""\s+|'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[^\W\d][\w$]*|\d+(?:\.\d+)?|.""",
    re.DOTALL,
)

TRAILING = frozenset(
    [
        "unsigned",
        "signed",
        "zerofill",
        "character",
        "charset",
        "collate",
        "binary",
        "ascii",
        "unicode",
        "byte",
        "with",
        "without",
        "array",
        "ref_system_id",
        "srid",
        "compressed",
    ]
)
"""Words that follow a type's name and arguments rather than belong to its name."""


class Spelling(msgspec.Struct, frozen=True):
    """``name``: lower case unless quoted, words joined by a space, parts of a qualified name by ``.``;
    ``arguments``: their raw texts; ``words``: what follows, lower case; ``dimensions``: per pair of brackets
    its size or None; ``quoted``: the name (or its last part) stood in quotes."""

    name: str
    arguments: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    dimensions: tuple[int | None, ...] = ()
    quoted: bool = False
    bracketed: bool = False


def tokens(text: str) -> list[str]:
    """The tokens of a type's text, white space left out."""
    return [t for t in _TOKEN.findall(text) if not t.isspace()]


def unquote(token: str) -> str:
    """A name or string without its quotes; a bare name as it is."""
    if len(token) >= 2 and token[0] == token[-1] and token[0] in "\"`'":
        return token[1:-1].replace(token[0] * 2, token[0])
    return token


def label(token: str, *, backslashes: bool = False) -> str:
    """The value of a quoted label; ``backslashes``: MySQL's escapes count."""
    inner = unquote(token.strip())
    return re.sub(r"\\(.)", r"\1", inner) if backslashes else inner


def split_arguments(text: str) -> tuple[str, ...]:
    """A text split at its commas outside brackets and quotes."""
    parts, depth, current = [], 0, ""
    for token in _TOKEN.findall(text):
        depth += (token in "([<{") - (token in ")]>}") if len(token) == 1 else 0
        if token == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += token
    return (*parts, current.strip()) if current.strip() else tuple(parts)


def spell(text: str) -> Spelling:
    """Take a declared type's text apart."""
    source = _TOKEN.findall(text)
    name, quoted, position = _name(source)
    arguments: tuple[str, ...] = ()
    words: list[str] = []
    dimensions: list[int | None] = []
    bracketed = False
    while position < len(source):
        token = source[position]
        if token == "(" and not bracketed and not dimensions:
            inner, position = _inside(source, position)
            arguments, bracketed = split_arguments(inner), True
            continue
        if token == "[":
            inner, position = _inside(source, position)
            dimensions.append(int(inner) if inner.strip().isdigit() else None)
            continue
        if not token.isspace():
            words.append(token.lower())
        position += 1
    if "array" in words and not dimensions:
        dimensions.append(None)
    return Spelling(name, arguments, tuple(words), tuple(dimensions), quoted, bracketed)


def _name(source: list[str]) -> tuple[str, bool, int]:
    parts: list[str] = []
    quoted, position = False, 0
    for index, token in enumerate([*source, ""]):
        if token.isspace():
            position += 1
            continue
        if token == ".":
            parts.append(".")
        elif token[:1] in ('"', "`") and len(token) > 1:
            parts.append(unquote(token))
            quoted = True
        elif (
            token
            and (token[0].isalpha() or token[0] == "_" or (ord(token[0]) > 127))
            and not _ends(parts, source, index)
        ):
            parts.append(token.lower())
        else:
            break
        position += 1
    joined = ""
    for part in parts:
        joined += part if part == "." or not joined or joined.endswith(".") else " " + part
    return joined, quoted, position


def _ends(parts: list[str], source: list[str], index: int) -> bool:
    if not parts or parts[-1] == ".":
        return False
    word = source[index].lower()
    if word == "character":
        following = next((t.lower() for t in source[index + 1 :] if not t.isspace()), "")
        return following == "set"
    return word in TRAILING


def _inside(source: list[str], start: int) -> tuple[str, int]:
    depth = 0
    for position in range(start, len(source)):
        token = source[position]
        if token in ("(", "["):
            depth += 1
        elif token in (")", "]"):
            depth -= 1
            if depth == 0:
                return "".join(source[start + 1 : position]), position + 1
    return "".join(source[start + 1 :]), len(source)


def fields_of(arguments: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """``name type`` per argument of a STRUCT or UNION."""
    for argument in arguments:
        match = re.match(r"\s*(\"(?:[^\"]|\"\")*\"|`[^`]*`|[^\s:]+)\s*:?\s*(.*)", argument, re.DOTALL)
        if match:
            yield unquote(match[1]), match[2]
