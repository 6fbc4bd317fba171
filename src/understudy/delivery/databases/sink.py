"""Databases: the plan's tables, in its load order, with every constraint and trigger on.

One transaction unless ``resumable``: then each unit (a partition of a plain table, or a step whose tables only hold
together) is committed by itself and told to the journal. The dialects are in the servers.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from understudy.delivery.capabilities import DATABASES
from understudy.delivery.databases.journal import Journal
from understudy.delivery.databases.making import make_partitions, make_structure
from understudy.delivery.databases.server import Place, RefusedError, Server
from understudy.delivery.databases.steps import StepLoad
from understudy.delivery.files.folder import load_order, loaded_columns
from understudy.delivery.text.quoting import quoted_table, table_path
from understudy.errors import InternalError, RequestError, TargetError
from understudy.model.document import digest
from understudy.model.event import Listener, Notice
from understudy.model.plan import LoadStep, Plan
from understudy.model.receipt import Receipt
from understudy.ports.sink import Stream, WriteMode
from understudy.storage.databases import Address

OPTIONS = frozenset({"resumable", "journal"})

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


class DatabaseSink:
    """Loads a plan into one database over one connection."""

    def __init__(self, address: Address, options: dict[str, str]) -> None:
        unknown = sorted(set(options) - OPTIONS)
        if unknown:
            mend = f"Known for databases: {', '.join(sorted(OPTIONS))}."
            raise RequestError(f"unknown option {unknown[0]!r}", where=address.masked, mend=mend)
        self.address, self.options = address, options
        self.capability = DATABASES[address.dialect]
        self.notices: list[str] = []
        self._resumable = _flag(options.get("resumable", ""))
        self._server: Server | None = None
        self._plan: Plan | None = None
        self._journal: Journal | None = None
        self._before: dict[str, int] = {}
        self._created: list[str] = []
        self._finished = False
        self._piecewise = False
        self._loaded: list[LoadStep] = []
        self._made_file = False

    # ---- the port ----------------------------------------------------------------------------
    def open(self, plan: Plan, mode: WriteMode) -> None:
        """Connect, create what is missing, look at what is there; TargetError as the port says."""
        self._plan = plan
        path = self.address.path
        self._made_file = bool(path) and not Path(path).exists()
        self._server = connect(self.address)
        try:
            self._open(plan, mode)
        except RefusedError as refusal:
            self.abort()
            raise TargetError(refusal.message, where=self.address.masked, mend="See the message.") from refusal
        except BaseException:
            self.abort()
            raise

    def load(self, step: LoadStep, stream: Stream, listen: Listener) -> tuple[Receipt, ...]:
        """Load the tables of one step; TargetError with table, constraint and row where one is refused."""
        for text in self.notices:
            listen(Notice(text))
        self.notices.clear()
        places = {name: self.place(name) for name in step.tables}
        load = StepLoad(self.server, self.plan, step, places, self.address.masked, listen, self._journal)
        if not self._piecewise:
            return load.run(stream)
        self._loaded.append(step)
        receipts = load.run(stream)
        self._commit_piece(places.values())
        return receipts

    def fingerprint(self) -> str:
        """Digest of what can reject a row of the plan's tables."""
        from understudy.delivery.databases.standing import digest_of

        return digest_of(self.server, [self.place(n).path for n in load_order(self.plan)])

    def count(self, table: str) -> int:
        """Rows that the table holds now."""
        found = int(self.server.query(f"SELECT count(*) FROM {self.place(table).quoted}")[0][0])
        if self._piecewise or self._resumable:
            self.server.release()
        return found

    def commit(self) -> None:
        """Sequences go on behind the loaded values; then everything is made permanent."""
        try:
            for table in self.plan.tables:
                self.server.continue_sequences([self.place(table.name)])
                if self._piecewise or self._resumable:
                    self.server.release()
            self.server.commit()
        except RefusedError as refusal:
            raise refusal.told(self.address.masked) from refusal
        if self._journal is not None:
            self._journal.remove()
        self._finished = True
        self._close()

    def abort(self) -> None:
        """Leave the target as it was; with ``resumable``, with what the journal says was committed."""
        if self._server is None or self._finished:
            self._close()
            return
        self._server.rollback()
        if self._piecewise:
            self._take_back(self._server)
        if self._server.keeps_ddl and not self._resumable:
            self._undo(self._server)
        self._close()
        if self._made_file and not self._resumable:
            for ending in ("", "-journal", "-wal", "-shm", ".wal"):
                Path(self.address.path + ending).unlink(missing_ok=True)

    # ---- words used by the parts ---------------------------------------------------------------
    @property
    def server(self) -> Server:
        """The open connection."""
        if self._server is None:
            raise InternalError("the sink is not open")
        return self._server

    @property
    def plan(self) -> Plan:
        """The plan that is loaded."""
        if self._plan is None:
            raise InternalError("the sink was not opened")
        return self._plan

    def version(self) -> str:
        """Name and version of the server, for the certificate."""
        return self.server.version()

    def place(self, table: str) -> Place:
        """Where a table of the plan lies in this database."""
        schema, dialect = self.plan.schema, self.server.dialect
        entity = schema.entity(table)
        columns = loaded_columns(self.plan.table(table))
        path = table_path(schema, entity, dialect)
        return Place(table, path, quoted_table(schema, entity, dialect), columns, entity)

    # ---- parts of opening ------------------------------------------------------------------------
    def _open(self, plan: Plan, mode: WriteMode) -> None:
        if self._resumable:
            self._journal = Journal(self._journal_path(plan), digest(plan), self.address.masked)
        server, order = self.server, load_order(plan)
        places = {n: self.place(n) for n in order}
        there = server.existing([p.path for p in places.values()]) if places else set()
        missing = tuple(n for n in order if places[n].path not in there)
        present = [n for n in order if places[n].path in there]
        crowded = server.crowded([places[n].path for n in present])
        self._piecewise = crowded is not None and not self._resumable
        self._before = {n: self.count(n) for n in present}
        resumed = self._journal is not None and self._journal.resumed
        if not resumed:
            self._free(mode, places)
        if crowded is not None and self._piecewise:
            self._in_pieces(*crowded)
        if missing:
            self._created = list(missing)
            self.notices += make_structure(server, plan.schema, missing, self.address.masked)
        if not resumed:
            make_partitions(server, plan, self.address.masked)
        self._warn_of_engines(server, places)
        if self._resumable:
            server.commit()
        if resumed:
            self.notices.append(f"resumed from {self._journal_path(plan)}")

    def _in_pieces(self, needed: int, room: int) -> None:
        """One transaction cannot hold the load: it is committed step by step, and taken back if it fails, which only
        tables without rows of others allow."""
        told = f"one transaction over these tables needs about {needed:,} locks, and the server has room for {room:,}"
        if any(self._before.values()):
            mend = f"Load with --resume, or raise max_locks_per_transaction to {needed * 64 // room + 64} or more."
            raise TargetError(
                f"{told}; what lies beside other rows could not be taken back", where=self.address.masked, mend=mend
            )
        self.notices.append(f"{told}: it is committed step by step, and taken back if it fails")
        self.server.release()

    def _commit_piece(self, places: Iterable[Place]) -> None:
        try:
            self.server.commit()
        except RefusedError as refusal:
            raise refusal.told(f"{self.address.masked} {', '.join(p.name for p in places)}") from refusal

    def _take_back(self, server: Server) -> None:
        """Empty what was committed, children first; TargetError where a table cannot be."""
        while self._loaded:
            step = self._loaded.pop()
            try:
                server.empty([[self.place(n) for n in reversed(step.tables)]])
                server.commit()
            except RefusedError as refusal:
                server.rollback()
                names = ", ".join(step.tables)
                what = f"{names}: rows that were committed could not be taken back: {refusal.message}"
                raise TargetError(what, where=self.address.masked, mend="Empty them by hand.") from refusal

    def _free(self, mode: WriteMode, places: dict[str, Place]) -> None:
        full = [n for n, rows in self._before.items() if rows]
        if mode is WriteMode.CREATE:
            refuse_rows({n: self._before[n] for n in full}, self.address.masked)
        if full and mode is WriteMode.REPLACE:
            held = ([places[n] for n in reversed(s.tables) if self._before.get(n)] for s in reversed(self.plan.load))
            self.server.empty([group for group in held if group])
            self._before = dict.fromkeys(self._before, 0)

    def _warn_of_engines(self, server: Server, places: dict[str, Place]) -> None:
        plain = server.without_transactions([p.path for p in places.values()])
        for name, place in places.items():
            if place.path in plain:
                undo = "cannot be undone" if self._before.get(name) else "is undone by emptying it"
                self.notices.append(f"{name}: its engine has no transactions; a failed load {undo}")

    def _undo(self, server: Server) -> None:
        """DDL and engines without transactions outlive a rollback: made tables are dropped, tables that were empty and
        lie in such an engine are emptied."""
        server.checks(False)
        for name in reversed(self._created):
            server.attempt(f"DROP TABLE IF EXISTS {self.place(name).quoted}")
        places = [self.place(n) for n, rows in self._before.items() if not rows]
        plain = server.without_transactions([p.path for p in places]) if places else set()
        for place in places:
            if place.path in plain:
                server.attempt(f"DELETE FROM {place.quoted}")
        server.checks(True)

    def _journal_path(self, plan: Plan) -> Path:
        return Path(self.options.get("journal") or f"understudy-{digest(plan)[:12]}.journal.jsonl")

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def refuse_rows(full: dict[str, int], where: str) -> None:
    """TargetError where tables hold rows that nobody has said what to do with. ``full``: rows by table."""
    if full:
        told = ", ".join(f"{n} ({rows:,} rows)" for n, rows in list(full.items())[:5]) + (
            ", …" if len(full) > 5 else ""
        )
        mend = "Use --append to add to them or --replace to empty them first."
        raise TargetError(f"it already holds rows: {told}", where=where, mend=mend)


def connect(address: Address) -> Server:
    """Open the connection of the address's database."""
    match address.dialect:
        case "postgresql":
            from understudy.delivery.databases.postgresql import PostgreSQL

            return PostgreSQL(address)
        case "sqlite":
            from understudy.delivery.databases.sqlite import SQLite

            return SQLite(address)
        case "duckdb":
            from understudy.delivery.databases.duckdb import DuckDB

            return DuckDB(address)
        case _:
            from understudy.delivery.databases.mysql import MySQL

            return MySQL(address)


def _flag(text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise RequestError(f"resumable must be true or false, not {text!r}", mend="Mend the option.")
    return text.lower() in TRUE
