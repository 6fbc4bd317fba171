"""What data files tell of sizes and forms is kept when they are fused."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy import generate, plan, read
from understudy.errors import UnsatisfiableError
from understudy.model.schema import Schema

DDL = """
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, vat varchar(20));
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers (id), total numeric(8));
"""


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    rows = "".join(f"{i},Name {i},DE{100000000 + i * 7919}\n" for i in range(1, 41))
    (folder / "customers.csv").write_text("id,name,vat\n" + rows)
    lines = "".join(f"{i},{1 + i * 17 % 40},{i * 13 % 900 / 10}\n" for i in range(1, 201))
    (folder / "orders.csv").write_text("id,customer_id,total\n" + lines)
    return folder


def fanout(schema: Schema) -> dict[str, float] | None:
    return schema.entity("orders").foreign_keys[0].fanout


def test_files_tell_how_many_rows_there_were_and_children_of_each(exported: Path) -> None:
    schema = read(exported)
    assert {e.name: e.rows for e in schema.entities} == {"customers": 40, "orders": 200}
    assert fanout(schema) is not None
    assert fanout(schema)["mean"] == 5  # type: ignore[index]


def test_children_seen_in_files_size_the_tables_of_a_declared_key(exported: Path, tmp_path: Path) -> None:
    ddl = tmp_path / "schema.sql"
    ddl.write_text(DDL)
    schema = read(ddl, exported)
    assert fanout(schema) == {"mean": 5.0, "min": 1.0}
    sizes = {t.name: t.rows for t in plan(schema, rows=20).plan.tables}
    assert sizes["orders"] == 5 * sizes["customers"]


def test_more_rows_than_were_seen_may_be_asked_for(exported: Path) -> None:
    made = plan(exported, rows={"customers": 10, "orders": 900}).plan
    assert made.unmet == ()
    assert {t.name: t.rows for t in made.tables} == {"customers": 10, "orders": 900}


def test_a_most_that_is_declared_still_holds(tmp_path: Path) -> None:
    ddl = tmp_path / "schema.sql"
    ddl.write_text(DDL.replace("customer_id integer NOT NULL", "customer_id integer NOT NULL UNIQUE"))
    with pytest.raises(UnsatisfiableError):
        generate(ddl, rows={"customers": 10, "orders": 900})


def test_a_form_that_a_file_shows_is_one_rule(exported: Path) -> None:
    texts = [r.text for r in read(exported).entity("customers").checks if "vat" in r.columns]
    assert sum("~" in t for t in texts) == 1
