"""How like its rows the default learner's rows are, table by table, and what that costs.

    python benchmarks/learning/single.py DATA… [--privacy medium] [--learner …] [--judge PYTHON] [--json FILE]

DATA: a folder with ``train.csv``, ``holdout.csv`` (another part of the same rows) and ``meta.json`` ({"columns": {name:
numerical | categorical | datetime}, "target": name, "task": clf | reg}). The judging is done by other libraries, in
``single_judge.py``, with PYTHON (which has sdmetrics, lightgbm, scikit-learn; this one if it has them). CPU-seconds of
one process and thread; peak memory of the fit above what the imports take.
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

SPEED_ROWS = 65_536
HEAD = "data | AUC | with arithmetic | shapes | pairs | TSTR | TRTR | DCR share | MIA | copies (holdout) | broken"


def made(folder: Path, out: Path, options: dict[str, object], seed: int) -> dict[str, float]:
    """Fit ``train.csv``, write as many rows to ``out``; what it cost."""
    from understudy import workflow
    from understudy.kernels import Runtime
    from understudy.model.request import Request
    from understudy.planning import plan

    source = folder / "train.csv"
    rows = sum(1 for _ in source.open()) - 1
    begun = time.process_time()
    fitted = workflow.fit(str(source), seed=seed, **options)  # type: ignore[arg-type]
    fit_s = time.process_time() - begun
    (table,) = fitted.model.tables
    bundle = plan(fitted.model.schema, Request(default_rows=max(rows, SPEED_ROWS), seed=seed), fitted=fitted)
    batch = Runtime(bundle).batch(table.name, 0, rows)
    runtime = Runtime(bundle)
    runtime.batch(table.name, 0, 100)
    begun = time.process_time()
    runtime.batch(table.name, 0, SPEED_ROWS)
    speed = SPEED_ROWS / (time.process_time() - begun)
    import pyarrow.csv

    pyarrow.csv.write_csv(batch, str(out))
    return {"fit_s": round(fit_s, 2), "rows_s": round(speed), "columns": batch.num_columns}


def main() -> int:
    """Print one line per table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", nargs="+", type=Path)
    asked.add_argument("--privacy", default="medium")
    asked.add_argument("--learner", default="")
    asked.add_argument("--judge", default=sys.executable)
    asked.add_argument("--json", type=Path)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    options = {"privacy": given.privacy, "learners": {"": given.learner} if given.learner else {}}
    print(f"{HEAD} | fit CPU-s | rows/s", flush=True)
    found: list[dict[str, object]] = []
    for folder in given.data:
        with tempfile.TemporaryDirectory() as place:
            out = Path(place) / "rows.csv"
            cost = made(folder, out, options, given.seed)
            judge = [given.judge, str(Path(__file__).with_name("single_judge.py")), str(folder), str(out)]
            environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
            answer = subprocess.run(judge, check=True, capture_output=True, text=True, env=environment).stdout
            figures = json.loads(answer.splitlines()[-1])
        found.append({"data": folder.name, **figures, **cost})
        print(" | ".join(_line(found[-1])), flush=True)
    if len(found) > 1:
        print(" | ".join(_line(_mean(found))), flush=True)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def _mean(found: list[dict[str, object]]) -> dict[str, object]:
    numbers = [k for k, v in found[0].items() if isinstance(v, int | float)]
    return {"data": "mean", **{k: sum(float(str(f[k])) for f in found) / len(found) for k in numbers}}


def _line(f: dict[str, object]) -> list[str]:
    shown = [f"{f[k]:.3f}" for k in ("auc", "auc_arithmetic", "shapes", "pairs", "tstr", "trtr", "dcr", "mia")]
    copies = [f"{f['copies']:.0f} ({f['copies_holdout']:.0f})", f"{f['broken']:.4f}"]
    return [str(f["data"]), *shown, *copies, f"{f['fit_s']:.1f}", f"{f['rows_s']:,.0f}"]


if __name__ == "__main__":
    sys.exit(main())
