"""A worker process: receives a plan's place and tasks, answers with receipts or batches."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import Any, BinaryIO

import pyarrow as pa

from understudy.errors import UnderstudyError
from understudy.generation import channel
from understudy.generation.parts import write_part
from understudy.kernels import Runtime
from understudy.ports.sink import Part, PartSink


class Worker:
    """One plan, one sink at most, task after task until the parent closes the channel."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self.incoming, self.outgoing = incoming, outgoing
        self.runtime: Runtime | None = None
        self.sink: PartSink | None = None

    def serve(self) -> None:
        """Answer until the end of the channel."""
        while True:
            try:
                task = channel.receive(self.incoming)
            except EOFError:
                return
            try:
                answer = self._answer(task)
            except UnderstudyError as error:
                answer = ("failed", task[1], _described(error))
            except Exception as error:
                answer = (
                    "failed",
                    task[1],
                    {"kind": type(error).__name__, "what": str(error), "trace": traceback.format_exc()},
                )
            channel.send(self.outgoing, answer)

    def _answer(self, task: tuple[Any, ...]) -> tuple[Any, ...]:
        match task:
            case ("plan", number, place):
                from understudy.storage import plans

                self.runtime = Runtime(plans.load(place))
                return "done", number, None
            case ("sink", number, sink):
                self.sink = sink
                return "done", number, None
            case ("part", number, part):
                return "done", number, self._part(part)
            case ("batch", number, table, start, stop):
                assert self.runtime is not None
                return "done", number, packed(self.runtime.batch(table, start, stop))
        raise RuntimeError(f"unknown task {task[0]!r}")

    def _part(self, part: Part) -> Any:
        assert self.runtime is not None
        assert self.sink is not None

        def tell(table: str, rows: int) -> None:
            channel.send(self.outgoing, ("rows", table, rows))

        return write_part(self.runtime, self.sink, part, tell)


def packed(batch: pa.RecordBatch) -> bytes:
    """A batch as Arrow IPC."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def unpacked(data: bytes) -> pa.RecordBatch:
    """What :func:`packed` made, over the same memory."""
    return pa.ipc.open_stream(pa.py_buffer(data)).read_next_batch()


def _described(error: UnderstudyError) -> dict[str, Any]:
    return {"family": type(error).__name__, "what": error.what, "where": error.where, "mend": error.mend}


def main() -> None:
    """Talk over the standard streams; whatever else prints goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers on Ctrl-C
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        Worker(sys.stdin.buffer, outgoing).serve()
    except BrokenPipeError:
        os._exit(1)  # the parent is gone: nobody to tell


if __name__ == "__main__":
    main()
