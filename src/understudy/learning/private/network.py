"""One distribution over all columns that agrees with noisy tables: a Markov random field on a tree of cliques.

Belief propagation (Lauritzen and Spiegelhalter, 1988) gives every clique's table from its potentials; mirror descent
moves the potentials until the tables agree with the noisy ones as well as they can (McKenna, Sheldon and Miklau,
"Graphical-model based estimation and inference for differential privacy", 2019). No row is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
Group = tuple[int, ...]


class Noisy(msgspec.Struct):
    """Measured rows per combination of ``columns`` (ascending), with Gaussian noise of spread ``sigma``."""

    columns: Group
    table: Any
    sigma: float


class Cliques:
    """Columns in cliques that form a tree: every one of ``groups`` lies within one. ``order``: parents first."""

    def __init__(self, sizes: Sequence[int], groups: Iterable[Group]) -> None:
        self.sizes = tuple(sizes)
        self.members = _cliques(sizes, groups)
        self.parent, self.order = _tree(self.members)

    @property
    def cells(self) -> int:
        """How many numbers the tables of all cliques have."""
        return sum(self.shape(m)[1] for m in self.members)

    def shape(self, group: Group) -> tuple[tuple[int, ...], int]:
        """The table's shape for some columns, and its number of cells."""
        shape = tuple(self.sizes[c] for c in group)
        return shape, int(np.prod(shape, dtype=np.float64))

    def holding(self, group: Group) -> int:
        """The smallest clique that holds all of ``group``; -1 where none does."""
        fits = [i for i, m in enumerate(self.members) if set(group) <= set(m)]
        return min(fits, key=lambda i: self.shape(self.members[i])[1]) if fits else -1

    @cached_property
    def separators(self) -> tuple[Group, ...]:
        """Per clique what it shares with its parent."""
        return tuple(
            tuple(c for c in m if p >= 0 and c in self.members[p])
            for m, p in zip(self.members, self.parent, strict=True)
        )


def cost(sizes: Sequence[int], groups: Iterable[Group]) -> int:
    """Cells of the cliques that ``groups`` ask for."""
    return int(sum(np.prod([sizes[c] for c in m], dtype=np.float64) for m in _cliques(sizes, groups)))


def _cliques(sizes: Sequence[int], groups: Iterable[Group]) -> tuple[Group, ...]:
    """Columns taken out one after the other, that with the smallest table first (Kjærulff's least weight)."""
    near: list[set[int]] = [set() for _ in sizes]
    for group in groups:
        for c in group:
            near[c] |= set(group) - {c}
    weight = [float(np.log(s)) for s in sizes]
    heavy = [weight[c] + sum(weight[o] for o in near[c]) for c in range(len(sizes))]
    left, found = set(range(len(sizes))), list[Group]()
    while left:
        c = min(left, key=lambda i: (heavy[i], i))
        around = near[c]
        found.append(tuple(sorted({c, *around})))
        for o in around:
            near[o] |= around - {o}
            near[o].discard(c)
        for o in around:
            heavy[o] = weight[o] + sum(weight[x] for x in near[o])
        left.discard(c)
    found.sort(key=len, reverse=True)
    kept: list[Group] = []
    for group in found:
        if not any(set(group) <= set(k) for k in kept):
            kept.append(group)
    return tuple(sorted(kept))


def _tree(members: Sequence[Group]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The spanning tree of cliques that share most columns; roots have the parent -1."""
    parent, order = [-1] * len(members), list[int]()
    best = [(-1, -1)] * len(members)
    left = set(range(len(members)))
    sets = [set(m) for m in members]
    while left:
        i = max(left, key=lambda k: (best[k][0], -k))
        left.discard(i)
        order.append(i)
        parent[i] = best[i][1]
        for k in left:
            shared = len(sets[i] & sets[k])
            if shared and shared > best[k][0]:
                best[k] = (shared, i)
    return tuple(parent), tuple(order)


class Network:
    """Cliques with their potentials; ``total``: rows that all tables add up to."""

    def __init__(self, cliques: Cliques, total: float) -> None:
        self.cliques, self.total = cliques, total
        self.potentials: list[Table] = [np.zeros(cliques.shape(m)[0]) for m in cliques.members]

    # ---- tables from potentials ------------------------------------------------------------
    def tables(self) -> list[Table]:
        """Every clique's table, in rows."""
        tree = self.cliques
        belief = [np.exp(p - p.max()) for p in self.potentials]
        up: list[Table] = [np.ones(1)] * len(belief)
        for i in reversed(tree.order):
            p = tree.parent[i]
            if p >= 0:
                up[i] = _summed(belief[i], tree.members[i], tree.separators[i])
                up[i] /= up[i].max()
                belief[p] = belief[p] * _spread(up[i], tree.separators[i], tree.members[p])
        for i in tree.order:
            p = tree.parent[i]
            if p >= 0:
                down = _summed(belief[p], tree.members[p], tree.separators[i])
                ratio = np.divide(down, up[i], out=np.zeros_like(down), where=up[i] > 0)
                belief[i] = belief[i] * _spread(ratio, tree.separators[i], tree.members[i])
            belief[i] *= self.total / belief[i].sum()
        return belief

    # ---- fitting -----------------------------------------------------------------------------
    def fit(self, measured: Sequence[Noisy], rounds: int) -> list[Table]:
        """Move the potentials towards ``measured``, each within a clique; the tables come back."""
        homes = [self.cliques.holding(m.columns) for m in measured]
        tables = self.tables()
        loss, slopes = self._loss(tables, measured, homes)
        step = 2.0 * min(m.sigma for m in measured) ** 2 / self.total
        for _ in range(rounds):
            before = self.potentials
            for _ in range(25):
                self.potentials = [p - step * s for p, s in zip(before, slopes, strict=True)]
                tried = self.tables()
                now, next_slopes = self._loss(tried, measured, homes)
                fall = sum(float((s * (t - u)).sum()) for s, t, u in zip(slopes, tables, tried, strict=True))
                if loss - now >= 0.5 * fall and now <= loss:
                    break
                step *= 0.5
            else:
                self.potentials = before
                break
            done = loss - now < 1e-5 * max(loss, 1e-12)
            tables, slopes, loss = tried, next_slopes, now
            step *= 1.3
            if done:
                break
        return tables

    def _loss(
        self, tables: Sequence[Table], measured: Sequence[Noisy], homes: Sequence[int]
    ) -> tuple[float, list[Table]]:
        slopes = [np.zeros_like(t) for t in tables]
        loss = 0.0
        sums: dict[tuple[int, Group], Table] = {}
        for m, home in zip(measured, homes, strict=True):
            members = self.cliques.members[home]
            if (home, m.columns) not in sums:
                sums[home, m.columns] = _summed(tables[home], members, m.columns)
            apart = (sums[home, m.columns] - m.table) / m.sigma
            loss += 0.5 * float((apart**2).sum())
            slopes[home] += _spread(apart / m.sigma, m.columns, members)
        return loss, slopes

    # ---- pairs anywhere -------------------------------------------------------------------------
    def pairs(self, tables: Sequence[Table]) -> Mapping[tuple[int, int], Table]:
        """The table of every pair of columns, also of those that no clique holds."""
        tree = self.cliques
        found: dict[tuple[int, int], Table] = {}
        around: list[list[int]] = [[] for _ in tree.members]
        for i, p in enumerate(tree.parent):
            if p >= 0:
                around[i].append(p)
                around[p].append(i)
        for c in range(len(tree.sizes)):
            start = tree.holding((c,))
            # the start's table with column c in front; outwards as P(c, clique) = P(c, separator) P(clique | separator)
            todo = [(start, -1, _fronted(tables[start], tree.members[start], c))]
            while todo:
                i, came, joint = todo.pop()
                members = tree.members[i]
                for axis, o in enumerate(members):
                    if o > c and (c, o) not in found:
                        found[c, o] = joint.sum(axis=tuple(k + 1 for k in range(len(members)) if k != axis))
                for k in around[i]:
                    if k == came:
                        continue
                    shared = tuple(x for x in members if x in tree.members[k])
                    inner = _summed(joint, (-1, *members), (-1, *shared))
                    base = _summed(tables[k], tree.members[k], shared)
                    given = np.divide(inner, base, out=np.zeros_like(inner), where=base > 0)
                    todo.append((k, i, _spread(given, (-1, *shared), (-1, *tree.members[k])) * tables[k]))
            for o in range(c + 1, len(tree.sizes)):
                if (c, o) not in found:  # another tree: independent
                    found[c, o] = np.outer(self._single(tables, c), self._single(tables, o)) / self.total
        return found

    def _single(self, tables: Sequence[Table], c: int) -> Table:
        home = self.cliques.holding((c,))
        return _summed(tables[home], self.cliques.members[home], (c,))


def _summed(table: Table, members: Group, kept: Group) -> Table:
    return np.asarray(table.sum(axis=tuple(k for k, c in enumerate(members) if c not in kept)))


def _spread(table: Table, has: Group, members: Group) -> Table:
    """A smaller table shaped so that it meets a larger one's axes."""
    sizes = iter(table.shape)
    return table.reshape([next(sizes) if c in has else 1 for c in members])


def _fronted(table: Table, members: Group, c: int) -> Table:
    """The table with a copy of column ``c``'s axis in front."""
    axis = members.index(c)
    size = table.shape[axis]
    out = np.zeros((size, *table.shape))
    for k in range(size):
        at = tuple(k if x == axis else slice(None) for x in range(table.ndim))
        out[(k, *at)] = table[at]
    return out
