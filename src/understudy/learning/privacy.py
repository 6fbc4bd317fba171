"""How near a learned table may stay to its rows: levels, what they mean for trees, and values that are not given."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.learning.columns import NUMBERS
from understudy.model.schema import Entity
from understudy.types import Kind

LEAST_ROWS = 50
"""Of fewer rows nearly every value is rare."""

MOST_REPLACED = 0.2
"""Rows that may count as others in all."""

STRICT = 10
"""From here on a column with too many rare values is left out; below it is learned as it is."""

APART = 0.1
"""Part of the spread of all others by which a number lies beyond them, for it to be extreme."""


class Level(msgspec.Struct, frozen=True):
    """``leaf``: fewest rows behind a value; ``trees``: how many share a column; ``share``: rows that each tree sees;
    ``rare``: texts seen in fewer rows, and numbers that fewer rows come near, are not learned (see
    :func:`protected`); ``contrast``: whether rows are kept as a classifier tells them from real ones; ``columns``:
    those that have a level of their own."""

    leaf: int
    trees: int
    share: float
    rare: int
    contrast: bool = True
    columns: dict[str, Level] = {}

    def of(self, column: str) -> Level:
        """The level of one column."""
        return self.columns.get(column, self)

    @property
    def said(self) -> str:
        """What it protects by, in words."""
        rare = f"values of fewer than {self.rare} rows and lonely extremes not learned" if self.rare > 1 else ""
        behind = (
            f"at least {self.leaf} rows behind every value, {self.trees} trees of {self.share:.0%} of the rows each"
        )
        return f"{behind}; {rare or 'rare values learned as they are'}"


LEVELS = {
    "low": Level(leaf=5, trees=5, share=0.7, rare=1),
    "medium": Level(leaf=16, trees=5, share=0.6, rare=1),
    "high": Level(leaf=40, trees=5, share=0.5, rare=10),
}
"""By name. Measured in ``benchmarks/learning``: larger leaves cost likeness and buy distance. Only ``high`` leaves rare
values out: without texts seen once, what hangs together with places fell from .86 to .70 on one set."""


def protected(
    entity: Entity, data: pa.Table, skipped: Sequence[str], level: Level, seed: int
) -> tuple[pa.Table, dict[str, str]]:
    """The rows without what would point at single ones: a row with a rare text or an extreme number counts as another
    row, in all its columns at once, for what holds between them must go on holding. The second answer: columns that are
    not learned, for too many of their rows are such."""
    left: dict[str, str] = {}
    if all(x.rare < 2 for x in (level, *level.columns.values())) or data.num_rows < LEAST_ROWS:
        return data, left
    gone = np.zeros(data.num_rows, np.bool_)
    for field in entity.fields:
        if field.name in skipped or field.name not in data.column_names or field.type.kind is Kind.BOOLEAN:
            continue
        rare = level.of(field.name).rare
        if rare < 2:
            continue
        mine = _pointing(field.type.kind, data.column(field.name).combine_chunks(), rare)
        if (gone | mine).mean() <= MOST_REPLACED:
            gone |= mine
        elif rare >= STRICT:
            left[field.name] = f"most of its values are seen in fewer than {rare} rows"
    if not gone.any() or gone.all():
        return data, left
    random = np.random.default_rng([seed, data.num_rows])
    place = np.arange(data.num_rows)
    place[gone] = random.choice(np.flatnonzero(~gone), int(gone.sum()))
    other = data.take(pa.array(place))
    names = [n for n in data.column_names if n not in skipped]
    for name in names:
        data = data.set_column(data.column_names.index(name), name, other.column(name))
    return data, left


def _pointing(kind: Kind, values: pa.Array, rare: int) -> NDArray[np.bool_]:
    """Rows whose value few others have: rare texts, and numbers that lie alone beyond all others."""
    if kind not in NUMBERS:
        return _rare(values, rare)
    try:
        numbers = np.asarray(values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        numbers = _moments(values)
    known = np.sort(numbers[np.isfinite(numbers)])
    if known.size < 4 * rare:
        return np.zeros(len(values), np.bool_)
    low, high = known[rare - 1], known[-rare]
    room = APART * max(float(high - low), 1e-300)
    with np.errstate(invalid="ignore"):
        return np.asarray((numbers < low - room) | (numbers > high + room))


def _moments(values: pa.Array) -> NDArray[np.float64]:
    try:
        moved = values.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return np.full(len(values), np.nan)
    known = np.asarray(pc.fill_null(moved, 0).to_numpy(zero_copy_only=False), np.float64)
    return np.where(np.asarray(pc.is_null(moved)), np.nan, known)


def _rare(values: pa.Array, rare: int) -> NDArray[np.bool_]:
    if pa.types.is_nested(values.type):
        return np.zeros(len(values), np.bool_)
    codes = values.dictionary_encode() if not pa.types.is_dictionary(values.type) else values
    places = np.asarray(pc.fill_null(codes.indices, -1).to_numpy(zero_copy_only=False), np.int64)
    counts = np.bincount(places[places >= 0], minlength=max(len(codes.dictionary), 1))
    return np.asarray((places >= 0) & (counts[np.maximum(places, 0)] < rare))
