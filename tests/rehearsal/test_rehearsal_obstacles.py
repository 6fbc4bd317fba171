"""What stands in the way of a rehearsal or a load is one clear line, and the target is as it was."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from trial_databases import ask, fill, postgresql

from understudy.errors import TargetError, WorldError
from understudy.model.event import Event, Notice
from understudy.rehearsal import effects
from understudy.workflow import read

PLAIN = """
CREATE TABLE a (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE b (id serial PRIMARY KEY, a_id int NOT NULL REFERENCES a, n int NOT NULL);
"""


def test_a_lock_that_is_not_granted_names_who_holds_it(postgresql_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("understudy.delivery.databases.postgresql.LOCK_WAIT_S", 1)
    heard: list[Event] = []
    with postgresql("rehearsal_locked", PLAIN) as url, psycopg.connect(url, application_name="night job") as other:
        other.execute("LOCK TABLE b IN SHARE MODE")
        with pytest.raises(WorldError) as told:
            fill(url, 30, listen=heard.append)
        assert "night job" in told.value.line
        assert f"process {other.info.backend_pid}" in told.value.line
        assert " on b" in told.value.line
        assert any("a_id_seq" in e.text and "stay" in e.text for e in heard if isinstance(e, Notice))
        other.rollback()
        assert ask(url, "SELECT count(*) FROM a") == [(0,)]


def test_a_server_that_takes_no_writing_is_one_line(postgresql_server: str) -> None:
    with postgresql("rehearsal_readonly", PLAIN) as url:
        psycopg.connect(url, autocommit=True).execute(
            "ALTER DATABASE rehearsal_readonly SET default_transaction_read_only = on"
        ).connection.close()
        with pytest.raises(TargetError) as told:
            fill(url, 30)
        assert "forbids" in told.value.line
        assert "read-only" in told.value.line


def test_without_the_right_to_temporary_tables_a_load_goes_on_unrehearsed(postgresql_server: str) -> None:
    script = PLAIN + (
        "DROP ROLE IF EXISTS rehearsal_guest; CREATE ROLE rehearsal_guest LOGIN; "
        "REVOKE TEMP ON DATABASE rehearsal_rights FROM public; GRANT SELECT, INSERT ON a, b TO rehearsal_guest; "
        "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO rehearsal_guest;"
    )
    with postgresql("rehearsal_rights", script) as url:
        told: list[Event] = []
        manifest = fill(url.replace("postgres@", "rehearsal_guest@"), 30, listen=told.append)
        assert manifest.holds
        assert manifest.rehearsed == 0
        texts = [e.text for e in told if isinstance(e, Notice)]
        assert any("not rehearsed" in t and "temporary tables" in t for t in texts)
        with psycopg.connect(url) as owner:
            owner.execute("DROP OWNED BY rehearsal_guest")
            owner.execute("DROP ROLE rehearsal_guest")


def test_effects_outside_the_transaction_are_read_from_triggers_and_what_they_call(tmp_path: Path) -> None:
    place = tmp_path / "s.sql"
    place.write_text(
        "CREATE TABLE t (id int PRIMARY KEY);\n"
        "CREATE FUNCTION ship(x int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM dblink_exec('c', 'x'); END $$;\n"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM ship(NEW.id); "
        "PERFORM pg_notify('n', ''); RETURN NEW; END $$;\n"
        "CREATE TRIGGER go BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();\n"
    )
    found = effects(read([str(place)]))
    assert [(x.table, x.trigger, x.lasting) for x in found] == [("t", "go", True), ("t", "go", False)]
    assert "dblink" in found[0].what
    assert "notification" in found[1].what
