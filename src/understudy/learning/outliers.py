"""Rows that stand out: an isolation forest says what is usual, and a pool of changes that make a row unusual is kept,
to be worked into a share of the rows on request.

    real rows, half ─► isolation forest ─► edge: what one row in 200 of the other half is beyond
    changes: some columns, far beyond what was seen, or their rarest value ─► kept where nearly all rows so changed are

Liu, Ting and Zhou, "Isolation forest" (2008). A change is tried on real rows, but holds no value of another column of
theirs: what is not changed is the synthetic row's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.columns import HIDDEN, NULL, NUMBERS, Keep, Represented
from understudy.model.learned import LearnedTable, Unusual, unusual_artefact

EXPECTED = 0.005
"""Share of usual rows that count as standing out."""
CHANGES, TRIED, SURE = 2000, 24, 0.9
"""Changes that are proposed; rows that each is tried on; share of these that it must make stand out."""
MOST_CHANGED, FARTHEST = 4, 1.5
"""Columns of a change; widths of what was seen by which a number lies beyond it, at most."""
MOST_ROWS, LEAST = 20_000, 100
RAREST = 0.05
"""Share of the rows that values of a category may have to count as rare."""
Matrix = NDArray[np.float64]


def with_unusual(table: LearnedTable, known: Sequence[Represented], seed: int, keep: Keep) -> LearnedTable:
    """The table with changes that make its rows stand out; as it was where its rows are too few, or nothing stands out
    whatever is changed."""
    made = {c.name for c in table.columns}
    columns = [c for c in known if c.name in made]
    if not columns or columns[0].numbers.size < LEAST:
        return table
    random = np.random.default_rng(seed)
    rows = random.permutation(columns[0].numbers.size)[:MOST_ROWS]
    codes = np.column_stack([c.numbers[rows] for c in columns])
    eye = [_Eye(c, codes[:, i]) for i, c in enumerate(columns)]
    forest, edge = _forest(_seen(eye, codes), seed)
    changes = _proposed(columns, eye, codes, random)
    bases = codes[random.integers(codes.shape[0], size=(CHANGES, TRIED))]
    tried = np.where(changes[:, None, :] == NULL, bases, changes[:, None, :])
    scores = -forest.score_samples(_seen(eye, tried.reshape(-1, len(columns)))).reshape(CHANGES, TRIED)
    good = (scores > edge).mean(axis=1) >= SURE
    if not good.any():
        return table
    kept = changes[good]
    for i, column in enumerate(columns):
        values = kept[:, i]
        keep(unusual_artefact(table.name, HIDDEN + column.name), pa.array(values, mask=values == NULL))
    names = tuple(HIDDEN + c.name for c in columns)
    return msgspec.structs.replace(table, unusual=Unusual(int(good.sum()), round(edge, 4), names))


class _Eye:
    """A column as the forest sees it: numbers as they are, categories by how rare they are, null apart from all."""

    def __init__(self, column: Represented, numbers: NDArray[np.int64]) -> None:
        self.numeric = column.type.kind in NUMBERS
        known = numbers[numbers != NULL].astype(np.float64)
        self.low, self.high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
        self.null = self.low - max(float(known.std()) if known.size else 1.0, 1.0)
        self.counts = np.zeros(0) if self.numeric else np.bincount(np.maximum(numbers, 0), minlength=column.levels)
        self.size = numbers.size

    def sees(self, numbers: NDArray[np.int64]) -> Matrix:
        """One column of the forest's matrix."""
        null = numbers == NULL
        if self.numeric:
            return np.where(null, self.null, numbers.astype(np.float64))
        rare = -np.log((self.counts + 0.5) / self.size)
        missing = -np.log((null.sum() + 0.5) / max(null.size, 1))
        return np.where(null, missing, rare[np.clip(numbers, 0, rare.size - 1)])


def _seen(eye: Sequence[_Eye], codes: NDArray[np.int64]) -> Matrix:
    return np.column_stack([e.sees(codes[:, i]) for i, e in enumerate(eye)])


def _forest(matrix: Matrix, seed: int) -> tuple[Any, float]:
    from sklearn.ensemble import IsolationForest

    half = matrix.shape[0] // 2
    forest = IsolationForest(n_estimators=100, random_state=seed).fit(matrix[:half])
    return forest, float(np.quantile(-forest.score_samples(matrix[half:]), 1 - EXPECTED))


def _proposed(
    columns: Sequence[Represented], eye: Sequence[_Eye], codes: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.int64]:
    """Changes × columns, null where a column stays."""
    out = np.full((CHANGES, len(columns)), NULL, np.int64)
    most = min(MOST_CHANGED, len(columns))
    ranks = np.argsort(np.argsort(random.random(out.shape), axis=1), axis=1)
    chosen = ranks < random.integers(1, most + 1, size=(CHANGES, 1))
    for i, column in enumerate(columns):
        mine = np.flatnonzero(chosen[:, i])
        out[mine, i] = _odd(column, eye[i], codes[:, i], mine.size, random)
    return out


def _odd(
    column: Represented, eye: _Eye, numbers: NDArray[np.int64], size: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Values that hardly a row has: beyond all numbers, or among the rarest categories (codes: among the outermost)."""
    if column.coded:
        counts = np.bincount(numbers[numbers != NULL], minlength=column.levels)
        rare = np.flatnonzero(counts <= max(RAREST * numbers.size, int(counts.min())))
        ends = np.array([0, column.levels - 1])
        return np.asarray(random.choice(ends if column.type.kind in NUMBERS else rare, size), np.int64)
    width = max(eye.high - eye.low, 1.0)
    beyond = width * random.uniform(0.2, FARTHEST, size)
    below = (random.random(size) < 0.5) & (eye.low < 0)
    values = np.where(below, eye.low - beyond, eye.high + beyond)
    return (np.rint(np.clip(values, -(1 << 52), 1 << 52) / column.unit) * column.unit).astype(np.int64)
