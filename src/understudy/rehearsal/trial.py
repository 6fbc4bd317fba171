"""The trial: a sample goes into the target's transaction, table by table, and what happens becomes lessons."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.expression import Lookup
from understudy.model.lesson import Assigned, Counted, Fed, Formed, Lesson, Merged, Refused, Reset, Touched
from understudy.model.plan import LoadMethod, LoadStep, PlannedTable
from understudy.model.schema import Entity
from understudy.ports.tryout import Refusal, Tryout
from understudy.rehearsal.collisions import DUPLICATE, collision
from understudy.rehearsal.effects import Texts, effects, fires, touched
from understudy.rehearsal.experiments import POOL, REFUSED, Candidate, mending, rules
from understudy.rehearsal.forms import forms, unlike, variations
from understudy.rehearsal.hypotheses import hypotheses
from understudy.rehearsal.reasons import Feature
from understudy.rehearsal.rewrites import rewritten
from understudy.rehearsal.sample import sample
from understudy.types import Kind

Rows = NDArray[np.int64]

UNDEFINED = "42704"
"""PostgreSQL's code of a parameter that nobody has set."""

SWALLOWED = Refusal("the row was not kept: a trigger returned nothing for it, or put it elsewhere", "swallowed")

AGAIN = "set once the rows are in"
"""What stands for guesses about columns that are set again, among the reasons of refusals."""

MOMENTS = 4
"""Values of a moment that the trigger's clock may show while a few rows are tried."""

LEAST = 3
"""Rows that must come back alike."""

GIVEN = "the key is given by its trigger"

KEPT_FORMS = 64
"""Texts of a learned form that the plan keeps."""

QUOTED = re.compile(r"[\"']([^\"']*)[\"']")

VARIABLE = re.compile(r"'[^']*'|\"[^\"]*\"|\([^)]*\)|[\w-]*\d[\w.:+-]*")


class Group(msgspec.Struct, frozen=True):
    """Rows of a table refused for one reason: ``positions`` in the sample, the first ``row`` of the plan."""

    table: str
    key: str
    refusal: Refusal
    row: int
    count: int
    of: int


class Outcome(msgspec.Struct, frozen=True):
    """``lessons``: what was learned; ``guesses``: lessons that a group of refusals suggested, by (table, key), to be
    proved by the next round; ``open``: groups for which nothing is left to try. ``tried``: rows per table."""

    lessons: tuple[Lesson, ...] = ()
    guesses: tuple[tuple[tuple[str, str], Lesson], ...] = ()
    open: tuple[Group, ...] = ()
    seen: tuple[tuple[str, str], ...] = ()
    tried: dict[str, int] = {}
    untried: dict[str, str] = {}

    @property
    def clean(self) -> bool:
        """Nothing refused, nothing new."""
        return not self.lessons and not self.guesses and not self.open


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
        self.bundle, self.plan, self.tryout, self.spent = bundle, bundle.plan, tryout, spent
        self.runtime = Runtime(bundle)
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
        whole = frozenset(n for name in around for n in (name, *self.near.get(name, ())))
        self.rows = sample(bundle, sizes, around, self.gapless, whole)
        self.later: dict[str, tuple[str, ...]] = {}
        self.orphans: set[str] = set()
        self.kept: dict[str, pa.RecordBatch] = {}
        self.referred = {k.parent for t in self.plan.tables for k in t.links}
        self.dead = False

    def run(self) -> Outcome:
        self._learn_forms()
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
            tuple(x for x in dict.fromkeys(self.lessons) if x not in self.known),
            tuple(self.guesses),
            tuple(self.groups),
            tuple(self.seen),
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
                self._stayed(name, bool(moved))

    def _stayed(self, name: str, moved: bool) -> None:
        """Whether the columns that were set again are as planned; what else changed with them is set as well."""
        if name not in self.kept:
            return
        reset = next(x for x in self.known if isinstance(x, Reset) and x.table == name)
        given = {x.column for x in self.known if isinstance(x, Assigned) and x.table == name} - set(reset.columns)
        changed = [c for c in self.tryout.readback(name, self.kept[name]).changed if c not in given]
        if not changed and not moved:
            return
        self.seen.append((name, AGAIN))
        more = Reset(name, reset.why, tuple(dict.fromkeys((*reset.columns, *changed))))
        if more.columns != reset.columns and more not in self.spent and not moved:
            self.guesses.append(((name, AGAIN), more))
            return
        for lesson in self.known:
            if isinstance(lesson, Assigned) and lesson.table == name and lesson.column in reset.columns:
                self.lessons.append(msgspec.structs.replace(lesson, fixed=True))

    def _set_again(self, planned: PlannedTable, lesson: Assigned, back: Sequence[str | None], rows: int) -> None:
        """The moment of insertion, which comes back in every row, may be set again afterwards where the table has a key:
        rows of the past have another one. Any other value is the trigger's to give."""
        moment = planned.column(lesson.column).type.kind in (Kind.DATE, Kind.TIMESTAMP, Kind.TIME)
        values = MOMENTS if moment else 1
        if len(back) < max(rows, LEAST) or len(set(back)) > values or lesson.column in self._referring(planned):
            return
        primary = self.plan.schema.entity(planned.name).primary_key
        sent = {c.name for c in planned.delivered if not c.omitted} - {lesson.column}
        if (
            not moment
            or primary is None
            or not set(primary.columns) <= sent
            or len(primary.parts) > len(primary.columns)
        ):
            self.lessons.append(msgspec.structs.replace(lesson, fixed=True))
            return
        also = next((x.columns for x in self.known if isinstance(x, Reset) and x.table == planned.name), ())
        mine = [x for x in self.guesses if x[0] == (planned.name, AGAIN)]
        also = (*also, *(c for _, x in mine if isinstance(x, Reset) for c in x.columns))
        reset = Reset(planned.name, lesson.why, tuple(dict.fromkeys((*also, lesson.column))))
        if reset in self.spent:
            return
        self.guesses = [x for x in self.guesses if x not in mine]
        self.guesses.append(((planned.name, AGAIN), reset))

    def _referring(self, planned: PlannedTable) -> set[str]:
        """Columns by which the table refers to others, or others to it."""
        schema = self.plan.schema
        found = {c for k in schema.entity(planned.name).foreign_keys for c in k.columns}
        return found | {
            c for e in schema.entities for k in e.foreign_keys if k.target == planned.name for c in k.target_columns
        }

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
        data, later = self._data(planned, rows), step.later.get(name, ())
        self.later[name] = later
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
        self._explain(planned, rows, verdicts)

    def _orphaned(self, planned: PlannedTable) -> bool:
        """Whether its rows lack parents because those cannot be tried."""
        return any(k.parent in self.untried or k.parent in self.orphans for k in planned.links)

    def _unbound(self, planned: PlannedTable, rows: Rows, step: LoadStep) -> None:
        """Rows without parents show what triggers set; what is refused of them may well be taken in the load."""
        name, later = planned.name, step.later.get(planned.name, ())
        self.orphans.add(name)
        data = self._data(planned, rows)
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
            batches[name] = self._data(self.plan.table(name), rows)
        refusal = self.tryout.insert_together(step, batches)
        if refusal is not None:
            self._late(step, refusal)

    def _late(self, step: LoadStep, refusal: Refusal) -> None:
        """What is refused at the end of a step takes all its rows with it."""
        name = refusal.table if refusal.table in self.rows else step.tables[0]
        for table in step.tables:
            self.lost[table].update(self.rows[table].tolist())
        first = int(self.rows[name][0]) if self.rows[name].size else 0
        self._unexplained(name, _key(refusal), refusal, first, 1, self.tried.get(name, 0))

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
            if features is None:
                features = self._features(planned, rows[np.array(taken, np.int64)])
            lesson = rewritten(entity, column, pairs, len(taken), features, keyed)
            self.lessons.append(lesson)
            if isinstance(lesson, Assigned):
                self._set_again(planned, lesson, [back for _, _, back in pairs], len(taken))
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
            words = f"{why}, which nobody can foresee, and other tables refer to it"
            self.lessons.append(Refused(name, "", words, primary.name if primary else ""))
        elif column and not any(isinstance(x, Assigned) and x.table == name for x in self.known):
            self.lessons.append(Assigned(name, why, column, sent=True))
        self.tryout.insert(name, kept)

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
    def _explain(self, planned: PlannedTable, rows: Rows, verdicts: Sequence[Refusal | None]) -> None:
        groups: dict[str, list[int]] = defaultdict(list)
        for i, verdict in enumerate(verdicts):
            if verdict is not None:
                groups[_key(verdict)].append(i)
        if not groups:
            return
        features = self._features(planned, rows)
        parents = {k.name: self.runtime.parents(planned.name, k.name, rows).tolist() for k in planned.links}
        for key, refused in groups.items():
            refusal = verdicts[refused[0]]
            assert refusal is not None
            self.seen.append((planned.name, key))
            lesson = self._lesson(planned, rows, key, refused, verdicts, features, parents)
            if lesson is not None:
                self.guesses.append(((planned.name, key), lesson))
            else:
                self._unexplained(
                    planned.name, key, refusal, int(rows[refused[0]]), len(refused), rows.size, noted=True
                )

    def _lesson(
        self,
        planned: PlannedTable,
        rows: Rows,
        key: str,
        refused: list[int],
        verdicts: Sequence[Refusal | None],
        features: list[Feature],
        parents: dict[str, list[int]],
    ) -> Lesson | None:
        refusal = verdicts[refused[0]]
        assert refusal is not None
        schema = self.plan.schema
        entity = schema.entity(planned.name)
        if refusal.code in DUPLICATE:
            rowcounts = {t.name: t.rows for t in self.plan.tables}
            found = collision(schema, entity, refusal, self.fed, self.near, rowcounts, self.known | self.spent)
            if found is not None:
                return found
        if refusal.code == UNDEFINED:  # a session setting is missing: no other row helps
            return None
        tried = self._experiments(planned, rows, refused, refusal)
        for guess in hypotheses(
            schema, entity, self.texts, refusal, refused, verdicts, features, parents, self.tryout.dialect, tried
        ):
            if guess not in self.spent and guess not in self.known:
                return guess
        return self._formed(planned, rows, refused, refusal)

    def _experiments(
        self, planned: PlannedTable, rows: Rows, refused: list[int], refusal: Refusal
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Rules that other values in refused rows suggest, and their columns."""
        if not self.tryout.savepoints or refusal is SWALLOWED:
            return
        name, later = planned.name, self.later.get(planned.name, ())
        chosen = rows[np.array(refused[:REFUSED], np.int64)]
        data = self._data(planned, chosen)

        def taken(row: pa.RecordBatch) -> bool | None:
            found = self.tryout.insert(name, row, later)
            if found is None:
                self.tryout.undo(name)
                return True
            return False if _key(found) == _key(refusal) else None

        batches = [data.slice(i, 1) for i in range(data.num_rows)]
        found = mending(batches, self._candidates(planned, rows, refusal), taken, self.tryout.dialect)
        yield from rules(found)

    def _candidates(self, planned: PlannedTable, rows: Rows, refusal: Refusal) -> list[Candidate]:
        """The columns that are no references, with planned values: of unique ones those of rows that are not there."""
        entity = self.plan.schema.entity(planned.name)
        linked = {c for k in entity.foreign_keys if any(k.name == t.name for t in planned.links) for c in k.columns}
        unique = {c for u in entity.uniques for c in u.columns}
        words = f"{refusal.words} {refusal.context} {self.texts.with_functions(self._rule_text(entity, refusal))}"
        told = {w.lower() for w in re.findall(r"\w+", words)}
        wanted = min(planned.rows, POOL + rows.size)
        others = np.setdiff1d(np.linspace(0, planned.rows - 1, wanted).astype(np.int64), rows)
        found = []
        for column in planned.delivered:
            if column.omitted or column.name in linked:
                continue
            drawn = others if column.name in unique else np.concatenate([rows, others])
            made_up = not drawn.size
            planned_values = self.runtime.column(planned.name, column.name, rows if made_up else drawn).to_pylist()
            values = tuple(dict.fromkeys(map(_hashable, planned_values)))
            found.append(
                Candidate(
                    column.name,
                    column.type,
                    entity.field(column.name).nullable,
                    tuple(unlike(values)) if made_up else values,
                    column.name.lower() in told,
                    made_up,
                )
            )
        return found

    def _formed(self, planned: PlannedTable, rows: Rows, refused: list[int], refusal: Refusal) -> Lesson | None:
        """Another text in one column, tried in a refused row: where some are taken, that is the form it wants."""
        if not self.tryout.savepoints:
            return None
        entity = self.plan.schema.entity(planned.name)
        keyed = {c for k in entity.foreign_keys for c in k.columns} | {c for u in entity.uniques for c in u.columns}
        words = {
            w.lower()
            for w in re.findall(r"\w+", f"{refusal.words} {refusal.context} {self._rule_text(entity, refusal)}")
        }
        quoted = {v for v in QUOTED.findall(refusal.message) if v}
        data = self._data(planned, rows[np.array(refused[:1], np.int64)])
        shown = {n for n, c in zip(data.schema.names, data.columns, strict=True) if str(c[0].as_py()) in quoted}
        columns = [
            c
            for c in planned.delivered
            if c.type.kind in (Kind.TEXT, Kind.OPAQUE)
            and not c.omitted
            and c.name not in keyed
            and (c.name.lower() in words or c.name in shown)
        ]
        for column in columns:
            if any(isinstance(x, Formed) and (x.table, x.column) == (planned.name, column.name) for x in self.known):
                continue
            first = self.texts.with_functions(self._rule_text(entity, refusal))
            taken = self._tried(planned, data, column.name, forms(_quoted_texts(first)))
            if taken:
                taken += [
                    t for t in self._tried(planned, data, column.name, tuple(variations(taken))) if t not in taken
                ]
                return Formed(
                    planned.name, f"of the texts tried, {len(taken)} were taken", column.name, tuple(taken[:KEPT_FORMS])
                )
        return None

    def _tried(self, planned: PlannedTable, data: pa.RecordBatch, column: str, texts: tuple[str, ...]) -> list[str]:
        """Those of ``texts`` that the database takes in ``column`` of the row ``data``."""
        length = planned.column(column).type.length
        texts = tuple(t for t in texts if length is None or len(t) <= length)
        place = data.schema.get_field_index(column)
        taken = []
        for text in texts:
            columns = [pa.array([text]) if i == place else c for i, c in enumerate(data.columns)]
            refusal = self.tryout.insert(planned.name, pa.RecordBatch.from_arrays(columns, names=data.schema.names))
            if refusal is None:
                self.tryout.undo(planned.name)
                taken.append(text)
        return taken

    def _rule_text(self, entity: Entity, refusal: Refusal) -> str:
        checks = [r.text for r in entity.checks if r.name == refusal.constraint]
        bodies = [f"{t.text}\n{t.body}" for t in entity.triggers if fires(t)]
        return "\n".join(checks or bodies)

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
    def _learn_forms(self) -> None:
        """Texts that the input functions of unknown types take."""
        if self.tryout.dialect != "postgresql":
            return
        taken: dict[str, tuple[str, ...]] = {}
        for planned in self.plan.tables:
            for column in planned.columns:
                if column.type.kind is not Kind.OPAQUE or column.hidden or column.omitted or not column.type.raw:
                    continue
                raw = column.type.raw
                if self._fits(planned, column.name, raw):
                    continue
                if raw not in taken:
                    found = [t for t in forms() if self._casts(t, raw)]
                    found += [t for t in variations(found) if t not in found and self._casts(t, raw)] if found else []
                    taken[raw] = tuple(found[:KEPT_FORMS])
                if taken[raw]:
                    why = f"the input function of {raw} takes {len(taken[raw])} of the texts tried"
                    lesson = Formed(planned.name, why, column.name, taken[raw])
                    if not any(
                        isinstance(x, Formed) and (x.table, x.column) == (planned.name, column.name) for x in self.known
                    ):
                        self.lessons.append(lesson)

    def _fits(self, planned: PlannedTable, column: str, raw: str) -> bool:
        """Whether the type takes the first values that are planned for the column."""
        made = self.runtime.column(planned.name, column, np.arange(min(planned.rows, 4), dtype=np.int64)).to_pylist()
        return all(self._casts(str(v), raw) for v in made if v is not None)

    def _casts(self, text: str, raw: str) -> bool:
        literal = "'" + text.replace("'", "''") + "'"
        return not isinstance(self.tryout.ask(f"SELECT CAST({literal} AS {raw})::text"), Refusal)

    # ---- rows ----------------------------------------------------------------------------------
    def _with_parents(self, planned: PlannedTable, rows: Rows, inside: frozenset[str] = frozenset()) -> Rows:
        """Rows whose parents were taken."""
        keep = np.ones(rows.size, np.bool_)
        for link in planned.links:
            lost = self.lost.get(link.parent)
            if not (lost or link.parent in self.gapless) or link.parent in inside:
                continue
            existing = self.plan.table(link.parent).existing
            parents = self.runtime.parents(planned.name, link.name, rows) - existing
            keep &= ~np.isin(parents, np.fromiter(lost or (), np.int64, len(lost or ())))
            if link.parent in self.gapless:
                keep &= parents < self.rows[link.parent].size
        self.lost[planned.name].update(rows[~keep].tolist())
        return rows[keep]

    def _data(self, planned: PlannedTable, rows: Rows) -> pa.RecordBatch:
        columns = [c for c in planned.delivered if not c.omitted]
        arrays = [self.runtime.column(planned.name, c.name, rows) for c in columns]
        return pa.RecordBatch.from_arrays(arrays, names=[c.name for c in columns])

    def _features(self, planned: PlannedTable, rows: Rows) -> list[Feature]:
        """The rows' columns, and those of their parents, as Python values."""
        found = [
            Feature(c.name, c.type, tuple(self.runtime.column(planned.name, c.name, rows).to_pylist()))
            for c in planned.delivered
            if not c.omitted
        ]
        entity = self.plan.schema.entity(planned.name)
        keys = {k.name for k in entity.foreign_keys}
        for link in (k for k in planned.links if k.name in keys and k.parent != planned.name):
            for field in self.plan.schema.entity(link.parent).fields:
                values = self._looked_up(planned.name, link.name, field.name, rows)
                if values is not None:
                    found.append(Feature(field.name, field.type, values, link.name))
        return found

    def _looked_up(self, table: str, link: str, column: str, rows: Rows) -> tuple[Any, ...] | None:
        try:
            return tuple(self.runtime.values(table, Lookup(link, column), rows).to_pylist())
        except InternalError:  # rows that were there before, of which the snapshot holds keys only
            return None


def _hashable(value: Any) -> Any:
    """Lists, which arrays come as, as tuples."""
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _quoted_texts(text: str) -> Iterator[str]:
    from understudy.rehearsal.reading import literals

    yield from literals(text)


def _key(refusal: Refusal) -> str:
    """Refusals for one reason: the words without what differs from row to row."""
    return f"{refusal.code} {refusal.constraint} {VARIABLE.sub('…', refusal.message)}"
