"""Tables for ``single.py`` that anyone can make: rides with arithmetic and habits, and scikit-learn's bundled sets.

    python benchmarks/learning/single_data.py FOLDER [--rows 20000]

rides: pick-up before drop-off, a total that is the sum of its parts, tips in whole shares and round sums, zeros, a
sentinel, prices that end in 0 and 5, zones that decide where; nothing of it is known to the learner.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd


def rides(n: int) -> tuple[pd.DataFrame, dict[str, str], str, str]:
    random = np.random.default_rng(11)
    zone = random.zipf(1.6, 4 * n)
    zone = zone[zone <= 60][:n]
    airport = zone == 3
    hour = random.choice(24, n, p=_hours())
    start = pd.Timestamp("2024-03-01") + pd.to_timedelta(
        random.integers(0, 60, n) * 86_400 + hour * 3600 + random.integers(0, 3600, n), unit="s"
    )
    distance = np.round(random.gamma(1.6, 1.4 + 0.05 * zone, n) + np.where(airport, 9, 0), 2)
    pace = random.gamma(9, 0.45, n) * np.where((hour > 6) & (hour < 20), 1.3, 0.8)
    minutes = 1.5 + distance * pace
    fare = np.round((3 + 1.75 * distance + 0.35 * minutes) * 2) / 2
    card = random.random(n) < 0.7
    habit = random.random(n)
    tip = np.where(
        habit < 0.5, np.round(fare * random.choice([0.1, 0.15, 0.2, 0.25], n), 2), random.choice([1, 2, 3, 5], n)
    )
    tip = np.where(card, tip, 0.0)
    tolls = np.where(airport & (random.random(n) < 0.8), 6.94, 0.0)
    surcharge = np.where(hour >= 20, 1.0, np.where((hour >= 16) & (hour < 20), 2.5, 0.0))
    passengers = random.choice([1, 2, 3, 4, 5, 6, -1], n, p=[0.7, 0.14, 0.05, 0.03, 0.03, 0.02, 0.03])
    table = pd.DataFrame(
        {
            "picked_up": start,
            "dropped_off": start + pd.to_timedelta(np.round(minutes * 60), unit="s"),
            "zone": [f"Zone {z:02}" for z in zone],
            "passengers": passengers,
            "distance": distance,
            "payment": np.where(card, "card", np.where(random.random(n) < 0.95, "cash", "none")),
            "fare": fare,
            "tip": tip,
            "tolls": tolls,
            "surcharge": surcharge,
            "total": np.round(fare + tip + tolls + surcharge, 2),
        }
    )
    kinds = {
        **dict.fromkeys(table.columns, "numerical"),
        "picked_up": "datetime",
        "dropped_off": "datetime",
        "zone": "categorical",
        "payment": "categorical",
    }
    return table, kinds, "tip", "reg"


def _hours() -> np.ndarray:
    weight = 1.2 + np.sin((np.arange(24) - 9) / 24 * 2 * np.pi)
    return np.asarray(weight / weight.sum())


def bundled(name: str) -> tuple[pd.DataFrame, dict[str, str], str, str]:
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")(as_frame=True)
    table = found.frame.rename(columns=lambda c: c.replace(" ", "_").replace("/", "_"))
    kinds = dict.fromkeys(table.columns, "numerical")
    if table["target"].nunique() < 10:
        table["target"] = "class " + table["target"].astype(str)
        return table, {**kinds, "target": "categorical"}, "target", "clf"
    return table, kinds, "target", "reg"


def main() -> None:
    """Write each set's train, holdout and meta."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--rows", type=int, default=20_000)
    given = asked.parse_args()
    sets = {"rides": rides(given.rows), **{n: bundled(n) for n in ("breast_cancer", "diabetes", "wine")}}
    for name, (table, kinds, target, task) in sets.items():
        place = given.folder / name
        place.mkdir(parents=True, exist_ok=True)
        mixed = table.sample(frac=1, random_state=0)
        half = len(mixed) // 2
        mixed.iloc[:half].to_csv(place / "train.csv", index=False)
        mixed.iloc[half:].to_csv(place / "holdout.csv", index=False)
        (place / "meta.json").write_text(json.dumps({"columns": kinds, "target": target, "task": task}) + "\n")


if __name__ == "__main__":
    main()
