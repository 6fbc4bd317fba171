"""Differential privacy on one table, beside peers: how useful, how like, at what cost.

    python benchmarks/learning/private.py FOLDER [--epsilon 1] [--seeds 3] [--judge PYTHON] [--peers PYTHON --peer mst]

FOLDER holds ``train.csv``, ``holdout.csv`` and ``meta.json`` ({"target": …, "columns": {name: kind}}). JUDGE is a
Python with sdmetrics, lightgbm and scikit-learn; PEERS one with dpmm (its pandas is another than SDMetrics wants).
Ours is run twice: knowing names and kinds of columns only, and with the domain declared, which is what the peers are
given (they take labels and bounds from the rows as if public). CPU-seconds of the fit alone; delta 1e-6.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

DELTA = 1e-6


def ours(folder: Path, epsilon: float, declared: bool, out: Path) -> float:
    """Fit and write as many rows; the fit's CPU-seconds."""
    import pyarrow.csv

    from understudy.kernels import Runtime
    from understudy.model.request import Request
    from understudy.planning import plan
    from understudy.workflow.private_fitting import Terms, fit_privately

    with tempfile.TemporaryDirectory() as place:
        public = _domain(folder, Path(place)) if declared else ""
        begun = time.process_time()
        fitted = fit_privately(
            str(folder / "train.csv"),
            Terms(epsilon, DELTA, ledger=f"{place}/ledger.json"),
            model="benchmark",
            public=public,
        )
        used = time.process_time() - begun
    (table,) = fitted.model.tables
    rows = sum(1 for _ in (folder / "train.csv").open()) - 1
    bundle = plan(fitted.model.schema, Request(default_rows=rows), fitted=fitted)
    pyarrow.csv.write_csv(Runtime(bundle).batch(table.name, 0, rows), str(out))
    return used


def _domain(folder: Path, place: Path) -> str:
    """DDL that declares labels and bounds as the rows have them: what the peers take for granted."""
    import pyarrow.compute as pc
    import pyarrow.csv

    meta = json.loads((folder / "meta.json").read_text())
    rows = pyarrow.csv.read_csv(folder / "train.csv")
    lines = []
    for name, kind in meta["columns"].items():
        column = rows.column(name)
        if kind == "categorical":
            labels = ", ".join(
                "'" + str(v).replace("'", "''") + "'" for v in sorted(set(column.drop_null().to_pylist()))
            )
            lines.append(f'"{name}" TEXT CHECK ("{name}" IN ({labels}))')
        else:
            low, high = pc.min(column).as_py(), pc.max(column).as_py()
            word = "INTEGER" if isinstance(low, int) else "DOUBLE PRECISION"
            lines.append(f'"{name}" {word} CHECK ("{name}" BETWEEN {low} AND {high})')
    (place / "public.sql").write_text(f"CREATE TABLE train ({', '.join(lines)});")
    return str(place / "public.sql")


def peer(folder: Path, name: str, epsilon: float, out: Path) -> float:
    """A peer of dpmm (run with its own Python)."""
    import pandas as pd
    from dpmm.pipelines import AIMPipeline, MSTPipeline, PrivBayesPipeline

    meta = json.loads((folder / "meta.json").read_text())
    rows = pd.read_csv(folder / "train.csv", keep_default_na=False)
    domain = {}
    for column, kind in meta["columns"].items():
        if kind == "categorical":
            rows[column] = rows[column].astype("category")
            domain[column] = {"categories": rows[column].cat.categories.tolist()}
        else:
            domain[column] = {"lower": float(rows[column].min()), "upper": float(rows[column].max())}
    made = {"mst": MSTPipeline, "aim": AIMPipeline, "privbayes": PrivBayesPipeline}[name]
    model = made(epsilon=epsilon, delta=DELTA, n_jobs=1)
    begun = time.process_time()
    model.fit(rows, domain)
    used = time.process_time() - begun
    model.generate(n_records=len(rows)).to_csv(out, index=False)
    return used


def margins(folder: Path, made: Path) -> tuple[float, float]:
    """Mean total variation distance from the training rows, of single columns and of pairs: numbers in tenths of the
    real rows (with the values that a tenth has alone), categories as they are."""
    import numpy as np
    import pandas as pd

    kinds = json.loads((folder / "meta.json").read_text())["columns"]
    real, other = (pd.read_csv(p, keep_default_na=False, low_memory=False) for p in (folder / "train.csv", made))
    codes = []
    for name, kind in kinds.items():
        if kind == "numerical":
            x, y = (pd.to_numeric(t[name], errors="coerce").to_numpy(float) for t in (real, other))
            edges = np.unique(np.nanquantile(x, np.linspace(0, 1, 11)[1:-1]))
            sides = [
                np.where(np.isnan(v), 0, 1 + np.searchsorted(edges, v) + np.searchsorted(edges, v, "right"))
                for v in (x, y)
            ]
        else:
            place = {v: i for i, v in enumerate(pd.unique(pd.concat([real[name], other[name]]).astype(str)))}
            sides = [t[name].astype(str).map(place).to_numpy() for t in (real, other)]
        codes.append(sides)

    def apart(a: list[Any], b: list[Any] | None = None) -> float:
        size = 1 + max(int(v.max()) for v in (b or a))
        both = [v if b is None else v * size + w for v, w in zip(a, b or a, strict=True)]
        most = 1 + max(int(v.max()) for v in both)
        first, second = (np.bincount(v, minlength=most) / v.size for v in both)
        return float(np.abs(first - second).sum() / 2)

    pairs = [apart(a, b) for i, a in enumerate(codes) for b in codes[i + 1 :]]
    return float(np.mean([apart(c) for c in codes])), float(np.mean(pairs))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--epsilon", type=float, action="append")
    arguments.add_argument("--seeds", type=int, default=3)
    arguments.add_argument("--judge", default=sys.executable)
    arguments.add_argument("--peers", default="")
    arguments.add_argument("--peer", action="append", default=[], choices=("mst", "aim", "privbayes"))
    arguments.add_argument("--one", nargs=3, metavar=("NAME", "EPSILON", "OUT"), help=argparse.SUPPRESS)
    a = arguments.parse_args()
    if a.one:
        name, epsilon, out = a.one[0], float(a.one[1]), Path(a.one[2])
        used = ours(a.folder, epsilon, name == "declared", out) if name in ("bare", "declared") else None
        print(json.dumps({"fit_s": used if used is not None else peer(a.folder, name, epsilon, out)}))
        return
    print(
        "| epsilon | learner | TSTR | worst | TRTR | shapes | pairs | AUC | columns apart | pairs apart | fit CPU-s |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    runs = [("bare", sys.executable, a.seeds), ("declared", sys.executable, a.seeds)]
    runs += [(name, a.peers, 1) for name in a.peer if a.peers]
    for epsilon in a.epsilon or [1.0, 10.0]:
        for name, python, times in runs:
            print(_row(a.folder, name, epsilon, python, times, a.judge), flush=True)


def _row(folder: Path, name: str, epsilon: float, python: str, times: int, judge: str) -> str:
    found = []
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as place:
        for k in range(times):
            out = f"{place}/{k}.csv"
            here = [python, __file__, str(folder), "--one", name, str(epsilon), out]
            made = subprocess.run(here, capture_output=True, text=True, check=False, env=environment)
            if made.returncode:
                return f"| {epsilon:g} | {name} | {made.stderr.strip().splitlines()[-1]} |"
            judged = [judge, str(Path(__file__).with_name("single_judge.py")), str(folder), out]
            figures = json.loads(
                subprocess.run(judged, capture_output=True, text=True, check=True, env=environment).stdout
            )
            one, two = margins(folder, Path(out))
            found.append({**figures, **json.loads(made.stdout.splitlines()[-1]), "one": one, "two": two})
    keys = ("tstr", "worst", "trtr", "shapes", "pairs", "auc", "one", "two")
    mean = {k: sum(f[k] for f in found) / len(found) for k in (*keys, "fit_s") if k != "worst"}
    mean["worst"] = min(f["tstr"] for f in found)
    figures_ = " | ".join(f"{mean[k]:.3f}" for k in keys)
    return f"| {epsilon:g} | {name} | {figures_} | {mean['fit_s']:.1f} |"


if __name__ == "__main__":
    main()
