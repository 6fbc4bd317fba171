"""Likeness of learned relations: tables with keys are fitted, made anew, and judged against rows held back.

    python benchmarks/learning/relational.py FOLDER... [--judge PYTHON --oracle FOLDER] [--privacy low] [--seed 1]

FOLDER holds ``meta.json`` (tables, columns and their kinds, primary keys, foreign keys, order columns) and ``train/``
and ``holdout/`` with a CSV file a table. The judge is any Python with SDMetrics, LightGBM and pandas; the oracle a
folder with ``evaluate_multi.py``. Figures: CPU-seconds of this process.
"""

from __future__ import annotations

import argparse
import csv
import json
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import understudy
from understudy import workflow
from understudy.storage.models import save_model

KINDS = {"categorical": "TEXT", "datetime": "DATE"}
SHOWN = (
    "Column Shapes",
    "Column Pair Trends",
    "Cardinality",
    "Intertable Trends",
    "c2st_child",
    "c2st_agg",
    "c2st_trans",
    "top_child",
    "top",
    "seq_len",
    "msas_stat",
    "msas_interrow",
    "lag1_absdiff",
    "c2st_err",
    "sdm_err",
)


def rows_of(path: Path) -> tuple[list[str], list[list[str | None]]]:
    """A CSV file's header and rows; empty is null."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    return header, [[v or None for v in row] for row in rows]


def sql_type(kind: str, values: list[str | None]) -> str:
    """A column's type in SQL, by its kind and what stands in it."""
    if kind in KINDS:
        return KINDS[kind]
    there = [v for v in values if v is not None]
    if all(v.lstrip("-").isdigit() for v in there):
        return "INTEGER"
    return "TEXT" if kind == "id" else "REAL"


def load(folder: Path, meta: dict[str, Any], to: Path) -> dict[str, int]:
    """A SQLite database of a folder's files, with the keys that ``meta`` tells; rows per table."""
    counts = {}
    with sqlite3.connect(to) as connection:
        for table, told in meta["tables"].items():
            header, rows = rows_of(folder / f"{table}.csv")
            lines = []
            for place, name in enumerate(header):
                values = [r[place] for r in rows]
                ends = " PRIMARY KEY" if name == told["pk"] else "" if None in values else " NOT NULL"
                lines.append(f'"{name}" {sql_type(told["columns"][name], values)}{ends}')
            for key in meta["fks"]:
                if key["child"] == table:
                    lines.append(f'FOREIGN KEY ("{key["col"]}") REFERENCES "{key["parent"]}" ("{key["pcol"]}")')
            if own := meta.get("own", {}).get(table):
                lines.append(f'FOREIGN KEY ("{own}") REFERENCES "{table}" ("{told["pk"]}")')
            connection.execute(f'CREATE TABLE "{table}" ({", ".join(lines)})')
            connection.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(header))})', rows)
            counts[table] = len(rows)
    return counts


def unload(database: Path, meta: dict[str, Any], to: Path) -> dict[str, int]:
    """The tables of a database as CSV files."""
    to.mkdir(exist_ok=True)
    counts = {}
    with sqlite3.connect(database) as connection:
        for table, told in meta["tables"].items():
            columns = ", ".join(f'"{c}"' for c in told["columns"])
            rows = connection.execute(f'SELECT {columns} FROM "{table}"').fetchall()
            with (to / f"{table}.csv").open("w", newline="") as file:
                csv.writer(file).writerows([list(told["columns"]), *rows])
            counts[table] = len(rows)
    return counts


def measure(folder: Path, work: Path, privacy: str, seed: int, judge: str, oracle: str) -> None:
    """Fit, make, judge, print."""
    meta = json.loads((folder / "meta.json").read_text())
    counts = load(folder / "train", meta, work / "real.db")
    began = time.process_time()
    fitted = workflow.fit(f"sqlite:///{work}/real.db", privacy=privacy, seed=seed)
    fit = time.process_time() - began
    save_model(fitted, work / "it.model")
    roots = {t: counts[t] for t in counts if all(k["child"] != t for k in meta["fks"])}
    began = time.process_time()
    manifest = understudy.generate(str(work / "it.model"), to=f"sqlite:///{work}/made.db", rows=roots, seed=seed)
    made = unload(work / "made.db", meta, work / "made")
    making = time.process_time() - began
    print(f"\n{folder.name}: fitted {sum(counts.values()):,} rows in {fit:.1f} CPU-s, made {sum(made.values()):,} in")
    print(f"  {making:.1f} CPU-s with everything; holds: {manifest.holds}; rows {counts} -> {made}")
    if judge:
        code = f"import sys,json; sys.path.insert(0,{oracle!r}); from evaluate_multi import evaluate; "
        code += f"print(json.dumps(evaluate({str(folder)!r},{str(work / 'made')!r})))"
        told = subprocess.run([judge, "-c", code], check=False, capture_output=True, text=True, timeout=1200)
        if told.returncode:
            raise SystemExit(told.stderr)
        found = json.loads(told.stdout.splitlines()[-1])
        for name in SHOWN:
            if name in found:
                print(f"  {name:20s} {_short(found[name])}")


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, dict):
        return "  ".join(f"{k} {_short(v)}" for k, v in value.items())
    return str(value)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--privacy", default="medium")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--judge", default="")
    parser.add_argument("--oracle", default="")
    parser.add_argument("--keep", type=Path, help="a folder in which databases and files are kept")
    chosen = parser.parse_args()
    for folder in chosen.folders:
        with tempfile.TemporaryDirectory() as temporary:
            work = Path(temporary)
            if chosen.keep:
                work = chosen.keep / folder.name
                work.mkdir(parents=True, exist_ok=True)
                for old in work.glob("*.db"):
                    old.unlink()
            measure(folder, work, chosen.privacy, chosen.seed, chosen.judge, chosen.oracle)


if __name__ == "__main__":
    main()
