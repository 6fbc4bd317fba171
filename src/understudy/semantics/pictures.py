"""Pictures in binary columns: whole PNG files of one plain pixel, as small as a file can be that every viewer opens.

PNG (ISO/IEC 15948): signature, then chunks of length, type, data, CRC-32.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache

from understudy.model.expression import Cast, Const, Pool, Uniform
from understudy.semantics.loom import Loom, limits
from understudy.semantics.making import Made, label, maker
from understudy.semantics.nouns import SemanticType, Want
from understudy.semantics.pools import rows_of
from understudy.types import Kind, Type


@cache
def _files() -> tuple[str, ...]:
    """A picture per colour that we know, in hexadecimal digits as a cast to bytes reads them."""
    return tuple(r"\x" + _png(bytes.fromhex(row[1].lstrip("#"))).hex() for row in rows_of("color")[1])


def _png(colour: bytes) -> bytes:
    size = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", size), (b"IDAT", zlib.compress(b"\0" + colour)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@maker("picture")
def make_picture(loom: Loom, want: Want, t: SemanticType, use: str) -> Made | None:
    """One of the pictures, where the column has room for a file."""
    files = _files()
    low, high = limits(want)
    if want.unique or want.field.type.fixed or low > len(files[0]) // 2 - 1 or high < max(map(len, files)) // 2 - 1:
        return None
    name = loom.keep("pool:pictures", files)
    drawn = Pool(name, Uniform(use, Const(0), Const(len(files) - 1)))
    return Made(Cast(drawn, Type(Kind.BINARY, length=want.field.type.length)), label(t))
