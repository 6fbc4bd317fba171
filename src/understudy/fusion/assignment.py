"""One-to-one assignment of greatest total worth: the Hungarian method, on NumPy.

Source: R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment
problems", Computing 38 (1987); the form with row and column potentials, O(n^2 m).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def assign(worth: NDArray[np.float64], least: float = 0.0) -> list[tuple[int, int]]:
    """Pairs (row, column), each row and column at most once, of the greatest sum; pairs worth no more than ``least``
    are not made. Equal sums are settled by order, so the answer is always the same. ``worth``: rows × columns."""
    if worth.size == 0:
        return []
    gain = np.where(worth > least, worth - least, 0.0)
    turned = gain.shape[0] > gain.shape[1]
    matrix = gain.T if turned else gain
    column_of = _shortest_paths(matrix.max() - matrix)
    pairs = [(int(j), i) if turned else (i, int(j)) for i, j in enumerate(column_of)]
    return sorted((i, j) for i, j in pairs if worth[i, j] > least)


def _shortest_paths(cost: NDArray[np.float64]) -> NDArray[np.int64]:
    """The column of each row; there are at least as many columns as rows."""
    rows, columns = cost.shape
    row_of = np.full(columns + 1, -1, dtype=np.int64)
    u, v = np.zeros(rows), np.zeros(columns + 1)
    for row in range(rows):
        row_of[columns] = row
        column = columns
        least = np.full(columns, np.inf)
        before = np.full(columns, columns, dtype=np.int64)
        done = np.zeros(columns + 1, dtype=bool)
        while row_of[column] != -1:
            done[column] = True
            at = row_of[column]
            reach = cost[at] - u[at] - v[:columns]
            better = ~done[:columns] & (reach < least)
            least[better] = reach[better]
            before[better] = column
            open_ = np.where(done[:columns], np.inf, least)
            nearest = int(open_.argmin())
            delta = open_[nearest]
            u[row_of[done]] += delta
            v[done] -= delta
            least[~done[:columns]] -= delta
            column = nearest
        while column != columns:
            last = int(before[column])
            row_of[column] = row_of[last]
            column = last
    found = np.full(rows, -1, dtype=np.int64)
    for column in range(columns):
        if row_of[column] != -1:
            found[row_of[column]] = column
    return found
