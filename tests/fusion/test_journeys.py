"""Test cases become flows of the schema: under its names, the same way told once, with places and confidence."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.fusion.said import DECIMAL, INTEGER, database, table, text

from understudy.errors import SourceError
from understudy.fusion import fuse
from understudy.model.editable import load_schema, save_schema
from understudy.model.flow import Need
from understudy.model.schema import Schema
from understudy.sources import cases as reader

CUSTOMERS = table("customers", {"id": INTEGER, "email": text(80), "first_name": text(40)})
ORDERS = table(
    "orders",
    {"id": INTEGER, "customer_id": INTEGER, "email": text(80), "street": text(80), "total": DECIMAL},
    customer_id="customers",
)
BEFORE = """Feature: Orders
  Background:
    Given the following customers exist:
      | email           | first_name |
      | ann@example.org | Ann        |
"""
ORDER = """  Scenario: {name}
    When I go to the checkout page
    And I fill in "Email" with "ann@example.org"
    And I fill in "Street" with "{street}"
    And I press "Buy"
    Then I should see "{seen}"
"""


def schema(folder: Path, *scenarios: str) -> Schema:
    (folder / "orders.feature").write_text(BEFORE + "".join(scenarios))
    return fuse([database(CUSTOMERS, ORDERS), reader.read(folder)])


def order(name: str, street: str = "Elm Street 2", seen: str = "Thank you") -> str:
    return ORDER.format(name=name, street=street, seen=seen)


def test_a_case_is_a_flow_under_the_schemas_names(tmp_path: Path) -> None:
    (flow,) = schema(tmp_path, order("An order")).flows
    assert flow.states == ("given customers", "visit checkout", "fill orders", "press Buy", "expect")
    assert [(t.start, t.end) for t in flow.transitions] == list(zip(flow.states, flow.states[1:], strict=False))
    assert flow.touches == {
        "given customers": ("customers.email", "customers.first_name"),
        "fill orders": ("orders.email", "orders.street"),
    }
    assert (flow.entity, flow.initial, flow.refused) == ("orders", "given customers", False)


def test_values_that_go_from_state_to_state_are_needs(tmp_path: Path) -> None:
    (flow,) = schema(tmp_path, order("An order")).flows
    assert flow.needs == (Need("given customers", "customers.email", "fill orders", "orders.email"),)


def test_cases_that_take_the_same_way_are_one_flow_that_names_them(tmp_path: Path) -> None:
    (flow,) = schema(tmp_path, order("An order"), order("Another", "Oak Street 9")).flows
    assert flow.seen == 2
    assert flow.places == ("orders.feature line 6", "orders.feature line 12")


def test_a_way_that_is_refused_is_a_flow_of_its_own(tmp_path: Path) -> None:
    good, bad = schema(tmp_path, order("An order"), order("Invalid street", "?", "Street is invalid")).flows
    assert (good.refused, bad.refused) == (False, True)


def test_several_sources_make_a_flow_surer(tmp_path: Path) -> None:
    alone, other = tmp_path / "a", tmp_path / "b"
    alone.mkdir(), other.mkdir()
    (one,) = schema(alone, order("An order")).flows
    (other / "more.feature").write_text(BEFORE + order("An order"))
    (both,) = fuse([database(CUSTOMERS, ORDERS), reader.read(alone), reader.read(other)]).flows
    assert 0.5 < (one.confidence or 0) < (both.confidence or 0) < 1


def test_a_state_that_is_come_to_again_has_a_number(tmp_path: Path) -> None:
    twice = order("Twice").rstrip() + "\n" + "\n".join(order("").splitlines()[1:]) + "\n"
    (flow,) = schema(tmp_path, twice).flows
    assert flow.states[-4:] == ("visit checkout (2)", "fill orders (2)", "press Buy (2)", "expect (2)")


def test_cases_that_touch_nothing_of_the_schema_are_no_flow_of_it(tmp_path: Path) -> None:
    only = 'Feature: Weather\n  Scenario: Look\n    When I press "Rain"\n    Then I should see "Umbrella"\n'
    (tmp_path / "w.feature").write_text(only)
    assert fuse([database(CUSTOMERS, ORDERS), reader.read(tmp_path)]).flows == ()


def test_flows_survive_the_schema_file(tmp_path: Path) -> None:
    made = schema(tmp_path, order("An order"), order("Invalid street", "?", "Street is invalid"))
    save_schema(made, tmp_path / "s.schema.yaml")
    assert load_schema(tmp_path / "s.schema.yaml").flows == made.flows


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"touches": {"fill orders": ("orders.stret",)}}, "'orders.stret' (did you mean 'orders.street'?)"),
        ({"touches": {"fill ordrs": ("orders.street",)}}, "no state 'fill ordrs' (did you mean 'fill orders'?)"),
    ],
)
def test_a_flow_that_names_what_is_not_there_is_a_fault(tmp_path: Path, change: dict[str, object], said: str) -> None:
    made = schema(tmp_path, order("An order"))
    flow = msgspec.structs.replace(made.flows[0], **change)
    save_schema(msgspec.structs.replace(made, flows=(flow,)), tmp_path / "s.schema.yaml")
    with pytest.raises(SourceError) as error:
        load_schema(tmp_path / "s.schema.yaml")
    assert said in str(error.value)
