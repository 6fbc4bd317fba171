"""The shop workload: Understudy, Faker, Mimesis, DuckDB SQL by hand, and the floor of only writing.

    python benchmarks/shop.py [--orders 1000000] [--only understudy,floor,…] [--workers 1] [--out docs/…]

Each contender runs as a process of its own and writes the same six tables as Parquet (snappy) to a fresh
folder; what counts is rows per CPU-second (user + system, the whole process tree) and the peak memory of the
largest process. Faker and Mimesis are measured at a smaller size (their cost is linear) and said so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCHEMA = HERE / "shop.schema.yaml"
CONTENDERS = ("understudy", "floor", "duckdb", "mimesis", "faker")
SMALLER = {"mimesis": 20, "faker": 50}
"""How many times fewer orders the row-by-row contenders make."""


def sizes(orders: int) -> list[str]:
    """The wishes for Understudy: everything else follows from the fan-outs in the schema file."""
    return ["--rows", f"orders={orders}", "--rows", f"products={max(1000, orders // 100)}"]


def command(name: str, orders: int, folder: Path, workers: int, ready: Path) -> list[str]:
    here = [sys.executable, str(HERE / "shop_peers.py")]
    match name:
        case "understudy":
            run = [sys.executable, "-m", "understudy.cli.main", "generate", str(SCHEMA), "--to", str(folder)]
            return [*run, "--format", "parquet", *sizes(orders), "--seed", "1", "--workers", str(workers), "--quiet"]
        case "floor":
            return [*here, "floor", str(orders), str(folder), str(ready)]
    return [*here, name, str(orders), str(folder)]


def measure(run: list[str], folder: Path) -> dict[str, float]:
    """CPU seconds, wall seconds and peak memory of one run, and the rows it wrote."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    probe = (
        "import resource,subprocess,sys,json,time;t=time.time();"
        "r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);u=resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps([r.returncode,u.ru_utime+u.ru_stime,time.time()-t,u.ru_maxrss]))"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", probe, *run], capture_output=True, check=True, env=environment)
    code, cpu, wall, peak = json.loads(done.stdout.splitlines()[-1])
    if code:
        raise RuntimeError(f"{run[:4]}: {done.stderr.decode()[-800:]}")
    import pyarrow.parquet as pq

    rows = sum(pq.read_metadata(f).num_rows for f in folder.rglob("*.parquet"))
    size = sum(f.stat().st_size for f in folder.rglob("*.parquet"))
    if (folder / "cpu.txt").exists():
        cpu = float((folder / "cpu.txt").read_text())
    return {"cpu": cpu, "wall": wall, "peak_mb": peak / 1024, "rows": rows, "size_mb": size / 2**20}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=lambda n: int(float(n)), default=1_000_000)
    parser.add_argument("--only", default=",".join(CONTENDERS))
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--out", default="")
    options = parser.parse_args()
    wanted = [n for n in CONTENDERS if n in options.only.split(",")]
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        ready = Path(scratch) / "understudy"
        if "floor" in wanted and "understudy" not in wanted:
            wanted.insert(0, "understudy")
        for name in wanted:
            orders = max(1000, options.orders // SMALLER.get(name, 1))
            folder = ready if name == "understudy" else Path(scratch) / name
            runs = [
                measure(command(name, orders, folder, options.workers, ready), folder) for _ in range(options.repeat)
            ]
            found[name] = min(runs, key=lambda r: r["cpu"])
            if name not in ("understudy", "floor"):
                shutil.rmtree(folder)
            print(line(name, found[name], found.get("understudy")), flush=True)
    text = "\n".join([heading(options), *(line(n, r, found.get("understudy")) for n, r in found.items())])
    if options.out:
        with Path(options.out).open("a", encoding="utf-8") as f:
            f.write(f"\n```\n{text}\n```\n")
    return 0


def heading(options: argparse.Namespace) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"shop, {options.orders:,} orders, {options.workers} worker(s), {date.today().isoformat()}, {machine}"


def line(name: str, r: dict[str, float], ours: dict[str, float] | None) -> str:
    rate = r["rows"] / r["cpu"]
    ratio = "" if ours is None or ours is r else f"  understudy is {ours['rows'] / ours['cpu'] / rate:.2f} times"
    return (
        f"{name:11} {r['rows']:>12,.0f} rows  {r['cpu']:8.2f} CPU-s  {r['wall']:8.2f} s  {rate:>12,.0f} rows/CPU-s  "
        f"{r['peak_mb']:6.0f} MB  {r['size_mb']:7.0f} MB written{ratio}"
    )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    started = time.time()
    status = main()
    print(f"({time.time() - started:.0f} s)", file=sys.stderr)
    sys.exit(status)
