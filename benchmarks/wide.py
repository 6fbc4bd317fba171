"""Reading files of very many columns: cost must be linear in columns.

    python benchmarks/wide.py [--columns 500,1000,2000] [--rows 100]

Writes a CSV file (a sixth each of whole numbers, decimals, words, dates, texts and truth values; columns are called
``col_17``, so that all share a word) and reads it as `understudy inspect` does: form, types, profile, fusion.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def written(place: Path, columns: int, rows: int) -> None:
    """The file; deterministic."""
    r = random.Random(1)
    kinds: tuple[Callable[[], str], ...] = (
        lambda: str(r.randint(0, 500)),
        lambda: f"{r.gauss(10, 3):.3f}",
        lambda: r.choice(("red", "green", "blue")),
        lambda: f"20{r.randint(10, 24)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
        lambda: "".join(r.choice("abcdefghij ") for _ in range(20)),
        lambda: r.choice(("true", "false")),
    )
    with place.open("w") as f:
        f.write(",".join(f"col_{i}" for i in range(columns)) + "\n")
        for _ in range(rows):
            f.write(",".join(kinds[i % len(kinds)]() for i in range(columns)) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--columns", default="500,1000,2000")
    parser.add_argument("--rows", type=int, default=100)
    options = parser.parse_args()
    from understudy.workflow.reading import Reading, read

    with tempfile.TemporaryDirectory() as folder:
        for columns in (int(n) for n in options.columns.split(",")):
            place = Path(folder) / f"wide_{columns}.csv"
            written(place, columns, options.rows)
            started = time.process_time()
            schema = read([str(place)], reading=Reading(cache=False))
            took = time.process_time() - started
            found = len(schema.entities[0].fields)
            print(f"{found:6} columns  {took:6.2f} CPU-s  {1000 * took / found:.2f} ms a column", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
