"""Figures of synthetic rows against a holdout, by independent libraries: one JSON line.

    python single_judge.py DATA ROWS.csv

auc             LightGBM telling synthetic rows from the holdout's, out of fold: 0.5 is best
auc_arithmetic  the same where it is also shown differences, sums and ratios of all pairs of numeric columns
shapes, pairs   SDMetrics' quality report against the holdout
tstr, trtr      LightGBM trained on synthetic and on real rows, tested on the holdout (AUC, R² for regression)
dcr             share of synthetic rows nearer to training than to holdout rows: 0.5 is best
mia             AUC of telling training from holdout rows by their distance to the nearest synthetic row
copies          synthetic rows that are a training row; in brackets of the holdout's rows as many
broken          share of rows that break an order of two numeric columns or a sum of two that no real row breaks
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from itertools import combinations
from pathlib import Path

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
warnings.filterwarnings("ignore")

import lightgbm as lgb  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from sklearn.metrics import r2_score, roc_auc_score  # noqa: E402
from sklearn.neighbors import NearestNeighbors  # noqa: E402

BOOSTED = {
    "n_estimators": 150,
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_child_samples": 20,
    "n_jobs": 1,
    "verbosity": -1,
    "random_state": 0,
}
MOST_NUMBERS = 14


def load(path: Path, kinds: dict[str, str]) -> pd.DataFrame:
    table = pd.read_csv(path, keep_default_na=False, na_values=["", "?"], low_memory=False)
    out = pd.DataFrame(index=range(len(table)))
    for name, kind in kinds.items():
        values = table[name]
        if kind == "categorical":
            out[name] = values.map(lambda v: None if pd.isna(v) else _word(v)).astype(object)
        elif kind == "datetime":
            times = pd.to_datetime(values, errors="coerce", utc=True)
            out[name] = np.where(
                times.notna(), times.dt.tz_localize(None).astype("datetime64[s]").astype("int64"), np.nan
            )
        else:
            out[name] = pd.to_numeric(values, errors="coerce").astype(float)
    return out


def _word(value: object) -> str:
    text = str(value)
    if text.lower() in ("true", "false"):
        return text.lower()
    return text[:-2] if text.endswith(".0") else text


def matrices(parts: list[pd.DataFrame], kinds: dict[str, str], left_out: tuple[str, ...] = ()) -> list[pd.DataFrame]:
    names = [n for n in kinds if n not in left_out]
    out = [p[names].copy() for p in parts]
    for name in names:
        if kinds[name] == "categorical":
            known = pd.CategoricalDtype(sorted(set().union(*(set(p[name].dropna()) for p in parts))))
            for p in out:
                p[name] = p[name].astype(known)
    return out


def with_arithmetic(table: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    numbers = [n for n, k in kinds.items() if k != "categorical"][:MOST_NUMBERS]
    more = {}
    for a, b in combinations(numbers, 2):
        more[f"{a} - {b}"] = table[a] - table[b]
        more[f"{a} + {b}"] = table[a] + table[b]
        more[f"{a} / {b}"] = table[a] / table[b].where(table[b] != 0)
    return pd.concat([table, pd.DataFrame(more)], axis=1)


def detection(real: pd.DataFrame, made: pd.DataFrame, kinds: dict[str, str], arithmetic: bool, folds: int = 3) -> float:
    random = np.random.default_rng(0)
    n = min(len(real), len(made))
    parts = [p.iloc[random.permutation(len(p))[:n]].reset_index(drop=True) for p in (real, made)]
    parts = matrices(parts, kinds)
    if arithmetic:
        parts = [with_arithmetic(p, kinds) for p in parts]
    x = pd.concat(parts, ignore_index=True)
    y = np.repeat([0, 1], n)
    fold = np.concatenate([random.integers(0, folds, n), random.integers(0, folds, n)])
    told = np.zeros(2 * n)
    for k in range(folds):
        model = lgb.LGBMClassifier(**BOOSTED).fit(x[fold != k], y[fold != k])
        told[fold == k] = model.predict_proba(x[fold == k])[:, 1]
    return float(roc_auc_score(y, told))


def utility(trained: pd.DataFrame, held: pd.DataFrame, kinds: dict[str, str], target: str, task: str) -> float:
    trained, held = trained[trained[target].notna()], held[held[target].notna()]
    x, unseen = matrices([trained, held], kinds, (target,))
    if task == "reg":
        model = lgb.LGBMRegressor(**BOOSTED).fit(x, trained[target])
        return float(r2_score(held[target], model.predict(unseen)))
    classes = sorted(held[target].astype(str).unique())
    if trained[target].nunique() < 2:
        return 0.5
    model = lgb.LGBMClassifier(**BOOSTED).fit(x, trained[target].astype(str))
    told = pd.DataFrame(model.predict_proba(unseen), columns=model.classes_).reindex(columns=classes, fill_value=0)
    truth = held[target].astype(str)
    scores = [roc_auc_score(truth == c, told[c]) for c in (classes[1:] if len(classes) == 2 else classes)]
    return float(np.mean(scores))


def embedded(parts: list[pd.DataFrame], kinds: dict[str, str]) -> list[np.ndarray]:
    """Categories one-hot over √2, numbers as ranks among the first two parts."""
    out: list[list[np.ndarray]] = [[] for _ in parts]
    for name, kind in kinds.items():
        if kind == "categorical":
            known = {
                v: i for i, v in enumerate(sorted(set().union(*(set(p[name].fillna("").astype(str)) for p in parts))))
            }
            for p, columns in zip(parts, out, strict=True):
                hot = np.zeros((len(p), len(known)), np.float32)
                hot[np.arange(len(p)), p[name].fillna("").astype(str).map(known)] = 2**-0.5
                columns.append(hot)
            continue
        scale = np.sort(pd.concat([parts[0][name], parts[1][name]]).dropna().to_numpy())
        for p, columns in zip(parts, out, strict=True):
            x = p[name].to_numpy()
            rank = (np.searchsorted(scale, x, "left") + np.searchsorted(scale, x, "right")) / (2 * max(len(scale), 1))
            columns.append(np.column_stack([np.where(np.isnan(x), 0.5, rank), np.isnan(x)]).astype(np.float32))
    return [np.hstack(c) for c in out]


def nearest(of: np.ndarray, among: np.ndarray) -> np.ndarray:
    found = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(among).kneighbors(of)[0]
    return np.asarray(found[:, 0])


def privacy(made: pd.DataFrame, train: pd.DataFrame, held: pd.DataFrame, kinds: dict[str, str]) -> dict[str, float]:
    n = min(len(train), len(held))
    few = made.iloc[np.random.default_rng(0).permutation(len(made))[:5000]]
    t, h, s = embedded([train.iloc[:n], held.iloc[:n], few], kinds)
    to_train, to_held = nearest(s, t), nearest(s, h)
    equal = np.abs(to_train - to_held) <= 1e-6
    share = float(((to_train < to_held) & ~equal).mean() + 0.5 * equal.mean())
    m = min(n, 4000)
    score = -np.concatenate([nearest(t[:m], s), nearest(h[:m], s)])
    mia = float(roc_auc_score(np.repeat([1, 0], m), score))
    rows = {tuple(r) for r in train.astype(str).itertuples(index=False)}
    copies = sum(tuple(r) in rows for r in made.astype(str).itertuples(index=False))
    among_held = sum(tuple(r) in rows for r in held.astype(str).itertuples(index=False))
    return {"dcr": share, "mia": mia, "copies": copies, "copies_holdout": among_held * len(made) / max(len(held), 1)}


def broken(made: pd.DataFrame, real: pd.DataFrame, kinds: dict[str, str]) -> float:
    """Share of rows that break an order or a sum of two numeric columns which hold in all real rows."""
    bad = np.zeros(len(made), bool)
    for kind in ("numerical", "datetime"):
        numbers = [n for n, k in kinds.items() if k == kind]
        for a, b in [(a, b) for a in numbers for b in numbers if a != b]:
            chance = (real[a].sample(frac=1, random_state=0).to_numpy() > real[b].to_numpy()).mean()
            if chance >= 0.02 and not (real[a] > real[b]).any():
                bad |= (made[a] > made[b]).to_numpy()
        for a, b in combinations(numbers, 2):
            for c in numbers:
                if (
                    c not in (a, b)
                    and np.allclose((real[a] + real[b])[:200], real[c][:200])
                    and np.allclose(real[a] + real[b], real[c])
                ):
                    bad |= ~np.isclose(made[a] + made[b], made[c])
    return float(bad.mean())


def sdmetrics_report(real: pd.DataFrame, made: pd.DataFrame, kinds: dict[str, str]) -> tuple[float, float]:
    from sdmetrics.reports.single_table import QualityReport

    parts = []
    for table in (real, made):
        copy = table.copy()
        for name, kind in kinds.items():
            if kind == "datetime":
                copy[name] = pd.to_datetime(copy[name], unit="s")
        parts.append(copy)
    report = QualityReport()
    report.generate(*parts, {"columns": {n: {"sdtype": k} for n, k in kinds.items()}}, verbose=False)
    found = dict(report.get_properties().values.tolist())
    return float(found["Column Shapes"]), float(found["Column Pair Trends"])


def main() -> None:
    folder, rows = Path(sys.argv[1]), Path(sys.argv[2])
    meta = json.loads((folder / "meta.json").read_text())
    kinds = meta["columns"]
    train, held, made = (load(p, kinds) for p in (folder / "train.csv", folder / "holdout.csv", rows))
    shapes, pairs = sdmetrics_report(held, made, kinds)
    figures = {
        "auc": detection(held, made, kinds, False),
        "auc_arithmetic": detection(held, made, kinds, True),
        "shapes": shapes,
        "pairs": pairs,
        "tstr": utility(made, held, kinds, meta["target"], meta["task"]),
        "trtr": utility(train, held, kinds, meta["target"], meta["task"]),
        **privacy(made, train, held, kinds),
        "broken": broken(made, pd.concat([train, held], ignore_index=True), kinds),
    }
    print(json.dumps({k: round(v, 4) for k, v in figures.items()}))


if __name__ == "__main__":
    main()
