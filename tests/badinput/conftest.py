"""What these tests share: the real command line in a process of its own, and databases that are gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from understudy.cli.main import main

SMALL = """
CREATE TABLE a (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id), amount NUMERIC(8, 2));
"""

COMMAND = [sys.executable, "-m", "understudy.cli.main"]
QUICK = {"OMP_NUM_THREADS": "1"}

Run = Callable[..., subprocess.CompletedProcess[str]]


class Told:
    """What a run said: exit code, standard output, and the lines of standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def line(self) -> str:
        """The only complaint; fails where there are others, or a traceback."""
        (line,) = [x for x in self.err.splitlines() if x.startswith("understudy: ")]
        assert "Traceback" not in self.err + self.out
        return line


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Told]:
    """The command line in this process: quick."""

    def calling(*arguments: object) -> Told:
        code = main([str(a) for a in arguments])
        shown = capsys.readouterr()
        return Told(code, shown.out, shown.err)

    return calling


def around(**more: str) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("UNDERSTUDY_")} | QUICK | more


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """The command line in a process of its own, in the test's folder; what still runs at the end is killed."""
    begun: list[subprocess.Popen[str]] = []

    def starting(*arguments: object, **how: object) -> subprocess.Popen[str]:
        given: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [*COMMAND, *(str(a) for a in arguments)]
        process = subprocess.Popen(command, cwd=tmp_path, env=around(), **(given | how))  # type: ignore[call-overload]
        begun.append(process)
        return process

    yield starting
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The same to its end."""

    def running(*arguments: object, **how: object) -> subprocess.CompletedProcess[str]:
        given: dict[str, object] = {"capture_output": True, "text": True, "timeout": 60}
        command = [*COMMAND, *(str(a) for a in arguments)]
        return subprocess.run(command, check=False, cwd=tmp_path, env=around(), **(given | how))  # type: ignore[call-overload]

    return running


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A dump of two tables."""
    path = tmp_path / "small.sql"
    path.write_text(SMALL)
    return path


@pytest.fixture
def dump(tmp_path: Path) -> Callable[[str], Path]:
    """A dump of one's own."""

    def writing(ddl: str | bytes, name: str = "own.sql") -> Path:
        path = tmp_path / name
        path.write_bytes(ddl if isinstance(ddl, bytes) else ddl.encode())
        return path

    return writing


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database."""
    import psycopg

    name = f"us_badinput_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{postgresql_server}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def mariadb(mariadb_server: str) -> Iterator[str]:
    """URL of an empty MariaDB database."""
    import pymysql

    name = f"us_badinput_{uuid.uuid4().hex[:8]}"
    host = mariadb_server.partition("@")[2]
    connection = pymysql.connect(host=host.partition(":")[0], port=int(host.partition(":")[2]), user="root")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield f"{mariadb_server}/{name}"
        cursor.execute(f"DROP DATABASE {name}")
    connection.close()
