"""Loading one step: plain, deferred, in one statement, or with checks off and looked at again afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec
import pyarrow as pa

from understudy.delivery.databases.hashing import fingerprint_of
from understudy.delivery.databases.journal import Journal
from understudy.delivery.databases.references import broken_references
from understudy.delivery.databases.server import Place, RefusedError, Server
from understudy.delivery.text.quoting import quote
from understudy.errors import InternalError, TargetError
from understudy.model.batch import Batch
from understudy.model.event import Listener, Notice, RowsDelivered, TableFinished, TableStarted
from understudy.model.lesson import Fed
from understudy.model.plan import LoadMethod, LoadStep, Plan
from understudy.model.receipt import Receipt
from understudy.ports.sink import Stream


class StepLoad:
    """One step on its way into one database."""

    def __init__(
        self,
        server: Server,
        plan: Plan,
        step: LoadStep,
        places: dict[str, Place],
        target: str,
        listen: Listener,
        journal: Journal | None,
    ) -> None:
        self.server, self.plan, self.step, self.places = server, plan, step, places
        self.target, self.listen, self.journal = target, listen, journal
        self._staged: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._number = 0
        self._fed = {x.table for x in plan.lessons if isinstance(x, Fed)}

    def run(self, stream: Stream) -> tuple[Receipt, ...]:
        """Load all tables of the step, and count what the tables hold more than before."""
        if self.journal is not None:
            return self._run(stream)
        before = {n: self._count(p) for n, p in self.places.items()}
        receipts = self._run(stream)
        for name, place in self.places.items():
            if self.plan.table(name).merge:
                continue  # rows that were there already are set: every row is there when its statement succeeds
            grown = self._count(place) - before[name]
            receipts = self._counted(name, grown - self.plan.table(name).rows, receipts)
        return receipts

    def _run(self, stream: Stream) -> tuple[Receipt, ...]:
        method = self._method()
        whole = method is not LoadMethod.PLAIN
        if self.journal is not None and whole:
            return self._unit(f"step {' '.join(self.step.tables)}", lambda: self._whole(method, stream), stream)
        if whole:
            return self._whole(method, stream)
        receipts = self._tables(stream)
        self._second_pass(stream)
        return receipts

    # ---- methods -------------------------------------------------------------------------------
    def _method(self) -> LoadMethod:
        """The step's method in words that this database knows; another way is told."""
        wanted, dialect = self.step.method, self.server.dialect
        if wanted is LoadMethod.PLAIN or (dialect == "postgresql" and wanted is not LoadMethod.CHECKS_OFF):
            return wanted
        known = {"sqlite": LoadMethod.DEFERRED, "mysql": LoadMethod.CHECKS_OFF}.get(dialect)
        if known is None:
            mend = "Load into a database that can, or leave the cycle's foreign keys out."
            what = f"{', '.join(self.step.tables)}: {dialect} cannot load a cycle of foreign keys ({wanted.value})"
            if dialect == "postgresql":
                what = f"{', '.join(self.step.tables)}: foreign keys are never switched off in PostgreSQL"
            raise TargetError(what, where=self.target, mend=mend)
        if known is not wanted:
            self.listen(Notice(f"{', '.join(self.step.tables)}: loaded {known.value} in place of {wanted.value}"))
        return known

    def _whole(self, method: LoadMethod, stream: Stream) -> tuple[Receipt, ...]:
        match method:
            case LoadMethod.DEFERRED:
                self.server.defer()
                receipts = self._tables(stream)
                self._second_pass(stream)
                self._guarded(self.server.enforce, ", ".join(self.step.tables))
            case LoadMethod.ONE_STATEMENT:
                receipts = self._together(stream)
                self._second_pass(stream)
            case _:
                receipts = self._unchecked(stream)
        return receipts

    def _unchecked(self, stream: Stream) -> tuple[Receipt, ...]:
        names = ", ".join(self.step.tables)
        self.listen(Notice(f"{names}: foreign key checks are off while these are loaded, and looked at again after"))
        self.server.checks(False)
        try:
            receipts = self._tables(stream)
            self._second_pass(stream)
        finally:
            self.server.checks(True)
        found = broken_references(self.server, self.plan.schema, list(self.places.values()))
        if found:
            mend = "Nothing was kept. See `understudy plan` for how they are met."
            raise TargetError(f"rows without parent: {'; '.join(found)}", where=self.target, mend=mend)
        return receipts

    def _together(self, stream: Stream) -> tuple[Receipt, ...]:
        receipts: list[Receipt] = []
        pairs = []
        for name in self.step.tables:
            place = self.places[name]
            staged = self._new_stage(place, tuple(c.name for c in place.columns))
            pairs.append((place, staged))
            self.listen(TableStarted(name, self.plan.table(name).rows))
            for batch in self._batches(stream, name):
                data = self._prepared(place, batch)
                self._stage_later(place, batch.data)
                self._insert(self._staging(place, staged), data, batch.start)
                receipts.append(self._receipt(batch, data))
        self._guarded(lambda: self.server.insert_together(pairs), ", ".join(self.step.tables))
        for place, staged in pairs:
            self.server.unstage(staged)
            rows = self.plan.table(place.name).rows
            self.listen(RowsDelivered(place.name, rows))
            self.listen(TableFinished(place.name, rows))
        return tuple(receipts)

    def _tables(self, stream: Stream) -> tuple[Receipt, ...]:
        plain = self.journal is not None and self._method() is LoadMethod.PLAIN
        receipts: list[Receipt] = []
        for name in self.step.tables:
            place, rows = self.places[name], self.plan.table(name).rows
            self.listen(TableStarted(name, rows))
            if plain:
                for start in range(0, rows, self.plan.batch_rows):
                    stop = min(start + self.plan.batch_rows, rows)
                    receipts += self._partition(place, start, stop, stream)
            else:
                for batch in self._batches(stream, name):
                    receipts.append(self._deliver(place, batch))
            if name in self._fed:
                self.server.continue_sequences([place])  # before another table's trigger asks for a number
            self.listen(TableFinished(name, rows))
        return tuple(receipts)

    def _deliver(self, place: Place, batch: Batch) -> Receipt:
        data = self._prepared(place, batch)
        self._insert(place, data, batch.start)
        if self.journal is None or self._method() is not LoadMethod.PLAIN:
            self._stage_later(place, batch.data)
        self.listen(RowsDelivered(place.name, data.num_rows))
        return self._receipt(batch, data)

    # ---- resuming ------------------------------------------------------------------------------
    def _partition(self, place: Place, start: int, stop: int, stream: Stream) -> tuple[Receipt, ...]:
        def send() -> tuple[Receipt, ...]:
            return tuple(self._deliver(place, b) for b in stream(place.name, start, stop))

        return self._unit(f"rows {start}..{stop} of {place.name}", send, stream, place, start, stop)

    def _unit(
        self,
        unit: str,
        send: Callable[[], tuple[Receipt, ...]],
        stream: Stream,
        place: Place | None = None,
        start: int = 0,
        stop: int = 0,
    ) -> tuple[Receipt, ...]:
        journal = self.journal
        if journal is None:
            raise InternalError("a unit needs a journal")
        if unit in journal.done:
            for receipt in journal.done[unit]:
                self.listen(RowsDelivered(receipt.table, receipt.accepted))
            return journal.done[unit]
        if journal.doubtful == unit:
            receipts = self._found(place, start, stop, stream)
            if receipts:
                self.listen(Notice(f"{unit}: was committed before the interruption", "info"))
                journal.record(unit, receipts)
                return receipts
        journal.intend(unit)
        receipts = send()
        self._guarded(self.server.commit, unit)
        journal.record(unit, receipts)
        return receipts

    def _found(self, place: Place | None, start: int, stop: int, stream: Stream) -> tuple[Receipt, ...]:
        """Receipts of a unit in doubt, if its first and last row are in the target by primary key."""
        ranges = [(place, start, stop)] if place else [(p, 0, self.plan.table(n).rows) for n, p in self.places.items()]
        receipts: list[Receipt] = []
        for where, a, b in ranges:
            if a == b:
                continue
            batches = list(stream(where.name, a, b))
            keys = key_columns(where)
            if not keys:
                raise self._no_key(where, "whether its rows were committed before the interruption cannot be told")
            ends = pa.Table.from_batches(
                [
                    _picked(batches[0].data.slice(0, 1), keys),
                    _picked(batches[-1].data.slice(batches[-1].data.num_rows - 1), keys),
                ]
            )
            staged = self._new_stage(where, keys)
            for record in ends.to_batches():
                self._insert(self._staging(where, staged, keys), record, a)
            same = " AND ".join(f"t.{q} = s.{q}" for q in (self._quoted(k) for k in keys))
            found = int(self.server.query(f"SELECT count(*) FROM {where.quoted} t JOIN {staged} s ON {same}")[0][0])
            self.server.unstage(staged)
            if found == 0:
                return ()
            if found != ends.num_rows:
                raise TargetError(
                    f"{where.name}: rows {a}..{b} are there in part", where=self.target, mend="Use --replace."
                )
            receipts += [self._receipt(x, self._prepared(where, x)) for x in batches]
        return tuple(receipts)

    # ---- the second pass -----------------------------------------------------------------------
    def _later(self, place: Place) -> tuple[str, ...]:
        loaded = {c.name for c in place.columns}
        return tuple(c for c in self.step.second(place.name) if c in loaded)

    def _stage_later(self, place: Place, data: pa.RecordBatch) -> None:
        later = self._later(place)
        if not later:
            return
        keys = key_columns(place, without=later)
        if not keys:
            raise self._no_key(place, f"the second pass over {', '.join(later)} needs a key")
        if place.name not in self._staged:
            self._staged[place.name] = (self._new_stage(place, keys + later), keys)
        staged = self._staged[place.name][0]
        self._insert(self._staging(place, staged, keys + later), _picked(data, keys + later), 0)

    def _second_pass(self, stream: Stream) -> None:
        for name in self.step.tables:
            place = self.places[name]
            later = self._later(place)
            if not later:
                continue
            if self.journal is not None and self._method() is LoadMethod.PLAIN:
                self._unit(f"second pass of {name}", partial(self._again, place, stream), stream)
            else:
                self._set(place, later)

    def _again(self, place: Place, stream: Stream) -> tuple[Receipt, ...]:
        for batch in self._batches(stream, place.name):
            self._stage_later(place, batch.data)
        self._set(place, self._later(place))
        return ()

    def _set(self, place: Place, later: tuple[str, ...]) -> None:
        if place.name not in self._staged:
            return
        staged, keys = self._staged.pop(place.name)
        touched: list[int] = []
        self._guarded(lambda: touched.append(self.server.update_from(place, staged, keys, later)), place.name)
        self.server.unstage(staged)
        rows = self.plan.table(place.name).rows
        if touched[0] != rows:
            what = f"{place.name}: {touched[0]} of {rows} rows were found again by their key ({', '.join(keys)})"
            raise TargetError(what, where=self.target, mend="A trigger changes the key; leave these columns null.")

    # ---- counting ------------------------------------------------------------------------------
    def _count(self, place: Place) -> int:
        return int(self.server.query(f"SELECT count(*) FROM {place.quoted}")[0][0])

    def _counted(self, name: str, more: int, receipts: tuple[Receipt, ...]) -> tuple[Receipt, ...]:
        """Rows that a trigger or rule added are told; those it swallowed are taken off the receipts as well."""
        if more > 0:
            self.listen(Notice(f"{name}: {more} rows more than were sent (made by a trigger or rule)"))
        if more >= 0:
            return receipts
        self.listen(Notice(f"{name}: {-more} of the rows sent are not there (kept out by a trigger or rule)"))
        kept, lacking = [], -more
        for receipt in reversed(receipts):
            off = min(lacking, receipt.accepted) if receipt.table == name else 0
            lacking -= off
            kept.append(msgspec.structs.replace(receipt, accepted=receipt.accepted - off))
        return tuple(reversed(kept))

    # ---- small parts ---------------------------------------------------------------------------
    def _batches(self, stream: Stream, name: str) -> Iterator[Batch]:
        return stream(name, 0, self.plan.table(name).rows)

    def _prepared(self, place: Place, batch: Batch) -> pa.RecordBatch:
        """The loaded columns of a batch, those of the second pass null."""
        later = set(self.step.later.get(place.name, ()))
        columns = []
        for c in place.columns:
            column = batch.data.column(batch.data.schema.get_field_index(c.name))
            columns.append(pa.nulls(len(column), column.type) if c.name in later else column)
        return pa.RecordBatch.from_arrays(columns, names=[c.name for c in place.columns])

    def _insert(self, place: Place, data: pa.RecordBatch, start: int) -> None:
        try:
            merge = () if place.staging else self.plan.table(place.name).merge
            if data.num_rows and merge:
                self.server.merge(place, data, merge)
            elif data.num_rows:
                self.server.insert(place, data)
        except RefusedError as refusal:
            raise refusal.told(f"{self.target} {place.name}", start=start, table=place.name) from refusal

    def _guarded(self, work: Callable[[], object], what: str) -> None:
        try:
            work()
        except RefusedError as refusal:
            known = what if what in self.places else ""
            raise refusal.told(f"{self.target} {what}", table=known) from refusal

    def _receipt(self, batch: Batch, data: pa.RecordBatch) -> Receipt:
        checksum, size = fingerprint_of(batch.data)
        return Receipt(batch.table, batch.start, batch.stop, data.num_rows, self.target, size, checksum)

    def _new_stage(self, place: Place, columns: tuple[str, ...]) -> str:
        self._number += 1
        return self.server.stage(f"us_stage_{self._number}", place, columns)

    def _staging(self, place: Place, staged: str, columns: tuple[str, ...] = ()) -> Place:
        chosen = tuple(c for n in columns for c in place.columns if c.name == n) if columns else place.columns
        return Place(place.name, ("", staged), staged, chosen, place.entity, staging=True)

    def _quoted(self, name: str) -> str:
        return quote(name, self.server.dialect)

    def _no_key(self, place: Place, why: str) -> TargetError:
        mend = "Give the table a primary key."
        return TargetError(f"{place.name}: {why}, and it has none that is loaded", where=self.target, mend=mend)


def key_columns(place: Place, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The columns of the primary key, or of another key without nulls, that are loaded; () where there is none."""
    loaded = {c.name for c in place.columns} - set(without)
    required = {f.name for f in place.entity.fields if not f.nullable}
    keys = sorted(place.entity.uniques, key=lambda u: not u.primary)
    for key in keys:
        plain = all(p.column and not p.prefix for p in key.parts) and not key.predicate
        if plain and set(key.columns) <= loaded and (key.primary or set(key.columns) <= required):
            return key.columns
    return ()


def _picked(data: pa.RecordBatch, names: tuple[str, ...]) -> pa.RecordBatch:
    columns = [data.column(data.schema.get_field_index(n)) for n in names]
    return pa.RecordBatch.from_arrays(columns, names=list(names))
