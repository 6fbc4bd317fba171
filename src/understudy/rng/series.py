"""Logarithm, exponential and power with correctly rounded operations only (+ - * / and exact scaling).

libm's functions differ in the last bit from machine to machine, which can flip a rounded table entry. These
differ nowhere: each step is one IEEE 754 operation of NumPy, in a fixed order. Errors are a few units in the
last place of the exponent's size, ample for tables.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LN2 = 0.6931471805599453  # ln 2, and what that double lacks of it
_LN2_REST = 2.3190468138462996e-17
_ROOT = 0.7071067811865476
_SMALL = 0.5  # below, (e**y - 1) / y by its series, without cancellation


def logarithm(x: Floats) -> Floats:
    """ln x for x > 0: mantissa by the series of atanh, exponent times ln 2."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < _ROOT
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    scale = exponent.astype(np.float64) - low
    return _twice_atanh((mantissa - 1.0) / (mantissa + 1.0)) + scale * _LN2_REST + scale * LN2


def logarithm_of_one_plus(s: Floats) -> Floats:
    """ln(1 + s) for -1/2 <= s <= 1, accurate near 0."""
    return _twice_atanh(s / (2.0 + s))


def exponential(y: Floats) -> Floats:
    """e**y for |y| < 700."""
    turns = np.rint(y / LN2)
    rest = (y - turns * LN2) - turns * _LN2_REST
    return np.ldexp(1.0 + rest * _growth(rest), turns.astype(np.int32))


def power(x: Floats, exponent: float) -> Floats:
    """x**exponent for x > 0."""
    return exponential(logarithm(x) * exponent)


def area(x: Floats, exponent: float) -> Floats:
    """The integral of t**-exponent from 1 to x, for x >= 1; smooth through exponent 1."""
    logs = logarithm(x)
    y = logs * (1.0 - exponent)
    small = np.abs(y) < _SMALL
    safe = np.where(small, 1.0, y)
    return logs * np.where(small, _growth(np.where(small, y, 0.0)), (exponential(safe) - 1.0) / safe)


def power_quantile(above: Floats, size: int, exponent: float) -> Floats:
    """x in [1, size + 1] above which the density t**-exponent leaves the share ``above`` (in [0, 1])."""
    bent = 1.0 - exponent
    end = np.array([size + 1.0])
    reach = float(logarithm(end)[0])
    if abs(bent) * reach < _SMALL:
        whole = float(area(end, exponent)[0])
        s = bent * whole * (1.0 - above)
        ratio = np.where(s == 0.0, 1.0, logarithm_of_one_plus(s) / np.where(s == 0.0, 1.0, s))
        return exponential(whole * (1.0 - above) * ratio)
    if bent * reach < -600.0:  # steeper than doubles hold: everything is at the first rank
        return np.where(above > 0.0, 1.0, size + 1.0)
    edge = float(exponential(np.array([min(bent * reach, 600.0)]))[0])
    return np.minimum(exponential(logarithm(above + (1.0 - above) * edge) / bent), size + 1.0)


def _twice_atanh(t: Floats) -> Floats:
    """ln((1 + t) / (1 - t)) for |t| <= 1/3: 2 * (t + t**3/3 + t**5/5 + …)."""
    square = t * t
    total = np.zeros_like(t)
    for n in range(37, 0, -2):  # the next term is below 2**-60 of the first
        total = total * square + 1.0 / n
    return 2.0 * t * total


def _growth(y: Floats) -> Floats:
    """(e**y - 1) / y for |y| <= 1/2 by its series."""
    total = np.ones_like(y)
    for n in range(18, 1, -1):
        total = 1.0 + y / n * total
    return total
