"""The main job: a plan's rows into a target, with a certificate."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from understudy.errors import RequestError, TargetError, UnsatisfiableError
from understudy.model.bundle import Bundle
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.manifest import Certified, Manifest, TableManifest
from understudy.model.plan import Plan
from understudy.model.receipt import Receipt
from understudy.model.violation import Verdict
from understudy.ports.sink import PartSink, StepSink, WriteMode
from understudy.workflow.journal import Journal
from understudy.workflow.labelling import anomalies


def generate(
    bundle: Bundle,
    target: str,
    *,
    mode: WriteMode = WriteMode.CREATE,
    format: str = "",
    workers: int = 1,
    resume: bool = False,
    verify: bool | None = None,
    options: Mapping[str, str] | None = None,
    faces: str = "",
    listen: Listener = silent,
) -> Manifest:
    """Generate and deliver. Nothing is left half-written: a failed run leaves the target as it was, or, with
    ``resume``, what has a receipt stays and the same call goes on behind it. A run that writes files and is killed can
    be resumed also if it was not asked for beforehand.

    ``workers``: at most so many processes; as few as have something to do.

    ``verify``: check every constraint on the delivered data by query; None: on databases, where the data lie in
    an engine that can; files are checked on request (`understudy validate`), for reading costs more than making.

    ``faces``: a folder for the documents of faces, which a database does not take; about the very rows that are loaded.

    Raises UnsatisfiableError before a row is made where the plan has demands that cannot be met,
    TargetError where the target refuses.
    """
    from understudy.delivery import open_sink, resolved

    plan = bundle.plan
    target = resolved(target)
    if plan.unmet:
        raise UnsatisfiableError(plan.unmet, mend="See `understudy plan` for the reasons.")
    for warning in plan.warnings:
        listen(Notice(warning))
    started = datetime.now(UTC)
    wishes = dict(options or {})
    sink = open_sink(target, format=format, options=wishes)
    if resume and isinstance(sink, StepSink):
        sink = open_sink(target, format=format, options={**wishes, "resumable": "yes"})
    run = _Run(bundle, target, mode, workers, resume, listen, format, wishes)
    manifest = run.parts(sink) if isinstance(sink, PartSink) else run.steps(sink)
    if isinstance(sink, StepSink) and plan.faces:
        if faces:
            written = write_faces(bundle, faces, mode)
            listen(Notice(f"{written:,} documents of {len(plan.faces)} faces are in {faces}", "info"))
        else:
            listen(Notice(f"the documents of {len(plan.faces)} faces are not made: add --faces FOLDER", "info"))
    wanted = isinstance(sink, StepSink) if verify is None else verify
    verdicts = _verify(plan, target, manifest, listen) if wanted else ()
    return _certify(manifest, bundle, verdicts, started)


def write_faces(bundle: Bundle, folder: str, mode: WriteMode) -> int:
    """The documents of a plan's faces as JSON Lines in a folder; how many."""
    import msgspec

    from understudy.delivery import open_sink
    from understudy.generation import executor

    sink = open_sink(folder, format="jsonl", options={})
    if not isinstance(sink, PartSink):
        raise RequestError("faces go into a folder", where=folder, mend="Name a folder.")
    only = msgspec.structs.replace(bundle.plan, tables=())
    sink.open(only, mode)
    try:
        with executor(1) as work:
            receipts = tuple(work.run_parts(bundle, sink, sink.parts(only), silent))
        sink.commit(receipts)
    except BaseException:
        sink.abort()
        raise
    return sum(r.accepted for r in receipts)


class _Run:
    def __init__(
        self,
        bundle: Bundle,
        target: str,
        mode: WriteMode,
        workers: int,
        resume: bool,
        listen: Listener,
        format: str,
        options: Mapping[str, str],
    ) -> None:
        self.bundle, self.target, self.mode = bundle, target, mode
        self.workers, self.resume, self.listen = workers, resume, listen
        self.format, self.options = format, options

    def parts(self, sink: PartSink) -> Manifest:
        """Files: parts in any order, by any worker."""
        plan = self.bundle.plan
        started = time.monotonic()
        self.listen(StageStarted("generate", f"{sum(t.rows for t in plan.everything):,} rows"))
        journal = Journal(self.target, self._digest, resume=self.resume)
        self._open(sink, journal)
        try:
            receipts = self._written(sink, journal)
            sink.commit(receipts)
        except BaseException:
            if self.resume:
                journal.leave()
            else:
                sink.abort()
                journal.close()
            raise
        journal.close()
        self.listen(StageFinished("generate", time.monotonic() - started))
        return self._manifest(receipts)

    @property
    def _digest(self) -> str:
        """Of everything that decides what the files hold and what they are called."""
        import msgspec

        from understudy.storage.plans import plan_hash

        what = [plan_hash(self.bundle), self.format, sorted(self.options.items()), self.mode.value]
        return hashlib.blake2b(msgspec.json.encode(what), digest_size=16).hexdigest()

    def _open(self, sink: PartSink, journal: Journal) -> None:
        try:
            sink.open(self.bundle.plan, self.mode, resumed=self.resume and journal.interrupted)
        except TargetError as error:
            if not journal.interrupted:
                raise
            mend = "Add --resume to go on with it, or --replace to start anew."
            raise TargetError("a load of this same plan was interrupted here", where=self.target, mend=mend) from error

    def _written(self, sink: PartSink, journal: Journal) -> tuple[Receipt, ...]:
        """Write what is not there yet; all receipts, table by table."""
        from understudy.generation import executor, worthwhile

        plan = self.bundle.plan
        parts = sink.parts(plan)
        there = journal.receipts(parts)
        if there:
            self.listen(Notice(f"{len(there)} of {len(parts)} files were written before the interruption", "info"))
        receipts = list(there.values())
        journal.begin(receipts)
        with executor(worthwhile(plan, self.workers)) as work:
            for receipt in work.run_parts(self.bundle, sink, parts, self.listen, there.keys()):
                receipts.append(receipt)
                journal.add(receipt)
        order = {t.name: i for i, t in enumerate(plan.everything)}
        return tuple(sorted(receipts, key=lambda r: (order[r.table], r.start)))

    def steps(self, sink: StepSink) -> Manifest:
        """Databases: steps in the plan's order, over one connection."""
        from understudy.generation import executor, worthwhile

        plan = self.bundle.plan
        started = time.monotonic()
        receipts: list[Receipt] = []
        try:
            sink.open(plan, self.mode)
            before, server = sink.fingerprint(), sink.version()
            held = {t.name: sink.count(t.name) for t in plan.tables}
            self.listen(StageStarted("load", f"{sum(t.rows for t in plan.tables):,} rows"))
            with executor(worthwhile(plan, self.workers)) as work:
                stream = work.streamer(self.bundle)
                for step in plan.load:
                    receipts += sink.load(step, stream, self.listen)
            after = sink.fingerprint()
            now = {t.name: sink.count(t.name) for t in plan.tables}
            sink.commit()
        except BaseException:
            sink.abort()
            raise
        self.listen(StageFinished("load", time.monotonic() - started))
        return self._manifest(receipts, before, after, held, now, server)

    def _manifest(
        self,
        receipts: Sequence[Receipt],
        before: str = "",
        after: str = "",
        held: Mapping[str, int] | None = None,
        now: Mapping[str, int] | None = None,
        server: str = "",
    ) -> Manifest:
        tables = []
        whole = self.bundle.plan.everything if held is None else self.bundle.plan.tables
        for table in whole:
            mine = [r for r in receipts if r.table == table.name]
            accepted = sum(r.accepted for r in mine)
            first, last = (held or {}).get(table.name), (now or {}).get(table.name)
            rejected = table.rows - accepted
            if first is not None and last is not None and not self.resume and not table.merge:
                rejected = max(rejected, first + table.rows - last)
            tables.append(TableManifest(table.name, table.rows, accepted, rejected, first, last, _whole(mine)))
        from understudy.workflow.reading import shown

        return Manifest(
            target=shown(self.target),
            plan_hash="",
            seed=self.bundle.plan.seed,
            clock=self.bundle.plan.clock,
            era=self.bundle.plan.era,
            started="",
            finished="",
            server=server,
            tables=tuple(tables),
            receipts=tuple(receipts),
            structure_before=before,
            structure_after=after,
            warnings=self.bundle.plan.warnings,
            unmet=self.bundle.plan.unmet,
            learned=self.bundle.plan.lessons,
            anomalies=anomalies(self.bundle),
            real=self.bundle.plan.real,
            used=self.bundle.plan.used,
        )


def _whole(receipts: Sequence[Receipt]) -> str:
    """One checksum of a table's parts, in order."""
    parts = "".join(r.checksum for r in sorted(receipts, key=lambda r: r.start))
    return hashlib.blake2b(parts.encode(), digest_size=16).hexdigest() if parts else ""


def _verify(plan: Plan, target: str, manifest: Manifest, listen: Listener) -> tuple[Verdict, ...]:
    """The constraints, by query, in an engine of its own."""
    from understudy.workflow.validating import verify_target

    started = time.monotonic()
    listen(StageStarted("verify"))
    verdicts = verify_target(plan, target, manifest.receipts, listen)
    listen(StageFinished("verify", time.monotonic() - started, f"{len(verdicts)} constraints"))
    return verdicts


def _certify(manifest: Manifest, bundle: Bundle, verdicts: tuple[Verdict, ...], started: datetime) -> Manifest:
    import msgspec

    from understudy.storage.plans import plan_hash
    from understudy.workflow.versions import versions

    met = {(t.name, c.name): c.standing.value for t in bundle.plan.tables for c in t.constraints}
    certified = tuple(
        Certified(
            v.table,
            v.kind,
            v.rule,
            v.text,
            met.get((v.table, v.rule), "by construction"),
            v.method,
            v.violations,
            v.reason,
        )
        for v in verdicts
    )
    return msgspec.structs.replace(
        manifest,
        plan_hash=plan_hash(bundle),
        started=started.isoformat(timespec="seconds"),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(),
        constraints=certified,
    )
