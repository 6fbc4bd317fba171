"""The bounded cycle plan → rehearse → plan, and the load behind it.

plan ── rehearse a sample on the target, rolled back ── lessons ── plan again … until nothing new is learned
  └─ load ── refused all the same? the rows around the refused one are rehearsed, and it is loaded once more
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from understudy.errors import NotRehearsedError, RefusedRowError
from understudy.model.bundle import Bundle
from understudy.model.event import Listener, Notice, StageFinished, StageStarted, silent
from understudy.model.learned import Fitted
from understudy.model.lesson import Assigned, Counted, Lesson, Refused, said
from understudy.model.manifest import Manifest
from understudy.model.request import Request
from understudy.model.schema import Schema
from understudy.ports.sink import WriteMode
from understudy.workflow.preparing import look, planned
from understudy.workflow.reading import DEFAULT, Reading

if TYPE_CHECKING:
    from understudy.model.snapshot import Snapshot
    from understudy.rehearsal import Outcome
    from understudy.rehearsal.outcome import Group

ROUNDS = 10
"""Rehearsals of one plan. Each round proves or drops a guess per table; what is open then is told."""

CALM, ALERT, PUZZLED = 12, 48, 192
"""Rows tried of a table without triggers, of one with triggers or rules nobody understands, of one that refused."""

CLOSED = 3
"""Rows of which not one was taken, for one reason: the table takes none."""

HELD_ROWS = 200_000
"""Rows that a rehearsal may remove first (with --replace) and bring back by rolling back."""

TOLD = 40
"""Lessons told one by one; the rest stands in the plan and the certificate."""


class Rehearsal(msgspec.Struct, frozen=True):
    """What a cycle ended with. ``rows``: tried in the last round; ``notices``: what was left out, or stays behind."""

    bundle: Bundle
    rounds: int
    rows: int
    notices: tuple[str, ...] = ()


def rehearsed(
    schema: Schema,
    request: Request,
    target: str,
    mode: WriteMode = WriteMode.CREATE,
    listen: Listener = silent,
    *,
    fitted: Fitted | None = None,
    lessons: tuple[Lesson, ...] = (),
    around: Mapping[str, int] | None = None,
) -> Rehearsal:
    """A plan that the target has taken a sample of. ``lessons``: known before; ``around``: per table a row near which
    more is tried. Where the target cannot be rehearsed on, the plan as it is, and why."""
    snapshot = look(schema, request, target, listen)
    bundle = planned(schema, request, snapshot, fitted, lessons, listen)
    started = time.monotonic()
    listen(StageStarted("rehearse", target_shown(target)))
    cycle = _Cycle(schema, request, snapshot, fitted, target, mode, listen, around or {})
    try:
        done = cycle.run(bundle)
    finally:
        for notice in cycle.notices:
            listen(Notice(notice))
    for lesson in done.bundle.plan.lessons[:TOLD]:
        if not isinstance(lesson, Refused):
            listen(Notice(f"learned: {said(lesson)}", "info"))
    learned = len(done.bundle.plan.lessons)
    detail = (
        f"{done.rows:,} rows tried and rolled back, {done.rounds} round{'s' * (done.rounds != 1)}, {learned} lessons"
    )
    listen(StageFinished("rehearse", time.monotonic() - started, detail))
    return done


def target_shown(target: str) -> str:
    """The target as it may be shown."""
    from understudy.workflow.reading import shown

    return shown(target)


class _Cycle:
    def __init__(
        self,
        schema: Schema,
        request: Request,
        snapshot: Snapshot,
        fitted: Fitted | None,
        target: str,
        mode: WriteMode,
        listen: Listener,
        around: Mapping[str, int],
    ) -> None:
        self.schema, self.request, self.snapshot, self.fitted = schema, request, snapshot, fitted
        self.target = target
        self.mode, self.listen, self.around = mode, listen, around
        self.spent: set[Lesson] = set()
        self.guessed: dict[Lesson, tuple[str, str]] = {}
        self.puzzled: set[str] = set(around)
        self.notices: dict[str, None] = {}

    def run(self, bundle: Bundle) -> Rehearsal:
        """Rounds until nothing is refused and nothing new is seen."""
        from understudy.rehearsal import effects

        for effect in effects(self.schema):
            self.notices[effect.line] = None
        rows = 0
        for number in range(1, ROUNDS + 1):
            if bundle.plan.unmet:
                return Rehearsal(bundle, number - 1, rows, tuple(self.notices))
            try:
                outcome = self._round(bundle)
            except NotRehearsedError as error:
                self.notices[f"not rehearsed: {error.line}"] = None
                return Rehearsal(bundle, number - 1, rows, tuple(self.notices))
            rows = sum(outcome.tried.values())
            for table, why in outcome.untried.items():
                self.notices[f"{table}: not rehearsed, for {why}"] = None
            lessons = self._drawn(bundle.plan.lessons, outcome)
            if lessons == bundle.plan.lessons:
                if outcome.open:
                    bundle = self._refused(bundle, outcome.open)
                return Rehearsal(bundle, number, rows, tuple(self.notices))
            bundle = planned(self.schema, self.request, self.snapshot, self.fitted, lessons, silent)
        return Rehearsal(self._refused(bundle, outcome.open), ROUNDS, rows, tuple(self.notices))

    def _round(self, bundle: Bundle) -> Outcome:
        from understudy.delivery import open_tryout
        from understudy.rehearsal import rehearse

        tryout = open_tryout(self.target)
        assert tryout is not None
        outcome: Outcome | None = None
        try:
            for notice in tryout.open(bundle.plan, self.mode, HELD_ROWS):
                self.notices[notice] = None
            outcome = rehearse(bundle, tryout, self._sizes(bundle), self.around, frozenset(self.spent))
            return outcome
        finally:
            for notice in tryout.close():
                self.notices[notice] = None

    def _sizes(self, bundle: Bundle) -> dict[str, int]:
        from understudy.rehearsal.effects import touched

        near = touched(self.schema) if self.puzzled else {}
        puzzled = self.puzzled | {m for n in self.puzzled for m in near.get(n, ())}
        sizes = {}
        for table in bundle.plan.tables:
            entity = bundle.plan.schema.entity(table.name)
            opaque = any(c.standing.value == "not verifiable here" for c in table.constraints)
            alert = opaque or any(t.enabled for t in entity.triggers)
            sizes[table.name] = PUZZLED if table.name in puzzled else ALERT if alert else CALM
        return sizes

    def _drawn(self, known: tuple[Lesson, ...], outcome: Outcome) -> tuple[Lesson, ...]:
        """The lessons of the next plan: guesses that did not stop what they were to explain go, new ones come."""
        still = set(outcome.seen)
        failed = {x for x, group in self.guessed.items() if group in still and x in known}
        self.spent |= failed
        self.puzzled |= {table for table, _ in outcome.seen}
        lessons = [x for x in known if x not in failed]
        for group, guess in outcome.guesses:
            self.guessed[guess] = group
            lessons.append(guess)
        lessons += outcome.lessons
        settled = {(x.table, x.column) for x in lessons if isinstance(x, Counted) and x.foreseen}
        open_: list[Lesson] = [
            x for x in lessons if isinstance(x, Counted) and not x.foreseen and (x.table, x.column) in settled
        ]
        fixed = {(x.table, x.column) for x in lessons if isinstance(x, Assigned) and x.fixed}
        open_ += [x for x in lessons if isinstance(x, Assigned) and not x.fixed and (x.table, x.column) in fixed]
        return tuple(x for x in dict.fromkeys(lessons) if x not in open_)

    def _refused(self, bundle: Bundle, groups: tuple[Group, ...]) -> Bundle:
        """The plan with what no lesson mends among its demands that cannot be met."""
        found = tuple(
            Refused(
                g.table,
                f"{g.count} of {g.of} rows tried; row {g.row} shows it",
                f"it takes no row: {g.refusal.words}" if g.count == g.of >= CLOSED else g.refusal.words,
                g.refusal.constraint,
                g.refusal.code,
                g.row,
            )
            for g in groups
        )
        lessons = (*bundle.plan.lessons, *found)
        return planned(self.schema, self.request, self.snapshot, self.fitted, lessons, silent)


RELOADS = 3
"""Times that a load which was refused is planned anew: a reason shown by one row in thousands is rarely in a sample."""


def load(
    source: Sequence[str] | Schema,
    request: Request,
    target: str,
    *,
    mode: WriteMode = WriteMode.CREATE,
    reading: Reading = DEFAULT,
    rehearse: bool = True,
    certificate: str | Path | None = None,
    listen: Listener = silent,
    **how: Any,
) -> Manifest:
    """Read, plan, rehearse on the target, load, certify. ``rehearse``: False leaves the rehearsal out; files,
    saved plans and resumed loads know none. ``certificate``: a folder for certificate.json and its page. ``how``: as
    for :func:`understudy.workflow.generating.generate`.

    A load that is refused all the same is undone, the rows around the refused one are rehearsed, and it is loaded once
    more, a few times at most."""
    from understudy.delivery import open_sink
    from understudy.workflow.certifying import save_certificate
    from understudy.workflow.diagnosis import diagnosis
    from understudy.workflow.generating import generate
    from understudy.workflow.preparing import described, plan_schema, prepare

    def certified(manifest: Manifest, bundle: Bundle) -> Manifest:
        if certificate is not None:
            save_certificate(manifest, bundle, certificate)
        return manifest

    settled = not isinstance(source, Schema) and len(source) == 1 and source[0].rstrip("/").endswith(".plan")
    if settled and not isinstance(source, Schema):
        bundle = prepare(source, request, target, listen, reading)
        return certified(_diagnosed(bundle, target, mode, listen, how), bundle)
    schema, fitted = described(source, listen, reading)
    if not rehearse or how.get("resume") or not _is_live(target):
        bundle = plan_schema(schema, request, target if request.append else None, listen, fitted)
        return certified(_diagnosed(bundle, target, mode, listen, how), bundle)
    open_sink(target, format=how.get("format", ""), options=how.get("options") or {})  # what makes no sense ends here
    done = rehearsed(schema, request, target, mode, listen, fitted=fitted)
    for attempt in range(RELOADS + 1):
        try:
            manifest = generate(done.bundle, target, mode=mode, listen=listen, **how)
        except RefusedRowError as refusal:
            refusal.diagnosis = diagnosis(done.bundle, refusal)
            if attempt == RELOADS or not refusal.table or refusal.row is None:
                raise
            listen(Notice(f"{refusal.table}: {refusal.what}; undone, looked into, and tried once more", "info"))
            again = rehearsed(
                schema,
                request,
                target,
                mode,
                listen,
                fitted=fitted,
                lessons=done.bundle.plan.lessons,
                around={refusal.table: refusal.row},
            )
            if again.bundle.plan.lessons == done.bundle.plan.lessons:
                raise
            done = again
        else:
            manifest = msgspec.structs.replace(manifest, rehearsed=done.rows)
            return certified(manifest, done.bundle)
    raise AssertionError("unreachable")


def _diagnosed(bundle: Bundle, target: str, mode: WriteMode, listen: Listener, how: Mapping[str, Any]) -> Manifest:
    """Load without a rehearsal; a refusal is explained all the same."""
    from understudy.workflow.diagnosis import diagnosis
    from understudy.workflow.generating import generate

    try:
        return generate(bundle, target, mode=mode, listen=listen, **how)
    except RefusedRowError as refusal:
        refusal.diagnosis = diagnosis(bundle, refusal)
        raise


def _is_live(target: str) -> bool:
    from understudy.delivery import resolved

    return target != "-" and "://" in resolved(target)
