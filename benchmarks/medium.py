"""How much longer a load takes than loading the same rows from ready-made files, on a schema of medium size.

The schema of `wild.py` with 50 tables (or one of your own, `--ddl`) is loaded by `understudy generate` into real
PostgreSQL, every constraint on, and judged by the oracle. Then its rows are copied out as CSV, table by table, into
files; a second database with the same structure takes those files by COPY, parents first, in one transaction. What is
compared is CPU: of the client and of its database session. A schema with cycles between tables is not for this
benchmark, for files alone do not break them.

    python benchmarks/medium.py [--tables 50] [--rows 100000] [--ddl FILE] [--no-oracle]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import wild

OTHER = "us_wild_files"

COLUMNS = """
SELECT c.oid::regclass, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
AND a.attgenerated = '' GROUP BY c.oid
"""
EDGES = """
SELECT DISTINCT conrelid::regclass, confrelid::regclass FROM pg_constraint
WHERE contype = 'f' AND conparentid = 0 AND conrelid <> confrelid AND connamespace = 'public'::regnamespace
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=50)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--ddl", default="")
    parser.add_argument("--oracle", action=argparse.BooleanOptionalAction, default=wild.ORACLE.exists())
    options = parser.parse_args()
    ddl = Path(options.ddl).read_text() if options.ddl else "".join(wild.schema(options.tables))
    try:
        for database in (wild.DATABASE, OTHER):
            wild.psql("postgres", f"DROP DATABASE IF EXISTS {database}")
            wild.psql("postgres", f"CREATE DATABASE {database}")
            wild.psql(database, ddl)
        with tempfile.TemporaryDirectory() as folder:
            compare(options, Path(folder))
    finally:
        for database in (wild.DATABASE, OTHER):
            wild.psql("postgres", f"DROP DATABASE IF EXISTS {database}")


def compare(options: argparse.Namespace, folder: Path) -> None:
    """Both loads and their ratio."""
    snapshot = [sys.executable, str(wild.ORACLE), "snapshot", "--url", wild.SERVER, "--db", wild.DATABASE]
    if options.oracle:
        subprocess.run([*snapshot, "--out", str(folder / "before.json")], check=True, capture_output=True)
    url = wild.SERVER + wild.DATABASE
    command = [sys.executable, "-m", "understudy.cli.main", "generate", url, "--to", url, "--json"]
    made, said = wild.timed([*command, "--rows", str(options.rows)])
    sent = {t["name"]: t["sent"] for t in json.loads(said)["tables"]}
    print(f"understudy: {len(sent)} tables, {sum(sent.values()):,} rows: {made}", flush=True)
    order = ordered(copied_out(folder))
    script = folder / "load.sql"
    lines = [rf"\copy {table} ({columns}) FROM '{folder / f'{n}.csv'}' CSV" for n, (table, columns) in order]
    script.write_text("\n".join(["BEGIN;", *lines, "COMMIT;"]))
    where = ["-h", "127.0.0.1", "-U", "postgres", "-d", OTHER]
    ready, _ = wild.timed(["psql", "-qX", "-v", "ON_ERROR_STOP=1", *where, "-f", str(script)], OTHER)
    size = sum(f.stat().st_size for f in folder.glob("*.csv")) / 1e6
    print(f"ready-made files ({size:,.0f} MB of CSV): {ready}")
    print(f"ratio: {made.cpu / ready.cpu:.2f} in CPU, {made.seconds / ready.seconds:.2f} in wall time", flush=True)
    if options.oracle:
        started = time.monotonic()
        print(wild.judged(folder, sent), f"({time.monotonic() - started:.0f} s)")


def copied_out(folder: Path) -> dict[str, tuple[int, str]]:
    """The loaded rows as files; per table the number of its file, and its columns."""
    found = {}
    for n, line in enumerate(wild.psql(wild.DATABASE, COLUMNS).splitlines()):
        table, columns = line.split("|")
        found[table] = (n, columns)
    words = [rf"\copy (SELECT {c} FROM {t}) TO '{folder / f'{n}.csv'}' CSV" for t, (n, c) in found.items()]
    wild.psql(wild.DATABASE, "\n".join(words))
    return found


def ordered(found: dict[str, tuple[int, str]]) -> list[tuple[int, tuple[str, str]]]:
    """Parents first."""
    above: dict[str, set[str]] = {t: set() for t in found}
    for line in wild.psql(wild.DATABASE, EDGES).splitlines():
        child, parent = line.split("|")
        above[child].add(parent)
    done: list[str] = []
    while len(done) < len(found):
        free = [t for t in found if t not in done and above[t] <= set(done)]
        if not free:
            raise SystemExit("its foreign keys make a cycle")
        done += free
    return [(found[t][0], (t, found[t][1])) for t in done]


if __name__ == "__main__":
    main()
