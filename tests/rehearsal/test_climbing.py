"""Values that may not go back from row to row: odometers, meters, versions, and times behind the last one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from trial_databases import ask, fill, lessons, postgresql

from understudy.rehearsal.climbing import climbing
from understudy.rehearsal.reasons import Feature
from understudy.types import Kind, Type

FLEET = """
CREATE TABLE vehicle (id int PRIMARY KEY, plate text NOT NULL UNIQUE);
CREATE TABLE reading (id int PRIMARY KEY, vehicle_id int NOT NULL REFERENCES vehicle, odometer_km int NOT NULL
  CHECK (odometer_km >= 0), read_at timestamptz NOT NULL, note text);
CREATE TABLE version (id int PRIMARY KEY, vehicle_id int NOT NULL REFERENCES vehicle, number int NOT NULL);
CREATE FUNCTION forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.odometer_km < (SELECT max(odometer_km) FROM reading WHERE vehicle_id = NEW.vehicle_id) THEN
    RAISE EXCEPTION 'odometer of vehicle % goes back', NEW.vehicle_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER forward BEFORE INSERT ON reading FOR EACH ROW EXECUTE FUNCTION forward();
CREATE FUNCTION anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM version v WHERE v.vehicle_id = NEW.vehicle_id AND v.number >= NEW.number) THEN
    RAISE EXCEPTION 'stale version %', NEW.number;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER anew BEFORE INSERT ON version FOR EACH ROW EXECUTE FUNCTION anew();
"""


@pytest.fixture(scope="module")
def fleet(postgresql_server: str) -> Iterator[str]:
    with postgresql("rehearsal_fleet", FLEET) as url:
        yield url


def test_what_may_not_go_back_climbs_from_row_to_row(fleet: str) -> None:
    manifest = fill(fleet, 400)
    assert manifest.holds
    assert {t.name: (t.sent, t.rejected) for t in manifest.tables} == dict.fromkeys(
        ("vehicle", "reading", "version"), (400, 0)
    )
    learned = lessons(manifest, "Climbing")
    assert not learned["reading.odometer_km"].strict
    assert learned["version.number"].strict
    spread = "SELECT count(DISTINCT odometer_km) > 200, max(odometer_km) > 10 * min(odometer_km) FROM reading"
    assert ask(fleet, spread) == [(True, True)]


def values(*given: int) -> list[Feature]:
    return [Feature("level", Type(Kind.INTEGER), given)]


def test_an_order_is_seen_in_what_was_refused() -> None:
    found = climbing(values(5, 3, 6, 9, 7, 11), {}, refused=[1, 4], taken=[0, 2, 3, 5])
    assert next(iter(found)) == ("level", False, False)


def test_each_parent_has_an_order_of_its_own() -> None:
    levels, parents = values(5, 50, 6, 60, 4, 70, 55, 8), {"key": [0, 1, 0, 1, 0, 1, 1, 0]}
    found = climbing(levels, parents, refused=[4, 6], taken=[0, 1, 2, 3, 5, 7])
    assert next(iter(found)) == ("level", False, False)


def test_a_row_taken_out_of_order_is_proof_that_there_is_none() -> None:
    assert not list(climbing(values(5, 3, 6, 2, 7, 11), {}, refused=[1], taken=[0, 2, 3, 4, 5]))


def test_chance_is_no_order() -> None:
    assert not list(climbing(values(5, 3, 6), {}, refused=[1], taken=[0, 2]))
