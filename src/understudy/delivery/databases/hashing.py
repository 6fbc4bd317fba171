"""The checksum of rows that go to a database: SHA-256 of their Arrow stream."""

from __future__ import annotations

import hashlib

import pyarrow as pa


class HashStream:
    """A file that keeps the hash of what it is given and nothing else."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, data: bytes | memoryview) -> int:
        """Take bytes."""
        self._hash.update(data)
        self.size += len(memoryview(data).cast("B"))
        return len(memoryview(data).cast("B"))

    def flush(self) -> None:
        """Nothing is held back."""

    def tell(self) -> int:
        """Bytes so far."""
        return self.size

    def close(self) -> None:
        """Nothing to close."""

    def readable(self) -> bool:
        """No."""
        return False

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """No."""
        return False

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        return self._hash.hexdigest()


def fingerprint_of(batch: pa.RecordBatch) -> tuple[str, int]:
    """(checksum, bytes) of a record batch as an Arrow IPC stream."""
    stream = HashStream()
    with pa.ipc.new_stream(pa.PythonFile(stream, mode="w"), batch.schema) as writer:
        writer.write_batch(batch)
    return stream.digest, stream.size
