"""What a change to the schema or to the sizes moves, and what it leaves: other columns stay, earlier rows stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.laws.library_material import ROWS, SCHEMA, column, everything, planned

from understudy.model.schema import Schema

BASE = everything(planned())
Entities = dict[str, dict[str, Any]]


def changed(change: Callable[[Entities], None], rows: dict[str, int] = ROWS) -> set[str]:
    """``table.column`` of all that moved, of what was there before and still is."""
    document = json.loads(msgspec.json.encode(SCHEMA))
    entities = {e["name"]: e for e in document["entities"]}
    change(entities)
    document["entities"] = list(entities.values())
    now = everything(planned(msgspec.convert(document, Schema), rows=rows))
    return {
        f"{table}.{name}"
        for table, held in BASE.items()
        for name in held[0].keys() & now[table][0].keys()
        if [r[name] for r in held] != [r[name] for r in now[table][: len(held)]]
    }


def new_field(table: str, kind: str, *, first: bool, **more: Any) -> Callable[[Entities], None]:
    def change(entities: Entities) -> None:
        field = {"name": "extra", "type": {"kind": kind}, "nullable": True, **more}
        entities[table]["fields"].insert(0 if first else 99, field)

    return change


def test_the_judge_sees_what_moves() -> None:
    def narrower(entities: Entities) -> None:
        entities["item"]["checks"][0]["text"] = "days BETWEEN 1 AND 9"

    assert changed(narrower) == {"item.days", "item.fee", "loan.worth"}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(("table", "kind"), [("reader", "text"), ("loan", "timestamp"), ("item", "integer")])
def test_a_new_column_moves_no_other(table: str, kind: str, first: bool) -> None:
    assert changed(new_field(table, kind, first=first)) == set()


def test_a_column_that_goes_moves_no_other() -> None:
    def without_note(entities: Entities) -> None:
        entities["loan"]["fields"] = [f for f in entities["loan"]["fields"] if f["name"] != "note"]

    assert changed(without_note) == set()


def test_a_new_table_moves_no_other() -> None:
    def shelf(entities: Entities) -> None:
        entities["shelf"] = json.loads(msgspec.json.encode(SCHEMA.entity("branch"))) | {"name": "shelf"}
        entities["shelf"]["foreign_keys"][0] |= {"name": "shelf_part_of", "target": "branch"}

    assert changed(shelf, {**ROWS, "shelf": 30}) == set()


def test_the_order_of_columns_and_tables_in_the_schema_moves_nothing() -> None:
    def reverse(entities: Entities) -> None:
        for entity in entities.values():
            entity["fields"].reverse()
        turned = dict(reversed(list(entities.items())))
        entities.clear()
        entities.update(turned)

    assert changed(reverse) == set()


def test_more_rows_of_a_root_keep_the_earlier_ones() -> None:
    more = planned(rows={**ROWS, "reader": 5_000})
    for name in ("id", "email", "first_name", "home", "joined_on", "left_on"):
        assert column(more, "reader", name, 150) == [r[name] for r in BASE["reader"]]


def test_more_children_move_no_parent() -> None:
    assert not {m for m in changed(lambda _: None, {**ROWS, "loan": 900}) if m.startswith(("branch.", "reader."))}
