"""Tables that are series: a row per moment (or per moment and member), each number told by its own past.

    row ─► moment t (and member) ─► level + trend * t + season[t] + what is left: an ARMA tape, read from place t on
                                 or  a path that was simulated with the model whose numbers wander

A tape is circular, so a stationary series has no end; where on it a data set begins, its seed says. Series that wander
(differenced ARIMA, exponential smoothing) have no law that holds for ever: their paths are frozen, and finite.

Box and Jenkins, "Time series analysis" (1970); Hyndman et al., "Forecasting with exponential smoothing" (2008); the
fitting is statsmodels'.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.columns import NULL

TAPE = 1 << 14
PATHS = 16
LEAST = 30
HELD_BACK = 0.2
ORDERS = ((0, 0), (1, 0), (2, 0), (1, 1))
"""Of the ARMA part: autoregressive and moving-average terms that are tried."""
PLAINER = 1.02
"""A series that never ends is taken where one that wanders foretells no better than this."""
DIFFERENCED, SMOOTHED = "ARIMA(1,1,1)", "exponential smoothing"
PERIODS = (4, 7, 12, 24, 52, 96, 365)
ROOTED = 0.98
"""A series of which each value keeps so much of the one before wanders: within what was seen it never came back."""
SEASONAL = 0.1
"""Part of the variance that a season must explain of rows held back."""

Floats = NDArray[np.float64]


class Simulated(msgspec.Struct):
    """A fitted series. ``season``: added at t % its length; ``slope``: per step, ``level``: at t = 0; ``tape``:
    circular values to add, or ``paths`` (paths × moments) that hold everything."""

    said: str
    level: float
    slope: float
    season: Floats
    tape: Floats | None = None
    paths: Floats | None = None


def fit_series(y: Floats, length: int, seed: int, own: int = 0, wander: bool | None = None) -> Simulated:
    """The model of one regular series that foretells held-back values best. ``length``: moments of a path. Series with
    the same ``seed`` have their shocks at the same moments as they had; ``own``: what tells paths apart. ``wander``:
    whether it must be of a kind that does."""
    random = np.random.default_rng(seed)
    season = _season(y)
    t = np.arange(y.size, dtype=np.float64)
    slope, level = _line(t, y - season[np.arange(y.size) % season.size])
    rest = y - level - slope * t - season[np.arange(y.size) % season.size]
    split = max(int(y.size * (1 - HELD_BACK)), min(LEAST, y.size - 1))
    flat = y.size < LEAST or float(rest.std()) < 1e-9 * max(float(np.abs(y).max()), 1.0)
    if flat and not wander:
        return Simulated("as often as it was seen", level, slope, season, tape=random.choice(rest, TAPE))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        order, arma, error = _arma(rest, split)
        wandering = [w for w in (_differenced(rest, split), _smoothed(y, season.size, split)) if w is not None]
    best = min(wandering, key=lambda w: w[1], default=None)
    seasonal = f", a season of {season.size} steps" if season.size > 1 else ""
    if best is None and wander:
        return _still(y, level, slope, season, length)
    steady = best is None or (error <= PLAINER * best[1] and _persistence(arma) < ROOTED)
    if best is None or (steady if wander is None else not wander):
        said = f"ARIMA({order[0]},0,{order[1]}) around a line{seasonal}"
        return Simulated(said, level, slope, season, tape=_tape(arma, rest, random))
    name, _, model = best
    far = np.arange(length)
    around = level + slope * far + season[far % season.size] + rest[0] if name == DIFFERENCED else np.zeros(length)
    return Simulated(f"{name}{seasonal}", 0.0, 0.0, np.zeros(1), paths=_paths(name, model, y, around, seed + own))


def _still(y: Floats, level: float, slope: float, season: Floats, length: int) -> Simulated:
    far = np.arange(length)
    path = _turned(level + slope * far + season[far % season.size], float(y.min()), float(y.max()))
    return Simulated("a line", 0.0, 0.0, np.zeros(1), paths=np.tile(path, (PATHS, 1)))


def _line(t: Floats, y: Floats) -> tuple[float, float]:
    slope = float(np.cov(t, y)[0, 1] / max(float(t.var(ddof=1)), 1e-12)) if y.size > 2 else 0.0
    worth = slope * float(t.std()) if y.size > 2 else 0.0
    if abs(worth) < 0.2 * float(y.std()):
        slope = 0.0  # a line that explains so little would only carry later rows away
    return slope, float(y.mean() - slope * t.mean())


def _season(y: Floats) -> Floats:
    """Means of the places of the period that explains most of the second half by the first; one 0 where none does."""
    best, found = SEASONAL, np.zeros(1)
    smooth = np.convolve(np.pad(y, 12, mode="edge"), np.ones(25) / 25, "valid") if y.size > 50 else y.mean()
    flat = y - smooth
    half = y.size // 2
    for period in PERIODS:
        if half < 2 * period:
            continue
        means = _means(flat[:half], period, 0)
        told = means[np.arange(half, y.size) % period]
        left = flat[half:] - told
        gain = 1 - float((left**2).sum()) / max(float(((flat[half:] - flat[half:].mean()) ** 2).sum()), 1e-12)
        if gain > best + 0.02:
            best, found = gain, _means(flat, period, 0)
    return np.asarray(found - found.mean())


def _means(y: Floats, period: int, first: int) -> Floats:
    place = (np.arange(y.size) + first) % period
    return np.asarray(np.bincount(place, y, period) / np.maximum(np.bincount(place, minlength=period), 1))


# ---- candidates ----------------------------------------------------------------------------------
def _arma(rest: Floats, split: int) -> tuple[tuple[int, int], Any, float]:
    from statsmodels.tsa.arima.model import ARIMA

    best: tuple[float, tuple[int, int], Any] | None = None
    for p, q in ORDERS:
        try:
            found = ARIMA(rest, order=(p, 0, q), trend="n").fit()
        except (ValueError, np.linalg.LinAlgError):
            continue
        if best is None or found.aicc < best[0]:
            best = (float(found.aicc), (p, q), found)
    if best is None:
        return (0, 0), None, float("inf")
    _, order, found = best
    held = ARIMA(rest[:split], order=(order[0], 0, order[1]), trend="n").fit().apply(rest)
    return order, found, _rmse(held.resid[split:])


def _persistence(model: Any) -> float:
    """The largest share of a value that goes on in the next one, for ever."""
    roots = np.abs(np.asarray(model.arroots)) if model is not None else np.empty(0)
    return float(np.max(1 / roots)) if roots.size else 0.0


def _differenced(rest: Floats, split: int) -> tuple[str, float, Any] | None:
    from statsmodels.tsa.arima.model import ARIMA

    try:
        held = ARIMA(rest[:split], order=(1, 1, 1)).fit().apply(rest)
        return DIFFERENCED, _rmse(held.resid[split:]), ARIMA(rest, order=(1, 1, 1)).fit()
    except (ValueError, np.linalg.LinAlgError):
        return None


def _smoothed(y: Floats, period: int, split: int) -> tuple[str, float, Any] | None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    kind: dict[str, Any] = {"error": "add", "trend": "add", "damped_trend": True}
    if 1 < period <= 24 and split > 3 * period:
        kind |= {"seasonal": "add", "seasonal_periods": period}
    try:
        held = ETSModel(y[:split], **kind).fit(disp=False)
        error = _rmse(ETSModel(y, **kind).smooth(held.params).resid[split:])
        return SMOOTHED, error, ETSModel(y, **kind).fit(disp=False)
    except (ValueError, np.linalg.LinAlgError):
        return None


def _rmse(left: Any) -> float:
    error = float(np.sqrt(np.mean(np.square(np.asarray(left, np.float64)))))
    return error if np.isfinite(error) else float("inf")


# ---- making --------------------------------------------------------------------------------------
def _tape(model: Any, rest: Floats, random: np.random.Generator) -> Floats:
    """A circular path: shocks drawn from those that were seen, through the model's response to one."""
    if model is None:
        return np.asarray(random.choice(rest, TAPE))
    shocks = np.asarray(model.resid)[1:]
    weights = np.zeros(TAPE)
    response = np.asarray(model.impulse_responses(TAPE // 8 - 1)).ravel()
    weights[: response.size] = response
    drawn = random.choice(shocks - shocks.mean(), TAPE)
    return np.asarray(np.fft.irfft(np.fft.rfft(drawn) * np.fft.rfft(weights), TAPE))


def _paths(name: str, model: Any, y: Floats, around: Floats, seed: int) -> Floats:
    """Paths from where the series began, of shocks that were seen, on top of ``around``. Each keeps within what was
    seen, and half as far again, by being turned back."""
    from scipy.signal import lfilter

    out = np.empty((PATHS, around.size))
    left = np.asarray(model.resid)[2:]
    random = np.random.default_rng(seed)
    for k in range(PATHS):
        shocks = random.choice(left - left.mean(), around.size)
        if name == DIFFERENCED:
            steps = lfilter([1.0, *model.maparams], [1.0, *(-model.arparams)], shocks)
            made = around + np.cumsum(steps) - steps[0]
        else:
            made = around + np.ravel(model.simulate(around.size, anchor="start", random_errors=shocks[:, None]))
        out[k] = _turned(made, float(y.min()), float(y.max()))
    return out


def _turned(path: Floats, low: float, high: float) -> Floats:
    """Reflected where it leaves the range that was seen by half of its width."""
    room = max(high - low, 1e-9)
    floor = low - room / 2 if low < 0 else max(low - room / 2, 0.0)
    wide = high + room / 2 - floor
    inside = np.mod(path - floor, 2 * wide)
    return np.asarray(np.where(inside > wide, 2 * wide - inside, inside) + floor)


# ---- regular moments -----------------------------------------------------------------------------
class Moments(msgspec.Struct):
    """When rows are: ``start`` and ``step`` in the time column's own units, ``steps`` how many moments were seen,
    ``place`` of each row; ``members``: which series it is of (all 0 where there is one)."""

    start: int
    step: int
    steps: int
    place: NDArray[np.int64]
    members: NDArray[np.int64]
    size: int


REGULAR = 0.9


def moments_of(times: NDArray[np.int64], members: NDArray[np.int64]) -> Moments | None:
    """Regular moments of one series or several side by side; None where they are none."""
    if times.size < LEAST or (times == NULL).any() or (members < 0).any():
        return None
    size = int(members.max()) + 1
    order = np.lexsort((times, members))
    same = np.diff(members[order]) == 0
    gaps = np.diff(times[order])[same]
    if not gaps.size or gaps.min() <= 0:
        return None
    found, counts = np.unique(gaps, return_counts=True)
    step = int(found[np.argmax(counts)])
    if float((gaps % step == 0).mean()) < REGULAR or times.size / size < LEAST:
        return None
    start = int(times.min())
    place = (times - start) // step
    steps = int(place.max()) + 1
    if steps > 4 * times.size / size:
        return None
    return Moments(start, step, steps, place, members, size)


def laid_out(moments: Moments, numbers: NDArray[np.int64], member: int) -> Floats:
    """One member's values at regular moments; gaps are bridged."""
    mine = (moments.members == member) & (numbers != NULL)
    y = np.full(moments.steps, np.nan)
    y[moments.place[mine]] = numbers[mine]
    known = np.flatnonzero(~np.isnan(y))
    if not known.size:
        return np.zeros(moments.steps)
    return np.asarray(np.interp(np.arange(known[0], known[-1] + 1), known, y[known]))


def whole(values: Sequence[Floats]) -> pa.Array:
    """Numbers as an artefact."""
    return pa.array(np.rint(np.concatenate([np.ravel(v) for v in values])).astype(np.int64))
