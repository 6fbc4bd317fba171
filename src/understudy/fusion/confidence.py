"""Confidence: claims pooled as independent evidence, then calibrated on systems whose truth is known.

``share`` is the plain average of weights; ``pooled`` the odds of the claims for, over those of the claims against;
``calibrated`` maps pooled to how often such facets were right, by a monotone map whose parameters and their source
lie in ``calibration.json`` (written by ``benchmarks/calibration.py``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec

CERTAIN = 0.99
"""Where a weight of 1 meets dissent it counts as this: odds of 99 to 1, not infinite."""

COMPATIBLE = 0.2
"""How much of its odds a claim keeps against what it does not contradict but would not have said so strictly."""


class Calibration(msgspec.Struct, frozen=True):
    """``points``: (pooled, share found right), both increasing; between them the map is straight."""

    points: tuple[tuple[float, float], ...]
    source: str = ""


@cache
def calibration() -> Calibration:
    """The map in force."""
    place = Path(__file__).parent / "calibration.json"
    return msgspec.json.decode(place.read_bytes(), type=Calibration)


def odds(weight: float) -> float:
    """Odds of a claim of this weight: 1 (says nothing) to 99."""
    share = min(max((1.0 + weight) / 2.0, 0.5), CERTAIN)
    return share / (1.0 - share)


def pooled(support: Sequence[float], dissent: Sequence[float] = (), compatible: Sequence[float] = ()) -> float:
    """Weights for, against, and of those who say something looser, as one figure between 0 and 1.

    >>> pooled([1.0], []) > pooled([0.6], []) > pooled([0.6], [0.5])
    True
    """
    log = sum(math.log(odds(w)) for w in support)
    log -= sum(math.log(odds(w)) for w in dissent)
    log -= COMPATIBLE * sum(math.log(odds(w)) for w in compatible)
    return 1.0 / (1.0 + math.exp(-log))


def share(support: Sequence[float], others: Sequence[float]) -> float:
    """The weights of the winning claims over the number of claims."""
    count = len(support) + len(others)
    return round(sum(support) / count, 4) if count else 0.0


def calibrated(figure: float, points: tuple[tuple[float, float], ...] | None = None) -> float:
    """The share of facets of this pooled figure that are right, by the map in force (or ``points``)."""
    known = calibration().points if points is None else points
    if not known:
        return round(figure, 4)
    if figure <= known[0][0]:
        return round(known[0][1], 4)
    for (x0, y0), (x1, y1) in pairwise(known):
        if figure <= x1:
            return round(y0 + (y1 - y0) * (figure - x0) / (x1 - x0 or 1.0), 4)
    return round(known[-1][1], 4)
