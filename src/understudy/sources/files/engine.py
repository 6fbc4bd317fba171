"""One DuckDB for all that is read in one go: opening one costs 80 ms, a cursor on it nothing.

It lives while somebody reads (:func:`reading`) and is closed then, for a process that forks must not hold one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

THREADS = 2
"""Reading is not the main job: it leaves the machine usable."""


class _Engine:
    """The open database, and how many are reading."""

    def __init__(self) -> None:
        self.root: Any = None
        self.readers = 0

    def cursor(self) -> Any:
        """A cursor on the open database (opened now, if nobody did yet); where nobody reads, a database of its own."""
        if not self.readers:
            return _opened()
        if self.root is None:
            self.root = _opened()
        return self.root.cursor()

    def leave(self) -> None:
        """One reader less; the last closes the database."""
        self.readers -= 1
        if not self.readers and self.root is not None:
            self.root.close()
            self.root = None


def _opened() -> Any:
    import duckdb

    connection = duckdb.connect(":memory:")
    for statement in ("SET TimeZone = 'UTC'", f"SET threads = {THREADS}", "SET preserve_insertion_order = true"):
        connection.execute(statement)
    return connection


_engine = _Engine()


@contextmanager
def reading() -> Iterator[None]:
    """While the block runs, :func:`cursor` opens on one and the same database."""
    _engine.readers += 1
    try:
        yield
    finally:
        _engine.leave()


def cursor() -> Any:
    """A cursor (outside :func:`reading`: a connection); close it when done."""
    return _engine.cursor()
