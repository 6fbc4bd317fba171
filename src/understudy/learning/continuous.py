"""Numbers with many values, taken apart: points that many rows share, copies of other columns, and the rest, which is
told from other columns by a straight line and a remainder.

    y  =  one of a few points            0, the top code 500001
       |  another column's own value     the payment is last month's bill
       |  line(other columns) + remainder

Trees alone see a strong straight line as a staircase; with the line taken off, what they must tell is small.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy.learning.columns import NULL, Represented
from understudy.model.expression import Call, Column, Const, Node, Take

POINT_SHARE = 0.015
MOST_POINTS = 12
"""A value that so many rows share is a point, not a number among numbers; of those the most frequent."""

COPY_SHARE = 0.02
MOST_COPIES = 3
"""Rows in which a column repeats another one's value, for that to be a way of its own."""

SHIFT = 16
"""Slopes are whole numbers of 2**-16: products of 47-bit numbers still fit."""

MOST_SLOPES = 6
GAIN = 0.9
"""A line is taken where it leaves at most this share of the spread that trees would be left with."""

LIMIT = 1 << 46


class Line(msgspec.Struct, frozen=True):
    """``(intercept + Σ slope · column) / 2**SHIFT``; ``fill``: what stands for null in each column."""

    columns: tuple[str, ...] = ()
    slopes: tuple[int, ...] = ()
    fill: tuple[int, ...] = ()
    intercept: int = 0


class Apart(msgspec.Struct):
    """A column taken apart. ``kinds`` per row: 0 the rest, 1.. a point or a copy, -1 null. ``rest``: what is to be
    drawn in rows of kind 0 (the remainder, where there is a line)."""

    points: tuple[int, ...]
    copies: tuple[str, ...]
    kinds: NDArray[np.int64]
    rest: NDArray[np.int64]
    line: Line
    low: int
    high: int


def natural(column: Represented) -> NDArray[np.int64]:
    """The column's numbers in its smallest unit, also where they are coded."""
    if not column.coded:
        return column.numbers
    values = np.asarray(column.values.to_numpy(zero_copy_only=False), np.int64)
    return np.where(column.numbers == NULL, NULL, values[np.maximum(column.numbers, 0)])


def take_apart(column: Represented, before: Sequence[Represented], seed: int) -> Apart:
    """See the module. ``before``: the columns that hold numbers among those already known."""
    y = column.numbers
    known = y != NULL
    kinds = np.where(known, 0, -1).astype(np.int64)
    points = _points(y[known])
    for number, point in enumerate(points):
        kinds[known & (y == point)] = 1 + number
    copies: list[str] = []
    for other in before:
        if len(copies) < MOST_COPIES and other.scale == column.scale and other.type.kind == column.type.kind:
            same = (kinds == 0) & (y == natural(other))
            if same.mean() >= COPY_SHARE:
                copies.append(other.name)
                kinds[same] = len(points) + len(copies)
    left = kinds == 0
    line = _line(y, [b for b in before if b.levels > 20], left, seed) if left.sum() >= 200 else Line()
    numbers = {b.name: natural(b) for b in before if b.name in line.columns}
    rest = np.where(left, y - value(line, numbers, y.size), 0) if line.columns else y
    spread = y[known]
    return Apart(points, tuple(copies), kinds, rest, line, int(spread.min()), int(spread.max()))


def _points(known: NDArray[np.int64]) -> tuple[int, ...]:
    found, counts = np.unique(known, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_POINTS]
    return tuple(int(found[i]) for i in order if counts[i] >= max(POINT_SHARE * known.size, 5))


# ---- the line ------------------------------------------------------------------------------------
def value(line: Line, numbers: dict[str, NDArray[np.int64]], size: int) -> NDArray[np.int64]:
    """The line's whole number per row, as :func:`line_node` gives it."""
    total = np.full(size, line.intercept, np.int64)
    for name, slope, fill in zip(line.columns, line.slopes, line.fill, strict=True):
        x = numbers[name]
        total += slope * np.where(x == NULL, fill, x)
    whole = np.abs(total) >> SHIFT
    return np.where(total < 0, -whole, whole)


def line_node(line: Line, known: dict[str, Node]) -> Node:
    """The line as an expression; ``known``: the columns' numbers in their smallest units."""
    terms: list[Node] = [Const(line.intercept)]
    for name, slope, fill in zip(line.columns, line.slopes, line.fill, strict=True):
        terms.append(Call("*", (Call("coalesce", (known[name], Const(fill))), Const(slope))))
    total = terms[0]
    for term in terms[1:]:
        total = Call("+", (total, term))
    return Call("/", (total, Const(1 << SHIFT)))


def numbers_node(column: Represented) -> Node:
    """The column's numbers in its smallest unit, from its hidden column."""
    return Take(column.levels_artefact, column.node) if column.coded else column.node


def _line(y: NDArray[np.int64], before: Sequence[Represented], rows: NDArray[np.bool_], seed: int) -> Line:
    """The best straight line through ``rows``, none where trees on the plain values do as well."""
    if not before or int(np.abs(y[rows]).max()) >= LIMIT:
        return Line()
    at = np.flatnonzero(rows)
    wanted = y[at].astype(np.float64)
    middle, width = float(np.median(wanted)), _width(wanted)
    if width <= 0:
        return Line()
    low, high = np.quantile(wanted, [0.002, 0.998])
    target = (np.clip(wanted, low, high) - middle) / width
    names, columns, fills = [], [], []
    for b in before:
        x = natural(b)
        there = x[x != NULL]
        if there.size and int(np.abs(there).max()) < LIMIT:
            fill = int(np.median(there))
            names.append(b.name)
            fills.append(fill)
            columns.append(np.where(x == NULL, fill, x)[at].astype(np.float64))
    chosen, slopes, intercept = _selected(target, columns)
    if not chosen:
        return Line()
    exact = [round(slopes[k] * width * 2**SHIFT) for k in range(len(chosen))]
    if not any(exact) or any(abs(s) >= 1 << 20 for s in exact):
        return Line()
    line = Line(
        tuple(names[i] for i in chosen),
        tuple(exact),
        tuple(fills[i] for i in chosen),
        round((intercept * width + middle) * 2**SHIFT),
    )
    told = value(line, {b.name: natural(b) for b in before if b.name in line.columns}, y.size)
    plain, remainder = _unexplained(y[at], columns, seed), _unexplained((y - told)[at], columns, seed)
    return line if remainder <= GAIN * plain else Line()


def _width(x: NDArray[np.float64]) -> float:
    a, b = np.quantile(x, [0.25, 0.75])
    return float(b - a) or float(x.std())


def _selected(
    target: NDArray[np.float64], columns: Sequence[NDArray[np.float64]]
) -> tuple[list[int], NDArray[np.float64], float]:
    """Forward selection: at each step the column that explains most of what is left, as long as it is worth it."""
    clipped = [np.clip(x, *np.quantile(x, [0.002, 0.998])) for x in columns]
    chosen: list[int] = []
    left = target - target.mean()
    whole = float((left**2).sum())
    fit = (np.zeros(0), float(target.mean()))
    while len(chosen) < MOST_SLOPES and whole > 0:
        gains = [
            (
                0.0
                if i in chosen or x.std() == 0
                else float(((x - x.mean()) @ left) ** 2 / (((x - x.mean()) ** 2).sum()))
            )
            for i, x in enumerate(clipped)
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


def _unexplained(y: NDArray[np.int64], columns: Sequence[NDArray[np.float64]], seed: int) -> float:
    """The mean distance of held-back values from the median of the leaf they fall into."""
    from sklearn.tree import DecisionTreeRegressor

    random = np.random.default_rng(seed)
    rows = random.permutation(y.size)[:4000]
    half = rows.size // 2
    x = np.column_stack(columns)[rows]
    values = y[rows].astype(np.float64)
    low, high = np.quantile(values, [0.01, 0.99])
    model = DecisionTreeRegressor(min_samples_leaf=10, random_state=seed)
    model.fit(x[:half], np.clip(values[:half], low, high))
    return float(np.abs(values[half:] - model.predict(x[half:])).mean())


def within(node: Node, low: int, high: int) -> Node:
    """Kept between the least and the greatest value that were seen."""
    return Call("greatest", (Call("least", (node, Const(high))), Const(low)))


def kind_column(name: str) -> str:
    """The hidden column that says which way a value is made."""
    return f"$learned:{name}:kind"


def by_kind(apart: Apart, name: str, rest: Node, known: dict[str, Node]) -> tuple[tuple[int, Node], ...]:
    """What stands for each kind: (kind, expression)."""
    ways: list[tuple[int, Node]] = [(0, rest)]
    ways += [(1 + n, Const(point)) for n, point in enumerate(apart.points)]
    ways += [(1 + len(apart.points) + n, known[c]) for n, c in enumerate(apart.copies)]
    return tuple(ways)


def kinds_of(name: str) -> Column:
    """The kind of the row's value."""
    return Column(kind_column(name))
