"""Messages between this process and its workers: framed pickles over a worker's standard streams.

Workers are plain Python processes that run ``generation.worker``, not children of ``multiprocessing``: the
user's main module is never imported again, and no script needs a guard.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any, BinaryIO

_SIZE = struct.Struct("<Q")


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message."""
    data = pickle.dumps(message, protocol=5)
    stream.write(_SIZE.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; EOFError at the end."""
    head = _read(stream, _SIZE.size)
    return pickle.loads(_read(stream, _SIZE.unpack(head)[0]))


def _read(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
