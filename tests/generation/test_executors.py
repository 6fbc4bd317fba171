"""Executors: one process or several, the same bytes, the same events, clear errors."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections import Counter
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from tests.kernels.shop import INTEGER, shop, small

from understudy.errors import InternalError, RequestError, TargetError, WorldError
from understudy.generation import InProcess, executor, pieces, stream
from understudy.generation.processes import Processes
from understudy.generation.worker import packed
from understudy.model.capability import Capability
from understudy.model.event import RowsDelivered, TableFinished, TableStarted
from understudy.model.expression import Call, Const, Row, Take
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.model.receipt import Receipt
from understudy.ports.sink import Part

BUNDLE = shop(400, batch_rows=150)


class Folder:
    """A sink that writes parts as Arrow IPC into a folder."""

    capability = Capability("ipc")

    def __init__(self, place: str, trap: str = "") -> None:
        self.place, self.trap, self.home = place, trap, os.getpid()

    def open(self, plan, mode):
        Path(self.place).mkdir()

    def parts(self, plan):
        cut = 2 * plan.batch_rows
        return tuple(
            Part(t.name, low, min(low + cut, t.rows), f"{t.name}-{low}")
            for t in plan.tables
            for low in range(0, t.rows, cut)
        )

    def write(self, part, batches):
        if self.trap == "refuse" and part.table == "payments":
            raise TargetError("no more room here", where=part.place, mend="Choose another place.")
        if self.trap == "break" and part.table == "payments":
            raise ValueError("a bug")
        if self.trap == "kill" and os.getpid() != self.home:
            os.kill(os.getpid(), signal.SIGKILL)
        data = b"".join(packed(b.data) for b in batches)
        (Path(self.place) / part.place).write_bytes(data)
        return Receipt(
            part.table,
            part.start,
            part.stop,
            part.stop - part.start,
            part.place,
            len(data),
            hashlib.blake2b(data).hexdigest(),
        )

    def commit(self, receipts):
        pass

    def abort(self):
        pass


def run(work, place, events, done=frozenset(), trap=""):
    sink = Folder(str(place), trap)
    sink.open(BUNDLE.plan, None)
    return list(work.run_parts(BUNDLE, sink, sink.parts(BUNDLE.plan), events.append, done))


@pytest.fixture(scope="module")
def team():
    with Processes(2) as work:
        yield work


def test_pieces_end_at_multiples_of_the_batch():
    assert list(pieces(100, 460, 150)) == [(100, 150), (150, 300), (300, 450), (450, 460)]
    assert list(pieces(5, 5, 150)) == []


def test_one_and_more_workers_write_the_same_bytes(tmp_path, team):
    results, heard = {}, {}
    for name, work in (("one", InProcess()), ("two", team)):
        events: list = []
        receipts = run(work, tmp_path / name, events)
        results[name] = sorted((r.table, r.start, r.checksum) for r in receipts)
        heard[name] = events
    assert results["one"] == results["two"]
    for events in heard.values():
        rows = Counter()
        for event in events:
            if isinstance(event, RowsDelivered):
                rows[event.table] += event.rows
        wanted = {t.name: t.rows for t in BUNDLE.plan.tables}
        assert rows == wanted
        assert {e.table: e.rows for e in events if isinstance(e, TableStarted)} == wanted
        assert {e.table: e.rows for e in events if isinstance(e, TableFinished)} == wanted


def test_eight_workers_stream_the_same_batches_in_order():
    expected = [b.data for t in BUNDLE.plan.tables for b in stream(BUNDLE, t.name, 0, t.rows)]
    with executor(8) as work:
        flow = work.streamer(BUNDLE)
        found = [b for t in BUNDLE.plan.tables for b in flow(t.name, 0, t.rows)]
    assert [(b.table, b.start, b.stop) for b in found] == [
        (t.name, low, high) for t in BUNDLE.plan.tables for low, high in pieces(0, t.rows, 150)
    ]
    assert all(a.data.to_pylist() == b.to_pylist() for a, b in zip(found, expected, strict=True))


def test_another_batch_size_gives_the_same_rows():
    def rows(size):
        bundle = msgspec.structs.replace(BUNDLE, plan=msgspec.structs.replace(BUNDLE.plan, batch_rows=size))
        return [r for b in stream(bundle, "order_lines", 0, 1160) for r in b.data.to_pylist()]

    assert rows(150) == rows(64) == rows(5000)


def test_parts_that_have_a_receipt_are_skipped(tmp_path, team):
    events: list = []
    done = {f"orders-{low}" for low in (0, 300)}
    receipts = run(team, tmp_path / "resumed", events, done)
    assert not done & {r.place for r in receipts}
    assert "orders" not in {e.table for e in events if isinstance(e, TableStarted)}


def test_streams_may_be_interleaved_and_left_unfinished(team):
    flow = team.streamer(BUNDLE)
    one, two = flow("orders", 0, 400), flow("reviews", 0, 200)
    assert next(one).start == 0
    assert next(two).start == 0
    assert next(one).start == 150
    one.close()
    assert [b.start for b in two] == [150]
    assert sum(b.stop - b.start for b in flow("orders", 0, 400)) == 400


@pytest.mark.parametrize(
    ("trap", "error", "words"),
    [
        ("refuse", TargetError, "no more room here"),
        ("break", ValueError, "a bug"),
        ("kill", WorldError, "SIGKILL"),
    ],
)
def test_what_goes_wrong_in_a_worker_is_said_here(tmp_path, trap, error, words):
    with Processes(2) as work, pytest.raises(error, match=words):
        run(work, tmp_path / trap, [], trap=trap)


def test_an_error_of_a_plan_comes_back_as_it_was():
    table = PlannedTable("t", 5, (PlannedColumn("x", INTEGER, Take("short", Row())),))
    bundle = small(table, short=pa.Array.from_buffers(pa.int64(), 0, [None, pa.py_buffer(b"")]))
    with Processes(1) as work, pytest.raises(InternalError, match="outside artefact short"):
        list(work.streamer(bundle)("t", 0, 5))


def test_ending_an_executor_ends_its_workers_even_at_work():
    table = PlannedTable("t", 40_000_000, (PlannedColumn("x", INTEGER, Call("+", (Row(), Const(1)))),))
    work = Processes(2)
    flow = work.streamer(small(table, batch_rows=4_000_000))("t", 0, 40_000_000)
    next(flow)
    members = list(work._members)
    work.close()
    assert all(m.process.poll() is not None for m in members)


def test_an_interrupt_ends_the_workers():
    table = PlannedTable("t", 400_000_000, (PlannedColumn("x", INTEGER, Row()),))
    work = Processes(1)
    members: list = []

    def consume():
        with work:
            for batch in work.streamer(small(table))("t", 0, 400_000_000):
                if batch.start == 0:
                    members.extend(work._members)
                    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        consume()
    assert members
    assert all(m.process.poll() is not None for m in members)


def test_workers_must_be_at_least_one():
    with pytest.raises(RequestError, match="0 workers"):
        Processes(0)
    assert isinstance(executor(1), InProcess)
