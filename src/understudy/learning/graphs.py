"""Who goes with whom in tables that join rows of others: nodes that walks meet together lie in one community, and a row
joins communities as often as they were joined.

    joins ─► walks, now near, now far ─► who is met within a few steps ─► places of nodes ─► communities
    person ─► its community, told by its columns     friendship ─► the other's community, given its own

Grover and Leskovec, "node2vec" (2016). The places are those that its skip-gram with negative sampling tends to: the
factors of the shifted pointwise mutual information of nodes (Levy and Goldberg 2014; Qiu et al. 2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.choosing import CHOICE, CLASS, Choice
from understudy.learning.columns import HIDDEN, NULL, Represented
from understudy.learning.relations import Children, link_of
from understudy.model.expression import Column
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity, ForeignKey
from understudy.types import Kind, Type

COMMUNITY = "community:"
WALKS, LENGTH, WINDOW = 8, 20, 4
"""Walks from each node, their steps, and how far apart two nodes of a walk count as met."""
RETURN, OUTWARD = 1.0, 0.5
"""node2vec's p and q: the less q, the farther walks go."""
PLACES, SHIFT = 24, 1.0
LEAST_MEMBERS, MOST = 12, 48
"""Nodes of a community on average, and communities."""
TRIES = 4
"""Steps that are proposed before one is taken whatever p and q say."""


def joined(entity: Entity, matched: Mapping[str, Children]) -> tuple[ForeignKey, ForeignKey] | None:
    """The two references of a table that joins rows; None where it is none."""
    keys = [k for k in entity.foreign_keys if k.name in matched and k.target != entity.name]
    return (keys[0], keys[1]) if len(keys) == 2 else None


def communities(
    child: str, keys: Sequence[ForeignKey], matched: Mapping[str, Children], seed: int
) -> dict[str, Represented]:
    """Per table that is joined a hidden column of the community of each of its rows."""
    first, second = keys
    a, b = matched[first.name], matched[second.name]
    same = first.target == second.target
    shift = 0 if same else a.number.size
    size = a.number.size + (0 if same else b.number.size)
    known = (a.parents >= 0) & (b.parents >= 0)
    found = _grouped(_places(a.parents[known], b.parents[known] + shift, size, seed), seed)
    out = {first.target: _column(child, first.target, found[: a.number.size])}
    return out if same else {**out, second.target: _column(child, second.target, found[shift:])}


def _column(child: str, table: str, codes: NDArray[np.int64]) -> Represented:
    size = int(codes.max(initial=0)) + 1
    kind = Type(Kind.ENUM)
    return Represented(f"{COMMUNITY}{child}", kind, codes, True, size, values=pa.array(np.arange(size)), table=table)


def chosen_by_community(child: str, key: ForeignKey, found: Children, column: Represented) -> Choice:
    """Rows of ``child`` choose their parent along ``key`` by its community."""
    link = link_of(key)
    name = f"{HIDDEN}{CLASS}{child}.{link}"
    classes = PlannedColumn(name, Type(Kind.INTEGER), Column(HIDDEN + column.name), "its community", hidden=True)
    numbers = np.where(found.parents >= 0, column.numbers[np.maximum(found.parents, 0)], NULL)
    told = Represented(CHOICE + link, Type(Kind.ENUM), numbers, True, column.levels, table=child)
    return Choice(link, told, classes, column.levels)


# ---- places of nodes -----------------------------------------------------------------------------
def _places(a: NDArray[np.int64], b: NDArray[np.int64], size: int, seed: int) -> NDArray[np.float64]:
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import svds

    random = np.random.default_rng(seed)
    ends = np.concatenate([a, b]), np.concatenate([b, a])
    order = np.argsort(ends[0], kind="stable")
    near = ends[1][order]
    starts = np.searchsorted(ends[0][order], np.arange(size + 1))
    walks = _walks(near, starts, random)
    met = [(walks[:, i], walks[:, i + d]) for d in range(1, WINDOW + 1) for i in range(walks.shape[1] - d)]
    rows = np.concatenate([m[0] for m in met] + [m[1] for m in met])
    columns = np.concatenate([m[1] for m in met] + [m[0] for m in met])
    counts = coo_matrix((np.ones(rows.size), (rows, columns)), (size, size)).tocsr()
    total = float(counts.sum())
    often = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1.0)
    pairs = counts.tocoo()
    told = np.log(pairs.data * total / (often[pairs.row] * often[pairs.col])) - np.log(SHIFT)
    kept = told > 0
    matrix = coo_matrix((told[kept], (pairs.row[kept], pairs.col[kept])), (size, size)).tocsr()
    rank = min(PLACES, size - 2)
    if rank < 1 or not matrix.nnz:
        return np.zeros((size, 1))
    left, values, _ = svds(matrix, k=rank, v0=np.ones(size))
    return np.asarray(left * np.sqrt(values))


def _walks(near: NDArray[np.int64], starts: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Second-order walks from every node that has a neighbour: a step is proposed at random and taken by node2vec's
    weights (1/p back, 1 to a neighbour of the node before, 1/q elsewhere)."""
    degree = np.diff(starts)
    at = np.tile(np.flatnonzero(degree), WALKS)
    known = np.sort(np.repeat(np.arange(degree.size), degree) * degree.size + near)
    walk = [at]
    before = at
    most = max(1 / RETURN, 1.0, 1 / OUTWARD)
    for _ in range(LENGTH - 1):
        to = near[starts[at] + random.integers(degree[at])]
        for _ in range(TRIES if len(walk) > 1 else 0):
            edge = before * degree.size + to
            beside = known[np.minimum(np.searchsorted(known, edge), known.size - 1)] == edge
            weight = np.where(to == before, 1 / RETURN, np.where(beside, 1.0, 1 / OUTWARD))
            again = random.random(to.size) * most > weight
            if not again.any():
                break
            to = np.where(again, near[starts[at] + random.integers(degree[at])], to)
        before, at = at, to
        walk.append(at)
    return np.column_stack(walk)


def _grouped(places: NDArray[np.float64], seed: int) -> NDArray[np.int64]:
    """Communities, of places on the unit sphere: what matters is where nodes point, not how often they are met."""
    from sklearn.cluster import MiniBatchKMeans

    few = int(min(max(places.shape[0] // LEAST_MEMBERS, 1), MOST))
    length = np.linalg.norm(places, axis=1, keepdims=True)
    unit = places / np.maximum(length, 1e-12)
    return np.asarray(MiniBatchKMeans(few, random_state=seed, n_init=3).fit(unit).labels_, np.int64)
