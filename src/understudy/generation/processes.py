"""Generation in several processes: tasks go to whoever is free, answers come back in order.

This process is one of them: it makes parts of files itself and gives out tasks between two batches, or loads
what the others make ahead. Starting one worker less is worth 0.45 CPU-s (imports 0.32, binding the plan 0.13).

Each worker reads the plan once, from a folder whose artefacts are mapped into memory (shared by all workers);
the folder is gone as soon as all have it. Look-ahead is bounded, so memory is a few batches a worker,
whatever the rows.
"""

from __future__ import annotations

import os
import pickle
import queue
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Any, Self

from understudy.errors import InternalError, RequestError
from understudy.generation.member import Inbox, Member
from understudy.generation.pages import keep_pages
from understudy.generation.parts import Progress, longest_first, write_part
from understudy.generation.streams import pieces
from understudy.generation.worker import unpacked
from understudy.kernels import Runtime
from understudy.model.batch import Batch
from understudy.model.bundle import Bundle
from understudy.model.event import Listener
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part, PartSink, Stream
from understudy.storage import plans

AHEAD = 2
"""Batches on their way per worker: one being made, one waiting, so that nobody idles."""

Piece = tuple[str, int, int]


class Processes:
    """``workers`` processes, this one among them; see :class:`understudy.generation.Executor`. For one thread."""

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise RequestError(f"{workers} workers cannot do anything", mend="Ask for one at least.")
        self.workers = workers
        self._bundle: Bundle | None = None
        self._members: list[Member] = []
        self._folder = ""
        self._number = 0
        self._runtime: Runtime | None = None
        self._told: Callable[[str, int], None] = lambda _table, _rows: None
        self._forget()

    def _forget(self) -> None:
        self._inbox: Inbox = queue.SimpleQueue()
        self._waiting: deque[tuple[Any, ...]] = deque()
        self._answers: dict[int, Any] = {}
        self._loading: set[int] = set()
        self._dropped: set[int] = set()
        self._early: dict[Piece, int] = {}

    # ---- life ------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the workers, at once even where they are at work, and remove the plan's folder."""
        members, self._members = self._members, []
        for member in members:
            member.leave()
        for member in members:
            member.end()
        self._tidy()
        self._bundle = self._runtime = None
        self._forget()

    def _tidy(self) -> None:
        """Remove the plan's folder; the workers' maps of it stay valid where systems let open files go."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = self._folder if os.path.exists(self._folder) else ""

    def _start(self, bundle: Bundle) -> None:
        if self._bundle is bundle and self._members:
            return
        self.close()
        self._folder = tempfile.mkdtemp(prefix="understudy-")
        for number in range(max(self.workers - 1, 1)):  # first, so that they start up while the plan is written
            self._members.append(Member(number, self._inbox))
        place = os.path.join(self._folder, "run.plan")
        plans.save(bundle, place)
        self._bundle = bundle
        for member in self._members:
            self._loading.add(self._tell(member, "plan", place))

    def _tell(self, member: Member, verb: str, what: Any) -> int:
        """Tell a worker something whose answer nobody waits for."""
        self._number += 1
        plan = self._bundle.plan if self._bundle is not None else None
        member.send((verb, self._number, what), plan if verb == "sink" else None)
        return self._number

    # ---- tasks -----------------------------------------------------------------------------
    def _submit(self, verb: str, *what: Any) -> int:
        self._number += 1
        self._waiting.append((verb, self._number, *what))
        self._dispatch()
        return self._number

    def _dispatch(self) -> None:
        """Give waiting tasks to the workers that have least to do."""
        while self._waiting:
            member = min(self._members, key=lambda m: m.busy)
            if member.busy >= (1 if self._waiting[0][0] == "part" else AHEAD):
                return
            member.send(self._waiting.popleft())

    def _pump(self) -> None:
        """Take one message; raise what a worker raised."""
        member, message = self._inbox.get()
        match message:
            case None:
                raise member.death()
            case ("rows", table, rows):
                self._told(table, rows)
            case ("done", number, answer):
                member.busy -= 1
                self._answered(number, answer)
                self._dispatch()
            case ("failed", number, error):
                member.busy -= 1
                if number not in self._dropped:
                    raise _revived(error)
                self._dropped.discard(number)
            case _:
                raise InternalError(f"worker {member.number} sent what cannot be read: {message!r}")

    def _answered(self, number: int, answer: Any) -> None:
        if number in self._loading:
            self._loading.discard(number)
            if not self._loading:
                self._tidy()
        elif number in self._dropped:
            self._dropped.discard(number)
        else:
            self._answers[number] = answer

    def _drop(self, numbers: Sequence[int]) -> None:
        """Forget tasks that nobody waits for any more."""
        gone = set(numbers)
        waiting = {t[1] for t in self._waiting} & gone
        self._waiting = deque(t for t in self._waiting if t[1] not in waiting)
        answered = {n for n in gone if n in self._answers}
        for number in answered:
            del self._answers[number]
        self._dropped |= gone - waiting - answered

    # ---- files -----------------------------------------------------------------------------
    def run_parts(
        self,
        bundle: Bundle,
        sink: PartSink,
        parts: Sequence[Part],
        listen: Listener,
        done: AbstractSet[str] = frozenset(),
    ) -> Iterator[Receipt]:
        """See :meth:`Executor.run_parts`; receipts in the order in which parts get ready. The longest parts begin
        first and each process has one at a time, so that all end at about the same time."""
        todo = deque(longest_first(bundle.plan, [p for p in parts if p.place not in done]))
        if not todo:
            return
        self._start(bundle)
        for member in self._members:
            self._dropped.add(self._tell(member, "sink", sink))
        progress = Progress(todo, listen)
        self._told = progress.told
        running: dict[int, Part] = {}

        def begin() -> Part:
            part = todo.popleft()
            progress.start(part.table)
            return part

        def fill() -> None:
            idle = len(self._members) - sum(n not in self._answers for n in running)
            for _ in range(min(idle, len(todo))):
                part = begin()
                running[self._submit("part", part)] = part

        def tell(table: str, rows: int) -> None:
            progress.told(table, rows)
            while not self._inbox.empty():
                self._pump()
            fill()

        try:
            fill()
            while todo or running:
                if todo and self.workers > 1:
                    part = begin()
                    receipt = write_part(self._here(bundle), sink, part, tell)
                    progress.finish(part.table)
                    yield receipt
                else:
                    self._pump()
                for number in [n for n in running if n in self._answers]:
                    part, receipt = running.pop(number), self._answers.pop(number)
                    fill()  # before anybody looks at the receipt: the worker shall not wait for that
                    progress.finish(part.table)
                    yield receipt
        finally:
            self._drop(list(running))

    def _here(self, bundle: Bundle) -> Runtime:
        if self._runtime is None:
            keep_pages()
            self._runtime = Runtime(bundle)
        return self._runtime

    # ---- streams ---------------------------------------------------------------------------
    def streamer(self, bundle: Bundle) -> Stream:
        """See :meth:`Executor.streamer`; batches are made ahead, beyond the end of what was asked for too: whoever
        loads a table range by range asks for them next."""
        self._start(bundle)

        def batches(table: str, start: int, stop: int) -> Iterator[Batch]:
            return self._stream(bundle, table, start, stop)

        return batches

    def _stream(self, bundle: Bundle, table: str, start: int, stop: int) -> Iterator[Batch]:
        self._start(bundle)
        size = max(bundle.plan.batch_rows, 1)
        todo = ((table, *piece) for piece in pieces(start, stop, size))
        beyond = pieces(stop, bundle.plan.table(table).rows if stop % size == 0 else stop, size)
        ahead: deque[tuple[int, Piece]] = deque()
        room = AHEAD * len(self._members)
        try:
            while True:
                while len(ahead) < room and (piece := next(todo, None)) is not None:
                    ahead.append((self._asked(piece), piece))
                if not ahead:
                    return
                self._foresee(table, beyond, room - len(ahead))
                number, made = ahead[0]
                while number not in self._answers:
                    self._pump()
                ahead.popleft()
                yield Batch(*made, unpacked(self._answers.pop(number)))
        finally:
            self._drop([n for n, _ in ahead])

    def _asked(self, piece: Piece) -> int:
        """The number of the task that makes a piece: begun early, or now."""
        number = self._early.pop(piece, None)
        return self._submit("batch", *piece) if number is None else number

    def _foresee(self, table: str, beyond: Iterator[tuple[int, int]], room: int) -> None:
        """Begin what will probably be asked for next; what was begun of another table is dropped."""
        self._drop([self._early.pop(p) for p in list(self._early) if p[0] != table])
        while len(self._early) < room and (piece := next(beyond, None)) is not None:
            if (table, *piece) not in self._early:
                self._early[(table, *piece)] = self._submit("batch", table, *piece)


def _revived(data: bytes) -> BaseException:
    """A worker's error."""
    try:
        error = pickle.loads(data)
    except Exception as reason:
        return InternalError(f"a worker failed with an error that cannot be read: {reason}", where="generation")
    return error if isinstance(error, BaseException) else InternalError(f"a worker sent {error!r}")
