"""Reading and planning wide schemas: cost must be linear in tables.

    python benchmarks/thousand.py [--tables 250,500,1000] [--rows 100] [--url postgresql://…]

Writes a schema of so many tables (PostgreSQL DDL: about 16 columns, 2 foreign keys and 2 checks a table),
reads it from the dump (and, with --url, live from a database that this script makes and drops) and plans it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

SUBJECTS = (
    "account", "order", "item", "invoice", "payment", "ticket", "asset", "device", "member", "course", "booking",
    "shipment", "policy", "claim",
)  # fmt: skip
PLAIN = (
    "title varchar(80) NOT NULL", "description text", "email varchar(120)", "quantity integer NOT NULL",
    "unit_price numeric(10,2) NOT NULL", "status varchar(12) NOT NULL", "is_active boolean NOT NULL DEFAULT true",
    "created_at timestamptz NOT NULL", "updated_at timestamptz", "starts_on date", "ends_on date",
    "country_code char(2)",
)  # fmt: skip


def ddl(tables: int) -> str:
    """The schema's text; deterministic."""
    out = []
    for i in range(tables):
        name = f"{SUBJECTS[i % len(SUBJECTS)]}_{i:04d}"
        columns = ["id bigserial PRIMARY KEY", *PLAIN, "code varchar(20) NOT NULL UNIQUE"]
        for step in (1, 7):
            if i >= step:
                parent = f"{SUBJECTS[(i - step) % len(SUBJECTS)]}_{i - step:04d}"
                null = " NOT NULL" if step == 1 else ""
                columns.append(f"{parent}_id bigint{null} REFERENCES {parent} (id)")
        columns.append("CHECK (quantity BETWEEN 1 AND 100 AND unit_price > 0)")
        columns.append("CHECK (status IN ('new', 'open', 'closed') AND (ends_on IS NULL OR ends_on >= starts_on))")
        out.append(f"CREATE TABLE {name} (\n  " + ",\n  ".join(columns) + "\n);\n")
    return "\n".join(out)


def measure(label: str, source: str, rows: int) -> None:
    from understudy import workflow
    from understudy.model.request import Request

    started = time.process_time()
    schema = workflow.read([source])
    read = time.process_time() - started
    started = time.process_time()
    bundle = workflow.plan_schema(schema, Request(default_rows=rows, seed=1, clock=1_790_000_000_000_000))
    plan = time.process_time() - started
    columns = sum(len(e.fields) for e in schema.entities)
    print(
        f"{label:24} {len(schema.entities):5} tables {columns:6} columns  read {read:6.2f} CPU-s  "
        f"plan {plan:6.2f} CPU-s  unmet {len(bundle.plan.unmet)}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", default="250,500,1000")
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument(
        "--url", default="", help="a PostgreSQL server, postgresql://user@host/ ; a database is made and dropped"
    )
    options = parser.parse_args()
    for count in (int(n) for n in options.tables.split(",")):
        text = ddl(count)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "schema.sql"
            place.write_text(text)
            measure("dump", str(place), options.rows)
        if options.url:
            live(options.url, text, count, options.rows)
    return 0


def live(url: str, text: str, count: int, rows: int) -> None:
    import psycopg

    base, name = url.rstrip("/"), f"us_thousand_{count}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as c:
        c.execute(f"DROP DATABASE IF EXISTS {name}")
        c.execute(f"CREATE DATABASE {name}")
    try:
        with psycopg.connect(f"{base}/{name}", autocommit=True) as c:
            c.execute(text)
        measure("live PostgreSQL", f"{base}/{name}", rows)
    finally:
        with psycopg.connect(f"{base}/postgres", autocommit=True) as c:
            c.execute(f"DROP DATABASE {name}")


if __name__ == "__main__":
    sys.exit(main())
