"""Ways of learning a table behind one signature, and the choice among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec

import msgspec
import pyarrow as pa

from understudy.errors import InputError
from understudy.learning.choosing import Choice
from understudy.learning.columns import Keep, Represented
from understudy.learning.copula import fit_margins
from understudy.learning.pools import Sampler, fit_pool
from understudy.learning.privacy import STRICT, Level, protected
from understudy.learning.relations import Children
from understudy.learning.sequential import RELATED, find, related, series_columns
from understudy.learning.siblings import Run
from understudy.learning.table import Progress, fit_table
from understudy.learning.texts import Wish, fit_texts
from understudy.model.learned import LearnedColumn, LearnedTable
from understudy.model.plan import PlannedColumn
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
    tell: Progress = lambda name, number, of: None


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
        tell=task.tell,
    )


def _fast(task: Task) -> Learned:
    return _trees(msgspec.structs.replace(task, level=_larger(task.level)))


def _larger(level: Level) -> Level:
    """One tree of larger leaves, also where columns have a level of their own."""
    columns = {n: _larger(x) for n, x in level.columns.items()}
    return msgspec.structs.replace(
        level, trees=1, share=1.0, leaf=FAST_LEAF * level.leaf, contrast=False, columns=columns
    )


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


def _pool(task: Task, label: str, sample: Sampler, *, by_class: bool) -> Learned:
    table, known = fit_pool(
        task.entity,
        task.data,
        learner=label,
        sample=sample,
        level=task.level,
        skipped=task.skipped,
        extra=[*task.extra, *(c.column for c in task.choices)],
        seed=task.seed,
        keep=task.keep,
        by_class=by_class,
    )
    return msgspec.structs.replace(table, counts=dict(task.counts)), known


def _vae(task: Task) -> Learned:
    from understudy.learning.deep.vae import sampled

    return _pool(task, "variational autoencoder", lambda columns, n: sampled(columns, n, task.seed), by_class=True)


def _guest(task: Task, synthesizer: str) -> Learned:
    from understudy.learning import sdv

    sdv.guest("single_table")
    sample = partial(sdv.sampled, seed=task.seed, synthesizer=synthesizer)
    return _pool(task, f"SDV {sdv.SYNTHESIZERS[synthesizer]}", sample, by_class=False)


def _series(task: Task) -> Learned:
    found = find(task.entity, task.data, task.skipped)
    if isinstance(found, str) or task.run is not None or task.given:
        why = found if isinstance(found, str) else "its rows belong to those of other tables"
        raise InputError(f"{task.entity.name} is no series: {why}", where="--model", mend="Learn it as trees.")
    made, hidden, told, frozen = series_columns(task.entity, found, task.seed, task.keep)
    rest = msgspec.structs.replace(
        task,
        skipped=(*task.skipped, *(c.name for c in told)),
        given=[msgspec.structs.replace(c, given=c.node) for c in told],
    )
    table, known = _trees(rest)
    columns = {c.name: c for c in (*made, *table.columns)}
    return msgspec.structs.replace(
        table,
        columns=tuple(columns[f.name] for f in task.entity.fields if f.name in columns),
        hidden=(*hidden, *table.hidden),
        pool=frozen,
    ), (*told, *known)


def texts_of(
    task: Task, known: Sequence[Represented], column: str, base: str, *, downloads: bool
) -> tuple[LearnedColumn, PlannedColumn]:
    """A column of free text, written by T5, and the hidden one it reads. ``base``: a pretrained model, "" for a small
    one of its own. InputError where the level does not allow it, or there is too little text."""
    if base and task.level.rare >= STRICT:
        raise InputError(
            "a pretrained model may repeat words that few rows have: not at this level of privacy",
            where=f"{task.entity.name}.{column}",
            mend="Leave its name out: the small one learns no such words.",
        )
    ready("t5")
    from understudy.learning.deep.t5 import T5

    data, _ = protected(task.entity, task.data, task.skipped, task.level, task.seed)
    wish = Wish(task.entity.name, column, data.column(column).to_pylist(), task.entity.field(column).type.length or 0)
    return fit_texts(wish, known, T5(base, task.seed, task.level.rare, downloads), task.level, task.seed, task.keep)


FAST_LEAF = 2
"""Times as many rows in a leaf where one tree tells a column: what several trees vary, its leaves must."""

LEARNERS = {
    learner.name: learner
    for learner in (
        Learner("trees", "columns one after the other, each given those before, parents and siblings", _trees),
        Learner("fast", "as trees, but one larger-leaved tree a column", _fast),
        Learner("copula", "how ranks of pairs of columns rise together", lambda t: _margins(t, together=True)),
        Learner("distribution", "each column alone", lambda t: _margins(t, together=False)),
        Learner(
            "series", "a row per moment: level, trend, season and what is left (ARIMA, exponential smoothing)", _series
        ),
        Learner("node2vec", "as trees; whom a row joins by communities of a graph's walks", _trees),
        Learner("vae", "a network that rows pass through a narrow place of; a frozen pool", _vae),
        Learner("sdv-copula", "SDV's Gaussian copula; a frozen pool", lambda t: _guest(t, "copula")),
        Learner("sdv-ctgan", "SDV's adversarial network; a frozen pool", lambda t: _guest(t, "ctgan")),
        Learner("sdv-tvae", "SDV's variational autoencoder; a frozen pool", lambda t: _guest(t, "tvae")),
    )
}
AUTO = "auto"
NEEDS = {
    "vae": ("torch",),
    "t5": ("torch", "transformers"),
    **dict.fromkeys(("sdv-copula", "sdv-ctgan", "sdv-tvae"), ("sdv",)),
}
MENDS = {
    "torch": 'pip install "understudy[deep]"',
    "transformers": 'pip install "understudy[deep]"',
    "sdv": "pip install sdv, if its Business Source Licence suits you.",
}
"""Packages that no default path needs, by learner, and how to get them."""
FEW = 20
"""Rows below which what columns have to do with each other cannot be told from chance."""


def suited(rows: int, wish: str = AUTO, task: Task | None = None) -> tuple[Learner, str]:
    """The learner of a table, and why; ``wish``: a learner's name, or ``auto``; ``task``: looked at for what its rows
    are. KeyError where there is none of that name."""
    if wish != AUTO:
        return LEARNERS[wish], "asked for"
    if rows < FEW:
        return LEARNERS["distribution"], f"{rows} rows are too few to tell what columns have to do with each other"
    if task is not None and task.run is None and not (task.given or task.extra or task.choices):
        found = find(task.entity, task.data, task.skipped)
        if not isinstance(found, str) and (strength := related(found)) >= RELATED:
            return LEARNERS["series"], f"a row per moment, whose numbers go with those before them ({strength:.2f})"
    return LEARNERS["trees"], "nearest to real rows where it was measured"


def ready(learner: str) -> None:
    """InputError where the packages of a learner are not installed."""
    for module in NEEDS.get(learner, ()):
        if find_spec(module) is None:
            raise InputError(f"{module} is not installed", where=f"--model {learner}", mend=MENDS[module])
