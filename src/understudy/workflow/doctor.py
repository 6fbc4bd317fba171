"""What works on this machine, and what would mend what does not."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

CORE = ("click", "duckdb", "mimesis", "msgspec", "numpy", "pyarrow", "pyyaml", "rich", "sqlalchemy", "sqlglot")
"""Packages without which nothing runs."""

EXTRAS = (
    ("psycopg", "postgresql", "PostgreSQL"),
    ("pymysql", "mysql", "MySQL and MariaDB"),
    ("adbc-driver-sqlite", "sqlite", "loading SQLite"),
    ("pandas", "frames", "rows as pandas frames"),
    ("polars", "frames", "rows as Polars frames"),
)
"""Package, the extra that brings it, what it is for."""

SERVERS = (("PostgreSQL", 5432), ("MySQL or MariaDB", 3306))
"""What is looked for on this machine, at its usual port."""

ANSWER_S = 0.5
"""A server on the same machine answers at once or not at all."""

OLDEST = (3, 11)
ROOM_BYTES = 1 << 30
"""Below 1 GB free, a first larger run fills the disk."""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """``state``: ok, absent (only what needs it does not work) or broken (nothing works)."""

    name: str
    state: str
    detail: str
    mend: str = ""


def examine() -> tuple[Finding, ...]:
    """Python, packages, extras, servers, room. Nothing is changed and nothing but this machine is asked."""
    return (_python(), *map(_core, CORE), *(_extra(*e) for e in EXTRAS), *(_server(*s) for s in SERVERS), *_room())


def _python() -> Finding:
    fine = sys.version_info >= OLDEST
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Finding("python", "ok" if fine else "broken", detail, "" if fine else "Install Python 3.11 or newer.")


def _core(package: str) -> Finding:
    try:
        return Finding(package, "ok", version(package))
    except PackageNotFoundError:
        return Finding(package, "broken", "not installed", "Run: pip install understudy.")


def _extra(package: str, extra: str, purpose: str) -> Finding:
    try:
        return Finding(package, "ok", f"{version(package)} ({purpose})")
    except PackageNotFoundError:
        return Finding(package, "absent", f"not installed ({purpose})", f"Run: pip install 'understudy[{extra}]'.")


def _server(name: str, port: int) -> Finding:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S):
            return Finding(name, "ok", f"answers at port {port} of this machine")
    except OSError:
        mend = "Start one, or name another machine's in the URL."
        return Finding(name, "absent", f"nothing listens at port {port} of this machine", mend)


def _room() -> tuple[Finding, ...]:
    places = dict.fromkeys((Path.cwd(), Path(tempfile.gettempdir())))
    return tuple(_free(place) for place in places)


def _free(place: Path) -> Finding:
    free = shutil.disk_usage(place).free
    fine, writable = free > ROOM_BYTES, os.access(place, os.W_OK)
    detail = f"{free / 1e9:,.1f} GB free" + ("" if writable else ", not writable")
    mend = "" if fine and writable else "Free space, or work in another folder."
    return Finding(str(place), "ok" if fine and writable else "absent", detail, mend)
