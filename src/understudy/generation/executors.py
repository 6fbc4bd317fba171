"""Who makes the rows: this process, or a pool of them. The bytes are the same.

Workers are spawned, get the plan once, and are handed parts (files) or row ranges (streams) as they
become free. What they deliver is told through one queue, so that the caller sees one stream of events.
"""

from __future__ import annotations

import os
import queue
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, Protocol

import pyarrow as pa

from understudy.errors import WorldError
from understudy.generation.streams import batch_bounds, stream
from understudy.kernels import Runtime
from understudy.model.batch import Batch
from understudy.model.bundle import Bundle
from understudy.model.event import Listener, RowsDelivered, TableFinished, TableStarted
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part, PartSink, Stream

AHEAD = 2
"""Batches per worker that may wait to be taken: enough to keep it busy, few enough to stay flat in memory."""


class Executor(Protocol):
    """A context manager that makes rows."""

    def run_parts(
        self, bundle: Bundle, sink: PartSink, parts: Sequence[Part], listen: Listener, done: Collection[str]
    ) -> Iterator[Receipt]:
        """Write every part whose place is not in ``done``; receipts come as parts are finished."""

    def streamer(self, bundle: Bundle) -> Stream:
        """Batches of row ranges, in order."""

    def __enter__(self) -> Executor: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def executor(workers: int) -> Executor:
    """One worker: this process. More: a pool."""
    return Processes(workers) if workers > 1 else InProcess()


class InProcess:
    """Everything here, one row range after the other."""

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def run_parts(
        self, bundle: Bundle, sink: PartSink, parts: Sequence[Part], listen: Listener, done: Collection[str]
    ) -> Iterator[Receipt]:
        """As :class:`Executor` says."""
        runtime = Runtime(bundle)
        announce = _Announcer(parts, done, listen)
        for part in parts:
            if part.place in done:
                continue
            announce.begin(part)
            receipt = sink.write(part, _told(stream(runtime, part.table, part.start, part.stop), listen))
            announce.end(part)
            yield receipt

    def streamer(self, bundle: Bundle) -> Stream:
        """As :class:`Executor` says."""
        runtime = Runtime(bundle)
        return lambda table, start, stop: stream(runtime, table, start, stop)


class Processes:
    """A pool of ``workers`` processes."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.pool: ProcessPoolExecutor | None = None
        self.progress: Any = None
        self.bundle: Bundle | None = None

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.pool is not None:
            if kind is not None:
                for process in list((self.pool._processes or {}).values()):
                    process.terminate()
            self.pool.shutdown(wait=kind is None, cancel_futures=True)

    def _start(self, bundle: Bundle) -> ProcessPoolExecutor:
        from multiprocessing import get_context

        if self.pool is None or self.bundle is not bundle:
            context = get_context("spawn")
            self.progress = context.Queue()
            os.environ.setdefault("OMP_NUM_THREADS", "1")
            self.bundle = bundle
            self.pool = ProcessPoolExecutor(
                self.workers, context, initializer=_prepare, initargs=(_packed(bundle), self.progress)
            )
        return self.pool

    def run_parts(
        self, bundle: Bundle, sink: PartSink, parts: Sequence[Part], listen: Listener, done: Collection[str]
    ) -> Iterator[Receipt]:
        """As :class:`Executor` says."""
        pool = self._start(bundle)
        announce = _Announcer(parts, done, listen)
        todo = sorted((p for p in parts if p.place not in done), key=lambda p: p.start - p.stop)
        try:
            waiting: dict[Future[Receipt], Part] = {pool.submit(_write, sink, p): p for p in todo}
            while waiting:
                finished, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                self._tell(listen, announce)
                for future in finished:
                    part = waiting.pop(future)
                    receipt = future.result()
                    self._tell(listen, announce)
                    announce.end(part)
                    yield receipt
        except BrokenProcessPool as e:
            raise WorldError("a worker process died", mend="Run again with fewer --workers (memory?).") from e

    def _tell(self, listen: Listener, announce: _Announcer) -> None:
        while True:
            try:
                table, rows = self.progress.get_nowait()
            except queue.Empty:
                return
            announce.seen(table)
            listen(RowsDelivered(table, rows))

    def streamer(self, bundle: Bundle) -> Stream:
        """As :class:`Executor` says."""
        pool = self._start(bundle)

        def batches(table: str, start: int, stop: int) -> Iterator[Batch]:
            bounds = deque(batch_bounds(start, stop, bundle.plan.batch_rows))
            waiting: deque[tuple[int, int, Future[bytes]]] = deque()
            try:
                while bounds or waiting:
                    while bounds and len(waiting) < AHEAD * self.workers:
                        low, high = bounds.popleft()
                        waiting.append((low, high, pool.submit(_make, table, low, high)))
                    low, high, future = waiting.popleft()
                    yield Batch(table, low, high, _unpacked(future.result()))
            except BrokenProcessPool as e:
                raise WorldError("a worker process died", mend="Run again with fewer --workers (memory?).") from e

        return batches


class _Announcer:
    """Tells when a table begins and when its last part is done."""

    def __init__(self, parts: Sequence[Part], done: Collection[str], listen: Listener) -> None:
        self.listen = listen
        self.rows: dict[str, int] = {}
        self.open: dict[str, int] = {}
        self.begun: set[str] = set()
        for part in parts:
            if part.place not in done:
                self.rows[part.table] = self.rows.get(part.table, 0) + part.stop - part.start
                self.open[part.table] = self.open.get(part.table, 0) + 1

    def begin(self, part: Part) -> None:
        self.seen(part.table)

    def seen(self, table: str) -> None:
        if table not in self.begun:
            self.begun.add(table)
            self.listen(TableStarted(table, self.rows.get(table, 0)))

    def end(self, part: Part) -> None:
        self.seen(part.table)
        self.open[part.table] -= 1
        if not self.open[part.table]:
            self.listen(TableFinished(part.table, self.rows[part.table]))


def _told(batches: Iterator[Batch], listen: Listener) -> Iterator[Batch]:
    for batch in batches:
        yield batch
        listen(RowsDelivered(batch.table, batch.stop - batch.start))


# ---- in the worker ---------------------------------------------------------------------------------
_state: dict[str, Any] = {}
"""What a worker process keeps: its runtime and the queue of progress. Only worker processes write it."""


def _packed(bundle: Bundle) -> tuple[bytes, dict[str, bytes]]:
    import msgspec

    return msgspec.json.encode(bundle.plan), {n: _ipc(a) for n, a in bundle.artefacts.items()}


def _prepare(packed: tuple[bytes, dict[str, bytes]], progress: Any) -> None:
    import signal

    import msgspec

    from understudy.model.plan import Plan

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    plan = msgspec.json.decode(packed[0], type=Plan)
    artefacts = {n: _from_ipc(b) for n, b in packed[1].items()}
    _state["runtime"], _state["progress"] = Runtime(Bundle(plan, artefacts)), progress


def _write(sink: PartSink, part: Part) -> Receipt:
    def tell(event: object) -> None:
        if isinstance(event, RowsDelivered):
            _state["progress"].put((event.table, event.rows))

    return sink.write(part, _told(stream(_state["runtime"], part.table, part.start, part.stop), tell))


def _make(table: str, low: int, high: int) -> bytes:
    batch = _state["runtime"].batch(table, low, high)
    target = pa.BufferOutputStream()
    with pa.ipc.new_stream(target, batch.schema) as writer:
        writer.write_batch(batch)
    return target.getvalue().to_pybytes()


def _unpacked(data: bytes) -> pa.RecordBatch:
    with pa.ipc.open_stream(data) as reader:
        return reader.read_next_batch()


def _ipc(values: pa.Array | pa.Table) -> bytes:
    table = values if isinstance(values, pa.Table) else pa.Table.from_arrays([values], ["$value"])
    target = pa.BufferOutputStream()
    with pa.ipc.new_stream(target, table.schema) as writer:
        writer.write_table(table)
    return target.getvalue().to_pybytes()


def _from_ipc(data: bytes) -> pa.Array | pa.Table:
    with pa.ipc.open_stream(data) as reader:
        table = reader.read_all()
    return table.column(0).combine_chunks() if table.column_names == ["$value"] else table
