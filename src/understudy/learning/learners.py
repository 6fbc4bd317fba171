"""Ways of learning a table behind one signature, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import pyarrow as pa

from understudy.learning.choosing import Choice
from understudy.learning.columns import Keep, Represented
from understudy.learning.copula import fit_margins
from understudy.learning.privacy import Level
from understudy.learning.relations import Children
from understudy.learning.siblings import Run
from understudy.learning.table import fit_table
from understudy.model.learned import LearnedTable
from understudy.model.schema import Entity


class Task(msgspec.Struct, frozen=True):
    """What a learner is asked: see :func:`~understudy.learning.table.fit_table` for each."""

    entity: Entity
    data: pa.Table
    level: Level
    keep: Keep
    skipped: Sequence[str] = ()
    given: Sequence[Represented] = ()
    counts: Mapping[str, tuple[float, ...]] = {}
    extra: Sequence[Represented] = ()
    choices: Sequence[Choice] = ()
    own: Mapping[str, Children] = {}
    run: Run | None = None
    order: str = ""
    seed: int = 0


Learned = tuple[LearnedTable, tuple[Represented, ...]]


class Learner(msgspec.Struct, frozen=True):
    """``name``: what a person calls it; ``says``: what it knows of a table."""

    name: str
    says: str
    fit: Callable[[Task], Learned]


def _trees(task: Task) -> Learned:
    return fit_table(
        task.entity,
        task.data,
        level=task.level,
        skipped=task.skipped,
        given=task.given,
        counts=task.counts,
        extra=task.extra,
        choices=task.choices,
        own=task.own,
        run=task.run,
        order=task.order,
        seed=task.seed,
        keep=task.keep,
    )


def _fast(task: Task) -> Learned:
    level = msgspec.structs.replace(task.level, trees=1, share=1.0, leaf=FAST_LEAF * task.level.leaf, contrast=False)
    return _trees(msgspec.structs.replace(task, level=level))


def _margins(task: Task, *, together: bool) -> Learned:
    table, known = fit_margins(
        task.entity,
        task.data,
        together=together,
        level=task.level,
        skipped=task.skipped,
        extra=[*task.extra, *(c.column for c in task.choices)],
        seed=task.seed,
        keep=task.keep,
    )
    return msgspec.structs.replace(table, counts=dict(task.counts)), known


FAST_LEAF = 2
"""Times as many rows in a leaf where one tree tells a column: what several trees vary, its leaves must."""

LEARNERS = {
    learner.name: learner
    for learner in (
        Learner("trees", "columns one after the other, each given those before, parents and siblings", _trees),
        Learner("fast", "as trees, but one larger-leaved tree a column", _fast),
        Learner("copula", "how ranks of pairs of columns rise together", lambda t: _margins(t, together=True)),
        Learner("distribution", "each column alone", lambda t: _margins(t, together=False)),
    )
}
AUTO = "auto"
FEW = 20
"""Rows below which what columns have to do with each other cannot be told from chance."""


def suited(rows: int, wish: str = AUTO) -> tuple[Learner, str]:
    """The learner of a table, and why; ``wish``: a learner's name, or ``auto``. KeyError where there is none."""
    if wish != AUTO:
        return LEARNERS[wish], "asked for"
    if rows < FEW:
        return LEARNERS["distribution"], f"{rows} rows are too few to tell what columns have to do with each other"
    return LEARNERS["trees"], "nearest to real rows where it was measured"
