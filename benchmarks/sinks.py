"""Sinks alone: ready-made Arrow tables of the shop workload → each sink, and → the bare loader that it is built on.

    python benchmarks/sinks.py [--orders 100000] [--only parquet,csv,jsonl,sqlite,postgresql,duckdb,mysql]

Prints rows per CPU-second (user and system of this process and, for servers, of the server's backend where the system
tells it), sink and bare loader, and their ratio.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from understudy import delivery
from understudy.model.batch import Batch
from understudy.model.event import silent
from understudy.model.expression import Row
from understudy.model.plan import LoadStep, Plan, PlannedColumn, PlannedTable
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Schema, Unique
from understudy.ports.sink import WriteMode
from understudy.types import Kind, Type

BATCH = 65536
WORDS = np.array(["river", "stone", "quiet", "amber", "seven", "lantern", "orchard", "copper", "willow", "harbor"])


def shop(orders: int) -> dict[str, pa.Table]:
    """Customers, orders, lines, payments, reviews: about 5.5 rows an order."""
    draw = np.random.default_rng(7)
    customers, lines = orders // 5, int(orders * 2.9)
    status = pa.array(["new", "paid", "sent", "done", "void"])
    names = pa.array([f"{a} {b} {i}" for i, (a, b) in enumerate(draw.choice(WORDS, (customers, 2)))])
    prose = pa.array([" ".join(draw.choice(WORDS, 30)) for _ in range(997)])
    money = lambda n: pa.array(draw.integers(1, 10**6, n)).cast(pa.decimal128(20, 0)).cast(pa.decimal128(22, 2))  # noqa: E731
    moment = lambda n: pa.array(draw.integers(1_500_000_000, 1_700_000_000, n) * 1_000_000, pa.timestamp("us"))  # noqa: E731
    code = lambda n: pa.DictionaryArray.from_arrays(pa.array(draw.integers(0, 5, n, dtype=np.int32)), status)  # noqa: E731
    tables: dict[str, dict[str, object]] = {
        "customers": {"id": np.arange(customers), "name": names, "status": code(customers), "since": moment(customers)},
        "orders": {
            "id": np.arange(orders),
            "customer_id": draw.integers(0, customers, orders),
            "status": code(orders),
            "at": moment(orders),
            "total": money(orders),
        },
        "lines": {
            "id": np.arange(lines),
            "order_id": np.sort(draw.integers(0, orders, lines)),
            "quantity": pa.array(draw.integers(1, 9, lines), pa.int32()),
            "price": money(lines),
            "sku": code(lines),
        },
        "payments": {
            "id": np.arange(orders),
            "order_id": np.arange(orders),
            "amount": money(orders),
            "at": moment(orders),
        },
        "reviews": {
            "id": np.arange(orders // 2),
            "order_id": np.arange(orders // 2),
            "body": prose.take(pa.array(draw.integers(0, 997, orders // 2))),
            "stars": pa.array(draw.integers(1, 6, orders // 2), pa.int16()),
        },
    }
    return {name: pa.table(columns) for name, columns in tables.items()}


def planned(data: dict[str, pa.Table]) -> Plan:
    """A plan by hand for these tables, with keys and foreign keys."""
    entities = []
    for name, table in data.items():
        fields = tuple(Field(f.name, logical(f.type), f.name != "id") for f in table.schema)
        targets = {"customer_id": "customers", "order_id": "orders"}
        keys = tuple(ForeignKey("", (c,), targets[c], ("id",)) for c in table.column_names if c in targets)
        entities.append(Entity(name, fields, (Unique("", (KeyPart("id"),), primary=True),), keys))
    tables = tuple(
        PlannedTable(e.name, data[e.name].num_rows, tuple(PlannedColumn(f.name, f.type, Row()) for f in e.fields))
        for e in entities
    )
    return Plan(Schema("shop", tuple(entities)), tables, tuple(LoadStep((n,)) for n in data), 1, 0)


def logical(t: pa.DataType) -> Type:
    """The logical type of an Arrow type of this workload."""
    if pa.types.is_integer(t):
        return Type(Kind.INTEGER, bits=t.bit_width)
    if pa.types.is_decimal(t):
        return Type(Kind.DECIMAL, precision=12, scale=2)
    return Type(Kind.TIMESTAMP) if pa.types.is_timestamp(t) else Type(Kind.TEXT)


def batches(table: pa.Table, name: str, start: int, stop: int) -> Iterator[Batch]:
    """Ready-made rows in batches."""
    for a in range(start, stop, BATCH):
        b = min(a + BATCH, stop)
        yield Batch(name, a, b, table.slice(a, b - a).combine_chunks().to_batches()[0])


def server_cpu(word: str) -> float:
    """CPU seconds so far of processes whose command line holds ``word`` (0 where the system does not tell): for
    PostgreSQL the backend of our own database, for MariaDB the whole server, others' work included."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*") if word else ():
        try:
            if word in (entry / "cmdline").read_text(errors="replace") and entry.name != str(os.getpid()):
                ticks += sum(int(x) for x in (entry / "stat").read_text().rpartition(")")[2].split()[11:13])
        except OSError:  # it ended meanwhile
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def watched(url: str) -> str:
    """What the command line of the server behind a URL holds."""
    name = url.rsplit("/", 1)[1]
    return name if url.startswith("postgresql") else "mariadbd" if url.startswith("mysql") else ""


def timed(work: Callable[[], float | None], before: float = 0.0) -> float:
    """CPU seconds of this process, and of the server where ``work`` tells its counter before it disconnects."""
    own = time.process_time()
    server = work()
    return time.process_time() - own + ((server - before) if server is not None else 0.0)


def through_files(data: dict[str, pa.Table], plan: Plan, file_format: str) -> None:
    """The sink."""
    with tempfile.TemporaryDirectory() as folder:
        sink: Any = delivery.open_sink(str(Path(folder) / "x"), format=file_format)
        sink.open(plan, WriteMode.CREATE)
        sink.commit(tuple(sink.write(p, batches(data[p.table], p.table, p.start, p.stop)) for p in sink.parts(plan)))


def bare_files(data: dict[str, pa.Table], file_format: str) -> None:
    """The library's own writer, with its best known settings."""
    with tempfile.TemporaryDirectory() as folder:
        for name, table in data.items():
            path = Path(folder) / name
            match file_format:
                case "csv":
                    pyarrow.csv.write_csv(table, path)
                case "parquet":
                    words = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
                    pq.write_table(table, path, compression="snappy", use_dictionary=words, row_group_size=BATCH)
                case "arrow":
                    with pa.ipc.new_file(path, table.schema) as writer:
                        writer.write_table(table)
                case _:
                    import duckdb

                    with duckdb.connect() as connection:
                        connection.execute("SET threads = 1")
                        connection.register("t", table)
                        connection.execute(f"COPY t TO '{path}' (FORMAT json)")


def through_database(url: str, data: dict[str, pa.Table], plan: Plan) -> float:
    """The sink, all but making the structure; the server's counter before the commit."""
    sink: Any = delivery.open_sink(url)
    sink.open(plan, WriteMode.APPEND)
    for step in plan.load:
        sink.load(step, lambda t, a, b: batches(data[t], t, a, b), silent)
    spent = server_cpu(watched(url))
    sink.commit()
    return spent


def structure(url: str, plan: Plan) -> None:
    """Make the tables and load nothing."""
    sink: Any = delivery.open_sink(url)
    sink.open(plan, WriteMode.CREATE)
    sink.commit()


def bare_postgresql(url: str, data: dict[str, pa.Table]) -> float:
    """Arrow → CSV → COPY; the server's counter before the commit."""
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for name, table in data.items():
            with cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)".encode()) as copy:
                for batch in table.to_batches(BATCH):
                    out = pa.BufferOutputStream()
                    pyarrow.csv.write_csv(batch, out, pyarrow.csv.WriteOptions(include_header=False))
                    copy.write(memoryview(out.getvalue()))
        return server_cpu(watched(url))


def bare_sqlite(path: str, data: dict[str, pa.Table]) -> None:
    """ADBC ingest, decimals as floats and moments as whole numbers (it takes neither decimals nor text of moments)."""
    from adbc_driver_sqlite import dbapi

    with dbapi.connect(path) as connection, connection.cursor() as cursor:
        for name, table in data.items():
            money = {f.name for f in table.schema if pa.types.is_decimal(f.type)}
            plain = pa.table({n: table[n].cast(pa.float64()) if n in money else table[n] for n in table.column_names})
            cursor.adbc_ingest(name, plain, mode="append")
        connection.commit()


def bare_duckdb(path: str, data: dict[str, pa.Table]) -> None:
    """INSERT … SELECT of a registered table."""
    import duckdb

    with duckdb.connect(path) as connection:
        connection.execute("BEGIN")
        for name, table in data.items():
            connection.register("us_in", table)
            connection.execute(f'INSERT INTO "{name}" SELECT * FROM us_in')
            connection.unregister("us_in")
        connection.execute("COMMIT")


def bare_mysql(url: str, data: dict[str, pa.Table]) -> float:
    """CSV on disk, LOAD DATA LOCAL INFILE; the server's counter before the commit."""
    import pymysql

    with tempfile.TemporaryDirectory() as folder:
        name = url.rsplit("/", 1)[1]
        with pymysql.connect(host="127.0.0.1", user="root", database=name, local_infile=True) as connection:
            for table, rows in data.items():
                path = Path(folder) / table
                pyarrow.csv.write_csv(rows, path, pyarrow.csv.WriteOptions(include_header=False))
                connection.cursor().execute(
                    f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE `{table}` FIELDS TERMINATED BY ',' ENCLOSED BY '\"'"
                )
            spent = server_cpu(watched(url))
            connection.commit()
            return spent


def database_pair(kind: str, data: dict[str, pa.Table], plan: Plan, folder: Path) -> tuple[float, float]:
    """CPU seconds of sink and bare loader, each into its own fresh database."""
    found = []
    for which in ("sink", "bare"):
        url, drop = fresh(kind, folder / which, which)
        try:
            structure(url, plan)
            bare: Callable[[], float | None] = {
                "postgresql": lambda url=url: bare_postgresql(url, data),
                "sqlite": lambda url=url: bare_sqlite(url.removeprefix("sqlite:///"), data),
                "duckdb": lambda url=url: bare_duckdb(url.removeprefix("duckdb:///"), data),
                "mysql": lambda url=url: bare_mysql(url, data),
            }[kind]
            work = (lambda url=url: through_database(url, data, plan)) if which == "sink" else bare
            found.append(timed(work, server_cpu(watched(url))))
        finally:
            drop()
    return found[0], found[1]


def fresh(kind: str, path: Path, which: str) -> tuple[str, Callable[[], None]]:
    """A new database and what removes it."""
    name = f"us_bench_{os.getpid()}_{which}"
    if kind == "postgresql":
        import psycopg

        admin = psycopg.connect("host=127.0.0.1 user=postgres dbname=postgres", autocommit=True)
        admin.execute(f"CREATE DATABASE {name}".encode())
        return (
            f"postgresql://postgres@127.0.0.1/{name}",
            lambda: admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode()) and None,
        )
    if kind == "mysql":
        import pymysql

        server = pymysql.connect(host="127.0.0.1", user="root", autocommit=True)
        server.cursor().execute(f"CREATE DATABASE {name}")
        return f"mysql://root@127.0.0.1/{name}", lambda: server.cursor().execute(f"DROP DATABASE {name}") and None
    return f"{kind}:///{path}.{kind}", lambda: path.with_name(f"{path.name}.{kind}").unlink(missing_ok=True)


def main() -> None:
    """Run the pairs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--only", default="parquet,arrow,csv,jsonl,sqlite,duckdb,postgresql,mysql")
    wanted = parser.parse_args()
    pa.set_cpu_count(1)
    __import__("adbc_driver_sqlite.dbapi")  # the bare loader's imports are not its work
    data = shop(wanted.orders)
    plan, rows = planned(data), sum(t.num_rows for t in data.values())
    print(f"{rows:,} rows; rows per CPU-s, server included\n{'':12}{'sink':>12}{'bare':>12}{'bare/sink':>11}")
    with tempfile.TemporaryDirectory() as folder:
        for kind in wanted.only.split(","):
            if kind in ("sqlite", "duckdb", "postgresql", "mysql"):
                sink, bare = database_pair(kind, data, plan, Path(folder))
            else:
                through_files(data, plan, kind)  # the first run imports
                sink = timed(lambda kind=kind: through_files(data, plan, kind))
                bare = timed(lambda kind=kind: bare_files(data, kind))
            print(f"{kind:12}{rows / sink:12,.0f}{rows / bare:12,.0f}{sink / bare:11.2f}")


if __name__ == "__main__":
    main()
