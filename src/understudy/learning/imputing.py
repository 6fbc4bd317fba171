"""Nulls of real rows filled by a model: drawn from those of its rows that are like the row at hand in what is known.

Several columns lack at once, so each is drawn given the others, a few rounds over (chained equations: van Buuren and
Groothuis-Oudshoorn, "mice", 2011). What the model's rows keep exactly (sums, products, orders, columns that follow from
others) is kept; a null where rows like it have none stays: it means something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.learning import donors
from understudy.learning.arithmetic import Arithmetic, Order, arithmetic, orders
from understudy.learning.columns import NULL, Represented
from understudy.learning.dependencies import determined
from understudy.learning.donors import Forest, Leaves, Pair
from understudy.model.schema import Entity
from understudy.rng import below
from understudy.types import Kind

ROUNDS = 4
"""Times that each column is drawn anew given the others; more changed no figure that was measured."""

MEANT, USUAL = 0.05, 0.2
"""A null stays where fewer of the rows like it have a value than the first, and of all rows more than the second."""

ATTEMPTS = 6
"""Donors asked until orders and rules hold."""

Whole = NDArray[np.int64]
Holds = Callable[[pa.Table], NDArray[np.bool_]]
"""Of rows, whether each keeps the rules of its table (what a rule leaves open, it keeps)."""


class Filled(msgspec.Struct):
    """``table``: the rows; ``filled``: per column how many nulls have a value now; ``left``: per column that keeps some
    how many, and why."""

    table: pa.Table
    filled: dict[str, int]
    left: dict[str, str]


def impute(
    entity: Entity,
    rows: pa.Table,
    reference: pa.Table,
    *,
    wanted: Sequence[str] = (),
    settled: Sequence[str] = (),
    beside: tuple[Entity, pa.Table, pa.Table] | None = None,
    holds: Holds | None = None,
    seed: int = 0,
    tell: Callable[[str, int, int], None] = lambda name, number, of: None,
) -> Filled:
    """``rows`` with their nulls filled from ``reference``, rows of a model of the same table. ``wanted``: the columns
    (all that have nulls); ``settled``: those that keys and references settle. ``beside``: what its parents tell of each
    row: an entity of their columns, these for ``rows`` and for ``reference``. ``holds``: the table's rules.

    A row's values depend on the row, its number and ``seed`` alone. InputError where columns hold another kind.
    """
    names = [f.name for f in entity.fields if {f.name} <= set(rows.column_names) & set(reference.column_names)]
    names = [n for n in names if n not in settled]
    found = donors.pairs(entity, reference, rows, names)
    lacking = [n for n in names if rows.column(n).null_count and (not wanted or n in wanted)]
    left = {n: _why(n, rows) for n in lacking if n not in found or bool((found[n].known == NULL).all())}
    targets = [n for n in lacking if n not in left]
    more = {}
    if beside is not None:
        more = donors.pairs(beside[0], beside[2], beside[1], [f.name for f in beside[0].fields])
    filling = _Filling(entity.name, rows, {**found, **more}, targets, seed)
    filling.fit(tell)
    done = filling.done(holds)
    filled = {}
    for name in targets:
        still = done.column(name).null_count
        filled[name] = rows.column(name).null_count - still
        if still:
            left[name] = f"{still:,} nulls stay: rows like theirs have none, or a rule wants them"
    return Filled(done, filled, left)


def _why(name: str, rows: pa.Table) -> str:
    return f"{rows.column(name).null_count:,} nulls stay: the model does not know the column"


class _Told(msgspec.Struct):
    """How one column is drawn: by which others, on which scales, from which leaves."""

    by: list[str]
    scales: list[Whole]
    forest: Forest
    leaves: Leaves
    usual: float


class _Filling:
    """The state of the rows while they are filled: per column their numbers, and who gave them."""

    def __init__(
        self, table: str, rows: pa.Table, pairs: Mapping[str, Pair], targets: Sequence[str], seed: int
    ) -> None:
        self.table, self.rows, self.pairs, self.targets, self.seed = table, rows, pairs, list(targets), seed
        self.numbers = {n: p.mine.copy() for n, p in pairs.items()}
        self.lack = {n: pairs[n].mine == NULL for n in self.targets}
        self.giver = {n: np.full(rows.num_rows, -1, np.int64) for n in self.targets}
        self.told: dict[str, _Told] = {}
        known = [p.of_reference() for n, p in pairs.items() if n in rows.column_names]
        self.sums: dict[str, Arithmetic] = arithmetic(known)
        self.orders: tuple[Order, ...] = orders([c for c in known if c.name not in self.sums])
        self.follows = {n: by for n, by in determined(known).items() if n in self.targets and n not in self.sums}

    def fit(self, tell: Callable[[str, int, int], None]) -> None:
        """Trees for every column that lacks somewhere."""
        for number, name in enumerate(self.targets):
            tell(name, number, len(self.targets))
            pair = self.pairs[name]
            by = [n for n in self.pairs if n != name]
            aim = donors.wanted(pair)
            inputs, scales = (
                donors.features([self.pairs[n] for n in by], aim)
                if by
                else (np.zeros((pair.reference, 1), np.float32), [])
            )
            forest = Forest(inputs, aim, self.seed + number)
            may = pair.known != NULL
            self.told[name] = _Told(by, scales, forest, forest.able(may), float(may.mean()))

    def done(self, holds: Holds | None) -> pa.Table:
        """The rows as they are when orders and rules hold; what no attempt could fill stays null."""
        some = [self.lack[n] for n in self.targets]
        todo = np.flatnonzero(np.logical_or.reduce(some)) if some else np.zeros(0, np.int64)
        for attempt in range(ATTEMPTS):
            self._draw(todo, attempt)
            if holds is None or not todo.size:
                break
            todo = todo[~holds(self._made(todo))]
        else:
            for name in self.targets:
                rows = todo[self.lack[name][todo]]
                self.giver[name][rows], self.numbers[name][rows] = -1, NULL
        return self._made(np.arange(self.rows.num_rows))

    # ---- one attempt ---------------------------------------------------------------------------
    def _draw(self, rows: Whole, attempt: int) -> None:
        for name in self.targets:
            known = np.flatnonzero(self.pairs[name].known != NULL)
            cells = rows[self.lack[name][rows]]
            self._give(name, cells, known[below(donors.words(self.seed, self.table, name, cells, attempt), known.size)])
        for turn in range(ROUNDS):
            for name in self.targets:
                self._again(name, rows[self.lack[name][rows]], attempt * ROUNDS + turn)
        for name, by in self.follows.items():
            self._follow(name, by, rows[self.lack[name][rows]])
        self._exact(rows)

    def _give(self, name: str, cells: Whole, giver: Whole) -> None:
        self.giver[name][cells] = giver
        self.numbers[name][cells] = np.where(giver < 0, NULL, self.pairs[name].known[np.maximum(giver, 0)])

    def _again(self, name: str, cells: Whole, turn: int) -> None:
        told = self.told[name]
        inputs = np.zeros((cells.size, 1), np.float32)
        if told.by:
            parts = [
                donors.ranked(self.pairs[n], scale, self.numbers[n][cells])
                for n, scale in zip(told.by, told.scales, strict=True)
            ]
            inputs = np.column_stack(parts)
        todo = np.arange(cells.size)
        for redraw in range(ATTEMPTS):
            at = cells[todo]
            count = turn * ATTEMPTS + redraw + ATTEMPTS
            which, leaf = told.forest.leaves(inputs[todo], donors.tree_of(self.seed, self.table, name, at, count))
            giver, share = told.leaves.drawn(which, leaf, donors.words(self.seed, self.table, name, at, count))
            giver[(share < MEANT) & (told.usual > USUAL)] = -1
            self._give(name, at, giver)
            todo = todo[self._out_of_order(name, at)]
            if not todo.size:
                break

    def _out_of_order(self, name: str, cells: Whole) -> NDArray[np.bool_]:
        bad = np.zeros(cells.size, np.bool_)
        for order in self.orders:
            if name in (order.less, order.more):
                less, more = self.numbers[order.less][cells], self.numbers[order.more][cells]
                both = (less != NULL) & (more != NULL)
                bad |= both & (less >= more if order.strict else less > more)
        return bad

    def _follow(self, name: str, by: str, cells: Whole) -> None:
        """What follows from another column is looked up among the model's rows, where it is known there."""
        pair, other = self.pairs[name], self.pairs[by]
        values, first = np.unique(other.known, return_index=True)
        mine = self.numbers[by][cells]
        place = np.minimum(np.searchsorted(values, mine), values.size - 1)
        there = (values[place] == mine) & (mine != NULL)
        self._give(name, cells[there], np.where(pair.known[first[place[there]]] == NULL, -1, first[place[there]]))

    def _exact(self, rows: Whole) -> None:
        """Sums and products from their parts; where the total is known, the part that is not."""
        for name, how in self.sums.items():
            given = rows
            if name in self.targets:
                self._computed(name, how, rows[self.lack[name][rows]])
                given = rows[~self.lack[name][rows]]
            if how.factors:
                self._residual(name, how, given)

    def _computed(self, name: str, how: Arithmetic, cells: Whole) -> None:
        told = how.numbers([self.numbers[p][cells] for p in how.parts])
        there = told != NULL
        self.numbers[name][cells] = np.where(there, told, self.numbers[name][cells])
        self.giver[name][cells] = np.where(there, COMPUTED, self.giver[name][cells])

    def _residual(self, name: str, how: Arithmetic, rows: Whole) -> None:
        loose = [p for p in how.parts if p in self.targets]
        total = self.numbers[name]
        for part in reversed(loose):
            mine = rows[self.lack[part][rows] & (total[rows] != NULL)]
            others = [(p, f) for p, f in zip(how.parts, how.factors, strict=True) if p != part]
            factor = how.factors[how.parts.index(part)]
            mine = mine[np.logical_and.reduce([self.numbers[p][mine] != NULL for p, _ in others])]
            rest = total[mine] - sum(self.numbers[p][mine] * f for p, f in others)
            even = rest % factor == 0
            self.numbers[part][mine[even]] = rest[even] // factor
            self.giver[part][mine[even]] = COMPUTED
            rows = np.setdiff1d(rows, mine[even])

    # ---- back to values ------------------------------------------------------------------------
    def _made(self, rows: Whole) -> pa.Table:
        out = self.rows.take(pa.array(rows))
        for name in self.targets:
            pair = self.pairs[name]
            giver = self.giver[name][rows]
            index = np.where(giver >= 0, giver, pair.reference + rows)
            values = pair.values.combine_chunks().take(pa.array(index))
            computed = giver == COMPUTED
            if computed.any():
                told = valued(pair.column, self.numbers[name][rows], values.type)
                values = pc.if_else(pa.array(computed), told, values)
            kind = self.rows.schema.field(name).type
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            out = out.set_column(out.column_names.index(name), name, donors.like(values, kind))
        return out


COMPUTED = -2
"""In place of a donor: the number was computed from others of the row."""


def valued(column: Represented, numbers: Whole, kind: pa.DataType) -> pa.Array:
    """Numbers in the column's smallest unit as Arrow values of ``kind``."""
    missing = numbers == NULL
    safe = np.where(missing, 0, numbers)
    if column.type.kind is Kind.DATE:
        return pa.array(safe.astype(np.int32), pa.int32(), mask=missing).cast(pa.date32()).cast(kind)
    if column.type.kind in (Kind.TIMESTAMP, Kind.TIME):
        unit = pa.time64("us") if column.type.kind is Kind.TIME else pa.timestamp("us")
        return pa.array(safe, pa.int64(), mask=missing).cast(unit).cast(kind)
    if pa.types.is_floating(kind):
        return pa.array(safe / 10.0**column.scale, kind, mask=missing)
    if pa.types.is_decimal(kind):
        told = [None if m else Decimal(int(n)).scaleb(-column.scale) for n, m in zip(safe, missing, strict=True)]
        return pa.array(told, kind)
    return pa.array(safe, pa.int64(), mask=missing).cast(kind)
