"""Keyed randomness and the closed-form laws built on it.

Nothing here keeps a state: every draw is a function of a key (seed and names) and of row identities,
so any rows of any table can be made alone, in any order, on any machine, and come out the same.
Only whole numbers and the correctly rounded operations of IEEE 754 are used (no libm), so that bytes
agree everywhere.
"""

from understudy.rng.codes import decode, encode, skip
from understudy.rng.counts import Counts
from understudy.rng.forest import Forest
from understudy.rng.given import Given, given_offsets
from understudy.rng.laws import Quantiles, choose, quantile, slots, zipf, zipf_law
from understudy.rng.permutation import invert, permute
from understudy.rng.spread import Spread
from understudy.rng.streams import Key, base, below, bits, bits_of_base, chance, key, mix, uniform, unit

__all__ = [
    "Counts",
    "Forest",
    "Given",
    "Key",
    "Quantiles",
    "Spread",
    "base",
    "below",
    "bits",
    "bits_of_base",
    "chance",
    "choose",
    "decode",
    "encode",
    "given_offsets",
    "invert",
    "key",
    "mix",
    "permute",
    "quantile",
    "skip",
    "slots",
    "uniform",
    "unit",
    "zipf",
    "zipf_law",
]
