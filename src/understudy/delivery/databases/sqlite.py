"""SQLite: Arrow arrays bound to a prepared INSERT (ADBC), foreign keys enforced, one transaction."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.delivery.databases.server import Place, RefusedError
from understudy.delivery.text.json import json_values
from understudy.delivery.text.quoting import quote, quoted_list, text_literal
from understudy.errors import SettingsError, StorageFullError, TargetError, WorldError
from understudy.ports.tryout import Growth
from understudy.storage.databases import Address, sqlite_path

BUSY_MS = 10_000
"""How long another writer's lock is waited for."""

FAILED = re.compile(r"(?P<message>(UNIQUE|CHECK|NOT NULL|FOREIGN KEY) constraint failed:? ?(?P<name>[^\n]*))")

PREFIX = re.compile(r"^[A-Z_]+: (\[SQLite\] )?([Ff]ailed to \w+ query: )?")
"""What the driver puts before SQLite's own words."""

D = "sqlite"


class SQLite:
    """One connection through ADBC, whose transaction is always open. The driver's DB-API layer is passed by: it imports
    two data frame libraries where they are installed (measured: 2 CPU-s)."""

    dialect = D
    keeps_ddl = False

    def __init__(self, address: Address) -> None:
        try:
            import adbc_driver_manager as manager
            import adbc_driver_sqlite
        except ImportError as e:
            mend = 'Install it: pip install "understudy[sqlite]".'
            raise SettingsError("the driver adbc-driver-sqlite is not installed", mend=mend) from e
        self.address = address
        self._manager, self._error = manager, manager.Error
        try:
            self._database = adbc_driver_sqlite.connect(sqlite_path(address))
            self._connection = manager.AdbcConnection(self._database)
        except self._error as e:
            raise self._refusal(e) from e
        for pragma in ("foreign_keys = ON", f"busy_timeout = {BUSY_MS}", "temp_store = FILE"):
            self.query(f"PRAGMA {pragma}")
        self._connection.set_autocommit(False)

    def version(self) -> str:
        """Name and version of the server."""
        return f"SQLite {self.query('SELECT sqlite_version()')[0][0]}"

    def execute(self, sql: str) -> int:
        """Run a statement; rows it touched, or -1."""
        self.query(sql)
        return int(self.query("SELECT changes()")[0][0])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query; all its rows."""
        try:
            with self._manager.AdbcStatement(self._connection) as statement:
                statement.set_sql_query(sql)
                stream, _ = statement.execute_query()
                with pa.RecordBatchReader._import_from_c(stream.address) as reader:
                    columns = [c.to_pylist() for c in reader.read_all().columns]
        except (self._error, pa.ArrowInvalid, OSError) as e:
            raise self._refusal(e) from e
        return list(zip(*columns, strict=True))

    def attempt(self, sql: str) -> RefusedError | None:
        """Run a statement so that its failure leaves the transaction usable."""
        self.query("SAVEPOINT us_attempt")
        try:
            self.query(sql)
        except RefusedError as refusal:
            self.query("ROLLBACK TO us_attempt")
            self.query("RELEASE us_attempt")
            return refusal
        self.query("RELEASE us_attempt")
        return None

    def existing(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these tables there are."""
        held = {str(n).lower() for (n,) in self.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
        return {p for p in paths if p[1].lower() in held}

    def duplicate(self, refusal: RefusedError) -> bool:
        """Whether a DDL statement was refused because its object is there already."""
        return "already exists" in refusal.message

    def afresh(self) -> None:
        """Nothing forbids savepoints."""

    def crowded(self, paths: list[tuple[str, str]]) -> tuple[int, int] | None:
        """Its locks have no such bound."""
        return None

    def release(self) -> None:
        """Reading holds no locks that run out."""

    def ready(self, place: Place) -> None:
        """Nothing is needed beside a table."""

    def merge(self, place: Place, batch: pa.RecordBatch, key: tuple[str, ...]) -> None:
        """Insert rows; where one with the same ``key`` is there, set its other columns."""
        names = (quote(c.name, D) for c in place.columns if c.name not in key)
        sets = ", ".join(f"{n} = excluded.{n}" for n in names)
        done = f"UPDATE SET {sets}" if sets else "NOTHING"
        self.insert(place, batch, f" ON CONFLICT ({quoted_list(key, D)}) DO {done}")

    def insert(self, place: Place, batch: pa.RecordBatch, otherwise: str = "") -> None:
        """Insert rows, all of them or RefusedError; ``otherwise``: words for rows that are there already."""
        names = tuple(c.name for c in place.columns)
        marks = ", ".join("?" * len(names))
        sql = f"INSERT INTO {place.quoted} ({quoted_list(names, D)}) VALUES ({marks}){otherwise}"
        columns = [sqlite_column(c) for c in batch.columns]
        before = self._changes()
        try:
            with self._manager.AdbcStatement(self._connection) as statement:
                statement.set_sql_query(sql)
                statement.prepare()
                bound = pa.RecordBatch.from_arrays(columns, names=[str(i) for i in range(len(names))])
                statement.bind(*bound.__arrow_c_array__()[::-1])
                statement.execute_update()
        except self._error as e:
            refusal = self._refusal(e)
            refusal.row = self._changes() - before if not self._has_triggers(place) else None
            raise refusal from e

    def stage(self, name: str, place: Place, columns: tuple[str, ...]) -> str:
        """Make a temporary table with these columns of a table, no constraints; its quoted name."""
        self.query(
            f"CREATE TEMP TABLE {quote(name, D)} AS SELECT {quoted_list(columns, D)} FROM {place.quoted} WHERE 0"
        )
        return f"temp.{quote(name, D)}"

    def stage_numbered(self, name: str, place: Place, number: str, columns: tuple[str, ...]) -> str:
        """As :meth:`stage`, with a whole-number column before the others."""
        self.query(
            f"CREATE TEMP TABLE {quote(name, D)} AS SELECT 0 AS {quote(number, D)}, {quoted_list(columns, D)} "
            f"FROM {place.quoted} WHERE 0"
        )
        return f"temp.{quote(name, D)}"

    def growth(self, places: dict[str, Place]) -> dict[str, Growth]:
        """Rows that the tables hold, counted."""
        return {n: Growth(int(self.query(f"SELECT count(*) FROM {p.quoted}")[0][0])) for n, p in places.items()}

    def sequences(self) -> Any:
        """None: a rollback brings back everything."""
        return None

    def moved_sequences(self, before: Any) -> Any:
        """None."""

    def restore_sequences(self, moved: Any) -> tuple[str, ...]:
        """Nothing is to be done."""
        return ()

    def unstage(self, quoted: str) -> None:
        """Drop a temporary table."""
        self.query(f"DROP TABLE {quoted}")

    def update_from(self, place: Place, staged: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> int:
        """Set ``columns`` of a table from the staged rows with equal ``keys``; rows matched."""
        sets = ", ".join(f"{quote(c, D)} = s.{quote(c, D)}" for c in columns)
        same = " AND ".join(f"t.{quote(k, D)} = s.{quote(k, D)}" for k in keys)
        return self.execute(f"UPDATE {place.quoted} AS t SET {sets} FROM {staged} AS s WHERE {same}")

    def defer(self) -> None:
        """Check foreign keys at the end of the transaction, as far as the structure lets it."""
        self.query("PRAGMA defer_foreign_keys = ON")

    def enforce(self) -> None:
        """The counters of open foreign keys are read at commit; see :meth:`commit`."""

    def checks(self, on: bool) -> None:
        """Foreign key checks of the session on or off."""
        raise RefusedError("SQLite's foreign keys are never switched off here")

    def insert_together(self, pairs: list[tuple[Place, str]]) -> None:
        """Insert staged rows into several tables by one statement."""
        self.defer()
        for place, staged in pairs:
            names = quoted_list(tuple(c.name for c in place.columns), D)
            self.query(f"INSERT INTO {place.quoted} ({names}) SELECT {names} FROM {staged} ORDER BY rowid")

    def empty(self, groups: list[list[Place]]) -> None:
        """Delete all rows of these tables."""
        self.defer()
        for place in (p for places in groups for p in places):
            self.query(f"DELETE FROM {place.quoted}")

    def fingerprint(self, paths: list[tuple[str, str]]) -> list[str]:
        """Lines that describe all that can reject a row of these tables."""
        names = ", ".join(text_literal(t.lower(), D) for _, t in paths)
        rows = self.query(
            "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master "
            f"WHERE lower(tbl_name) IN ({names}) ORDER BY type, name"
        )
        return [" ".join(str(x) for x in row) for row in rows] + [
            f"foreign_keys {self.query('PRAGMA foreign_keys')[0][0]}"
        ]

    def continue_sequences(self, places: list[Place]) -> None:
        """AUTOINCREMENT keeps its counter by itself (sqlite_sequence follows explicit values); nothing to move."""

    def without_transactions(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Tables whose engine has no transactions."""
        return set()

    def commit(self) -> None:
        """Make everything permanent; RefusedError where deferred constraints do not hold."""
        try:
            self._connection.commit()
        except self._error as e:
            raise self._open_reference() or self._refusal(e) from e

    def rollback(self) -> None:
        """Undo what can be undone."""
        try:
            self._connection.rollback()
        except self._error as e:
            if "no transaction is active" not in str(e):  # SQLite has undone it by itself, as it does on a full disk
                raise self._refusal(e) from e

    def close(self) -> None:
        """End the connection."""
        self._connection.close()
        self._database.close()

    def _changes(self) -> int:
        """Rows changed by this connection so far: the rows of a batch before the refused one."""
        return int(self.query("SELECT total_changes()")[0][0])

    def _has_triggers(self, place: Place) -> bool:
        name = text_literal(place.path[1].lower(), D)
        return bool(self.query(f"SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = {name}"))

    def _open_reference(self) -> RefusedError | None:
        """Which foreign key was still open at the commit, by SQLite's own check."""
        rows = self.query("PRAGMA foreign_key_check")
        if not rows:
            return None
        table, rowid, parent, _ = rows[0]
        return RefusedError(f"{len(rows)} rows without parent; the first: {table}, rowid {rowid}, parent {parent}")

    def _refusal(self, e: Any) -> RefusedError:
        message = str(e)
        if "database is locked" in message:
            mend = "End the other program that writes to it, and run again."
            raise WorldError("the database file is locked", where=self.address.masked, mend=mend) from e
        where, low = self.address.masked, message.lower()
        if "disk is full" in low or "disk i/o error" in low:
            mend = "Make room or choose another place, and run again; nothing was kept."
            raise StorageFullError("no room left on the disk, or it fails", where=where, mend=mend) from e
        if "readonly database" in low or "unable to open database" in low or "failed to open" in low:
            mend = "Choose a file in a folder that you may write to."
            raise TargetError("it may not be written", where=where, mend=mend) from e
        if "not a database" in low or "malformed" in low:
            mend = "Name another file, or remove it."
            raise TargetError("the file is damaged, or no SQLite database", where=where, mend=mend) from e
        found = FAILED.search(message)
        if found:
            return RefusedError(
                found["message"].strip(),
                constraint=found["name"].strip(),
                code=found["message"].split(" constraint")[0],
            )
        return RefusedError(PREFIX.sub("", message.split("\nquery", maxsplit=1)[0]).strip())


def sqlite_column(array: pa.Array) -> pa.Array:
    """A column as SQLite stores it: booleans 0 and 1, decimals as numbers, dates and times as ISO text (a fraction only
    where there is one), lists and structs as JSON text."""
    t = array.type
    if pa.types.is_dictionary(t):
        plain = pa.types.is_string(t.value_type)
        return array if plain and pa.types.is_int32(t.index_type) else sqlite_column(array.dictionary_decode())
    if pa.types.is_decimal(t):
        return array.cast(pa.int64()) if t.scale == 0 and t.precision <= 18 else nearest_floats(array)
    if pa.types.is_timestamp(t):
        return clock_text(array.cast(pa.timestamp("us")), pa.timestamp("s"))
    if pa.types.is_time(t):
        return clock_text(array, pa.time32("s"))
    if pa.types.is_date(t):
        return array.cast(pa.string())
    if pa.types.is_nested(t):
        return json_values(array)
    if pa.types.is_null(t):
        return array.cast(pa.string())
    if pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t):
        return array.cast(pa.binary())
    return array


def nearest_floats(array: pa.Array) -> pa.Array:
    """Decimals as the floats nearest to them (PyArrow's cast multiplies, and makes 23.990000000000002 of 23.99)."""
    t = array.type
    if not pa.types.is_decimal128(t) or t.precision > 15 or not 0 <= t.scale <= 22:
        return array.cast(pa.string()).cast(pa.float64())
    valid, data = array.buffers()
    whole = np.frombuffer(data, np.int64)[::2][array.offset : array.offset + len(array)]
    made = pa.Array.from_buffers(pa.float64(), len(array), [None, pa.py_buffer(whole / 10.0**t.scale)])
    return made if valid is None else pc.if_else(_valid_bits(valid, array), made, pa.scalar(None, pa.float64()))


def _valid_bits(valid: pa.Buffer, array: pa.Array) -> pa.Array:
    return pa.Array.from_buffers(pa.bool_(), len(array), [None, valid], offset=array.offset)


def clock_text(array: pa.Array, whole: pa.DataType) -> pa.Array:
    """Times as text, whole seconds without a fraction (what SQLite's own functions write)."""
    ticks = pc.fill_null(array.cast(pa.int64()), 0).to_numpy()
    fraction = ticks % 1_000_000 != 0
    if not fraction.any():
        return array.cast(whole).cast(pa.string())
    bare = pa.array(ticks - ticks % 1_000_000).cast(array.type).cast(whole).cast(pa.string())
    full = array.cast(pa.string())
    return full if fraction.all() else pc.if_else(pa.array(fraction | ~_valid(array)), full, bare)


def _valid(array: pa.Array) -> Any:
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
