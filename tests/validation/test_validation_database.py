"""Every kind of constraint is judged by query on the real server: broken ones are found, clean data is clean."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from validation_material import BROKEN, CLEAN, DDL, EXCLUSION, expected, shop

from understudy.errors import ConnectionFailedError, RequestError, SourceError
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, KeyPart, Schema, Unique
from understudy.types import Kind, Type
from understudy.validation import validate_database, violations

Run = Callable[..., None]
NAME = f"us_validation_{os.getpid()}"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[tuple[str, Run]]:
    psycopg = pytest.importorskip("psycopg")
    base = os.environ.get("UNDERSTUDY_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
    try:
        admin = psycopg.connect(base, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL answers")
    admin.execute(f"CREATE DATABASE {NAME}")
    url = base.rsplit("/", 1)[0] + f"/{NAME}"

    def run(*statements: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            for statement in statements:
                connection.execute(statement)

    yield url, run
    admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture(scope="module")
def mariadb() -> Iterator[tuple[str, Run]]:
    pymysql = pytest.importorskip("pymysql")
    try:
        admin = pymysql.connect(host="127.0.0.1", user="root", connect_timeout=3)
    except pymysql.err.OperationalError:
        pytest.skip("no MariaDB answers")

    def run(*statements: str) -> None:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
            cursor.execute(f"CREATE DATABASE {NAME}")
            cursor.execute(f"USE {NAME}")
            for statement in statements:
                cursor.execute(statement)
        admin.commit()

    yield f"mariadb://root@127.0.0.1:3306/{NAME}", run
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")


@pytest.fixture
def sqlite(tmp_path: Path) -> tuple[str, Run]:
    def run(*statements: str) -> None:
        with sqlite3.connect(tmp_path / "x.db") as connection:
            for statement in statements:
                connection.execute(statement)

    return f"sqlite:///{tmp_path / 'x.db'}", run


@pytest.fixture
def duckdb(tmp_path: Path) -> tuple[str, Run]:
    import duckdb as driver

    def run(*statements: str) -> None:
        with driver.connect(str(tmp_path / "x.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)

    return f"duckdb:///{tmp_path / 'x.duckdb'}", run


DIALECTS = ("postgresql", "mariadb", "sqlite", "duckdb")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_clean_data_breaks_nothing_and_every_constraint_is_answered(
    dialect: str, request: pytest.FixtureRequest
) -> None:
    url, run = request.getfixturevalue(dialect)
    run(*DDL, *CLEAN)
    found = validate_database(url, shop(dialect))
    assert [(v.rule, v.reason) for v in found if v.violations is None] == []
    assert violations(found) == ()
    assert {(v.table, v.kind, v.rule) for v in found} > set(expected(dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_broken_constraint_is_found_and_counted(dialect: str, request: pytest.FixtureRequest) -> None:
    url, run = request.getfixturevalue(dialect)
    run(*DDL, *CLEAN, *BROKEN)
    found = violations(validate_database(url, shop(dialect)))
    assert {(v.table, v.kind, v.rule): v.count for v in found} == expected(dialect)
    assert all(v.sample and not v.sample[0].startswith("(rows") for v in found)
    orphan = next(v for v in found if v.rule == "item_above")
    assert "99" in orphan.sample[0]


def test_overlaps_are_counted_by_the_constraints_own_operators(postgresql: tuple[str, Run]) -> None:
    url, run = postgresql
    table = "CREATE TABLE booking (room integer, taken int4range, void boolean)"
    rows = "INSERT INTO booking VALUES (1,'[1,5)',false), (1,'[5,9)',false), (2,'[1,5)',false), (1,'[4,6)',true)"
    run(table, rows)
    assert [v.violations for v in validate_database(url, EXCLUSION)] == [0]
    run(table, rows, "INSERT INTO booking VALUES (1, '[8,12)', false)")
    (found,) = violations(validate_database(url, EXCLUSION))
    assert (found.kind, found.count) == ("exclusion", 2)


def test_an_inherited_table_s_key_binds_its_own_rows_only(postgresql: tuple[str, Run]) -> None:
    url, run = postgresql
    run(
        "CREATE TABLE base (id integer PRIMARY KEY)",
        "CREATE TABLE heir () INHERITS (base)",
        "INSERT INTO base VALUES (1)",
        "INSERT INTO heir VALUES (1)",
    )
    key = (Unique("pk", (KeyPart("id"),), primary=True),)
    field = (Field("id", Type(Kind.INTEGER), nullable=False),)
    heir = Entity("heir", field, options={"inherits": "base"})
    schema = Schema("s", (Entity("base", field, key), heir), "postgresql", default_namespace="public")
    assert violations(validate_database(url, schema)) == ()


def test_one_unanswerable_constraint_leaves_the_others_answered(postgresql: tuple[str, Run]) -> None:
    url, run = postgresql
    run("CREATE TABLE t (a integer, b text)", "INSERT INTO t VALUES (1, 'x'), (-1, 'y')")
    checks = (
        Rule("known", "(a > 0)", ("a",)),
        Rule("unknown", "(there_is_no_such_function(b))", ("b",)),
        Rule("fails", "(1 / (a - 1) < 9)", ("a",)),
    )
    fields = (Field("a", Type(Kind.INTEGER)), Field("b", Type(Kind.TEXT)))
    schema = Schema("s", (Entity("t", fields, checks=checks),), "postgresql", default_namespace="public")
    by_rule = {v.rule: v for v in validate_database(url, schema)}
    assert by_rule["known"].violations == 1
    assert by_rule["unknown"].violations is None
    assert "there_is_no_such_function" in by_rule["unknown"].reason
    assert "division by zero" in by_rule["fails"].reason


def test_names_of_any_kind_are_quoted(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run(
        'CREATE TABLE "or""der; --" ("sel ect" integer, "%s" text)',
        'INSERT INTO "or""der; --" VALUES (NULL, 1), (2, 2)',
    )
    fields = (Field("sel ect", Type(Kind.INTEGER), nullable=False), Field("%s", Type(Kind.TEXT), nullable=False))
    schema = Schema("s", (Entity('or"der; --', fields),), "sqlite")
    assert [v.violations for v in validate_database(url, schema)] == [1, 0]


def test_what_nobody_enforces_is_told_but_no_violation(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run("CREATE TABLE p (id integer)", "CREATE TABLE c (p integer)", "INSERT INTO c VALUES (7)")
    number = Type(Kind.INTEGER)
    child = Entity("c", (Field("p", number),), foreign_keys=(ForeignKey("f", ("p",), "p", ("id",), enforced=False),))
    (found,) = validate_database(url, Schema("s", (Entity("p", (Field("id", number),)), child), "sqlite"))
    assert found.violations is None
    assert "1 rows do not follow it" in found.reason


def test_only_the_named_tables_are_judged(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run(*DDL, *CLEAN, *BROKEN)
    assert {v.table for v in validate_database(url, shop("sqlite"), ["region"])} == {"region"}
    with pytest.raises(RequestError, match="nowhere"):
        validate_database(url, shop("sqlite"), ["nowhere"])


def test_a_table_that_is_not_there_is_not_verifiable(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run(DDL[0], CLEAN[0])
    found = validate_database(url, shop("sqlite"))
    assert {v.violations for v in found if v.table == "item"} == {None}
    assert {v.violations for v in found if v.table == "region"} == {0}


def test_a_slow_query_is_stopped_and_said(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run("CREATE TABLE t (a integer)", "INSERT INTO t VALUES (1)")
    slow = "a < (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n)"
    schema = Schema(
        "s", (Entity("t", (Field("a", Type(Kind.INTEGER)),), checks=(Rule("slow", slow, ("a",)),)),), "sqlite"
    )
    (found,) = validate_database(url, schema, timeout_s=0.2)
    assert found.violations is None
    assert "interrupted" in found.reason


def test_a_thousand_constraints_are_answered_in_order(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run("CREATE TABLE t (a integer)", "INSERT INTO t VALUES (500)")
    checks = tuple(Rule(f"c{i}", f"a < {i}", ("a",)) for i in range(1000))
    schema = Schema("s", (Entity("t", (Field("a", Type(Kind.INTEGER)),), checks=checks),), "sqlite")
    assert [v.violations for v in validate_database(url, schema)] == [int(i <= 500) for i in range(1000)]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("sqlite:///there/is/none.db", SourceError),
        ("duckdb:///there/is/none.duckdb", SourceError),
        ("postgresql://nobody:topsecret@127.0.0.1:1/none", ConnectionFailedError),
        ("oracle://x/y", RequestError),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_line_without_password(url: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        validate_database(url, shop("sqlite"))
    assert "\n" not in str(caught.value)
    assert "topsecret" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"\x00\x01 this is no database" * 100)
    for scheme in ("sqlite", "duckdb"):
        with pytest.raises(SourceError):
            validate_database(f"{scheme}:///{tmp_path / 'x.db'}", shop("sqlite"))


def test_a_broken_rule_has_the_same_fingerprint_in_every_run(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run(*DDL, *CLEAN, *BROKEN)
    first, second = (violations(validate_database(url, shop("sqlite"))) for _ in range(2))
    assert [v.fingerprint for v in first] == [v.fingerprint for v in second]
    assert len({v.fingerprint for v in first}) == len(first)


def test_nothing_is_shared_with_what_makes_the_data() -> None:
    import ast

    import understudy.validation

    folder = Path(understudy.validation.__file__).parent
    makers = ("rules", "kernels", "generation", "planning", "rng", "semantics")
    for file in folder.glob("*.py"):
        imported = [
            n.module for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.ImportFrom) and n.module
        ]
        assert not [m for m in imported if m.startswith(tuple(f"understudy.{m}" for m in makers))], file


def test_the_schema_of_another_dialect_is_judged_in_translation(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run(*DDL, *CLEAN, *BROKEN)
    schema = shop("postgresql")
    found = {v.rule: v for v in validate_database(url, schema)}
    assert found["positive"].violations == 1
    assert found["item_above"].violations == 1
    assert found["pattern"].violations == 1


def test_a_verdict_keeps_the_rules_own_words(sqlite: tuple[str, Run]) -> None:
    url, run = sqlite
    run(*DDL, *CLEAN)
    verdict = next(v for v in validate_database(url, shop("sqlite")) if v.rule == "pattern")
    assert verdict.text == "code GLOB '[A-Z][A-Z][0-9]*'"
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=type(verdict)) == verdict
