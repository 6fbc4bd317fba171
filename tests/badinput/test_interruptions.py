"""What is stopped from outside (Ctrl-C, kill, a server that vanishes, a reader that goes away) leaves nothing half."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

MANY = "--rows=4e6"
"""So many rows take longer than the signal, on any machine."""

Start = Callable[..., "subprocess.Popen[str]"]


def when_at_work(process: subprocess.Popen[str]) -> None:
    """Wait until rows are being made."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(("generate …", "load …")):
            time.sleep(0.2)
            assert process.poll() is None, "the run was over before it could be interrupted: ask for more rows"
            return
    raise AssertionError("the run ended before it began to make rows")


def children(process: subprocess.Popen[str]) -> list[int]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(p) for p in found.read_text().split()] if found.exists() else []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pids: list[int]) -> bool:
    for _ in range(50):
        if not any(map(alive, pids)):
            return True
        time.sleep(0.1)
    return False


def content(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def stopped(process: subprocess.Popen[str], number: int) -> str:
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("target", ["files", "one.csv", "sqlite:///file.db", "duckdb:///file.duckdb"])
def test_whoever_stops_a_run_finds_no_trace_of_it(
    start: Start, small: Path, tmp_path: Path, target: str, number: int, code: int
) -> None:
    only = ["--only", "a"] if target.endswith(".csv") else []
    process = start("generate", small, "--to", target, "--workers", 2, MANY, *only)
    when_at_work(process)
    workers = children(process)
    err = stopped(process, number)
    assert process.returncode == code
    assert [x for x in err.splitlines() if x.startswith("understudy: ")][-1].endswith("nothing is half-written")
    assert gone(workers)
    assert [p.name for p in tmp_path.iterdir()] == ["small.sql"]


def test_a_stopped_load_leaves_a_server_as_it_was(start: Start, small: Path, postgresql: str) -> None:
    process = start("generate", small, "--to", postgresql, MANY)
    when_at_work(process)
    stopped(process, signal.SIGINT)
    assert process.returncode == 130
    with psycopg.connect(postgresql) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_files_of_a_killed_run_are_told_of_and_resumed_to_the_same_bytes(
    start: Start, run: Callable[..., subprocess.CompletedProcess[str]], small: Path, tmp_path: Path
) -> None:
    wish = ["--rows=2e6", "--format", "csv", "--clock", "2026-01-02", "--seed", 5]
    process = start("generate", small, "--to", "killed", *wish)
    when_at_work(process)
    workers = children(process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert gone(workers)
    again = run("generate", small, "--to", "killed", *wish)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    resumed = run("generate", small, "--to", "killed", *wish, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    whole = run("generate", small, "--to", "whole", *wish)
    assert whole.returncode == 0
    assert content(tmp_path / "killed") == content(tmp_path / "whole")
    assert not list(tmp_path.glob(".*"))


def test_a_killed_load_leaves_rows_that_were_there(
    start: Start, run: Callable[..., subprocess.CompletedProcess[str]], small: Path, tmp_path: Path
) -> None:
    url = "sqlite:///held.db"
    assert run("generate", small, "--to", url, "--rows=30").returncode == 0
    process = start("generate", small, "--to", url, "--append", "--rows=6e5")
    when_at_work(process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with closing(sqlite3.connect(tmp_path / "held.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)").fetchall() == [(30, 30)]
    assert run("generate", small, "--to", url, "--append", "--rows=30").returncode == 0


def test_a_killed_load_into_a_server_goes_on_with_resume(
    start: Start, run: Callable[..., subprocess.CompletedProcess[str]], small: Path, postgresql: str
) -> None:
    wish = ["--rows=80000", "--clock", "2026-01-02", "--resume"]
    process = start("generate", small, "--to", postgresql, *wish)
    when_at_work(process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    again = run("generate", small, "--to", postgresql, *wish)
    assert again.returncode == 0, again.stderr
    with psycopg.connect(postgresql) as connection:
        row = connection.execute("SELECT (SELECT count(*) FROM a), (SELECT count(DISTINCT id) FROM b)").fetchone()
    assert row == (80000, 80000)


def test_a_server_that_vanishes_in_the_middle_is_one_line(start: Start, small: Path, postgresql: str) -> None:
    process = start("generate", small, "--to", postgresql, MANY)
    when_at_work(process)
    name = postgresql.rpartition("/")[2]
    with psycopg.connect(postgresql.replace(name, "postgres"), autocommit=True) as connection:
        ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
        assert connection.execute(ended, (name,)).fetchone() == (1,)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2, err
    assert "Traceback" not in err
    (line,) = [x for x in err.splitlines() if x.startswith("understudy: ")]
    assert "the server ended the connection" in line
    with psycopg.connect(postgresql) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


@pytest.mark.parametrize(
    "command", ["generate small.sql --only a --to - --rows 1e6", "plan small.sql", "preview small.sql"]
)
def test_a_reader_that_goes_away_ends_the_run_quietly(start: Start, small: Path, command: str) -> None:
    process = start(*command.split())
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    assert process.wait(timeout=30) == 0
    assert "understudy: " not in err
    assert "Exception" not in err


def test_standard_output_without_room_is_one_line(
    run: Callable[..., subprocess.CompletedProcess[str]], small: Path
) -> None:
    with open("/dev/full", "w") as full:
        done = run(
            "generate",
            small,
            "--only",
            "a",
            "--to",
            "-",
            "--rows",
            "1e5",
            capture_output=False,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 2
    assert [x for x in done.stderr.splitlines() if x.startswith("understudy: ")] == done.stderr.splitlines()[-1:]
    assert "no space left" in done.stderr
