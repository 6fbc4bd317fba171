"""From refusals to a guess why: what the trigger's text says, what refused rows have in common, what other values in
them do, and last a text of another form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from understudy.model.lesson import Behind, Folded, Formed, Lesson, Narrowed
from understudy.model.plan import PlannedTable
from understudy.model.schema import Entity
from understudy.ports.tryout import Refusal, Tryout
from understudy.rehearsal.collisions import DUPLICATE, collision
from understudy.rehearsal.effects import Texts, fires
from understudy.rehearsal.experiments import POOL, REFUSED, Candidate, mending, rules
from understudy.rehearsal.forms import forms, unlike, variations
from understudy.rehearsal.hypotheses import hypotheses
from understudy.rehearsal.reading import literals
from understudy.rehearsal.reasons import Feature
from understudy.rehearsal.rows import Planned, Rows
from understudy.types import Kind

UNDEFINED = "42704"
"""PostgreSQL's code of a parameter that nobody has set."""

SWALLOWED = Refusal("the row was not kept: a trigger returned nothing for it, or put it elsewhere", "swallowed")

RAISED = re.compile(r"function [^\n]* line \d+ at RAISE")
"""Where a function of PostgreSQL says no: whatever it says, with names and numbers in it, is one reason."""

LETTERS = frozenset({"1366", "22P05"})
"""Codes of a letter that the column's or the database's character set lacks: MySQL and MariaDB, PostgreSQL."""

READS = re.compile(r"\b(?:FROM|JOIN)\s+((?:[\w\"`]+\.)?[\w\"`]+)", re.I)

KEPT_FORMS = 64
"""Texts of a learned form that the plan keeps."""

QUOTED = re.compile(r"[\"']([^\"']*)[\"']")

VARIABLE = re.compile(r"'[^']*'|\"[^\"]*\"|\([^)]*\)|[\w-]*\d[\w.:+-]*")


def reason_key(refusal: Refusal) -> str:
    """Refusals for one reason: raised at one place of a function, or in the same words but for what differs from row to
    row."""
    raised = RAISED.search(refusal.context)
    words = raised[0] if raised is not None else VARIABLE.sub("…", refusal.message)
    return f"{refusal.code} {refusal.constraint} {words}"


class Guesser:
    """Guesses for one trial. ``near``: per table those that its triggers may write to; ``fed``: per table the tables
    whose triggers add rows to it; ``known``, ``spent``: lessons that hold, and those that did not help."""

    def __init__(
        self,
        planned: Planned,
        tryout: Tryout,
        texts: Texts,
        near: Mapping[str, tuple[str, ...]],
        fed: Mapping[str, Mapping[str, float]],
        known: Collection[Lesson],
        spent: Collection[Lesson],
    ) -> None:
        self.planned, self.tryout, self.texts, self.near, self.fed = planned, tryout, texts, near, fed
        self.plan, self.known, self.spent = planned.plan, set(known), set(spent)

    def lesson(
        self,
        planned: PlannedTable,
        rows: Rows,
        refused: list[int],
        verdicts: Sequence[Refusal | None],
        features: list[Feature],
        parents: dict[str, list[int]],
        later: tuple[str, ...],
    ) -> Lesson | None:
        """A guess that was not made before why the ``refused`` positions are; None where there is none. ``later``:
        columns that are null at first."""
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
        if (wish := self._too_early(entity, refusal)) is not None:
            return wish
        if refusal.code in LETTERS and (fold := self._lettered(planned, rows, refused, refusal)) is not None:
            return fold
        tried = self._experiments(planned, rows, refused, refusal, later)
        for guess in hypotheses(
            schema, entity, self.texts, refusal, refused, verdicts, features, parents, self.tryout.dialect, tried
        ):
            if guess not in self.spent and guess not in self.known:
                return guess
        for text, columns in self._experiments(planned, rows, refused, refusal, later, linked=True):
            why = (
                f"found by trying other parents; {len(refused)} of {rows.size} rows tried were refused: {refusal.words}"
            )
            guess = Narrowed(planned.name, why, text, columns, schema.dialect or self.tryout.dialect)
            if guess not in self.spent and guess not in self.known:
                return guess
        return self._formed(planned, rows, refused, refusal)

    def _lettered(self, planned: PlannedTable, rows: Rows, refused: list[int], refusal: Refusal) -> Folded | None:
        """The column whose character set lacks a letter: the one that the message names, or any with such letters."""
        data = self.planned.data(planned, rows[np.array(refused[:REFUSED], np.int64)])
        found = []
        for column in (c for c in planned.delivered if not c.omitted and c.type.kind is Kind.TEXT):
            values = data.column(data.schema.get_field_index(column.name)).to_pylist()
            if any(v is not None and not v.isascii() for v in values):
                found.append(column.name)
        words = set(re.findall(r"\w+", refusal.message))
        named = [c for c in found if c in words] or found
        why = f"{len(refused)} of {rows.size} rows tried were refused: {refusal.words}"
        guesses = (Folded(planned.name, why, c, "ascii") for c in named)
        folded = {x.column for x in self.known if isinstance(x, Folded) and x.table == planned.name}
        return next((g for g in guesses if g not in self.spent and g.column not in folded), None)

    def _too_early(self, entity: Entity, refusal: Refusal) -> Behind | None:
        """Tables that its triggers read are loaded after it: they should come before."""
        order = {n: i for i, n in enumerate(n for step in self.plan.load for n in step.tables)}
        text = self.texts.with_functions(self._rule_text(entity, refusal))
        names = {m[1].replace('"', "").replace("`", "").rsplit(".", 1)[-1].lower() for m in READS.finditer(text)}
        place = order.get(entity.name, 0)
        read = [e.name for e in self.plan.schema.entities if e.table.lower() in names and order.get(e.name, -1) > place]
        wish = Behind(entity.name, "its triggers read them", tuple(sorted(read)))
        return wish if read and wish not in self.known and wish not in self.spent else None

    def _experiments(
        self,
        planned: PlannedTable,
        rows: Rows,
        refused: list[int],
        refusal: Refusal,
        later: tuple[str, ...],
        *,
        linked: bool = False,
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Rules that other values in refused rows suggest, and their columns; ``linked``: other parents."""
        if not self.tryout.savepoints or refusal is SWALLOWED:
            return
        name = planned.name
        chosen = rows[np.array(refused[:REFUSED], np.int64)]
        data = self.planned.data(planned, chosen)

        def taken(row: pa.RecordBatch) -> bool | None:
            found = self.tryout.insert(name, row, later)
            if found is None:
                self.tryout.undo(name)
                return True
            return False if reason_key(found) == reason_key(refusal) else None

        batches = [data.slice(i, 1) for i in range(data.num_rows)]
        found = mending(batches, self._candidates(planned, rows, refusal, linked), taken, self.tryout.dialect)
        yield from rules(found)

    def _candidates(self, planned: PlannedTable, rows: Rows, refusal: Refusal, linked: bool) -> list[Candidate]:
        """The columns that are no references, with planned values: of unique ones those of rows that are not there. Or
        (``linked``) the references of one column, with the parents that are there."""
        entity = self.plan.schema.entity(planned.name)
        keys = [k for k in entity.foreign_keys if any(k.name == t.name for t in planned.links)]
        alone = {k.columns[0] for k in keys if len(k.columns) == 1}
        wide = {c for k in keys if len(k.columns) > 1 for c in k.columns}
        unique = {c for u in entity.uniques for c in u.columns}
        words = f"{refusal.words} {refusal.context} {self.texts.with_functions(self._rule_text(entity, refusal))}"
        told = {w.lower() for w in re.findall(r"\w+", words)}
        wanted = min(planned.rows, POOL + rows.size)
        others = np.setdiff1d(np.linspace(0, planned.rows - 1, wanted).astype(np.int64), rows)
        found = []
        for column in planned.delivered:
            if column.omitted or column.name in wide or (column.name in alone) is not linked:
                continue
            drawn = rows if linked else others if column.name in unique else np.concatenate([rows, others])
            made_up = not drawn.size
            drawn = rows if made_up else drawn
            values = tuple(dict.fromkeys(self.planned.values(planned.name, column.name, drawn)))
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
        data = self.planned.data(planned, rows[np.array(refused[:1], np.int64)])
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
            taken = self._tried(planned, data, column.name, forms(literals(first)))
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
