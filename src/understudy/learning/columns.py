"""Columns as whole numbers: what trees decide by, and the way back to values.

    coded    few distinct values: their position in the sorted list      age 17..90, texts, flags
    scaled   many distinct numbers: the number in its smallest unit      19.99 -> 1999, a date -> days

-2**63 stands for null in both.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.model.expression import Call, Cast, Column, Const, Node, Pool, Take
from understudy.types import Kind, Type

NULL = -(1 << 63)
HIDDEN = "$learned:"
GIVEN = "→"
"""Between a reference and the parent's column that it gives: ``order_customer→segment``."""

CODED_SHARE = 0.1
"""Numbers are coded where their distinct values are at most this share of the rows, or few at all."""

FEW = 64

DISTINCT_SHARE = 0.5
"""A column whose distinct values are more than this share of its rows is continuous, or an identifier."""

DECIMAL_DIGITS = 18
"""Of numbers whose type does not say how many: as many as 64 bits hold."""

MOST_DIGITS = 15
MOST_BITS = 45
"""Digits behind the point that floats are taken apart into, and bits of the numbers that come of it: products with
slopes must fit into 64."""

TEMPORAL = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIME})

POINT_SHARE = 0.015
MOST_POINTS = 12
"""A value that so many rows share is a point, not a number among numbers; of those the most frequent."""

NUMBERS = frozenset(
    {Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.FLOAT, Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.YEAR}
)


class Keep(Protocol):
    """Stores an artefact."""

    def __call__(self, name: str, values: pa.Array | pa.Table) -> str:
        """Under ``name``, which is the answer."""
        ...


class Represented(msgspec.Struct):
    """``numbers``: int64 per row. ``coded``: positions among ``levels`` sorted values; else numbers in units of
    10**-``scale``. ``unit``: nearly all are multiples of it; ``habits``: coarser units that more are multiples of than
    chance would have it; ``heaped``: so many that nothing else should move them.
    ``exact``: per level the float itself, where its digits go on."""

    name: str
    type: Type
    numbers: NDArray[np.int64]
    coded: bool
    levels: int = 0
    scale: int = 0
    unit: int = 1
    habits: tuple[int, ...] = ()
    heaped: bool = False
    values: Any = None
    exact: Any = None
    table: str = ""
    given: Node | None = None

    @property
    def node(self) -> Node:
        """The numbers as an expression: of the row's hidden column, or ``given`` from elsewhere."""
        return self.given if self.given is not None else Column(HIDDEN + self.name)

    @property
    def levels_artefact(self) -> str:
        """The artefact of the sorted values that codes point into."""
        return f"{self.table}:learned:{self.column}:values"

    @property
    def column(self) -> str:
        """The column's own name, also where another table gives it."""
        return self.name.rpartition(GIVEN)[2]


def represent(name: str, kind: Type, values: pa.ChunkedArray | pa.Array) -> Represented | str:
    """A column as whole numbers, or the reason why it cannot be learned."""
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    known = len(array) - array.null_count
    if not known:
        return "no value was seen"
    if kind.kind in NUMBERS:
        return _number(name, kind, array)
    if kind.kind not in (Kind.TEXT, Kind.BOOLEAN, Kind.ENUM, Kind.UUID):
        return f"values of the type {kind.raw or kind.kind.value} are not learned"
    return _coded(name, kind, array, known)


def _coded(name: str, kind: Type, array: pa.Array, known: int) -> Represented | str:
    distinct = pc.unique(array.drop_null())
    if kind.kind is not Kind.BOOLEAN and len(distinct) > max(DISTINCT_SHARE * known, 2) and known > 20:
        return "nearly every value is another: text or an identifier"
    levels = distinct.take(pc.sort_indices(distinct))
    codes = pc.index_in(array, value_set=levels)
    return Represented(name, kind, _numbers(codes), True, len(levels), values=levels)


def _number(name: str, kind: Type, array: pa.Array) -> Represented | str:
    found = _whole(kind, array)
    if isinstance(found, str):
        return found
    numbers, scale = found
    known = numbers[numbers != NULL]
    levels = np.unique(known)
    if levels.size <= max(CODED_SHARE * known.size, min(FEW, DISTINCT_SHARE * known.size)):
        codes = np.where(numbers == NULL, NULL, np.searchsorted(levels, numbers))
        exact = _exact(array, numbers, levels, scale) if kind.kind is Kind.FLOAT else None
        return Represented(name, kind, codes, True, int(levels.size), scale, values=pa.array(levels), exact=exact)
    return as_numbers(Represented(name, kind, numbers, False, int(levels.size), scale))


def _exact(array: pa.Array, numbers: NDArray[np.int64], levels: NDArray[np.int64], scale: int) -> Any:
    """The floats themselves, per level, where they have more digits than their numbers."""
    _, first = np.unique(numbers, return_index=True)
    floats = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)[first[-levels.size :]]
    return None if np.array_equal(levels / 10.0**scale, floats) else pa.array(floats)


def as_numbers(column: Represented) -> Represented:
    """A column of numbers with its numbers themselves in place of codes, and their habits."""
    numbers = natural(column)
    known = numbers[numbers != NULL]
    known = known[~np.isin(known, points(known))]
    steps = TIME_UNITS if column.type.kind in (Kind.TIMESTAMP, Kind.TIME) else UNITS
    found = unit(known, steps)
    habits, heaped = ((), False) if column.type.kind is Kind.DATE else _habits(known, found, steps)
    return msgspec.structs.replace(
        column, numbers=numbers, coded=False, unit=found, habits=habits, heaped=heaped, values=None, exact=None
    )


def points(known: NDArray[np.int64]) -> tuple[int, ...]:
    """The values that many rows share, the most frequent first."""
    found, counts = np.unique(known, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_POINTS]
    return tuple(int(found[i]) for i in order if counts[i] >= max(POINT_SHARE * known.size, 5))


def natural(column: Represented) -> NDArray[np.int64]:
    """The column's numbers in its smallest unit, also where they are coded."""
    if not column.coded:
        return column.numbers
    values = np.asarray(column.values.to_numpy(zero_copy_only=False), np.int64)
    return np.where(column.numbers == NULL, NULL, values[np.maximum(column.numbers, 0)])


def numbers_node(column: Represented) -> Node:
    """The column's numbers in its smallest unit, from its hidden column."""
    return Take(column.levels_artefact, column.node) if column.coded else column.node


def _whole(kind: Type, array: pa.Array) -> tuple[NDArray[np.int64], int] | str:
    """Numbers in their smallest unit, and the digits behind the point that this unit has."""
    t = array.type
    if kind.kind in (Kind.DATE, Kind.TIMESTAMP, Kind.TIME) or pa.types.is_temporal(t):
        unit_of = {Kind.DATE: pa.date32(), Kind.TIME: pa.time64("us")}.get(kind.kind, pa.timestamp("us"))
        try:
            moved = array.cast(unit_of, safe=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            return f"values are no times: {error}"
        return _numbers(moved.cast(pa.int32() if kind.kind is Kind.DATE else pa.int64())), 0
    if pa.types.is_decimal(t):
        scale = kind.scale if kind.scale is not None else t.scale
        return _scaled(np.array([float("nan") if v is None else float(v) for v in array.to_pylist()]), scale)
    if pa.types.is_integer(t) or pa.types.is_boolean(t):
        if kind.kind in (Kind.DECIMAL, Kind.MONEY):
            return _scaled(array.cast(pa.float64()).to_numpy(zero_copy_only=False), kind.scale or 0)
        return _numbers(array.cast(pa.int64())), 0
    if pa.types.is_floating(t):
        floats = array.to_numpy(zero_copy_only=False).astype(np.float64)
        if kind.kind is Kind.INTEGER:
            return _scaled(floats, 0)
        return _scaled(floats, kind.scale if kind.kind is Kind.DECIMAL and kind.scale is not None else digits(floats))
    return f"values of the Arrow type {t} are no numbers"


def _scaled(floats: NDArray[np.float64], scale: int) -> tuple[NDArray[np.int64], int] | str:
    finite = np.isfinite(floats)
    if not finite.any():
        return "no finite value was seen"
    top = float(np.abs(floats[finite]).max())
    while scale > 0 and top * 10**scale >= 2**62:
        scale -= 1
    if top * 10**scale >= 2**62:
        return "numbers are too large"
    whole = np.full(floats.size, NULL, np.int64)
    whole[finite] = np.rint(floats[finite] * 10**scale).astype(np.int64)
    return whole, scale


def digits(floats: NDArray[np.float64]) -> int:
    """The digits behind the point that all floats have at most; where they go on, as many as :data:`MOST_BITS` have
    room for."""
    known = floats[np.isfinite(floats)]
    top = float(np.abs(known).max(initial=0.0))
    most = int(min(max(np.floor(MOST_BITS * np.log10(2) - np.log10(max(top, 1e-9))), 0), MOST_DIGITS))
    for d in range(most):
        if np.array_equal(np.round(known, d), known):
            return d
    return most


UNITS: tuple[int, ...] = tuple(m * 10**k for k in range(9, -1, -1) for m in (5, 1))
TIME_UNITS: tuple[int, ...] = (
    *(1_000_000 * s for s in (86_400, 43_200, 3_600, 1_800, 900, 600, 300, 60, 30, 10, 5, 1)),
    1_000,
    1,
)
"""A day down to a second, in microseconds."""

HABIT = 0.98
"""Share of the values that are multiples of a unit for it to be a habit."""

OFTEN = 1.5
"""Times as many multiples of a coarser unit as chance would have it, for numbers to be left on it."""


HEAPED = 0.15
"""Share of the rows on a habit, above chance, from which a column keeps to its habits alone."""


def unit(numbers: NDArray[np.int64], steps: tuple[int, ...] = UNITS) -> int:
    """The largest of ``steps`` that nearly all numbers are multiples of."""
    spread = int(numbers.max()) - int(numbers.min()) if numbers.size else 0
    for candidate in steps:
        if candidate <= spread and float((numbers % candidate == 0).mean()) >= HABIT:
            return int(candidate)
    return 1


def _habits(numbers: NDArray[np.int64], least: int, steps: tuple[int, ...]) -> tuple[tuple[int, ...], bool]:
    """Coarser units, the finest first, that numbers keep to more often than those of the next finer one would by
    chance."""
    spread = int(np.subtract(*np.quantile(numbers, [0.95, 0.05]))) if numbers.size else 0
    out: list[int] = []
    below, share, heaped = least, 1.0, False
    for candidate in reversed(steps):
        if candidate <= least or candidate % below or candidate * 8 > spread:
            continue
        found = float((numbers % candidate == 0).mean())
        if found >= OFTEN * share * below / candidate and found >= 0.02:
            out.append(candidate)
            heaped |= found - least / candidate >= HEAPED
            below, share = candidate, found
    return tuple(out), heaped


def _numbers(array: pa.Array) -> NDArray[np.int64]:
    return np.asarray(pc.fill_null(array.cast(pa.int64()), NULL).to_numpy(zero_copy_only=False))


def decoded(column: Represented, keep: Keep) -> Node:
    """The expression that gives the column's values from its hidden numbers."""
    hidden: Node = column.node
    if column.coded and column.type.kind is Kind.BOOLEAN:
        return Call("=", (hidden, Const(len(column.values) - 1 if bool(column.values[-1].as_py()) else -1)))
    if column.coded and column.type.kind not in NUMBERS:
        return Pool(keep(column.levels_artefact, column.values.cast(pa.string())), hidden)
    if column.exact is not None:
        return Take(keep(f"{column.levels_artefact}:exact", column.exact), hidden)
    if column.coded:
        hidden = Take(keep(column.levels_artefact, column.values), hidden)
    hidden = Call("units", (hidden,))
    if column.type.kind is Kind.FLOAT:
        return Call("/", (Cast(hidden, Type(Kind.FLOAT)), Cast(Const(10**column.scale), Type(Kind.FLOAT))))
    if column.scale and column.type.kind in (Kind.DECIMAL, Kind.MONEY) and column.type.scale is None:
        return Cast(hidden, Type(Kind.DECIMAL, precision=DECIMAL_DIGITS, scale=column.scale), own_units=True)
    return hidden
