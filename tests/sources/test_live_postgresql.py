"""What the PostgreSQL reader says of a real server's catalogs."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from understudy.errors import SourceError
from understudy.model.evidence import Evidence, FacetKind
from understudy.model.schema import Identity
from understudy.sources.database import read
from understudy.types import Kind

NAME = f"us_sources_pg_{os.getpid()}"
SERVER = "postgresql://postgres@127.0.0.1:5432"
URL = f"{SERVER}/{NAME}"

DDL = r"""
CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION btree_gist;
CREATE SCHEMA side;
CREATE TYPE mood AS ENUM ('low', 'it''s fine');
CREATE FUNCTION long_enough(x text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT length(x) > 1 $$;
CREATE DOMAIN code AS text NOT NULL CONSTRAINT code_shape CHECK (VALUE ~ '^[A-Z]+$' AND long_enough(VALUE));
CREATE DOMAIN short_code AS code CHECK (length(VALUE) < 9);
CREATE DOMAIN score AS int DEFAULT 7 CHECK (VALUE BETWEEN 1 AND 10);
CREATE TYPE pair AS (a int, b text);
CREATE TYPE side.span AS RANGE (subtype = float8);
CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
COMMENT ON TABLE parent IS 'the parents'; COMMENT ON COLUMN parent.a IS 'first';
CREATE TABLE "odd.name" (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "my score" score, c short_code, m mood DEFAULT 'low', ms mood[],
    p pair,
  r int4range, mr int4multirange, sp side.span, n numeric, n2 numeric(10,2), v varchar(20), ch char(3),
    t text COLLATE "C",
  ci citext, h hstore, bits bit(3), i interval, mo money, ts timestamptz(3), ip inet, box box,
    u uuid DEFAULT gen_random_uuid(),
  j jsonb, by bytea, g int GENERATED ALWAYS AS ("my score" * 2) STORED, pa int, pb int,
  CONSTRAINT both_parents FOREIGN KEY (pa,
    pb) REFERENCES parent MATCH FULL ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT ordered CHECK (pa < pb) NO INHERIT,
  CONSTRAINT apart EXCLUDE USING gist (pa WITH =, r WITH &&) WHERE (pb > 0),
  CONSTRAINT same_nulls UNIQUE NULLS NOT DISTINCT (v, ch),
  CONSTRAINT late UNIQUE (pa) DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE "odd.name" ADD CONSTRAINT later CHECK (n > 0) NOT VALID;
CREATE UNIQUE INDEX partial_expression ON "odd.name" (lower(v), (n + 1), pa) WHERE pb IS NULL;
CREATE TABLE side.serials (id bigserial PRIMARY KEY, up bigint REFERENCES side.serials);
CREATE TABLE base (id int, z text CHECK (z <> '')); CREATE TABLE kid (extra int) INHERITS (base);
CREATE TABLE parted (id int NOT NULL, d date NOT NULL, UNIQUE (id, d)) PARTITION BY RANGE (d);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE parted_b PARTITION OF parted FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY HASH (id);
CREATE TABLE parted_b0 PARTITION OF parted_b FOR VALUES WITH (MODULUS 1, REMAINDER 0);
ALTER TABLE parted_a ADD CONSTRAINT only_here CHECK (id > 5);
ALTER TABLE parted_a ADD CONSTRAINT leaf_key FOREIGN KEY (id) REFERENCES side.serials (id);
CREATE TABLE orphan (x int) PARTITION BY LIST (x);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON parent FOR EACH ROW WHEN (new.a < 0) EXECUTE FUNCTION refuse();
ALTER TABLE base ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON base USING (id > 0);
CREATE RULE also AS ON INSERT TO kid DO ALSO NOTHING;
CREATE VIEW seen AS SELECT a FROM parent; CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one;
CREATE UNLOGGED TABLE fleeting (x int);
INSERT INTO parent VALUES (3, 4);
"""


@pytest.fixture(scope="module")
def evidence() -> Iterator[Evidence]:
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'citext'").fetchone():
            pytest.skip("this PostgreSQL has no extensions (Debian and Ubuntu: apt install postgresql)")
        admin.execute(f'CREATE DATABASE "{NAME}"')
        try:
            with psycopg.connect(URL, autocommit=True) as connection:
                connection.execute(DDL)
            yield read(URL)
        finally:
            admin.execute(f'DROP DATABASE "{NAME}" WITH (FORCE)')


def values(evidence: Evidence, facet: FacetKind, entity: str) -> list:
    return [c.value for c in evidence.claims if c.facet is facet and c.entity == entity]


def field(evidence: Evidence, entity: str, name: str):
    return next(f for f in values(evidence, FacetKind.FIELD, entity) if f.name == name)


def remarks(evidence: Evidence, entity: str) -> str:
    return "\n".join(r.text for r in values(evidence, FacetKind.REMARK, entity))


def test_default_namespace_is_left_away_and_others_are_named(evidence: Evidence) -> None:
    names = {c.entity for c in evidence.claims if c.facet is FacetKind.ENTITY}
    expected = {"parent", "odd.name", "side.serials", "base", "kid", "parted", "orphan", "seen", "kept", "fleeting"}
    assert names == expected
    assert evidence.default_namespace == "public"
    assert values(evidence, FacetKind.ENTITY, "odd.name")[0].options["dotted"] == "yes"


def test_fields_come_in_the_order_of_the_table(evidence: Evidence) -> None:
    assert [f.name for f in values(evidence, FacetKind.FIELD, "odd.name")][:4] == ["id", "my score", "c", "m"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("id", Kind.INTEGER), ("m", Kind.ENUM), ("ms", Kind.ARRAY), ("p", Kind.STRUCT), ("r", Kind.RANGE),
        ("mr", Kind.MULTIRANGE), ("sp", Kind.RANGE), ("n", Kind.DECIMAL), ("v", Kind.TEXT), ("bits", Kind.BITS),
        ("i", Kind.INTERVAL), ("mo", Kind.MONEY), ("ts", Kind.TIMESTAMP), ("ip", Kind.NETWORK), ("box", Kind.GEOMETRIC),
        ("u", Kind.UUID), ("j", Kind.JSON), ("by", Kind.BINARY),
    ],
)  # fmt: skip
def test_each_type_is_of_its_kind(evidence: Evidence, name: str, kind: Kind) -> None:
    assert field(evidence, "odd.name", name).type.kind is kind


def test_types_keep_their_details(evidence: Evidence) -> None:
    assert field(evidence, "odd.name", "m").type.labels == ("low", "it's fine")
    assert field(evidence, "odd.name", "ms").type.element.labels == ("low", "it's fine")
    assert [n for n, _ in field(evidence, "odd.name", "p").type.fields] == ["a", "b"]
    assert field(evidence, "odd.name", "sp").type.element.kind is Kind.FLOAT
    assert field(evidence, "odd.name", "mr").type.element.bits == 32
    assert field(evidence, "odd.name", "n").type.precision is None
    assert (field(evidence, "odd.name", "n2").type.precision, field(evidence, "odd.name", "n2").type.scale) == (10, 2)
    assert field(evidence, "odd.name", "ch").type.fixed
    assert field(evidence, "odd.name", "ci").type.folded
    assert field(evidence, "odd.name", "h").type.variant == "hstore"
    assert field(evidence, "odd.name", "ts").type.zoned
    assert field(evidence, "odd.name", "t").collation == "C"


def test_domains_give_base_type_default_not_null_and_checks(evidence: Evidence) -> None:
    score, code = field(evidence, "odd.name", "my score"), field(evidence, "odd.name", "c")
    assert (score.type.kind, score.domain, score.default, score.nullable) == (Kind.INTEGER, "score", "7", True)
    assert (code.type.kind, code.domain, code.nullable) == (Kind.TEXT, "short_code", False)
    rules = {r.domain: r for r in values(evidence, FacetKind.CHECK, "odd.name") if r.columns == ("c",)}
    assert set(rules) == {"code", "short_code"}
    assert rules["code"].text == """("c" ~ '^[A-Z]+$'::text) AND long_enough("c")"""


def test_identity_serial_and_generated_columns(evidence: Evidence) -> None:
    assert field(evidence, "odd.name", "id").identity is Identity.ALWAYS
    serial = field(evidence, "side.serials", "id")
    assert (serial.identity, serial.sequence) == (Identity.SERIAL, "side.serials_id_seq")
    generated = field(evidence, "odd.name", "g")
    assert "my score" in generated.generated
    assert generated.stored
    assert not generated.default


def test_unique_keys_of_every_kind(evidence: Evidence) -> None:
    uniques = {u.name: u for u in values(evidence, FacetKind.UNIQUE, "odd.name")}
    assert uniques["odd.name_pkey"].primary
    assert not uniques["same_nulls"].nulls_distinct
    assert uniques["late"].deferrable
    assert uniques["late"].initially_deferred
    index = uniques["partial_expression"]
    assert index.index
    assert index.predicate == "pb IS NULL"
    assert [p.column or p.text for p in index.parts] == ["lower(v::text)", "n + 1::numeric", "pa"]


def test_foreign_keys_keep_match_and_deferral(evidence: Evidence) -> None:
    (key,) = values(evidence, FacetKind.FOREIGN_KEY, "odd.name")
    assert (key.columns, key.target, key.target_columns) == (("pa", "pb"), "parent", ("a", "b"))
    assert (key.match, key.deferrable, key.initially_deferred, key.on_delete) == ("full", True, True, "cascade")
    (own,) = values(evidence, FacetKind.FOREIGN_KEY, "side.serials")
    assert own.target == "side.serials"


def test_checks_are_bare_expressions_also_when_not_valid_or_inherited(evidence: Evidence) -> None:
    rules = {r.name: r for r in values(evidence, FacetKind.CHECK, "odd.name")}
    assert (rules["ordered"].text, rules["ordered"].columns) == ("pa < pb", ("pa", "pb"))
    assert rules["later"].text == "n > (0)::numeric"
    assert [r.text for r in values(evidence, FacetKind.CHECK, "kid")] == ["z <> ''::text"]
    assert values(evidence, FacetKind.ENTITY, "kid")[0].options["inherits"] == "base"


def test_exclusions_keep_operators_and_predicate(evidence: Evidence) -> None:
    (exclusion,) = values(evidence, FacetKind.EXCLUSION, "odd.name")
    assert (exclusion.elements, exclusion.using, exclusion.predicate) == ((("pa", "="), ("r", "&&")), "gist", "pb > 0")


def test_only_the_partitioned_root_is_an_entity_with_all_bounds(evidence: Evidence) -> None:
    (parts,) = values(evidence, FacetKind.PARTITIONING, "parted")
    assert (parts.strategy, parts.keys) == ("range", ("d",))
    assert dict(parts.bounds)["parted_a"] == "FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')"
    assert dict(parts.bounds)["parted_b"].endswith("PARTITION BY HASH (id)")
    assert dict(parts.bounds)["parted_b0"].startswith("OF parted_b ")
    assert "no partition" in remarks(evidence, "orphan")


def test_constraints_of_single_partitions_are_lifted_or_remarked(evidence: Evidence) -> None:
    assert [k.name for k in values(evidence, FacetKind.FOREIGN_KEY, "parted")] == ["leaf_key"]
    assert "only_here" in remarks(evidence, "parted")


def test_triggers_bring_their_function(evidence: Evidence) -> None:
    (trigger,) = values(evidence, FacetKind.TRIGGER, "parent")
    assert (trigger.timing, trigger.events, trigger.per_row, trigger.enabled) == (
        "before",
        ("insert", "update"),
        True,
        True,
    )
    assert "RAISE EXCEPTION" in trigger.body


def test_what_may_reject_rows_otherwise_is_remarked(evidence: Evidence) -> None:
    assert "policy mine" in remarks(evidence, "base")
    assert values(evidence, FacetKind.ENTITY, "base")[0].options["row_security"] == "enabled"
    assert "rewrite rule also" in remarks(evidence, "kid")
    assert "unlogged" in remarks(evidence, "fleeting")


def test_views_are_never_filled(evidence: Evidence) -> None:
    assert values(evidence, FacetKind.ENTITY, "seen")[0].view
    assert values(evidence, FacetKind.ENTITY, "kept")[0].view
    assert [f.name for f in values(evidence, FacetKind.FIELD, "kept")] == ["one"]


def test_row_counts_are_zero_only_for_empty_tables(evidence: Evidence) -> None:
    assert values(evidence, FacetKind.ENTITY, "parent")[0].rows == 1
    assert values(evidence, FacetKind.ENTITY, "base")[0].rows == 0
    assert values(evidence, FacetKind.ENTITY, "parent")[0].comment == "the parents"


def test_the_ddl_makes_types_sequences_and_functions_anew(evidence: Evidence) -> None:
    name = f"{NAME}_again"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            with psycopg.connect(f"{SERVER}/{name}", autocommit=True) as connection:
                early = [p for p in evidence.prelude if p.startswith(("CREATE EXTENSION", "CREATE SCHEMA"))]
                late = [p for p in evidence.prelude if p not in early]
                for statement in [*early, *(text for _, text in evidence.types), *late]:
                    connection.execute(statement)
                connection.execute("CREATE TABLE again (c short_code, m mood, s side.span)")
                with pytest.raises(psycopg.errors.CheckViolation):
                    connection.execute("INSERT INTO again VALUES ('x')")
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_choice_of_tables_reads_only_these(evidence: Evidence) -> None:
    some = read(URL, tables=("parent", "side.serials"))
    assert {c.entity for c in some.claims} == {"parent", "side.serials"}
    other = read(URL, schemas=("side",))
    assert {c.entity for c in other.claims} == {"side.serials"}


def test_an_unknown_table_is_answered_with_the_nearest(evidence: Evidence) -> None:
    with pytest.raises(SourceError, match="Did you mean 'parent'"):
        read(URL, tables=("parents",))
