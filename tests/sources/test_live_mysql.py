"""What the MariaDB reader says of a real server's information_schema."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pymysql
import pytest

from understudy.model.evidence import Evidence, FacetKind
from understudy.model.schema import Identity
from understudy.sources.database import read
from understudy.types import Kind

NAME = f"us_sources_my_{os.getpid()}"
URL = f"mysql://root@127.0.0.1:3306/{NAME}"

DDL = [
    "CREATE FUNCTION twice(x int) RETURNS int DETERMINISTIC RETURN x * 2",
    "CREATE SEQUENCE counter START WITH 7",
    "CREATE TABLE parent (a int, b int unsigned zerofill, PRIMARY KEY (a, b)) COMMENT 'the parents'",
    """CREATE TABLE `odd.name` (
      id bigint unsigned AUTO_INCREMENT PRIMARY KEY, e enum('a','b''c') DEFAULT 'a', s set('x','y'), y year, bt bit(5),
      flag tinyint(1) DEFAULT 1, small tinyint unsigned, j json, v varchar(20) NOT NULL DEFAULT 'it''s',
      exact varchar(30) COLLATE utf8mb4_bin, t text, tiny tinytext, bin binary(16), d decimal(10,2),
      dt datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3),
      g int GENERATED ALWAYS AS (small + 1) VIRTUAL, g2 int AS (small * 2) STORED, nothing int DEFAULT NULL,
      c char(2) CHECK (c <> 'it''s'), pa int, pb int unsigned,
      CONSTRAINT ck CHECK (small > 1 AND v LIKE 'a%'), UNIQUE KEY front (v(5), pa),
      CONSTRAINT fk FOREIGN KEY (pa, pb) REFERENCES parent (a, b) ON DELETE SET NULL ON UPDATE CASCADE)""",
    """CREATE TABLE parted (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (year(d))
      (PARTITION old VALUES LESS THAN (2000), PARTITION young VALUES LESS THAN MAXVALUE)""",
    "CREATE TABLE plain (x int) ENGINE=MyISAM",
    "CREATE TRIGGER guard BEFORE INSERT ON plain FOR EACH ROW SET new.x = abs(new.x)",
    "CREATE VIEW seen AS SELECT a FROM parent",
    "INSERT INTO parent VALUES (1, 2)",
]


@pytest.fixture(scope="module")
def evidence() -> Iterator[Evidence]:
    admin = pymysql.connect(host="127.0.0.1", user="root", autocommit=True)
    with admin, admin.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{NAME}` CHARACTER SET utf8mb4")
        try:
            cursor.execute(f"USE `{NAME}`")
            for statement in DDL:
                cursor.execute(statement)
            yield read(URL)
        finally:
            cursor.execute(f"DROP DATABASE `{NAME}`")


def values(evidence: Evidence, facet: FacetKind, entity: str) -> list:
    return [c.value for c in evidence.claims if c.facet is facet and c.entity == entity]


def field(evidence: Evidence, name: str, entity: str = "odd.name"):
    return next(f for f in values(evidence, FacetKind.FIELD, entity) if f.name == name)


def test_the_server_tells_which_of_the_two_it_is(evidence: Evidence) -> None:
    assert evidence.dialect == "mariadb"
    assert evidence.default_namespace == NAME
    assert "sql_mode" in evidence.settings


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("e", Kind.ENUM), ("s", Kind.SET), ("y", Kind.YEAR), ("bt", Kind.BITS), ("flag", Kind.INTEGER), ("j",
          Kind.JSON),
        ("v", Kind.TEXT), ("bin", Kind.BINARY), ("d", Kind.DECIMAL), ("dt", Kind.TIMESTAMP),
    ],
)  # fmt: skip
def test_each_type_is_of_its_kind(evidence: Evidence, name: str, kind: Kind) -> None:
    assert field(evidence, name).type.kind is kind


def test_types_keep_their_details(evidence: Evidence) -> None:
    assert not field(evidence, "id").type.signed
    assert field(evidence, "id").identity is Identity.AUTO_INCREMENT
    assert field(evidence, "e").type.labels == ("a", "b'c")
    assert (field(evidence, "flag").type.bits, field(evidence, "flag").type.variant) == (8, "boolean")
    assert field(evidence, "v").type.folded
    assert not field(evidence, "exact").type.folded
    assert field(evidence, "tiny").type.length == 63  # 255 bytes of at most four per character
    assert field(evidence, "b", "parent").type.raw == "int(10) unsigned zerofill"


def test_defaults_are_expressions_and_null_is_none(evidence: Evidence) -> None:
    assert field(evidence, "v").default == "'it''s'"
    assert field(evidence, "nothing").default == ""
    assert field(evidence, "dt").default == "current_timestamp(3)"
    assert values(evidence, FacetKind.ENTITY, "odd.name")[0].options["on_update.dt"] == "current_timestamp(3)"


def test_generated_columns_are_virtual_or_stored(evidence: Evidence) -> None:
    assert (field(evidence, "g").generated, field(evidence, "g").stored) == ("`small` + 1", False)
    assert (field(evidence, "g2").generated, field(evidence, "g2").stored) == ("`small` * 2", True)


def test_checks_of_columns_and_of_the_table_are_both_there(evidence: Evidence) -> None:
    rules = {r.name: r for r in values(evidence, FacetKind.CHECK, "odd.name")}
    assert (rules["c"].text, rules["c"].columns) == ("`c` <> 'it''s'", ("c",))
    assert (rules["ck"].text, rules["ck"].columns) == ("`small` > 1 and `v` like 'a%'", ("small", "v"))
    assert rules["j"].text == "json_valid(`j`)"


def test_keys_keep_prefixes_and_actions(evidence: Evidence) -> None:
    uniques = {u.name: u for u in values(evidence, FacetKind.UNIQUE, "odd.name")}
    assert [(p.column, p.prefix) for p in uniques["front"].parts] == [("v", 5), ("pa", None)]
    assert uniques["PRIMARY"].primary
    (key,) = values(evidence, FacetKind.FOREIGN_KEY, "odd.name")
    assert (key.columns, key.target, key.target_columns) == (("pa", "pb"), "parent", ("a", "b"))
    assert (key.on_delete, key.on_update) == ("set null", "cascade")


def test_partitions_triggers_views_and_engines(evidence: Evidence) -> None:
    (parts,) = values(evidence, FacetKind.PARTITIONING, "parted")
    assert (parts.strategy, parts.keys) == ("range", ("year(`d`)",))
    assert parts.bounds == (("old", "VALUES LESS THAN (2000)"), ("young", "VALUES LESS THAN MAXVALUE"))
    (trigger,) = values(evidence, FacetKind.TRIGGER, "plain")
    assert (trigger.timing, trigger.events, trigger.body) == ("before", ("insert",), "SET new.x = abs(new.x)")
    assert values(evidence, FacetKind.ENTITY, "plain")[0].options["engine"] == "MyISAM"
    assert values(evidence, FacetKind.ENTITY, "seen")[0].view
    assert values(evidence, FacetKind.ENTITY, "parent")[0].rows == 1


def test_sequences_and_functions_can_be_made_anew(evidence: Evidence) -> None:
    text = "\n".join(evidence.prelude)
    assert "CREATE SEQUENCE `counter`" in text
    assert "CREATE FUNCTION `twice`" in text
    assert "DEFINER" not in text
