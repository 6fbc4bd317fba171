"""Telling two kinds of rows apart by oblivious trees, one upon another: gradient boosting of the logistic loss
(Friedman 2001), each tree asking one question a depth (Prokhorenkova et al., "CatBoost", 2018), for they are cheap to
ask of rows that are being made: see :mod:`understudy.kernels.scores`.

Numbers come in bins. How many trees there are a held-back part of the rows decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BINS = 32
"""Of a column's numbers, as many rows in each as can be."""

QUESTIONS = 6
MOST_TREES = 120
PATIENCE = 12
"""Trees that may come without the held-back rows being told apart better."""

RATE = 0.2
CALM = 4.0
"""Weight of rows (a quarter each where nothing is known yet) that is added to a place's: few rows say little."""

SEEN, ASKED = 0.8, 16
"""Share of the rows that each tree sees, and how many columns it may ask about."""

HELD_BACK = 0.25
EVENED, EVENLY, CAP = 32, 2, 2.0
"""Trees that are added so that rows, once they are kept by the scores, have the same shares as real ones on both sides
of each question (Rogozhnikov, "Reweighting with boosted decision trees", 2016): the logistic loss alone lets what is
easily made come too often. :data:`EVENLY`: questions of each. :data:`CAP`: times likelier than it is made that a row
can become."""

FINE, ABOVE = 512.0, float(1 << 26)
"""Slopes in these parts of one, and the part of a float that lies above their sums: two sums are counted in one, which
halves the time."""

UNIT = 1024
"""Scores are whole numbers of this part of a nat."""


class Asked(NamedTuple):
    """A tree: the ``feature`` of each question, the ``cut`` above whose bin it is answered by 1, and ``values`` per
    place, in units."""

    feature: NDArray[np.int64]
    cut: NDArray[np.int64]
    values: NDArray[np.int32]

    def says(self, matrix: NDArray[np.uint8]) -> NDArray[np.float64]:
        """In nats, of columns' bins."""
        return self.values[_places(matrix, self.feature, self.cut)] / UNIT


class Boosted(NamedTuple):
    """Trees; ``gain``: nats a held-back row is told by."""

    trees: list[Asked]
    gain: float


def binned(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Cuts, and how many of them lie below each number."""
    distinct = np.unique(numbers)
    if distinct.size > BINS:
        ordered = np.sort(numbers)
        distinct = np.unique(ordered[np.linspace(0, numbers.size - 1, BINS + 1).astype(np.int64)[1:]])
    cuts = distinct[:-1]
    return cuts, np.searchsorted(cuts, numbers, side="left").astype(np.uint8)


def unlike(binned: NDArray[np.uint8], real: NDArray[np.bool_]) -> float:
    """How unlike a column is in the two kinds of rows: chi-square over its degrees of freedom, about 1 by chance."""
    one, other = (np.bincount(binned[kind], minlength=BINS).astype(np.float64) for kind in (real, ~real))
    both = one + other
    used = both > 0
    a, b = one[used] / max(one.sum(), 1), other[used] / max(other.sum(), 1)
    spread = both[used] / both.sum() * (1 / max(one.sum(), 1) + 1 / max(other.sum(), 1))
    return float(((a - b) ** 2 / spread).sum() / max(int(used.sum()) - 1, 1))


def boost(columns: Sequence[NDArray[np.uint8]], real: NDArray[np.bool_], seed: int) -> Boosted:
    """Trees that say how many times likelier a row of real ones is than one of the others, as a logarithm."""
    random = np.random.default_rng(seed)
    order = random.permutation(real.size)
    matrix = np.stack(columns)[:, order]
    truth = real[order].astype(np.float64)
    weight = np.where(truth > 0, 0.5 / truth.sum(), 0.5 / (truth.size - truth.sum())) * truth.size
    back = int(truth.size * HELD_BACK)
    size = truth.size - back
    window = int(size * SEEN)
    score = np.zeros(truth.size)
    grown: list[Asked] = []
    start = best = _loss(score[size:], truth[size:], weight[size:])
    best_at = 0
    for _ in range(MOST_TREES):
        chance = 1 / (1 + np.exp(-score[:size]))
        at = int(random.integers(size - window + 1))
        seen = slice(at, at + window)
        asked = random.permutation(len(columns))[:ASKED]
        slope = (weight[:size] * (truth[:size] - chance))[seen]
        bend = (weight[:size] * chance * (1 - chance))[seen]
        grown.append(_grown(matrix[:, seen], asked, slope, bend, QUESTIONS))
        score += grown[-1].says(matrix)
        loss = _loss(score[size:], truth[size:], weight[size:])
        if loss < best:
            best, best_at = loss, len(grown)
        if len(grown) - best_at >= PATIENCE:
            break
    del grown[best_at:]
    score = sum((tree.says(matrix) for tree in grown), np.zeros(truth.size))
    for _ in range(EVENED if grown else 0):
        share = weight * np.where(truth > 0, 1.0, _likelier(score, truth))
        asked = random.permutation(len(columns))[:ASKED]
        grown.append(_grown(matrix, asked, share * (truth - 0.5), share * 0.25, EVENLY))
        score += grown[-1].says(matrix)
    return Boosted(grown, start - best)


def _likelier(score: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each row counts for when rows are kept by their scores, 1 in the mean of those made."""
    kept = np.minimum(np.exp(score), CAP)
    return np.asarray(kept / kept[truth == 0].mean())


def _grown(
    matrix: NDArray[np.uint8],
    asked: NDArray[np.int64],
    slope: NDArray[np.float64],
    bend: NDArray[np.float64],
    questions: int,
) -> Asked:
    """One tree: the questions that lessen the loss most, one depth after the other, and its values."""
    packed = np.rint(bend * FINE) * ABOVE + np.rint(slope * FINE)
    place = np.zeros(slope.size, np.int64)
    features, bins = np.zeros(questions, np.int64), np.zeros(questions, np.int64)
    for depth in range(questions):
        places = 1 << depth
        base = place * BINS
        most = -1.0
        for f in asked.tolist():
            key = base + matrix[f]
            sums = np.cumsum(np.bincount(key, packed, places * BINS).reshape(places, BINS), axis=1)
            wide = np.rint(sums / ABOVE)
            up, wide = (sums - wide * ABOVE) / FINE, wide / FINE
            rest, rest_wide = up[:, -1:] - up, wide[:, -1:] - wide
            gain = (up**2 / (wide + CALM) + rest**2 / (rest_wide + CALM)).sum(axis=0)
            cut = int(np.argmax(gain[:-1]))
            if gain[cut] > most:
                most, features[depth], bins[depth] = float(gain[cut]), f, cut
        place = np.asarray(place * 2 + (matrix[features[depth]] > bins[depth]))
    total, width = (np.bincount(place, what, 1 << questions) for what in (slope, bend))
    return Asked(features, bins, np.rint(RATE * UNIT * total / (width + CALM)).astype(np.int32))


def _places(matrix: NDArray[np.uint8], features: NDArray[np.int64], bins: NDArray[np.int64]) -> NDArray[np.int64]:
    place = np.zeros(matrix.shape[1], np.int64)
    for f, cut in zip(features.tolist(), bins.tolist(), strict=True):
        place = place * 2 + (matrix[f] > cut)
    return place


def _loss(score: NDArray[np.float64], truth: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    return float(np.average(np.logaddexp(0, np.where(truth > 0, -score, score)), weights=weight))


def trees(found: Boosted, cuts: Sequence[NDArray[np.int64]]) -> tuple[pa.Table, list[int]]:
    """The artefact of a score, and which columns it asks about, in the order of its inputs."""
    used = sorted({int(f) for tree in found.trees for f in tree.feature})
    known = {f: i for i, f in enumerate(used)}
    features = [[known[int(f)] for f in tree.feature] for tree in found.trees]
    thresholds = [
        [_cut(cuts[int(f)], int(b)) for f, b in zip(tree.feature, tree.cut, strict=True)] for tree in found.trees
    ]
    table = pa.table(
        {
            "feature": pa.array(features, pa.list_(pa.int16())),
            "threshold": pa.array(thresholds, pa.list_(pa.int64())),
            "value": pa.array([tree.values.tolist() for tree in found.trees], pa.list_(pa.int32())),
        }
    )
    return table, used


def _cut(cuts: NDArray[np.int64], place: int) -> int:
    """The number above which a row lies in a bin beyond; of a bin behind the last, what none is above."""
    return int(cuts[place]) if place < cuts.size else (1 << 63) - 1
