"""Fitting one table: columns one after the other, each given those before it.

    numbers ─► what follows exactly ─► order ─► per column a forest over the columns before it
                                                 leaf of the row ─► a value out of the leaf

Sequential trees: Reiter, "Using CART to generate partially synthetic public use microdata" (2005); forests of them with
values taken from leaves: Caiola and Reiter (2010).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.anchors import Anchors, anchored, anchors, pull
from understudy.learning.arithmetic import Arithmetic, Order, arithmetic, orders
from understudy.learning.choosing import Choice
from understudy.learning.columns import (
    HIDDEN,
    NULL,
    NUMBERS,
    Keep,
    Represented,
    as_numbers,
    decoded,
    numbers_node,
)
from understudy.learning.continuous import Apart, by_kind, kind_column, take_apart, within
from understudy.learning.contrast import contrast
from understudy.learning.dependencies import determined, image
from understudy.learning.growing import Tree, grow, indicators
from understudy.learning.privacy import LEVELS, Level
from understudy.learning.relations import COUNTS, Children, carried, given_by
from understudy.learning.screening import telling
from understudy.learning.siblings import Run, Way, depend, inputs, pace, repeated, repeats, steps, uncoded
from understudy.learning.taken import taken
from understudy.learning.telling import parts
from understudy.model.expression import Call, Case, Column, Const, Drawn, Leaf, Lookup, Node, Take, When
from understudy.model.learned import LearnedColumn, LearnedTable
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity
from understudy.types import Kind, Type

Progress = Callable[[str, int, int], None]
"""Told before each column: its name, its number, how many there are."""

WHOLE = Type(Kind.INTEGER)
LARGER = 1.5
"""Times as many rows in leaves out of which values come as they are: of them only shares are told, which few rows tell
badly, and a rare one beside few others points at a row. Of fewer rows than :data:`LARGER_FROM` leaves would hold too
many of them."""

LARGER_FROM = 2000

SHRINK = 5.0
"""Rows of the mean that a category's mean is drawn to, so that rare ones do not lead."""


def fit_table(
    entity: Entity,
    data: pa.Table,
    *,
    level: Level = LEVELS["medium"],
    skipped: Sequence[str] = (),
    given: Sequence[Represented] = (),
    counts: Mapping[str, tuple[float, ...]] | None = None,
    extra: Sequence[Represented] = (),
    choices: Sequence[Choice] = (),
    own: Mapping[str, Children] | None = None,
    run: Run | None = None,
    order: str = "",
    seed: int = 0,
    keep: Keep,
    tell: Progress = lambda name, number, of: None,
) -> tuple[LearnedTable, tuple[Represented, ...]]:
    """Learn the columns of ``data`` (all but ``skipped``: keys and references) from its rows, each given what ``given``
    knows of them (columns of their parents). The represented columns come back for the table's own children.
    ``extra``: hidden columns to be learned behind its own (how many children a row has). ``choices``: which
    other parents a row has, learned first. ``own``: which row of the
    table itself a row refers to, by reference. ``run``: rows are siblings
    side by side, in the order of column ``order`` ("": as they stand), each told by the one before.

    ``keep`` stores artefacts. What cannot be learned stands in ``left`` with its reason and is planned as ever.
    Raises InputError where there is no row.
    """
    data, columns, left = taken(entity, data, skipped, level, seed)
    if run is not None and not depend(run, [*(c.column for c in choices), *columns], given, order, seed):
        run, order = None, ""
    if run is not None and any(c.name == order for c in columns):
        columns = [uncoded(c) for c in columns if c.name == order] + [c for c in columns if c.name != order]
    given = [*given, *(g for link, found in (own or {}).items() for g in given_by(link, found, columns))]
    fit = _Fit(entity.name, columns, given, level, seed, keep, tell, run, order, extra, choices)
    return fit.table(data.num_rows, left, counts or {}), fit.known


class _Fit:
    def __init__(
        self,
        table: str,
        columns: list[Represented],
        given: Sequence[Represented],
        level: Level,
        seed: int,
        keep: Keep,
        tell: Progress,
        run: Run | None = None,
        order: str = "",
        extra: Sequence[Represented] = (),
        choices: Sequence[Choice] = (),
    ) -> None:
        self.name, self.columns, self.level, self.tell = table, columns, level, tell
        self.given = list(given)
        self.run, self.order, self.extra, self.choices = run, order, list(extra), list(choices)
        self.known: tuple[Represented, ...] = ()
        self.line: Anchors | None = None
        self.by_name = {c.name: c for c in columns}
        self.random = np.random.default_rng(seed)
        self.helpers: list[PlannedColumn] = []
        self.orders: tuple[Order, ...] = ()
        self.bases: dict[str, str] = {}
        self.scales: dict[str, tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
        self.artefacts: dict[str, pa.Array | pa.Table] = {}
        self._store = keep

    def keep(self, name: str, values: pa.Array | pa.Table) -> str:
        """Store an artefact, and remember it for the rows that are made to be looked at."""
        self.artefacts[name] = values
        return self._store(name, values)

    def table(self, seen: int, left: Mapping[str, str], counts: Mapping[str, tuple[float, ...]]) -> LearnedTable:
        sums = arithmetic(self.columns)
        sums.pop(self.order, None)
        self.orders = orders([c for c in self.columns if c.name not in sums])
        self._uncode({n for o in self.orders for n in (o.less, o.more)} | set(sums))
        follows = determined([c for c in self.columns if c.name not in sums])
        follows.pop(self.order, None)
        free = [*(c for c in self.columns if c.name not in follows and c.name not in sums), *self.extra]
        passed, self.helpers = carried(self.given)
        self.known = (*self.columns, *self.extra, *passed)
        given = self.given
        if self.run is not None:
            known = [c for c in self.columns if c.name not in follows and c.name not in sums]
            told, totals = inputs(self.run, [*(c.column for c in self.choices), *known])
            given = [*given, *told]
            self.helpers += totals
            if self.order in self.by_name:
                ordering = self.by_name[self.order]
                told, steps_so_far = pace(self.run, ordering)
                self.line = anchors(self.run.link, ordering, self.given)
                given += [*told, *([pull(self.run, ordering, self.line)] if self.line is not None else [])]
                self.helpers += steps_so_far
        for column in self.extra:
            self.keep(column.levels_artefact, column.values)
        hidden: dict[str, tuple[Node, str]] = {}
        told_too: list[Represented] = []
        for number, chosen in enumerate(self.choices):
            later = {c.link for c in self.choices[number:]}
            before = [g for g in given if not (isinstance(g.given, Lookup) and g.given.link in later)]
            node, why = self._told(chosen.column, before)
            self.helpers.append(PlannedColumn(HIDDEN + chosen.column.name, WHOLE, node, why, hidden=True))
        for number, column in enumerate(free):
            self.tell(column.name, number, len(free))
            node, why = self._told(column, [*given, *free[:number], *told_too])
            hidden[column.name] = self._in_order(column, free[:number], node, why)
            for part, planned in parts(column, self.by_name.get(self.bases.get(column.name, ""))):
                told_too.append(part)
                self.helpers.append(planned)
        for name, by in follows.items():
            hidden[name] = self._looked_up(self.by_name[name], self.by_name[by])
        for name, found in sums.items():
            hidden[name] = found.value({p: numbers_node(self.by_name[p]) for p in found.parts}), found.reason
        made = tuple(
            LearnedColumn(c.name, decoded(c, self.keep), "sequential trees", hidden[c.name][1]) for c in self.columns
        )
        names = [*_ordered(follows, free), *_after(sums)]
        helpers = tuple(PlannedColumn(HIDDEN + n, WHOLE, hidden[n][0], hidden[n][1], hidden=True) for n in names)
        every = (*self.helpers, *helpers)
        looked_at = [*self.columns, *self.extra, *told_too]
        apart = contrast(self.name, looked_at, every, self.artefacts, self._any(), self.keep) if self._alone() else None
        if apart is None:
            return LearnedTable(self.name, seen, made, every, dict(left), dict(counts))
        return LearnedTable(self.name, seen, made, (*every, *apart.hidden), dict(left), dict(counts), kept=apart.kept)

    def _alone(self) -> bool:
        """Whether rows can be made without those of other tables."""
        return self.level.contrast and not self.given and self.run is None and not self.choices

    def _told(self, column: Represented, before: Sequence[Represented]) -> tuple[Node, str]:
        """A column by those before it; of siblings also by the row before."""
        run = self.run
        if run is None or column.name.startswith(COUNTS):
            return self._drawn(column, telling(column, before, self._any()))
        if column.name == self.order:
            line = self.line
            *ways, node = steps(run, column) if line is None else anchored(run, column, line)
            why = "steps from sibling to sibling"
        elif repeats(run, column):
            *ways, node = repeated(run, column)
            why = "as the sibling before, or another"
        else:
            return self._drawn(column, telling(column, before, self._any()))
        for way in ways:
            if way.rows.size:
                own, how = self._in(way, before)
            else:
                own, how = Const(None), "never seen"
            self.helpers.append(PlannedColumn(HIDDEN + way.column.name, WHOLE, own, how, hidden=True))
        return node, why

    def _in(self, way: Way, before: Sequence[Represented]) -> tuple[Node, str]:
        """Part of a column, learned in some rows only."""
        fit = _Fit(self.name, self.columns, (), self.level, self._any(), self.keep, self.tell)
        fit.helpers = self.helpers
        known = [msgspec.structs.replace(b, numbers=b.numbers[way.rows]) for b in before]
        known = [k for k in known if (k.numbers != k.numbers[0]).any()]
        return fit._drawn(way.column, telling(way.column, known, self._any()))

    def _any(self) -> int:
        return int(self.random.integers(1 << 30))

    def _in_order(self, column: Represented, made: Sequence[Represented], node: Node, why: str) -> tuple[Node, str]:
        """The column's number on its side of those made before it."""
        known = {m.name: numbers_node(m) for m in made if m.type.kind in NUMBERS}
        kept = [o for o in self.orders if o.keeps(column.name, known)]
        for order in kept:
            node = order.kept(column.name, node, known)
        return node, "; ".join([why, *(o.reason(column.name) for o in kept)])

    def _uncode(self, names: set[str]) -> None:
        """Numbers themselves where columns are compared or added up."""
        self.columns = [as_numbers(c) if c.name in names and c.coded else c for c in self.columns]
        self.by_name = {c.name: c for c in self.columns}

    def _looked_up(self, column: Represented, by: Represented) -> tuple[Node, str]:
        numbers = image(by, column)
        values = pa.array(numbers, mask=numbers == NULL)
        name = self.keep(f"{self.name}:learned:{column.name}:by", values)
        return Take(name, by.node), f"follows from {by.name}, in every row that was seen"

    def _drawn(self, column: Represented, before: Sequence[Represented]) -> tuple[Node, str]:
        stem = f"{self.name}:learned:{column.name}"
        if column.coded or column.type.kind not in NUMBERS:
            return self._leaves(stem, "", column.numbers, column, before, between=False)
        numeric = [b for b in before if b.type.kind in NUMBERS]
        known = {b.name: numbers_node(b) for b in numeric}
        apart = take_apart(column, numeric, int(self.random.integers(1 << 30)))
        if apart.form.is_difference:
            self.bases[column.name] = apart.form.columns[0]
        return self._together(stem, column, apart, before, known)

    def _together(
        self, stem: str, column: Represented, apart: Apart, before: Sequence[Represented], known: dict[str, Node]
    ) -> tuple[Node, str]:
        """Which way first, then the rest where the row takes that way."""
        left = np.flatnonzero(apart.kinds == 0)
        rest, why = self._rest(stem, column, apart, before, known, left) if left.size else (Const(None), "")
        if left.size == column.numbers.size:
            return rest, why
        which = msgspec.structs.replace(column, coded=True, type=Type(Kind.ENUM), numbers=apart.kinds, levels=9)
        kind, _ = self._leaves(f"{stem}:kind", "kind", apart.kinds, which, before, between=False)
        name = kind_column(column.name)
        self.helpers.append(PlannedColumn(name, WHOLE, kind, f"which way {column.name} is made", hidden=True))
        ways = by_kind(apart, column.name, rest, known)
        node = Case(tuple(When(Call("=", (Column(name), Const(k))), way) for k, way in ways), Const(None))
        shared = f"{len(apart.points)} values that many rows share" if apart.points else ""
        copied = f"copies of {', '.join(apart.copies)}" if apart.copies else ""
        return node, "; ".join(t for t in (why, shared, copied) if t)

    def _rest(
        self,
        stem: str,
        column: Represented,
        apart: Apart,
        before: Sequence[Represented],
        known: dict[str, Node],
        rows: NDArray[np.int64],
    ) -> tuple[Node, str]:
        plain = not apart.form.columns
        unit = column.unit if apart.form.shift < 0 else 1
        target = msgspec.structs.replace(column, numbers=apart.rest, unit=unit, habits=column.habits if plain else ())
        node, why = self._leaves(stem, "", apart.rest, target, before, between=True, rows=rows)
        form = apart.form
        if not form.columns:
            return node, why
        node = form.value(node, known)
        if column.unit > 1:
            half = Const(column.unit // 2)
            node = Call("*", (Call("/", (Call("+", (node, half)), Const(column.unit))), Const(column.unit)))
        return within(node, apart.low, apart.high), f"{form.reason}, {why}"

    def _leaves(
        self,
        stem: str,
        use: str,
        numbers: NDArray[np.int64],
        column: Represented,
        before: Sequence[Represented],
        *,
        between: bool,
        rows: NDArray[np.int64] | None = None,
    ) -> tuple[Node, str]:
        rows = np.arange(numbers.size, dtype=np.int64) if rows is None else rows
        if not before or np.unique(numbers[rows]).size < 2:
            return self._of_leaves(stem, use, column, numbers, [rows], Const(0), between), "as often as it was seen"
        wanted = indicators(msgspec.structs.replace(column, numbers=numbers[rows]))
        spread = np.zeros((numbers.size, wanted.shape[1]))
        spread[rows] = wanted
        inputs, features, scales = self._inputs(stem, before, spread, rows)
        level = self.level.of(column.name)
        if not between and rows.size >= LARGER_FROM:
            level = msgspec.structs.replace(level, leaf=round(level.leaf * LARGER))
        trees = [self._tree(features, scales, spread, rows, level) for _ in range(level.trees)]
        self.keep(f"{stem}:trees", _forest(trees))
        lists = [tree.order[tree.offsets[k] : tree.offsets[k + 1]] for tree in trees for k in range(tree.leaves)]
        node = self._of_leaves(stem, use, column, numbers, lists, Leaf(f"tree{use}", f"{stem}:trees", inputs), between)
        return node, f"given {len(before)} columns before it, from {len(trees)} trees with {len(lists)} leaves"

    def _tree(
        self,
        features: NDArray[np.float32],
        scales: list[NDArray[np.int64]],
        wanted: NDArray[np.float64],
        rows: NDArray[np.int64],
        level: Level,
    ) -> Tree:
        size = max(min(level.leaf * 2, rows.size), int(rows.size * level.share))
        chosen = np.sort(self.random.permutation(rows)[:size])
        return grow(features, scales, wanted, chosen, level.leaf, int(self.random.integers(1 << 30)))

    def _of_leaves(
        self,
        stem: str,
        use: str,
        column: Represented,
        numbers: NDArray[np.int64],
        lists: Sequence[NDArray[np.int64]],
        leaf: Node,
        between: bool,
    ) -> Node:
        sizes = np.array([rows.size for rows in lists], np.int64)
        values = numbers[np.concatenate(lists)]
        if between:
            owner = np.repeat(np.arange(sizes.size), sizes)
            values = values[np.lexsort((values, owner))]
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        self.keep(f"{stem}:leaves", pa.ListArray.from_arrays(pa.array(offsets), pa.array(values)))
        if not between:
            return Drawn(f"value{use}", f"{stem}:leaves", leaf)
        return Drawn(f"value{use}", f"{stem}:leaves", leaf, True, column.unit, column.habits)

    # ---- what trees decide by --------------------------------------------------------------
    def _inputs(
        self, stem: str, before: Sequence[Represented], wanted: NDArray[np.float64], rows: NDArray[np.int64]
    ) -> tuple[tuple[Node, ...], NDArray[np.float32], list[NDArray[np.int64]]]:
        """Inputs as expressions, their ranks for the growing, and what the ranks stand for."""
        trend = np.zeros(wanted.shape[0])
        trend[rows] = _trend(wanted[rows])
        nodes: list[Node] = []
        ranks: list[NDArray[np.float32]] = []
        scales: list[NDArray[np.int64]] = []
        for column in before:
            if column.coded and column.type.kind in (Kind.TEXT, Kind.ENUM, Kind.UUID) and column.levels > 2:
                order = _by_trend(column, trend, rows)
                name = self.keep(f"{stem}:order:{column.name}", pa.array(order))
                nodes.append(Take(name, column.node))
                numbers = np.where(column.numbers == NULL, NULL, order[np.maximum(column.numbers, 0)])
                scale, rank = _ranked(numbers)
            else:
                nodes.append(column.node)
                if column.name not in self.scales:
                    self.scales[column.name] = _ranked(column.numbers)
                scale, rank = self.scales[column.name]
            scales.append(scale)
            ranks.append(rank)
        return tuple(nodes), np.column_stack(ranks), scales


def _ranked(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Distinct numbers in order, and each row's rank among them (exact in 32-bit floats up to 2**24)."""
    scale, rank = np.unique(numbers, return_inverse=True)
    return scale, rank.astype(np.float32)


def _trend(wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number a row that tells most about the target: the first principal component of its indicators."""
    centred = wanted - wanted.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ vectors[:, -1])


def _by_trend(column: Represented, trend: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Categories in the order of the target's mean among them: the best cut of categories is then one of order
    (Breiman et al. 1984, for two classes; here by the main trend)."""
    known = rows[column.numbers[rows] != NULL]
    codes = column.numbers[known]
    counts = np.bincount(codes, minlength=column.levels)
    sums = np.bincount(codes, trend[known], minlength=column.levels)
    means = (sums + SHRINK * float(trend.mean())) / (counts + SHRINK)
    order = np.empty(column.levels, np.int64)
    order[np.argsort(means, kind="stable")] = np.arange(column.levels)
    return order


def _forest(trees: Sequence[Tree]) -> pa.Table:
    """Trees one behind the other, leaves numbered through."""
    features, thresholds, children, roots = [], [], [], []
    nodes = leaves = 0
    for tree in trees:
        ends = tree.feature < 0
        features.append(tree.feature)
        thresholds.append(tree.threshold)
        children.append((tree.child + np.where(ends, leaves, nodes)).astype(np.int32))
        root = np.zeros(tree.feature.size, np.bool_)
        root[0] = True
        roots.append(root)
        nodes += tree.feature.size
        leaves += tree.leaves
    return pa.table(
        {
            "feature": np.concatenate(features),
            "threshold": np.concatenate(thresholds),
            "child": np.concatenate(children),
            "root": np.concatenate(roots),
        }
    )


def _ordered(follows: Mapping[str, str], free: Sequence[Represented]) -> list[str]:
    """Names so that each stands behind what it follows from."""
    out = [c.name for c in free]
    todo = list(follows)
    while todo:
        ready = [n for n in todo if follows[n] in out]
        out += ready
        todo = [n for n in todo if n not in ready]
    return out


def _after(sums: Mapping[str, Arithmetic]) -> list[str]:
    """Names so that each stands behind its parts."""
    out: list[str] = []
    todo = list(sums)
    while todo:
        ready = [n for n in todo if not any(p in todo for p in sums[n].parts)]
        out += ready
        todo = [n for n in todo if n not in ready]
    return out
