"""MySQL and MariaDB: LOAD DATA LOCAL INFILE out of memory where the server takes it, else multi-row INSERT; strict.

LOAD DATA LOCAL turns errors into warnings. A batch with any warning or missing row is rolled back to its savepoint
and sent again as INSERT statements, whose errors are errors: they decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.delivery.databases.mysql_feed import FeedingConnection, feed
from understudy.delivery.databases.server import Place, RefusedError
from understudy.delivery.text import columns as text
from understudy.delivery.text.json import json_values
from understudy.delivery.text.quoting import quote, quoted_list, text_literal
from understudy.delivery.text.sql import sql_literals
from understudy.errors import StorageFullError, TargetError, WorldError
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity
from understudy.ports.tryout import Growth
from understudy.storage.databases import Address, connect_mysql
from understudy.types import Kind

STRICT = (
    "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,"
    "NO_AUTO_VALUE_ON_ZERO"
)
"""Every table strict, also those without transactions; a given 0 is a value, not a wish for the next number."""

ROWS_PER_INSERT = 500

INSERT_BYTES = 1 << 20
"""Stays below the smallest max_allowed_packet that servers are delivered with (16 MB; 1 MB long ago)."""

GONE = frozenset({2006, 2013, 2055, 4031})
LOCKED = frozenset({1205, 1213})
FULL = frozenset({1021, 1114})
FORBIDDEN = frozenset({1044, 1142, 1143, 1227, 1290, 1792, 1836})
"""Error codes of a missing right, and of a server or session that takes no writing."""

EXISTS = frozenset({1050, 1061, 1022, 1826, 1304, 1359, 1007})

D = "mysql"


LOCK_WAIT_S = 20
"""How long another session's lock is waited for."""

HOLDERS = (
    "SELECT p.id, p.user, timestampdiff(SECOND, t.trx_started, now()), t.trx_query "
    "FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id "
    "WHERE p.id <> connection_id() ORDER BY t.trx_started LIMIT 3"
)

NO_SAVEPOINT = 1178
"""ER_CHECK_NOT_IMPLEMENTED: the engine of a table that the transaction has touched (Aria) knows no savepoints."""


class MySQL:
    """One connection; DDL commits by itself, so what was made is dropped by the sink on abort."""

    dialect = D
    keeps_ddl = True

    def __init__(self, address: Address) -> None:
        import pymysql

        self.address = address
        self._error = pymysql.err.Error
        self._connection = connect_mysql(address, connection_class=FeedingConnection, local_infile=True)
        self._cursor = self._connection.cursor()
        self.query(f"SET SESSION sql_mode = '{STRICT}'")
        self.query("SET SESSION group_concat_max_len = 1048576")
        self.query(f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_S}, SESSION lock_wait_timeout = {LOCK_WAIT_S}")
        self._fast = bool(self.query("SELECT @@local_infile")[0][0])
        self._plain: set[tuple[str, str]] = set()
        self._maria = "mariadb" in str(self.query("SELECT version()")[0][0]).lower()
        self.begin()

    def begin(self) -> None:
        """Open the transaction."""
        self._savepoints = True
        self.query("START TRANSACTION")

    def version(self) -> str:
        """Name and version of the server."""
        return f"{'MariaDB' if self._maria else 'MySQL'} {self.query('SELECT version()')[0][0]}"

    def execute(self, sql: str) -> int:
        """Run a statement; rows it touched, or -1."""
        try:
            return int(self._cursor.execute(sql))
        except self._error as e:
            raise self._refusal(e) from e

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query; all its rows."""
        self.execute(sql)
        return list(self._cursor.fetchall())

    def attempt(self, sql: str) -> RefusedError | None:
        """A failed DDL statement undoes itself; there is nothing else to keep."""
        try:
            self.execute(sql)
        except RefusedError as refusal:
            return refusal
        return None

    def existing(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these tables there are."""
        rows = self.query("SELECT table_schema, table_name, table_schema = database() FROM information_schema.tables")
        held = {(str(s), str(t)) for s, t, _ in rows} | {("", str(t)) for _, t, current in rows if current}
        folded = int(self.query("SELECT @@lower_case_table_names")[0][0]) != 0
        if not folded:
            return {p for p in paths if p in held}
        low = {(s.lower(), t.lower()) for s, t in held}
        return {p for p in paths if (p[0].lower(), p[1].lower()) in low}

    def duplicate(self, refusal: RefusedError) -> bool:
        """Whether a DDL statement was refused because its object is there already."""
        return _code(refusal.__cause__) in EXISTS

    def insert(self, place: Place, batch: pa.RecordBatch) -> None:
        """Insert rows, all of them or RefusedError."""
        if self._fast and place.columns and place.path not in self._plain and self._savepoint("us_batch"):
            if self._load_data(place, batch):
                return
            self.execute("ROLLBACK TO SAVEPOINT us_batch")
        self._insert_rows(place, batch)

    def stage(self, name: str, place: Place, columns: tuple[str, ...]) -> str:
        """Make a temporary table with these columns of a table, no constraints; its quoted name."""
        self.execute(
            f"CREATE TEMPORARY TABLE {quote(name, D)} AS SELECT {quoted_list(columns, D)} FROM {place.quoted} LIMIT 0"
        )
        return quote(name, D)

    def afresh(self) -> None:
        """A table of an engine without transactions that was read forbids savepoints until the transaction ends."""
        self._connection.rollback()
        self.begin()

    def crowded(self, paths: list[tuple[str, str]]) -> tuple[int, int] | None:
        """Its locks have no such bound."""
        return None

    def release(self) -> None:
        """Reading holds no locks that run out."""

    def ready(self, place: Place) -> None:
        """Nothing is needed beside a table."""

    def merge(self, place: Place, batch: pa.RecordBatch, key: tuple[str, ...]) -> None:
        """Insert rows; where one with the same ``key`` is there, set its other columns."""
        columns = tuple(c.name for c in place.columns)
        staged = self.stage("us_merge", place, columns)
        self.insert(Place(place.name, ("", staged), staged, place.columns, place.entity, staging=True), batch)
        names = quoted_list(columns, D)
        settled = [c for c in columns if c not in key] or [key[0]]
        sets = ", ".join(f"{quote(c, D)} = VALUES({quote(c, D)})" for c in settled)
        self.execute(
            f"INSERT INTO {place.quoted} ({names}) SELECT {names} FROM {staged} ON DUPLICATE KEY UPDATE {sets}"
        )
        self.unstage(staged)

    def stage_numbered(self, name: str, place: Place, number: str, columns: tuple[str, ...]) -> str:
        """As :meth:`stage`, with a whole-number column before the others."""
        self.execute(
            f"CREATE TEMPORARY TABLE {quote(name, D)} AS SELECT CAST(0 AS SIGNED) AS {quote(number, D)}, "
            f"{quoted_list(columns, D)} FROM {place.quoted} LIMIT 0"
        )
        return quote(name, D)

    def growth(self, places: dict[str, Place]) -> dict[str, Growth]:
        """Rows that the tables hold, counted."""
        return {n: Growth(int(self.query(f"SELECT count(*) FROM {p.quoted}")[0][0])) for n, p in places.items()}

    def sequences(self) -> Any:
        """The next numbers of AUTO_INCREMENT columns."""
        rows = self.query(
            "SELECT table_name, auto_increment FROM information_schema.tables "
            "WHERE table_schema = database() AND auto_increment IS NOT NULL"
        )
        return {str(t): int(v) for t, v in rows}

    def moved_sequences(self, before: Any) -> Any:
        """Tables whose next number is another one now, and what it was."""
        now = self.sequences()
        return {t: v for t, v in before.items() if now.get(t, v) != v}

    def restore_sequences(self, moved: Any) -> tuple[str, ...]:
        """InnoDB sets a counter back where no row stands in the way; the definition of the table is locked for a
        moment, so others' locks are not waited for."""
        self.execute("SET SESSION lock_wait_timeout = 1")
        left = []
        for table, value in sorted(moved.items()):
            try:
                refusal = self.attempt(f"ALTER TABLE {quote(table, D)} AUTO_INCREMENT = {value}")
            except (TargetError, WorldError):
                refusal = RefusedError("not permitted")
            left += [table] if refusal is not None else []
        return (f"AUTO_INCREMENT counters that the rehearsal moved stay there: {', '.join(left)}",) if left else ()

    def unstage(self, quoted: str) -> None:
        """Drop a temporary table."""
        self.execute(f"DROP TEMPORARY TABLE {quoted}")

    def update_from(self, place: Place, staged: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> int:
        """Set ``columns`` of a table from the staged rows with equal ``keys``; rows matched."""
        sets = ", ".join(f"t.{quote(c, D)} = s.{quote(c, D)}" for c in columns)
        same = " AND ".join(f"t.{quote(k, D)} = s.{quote(k, D)}" for k in keys)
        found = int(self.query(f"SELECT count(*) FROM {place.quoted} t JOIN {staged} s ON {same}")[0][0])
        self.execute(f"UPDATE {place.quoted} t JOIN {staged} s ON {same} SET {sets}")
        return found

    def defer(self) -> None:
        """Check foreign keys at the end of the transaction, as far as the structure lets it."""
        raise RefusedError("MySQL and MariaDB have no deferred constraints")

    def enforce(self) -> None:
        """Check now what was deferred; RefusedError where it does not hold."""
        raise RefusedError("MySQL and MariaDB have no deferred constraints")

    def checks(self, on: bool) -> None:
        """Foreign key checks of the session on or off."""
        self.execute(f"SET SESSION foreign_key_checks = {int(on)}")

    def insert_together(self, pairs: list[tuple[Place, str]]) -> None:
        """Insert staged rows into several tables by one statement."""
        raise RefusedError("MySQL and MariaDB have no statement that inserts into several tables")

    def empty(self, groups: list[list[Place]]) -> None:
        """A table by a plain DELETE; a cycle, or rows that refer to their own table, with the checks off after it was
        counted that no other table refers to them."""
        for places in groups:
            self._empty(places)

    def _empty(self, places: list[Place]) -> None:
        if len(places) == 1 and not _self_references(places[0].entity):
            self.execute(f"DELETE FROM {places[0].quoted}")
            return
        self._unreferenced(places)
        self.checks(False)
        try:
            for place in places:
                self.execute(f"DELETE FROM {place.quoted}")
        finally:
            self.checks(True)

    def fingerprint(self, paths: list[tuple[str, str]]) -> list[str]:
        """Lines that describe all that can reject a row of these tables."""
        lines = []
        for space, table in paths:
            where = f"{text_literal(space, D)}" if space else "database()"
            created = self.query(f"SHOW CREATE TABLE {f'{quote(space, D)}.' if space else ''}{quote(table, D)}")
            body = str(created[0][1])
            lines.append(_without_counter(body))
            lines += [
                " ".join(str(x) for x in row)
                for row in self.query(
                    "SELECT trigger_name, action_timing, event_manipulation, action_statement "
                    f"FROM information_schema.triggers WHERE event_object_schema = {where} "
                    f"AND event_object_table = {text_literal(table, D)} ORDER BY 1"
                )
            ]
        checks = (
            "foreign_key_checks",
            "unique_checks",
            "check_constraint_checks" if self._maria else "foreign_key_checks",
        )
        return [*lines, *(f"{c} {self.query(f'SELECT @@{c}')[0][0]}" for c in checks)]

    def continue_sequences(self, places: list[Place]) -> None:
        """AUTO_INCREMENT follows explicit values by itself (InnoDB, Aria, MyISAM); nothing to move."""

    def without_transactions(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Tables whose engine has no transactions."""
        rows = self.query(
            "SELECT t.table_schema, t.table_name, t.table_schema = database() FROM information_schema.tables t "
            "JOIN information_schema.engines e ON e.engine = t.engine WHERE e.transactions = 'NO' "
            "AND t.table_type = 'BASE TABLE'"
        )
        held = {(str(s), str(t)) for s, t, _ in rows} | {("", str(t)) for _, t, current in rows if current}
        found = {p for p in paths if p in held}
        self._plain |= found
        return found

    def commit(self) -> None:
        """Make everything permanent; RefusedError where deferred constraints do not hold."""
        self.execute("COMMIT")
        self.begin()

    def rollback(self) -> None:
        """Undo what can be undone."""
        if self._connection.open:
            self._connection.rollback()

    def close(self) -> None:
        """End the connection."""
        if self._connection.open:
            self._connection.close()

    def _load_data(self, place: Place, batch: pa.RecordBatch) -> bool:
        """Whether every row went in without a warning."""
        targets, sets = [], []
        for i, column in enumerate(place.columns):
            name = quote(column.name, D)
            expression = _conversion(column, batch.column(i).type, f"@us_{i}")
            targets.append(f"@us_{i}" if expression else name)
            sets += [f"{name} = {expression}"] if expression else []
        statement = (
            f"LOAD DATA LOCAL INFILE 'understudy' INTO TABLE {place.quoted} CHARACTER SET utf8mb4 "
            "FIELDS TERMINATED BY ',' ENCLOSED BY '\"' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' "
            f"({', '.join(targets)})" + (f" SET {', '.join(sets)}" if sets else "")
        )
        try:
            with feed(self._connection, csv_chunks(batch, place.columns)):
                rows = self._cursor.execute(statement)
        except self._error as e:
            if _code(e) in GONE | LOCKED:
                raise self._refusal(e) from e
            return False
        return int(rows) == batch.num_rows and int(self._connection._result.warning_count) == 0

    def _insert_rows(self, place: Place, batch: pa.RecordBatch) -> None:
        names = quoted_list(tuple(c.name for c in place.columns), D)
        pieces: list[pa.Array | str] = ["("]
        for i, column in enumerate(place.columns):
            literal = sql_literals(batch.column(i), column, D)
            pieces += [", "] if i else []
            pieces.append(pc.fill_null(literal, "NULL") if literal.null_count else literal)
        rows = text.joined_rows([*pieces, ")"], batch.num_rows)
        start = 0
        for stop in _cuts(rows):
            body = pc.binary_join(
                pa.ListArray.from_arrays(pa.array([0, stop - start], pa.int32()), rows[start:stop]), ","
            )
            self._insert_text(
                place, f"INSERT INTO {place.quoted} ({names}) VALUES ", body[0].as_py(), rows, start, stop
            )
            start = stop

    def _savepoint(self, name: str) -> bool:
        """Set a savepoint; False where a table of an engine without them has been touched in this transaction."""
        refusal = self.attempt(f"SAVEPOINT {name}") if self._savepoints else None
        if refusal is not None and _code(refusal.__cause__) != NO_SAVEPOINT:
            raise refusal
        self._savepoints = self._savepoints and refusal is None
        return self._savepoints

    def _insert_text(self, place: Place, head: str, body: str, rows: pa.Array, start: int, stop: int) -> None:
        guarded = place.path not in self._plain and self._savepoint("us_rows")
        try:
            self.execute(head + body)
        except RefusedError as refusal:
            refusal.row = None if not guarded else self._culprit(head, rows, start, stop)
            raise
        if self._connection._result.warning_count:
            told = [w for w in self.query("SHOW WARNINGS") if w[0] != "Note"]
            if told:
                raise RefusedError(f"{told[0][2]} (warning {told[0][1]})")

    def _culprit(self, head: str, rows: pa.Array, start: int, stop: int) -> int | None:
        """The first refused row among start..stop, by halving: each prefix is tried and rolled back."""
        low, high = start, stop
        while high - low > 1:
            middle = (low + high) // 2
            tried = pc.binary_join(
                pa.ListArray.from_arrays(pa.array([0, middle - start], pa.int32()), rows[start:middle]), ","
            )
            self.execute("ROLLBACK TO SAVEPOINT us_rows")
            if self.attempt(head + tried[0].as_py()) is None:
                low = middle
            else:
                high = middle
        return low

    def _unreferenced(self, places: list[Place]) -> None:
        """RefusedError where a table outside these holds rows that refer to them."""
        inside = {p.path[1] for p in places}
        for place in places:
            space = text_literal(place.path[0], D) if place.path[0] else "database()"
            keys = self.query(
                "SELECT table_schema, table_name, group_concat(column_name ORDER BY ordinal_position SEPARATOR '\\0') "
                f"FROM information_schema.key_column_usage WHERE referenced_table_schema = {space} "
                f"AND referenced_table_name = {text_literal(place.path[1], D)} "
                "GROUP BY constraint_schema, constraint_name, table_schema, table_name"
            )
            for schema, table, columns in keys:
                if table in inside:
                    continue
                given = " AND ".join(f"{quote(c, D)} IS NOT NULL" for c in str(columns).split("\0"))
                sql = f"SELECT count(*) FROM {quote(schema, D)}.{quote(table, D)} WHERE {given}"
                rows = self.query(sql)[0][0]
                if rows:
                    raise RefusedError(
                        f"{table} holds {rows} rows that refer to {place.name}; it is not among the tables to load"
                    )

    def _holders(self) -> str:
        """Other open transactions, the oldest first."""
        try:
            self._cursor.execute(HOLDERS)
            rows = self._cursor.fetchall()
        except self._error:  # without the PROCESS right nobody sees them
            return ""
        told = "; ".join(
            f"connection {i} ({user}, open for {seconds} s{': ' + ' '.join(query.split())[:80] if query else ''})"
            for i, user, seconds, query in rows
        )
        return f"; open transactions: {told}" if told else ""

    def _refusal(self, e: Any) -> RefusedError:
        code, message = _code(e), str(e.args[-1] if e.args else e)
        if code in GONE:
            mend = "Run it again; an open transaction was undone by the server."
            raise WorldError("the server ended the connection", where=self.address.masked, mend=mend) from e
        if code in LOCKED:
            mend = "Wait for the other session, or end it (KILL CONNECTION)."
            raise WorldError(
                f"a lock was not granted: {message}{self._holders()}", where=self.address.masked, mend=mend
            ) from e
        if code in FULL:
            mend = "Make room on the server, and run again."
            raise StorageFullError("the server has no room left", where=self.address.masked, mend=mend) from e
        if code in FORBIDDEN:
            mend = "Use a server that takes writing and a user who may: CREATE, INSERT, UPDATE and DELETE."
            raise TargetError(f"the server forbids it: {message}", where=self.address.masked, mend=mend) from e
        return RefusedError(f"{message} (error {code})", code=str(code), constraint=_constraint(message))


def csv_chunks(batch: pa.RecordBatch, columns: tuple[PlannedColumn, ...]) -> Iterator[bytes]:
    """Rows for LOAD DATA: text quoted, backslashes doubled, null as ``\\\\N``."""
    from pyarrow import csv

    arrays = [load_column(a, c) for a, c in zip(batch.columns, columns, strict=True)]
    flat = pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
    out = pa.BufferOutputStream()
    csv.write_csv(flat, out, csv.WriteOptions(include_header=False, batch_size=16384))
    data = memoryview(out.getvalue())
    for start in range(0, len(data), INSERT_BYTES):
        yield bytes(data[start : start + INSERT_BYTES])


def load_column(array: pa.Array, column: PlannedColumn) -> pa.Array:
    """A column as the CSV writer takes it for LOAD DATA."""
    t = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    written = text.by_entry(array, _loadable) if _needs_text(t) else array
    if pa.types.is_null(t):
        return text.text_array("\\N", len(array))
    if written.null_count == 0:
        return written
    return pc.fill_null(text.plain(written), "\\N")


def _needs_text(t: pa.DataType) -> bool:
    return not (pa.types.is_integer(t) or pa.types.is_decimal(t) or pa.types.is_floating(t) or pa.types.is_date(t))


def _loadable(array: pa.Array) -> pa.Array:
    t = array.type
    if pa.types.is_boolean(t):
        return array.cast(pa.int8())
    if pa.types.is_timestamp(t):
        return text.iso_text(array)
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t):
        return text.hex_text(array)
    if pa.types.is_nested(t):
        array = json_values(array)
    return text.escaped(array.cast(pa.string()), {92: "\\\\"})


def _conversion(column: PlannedColumn, t: pa.DataType, variable: str) -> str:
    """The expression that turns a loaded text into the column's value; '' where the server does it by itself."""
    t = t.value_type if pa.types.is_dictionary(t) else t
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_fixed_size_binary(t):
        return f"UNHEX({variable})"
    if not pa.types.is_string(t):
        return ""
    if column.type.kind is Kind.BITS:
        return f"CAST(CONV({variable}, 2, 10) AS UNSIGNED)"
    if column.type.kind is Kind.SPATIAL:
        return f"ST_GeomFromText({variable}, {column.type.srid})"
    return ""


def _cuts(rows: pa.Array) -> list[int]:
    """Ends of statements of at most 500 rows and about a megabyte."""
    ends = np.cumsum(pc.binary_length(rows).to_numpy(zero_copy_only=False) + 1)
    cuts, start = [], 0
    while start < len(rows):
        base = ends[start - 1] if start else 0
        stop = int(np.searchsorted(ends, base + INSERT_BYTES, side="right"))
        stop = min(max(stop, start + 1), start + ROWS_PER_INSERT, len(rows))
        cuts.append(stop)
        start = stop
    return cuts


def _self_references(entity: Entity) -> bool:
    return any(k.target == entity.name for k in entity.foreign_keys)


def _without_counter(text_of_table: str) -> str:
    """The table's text without AUTO_INCREMENT's next value and the row count, which loading moves."""
    return re.sub(r" AUTO_INCREMENT=\d+", "", text_of_table)


NAMED = re.compile(r"CONSTRAINT [`'](?P<a>[^`']+)[`']|for key '(?P<b>[^']+)'")


def _constraint(message: str) -> str:
    """The constraint or key that the server's words name, or ''."""
    found = NAMED.search(message)
    return (found["a"] or found["b"] or "").rsplit(".", 1)[-1] if found else ""


def _code(e: BaseException | None) -> int:
    return e.args[0] if e is not None and e.args and isinstance(e.args[0], int) else 0
