"""Learners of single tables side by side: the peers' and ours, in one run, on the same rows, judged by other libraries.

    python benchmarks/learning/peers.py DATA… --judge PYTHON --peer sdv-copula=PYTHON --peer synthpop=PYTHON …

Each peer runs in an environment of its own (PYTHON), for no environment has them all; what is not named is not run.
DATA and the judging as in ``single.py``. CPU-seconds of fitting and drawing as many rows, one thread where the peer
lets itself be told; ``mostly`` trains ``--minutes`` by the clock. "real" is the training rows as they are.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
SHOWN = ("auc", "auc_arithmetic", "shapes", "pairs", "tstr", "trtr", "dcr", "mia")
HEAD = (
    "data | learner | AUC | with arithmetic | shapes | pairs | TSTR | TRTR | DCR share | MIA | copies (holdout) | CPU-s"
)


def ours(learner: str, folder: Path, out: Path) -> float:
    from understudy import workflow
    from understudy.kernels import Runtime
    from understudy.model.request import Request
    from understudy.planning import plan

    rows = sum(1 for _ in (folder / "train.csv").open()) - 1
    begun = time.process_time()
    fitted = workflow.fit(str(folder / "train.csv"), learners={"": learner})
    bundle = plan(fitted.model.schema, Request(default_rows=rows), fitted=fitted)
    batch = Runtime(bundle).batch(fitted.model.tables[0].name, 0, rows)
    cost = time.process_time() - begun
    import pyarrow.csv

    pyarrow.csv.write_csv(batch, str(out))
    return cost


def run(python: str, script: str, *words: str) -> dict[str, float]:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [python, str(HERE / script), *words], check=False, capture_output=True, text=True, env=environment
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no answer"])[-1][:200])
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> int:
    """Print one line per table and learner."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", nargs="+", type=Path)
    asked.add_argument("--judge", default=sys.executable)
    asked.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    asked.add_argument("--ours", nargs="*", default=["trees", "fast", "copula", "vae"])
    asked.add_argument("--minutes", default="2")
    given = asked.parse_args()
    print(HEAD, flush=True)
    for folder in given.data:
        wanted = [("real", ""), *((n, "") for n in given.ours), *(p.split("=", 1) for p in given.peer)]
        for name, python in wanted:
            with tempfile.TemporaryDirectory() as place:
                out = Path(place) / "rows.csv"
                try:
                    if name == "real":
                        shutil.copy(folder / "train.csv", out)
                        cost = 0.0
                    elif not python:
                        cost = ours(name, folder, out)
                    else:
                        cost = run(python, "peers_made.py", name, str(folder), str(out), "--minutes", given.minutes)[
                            "cpu_s"
                        ]
                    told = run(given.judge, "single_judge.py", str(folder), str(out))
                except RuntimeError as error:
                    print(f"{folder.name} | {name} | failed: {error}", flush=True)
                    continue
            figures = " | ".join(f"{told[k]:.3f}" for k in SHOWN)
            copies = f"{told['copies']:.0f} ({told['copies_holdout']:.0f})"
            print(f"{folder.name} | {name} | {figures} | {copies} | {cost:.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
