"""What a trial ends with: lessons, guesses to be proved, and what nothing explains."""

from __future__ import annotations

import msgspec

from understudy.model.lesson import Lesson
from understudy.ports.tryout import Refusal


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
