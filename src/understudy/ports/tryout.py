"""What a rehearsal asks of a live target: to take a few rows, say what became of them, and forget them.

Everything happens in one transaction that :meth:`Tryout.close` rolls back. Rows are inserted by the very statements of
the load.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import pyarrow as pa

from understudy.model.plan import LoadStep, Plan
from understudy.ports.sink import WriteMode


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """The database's no: its words, its code (SQLSTATE, or an error number), the constraint and the table that it
    names, and the context (where inside which trigger or function)."""

    message: str
    code: str = ""
    constraint: str = ""
    detail: str = ""
    context: str = ""
    table: str = ""

    @property
    def words(self) -> str:
        """Message and detail in one line."""
        return " ".join((f"{self.message} ({self.detail})" if self.detail else self.message).split())


class Readback(msgspec.Struct, frozen=True):
    """What came back of a batch. ``missing``: positions not found again by key; ``changed``: per column the
    positions where another value came back than was sent, with (sent, came back) as text."""

    rows: int
    missing: tuple[int, ...] = ()
    changed: dict[str, tuple[tuple[int, str | None, str | None], ...]] = {}
    keyed: bool = True


class Growth(msgspec.Struct, frozen=True):
    """Rows that a table gained and lost, and rows changed in place, since last asked."""

    added: int = 0
    removed: int = 0
    changed: int = 0


class Tryout(Protocol):
    """One rehearsal's transaction."""

    @property
    def dialect(self) -> str:
        """The dialect of the connection."""

    @property
    def savepoints(self) -> bool:
        """Whether a refused row leaves the others (DuckDB: a refusal ends the transaction)."""

    @property
    def version(self) -> str:
        """Name and version of the server."""

    def open(self, plan: Plan, mode: WriteMode, held_rows: int) -> tuple[str, ...]:
        """Connect, make missing structure, empty tables where the load would; notices. Nothing is kept.
        TargetError where that cannot be undone, or more than ``held_rows`` rows would have to go first."""

    def outside(self) -> dict[str, str]:
        """Tables that cannot be tried without a trace, with the reason (an engine without transactions …)."""

    def begin(self, step: LoadStep) -> None:
        """Make the session as the load would for a step (deferred keys, checks off)."""

    def end(self, step: LoadStep) -> Refusal | None:
        """Second pass and deferred checks of a step; where they are refused, the whole step is taken back."""

    def insert(self, table: str, data: pa.RecordBatch, later: tuple[str, ...] = ()) -> Refusal | None:
        """Insert rows by the load's own statement: all of them, or none and the refusal. ``later``: columns that are
        null at first and set at the end of the step."""

    def insert_each(self, table: str, data: pa.RecordBatch, later: tuple[str, ...] = ()) -> list[Refusal | None]:
        """Insert row by row, refused ones left out."""

    def insert_together(self, step: LoadStep, batches: dict[str, pa.RecordBatch]) -> Refusal | None:
        """Insert rows of several tables by one statement, as the load would."""

    def unbound(self, on: bool) -> bool:
        """Take rows whose parents cannot be tried (or no longer); whether the database can do that."""

    def undo(self, table: str) -> None:
        """Take back what the last inserts into ``table`` did."""

    def readback(self, table: str, data: pa.RecordBatch) -> Readback:
        """Compare rows that were inserted with what the table holds now."""

    def numbered(self, table: str, data: pa.RecordBatch, column: str) -> tuple[int, ...]:
        """What the database puts into key ``column`` of the first of these rows, one behind the other; () where it is
        no whole number or cannot be told. The rows are taken back."""

    def growth(self, near: tuple[str, ...]) -> dict[str, Growth]:
        """What happened to tables since last asked, as far as the database tells: at least to those in ``near``."""

    def ask(self, sql: str) -> list[tuple[Any, ...]] | Refusal:
        """A query's rows, or why there are none; either way the transaction goes on."""

    def close(self) -> tuple[str, ...]:
        """Roll back, restore sequences where the server allows it; what could not be restored, a line each."""
