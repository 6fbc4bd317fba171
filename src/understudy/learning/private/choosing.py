"""Which pairs of columns are measured, and the distribution that follows: some pairs, a fit, those that the fit tells
worst, a fit again.

The rounds are those of AIM (McKenna et al., "AIM: an adaptive and iterative mechanism for differentially private
synthetic data", 2022), with several pairs a round, the first round a spanning tree as in MST (McKenna et al., 2021).
A pair's score is the distance of its rows from what the fit expects (a row moves it by 1), less what its own noise
would add.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from understudy.learning.private.budget import Budget, sigma_of
from understudy.learning.private.domains import Binned
from understudy.learning.private.network import Cliques, Network, Noisy, Table, cost

ROUNDS = 4
CHOICE_SHARE = 0.2
"""Part of the budget for choosing; the rest is measured with."""

MOST_CELLS = 50_000
"""Numbers that all cliques may have together: what bounds time and memory."""

MOST_MORE = 20
"""Pairs of a round after the first: in wide tables more would be measured with too much noise to tell anything."""

STEPS = 100
"""Steps of descent after each round; the last has twice as many."""


def estimate(
    columns: Sequence[Binned], rows: float, budget: Budget, rho: float, tell: Callable[[str], None]
) -> tuple[Network, list[Table], tuple[tuple[int, int], ...]]:
    """A fitted network with its tables, and the pairs that were measured for ``rho``."""
    sizes = [c.size for c in columns]
    measured = [_shares(i, c) for i, c in enumerate(columns)]
    network = Network(Cliques(sizes, [(i,) for i in range(len(columns))]), rows)
    tables = network.fit(measured, STEPS)
    several = [i for i, s in enumerate(sizes) if s > 1]
    pairs = [(a, b) for n, a in enumerate(several) for b in several[n + 1 :]]
    wanted = _wanted(len(several), len(pairs))
    chosen: list[tuple[int, int]] = []
    total = sum(wanted)
    epsilon = float((8 * CHOICE_SHARE * rho / max(total, 1)) ** 0.5)
    sigma = sigma_of((1 - CHOICE_SHARE) * rho / max(total, 1))
    for number, many in enumerate(wanted):
        tell(f"round {number + 1} of {len(wanted)}")
        expected = network.pairs(tables)
        scores = {p: _score(columns, p, expected[p], sigma) for p in pairs if p not in chosen}
        fresh = _choose(
            scores, many, sizes, chosen, budget, epsilon, tree=number == 0, most=MOST_CELLS * (number + 1) / len(wanted)
        )
        measured += [_pair(columns, p, budget, sigma) for p in fresh]
        chosen += fresh
        network = Network(Cliques(sizes, [*((i,) for i in range(len(columns))), *chosen]), rows)
        tables = network.fit(measured, STEPS * (2 if number + 1 == len(wanted) else 1))
    return network, tables, tuple(chosen)


def planned(columns: int) -> int:
    """How many pairs of so many columns are measured."""
    return sum(_wanted(columns, columns * (columns - 1) // 2))


def _wanted(columns: int, pairs: int) -> list[int]:
    """How many pairs are taken in each round: a tree, then half as many a round."""
    out, left = [], pairs
    for number in range(ROUNDS):
        many = min(left, columns - 1 if number == 0 else min(-(-(columns - 1) // 2), MOST_MORE))
        if many > 0:
            out.append(many)
        left -= many
    return out


def _shares(place: int, column: Binned) -> Noisy:
    return Noisy((place,), column.counts, column.sigma)


def _counted(columns: Sequence[Binned], pair: tuple[int, int]) -> NDArray[np.int64]:
    a, b = columns[pair[0]], columns[pair[1]]
    return np.bincount(a.codes * b.size + b.codes, minlength=a.size * b.size).reshape(a.size, b.size)


def _score(columns: Sequence[Binned], pair: tuple[int, int], expected: Table, sigma: float) -> float:
    apart = float(np.abs(_counted(columns, pair) - expected).sum())
    return apart - float(np.sqrt(2 / np.pi)) * sigma * expected.size


def _pair(columns: Sequence[Binned], pair: tuple[int, int], budget: Budget, sigma: float) -> Noisy:
    names = " × ".join(columns[i].name for i in pair)
    return Noisy(pair, budget.counts(_counted(columns, pair), sigma, names).astype(np.float64), sigma)


def _choose(
    scores: dict[tuple[int, int], float],
    many: int,
    sizes: Sequence[int],
    chosen: Sequence[tuple[int, int]],
    budget: Budget,
    epsilon: float,
    *,
    tree: bool,
    most: float,
) -> list[tuple[int, int]]:
    """Pairs with high scores, one after the other. Passed over are those that make the cliques too large and, for a
    tree, those that close a circle: that depends on what is known already, on no row."""
    found: list[tuple[int, int]] = []
    island = np.arange(len(sizes))
    single = [(i,) for i in range(len(sizes))]
    left = list(scores)
    refused: set[tuple[int, int]] = set()
    for _ in range(many):

        def fits(at: int) -> bool:
            a, b = left[at]
            if tree:
                return bool(island[a] != island[b])
            if left[at] not in refused and cost(sizes, [*single, *chosen, *found, left[at]]) > most:
                refused.add(left[at])  # more pairs make cliques no smaller
            return left[at] not in refused

        at = budget.choose(np.array([scores[p] for p in left]), epsilon, "choice of a pair", fits)
        if at < 0:
            break
        a, b = left.pop(at)
        found.append((a, b))
        island[island == island[b]] = island[a]
    return found
