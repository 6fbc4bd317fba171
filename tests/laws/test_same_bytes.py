"""Same plan, same bytes: whoever makes the rows, in whatever portions, stopped or not."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.laws.library_material import SCHEMA, digests, everything, planned, rows, with_batches

from understudy import workflow
from understudy.delivery import open_sink
from understudy.errors import RequestError, TargetError
from understudy.generation import InProcess, executor, worthwhile
from understudy.generation.processes import Processes
from understudy.model.bundle import Bundle
from understudy.model.event import Notice, RowsDelivered, silent
from understudy.model.request import Request
from understudy.ports.sink import PartSink, StepSink, WriteMode
from understudy.storage import plans

PLAN = planned()
WHOLE = everything(PLAN)
TABLES = sorted(WHOLE)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(TABLES), st.data(), st.sampled_from([1, 7, 64, 100_000]))
def test_any_part_equals_the_same_rows_of_the_whole(table: str, data: st.DataObject, batch_rows: int) -> None:
    start = data.draw(st.integers(0, len(WHOLE[table])))
    stop = data.draw(st.integers(start, min(start + 40 * batch_rows, len(WHOLE[table]))))
    assert rows(with_batches(PLAN, batch_rows), table, start, stop) == WHOLE[table][start:stop]


@pytest.mark.parametrize("workers", [2, 8])
def test_more_workers_stream_the_same_rows(workers: int) -> None:
    with executor(workers) as work:
        assert everything(PLAN, work) == WHOLE
        assert everything(with_batches(PLAN, 50), work) == WHOLE


def written(bundle: Bundle, folder: Path, workers: int, file_format: str, rows_per_file: int) -> dict[str, str]:
    sink = open_sink(str(folder), format=file_format, options={"rows_per_file": str(rows_per_file)})
    assert isinstance(sink, PartSink)
    sink.open(bundle.plan, WriteMode.CREATE)
    with executor(workers) as work:
        receipts = tuple(work.run_parts(bundle, sink, sink.parts(bundle.plan), silent))
    sink.commit(receipts)
    return digests(folder)


@pytest.mark.parametrize("file_format", ["parquet", "csv", "jsonl", "arrow", "sql"])
def test_files_are_the_same_bytes_with_one_worker_and_with_more(tmp_path: Path, file_format: str) -> None:
    one = written(PLAN, tmp_path / "one", 1, file_format, 100)
    assert len(one) > len(TABLES)
    assert written(PLAN, tmp_path / "three", 3, file_format, 100) == one


def test_neither_file_size_nor_batch_size_changes_a_row(tmp_path: Path) -> None:
    texts = []
    for k, (batch, per_file) in enumerate([(128, 100_000), (7, 100), (100_000, 33)]):
        written(with_batches(PLAN, batch), tmp_path / str(k), 1, "jsonl", per_file)
        loan = sorted(p for p in (tmp_path / str(k)).rglob("*.jsonl") if "loan" in p.as_posix())
        texts.append(b"".join(p.read_bytes() for p in loan))
    assert texts[0] == texts[1] == texts[2] != b""


def test_a_plan_that_was_saved_and_loaded_makes_the_same_bytes(tmp_path: Path) -> None:
    plans.save(PLAN, tmp_path / "x.plan")
    again = plans.load(tmp_path / "x.plan")
    assert plans.plan_hash(again) == plans.plan_hash(PLAN)
    assert everything(again) == WHOLE
    assert written(again, tmp_path / "a", 1, "parquet", 100) == written(PLAN, tmp_path / "b", 2, "parquet", 100)


def test_the_seed_decides_everything_and_nothing_else_does() -> None:
    assert everything(planned()) == WHOLE
    other = everything(planned(seed=6))
    for table, column in [("reader", "email"), ("reader", "home"), ("loan", "state"), ("item", "days")]:
        assert [r[column] for r in other[table]] != [r[column] for r in WHOLE[table]]


# ---- stopped and resumed -----------------------------------------------------------------------------
KINDS = "".join(f"\n  - {{name: c{k}, type: {{kind: integer}}, nullable: false}}" for k in range(20))
MANY = "name: many\ndialect: sqlite\nentities:" + "".join(f"\n- name: t{i}\n  fields:{KINDS}" for i in range(10))
"""Ten tables of twenty columns: enough for two workers to be worth starting, and quick to write."""


def command(plan: Path, folder: Path, workers: int, *more: str) -> list[str]:
    run = [sys.executable, "-m", "understudy.cli.main", "generate", str(plan), "--to", str(folder)]
    return [*run, "--format", "arrow", "--workers", str(workers), "--quiet", *more]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A plan worth two workers, and the checksums of what it makes."""
    place = tmp_path_factory.mktemp("many")
    (place / "many.schema.yaml").write_text(MANY)
    bundle = workflow.prepare([str(place / "many.schema.yaml")], planned_request(80_000))
    assert worthwhile(bundle.plan, 8) == 2
    plans.save(bundle, place / "many.plan")
    assert subprocess.run(command(place / "many.plan", place / "whole", 1), check=False).returncode == 0
    return place / "many.plan", digests(place / "whole")


def planned_request(count: int) -> Request:
    return Request(default_rows=count, seed=3, clock=0)


def killed(run: list[str], journal: Path, lines: int) -> None:
    """Start, wait until the journal has so many lines, kill the process that was started and nothing else."""
    scratch = journal.parent / "scratch"
    scratch.mkdir()
    with subprocess.Popen(run, start_new_session=True, env={**os.environ, "TMPDIR": str(scratch)}) as process:
        end = time.monotonic() + 30
        while not (journal.exists() and journal.read_bytes().count(b"\n") >= lines):
            assert process.poll() is None, "it came to its end before it could be killed"
            assert time.monotonic() < end
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    end = time.monotonic() + 5
    while list(scratch.iterdir()):
        assert time.monotonic() < end, "a worker left something behind"
        time.sleep(0.01)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_run_is_resumed_to_the_same_files(
    tmp_path: Path, many: tuple[Path, dict[str, str]], workers: int
) -> None:
    plan, whole = many
    folder, journal = tmp_path / "out", tmp_path / ".out.understudy-journal"
    killed(command(plan, folder, workers), journal, 3)
    left = {p.name: p.stat().st_mtime_ns for p in folder.iterdir() if p.suffix == ".arrow"}
    noted = journal.read_text().splitlines()[1:]
    again = subprocess.run(command(plan, folder, workers), capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    done = subprocess.run(command(plan, folder, workers, "--resume"), check=False)
    assert done.returncode == 0
    assert digests(folder) == whole
    kept = [n for n, t in left.items() if (folder / n).stat().st_mtime_ns == t]
    assert len(kept) >= len(noted) >= 2
    assert not journal.exists()


def test_workers_end_and_tidy_up_when_whoever_started_them_is_killed(many: tuple[Path, dict[str, str]]) -> None:
    plan, _ = many
    script = (
        "import sys\nfrom understudy.generation.processes import Processes\nfrom understudy.storage import plans\n"
        "bundle = plans.load(sys.argv[1])\nwork = Processes(3)\nflow = work.streamer(bundle)('t0', 0, 80_000)\n"
        "next(flow)\nprint(*[m.process.pid for m in work._members], flush=True)\nsys.stdin.read()\n"
    )
    run = [sys.executable, "-c", script, str(plan)]
    place = plan.parent / "scratch"
    place.mkdir()
    with subprocess.Popen(
        run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(place)}
    ) as process:
        assert process.stdout is not None
        numbers = [int(n) for n in process.stdout.readline().split()]
        assert len(numbers) == 2
        process.send_signal(signal.SIGKILL)
        process.wait()
        end = time.monotonic() + 5
        while any(alive(n) for n in numbers):
            assert time.monotonic() < end
            time.sleep(0.01)
        assert list(place.iterdir()) == []


def alive(number: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{number}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_run_that_failed_is_resumed_by_the_python_api_too(tmp_path: Path) -> None:
    folder, options = str(tmp_path / "out"), {"rows_per_file": "100"}

    def stop(event: object) -> None:
        if isinstance(event, RowsDelivered) and event.table == "loan":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflow.generate(PLAN, folder, format="csv", options=options, resume=True, listen=stop)
    left = digests(Path(folder))
    assert left
    with pytest.raises(RequestError, match="another one"):
        workflow.generate(PLAN, folder, format="csv", options={"rows_per_file": "90"}, resume=True)
    with pytest.raises(RequestError, match="another one"):
        workflow.generate(planned(seed=9), folder, format="csv", options=options, resume=True)
    with pytest.raises(TargetError, match="--resume"):
        workflow.generate(PLAN, folder, format="csv", options=options)
    events: list[object] = []
    manifest = workflow.generate(PLAN, folder, format="csv", options=options, resume=True, listen=events.append)
    assert {t.name: t.accepted for t in manifest.tables} == {t.name: t.rows for t in PLAN.plan.tables}
    assert any(isinstance(e, Notice) and f"{len(left)} of" in e.text for e in events)
    assert [r.start for r in manifest.receipts if r.table == "item"] == list(range(0, 900, 100))
    found = digests(Path(folder))
    assert left.items() <= found.items()
    assert found == written(PLAN, tmp_path / "whole", 1, "csv", 100)


def test_a_file_that_vanished_or_shrank_is_written_again(tmp_path: Path) -> None:
    folder, options = tmp_path / "out", {"rows_per_file": "100"}

    def stop(event: object) -> None:
        if isinstance(event, RowsDelivered) and event.table == "item":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflow.generate(PLAN, str(folder), format="csv", options=options, resume=True, listen=stop)
    gone, cut, *_ = sorted(folder.rglob("*.csv"))
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:10])
    workflow.generate(PLAN, str(folder), format="csv", options=options, resume=True)
    assert digests(folder) == written(PLAN, tmp_path / "whole", 1, "csv", 100)


def test_a_failed_run_that_is_not_to_be_resumed_leaves_nothing(tmp_path: Path) -> None:
    def stop(event: object) -> None:
        if isinstance(event, RowsDelivered) and event.table == "loan":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workflow.generate(PLAN, str(tmp_path / "out"), format="csv", listen=stop)
    assert list(tmp_path.iterdir()) == []


# ---- databases ---------------------------------------------------------------------------------------
def loaded(bundle: Bundle, url: str, workers: int, batch_rows: int) -> None:
    bundle = with_batches(bundle, batch_rows)
    sink = open_sink(url, format="", options={})
    assert isinstance(sink, StepSink)
    sink.open(bundle.plan, WriteMode.CREATE)
    with Processes(workers) if workers > 1 else InProcess() as work:
        flow = work.streamer(bundle)
        for step in bundle.plan.load:
            sink.load(step, flow, silent)
    sink.commit()


def names() -> list[str]:
    return [e.name for e in SCHEMA.entities]


def test_sqlite_holds_the_same_rows_in_the_same_order_with_one_worker_and_with_more(tmp_path: Path) -> None:
    held = []
    for workers, batch in [(1, 128), (3, 40)]:
        path = tmp_path / f"{workers}.db"
        loaded(PLAN, f"sqlite:///{path}", workers, batch)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            held.append({n: connection.execute(f'SELECT * FROM "{n}" ORDER BY rowid').fetchall() for n in names()})
    assert held[0] == held[1]
    assert {n: len(r) for n, r in held[0].items()} == {n: len(WHOLE[n]) for n in names()}


@pytest.fixture
def postgresql_pair(postgresql_server: str) -> Iterator[list[str]]:
    made = [f"us_laws_{os.getpid()}_{k}" for k in range(2)]
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as admin:
        for name in made:
            admin.execute(f"CREATE DATABASE {name}")
        yield [f"{postgresql_server}/{name}" for name in made]
        for name in made:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_postgresql_holds_the_same_rows_with_one_worker_and_with_more(postgresql_pair: list[str]) -> None:
    held = []
    for url, workers, batch in zip(postgresql_pair, (1, 3), (128, 40), strict=True):
        loaded(PLAN, url, workers, batch)
        with psycopg.connect(url) as connection:
            held.append({n: connection.execute(f'SELECT * FROM "{n}" ORDER BY ctid').fetchall() for n in names()})
    assert held[0] == held[1]
    assert {n: len(r) for n, r in held[0].items()} == {n: len(WHOLE[n]) for n in names()}
