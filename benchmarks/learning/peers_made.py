"""One peer fitted to one table, and as many rows of it: a CSV file, and one JSON line of what it cost.

    python peers_made.py PEER DATA ROWS.csv [--minutes 2]

PEER: sdv-copula, sdv-tvae, sdv-ctgan (SDV), synthpop (py-synthpop: CART, one column after the other), mostly
(mostlyai-engine: a network, one column after the other). Each in an environment that has it; DATA as for ``single.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import warnings
from pathlib import Path

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402


def load(folder: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """The training rows, with categories as texts and times as times."""
    kinds = json.loads((folder / "meta.json").read_text())["columns"]
    table = pd.read_csv(folder / "train.csv", keep_default_na=False, na_values=["", "?"], low_memory=False)
    for column, kind in kinds.items():
        if kind == "categorical":
            table[column] = table[column].map(lambda v: None if pd.isna(v) else str(v)).astype(object)
        elif kind == "datetime":
            table[column] = pd.to_datetime(table[column], errors="coerce")
    return table[list(kinds)], kinds


def sdv(name: str, table: pd.DataFrame, kinds: dict[str, str], rows: int, minutes: float) -> pd.DataFrame:
    import torch
    from sdv import single_table
    from sdv.metadata import Metadata

    torch.set_num_threads(1)
    known = Metadata()
    known.add_table("rows")
    for column, kind in kinds.items():
        known.add_column(column, "rows", sdtype=kind)
    kind = {"copula": "GaussianCopulaSynthesizer", "tvae": "TVAESynthesizer", "ctgan": "CTGANSynthesizer"}[name]
    epochs = {"tvae": {"epochs": 100}, "ctgan": {"epochs": 30}}.get(name, {})
    made = getattr(single_table, kind)(known, **epochs)
    made.fit({"rows": table})
    return made.sample(num_rows=rows)["rows"]


def synthpop(table: pd.DataFrame, kinds: dict[str, str], rows: int) -> pd.DataFrame:
    pd.DataFrame.append = lambda self, other: pd.concat([self, other])  # what pandas 1 had
    pd.DataFrame.iteritems, pd.Series.iteritems = pd.DataFrame.items, pd.Series.items
    from synthpop import Synthpop

    kept = {}
    shown = table.copy()
    for column, kind in kinds.items():
        if kind == "categorical":
            shown[column] = shown[column].fillna("none").astype("category")
            kept[column] = "category"
        else:
            values = shown[column]
            if kind == "datetime":
                values = values.astype("int64")
            shown[column] = values.astype(float).fillna(float(values.astype(float).median()))
            kept[column] = "float"
    made = Synthpop()
    made.fit(shown, kept)
    out = made.generate(rows)
    for column, kind in kinds.items():
        if kind == "datetime":
            out[column] = pd.to_datetime(out[column].astype("int64"))
        elif kind == "categorical":
            out[column] = out[column].astype(object).where(out[column].astype(str) != "none", None)
    return out


def mostly(table: pd.DataFrame, rows: int, minutes: float) -> pd.DataFrame:
    from mostlyai import engine

    place = Path(tempfile.mkdtemp())
    engine.set_random_state(0)
    engine.split(tgt_data=table, workspace_dir=place, model_type="TABULAR")
    engine.analyze(workspace_dir=place)
    engine.encode(workspace_dir=place)
    engine.train(workspace_dir=place, max_training_time=minutes, device="cpu")
    engine.generate(workspace_dir=place, sample_size=rows, device="cpu")
    return pd.read_parquet(place / "SyntheticData")


def main() -> None:
    """Fit, draw, write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("peer")
    asked.add_argument("data", type=Path)
    asked.add_argument("rows", type=Path)
    asked.add_argument("--minutes", type=float, default=2.0)
    given = asked.parse_args()
    table, kinds = load(given.data)
    np.random.seed(0)
    begun = time.process_time()
    if given.peer.startswith("sdv-"):
        made = sdv(given.peer[4:], table, kinds, len(table), given.minutes)
    elif given.peer == "synthpop":
        made = synthpop(table, kinds, len(table))
    elif given.peer == "mostly":
        made = mostly(table, len(table), given.minutes)
    else:
        raise SystemExit(f"no peer {given.peer!r}")
    cost = time.process_time() - begun
    made[list(kinds)].to_csv(given.rows, index=False)
    print(json.dumps({"cpu_s": round(cost, 1)}))


if __name__ == "__main__":
    main()
