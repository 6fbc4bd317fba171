"""Every database sink, one examination, on real databases."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from material import INTEGER, TEXT, Data, family, family_rows, key, plan_of, stream_of

from conftest import Database
from understudy import delivery
from understudy.errors import TargetError
from understudy.model.event import Event, Notice, RowsDelivered, silent
from understudy.model.plan import LoadMethod, LoadStep, Plan
from understudy.model.schema import Entity, Field, ForeignKey, Schema
from understudy.ports.sink import WriteMode
from understudy.types import Kind, Type


def load(url: str, plan: Plan, data: Data, mode: WriteMode = WriteMode.CREATE, **options: str) -> list[Event]:
    """Open, load all steps, commit; abort on any error."""
    sink = delivery.open_sink(url, options=options)
    events: list[Event] = []
    sink.open(plan, mode)
    try:
        for step in plan.load:
            sink.load(step, stream_of(data), events.append)
        sink.commit()
    except BaseException:
        sink.abort()
        raise
    return events


def quoted(database: Database, name: str) -> str:
    return f"`{name.replace('`', '``')}`" if database.dialect == "mysql" else '"' + name.replace('"', '""') + '"'


def test_missing_structure_is_created_with_its_constraints_and_all_rows_arrive(database: Database) -> None:
    data = family_rows()
    plan = plan_of(family(database.dialect), data)
    events = load(database.url, plan, data)
    assert sum(e.rows for e in events if isinstance(e, RowsDelivered)) == 85
    assert database.run("SELECT count(*), count(label), sum(age) FROM parent")[0] == (25, 22, 325)
    assert database.run("SELECT count(*), max(parent_id) FROM child")[0] == (60, 25)
    for statement in (
        "INSERT INTO parent VALUES (1, 'x', 1)",
        "INSERT INTO parent VALUES (100, 'label 1', 1)",
        "INSERT INTO parent VALUES (100, 'y', -1)",
    ):
        with pytest.raises(Exception, match=r"(?i)unique|duplicate|check|constraint"):
            database.run(statement)


def test_structure_of_another_dialect_is_translated(database: Database) -> None:
    source = "sqlite" if database.dialect != "sqlite" else "postgresql"
    data = family_rows()
    load(database.url, plan_of(family(source), data), data)
    with pytest.raises(Exception, match=r"(?i)check|constraint"):
        database.run("INSERT INTO parent VALUES (100, 'y', -1)")
    assert database.run("SELECT count(*) FROM child")[0][0] == 60


def test_a_target_that_holds_rows_is_refused_and_named(database: Database) -> None:
    data = family_rows()
    plan = plan_of(family(database.dialect), data)
    load(database.url, plan, data)
    with pytest.raises(TargetError, match=r"parent \(25 rows\).*--append.*--replace"):
        delivery.open_sink(database.url).open(plan, WriteMode.CREATE)
    more = family_rows(first=1000)
    load(database.url, plan_of(family(database.dialect), more), more, WriteMode.APPEND)
    assert database.run("SELECT count(*) FROM child")[0][0] == 120


def test_replace_empties_the_tables_of_the_plan_and_no_others(database: Database) -> None:
    data = family_rows()
    plan = plan_of(family(database.dialect), data)
    load(database.url, plan, data)
    database.run("CREATE TABLE bystander (a integer)")
    database.run("INSERT INTO bystander VALUES (7)")
    less = family_rows(parents=3, children=4)
    load(database.url, plan_of(family(database.dialect), less), less, WriteMode.REPLACE)
    assert database.run("SELECT count(*) FROM parent")[0][0] == 3
    assert database.run("SELECT count(*) FROM child")[0][0] == 4
    assert database.run("SELECT a FROM bystander")[0][0] == 7


def test_a_refused_row_is_told_with_table_constraint_and_row_and_leaves_nothing(database: Database) -> None:
    data = family_rows()
    bad = data["parent"].column("age").to_pylist()
    bad[17] = -5
    data["parent"] = data["parent"].set_column(2, "age", pa.array(bad, pa.int32()))
    plan = plan_of(family(database.dialect), data)
    with pytest.raises(TargetError, match=r"(?i)parent.*check|parent_age|constraint") as refused:
        load(database.url, plan, data)
    if database.dialect != "duckdb":
        assert "row 17 of the table" in refused.value.line
    with pytest.raises(Exception, match=r"(?i)parent"):
        database.run("SELECT * FROM parent")


def test_a_load_that_breaks_off_leaves_held_rows_as_they_were(database: Database) -> None:
    data = family_rows()
    load(database.url, plan_of(family(database.dialect), data), data)
    before = database.run("SELECT * FROM parent ORDER BY id"), database.run("SELECT * FROM child ORDER BY id")
    more = family_rows(first=500)
    plan = plan_of(family(database.dialect), more)
    for mode in (WriteMode.APPEND, WriteMode.REPLACE):
        sink = delivery.open_sink(database.url)
        sink.open(plan, mode)
        sink.load(plan.load[0], stream_of(more), silent)
        with pytest.raises(KeyboardInterrupt):
            sink.load(plan.load[1], stream_of(more, fail_at=("child", 30)), silent)
        sink.abort()
        after = database.run("SELECT * FROM parent ORDER BY id"), database.run("SELECT * FROM child ORDER BY id")
        assert after == before


HOSTILE_NAMES = (
    "order",
    'quo"te',
    "back`tick",
    "a b",
    "select",
    "ünï ß漢",
    "semi;colon--",
    "x" * 63,
    "per%cent%s",
    "apo'strophe",
)


def test_hostile_identifiers_name_tables_columns_and_constraints(database: Database) -> None:
    names = HOSTILE_NAMES
    fields = tuple(Field(n, Type(Kind.INTEGER, bits=32), nullable=i > 0) for i, n in enumerate(names))
    entities = tuple(
        Entity(
            n, fields, (key(names[0]),), (ForeignKey(f"fk {n}"[:60], (names[1],), names[0], (names[0],)),) if i else ()
        )
        for i, n in enumerate(names)
    )
    table = pa.table({n: pa.array(range(1, 6), pa.int32()) for n in names})
    data = dict.fromkeys(names, table)
    load(database.url, plan_of(Schema("hostile", entities), data), data)
    for n in names:
        assert database.run(f"SELECT sum({quoted(database, names[3])}) FROM {quoted(database, n)}")[0][0] == 15


HOSTILE_VALUES = [
    "",
    None,
    "NULL",
    "\\N",
    "\\.",
    "a\n\\.\nb",
    "'",
    '"',
    "''",
    '""',
    "\\",
    "\\\\",
    "\\'",
    "\n",
    "\r\n",
    "\t",
    ",",
    "a,b;c",
    " leading and trailing ",
    "😀é漢",
    "{}",
    "{1,2}",
    "%s %(x)s",
    "$1",
    "?",
    ":a",
    "-- x",
    "/* */",
    "\x01\x1a\x7f",
    "x" * 5000,
]


@pytest.mark.parametrize("dictionary", [False, True])
def test_hostile_values_arrive_as_they_are(database: Database, dictionary: bool) -> None:
    values = pa.array(HOSTILE_VALUES)
    table = pa.table({"id": range(len(HOSTILE_VALUES)), "v": values.dictionary_encode() if dictionary else values})
    schema = Schema("v", (Entity("v", (Field("id", INTEGER, False), Field("v", TEXT)), (key("id"),)),))
    load(database.url, plan_of(schema, {"v": table}), {"v": table})
    assert [v for (v,) in database.run("SELECT v FROM v ORDER BY id")] == HOSTILE_VALUES


def test_values_of_every_kind_arrive_exactly(database: Database) -> None:
    kinds = {
        "b": (Type(Kind.BOOLEAN), pa.array([True, False, None])),
        "i": (Type(Kind.INTEGER, bits=64), pa.array([2**63 - 1, -(2**63), None])),
        "n": (Type(Kind.DECIMAL, precision=12, scale=2), pa.array([123456, -1, None]).cast(pa.decimal128(20, 0))),
        "f": (Type(Kind.FLOAT), pa.array([0.1, -1e300, None])),
        "x": (Type(Kind.BINARY), pa.array([b"\x00\xff\n\\'\"", b"", None])),
        "d": (Type(Kind.DATE), pa.array([dt.date(2024, 2, 29), dt.date(1970, 1, 1), None])),
        "s": (
            Type(Kind.TIMESTAMP, precision=6),
            pa.array([dt.datetime(2024, 2, 29, 23, 59, 58, 7), dt.datetime(1999, 1, 1), None]),
        ),
    }
    fields = (Field("id", INTEGER, False), *(Field(n, t) for n, (t, _) in kinds.items()))
    table = pa.table({"id": [1, 2, 3], **{n: a for n, (_, a) in kinds.items()}})
    schema = Schema("kinds", (Entity("kinds", fields, (key("id"),)),))
    load(database.url, plan_of(schema, {"kinds": table}), {"kinds": table})
    first, second, third = database.run("SELECT b, i, n, f, x, d, s FROM kinds ORDER BY id")
    assert (bool(first[0]), first[1], float(first[2]), first[3], bytes(first[4])) == (
        True,
        2**63 - 1,
        123456.0,
        0.1,
        b"\x00\xff\n\\'\"",
    )
    assert (str(first[5])[:10], str(first[6])) == ("2024-02-29", "2024-02-29 23:59:58.000007")
    assert (bool(second[0]), second[1], float(second[2]), second[3], bytes(second[4])) == (
        False,
        -(2**63),
        -1.0,
        -1e300,
        b"",
    )
    assert str(second[6]) == "1999-01-01 00:00:00"
    assert third == (None,) * 7


def cycle(dialect: str, *, deferrable: bool = False, nullable: bool = True) -> Schema:
    left = Entity(
        "lefts",
        (Field("id", INTEGER, False), Field("right_id", INTEGER, nullable)),
        (key("id"),),
        (ForeignKey("l_r", ("right_id",), "rights", ("id",), deferrable=deferrable),),
    )
    right = Entity(
        "rights",
        (Field("id", INTEGER, False), Field("left_id", INTEGER, False)),
        (key("id"),),
        (ForeignKey("r_l", ("left_id",), "lefts", ("id",), deferrable=deferrable),),
    )
    return Schema("cycle", (left, right), dialect=dialect)


def cycle_rows(rows: int = 25) -> Data:
    ids = list(range(1, rows + 1))
    return {
        "lefts": pa.table({"id": ids, "right_id": [rows + 1 - i for i in ids]}),
        "rights": pa.table({"id": ids, "left_id": [i % rows + 1 for i in ids]}),
    }


def broken(database: Database) -> int:
    sql = "SELECT count(*) FROM lefts l LEFT JOIN rights r ON r.id = l.right_id "
    sql += "WHERE r.id IS NULL OR l.right_id <> 26 - l.id"
    return int(database.run(sql)[0][0])


@pytest.mark.parametrize("resumable", ["false", "true"])
@pytest.mark.parametrize("which", ["sqlite", "postgresql", "mysql"])
def test_columns_of_a_cycle_are_set_in_a_second_pass(
    which: str, resumable: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database: Database = request.getfixturevalue(f"{which}_database")
    data = cycle_rows()
    plan = plan_of(cycle(which), data, LoadStep(("lefts", "rights"), later={"lefts": ("right_id",)}))
    load(database.url, plan, data, resumable=resumable, journal=str(tmp_path / "j.jsonl"))
    assert broken(database) == 0


@pytest.mark.parametrize(
    ("which", "method"),
    [
        ("sqlite", LoadMethod.DEFERRED),
        ("postgresql", LoadMethod.DEFERRED),
        ("postgresql", LoadMethod.ONE_STATEMENT),
        ("mysql", LoadMethod.CHECKS_OFF),
    ],
)
def test_cycles_without_null_are_loaded_as_the_plan_says(
    which: str, method: LoadMethod, request: pytest.FixtureRequest
) -> None:
    database: Database = request.getfixturevalue(f"{which}_database")
    data = cycle_rows()
    schema = cycle(which, deferrable=method is LoadMethod.DEFERRED, nullable=False)
    plan = plan_of(schema, data, LoadStep(("lefts", "rights"), method))
    events = load(database.url, plan, data)
    assert broken(database) == 0
    assert database.run("SELECT count(*) FROM rights")[0][0] == 25
    assert any(isinstance(e, Notice) and "checks are off" in e.text for e in events) == (which == "mysql")
    load(database.url, plan, data, WriteMode.REPLACE)
    assert broken(database) == 0
    bad = dict(data)
    bad["rights"] = pa.table({"id": list(range(1, 26)), "left_id": [99] * 25})
    with pytest.raises(TargetError, match=r"(?i)foreign key|parent"):
        load(database.url, plan, bad, WriteMode.REPLACE)
    assert broken(database) == 0


def test_a_kill_between_partitions_is_resumed_without_loss_or_doubles(database: Database, tmp_path: Path) -> None:
    data = family_rows()
    plan = plan_of(family(database.dialect), data)
    options = {"resumable": "true", "journal": str(tmp_path / "load.jsonl")}
    sink = delivery.open_sink(database.url, options=options)
    sink.open(plan, WriteMode.CREATE)
    sink.load(plan.load[0], stream_of(data), silent)
    with pytest.raises(KeyboardInterrupt):
        sink.load(plan.load[1], stream_of(data, fail_at=("child", 30)), silent)
    sink.abort()
    assert database.run("SELECT count(*) FROM child")[0][0] == 30
    asked: list[tuple[str, int]] = []
    sink = delivery.open_sink(database.url, options=options)
    sink.open(plan, WriteMode.CREATE)

    def stream(table: str, start: int, stop: int):  # type: ignore[no-untyped-def]
        asked.append((table, start))
        return stream_of(data)(table, start, stop)

    receipts = [r for step in plan.load for r in sink.load(step, stream, silent)]
    sink.commit()
    assert asked == [("child", 30), ("child", 40), ("child", 50)] or asked[1:] == [
        ("child", 30),
        ("child", 40),
        ("child", 50),
    ]
    assert sum(r.accepted for r in receipts) == 85
    assert database.run("SELECT count(*), count(DISTINCT id) FROM child")[0] == (60, 60)
    assert not (tmp_path / "load.jsonl").exists()


def test_a_partition_in_doubt_is_looked_up_by_its_key(database: Database, tmp_path: Path) -> None:
    data = family_rows()
    plan = plan_of(family(database.dialect), data)
    journal = tmp_path / "load.jsonl"
    options = {"resumable": "true", "journal": str(journal)}
    sink = delivery.open_sink(database.url, options=options)
    sink.open(plan, WriteMode.CREATE)
    sink.load(plan.load[0], stream_of(data), silent)
    sink.abort()
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))  # the receipt of the last partition is lost, its commit is not
    sink = delivery.open_sink(database.url, options=options)
    sink.open(plan, WriteMode.CREATE)
    for step in plan.load:
        sink.load(step, stream_of(data), silent)
    sink.commit()
    assert database.run("SELECT count(*) FROM parent")[0][0] == 25


def test_the_fingerprint_changes_when_a_constraint_does_and_not_by_loading(database: Database) -> None:
    data = family_rows()
    plan = plan_of(family(database.dialect), data)
    sink = delivery.open_sink(database.url)
    sink.open(plan, WriteMode.CREATE)
    before = sink.fingerprint()
    for step in plan.load:
        sink.load(step, stream_of(data), silent)
    assert sink.fingerprint() == before
    assert sink.count("child") == 60
    sink.commit()
    database.run("CREATE UNIQUE INDEX another ON child (id, parent_id)")
    sink = delivery.open_sink(database.url)
    sink.open(plan, WriteMode.APPEND)
    assert sink.fingerprint() != before
    sink.abort()
