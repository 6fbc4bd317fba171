"""The bytes of a dump as UTF-8, whatever they were, mapped rather than read where they can be.

Scanning goes over bytes (a dump is mostly data that nobody decodes); only statements that are kept
become text.
"""

from __future__ import annotations

import codecs
import mmap
from pathlib import Path

import msgspec

from understudy.errors import SourceError
from understudy.sources.signatures import HEAD_BYTES, is_binary, signature, utf16_without_mark

Buffer = bytes | mmap.mmap
CHUNK_BYTES = 1 << 20
SQL_MEND = "Name a text file of SQL statements (pg_dump, mysqldump, .schema, DDL)."


class Material(msgspec.Struct):
    """``data``: UTF-8 bytes; ``remarks``: what had to be assumed to get them."""

    data: Buffer
    source: str
    remarks: tuple[str, ...] = ()


def from_text(text: str, source: str) -> Material:
    """Material of a text that is already decoded."""
    data = text.encode("utf-8", "surrogatepass").removeprefix(codecs.BOM_UTF8)
    if not data.strip():
        raise SourceError("the text is empty", where=source, mend=SQL_MEND)
    return Material(data, source)


def from_file(path: Path) -> Material:
    """Material of a file; SourceError where it is missing, empty, a folder or no text."""
    source = str(path)
    if path.is_dir():
        inner = path / "schema.sql"
        if not inner.is_file():
            raise SourceError("this is a folder, not a dump", where=source, mend="Name the .sql file inside it.")
        return from_file(inner)
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                raise SourceError("the file is empty", where=source, mend=SQL_MEND)
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError as error:
        raise SourceError(
            "there is no such file", where=source, mend=f"It was looked for at {path.absolute()}."
        ) from error
    except PermissionError as error:
        raise SourceError(
            "the file may not be read by this user", where=source, mend="Change its permissions."
        ) from error
    except OSError as error:
        raise SourceError(f"the file cannot be read: {error.strerror}", where=source, mend=SQL_MEND) from error
    return _decoded(data, source)


def _decoded(data: mmap.mmap, source: str) -> Material:
    head = data[:HEAD_BYTES]
    known = signature(head)
    if known is not None:
        raise SourceError(f"this is {known.name}, not SQL text", where=source, mend=known.mend or SQL_MEND)
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return _transcoded(data[len(mark) :], encoding, source, ())
    if guess := utf16_without_mark(head):
        return _transcoded(data[:], guess, source, (f"no byte order mark: read as {guess.upper()}",))
    if is_binary(head):
        raise SourceError("this is binary data, not SQL text", where=source, mend=SQL_MEND)
    if head.startswith(codecs.BOM_UTF8):
        return Material(data[len(codecs.BOM_UTF8) :], source)
    fault = _utf8_fault(data)
    if fault is None:
        return Material(data, source)
    line = data[:fault].count(b"\n") + 1
    words = f"line {line} is not UTF-8: the file is read as Latin-1 (Windows-1252)"
    return Material(_western(data[:]), source, (words,))


def _western(data: bytes) -> bytes:
    """Windows-1252 where every byte has a meaning there, else Latin-1."""
    try:
        return data.decode("cp1252").encode()
    except UnicodeDecodeError:
        return data.decode("latin-1").encode()


def _transcoded(data: bytes, encoding: str, source: str, remarks: tuple[str, ...]) -> Material:
    try:
        return Material(data.decode(encoding).encode(), source, remarks)
    except UnicodeError as error:
        raise SourceError(
            f"the file is not valid {encoding.upper()}", where=source, mend="Save it as UTF-8."
        ) from error


def _utf8_fault(data: Buffer) -> int | None:
    """Offset of the first byte that is not UTF-8, None where all is well."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    size = len(data)
    for start in range(0, size, CHUNK_BYTES):
        try:
            decoder.decode(data[start : start + CHUNK_BYTES], start + CHUNK_BYTES >= size)
        except UnicodeDecodeError as error:
            return start + max(error.start, 0)
    return None
