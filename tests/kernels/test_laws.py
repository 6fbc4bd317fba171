"""The law: a cell is a function of its row. Any rows, in any order, in any company, come out the same."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.errors import InternalError
from understudy.kernels import Runtime
from understudy.model.expression import (
    Bits,
    Call,
    Case,
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
    Pool,
    Quantile,
    Record,
    Row,
    Slot,
    Uniform,
    Uuid,
    When,
    Zipf,
)
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.types import Kind, Type

from .shop import INTEGER, MOMENT, TEXT, shop, small

ORDERS = 700
SHOP = shop(ORDERS)
WHOLE = {t.name: Runtime(SHOP).batch(t.name, 0, t.rows) for t in SHOP.plan.tables}
TABLES = sorted(WHOLE)


def plain(batch):
    return {n: batch.column(n).to_pylist() for n in batch.schema.names}


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(TABLES), st.data())
def test_any_partition_equals_the_same_rows_of_the_whole(table, data):
    rows = WHOLE[table].num_rows
    start = data.draw(st.integers(0, rows))
    stop = data.draw(st.integers(start, rows))
    assert plain(Runtime(SHOP).batch(table, start, stop)) == plain(WHOLE[table].slice(start, stop - start))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(TABLES), st.data())
def test_any_rows_in_any_order_equal_those_of_the_whole(table, data):
    whole = WHOLE[table]
    rows = np.array(data.draw(st.lists(st.integers(0, whole.num_rows - 1), max_size=60)), np.int64)
    name = data.draw(st.sampled_from(whole.schema.names))
    found = Runtime(SHOP).column(table, name, rows).to_pylist()
    values = whole.column(name).to_pylist()
    assert found == [values[r] for r in rows]


def test_the_schema_of_a_table_does_not_depend_on_the_rows():
    runtime = Runtime(SHOP)
    for table in TABLES:
        assert runtime.batch(table, 3, 9).schema == runtime.batch(table, 0, 0).schema == runtime.schema(table)


def test_rows_beyond_the_plan_are_refused():
    with pytest.raises(InternalError, match="only 700 are planned"):
        Runtime(SHOP).batch("orders", 0, ORDERS + 1)


def test_what_the_plan_lacks_is_named():
    with pytest.raises(InternalError, match="no table elsewhere"):
        Runtime(SHOP).batch("elsewhere", 0, 1)
    with pytest.raises(InternalError, match="no column absent"):
        Runtime(SHOP).values("orders", Column("absent"), range(1))
    with pytest.raises(InternalError, match="no link nowhere"):
        Runtime(SHOP).values("orders", Lookup("nowhere", "id"), range(1))


def test_two_different_draws_of_one_column_may_not_share_a_use():
    table = PlannedTable("t", 3, (PlannedColumn("x", INTEGER, Call("+", (Choice("v", (1, 2)), Choice("v", (2, 1))))),))
    with pytest.raises(InternalError, match="share the use 'v'"):
        Runtime(small(table)).batch("t", 0, 3)


def test_the_same_draw_written_twice_is_one_draw():
    drawn = Uniform("v", Const(0), Const(10**9))
    table = PlannedTable("t", 50, (PlannedColumn("x", INTEGER, Call("-", (drawn, drawn))),))
    assert set(Runtime(small(table)).batch("t", 0, 50).column("x").to_pylist()) == {0}


def test_a_column_that_reads_itself_in_its_own_row_is_an_error():
    table = PlannedTable("t", 3, (PlannedColumn("a", INTEGER, Column("b")), PlannedColumn("b", INTEGER, Column("a"))))
    with pytest.raises(InternalError, match="computed from itself"):
        Runtime(small(table)).batch("t", 0, 3)


def test_a_seed_changes_every_draw_and_a_name_keeps_it():
    one, other = (Runtime(shop(100, seed=s)).batch("orders", 0, 100) for s in (1, 2))
    assert one.column("id") == other.column("id")
    assert one.column("ordered_at") != other.column("ordered_at")


LETTER = Pool("letters", Uniform("letter", Const(0), Const(2)))
NODES = {
    "bits": (INTEGER, Bits("v")),
    "zipf": (INTEGER, Zipf("v", 1000, 1.1)),
    "quantile": (INTEGER, Quantile("v", (0, 5, 100))),
    "case": (
        TEXT,
        Case(
            (When(Chance("c", 0.3), Digits(Uniform("n", Const(0), Const(99)), 2)), When(Chance("d", 0.5), LETTER)),
            Const("none"),
        ),
    ),
    "pools": (
        TEXT,
        Case((When(Chance("c", 0.3), LETTER), When(Chance("d", 0.5), Const(None))), Pool("other", Choice("o", (1, 1)))),
    ),
    "nulls": (MOMENT, Nulls(Uniform("v", Const(0), Const(10**15)), Chance("null", 0.4))),
    "hex": (TEXT, Hexadecimal("v", 40)),
    "uuid": (Type(Kind.UUID), Uuid("v")),
    "uuid7": (Type(Kind.UUID), Uuid("v", 7, Uniform("t", Const(10**15), Const(2 * 10**15)))),
    "list": (Type(Kind.ARRAY, element=TEXT), Listing(LETTER, Choice("n", (1, 2, 2)))),
    "numbers": (
        Type(Kind.ARRAY, element=INTEGER),
        Nulls(
            Listing(Call("+", (Slot(), Uniform("e", Const(0), Const(5)))), Choice("n", (1, 2, 2))), Chance("null", 0.2)
        ),
    ),
    "record": (
        Type(Kind.STRUCT, fields=(("a", INTEGER), ("b", TEXT))),
        Record((("a", Uniform("a", Const(0), Const(9))), ("b", LETTER))),
    ),
    "document": (
        Type(Kind.JSON),
        Document(
            (
                ("a", Choice("a", (1, 1))),
                ("list", Listing(LETTER, Choice("n", (1, 2)))),
                ("none", Nulls(LETTER, Chance("x", 0.5))),
            )
        ),
    ),
    "join": (TEXT, Join((LETTER, Row(), Digits(Uniform("v", Const(0), Const(10**12)), 0), Hexadecimal("h", 5)), "-")),
}


def nodes_bundle():
    from understudy.kernels.words import strings

    columns = tuple(PlannedColumn(name, kind, node) for name, (kind, node) in NODES.items())
    return small(
        PlannedTable("t", 300, columns),
        letters=strings(["ä", "b", 'say "c"\n']),
        other=strings(["x", "a longer text than twelve bytes"]),
    )


@pytest.mark.parametrize("name", sorted(NODES))
def test_every_kind_of_node_obeys_the_law(name):
    bundle = nodes_bundle()
    whole = Runtime(bundle).column("t", name, range(300))
    whole.validate(full=True)
    values = whole.to_pylist()
    rows = np.array([299, 0, 7, 7, 150, 33], np.int64)
    assert Runtime(bundle).column("t", name, rows).to_pylist() == [values[r] for r in rows]
    assert Runtime(bundle).column("t", name, range(120, 180)).to_pylist() == values[120:180]
    assert Runtime(bundle).column("t", name, range(0)).to_pylist() == []
    assert len({str(v) for v in values}) > 1


def test_importing_and_generating_needs_no_heavy_library():
    code = (
        "import sys; from tests.kernels.shop import shop; from understudy.kernels import Runtime;"
        "b = shop(200); r = Runtime(b);"
        "[r.batch(t.name, 0, t.rows) for t in b.plan.tables];"
        "print([m for m in ('pandas', 'duckdb', 'sqlalchemy', 'pyarrow.compute') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_small_parquet_run_needs_no_library_of_functions_masks_or_object_stores(tmp_path):
    schema = tmp_path / "shop.sql"
    schema.write_text(
        "CREATE TABLE customer (id integer PRIMARY KEY, name varchar(60) NOT NULL, email varchar(80), born date);"
        "CREATE TABLE bill (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer (id),"
        " total numeric(10, 2) NOT NULL CHECK (total > 0), made_at timestamp NOT NULL, status varchar(10) NOT NULL);"
    )
    code = (
        "import sys; from understudy.cli.main import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print([m for m in ('pyarrow.compute', 'numpy.ma', 'pyarrow.fs', 'pandas') if m in sys.modules])"
    )
    wanted = ["generate", str(schema), "--rows", "50", "--to", str(tmp_path / "out"), "--format", "parquet"]
    done = subprocess.run([sys.executable, "-c", code, *wanted], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "bill.parquet").exists() or list((tmp_path / "out").rglob("*.parquet"))
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_memory_of_a_batch_is_freed_with_it():
    import gc
    import weakref

    runtime = Runtime(SHOP)
    gc.disable()
    try:
        frame = runtime.table("payments").frame(range(100))
        frame.column("amount")
        held = weakref.ref(frame)
        del frame
        assert held() is None
    finally:
        gc.enable()
