"""Which characters a file's bytes stand for, and the file as UTF-8, whatever it was.

    BOM ─► UTF-16 without one ─► valid UTF-8 ─► guessed from the bytes (charset-normalizer) ─► Windows-1252

The guess is made on the head; a byte further down that does not fit is read as Windows-1252 and told with its line.
"""

from __future__ import annotations

import codecs
from typing import Any

import msgspec

from understudy.sources.files.unpack import Metered
from understudy.sources.signatures import utf16_without_mark

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Longer marks first where one begins with another (UTF-32 LE begins with UTF-16 LE's)."""

CANDIDATES = [
    "cp1252", "cp932", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "cp1251", "koi8_r", "cp1250", "cp1253",
    "cp1254", "cp1255", "cp1256", "mac_roman", "cp437", "cp850",
]  # fmt: skip
"""Encodings in which data files are found in the wild; the ISO ones are subsets of their Windows brothers."""

WEST = "cp1252"
GUESS_BYTES = 1 << 16


class Encoding(msgspec.Struct, frozen=True):
    """``name``: Python's; ``mark``: bytes of the byte-order mark; ``how``: what told it, in a person's words."""

    name: str
    mark: int
    how: str


def guess(head: bytes) -> Encoding:
    """The encoding of a text that begins with ``head``."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name, len(mark), "byte-order mark")
    wide = utf16_without_mark(head[:4096])
    if wide:
        return Encoding(wide, 0, "every other byte is zero")
    if _is_utf8(head):
        return Encoding("utf-8", 0, "valid UTF-8")
    return Encoding(_eight_bits(head), 0, "guessed from the bytes")


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a character cut off at the end is none of its faults
    except UnicodeDecodeError:
        return False
    return True


def _eight_bits(head: bytes) -> str:
    """The lines that are not ASCII decide; what most of them say."""
    from charset_normalizer import from_bytes

    lines = [line for line in head.splitlines(keepends=True) if not line.isascii()]
    told = b"".join(lines)[:GUESS_BYTES]
    best = from_bytes(told, cp_isolation=CANDIDATES).best()
    found = best.encoding if best is not None else WEST
    if found in ("cp437", "cp850", "mac_roman", "cp1254", "cp1250") and _plausible_west(told):
        return WEST
    return "cp932" if found == "shift_jis" else found


def _plausible_west(told: bytes) -> bool:
    """Whether the bytes read as Windows-1252 are letters of western Europe and signs that people type."""
    try:
        text = told.decode(WEST)
    except UnicodeDecodeError:
        return False
    odd = [c for c in text if ord(c) > 127]
    usual = sum(c in "äöüÄÖÜßéèêëàâçîïôùûñáíóúÉÈÀÇÑåÅøØæÆ€£°–—’‘“”…®©™§ãõÕÃêÊ«»¿¡²³µ½" for c in odd)
    return usual >= 0.9 * len(odd)


class Utf8:
    """A text file as a stream of UTF-8 without mark and NUL characters; counts lines, notes what did not fit."""

    def __init__(self, source: Metered, encoding: Encoding) -> None:
        self.source, self.encoding, self.closed = source, encoding, False
        self.lines = 0
        self.misfits: list[int] = []
        self.nulls: list[int] = []
        self._marks = {'"': 0, "'": 0}
        self._decoder = codecs.getincrementaldecoder(encoding.name)()
        self._plain = encoding.name == "utf-8"
        self._rest = b""
        self._tail = b""
        self._begun = False

    def readable(self) -> bool:
        """It is a stream to read from."""
        return True

    def seekable(self) -> bool:
        """It cannot be wound back."""
        return False

    def writable(self) -> bool:
        """Nothing can be written."""
        return False

    def read(self, size: int = -1) -> bytes:
        """About ``size`` bytes of UTF-8 (all if negative); b"" at the end."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        while len(self._rest) < size:
            more = self._next()
            if not more:
                break
            self._rest = self._rest + more if self._rest else more
        out, self._rest = self._rest[:size], self._rest[size:]
        return out

    def _next(self) -> bytes:
        """The next piece in UTF-8; b"" only at the end."""
        while True:
            raw = self.source.read(1 << 20)
            if not self._begun:
                self._begun = True
                raw = raw[self.encoding.mark :] or self.source.read(1 << 20)
            if not raw and not self._tail and self._plain:
                return b""
            text = self._utf8(raw) if self._plain else self._decoded(raw)
            if text or not raw:
                return self._counted(text)

    def _utf8(self, raw: bytes) -> bytes:
        piece = self._tail + raw
        self._tail = b""
        try:
            piece.decode("utf-8")
        except UnicodeDecodeError as e:
            if raw and e.end >= len(piece) - 3 and e.reason == "unexpected end of data":
                self._tail = piece[e.start :]
                return piece[: e.start]
            return self._mended(piece, final=not raw)
        return piece

    def _mended(self, piece: bytes, *, final: bool) -> bytes:
        """Bytes that are no UTF-8, read as Windows-1252 one by one."""
        out, begin = [], 0
        while begin < len(piece):
            try:
                piece[begin:].decode("utf-8")
                out.append(piece[begin:])
                break
            except UnicodeDecodeError as e:
                start, end = begin + e.start, begin + e.end
                if not final and e.reason == "unexpected end of data" and end >= len(piece) - 3:
                    out.append(piece[begin:start])
                    self._tail = piece[start:]
                    break
                out += [piece[begin:start], piece[start:end].decode(WEST, "replace").encode()]
                self.misfits.append(self.lines + 1 + piece.count(b"\n", 0, start))
                begin = end
        return b"".join(out)

    def _decoded(self, raw: bytes) -> bytes:
        try:
            return self._decoder.decode(raw, final=not raw).encode("utf-8", "replace")
        except UnicodeDecodeError:
            text = codecs.decode(raw, self.encoding.name, "replace")
            bad = text.find("\ufffd")
            self.misfits.append(self.lines + 1 + text.count("\n", 0, max(bad, 0)))
            self._decoder.reset()
            return text.encode("utf-8", "replace")

    def _counted(self, text: bytes) -> bytes:
        if b"\0" in text:
            self.nulls.append(self.lines + 1 + text.count(b"\n", 0, text.index(b"\0")))
            text = text.replace(b"\0", b"")
        self.lines += text.count(b"\n")
        for mark in self._marks:
            self._marks[mark] += text.count(mark.encode())
        return text

    def quotes(self, mark: str) -> int:
        """How many of a quotation mark have been read."""
        return self._marks.get(mark, 0)

    def skip(self, size: int) -> None:
        """Read and drop ``size`` bytes."""
        while size > 0 and (part := self.read(min(size, 1 << 20))):
            size -= len(part)

    def close(self) -> None:
        """Close what is below."""
        self.closed = True
        self.source.close()

    def __enter__(self) -> Utf8:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
