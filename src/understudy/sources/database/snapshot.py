"""Takes a target's rows as far as planning needs them: counts, keys, maxima, sequences.

Reads only; a table beyond the limit gives a sample that depends on its keys and on nothing else, so
that the same rows give the same snapshot on every run.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from typing import Any

import pyarrow as pa

from understudy.errors import SourceError
from understudy.model.schema import Entity, Field, Identity, Schema
from understudy.model.snapshot import Snapshot, TableSnapshot
from understudy.sources.database.arrays import strings, typed
from understudy.sources.database.connect import (
    Connection,
    DuckdbConnection,
    MysqlConnection,
    PostgresqlConnection,
    SqliteConnection,
    connect,
    exists,
)
from understudy.sources.database.printing import printed
from understudy.types import Kind, Type
from understudy.types.arrow import arrow_type

LIMIT = 1_048_576
"""A keyed sample of so many parents takes some 16 MB for UUIDs (design note, case 7)."""
FETCH = 65_536
BATCH = 100
HASH_BITS = {"postgresql": 63, "mysql": 60, "mariadb": 60, "sqlite": 32, "duckdb": 63}
"""Width of the hash by which each dialect chooses a sample."""


def snapshot(url: str, schema: Schema, wanted: dict[str, tuple[str, ...]], limit: int = LIMIT) -> Snapshot:
    """What the tables of ``schema`` hold at ``url``, for those that hold rows.

    ``wanted``: columns by entity name; they come in the Arrow type of their logical type. A file that
    does not exist yet holds nothing. SQLite columns whose values do not fit their declared type come
    as text. Errors as of :func:`connect`; SourceError for a wanted column that is not there.
    """
    if not exists(url):
        return Snapshot()
    with connect(url) as connection:
        taker = _Taker(connection, schema, limit)
        tables = taker.take(wanted)
    return Snapshot(tables=tables, fingerprint=fingerprint(tables))


def fingerprint(tables: dict[str, TableSnapshot]) -> str:
    """Digest of everything in the snapshot."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tables):
        table = tables[name]
        words = (name, str(table.rows), repr(sorted(table.maxima.items())), repr(sorted(table.sequences.items())))
        digest.update("\x1f".join(words).encode())
        if table.columns is not None:
            sink = io.BytesIO()
            with pa.ipc.new_stream(sink, table.columns.schema) as writer:
                writer.write_table(table.columns.combine_chunks())
            digest.update(sink.getbuffer())
    return digest.hexdigest()


class _Taker:
    """One snapshot of one database."""

    def __init__(self, connection: Connection, schema: Schema, limit: int) -> None:
        self.connection, self.schema, self.limit = connection, schema, limit
        self.dialect = connection.dialect

    # ---- names --------------------------------------------------------------------------------------
    def namespace(self, entity: Entity) -> str:
        default = self.schema.default_namespace
        if entity.options.get("dotted") or "." not in entity.name:
            return default
        return entity.name.rpartition(".")[0]

    def sql_name(self, entity: Entity) -> str:
        """The quoted name; the schema may come from another dialect, whose default namespace is not ours."""
        namespace = self.namespace(entity)
        foreign = self.dialect not in (self.schema.dialect, "mariadb" if self.schema.dialect == "mysql" else "mysql")
        if namespace == self.schema.default_namespace and (foreign or self.dialect != "postgresql"):
            namespace = ""
        full = self.connection.qualify(namespace, entity.table)
        return f"ONLY {full}" if self.dialect == "postgresql" and entity.partitioning is None else full

    # ---- the whole ----------------------------------------------------------------------------------
    def take(self, wanted: dict[str, tuple[str, ...]]) -> dict[str, TableSnapshot]:
        entities = {e.name: e for e in self.schema.entities if not e.view}
        unknown = sorted(set(wanted) - {e.name for e in self.schema.entities})
        if unknown:
            raise SourceError(f"no table {unknown[0]!r} in the schema", where=self.connection.where)
        there = self._present(list(entities.values()))
        filled = self._filled(there)
        sequences = self._sequences(filled)
        return {e.name: self._table(e, wanted.get(e.name, ()), sequences.get(e.name, {})) for e in filled}

    def _present(self, entities: list[Entity]) -> list[Entity]:
        """Those that the database has (a target may still lack some)."""
        match self.connection:
            case PostgresqlConnection():
                rows = self.connection.query(
                    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "WHERE c.relkind IN ('r','p','f')"
                )
                (current,) = self.connection.query("SELECT current_schema()")[0]
                known = {(str(n), str(t)) for n, t in rows}
                known |= {
                    (self.schema.default_namespace, t)
                    for n, t in known
                    if n == current and self.schema.dialect != "postgresql"
                }
                return [e for e in entities if (self.namespace(e) or str(current), e.table) in known]
            case MysqlConnection():
                rows = self.connection.query("SELECT table_schema, table_name FROM information_schema.tables")
                own = self.connection.address.database
                return [
                    e
                    for e in entities
                    if (own if self.namespace(e) == self.schema.default_namespace else self.namespace(e), e.table)
                    in set(rows)
                ]
            case SqliteConnection():
                names = {
                    str(n).lower()
                    for (n,) in self.connection.query("SELECT name FROM sqlite_master WHERE type = 'table'")
                }
                return [e for e in entities if e.table.lower() in names]
            case DuckdbConnection():
                rows = self.connection.query(
                    "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
                )
                main = self.schema.default_namespace
                return [
                    e
                    for e in entities
                    if ("main" if self.namespace(e) == main else self.namespace(e), e.table) in set(rows)
                ]
        raise SourceError(
            f"rows of {self.dialect} cannot be read yet", where=self.connection.where, mend="Use an empty target."
        )

    def _filled(self, entities: list[Entity]) -> list[Entity]:
        out = []
        for start in range(0, len(entities), BATCH):
            part = entities[start : start + BATCH]
            sql = " UNION ALL ".join(
                f"SELECT {i}, EXISTS (SELECT 1 FROM {self.sql_name(e)})" for i, e in enumerate(part)
            )
            out += [part[int(i)] for i, full in sorted(self.connection.query(sql)) if full]
        return out

    def _table(self, entity: Entity, columns: tuple[str, ...], sequences: dict[str, int]) -> TableSnapshot:
        fields = [self._field(entity, c) for c in columns]
        whole = [
            f for f in fields if f.type.kind is Kind.INTEGER or (f.type.kind is Kind.DECIMAL and f.type.scale == 0)
        ]
        asked = ", ".join(["count(*)", *(f"max({self.connection.quote(f.name)})" for f in whole)])
        row = self.connection.query(f"SELECT {asked} FROM {self.sql_name(entity)}")[0]
        rows = int(row[0])
        maxima = {f.name: int(v) for f, v in zip(whole, row[1:], strict=True) if isinstance(v, int) or _is_whole(v)}
        complete = rows <= self.limit
        table = self._columns(entity, fields, rows, complete) if fields else None
        return TableSnapshot(entity.name, rows, table, complete or not fields, maxima, sequences)

    def _field(self, entity: Entity, column: str) -> Field:
        try:
            return entity.field(column)
        except KeyError as error:
            raise SourceError(f"no column {column!r}", where=f"{self.connection.where} {entity.name}") from error

    # ---- rows ---------------------------------------------------------------------------------------
    def _columns(self, entity: Entity, fields: list[Field], rows: int, complete: bool) -> pa.Table:
        quote = self.connection.quote
        expressions = [printed(self.dialect, quote(f.name), f.type) for f in fields]
        primary = entity.primary_key
        keys = [quote(c) for c in primary.columns] if primary and primary.columns else [quote(f.name) for f in fields]
        sql = f"SELECT {', '.join(expressions)} FROM {self.sql_name(entity)}"
        if complete:
            sql += f" ORDER BY {', '.join(self._sortable(k) for k in keys)}"
        else:
            mark = self._hash(keys)
            share = int((1 << HASH_BITS[self.dialect]) * min(1.0, 1.02 * self.limit / rows + 64 / rows))
            order = ", ".join([mark, *(self._sortable(k) for k in keys)])
            sql += f" WHERE {mark} < {share} ORDER BY {order} LIMIT {self.limit}"
        match self.connection:
            case PostgresqlConnection():
                columns = self._copy(sql, len(fields))
            case DuckdbConnection():
                return self._duckdb(entity, sql, fields)
            case _:
                columns = self._fetch(sql, len(fields))
        loose = self.dialect == "sqlite"
        where = f"{self.connection.where} {entity.name}"
        arrays = [typed(c, f.type, f"{where}.{f.name}", loose=loose) for c, f in zip(columns, fields, strict=True)]
        return pa.table(arrays, names=[f.name for f in fields])

    def _sortable(self, key: str) -> str:
        """Keys in an order that depends on no collation."""
        match self.dialect:
            case "postgresql":
                return f'{key}::text COLLATE "C"'
            case "mysql" | "mariadb":
                return (
                    f"cast({key} AS char) COLLATE utf8mb4_bin" if self.dialect == "mysql" else f"cast({key} AS binary)"
                )
            case "duckdb":
                return f"CAST({key} AS VARCHAR)"
            case _:
                return f"CAST({key} AS TEXT) COLLATE BINARY"

    def _hash(self, keys: list[str]) -> str:
        match self.dialect:
            case "postgresql":
                text = f"concat_ws(E'\\x1f', {', '.join(k + '::text' for k in keys)})"
                return f"(hashtextextended({text}, 0) & 9223372036854775807)"
            case "mysql" | "mariadb":
                return f"cast(conv(left(md5(concat_ws(char(31), {', '.join(keys)})), 15), 16, 10) AS unsigned)"
            case "sqlite":
                self.connection.raw.create_function("understudy_hash", -1, _crc32, deterministic=True)
                return f"understudy_hash({', '.join(f'CAST({k} AS TEXT)' for k in keys)})"
            case _:
                return (
                    f"(md5_number_lower(concat_ws(chr(31), {', '.join(f'CAST({k} AS VARCHAR)' for k in keys)})) >> 1)"
                )

    def _copy(self, sql: str, width: int) -> list[pa.ChunkedArray]:
        """COPY's CSV, quoted throughout: an empty field is null, a quoted one is text."""
        from pyarrow import csv

        data = io.BytesIO()
        try:
            with (
                self.connection.raw.cursor() as cursor,
                cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, FORCE_QUOTE *)") as copy,
            ):
                for block in copy:
                    data.write(block)
        except Exception as error:
            raise self.connection.explain(error) from error
        names = [f"c{i}" for i in range(width)]
        if not data.getbuffer().nbytes:
            return [pa.chunked_array([], type=pa.string()) for _ in names]
        data.seek(0)
        table = csv.read_csv(
            data,
            read_options=csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )
        return list(table.columns)

    def _fetch(self, sql: str, width: int) -> list[pa.ChunkedArray]:
        chunks: list[list[pa.Array]] = [[] for _ in range(width)]
        try:
            cursor = self.connection.raw.cursor()
            if self.dialect == "sqlite":
                self.connection.raw.text_factory = _lenient
            cursor.execute(sql)
            while rows := cursor.fetchmany(FETCH):
                for chunk, values in zip(chunks, zip(*rows, strict=True), strict=True):
                    chunk.append(strings([v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in values]))
        except Exception as error:
            raise self.connection.explain(error) from error
        return [pa.chunked_array(c, type=None if c else pa.string()) for c in chunks]

    def _duckdb(self, entity: Entity, sql: str, fields: list[Field]) -> pa.Table:
        quote = self.connection.quote
        inner = ", ".join(f"{_duckdb_cast(quote(f.name), f.type)} AS {quote(f.name)}" for f in fields)
        sql = f"SELECT {inner}" + sql[sql.index(" FROM ") :] if len(fields) else sql
        try:
            table = self.connection.raw.sql(sql).to_arrow_table()
        except Exception as error:
            raise self.connection.explain(error) from error
        target = pa.schema([pa.field(f.name, arrow_type(f.type)) for f in fields])
        try:
            return table.cast(target)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            reason = str(error).splitlines()[0]
            raise SourceError(
                f"its rows do not fit the schema: {reason}", where=f"{self.connection.where} {entity.name}"
            ) from error

    # ---- sequences ----------------------------------------------------------------------------------
    def _sequences(self, entities: list[Entity]) -> dict[str, dict[str, int]]:
        match self.connection:
            case PostgresqlConnection():
                return self._postgresql_sequences(entities)
            case MysqlConnection():
                return self._mysql_sequences(entities)
            case SqliteConnection():
                return self._sqlite_sequences(entities)
            case DuckdbConnection():
                return self._duckdb_sequences(entities)
        return {}

    def _postgresql_sequences(self, entities: list[Entity]) -> dict[str, dict[str, int]]:
        default = self.schema.default_namespace
        rows = self.connection.query("SELECT schemaname, sequencename, increment_by FROM pg_sequences")
        steps = {
            name if space == default else f"{space}.{name}": (space, name, int(step)) for space, name, step in rows
        }
        asked = [(e.name, f.name, *steps[f.sequence]) for e in entities for f in e.fields if f.sequence in steps]
        out: dict[str, dict[str, int]] = {}
        for start in range(0, len(asked), BATCH):
            part = asked[start : start + BATCH]
            sql = " UNION ALL ".join(
                f"SELECT {i}, last_value, is_called FROM {self.connection.qualify(space, name)}"
                for i, (_, _, space, name, _) in enumerate(part)
            )
            for i, last, called in self.connection.query(sql):
                entity, field, _, _, step = part[i]
                out.setdefault(entity, {})[field] = int(last) + (step if called else 0)
        return out

    def _mysql_sequences(self, entities: list[Entity]) -> dict[str, dict[str, int]]:
        rows = self.connection.query(
            "SELECT table_schema, table_name, auto_increment FROM information_schema.tables "
            "WHERE auto_increment IS NOT NULL"
        )
        own = self.connection.address.database
        known = {(s, t): int(v) for s, t, v in rows}
        out: dict[str, dict[str, int]] = {}
        for e in entities:
            space = own if self.namespace(e) == self.schema.default_namespace else self.namespace(e)
            for f in e.fields:
                if f.identity is not Identity.NONE and (space, e.table) in known:
                    out.setdefault(e.name, {})[f.name] = known[space, e.table]
        return out

    def _sqlite_sequences(self, entities: list[Entity]) -> dict[str, dict[str, int]]:
        if not self.connection.query("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"):
            return {}
        known = {
            str(n).lower(): int(v)
            for n, v in self.connection.query("SELECT name, seq FROM sqlite_sequence")
            if v is not None
        }
        return {
            e.name: {f.name: known[e.table.lower()] + 1 for f in e.fields if f.identity is not Identity.NONE}
            for e in entities
            if e.table.lower() in known
        }

    def _duckdb_sequences(self, entities: list[Entity]) -> dict[str, dict[str, int]]:
        rows = self.connection.query(
            "SELECT schema_name, sequence_name, start_value, increment_by, last_value FROM duckdb_sequences()"
        )
        following = {
            (name if space == "main" else f"{space}.{name}"): int(start if last is None else last + step)
            for space, name, start, step, last in rows
        }
        return {
            e.name: found
            for e in entities
            if (found := {f.name: following[f.sequence] for f in e.fields if f.sequence in following})
        }


def _duckdb_cast(column: str, t: Type) -> str:
    target = arrow_type(t)
    if pa.types.is_decimal(target):
        return f"CAST({column} AS DECIMAL({min(target.precision, 38)},{target.scale}))"
    if pa.types.is_string(target):
        return f"CAST({column} AS VARCHAR)"
    return f"CAST({column} AS TIMESTAMP)" if t.kind is Kind.TIMESTAMP and not t.zoned else column


def _is_whole(value: Any) -> bool:
    from decimal import Decimal

    return isinstance(value, Decimal) and value == int(value)


def _crc32(*values: str | None) -> int:
    return zlib.crc32("\x1f".join("" if v is None else v for v in values).encode("utf-8", "replace"))


def _lenient(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
