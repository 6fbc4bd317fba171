"""A file that appears whole or not at all: written under a temporary name, hashed while written, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from understudy.errors import StorageFullError, TargetError

TEMPORARY = ".part~"
"""Ending of files that are being written; nothing else ends so."""

BUFFER_BYTES = 1 << 20
"""Small writes (headers, column chunks) are gathered to this size."""


class HashingFile:
    """The few methods of a file that writers need; ``size`` and ``digest`` tell what went through."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "wb", buffering=BUFFER_BYTES)  # noqa: SIM115 (closed by the context below)
        self._hash = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, data: bytes | memoryview) -> int:
        """Take bytes; returns how many."""
        self._hash.update(data)
        written = self._file.write(data)
        self.size += written
        return written

    def tell(self) -> int:
        """Bytes written so far."""
        return self.size

    def flush(self) -> None:
        """Hand everything to the system."""
        self._file.flush()

    def writable(self) -> bool:
        """Yes."""
        return True

    def readable(self) -> bool:
        """No."""
        return False

    def seekable(self) -> bool:
        """No."""
        return False

    def close(self) -> None:
        """Writers may call it; the file itself is closed when it is renamed."""
        self.flush()

    def sync(self) -> None:
        """Flush to the disk and close."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.closed = True

    def discard(self) -> None:
        """Close without regard to errors of a file that is thrown away anyway."""
        self.closed = True
        try:
            self._file.close()
        except OSError:  # the first error is on its way up already
            return

    @property
    def digest(self) -> str:
        """SHA-256 of what was written, hexadecimal, as ``sha256sum`` prints it (twice as fast as BLAKE2b where the
        processor has instructions for it)."""
        return self._hash.hexdigest()


@contextmanager
def whole_file(path: Path) -> Iterator[HashingFile]:
    """A file that is renamed to ``path`` when the block ends well, and removed when it does not."""
    temporary = path.with_name(path.name + TEMPORARY)
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = HashingFile(temporary)
        try:
            yield file
            file.sync()
            os.replace(temporary, path)
        except BaseException:
            file.discard()
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of the file system in the user's words."""
    try:
        yield
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            mend = "Make room or choose another place; with --resume, what was written whole is kept."
            raise StorageFullError("no room left on the disk", where=str(path), mend=mend) from e
        if e.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            mend = "Choose a place that you may write to."
            raise TargetError("it may not be written", where=str(path), mend=mend) from e
        if e.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG):
            raise TargetError(os.strerror(e.errno), where=str(path), mend="Choose another place.") from e
        raise TargetError(f"it cannot be written ({e})", where=str(path), mend="Choose another place.") from e


def sync_folder(folder: Path) -> None:
    """Make renames in a folder lasting, where the system lets folders be synced."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
