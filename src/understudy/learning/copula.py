"""Columns by their own distribution, alone or held together by a Gaussian copula.

    ranks ─► normal scores ─► correlations ─► lower triangle L      (Nelsen, "An Introduction to Copulas", 2006)
    a row: independent normals n ─► z = L n ─► rank bin of z ─► a value out of that bin

Everything is drawn in whole numbers: normals are a quantile table in units of 2**-20, L in units of 2**-16, the bin is
a leaf of one balanced tree. What a copula knows is how ranks of pairs rise together: no more, and nothing of parents.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.columns import HIDDEN, NULL, NUMBERS, Keep, Represented, decoded
from understudy.learning.privacy import Level
from understudy.learning.taken import taken
from understudy.model.expression import Call, Chance, Column, Const, Drawn, Leaf, Node, Nulls, Quantile
from understudy.model.learned import LearnedColumn, LearnedTable
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)
NORMAL, SHIFT = 20, 16
"""Digits after the binary point of normals and of L."""

MOST_BINS, STEPS = 256, 1024
SMALL = 1 / 64
"""Entries of L that are left out: they move a value by a sixty-fourth of its spread at most."""


def fit_margins(
    entity: Entity,
    data: pa.Table,
    *,
    together: bool,
    level: Level,
    skipped: Sequence[str] = (),
    extra: Sequence[Represented] = (),
    seed: int = 0,
    keep: Keep,
) -> tuple[LearnedTable, tuple[Represented, ...]]:
    """Learn every column's distribution and, with ``together``, how their ranks go with each other. See ``fit_table``
    for the rest. Raises InputError where there is no row."""
    data, columns, left = taken(entity, data, skipped, level, seed)
    every = [*columns, *extra]
    hidden = _joined(entity.name, every, level, keep) if together and len(every) > 1 else _alone(entity, every, keep)
    learner = "Gaussian copula" if together else "distribution"
    why = {h.name: h.reason for h in hidden}
    made = tuple(LearnedColumn(c.name, decoded(c, keep), learner, why[HIDDEN + c.name]) for c in columns)
    return LearnedTable(entity.name, data.num_rows, made, hidden, left), tuple(every)


def _alone(entity: Entity, columns: Sequence[Represented], keep: Keep) -> tuple[PlannedColumn, ...]:
    out = []
    for c in columns:
        lists = _lists(f"{entity.name}:learned:{c.name}", np.sort(_known(c)), 1, keep)
        drawn = Drawn("value", lists, Const(0), not c.coded, c.unit if not c.coded else 1)
        out.append(PlannedColumn(HIDDEN + c.name, WHOLE, _or_null(c, drawn), "as often as it was seen", hidden=True))
    return tuple(out)


def _known(column: Represented) -> NDArray[np.int64]:
    return np.asarray(column.numbers[column.numbers != NULL])


def _or_null(column: Represented, node: Node) -> Node:
    """Null as often as it was seen, by chance alone."""
    share = float((column.numbers == NULL).mean())
    return Nulls(node, Chance("null", share)) if share > 0 else node


# ---- together ------------------------------------------------------------------------------------
def _joined(table: str, columns: Sequence[Represented], level: Level, keep: Keep) -> tuple[PlannedColumn, ...]:
    from scipy.stats import norm

    least = min(int(_known(c).size) for c in columns)
    leaf = max(level.of(c.name).leaf for c in columns)
    bins = int(min(max(least // max(leaf, 1), 1), MOST_BINS))
    places = [_order(c, columns) for c in columns]
    scores = np.column_stack([_scores(p) for p in places])
    lower = np.rint(_lower(scores) * (1 << SHIFT)).astype(np.int64)
    steps = norm.ppf(np.clip(np.arange(STEPS + 1) / STEPS, 0.25 / STEPS, 1 - 0.25 / STEPS))
    points = tuple(int(x) for x in np.rint(steps * (1 << NORMAL)))
    edges = np.rint(norm.ppf(np.arange(1, bins) / bins) * (1 << NORMAL)).astype(np.int64)
    tree = keep(f"{table}:learned:ranks", _tree(edges))
    out = []
    for i, c in enumerate(columns):
        normal = f"{HIDDEN}{c.name}:normal"
        out.append(PlannedColumn(normal, WHOLE, Quantile("normal", points), "a normal score", hidden=True))
        used = [j for j in range(i + 1) if j == i or abs(lower[i, j]) > SMALL * (1 << SHIFT)]
        z = _weighed([(f"{HIDDEN}{columns[j].name}:normal", int(lower[i, j])) for j in used])
        known = c.numbers != NULL
        lists = _lists(
            f"{table}:learned:{c.name}", c.numbers[known][np.argsort(places[i][known], kind="stable")], bins, keep
        )
        drawn = Drawn("value", lists, Leaf("rank", tree, (z,)), not c.coded, c.unit if not c.coded else 1)
        why = (
            f"its rank goes with {len(used) - 1} columns before it"
            if len(used) > 1
            else "its rank goes with none before"
        )
        out.append(PlannedColumn(HIDDEN + c.name, WHOLE, _or_null(c, drawn), why, hidden=True))
    return tuple(out)


def _scores(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Normal scores of ranks, with mean 0 and variance 1 among what is known; nan for null."""
    from scipy.stats import norm

    known = numbers != NULL
    scores = np.full(numbers.size, np.nan)
    found = norm.ppf((_middles(numbers[known]) + 0.5) / max(int(known.sum()), 1))
    found = found - found.mean()
    scores[known] = found / max(float(found.std()), 1e-9)
    return scores


def _order(column: Represented, columns: Sequence[Represented]) -> NDArray[np.int64]:
    """Numbers to rank by: as they are, or categories in the order of what numbers are among them."""
    if column.type.kind in NUMBERS or column.type.kind is Kind.BOOLEAN or column.levels < 3:
        return column.numbers
    numbers = [c.numbers for c in columns if c is not column and c.type.kind in NUMBERS]
    if not numbers:
        counts = np.bincount(np.maximum(column.numbers, 0), minlength=column.levels)
        means = -counts.astype(np.float64)
    else:
        scores = np.column_stack([_middles(n) for n in numbers])
        scores = (scores - scores.mean(axis=0)) / np.maximum(scores.std(axis=0), 1e-9)
        _, vectors = np.linalg.eigh(scores.T @ scores)
        trend = scores @ vectors[:, -1]
        known = column.numbers != NULL
        counts = np.bincount(column.numbers[known], minlength=column.levels)
        means = np.bincount(column.numbers[known], trend[known], column.levels) / np.maximum(counts, 1)
    place = np.empty(column.levels, np.int64)
    place[np.argsort(means, kind="stable")] = np.arange(column.levels)
    return np.where(column.numbers == NULL, NULL, place[np.maximum(column.numbers, 0)])


def _middles(numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Ranks from 0, of equal numbers the middle one."""
    known = np.sort(numbers)
    first, last = np.searchsorted(known, numbers, "left"), np.searchsorted(known, numbers, "right")
    return (first + last - 1) / 2


def _lower(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """L of the scores' correlations (each of rows that know both), its rows of length 1."""
    there = ~np.isnan(scores)
    filled = np.where(there, scores, 0.0)
    correlation = filled.T @ filled / np.maximum(there.T.astype(np.float64) @ there, 1.0)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    mended = vectors @ np.diag(np.maximum(values, 1e-4)) @ vectors.T
    lower = np.linalg.cholesky(mended)
    return np.asarray(lower / np.linalg.norm(lower, axis=1, keepdims=True))


def _weighed(terms: Sequence[tuple[str, int]]) -> Node:
    total: Node | None = None
    for name, weight in terms:
        term = Call("*", (Column(name), Const(weight)))
        total = term if total is None else Call("+", (total, term))
    assert total is not None
    return Call("/", (total, Const(1 << SHIFT)))


def _tree(edges: NDArray[np.int64]) -> pa.Table:
    """A balanced tree over one number: leaf k holds what lies from edge k-1 up to edge k."""
    feature, threshold, child = [0], [0], [0]
    todo = [(0, 0, int(edges.size) + 1)]
    while todo:
        node, low, high = todo.pop()
        if high - low == 1:
            feature[node], child[node] = -1, low
            continue
        middle = (low + high) // 2
        feature[node], threshold[node], child[node] = 0, int(edges[middle - 1]) - 1, len(feature)
        todo += [(len(feature), low, middle), (len(feature) + 1, middle, high)]
        for values in (feature, threshold, child):
            values += [0, 0]
    root = np.zeros(len(feature), np.bool_)
    root[0] = True
    return pa.table(
        {
            "feature": np.array(feature, np.int16),
            "threshold": np.array(threshold, np.int64),
            "child": np.array(child, np.int32),
            "root": root,
        }
    )


def _lists(stem: str, ordered: NDArray[np.int64], bins: int, keep: Keep) -> str:
    """Values in order cut into lists of equal length, each in ascending order."""
    offsets = np.arange(bins + 1, dtype=np.int64) * ordered.size // bins
    owner = np.repeat(np.arange(bins), np.diff(offsets))
    values = ordered[np.lexsort((ordered, owner))]
    return keep(f"{stem}:leaves", pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values)))
