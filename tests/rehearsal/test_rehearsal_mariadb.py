"""Triggers of MariaDB: what they reject, rewrite and add is learned before the load."""

from __future__ import annotations

from trial_databases import ask, fill, lessons, mariadb

FILMS = """
CREATE TABLE film (id int AUTO_INCREMENT PRIMARY KEY, title varchar(60) NOT NULL, descr text,
  kind enum('a','b','c') NOT NULL, len int NOT NULL);
CREATE TABLE film_text (film_id int PRIMARY KEY, title varchar(60) NOT NULL, descr text);
CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, what varchar(80) NOT NULL, who varchar(30));
CREATE TABLE copy (id int PRIMARY KEY, film_id int NOT NULL, code char(8) NOT NULL,
  FOREIGN KEY (film_id) REFERENCES film (id));
CREATE TABLE counter (id int PRIMARY KEY, n int) ENGINE=MyISAM;
DELIMITER ;;
CREATE TRIGGER film_before BEFORE INSERT ON film FOR EACH ROW BEGIN
  IF NEW.len > 500 THEN SIGNAL SQLSTATE '45000' SET message_text = 'too long'; END IF;
  SET NEW.title = upper(NEW.title);
END;;
CREATE TRIGGER film_after AFTER INSERT ON film FOR EACH ROW BEGIN
  INSERT INTO film_text VALUES (NEW.id, NEW.title, NEW.descr);
  INSERT INTO log (what) VALUES (concat('film ', NEW.id));
END;;
CREATE TRIGGER copy_before BEFORE INSERT ON copy FOR EACH ROW BEGIN
  DECLARE k varchar(3); SELECT kind INTO k FROM film WHERE id = NEW.film_id;
  IF k = 'c' THEN SIGNAL SQLSTATE '45000' SET message_text = 'no copies of c'; END IF;
END;;
"""


def test_films_whose_triggers_reject_rewrite_and_add_are_loaded_without_a_rejected_row(mariadb_server: str) -> None:
    with mariadb("rehearsal_films", FILMS) as url:
        manifest = fill(url)
        assert manifest.holds
        assert all(t.rejected == 0 and t.sent == 120 for t in manifest.tables)
        assert lessons(manifest, "Folded")["film.title"].function == "upper"
        assert lessons(manifest, "Merged")["film_text"].key == ("film_id",)
        assert ask(url, "SELECT count(*) FROM log") == [(240,)], "the trigger's rows and ours, none in the other's way"
        assert ask(url, "SELECT count(*) FROM film WHERE BINARY title <> BINARY upper(title) OR len > 500") == [(0,)]
        assert ask(url, "SELECT count(*) FROM copy c JOIN film f ON f.id = c.film_id WHERE f.kind = 'c'") == [(0,)]
