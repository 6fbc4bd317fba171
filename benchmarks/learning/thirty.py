"""Thirty tables with data, fitted and made anew: how long it takes, and whether everything refers to something.

    python benchmarks/learning/thirty.py [--tables 30] [--rows 3000] [--seed 0]

Each table but the first refers to one or two earlier ones; its six columns follow its first parent's, and half of the
tables are events in time. Figures: CPU-seconds of this process.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import tempfile
import time
from pathlib import Path

import numpy as np

import understudy
from understudy import workflow
from understudy.storage.models import save_model

WORDS = np.array(["amber", "birch", "coral", "dune", "ember", "fjord", "grove", "heath"])
DAY = np.datetime64("2020-01-01")


def fill(path: Path, tables: int, rows: int, seed: int) -> tuple[int, int]:
    """Write the database; rows in all, and how many tables lie above the deepest."""
    random = np.random.default_rng(seed)
    level: list[np.ndarray] = []
    depth: list[int] = []
    total = 0
    with sqlite3.connect(path) as connection:
        for number in range(tables):
            above = [] if number == 0 else list(dict.fromkeys(random.integers(max(0, number - 6), number, 2).tolist()))
            size = rows // 4 if number < 3 else int(rows * random.uniform(0.5, 1.5))
            parents = [np.sort(random.integers(0, level[p].size, size)) for p in above[:1]]
            parents += [random.integers(0, level[p].size, size) for p in above[1:]]
            own = random.normal(0, 1, size) + (level[above[0]][parents[0]] if above else 0)
            level.append(own)
            depth.append(1 + max((depth[p] for p in above), default=-1))
            keys = [f"t{p}_id INTEGER NOT NULL REFERENCES t{p}" for p in above]
            columns = ["word TEXT NOT NULL", "amount REAL", "size INTEGER NOT NULL", "day DATE NOT NULL"]
            columns += ["flag TEXT NOT NULL", "score INTEGER NOT NULL"]
            connection.execute(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, {', '.join([*keys, *columns])})")
            word = WORDS[np.clip(np.rint(own + 3 + random.normal(0, 0.5, size)), 0, 7).astype(int)]
            amount = np.round(np.exp(own / 2 + random.normal(0, 0.3, size)) * 100, 2)
            gap = random.integers(1, 30, size)
            begins = np.append(True, parents[0][1:] != parents[0][:-1]) if above else np.ones(size, bool)
            upto = np.cumsum(gap)
            day = DAY + (upto - np.maximum.accumulate(np.where(begins, upto, 0)) + 10 * np.rint(np.abs(own))).astype(
                int
            )
            flag = np.where(own + random.normal(0, 0.3, size) > 0, "yes", "no")
            lists = [np.arange(1, size + 1), *(p + 1 for p in parents)]
            lists += [word, amount, np.rint(own * 10), day.astype(str), flag, random.integers(0, 5, size)]
            marks = ", ".join("?" * len(lists))
            values = zip(*(x.tolist() for x in lists), strict=True)
            connection.executemany(f"INSERT INTO t{number} VALUES ({marks})", values)
            total += size
    return total, max(depth)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=30)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        total, depth = fill(work / "real.db", chosen.tables, chosen.rows, chosen.seed)
        began = time.process_time()
        fitted = workflow.fit(f"sqlite:///{work}/real.db")
        fit = time.process_time() - began
        save_model(fitted, work / "it.model")
        size = (work / "it.model").stat().st_size
        began = time.process_time()
        manifest = understudy.generate(
            str(work / "it.model"), to=f"sqlite:///{work}/made.db", rows={"t0": chosen.rows // 4}
        )
        making = time.process_time() - began
        made = sum(t.accepted for t in manifest.tables)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{chosen.tables} tables, {total:,} rows, {depth} levels: fitted in {fit:.1f} CPU-s")
        print(f"model {size / 1e6:.1f} MB; {made:,} rows made in {making:.1f} CPU-s, planning and writing included")
        print(f"holds: {manifest.holds}; peak {peak} MB")


if __name__ == "__main__":
    main()
