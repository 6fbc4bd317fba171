"""Types that nobody here knows: texts that their input functions take are found by asking."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from understudy.model.lesson import Formed, Lesson
from understudy.model.plan import PlannedTable
from understudy.ports.tryout import Refusal, Tryout
from understudy.rehearsal.forms import forms, variations
from understudy.rehearsal.guessing import KEPT_FORMS
from understudy.rehearsal.rows import Planned
from understudy.types import Kind


class Unknown:
    """Columns of unknown types of one plan."""

    def __init__(self, planned: Planned, tryout: Tryout, known: Collection[Lesson]) -> None:
        self.planned, self.plan, self.tryout, self.known = planned, planned.plan, tryout, known
        self.lessons: list[Lesson] = []

    def learn(self) -> list[Lesson]:
        """Texts that the input functions of unknown types take."""
        if self.tryout.dialect != "postgresql":
            return []
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
        return self.lessons

    def _fits(self, planned: PlannedTable, column: str, raw: str) -> bool:
        """Whether the type takes the first values that are planned for the column."""
        made = self.planned.values(planned.name, column, np.arange(min(planned.rows, 4), dtype=np.int64))
        return all(self._casts(str(v), raw) for v in made if v is not None)

    def _casts(self, text: str, raw: str) -> bool:
        literal = "'" + text.replace("'", "''") + "'"
        return not isinstance(self.tryout.ask(f"SELECT CAST({literal} AS {raw})::text"), Refusal)
