"""What each kind of node costs: nanoseconds of CPU a row in batches of 65,536; and the shop workload.

Run with ``OMP_NUM_THREADS=1 python benchmarks/kernels.py [orders]``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.kernels.shop import ints, pools, shop, small

from understudy.kernels import Runtime
from understudy.model.expression import (
    Aggregate,
    Call,
    Case,
    Cast,
    Chance,
    Choice,
    Column,
    Const,
    Digits,
    Document,
    Hexadecimal,
    Join,
    Listing,
    Lookup,
    Nulls,
    Ordinal,
    Permute,
    Pool,
    Prose,
    Quantile,
    Record,
    Row,
    Skip,
    Take,
    Uniform,
    Uuid,
    When,
    Zipf,
)
from understudy.model.link import Drawn, Link, Owned, Paired, Spread, Tree
from understudy.model.plan import Layout, PlannedColumn, PlannedTable, Repair
from understudy.types import Kind, Type

BATCH, TIMES = 65_536, 12
ROWS = BATCH * (TIMES + 1)
INTEGER, TEXT, MOMENT = Type(Kind.INTEGER), Type(Kind.TEXT), Type(Kind.TIMESTAMP)
MONEY = Type(Kind.DECIMAL, precision=12, scale=2)
NUMBER = Uniform("n", Const(0), Const(10**6))
WORD = Pool("noun", Uniform("w", Const(0), Const(399)))

NODES = {
    "Row": (INTEGER, Row()),
    "Uniform": (INTEGER, Uniform("v", Const(0), Const(999))),
    "Uniform, bounds of columns": (INTEGER, Uniform("v", Column("a"), Call("+", (Column("a"), Const(9))))),
    "Chance": (Type(Kind.BOOLEAN), Chance("v", 0.3)),
    "Choice of 5": (INTEGER, Choice("v", (5, 4, 3, 2, 1))),
    "Zipf over 10,000": (INTEGER, Zipf("v", 10_000, 1.0)),
    "Quantile, 17 points": (INTEGER, Quantile("v", tuple(range(0, 1700, 100)))),
    "Permute of 10**9": (INTEGER, Permute("v", Row(), Const(10**9))),
    "Permute per parent": (INTEGER, Permute("v", Call("%", (Row(), Const(8))), Const(8), Call("/", (Row(), Const(8))))),
    "Skip": (INTEGER, Skip(Row(), "refused")),
    "Take": (INTEGER, Take("numbers", Call("%", (Row(), Const(1000))))),
    "Pool": (TEXT, Pool("noun", Choice("v", (1.0,) * 400))),
    "Digits, 8": (TEXT, Digits(Permute("v", Row(), Const(10**8)), 8)),
    "Digits, as many as needed": (TEXT, Digits(NUMBER, 0)),
    "Digits, 6 of base 36": (TEXT, Digits(NUMBER, 6, "0123456789abcdefghijklmnopqrstuvwxyz")),
    "Join of fixed parts": (TEXT, Join((Const("AB-"), Digits(NUMBER, 7), Const("/"), Digits(Choice("c", (1, 1)), 2)))),
    "Join of ragged parts": (
        TEXT,
        Join((WORD, Const("."), Pool("last", Zipf("z", 2000, 0.5)), NUMBER, Const("@example.com"))),
    ),
    "Join around a pool": (TEXT, Join((Const("The "), WORD, Const("!")))),
    "Prose, 3 to 6 sentences": (TEXT, Prose("v", "tape", 3, 6)),
    "Prose, cut at 120": (TEXT, Prose("v", "tape", 1, 6, 120)),
    "Uuid 4": (Type(Kind.UUID), Uuid("v")),
    "Uuid 7": (Type(Kind.UUID), Uuid("v", 7, Column("m"))),
    "Hexadecimal, 32": (TEXT, Hexadecimal("v", 32)),
    "Call + and *": (INTEGER, Call("+", (Call("*", (Column("a"), Const(3))), Const(7)))),
    "Call * of decimals": (MONEY, Call("*", (Column("price"), Column("a")))),
    "Call / of decimals": (MONEY, Call("/", (Column("price"), Call("+", (Column("a"), Const(1)))))),
    "Call and of comparisons": (
        Type(Kind.BOOLEAN),
        Call("and", (Call(">", (Column("a"), Const(3))), Call("<", (Column("price"), Const(9.5))))),
    ),
    "Call in on a pool": (Type(Kind.BOOLEAN), Call("in", (Column("word"), Const("x"), Const("y"), Const("z")))),
    "Call regex on a pool": (Type(Kind.BOOLEAN), Call("regex", (Column("word"), Const("^[A-Z][a-z]+$")))),
    "Call regex on ragged texts": (Type(Kind.BOOLEAN), Call("regex", (Column("ragged"), Const("^[A-Z][a-z]+[0-9]+$")))),
    "Call year": (INTEGER, Call("year", (Column("m"),))),
    "Call add_months": (MOMENT, Call("add_months", (Column("m"), Const(3)))),
    "Call format_time": (TEXT, Call("format_time", (Column("m"), Const("%Y-%m-%d %H:%M:%S")))),
    "Call luhn": (TEXT, Call("luhn", (Digits(NUMBER, 15),))),
    "Cast number to text": (TEXT, Cast(Column("a"), TEXT)),
    "Case of numbers, by part": (
        INTEGER,
        Case((When(Chance("c", 0.3), Uniform("x", Const(0), Const(9))),), Zipf("y", 1000, 1.0)),
    ),
    "Case of pools": (TEXT, Case((When(Chance("c", 0.3), WORD),), Pool("last", Zipf("y", 2000, 1.0)))),
    "Case of texts": (TEXT, Case((When(Chance("c", 0.3), Digits(NUMBER, 9)),), Hexadecimal("y", 12))),
    "Nulls": (INTEGER, Nulls(Column("a"), Chance("c", 0.1))),
    "Listing of 2 numbers": (Type(Kind.ARRAY, element=INTEGER), Listing(Uniform("x", Const(0), Const(9)), Const(2))),
    "Record of 2": (Type(Kind.STRUCT, fields=(("a", INTEGER), ("b", TEXT))), Record((("a", Column("a")), ("b", WORD)))),
    "Document of 3": (Type(Kind.JSON), Document((("a", Column("a")), ("b", WORD), ("c", Chance("c", 0.5))))),
    "Repair, 50 % pass": (INTEGER, Column("repaired")),
}

LINKS = {
    "Lookup, owned": (Owned(1, 8, (24, 24, 22, 14, 8, 4, 2, 2)), 2.9),
    "Lookup, spread": (Spread(0.9), 2.9),
    "Lookup, drawn": (Drawn(0.9), 2.9),
    "Lookup, paired": (Paired(), 1.0),
    "Lookup, paired shuffled": (Paired(True), 1.0),
}


def measured(runtime: Runtime, table: str, column: str, rows: int) -> float:
    """Nanoseconds of CPU a row; the first batch, in which tables are made, is not counted."""
    runtime.column(table, column, range(min(BATCH, rows)))
    start, done = time.process_time(), 0
    for low in range(BATCH, rows - BATCH + 1, BATCH):
        runtime.column(table, column, range(low, low + BATCH))
        done += BATCH
    return (time.process_time() - start) / max(done, 1) * 1e9


def nodes() -> None:
    helpers = (
        PlannedColumn("a", INTEGER, Uniform("v", Const(0), Const(9)), hidden=True),
        PlannedColumn("price", MONEY, Uniform("v", Const(1), Const(99_999)), hidden=True),
        PlannedColumn("m", MOMENT, Uniform("v", Const(10**15), Const(2 * 10**15)), hidden=True),
        PlannedColumn("word", TEXT, Pool("noun", Uniform("v", Const(0), Const(399))), hidden=True),
        PlannedColumn(
            "ragged",
            TEXT,
            Join((Pool("noun", Uniform("v", Const(0), Const(399))), Uniform("n", Const(0), Const(10**6)))),
            hidden=True,
        ),
        PlannedColumn("repaired", INTEGER, Uniform("v", Const(0), Const(99)), hidden=True),
    )
    repair = Repair("half", ("repaired",), Call("<", (Column("repaired"), Const(50))), 64)
    columns = tuple(PlannedColumn(name, kind, node) for name, (kind, node) in NODES.items())
    table = PlannedTable("t", ROWS, (*helpers, *columns), repairs=(repair,))
    runtime = Runtime(small(table, refused=ints(range(0, 100_000, 7)), numbers=ints(range(1000)), **pools()))
    print("with the columns that it reads, Arrow array included; ns a row")
    for name in (*(h.name for h in helpers), *NODES):
        print(f"  {name:32} {measured(runtime, 't', name, ROWS):7.1f}")


def links() -> None:
    print("links: key of the parent, ns a child; sum over children, ns a parent")
    for name, (mode, each) in LINKS.items():
        parents = round(ROWS / each)
        two_sided = isinstance(mode, Owned | Spread | Paired)
        above = [PlannedColumn("id", INTEGER, Row())]
        if two_sided:
            above.append(PlannedColumn("sum", INTEGER, Aggregate("c", "up", "sum", "n")))
        below = [
            PlannedColumn("p", INTEGER, Lookup("up", "id")),
            PlannedColumn("n", INTEGER, Uniform("v", Const(0), Const(9))),
        ]
        if two_sided:
            below.append(PlannedColumn("ordinal", INTEGER, Ordinal("up")))
        owned = isinstance(mode, Owned)
        tables = (
            PlannedTable("p", parents, tuple(above)),
            PlannedTable(
                "c", ROWS, tuple(below), layout=Layout("up" if owned else ""), links=(Link("up", "c", "p", mode),)
            ),
        )
        runtime = Runtime(small(*tables))
        line = f"  {name:32} {measured(runtime, 'c', 'p', ROWS):7.1f}"
        print(line + (f" {measured(runtime, 'p', 'sum', parents):7.1f}" if two_sided else ""))
    tree = PlannedTable(
        "t",
        ROWS,
        (PlannedColumn("p", INTEGER, Lookup("up", "id")), PlannedColumn("id", INTEGER, Row())),
        links=(Link("up", "t", "t", Tree(ROWS // 12, 5)),),
    )
    print(f"  {'Lookup, tree':32} {measured(Runtime(small(tree)), 't', 'p', ROWS):7.1f}")


def workload(orders: int) -> None:
    bundle = shop(orders)
    start, rows = time.process_time(), 0
    runtime = Runtime(bundle)
    for table in bundle.plan.tables:
        began = time.process_time()
        for low in range(0, table.rows, BATCH):
            runtime.batch(table.name, low, min(low + BATCH, table.rows))
        print(f"  {table.name:32} {(time.process_time() - began) / table.rows * 1e9:7.1f} ns a row")
        rows += table.rows
    print(
        f"shop of {orders:,} orders: {rows / (time.process_time() - start) / 1e6:.2f} M rows a CPU-second, generating"
    )


if __name__ == "__main__":
    nodes()
    links()
    workload(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
