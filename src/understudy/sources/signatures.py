"""What a file's first bytes say it is, whatever its ending says.

Sources: the formats' own specifications; "File signatures" of the Unix ``file`` magic database.
"""

from __future__ import annotations

import msgspec

HEAD_BYTES = 4096
"""How much of a file is looked at: every signature below lies in its first 300 bytes."""


class Signature(msgspec.Struct, frozen=True):
    """``kind``: a word of :mod:`understudy.sources.recognise`; ``name``: with its article, as one says it."""

    magic: bytes
    kind: str
    name: str
    offset: int = 0
    mend: str = ""


UNPACK = "Unpack it first and name what is inside."
SIGNATURES = (
    Signature(b"SQLite format 3\0", "sqlite", "an SQLite database file"),
    Signature(b"DUCK", "duckdb", "a DuckDB database file", 8),
    Signature(
        b"PGDMP", "pg_archive", "a pg_dump archive", mend="Run: pg_restore --schema-only --file=schema.sql ARCHIVE."
    ),
    Signature(b"PAR1", "parquet", "a Parquet file"),
    Signature(b"Obj\x01", "avro", "an Avro file"),
    Signature(b"ORC", "orc", "an ORC file"),
    Signature(b"ARROW1\0\0", "arrow", "an Arrow file"),
    Signature(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls", "an old Excel workbook", mend="Save it as .xlsx."),
    Signature(b"PK\x03\x04", "zip", "a ZIP archive", mend=UNPACK),
    Signature(b"\x1f\x8b", "gzip", "a gzip archive", mend="Unpack it first: gunzip --keep FILE."),
    Signature(b"BZh", "bzip2", "a bzip2 archive", mend=UNPACK),
    Signature(b"\xfd7zXZ\0", "xz", "an xz archive", mend=UNPACK),
    Signature(b"\x28\xb5\x2f\xfd", "zstd", "a Zstandard archive", mend=UNPACK),
    Signature(b"7z\xbc\xaf\x27\x1c", "7z", "a 7-Zip archive", mend=UNPACK),
    Signature(b"ustar", "tar", "a tar archive", 257, UNPACK),
    Signature(b"\x89PNG\r\n\x1a\n", "image", "a PNG image"),
    Signature(b"\xff\xd8\xff", "image", "a JPEG image"),
    Signature(b"GIF8", "image", "a GIF image"),
    Signature(b"RIFF", "media", "a RIFF media file"),
    Signature(b"%PDF-", "pdf", "a PDF document"),
    Signature(b"\x7fELF", "program", "a program"),
    Signature(b"MZ\x90\0", "program", "a program"),
    Signature(b"\xca\xfe\xba\xbe", "program", "a compiled Java class"),
)


def signature(head: bytes) -> Signature | None:
    """The signature that ``head`` (the first :data:`HEAD_BYTES` of a file) carries, if any."""
    for s in SIGNATURES:
        if head[s.offset : s.offset + len(s.magic)] == s.magic:
            return s
    return None


def is_binary(head: bytes) -> bool:
    """Whether no text would begin so: NUL bytes outside UTF-16/32, or many control characters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or utf16_without_mark(head):
        return False
    if b"\0" in head:
        return True
    control = sum(b < 9 or 13 < b < 27 or 27 < b < 32 for b in head)
    return control * 20 > len(head)


def utf16_without_mark(head: bytes) -> str:
    """``utf-16-le`` or ``utf-16-be`` where every other byte of mostly Latin text is NUL, else ""."""
    half = len(head) // 2
    if half < 4:
        return ""
    even, odd = head[0 : half * 2 : 2].count(0), head[1 : half * 2 : 2].count(0)
    if odd * 10 >= half * 9 and even * 10 <= half:
        return "utf-16-le"
    return "utf-16-be" if even * 10 >= half * 9 and odd * 10 <= half else ""
