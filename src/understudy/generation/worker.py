"""A worker process: receives a plan's place and tasks, answers with receipts or batches.

A thread of its own reads the tasks, so that the end of the channel is noticed at once, also in the middle of
a task: a worker never outlives whoever started it, not even one that was killed, and never writes into a
place where a resumed run is at work already.
"""

from __future__ import annotations

import os
import pickle
import queue
import shutil
import signal
import sys
import threading
import traceback
from typing import Any, BinaryIO, NoReturn

import pyarrow as pa

from understudy.errors import InternalError, UnderstudyError
from understudy.generation import channel
from understudy.generation.pages import keep_pages
from understudy.generation.parts import write_part
from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.plan import Plan
from understudy.ports.sink import Part, PartSink
from understudy.storage import plans


class Worker:
    """One plan, one sink at most, task after task until the parent closes the channel."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self.incoming, self.outgoing = incoming, outgoing
        self.plan: Plan | None = None
        self.folder = ""
        self.runtime: Runtime | None = None
        self.sink: PartSink | None = None
        self._tasks: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()

    def serve(self) -> None:
        """Answer task after task; the end of the channel ends the process."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            task = self._tasks.get()
            try:
                answer = self._answer(task)
            except Exception as error:
                answer = ("failed", task[1], _packed_error(error))
            self._tell(answer)

    def _tell(self, message: tuple[Any, ...]) -> None:
        try:
            channel.send(self.outgoing, message)
        except BrokenPipeError:
            self._end()

    def _end(self) -> NoReturn:
        """Whoever asked is gone or wants nothing more; it may have been killed, so the plan's folder goes too."""
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(0)

    def _listen(self) -> None:
        try:
            while True:
                task = channel.receive(self.incoming, self.plan)
                if task[0] == "plan":  # read here: the sink that follows refers to it
                    task = (*task[:2], self._load(task[2]))
                self._tasks.put(task)
                while self.plan is None:  # nothing can be made of what follows a plan that could not be read
                    if not self.incoming.read(1):
                        raise EOFError
        except EOFError:
            self._end()
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def _load(self, place: str) -> Bundle | Exception:
        self.folder = os.path.dirname(place)
        try:
            bundle = plans.load(place)
        except Exception as error:
            return error
        self.plan = bundle.plan
        return bundle

    def _answer(self, task: tuple[Any, ...]) -> tuple[Any, ...]:
        match task:
            case ("plan", _, Exception() as error):
                raise error
            case ("plan", number, bundle):
                self.runtime = Runtime(bundle)
                return "done", number, None
            case ("sink", number, sink):
                self.sink = sink
                return "done", number, None
            case ("part", number, part):
                return "done", number, self._part(part)
            case ("batch", number, table, start, stop):
                assert self.runtime is not None
                return "done", number, packed(self.runtime.batch(table, start, stop))
        raise InternalError(f"unknown task {task[0]!r}")

    def _part(self, part: Part) -> Any:
        assert self.runtime is not None
        assert self.sink is not None

        def tell(table: str, rows: int) -> None:
            self._tell(("rows", table, rows))

        return write_part(self.runtime, self.sink, part, tell)


def packed(batch: pa.RecordBatch) -> pickle.PickleBuffer:
    """A batch as Arrow IPC, to travel beside its message."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return pickle.PickleBuffer(sink.getvalue())


def unpacked(data: bytes) -> pa.RecordBatch:
    """What :func:`packed` made, over the same memory."""
    return pa.ipc.open_stream(pa.py_buffer(data)).read_next_batch()


def _packed_error(error: Exception) -> bytes:
    """An error as it is; one that does not travel as an InternalError with its words."""
    if not isinstance(error, UnderstudyError):
        error.add_note("In a worker:\n" + "".join(traceback.format_exception(error)))
    try:
        data = pickle.dumps(error)
        pickle.loads(data)
    except Exception:  # a guest's error, or one of a library, that cannot be made from its own arguments
        words = getattr(error, "line", str(error))
        ours = InternalError(f"a worker failed with {type(error).__name__}: {words}", where="generation")
        ours.add_note("".join(traceback.format_exception(error)))
        return pickle.dumps(ours)
    return data


def main() -> None:
    """Talk over the standard streams; whatever else prints goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers on Ctrl-C
    keep_pages()
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    Worker(sys.stdin.buffer, outgoing).serve()


if __name__ == "__main__":
    main()
