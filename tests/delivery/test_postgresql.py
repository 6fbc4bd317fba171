"""What only PostgreSQL has: arrays, composites, ranges, identities, partitions, exclusions, triggers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from material import INTEGER, TEXT, Data, key, plan_of, stream_of
from test_databases import load

import understudy
from conftest import Database
from understudy import delivery
from understudy.errors import TargetError
from understudy.model.event import Event, Notice
from understudy.model.plan import Plan, PlannedColumn
from understudy.model.schema import Entity, Exclusion, Field, Identity, KeyPart, Partitioning, Schema, Trigger, Unique
from understudy.ports.sink import WriteMode
from understudy.types import Kind, Type

NASTY = ['a"b', "c\\d", "e,f", "{g}", "(h)", "NULL", "", "i\nj", "k'l", None]


def one(entity: Entity, table: pa.Table, **schema: object) -> tuple[Plan, Data]:
    data = {entity.name: table}
    return plan_of(Schema("s", (entity,), dialect="postgresql", **schema), data), data  # type: ignore[arg-type]


def test_arrays_composites_json_and_ranges_read_back_as_they_were(postgresql_database: Database) -> None:
    db = postgresql_database
    db.run("CREATE TYPE pair AS (a int, b text)")
    db.run(
        "CREATE TABLE t (id int PRIMARY KEY, words text[], grid int[][], moments timestamptz[], p pair, ps pair[], "
        "j jsonb, r int4range, bits bit varying(8), raw bytea[], u uuid, i interval)"
    )
    pair = Type(Kind.STRUCT, fields=(("a", INTEGER), ("b", TEXT)), raw="pair")
    zoned = Type(Kind.TIMESTAMP, zoned=True)
    fields = {
        "words": Type(Kind.ARRAY, element=TEXT),
        "grid": Type(Kind.ARRAY, element=Type(Kind.ARRAY, element=INTEGER)),
        "moments": Type(Kind.ARRAY, element=zoned),
        "p": pair,
        "ps": Type(Kind.ARRAY, element=pair),
        "j": Type(Kind.JSON),
        "r": Type(Kind.RANGE),
        "bits": Type(Kind.BITS),
        "raw": Type(Kind.ARRAY, element=Type(Kind.BINARY)),
        "u": Type(Kind.UUID),
        "i": Type(Kind.INTERVAL),
    }
    moment = dt.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
    pairs = [{"a": None, "b": w} for w in NASTY]
    rows = {
        "id": pa.array([1, 2, 3]),
        "words": pa.array([NASTY, [], None]),
        "grid": pa.array([[[1, 2], [3, None]], [], None], pa.list_(pa.list_(pa.int64()))),
        "moments": pa.array([[moment], [], None], pa.list_(pa.timestamp("us", "UTC"))),
        "p": pa.array([{"a": 1, "b": 'x"y\\z,'}, {"a": None, "b": ""}, None]),
        "ps": pa.array([pairs, [], None], pa.list_(pa.struct([("a", pa.int64()), ("b", pa.string())]))),
        "j": pa.array(['{"k": ["\\"", "\\\\"]}', "null", None]),
        "r": pa.array(["[1,5)", "empty", None]),
        "bits": pa.array(["0101", "", None]),
        "raw": pa.array([[b"\x00\xff", b""], [], None], pa.list_(pa.binary())),
        "u": pa.array(["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"] * 2 + [None]),
        "i": pa.array(["3 days 04:05:06", "-1 mons", None]),
    }
    entity = Entity("t", (Field("id", INTEGER, False), *(Field(n, t) for n, t in fields.items())), (key("id"),))
    plan, data = one(entity, pa.table(rows))
    load(db.url, plan, data)
    told = db.run(
        "SELECT words, grid, moments, p.b, p.a, j, r::text, bits::text, raw, u::text, i::text "
        "FROM (SELECT *, (p).* FROM t) p ORDER BY id"
    )
    assert told[0][:6] == (NASTY, [[1, 2], [3, None]], [moment], 'x"y\\z,', 1, {"k": ['"', "\\"]})
    assert told[0][6:] == (
        "[1,5)",
        "0101",
        [b"\x00\xff", b""],
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "3 days 04:05:06",
    )
    assert told[1][:3] == ([], [], [])
    assert (told[1][3], told[1][6], told[1][7]) == ("", "empty", "")
    assert told[2][:4] == (None, None, None, None)
    assert [b for (b,) in db.run("SELECT (x).b FROM t, unnest(ps) x WHERE id = 1")] == NASTY


def test_identities_take_the_plans_values_and_sequences_go_on_behind_them(postgresql_database: Database) -> None:
    db = postgresql_database
    entity = Entity(
        "t",
        (
            Field("id", Type(Kind.INTEGER, raw="bigint"), False, identity=Identity.ALWAYS),
            Field(
                "n",
                Type(Kind.INTEGER, raw="integer", bits=32),
                False,
                identity=Identity.SERIAL,
                default="nextval('t_n_seq'::regclass)",
                sequence="t_n_seq",
            ),
            Field("twice", Type(Kind.INTEGER, raw="bigint"), generated="id * 2"),
        ),
        (key("id"),),
    )
    plan, data = one(entity, pa.table({"id": [5, 6, 41], "n": [1, 2, 77]}))
    load(db.url, plan, data)
    db.run("INSERT INTO t DEFAULT VALUES")
    assert db.run("SELECT id, n, twice FROM t ORDER BY id DESC LIMIT 1") == [(42, 78, 84)]


def test_partitions_exclusions_partial_uniques_types_and_triggers_are_made(postgresql_database: Database) -> None:
    db = postgresql_database
    entity = Entity(
        "app.t",
        (
            Field("id", Type(Kind.INTEGER, raw="integer"), False),
            Field("during", Type(Kind.RANGE, raw="int4range")),
            Field("mood", Type(Kind.ENUM, labels=("up", "down"), raw="app.mood")),
            Field("seen", Type(Kind.BOOLEAN, raw="boolean")),
        ),
        (key("id"), Unique("one_up", (KeyPart("mood"),), predicate="seen", index=True)),
        exclusions=(Exclusion("apart", (("during", "&&"),)),),
        triggers=(
            Trigger(
                "t",
                "before",
                ("insert",),
                "CREATE TRIGGER t BEFORE INSERT ON app.t FOR EACH ROW EXECUTE FUNCTION app.see()",
            ),
        ),
    )
    parts = Entity(
        "app.p",
        (Field("id", Type(Kind.INTEGER, raw="integer"), False),),
        (key("id"),),
        partitioning=Partitioning("range", ("id",), (("app.p1", "FOR VALUES FROM (0) TO (10)"), ("app.p2", "DEFAULT"))),
    )
    see = "CREATE FUNCTION app.see() RETURNS trigger LANGUAGE plpgsql AS $$ "
    see += "BEGIN NEW.seen := NEW.id = 1; RETURN NEW; END $$"
    schema = Schema(
        "s",
        (entity, parts),
        "postgresql",
        default_namespace="public",
        prelude=(see,),
        types=(("app.mood", "CREATE TYPE app.mood AS ENUM ('up', 'down')"),),
    )
    rows = pa.table({"id": [1, 2], "during": ["[1,3)", "[3,4)"], "mood": ["up", "up"]})
    data = {"app.t": rows, "app.p": pa.table({"id": [1, 100]})}
    load(db.url, plan_of(schema, data), data)
    assert db.run("SELECT seen FROM app.t ORDER BY id") == [(True,), (False,)]
    assert db.run("SELECT (SELECT count(*) FROM app.p1), (SELECT count(*) FROM app.p2)") == [(1, 1)]
    clash = {"app.t": pa.table({"id": [3], "during": ["[2,9)"], "mood": ["down"]})}
    with pytest.raises(TargetError, match='"apart"'):
        load(db.url, plan_of(schema, clash), clash, WriteMode.APPEND)


def test_text_with_nul_is_refused_and_nothing_is_left(postgresql_database: Database) -> None:
    plan, data = one(Entity("t", (Field("v", TEXT),)), pa.table({"v": ["a\0b"]}))
    with pytest.raises(TargetError, match="0x00"):
        load(postgresql_database.url, plan, data)
    assert postgresql_database.run("SELECT to_regclass('t')") == [(None,)]


def test_a_disabled_trigger_changes_the_fingerprint(postgresql_database: Database) -> None:
    db = postgresql_database
    db.run("CREATE TABLE t (id int PRIMARY KEY)")
    db.run("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    db.run("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()")
    plan, _ = one(Entity("t", (Field("id", INTEGER, False),), (key("id"),)), pa.table({"id": [1]}))
    prints = []
    for change in ("DISABLE", "ENABLE", "DISABLE"):
        db.run(f"ALTER TABLE t {change} TRIGGER g")
        sink = delivery.open_sink(db.url)
        sink.open(plan, WriteMode.CREATE)
        prints.append(sink.fingerprint())  # type: ignore[union-attr]
        sink.abort()
    assert prints[0] == prints[2] != prints[1]


def test_row_security_does_not_stop_a_load(postgresql_database: Database) -> None:
    db = postgresql_database
    name = db.url.rsplit("/", 1)[1]
    db.run("CREATE TABLE t (id int PRIMARY KEY)")
    db.run("ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    db.run("CREATE POLICY p ON t USING (true) WITH CHECK (id < 100)")
    db.run(f"CREATE ROLE {name} LOGIN")
    try:
        db.run(f"GRANT ALL ON t TO {name}")
        plan, data = one(Entity("t", (Field("id", INTEGER, False),), (key("id"),)), pa.table({"id": [1, 2]}))
        load(db.url.replace("postgres@", f"{name}@"), plan, data)
        assert db.run("SELECT count(*) FROM t") == [(2,)]
        plan, data = one(Entity("t", (Field("id", INTEGER, False),), (key("id"),)), pa.table({"id": [500]}))
        with pytest.raises(TargetError, match="row-level security"):
            load(db.url.replace("postgres@", f"{name}@"), plan, data, WriteMode.APPEND)
    finally:
        db.run(f"DROP OWNED BY {name}")
        db.run(f"DROP ROLE {name}")


def test_a_generated_column_is_left_to_the_database(postgresql_database: Database) -> None:
    db = postgresql_database
    db.run("CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)")
    entity = Entity("t", (Field("id", INTEGER, False), Field("twice", INTEGER, generated="id * 2")), (key("id"),))
    table = pa.table({"id": [1, 2], "twice": [2, 4]})
    plan, data = one(entity, table)
    assert [c.omitted for c in plan.tables[0].columns] == [False, True]
    assert isinstance(plan.tables[0].columns[0], PlannedColumn)
    load(db.url, plan, data)
    assert db.run("SELECT sum(twice)::int FROM t") == [(6,)]


def test_a_wrong_password_or_server_is_told_without_the_password(tmp_path: Path) -> None:
    plan, _ = one(Entity("t", (Field("id", INTEGER, False),)), pa.table({"id": [1]}))
    for url in ("postgresql://nobody:s3cret@127.0.0.1:1/x", "mysql://nobody:s3cret@127.0.0.1:3306/x"):
        with pytest.raises(Exception, match=r"refused|cannot connect|refuses") as refused:
            delivery.open_sink(url).open(plan, WriteMode.CREATE)
        assert "s3cret" not in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_rows_that_a_trigger_swallows_are_taken_off_the_receipts(postgresql_database: Database) -> None:
    db = postgresql_database
    db.run("CREATE TABLE t (id int PRIMARY KEY)")
    db.run(
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN IF NEW.id % 10 = 0 THEN RETURN NULL; END IF; RETURN NEW; END'"
    )
    db.run("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()")
    plan, data = one(Entity("t", (Field("id", INTEGER, False),), (key("id"),)), pa.table({"id": list(range(1, 26))}))
    sink = delivery.open_sink(db.url)
    sink.open(plan, WriteMode.CREATE)
    told: list[Event] = []
    receipts = sink.load(plan.load[0], stream_of(data), told.append)  # type: ignore[union-attr]
    sink.commit()  # type: ignore[call-arg]
    assert sum(r.accepted for r in receipts) == 23
    assert any(isinstance(e, Notice) and "2 of the rows sent are not there" in e.text for e in told)


def test_a_load_that_needs_more_locks_than_there_are_is_committed_step_by_step(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from understudy.delivery.databases import postgresql

    monkeypatch.setattr(postgresql, "SPARE", 0.0)  # as if the server had no lock to spare: thousands of tables are slow
    postgresql_database.run("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a)")
    url = postgresql_database.url
    manifest = understudy.generate(url, to=url, rows=20)
    assert [t.accepted for t in manifest.tables] == [20, 20]
    with pytest.raises(TargetError, match="could not be taken back"):
        understudy.generate(url, to=url, rows=5, mode="append")


def test_what_was_committed_step_by_step_is_taken_back_when_a_later_step_fails(
    postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from understudy.delivery.databases import postgresql

    monkeypatch.setattr(postgresql, "SPARE", 0.0)
    postgresql_database.run(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a);"
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never'; END $$;"
        "CREATE TRIGGER no BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION no()"
    )
    url = postgresql_database.url
    with pytest.raises(TargetError, match="never"):
        understudy.generate(url, to=url, rows=20)
    assert postgresql_database.run("SELECT count(*) FROM a") == [(0,)]
