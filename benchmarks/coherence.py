"""Do rows agree? Generates six domain schemas and asks DuckDB, which shares no code with the generator, for violations.

    PYTHONPATH=src python benchmarks/coherence.py --rows 100000 --out docs/evidence/coherence.md

The schemas stand in benchmarks/coherence/*.sql, the rules beside them in *.rules: ``name: SQL that counts violations``;
a table is named as in the schema. Check digits and places are judged by functions written here from the standards, the
language of texts by letters and small words (tongues.py), twenty texts at a time: a single sentence tells too little.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from tongues import tongue

HERE = Path(__file__).parent / "coherence"
SCHEMAS = ("shop", "music", "film", "airline", "hospital", "bank")


# ---- check digits, from the standards ---------------------------------------------------------------
def luhn(text: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    digits = [int(c) for c in reversed(text)]
    return sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def iban(text: str) -> bool:
    """ISO 13616: country and check digits moved behind, letters as numbers, remainder 1."""
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def gtin(text: str) -> bool:
    """GS1 General Specifications: weights 3 and 1 from the right."""
    return sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(reversed(text))) % 10 == 0


def npi(text: str) -> bool:
    """CMS: Luhn with the prefix 80840."""
    return len(text) == 10 and luhn("80840" + text)


def handle(text: str) -> str:
    """Letters and digits of a name as mail addresses write them."""
    import unicodedata

    table = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i", "đ": "d", "ß": "ss", "æ": "ae", "Æ": "AE"})
    plain = unicodedata.normalize("NFKD", text.translate(table)).encode("ascii", "ignore").decode().lower()
    return "".join(c for c in plain if c.isalnum())


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """The generated tables as views, and the functions of the rules."""
    db = duckdb.connect()
    for name, function in (("luhn", luhn), ("iban_ok", iban), ("gtin", gtin), ("npi_ok", npi)):
        db.create_function(name, function, ["VARCHAR"], "BOOLEAN")
    db.create_function("handle", handle, ["VARCHAR"], "VARCHAR")
    db.create_function("tongue", tongue, ["VARCHAR"], "VARCHAR")
    for file in sorted(folder.rglob("*.parquet")):
        name = file.stem if file.parent == folder else file.parent.name
        db.execute(f"create or replace view {name} as select * from '{file}'")
    db.execute(f"create table gazetteer as select * from read_csv('{HERE / 'postcodes.csv'}', all_varchar=true)")
    return db


def rules(schema: str) -> list[tuple[str, str]]:
    """Name and SQL of each rule of a schema."""
    lines = (HERE / f"{schema}.rules").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(": ", 1) for line in lines if line.strip() and not line.startswith("#")]
    return [(name.strip(), sql.strip()) for name, sql in pairs]


def main() -> int:
    """Print, and perhaps keep, the counts; 1 where anything is violated."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--only", default=",".join(SCHEMAS))
    parser.add_argument("--out", default="")
    options = parser.parse_args()
    lines: list[str] = []
    total = 0

    def tell(text: str) -> None:
        print(text, flush=True)
        lines.append(text)

    for schema in options.only.split(","):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / schema
            started = time.monotonic()
            run = [
                sys.executable,
                "-m",
                "understudy.cli.main",
                "generate",
                str(HERE / f"{schema}.sql"),
                "--to",
                str(folder),
            ]
            run += [
                "--format",
                "parquet",
                "--rows",
                str(options.rows),
                "--seed",
                str(options.seed),
                "--quiet",
                "--clock",
                "2026-11-01",
            ]
            subprocess.run(run, check=True)
            db = connect(folder)
            names = [r[0] for r in db.execute("select view_name from duckdb_views() where not internal").fetchall()]
            rows = sum(db.execute(f"select count(*) from {n}").fetchone()[0] for n in names)  # type: ignore[index]
            took = time.monotonic() - started
            tell(f"\n## {schema}: {len(names)} tables, {rows:,} rows, {took:.0f} s\n")
            tell("| rule | rows judged | violations |")
            tell("|---|---:|---:|")
            for name, sql in rules(schema):
                found = db.execute(
                    f"select count(*), count(*) filter (not coalesce(ok, true)) from ({_judged(sql)})"
                ).fetchone()
                assert found is not None
                total += found[1]
                tell(f"| {name} | {found[0]:,} | {found[1]:,} |")
    tell(f"\nViolations in all: {total:,}")
    if options.out:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        day, made = datetime.date.today().isoformat(), f"`benchmarks/coherence.py --rows {options.rows}`"
        head = f"# Coherence\n\nMade by {made}, {day}, {machine}, DuckDB {duckdb.__version__}.\n"
        Path(options.out).write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if total else 0


def _judged(sql: str) -> str:
    """``tables | condition`` as a select (``orders o | o.a <= o.b``); a whole select of a column ``ok`` as it is."""
    if re.match(r"select\b", sql, re.IGNORECASE):
        return sql
    source, _, condition = sql.partition("|")
    return f"select ({condition}) as ok from {source}"


if __name__ == "__main__":
    sys.exit(main())
