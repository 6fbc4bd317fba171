"""PostgreSQL: Arrow → CSV bytes → COPY, every constraint and trigger on, one transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from understudy.delivery.databases.sequences import counted_fields, setval
from understudy.delivery.databases.server import Place, RefusedError
from understudy.delivery.text.postgresql import pg_column, separator
from understudy.delivery.text.quoting import quote, quoted_list, text_literal
from understudy.errors import StorageFullError, TargetError, WorldError
from understudy.model.schema import Identity
from understudy.ports.tryout import Growth
from understudy.storage.databases import Address, connect_postgresql
from understudy.storage.locks import HOLDERS, held_by
from understudy.types import Kind

CHUNK_ROWS = 16384
"""Rows turned into CSV at once; psycopg sends a chunk while the server parses the one before."""

DUPLICATES = frozenset({"42P07", "42710", "42723", "42P06", "42701", "42712"})
"""SQLSTATEs that say: it is there already."""

DISK_FULL = "53100"
NO_LOCKS = "53200"
"""Out of shared memory: what is shared and runs out is the table of locks."""

FORBIDDEN = frozenset({"25006", "42501"})
"""SQLSTATEs of a server that takes no writing, and of a missing right."""

GRANT = "Use a server that takes writing and a user who may: CREATE on the schema, INSERT on the tables."

POLICY = "row-level security policy"
"""What a row that a policy refuses has in its message, unlike a right that lacks; both have one SQLSTATE."""

COPY_LINE = re.compile(r"COPY .*, line (\d+)")

MORE_LOCKS = (
    "Load with --resume, which commits table by table, or raise max_locks_per_transaction (every table, index and "
    "partition touched takes one lock until the transaction ends)."
)

D = "postgresql"

LOCK_WAIT_S = 20
"""How long another session's lock is waited for, where the user's own settings name no time."""

UNSET = "current_setting('lock_timeout') = '0'"


class PostgreSQL:
    """One connection; a transaction is open from the first statement on."""

    dialect = D
    keeps_ddl = False

    def __init__(self, address: Address) -> None:
        import psycopg

        self.address = address
        self._error = psycopg.Error
        self._lost = (psycopg.OperationalError, psycopg.InterfaceError)
        self._connection = connect_postgresql(address)
        self._cursor = self._connection.cursor()
        self._detours: dict[str, str] = {}
        self._merges = 0
        self._numbers: dict[str, str | None] = {}
        self._tables: dict[str, str] = {}
        self.execute(f"SELECT set_config('lock_timeout', '{LOCK_WAIT_S}s', false) WHERE {UNSET}")

    def version(self) -> str:
        """Name and version of the server."""
        return f"PostgreSQL {self.query('SHOW server_version')[0][0]}"

    def execute(self, sql: str) -> int:
        """Run a statement; rows it touched, or -1."""
        try:
            self._cursor.execute(sql.encode())
        except self._error as e:
            raise self._refusal(e) from e
        return int(self._cursor.rowcount)

    def query(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run a query; all its rows."""
        try:
            self._cursor.execute(sql.encode(), values or None)
        except self._error as e:
            raise self._refusal(e) from e
        return list(self._cursor.fetchall())

    def attempt(self, sql: str) -> RefusedError | None:
        """Run a statement so that its failure leaves the transaction usable."""
        self.execute("SAVEPOINT us_attempt")
        try:
            self.execute(sql)
        except RefusedError as refusal:
            self.execute("ROLLBACK TO SAVEPOINT us_attempt")
            return refusal
        self.execute("RELEASE SAVEPOINT us_attempt")
        return None

    def existing(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these tables there are."""
        values = ", ".join(f"({text_literal(s, D)}, {text_literal(t, D)})" for s, t in paths)
        rows = self.query(
            f"SELECT v.s, v.t FROM (VALUES {values}) v(s, t) JOIN pg_class c ON c.relname = v.t "
            "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = coalesce(nullif(v.s, ''), current_schema()) "
            "WHERE c.relkind IN ('r', 'p', 'v', 'f')"
        )
        return {(str(s), str(t)) for s, t in rows}

    def duplicate(self, refusal: RefusedError) -> bool:
        """Whether a DDL statement was refused because its object is there already."""
        return getattr(refusal.__cause__, "sqlstate", None) in DUPLICATES

    def insert(self, place: Place, batch: pa.RecordBatch) -> None:
        """Insert rows, all of them or RefusedError."""
        detour = "" if place.staging else self._detour(place)
        if not detour:
            self._copy(place, batch)
            return
        names = quoted_list(tuple(c.name for c in place.columns), D)
        self._copy(Place(place.name, ("", detour), detour, place.columns, place.entity, staging=True), batch)
        self.execute(f"INSERT INTO {place.quoted} ({names}){overriding(place)} SELECT {names} FROM {detour}")
        self.execute(f"TRUNCATE {detour}")

    def _copy(self, place: Place, batch: pa.RecordBatch) -> None:
        names = quoted_list(tuple(c.name for c in place.columns), D)
        between = {c.name: separator(c.type) for c in place.columns if c.type.kind is Kind.ARRAY}
        try:
            with self._cursor.copy(f"COPY {place.quoted} ({names}) FROM STDIN (FORMAT csv)".encode()) as copy:
                for start in range(0, batch.num_rows, CHUNK_ROWS):
                    copy.write(csv_chunk(batch.slice(start, CHUNK_ROWS), between))
        except self._error as e:
            raise self._refusal(e) from e

    def afresh(self) -> None:
        """Nothing forbids savepoints."""

    def crowded(self, paths: list[tuple[str, str]]) -> tuple[int, int] | None:
        """Every table, index and partition that is touched takes a lock of its own until the transaction ends; the
        server has room for a number that its settings name."""
        room = int(self.query(LOCK_ROOM)[0][0])
        values = ", ".join(f"({text_literal(s, D)}, {text_literal(t, D)})" for s, t in paths)
        needed = int(self.query(LOCKS.replace("$PATHS", values))[0][0]) if paths else 0
        return (needed, room) if needed > SPARE * room else None

    def release(self) -> None:
        """End the transaction in which nothing was written."""
        self._connection.commit()

    def ready(self, place: Place) -> None:
        """A staging table must not vanish with a savepoint."""
        self._detour(place)

    def merge(self, place: Place, batch: pa.RecordBatch, key: tuple[str, ...]) -> None:
        """Insert rows; where one with the same ``key`` is there, set its other columns."""
        columns = tuple(c.name for c in place.columns)
        staged = self.stage(f"us_merge_{self._merges}", place, columns)
        self._merges += 1
        self._copy(Place(place.name, ("", staged), staged, place.columns, place.entity, staging=True), batch)
        names = quoted_list(columns, D)
        sets = ", ".join(f"{quote(c, D)} = EXCLUDED.{quote(c, D)}" for c in columns if c not in key)
        self.execute(
            f"INSERT INTO {place.quoted} ({names}){overriding(place)} SELECT {names} FROM {staged} "
            f"ON CONFLICT ({quoted_list(key, D)}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}"
        )
        self.unstage(staged)

    def _detour(self, place: Place) -> str:
        """'' where COPY reaches the table; a staging table to go through where it does not: row security that is active
        for this user, views with INSTEAD OF triggers, tables with rules."""
        if place.quoted not in self._detours:
            name = text_literal(place.quoted, D)
            barred = self.query(
                "SELECT row_security_active(c.oid) OR c.relkind = 'v' OR EXISTS (SELECT 1 FROM pg_rewrite r "
                f"WHERE r.ev_class = c.oid AND r.ev_type = '3') FROM pg_class c WHERE c.oid = {name}::regclass"
            )[0][0]
            columns = tuple(c.name for c in place.columns)
            staged = self.stage(f"us_detour_{len(self._detours)}", place, columns) if barred else ""
            self._detours[place.quoted] = staged
        return self._detours[place.quoted]

    def stage(self, name: str, place: Place, columns: tuple[str, ...]) -> str:
        """Make a temporary table with these columns of a table, no constraints; its quoted name."""
        staged = f"pg_temp.{quote(name, D)}"
        self.execute(
            f"CREATE TEMP TABLE {quote(name, D)} ON COMMIT DROP AS SELECT {quoted_list(columns, D)} "
            f"FROM {place.quoted} WITH NO DATA"
        )
        return staged

    def stage_numbered(self, name: str, place: Place, number: str, columns: tuple[str, ...]) -> str:
        """As :meth:`stage`, with a whole-number column before the others."""
        self.execute(
            f"CREATE TEMP TABLE {quote(name, D)} ON COMMIT DROP AS SELECT 0::bigint AS {quote(number, D)}, "
            f"{quoted_list(columns, D)} FROM {place.quoted} WITH NO DATA"
        )
        return f"pg_temp.{quote(name, D)}"

    def growth(self, places: dict[str, Place]) -> dict[str, Growth]:
        """The server's own count of what this transaction did, refused attempts included; partitions count for their
        root. Tables to which nothing happened are left out."""
        if self._numbers.keys() != places.keys():
            self._numbers = dict(zip(places, self._oids([p.path for p in places.values()]), strict=True))
            self._tables = {oid: n for n, oid in self._numbers.items() if oid is not None}
        told = self.query(GROWTH)[0][0]
        counts = (line.split() for line in (told.split(",") if told else ()))
        return {self._tables[t]: Growth(int(a), int(r), int(c)) for t, a, r, c in counts if t in self._tables}

    def _oids(self, paths: list[tuple[str, str]]) -> list[str | None]:
        """The catalogue's number of each table, as text; None: there is no such table."""
        values = ", ".join(f"({i}, {text_literal(s, D)}, {text_literal(t, D)})" for i, (s, t) in enumerate(paths))
        rows = self.query(
            f"SELECT c.oid::text FROM (VALUES {values}) v(i, s, t) LEFT JOIN (pg_class c JOIN pg_namespace n "
            "ON n.oid = c.relnamespace) ON c.relname = v.t AND n.nspname = coalesce(nullif(v.s, ''), current_schema()) "
            "ORDER BY v.i"
        )
        return [oid for (oid,) in rows]

    def sequences(self) -> Any:
        """Per sequence that may be read: value and whether it was given out; and since when we count."""
        names = self.query(
            "SELECT seqrelid::regclass::text FROM pg_sequence WHERE has_sequence_privilege(seqrelid, 'SELECT') "
            "AND NOT pg_is_other_temp_schema((SELECT relnamespace FROM pg_class WHERE oid = seqrelid))"
        )
        return self._standing([str(n) for (n,) in names]), self.query("SELECT clock_timestamp()")[0][0]

    def _standing(self, names: list[str]) -> dict[str, tuple[int, bool]]:
        found: dict[str, tuple[int, bool]] = {}
        for start in range(0, len(names), SEQUENCES_AT_ONCE):
            part = names[start : start + SEQUENCES_AT_ONCE]
            sql = " UNION ALL ".join(f"SELECT {text_literal(n, D)}, last_value, is_called FROM {n}" for n in part)
            found |= {str(n): (int(v), bool(c)) for n, v, c in self.query(sql)}
        return found

    def moved_sequences(self, before: Any) -> Any:
        """Those that stand elsewhere now: name → (where they stood, where they stand), and since when."""
        stood, since = before
        try:
            self.execute("SELECT 1")
        except RefusedError:
            self.rollback()
        stands = self._standing(list(stood))
        return {n: (stood[n], stands[n]) for n in stood if stands[n] != stood[n]}, since

    def restore_sequences(self, moved: Any) -> tuple[str, ...]:
        """Set back, unless another session was at work meanwhile or the right is missing."""
        sequences, since = moved
        if not sequences:
            return ()
        names = ", ".join(sorted(sequences))
        if self.query(OTHERS, (since,))[0][0]:
            return (f"sequences that the rehearsal moved stay there, for other sessions were at work: {names}",)
        stands, left = self._standing(list(sequences)), []
        for name, ((value, called), then) in sorted(sequences.items()):
            word = f"SELECT setval({text_literal(name, D)}, {value}, {str(called).lower()})"
            if stands[name] != then or self.attempt(word) is not None:
                left.append(name)
        self.commit()
        return (f"sequences that the rehearsal moved could not be set back: {', '.join(left)}",) if left else ()

    def unstage(self, quoted: str) -> None:
        """Drop a temporary table."""
        self.execute(f"DROP TABLE {quoted}")

    def update_from(self, place: Place, staged: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> int:
        """Set ``columns`` of a table from the staged rows with equal ``keys``; rows matched."""
        self.execute(f"ANALYZE {staged}")
        sets = ", ".join(f"{quote(c, D)} = s.{quote(c, D)}" for c in columns)
        same = " AND ".join(f"t.{quote(k, D)} = s.{quote(k, D)}" for k in keys)
        return self.execute(f"UPDATE {place.quoted} t SET {sets} FROM {staged} s WHERE {same}")

    def defer(self) -> None:
        """Check foreign keys at the end of the transaction, as far as the structure lets it."""
        self.execute("SET CONSTRAINTS ALL DEFERRED")

    def enforce(self) -> None:
        """Check now what was deferred; RefusedError where it does not hold."""
        self.execute("SET CONSTRAINTS ALL IMMEDIATE")
        self.execute("SET CONSTRAINTS ALL DEFERRED")  # or what is initially deferred would stay immediate

    def checks(self, on: bool) -> None:
        """Foreign key checks of the session on or off."""
        raise RefusedError("PostgreSQL's foreign keys are never switched off here")

    def insert_together(self, pairs: list[tuple[Place, str]]) -> None:
        """Insert staged rows into several tables by one statement."""
        parts = []
        for i, (place, staged) in enumerate(pairs):
            names = quoted_list(tuple(c.name for c in place.columns), D)
            into = f"INSERT INTO {place.quoted} ({names}){overriding(place)}"
            parts.append(f"us_{i} AS ({into} SELECT {names} FROM {staged})")
        self.execute(f"WITH {', '.join(parts)} SELECT 1")

    def empty(self, groups: list[list[Place]]) -> None:
        """Delete all rows of these tables."""
        for places in groups:
            parts = [f"us_{i} AS (DELETE FROM {p.quoted})" for i, p in enumerate(places)]
            self.execute(f"WITH {', '.join(parts)} SELECT 1")

    def fingerprint(self, paths: list[tuple[str, str]]) -> list[str]:
        """Lines that describe all that can reject a row of these tables."""
        values = ", ".join(f"({text_literal(s, D)}, {text_literal(t, D)})" for s, t in paths)
        rows = self.query(FINGERPRINT.replace("$PATHS", values))
        return [" ".join(str(x) for x in row) for row in rows]

    def continue_sequences(self, places: list[Place]) -> None:
        """Sequences and identity columns go on behind the greatest values."""
        for place in places:
            for field in counted_fields(place.entity):
                self.query(setval(place.quoted, field))

    def without_transactions(self, paths: list[tuple[str, str]]) -> set[tuple[str, str]]:
        """Tables whose engine has no transactions."""
        return set()

    def commit(self) -> None:
        """Make everything permanent; RefusedError where deferred constraints do not hold."""
        self._detours.clear()  # staging tables end with the transaction
        try:
            self._connection.commit()
        except self._error as e:
            raise self._refusal(e) from e

    def rollback(self) -> None:
        """Undo what can be undone."""
        if not self._connection.closed:
            self._connection.rollback()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _holders(self) -> str:
        """Who else holds locks on tables, asked over a connection of its own: this one's transaction is lost."""
        own = self._connection.info.backend_pid
        try:
            with connect_postgresql(self.address) as other:
                rows = other.execute(HOLDERS, (own,)).fetchall()
        except (self._error, WorldError):
            return ""
        return held_by(rows)

    def _refusal(self, e: Any) -> RefusedError:
        if isinstance(e, self._lost) and self._connection.closed:
            mend = "Nothing was kept (or, with resumable, what is in the journal); run it again."
            raise WorldError("the server ended the connection", where=self.address.masked, mend=mend) from e
        d = e.diag
        line = COPY_LINE.search(d.context or "")
        row = int(line.group(1)) - 1 if line else None
        message = d.message_primary or str(e)
        if e.sqlstate == "55P03" or e.sqlstate == "57014":
            mend = "Wait for the other session, or end it (SELECT pg_terminate_backend(PROCESS))."
            raise WorldError(
                f"a lock was not granted: {message}{self._holders()}", where=self.address.masked, mend=mend
            ) from e
        if e.sqlstate == DISK_FULL:
            mend = "Make room on the server, and run again; nothing was kept."
            raise StorageFullError("the server has no room left", where=self.address.masked, mend=mend) from e
        if e.sqlstate == NO_LOCKS:
            raise WorldError(f"{message} for locks", where=self.address.masked, mend=MORE_LOCKS) from e
        if e.sqlstate in FORBIDDEN and POLICY not in message:
            raise TargetError(f"the server forbids it: {message}", where=self.address.masked, mend=GRANT) from e
        table = f"{d.schema_name}.{d.table_name}: " if d.table_name else ""
        context = f"; {d.context.splitlines()[0]}" if d.context and not line else ""
        return RefusedError(
            f"{table}{message}{context}",
            constraint=d.constraint_name or "",
            detail=d.message_detail or "",
            row=row,
            code=e.sqlstate or "",
            context=d.context or "",
            table=f"{d.schema_name}.{d.table_name}" if d.table_name else "",
        )


def overriding(place: Place) -> str:
    """The words that let an INSERT give values to identity columns."""
    always = any(f.identity is Identity.ALWAYS for f in place.entity.fields)
    return " OVERRIDING SYSTEM VALUE" if always else ""


def csv_chunk(batch: pa.RecordBatch, between: Mapping[str, str]) -> memoryview:
    """Rows as CSV in PostgreSQL's reading: null empty and bare, text quoted, everything else in its text form.
    ``between``: what separates elements, per column that is an array."""
    from pyarrow import csv

    names = batch.schema.names
    columns = [pg_column(c, between.get(n, ",")) for n, c in zip(names, batch.columns, strict=True)]
    flat = pa.RecordBatch.from_arrays(columns, names=names)
    out = pa.BufferOutputStream()
    csv.write_csv(flat, out, csv.WriteOptions(include_header=False, batch_size=CHUNK_ROWS))
    return memoryview(out.getvalue())


LOCK_ROOM = """
SELECT current_setting('max_locks_per_transaction')::int
       * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)
"""

LOCKS = """
WITH wanted AS (
  SELECT c.oid FROM (VALUES $PATHS) v(s, t) JOIN pg_class c ON c.relname = v.t
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = coalesce(nullif(v.s, ''), current_schema())),
touched AS (
  SELECT oid FROM wanted UNION
  SELECT c.oid FROM pg_class c WHERE c.relispartition AND c.relkind IN ('r', 'p')
  AND pg_partition_root(c.oid) IN (SELECT oid FROM wanted))
SELECT (SELECT count(*) FROM touched) + (SELECT count(*) FROM pg_index i JOIN touched t ON t.oid = i.indrelid)
"""

SPARE = 0.8
"""Share of the server's locks that one load may need: others, sequences and temporary tables take some as well."""

GROWTH = """
SELECT string_agg(concat_ws(' ', t.oid::oid, t.added, t.removed, t.changed), ',') FROM (
  SELECT CASE WHEN c.relispartition THEN pg_partition_root(c.oid) ELSE c.oid END AS oid,
         sum(x.added) AS added, sum(x.removed) AS removed, sum(x.changed) AS changed
  FROM pg_class c, LATERAL (SELECT pg_stat_get_xact_tuples_inserted(c.oid) AS added,
    pg_stat_get_xact_tuples_deleted(c.oid) AS removed, pg_stat_get_xact_tuples_updated(c.oid) AS changed OFFSET 0) x
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND x.added + x.removed + x.changed > 0 GROUP BY 1) t
"""
"""What this transaction did to each table. The view for it (pg_stat_xact_user_tables) joins and groups every index as
well: 20 ms for 1,000 tables against 5, and it is asked twice for every table with triggers. One text, for 1,000 rows
take longer to be parsed here than to be made there."""

SEQUENCES_AT_ONCE = 200
"""Sequences read by one statement."""

OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend' AND (state <> 'idle' OR state_change > %s)
"""
"""Sessions that did something since; they may hold numbers of the same sequences."""

FINGERPRINT = """
WITH wanted AS (
  SELECT c.oid, n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity
  FROM (VALUES $PATHS) v(s, t) JOIN pg_class c ON c.relname = v.t
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = coalesce(nullif(v.s, ''), current_schema()))
SELECT 'constraint' AS kind, w.nspname, w.relname, k.conname::text, k.convalidated::text,
       k.condeferrable::text || k.condeferred::text, pg_get_constraintdef(k.oid)
FROM wanted w JOIN pg_constraint k ON k.conrelid = w.oid
UNION ALL
SELECT 'index', w.nspname, w.relname, i.indexrelid::regclass::text, i.indisvalid::text, '',
       pg_get_indexdef(i.indexrelid)
FROM wanted w JOIN pg_index i ON i.indrelid = w.oid WHERE i.indisunique
UNION ALL
SELECT 'trigger', w.nspname, w.relname, CASE WHEN t.tgisinternal THEN '' ELSE t.tgname::text END, t.tgenabled::text, '',
       CASE WHEN t.tgisinternal THEN 'internal for ' || k.conname || t.tgfoid::regproc::text
            ELSE pg_get_triggerdef(t.oid) END
FROM wanted w JOIN pg_trigger t ON t.tgrelid = w.oid LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint
UNION ALL
SELECT 'column', w.nspname, w.relname, a.attname::text, a.attnotnull::text, a.attgenerated::text || a.attidentity::text,
       format_type(a.atttypid, a.atttypmod)
FROM wanted w JOIN pg_attribute a ON a.attrelid = w.oid WHERE a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT DISTINCT 'domain', '', '', d.contypid::regtype::text, d.convalidated::text, '', pg_get_constraintdef(d.oid)
FROM wanted w JOIN pg_attribute a ON a.attrelid = w.oid JOIN pg_constraint d ON d.contypid = a.atttypid
UNION ALL
SELECT 'rows', w.nspname, w.relname, '', w.relrowsecurity::text, w.relforcerowsecurity::text, '' FROM wanted w
ORDER BY 1, 2, 3, 4, 7
"""
"""Constraints, unique indexes, triggers with their state (the internal ones of foreign keys too), columns, domains."""
