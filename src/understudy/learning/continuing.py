"""The future of sequences: what follows the last row of each entity, as it follows rows like it among a model's.

    last row of an entity ─► steps of the model's rows that begin alike ─► one of them: its gap, its changes, its values

A step is taken whole, so that what changes together goes on doing so. Numbers that move little are moved by the step's
difference, categories that mostly stay stay where the step's do, other times keep their distance to the row's own.

The last row of an entity of the model is a step too: one that had not come when its rows end. An entity that drew such
a step is silent for as long, and draws again among those that were silent longer, until its time is over; so many stop
as stop in the model (Efron, "The two sample problem with censored data", 1967: mass goes to the right).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.errors import InputError
from understudy.learning import donors
from understudy.learning.arithmetic import arithmetic, orders
from understudy.learning.columns import NULL, NUMBERS
from understudy.learning.dependencies import determined
from understudy.learning.donors import Forest, Pair
from understudy.learning.growing import indicators
from understudy.learning.imputing import valued
from understudy.learning.siblings import SAME_GAIN, sorted_rows
from understudy.model.schema import Entity
from understudy.rng import below
from understudy.types import Kind

LEAST = 50
"""Steps among the model's rows from which one may say what follows what."""

STILL = 0.5
"""A number moves where a step changes it, in the median, by less than so much of what chance would."""

ATTEMPTS = 12
MOST_STEPS = 10_000
DAY = 86_400_000_000

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Future(msgspec.Struct):
    """``rows``: the new ones, without keys. ``entity``: per row the parent's row that it belongs to; ``before``: the
    real row or (counted on from the real rows) the new one that it follows; ``donor``: the reference rows of its step,
    from and to. ``ended``: entities that do not go on."""

    rows: pa.Table
    entity: Whole
    before: Whole
    donor: tuple[Whole, Whole]
    ended: int


def future(
    entity: Entity,
    order: str,
    real: tuple[pa.Table, Whole],
    reference: tuple[pa.Table, Whole],
    *,
    settled: Sequence[str] = (),
    beside: tuple[Entity, pa.Table, pa.Table] | None = None,
    until: int | None = None,
    steps: int | None = None,
    most: int = 5_000_000,
    seed: int = 0,
    tell: Callable[[int, int], None] = lambda rows, entities: None,
) -> Future:
    """What follows the last real row of every entity. ``real``, ``reference``: rows with, per row, the parent's row.
    ``order``: the column of their order. ``until``: its last value, in its own units (days, microseconds, numbers);
    ``steps``: rows per entity at most. ``beside``: what its parents tell of each row.

    InputError where the model's rows have too few steps to say what follows what, or ``most`` rows are not enough.
    """
    going = _Going(entity, order, real, reference, settled, beside, seed)
    going.fit()
    return going.run(until, steps, most, tell)


class _State(msgspec.Struct):
    """Per entity that still goes on: its parent's row, the row it stands on, how many it has, the last gap, and the
    numbers of its last row."""

    owner: Whole
    row: Whole
    count: Whole
    gap: Whole
    numbers: dict[str, Whole]
    above: dict[str, Whole]

    def only(self, kept: Flags) -> _State:
        return _State(
            self.owner[kept],
            self.row[kept],
            self.count[kept],
            self.gap[kept],
            {n: v[kept] for n, v in self.numbers.items()},
            {n: v[kept] for n, v in self.above.items()},
        )


class _Going:
    def __init__(
        self,
        entity: Entity,
        order: str,
        real: tuple[pa.Table, Whole],
        reference: tuple[pa.Table, Whole],
        settled: Sequence[str],
        beside: tuple[Entity, pa.Table, pa.Table] | None,
        seed: int,
    ) -> None:
        self.entity, self.order, self.seed = entity, order, seed
        self.real, self.reference = real, reference
        shared = set(real[0].column_names) & set(reference[0].column_names)
        self.names = [f.name for f in entity.fields if f.name in shared and f.name not in settled]
        self.pairs = donors.pairs(entity, reference[0], real[0], self.names)
        self.above: dict[str, Pair] = {}
        if beside is not None:
            self.above = donors.pairs(beside[0], beside[2], beside[1], [f.name for f in beside[0].fields])
        if order not in self.pairs:
            raise InputError(f"the model does not know {order}, by which rows follow each other", where=entity.name)

    # ---- what follows what ---------------------------------------------------------------------
    def fit(self) -> None:
        """Steps of the reference, and trees that tell which of them begin alike."""
        clock = self.pairs[self.order].known
        rows, ordinal, sizes = sorted_rows(self.reference[1], clock)
        later, last = np.flatnonzero(ordinal > 0), np.flatnonzero(ordinal == sizes - 1)
        self.start = np.concatenate([rows[later - 1], rows[last]])
        self.stop = np.concatenate([rows[later], np.full(last.size, -1)])
        count = np.concatenate([ordinal[later], sizes[last]])
        timed = (clock[self.start] != NULL) & ((self.stop < 0) | (clock[np.maximum(self.stop, 0)] != NULL))
        self.start, self.stop, count = self.start[timed], self.stop[timed], count[timed]
        self.came = self.stop >= 0
        if (number := int(self.came.sum())) < LEAST:
            raise InputError(
                f"its rows follow each other in {number} cases only: nothing says what comes next",
                where=self.entity.name,
                mend="Fit the model to more rows per entity.",
            )
        self.gap = np.where(self.came, clock[self.stop], clock[self.start].max()) - clock[self.start]
        gap_before = np.full(clock.size, NULL, np.int64)
        gap_before[self.stop[self.came]] = self.gap[self.came]
        self.longest = np.argsort(self.gap, kind="stable")
        known = {n: p.of_reference() for n, p in self.pairs.items()}
        self.moves = {n for n in self.pairs if n != self.order and self._moves(n)}
        self.stays = {n for n in self.pairs if self._stays(n)}
        self.sums = arithmetic(list(known.values()))
        self.kept = orders([c for c in known.values() if c.name not in self.sums])
        self.follows = {n: by for n, by in determined(list(known.values())).items() if n not in self.sums}
        wanted = [indicators(msgspec.structs.replace(known[self.order], numbers=np.where(self.came, self.gap, NULL)))]
        for name, column in known.items():
            if name != self.order:
                wanted.append(indicators(msgspec.structs.replace(column, numbers=self._change(name))))
        aim = np.column_stack(wanted)
        self.inputs = [
            *(self._input(p, p.known[self.start]) for n, p in self.pairs.items() if n != self.order),
            *(self._input(p, p.known[self.start]) for p in self.above.values()),
        ]
        if self.inputs:
            told, self.scales = donors.features(self.inputs, aim)
        else:
            told, self.scales = np.zeros((self.start.size, 0), np.float32), []
        extra = np.column_stack([np.minimum(count, 64), _flat(gap_before[self.start])]).astype(np.float32)
        self.forest = Forest(np.column_stack([told, extra]).astype(np.float32), aim, self.seed)
        self.leaves = self.forest.able(np.ones(self.start.size, np.bool_))

    @staticmethod
    def _input(pair: Pair, numbers: Whole) -> Pair:
        """The column as it stands before each step."""
        both = np.concatenate([numbers, pair.column.numbers])
        return Pair(msgspec.structs.replace(pair.column, numbers=both), numbers.size, pair.values)

    def _moves(self, name: str) -> bool:
        pair = self.pairs[name]
        if pair.column.type.kind not in NUMBERS or self._timed(name):
            return False
        before, after = pair.known[self.start[self.came]], pair.known[self.stop[self.came]]
        both = (before != NULL) & (after != NULL)
        if both.sum() < LEAST:
            return False
        own = np.abs(after[both] - before[both])
        other = np.abs(after[both] - np.random.default_rng(self.seed).permutation(after[both]))
        return bool(np.median(own) < STILL * np.median(other))

    def _stays(self, name: str) -> bool:
        pair = self.pairs[name]
        if pair.column.type.kind in NUMBERS or pair.column.levels < 2:
            return False
        before, after = pair.known[self.start[self.came]], pair.known[self.stop[self.came]]
        chance = float(((np.bincount(after[after != NULL]) / max(after.size, 1)) ** 2).sum())
        return float((before == after).mean()) >= min(SAME_GAIN * chance, 0.999)

    def _timed(self, name: str) -> bool:
        kinds = (self.pairs[name].column.type.kind, self.pairs[self.order].column.type.kind)
        return name != self.order and all(k in (Kind.DATE, Kind.TIMESTAMP) for k in kinds)

    def _change(self, name: str) -> Whole:
        """What a step makes of a column, as trees shall tell it."""
        before, after = self.pairs[name].known[self.start], self.pairs[name].known[self.stop]
        after = np.where(self.came, after, NULL)
        if name in self.moves:
            return np.where((before == NULL) | (after == NULL), NULL, after - before)
        return after

    # ---- step by step --------------------------------------------------------------------------
    def run(self, until: int | None, steps: int | None, most: int, tell: Callable[[int, int], None]) -> Future:
        """All entities at once, a row each a step."""
        state = self._begun()
        last = int(state.numbers[self.order].max(initial=0))
        parts: list[tuple[_State, Whole, dict[str, tuple[Whole, Flags]]]] = []
        made, ended = 0, 0
        for number in range(min(MOST_STEPS, MOST_STEPS if steps is None else steps)):
            taken = self._taken(state, last, number, until)
            ended += int((taken < 0).sum()) if not number else 0
            kept = taken >= 0
            state, taken = state.only(kept), taken[kept]
            values = self._values(state, taken)
            if until is not None:
                inside = values[self.order][0] <= until
                state, taken = state.only(inside), taken[inside]
                values = {n: (v[inside], c[inside]) for n, (v, c) in values.items()}
            if not taken.size:
                break
            parts.append((state, taken, values))
            state = self._moved(state, taken, values, self.real[0].num_rows + made)
            made += taken.size
            if number & (number + 1) == 0:
                tell(made, taken.size)
            if made > most:
                raise InputError(f"more than {most:,} rows", where=self.entity.name, mend="Ask for less of the future.")
        return self._written(parts, ended)

    def _begun(self) -> _State:
        clock = self.pairs[self.order].mine
        rows, ordinal, sizes = sorted_rows(self.real[1], clock)
        at = np.flatnonzero(ordinal == sizes - 1)
        gap = np.full(at.size, NULL, np.int64)
        several = sizes[at] > 1
        gap[several] = clock[rows[at[several]]] - clock[rows[at[several] - 1]]
        last = rows[at]
        known = clock[last] != NULL
        state = _State(
            self.real[1][last],
            last,
            sizes[at],
            gap,
            {n: p.mine[last] for n, p in self.pairs.items()},
            {n: p.mine[last] for n, p in self.above.items()},
        )
        return state.only(known)

    def _taken(self, state: _State, last: int, number: int, until: int | None) -> Whole:
        """The step that each entity takes; -1 where none comes in its time. The first leads beyond what was seen."""
        clock = state.numbers[self.order]
        silent = np.maximum(last - clock, 0) if not number else np.full(clock.size, NULL)
        room = np.full(clock.size, -(NULL + 1)) if until is None else until - clock
        inputs = self._stands(state)
        taken = np.full(clock.size, -1, np.int64)
        todo = np.arange(clock.size)
        for attempt in range(2 * ATTEMPTS):
            found = self._drawn(state.owner[todo], inputs[todo], silent[todo], number * 2 * ATTEMPTS + attempt, attempt)
            fits = (found >= 0) & (self.gap[np.maximum(found, 0)] > silent[todo])
            come = fits & self.came[np.maximum(found, 0)]
            taken[todo[come]] = found[come]
            wait = fits & ~come
            silent[todo[wait]] = self.gap[found[wait]]
            over = (attempt >= ATTEMPTS) & (found < 0)
            todo = todo[~(come | over) & (silent[todo] < room[todo])]
            if not todo.size:
                break
        return taken

    def _stands(self, state: _State) -> NDArray[np.float32]:
        """What trees decide by, of the row that each entity stands on."""
        own = [n for n in self.pairs if n != self.order]
        pairs = [
            *((self.pairs[n], state.numbers[n]) for n in own),
            *((p, state.above[n]) for n, p in self.above.items()),
        ]
        told = [donors.ranked(p, scale, numbers) for (p, numbers), scale in zip(pairs, self.scales, strict=True)]
        told += [np.minimum(state.count, 64).astype(np.float32), _flat(state.gap).astype(np.float32)]
        return np.column_stack(told).astype(np.float32)

    def _drawn(self, identity: Whole, inputs: NDArray[np.float32], silent: Whole, count: int, attempt: int) -> Whole:
        """A step of rows that are alike; where that was tried often enough, of any that lasted longer (-1: none)."""
        name = self.entity.name
        words = donors.words(self.seed, name, self.order, identity, count)
        if attempt < ATTEMPTS:
            tree = donors.tree_of(self.seed, name, self.order, identity, count)
            return self.leaves.drawn(*self.forest.leaves(inputs, tree), words)[0]
        first = np.searchsorted(self.gap[self.longest], silent, "right")
        room = self.gap.size - first
        place = np.minimum(first + below(words, room), self.gap.size - 1)
        return np.where(room > 0, self.longest[place], -1)

    def _values(self, state: _State, taken: Whole) -> dict[str, tuple[Whole, Flags]]:
        """Per column the numbers of the new rows, and where they are computed rather than the donor's own."""
        start, stop = self.start[taken], self.stop[taken]
        out: dict[str, tuple[Whole, Flags]] = {}
        now = state.numbers[self.order] + self.gap[taken]
        out[self.order] = now, np.ones(taken.size, np.bool_)
        for name, pair in self.pairs.items():
            if name == self.order:
                continue
            old, before, after = state.numbers[name], pair.known[start], pair.known[stop]
            made, own = after, np.zeros(taken.size, np.bool_)
            if name in self.moves:
                known = pair.known[pair.known != NULL]
                own = (old != NULL) & (before != NULL) & (after != NULL)
                made = np.where(own, np.clip(old + after - before, known.min(), known.max()), after)
            elif name in self.stays:
                own = before == after
                made = np.where(own, old, after)
            elif self._timed(name):
                own = after != NULL
                scale, mine = (DAY if p.column.type.kind is Kind.DATE else 1 for p in (self.pairs[self.order], pair))
                apart = after * mine - self.pairs[self.order].known[stop] * scale
                made = np.where(own, (now * scale + apart) // mine, NULL)
            out[name] = made, own
        self._exact(out)
        return out

    def _exact(self, out: dict[str, tuple[Whole, Flags]]) -> None:
        for name, by in self.follows.items():
            pair, other = self.pairs[name], self.pairs[by]
            values, first = np.unique(other.known, return_index=True)
            mine = out[by][0]
            place = np.minimum(np.searchsorted(values, mine), values.size - 1)
            there = values[place] == mine
            out[name] = np.where(there, pair.known[first[place]], out[name][0]), there | out[name][1]
        for order in self.kept:
            less, more = out[order.less][0], out[order.more][0]
            bad = (less != NULL) & (more != NULL) & (less > more)
            if bad.any():
                name = order.less if order.more == self.order else order.more
                fixed = np.where(
                    bad, np.minimum(less, more) if name == order.less else np.maximum(less, more), out[name][0]
                )
                out[name] = fixed, out[name][1] | bad
        for name, how in self.sums.items():
            told = how.numbers([out[p][0] for p in how.parts])
            there = told != NULL
            out[name] = np.where(there, told, out[name][0]), there | out[name][1]

    def _moved(self, state: _State, taken: Whole, values: dict[str, tuple[Whole, Flags]], base: int) -> _State:
        return _State(
            state.owner,
            base + np.arange(taken.size),
            state.count + 1,
            self.gap[taken],
            {n: v for n, (v, _) in values.items()},
            state.above,
        )

    # ---- back to values ------------------------------------------------------------------------
    def _written(self, parts: list[tuple[_State, Whole, dict[str, tuple[Whole, Flags]]]], ended: int) -> Future:
        nothing = np.zeros(0, np.int64)
        taken = np.concatenate([t for _, t, _ in parts]) if parts else nothing
        owner = np.concatenate([s.owner for s, _, _ in parts]) if parts else nothing
        before = np.concatenate([s.row for s, _, _ in parts]) if parts else nothing
        stop = self.stop[taken]
        columns = {}
        for name in self.names:
            kind = self.real[0].schema.field(name).type
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            pair = self.pairs.get(name)
            if pair is None:
                given = donors.joined(name, self.reference[0].column(name), self.real[0].column(name), self.entity.name)
                columns[name] = donors.like(given.combine_chunks().take(pa.array(stop)), kind)
                continue
            values = pair.values.combine_chunks()
            numbers = np.concatenate([v[name][0] for _, _, v in parts]) if parts else nothing
            own = np.concatenate([v[name][1] for _, _, v in parts]) if parts else np.zeros(0, np.bool_)
            drawn = values.take(pa.array(stop))
            if own.any():
                drawn = pc.if_else(pa.array(own), self._told(pair, numbers, values), drawn)
            columns[name] = donors.like(drawn, kind)
        table = pa.table(columns)
        return Future(table, owner, before, (self.start[taken], stop), ended)

    @staticmethod
    def _told(pair: Pair, numbers: Whole, values: pa.Array) -> pa.Array:
        if pair.column.type.kind in NUMBERS:
            return valued(pair.column, numbers, values.type)
        codes, first = np.unique(pair.column.numbers, return_index=True)
        at = first[np.minimum(np.searchsorted(codes, numbers), codes.size - 1)]
        return values.take(pa.array(at, mask=numbers == NULL))


def _flat(gap: Whole) -> NDArray[np.float64]:
    """A gap on a scale that 32-bit floats can hold."""
    known = np.where(gap == NULL, 0, np.maximum(gap, 0)).astype(np.float64)
    return np.where(gap == NULL, -1.0, np.log1p(known))
