"""Does anybody's record show through? Distances, copies and three attacks, measured against rows held back from
training.

Without rows held back, half of the real rows stand in for them: then nothing may be read from ``nearer`` and
``membership``, for the model saw both halves, and they are left at one half.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from understudy.evaluation.bounds import interval
from understudy.evaluation.pairing import Column
from understudy.evaluation.trees import auc
from understudy.model.evaluation import Interval, Privacy

MOST_ROWS = 4000
BLOCK = 500
EQUAL = 1e-6
HALF = Interval(0.5, 0.5, 0.5)
NONE = Interval(0.0, 0.0, 0.0)
Matrix = NDArray[np.float32]


def privacy(columns: Sequence[Column], seed: int = 0) -> Privacy | None:
    """None where a side has fewer than 30 rows."""
    held_back = columns[0].held is not None
    random = np.random.default_rng(seed)
    train, made, other = _sides(columns, random)
    if min(len(train), len(made), len(other)) < 30:
        return None
    size = min(len(train), len(other))
    near, second = _nearest(made, train[:size])
    away, _ = _nearest(made, other[:size])
    real, real_second = _nearest(other[:MOST_ROWS], train)
    guessed, tried = _attribute(columns, seed) if held_back else (("", NONE), 0)
    share = np.where(np.abs(near - away) <= EQUAL, 0.5, near < away)
    return Privacy(
        nearer=interval(share.size, lambda rows: float(share[rows].mean()), seed) if held_back else HALF,
        distance=round(float(np.median(near)), 5),
        distance_real=round(float(np.median(real)), 5),
        ratio=round(float(np.median(near / np.maximum(second, 1e-9))), 4),
        ratio_real=round(float(np.median(real / np.maximum(real_second, 1e-9))), 4),
        copies=_copies(columns, "synthetic"),
        copies_real=_copies(columns, "held") if held_back else 0,
        membership=_membership(train, other, made, seed) if held_back else HALF,
        attribute=guessed,
        singled=_singled(columns, seed) if held_back else NONE,
        tried=tried,
        held_back=held_back,
    )


def _sides(columns: Sequence[Column], random: np.random.Generator) -> tuple[Matrix, Matrix, Matrix]:
    train, made = encoded(columns, "real"), encoded(columns, "synthetic")
    made = made[random.permutation(len(made))[:MOST_ROWS]]
    order = random.permutation(len(train))
    if columns[0].held is not None:
        other = encoded(columns, "held")
        size = min(len(train), len(other), 3 * MOST_ROWS)
        return train[order[:size]], made, other[random.permutation(len(other))[:size]]
    half = min(len(train) // 2, MOST_ROWS)
    return train[order[:half]], made, train[order[half : 2 * half]]


def encoded(columns: Sequence[Column], side: str) -> Matrix:
    """Rows as points: numbers by their rank in the real rows, categories so that two values lie 1 apart."""
    parts = []
    for column in columns:
        values = getattr(column, side)
        if column.numeric:
            known = np.sort(column.real[~np.isnan(column.real)])
            middle = np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")
            missing = np.isnan(values)
            rank = np.where(missing, 0.5, middle / (2 * max(known.size, 1)))
            parts.append(np.column_stack([rank, missing]).astype(np.float32))
        elif len(column.labels) <= 256:
            ones = np.zeros((values.size, len(column.labels) + 1), np.float32)
            ones[np.arange(values.size), values + 1] = 2**-0.5
            parts.append(ones)
        else:
            parts.append(_hashed(values, len(column.labels)))
    return np.hstack(parts)


def _hashed(codes: NDArray[np.int64], size: int) -> Matrix:
    """Many categories in 32 dimensions, about 1 apart (random directions, fixed)."""
    directions = np.random.default_rng(size).normal(size=(size + 1, 32))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True) * 2**0.5
    return np.asarray(directions[codes + 1], np.float32)


def _nearest(points: Matrix, base: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances to the nearest and second nearest of ``base``, block by block."""
    squares = (base**2).sum(axis=1)
    first, second = np.empty(len(points)), np.empty(len(points))
    for start in range(0, len(points), BLOCK):
        part = points[start : start + BLOCK]
        apart = (part**2).sum(axis=1)[:, None] + squares[None, :] - 2 * (part @ base.T)
        two = np.sqrt(np.maximum(np.partition(apart, 1, axis=1)[:, :2], 0))
        first[start : start + BLOCK], second[start : start + BLOCK] = two[:, 0], two[:, 1]
    return first, second


def _rows(columns: Sequence[Column], side: str) -> NDArray[np.uint64]:
    """A hash per row of all its values."""
    total = np.zeros(getattr(columns[0], side).size, np.uint64)
    for column in columns:
        values = np.ascontiguousarray(getattr(column, side).astype(np.float64))
        bits = np.where(np.isnan(values), np.uint64(1), values.view(np.uint64))
        total = (total ^ (bits + np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xBF58476D1CE4E5B9)
        total ^= total >> np.uint64(29)
    return total


def _copies(columns: Sequence[Column], side: str) -> int:
    return int(np.isin(_rows(columns, side), _rows(columns, "real")).sum())


# ---- attacks -------------------------------------------------------------------------------------
def _membership(train: Matrix, other: Matrix, made: Matrix, seed: int) -> Interval:
    """Guess who was trained on from the distance to the nearest synthetic row."""
    size = min(len(train), len(other), MOST_ROWS)
    truth = np.repeat([1, 0], size)
    near = np.concatenate([_nearest(train[:size], made)[0], _nearest(other[:size], made)[0]])
    return interval(truth.size, lambda rows: auc(truth[rows], -near[rows]), seed)


def _attribute(columns: Sequence[Column], seed: int) -> tuple[tuple[str, Interval], int]:
    """Who knows all other columns of a row takes the value of the synthetic row nearest to it: how much more often is
    that right for training rows than for others? The column with the largest gap, and how many were tried."""
    worst = ("", NONE)
    candidates = [c for c in columns if not c.numeric and 1 < len(c.labels) <= 50][:6]
    for target in candidates:
        rest = [c for c in columns if c.name != target.name]
        if not rest:
            continue
        made = encoded(rest, "synthetic")[:MOST_ROWS]
        right = []
        for side in ("real", "held"):
            points = encoded(rest, side)[: MOST_ROWS // 2]
            right.append(target.synthetic[_closest(points, made)] == getattr(target, side)[: len(points)])
        gap = _gap(right[0], right[1], seed)
        if gap.value > worst[1].value:
            worst = (target.name, gap)
    return worst, len(candidates)


def _gap(mine: NDArray[np.bool_], others: NDArray[np.bool_], seed: int) -> Interval:
    """How much more often the first are right than the second."""
    both, first = np.concatenate([mine, others]).astype(np.float64), np.arange(mine.size + others.size) < mine.size

    def apart(rows: NDArray[np.int64]) -> float:
        own = first[rows]
        return float(both[rows][own].mean() - both[rows][~own].mean()) if own.any() and not own.all() else 0.0

    return interval(both.size, apart, seed)


def _closest(points: Matrix, base: Matrix) -> NDArray[np.int64]:
    squares = (base**2).sum(axis=1)
    out = np.empty(len(points), np.int64)
    for start in range(0, len(points), BLOCK):
        part = points[start : start + BLOCK]
        out[start : start + BLOCK] = np.argmin(squares[None, :] - 2 * (part @ base.T), axis=1)
    return out


def _singled(columns: Sequence[Column], seed: int) -> Interval:
    """Combinations of three columns that one synthetic row alone has: how many pick out one training row alone, beyond
    those that pick out one held-back row alone (Article 29 Working Party's criterion, as in Giomi et al. 2023)."""
    hits = [np.zeros(0)]
    for group in list(combinations(columns[:8], 3))[:30]:
        made = _rows(group, "synthetic")
        values, counts = np.unique(made, return_counts=True)
        alone = values[counts == 1][:500]
        found = [_once(_rows(group, side), alone).astype(np.float64) for side in ("real", "held")]
        hits.append(found[0] - found[1])
    told = np.concatenate(hits)
    return interval(told.size, lambda rows: float(told[rows].mean()), seed) if told.size else NONE


def _once(rows: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of the wanted rows there are exactly once."""
    values, counts = np.unique(rows, return_counts=True)
    return np.asarray(np.isin(wanted, values[counts == 1]))
