"""What a release may cost, and every draw of noise that it paid for.

The unit is rho of zero-concentrated differential privacy (Bun and Steinke, 2016): costs add up, a Gaussian of spread
sigma on counts that one row changes by 1 costs 1 / (2 sigma²), a choice by the exponential mechanism epsilon² / 8
(Cesar and Rogers, 2021). What rho means in (epsilon, delta) is told by the Rényi accountant of ``dp-accounting``.
Values that nobody declared are shown only above a threshold (Korolova et al., 2009); its delta is set aside first.

Neighbours are tables that differ by one row more or less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from understudy.model.learned import Spent

THRESHOLD_SHARE = 0.1
"""Part of delta that pays for values that were seen and not declared."""

ORDERS = (*(1 + x / 10 for x in range(1, 100)), *range(11, 64), *(int(64 * 1.12**k) for k in range(72)))
"""Rényi orders, up to 200,000: small epsilons need large ones."""

MOST_RHO = 1e12


class Budget:
    """Noise drawn from ``random``, and what it cost. ``rho``: what it may cost in all; ``delta``: what values that
    nobody declared may cost on top. Whoever knows the state of ``random`` sees through the noise: it must be secret."""

    def __init__(self, rho: float, delta: float, random: np.random.Generator) -> None:
        self.rho, self.delta, self.random = rho, delta, random
        self.spent: list[Spent] = []

    def counts(self, counts: NDArray[Any], sigma: float, use: str) -> NDArray[np.int64]:
        """Counts with Gaussian noise, rounded: what leaves here tells nothing of a float's last digits."""
        self.spent.append(Spent("gaussian", sigma, 1, use))
        noise = self.random.normal(0.0, sigma, counts.shape)
        return np.rint(counts + noise).astype(np.int64)

    def above(self, counts: NDArray[Any], sigma: float, delta: float, use: str) -> NDArray[np.int64]:
        """Noisy counts of values that rows alone brought in; 0 where they do not pass the threshold."""
        from scipy.stats import norm

        noisy = self.counts(counts, sigma, use)
        self.spent.append(Spent("threshold", delta, 1, use))
        return np.where(noisy >= np.ceil(1.5 + sigma * float(norm.isf(delta))), noisy, 0)

    def choose(
        self, scores: NDArray[np.float64], epsilon: float, use: str, fits: Callable[[int], bool] = lambda _: True
    ) -> int:
        """The position of a high score among those that ``fits`` allows (without asking the rows); -1 where it allows
        none. A row may move a score by 1. The exponential mechanism, by Gumbel noise."""
        noisy = scores * (epsilon / 2) + self.random.gumbel(size=scores.size)
        found = next((int(i) for i in np.argsort(-noisy) if fits(int(i))), -1)
        if found >= 0:
            self.spent.append(Spent("exponential", epsilon, 1, use))
        return found


def sigma_of(rho: float) -> float:
    """The Gaussian's spread that ``rho`` pays for."""
    return float((2 * rho) ** -0.5)


def rho_of(epsilon: float, delta: float) -> float:
    """The largest rho whose guarantee is (epsilon, delta)."""
    low, high = 1e-12, MOST_RHO
    for _ in range(90):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if _epsilon_of_rho(middle, delta) <= epsilon else (low, middle)
    return low


def shares(epsilon: float, delta: float) -> tuple[float, float]:
    """The rho and the delta of thresholds that together are (``epsilon``, ``delta``)."""
    return rho_of(epsilon, delta * (1 - THRESHOLD_SHARE)), delta * THRESHOLD_SHARE


def epsilon_of(spent: Sequence[Spent], delta: float) -> float:
    """The epsilon of all that was spent together, at ``delta`` in all; infinite where thresholds alone need more."""
    rest = delta - sum(s.size * s.times for s in spent if s.kind == "threshold")
    if rest <= 0:
        return float("inf")
    events = _events(spent)
    return _epsilon(events, rest) if events else 0.0


def _events(spent: Sequence[Spent]) -> list[Any]:
    from dp_accounting import dp_event

    events: list[Any] = []
    for s in spent:
        if s.kind == "gaussian":
            events.append(dp_event.SelfComposedDpEvent(dp_event.GaussianDpEvent(s.size), s.times))
        elif s.kind == "rho":
            events.append(dp_event.SelfComposedDpEvent(dp_event.ZCDpEvent(s.size), s.times))
        elif s.kind == "exponential":
            events.append(dp_event.SelfComposedDpEvent(dp_event.ZCDpEvent(s.size**2 / 8), s.times))
    return events


def _epsilon_of_rho(rho: float, delta: float) -> float:
    from dp_accounting import dp_event

    return _epsilon([dp_event.ZCDpEvent(rho)], delta)


def _epsilon(events: Sequence[Any], delta: float) -> float:
    from dp_accounting.rdp import RdpAccountant

    accountant = RdpAccountant(ORDERS)
    for event in events:
        accountant.compose(event)
    return float(accountant.get_epsilon(delta))
