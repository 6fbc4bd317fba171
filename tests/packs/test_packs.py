"""Domain packs: built-in ones hold together and make data; faults are told with their line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from understudy import packs
from understudy.cli.main import main
from understudy.errors import SourceError
from understudy.model.schema import Entity
from understudy.workflow.reading import read

SMALL = """pack: shelter
entities:
  kennel:
    fields:
      kennel_id: {type: integer, key: true}
      size: {type: varchar(6), values: {small: 0.7, large: 0.3}, required: true}
      animals: {type: integer, derive: 'count(animal.animal_id)'}
  animal:
    also: [pet]
    fields:
      animal_id: {type: integer, key: true}
      kennel_id: {type: integer, required: true, refers: kennel.kennel_id, children: {min: 1, max: 3, mean: 2}}
      weight: {type: 'decimal(5,2)', range: 0.5..90, quantiles: [0.5, 4, 9, 28, 90]}
      arrived: {type: date, required: true}
      adopted: {type: date}
    rules:
      - {name: adopted_after, text: adopted >= arrived}
"""


def made(source: str, path: Path, rows: int = 60) -> sqlite3.Connection:
    assert main(["generate", source, "--to", f"sqlite:///{path}", "--rows", str(rows), "--quiet"]) == 0
    return sqlite3.connect(path)


def one(c: sqlite3.Connection, sql: str) -> object:
    return c.execute(sql).fetchone()[0]


@pytest.mark.parametrize("name", packs.names())
def test_every_built_in_pack_fills_a_database(name: str, tmp_path: Path) -> None:
    connection = made(f"pack:{name}", tmp_path / "x.db")
    tables = [t for (t,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert set(packs.builtin(name).entities) <= set(tables)
    assert all(one(connection, f'SELECT count(*) FROM "{t}"') for t in packs.builtin(name).entities)
    assert not connection.execute("PRAGMA foreign_key_check").fetchall()


def test_a_cart_is_the_sum_of_its_items_and_an_order_is_paid_in_full(tmp_path: Path) -> None:
    c = made("pack:ecommerce", tmp_path / "shop.db")
    items = "(SELECT sum(amount) FROM cart_item i WHERE i.cart_id = cart.cart_id)"
    assert one(c, f"SELECT count(*) FROM cart WHERE abs(subtotal - {items}) > 0.005") == 0
    assert one(c, "SELECT count(*) FROM cart WHERE abs(total - subtotal - tax) > 0.005") == 0
    assert (
        one(c, 'SELECT count(*) FROM payment p JOIN "order" o USING (order_id) WHERE abs(p.amount - o.total) > 0.005')
        == 0
    )
    gone = "status IN ('shipped', 'delivered', 'refunded')"
    assert one(c, f'SELECT count(*) FROM "order" WHERE ({gone}) = (shipped_at IS NULL)') == 0
    assert one(c, "SELECT count(DISTINCT rating) FROM review") == 5
    assert one(c, "SELECT count(*) FROM user WHERE user_id NOT GLOB 'USR-[0-9][0-9][0-9][0-9][0-9][0-9][0-9]'") == 0


def test_a_pack_of_ones_own_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SMALL)
    c = made(str(tmp_path / "mine.yaml"), tmp_path / "x.db", 100)
    assert 100 < one(c, "SELECT count(*) FROM animal") <= 300  # type: ignore[operator]
    counts = (
        "SELECT count(*) FROM kennel k WHERE animals <> (SELECT count(*) FROM animal a WHERE a.kennel_id = k.kennel_id)"
    )
    assert one(c, counts) == 0
    assert one(c, "SELECT count(*) FROM animal WHERE adopted < arrived") == 0
    small = one(c, "SELECT avg(size = 'small') FROM kennel")
    assert 0.5 < small < 0.9  # type: ignore[operator]


def test_a_pack_beside_a_database_adds_rules_and_no_tables(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SMALL)
    (tmp_path / "schema.sql").write_text(
        "CREATE TABLE pets (id integer PRIMARY KEY, weight numeric(5,2), arrived_on date NOT NULL, adopted_on date);"
    )
    schema = read([str(tmp_path / "schema.sql"), str(tmp_path / "mine.yaml")])
    assert [e.name for e in schema.entities] == ["pets"]
    pets: Entity = schema.entities[0]
    assert any("adopted_on" in r.text and "arrived_on" in r.text and not r.enforced for r in pets.checks)
    assert any('"weight" <= 90' in r.text for r in pets.checks)


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ("refers: kennel.kennel_id", "refers: kenel.kennel_id", "line 12: no entity 'kenel'. Did you mean 'kennel'"),
        ("count(animal.animal_id)", "count(animl.animal_id)", "line 7: derive names 'animl'"),
        ("text: adopted >= arrived", "text: adoptd >= arrived", "line 17: .*speaks of 'adoptd'"),
        ("text: adopted >= arrived", "text: adopted >=", "line 17: .*cannot be read"),
        ("range: 0.5..90", "range: '..'", "line 13: '..' is no range"),
        ("type: date, required: true", "type: date, requierd: true", "line 14: unknown member 'requierd'"),
        ("type: date}", "type: dat}", "'dat' is no type"),
        ("pack: shelter", "pack: shelter\ntitel: Animals", "line 2: unknown member 'titel'. Did you mean 'title'"),
    ],
)
def test_faults_are_told_with_their_line(tmp_path: Path, wrong: str, right: str, told: str) -> None:
    place = tmp_path / "mine.yaml"
    place.write_text(SMALL.replace(wrong, right, 1))
    with pytest.raises(SourceError, match=told):
        read([str(place)])


def test_an_unknown_pack_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "pack:ecomerce"]) == 2
    assert "Did you mean pack:ecommerce?" in capsys.readouterr().err


def test_packs_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs"]) == 0
    listed = capsys.readouterr().out
    assert all(n in listed for n in packs.names())
    assert main(["packs", "banking", "--entity", "loan"]) == 0
    explained = capsys.readouterr().out
    assert "loan_disbursed_after_applied" in explained
    assert "refers to customer.customer_id" in explained
