"""The trial: a sample goes into the target's transaction, table by table, and what happens becomes lessons."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
import numpy as np
import pyarrow as pa

from understudy.model.bundle import Bundle
from understudy.model.lesson import Assigned, Behind, Counted, Fed, Lesson, Merged, Refused, Touched
from understudy.model.plan import LoadMethod, LoadStep, PlannedTable
from understudy.model.schema import Entity
from understudy.ports.tryout import Refusal, Tryout
from understudy.rehearsal.again import AGAIN, Again
from understudy.rehearsal.effects import Texts, effects, fires, touched
from understudy.rehearsal.guessing import SWALLOWED, Guesser, reason_key
from understudy.rehearsal.outcome import Group, Outcome
from understudy.rehearsal.reasons import Feature
from understudy.rehearsal.rewrites import rewritten
from understudy.rehearsal.rows import Planned, Rows
from understudy.rehearsal.sample import sample
from understudy.rehearsal.unknown import Unknown

ORPHANED = frozenset({"23503", "1452", "FOREIGN KEY"})
"""Codes of a parent that is not there: PostgreSQL, MySQL and MariaDB, SQLite."""

AT_ONCE = 8
"""Reasons of one table that are looked into in one round: a message with a name in it may make one of every row."""

GIVEN = "the key is given by its trigger"


def rehearse(
    bundle: Bundle,
    tryout: Tryout,
    sizes: Mapping[str, int],
    around: Mapping[str, int] | None = None,
    spent: frozenset[Lesson] = frozenset(),
) -> Outcome:
    """Try a sample of every table on an open ``tryout``. ``sizes``: rows per table; ``around``: a row per table near
    which more are tried; ``spent``: guesses that did not help before."""
    return _Trial(bundle, tryout, sizes, around or {}, spent).run()


class _Trial:
    def __init__(
        self,
        bundle: Bundle,
        tryout: Tryout,
        sizes: Mapping[str, int],
        around: Mapping[str, int],
        spent: frozenset[Lesson],
    ) -> None:
        self.plan, self.tryout = bundle.plan, tryout
        self.planned = Planned(bundle)
        self.texts = Texts(self.plan.schema)
        self.near = touched(self.plan.schema)
        self.known = set(self.plan.lessons)
        self.lost: dict[str, set[int]] = defaultdict(set)
        self.fed: dict[str, dict[str, float]] = defaultdict(dict)
        for lesson in self.plan.lessons:
            if isinstance(lesson, Fed):
                self.fed[lesson.table][lesson.source] = lesson.added / max(lesson.rows, 1)
        self.lessons: list[Lesson] = []
        self.guesses: list[tuple[tuple[str, str], Lesson]] = []
        self.groups: list[Group] = []
        self.seen: list[tuple[str, str]] = []
        self.tried: dict[str, int] = {}
        lasting = {x.table: f"its trigger {x.trigger} {x.what}" for x in effects(self.plan.schema) if x.lasting}
        self.untried = {**lasting, **tryout.outside()}
        self.untried |= {
            n: f"its triggers write to {m}, and {why}"
            for m, why in tryout.outside().items()
            for n in self.near
            if m in self.near[n] and n not in self.untried
        }
        self.gapless = frozenset(
            x.table for x in self.known if isinstance(x, Counted) and x.foreseen and x.why.startswith(GIVEN)
        )
        self.again = Again(self.plan, self.known, spent)
        self.guesser = Guesser(self.planned, tryout, self.texts, self.near, self.fed, self.known, spent)
        whole = frozenset(n for name in around for n in (name, *self.near.get(name, ())))
        self.rows = sample(bundle, sizes, around, self.gapless, whole)
        self.orphans: set[str] = set()
        self.kept: dict[str, pa.RecordBatch] = {}
        self.referred = {k.parent for t in self.plan.tables for k in t.links}
        self.dead = False

    def run(self) -> Outcome:
        self.lessons += Unknown(self.planned, self.tryout, self.known).learn()
        self._read_from_text()
        for step in self.plan.load:
            if self.dead:
                break
            self.tryout.begin(step)
            if step.method is LoadMethod.ONE_STATEMENT and self.tryout.dialect == "postgresql":
                self._together(step)
            else:
                for name in step.tables:
                    self._table(step, name)
            if not self.dead:
                self._end(step)
        return Outcome(
            tuple(x for x in dict.fromkeys((*self.lessons, *self.again.lessons)) if x not in self.known),
            (*self.guesses, *self.again.guesses),
            tuple(self.groups),
            (*self.seen, *self.again.seen),
            self.tried,
            {n: why for n, why in self.untried.items() if n in self.rows},
        )

    def _end(self, step: LoadStep) -> None:
        """The second pass and what is checked at the end; did what was set again stay, and did nothing else move?"""
        near = tuple(dict.fromkeys(m for n in step.again for m in (n, *self.near.get(n, ()))))
        if near:
            self.tryout.growth(near)
        refusal = self.tryout.end(step)
        if refusal is not None and step.again:
            self.seen += [(n, AGAIN) for n in step.again]
            for name in step.tables:
                self.lost[name].update(self.rows[name].tolist())
        elif refusal is not None:
            self._late(step, refusal)
        elif near:
            moved = set(self.tryout.growth(near)) - set(step.again)
            for name in step.again:
                if name in self.kept:
                    changed = tuple(self.tryout.readback(name, self.kept[name]).changed)
                    self.again.judge(name, changed, moved=bool(moved))

    # ---- one table ---------------------------------------------------------------------------
    def _table(self, step: LoadStep, name: str) -> None:
        if self.dead:
            return
        planned, rows = self.plan.table(name), self.rows[name]
        if name in self.untried:
            self.lost[name].update(rows.tolist())
            return
        whole, rows = rows, self._with_parents(planned, rows)
        if not rows.size and whole.size and self._orphaned(planned) and self.tryout.unbound(True):
            self._unbound(planned, whole, step)
            self.tryout.unbound(False)
            return
        self.tried[name] = rows.size
        if not rows.size or not any(not c.omitted for c in planned.delivered):
            return
        data, later = self.planned.data(planned, rows), step.later.get(name, ())
        alert = any(t.enabled for t in self.plan.schema.entity(name).triggers)
        near = (name, *self.near.get(name, ()))
        if alert:
            self.tryout.growth(near)
        if self._recounted(name, data):
            self.lost[name].update(rows.tolist())
            return
        verdicts: list[Refusal | None] = [None] * rows.size
        refusal = self.tryout.insert(name, data, later)
        if refusal is not None:
            if not self.tryout.savepoints:
                self.dead = True
                self._unexplained(name, "refused", refusal, int(rows[0]), 1, rows.size)
                return
            verdicts = self._each(name, data, later, refusal)
        taken = [i for i, v in enumerate(verdicts) if v is None]
        kept = data.take(pa.array(taken, pa.int64())) if len(taken) < rows.size else data
        if alert and taken:
            verdicts = self._came_back(planned, rows, kept, taken, verdicts, near)
        self.lost[name].update(int(rows[i]) for i, v in enumerate(verdicts) if v is not None)
        self._explain(planned, rows, verdicts, later)

    def _orphaned(self, planned: PlannedTable) -> bool:
        """Whether its rows lack parents because those cannot be tried."""
        return any(k.parent in self.untried or k.parent in self.orphans for k in planned.links)

    def _unbound(self, planned: PlannedTable, rows: Rows, step: LoadStep) -> None:
        """Rows without parents show what triggers set; what is refused of them may well be taken in the load."""
        name, later = planned.name, step.later.get(planned.name, ())
        self.orphans.add(name)
        data = self.planned.data(planned, rows)
        near = (name, *self.near.get(name, ()))
        self.tryout.growth(near)
        refusal = self.tryout.insert(name, data, later)
        verdicts: list[Refusal | None] = [None] * rows.size
        if refusal is not None:
            verdicts = self.tryout.insert_each(name, data, later)
        taken = [i for i, v in enumerate(verdicts) if v is None]
        if taken:
            self.tried[name] = len(taken)
            self._came_back(planned, rows, data.take(pa.array(taken, pa.int64())), taken, verdicts, near)

    def _each(self, name: str, data: pa.RecordBatch, later: tuple[str, ...], refusal: Refusal) -> list[Refusal | None]:
        """Row by row; then those that were taken once more together, as the load would send them."""
        verdicts = self.tryout.insert_each(name, data, later)
        if all(v is None for v in verdicts):
            return verdicts  # only together they are refused: what was said stays with the load's own check
        taken = [i for i, v in enumerate(verdicts) if v is None]
        self.tryout.undo(name)
        near = (name, *self.near.get(name, ()))
        self.tryout.growth(near)
        if taken and self.tryout.insert(name, data.take(pa.array(taken, pa.int64())), later) is not None:
            again = self.tryout.insert_each(name, data.take(pa.array(taken, pa.int64())), later)
            for i, v in zip(taken, again, strict=True):
                verdicts[i] = v
        return verdicts

    def _together(self, step: LoadStep) -> None:
        batches = {}
        for name in step.tables:
            rows = self._with_parents(self.plan.table(name), self.rows[name], inside=frozenset(step.tables))
            self.tried[name] = rows.size
            batches[name] = self.planned.data(self.plan.table(name), rows)
        refusal = self.tryout.insert_together(step, batches)
        if refusal is not None:
            self._late(step, refusal)

    def _late(self, step: LoadStep, refusal: Refusal) -> None:
        """What is refused at the end of a step takes all its rows with it."""
        name = refusal.table if refusal.table in self.rows else step.tables[0]
        for table in step.tables:
            self.lost[table].update(self.rows[table].tolist())
        first = int(self.rows[name][0]) if self.rows[name].size else 0
        self._unexplained(name, reason_key(refusal), refusal, first, 1, self.tried.get(name, 0))

    # ---- what came back ----------------------------------------------------------------------
    def _came_back(
        self,
        planned: PlannedTable,
        rows: Rows,
        kept: pa.RecordBatch,
        taken: list[int],
        verdicts: list[Refusal | None],
        near: tuple[str, ...],
    ) -> list[Refusal | None]:
        name, entity = planned.name, self.plan.schema.entity(planned.name)
        grown = self.tryout.growth(near)
        for other, growth in grown.items():
            if other == name:
                continue
            if growth.added > 0:
                fed = Fed(other, f"by its triggers {self._triggers(entity)}", name, len(taken), growth.added)
                self.fed[other][name] = growth.added / len(taken)
                if not any(isinstance(x, Fed) and (x.table, x.source) == (other, name) for x in self.known):
                    self.lessons.append(fed)
            elif (growth.changed > 0 or growth.removed > 0) and other not in self.fed:
                self.lessons.append(Touched(other, f"by its triggers {self._triggers(entity)}", name))
        back = self.tryout.readback(name, kept)
        self.kept[name] = kept
        added = grown[name].added if name in grown else 0
        primary = entity.primary_key
        if back.missing and primary is not None and set(primary.columns) & set(self.again.columns(name)):
            return verdicts  # their key is set at the end of the step
        if back.missing and added >= len(taken) and not planned.merge:
            self._renumbered(planned, kept)
            self.lost[name].update(rows.tolist())
            return verdicts
        verdicts = list(verdicts)
        for at in back.missing:
            verdicts[taken[at]] = SWALLOWED
        keyed = self._keyed(entity)
        features: list[Feature] | None = None
        for column, pairs in back.changed.items():
            if any(x.table == name and getattr(x, "column", "") == column for x in self.known):
                continue
            if column in self.again.columns(name):
                continue
            if features is None:
                features = self.planned.features(planned, rows[np.array(taken, np.int64)])
            lesson = rewritten(entity, column, pairs, len(taken), features, keyed)
            if isinstance(lesson, Assigned) and column in self._referred_to(name):
                self._drawn(planned, column, f"{column} is given by its trigger {self._triggers(entity)}")
                self.lost[name].update(rows.tolist())
                continue
            self.lessons.append(lesson)
            if isinstance(lesson, Assigned):
                self.again.moment(planned, lesson, [back for _, _, back in pairs], len(taken))
        return verdicts

    def _renumbered(self, planned: PlannedTable, kept: pa.RecordBatch) -> None:
        """Rows are there under other keys: how the database numbers them."""
        name, entity = planned.name, self.plan.schema.entity(planned.name)
        primary = entity.primary_key
        column = primary.columns[0] if primary is not None and len(primary.columns) == 1 else ""
        self.tryout.undo(name)
        numbers = self.tryout.numbered(name, kept, column) if column else ()
        steps = {b - a for a, b in pairwise(numbers)}
        why = f"{GIVEN} {self._triggers(entity)}"
        counted = any(isinstance(x, Counted) and x.table == name for x in self.known)
        if len(steps) == 1 and min(steps) > 0 and not counted:
            self.lessons.append(Counted(name, why, column, numbers[0], steps.pop(), foreseen=False))
        elif name in self.referred:
            self._drawn(planned, column, why)
        elif column and not any(isinstance(x, Assigned) and x.table == name for x in self.known):
            self.lessons.append(Assigned(name, why, column, sent=True))
        self.tryout.insert(name, kept)

    def _drawn(self, planned: PlannedTable, column: str, why: str) -> None:
        """A key that others refer to: the next round shows whether it can be set to the planned one."""
        if not column or not self.again.key(planned, column, why):
            words = f"{why}, which nobody can foresee, and other tables refer to it"
            self.lessons.append(Refused(planned.name, "", words))

    def _referred_to(self, name: str) -> set[str]:
        """Columns of a table that others refer to."""
        keys = (k for e in self.plan.schema.entities if e.name in self.rows for k in e.foreign_keys)
        return {c for k in keys if k.target == name and k.enforced for c in k.target_columns}

    def _recounted(self, name: str, data: pa.RecordBatch) -> bool:
        """Where a numbering starts shows only before anything else has asked for a number."""
        for lesson in self.known:
            if isinstance(lesson, Counted) and lesson.table == name and not lesson.foreseen:
                numbers = self.tryout.numbered(name, data, lesson.column)
                if numbers:
                    self.lessons.append(msgspec.structs.replace(lesson, start=numbers[0], foreseen=True))
                    return True
        return False

    def _keyed(self, entity: Entity) -> frozenset[str]:
        """Columns that keys, references and partitions rest on."""
        found = {c for u in entity.uniques for c in u.columns} | {c for k in entity.foreign_keys for c in k.columns}
        found |= set(entity.partitioning.keys) if entity.partitioning is not None else set()
        for other in self.plan.schema.entities:
            found |= {c for k in other.foreign_keys if k.target == entity.name for c in k.target_columns}
        return frozenset(found)

    def _triggers(self, entity: Entity) -> str:
        return ", ".join(t.name for t in entity.triggers if fires(t))

    # ---- why rows were refused ---------------------------------------------------------------
    def _explain(
        self, planned: PlannedTable, rows: Rows, verdicts: Sequence[Refusal | None], later: tuple[str, ...]
    ) -> None:
        groups: dict[str, list[int]] = defaultdict(list)
        for i, verdict in enumerate(verdicts):
            if verdict is not None:
                groups[reason_key(verdict)].append(i)
        orphaned = [key for key, found in groups.items() if _orphan(verdicts[found[0]])]
        if len(orphaned) < len(groups):  # rows behind a refused one of their own table: no reason of their own
            groups = defaultdict(list, {key: found for key, found in groups.items() if key not in orphaned})
        if not groups:
            return
        features = self.planned.features(planned, rows)
        parents = {k.name: self.planned.parents(planned, k.name, rows).tolist() for k in planned.links}
        for number, (key, refused) in enumerate(sorted(groups.items(), key=lambda g: -len(g[1]))):
            refusal = verdicts[refused[0]]
            assert refusal is not None
            self.seen.append((planned.name, key))
            lesson = None
            if number < AT_ONCE:
                lesson = self.guesser.lesson(planned, rows, refused, verdicts, features, parents, later)
            if isinstance(lesson, Behind):  # a better order, whatever else is the matter
                self.lessons.append(lesson)
            elif lesson is not None:
                self.guesses.append(((planned.name, key), lesson))
            else:
                self._unexplained(
                    planned.name, key, refusal, int(rows[refused[0]]), len(refused), rows.size, noted=True
                )

    def _unexplained(
        self, table: str, key: str, refusal: Refusal, row: int, count: int, of: int, *, noted: bool = False
    ) -> None:
        if not noted:
            self.seen.append((table, key))
        self.groups.append(Group(table, key, refusal, row, count, of))

    def _read_from_text(self) -> None:
        """Tables that cannot be tried and into which a trigger inserts by its text: their rows are set, not made."""
        for name in self.tryout.outside():
            entity = self.plan.schema.entity(name)
            primary = entity.primary_key
            if primary is None or any(not p.column or p.prefix for p in primary.parts):
                continue
            pattern = re.compile(rf"\bINTO\s+(?:[\w`\"]+\.)?[`\"]?{re.escape(entity.table)}\b", re.I)
            sources = [
                e.name
                for e in self.plan.schema.entities
                if any(fires(t) and pattern.search(self.texts.whole(t)) for t in e.triggers)
            ]
            lesson = Merged(name, f"read from the triggers of {', '.join(sources)}, not tried", primary.columns)
            if sources and lesson not in self.known:
                self.lessons.append(lesson)

    # ---- types that nobody here knows --------------------------------------------------------
    # ---- rows ----------------------------------------------------------------------------------
    def _with_parents(self, planned: PlannedTable, rows: Rows, inside: frozenset[str] = frozenset()) -> Rows:
        """Rows whose parents were taken."""
        keep = np.ones(rows.size, np.bool_)
        for link in planned.links:
            lost = self.lost.get(link.parent)
            if not (lost or link.parent in self.gapless) or link.parent in inside:
                continue
            existing = self.plan.table(link.parent).existing
            parents = self.planned.parents(planned, link.name, rows) - existing
            keep &= ~np.isin(parents, np.fromiter(lost or (), np.int64, len(lost or ())))
            if link.parent in self.gapless:
                keep &= parents < self.rows[link.parent].size
        self.lost[planned.name].update(rows[~keep].tolist())
        own = any(k.parent == planned.name for k in planned.links)
        if own and not keep.all():  # those who refer to rows that have just been left out
            return self._with_parents(planned, rows[keep], inside)
        return rows[keep]


def _orphan(refusal: Refusal | None) -> bool:
    """Whether a row was refused because its parent is not there."""
    return refusal is not None and refusal.code in ORPHANED
