"""Later statements change what earlier ones made: migrations one after the other."""

from __future__ import annotations

import pytest

from understudy.fusion import fuse
from understudy.model.schema import Identity, Schema
from understudy.sources.database import dump
from understudy.types import Kind


def schema(text: str, dialect: str = "postgresql") -> Schema:
    found = fuse([dump.read("test.sql", text=text, dialect=dialect)])
    assert not [r for r in found.remarks if r.severity == "error"]
    return found


def test_a_renamed_column_is_renamed_everywhere() -> None:
    found = schema(
        """CREATE TABLE t (a int PRIMARY KEY, b text CHECK (length(b) > a), c int REFERENCES t (a),
          g int GENERATED ALWAYS AS (a + 1) STORED);
           CREATE UNIQUE INDEX i ON t (lower(b)) WHERE b <> 'b';
           ALTER TABLE t RENAME COLUMN b TO "B b"; ALTER TABLE t RENAME a TO id;"""
    ).entity("t")
    assert [f.name for f in found.fields] == ["id", "B b", "c", "g"]
    assert found.checks[0].text == 'length("B b") > "id"'
    assert found.checks[0].columns == ("B b", "id")
    assert found.foreign_keys[0].target_columns == ("id",)
    assert found.uniques[1].parts[0].text == 'lower("B b")'
    assert found.uniques[1].predicate == "\"B b\" <> 'b'"
    assert found.field("g").generated == '"id" + 1'


def test_a_dropped_column_takes_its_constraints_along() -> None:
    found = schema(
        """CREATE TABLE t (a int, b int UNIQUE, c int CHECK (c > b), d int REFERENCES t (b));
           ALTER TABLE t DROP COLUMN b CASCADE, DROP COLUMN IF EXISTS nothing;"""
    ).entity("t")
    assert [f.name for f in found.fields] == ["a", "c", "d"]
    assert (found.uniques, found.checks, found.foreign_keys) == ((), (), ())


def test_renamed_tables_keep_those_that_refer_to_them() -> None:
    found = schema(
        "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (x int REFERENCES a); "
        "ALTER TABLE a RENAME TO c; ALTER TABLE c SET SCHEMA side;"
    )
    assert [e.name for e in found.entities] == ["side.c", "b"]
    assert found.entity("b").foreign_keys[0].target == "side.c"


def test_columns_are_changed_in_place() -> None:
    found = schema(
        """CREATE TABLE t (a int NOT NULL DEFAULT 1, b text, id int NOT NULL);
           CREATE SEQUENCE s; ALTER SEQUENCE s OWNED BY t.id;
           ALTER TABLE ONLY t ALTER COLUMN id SET DEFAULT nextval('public.s'::regclass);
           ALTER TABLE t ALTER a DROP NOT NULL, ALTER COLUMN a DROP DEFAULT, ALTER COLUMN b SET NOT NULL,
             ALTER COLUMN b SET DATA TYPE varchar(9) USING left(b, 9), ADD COLUMN IF NOT EXISTS b int,
               ADD x date DEFAULT now() NOT NULL;"""
    ).entity("t")
    assert (found.field("a").nullable, found.field("a").default) == (True, "")
    assert (found.field("b").nullable, found.field("b").type.length) == (False, 9)
    assert (found.field("id").identity, found.field("id").sequence) == (Identity.SERIAL, "s")
    assert found.field("x").type.kind is Kind.DATE


def test_constraints_are_dropped_by_the_names_the_server_gives() -> None:
    found = schema(
        """CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE, c int REFERENCES t, CHECK (b > 0), CHECK (b > c));
           ALTER TABLE t DROP CONSTRAINT t_b_key, DROP CONSTRAINT t_c_fkey, DROP CONSTRAINT t_b_check,
             DROP CONSTRAINT IF EXISTS nothing;
           ALTER TABLE t DROP CONSTRAINT t_check; ALTER TABLE t RENAME CONSTRAINT t_pkey TO k;"""
    ).entity("t")
    assert [u.name for u in found.uniques] == ["k"]
    assert (found.checks, found.foreign_keys) == ((), ())


def test_long_names_are_cut_as_the_server_cuts_them() -> None:
    name, column = "a" * 60, "b" * 60
    found = schema(f"CREATE TABLE {name} ({column} int UNIQUE);").entities[0]
    assert found.uniques[0].name == f"{'a' * 29}_{'b' * 29}_key"
    assert len(schema(f"CREATE TABLE {'x' * 70} (a int);").entities[0].name) == 63


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("DROP TABLE a CASCADE", ["b"]),
        ("DROP TABLE IF EXISTS nothing, b", ["a"]),
        ("DROP VIEW IF EXISTS nothing", ["a", "b"]),
        ("DROP SCHEMA public CASCADE; CREATE TABLE c (x int)", ["c"]),
    ],
)
def test_dropped_tables_are_gone(statement: str, left: list[str]) -> None:
    found = schema(f"CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (x int REFERENCES a); {statement};")
    assert [e.name for e in found.entities] == left
    assert all(k.target in left for e in found.entities for k in e.foreign_keys)


def test_indexes_are_made_keys_and_dropped() -> None:
    found = schema(
        """CREATE TABLE t (a int,
          b int); CREATE UNIQUE INDEX ia ON t (a); CREATE UNIQUE INDEX ib ON t (b); CREATE INDEX plain ON t (a, b);
           ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX ia; DROP INDEX CONCURRENTLY IF EXISTS ib;
             DROP INDEX plain;"""
    ).entity("t")
    assert [(u.name, u.primary, u.index) for u in found.uniques] == [("k", True, False)]
    assert not found.field("a").nullable


def test_like_copies_what_it_is_told_to() -> None:
    found = schema(
        """CREATE TABLE a (id int PRIMARY KEY DEFAULT 3, x int CHECK (x > 0));
           CREATE TABLE b (LIKE a); CREATE TABLE c (LIKE a INCLUDING ALL, y int);"""
    )
    assert (found.entity("b").uniques, found.entity("b").checks, found.entity("b").field("id").default) == ((), (), "")
    assert [u.name for u in found.entity("c").uniques] == ["c_pkey"]
    assert len(found.entity("c").checks) == 1
    assert [f.name for f in found.entity("c").fields] == ["id", "x", "y"]


def test_mysql_changes() -> None:
    found = schema(
        """CREATE TABLE t (a int, b varchar(5), c int) ENGINE=InnoDB;
           ALTER TABLE t ADD PRIMARY KEY (a), MODIFY a bigint unsigned NOT NULL AUTO_INCREMENT,
             CHANGE b name varchar(9) NOT NULL FIRST,
             ADD COLUMN z int AFTER name, ADD UNIQUE KEY u (c), ADD INDEX i (z), COMMENT = 'x';
           ALTER TABLE t DROP INDEX u, DROP KEY i, ADD CONSTRAINT f FOREIGN KEY (c) REFERENCES t (a), RENAME TO s;
           RENAME TABLE s TO r; CREATE TABLE q LIKE r;""",
        "mysql",
    )
    r = found.entity("r")
    assert [f.name for f in r.fields] == ["name", "z", "a", "c"]
    assert (r.field("a").identity, r.field("a").nullable) == (Identity.AUTO_INCREMENT, False)
    assert [u.name for u in r.uniques] == ["PRIMARY"]
    assert r.foreign_keys[0].target == "r"
    assert r.comment == "x"
    assert [f.name for f in found.entity("q").fields] == ["name", "z", "a", "c"]


def test_comments_and_row_security() -> None:
    found = schema(
        """CREATE TABLE t (a int); COMMENT ON TABLE t IS 'it''s'; COMMENT ON COLUMN public.t.a IS E'two\\nlines';
           ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY p ON
             t USING (a > 0);"""
    )
    t = found.entity("t")
    assert (t.comment, t.field("a").comment, t.options["row_security"]) == ("it's", "two\nlines", "forced")
    assert any("policy p" in r.text for r in found.remarks)
