"""What the database sink asks of each database. One implementation per family; the sink knows no dialect."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import pyarrow as pa

from understudy.errors import RefusedRowError
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity
from understudy.ports.tryout import Growth


class Place(msgspec.Struct, frozen=True):
    """A table to insert into: ``path`` (namespace, table) and ``quoted`` as in a statement; ``columns`` in the order of
    the data; ``staging``: a temporary table without constraints."""

    name: str
    path: tuple[str, str]
    quoted: str
    columns: tuple[PlannedColumn, ...]
    entity: Entity
    staging: bool = False


class RefusedError(Exception):
    """A statement the server refused: its words, the constraint and the row of the batch, where it tells them."""

    def __init__(
        self,
        message: str,
        *,
        constraint: str = "",
        detail: str = "",
        row: int | None = None,
        code: str = "",
        context: str = "",
        table: str = "",
    ) -> None:
        self.message, self.constraint, self.detail, self.row = message, constraint, detail, row
        self.code, self.context, self.table = code, context, table
        super().__init__(message)

    def told(self, where: str, *, start: int = 0, table: str = "") -> RefusedRowError:
        """The refusal in one line for the user."""
        what = f"the database refused a row: {self.message}"
        what += f" ({self.detail})" if self.detail and self.detail not in self.message else ""
        what += f", constraint {self.constraint}" if self.constraint and self.constraint not in what else ""
        what += f", row {start + self.row} of the table (from 0)" if self.row is not None else ""
        return RefusedRowError(
            what,
            where=where,
            mend="Nothing was kept. See `understudy plan` for how it is met.",
            table=table,
            row=None if self.row is None else start + self.row,
            constraint=self.constraint,
            code=self.code,
            words=self.message,
        )


class Server(Protocol):
    """One open connection. Statements raise :class:`RefusedError` where the server says no."""

    dialect: str
    keeps_ddl: bool
    """DDL commits by itself: made tables must be dropped on abort."""

    def version(self) -> str:
        """Name and version of the server."""

    def execute(self, sql: str) -> int:
        """Run a statement; rows it touched, or -1."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query; all its rows."""

    def attempt(self, sql: str) -> RefusedError | None:
        """Run a statement so that its failure leaves the transaction usable."""

    def existing(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these tables there are."""

    def duplicate(self, refusal: RefusedError) -> bool:
        """Whether a DDL statement was refused because its object is there already."""

    def insert(self, place: Place, batch: pa.RecordBatch) -> None:
        """Insert rows, all of them or RefusedError."""

    def afresh(self) -> None:
        """Begin the transaction anew where what was read so far would forbid savepoints."""

    def crowded(self, paths: list[tuple[str, str]]) -> tuple[int, int] | None:
        """Locks that one transaction over these tables needs, and those that the server has room for, where the first
        are too many; else None."""

    def release(self) -> None:
        """Let go of locks that only reading has taken, where nothing was written yet."""

    def ready(self, place: Place) -> None:
        """Make what inserting into a table needs beside it, before savepoints are set."""

    def merge(self, place: Place, batch: pa.RecordBatch, key: tuple[str, ...]) -> None:
        """Insert rows; where one with the same ``key`` is there, set its other columns. All of them or RefusedError."""

    def stage_numbered(self, name: str, place: Place, number: str, columns: tuple[str, ...]) -> str:
        """As :meth:`stage`, with a whole-number column ``number`` before the others."""

    def growth(self, places: dict[str, Place]) -> dict[str, Growth]:
        """Rows added, removed and changed so far, per table by name: of this transaction, or since any fixed point."""

    def sequences(self) -> Any:
        """Where the sequences stand that a rollback does not bring back; None where there are none."""

    def moved_sequences(self, before: Any) -> Any:
        """Those that have moved since, to be given to :meth:`restore_sequences` after the rollback."""

    def restore_sequences(self, moved: Any) -> tuple[str, ...]:
        """Set them back as far as the server allows it; a line for each that stays."""

    def stage(self, name: str, place: Place, columns: tuple[str, ...]) -> str:
        """Make a temporary table with these columns of a table, no constraints; its quoted name."""

    def unstage(self, quoted: str) -> None:
        """Drop a temporary table."""

    def update_from(self, place: Place, staged: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> int:
        """Set ``columns`` of a table from the staged rows with equal ``keys``; rows matched."""

    def defer(self) -> None:
        """Check foreign keys at the end of the transaction, as far as the structure lets it."""

    def enforce(self) -> None:
        """Check now what was deferred; RefusedError where it does not hold."""

    def checks(self, on: bool) -> None:
        """Foreign key checks of the session on or off (only where the dialect has nothing better)."""

    def insert_together(self, pairs: list[tuple[Place, str]]) -> None:
        """Insert staged rows into several tables by one statement."""

    def empty(self, groups: list[list[Place]]) -> None:
        """Delete all rows of these tables: groups in order, children first, the tables of a cycle in one group.
        RefusedError where rows of other tables refer to them."""

    def fingerprint(self, paths: list[tuple[str, str]]) -> list[str]:
        """Lines that describe all that can reject a row of these tables."""

    def continue_sequences(self, places: list[Place]) -> None:
        """Sequences and identity columns go on behind the greatest values."""

    def without_transactions(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Tables whose engine has no transactions."""

    def commit(self) -> None:
        """Make everything permanent; RefusedError where deferred constraints do not hold."""

    def rollback(self) -> None:
        """Undo what can be undone."""

    def close(self) -> None:
        """End the connection."""
