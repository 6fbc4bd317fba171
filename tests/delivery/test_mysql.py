"""What only MySQL and MariaDB have: BIT, SET, spatial, engines without transactions, warnings in place of errors."""

from __future__ import annotations

import pyarrow as pa
import pytest
from material import INTEGER, TEXT, key, plan_of, stream_of
from test_databases import load

from conftest import Database
from understudy import delivery
from understudy.errors import TargetError
from understudy.model.event import Event, Notice
from understudy.model.schema import Entity, Field, ForeignKey, Schema
from understudy.ports.sink import WriteMode
from understudy.types import Kind, Type


@pytest.fixture(params=[True, False], ids=["load data", "insert"])
def local_infile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways in: as a server would answer that does not take LOAD DATA LOCAL."""
    if not request.param:
        from understudy.delivery.databases.mysql import MySQL

        monkeypatch.setattr(MySQL, "_load_data", lambda *_: pytest.fail("LOAD DATA was used"))
        ordinary = MySQL.query
        monkeypatch.setattr(
            MySQL, "query", lambda s, sql: [(0,)] if sql == "SELECT @@local_infile" else ordinary(s, sql)
        )
    return bool(request.param)


def test_bits_sets_spatial_json_years_and_unsigned_arrive(mysql_database: Database, local_infile: bool) -> None:
    db = mysql_database
    db.run(
        "CREATE TABLE t (id bigint unsigned PRIMARY KEY, b bit(10), s set('a','b','c'), g geometry, j json, y year, "
        "x varbinary(9), e enum('u''v','w'), tm time(3), ts timestamp(6) NULL)"
    )
    kinds = {
        "b": (Type(Kind.BITS, length=10), ["0101010101", "0000000001", None]),
        "s": (Type(Kind.SET, labels=("a", "b", "c")), ["a,c", "", None]),
        "g": (Type(Kind.SPATIAL), ["POINT(1 2)", "LINESTRING(0 0, 1 1)", None]),
        "j": (Type(Kind.JSON), ['{"a": "\\"q\\\\"}', "[1]", None]),
        "y": (Type(Kind.YEAR), [1999, 2024, None]),
        "x": (Type(Kind.BINARY), [b"\x00\xff\\'", b"", None]),
        "e": (Type(Kind.ENUM, labels=("u'v", "w")), ["u'v", "w", None]),
    }
    table = pa.table(
        {"id": pa.array([2**64 - 1, 1, 2], pa.uint64()), **{n: pa.array(v) for n, (_, v) in kinds.items()}}
    )
    table = table.append_column("tm", pa.array([1_500_000, 0, None], pa.time64("us")))
    table = table.append_column(
        "ts", pa.array([1_700_000_000_123_456, 86_400_000_000, None], pa.timestamp("us", "UTC"))
    )
    fields = (Field("id", Type(Kind.INTEGER, signed=False), False), *(Field(n, t) for n, (t, _) in kinds.items()))
    fields += (Field("tm", Type(Kind.TIME)), Field("ts", Type(Kind.TIMESTAMP, zoned=True)))
    data = {"t": table}
    plan = plan_of(Schema("s", (Entity("t", fields, (key("id"),)),), "mariadb"), data)
    load(db.url, plan, data)
    rows = db.run("SELECT b + 0, s, st_astext(g), j, y, x, e, tm + 0, unix_timestamp(ts) FROM t ORDER BY id DESC")
    assert rows[0][:4] == (341, "a,c", "POINT(1 2)", '{"a": "\\"q\\\\"}')
    assert (rows[0][4], rows[0][5], rows[0][6], float(rows[0][7]), float(rows[0][8])) == (
        1999,
        b"\x00\xff\\'",
        "u'v",
        1.5,
        1700000000.123456,
    )
    assert (rows[2][0], rows[2][1], rows[2][5]) == (1, "", b"")
    assert rows[1] == (None,) * 9


@pytest.mark.parametrize(
    ("column", "value"),
    [("varchar(3)", "abcd"), ("enum('a')", "b"), ("date", "0000-00-00"), ("int", "12x"), ("decimal(3,1)", "123.45")],
)
def test_what_the_server_would_bend_is_refused(mysql_database: Database, column: str, value: str) -> None:
    mysql_database.run(f"CREATE TABLE t (id int PRIMARY KEY, v {column})")
    data = {"t": pa.table({"id": [1, 2], "v": [None, value]})}
    plan = plan_of(
        Schema("s", (Entity("t", (Field("id", INTEGER, False), Field("v", TEXT)), (key("id"),)),), "mysql"), data
    )
    with pytest.raises(TargetError, match=r"(?i)row 1 of the table|value|truncated|range"):
        load(mysql_database.url, plan, data)
    assert mysql_database.run("SELECT count(*) FROM t") == [(0,)]


def test_triggers_fire_and_their_signals_are_told(mysql_database: Database) -> None:
    db = mysql_database
    db.run("CREATE TABLE t (id int PRIMARY KEY, v varchar(20))")
    db.run("CREATE TABLE log (id int)")
    db.run("CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW INSERT INTO log VALUES (NEW.id)")
    db.run(
        "CREATE TRIGGER h BEFORE INSERT ON t FOR EACH ROW IF NEW.id = 13 THEN "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no thirteen'; END IF"
    )
    schema = Schema("s", (Entity("t", (Field("id", INTEGER, False), Field("v", TEXT)), (key("id"),)),), "mysql")
    data = {"t": pa.table({"id": list(range(1, 13)), "v": ["x"] * 12})}
    load(db.url, plan_of(schema, data), data)
    assert db.run("SELECT count(*) FROM log")[0][0] == 12
    data = {"t": pa.table({"id": list(range(13, 20)), "v": ["x"] * 7})}
    with pytest.raises(TargetError, match="no thirteen"):
        load(db.url, plan_of(schema, data), data, WriteMode.APPEND)
    assert db.run("SELECT count(*) FROM log")[0][0] == 12


def test_an_engine_without_transactions_is_told_and_emptied_again(mysql_database: Database) -> None:
    db = mysql_database
    db.run("CREATE TABLE t (id int PRIMARY KEY) ENGINE=MyISAM")
    schema = Schema("s", (Entity("t", (Field("id", INTEGER, False),), (key("id"),)),), "mysql")
    data = {"t": pa.table({"id": list(range(30))})}
    plan = plan_of(schema, data)
    sink = delivery.open_sink(db.url)
    sink.open(plan, WriteMode.CREATE)
    events: list[Event] = []
    with pytest.raises(KeyboardInterrupt):
        sink.load(plan.load[0], stream_of(data, fail_at=("t", 20)), events.append)  # type: ignore[union-attr]
    sink.abort()
    assert any(isinstance(e, Notice) and "no transactions" in e.text for e in events)
    assert db.run("SELECT count(*) FROM t")[0][0] == 0


def test_replace_refuses_to_orphan_rows_of_other_tables(mysql_database: Database) -> None:
    db = mysql_database
    db.run("CREATE TABLE t (id int PRIMARY KEY, up int, FOREIGN KEY (up) REFERENCES t (id))")
    db.run("CREATE TABLE other (t_id int, FOREIGN KEY (t_id) REFERENCES t (id))")
    db.run("INSERT INTO t VALUES (1, NULL), (2, 1)")
    fields = (Field("id", INTEGER, False), Field("up", INTEGER))
    entity = Entity("t", fields, (key("id"),), (ForeignKey("f", ("up",), "t", ("id",)),))
    data = {"t": pa.table({"id": [5], "up": pa.array([None], pa.int64())})}
    plan = plan_of(Schema("s", (entity,), "mysql"), data)
    db.run("INSERT INTO other VALUES (1)")
    with pytest.raises(TargetError, match="other holds 1 rows"):
        load(db.url, plan, data, WriteMode.REPLACE)
    db.run("DELETE FROM other")
    load(db.url, plan, data, WriteMode.REPLACE)
    assert [tuple(r) for r in db.run("SELECT id FROM t")] == [(5,)]


def test_the_client_sends_no_file_that_the_server_asks_for(mysql_database: Database) -> None:
    from understudy.delivery.databases.mysql import MySQL
    from understudy.storage.databases import parse_address

    mysql_database.run("CREATE TABLE t (v text)")
    server = MySQL(parse_address(mysql_database.url))
    server._cursor.execute(f"LOAD DATA LOCAL INFILE '{__file__}' INTO TABLE t")
    server.commit()
    server.close()
    assert mysql_database.run("SELECT count(*) FROM t")[0][0] == 0
