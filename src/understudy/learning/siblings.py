"""Children of one parent, one after the other: what a row is given of the row before it.

    order column ─► its first value, then steps from sibling to sibling       2024-03-01, + 7 days, + 2 days
    categories   ─► the same as before, or another                            team BOS, BOS, BOS, NYA
    everything   ─► place, siblings left, the row before, means so far        as inputs of the trees

Rows come sorted: siblings side by side, in their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.learning.columns import (
    HIDDEN,
    NULL,
    NUMBERS,
    TIME_UNITS,
    UNITS,
    Represented,
    natural,
    numbers_node,
    unit,
)
from understudy.model import plan as planned
from understudy.model.expression import RUN, Call, Case, Column, Const, Lookup, Node, Ordinal, Previous, Siblings, When
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)
BEFORE = "←"
"""Between a reference and the column of the child before."""

ORDERED = 0.98
"""Share of neighbouring siblings in their rows' order that a column must keep to be what orders them."""

RISING = 0.25
"""Share of them that must differ: a column that is all alike orders nothing."""

LEAST_STEP = 0.1
"""Quantile of the steps that each sibling still to come is taken to need."""

FEWEST = 50
DEPENDENT = 0.08
"""Neighbouring siblings that are needed to see whether they depend on each other, and what counts as dependence: a
distance of distributions, or a correlation."""

SAME_GAIN = 1.5
LEAST_LEVELS = 4
"""Rows repeat the category of the row before so many times as often as chance would have it, or it is drawn plainly."""


class Run(msgspec.Struct):
    """Per row, sorted: ``ordinal`` among the parent's children (from 0), ``siblings``: how many these are, and
    ``depth``: how many come before it in its run."""

    link: str
    ordinal: NDArray[np.int64]
    siblings: NDArray[np.int64]

    @property
    def depth(self) -> NDArray[np.int64]:
        """The place within the run."""
        return self.ordinal % RUN

    @property
    def left(self) -> NDArray[np.int64]:
        """How many rows its run still has, the row included."""
        return np.asarray(np.minimum(self.siblings - self.ordinal, RUN - self.depth))

    @property
    def left_node(self) -> Node:
        """The same, as an expression."""
        inside = Call("-", (Const(RUN), Call("%", (Ordinal(self.link), Const(RUN)))))
        return Call("least", (Call("-", (Siblings(self.link), Ordinal(self.link))), inside))

    @property
    def begins(self) -> Node:
        """Whether a run begins with the row."""
        return Call("=", (Call("%", (Ordinal(self.link), Const(RUN))), Const(0)))

    def before(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """What the row before has; null where a run begins."""
        return np.where(self.depth > 0, np.roll(numbers, 1), NULL)


def sorted_rows(
    parents: NDArray[np.int64], order: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows by parent and order (rows without a parent left out); each one's place among its siblings, and how many
    these are. ``order``: a number a row, :data:`NULL` first; none: the rows' own order."""
    there = np.flatnonzero(parents >= 0)
    keys = (parents[there],) if order is None else (order[there], parents[there])
    rows = there[np.lexsort(keys)]
    owner = parents[rows]
    first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if rows.size else np.zeros(0, np.int64)
    sizes = np.diff(np.append(first, rows.size))
    return rows, np.arange(rows.size) - np.repeat(first, sizes), np.repeat(sizes, sizes)


def order_column(entity: Entity, data: pa.Table, parents: NDArray[np.int64], skipped: Sequence[str]) -> str:
    """The column that siblings are ordered by, "" for none: a time or a whole number that rises from row to row of a
    parent; else the first time that no row lacks, if it steps from sibling to sibling and was not dealt out by
    chance."""
    rows, ordinal, _ = sorted_rows(parents, None)
    next_to = np.flatnonzero(ordinal > 0)
    if next_to.size < 20:
        return ""
    whole = ""
    complete = ""
    for field in entity.fields:
        kind = field.type.kind
        if field.name in skipped or kind not in (Kind.DATE, Kind.TIMESTAMP, Kind.INTEGER, Kind.YEAR):
            continue
        if field.name not in data.column_names:
            continue
        values = data.column(field.name).combine_chunks()
        if values.null_count:
            continue
        numbers = moments(values)
        if numbers is None:
            continue
        step = (numbers[rows][1:] - numbers[rows][:-1])[next_to - 1]
        rises = bool((step >= 0).mean() >= ORDERED and (step > 0).mean() >= RISING)
        if rises and kind in (Kind.DATE, Kind.TIMESTAMP):
            return field.name
        if rises and not whole:
            whole = field.name
        if kind in (Kind.DATE, Kind.TIMESTAMP) and not complete:
            complete = field.name
    if whole or not complete:
        return whole
    moved = moments(data.column(complete).combine_chunks())
    if moved is None:
        return ""
    rows, ordinal, siblings = sorted_rows(parents, moved)
    return "" if dealt(Run("", ordinal, siblings), moved[rows], 0) else complete


def moments(values: pa.Array) -> NDArray[np.int64] | None:
    """Times or whole numbers as numbers that order alike; None for anything else."""
    try:
        if pa.types.is_date32(values.type):
            values = values.cast(pa.int32())
        elif pa.types.is_temporal(values.type):
            values = values.cast(pa.timestamp("us"), safe=False)
        return np.asarray(pc.fill_null(values.cast(pa.int64()), NULL).to_numpy(zero_copy_only=False))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def uncoded(column: Represented) -> Represented:
    """The column in its smallest unit, so that steps can be added to it."""
    return (
        msgspec.structs.replace(column, numbers=natural(column), coded=False, values=None) if column.coded else column
    )


def inputs(run: Run, columns: Sequence[Represented]) -> tuple[list[Represented], list[PlannedColumn]]:
    """What each row is given besides its parents: its place, how many are left, the row before, and means so far;
    and the hidden columns that these need."""
    link = run.link
    place, left = Ordinal(link), run.left_node
    found = [
        Represented(f"{link}{BEFORE}#place", WHOLE, run.ordinal, False, int(run.ordinal.max()) + 1, given=place),
        Represented(f"{link}{BEFORE}#left", WHOLE, run.left, False, int(run.left.max()), given=left),
    ]
    helpers: list[PlannedColumn] = []
    for column in columns:
        node = Previous(link, HIDDEN + column.name)
        name = f"{link}{BEFORE}{column.name}"
        found.append(msgspec.structs.replace(column, name=name, numbers=run.before(column.numbers), given=node))
    for column in columns:
        if column.type.kind in NUMBERS and column.levels > 2:
            mean, total = _mean(run, column)
            found.append(mean)
            helpers.append(total)
    return found, helpers


def _mean(run: Run, column: Represented) -> tuple[Represented, PlannedColumn]:
    """The mean of a column over the run so far, and the sum that it is made of."""
    link, name = run.link, f"{HIDDEN}sum:{column.name}"
    numbers = natural(column)
    known = np.where(numbers == NULL, 0, numbers)
    depth = run.depth
    upto = np.cumsum(known)
    begins = np.flatnonzero(depth == 0)
    ahead = np.repeat(upto[begins] - known[begins], np.diff(np.append(begins, depth.size)))
    before = upto - known - ahead
    whole = np.abs(before) // np.maximum(depth, 1)
    mean = np.where(depth > 0, np.where(before < 0, -whole, whole), NULL)
    own = Call("coalesce", (numbers_node(column), Const(0)))
    total = Call("+", (Call("coalesce", (Previous(link, name), Const(0))), own))
    divided = Call("/", (Previous(link, name), Call("%", (Ordinal(link), Const(RUN)))))
    node = Case((When(run.begins, Const(None)),), divided)
    made = Represented(
        f"{link}{BEFORE}mean:{column.name}", column.type, mean, False, column.levels, column.scale, given=node
    )
    return made, PlannedColumn(name, WHOLE, total, f"{column.name} so far among its siblings", hidden=True)


def depend(run: Run, columns: Sequence[Represented], given: Sequence[Represented], order: str, seed: int) -> bool:
    """Whether siblings tell anything of each other that their parents (``given``) do not: steps that are not as if the
    values had been dealt out by chance, or neighbours that differ alike from what the parents let expect. Where they
    do not, each row is made of its parents alone."""
    later = np.flatnonzero(run.depth > 0)
    if later.size < FEWEST:
        return False
    noise = max(DEPENDENT, 3.0 / float(np.sqrt(later.size)))
    ordering = next((c for c in columns if c.name == order), None)
    if ordering is not None and not dealt(run, ordering.numbers, seed):
        return True
    wanted = np.column_stack([_traits(c) for c in columns if c is not ordering] or [np.zeros((run.ordinal.size, 1))])
    rest = wanted - _expected(run, wanted, given, seed)
    a, b = rest[later], rest[later - 1]
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    spread = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return bool((np.abs((a * b).sum(axis=0)) > noise * np.maximum(spread, 1e-9)).any())


def dealt(run: Run, numbers: NDArray[np.int64], seed: int) -> bool:
    """Whether sorted values step from sibling to sibling as if they had been dealt out by chance."""
    later = np.flatnonzero(run.depth > 0)
    chance = np.random.default_rng(seed).permutation(numbers)
    chance = chance[np.lexsort((chance, np.cumsum(run.ordinal == 0)))]
    seen, other = (np.sort(x[later] - x[later - 1]) for x in (numbers, chance))
    grid = np.unique(np.concatenate([seen, other]))
    apart = np.searchsorted(seen, grid, "right") - np.searchsorted(other, grid, "right")
    return float(np.abs(apart).max()) <= max(DEPENDENT, 3.0 / float(np.sqrt(later.size))) * later.size


def _traits(column: Represented) -> NDArray[np.float64]:
    """A column as numbers that can be alike: ranks, or a mark for each of its frequent categories."""
    found, codes, counts = np.unique(column.numbers, return_inverse=True, return_counts=True)
    if column.type.kind in NUMBERS and found.size > 2:
        return np.asarray((np.cumsum(counts) - counts / 2)[codes][:, None] / codes.size, np.float64)
    frequent = np.argsort(-counts, kind="stable")[:3]
    return np.asarray(codes[:, None] == frequent[None, :], np.float64)


def _expected(run: Run, wanted: NDArray[np.float64], given: Sequence[Represented], seed: int) -> NDArray[np.float64]:
    """What parents let expect, told by a tree that has not seen the row's own family."""
    from sklearn.tree import DecisionTreeRegressor

    if not given:
        return np.zeros_like(wanted)
    owner = np.cumsum(run.ordinal == 0) - 1
    half = np.random.default_rng(seed).permutation(owner[-1] + 1)[owner] % 2
    features = np.column_stack([np.unique(g.numbers, return_inverse=True)[1] for g in given]).astype(np.float32)
    told = np.zeros_like(wanted)
    for k in (0, 1):
        if (half == k).all() or not (half == k).any():
            return told
        model = DecisionTreeRegressor(min_samples_leaf=20, max_leaf_nodes=64, random_state=seed)
        told[half == k] = (
            model.fit(features[half != k], wanted[half != k]).predict(features[half == k]).reshape(-1, wanted.shape[1])
        )
    return told


def pace(run: Run, column: Represented) -> tuple[list[Represented], list[PlannedColumn]]:
    """What an order column's steps so far tell of the next: the last step and their mean; and the hidden columns that
    hold them."""
    link, name, depth, numbers = run.link, column.name, run.depth, column.numbers
    gap, first = f"{HIDDEN}gap:{name}", f"{HIDDEN}first:{name}"
    own = Column(HIDDEN + name)
    helpers = [
        PlannedColumn(gap, WHOLE, Call("-", (own, Previous(link, HIDDEN + name))), f"the step of {name}", hidden=True),
        PlannedColumn(first, WHOLE, Call("coalesce", (Previous(link, first), own)), f"the first {name}", hidden=True),
    ]
    gaps = np.where(depth > 0, numbers - np.roll(numbers, 1), NULL)
    begins = np.flatnonzero(depth == 0)
    started = np.repeat(numbers[begins], np.diff(np.append(begins, depth.size)))
    mean = np.where(depth > 1, (np.roll(numbers, 1) - started) // np.maximum(depth - 1, 1), NULL)
    gone = Call("-", (Previous(link, HIDDEN + name), Previous(link, first)))
    places = Call("-", (Call("%", (Ordinal(link), Const(RUN))), Const(1)))
    shared = Case((When(Call("<", (places, Const(1))), Const(None)),), Call("/", (gone, places)))
    last = run.before(gaps)
    return [
        Represented(f"{link}{BEFORE}#step", WHOLE, last, False, _distinct(last), given=Previous(link, gap)),
        Represented(f"{link}{BEFORE}#pace", WHOLE, mean, False, _distinct(mean), given=shared),
    ], helpers


def _distinct(numbers: NDArray[np.int64]) -> int:
    return int(np.unique(numbers).size)


class Way(msgspec.Struct):
    """Part of a column: to be learned in ``rows`` as a column of its own."""

    column: Represented
    rows: NDArray[np.int64]


def steps(run: Run, column: Represented) -> tuple[Way, Way, Node]:
    """An order column as where its run begins and the steps from sibling to sibling; and how it is made of both: never
    beyond the last value that was seen, less what the siblings to come need at least."""
    start, step = (f"{column.name}:{part}" for part in ("start", "step"))
    numbers, before = column.numbers, Previous(run.link, HIDDEN + column.name)
    first, later = np.flatnonzero(run.depth == 0), np.flatnonzero(run.depth > 0)
    gaps = numbers[later] - numbers[later - 1]
    begin = Way(msgspec.structs.replace(column, name=start, numbers=numbers[first]), first)
    sizes = int(np.unique(gaps).size)
    go = Represented(step, WHOLE, gaps, False, sizes, column.scale, unit_of(column, gaps), table=column.table)
    least = int(np.quantile(gaps, LEAST_STEP)) if gaps.size else 0
    to_come = Call("*", (Call("-", (run.left_node, Const(1))), Const(least)))
    last = Call("-", (Const(int(numbers.max())), to_come))
    added = Call("+", (before, Column(HIDDEN + step)))
    node = Call("least", (Case((When(run.begins, Column(HIDDEN + start)),), added), last))
    return begin, Way(go, later), node


def unit_of(column: Represented, gaps: NDArray[np.int64]) -> int:
    """What nearly all steps are multiples of: whole days, minutes, seconds."""
    steps = TIME_UNITS if column.type.kind is Kind.TIMESTAMP else UNITS
    return unit(gaps, steps) if gaps.size > 1 else 1


def repeats(run: Run, column: Represented) -> bool:
    """Whether a column repeats the row before so often that this is worth a way of its own."""
    if not column.coded or column.levels < LEAST_LEVELS:
        return False
    later = np.flatnonzero(run.depth > 0)
    if later.size < 50:
        return False
    same = float((column.numbers[later] == column.numbers[later - 1]).mean())
    if column.type.kind in NUMBERS and same < SAME_GAIN * _near(natural(column), later):
        return False
    shares = np.unique(column.numbers, return_counts=True)[1] / column.numbers.size
    return same > 0.02 and same >= SAME_GAIN * float((shares**2).sum())


def _near(numbers: NDArray[np.int64], later: NDArray[np.int64]) -> float:
    """How often a number differs by one unit from the one before, to either side on average: a number that moves a
    little is now and then the same, which is no repetition."""
    known = later[(numbers[later] != NULL) & (numbers[later - 1] != NULL)]
    apart = np.abs(numbers[known] - numbers[known - 1])
    return float((apart == unit(numbers[known])).sum()) / 2 / max(later.size, 1)


def repeated(run: Run, column: Represented) -> tuple[Way, Way, Node]:
    """A column as whether it repeats the row before, and its value where it does not; and how it is made of both."""
    again, fresh = (f"{column.name}:{part}" for part in ("again", "fresh"))
    later = np.flatnonzero(run.depth > 0)
    same = column.numbers == run.before(column.numbers)
    same &= run.depth > 0
    told = Represented(again, Type(Kind.ENUM), same[later].astype(np.int64), True, 2, table=column.table)
    others = np.flatnonzero(~same)
    rest = msgspec.structs.replace(column, name=fresh, numbers=column.numbers[others])
    fresh_node = Column(HIDDEN + fresh)
    stays = Call("and", (Call("not", (run.begins,)), Call("=", (Column(HIDDEN + again), Const(1)))))
    node = Case((When(stays, Previous(run.link, HIDDEN + column.name)),), fresh_node)
    return Way(told, later), Way(rest, others), node


def run_of(link: str, columns: Sequence[PlannedColumn], chosen: Mapping[str, str]) -> planned.Run | None:
    """What of a table's hidden columns is made child after child; None where nothing asks for the row before.
    ``chosen``: links that read a column, and that column."""
    reads: dict[str, set[str]] = {f"link:{name}": {column} for name, column in chosen.items()}
    asked: dict[str, set[str]] = {}
    for column in columns:
        nodes = list(_nodes(column.expression))
        reads[column.name] = {n.name for n in nodes if isinstance(n, Column)}
        reads[column.name] |= {f"link:{n.link}" for n in nodes if isinstance(n, Lookup) and n.link in chosen}
        asked[column.name] = {n.column for n in nodes if isinstance(n, Previous)}
    kept = set().union(*asked.values()) if asked else set()
    if not kept:
        return None
    told = _closed({c for c, a in asked.items() if a}, {c: {r for r in reads if c in reads[r]} for c in reads})
    needed = _closed(kept, reads)
    chain = [name for name in reads if name in told and name in needed]
    return planned.Run(link, tuple(c.name for c in columns if c.name in kept), tuple(c for c in chain if c not in kept))


def _closed(found: set[str], leads: Mapping[str, set[str]]) -> set[str]:
    """All that is reached from some, those included."""
    todo, reached = list(found), set(found)
    while todo:
        for name in leads.get(todo.pop(), set()) - reached:
            reached.add(name)
            todo.append(name)
    return reached


def _nodes(value: object) -> Iterator[object]:
    todo = [value]
    while todo:
        at = todo.pop()
        if isinstance(at, tuple):
            todo.extend(at)
        elif isinstance(at, msgspec.Struct):
            yield at
            todo.extend(getattr(at, name) for name in at.__struct_fields__)
