"""Attacks a private fit and prints what it finds: a lower bound on epsilon, which the guarantee must not fall below.

Many models are fitted to one of two tables that differ by one row, the canary, which is made to stand out (Nasr et al.,
"Adversary instantiation", 2021). The attacker knows both tables and the model and guesses which it was from how likely
the model holds the canary to be (with the counts that go into it) and from the noisy number of rows. From how often
he is wrong follows, with confidence 95 % (Clopper and Pearson), what epsilon at least must have been (Kairouz et al.
2015; Jagielski et al. 2020). A second run with a tenth of the noise shows that the attack can find something.

    python benchmarks/learning/attack.py --epsilon 1 --times 1500
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pyarrow as pa
from scipy.stats import beta

from understudy.learning.private import Budget, Public, epsilon_of, shares
from understudy.learning.private import table as private
from understudy.model.schema import Entity, Field
from understudy.types import Kind, Type

DELTA = 1e-5
VALUES = {"a": ("x", "y", "z"), "b": ("u", "v"), "c": ("p", "q")}
ENTITY = Entity("t", tuple(Field(name, Type(Kind.TEXT)) for name in VALUES))
PUBLIC = {name: Public(values=values) for name, values in VALUES.items()}
BASE = ("xup", "yup", "zup", "xvp", "xuq")


def neighbours(rows: int) -> tuple[pa.Table, pa.Table]:
    """A table in which nobody has two of z, v and q, and the same with one who has all three."""
    base = pa.table({name: [BASE[i % len(BASE)][k] for i in range(rows)] for k, name in enumerate(VALUES)})
    return base, pa.concat_tables([base, pa.table({"a": ["z"], "b": ["v"], "c": ["q"]})])


class Seen(Budget):
    """A budget whose noisy counts are looked at: the attacker is given more than the model shows."""

    def __init__(self, rho: float, delta: float, random: np.random.Generator, louder: float, rows: int) -> None:
        super().__init__(rho, delta, random)
        self.louder, self.rows, self.score = louder, rows, 0.0

    def counts(self, counts, sigma, use):
        noisy = super().counts(counts, sigma * self.louder, use)
        self.score += self._canary(noisy, use) / (sigma * self.louder) ** 2
        return noisy

    def _canary(self, noisy, use: str) -> float:
        """The cell that the canary falls into, less what is there without it: the likelihood ratio of a Gaussian."""
        if use == "number of rows":
            return float(noisy[0]) - self.rows
        if noisy.ndim == 1:
            return float(noisy[2 if use.startswith("a:") else 1]) - self.rows / len(BASE)
        return float(noisy[-1, -1])


def scores(table: pa.Table, epsilon: float, times: int, louder: float, seed: int, base_rows: int) -> np.ndarray:
    rho, delta = shares(epsilon, DELTA)
    out = []
    for k in range(times):
        budget = Seen(rho, delta, np.random.default_rng([seed, k]), louder, base_rows)
        private.fit_private(ENTITY, table, PUBLIC, budget, keep=lambda name, values: name)
        if louder == 1:
            assert epsilon_of(budget.spent, DELTA) <= epsilon * (1 + 1e-6)
        out.append(budget.score)
    return np.array(out)


def found(without: np.ndarray, with_: np.ndarray) -> float:
    """The best lower bound over thresholds chosen on one half, tested on the other."""
    half = without.size // 2
    best, place = 0.0, np.inf
    for cut in np.quantile(np.r_[without[:half], with_[:half]], np.linspace(0.02, 0.98, 97)):
        value = max(bound(without[:half] > cut, with_[:half] > cut), bound(with_[:half] <= cut, without[:half] <= cut))
        if value > best:
            best, place = value, cut
    tested = without[half:], with_[half:]
    one = bound(tested[0] > place, tested[1] > place)
    return max(one, bound(tested[1] <= place, tested[0] <= place))


def bound(false: np.ndarray, true: np.ndarray) -> float:
    """log((true positives - delta) / false positives), each at its bad end."""
    n = false.size
    most_false = beta.ppf(0.9875, false.sum() + 1, n - false.sum()) if false.sum() < n else 1.0
    least_true = beta.ppf(0.0125, true.sum(), n - true.sum() + 1) if true.sum() else 0.0
    return float(np.log(max(least_true - DELTA, 1e-12) / most_false))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--epsilon", type=float, default=1.0)
    arguments.add_argument("--times", type=int, default=1500)
    arguments.add_argument("--rows", type=int, default=600)
    a = arguments.parse_args()
    base, other = neighbours(a.rows)
    print(f"epsilon {a.epsilon:g}, delta {DELTA:g}; {a.times} models of {a.rows} rows on each side")
    for louder, name in ((1.0, "as it is"), (0.1, "a tenth of the noise, to see the attack work")):
        started = time.process_time()
        sides = [scores(t, a.epsilon, a.times, louder, seed, a.rows) for t, seed in ((base, 7), (other, 8))]
        low = found(*sides)
        verdict = "within the guarantee" if low <= a.epsilon else "MORE THAN THE GUARANTEE ALLOWS"
        used = time.process_time() - started
        print(f"{name}: epsilon is at least {max(low, 0.0):.3f} (95 %), {verdict}; {used:.0f} CPU-s")


if __name__ == "__main__":
    main()
