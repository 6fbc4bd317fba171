"""Targets that are full, foreign, locked, read-only or out of room keep what they hold and say why."""

from __future__ import annotations

import ctypes
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

Call = Callable[..., Any]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

DROP, OVERRIDE, SEARCH = 24, 1, 2
"""prctl(PR_CAPBSET_DROP) of CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: then permissions hold for root as well."""

ROOM = 1 << 20
"""Bytes that a file may have where the disk is full."""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", ""], "the target is empty"),
        (["--to", "x.foo"], "no format for the ending '.foo'"),
        (["--to", "x.csv", "--only", "a", "--format", "json"], "contradicts the ending .csv"),
        (["--to", "x.db", "--format", "csv"], "a database takes no --format"),
        (["--to", "x", "--format", "cvs"], "Did you mean 'csv'?"),
        (["--to", "sqlite://"], "in memory"),
        (["--to", "sqlite:///none/x.db"], "there is no folder none"),
        (["--to", "duckdb:///none/x.duckdb"], "there is no folder none"),
        (["--to", "mysq://h/x"], "Did you mean mysql://?"),
        (["--to", "-"], "2 tables do not fit"),
        (["--to", "-", "--only", "a", "--format", "parquet"], "cannot be streamed"),
        (["--to", "x", "--append", "--replace"], "Choose one"),
        ([], "Add --to"),
    ],
)
def test_a_target_that_makes_no_sense_is_one_line(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = call("generate", small, *options)
    assert told.code == 2
    assert words in told.line
    assert [p.name for p in tmp_path.iterdir()] == ["small.sql"]


@pytest.mark.parametrize("target", ["folder", "one.csv", "own.db", "own.duckdb"])
def test_rows_that_are_there_stay_unless_somebody_says_otherwise(
    call: Call, small: Path, tmp_path: Path, target: str
) -> None:
    wish = ["generate", small, "--to", tmp_path / target, "--rows", 9, *(["--only", "a"] if ".csv" in target else [])]
    assert call(*wish).code == 0
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    told = call(*wish, "--seed", 8)
    assert told.code == 2
    assert "--replace" in told.line
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before
    assert call(*wish, "--seed", 8, "--replace").code == 0


@pytest.mark.parametrize("name", ["own.db", "own.duckdb"])
@pytest.mark.parametrize("content", [b"some words that are no database", b"SQLite format 3\0" + bytes(range(256)) * 20])
def test_a_file_that_is_no_database_is_not_touched(
    call: Call, small: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    told = call("generate", small, "--to", tmp_path / name)
    assert told.code == 2
    assert (tmp_path / name).read_bytes() == content


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_locked_database_is_told_after_a_short_wait(
    call: Call, small: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    from understudy.delivery.databases import sqlite

    monkeypatch.setattr(sqlite, "BUSY_MS", 200)
    path = tmp_path / "own.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(small.read_text())
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        told = call("generate", small, "--to", path)
        other.communicate()
    assert told.code == 2
    assert "locked" in told.line
    assert "End the other program" in told.line


def _room() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))


@pytest.mark.parametrize("target", ["folder", "one.csv", "own.db", "own.duckdb"])
def test_a_full_disk_is_one_line_and_leaves_nothing(run: Run, small: Path, tmp_path: Path, target: str) -> None:
    only = ["--only", "a"] if ".csv" in target else []
    done = run("generate", small, "--to", target, "--rows", "2e5", "--workers", 1, *only, preexec_fn=_room)
    assert done.returncode == 2, done.stderr
    (line,) = [x for x in done.stderr.splitlines() if x.startswith("understudy: ")]
    assert "no room left on the disk" in line
    assert "Make room" in line
    assert "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["small.sql"]


def _no_giant() -> None:
    if os.geteuid() == 0:
        for capability in (OVERRIDE, SEARCH):
            assert ctypes.CDLL(None).prctl(DROP, capability, 0, 0, 0) == 0


@pytest.fixture
def guarded() -> Iterator[Path]:
    """A folder that everybody may read and nobody else may write to."""
    with tempfile.TemporaryDirectory(prefix="us_badinput_") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)
        os.chmod(folder, 0o755)


@pytest.mark.parametrize("target", ["folder", "one.csv", "own.db", "own.duckdb", "held.db"])
def test_what_may_not_be_written_is_one_line(run: Run, small: Path, guarded: Path, target: str) -> None:
    (guarded / "small.sql").write_text(small.read_text())
    with closing(sqlite3.connect(guarded / "held.db")) as connection:
        connection.executescript(small.read_text())
    for path in (*guarded.iterdir(), guarded):
        path.chmod(0o555 if path.is_dir() else 0o444)
    only = ["--only", "a"] if ".csv" in target else []
    done = run("generate", guarded / "small.sql", "--to", guarded / target, "--rows", 5, *only, preexec_fn=_no_giant)
    assert done.returncode == 2, done.stderr
    (line,) = [x for x in done.stderr.splitlines() if x.startswith("understudy: ")]
    assert "Choose" in line or "Name another" in line
    assert sorted(p.name for p in guarded.iterdir()) == ["held.db", "small.sql"]


def test_a_server_that_takes_no_writing_says_so(call: Call, small: Path, postgresql: str) -> None:
    name = postgresql.rpartition("/")[2]
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    told = call("generate", small, "--to", postgresql)
    assert told.code == 2
    assert "read-only" in told.line
    assert "takes writing" in told.line


def test_a_user_without_rights_is_told_which_are_missing(call: Call, small: Path, postgresql: str) -> None:
    guest = f"{postgresql.rpartition('/')[2]}_guest"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(small.read_text())
        connection.execute(f"CREATE ROLE {guest} LOGIN")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {guest}")
    told = call("generate", small, "--to", postgresql.replace("postgres@", f"{guest}@"))
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {guest}")
        connection.execute(f"DROP ROLE {guest}")
    assert told.code == 2
    assert "permission denied for table a" in told.line
    assert "INSERT" in told.line


def test_certificates_and_logs_show_no_password(call: Call, small: Path, postgresql: str, tmp_path: Path) -> None:
    url = postgresql.replace("postgres@", "postgres:topsecret@")
    told = call("generate", small, "--to", url, "--rows", 3)
    assert told.code == 0
    assert "secret" not in told.out + told.err
    manifest = call("generate", small, "--to", url, "--rows", 3, "--replace", "--json")
    assert manifest.code == 0
    assert "secret" not in manifest.out + manifest.err
    assert "secret" not in call("inspect", url, "--save", tmp_path / "s").out + (tmp_path / "s.schema.yaml").read_text()
