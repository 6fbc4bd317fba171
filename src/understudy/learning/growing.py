"""Growing one decision tree over whole numbers: where to cut, so that what lies in a leaf is alike.

A target becomes several indicators at once (one per frequent category; waves of the rank for numbers, so that the whole
distribution decides and not its mean alone: Ćevid, Michel, Näf, Meinshausen and Bühlmann, "Distributional random
forests", 2022); splits lessen their variance. Cumulative indicators instead of waves see a distribution only down to
their own steps: detection of rentals rose from 0.575 to 0.64 with twelve of them. The growing is scikit-learn's.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from understudy.learning.columns import NULL, Represented

MOST_CLASSES = 24
"""Categories that have an indicator of their own; the others lie together."""

WAVES = 10
"""Cosines of a number's rank; more cost time in proportion and change no split that matters (measured with 16)."""


class Tree(msgspec.Struct):
    """Nodes as kernels want them (thresholds in the inputs' own numbers) and, per node, the leaf's number."""

    feature: NDArray[np.int16]
    threshold: NDArray[np.int64]
    child: NDArray[np.int32]
    leaves: int
    order: NDArray[np.int64]
    offsets: NDArray[np.int64]


def indicators(target: Represented) -> NDArray[np.float64]:
    """What a tree is grown by: rows × indicators."""
    numbers = target.numbers
    if target.coded and target.type.kind.value in ("text", "enum", "boolean", "uuid"):
        found, counts = np.unique(numbers, return_counts=True)
        frequent = found[np.argsort(-counts, kind="stable")[:MOST_CLASSES]]
        return np.asarray(numbers[:, None] == frequent[None, :], np.float64)
    known = numbers != NULL
    if not known.any():
        return np.zeros((numbers.size, 1))
    waves = np.arange(1, WAVES + 1)
    told = np.where(known[:, None], np.cos(np.pi * ranks(numbers, known)[:, None] * waves) / np.sqrt(waves), 0.0)
    return told if known.all() else np.column_stack([told, 2.0 * ~known])


def ranks(numbers: NDArray[Any], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Shares of the known numbers that are at most that; 0 where not known."""
    out = np.zeros(numbers.size)
    _, place, counts = np.unique(numbers[known], return_inverse=True, return_counts=True)
    out[known] = (np.cumsum(counts) / known.sum())[place]
    return out


def grow(
    features: NDArray[np.float32],
    scales: list[NDArray[np.int64]],
    wanted: NDArray[np.float64],
    rows: NDArray[np.int64],
    leaf: int,
    seed: int,
) -> Tree:
    """A tree over ``rows``. ``features``: ranks; ``scales``: per feature its sorted distinct numbers, which ranks
    point into. ``order`` and ``offsets`` of the result: the rows of each leaf, leaf by leaf."""
    from sklearn.tree import DecisionTreeRegressor

    model: Any = DecisionTreeRegressor(min_samples_leaf=leaf, random_state=seed)
    model.fit(features[rows], wanted[rows])
    return _laid_out(model, scales, features, rows)


def _laid_out(
    model: Any, scales: list[NDArray[np.int64]], features: NDArray[np.float32], rows: NDArray[np.int64]
) -> Tree:
    """Siblings side by side, in breadth-first order."""
    tree = model.tree_
    left, right = tree.children_left, tree.children_right
    place = np.zeros(tree.node_count, np.int64)
    order, filled = [0], 1
    for node in order:
        if left[node] >= 0:
            order += [int(left[node]), int(right[node])]
    for at, node in enumerate(order):
        place[node] = at
    size = len(order)
    feature, threshold, child = np.full(size, -1, np.int16), np.zeros(size, np.int64), np.zeros(size, np.int32)
    leaves = 0
    numbers = np.full(tree.node_count, -1, np.int64)
    for at, node in enumerate(order):
        if left[node] < 0:
            child[at], numbers[node] = leaves, leaves
            leaves += 1
            continue
        f = int(tree.feature[node])
        feature[at], child[at] = f, place[left[node]]
        threshold[at] = scales[f][min(int(np.floor(tree.threshold[node])), scales[f].size - 1)]
        filled += 2
    inside = numbers[model.apply(features[rows])]
    sorted_rows = np.argsort(inside, kind="stable")
    offsets = np.searchsorted(inside[sorted_rows], np.arange(leaves + 1))
    return Tree(feature, threshold, child, leaves, rows[sorted_rows], offsets)
