"""Messages between this process and its workers: framed pickles over a worker's standard streams.

    header (bytes of the pickle, number of buffers) · size of each buffer · pickle · buffers

Workers are plain Python processes that run ``generation.worker``, not children of ``multiprocessing``: the
user's main module is never imported again, no script needs a guard, and there are no semaphores to leak.
Arrow buffers go beside the pickle, so that a batch is copied into the pipe and out of it, and nowhere else.
"""

from __future__ import annotations

import io
import pickle
import struct
from typing import Any, BinaryIO

from understudy.model.plan import Plan

_HEAD = struct.Struct("<QI")
_SIZE = struct.Struct("<Q")
_PLAN = "plan"


def send(stream: BinaryIO, message: Any, plan: Plan | None = None) -> None:
    """Write one message. ``plan``: one that the other side has already; only its name travels."""
    buffers: list[pickle.PickleBuffer] = []
    body = io.BytesIO()
    _Pickler(body, buffers, plan).dump(message)
    raw = [b.raw() for b in buffers]
    stream.write(_HEAD.pack(body.tell(), len(raw)) + b"".join(_SIZE.pack(r.nbytes) for r in raw))
    stream.write(body.getbuffer())
    for data in raw:
        stream.write(data)
    stream.flush()


def receive(stream: BinaryIO, plan: Plan | None = None) -> Any:
    """Read one message; EOFError at the end. ``plan``: what stands for the sender's."""
    size, count = _HEAD.unpack(_read(stream, _HEAD.size))
    sizes = [_SIZE.unpack(_read(stream, _SIZE.size))[0] for _ in range(count)]
    body = _read(stream, size)
    return _Unpickler(io.BytesIO(body), [_read(stream, s) for s in sizes], plan).load()


class _Pickler(pickle.Pickler):
    def __init__(self, file: BinaryIO, buffers: list[pickle.PickleBuffer], plan: Plan | None) -> None:
        super().__init__(file, protocol=5, buffer_callback=buffers.append)
        self._plan = plan

    def persistent_id(self, value: Any) -> str | None:
        return _PLAN if value is self._plan and value is not None else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO, buffers: list[bytes], plan: Plan | None) -> None:
        super().__init__(file, buffers=buffers)
        self._plan = plan

    def persistent_load(self, name: Any) -> Plan:
        if name != _PLAN or self._plan is None:
            raise pickle.UnpicklingError(f"nothing here is called {name!r}")
        return self._plan


def _read(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
