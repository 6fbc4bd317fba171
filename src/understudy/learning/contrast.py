"""Rows of a learned table against real ones: what tells them apart says how often each is to be kept.

    real rows ──────┐
                    ├─► trees that tell them apart ─► score: log(real / made) ─► kept with min(real / made, 2) / 2
    rows made ──────┘

A row that is not kept is drawn again, as one that breaks a rule is. Accepting by the ratio of two densities as a
classifier tells it: discriminator rejection sampling (Azadi et al. 2019), with the classifier's trees and the chances
in whole numbers. What columns in order, each given those before, see only in steps (places on a map, one column over
another) is seen here at once: the trees are shown differences, sums and ratios of columns too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.kernels import Runtime
from understudy.learning.boosting import CAP, UNIT, binned, boost, trees, unlike
from understudy.learning.columns import HIDDEN, NULL, NUMBERS, TEMPORAL, Keep, Represented, natural, numbers_node
from understudy.learning.growing import ranks
from understudy.model.bundle import Bundle
from understudy.model.expression import Call, Column, Const, Node, Row, Score, Take, Uniform
from understudy.model.plan import Plan, PlannedColumn, PlannedTable
from understudy.model.schema import Entity, Schema
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)
CHANCE = f"{HIDDEN}kept?"
"""The hidden column that decides whether a row is kept."""

LEAST_ROWS = 500
"""Below them held-back rows do not tell what is chance."""

MOST_ROWS = 20_000
TIMES = 2
"""Real rows that are looked at, and how many made ones for each."""

GAIN = 0.001
"""Nats that held-back rows must be told apart by; less is not worth drawing twice as many rows."""

MOST_NUMBERS, MOST_TOGETHER = 14, 24
"""Columns whose pairs are looked at, and of what comes of them how much is shown to the trees: the most unlike."""

LEAST_UNLIKE = 1.5
MANY = 20
"""Distinct numbers from which arithmetic with a column is worth a look."""

STEPS = 64
"""Chances per nat in the table of chances; :data:`LOWEST`: nats below which none is less."""

LOWEST = -5
BITS = 20
"""Of the draw that decides."""

ORDERS = 2
LEAST_SHIFT = 8
LIMIT = 1 << 61
SEED = 7
"""Of the rows that are made to be looked at: not those that anybody will see."""


class Contrast(msgspec.Struct, frozen=True):
    """``kept``: whether a row is kept; ``hidden``: the columns that it reads beside those learned; ``reason``."""

    kept: Node
    hidden: tuple[PlannedColumn, ...]
    reason: str


def contrast(
    table: str,
    columns: Sequence[Represented],
    hidden: Sequence[PlannedColumn],
    artefacts: Mapping[str, pa.Array | pa.Table],
    seed: int,
    keep: Keep,
) -> Contrast | None:
    """See the module; None where rows are too few, or cannot be told apart. ``hidden``: the learned columns, in terms
    of nothing but each other and ``artefacts``."""
    size = columns[0].numbers.size if columns else 0
    if size < LEAST_ROWS:
        return None
    random = np.random.default_rng([seed, size])
    shown = np.sort(random.permutation(size)[:MOST_ROWS])
    orders = _orders(table, columns, shown)
    looks = [*_looks(columns, orders), *_pairs(columns)]
    known = {**artefacts, **orders, **{_seen(c): pa.array(c.numbers, mask=c.numbers == NULL) for c in columns}}
    as_seen = [PlannedColumn(HIDDEN + c.name, WHOLE, Take(_seen(c), Row()), hidden=True) for c in columns]
    real = _evaluated(table, as_seen, known, looks, shown)
    made = _evaluated(table, hidden, known, looks, np.arange(TIMES * shown.size))
    together = [binned(np.concatenate(both)) for both in zip(real, made, strict=True)]
    is_real = np.arange(shown.size * (1 + TIMES)) < shown.size
    chosen = _chosen(looks, together, is_real)
    if not chosen:
        return None
    found = boost([together[i][1] for i in chosen], is_real, int(random.integers(1 << 30)))
    if found.gain < GAIN:
        return None
    scores, used = trees(found, [together[i][0] for i in chosen])
    inputs = tuple(looks[chosen[i]] for i in used)
    for name in {n.artefact for n in inputs if isinstance(n, Take)} & set(orders):
        keep(name, orders[name])
    score = Score(keep(f"{table}:learned:kept:trees", scores), inputs)
    reason = f"kept as {len(found.trees)} trees tell rows from real ones: {found.gain:.3f} nats a row"
    return Contrast(
        Call("<", (Column(CHANCE), _chances(table, score, keep))),
        (PlannedColumn(CHANCE, WHOLE, Uniform("kept", Const(0), Const((1 << BITS) - 1)), reason, hidden=True),),
        reason,
    )


def _chances(table: str, score: Node, keep: Keep) -> Node:
    """How likely a row is kept, in parts of 2**:data:`BITS`."""
    high = round(float(np.log(CAP)) * STEPS)
    steps = np.arange(LOWEST * STEPS, high + 1)
    chances = np.rint(np.minimum(np.exp(steps / STEPS) / CAP, 1.0) * (1 << BITS)).astype(np.int64)
    step = Call("+", (Call("/", (score, Const(UNIT // STEPS))), Const(-LOWEST * STEPS)))
    inside = Call("greatest", (Call("least", (step, Const(int(steps.size) - 1))), Const(0)))
    return Take(keep(f"{table}:learned:kept:chances", pa.array(chances)), inside)


def _chosen(
    looks: Sequence[Node], together: Sequence[tuple[NDArray[np.int64], NDArray[np.uint8]]], real: NDArray[np.bool_]
) -> list[int]:
    """Columns, and of what comes of pairs of them the most unlike."""
    single = [i for i, look in enumerate(looks) if not _of_pair(look) and together[i][0].size]
    worth = {i: unlike(together[i][1], real) for i, look in enumerate(looks) if _of_pair(look)}
    most = sorted((i for i in worth if worth[i] >= LEAST_UNLIKE), key=lambda i: (-worth[i], i))[:MOST_TOGETHER]
    return [*single, *sorted(most)]


def _of_pair(look: Node) -> bool:
    return isinstance(look, Call)


def _seen(column: Represented) -> str:
    return f"seen:{column.name}"


def _evaluated(
    table: str,
    hidden: Sequence[PlannedColumn],
    artefacts: Mapping[str, pa.Array | pa.Table],
    looks: Sequence[Node],
    rows: NDArray[np.int64],
) -> list[NDArray[np.int64]]:
    """What is looked at, of rows that a plan of nothing but ``hidden`` makes."""
    planned = PlannedTable(table, int(rows.max()) + 1, tuple(hidden))
    plan = Plan(Schema("", (Entity(table, ()),)), (planned,), (), seed=SEED, clock=0)
    made = Runtime(Bundle(plan, dict(artefacts))).several(table, looks, rows)
    return [np.asarray(pc.fill_null(m.cast(pa.int64()), NULL).to_numpy(zero_copy_only=False), np.int64) for m in made]


# ---- what is looked at ---------------------------------------------------------------------------
def _orders(table: str, columns: Sequence[Represented], rows: NDArray[np.int64]) -> dict[str, pa.Array]:
    """Per column of categories two orders of them: by what most of the other columns have in common, and by what most
    of the rest have (the first two principal components of all columns' ranks)."""
    matrix = np.column_stack([_centred(c.numbers[rows]) for c in columns])
    _, vectors = np.linalg.eigh(matrix.T @ matrix)
    found = {}
    for column in columns:
        if column.coded and column.type.kind not in NUMBERS and column.levels > 2:
            for way in range(min(ORDERS, len(columns))):
                trend = matrix @ vectors[:, -1 - way]
                found[_order(table, column, way)] = pa.array(_places(column, column.numbers[rows], trend))
    return found


def _centred(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    told = ranks(numbers, np.ones(numbers.size, np.bool_))
    spread = float(told.std())
    return (told - told.mean()) / spread if spread else told * 0.0


def _places(column: Represented, numbers: NDArray[np.int64], trend: NDArray[np.float64]) -> NDArray[np.int64]:
    there = numbers != NULL
    counts = np.bincount(numbers[there], minlength=column.levels)
    means = np.bincount(numbers[there], trend[there], minlength=column.levels) / (counts + 5.0)
    out = np.empty(column.levels, np.int64)
    out[np.argsort(means, kind="stable")] = np.arange(column.levels)
    return out


def _order(table: str, column: Represented, way: int) -> str:
    return f"{table}:learned:kept:{column.name}:{way}"


def _looks(columns: Sequence[Represented], orders: Mapping[str, pa.Array]) -> list[Node]:
    """Columns by themselves; categories in each of their orders."""
    out: list[Node] = []
    for column in columns:
        ways = [name for name in (_order(column.table, column, w) for w in range(ORDERS)) if name in orders]
        out += [Take(name, column.node) for name in ways] or [column.node]
    return out


def _pairs(columns: Sequence[Represented]) -> list[Node]:
    """Differences, sums and ratios of two columns of numbers."""
    many = sorted((c for c in columns if c.type.kind in NUMBERS and c.levels > MANY), key=lambda c: -c.levels)
    out: list[Node] = []
    for a, b in combinations([c for c in columns if c in many[:MOST_NUMBERS]], 2):
        times = (a.type.kind in TEMPORAL) + (b.type.kind in TEMPORAL)
        if times == 2 and a.type.kind != b.type.kind:
            continue
        if times != 1:
            out += _together(a, b, sums=not times)
        if not times:
            out += _ratio(a, b)
    return out


def _together(a: Represented, b: Represented, *, sums: bool) -> list[Node]:
    scale = max(a.scale, b.scale)
    factors = [10 ** (scale - c.scale) for c in (a, b)]
    if any(_most(c) * f >= LIMIT for c, f in zip((a, b), factors, strict=True)):
        return []
    one, other = (
        numbers_node(c) if f == 1 else Call("*", (numbers_node(c), Const(f)))
        for c, f in zip((a, b), factors, strict=True)
    )
    difference = Call("-", (one, other))
    return [difference, Call("+", (one, other))] if sums else [difference]


def _ratio(a: Represented, b: Represented) -> list[Node]:
    shift = min(60 - _most(a).bit_length(), 24)
    if shift < LEAST_SHIFT:
        return []
    return [Call("/", (Call("*", (numbers_node(a), Const(1 << shift))), numbers_node(b)))]


def _most(column: Represented) -> int:
    numbers = natural(column)
    return int(np.abs(numbers[numbers != NULL]).max(initial=1))
