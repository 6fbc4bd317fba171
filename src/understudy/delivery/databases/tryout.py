"""A rehearsal's transaction on a database: rows go in by the load's own statements, are read back, and are forgotten.

open ── structure that is missing is made, tables are emptied: as the load would
  └─ per table: savepoint ── insert ── read back ── what else grew
close ─ roll back, sequences back to where they stood
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from understudy.delivery.databases.making import make_partitions, make_structure
from understudy.delivery.databases.readback import Comparison
from understudy.delivery.databases.scratch import enter_scratch, leave_scratch
from understudy.delivery.databases.server import Place, RefusedError, Server
from understudy.delivery.databases.sink import connect, refuse_rows
from understudy.delivery.databases.steps import key_columns
from understudy.delivery.files.folder import load_order, loaded_columns
from understudy.delivery.text.quoting import quote, quoted_table, table_path
from understudy.errors import NotRehearsedError, TargetError
from understudy.model.expression import Row
from understudy.model.plan import LoadMethod, LoadStep, Plan, PlannedColumn
from understudy.ports.sink import WriteMode
from understudy.ports.tryout import Growth, Readback, Refusal
from understudy.storage.databases import Address
from understudy.types import Kind, Type

POSITION = PlannedColumn("us_position", Type(Kind.INTEGER), Row())
"""Column of the staged sample that tells its rows apart."""

TABLE = "us_table"
"""Savepoint before the rows of the table at hand."""

NUMBERED = 6
"""Rows inserted one by one to see how the database numbers them."""


class DatabaseTryout:
    """Implements :class:`understudy.ports.tryout.Tryout` over one connection."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._server: Server | None = None
        self._plan: Plan | None = None
        self._places: dict[str, Place] = {}
        self._outside: dict[str, str] = {}
        self._grown: dict[str, Growth] = {}
        self._known: dict[str, Place] | None = None
        self._staged: dict[str, list[pa.RecordBatch]] = {}
        self._stages = 0
        self._step = LoadStep(())
        self._held: dict[str, int] = {}
        self._marked = self._made_file = False
        self._sequences: Any = None
        self._scratch = ""

    # ---- opening and closing ------------------------------------------------------------------
    def open(self, plan: Plan, mode: WriteMode, held_rows: int) -> tuple[str, ...]:
        """As the port says."""
        self._plan = plan
        path = self.address.path
        self._made_file = bool(path) and not Path(path).exists()
        self._server = server = connect(self.address)
        try:
            return self._open(server, plan, mode, held_rows)
        except RefusedError as refusal:
            self.close()
            raise TargetError(refusal.message, where=self.address.masked, mend="See the message.") from refusal
        except BaseException:
            self.close()
            raise

    def _open(self, server: Server, plan: Plan, mode: WriteMode, held_rows: int) -> tuple[str, ...]:
        self._sequences = server.sequences()
        self._places = {n: self._place(plan, n) for n in load_order(plan)}
        there = server.existing([p.path for p in self._places.values()]) if self._places else set()
        missing = tuple(n for n, p in self._places.items() if p.path not in there)
        if missing and server.keeps_ddl and len(missing) < len(self._places):
            what = f"{len(missing)} tables are not there yet, others are, and this server cannot undo making them"
            raise NotRehearsedError(
                what, where=self.address.masked, mend="Make the structure first to have it rehearsed."
            )
        if missing and server.keeps_ddl:
            return self._beside(server, plan, missing)
        crowded = server.crowded([p.path for p in self._places.values() if p.path in there])
        if crowded is not None:
            what = f"one transaction over these tables needs about {crowded[0]:,} locks, the server has {crowded[1]:,}"
            raise NotRehearsedError(what, where=self.address.masked, mend="Raise max_locks_per_transaction.")
        full = {n: c for n, p in self._places.items() if p.path in there and (c := self._count(server, p))}
        plain = server.without_transactions([p.path for p in self._places.values()])
        self._outside = {n: "its engine has no transactions" for n, p in self._places.items() if p.path in plain}
        self._may_stage(server)
        server.afresh()
        if mode is WriteMode.CREATE:
            refuse_rows(full, self.address.masked)
        elif mode is WriteMode.REPLACE:
            self._empty(server, plan, {n: c for n, c in full.items() if n not in self._outside}, held_rows)
        notices = make_structure(server, plan.schema, missing, self.address.masked) if missing else []
        make_partitions(server, plan, self.address.masked)
        return tuple(notices)

    def _beside(self, server: Server, plan: Plan, missing: tuple[str, ...]) -> tuple[str, ...]:
        """Nothing is there yet, and DDL cannot be undone: everything is made, and tried, in a database of its own."""
        self._may_stage(server)
        self._sequences = None
        self._scratch = enter_scratch(server, len(missing), self.address.masked)
        notices = make_structure(server, plan.schema, missing, self.address.masked)
        plain = server.without_transactions([p.path for p in self._places.values()])
        self._outside = {n: "its engine has no transactions" for n, p in self._places.items() if p.path in plain}
        server.afresh()
        return tuple(notices)

    def _may_stage(self, server: Server) -> None:
        """Reading back needs temporary tables, which a load does not."""
        lacking = False
        if server.dialect == "postgresql":
            lacking = not server.query("SELECT has_database_privilege(current_database(), 'TEMP')")[0][0]
        elif server.dialect == "mysql":
            try:
                lacking = server.attempt("CREATE TEMPORARY TABLE us_may (a int)") is not None
                server.attempt("DROP TEMPORARY TABLE us_may")
            except TargetError:
                lacking = True
        if lacking:
            what = "the right to make temporary tables is missing, which reading back needs"
            raise NotRehearsedError(what, where=self.address.masked, mend="Grant it, or load without a rehearsal.")

    def _empty(self, server: Server, plan: Plan, full: dict[str, int], held_rows: int) -> None:
        if sum(full.values()) > held_rows:
            what = f"{sum(full.values()):,} rows would have to go first, and come back afterwards"
            raise NotRehearsedError(what, where=self.address.masked, mend="It is loaded without a rehearsal.")
        groups = ([self._places[n] for n in reversed(s.tables) if n in full] for s in reversed(plan.load))
        server.empty([g for g in groups if g])

    def close(self) -> tuple[str, ...]:
        """As the port says."""
        server, self._server = self._server, None
        if server is None:
            return ()
        try:
            moved = server.moved_sequences(self._sequences) if self._sequences is not None else ()
            server.rollback()
            left = leave_scratch(server, self._scratch) if self._scratch else ()
            return left + (server.restore_sequences(moved) if moved else ())
        finally:
            server.close()
            for ending in ("", "-journal", "-wal", "-shm", ".wal") if self._made_file else ():
                Path(self.address.path + ending).unlink(missing_ok=True)

    # ---- what it is asked --------------------------------------------------------------------
    @property
    def dialect(self) -> str:
        """The dialect of the connection."""
        return self.server.dialect

    @property
    def savepoints(self) -> bool:
        """Whether a refused row leaves the others."""
        return self.server.dialect != "duckdb"

    @property
    def server(self) -> Server:
        """The open connection."""
        if self._server is None:
            raise TargetError("the rehearsal is not open", where=self.address.masked)
        return self._server

    @property
    def version(self) -> str:
        """Name and version of the server."""
        return self.server.version()

    def outside(self) -> dict[str, str]:
        """As the port says."""
        return dict(self._outside)

    def begin(self, step: LoadStep) -> None:
        """As the port says."""
        for name in step.tables:
            self.server.ready(self._places[name])
        self._staged.clear()
        self._step = step
        if self.savepoints:
            self.server.execute("SAVEPOINT us_step")
        if step.method in (LoadMethod.DEFERRED, LoadMethod.ONE_STATEMENT) and self.dialect in ("postgresql", "sqlite"):
            self.server.defer()
        elif step.method is not LoadMethod.PLAIN and self.dialect == "mysql":
            self.server.checks(False)

    def end(self, step: LoadStep) -> Refusal | None:
        """As the port says."""
        self._settle()
        if step.method is not LoadMethod.PLAIN and self.dialect == "mysql":
            self.server.checks(True)
        refusal = None
        try:
            for name in step.tables:
                self._second(step, name)
            if self.dialect == "postgresql":
                self.server.enforce()
        except RefusedError as refused:
            refusal = _told(refused)
            if self.savepoints:
                self._back("us_step")
        if self.savepoints:
            self.server.execute("RELEASE SAVEPOINT us_step")
        return refusal

    def insert(self, table: str, data: pa.RecordBatch, later: tuple[str, ...] = ()) -> Refusal | None:
        """As the port says."""
        place = self._places[table]
        self._mark()
        refusal = self._insert(place, _nulled(data, later))
        if refusal is None and self._step.second(table):
            self._staged.setdefault(table, []).append(data)
        if refusal is not None and self.savepoints:
            self._back(TABLE)
        if refusal is None:
            self.server.continue_sequences([place])
        return refusal

    def insert_each(self, table: str, data: pa.RecordBatch, later: tuple[str, ...] = ()) -> list[Refusal | None]:
        """As the port says."""
        place, sent = self._places[table], _nulled(data, later)
        self._mark()
        found: list[Refusal | None] = []
        for at in range(data.num_rows):
            self.server.execute("SAVEPOINT us_row")
            refusal = self._insert(place, sent.slice(at, 1))
            if refusal is not None:
                self._back("us_row")
            elif self._step.second(table):
                self._staged.setdefault(table, []).append(data.slice(at, 1))
            self.server.execute("RELEASE SAVEPOINT us_row")
            found.append(refusal)
        return found

    def insert_together(self, step: LoadStep, batches: dict[str, pa.RecordBatch]) -> Refusal | None:
        """As the port says."""
        self._mark()
        pairs = []
        try:
            for name in step.tables:
                place, later = self._places[name], step.later.get(name, ())
                staged = self.server.stage(self._next(), place, tuple(c.name for c in place.columns))
                target = Place(place.name, ("", staged), staged, place.columns, place.entity, staging=True)
                self.server.insert(target, _nulled(batches[name], later))
                if step.second(name):
                    self._staged.setdefault(name, []).append(batches[name])
                pairs.append((place, staged))
            self.server.insert_together(pairs)
            for _, staged in pairs:
                self.server.unstage(staged)
        except RefusedError as refusal:
            self._back(TABLE)
            return _told(refusal)
        return None

    def unbound(self, on: bool) -> bool:
        """As the port says."""
        if self.dialect != "mysql":
            return False
        self.server.checks(not on)
        return True

    def undo(self, table: str) -> None:
        """As the port says."""
        self._back(TABLE)
        del self._staged.get(table, [])[self._held.get(table, 0) :]

    def readback(self, table: str, data: pa.RecordBatch) -> Readback:
        """As the port says."""
        place = self._places[table]
        if self.dialect == "duckdb" or not data.num_rows:
            return Readback(data.num_rows)
        keys = _keys(place)
        if not keys:
            return Readback(data.num_rows, keyed=False)
        staged, columns = self._stage(place, data)
        comparison = Comparison(self.server, place.quoted, staged, tuple(c.name for c in columns[1:]))
        found = [comparison.by(key, data.num_rows) for key in keys]
        self.server.unstage(staged)
        return min(found, key=lambda r: len(r.missing))

    def numbered(self, table: str, data: pa.RecordBatch, column: str) -> tuple[int, ...]:
        """As the port says."""
        place = self._places[table]
        if place.entity.field(column).type.kind not in (Kind.INTEGER, Kind.DECIMAL):
            return ()
        sql = f"SELECT max({quote(column, self.dialect)}) FROM {place.quoted}"
        numbers: list[int] = []
        self._mark()
        for at in range(min(NUMBERED, data.num_rows)):
            if self._insert(place, data.slice(at, 1)) is not None:
                break
            value = self.server.query(sql)[0][0]
            if not isinstance(value, int):
                break
            numbers.append(value)
        self._back(TABLE)
        return tuple(numbers)

    def growth(self, near: tuple[str, ...]) -> dict[str, Growth]:
        """As the port says. PostgreSQL tells of every table; elsewhere those in ``near`` are counted."""
        now = self.server.growth(self._counted(near))
        grown = dict(now.items() - self._grown.items())
        before = {n: self._grown.get(n, Growth()) for n in grown}
        self._grown.update(grown)
        return {
            n: Growth(g.added - before[n].added, g.removed - before[n].removed, g.changed - before[n].changed)
            for n, g in grown.items()
        }

    def _counted(self, near: tuple[str, ...]) -> dict[str, Place]:
        if self._known is None:
            self._known = {n: p for n, p in self._all_places().items() if n not in self._outside}
        return self._known if self.dialect == "postgresql" else {n: self._known[n] for n in near if n in self._known}

    def ask(self, sql: str) -> list[tuple[Any, ...]] | Refusal:
        """As the port says."""
        if self.savepoints:
            self.server.execute("SAVEPOINT us_ask")
        try:
            found: list[tuple[Any, ...]] | Refusal = self.server.query(sql)
        except RefusedError as refusal:
            if self.savepoints:
                self._back("us_ask")
            found = _told(refusal)
        if self.savepoints:
            self.server.execute("RELEASE SAVEPOINT us_ask")
        return found

    # ---- parts -------------------------------------------------------------------------------
    def _insert(self, place: Place, data: pa.RecordBatch) -> Refusal | None:
        merge = self._planned.table(place.name).merge
        try:
            if data.num_rows and merge:
                self.server.merge(place, data, merge)
            elif data.num_rows:
                self.server.insert(place, data)
        except RefusedError as refusal:
            return _told(refusal)
        return None

    def _second(self, step: LoadStep, name: str) -> None:
        later = tuple(c for c in step.second(name) if any(c == x.name for x in self._places[name].columns))
        batches = self._staged.pop(name, [])
        keys = key_columns(self._places[name], without=later)
        if not later or not batches or not keys:
            return
        place = self._places[name]
        staged = self.server.stage(self._next(), place, keys + later)
        chosen = tuple(c for n in keys + later for c in place.columns if c.name == n)
        target = Place(place.name, ("", staged), staged, chosen, place.entity, staging=True)
        for batch in batches:
            columns = [batch.column(batch.schema.get_field_index(c.name)) for c in chosen]
            self.server.insert(target, pa.RecordBatch.from_arrays(columns, names=[c.name for c in chosen]))
        self.server.update_from(place, staged, keys, later)
        self.server.unstage(staged)

    def _stage(self, place: Place, data: pa.RecordBatch) -> tuple[str, tuple[PlannedColumn, ...]]:
        """The batch in a temporary table with the columns' own types, its positions beside it."""
        names = tuple(c.name for c in place.columns)
        staged = self.server.stage_numbered(self._next(), place, POSITION.name, names)
        columns = (POSITION, *place.columns)
        numbers = pa.array(range(data.num_rows), pa.int64())
        batch = pa.RecordBatch.from_arrays([numbers, *data.columns], names=[c.name for c in columns])
        self.server.insert(Place(place.name, ("", staged), staged, columns, place.entity, staging=True), batch)
        return staged, columns

    def _all_places(self) -> dict[str, Place]:
        plan, known = self._planned, self._places
        others = [e.name for e in plan.schema.entities if not e.view and e.name not in known]
        return known | {n: self._place(plan, n) for n in others}

    def _place(self, plan: Plan, table: str) -> Place:
        entity = plan.schema.entity(table)
        planned = next((t for t in plan.tables if t.name == table), None)
        columns = loaded_columns(planned) if planned is not None else ()
        dialect = self.server.dialect
        path = table_path(plan.schema, entity, dialect)
        return Place(table, path, quoted_table(plan.schema, entity, dialect), columns, entity)

    def _count(self, server: Server, place: Place) -> int:
        return int(server.query(f"SELECT count(*) FROM {place.quoted}")[0][0])

    def _mark(self) -> None:
        """From here on the next table's rows can be taken back; those before stay."""
        self._settle()
        self._held = {n: len(batches) for n, batches in self._staged.items()}
        if self.savepoints:
            self.server.execute(f"SAVEPOINT {TABLE}")
            self._marked = True

    def _settle(self) -> None:
        """Savepoints nest: what is not needed any more is released."""
        if self._marked:
            self.server.execute(f"RELEASE SAVEPOINT {TABLE}")
            self._marked = False

    def _next(self) -> str:
        self._stages += 1
        return f"us_try_{self._stages}"

    def _back(self, mark: str) -> None:
        self.server.execute(f"ROLLBACK TO {mark}")

    @property
    def _planned(self) -> Plan:
        if self._plan is None:
            raise TargetError("the rehearsal is not open", where=self.address.masked)
        return self._plan


def _keys(place: Place) -> list[tuple[str, ...]]:
    """Keys without nulls by which rows can be found again, the primary one first."""
    loaded = {c.name for c in place.columns}
    required = {f.name for f in place.entity.fields if not f.nullable}
    found = []
    for key in sorted(place.entity.uniques, key=lambda u: not u.primary):
        plain = all(p.column and not p.prefix for p in key.parts) and not key.predicate
        if plain and set(key.columns) <= loaded and (key.primary or set(key.columns) <= required):
            found.append(key.columns)
    return found


def _nulled(data: pa.RecordBatch, later: tuple[str, ...]) -> pa.RecordBatch:
    """The batch as it is inserted: columns of the second pass null."""
    if not later:
        return data
    columns = [
        pa.nulls(data.num_rows, c.type) if n in later else c
        for n, c in zip(data.schema.names, data.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=data.schema.names)


def _told(refusal: RefusedError) -> Refusal:
    return Refusal(
        refusal.message,
        refusal.code,
        refusal.constraint,
        refusal.detail,
        refusal.context,
        refusal.table,
    )
