"""Partitions that lack are made before the load; what children's checks ask of their parents is there."""

from __future__ import annotations

from pathlib import Path

from trial_databases import ask, fill, postgresql, sqlite

PARTITIONED = """
CREATE SCHEMA logs;
CREATE TABLE event (id int NOT NULL, at timestamptz NOT NULL, kind text NOT NULL CHECK (kind IN ('a', 'b')),
  PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE logs.entry (id int NOT NULL, region text NOT NULL CHECK (region IN ('eu', 'us')), PRIMARY KEY (id, region))
  PARTITION BY LIST (region);
CREATE TABLE logs.entry_eu PARTITION OF logs.entry FOR VALUES IN ('eu') PARTITION BY HASH (id);
CREATE TABLE job (id int PRIMARY KEY, name text) PARTITION BY HASH (id);
CREATE TABLE job_1 PARTITION OF job FOR VALUES WITH (modulus 4, remainder 1);
CREATE TABLE part (event_id int, at timestamptz, id int PRIMARY KEY, FOREIGN KEY (event_id, at) REFERENCES event);
CREATE TABLE event_default (id int PRIMARY KEY);
CREATE TYPE span AS RANGE (subtype = uuid);
CREATE EXTENSION btree_gist;
CREATE TABLE block (day date NOT NULL, ids span NOT NULL, EXCLUDE USING gist (day WITH =, ids WITH &&));
"""


def test_tables_without_a_partition_are_filled_whole_and_told_beforehand(postgresql_server: str) -> None:
    with postgresql("rehearsal_partitioned", PARTITIONED) as url:
        manifest = fill(url, 90)
        assert manifest.holds
        assert {t.sent for t in manifest.tables} == {90}
        assert ask(url, "SELECT count(*) FROM event_default_2") == [(90,)], "beside a table that has the nearest name"
        assert ask(url, "SELECT count(*) FROM logs.entry_eu_0") == [(90,)], "a partition's own partitions lacked"
        made = ask(url, "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'job%'")
        assert {n for (n,) in made} == {"job_1", "job_0", "job_2", "job_3"}, "the hashes' gaps are closed"
        told = [w for w in manifest.warnings if "no partition takes all its rows" in w]
        assert sorted(w.split(":")[0] for w in told) == ["event", "job", "logs.entry"]
        assert ask(url, "SELECT count(DISTINCT ids) FROM block") == [(90,)]


GRANTS = """
CREATE TABLE instance (tenant INTEGER NOT NULL, model TEXT NOT NULL, id INTEGER NOT NULL,
  PRIMARY KEY (tenant, model, id), UNIQUE (id));
CREATE TABLE granted (id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL,
  model TEXT NOT NULL DEFAULT 'Grant' CHECK (model = 'Grant'), instance_id INTEGER NOT NULL,
  FOREIGN KEY (tenant, model, instance_id) REFERENCES instance (tenant, model, id));
"""


def test_a_value_that_a_childs_check_asks_of_its_parent_is_among_the_parents_values(tmp_path: Path) -> None:
    url = sqlite(tmp_path / "grants.db", GRANTS)
    manifest = fill(url, 100)
    assert manifest.holds
    assert {t.name: t.sent for t in manifest.tables} == {"instance": 100, "granted": 100}
    assert ask(url, "SELECT count(DISTINCT model) > 1, sum(model = 'Grant') BETWEEN 30 AND 70 FROM instance") == [
        (1, 1)
    ]


KINDS = """
CREATE TABLE role (id int PRIMARY KEY, kind text NOT NULL CHECK (kind IN ('user', 'machine')));
CREATE FUNCTION check_kind(role int, wanted text) RETURNS boolean LANGUAGE sql AS
  $$ SELECT EXISTS (SELECT 1 FROM role r WHERE r.id = role AND r.kind = wanted) $$;
CREATE TABLE member (id int PRIMARY KEY, role_id int NOT NULL REFERENCES role, CHECK (check_kind(role_id, 'user')));
"""


def test_a_check_that_calls_a_function_whose_name_begins_with_check_is_read_whole(postgresql_server: str) -> None:
    with postgresql("rehearsal_kinds", KINDS) as url:
        manifest = fill(url, 60)
        assert manifest.holds
        assert manifest.learned == (), "planning knows it without a rehearsal"
        assert ask(url, "SELECT count(*) FROM member") == [(60,)]
