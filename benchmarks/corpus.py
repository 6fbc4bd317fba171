"""The main job on schemas nobody here wrote, judged by an oracle that shares no code with the product.

For every schema of the corpus (``UNDERSTUDY_CORPORA``, default ``../shared/corpora``): load it in its real
server, take the oracle's snapshot, run ``understudy generate URL --to URL --rows N`` as a user would,
let the oracle judge. Prints a line per schema; exit status 1 if any fails.

    python benchmarks/corpus.py [--rows 1000] [--only NAME,NAME] [--as-loaded] [--folder DIR] [--keep] [--out F.json]
                                [--prefix us_corpus_PID] [--seed 7] [--events]

Every run has databases of its own (their names begin with the prefix) and drops them, also when something failed.
``--keep`` leaves them. A schema with tables that can take no row is refused as a whole (that is shown), and loaded
once more without them.

``--as-loaded`` keeps the rows that the schema brings (and adds to them); else tables are emptied first.
Servers: PostgreSQL at 127.0.0.1:5432 (postgres, trust), MariaDB at 127.0.0.1:3306 (root, no password).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPORA = Path(os.environ.get("UNDERSTUDY_CORPORA", ROOT.parent / "shared" / "corpora"))
ORACLE = CORPORA.parent / "oracles" / "oracle_db.py"
PG = "postgresql://postgres@127.0.0.1:5432/"
MARIA = "mariadb://root@127.0.0.1:3306/"


LEFT_OUT = re.compile(r"--except (\S+) leaves it out")
"""How the product names a table that takes no row, before it loads anything."""


ONE_VALUE = "one value in every row"

EQUAL = re.compile(r"^\(*\"?(?P<column>\w+)\"?\)*(?:::[\w ]+)?\)* = '[^']*'(?:::[\w ]+)?\)*$")
"""A check that leaves one value."""


class Server:
    """One throw-away database."""

    def __init__(self, name: str, dialect: str, folder: Path) -> None:
        self.name, self.dialect, self.folder = name, dialect, folder

    @property
    def url(self) -> str:
        match self.dialect:
            case "postgresql":
                return PG + self.name
            case "mariadb":
                return MARIA + self.name
        return f"sqlite:///{self.folder / self.name}.db"

    @property
    def oracle(self) -> list[str]:
        match self.dialect:
            case "postgresql":
                return ["--url", PG, "--db", self.name]
            case "mariadb":
                return ["--url", MARIA, "--db", self.name]
        return ["--url", f"sqlite://{self.folder / self.name}.db"]

    def load(self, place: Path) -> None:
        files = [f for f in (place / "schema.sql", place / "data.sql") if f.exists()]
        match self.dialect:
            case "postgresql":
                psql("postgres", f'DROP DATABASE IF EXISTS "{self.name}"')
                psql("postgres", f'CREATE DATABASE "{self.name}"')
                for f in files:
                    command = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-qX", "-v", "ON_ERROR_STOP=1"]
                    run([*command, "-d", self.name, "-f", str(f)], cwd=place)
            case "mariadb":
                mariadb(
                    "", f"DROP DATABASE IF EXISTS `{self.name}`; CREATE DATABASE `{self.name}` CHARACTER SET utf8mb4"
                )
                for f in files:
                    with f.open("rb") as source:
                        run(["mariadb", "-h", "127.0.0.1", "-u", "root", self.name], cwd=place, stdin=source)
            case _:
                (self.folder / f"{self.name}.db").unlink(missing_ok=True)
                for f in files:
                    with f.open("rb") as source:
                        run(["sqlite3", "-bail", str(self.folder / f"{self.name}.db")], cwd=place, stdin=source)

    def empty(self) -> None:
        """Remove every row, without touching structure."""
        match self.dialect:
            case "postgresql":
                psql(
                    self.name,
                    "DO $$ DECLARE t text; BEGIN SELECT string_agg(c.oid::regclass::text, ', ') INTO t FROM pg_class c "
                    "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p') "
                    "AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' "
                    "AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = c.oid); "
                    "IF t IS NOT NULL THEN EXECUTE 'TRUNCATE ' || t || ' RESTART IDENTITY CASCADE'; "
                    "END IF; END $$",
                )
            case "mariadb":
                names = mariadb(
                    self.name,
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() "
                    "AND table_type = 'BASE TABLE'",
                ).split("\n")
                body = "".join(f"TRUNCATE TABLE `{n}`;" for n in names if n)
                mariadb(self.name, f"SET FOREIGN_KEY_CHECKS = 0; {body}")
            case _:
                with sqlite3.connect(self.folder / f"{self.name}.db") as c:
                    query = "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                    for (name,) in c.execute(query).fetchall():
                        quoted = name.replace('"', '""')
                        c.execute(f'DELETE FROM "{quoted}"')

    def drop(self) -> None:
        match self.dialect:
            case "postgresql":
                psql("postgres", f'DROP DATABASE IF EXISTS "{self.name}"')
            case "mariadb":
                mariadb("", f"DROP DATABASE IF EXISTS `{self.name}`")
            case _:
                (self.folder / f"{self.name}.db").unlink(missing_ok=True)


def run(command: list[str], **options) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(command, capture_output=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')[-600:]}")
    return done


def psql(database: str, sql: str) -> str:
    command = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-d", database, "-qXAt", "-v", "ON_ERROR_STOP=1"]
    return run([*command, "-c", sql]).stdout.decode()


def mariadb(database: str, sql: str) -> str:
    command = ["mariadb", "-h", "127.0.0.1", "-u", "root", "-N", "-B", *([database] if database else [])]
    return run([*command, "-e", sql]).stdout.decode().strip()


def judge(entry: dict, place: Path, folder: Path, options: argparse.Namespace) -> dict:
    server = Server(f"{options.prefix}_{entry['name']}", entry["dialect"], folder)
    try:
        return judged(server, entry, place, folder, options)
    finally:
        if not options.keep:
            server.drop()


def judged(server: Server, entry: dict, place: Path, folder: Path, options: argparse.Namespace) -> dict:
    server.load(place)
    if not options.as_loaded:
        server.empty()
    before = folder / f"{entry['name']}.before.json"
    report = folder / f"{entry['name']}.report.json"
    run([sys.executable, str(ORACLE), "snapshot", *server.oracle, "--out", str(before)])
    command = [sys.executable, "-m", "understudy.cli.main", "generate", server.url, "--to", server.url]
    command += [
        "--rows",
        str(options.rows),
        "--seed",
        str(options.seed),
        "--json",
        *(["--append"] if options.as_loaded else []),
    ]
    started, usage = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    made = subprocess.run(command, capture_output=True, check=False, timeout=1800)
    lines = [x for x in made.stderr.decode(errors="replace").splitlines() if LEFT_OUT.search(x)]
    named = dict.fromkeys(t for line in lines for t in LEFT_OUT.findall(line))
    if made.returncode and named:
        command += [word for t in named for word in ("--except", t)]
        made = subprocess.run(command, capture_output=True, check=False, timeout=1800)
    seconds = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    result = {"name": entry["name"], "exit": made.returncode, "seconds": round(seconds, 1), "cpu": round(cpu, 1)}
    if named:
        result["refused"] = lines
    if made.returncode:
        result["error"] = (made.stderr.decode(errors="replace") or made.stdout.decode(errors="replace"))[-1500:]
        return result
    if options.events:
        result["said"] = made.stderr.decode(errors="replace").splitlines()
    manifest = json.loads(made.stdout)
    attempted = {t["name"]: t["sent"] for t in manifest.get("tables", ())}
    sent = folder / f"{entry['name']}.attempted.json"
    sent.write_text(json.dumps(attempted))
    command = [sys.executable, str(ORACLE), "check", *server.oracle, "--baseline", str(before)]
    done = subprocess.run([*command, "--attempted", str(sent), "--out", str(report)], capture_output=True, check=False)
    if not report.exists():
        return {**result, "error": done.stderr.decode(errors="replace")[-600:]}
    said = json.loads(report.read_text())
    result["ok"] = said["ok"]
    result["summary"] = said["summary"]
    result["violations"] = said["violations"][:10]
    result["flags"] = {
        f"{table}.{c['column']}": c["flags"]
        for table, r in said["tables"].items()
        for c in r.get("columns", ())
        if c["flags"]
    }
    result["reversed"] = [
        f"{table}: {' > '.join(p['pair'])} in {p['reversed']}/{p['rows']}"
        for table, r in said["tables"].items()
        for p in r.get("pairs", ())
        if p["reversed"]
    ]
    result["skipped"] = sorted(n for n, r in said["tables"].items() if not r["rows"])
    result["fixed"] = fixed(manifest)
    result["short"] = {n: rows for n, rows in attempted.items() if rows != options.rows}
    return result


def fixed(manifest: dict) -> dict[str, str]:
    """Columns of which the certificate says that they can have one value only, and why: a trigger, or a check."""
    told = {w.split(": ", 1)[0]: "a trigger sets it" for w in manifest.get("warnings", ()) if ONE_VALUE in w}
    for c in manifest.get("constraints", ()):
        if c["kind"] == "check" and (found := EQUAL.match(c["text"])):
            told[f"{c['table']}.{found['column']}"] = f"its check: {c['text']}"
    return told


def unexplained(result: dict) -> list[str]:
    """Columns with one value, or none, for which the certificate gives no reason."""
    known = {n.split(".", 1)[-1] if n.count(".") > 1 else n for n in result["fixed"]} | set(result["fixed"])
    flagged = [n for n, flags in result["flags"].items() if {"CONSTANT", "CONSTANT_OR_NULL", "ALL_NULL"} & set(flags)]
    return [n for n in flagged if n not in known and n.split(".", 1)[-1] not in known]


def show(result: dict) -> None:
    name = result["name"]
    if "summary" not in result:
        print(f"{name:22} FAILED exit {result['exit']}: {result.get('error', '')[-700:]}", flush=True)
        return
    s = result["summary"]
    verdict = "PASS" if result["ok"] and not result["skipped"] else "FAIL"
    print(
        f"{name:22} {verdict}  tables {s['tables']} (empty {s['tables_empty']})  "
        f"rows {s['rows']:,}  rejected {s['rejected']}  violated {s['violated_constraints']}  "
        f"tampered {s['tampered']}  not checked {s['constraints_not_checked']}  all-null {s['all_null']}  "
        f"constant {s['constant']}  flags {s['flags']}  "
        f"{result['seconds']} s, {result['cpu']} CPU-s",
        flush=True,
    )
    for line in result.get("refused", ()):
        print(f"    refused as a whole before the load, exit 2: {line[:400]}")
    for line in result.get("said", ()):
        print(f"    | {line}")
    for v in result["violations"]:
        print(f"    VIOLATED {v['table']} {v['kind']} {v['name']}: {v['rows']} rows {v['text'][:100]}")
    for column, flags in result["flags"].items():
        said = (
            ""
            if column in unexplained(result)
            else next((w for n, w in result["fixed"].items() if column.endswith(n)), "")
        )
        print(f"    {column}: {', '.join(flags)}{f' (said before: {said})' if said else ''}")
    for pair in result["reversed"]:
        print(f"    reversed {pair}")
    if result["skipped"]:
        print(f"    no row in: {', '.join(result['skipped'])}")
    if result["short"]:
        print(f"    other counts: {result['short']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--only", default="")
    parser.add_argument("--folder", default=str(CORPORA / "databases"))
    parser.add_argument("--as-loaded", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--prefix", default=f"us_corpus_{os.getpid()}")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--events", action="store_true", help="print what the product said on the way")
    parser.add_argument("--out", default="")
    options = parser.parse_args()
    entries = json.loads((CORPORA / "databases" / "manifest.json").read_text())
    entries = next(v for v in entries.values() if isinstance(v, list))
    wanted = [n for n in options.only.split(",") if n]
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        for entry in entries:
            place = Path(options.folder) / entry["name"]
            if not (place / "schema.sql").exists() or (wanted and entry["name"] not in wanted):
                continue
            try:
                result = judge(entry, place, Path(scratch), options)
            except (RuntimeError, subprocess.TimeoutExpired) as e:
                result = {"name": entry["name"], "exit": "-", "error": str(e)}
            show(result)
            results.append(result)
    if options.out:
        Path(options.out).write_text(json.dumps(results, indent=1))
    bad = [r for r in results if not r.get("ok") or unexplained(r) or r["skipped"]]
    print(f"{len(results) - len(bad)} of {len(results)} without any finding")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
