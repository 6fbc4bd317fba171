"""Rows of a model that are like a row at hand, and what these give it: donors.

    model ─► reference rows ─► trees over what is known ─► the leaf of a row ─► a donor out of it

Whatever learned the model, its rows say how columns hang together; training rows are not looked at. Donors from leaves:
Burgette and Reiter, "Multiple imputation for missing data via sequential regression trees" (2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InputError
from understudy.learning.columns import NULL, NUMBERS, Represented, as_numbers, represent
from understudy.learning.growing import indicators
from understudy.model.schema import Entity
from understudy.rng import below, bits, key
from understudy.types import Kind

TREES, LEAF = 3, 8
"""Trees of a target, and fewest reference rows in a leaf."""

Whole = NDArray[np.int64]


class Pair(msgspec.Struct):
    """A column of both sides in one representation: ``reference`` rows first, then those at hand. ``values``: the
    values themselves."""

    column: Represented
    reference: int
    values: pa.ChunkedArray

    @property
    def known(self) -> Whole:
        """The reference rows' numbers."""
        return self.column.numbers[: self.reference]

    @property
    def mine(self) -> Whole:
        """Those of the rows at hand."""
        return self.column.numbers[self.reference :]

    def of_reference(self) -> Represented:
        """The reference side alone."""
        return msgspec.structs.replace(self.column, numbers=self.known)


def joined(name: str, reference: pa.ChunkedArray, mine: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """Both sides below one another, as the reference has them; InputError where the rows hold something else."""
    kind = reference.type
    theirs, ours = reference.combine_chunks(), mine.combine_chunks()
    if pa.types.is_dictionary(kind):
        theirs, kind = theirs.dictionary_decode(), kind.value_type
    if pa.types.is_dictionary(ours.type):
        ours = ours.dictionary_decode()
    try:
        return pa.chunked_array([theirs, ours.cast(kind)])
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass
    try:  # what one side writes as numbers and times of more digits, the other as of fewer
        if pa.types.is_primitive(ours.type) or pa.types.is_decimal(ours.type):
            return pa.chunked_array([theirs.cast(ours.type), ours])
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass
    mend = "Give rows of the kind that the model was fitted to."
    raise InputError(f"holds {ours.type}, the model has {kind}", where=f"{where}.{name}", mend=mend)


def pairs(entity: Entity, reference: pa.Table, mine: pa.Table, names: Sequence[str]) -> dict[str, Pair]:
    """The columns of ``names`` that can be represented, side by side."""
    found = {}
    for name in names:
        both = joined(name, reference.column(name), mine.column(name), entity.name)
        made = represent(name, entity.field(name).type, both)
        if not isinstance(made, str):
            made = as_numbers(made) if made.type.kind in NUMBERS else made
            found[name] = Pair(made, reference.num_rows, both)
    return found


class Forest:
    """Trees that part reference rows by what is known, so that ``wanted`` is alike within a leaf.

    ``features``: of reference rows, in the order of :func:`features`. ``able``: reference rows that may give.
    """

    def __init__(self, features: NDArray[np.float32], wanted: NDArray[np.float64], seed: int, leaf: int = LEAF) -> None:
        from sklearn.tree import DecisionTreeRegressor

        random = np.random.default_rng(seed)
        self.trees: list[Any] = []
        self.lists: list[tuple[Whole, Whole]] = []
        size = len(features)
        for _ in range(TREES):
            tree = DecisionTreeRegressor(min_samples_leaf=min(leaf, max(size // 2, 1)), random_state=0)
            rows = np.sort(random.permutation(size)[: max(size * 7 // 10, min(size, 2 * leaf))])
            tree.fit(features[rows], wanted[rows])
            at = tree.apply(features)
            order = np.argsort(at, kind="stable")
            self.trees.append(tree)
            self.lists.append((order, np.searchsorted(at[order], np.arange(tree.tree_.node_count + 1))))

    def leaves(self, features: NDArray[np.float32], which: Whole) -> tuple[Whole, Whole]:
        """Per row the tree ``which`` and its leaf."""
        out = np.zeros(len(features), np.int64)
        for number, tree in enumerate(self.trees):
            rows = np.flatnonzero(which == number)
            if rows.size:
                out[rows] = tree.apply(features[rows])
        return which, out

    def able(self, may: NDArray[np.bool_]) -> Leaves:
        """Its leaves with those reference rows that may give."""
        return Leaves([_only(order, offsets, may) for order, offsets in self.lists], self.lists)


class Leaves:
    """Who may give in each leaf of each tree."""

    def __init__(self, able: list[tuple[Whole, Whole]], every: list[tuple[Whole, Whole]]) -> None:
        self._able, self._every = able, every

    def drawn(self, which: Whole, leaf: Whole, words: NDArray[np.uint64]) -> tuple[Whole, NDArray[np.float64]]:
        """Per row a donor (a reference row; -1 where the leaf has none), and which share of its leaf may give."""
        donors, share = np.full(which.size, -1, np.int64), np.zeros(which.size)
        for number, ((order, offsets), (_, whole)) in enumerate(zip(self._able, self._every, strict=True)):
            rows = np.flatnonzero(which == number)
            if not rows.size:
                continue
            start, stop = offsets[leaf[rows]], offsets[leaf[rows] + 1]
            size = stop - start
            share[rows] = size / np.maximum(whole[leaf[rows] + 1] - whole[leaf[rows]], 1)
            some = size > 0
            donors[rows[some]] = order[start[some] + below(words[rows[some]], size[some])]
        return donors, share


def _only(order: Whole, offsets: Whole, may: NDArray[np.bool_]) -> tuple[Whole, Whole]:
    kept = may[order]
    return order[kept], np.concatenate([[0], np.cumsum(kept)])[offsets]


def features(columns: Sequence[Pair], wanted: NDArray[np.float64]) -> tuple[NDArray[np.float32], list[Whole]]:
    """What trees decide by, of the reference rows: ranks; categories in the order of ``wanted``'s main trend. With the
    scale that turns a column's numbers into ranks."""
    trend = _trend(wanted)
    ranks, scales = [], []
    for pair in columns:
        scale = _scale(pair, trend)
        scales.append(scale)
        ranks.append(ranked(pair, scale, pair.known))
    return np.column_stack(ranks).astype(np.float32), scales


def ranked(pair: Pair, scale: Whole, numbers: Whole) -> NDArray[np.float32]:
    """Numbers as ranks (-1: null)."""
    if _category(pair.column):
        return np.where(numbers == NULL, -1, scale[np.maximum(numbers, 0)]).astype(np.float32)
    return np.where(numbers == NULL, -1, np.searchsorted(scale, numbers)).astype(np.float32)


def _category(column: Represented) -> bool:
    return column.coded and column.type.kind in (Kind.TEXT, Kind.ENUM, Kind.UUID)


def _scale(pair: Pair, trend: NDArray[np.float64]) -> Whole:
    if not _category(pair.column):
        return np.unique(pair.column.numbers[pair.column.numbers != NULL])
    known = pair.known != NULL
    counts = np.bincount(pair.known[known], minlength=pair.column.levels)
    means = (np.bincount(pair.known[known], trend[known], pair.column.levels) + 5 * trend.mean()) / (counts + 5)
    order = np.empty(pair.column.levels, np.int64)
    order[np.argsort(means, kind="stable")] = np.arange(pair.column.levels)
    return order


def _trend(wanted: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = wanted - wanted.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ vectors[:, -1])


def wanted(pair: Pair) -> NDArray[np.float64]:
    """What of a target a leaf shall be alike in; of numbers and categories alike whether it is known."""
    told = indicators(pair.of_reference())
    missing = (pair.known == NULL).astype(np.float64)
    return np.column_stack([told, 2.0 * missing]) if missing.any() else told


def words(seed: int, table: str, column: str, rows: Whole, attempt: int | Whole = 0) -> NDArray[np.uint64]:
    """64 bits a row that no other row, column or attempt shares."""
    return bits(rows, key(seed, table, column, "donor"), attempt)


def tree_of(seed: int, table: str, column: str, rows: Whole, attempt: int | Whole = 0) -> Whole:
    """Which tree tells a row."""
    return below(bits(rows, key(seed, table, column, "tree"), attempt), TREES)


def like(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Values as the rows have them; as they are where the rows' type cannot hold what was made (fractions among whole
    numbers)."""
    try:
        return values.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return values
