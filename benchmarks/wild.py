"""A large schema as nasty as real ones, made up, deterministic: read, planned, rehearsed and loaded into PostgreSQL,
judged by an oracle that shares no code with the product, and timed.

1,000 tables, about 1,800 checks of every family (null patterns, discriminators, orders, sums, patterns, documents,
ranges, arrays, calls of functions), 1,900 foreign keys (tenants along two parents, self-references), partial and
expression uniques, exclusions, partitions, domains, composites; with ``--triggers`` 700 triggers besides that stamp,
normalise, raise, number, keep a history, count in a parent.

    python benchmarks/wild.py [--tables 1000] [--rows 100] [--triggers] [--ddl FILE] [--plan-only] [--no-oracle]

Server: PostgreSQL at 127.0.0.1:5432 (postgres, trust).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DATABASE = "us_wild"
SERVER = "postgresql://postgres@127.0.0.1:5432/"
ROOT = Path(__file__).resolve().parent.parent
ORACLE = Path(os.environ.get("UNDERSTUDY_CORPORA", ROOT.parent / "shared" / "corpora")).parent / "oracles/oracle_db.py"

PRELUDE = r"""
CREATE EXTENSION IF NOT EXISTS btree_gist; CREATE EXTENSION IF NOT EXISTS citext;
CREATE TYPE level AS ENUM ('low', 'mid', 'high');
CREATE TYPE money_t AS (amount numeric(12,2), currency char(3));
CREATE DOMAIN email_d AS text CHECK (VALUE ~* '^[a-z0-9._]+@[a-z0-9.]+\.[a-z]{2,}$' AND octet_length(VALUE) <= 80);
CREATE DOMAIN percent AS numeric(5,2) CHECK (VALUE BETWEEN 0 AND 100);
CREATE FUNCTION code_ok(c text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
  $$ BEGIN IF c IS NULL THEN RETURN true; END IF; RETURN c ~ '^[A-Z]{2}-\d{4}$'; END $$;
CREATE FUNCTION positive(n numeric) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT n > 0';
CREATE TABLE tenant (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, kind text NOT NULL
  CHECK (kind IN ('free', 'paid')));
"""

PUBLIC = "'public'::regnamespace"
COUNTS = f"""
SELECT (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = {PUBLIC}),
  count(*) FILTER (WHERE contype = 'c'), count(*) FILTER (WHERE contype = 'f'), count(*) FILTER (WHERE contype = 'x'),
  (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)
FROM pg_constraint WHERE connamespace = {PUBLIC}
"""
LOADED = f"""
ANALYZE; SELECT sum(reltuples)::bigint FROM pg_class WHERE relkind = 'r' AND relnamespace = {PUBLIC}
"""

TRIGGERS = r"""
CREATE TABLE history (id bigserial PRIMARY KEY, source text NOT NULL, row_id bigint NOT NULL, at timestamptz NOT NULL);
CREATE TABLE census (source text PRIMARY KEY, held bigint NOT NULL DEFAULT 0);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.touched_at := coalesce(NEW.touched_at, now()); RETURN NEW; END $$;
CREATE FUNCTION normalise() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.title := upper(trim(NEW.title)); RETURN NEW; END $$;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN IF NEW.weight > 500 THEN RAISE EXCEPTION 'too heavy: %', NEW.weight; END IF; RETURN NEW; END $$;
CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO history (source, row_id, at) VALUES (TG_TABLE_NAME, NEW.id, now()); RETURN NULL; END $$;
CREATE FUNCTION number() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.place := coalesce(NEW.place, 1); RETURN NEW; END $$;
CREATE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO census VALUES (TG_TABLE_NAME, 1) ON CONFLICT (source) DO UPDATE SET held = census.held + 1;
  RETURN NULL; END $$;
"""

FIRING = (
    ("touched_at timestamptz", "BEFORE INSERT OR UPDATE", "stamp"),
    ("title text NOT NULL DEFAULT ''", "BEFORE INSERT", "normalise"),
    ("weight numeric(8,2) NOT NULL DEFAULT 0", "BEFORE INSERT OR UPDATE", "refuse"),
    ("", "AFTER INSERT", "remember"),
    ("place int", "BEFORE INSERT", "number"),
    ("", "AFTER INSERT", "tally"),
)
"""The column that a trigger is about, when it fires, its function."""

FAMILIES = (
    # columns of a table, and its checks; {n} is the table's number
    ("a_{n} int, b_{n} text, c_{n} date", "CHECK (num_nonnulls(a_{n}, b_{n}, c_{n}) = 1)"),
    ("p_{n} text, q_{n} int", "CHECK (num_nonnulls(p_{n}, q_{n}) IN (0, 2))"),
    (
        "kind text NOT NULL, card text, iban text",
        "CHECK (CASE kind WHEN 'card' THEN card IS NOT NULL AND iban IS NULL WHEN 'bank' THEN iban IS NOT NULL "
        "AND card IS NULL ELSE card IS NULL AND iban IS NULL END), CHECK (kind IN ('card', 'bank', 'cash'))",
    ),
    (
        "started timestamptz NOT NULL, ended timestamptz",
        "CHECK (ended > started), CHECK (ended <= started + interval '30 days')",
    ),
    (
        "net numeric(12,2) NOT NULL, vat numeric(12,2) NOT NULL, gross numeric(12,2) NOT NULL",
        "CHECK (gross = net + vat), CHECK (net >= 0 AND vat >= 0)",
    ),
    ("w1 percent NOT NULL, w2 percent NOT NULL, w3 percent NOT NULL", "CHECK (w1 + w2 + w3 = 100)"),
    ("code varchar(20) NOT NULL", "CHECK (code ~ '^[A-Z]{{3}}-[0-9]+$' AND char_length(code) <= 12)"),
    ("slug text NOT NULL", "CHECK (slug = lower(slug)), CHECK (slug !~ '\\s' AND char_length(trim(slug)) > 0)"),
    ("doc jsonb NOT NULL", "CHECK (jsonb_typeof(doc->'items') = 'array'), CHECK (doc ? 'id' AND (doc->>'n')::int > 0)"),
    ("tags text[] NOT NULL", "CHECK (cardinality(tags) BETWEEN 1 AND 5), CHECK (tags <@ ARRAY['x','y','z','w'])"),
    ("span int4range NOT NULL", "CHECK (upper(span) - lower(span) BETWEEN 2 AND 20), CHECK (NOT isempty(span))"),
    ("price money_t NOT NULL", "CHECK ((price).amount > 0 AND (price).currency IN ('EUR', 'USD'))"),
    ("ref text", "CHECK (code_ok(ref))"),
    ("amount numeric(10,2) NOT NULL", "CHECK (positive(amount)), CHECK (amount < 100000)"),
    ("qty int NOT NULL, held int NOT NULL", "CHECK (held <= qty AND held >= 0), CHECK (qty % 6 = 0)"),
    ("flags int NOT NULL", "CHECK (flags & 4 = 0 AND flags BETWEEN 0 AND 63)"),
    ("due date NOT NULL", "CHECK (extract(dow FROM due) NOT IN (0, 6))"),
    ("month date NOT NULL", "CHECK (date_trunc('month', month) = month)"),
    ("lo int NOT NULL, hi int NOT NULL", "CHECK (lo < hi), CHECK (greatest(lo, hi) <= 1000)"),
    ("mail email_d NOT NULL, state level NOT NULL DEFAULT 'low'", "CHECK (state <> 'high' OR mail LIKE '%.com')"),
    ("addr inet NOT NULL", "CHECK (family(addr) = 4), CHECK (addr << inet '10.0.0.0/8')"),
    ("x int NOT NULL, y int NOT NULL", "CHECK ((x, y) < (50, 0)), CHECK (x >= 0 AND y >= 0)"),
    ("yes boolean NOT NULL, no boolean NOT NULL", "CHECK (yes <> no)"),
    ("status text NOT NULL, done_at timestamptz", "CHECK ((status = 'done') = (done_at IS NOT NULL)), "
     "CHECK (status IN ('open', 'done'))"),
)  # fmt: skip


def schema(tables: int, triggers: bool = False) -> Iterator[str]:
    """The DDL, table by table; every table has an id and a tenant, and refers to earlier ones."""
    yield PRELUDE + (TRIGGERS if triggers else "")
    for n in range(1, tables):
        yield _table(n)
        if triggers and n % 10 < 7:
            yield _trigger(n)


def _trigger(n: int) -> str:
    column, when, function = FIRING[n % len(FIRING)]
    added = f"ALTER TABLE t{n} ADD {column}; " if column else ""
    return f"{added}CREATE TRIGGER t{n}_{function} {when} ON t{n} FOR EACH ROW EXECUTE FUNCTION {function}();\n"


def _table(n: int) -> str:
    columns, checks = FAMILIES[n % len(FAMILIES)]
    more, further = FAMILIES[(n * 7 + 3) % len(FAMILIES)]
    parts = ["id bigint GENERATED BY DEFAULT AS IDENTITY", "tenant_id bigint NOT NULL REFERENCES tenant"]
    parts.append(columns.format(n=n))
    extra = [checks.format(n=n)]
    if n % 3 == 0 and not _names(more) & _names(columns):
        parts.append(more.format(n=n))
        extra.append(further.format(n=n))
    for k, other in enumerate(dict.fromkeys(o for o in ((n * 31) % n, (n * 17 + 5) % n) if 0 < o < n and o % 40)):
        null = "" if k == 0 else " NOT NULL"
        parts.append(f"ref{k}_id bigint{null if n % 5 else ''}")
        extra.append(f"FOREIGN KEY (tenant_id, ref{k}_id) REFERENCES t{other} (tenant_id, id)")
    if n % 9 == 0:
        parts.append("parent_id bigint")
        extra.append(f"FOREIGN KEY (tenant_id, parent_id) REFERENCES t{n} (tenant_id, id)")
    extra += ["PRIMARY KEY (id)", "UNIQUE (tenant_id, id)"] if n % 40 else ["PRIMARY KEY (id, tenant_id)"]
    made = f"CREATE TABLE t{n} (" + ", ".join(parts + extra) + ")"
    if n % 40 == 0:
        made += " PARTITION BY HASH (tenant_id);\n"
        made += f"CREATE TABLE t{n}_0 PARTITION OF t{n} FOR VALUES WITH (MODULUS 1, REMAINDER 0)"
    return made + ";\n" + _indexes(n)


def _names(columns: str) -> set[str]:
    return {c.split()[0] for c in columns.split(", ")}


def _indexes(n: int) -> str:
    match n % 12:
        case 1:
            index = f"CREATE UNIQUE INDEX ON t{n} (tenant_id, lower(coalesce(label, '')))"
            return f"ALTER TABLE t{n} ADD label text; {index};\n"
        case 2:
            return (
                f"ALTER TABLE t{n} ADD gone timestamptz, ADD key text NOT NULL DEFAULT 'x';"
                f"CREATE UNIQUE INDEX ON t{n} (tenant_id, key) WHERE gone IS NULL;\n"
            )
        case 3:
            return (
                (
                    f"ALTER TABLE t{n} ADD room int NOT NULL DEFAULT 1, ADD held tstzrange NOT NULL;"
                    f"ALTER TABLE t{n} ADD EXCLUDE USING gist (room WITH =, held WITH &&);\n"
                )
                if "held" not in FAMILIES[n % len(FAMILIES)][0] + FAMILIES[(n * 7 + 3) % len(FAMILIES)][0]
                else ""
            )
        case 4:
            return f"ALTER TABLE t{n} ADD rank int NOT NULL DEFAULT 0, ADD UNIQUE (tenant_id, rank);\n"
    return ""


def psql(database: str, text: str) -> str:
    command = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode()[:2000])
    return done.stdout.decode().strip()


class Cost(NamedTuple):
    """Wall seconds, CPU seconds of a client and of its database sessions, the client's greatest memory."""

    seconds: float
    client: float
    server: float
    memory_mb: float

    @property
    def cpu(self) -> float:
        return self.client + self.server

    def __str__(self) -> str:
        cpu = f"{self.client:.1f} CPU-s and {self.server:.1f} in the server"
        return f"{self.seconds:.1f} s, {cpu}, {self.memory_mb:.0f} MB"


def timed(command: list[str], database: str = DATABASE) -> tuple[Cost, str]:
    """What a command cost, and what it printed."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with Sessions(database) as sessions:
        done = subprocess.run(command, capture_output=True, check=False)
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    if done.returncode:
        raise SystemExit((done.stdout + done.stderr).decode()[-3000:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, cpu, sessions.cpu, after.ru_maxrss / 1024), done.stdout.decode()


class Sessions:
    """CPU seconds of the server's processes that serve our database, looked at while they live (Linux, one machine)."""

    def __init__(self, database: str) -> None:
        self._database = f" {database} ".encode()
        self._seen: dict[str, int] = {}
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Sessions:
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()

    @property
    def cpu(self) -> float:
        return sum(self._seen.values()) / os.sysconf("SC_CLK_TCK")

    def _look(self) -> None:
        while not self._done.wait(0.3):
            for place in Path("/proc").glob("[0-9]*"):
                try:
                    if self._database in (place / "cmdline").read_bytes():
                        fields = (place / "stat").read_text().rpartition(")")[2].split()
                        self._seen[place.name] = int(fields[11]) + int(fields[12])
                except OSError:
                    continue  # it ended meanwhile


def judged(folder: Path, attempted: dict[str, int]) -> str:
    """What the oracle says of the load, by queries of its own; SystemExit where it does not hold."""
    sent, before = folder / "attempted.json", folder / "before.json"
    sent.write_text(json.dumps(attempted))
    command = [sys.executable, str(ORACLE), "check", "--url", SERVER, "--db", DATABASE, "--attempted", str(sent)]
    done = subprocess.run([*command, "--baseline", str(before)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"oracle: {(done.stdout + done.stderr)[-2000:]}")
    return " ".join(done.stdout.split()[:60])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--triggers", action="store_true")
    parser.add_argument("--ddl", default="")
    parser.add_argument("--plan-only", action="store_true")
    parser.add_argument("--oracle", action=argparse.BooleanOptionalAction, default=ORACLE.exists())
    options = parser.parse_args()
    ddl = "".join(schema(options.tables, options.triggers))
    if options.ddl:
        Path(options.ddl).write_text(ddl)
        return
    psql("postgres", f"DROP DATABASE IF EXISTS {DATABASE}")
    psql("postgres", f"CREATE DATABASE {DATABASE}")
    try:
        psql(DATABASE, ddl)
        with tempfile.TemporaryDirectory() as folder:
            run(options, Path(folder))
    finally:
        psql("postgres", f"DROP DATABASE {DATABASE}")


def run(options: argparse.Namespace, folder: Path) -> None:
    """Plan, then the whole of it, then the judge."""
    print("tables, checks, foreign keys, exclusions, triggers:", psql(DATABASE, COUNTS).replace("|", ", "), flush=True)
    url = SERVER + DATABASE
    tool = [sys.executable, "-m", "understudy.cli.main"]
    told, _ = timed([*tool, "plan", url, "--rows", str(options.rows), "--save", f"{folder}/wild.plan"])
    print(f"read and plan: {told}", flush=True)
    if options.plan_only:
        return
    if options.oracle:
        snapshot = [sys.executable, str(ORACLE), "snapshot", "--url", SERVER, "--db", DATABASE]
        timed([*snapshot, "--out", str(folder / "before.json")])
    command = [*tool, "generate", url, "--to", url, "--rows", str(options.rows), "--json"]
    told, said = timed([*command, "--certificate", str(folder / "certificate")])
    print(f"read, plan, rehearse, load, verify: {told}", flush=True)
    manifest = json.loads(said)
    print(
        f"rehearsed {manifest.get('rehearsed', 0):,} rows, {len(manifest.get('learned', ()))} lessons; rows:",
        psql(DATABASE, LOADED),
    )
    sizes = {p.name: f"{p.stat().st_size / 1e6:.1f} MB" for p in (folder / "certificate").iterdir()}
    print("certificate:", sizes, flush=True)
    if options.oracle:
        print(judged(folder, {t["name"]: t["sent"] for t in manifest["tables"]}))


if __name__ == "__main__":
    main()
