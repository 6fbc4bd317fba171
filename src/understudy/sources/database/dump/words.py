"""A statement as words to walk through: what comes next, is it this, give me the name, give me the bracket.

Tokens keep their place, so that expressions are handed on as slices of the source and never printed anew.
"""

from __future__ import annotations

import re
from functools import cache

from understudy.sources.database.sql_text import Token, TokenKind, closing, split

MYSQL = ("mysql", "mariadb")
END = Token(TokenKind.MARK, "", -1, -1)
NAME_BYTES = 63
"""PostgreSQL cuts longer identifiers (NAMEDATALEN - 1)."""
PLAIN_NAME = re.compile(r"[A-Za-z_][\w$]*\Z")


class Fault(Exception):  # noqa: N818 - it is the material's, and never leaves this room
    """A statement, or a part of one, that is not understood; becomes a remark with its line."""

    def __init__(self, words: str, offset: int = 0) -> None:
        self.words, self.offset = words, offset
        super().__init__(words)


@cache
def _pattern(dialect: str) -> re.Pattern[str]:
    """One token; skipped are white space, comments, and the frames of MySQL's conditional comments."""
    mysql = dialect in MYSQL
    string = r"'(?:[^'\\]|\\.|'')*'" if mysql else r"'(?:[^']|'')*'"
    double = r'"(?:[^"\\]|\\.|"")*"' if mysql else r'"(?:[^"]|"")*"'
    skip = r"\s+|--[^\n]*|/\*M?!(?!99)\d*|\*/|/\*.*?(?:\*/|\Z)" + (r"|\#[^\n]*" if mysql else "")
    escaped = "" if mysql else r"[eE]'(?:[^'\\]|\\.|'')*'|(?P<dollar>\$(?:[^\W\d]\w*)?\$).*?(?P=dollar)|"
    brackets = r"|\[[A-Za-z_ ][^\]]*\]" if dialect in ("sqlite", "") else ""
    return re.compile(
        rf"""(?P<skip>{skip})
          |(?P<string>{escaped}(?:[bBxXnN]|_[a-z][a-z0-9]*|[uU]&)?{string}{"|" + double if mysql else ""})
          |(?P<name>[uU]&"(?:[^"]|"")*"|{double}|`(?:[^`]|``)*`{brackets})
          |(?P<number>0[xX][0-9A-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![^\W\d]))
          |(?P<word>[^\W\d][\w$]*|\d+[^\W\d][\w$]*|@@?[\w.$]+)
          |(?P<mark>::|<=|>=|<>|!=|==|\|\||->>|->|\#>>|.)""",
        re.VERBOSE | re.DOTALL,
    )


def cut(text: str, dialect: str) -> list[Token]:
    """The tokens of ``text`` in ``dialect``."""
    make, kinds = Token._make, KINDS
    return [
        make((kinds[kind], found[0], found.start(), found.end()))
        for found in _pattern(dialect).finditer(text)
        if (kind := found.lastgroup) != "skip"
    ]


KINDS: dict[str | None, TokenKind] = {
    "string": TokenKind.STRING,
    "dollar": TokenKind.STRING,
    "name": TokenKind.NAME,
    "number": TokenKind.NUMBER,
    "word": TokenKind.WORD,
    "mark": TokenKind.MARK,
}


def string_value(token: Token, dialect: str) -> str:
    """The value of a string token: quotes, prefixes, escapes and dollar tags taken away."""
    text = token.text
    if text.startswith("$"):
        tag = text[: text.index("$", 1) + 1]
        return text[len(tag) : -len(tag)]
    quote = min((i for i in (text.find("'"), text.find('"')) if i >= 0), default=0)
    mark, inner = text[quote : quote + 1], text[quote + 1 : -1]
    if dialect in MYSQL or text[:1] in ("e", "E"):
        inner = re.sub(r"\\(.)", _unescape, inner, flags=re.DOTALL)
    return inner.replace(mark * 2, mark)


def _unescape(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "Z": "\x1a"}.get(found[1], found[1])


class Words:
    """A cursor over tokens ``[at, stop)`` of ``text``, which begins on ``line`` of the dump."""

    def __init__(self, text: str, dialect: str, line: int, stream: list[Token] | None = None) -> None:
        self.text, self.dialect, self.line = text, dialect, line
        self.stream = cut(text, dialect) if stream is None else stream
        self.at, self.stop = 0, len(self.stream)

    # ---- looking ------------------------------------------------------------------------------------
    def peek(self, ahead: int = 0) -> Token:
        """The token ``ahead`` places on; :data:`END` after the last."""
        position = self.at + ahead
        return self.stream[position] if position < self.stop else END

    def word(self, ahead: int = 0) -> str:
        """The bare word there in capitals, "" where there is none."""
        return self.peek(ahead).upper

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= self.stop

    def line_here(self, back: int = 0) -> int:
        """The dump's line of the next token (or of one ``back`` places before)."""
        position = min(max(self.at - back, 0), len(self.stream) - 1)
        offset = self.stream[position].start if self.stream else 0
        return self.line + self.text.count("\n", 0, offset)

    def fault(self, words: str) -> Fault:
        """A fault at the next token."""
        token = self.peek()
        near = f" at {token.text!r}" if token is not END else " at its end"
        return Fault(words + near, token.start if token is not END else len(self.text))

    # ---- taking -------------------------------------------------------------------------------------
    def take(self) -> Token:
        """The next token; a fault where there is none."""
        token = self.peek()
        if token is END:
            raise self.fault("something is missing")
        self.at += 1
        return token

    def accept(self, *words: str) -> bool:
        """Whether exactly these bare words come next; they are taken then."""
        for i, word in enumerate(words):
            if self.word(i) != word:
                return False
        self.at += len(words)
        return True

    def mark(self, text: str) -> bool:
        """Whether this mark comes next; it is taken then."""
        if self.peek().kind is TokenKind.MARK and self.peek().text == text and self.peek() is not END:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """The mark or bare word must come next."""
        if not (self.mark(text) or self.accept(text)):
            raise self.fault(f"{text} is expected")

    def is_name(self, ahead: int = 0) -> bool:
        """Whether an identifier may stand there."""
        token = self.peek(ahead)
        return token.kind in (TokenKind.NAME, TokenKind.WORD) or (
            self.dialect == "sqlite" and token.kind is TokenKind.STRING
        )

    def name(self) -> str:
        """An identifier as the database stores it."""
        if not self.is_name():
            raise self.fault("a name is expected")
        return stored(self.take(), self.dialect)

    def qualified(self) -> tuple[str, ...]:
        """``a.b.c`` as its parts."""
        parts = [self.name()]
        while self.peek().text == "." and self.peek().kind is TokenKind.MARK and self.is_name(1):
            self.at += 1
            parts.append(self.name())
        return tuple(parts)

    def names(self) -> tuple[str, ...]:
        """``(a, b)``: the names in a bracket, whatever follows each of them."""
        inside = self.group()
        return tuple(part.name() for part in inside.parts())

    def string(self) -> str:
        """A string's value."""
        if self.peek().kind is not TokenKind.STRING:
            raise self.fault("a string is expected")
        return string_value(self.take(), self.dialect)

    def group(self) -> Words:
        """What stands in the bracket that comes next."""
        if self.peek().text != "(" or self.peek().kind is not TokenKind.MARK:
            raise self.fault("( is expected")
        end = closing(self.stream, self.at)
        if end >= self.stop:
            raise self.fault("a bracket is never closed")
        inside = self.span(self.at + 1, end)
        self.at = end + 1
        return inside

    def skip_group(self) -> bool:
        """Pass over a bracket, if one comes next."""
        if self.peek().kind is TokenKind.MARK and self.peek().text == "(":
            self.group()
            return True
        return False

    # ---- cutting ------------------------------------------------------------------------------------
    def span(self, start: int, stop: int) -> Words:
        """A cursor over some of these tokens."""
        part = Words(self.text, self.dialect, self.line, self.stream)
        part.at, part.stop = start, stop
        return part

    def parts(self) -> list[Words]:
        """The rest cut at commas outside brackets."""
        out, position = [], self.at
        for piece in split(self.stream[self.at : self.stop]):
            start = self._index(piece[0], position)
            out.append(self.span(start, start + len(piece)))
            position = start + len(piece)
        return out

    def _index(self, token: Token, position: int) -> int:
        while self.stream[position].start != token.start:
            position += 1
        return position

    @property
    def rest(self) -> str:
        """The source text from here to the end."""
        return self.slice(self.at, self.stop)

    def slice(self, start: int, stop: int) -> str:
        """The source text of tokens ``[start, stop)``."""
        return self.text[self.stream[start].start : self.stream[stop - 1].end] if start < stop else ""

    def until(self, stops: frozenset[str]) -> tuple[int, int]:
        """Pass on to a bare word of ``stops`` outside brackets (at least one token): the span passed."""
        start = self.at
        while self.at < self.stop and (self.at == start or self.word() not in stops):
            if not self.skip_group():
                self.at += 1
        return start, self.at


def stored(token: Token, dialect: str) -> str:
    """The identifier that the database makes of a token: unquoted words fold to lower case in PostgreSQL."""
    if token.kind is TokenKind.STRING:
        return string_value(token, dialect)
    name = token.value if token.kind is TokenKind.NAME else token.text
    if token.kind is TokenKind.WORD and dialect == "postgresql":
        name = name.lower()
    if dialect == "postgresql" and len(name) > NAME_BYTES // 4 and len(name.encode()) > NAME_BYTES:
        name = name.encode()[:NAME_BYTES].decode("utf-8", "ignore")
    return name


def quote(name: str, dialect: str) -> str:
    """An identifier, quoted for the dialect."""
    mark = "`" if dialect in MYSQL else '"'
    return mark + name.replace(mark, mark * 2) + mark
