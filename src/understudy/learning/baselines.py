"""Forms in which a number is told from others: what is left for trees is small, and of one size.

    plain   y = rest
    line    y = (intercept + Σ slope · x) / 2**16 + rest       a difference is a line of one slope 1
    ratio   y = |x| · rest / 2**shift                          the payment is a share of the bill

The form is chosen by how near held-back values lie to those that a small tree's leaf would give (the logarithm of the
distance to the third nearest: nearest-neighbour estimates of log likelihood, after Kozachenko and Leonenko 1987).
Means of distances would hardly see that most of a column is a sharp ratio beside a few far values.
Columns with digit habits stay plain: 1,000 paid on a bill of 21,339 is no share of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy.learning.columns import NULL, TEMPORAL, Represented, natural
from understudy.learning.growing import ranks
from understudy.model.expression import Call, Const, Node
from understudy.types import Type

SHIFT = 16
"""Slopes are whole numbers of 2**-16: products of 47-bit numbers still fit."""

MOST_SLOPES = 6
MOST_PARTNERS = 3
"""Columns that a difference or a ratio to is tried for: those whose ranks go with the target's most."""

LEAST_TOGETHER = 0.3
"""Rank correlation below which nothing is tried."""

GAIN = 0.05
"""Nats that a form must say more than the plain value, or it is not worth its steps."""

LEAST_ROWS = 200
TRIED = 3000
"""Rows that forms are compared on, half of them held back."""

LEAF, NEAREST = 12, 3
LIMIT = 1 << 46


class Form(msgspec.Struct, frozen=True):
    """See the module. ``fill``: what stands for null in each column. ``shift``: of a ratio, whose ``intercept`` is the
    least that ``|x|`` counts for; -1 in a line. No column: plain."""

    columns: tuple[str, ...] = ()
    slopes: tuple[int, ...] = ()
    fill: tuple[int, ...] = ()
    intercept: int = 0
    shift: int = -1

    def rest(self, y: NDArray[np.int64], numbers: Mapping[str, NDArray[np.int64]]) -> NDArray[np.int64]:
        """What is to be drawn so that ``y`` comes out; anything where ``y`` is null."""
        if not self.columns:
            return y
        base = self._base(numbers, y.size)
        if self.shift < 0:
            return np.where(y == NULL, 0, y) - base
        return np.rint(np.where(y == NULL, 0, y) / base * 2.0**self.shift).astype(np.int64)

    def _base(self, numbers: Mapping[str, NDArray[np.int64]], size: int) -> NDArray[np.int64]:
        filled = [np.where(numbers[n] == NULL, f, numbers[n]) for n, f in zip(self.columns, self.fill, strict=True)]
        if self.shift >= 0:
            return np.maximum(np.abs(filled[0]), self.intercept)
        if self.is_difference:
            return np.asarray(filled[0])
        total = np.full(size, self.intercept, np.int64)
        for slope, x in zip(self.slopes, filled, strict=True):
            total += slope * x
        whole = np.abs(total) >> SHIFT
        return np.where(total < 0, -whole, whole)

    def value(self, rest: Node, known: Mapping[str, Node]) -> Node:
        """``y`` as an expression; ``known``: the columns' numbers in their smallest units."""
        if not self.columns:
            return rest
        filled = [Call("coalesce", (known[n], Const(f))) for n, f in zip(self.columns, self.fill, strict=True)]
        if self.shift >= 0:
            scale = Call("greatest", (Call("abs", (filled[0],)), Const(self.intercept)))
            half = Call("+", (Call("*", (scale, rest)), Const(1 << self.shift >> 1)))
            return Call("/", (half, Const(1 << self.shift)))
        if self.is_difference:
            return Call("+", (filled[0], rest))
        total: Node = Const(self.intercept)
        for slope, x in zip(self.slopes, filled, strict=True):
            total = Call("+", (total, Call("*", (x, Const(slope)))))
        return Call("+", (Call("/", (total, Const(1 << SHIFT))), rest))

    @property
    def is_difference(self) -> bool:
        """Whether it is one column and a remainder."""
        return self.slopes == (1 << SHIFT,) and not self.intercept

    @property
    def reason(self) -> str:
        """In words, for the model's card."""
        if not self.columns:
            return ""
        if self.shift >= 0:
            return f"as a multiple of {self.columns[0]}"
        if self.is_difference:
            return f"as a difference to {self.columns[0]}"
        return f"a line through {', '.join(self.columns)}"


def best_form(column: Represented, before: Sequence[Represented], rows: NDArray[np.int64], seed: int) -> Form:
    """The form that says most of ``rows`` of the column, plain where none says more. ``before``: columns of numbers."""
    many = [b for b in before if b.levels > 20 and _small(b.numbers, b.type)]
    if not many or rows.size < LEAST_ROWS or not _small(column.numbers[rows], column.type):
        return Form()
    if column.heaped and column.type.kind not in TEMPORAL:
        return Form()
    random = np.random.default_rng(seed)
    tried = random.permutation(rows)[:TRIED]
    half = tried.size // 2
    y = column.numbers
    numbers = {b.name: natural(b) for b in many}
    matrix = np.column_stack([ranks(x, x != NULL) for x in (n[tried] for n in numbers.values())]).astype(np.float32)
    best = Form()
    least = _distance(best, y, numbers, matrix, tried, half, column.unit) - GAIN
    for form in _candidates(column, many, numbers, rows, tried):
        found = _distance(form, y, numbers, matrix, tried, half, column.unit)
        if found < least:
            best, least = form, found
    return best


def _small(numbers: NDArray[np.int64], kind: Type) -> bool:
    """Whether products with slopes fit into 64 bits; times are only ever subtracted."""
    known = numbers[numbers != NULL]
    return int(np.abs(known).max(initial=0)) < (LIMIT << 14 if kind.kind in TEMPORAL else LIMIT)


def _distance(
    form: Form,
    y: NDArray[np.int64],
    numbers: Mapping[str, NDArray[np.int64]],
    matrix: NDArray[np.float32],
    tried: NDArray[np.int64],
    half: int,
    unit: int,
) -> float:
    """Mean logarithm of held-back values' distance to the third nearest of what their leaf gives."""
    from sklearn.tree import DecisionTreeRegressor

    at = {n: x[tried] for n, x in numbers.items() if n in form.columns}
    rest = form.rest(y[tried], at)
    each = form._base(at, tried.size)[half:] / 2.0**form.shift if form.shift >= 0 else np.ones(tried.size - half)
    told = ranks(rest[:half], np.ones(half, np.bool_))
    model = DecisionTreeRegressor(min_samples_leaf=min(LEAF, half), random_state=0).fit(matrix[:half], told)
    mine, theirs = model.apply(matrix[:half]), model.apply(matrix[half:])
    order = np.argsort(mine, kind="stable")
    leaves, start = np.unique(mine[order], return_index=True)
    stop = np.append(start[1:], half)
    leaf = np.searchsorted(leaves, theirs)
    values = rest[:half][order].astype(np.float64)
    apart = np.full((theirs.size, 2 * LEAF), np.inf)
    for k in range(2 * LEAF):
        place = start[leaf] + k
        there = place < stop[leaf]
        apart[there, k] = np.abs(values[place[there]] - rest[half:][there])
    near = np.partition(apart, NEAREST - 1, axis=1)[:, NEAREST - 1] * each
    return float(np.log(np.maximum(near, unit)).mean())


def _candidates(
    column: Represented,
    before: Sequence[Represented],
    numbers: Mapping[str, NDArray[np.int64]],
    rows: NDArray[np.int64],
    tried: NDArray[np.int64],
) -> list[Form]:
    y = column.numbers
    own = ranks(y[tried], np.ones(tried.size, np.bool_))
    near = []
    for b in before:
        x = numbers[b.name][tried]
        there = x != NULL
        if there.mean() > 0.5 and np.ptp(x[there]):
            near.append((-abs(float(np.corrcoef(ranks(x, there)[there], own[there])[0, 1])), b.name, b))
    partners = [b for gone, _, b in sorted(near, key=lambda n: n[:2])[:MOST_PARTNERS] if -gone >= LEAST_TOGETHER]
    out: list[Form] = []
    for b in partners:
        known = numbers[b.name][numbers[b.name] != NULL]
        fill = (int(np.median(known)),)
        if b.type.kind == column.type.kind and b.scale == column.scale:
            out.append(Form((b.name,), (1 << SHIFT,), fill))
        if column.type.kind not in TEMPORAL and b.type.kind not in TEMPORAL and (known >= 0).mean() > 0.9:
            out += _ratio(b.name, fill, known, y[rows])
    if partners and column.type.kind not in TEMPORAL:
        out += _line(y, [b for b in before if b.type.kind not in TEMPORAL], numbers, rows)
    return out


def _ratio(name: str, fill: tuple[int, ...], known: NDArray[np.int64], y: NDArray[np.int64]) -> list[Form]:
    sizes = np.abs(known)
    least = max(int(np.quantile(sizes, 0.1)), 1)
    room = 62 - int(np.abs(y).max()).bit_length() - (int(sizes.max()) // least + 1).bit_length()
    return [Form((name,), (), fill, least, min(room, 30))] if room >= 10 and float((y >= 0).mean()) > 0.9 else []


# ---- the line ------------------------------------------------------------------------------------
def _line(
    y: NDArray[np.int64],
    before: Sequence[Represented],
    numbers: Mapping[str, NDArray[np.int64]],
    rows: NDArray[np.int64],
) -> list[Form]:
    """The straight line through ``rows``, least squares over clipped numbers; none where no column helps."""
    wanted = y[rows].astype(np.float64)
    middle, width = float(np.median(wanted)), _width(wanted)
    if width <= 0 or not before:
        return []
    target = (np.clip(wanted, *np.quantile(wanted, [0.002, 0.998])) - middle) / width
    fills = [int(np.median(x[x != NULL])) for x in (numbers[b.name] for b in before)]
    filled = [np.where(numbers[b.name] == NULL, f, numbers[b.name]) for b, f in zip(before, fills, strict=True)]
    chosen, slopes, intercept = _selected(target, [x[rows].astype(np.float64) for x in filled])
    exact = [round(s * width * 2**SHIFT) for s in slopes]
    if not any(exact) or any(abs(s) >= 1 << 20 for s in exact):
        return []
    names, fill = tuple(before[i].name for i in chosen), tuple(fills[i] for i in chosen)
    return [Form(names, tuple(exact), fill, round((intercept * width + middle) * 2**SHIFT))]


def _width(x: NDArray[np.float64]) -> float:
    a, b = np.quantile(x, [0.25, 0.75])
    return float(b - a) or float(x.std())


def _selected(
    target: NDArray[np.float64], columns: Sequence[NDArray[np.float64]]
) -> tuple[list[int], NDArray[np.float64], float]:
    """Forward selection: at each step the column that explains most of what is left, as long as it is worth it."""
    clipped = [np.clip(x, *np.quantile(x, [0.002, 0.998])) for x in columns]
    centred = [x - x.mean() for x in clipped]
    spread = [float((x**2).sum()) for x in centred]
    chosen: list[int] = []
    left = target - target.mean()
    whole = float((left**2).sum())
    fit = (np.zeros(0), float(target.mean()))
    while len(chosen) < min(MOST_SLOPES, len(columns)) and whole > 0:
        gains = [
            0.0 if i in chosen or not spread[i] else float((x @ left) ** 2) / spread[i] for i, x in enumerate(centred)
        ]
        best = int(np.argmax(gains))
        if gains[best] < 0.004 * whole:
            break
        chosen.append(best)
        matrix = np.column_stack([*(clipped[i] for i in chosen), np.ones(target.size)])
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-9)
        solved = np.linalg.lstsq(matrix / scale, target, rcond=None)[0] / scale
        fit = (solved[:-1], float(solved[-1]))
        left = target - matrix @ solved
    return chosen, fit[0], fit[1]
