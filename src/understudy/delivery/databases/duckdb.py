"""DuckDB: Arrow registered as a view, INSERT INTO … SELECT with casts to the column's own type, one transaction."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from understudy.delivery.databases.server import Place, RefusedError
from understudy.delivery.text.quoting import quote, quoted_list, text_literal
from understudy.errors import StorageFullError, TargetError, WorldError
from understudy.model.schema import ForeignKey
from understudy.ports.tryout import Growth
from understudy.storage.databases import Address, connect_duckdb
from understudy.types import Kind, Type

D = "duckdb"

WAITING, READY = "us_waiting", "us_ready"
"""Temporary tables: rows that wait for the rows of their own table that they refer to, and those whose turn it is."""

INTERRUPTED = "Query interrupted"
INCOMING = "us_incoming"
"""Name under which a batch is seen by SQL."""


class DuckDB:
    """One connection with its transaction open."""

    dialect = D
    keeps_ddl = False

    def __init__(self, address: Address) -> None:
        import duckdb

        self.address = address
        self._error = duckdb.Error
        self._connection = connect_duckdb(address)
        self.query("SET TimeZone = 'UTC'")
        self.query("BEGIN")

    def version(self) -> str:
        """Name and version of the server."""
        return f"DuckDB {self.query('SELECT version()')[0][0]}"

    def execute(self, sql: str) -> int:
        """Run a statement; rows it touched, or -1."""
        rows = self.query(sql)
        return int(rows[0][0]) if rows and len(rows[0]) == 1 and isinstance(rows[0][0], int) else -1

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query; all its rows."""
        try:
            result = self._connection.execute(sql)
            return list(result.fetchall()) if result.description else []
        except self._error as e:
            raise self._refusal(e) from e
        except RuntimeError as e:  # what DuckDB makes of an exception that a signal's handler raised meanwhile
            if str(e) == INTERRUPTED:
                raise KeyboardInterrupt from e
            raise

    def attempt(self, sql: str) -> RefusedError | None:
        """DuckDB has no savepoints: a statement that fails to bind leaves the transaction usable; where it does not,
        the next statement says so."""
        try:
            self.query(sql)
        except RefusedError as refusal:
            return refusal
        return None

    def existing(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these tables there are."""
        rows = self.query(
            "SELECT table_schema, table_name, table_schema = current_schema() FROM information_schema.tables "
            "WHERE table_catalog = current_database()"
        )
        held = {(str(s).lower(), str(t).lower()) for s, t, _ in rows}
        held |= {("", str(t).lower()) for _, t, current in rows if current}
        return {p for p in paths if (p[0].lower(), p[1].lower()) in held}

    def duplicate(self, refusal: RefusedError) -> bool:
        """Whether a DDL statement was refused because its object is there already."""
        return "already exists" in refusal.message

    def insert(self, place: Place, batch: pa.RecordBatch) -> None:
        """Insert rows, all of them or RefusedError."""
        names = tuple(c.name for c in place.columns)
        columns = [duckdb_column(c) for c in batch.columns]
        plain = pa.RecordBatch.from_arrays(columns, names=[f"c{i}" for i in range(len(names))])
        sources = ", ".join(_source(f"c{i}", c.type, plain.column(i).type) for i, c in enumerate(place.columns))
        self._connection.register(INCOMING, pa.Table.from_batches([plain]))
        into = f"INSERT INTO {place.quoted} ({quoted_list(names, D)}) SELECT {sources} FROM"
        referring = [k for k in place.entity.foreign_keys if k.enforced and k.target == place.entity.name]
        if referring and not place.staging:
            self._in_waves(into, " AND ".join(_present(place, k, names) for k in referring))
        else:
            self.query(f"{into} {INCOMING}")
        self._connection.unregister(INCOMING)  # after a refusal the transaction takes no statement, this neither

    def _in_waves(self, into: str, present: str) -> None:
        """Rows behind the rows they refer to: a statement sees none of its own rows as parents."""
        self.query(f"CREATE TEMP TABLE {WAITING} AS SELECT row_number() OVER () AS n, * FROM {INCOMING}")
        while self.query(f"SELECT count(*) FROM {WAITING}")[0][0]:
            self.query(f"CREATE TEMP TABLE {READY} AS SELECT n FROM {WAITING} AS w WHERE {present}")
            if not self.query(f"SELECT count(*) FROM {READY}")[0][0]:
                self.query(f"{into} {WAITING}")  # no order helps: the database says what is wrong
                self.query(f"DELETE FROM {WAITING}")
            self.query(f"{into} {WAITING} WHERE n IN (SELECT n FROM {READY}) ORDER BY n")
            self.query(f"DELETE FROM {WAITING} WHERE n IN (SELECT n FROM {READY})")
            self.query(f"DROP TABLE {READY}")
        self.query(f"DROP TABLE {WAITING}")

    def stage(self, name: str, place: Place, columns: tuple[str, ...]) -> str:
        """Make a temporary table with these columns of a table, no constraints; its quoted name."""
        self.query(
            f"CREATE TEMP TABLE {quote(name, D)} AS SELECT {quoted_list(columns, D)} FROM {place.quoted} LIMIT 0"
        )
        return f"temp.{quote(name, D)}"

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
        """DuckDB has no triggers that could have made the rows."""
        raise RefusedError("DuckDB has no triggers; there is nothing to merge with")

    def stage_numbered(self, name: str, place: Place, number: str, columns: tuple[str, ...]) -> str:
        """As :meth:`stage`, with a whole-number column before the others."""
        self.query(
            f"CREATE TEMP TABLE {quote(name, D)} AS SELECT 0::BIGINT AS {quote(number, D)}, "
            f"{quoted_list(columns, D)} FROM {place.quoted} LIMIT 0"
        )
        return f"temp.{quote(name, D)}"

    def growth(self, places: dict[str, Place]) -> dict[str, Growth]:
        """Nothing grows by itself here."""
        return {}

    def sequences(self) -> Any:
        """Where the sequences stand."""
        rows = self.query("SELECT schema_name || '.' || sequence_name, last_value FROM duckdb_sequences()")
        return {str(n): v for n, v in rows}

    def moved_sequences(self, before: Any) -> Any:
        """None: whether a rollback brings them back shows behind it only."""
        return before

    def restore_sequences(self, moved: Any) -> tuple[str, ...]:
        """DuckDB cannot set a sequence; those that still stand elsewhere are told."""
        now = self.sequences()
        left = sorted(n for n, v in moved.items() if now.get(n) != v)
        return (
            (f"sequences that the rehearsal moved stay there, for DuckDB sets none: {', '.join(left)}",) if left else ()
        )

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
        raise RefusedError("DuckDB has no deferred constraints")

    def enforce(self) -> None:
        """Check now what was deferred; RefusedError where it does not hold."""
        raise RefusedError("DuckDB has no deferred constraints")

    def checks(self, on: bool) -> None:
        """Foreign key checks of the session on or off."""
        raise RefusedError("DuckDB's foreign keys cannot be switched off")

    def insert_together(self, pairs: list[tuple[Place, str]]) -> None:
        """Insert staged rows into several tables by one statement."""
        raise RefusedError("DuckDB has no statement that inserts into several tables")

    def empty(self, groups: list[list[Place]]) -> None:
        """The tables are dropped and made again from their own text, indexes too: this database's foreign key index
        remembers deleted children until the commit, so that parents cannot be deleted beside them. All of it is
        undone by a rollback."""
        places = [p for group in groups for p in group]
        making: list[str] = []
        for place in places:
            where = self._where(place)
            tables = self.query(f"SELECT sql FROM duckdb_tables() WHERE {where}")
            indexes = self.query(f"SELECT sql FROM duckdb_indexes() WHERE {where} AND sql IS NOT NULL")
            making = [str(tables[0][0]), *(str(sql) for (sql,) in indexes), *making]
            self.query(f"DROP TABLE {place.quoted}")
        for sql in making:
            self.query(sql)

    def _where(self, place: Place) -> str:
        space = text_literal(place.path[0], D) if place.path[0] else "current_schema()"
        name = text_literal(place.path[1].lower(), D)
        return f"database_name = current_database() AND schema_name = {space} AND lower(table_name) = {name}"

    def fingerprint(self, paths: list[tuple[str, str]]) -> list[str]:
        """Lines that describe all that can reject a row of these tables."""
        names = ", ".join(text_literal(t.lower(), D) for _, t in paths)
        rows = self.query(
            "SELECT 'constraint', schema_name, table_name, constraint_type, constraint_text FROM duckdb_constraints() "
            f"WHERE lower(table_name) IN ({names}) UNION ALL "
            "SELECT 'index', schema_name, table_name, index_name, coalesce(sql, '') FROM duckdb_indexes() "
            f"WHERE lower(table_name) IN ({names}) UNION ALL "
            "SELECT 'column', schema_name, table_name, column_name, data_type FROM duckdb_columns() "
            f"WHERE lower(table_name) IN ({names}) ORDER BY ALL"
        )
        return [" ".join(str(x) for x in row) for row in rows]

    def continue_sequences(self, places: list[Place]) -> None:
        """A sequence behind a default is moved by asking it: DuckDB has no setval. Done by :func:`_advance`."""
        for place in places:
            for name, default in self._sequence_defaults(place):
                self._advance(place, name, default)

    def without_transactions(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Tables whose engine has no transactions."""
        return set()

    def commit(self) -> None:
        """Make everything permanent; RefusedError where deferred constraints do not hold."""
        self.query("COMMIT")
        self.query("BEGIN")

    def rollback(self) -> None:
        """Undo what can be undone."""
        try:
            self._connection.rollback()
        except self._error as e:
            if "no transaction is active" not in str(e):  # DuckDB has undone it by itself, as it does on a full disk
                raise self._refusal(e) from e

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _sequence_defaults(self, place: Place) -> list[tuple[str, str]]:
        space = f"AND schema_name = {text_literal(place.path[0], D)}" if place.path[0] else ""
        rows = self.query(
            "SELECT column_name, column_default FROM duckdb_columns() WHERE column_default LIKE 'nextval%' "
            f"AND lower(table_name) = {text_literal(place.path[1].lower(), D)} {space}"
        )
        loaded = {c.name for c in place.columns}
        found = [(str(n), re.search(r"'((?:[^']|'')*)'", str(d))) for n, d in rows]
        return [(n, m[1].replace("''", "'")) for n, m in found if m and n in loaded]

    def _advance(self, place: Place, column: str, sequence: str) -> None:
        """Ask the sequence for values until it stands at the column's greatest (one statement, inside the server)."""
        most = self.query(f"SELECT max({quote(column, D)}) FROM {place.quoted}")[0][0]
        if most is None:
            return
        name = text_literal(sequence, D)
        row = self.query(
            "SELECT last_value, start_value, increment_by FROM duckdb_sequences() "
            f"WHERE sequence_name = {text_literal(sequence.rsplit('.', 1)[-1].strip(chr(34)), D)}"
        )
        if not row or row[0][2] < 1:
            return
        last = row[0][0] if row[0][0] is not None else row[0][1] - row[0][2]
        steps = -(-(int(most) - int(last)) // int(row[0][2]))
        if steps > 0:
            self.query(f"SELECT count(v) FROM (SELECT nextval({name}) AS v FROM range({steps}))")

    def _refusal(self, e: Any) -> RefusedError:
        message = " ".join(str(e).split())
        if "Could not set lock" in message or "Conflicting lock" in message:
            mend = "End the other program that uses it, and run again."
            raise WorldError("the database file is locked", where=self.address.masked, mend=mend) from e
        if any(words in message for words in ("No space left", "File too large", "Could not write file", "Disk quota")):
            mend = "Make room or choose another place, and run again; nothing was kept."
            raise StorageFullError("no room left on the disk", where=self.address.masked, mend=mend) from e
        if "read-only" in message:
            mend = "Choose a file that you may write to."
            raise TargetError("it may not be written", where=self.address.masked, mend=mend) from e
        return RefusedError(message)


def _present(place: Place, key: ForeignKey, names: tuple[str, ...]) -> str:
    """Whether a waiting row's parent in its own table is there, or it has none."""
    mine = [f"w.c{names.index(c)}" if c in names else "NULL" for c in key.columns]
    empty = " OR ".join(f"{m} IS NULL" for m in mine)
    same = " AND ".join(f"p.{quote(t, D)} = {m}" for t, m in zip(key.target_columns, mine, strict=True))
    return f"({empty} OR EXISTS (SELECT 1 FROM {place.quoted} AS p WHERE {same}))"


def duckdb_column(array: pa.Array) -> pa.Array:
    """A column as DuckDB reads Arrow: decimals of at most 38 digits, all else as it is."""
    t = array.type
    if pa.types.is_decimal256(t):
        return array.cast(pa.decimal128(38, min(t.scale, 38)))
    if pa.types.is_dictionary(t) and not pa.types.is_string(t.value_type):
        return array.dictionary_decode()
    if pa.types.is_dictionary(t) and len(array.dictionary) == 0:
        return pc.cast(array.dictionary_decode(), t.value_type)
    return array


def _source(name: str, kind: Type, t: pa.DataType) -> str:
    """The value as the column takes it: text in the database's own form is cast by INSERT; spatial text is parsed,
    a union's text is its first member's."""
    if kind.kind is Kind.SPATIAL and pa.types.is_string(t):
        return f"ST_GeomFromText({name})"
    if kind.kind is Kind.UNION and kind.fields and kind.fields[0][1].raw:
        member, of = kind.fields[0]
        return f"CASE WHEN {name} IS NOT NULL THEN union_value({quote(member, D)} := CAST({name} AS {of.raw})) END"
    return name
