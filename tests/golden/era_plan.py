"""A plan written by hand that uses the laws whose bytes an era promises: draws, codes, texts, links, repairs.

It names its types and expressions itself, so that only generation is guarded and not what planning chooses, and it has
no column that depends on a float (those are promised on one platform only). Changing it needs new golden digests.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from understudy.generation import stream
from understudy.model.bundle import Bundle
from understudy.model.expression import (
    Aggregate,
    Bits,
    Call,
    Case,
    Chance,
    Choice,
    Column,
    Const,
    Digits,
    Hexadecimal,
    Join,
    Listing,
    Lookup,
    Node,
    Nulls,
    Ordinal,
    ParentRow,
    Permute,
    Pool,
    Prose,
    Quantile,
    Row,
    Siblings,
    Skip,
    Take,
    Uniform,
    Uuid,
    When,
)
from understudy.model.link import Coded, Drawn, Grouped, Link, Mode, Owned, Paired, Spread, Tree
from understudy.model.plan import Layout, LoadStep, Plan, PlannedColumn, PlannedTable, Repair
from understudy.model.schema import Schema
from understudy.types import Kind, Type

INTEGER, TEXT, MOMENT = Type(Kind.INTEGER), Type(Kind.TEXT), Type(Kind.TIMESTAMP)
MONEY, UUID, BOOLEAN = Type(Kind.DECIMAL, precision=12, scale=2), Type(Kind.UUID), Type(Kind.BOOLEAN)
NUMBERS = Type(Kind.ARRAY, element=INTEGER)
ONE = Const(1)


def column(name: str, kind: Type, node: Node, **more: bool) -> PlannedColumn:
    return PlannedColumn(name, kind, node, **more)


def number(values: list[int]) -> pa.Array:
    data = np.array(values, np.int64)
    return pa.Array.from_buffers(pa.int64(), data.size, [None, pa.py_buffer(data)])


def texts(words: list[str]) -> pa.Array:
    return pa.array(words, pa.string())


def roots() -> PlannedTable:
    """Draws, codes and texts of a table of its own."""
    unique = Permute("code", Row(), Const(10_007))
    state = Pool("colours", Choice("v", (5.0, 3.0, 1.0)))
    day = Call("*", (Quantile("day", (17_000, 17_400, 18_000, 19_000, 20_000)), Const(86_400_000_000)))
    return PlannedTable(
        "root",
        5_000,
        (
            column("id", INTEGER, Call("+", (Row(), ONE))),
            column("code", INTEGER, unique),
            column("free", INTEGER, Skip(Row(), "refused")),
            column("label", TEXT, Join((Const("K-"), Digits(unique, 6), Const("/"), Pool("colours", Const(1))))),
            column("bits", INTEGER, Bits("v")),
            column("amount", MONEY, Uniform("v", Const(1), Const(99_999))),
            column("state", TEXT, state),
            column("flag", BOOLEAN, Chance("v", 0.25)),
            column("when", MOMENT, day),
            column("key", UUID, Uuid("v")),
            column("hex", TEXT, Hexadecimal("v", 20)),
            column("note", TEXT, Nulls(Prose("v", "tape", 1, 3, 60), Chance("null", 0.5))),
            column("size", INTEGER, Case((When(Column("flag"), Take("sizes", Const(2))),), Const(0))),
            column(
                "tags",
                NUMBERS,
                Listing(Uniform("v", ONE, Const(9)), Uniform("n", ONE, Const(3))),
            ),
            column("low", INTEGER, Uniform("v", ONE, Const(9))),
            column("high", INTEGER, Uniform("v", ONE, Const(9))),
        ),
        repairs=(Repair("order", ("low", "high"), Call("<", (Column("low"), Column("high"))), 64),),
    )


def child(name: str, rows: int, mode: Mode, *columns: PlannedColumn, owned: bool = False) -> PlannedTable:
    link = Link("up", name, "root", mode)
    first = column("parent", INTEGER, Lookup("up", "id"))
    return PlannedTable(name, rows, (first, *columns), layout=Layout("up" if owned else ""), links=(link,))


def children() -> tuple[PlannedTable, ...]:
    """Every way to point to a parent."""
    place = (column("ordinal", INTEGER, Ordinal("up")), column("siblings", INTEGER, Siblings("up")))
    value = column("value", INTEGER, Uniform("v", ONE, Const(1000)))
    group = Call("%", (Row(), Const(2)))
    return (
        child("owned", 12_345, Owned(0, 5, (1.0, 2.0, 3.0, 2.0, 1.0, 1.0)), *place, value, owned=True),
        child("spread", 20_000, Spread(0.0, minimum=1), *place),
        child("drawn", 9_000, Drawn(), value),
        child("paired", 4_000, Paired(shuffled=True)),
        child("coded", 3_000, Coded(Call("%", (Call("*", (Row(), Const(7))), Const(5_000))))),
        child("grouped", 3_000, Grouped(group, "offsets", "members")),
        PlannedTable(
            "tree",
            2_000,
            (column("id", INTEGER, Row()), column("above", INTEGER, ParentRow("above"))),
            links=(Link("above", "tree", "tree", Tree(roots=3, depth=5)),),
        ),
        PlannedTable(
            "sums",
            5_000,
            (column("total", INTEGER, Aggregate("owned_too", "up", "sum", "value")),),
        ),
        PlannedTable(
            "owned_too",
            9_999,
            (value,),
            layout=Layout("up"),
            links=(Link("up", "owned_too", "sums", Owned(1, 3, (1.0, 1.0, 1.0))),),
        ),
    )


def bundle() -> Bundle:
    """The plan with its artefacts."""
    tables = (roots(), *children())
    load = tuple(LoadStep((t.name,)) for t in tables)
    artefacts = {
        "colours": texts(["red", "yellow", "blue"]),
        "tape": texts(["It rained.", "Nobody came.", "The lamp was lit.", "They waited for a long time."]),
        "sizes": number([10, 20, 30]),
        "refused": number([3, 4, 5, 100, 2000]),
        "offsets": number([0, 3, 5]),
        "members": number([7, 70, 700, 8, 80]),
    }
    return Bundle(Plan(Schema("golden", ()), tables, load, seed=20_260_101, clock=0, batch_rows=4_096), artefacts)


def digests() -> dict[str, str]:
    """Content hash by table."""
    made = bundle()
    return {t.name: _digest(made, t) for t in made.plan.tables}


def _digest(made: Bundle, table: PlannedTable) -> str:
    """Over values, whatever their encoding in memory: names, and each column as text with its nulls."""
    state = hashlib.blake2b(digest_size=16)
    for batch in stream(made, table.name, 0, table.rows):
        for name, values in zip(batch.data.schema.names, batch.data.columns, strict=True):
            state.update(f"{name}={values.to_pylist()!r};".encode())
    return state.hexdigest()
