"""Columns that are exactly a sum, a difference or a product of others, and pairs in an order that no row breaks.

    total  = fare + tip + tolls        computed from its parts, never drawn
    amount = price * quantity          rounded to the digits of amount
    pickup <= dropoff                  what is drawn later is kept on its side

Only what holds in every row that was seen counts. An order counts where chance would break it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy.learning.columns import NULL, NUMBERS, TEMPORAL, Represented, natural
from understudy.model.expression import Call, Const, Node

LEAST_ROWS = 50
"""Rows below which what holds in all of them may be chance."""

MOST_COLUMNS = 40
"""Columns of numbers that are looked through for sums; for products, whose number grows with the cube, half of it."""

SAMPLE = 400
BY_CHANCE = 0.02
"""Share of rows in which two columns, put together at random, would break the order, for it to be a law."""

LIMIT = 1 << 40


class Arithmetic(msgspec.Struct, frozen=True):
    """``Σ sign · 10**power · part``, or the product of two ``parts`` (``divisor`` > 0) over ``divisor``, rounded."""

    parts: tuple[str, ...]
    factors: tuple[int, ...] = ()
    divisor: int = 0

    @property
    def reason(self) -> str:
        """In words, for the model's card."""
        if self.divisor:
            return f"{self.parts[0]} times {self.parts[1]}, in every row that was seen"
        terms = "".join(f" {'-' if f < 0 else '+'} {p}" for p, f in zip(self.parts, self.factors, strict=True))
        return f"{terms[3:] if self.factors[0] > 0 else terms[1:]}, in every row that was seen"

    def numbers(self, parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        """The column's numbers of its parts', in order; :data:`NULL` where one is."""
        there = np.logical_and.reduce([p != NULL for p in parts])
        safe = [np.where(there, p, 0) for p in parts]
        if self.divisor:
            told = _times(safe[0], safe[1], self.divisor)
        else:
            told = np.sum([p * f for p, f in zip(safe, self.factors, strict=True)], axis=0)
        return np.where(there, told, NULL)

    def value(self, known: Mapping[str, Node]) -> Node:
        """The column's number as an expression; null where a part is."""
        if self.divisor:
            product = Call("*", tuple(known[p] for p in self.parts))
            if self.divisor == 1:
                return product
            away = Call("*", (Call("sign", (product,)), Const(self.divisor // 2)))
            return Call("/", (Call("+", (product, away)), Const(self.divisor)))
        total: Node | None = None
        for part, factor in zip(self.parts, self.factors, strict=True):
            term = known[part] if factor == 1 else Call("*", (known[part], Const(factor)))
            total = term if total is None else Call("+", (total, term))
        assert total is not None
        return total


class Order(msgspec.Struct, frozen=True):
    """``less <= more`` in every row that has both; ``strict``: never equal."""

    less: str
    more: str
    strict: bool

    def keeps(self, name: str, known: Mapping[str, Node]) -> bool:
        """Whether the column is one of the two and the other is already there."""
        return (name == self.less and self.more in known) or (name == self.more and self.less in known)

    def kept(self, name: str, node: Node, known: Mapping[str, Node]) -> Node:
        """The column's number moved to the right side of the other's."""
        step = 1 if self.strict else 0
        low = name == self.more
        other = known[self.less if low else self.more]
        bound = Call("+", (other, Const(step if low else -step))) if step else other
        return Call("greatest" if low else "least", (node, Call("coalesce", (bound, node))))

    def reason(self, name: str) -> str:
        """In words, for the model's card."""
        return f"never below {self.less}" if name == self.more else f"never above {self.more}"


def arithmetic(columns: Sequence[Represented]) -> dict[str, Arithmetic]:
    """Per column that follows from others by arithmetic, how; no column by way of itself."""
    found: dict[str, Arithmetic] = {}
    usable = [c for c in columns if c.type.kind in NUMBERS - TEMPORAL and c.levels > 1]
    if not usable or usable[0].numbers.size < LEAST_ROWS:
        return found
    values = {c.name: natural(c) for c in usable}
    usable = [c for c in usable if int(np.abs(values[c.name][values[c.name] != NULL]).max()) < LIMIT][:MOST_COLUMNS]
    for column in reversed([c for c in usable if c.levels > 2]):
        others = [o for o in usable if o is not column and not _leads_to(found, o.name, column.name)]
        if sum_ := _sum(column, [o for o in others if o.name not in found], values):
            found[column.name] = sum_
    few = [c for c in usable if c.name not in found][: MOST_COLUMNS // 2]
    for column in reversed([c for c in few if c.levels > 2]):
        if product := _product(column, [o for o in few if o is not column and o.name not in found], values):
            found[column.name] = product
    return found


def _leads_to(found: Mapping[str, Arithmetic], name: str, to: str) -> bool:
    return name in found and any(p == to or _leads_to(found, p, to) for p in found[name].parts)


def _sum(
    column: Represented, others: Sequence[Represented], values: Mapping[str, NDArray[np.int64]]
) -> Arithmetic | None:
    y = values[column.name]
    fine = [o for o in others if o.scale <= column.scale]
    known = np.flatnonzero(y != NULL)
    rows = known[np.linspace(0, known.size - 1, min(SAMPLE, known.size)).astype(np.int64)] if known.size else known
    fine = [o for o in fine if (values[o.name][rows] != NULL).all()]
    if len(fine) < 2 or rows.size < LEAST_ROWS or rows.size < 2 * len(fine):
        return None
    matrix = np.column_stack([values[o.name][rows] * 10.0 ** (column.scale - o.scale) for o in fine])
    scale = np.maximum(np.abs(matrix).max(axis=0), 1.0)
    solved = np.linalg.lstsq(matrix / scale, y[rows].astype(np.float64), rcond=None)[0] / scale
    if np.abs(matrix @ solved - y[rows]).max() > 0.25:
        return None
    factors = np.rint(solved).astype(np.int64)
    used = [i for i, f in enumerate(factors) if f]
    if len(used) < 2 or np.abs(factors).max() > 1:
        return None
    parts = tuple(fine[i].name for i in used)
    exact = tuple(int(factors[i]) * 10 ** (column.scale - fine[i].scale) for i in used)
    total = sum(values[p] * f for p, f in zip(parts, exact, strict=True))
    return Arithmetic(parts, exact) if _same(y, np.asarray(total), [values[p] for p in parts]) else None


def _product(
    column: Represented, others: Sequence[Represented], values: Mapping[str, NDArray[np.int64]]
) -> Arithmetic | None:
    y = values[column.name]
    known = np.flatnonzero(y != NULL)
    if known.size < LEAST_ROWS:
        return None
    rows = known[np.linspace(0, known.size - 1, LEAST_ROWS).astype(np.int64)]
    for one, two in combinations(others, 2):
        digits = one.scale + two.scale - column.scale
        a, b = values[one.name], values[two.name]
        if digits < 0 or int(np.abs(a[a != NULL]).max()) * int(np.abs(b[b != NULL]).max()) >= 1 << 62:
            continue
        if np.array_equal(_times(a[rows], b[rows], 10**digits), y[rows]) and _same(y, _times(a, b, 10**digits), [a, b]):
            return Arithmetic((one.name, two.name), (), 10**digits)
    return None


def _times(a: NDArray[np.int64], b: NDArray[np.int64], divisor: int) -> NDArray[np.int64]:
    product = np.where((a == NULL) | (b == NULL), 0, a) * np.where(b == NULL, 0, b)
    whole = (np.abs(product) + divisor // 2) // divisor
    return np.asarray(np.where(product < 0, -whole, whole))


def _same(y: NDArray[np.int64], told: NDArray[np.int64], parts: Sequence[NDArray[np.int64]]) -> bool:
    """Equal where all are known, and null exactly where a part is."""
    there = np.logical_and.reduce([p != NULL for p in parts])
    return bool(np.array_equal(there, y != NULL) and np.array_equal(told[there], y[there]))


def orders(columns: Sequence[Represented]) -> tuple[Order, ...]:
    """Pairs of one kind and unit in an order that every row keeps and chance would not."""
    usable = [c for c in columns if c.type.kind in NUMBERS and c.levels > 2][:MOST_COLUMNS]
    values = {c.name: natural(c) for c in usable}
    sample = {}
    for c in usable:
        known = np.sort(values[c.name][values[c.name] != NULL])
        sample[c.name] = known[np.linspace(0, known.size - 1, SAMPLE).astype(np.int64)]
    found = []
    for one, two in combinations(usable, 2):
        if (one.type.kind, one.scale) != (two.type.kind, two.scale):
            continue
        for less, more in ((one, two), (two, one)):
            by_chance = float(np.searchsorted(sample[more.name], sample[less.name], side="left").mean()) / SAMPLE
            a, b = values[less.name], values[more.name]
            both = (a != NULL) & (b != NULL)
            if by_chance >= BY_CHANCE and both.sum() >= LEAST_ROWS and bool((a <= b)[both].all()):
                found.append(Order(less.name, more.name, bool((a < b)[both].all())))
    return tuple(found)
