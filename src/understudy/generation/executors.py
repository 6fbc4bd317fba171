"""Executors: who evaluates. All give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Protocol, Self

from understudy.generation.pages import keep_pages
from understudy.generation.parts import Progress, write_part
from understudy.generation.streams import stream
from understudy.kernels import Runtime
from understudy.model.batch import Batch
from understudy.model.bundle import Bundle
from understudy.model.event import Listener
from understudy.model.plan import Plan
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part, PartSink, Stream

CELLS_A_WORKER = 8_000_000
"""A worker costs 0.45 CPU-s before its first rows (imports 0.32, binding the plan 0.13); 8 million cells of the shop
workload cost 0.6 to make and write: for less a worker would cost more than it does."""


class Executor(Protocol):
    """What executors can do. Use one as a context manager: its end releases what it holds."""

    def run_parts(
        self,
        bundle: Bundle,
        sink: PartSink,
        parts: Sequence[Part],
        listen: Listener,
        done: AbstractSet[str] = frozenset(),
    ) -> Iterator[Receipt]:
        """Generate and write the parts whose place is not in ``done``; receipts as parts get ready."""

    def streamer(self, bundle: Bundle) -> Stream:
        """A function (table, start, stop) → batches in order, for sinks that load over one connection."""

    def close(self) -> None:
        """Release processes and files."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def executor(workers: int = 1) -> Executor:
    """The executor for so many workers: this process for one, others beside it for more."""
    if workers <= 1:
        return InProcess()
    from understudy.generation.processes import Processes

    return Processes(workers)


def worthwhile(plan: Plan, workers: int) -> int:
    """So many of ``workers`` as have something to do: one for each 8 million cells of the plan, at least one."""
    cells = sum(t.rows * len(t.columns) for t in plan.everything)
    return max(1, min(workers, cells // CELLS_A_WORKER))


class InProcess:
    """Everything here and now; one batch is in memory."""

    def __init__(self) -> None:
        self._bound: tuple[Bundle, Runtime] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget the plan."""
        self._bound = None

    def _runtime(self, bundle: Bundle) -> Runtime:
        if self._bound is None or self._bound[0] is not bundle:
            keep_pages()
            self._bound = (bundle, Runtime(bundle))
        return self._bound[1]

    def run_parts(
        self,
        bundle: Bundle,
        sink: PartSink,
        parts: Sequence[Part],
        listen: Listener,
        done: AbstractSet[str] = frozenset(),
    ) -> Iterator[Receipt]:
        """See :meth:`Executor.run_parts`; in the order of ``parts``."""
        runtime = self._runtime(bundle)
        left = [p for p in parts if p.place not in done]
        progress = Progress(left, listen)
        for part in left:
            progress.start(part.table)
            receipt = write_part(runtime, sink, part, progress.told)
            progress.finish(part.table)
            yield receipt

    def streamer(self, bundle: Bundle) -> Stream:
        """See :meth:`Executor.streamer`."""
        runtime = self._runtime(bundle)

        def batches(table: str, start: int, stop: int) -> Iterator[Batch]:
            return stream(runtime, table, start, stop)

        return batches
