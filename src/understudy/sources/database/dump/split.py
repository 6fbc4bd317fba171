"""Cuts a dump into statements, in one pass over its bytes, faster than the data in it deserves.

Knows the quotes of every dialect, dollar quoting, comments, DELIMITER, psql's and sqlite3's own
commands, ``COPY … FROM stdin`` blocks, conditional comments and BEGIN … END bodies. Rows of data
are counted, never parsed: one possessive regular expression runs over them (about 150 MB/s).

Every possessive group ends in ``|(?!)``, which never matches: Pythons before 3.11.5 go on from where the group's last,
failed try had come to (CPython issue 106052), unless one more alternative has begun anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import msgspec

from understudy.sources.database.dump.source import CHUNK_BYTES, Buffer

CONDITIONAL = rb"/\*M?!(?!99)\d*"
"""MySQL's executable comments; those for version 99… run nowhere (MariaDB's sandbox line)."""
_DOLLAR = rb"(\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*+)?\$)(?s:.*?)\1"
_COMMENT = rb"/\*(?:[^*/]++|\*(?!/)|/(?!\*)|/\*(?:[^*]++|\*(?!/)|(?!))*+\*/|(?!))*+\*/"
_FLAT_COMMENT = rb"/\*(?!M?!(?!99))(?:[^*]++|\*(?!/)|(?!))*+\*/"
_NAME = rb"(?:\"[^\"]*+\"|`[^`]*+`|\[[^\]]*+\]|[\w$\x80-\xff@]++)"
_INSERT = re.compile(
    rb"(?:INSERT|REPLACE)\b(?:\s+(?:INTO|IGNORE|LOW_PRIORITY|DELAYED|HIGH_PRIORITY|OR\s+\w+)|(?!))*+\s*(?:TABLE\s+)?("
    + _NAME
    + rb"(?:\s*\.\s*"
    + _NAME
    + rb"|(?!))*+)\s*(?:\((?:[^()'\"`\[]++|"
    + _NAME
    + rb"|(?!))*+\)\s*)?(?:OVERRIDING\s+\w+\s+VALUE\s*)?(VALUES?\b)?",
    re.IGNORECASE,
)
_COPY = re.compile(
    rb"COPY\s+(" + _NAME + rb"(?:\s*\.\s*" + _NAME + rb"|(?!))*+)[^;]*?\bFROM\s+stdin\b([^;]*)", re.IGNORECASE
)
_BLOCK_HEAD = re.compile(
    rb"(?:" + CONDITIONAL + rb"\s*)?CREATE\b(?:[^;('](?!\bTABLE\b))*?\b(?:TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE)\b",
    re.IGNORECASE,
)
_BLOCK_WORD = re.compile(
    rb"'(?:[^'\\]|\\.|(?!))*+'|\"[^\"]*+\"|`[^`]*+`|--[^\n]*+|/\*(?!M?!)(?s:.*?)\*/"
    rb"|(?<![.\w@])(?:(END)\s+(IF|LOOP|WHILE|REPEAT|FOR)\b|(END)(?:\s+CASE)?\b|(BEGIN|CASE)\b)",
    re.IGNORECASE,
)
_RESUME = re.compile(
    rb"^[ \t]*(?:CREATE|ALTER|DROP|INSERT|COPY|COMMENT[ \t]+ON|REPLACE|LOCK|UPDATE|DELETE)[ \t]+[\w\"`\[]",
    re.MULTILINE | re.IGNORECASE,
)
_COMMANDS = {
    "postgresql": re.compile(rb"\\[^\n]*+"),
    "mysql": re.compile(
        rb"(?i:delimiter\b[^\n]*+|(?:source|use|system|tee|notee|warnings|nowarning|charset)\b[^\n;]*+;?)|\\[^\n]*+"
    ),
    "sqlite": re.compile(rb"\.[A-Za-z][^\n]*+"),
    "": re.compile(rb"\\[^\n]*+|\.[A-Za-z][^\n]*+|(?i:delimiter\b[^\n]*+|GO[ \t]*+\r?$)", re.MULTILINE),
}
_WORD = re.compile(rb"(?:" + CONDITIONAL + rb"\s*)?([A-Za-z]+)")
MYSQL = ("mysql", "mariadb")


class Statement(msgspec.Struct, frozen=True):
    """``line``: where it begins (from 1); ``start``, ``end``: bytes; ``fault``: why it could not be cut well."""

    line: int
    text: str
    start: int
    end: int
    fault: str = ""


class Data(msgspec.Struct, frozen=True):
    """Rows for ``table`` (its name as written); ``count`` None where the statement does not say."""

    line: int
    table: str
    count: int | None
    fault: str = ""


class Command(msgspec.Struct, frozen=True):
    """A line for the client program, not for the server."""

    line: int
    text: str


Piece = Statement | Data | Command


def _quotes(dialect: str) -> tuple[bytes, bytes]:
    """(pattern of one quoted thing or comment, bytes that may begin one)."""
    if dialect in MYSQL:
        single, double = rb"'(?:[^'\\]++|\\(?s:.)|(?!))*+'", rb'"(?:[^"\\]++|\\(?s:.)|(?!))*+"'
        return b"|".join(
            (single, double, rb"`[^`]*+`", rb"--(?=\s)[^\n]*+", rb"\#[^\n]*+", _FLAT_COMMENT)
        ), b"'\"`\\-/\\#"
    standard = (rb"'[^']*+'", rb'"[^"]*+"', rb"--[^\n]*+")
    if dialect == "sqlite":
        return b"|".join((*standard, rb"`[^`]*+`", _FLAT_COMMENT)), b"'\"`\\-/"
    escaped = rb"(?<=[^\w$][eE])'(?:[^'\\]++|\\(?s:.)|(?!))*+'"
    extra = (_COMMENT, _DOLLAR) if dialect in ("postgresql", "duckdb") else (_COMMENT, _DOLLAR, rb"`[^`]*+`")
    return b"|".join((escaped, *standard, *extra)), b"'\"\\-/$" + (b"" if dialect in ("postgresql", "duckdb") else b"`")


@cache
def _until(dialect: str, delimiter: bytes) -> re.Pattern[bytes]:
    """Matches up to (not including) the delimiter, the end, or a quote that is never closed."""
    quoted, openers = _quotes(dialect)
    first = re.escape(delimiter[:1])
    loose = rb"[\-/$\#]" if dialect not in MYSQL else rb"[\-/]"
    single = rb"(?!" + re.escape(delimiter) + rb")" + loose
    again = (
        rb"|(?!" + re.escape(delimiter) + rb")" + first
        if delimiter != b";" and first not in (b"\\$", b"/", b"'", b'"')
        else b""
    )
    return re.compile(rb"(?:[^" + openers + first + rb"]++|" + quoted + rb"|" + single + again + rb"|(?!))*+")


@cache
def _skip(dialect: str) -> re.Pattern[bytes]:
    """White space, comments and empty statements between statements."""
    hashes = rb"|\#[^\n]*+" if dialect in MYSQL else b""
    dashes = rb"--(?=\s|\Z)[^\n]*+" if dialect in MYSQL else rb"--[^\n]*+"
    comment = _FLAT_COMMENT if dialect in (*MYSQL, "sqlite") else _COMMENT
    return re.compile(rb"(?:[\s;]++|" + dashes + rb"|" + comment + hashes + rb"|(?!))*+")


@cache
def _tuple(dialect: str) -> re.Pattern[bytes]:
    """One ``(…)`` of VALUES, brackets inside to a depth of three, and the comma after it."""
    quoted, openers = _quotes(dialect)
    simple = rb"[^()" + openers + rb"]++|" + quoted.replace(_DOLLAR, rb"\$\$(?s:.*?)\$\$") + rb"|[\-/$\#]"
    pattern = rb"\((?:" + simple + rb"|(?!))*+\)"
    for _ in range(3):
        pattern = rb"\((?:" + simple + rb"|" + pattern + rb"|(?!))*+\)"
    return re.compile(rb"(?:\s++|" + _FLAT_COMMENT + rb"|(?!))*+(?:ROW\s*)?" + pattern + rb"\s*+(,)?")


HEAD_BYTES = 4_000
"""Longer heads (hundreds of named columns) are not worth a pattern of their own."""


@lru_cache(maxsize=8)
def _one_row(dialect: str, head: bytes) -> re.Pattern[bytes]:
    """``; head (…)`` up to the next delimiter."""
    row = _tuple(dialect).pattern.removesuffix(rb"\s*+(,)?")
    return re.compile(rb";\s*+" + re.escape(head) + row + rb"\s*+(?=;)")


class Splitter:
    """Iterates over the pieces of a dump. ``rewind`` goes back (or on) to a byte offset."""

    def __init__(self, data: Buffer, dialect: str) -> None:
        self._data, self._dialect = data, dialect
        self._size = len(data)
        self._position = 0
        self._delimiter = b";"
        self._counted, self._line = 0, 1
        self._commands = _COMMANDS.get("mysql" if dialect in MYSQL else dialect)

    def rewind(self, offset: int) -> None:
        """Go on from ``offset``."""
        self._position = offset

    def __iter__(self) -> Iterator[Piece]:
        while True:
            start = self._skipped()
            if start >= self._size:
                return
            piece = self._command(start) or self._data_piece(start) or self._statement(start)
            yield piece

    def _skipped(self) -> int:
        found = _skip(self._dialect).match(self._data, self._position)
        self._position = found.end() if found else self._position
        while (
            self._delimiter != b";"
            and self._data[self._position : self._position + len(self._delimiter)] == self._delimiter
        ):
            self._position += len(self._delimiter)
            found = _skip(self._dialect).match(self._data, self._position)
            self._position = found.end() if found else self._position
        return self._position

    def line_at(self, offset: int) -> int:
        """The number (from 1) of the line that holds the byte at ``offset``."""
        if offset < self._counted:
            self._counted, self._line = 0, 1
        while self._counted < offset:
            stop = min(offset, self._counted + CHUNK_BYTES)
            self._line += self._data[self._counted : stop].count(b"\n")
            self._counted = stop
        return self._line

    def _text(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "replace")

    # ---- lines for the client -----------------------------------------------------------------------
    def _command(self, start: int) -> Command | None:
        found = self._commands.match(self._data, start) if self._commands else None
        if found is None:
            return None
        text = found[0].decode("utf-8", "replace").strip()
        words = text.split()
        if words[0].lower() == "delimiter":
            self._delimiter = words[1].encode() if len(words) > 1 else b";"
        self._position = found.end()
        return Command(self.line_at(start), text)

    # ---- data ---------------------------------------------------------------------------------------
    def _data_piece(self, start: int) -> Data | None:
        word = _WORD.match(self._data, start)
        keyword = word[1].upper() if word else b""
        if keyword in (b"INSERT", b"REPLACE") and word:
            return self._insert(start, word.start(1))
        if keyword == b"COPY":
            return self._copy(start)
        return None

    def _insert(self, start: int, word: int) -> Data | None:
        head = _INSERT.match(self._data, word)
        if head is None:
            return None
        table, line = self._text(*head.span(1)), self.line_at(start)
        at, count = self._tuples(head.end()) if head[2] else (head.end(), None)
        end, closed = self._end(at)
        fault = "" if closed or end >= self._size else "a quote is opened and never closed"
        resume = _RESUME.search(self._data, at, end) if count is None or fault else None
        if resume is not None or fault:
            resume = resume or _RESUME.search(self._data, word + 1)
            self._position = resume.start() if resume else self._size
            return Data(line, table, None, fault or "it runs into the next statement")
        if count and not fault and end == at:
            end, more = self._alike(self._data[word : head.end()], end)
            count += more
        self._position = end + len(self._delimiter)
        return Data(line, table, count)

    def _alike(self, head: bytes, end: int) -> tuple[int, int]:
        """Statements that begin with the very same words and hold one row: (end of the last, how many)."""
        if len(head) > HEAD_BYTES or self._delimiter != b";":
            return end, 0
        match, count, data = _one_row(self._dialect, head).match, 0, self._data
        while (found := match(data, end)) is not None:
            count += 1
            end = found.end()
        return end, count

    def _tuples(self, at: int) -> tuple[int, int | None]:
        match, count, data = _tuple(self._dialect).match, 0, self._data
        while (found := match(data, at)) is not None:
            count += 1
            at = found.end()
            if found[found.re.groups] is None:
                return at, count
        return at, count or None

    def _copy(self, start: int) -> Data | None:
        head = _COPY.match(self._data, start)
        if head is None or self._dialect not in ("postgresql", ""):
            return None
        line, table = self.line_at(start), self._text(*head.span(1))
        begin = self._data.find(b"\n", head.end()) + 1
        if not begin:
            self._position = self._size
            return Data(line, table, 0)
        end, after = self._end_of_copy(begin)
        self._position = after
        count = self._newlines(begin, end) if b"HEADER" not in head[2].upper() else None
        return Data(line, table, count, "" if after > end else r"its data has no end (\.)")

    def _end_of_copy(self, begin: int) -> tuple[int, int]:
        at = begin - 1
        while (at := self._data.find(b"\n\\.", at)) >= 0:
            tail = self._data[at + 3 : at + 5]
            if tail[:1] in (b"\n", b"") or tail == b"\r\n":
                return at + 1, at + 3
            at += 1
        return self._size, self._size

    def _newlines(self, begin: int, end: int) -> int:
        chunks = range(begin, end, CHUNK_BYTES)
        return sum(self._data[c : min(c + CHUNK_BYTES, end)].count(b"\n") for c in chunks)

    # ---- statements ---------------------------------------------------------------------------------
    def _end(self, at: int) -> tuple[int, bool]:
        found = _until(self._dialect, self._delimiter).match(self._data, at)
        end = found.end() if found else at
        return end, self._data[end : end + len(self._delimiter)] == self._delimiter

    def _statement(self, start: int) -> Statement:
        end, closed = self._end(start)
        if closed and self._delimiter == b";" and _BLOCK_HEAD.match(self._data, start, end):
            end = self._end_of_block(start, end)
        line = self.line_at(start)
        if closed or end >= self._size:
            self._position = end + len(self._delimiter)
            return Statement(line, self._text(start, end), start, end)
        resume = _RESUME.search(self._data, end) or _RESUME.search(self._data, start + 1)
        stop = resume.start() if resume else self._size
        fault = f"a quote opened on line {self.line_at(end)} is never closed"
        self._position = stop
        return Statement(line, self._text(start, stop), start, stop, fault)

    def _end_of_block(self, start: int, end: int) -> int:
        """The end of a statement whose body is BEGIN … END; the first delimiter where that never comes."""
        first, depth, seen, begin = end, 0, False, start
        while True:
            if self._dialect == "postgresql" and not seen and b"ATOMIC" not in self._data[begin:end].upper():
                return end
            for word in _BLOCK_WORD.finditer(self._data, begin, end):
                depth += 1 if word[4] else -1 if word[3] else 0
                seen = seen or bool(word[4])
            if depth <= 0:
                return end
            begin = end + 1
            end, closed = self._end(begin)
            if not closed:
                return end if end >= self._size and depth <= 0 else first
