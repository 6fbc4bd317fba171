"""What no text tells is found by trying: other values in refused rows, columns set once the rows are in, settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from trial_databases import ask, fill, lessons, mariadb, postgresql, sqlite

from understudy.errors import UnsatisfiableError
from understudy.ports.sink import WriteMode
from understudy.storage.databases import with_settings

QUEUE = """
CREATE TABLE task (id int PRIMARY KEY, state text NOT NULL CHECK (state IN ('queued', 'failed', 'done', 'skipped')),
  slot int, size int NOT NULL CHECK (size BETWEEN 1 AND 50));
CREATE FUNCTION spread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM fresh WHERE state = 'queued' AND slot IS NOT NULL) > 0 THEN
    INSERT INTO nowhere (id) SELECT id FROM fresh;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER spread AFTER INSERT ON task REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION spread();
CREATE TABLE code (id int PRIMARY KEY, value text NOT NULL CHECK (value ~ '^[0-9]{3}$'), doubled bytea);
CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ascii(substr(md5(NEW.value), 1, 1)) % 3 = 0 THEN NEW.id := NULL; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER odd BEFORE INSERT ON code FOR EACH ROW EXECUTE FUNCTION odd();
"""


def test_a_reason_made_of_two_columns_is_found_and_leaves_both_their_variety(postgresql_server: str) -> None:
    with postgresql("rehearsal_queue", QUEUE) as url:
        manifest = fill(url, 200)
        assert manifest.holds
        assert {t.name: (t.sent, t.rejected) for t in manifest.tables} == {"task": (200, 0), "code": (200, 0)}
        assert ask(url, "SELECT count(DISTINCT state) FROM task") == [(4,)]
        assert ask(url, "SELECT count(*) FROM task WHERE state = 'queued' AND slot IS NOT NULL") == [(0,)]
        assert ask(url, "SELECT count(slot) > 50 FROM task") == [(True,)]
        assert ask(url, "SELECT count(DISTINCT value) > 50 FROM code") == [(True,)], "a pool of those that were taken"


NAMES = """
CREATE TABLE used (code text PRIMARY KEY CHECK (code ~ '^[a-c][0-9]{2}$'));
CREATE TABLE reserved (code text PRIMARY KEY CHECK (code ~ '^[a-c][0-9]{2}$'));
CREATE FUNCTION apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.code IN (SELECT code FROM used) THEN RAISE EXCEPTION '% is in use', NEW.code; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER apart BEFORE INSERT ON reserved FOR EACH ROW EXECUTE FUNCTION apart();
"""


def test_names_that_another_table_has_already_are_left_out_however_few_rows_show_it(postgresql_server: str) -> None:
    with postgresql("rehearsal_names", NAMES) as url:
        manifest = fill(url, 60)
        assert manifest.holds
        assert {t.name: (t.sent, t.rejected) for t in manifest.tables} == {"used": (60, 0), "reserved": (60, 0)}


STAMPED = """
CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE lease (id int PRIMARY KEY, taken timestamptz NOT NULL, item_id int NOT NULL REFERENCES item,
  place int NOT NULL CHECK (place BETWEEN 1 AND 6), UNIQUE (taken, item_id, place));
CREATE TABLE note (id int PRIMARY KEY, seen timestamptz NOT NULL, text text);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.taken := now(); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON lease FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.seen := now(); RETURN NEW; END $$;
CREATE TRIGGER see BEFORE INSERT OR UPDATE ON note FOR EACH ROW EXECUTE FUNCTION see();
"""


def test_what_a_trigger_sets_on_insertion_only_is_set_again_and_no_key_rests_on_it(postgresql_server: str) -> None:
    with postgresql("rehearsal_stamped", STAMPED) as url:
        manifest = fill(url, 150)
        assert manifest.holds
        assert {t.name: (t.sent, t.rejected) for t in manifest.tables} == dict.fromkeys(
            ("item", "lease", "note"), (150, 0)
        )
        assert lessons(manifest, "Reset")["lease"].columns == ("taken",)
        assert ask(url, "SELECT count(DISTINCT taken) > 100 FROM lease") == [(True,)]
        assert ask(url, "SELECT count(*) FROM (SELECT DISTINCT item_id, place FROM lease) d") == [(150,)]
        assert lessons(manifest, "Assigned")["note.seen"].fixed
        assert any(w.startswith("note.seen: one value in every row") for w in manifest.warnings)


DRAWN = """
CREATE TABLE account (id uuid PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE badge (id int PRIMARY KEY, account_id uuid NOT NULL REFERENCES account);
CREATE FUNCTION draw() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := gen_random_uuid(); RETURN NEW; END $$;
CREATE TRIGGER draw BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION draw();
"""


def test_a_key_that_a_trigger_draws_is_set_to_the_planned_one_before_its_children_come(postgresql_server: str) -> None:
    with postgresql("rehearsal_drawn", DRAWN) as url:
        manifest = fill(url, 70)
        assert manifest.holds
        assert {t.name: (t.sent, t.rejected) for t in manifest.tables} == {"account": (70, 0), "badge": (70, 0)}
        assert lessons(manifest, "Reset")["account"].columns == ("id",)


def test_a_drawn_key_without_another_one_beside_it_is_told_before_the_load(postgresql_server: str) -> None:
    with (
        postgresql("rehearsal_alone", DRAWN.replace(" NOT NULL UNIQUE", "")) as url,
        pytest.raises(UnsatisfiableError, match="nobody can foresee, and other tables refer to it"),
    ):
        fill(url, 70)


LICENSED = """
CREATE TABLE shop (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE sale (id int PRIMARY KEY, shop_id int NOT NULL REFERENCES shop, amount int NOT NULL);
CREATE TABLE zlicense (id int PRIMARY KEY, shop_id int NOT NULL REFERENCES shop, until date NOT NULL);
CREATE FUNCTION licensed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM zlicense z WHERE z.shop_id = NEW.shop_id) THEN RAISE EXCEPTION 'no license'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER licensed BEFORE INSERT ON sale FOR EACH ROW EXECUTE FUNCTION licensed();
"""


def test_a_table_comes_after_those_that_its_triggers_read_and_keeps_to_parents_that_are_taken(
    postgresql_server: str,
) -> None:
    with postgresql("rehearsal_licensed", LICENSED) as url:
        manifest = fill(url, 90)
        assert manifest.holds
        assert {t.sent for t in manifest.tables} == {90}
        assert lessons(manifest, "Behind")["sale"].before == ("zlicense",)
        assert ask(url, "SELECT count(DISTINCT shop_id) > 5 FROM sale") == [(True,)]


TENANTS = """
CREATE TABLE doc (id int PRIMARY KEY, tenant int, title text NOT NULL);
CREATE FUNCTION own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.tenant := current_setting('app.tenant')::int; RETURN NEW; END $$;
CREATE TRIGGER own BEFORE INSERT ON doc FOR EACH ROW EXECUTE FUNCTION own();
"""


def test_a_session_setting_that_a_trigger_needs_is_asked_for_by_name_and_can_be_given(postgresql_server: str) -> None:
    with postgresql("rehearsal_tenants", TENANTS) as url:
        with pytest.raises(UnsatisfiableError, match=r"doc: .*--set app\.tenant=VALUE"):
            fill(url, 20)
        manifest = fill(with_settings(url, {"app.tenant": "7"}), 20)
        assert manifest.holds
        assert ask(url, "SELECT count(*), min(tenant), max(tenant) FROM doc") == [(20, 7, 7)]


PLAIN = """
CREATE TABLE film (id int PRIMARY KEY AUTO_INCREMENT, title varchar(80) NOT NULL) ENGINE=InnoDB;
CREATE TABLE film_text (film_id int PRIMARY KEY, title varchar(80) NOT NULL) ENGINE=MyISAM;
CREATE TABLE rental (id int PRIMARY KEY AUTO_INCREMENT, taken datetime NOT NULL, film_id int NOT NULL,
  seen timestamp NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp,
  UNIQUE (taken, film_id), FOREIGN KEY (film_id) REFERENCES film (id)) ENGINE=InnoDB;
CREATE TRIGGER film_in AFTER INSERT ON film FOR EACH ROW INSERT INTO film_text VALUES (NEW.id, NEW.title);
CREATE TRIGGER rental_in BEFORE INSERT ON rental FOR EACH ROW SET NEW.taken = now();
"""


def test_tables_whose_parents_cannot_be_tried_are_tried_without_them_in_mariadb(mariadb_server: str) -> None:
    with mariadb("rehearsal_plain", PLAIN) as url:
        manifest = fill(url, 80)
        assert manifest.holds
        assert {t.name: (t.sent, t.rejected) for t in manifest.tables} == dict.fromkeys(
            ("film", "film_text", "rental"), (80, 0)
        )
        assert lessons(manifest, "Reset")["rental"].columns == ("taken", "seen")
        assert ask(url, "SELECT count(DISTINCT taken) > 60, count(DISTINCT seen) > 60 FROM rental") == [(1, 1)]


LATIN = """
CREATE TABLE person (id int PRIMARY KEY, last_name text NOT NULL, city text NOT NULL, country text NOT NULL);
"""


def test_letters_that_a_databases_encoding_lacks_become_plain_ones(postgresql_server: str) -> None:
    words = "ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    with postgresql("rehearsal_latin", LATIN, words) as url:
        manifest = fill(url, 150, locale="pl_PL")
        assert manifest.holds
        assert [(t.sent, t.rejected) for t in manifest.tables] == [(150, 0)]
        assert {x.function for x in lessons(manifest, "Folded").values()} == {"ascii"}


STRICTER = """
CREATE TABLE book (id int PRIMARY KEY AUTO_INCREMENT, lot int NOT NULL, title varchar(60) NOT NULL);
DELIMITER ;;
CREATE TRIGGER long_enough BEFORE INSERT ON book FOR EACH ROW BEGIN
  IF NEW.lot NOT BETWEEN 7000 AND 7100 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'odd book'; END IF;
END;;
DELIMITER ;
"""


def test_tables_that_are_not_there_yet_are_tried_in_a_database_of_their_own_in_mariadb(
    mariadb_server: str, tmp_path: Path
) -> None:
    dump = tmp_path / "books.sql"
    dump.write_text(STRICTER)
    with mariadb("rehearsal_books", "SELECT 1;") as url:
        manifest = fill(url, 50, source=str(dump))
        assert manifest.holds
        assert [(t.sent, t.rejected) for t in manifest.tables] == [(50, 0)]
        assert any("lot" in x.text for x in manifest.learned if hasattr(x, "text"))
        assert ask(url, "SELECT min(lot) >= 7000, max(lot) <= 7100 FROM book") == [(1, 1)]
        left = r"SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'us\_rehearsal\_%'"
        assert ask(url, left) == [(0,)]


CHOSEN = """
CREATE TABLE maker (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE thing (id INTEGER PRIMARY KEY, maker_id INTEGER NOT NULL REFERENCES maker (id), price INTEGER NOT NULL
  CHECK (price BETWEEN 1 AND 900));
CREATE TABLE sale (id INTEGER PRIMARY KEY, thing_id INTEGER NOT NULL REFERENCES thing (id), paid INTEGER NOT NULL);
CREATE TABLE other (id INTEGER PRIMARY KEY, text TEXT);
CREATE TRIGGER cheap BEFORE INSERT ON thing WHEN NEW.price < 100 BEGIN SELECT RAISE(ABORT, 'too cheap'); END;
CREATE TRIGGER never BEFORE INSERT ON other BEGIN SELECT RAISE(ABORT, 'closed'); END;
CREATE TRIGGER paid AFTER INSERT ON sale WHEN NEW.paid < 0 BEGIN SELECT RAISE(ABORT, 'negative'); END;
INSERT INTO maker VALUES (1, 'first'), (2, 'second');
INSERT INTO thing VALUES (7, 2, 500);
"""


def test_chosen_tables_are_rehearsed_with_what_they_need_and_seed_rows_stay(tmp_path: Path) -> None:
    url = sqlite(tmp_path / "chosen.db", CHOSEN)
    manifest = fill(url, 40, mode=WriteMode.APPEND, only=("sale",), follow=True, rows={"maker": 0})
    assert manifest.holds
    assert {t.name: (t.sent, t.rejected) for t in manifest.tables} == {
        "maker": (0, 0),
        "thing": (40, 0),
        "sale": (40, 0),
    }
    assert ask(url, "SELECT count(*) FROM maker") == [(2,)]
    assert ask(url, "SELECT count(*), min(price) >= 100, count(DISTINCT maker_id) FROM thing") == [(41, 1, 2)]
    assert ask(url, "SELECT count(DISTINCT thing_id) > 20 FROM sale") == [(1,)]


def test_a_table_is_topped_up_with_what_the_rehearsal_taught(tmp_path: Path) -> None:
    url = sqlite(tmp_path / "topped.db", CHOSEN)
    for count in (41, 81):
        manifest = fill(url, 40, mode=WriteMode.APPEND, excluded=("other",))
        assert manifest.holds
        assert ask(url, "SELECT count(*), min(price) >= 100 FROM thing") == [(count, 1)]
