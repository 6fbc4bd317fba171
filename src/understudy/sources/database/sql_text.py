"""Careful cutting of SQL text: tokens that know strings, quoted names and comments.

Readers use it where a catalog gives only words (SQLite's CREATE TABLE, a domain's CHECK, a type's
name); nothing here understands grammar.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class TokenKind(StrEnum):
    """What a token is."""

    STRING = "string"
    NAME = "name"
    WORD = "word"
    NUMBER = "number"
    MARK = "mark"


class Token(NamedTuple):
    """``text`` as written, at ``start``..``end`` of the source."""

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        """A bare word in capitals; empty for anything else, so that quoted words are no keywords."""
        return self.text.upper() if self.kind is TokenKind.WORD else ""

    @property
    def value(self) -> str:
        """The name or string without its quotes."""
        return unquote(self.text)


PATTERN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
      |(?P<string>[A-Za-z_]{0,8}'(?:[^']|'')*')
      |(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[A-Za-z_ ][^\]]*\])
      |(?P<number>0[xX][0-9A-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      |(?P<word>[^\W\d][\w$]*)
      |(?P<mark>::|<=|>=|<>|!=|==|\|\||->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)


def tokens(text: str) -> list[Token]:
    """The tokens of ``text`` without white space and comments."""
    out = []
    for match in PATTERN.finditer(text):
        kind = match.lastgroup or "mark"
        if kind != "skip":
            out.append(Token(TokenKind(kind), match[0], match.start(), match.end()))
    return out


def unquote(text: str) -> str:
    """A name or string without its quotes.

    >>> unquote('"a""b"'), unquote("'it''s'"), unquote("[x y]"), unquote("plain")
    ('a"b', "it's", 'x y', 'plain')
    """
    if len(text) >= 2 and text[0] in "\"'`" and text[-1] == text[0]:
        return text[1:-1].replace(text[0] * 2, text[0])
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def closing(stream: list[Token], at: int) -> int:
    """Index of the mark that closes the bracket at ``at``; the stream's length where none does."""
    depth = 0
    for i in range(at, len(stream)):
        if stream[i].text in ("(", "[", "{") and stream[i].kind is TokenKind.MARK:
            depth += 1
        elif stream[i].text in (")", "]", "}") and stream[i].kind is TokenKind.MARK:
            depth -= 1
            if depth == 0:
                return i
    return len(stream)


def split(stream: list[Token]) -> list[list[Token]]:
    """The stream cut at commas that stand in no bracket."""
    out: list[list[Token]] = [[]]
    i = 0
    while i < len(stream):
        token = stream[i]
        if token.kind is TokenKind.MARK and token.text in ("(", "[", "{"):
            end = closing(stream, i)
            out[-1] += stream[i : end + 1]
            i = end + 1
            continue
        if token.kind is TokenKind.MARK and token.text == ",":
            out.append([])
        else:
            out[-1].append(token)
        i += 1
    return [part for part in out if part]


def bare(text: str) -> str:
    """A boolean expression without a leading CHECK, trailing NOT VALID and outer brackets.

    >>> bare("CHECK (((VALUE > 0) AND (VALUE < 9))) NOT VALID")
    '(VALUE > 0) AND (VALUE < 9)'
    >>> bare("check_role(role_id, 'User')")
    "check_role(role_id, 'User')"
    """
    text = text.strip()
    stream = tokens(text)
    if stream and stream[0].upper == "CHECK":
        end = closing(stream, 1)
        if end < len(stream):
            text = text[stream[1].start : stream[end].end]
    while text.startswith("("):
        stream = tokens(text)
        if closing(stream, 0) != len(stream) - 1:
            break
        text = text[1:-1].strip()
    return text


def replace_tokens(text: str, change: Callable[[Token], str]) -> str:
    """``text`` with every token put through ``change``; what stands between tokens is kept."""
    out, last = [], 0
    for token in tokens(text):
        out += [text[last : token.start], change(token)]
        last = token.end
    return "".join(out) + text[last:]
