"""Files as they come: plain or packed (gzip, zstd, bzip2, xz, lz4), as a stream or as a path, within the limits.

A packed file is measured while it is unpacked: what grows beyond the limit is refused before it fills memory or disk.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from understudy.errors import SourceError
from understudy.sources.files.limits import Limits

PACKED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bz2",
    b"\xfd7zXZ\0": "xz",
    b"\x04\x22\x4d\x18": "lz4",
}
ENDINGS = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz", ".lz4")
CHUNK = 1 << 20


def packing(head: bytes) -> str:
    """How a file that begins so is packed; "" where it is not."""
    return next((name for magic, name in PACKED.items() if head.startswith(magic)), "")


def plain_name(path: Path) -> str:
    """The file's name without the ending that tells its packing."""
    return path.stem if path.suffix.lower() in ENDINGS else path.name


class Metered:
    """A binary stream that counts what it yields and refuses to yield more than ``most`` bytes."""

    def __init__(self, source: BinaryIO, most: int, where: str) -> None:
        self.source, self.most, self.where, self.count, self.closed = source, most, where, 0, False

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes (all that is left if negative); SourceError beyond the limit and where it is broken."""
        if size < 0:
            parts = []
            while part := self.read(CHUNK):
                parts.append(part)
            return b"".join(parts)
        try:
            found = bytes(self.source.read(size))
        except (OSError, EOFError, ValueError) as e:
            what = f"breaks off or is damaged after {self.count:,} bytes: {' '.join(str(e).split())[:120]}"
            raise SourceError(what, where=self.where, mend="Get a whole copy of the file.") from e
        self.count += len(found)
        if self.count > self.most:
            raise too_large(self.where, self.most, unpacked=True)
        return found

    def close(self) -> None:
        """Close what is below."""
        self.closed = True
        self.source.close()


def too_large(where: str, most: int, *, unpacked: bool = False) -> SourceError:
    """The error for a file beyond a limit."""
    said = f"{most / (1 << 20):,.0f} MiB" if most >= 1 << 20 else f"{most:,} bytes"
    what = f"larger than the limit of {said}{' when unpacked' if unpacked else ''}"
    return SourceError(what, where=where, mend="Name a part of it, or raise limits.file_bytes or limits.whole_bytes.")


def opened(path: Path, limits: Limits) -> Metered:
    """The file's bytes, unpacked, at most ``limits.file_bytes`` of them."""
    import pyarrow as pa

    size = path.stat().st_size
    if size > limits.file_bytes:
        raise too_large(str(path), limits.file_bytes)
    file = path.open("rb")  # closed with the stream
    kind = packing(file.read(8))
    file.seek(0)
    if not kind:
        return Metered(file, limits.file_bytes, str(path))
    stream: Any = file
    if kind == "xz":
        import lzma

        stream = lzma.open(file)  # noqa: SIM115  # closed by whoever reads it
    else:
        stream = pa.CompressedInputStream(file, kind)
    return Metered(cast(BinaryIO, stream), limits.file_bytes, str(path))


def head_of(path: Path, limits: Limits, size: int) -> bytes:
    """The first ``size`` bytes, unpacked."""
    stream = opened(path, limits)
    try:
        parts, missing = [], size
        while missing > 0 and (part := stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)
    finally:
        stream.close()


@contextmanager
def on_disk(path: Path, limits: Limits, *, whole: bool = False) -> Iterator[Path]:
    """The file as a path that a library can open: itself, or unpacked into a folder that is gone afterwards.
    ``whole``: it is to be read in one piece, so the stricter limit holds."""
    with path.open("rb") as file:
        kind = packing(file.read(8))
    most = limits.whole_bytes if whole else limits.file_bytes
    if not kind:
        if path.stat().st_size > most:
            raise too_large(str(path), most)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
        place = Path(folder) / plain_name(path)
        stream = opened(path, Limits(file_bytes=most))
        try:
            with place.open("wb") as target:
                shutil.copyfileobj(cast(Any, stream), target, CHUNK)
        finally:
            stream.close()
        yield place
