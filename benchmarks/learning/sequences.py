"""Likeness of learned sequences: rows per thing over time, with no table of the things.

    python benchmarks/learning/sequences.py [--only NAME] [--csv FILE --by COLUMN --at COLUMN]

Sets are made by laws that the learner knows nothing of: half of the things are fitted, the other half is the measure.
Printed, each for made rows and (in brackets) for the fitted half, against the half held back: how far
autocorrelations of numbers lie apart (lags 1, 2, 5), the distance of distributions (Kolmogorov-Smirnov) of gaps and of
lengths, the season's profile (means by hour or weekday, in standard deviations), and the AUC of LightGBM on
rows joined with the rows before them, with grouped folds (0.5: not told apart). CPU-seconds of this process.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import understudy
from understudy import workflow
from understudy.storage.models import save_model

HOUR = np.timedelta64(1, "h")


def sensors(random: np.random.Generator, things: int) -> pd.DataFrame:
    """Irregular readings: places of different warmth, an hour of the day, weather that goes on, a second number that
    follows the first, a state that mostly stays."""
    out = []
    for s in range(things):
        site = ["roof", "cellar", "yard"][s % 3]
        n = int(random.integers(60, 400)) if site == "roof" else int(random.integers(8, 90))
        t = np.datetime64("2024-01-01T00:00:00") + np.timedelta64(int(random.integers(0, 86400 * 60)), "s")
        base = {"roof": 30, "cellar": 12, "yard": 18}[site] + random.normal(0, 2)
        x, state = 0.0, "ok"
        for _ in range(n):
            t += np.timedelta64(int(random.exponential(3600)) + 30, "s")
            hour = float((t - t.astype("datetime64[D]")) / HOUR)
            x = 0.85 * x + random.normal(0, 0.6)
            value = base + x + 3 * np.sin((hour - 8) / 24 * 2 * np.pi)
            state = str(random.choice(["ok", "warn", "fail"])) if random.random() < 0.1 else state
            out.append(
                (
                    f"SN-{1000 + s * 7}",
                    site,
                    str(t).replace("T", " "),
                    round(value, 1),
                    round(60 - 1.2 * (value - base) + random.normal(0, 1), 1),
                    state,
                )
            )
    return pd.DataFrame(out, columns=["sensor", "site", "at", "temp", "humidity", "state"])


def prices(random: np.random.Generator, things: int) -> pd.DataFrame:
    """Working days of papers that wander, listed at different days, with volumes that rise with what happens."""
    out = []
    days = np.arange("2021-01-04", "2024-12-31", dtype="datetime64[D]")
    days = days[np.is_busday(days)]
    for s in range(things):
        sector = ["bank", "tech", "food"][s % 3]
        begin = int(random.integers(0, 700))
        price, volume = float(np.exp(random.normal(3.5, 0.8))), float(np.exp(random.normal(10, 1)))
        wild = {"bank": 0.015, "tech": 0.03, "food": 0.008}[sector]
        name = "".join(random.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), 4))
        for day in days[begin : begin + int(random.integers(100, 340))]:
            if random.random() < 0.02:
                continue
            move = random.normal(0, wild)
            price *= float(np.exp(move))
            traded = int(volume * np.exp(random.normal(0, 0.3) + 8 * abs(move)))
            out.append((name, sector, str(day), round(price, 2), traded))
    return pd.DataFrame(out, columns=["ticker", "sector", "day", "close", "volume"])


def logins(random: np.random.Generator, things: int) -> pd.DataFrame:
    """Sessions of users by number: bursts and pauses, more on working days, devices that stay, times that lengthen."""
    out = []
    for user in range(1, things + 1):
        t = np.datetime64("2025-03-01T08:00:00") + np.timedelta64(int(random.integers(0, 86400 * 30)), "s")
        keen, device, level = random.gamma(2, 1), str(random.choice(["phone", "desk", "pad"])), 1
        for _ in range(int(random.geometric(0.06)) + 2):
            long = random.random() < 0.25
            t += np.timedelta64(int(random.exponential(86400 * 3 if long else 5400 / keen)) + 60, "s")
            if np.is_busday(t.astype("datetime64[D]")) or random.random() < 0.3:
                device = device if random.random() < 0.9 else str(random.choice(["phone", "desk", "pad"]))
                level += int(random.random() < 0.2)
                minutes = int(random.gamma(2, 4 + 2 * level))
                out.append((user * 13 + 5000, str(t).replace("T", " "), device, level, minutes))
    return pd.DataFrame(out, columns=["user_no", "began", "device", "level", "minutes"])


SETS: dict[str, tuple[Any, int, str, str, str]] = {
    "sensors": (sensors, 150, "sensor", "at", "hour"),
    "prices": (prices, 80, "ticker", "day", "dayofweek"),
    "logins": (logins, 500, "user_no", "began", "dayofweek"),
}


def in_order(frame: pd.DataFrame, by: str, at: str) -> pd.DataFrame:
    """Rows by thing and time."""
    frame = frame.assign(**{at: pd.to_datetime(frame[at], format="ISO8601")})
    return frame.sort_values([by, at], kind="stable").reset_index(drop=True)


def correlation(frame: pd.DataFrame, by: str, name: str, lag: int) -> float:
    """Of a number, less its thing's mean, with itself ``lag`` rows before."""
    rest = frame[name] - frame.groupby(by)[name].transform("mean")
    before = rest.groupby(frame[by]).shift(lag)
    known = before.notna()
    return float(np.corrcoef(rest[known], before[known])[0, 1])


def distance(a: Any, b: Any) -> float:
    """Kolmogorov and Smirnov's."""
    a, b = np.sort(np.asarray(a, float)), np.sort(np.asarray(b, float))
    grid = np.concatenate([a, b])
    return float(np.abs(np.searchsorted(a, grid, "right") / a.size - np.searchsorted(b, grid, "right") / b.size).max())


def joined(frame: pd.DataFrame, by: str, at: str) -> pd.DataFrame:
    """Rows with those before them, gaps and differences."""
    groups = frame.groupby(by)
    out = frame.drop(columns=[by, at]).copy()
    out["hour"], out["weekday"] = frame[at].dt.hour, frame[at].dt.dayofweek
    out["gap"] = groups[at].diff().dt.total_seconds()
    for name in [c for c in frame.columns if c not in (by, at)]:
        before = groups[name].shift(1)
        out[f"{name} before"] = before
        if pd.api.types.is_numeric_dtype(frame[name]):
            out[f"{name} step"] = frame[name] - before
        else:
            out[f"{name} same"] = (frame[name] == before).astype(float)
    return out[out["gap"].notna()]


def auc(real: pd.DataFrame, made: pd.DataFrame, by: str, at: str) -> float:
    """Of a classifier that has not seen the thing."""
    from lightgbm import LGBMClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    parts = [joined(f, by, at) for f in (real, made)]
    groups = np.concatenate(
        [real.loc[parts[0].index, by].astype(str) + "r", made.loc[parts[1].index, by].astype(str) + "m"]
    )
    both = pd.concat(parts, ignore_index=True)
    for name in both.select_dtypes(exclude="number").columns:
        both[name] = both[name].astype("category").cat.codes
    label = np.repeat([0, 1], [len(p) for p in parts])
    told = np.zeros(label.size)
    for train, test in GroupKFold(5, shuffle=True, random_state=0).split(both, label, groups):
        model = LGBMClassifier(
            n_estimators=150, num_leaves=15, learning_rate=0.05, class_weight="balanced", n_jobs=1, verbose=-1
        )
        told[test] = model.fit(both.iloc[train], label[train]).predict_proba(both.iloc[test])[:, 1]
    return float(roc_auc_score(label, told))


def against(held: pd.DataFrame, other: pd.DataFrame, by: str, at: str, season: str) -> dict[str, float]:
    """The measures."""
    held, other = in_order(held, by, at), in_order(other, by, at)
    numbers = [c for c in held.select_dtypes("number").columns if c != by]
    apart = [abs(correlation(held, by, n, k) - correlation(other, by, n, k)) for n in numbers for k in (1, 2, 5)]
    gaps = [f.groupby(by)[at].diff().dropna().dt.total_seconds() for f in (held, other)]
    lengths = [f.groupby(by).size() for f in (held, other)]
    profile = []
    for name in numbers:
        rests = [f[name] - f.groupby(by)[name].transform("mean") for f in (held, other)]
        means = [r.groupby(getattr(f[at].dt, season)).mean() for r, f in zip(rests, (held, other), strict=True)]
        profile.append(float((means[0] - means[1]).abs().mean()) / float(rests[0].std()))
    return {
        "autocorrelation": float(np.mean(apart)),
        "gaps": distance(*gaps),
        "lengths": distance(*lengths),
        "season": float(np.mean(profile)),
        "transition AUC": auc(held, other, by, at),
    }


def measure(name: str, frame: pd.DataFrame, by: str, at: str, season: str) -> None:
    """Fit half of the things, make as many rows, compare with the other half."""
    random = np.random.default_rng(0)
    things = random.permutation(frame[by].unique())
    half = set(things[: things.size // 2].tolist())
    train, held = frame[frame[by].isin(half)], frame[~frame[by].isin(half)]
    train = train.sample(frac=1, random_state=1)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        train.to_csv(place / f"{name}.csv", index=False, quoting=csv.QUOTE_NONNUMERIC)
        began = time.process_time()
        fitted = workflow.fit(str(place / f"{name}.csv"))
        fit = time.process_time() - began
        save_model(fitted, place / "it.model")
        began = time.process_time()
        understudy.generate(str(place / "it.model"), to=str(place / "made"), format="csv", rows={name: len(train)})
        making = time.process_time() - began
        made = pd.read_csv(next((place / "made").glob("*.csv")))
    print(f"\n{name}: {len(train):,} rows of {len(half)} things, fitted in {fit:.1f} CPU-s, made in {making:.1f}")
    print("  " + next((n for n in fitted.model.card.notes if "sequences of" in n), "no sequences were found"))
    ours, real = against(held, made, by, at, season), against(held, train, by, at, season)
    for what, value in ours.items():
        print(f"  {what:16s} {value:.3f}  ({real[what]:.3f})")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", choices=["", *SETS])
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--by", default="")
    parser.add_argument("--at", default="")
    chosen = parser.parse_args()
    if chosen.csv:
        measure(chosen.csv.stem, pd.read_csv(chosen.csv), chosen.by, chosen.at, "dayofweek")
        return
    for name, (make, things, by, at, season) in SETS.items():
        if chosen.only in ("", name):
            measure(name, make(np.random.default_rng(7), 2 * things), by, at, season)


if __name__ == "__main__":
    main()
