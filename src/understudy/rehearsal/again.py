"""Columns that a trigger sets when rows are inserted, and only then: may they be set to the planned values afterwards?

BEFORE INSERT   NEW.taken := now()          inserted → set again → read back: as planned, and nothing else moved
BEFORE INSERT   NEW.id := gen_random_uuid() the same, by another key of the table, before its children come
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from understudy.model.lesson import Assigned, Lesson, Reset
from understudy.model.plan import Plan, PlannedTable
from understudy.types import Kind

AGAIN = "set once the rows are in"
"""What stands for guesses about columns that are set again, among the reasons of refusals."""

MOMENTS = 4
"""Values of a moment that the trigger's clock may show while a few rows are tried."""

LEAST = 3
"""Rows that must come back alike."""

Guess = tuple[tuple[str, str], Lesson]


class Again:
    """Guesses about columns that are set again, and what becomes of them."""

    def __init__(self, plan: Plan, known: Collection[Lesson], spent: Collection[Lesson]) -> None:
        self.plan, self.known, self.spent = plan, known, spent
        self.lessons: list[Lesson] = []
        self.guesses: list[Guess] = []
        self.seen: list[tuple[str, str]] = []

    def columns(self, name: str) -> tuple[str, ...]:
        """The columns of a table that are set again by now."""
        return next((x.columns for x in self.known if isinstance(x, Reset) and x.table == name), ())

    def judge(self, name: str, changed: Sequence[str], *, moved: bool) -> None:
        """What was set again has not stayed in the columns ``changed``; ``moved``: something else changed with it."""
        reset = next(x for x in self.known if isinstance(x, Reset) and x.table == name)
        given = {x.column for x in self.known if isinstance(x, Assigned) and x.table == name} - set(reset.columns)
        others = [c for c in changed if c not in given]
        if not others and not moved:
            return
        self.seen.append((name, AGAIN))
        more = Reset(name, reset.why, tuple(dict.fromkeys((*reset.columns, *others))))
        if more.columns != reset.columns and more not in self.spent and not moved:
            self.guesses.append(((name, AGAIN), more))
            return
        for lesson in self.known:
            if isinstance(lesson, Assigned) and lesson.table == name and lesson.column in reset.columns:
                self.lessons.append(msgspec.structs.replace(lesson, fixed=True))

    def moment(self, planned: PlannedTable, lesson: Assigned, back: Sequence[str | None], rows: int) -> None:
        """A moment of insertion, which comes ``back`` in all ``rows``, may be set again where the table has a key: rows
        of the past have another one. Any other value is the trigger's to give."""
        moment = planned.column(lesson.column).type.kind in (Kind.DATE, Kind.TIMESTAMP, Kind.TIME)
        alike = len(back) >= max(rows, LEAST) and len(set(back)) <= (MOMENTS if moment else 1)
        if not alike or lesson.column in self._referring(planned):
            return
        if moment and self._found_by(planned, lesson.column, primary=True):
            self._guess(planned, lesson.column, lesson.why)
        else:
            self.lessons.append(msgspec.structs.replace(lesson, fixed=True))

    def key(self, planned: PlannedTable, column: str, why: str) -> bool:
        """A key that a trigger draws may be set to the planned one before its children come, where another key finds
        the row; whether that is worth a try."""
        wanted = self._found_by(planned, column, primary=False)
        return wanted and self._guess(planned, column, f"{why}, which nobody can foresee")

    def _guess(self, planned: PlannedTable, column: str, why: str) -> bool:
        group = (planned.name, AGAIN)
        mine = [x for x in self.guesses if x[0] == group]
        also = (*self.columns(planned.name), *(c for _, x in mine if isinstance(x, Reset) for c in x.columns))
        reset = Reset(planned.name, why, tuple(dict.fromkeys((*also, column))))
        if reset in self.spent:
            return False
        self.guesses = [x for x in self.guesses if x not in mine]
        self.guesses.append((group, reset))
        return True

    def _found_by(self, planned: PlannedTable, column: str, *, primary: bool) -> bool:
        """Whether a key without the column is sent by which its rows can be found again. ``primary``: that one only."""
        entity = self.plan.schema.entity(planned.name)
        sent = {c.name for c in planned.delivered if not c.omitted} - {column}
        required = {f.name for f in entity.fields if not f.nullable}
        for key in entity.uniques:
            plain = all(p.column and not p.prefix for p in key.parts) and not key.predicate
            there = key.primary or (not primary and set(key.columns) <= required)
            if plain and there and set(key.columns) <= sent:
                return True
        return False

    def _referring(self, planned: PlannedTable) -> set[str]:
        """Columns by which the table refers to others, or others to it."""
        schema = self.plan.schema
        found = {c for k in schema.entity(planned.name).foreign_keys for c in k.columns}
        return found | {
            c for e in schema.entities for k in e.foreign_keys if k.target == planned.name for c in k.target_columns
        }
