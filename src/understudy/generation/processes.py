"""Generation in several processes: tasks go to whoever is free, answers come back in order.

Each worker reads the plan once, from a folder beside it whose artefacts are mapped into memory (shared by
all workers). Look-ahead is bounded, so memory is a few batches a worker, whatever the rows.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Any, Self

from understudy import errors
from understudy.errors import InternalError, RequestError, UnderstudyError, WorldError
from understudy.generation import channel
from understudy.generation.parts import Progress
from understudy.generation.streams import pieces
from understudy.generation.worker import unpacked
from understudy.model.batch import Batch
from understudy.model.bundle import Bundle
from understudy.model.event import Listener
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part, PartSink, Stream
from understudy.storage import plans

AHEAD = 2
"""Batches on their way per worker: one being made, one waiting, so that nobody idles."""

GRACE_S = 2.0
"""How long a worker may take to end before it is killed."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_IO_THREADS")
"""One thread a worker: the cores are taken by the other workers."""


class _Member:
    """A worker process as its parent sees it."""

    def __init__(self, number: int, inbox: queue.SimpleQueue[tuple[_Member, Any]]) -> None:
        environment = {
            **os.environ,
            **dict.fromkeys(THREADS, "1"),
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        }
        command = [sys.executable, "-c", "from understudy.generation.worker import main; main()"]
        self.number, self.busy = number, 0
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self._reader = threading.Thread(target=self._read, args=(inbox,), daemon=True)
        self._reader.start()

    def _read(self, inbox: queue.SimpleQueue[tuple[_Member, Any]]) -> None:
        assert self.process.stdout is not None
        while True:
            try:
                message = channel.receive(self.process.stdout)  # type: ignore[arg-type]
            except (EOFError, OSError, ValueError):
                inbox.put((self, None))
                return
            inbox.put((self, message))

    def send(self, task: tuple[Any, ...]) -> None:
        """Give a task; WorldError if the worker is gone."""
        assert self.process.stdin is not None
        self.busy += 1
        try:
            channel.send(self.process.stdin, task)  # type: ignore[arg-type]
        except (BrokenPipeError, OSError) as error:
            raise self.death() from error

    def death(self) -> WorldError:
        """What to say of a worker that ended."""
        code = self.process.wait()
        why = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        hint = (
            "It may have run out of memory: use fewer workers."
            if code == -signal.SIGKILL
            else "Repeat; with --resume nothing is lost."
        )
        return WorldError(f"worker {self.number} ended unexpectedly ({why})", where="generation", mend=hint)

    def end(self) -> None:
        """Let it end, or end it."""
        with contextlib.suppress(OSError):
            if self.process.stdin is not None:
                self.process.stdin.close()
        try:
            self.process.wait(0 if self.busy else GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            try:
                self.process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout is not None:
            self._reader.join(GRACE_S)
            self.process.stdout.close()


class Processes:
    """Workers in processes of their own; see :class:`understudy.generation.Executor`."""

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise RequestError(f"{workers} workers cannot do anything", mend="Ask for one at least.")
        self.workers = workers
        self._bundle: Bundle | None = None
        self._members: list[_Member] = []
        self._inbox: queue.SimpleQueue[tuple[_Member, Any]] = queue.SimpleQueue()
        self._waiting: deque[tuple[Any, ...]] = deque()
        self._answers: dict[int, Any] = {}
        self._dropped: set[int] = set()
        self._number = 0
        self._folder = ""
        self._told: Callable[[str, int], None] = lambda _table, _rows: None

    # ---- life ------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers and remove the plan's folder."""
        members, self._members = self._members, []
        for member in members:
            if member.busy:
                member.process.terminate()
        for member in members:
            member.end()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder, self._bundle = "", None
        self._inbox = queue.SimpleQueue()
        self._waiting.clear()
        self._answers.clear()
        self._dropped.clear()

    def _start(self, bundle: Bundle) -> None:
        if self._bundle is bundle:
            return
        self.close()
        self._folder = tempfile.mkdtemp(prefix="understudy-")
        place = os.path.join(self._folder, "run.plan")
        plans.save(bundle, place)
        self._members = [_Member(n, self._inbox) for n in range(self.workers)]
        self._bundle = bundle
        self._all("plan", place)

    def _all(self, verb: str, what: Any) -> None:
        """Tell every worker something; their answers are awaited while they work on."""
        for member in self._members:
            self._number += 1
            self._dropped.add(self._number)
            member.send((verb, self._number, what))

    # ---- tasks -----------------------------------------------------------------------------
    def _submit(self, verb: str, *what: Any) -> int:
        self._number += 1
        self._waiting.append((verb, self._number, *what))
        self._dispatch()
        return self._number

    def _dispatch(self) -> None:
        """Give waiting tasks to the workers that have least to do, two each at most."""
        while self._waiting:
            member = min(self._members, key=lambda m: m.busy)
            if member.busy >= AHEAD:
                return
            member.send(self._waiting.popleft())

    def _pump(self) -> None:
        """Take one message."""
        member, message = self._inbox.get()
        match message:
            case None:
                raise member.death()
            case ("rows", table, rows):
                self._told(table, rows)
            case ("done", number, answer):
                member.busy -= 1
                if number in self._dropped:
                    self._dropped.discard(number)
                else:
                    self._answers[number] = answer
                self._dispatch()
            case ("failed", number, description):
                member.busy -= 1
                self._dropped.discard(number)
                raise _error(description)

    def _drop(self, numbers: Sequence[int]) -> None:
        """Forget tasks that nobody waits for any more."""
        gone = set(numbers)
        self._waiting = deque(t for t in self._waiting if t[1] not in gone)
        still = gone - {n for n in gone if self._answers.pop(n, None) is not None}
        self._dropped |= still

    # ---- what it is for --------------------------------------------------------------------
    def run_parts(
        self,
        bundle: Bundle,
        sink: PartSink,
        parts: Sequence[Part],
        listen: Listener,
        done: AbstractSet[str] = frozenset(),
    ) -> Iterator[Receipt]:
        """See :meth:`Executor.run_parts`; receipts in the order in which parts get ready."""
        left = [p for p in parts if p.place not in done]
        if not left:
            return
        self._start(bundle)
        self._all("sink", sink)
        progress = Progress(left, listen)
        self._told = progress.told
        running: dict[int, Part] = {}
        todo = deque(left)
        while todo or running:
            while todo and len(running) < AHEAD * self.workers:
                part = todo.popleft()
                progress.start(part.table)
                running[self._submit("part", part)] = part
            self._pump()
            for number in [n for n in running if n in self._answers]:
                part, receipt = running.pop(number), self._answers.pop(number)
                progress.finish(part.table)
                yield receipt

    def streamer(self, bundle: Bundle) -> Stream:
        """See :meth:`Executor.streamer`; batches are made ahead."""
        self._start(bundle)

        def batches(table: str, start: int, stop: int) -> Iterator[Batch]:
            return self._stream(bundle, table, start, stop)

        return batches

    def _stream(self, bundle: Bundle, table: str, start: int, stop: int) -> Iterator[Batch]:
        self._start(bundle)
        todo = pieces(start, stop, max(bundle.plan.batch_rows, 1))
        ahead: deque[tuple[int, int, int]] = deque()
        try:
            while True:
                while len(ahead) < AHEAD * self.workers and (piece := next(todo, None)) is not None:
                    ahead.append((self._submit("batch", table, *piece), *piece))
                if not ahead:
                    return
                number, low, high = ahead[0]
                while number not in self._answers:
                    self._pump()
                ahead.popleft()
                yield Batch(table, low, high, unpacked(self._answers.pop(number)))
        finally:
            self._drop([n for n, _, _ in ahead])


def _error(description: dict[str, Any]) -> UnderstudyError:
    """A worker's error as one of ours: same family, same words."""
    family = getattr(errors, description.get("family", ""), None)
    if isinstance(family, type) and issubclass(family, UnderstudyError) and family is not errors.UnsatisfiableError:
        return family(description["what"], where=description["where"], mend=description["mend"])
    if description.get("family"):
        return InternalError(description["what"], where=description["where"], mend=description["mend"])
    error = InternalError(f"a worker failed with {description['kind']}: {description['what']}", where="generation")
    error.add_note(description["trace"])
    return error
