"""Rows agree: within themselves, with their parents, with their children; a person's wishes come first."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from understudy import workflow
from understudy.errors import RequestError
from understudy.kernels import Runtime
from understudy.model.editable import from_yaml, to_yaml
from understudy.model.plan import Plan
from understudy.model.request import Request
from understudy.model.schema import Schema
from understudy.semantics.catalogue import catalogue, families
from understudy.semantics.locales import LOCALES
from understudy.semantics.nouns import PII, sensitivity

CLOCK = 1_763_700_000_000_000
SHOP = """
CREATE TABLE customers (id int PRIMARY KEY, full_name text NOT NULL, email text NOT NULL, birth_date date NOT NULL,
  age int NOT NULL, city text NOT NULL, postal_code text NOT NULL, country_code char(2) NOT NULL,
  currency char(3) NOT NULL, created_at timestamp NOT NULL);
CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2) NOT NULL, category text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, ordered_at timestamp NOT NULL,
  status text NOT NULL CHECK (status IN ('pending','paid','shipped','cancelled')),
  shipped_at timestamp, cancelled_at timestamp,
  is_paid boolean NOT NULL, currency char(3) NOT NULL, subtotal numeric(12,2) NOT NULL, tax numeric(12,2) NOT NULL,
  total numeric(12,2) NOT NULL);
CREATE TABLE order_items (id int PRIMARY KEY, order_id int NOT NULL REFERENCES orders,
  product_id int NOT NULL REFERENCES products, product_name text NOT NULL, quantity int NOT NULL,
  unit_price numeric(10,2) NOT NULL, line_total numeric(12,2) NOT NULL);
"""


def planned(tmp_path: Path, sql: str = SHOP, **wishes: object) -> tuple[Plan, dict[str, pa.RecordBatch]]:
    """The plan of a schema and 300 rows of each table."""
    place = tmp_path / "schema.sql"
    place.write_text("-- PostgreSQL\n" + sql)
    return of_schema(workflow.read([str(place)]), **wishes)


def of_schema(schema: Schema, **wishes: object) -> tuple[Plan, dict[str, pa.RecordBatch]]:
    """The same of a schema that is read already."""
    bundle = workflow.plan_schema(schema, Request(default_rows=300, clock=CLOCK, **wishes))
    runtime = Runtime(bundle)
    return bundle.plan, {t.name: runtime.batch(t.name, 0, t.rows) for t in bundle.plan.tables}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, dict[str, pa.RecordBatch]]:
    """A shop, planned once."""
    return planned(tmp_path_factory.mktemp("shop"))


def test_children_begin_after_their_parents(shop: tuple[Plan, dict[str, pa.RecordBatch]]) -> None:
    customers = {r["id"]: r for r in shop[1]["customers"].to_pylist()}
    assert all(r["ordered_at"] >= customers[r["customer_id"]]["created_at"] for r in shop[1]["orders"].to_pylist())


def test_a_line_has_the_price_and_name_of_what_is_sold_and_adds_up(
    shop: tuple[Plan, dict[str, pa.RecordBatch]],
) -> None:
    products = {r["id"]: r for r in shop[1]["products"].to_pylist()}
    sums: dict[int, object] = {}
    for r in shop[1]["order_items"].to_pylist():
        assert (r["product_name"], r["unit_price"]) == (
            products[r["product_id"]]["name"],
            products[r["product_id"]]["price"],
        )
        assert r["line_total"] == r["quantity"] * r["unit_price"]
        sums[r["order_id"]] = sums.get(r["order_id"], 0) + r["line_total"]
    for r in shop[1]["orders"].to_pylist():
        assert r["subtotal"] == sums.get(r["id"], 0)
        assert r["total"] == r["subtotal"] + r["tax"]


def test_a_status_says_what_has_happened(shop: tuple[Plan, dict[str, pa.RecordBatch]]) -> None:
    for r in shop[1]["orders"].to_pylist():
        assert (r["shipped_at"] is not None) == (r["status"] == "shipped")
        assert (r["cancelled_at"] is not None) == (r["status"] == "cancelled")
        assert r["is_paid"] == (r["status"] in ("paid", "shipped"))


def test_a_person_is_as_old_as_their_birth_date_says(shop: tuple[Plan, dict[str, pa.RecordBatch]]) -> None:
    today = dt.datetime.fromtimestamp(CLOCK / 1e6, dt.UTC).date()
    for r in shop[1]["customers"].to_pylist():
        born = r["birth_date"]
        assert r["age"] == today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def test_a_country_has_one_currency_and_orders_are_in_the_customers(
    shop: tuple[Plan, dict[str, pa.RecordBatch]],
) -> None:
    customers = {r["id"]: r for r in shop[1]["customers"].to_pylist()}
    found: dict[str, set[str]] = {}
    for r in customers.values():
        found.setdefault(r["country_code"], set()).add(r["currency"])
    assert all(len(v) == 1 for v in found.values())
    assert len(found) > 3
    assert all(r["currency"] == customers[r["customer_id"]]["currency"] for r in shop[1]["orders"].to_pylist())


def test_the_plan_says_why_a_column_follows_from_others(shop: tuple[Plan, dict[str, pa.RecordBatch]]) -> None:
    reasons = {f"{t.name}.{c.name}": c.reason for t in shop[0].tables for c in t.columns}
    assert reasons["order_items.unit_price"] == "= products.price, the price of what is sold"
    assert reasons["orders.subtotal"].startswith("= sum(order_items.line_total), ")


def test_derive_none_sets_an_inference_aside(tmp_path: Path) -> None:
    place = tmp_path / "schema.sql"
    place.write_text("-- PostgreSQL\n" + SHOP)
    text = to_yaml(workflow.read([str(place)]))
    edited = text.replace("- name: unit_price\n", "- name: unit_price\n    derive: none\n")
    assert edited != text
    plan, rows = of_schema(from_yaml(edited, Schema))
    products = {r["id"]: r["price"] for r in rows["products"].to_pylist()}
    assert any(r["unit_price"] != products[r["product_id"]] for r in rows["order_items"].to_pylist())
    assert not plan.table("order_items").column("unit_price").reason.startswith("=")


def test_a_spread_that_is_asked_for_is_kept(tmp_path: Path) -> None:
    text = to_yaml(
        _read(
            tmp_path,
            "CREATE TABLE t (id int PRIMARY KEY, level int NOT NULL, kind text NOT NULL CHECK (kind IN ('a','b')));",
        )
    )
    wished = text.replace("- name: level\n", "- name: level\n    spread: {law: uniform, low: 40, high: 60}\n")
    wished = wished.replace("- name: kind\n", "- name: kind\n    spread: {weights: [1, 9]}\n")
    _, rows = of_schema(from_yaml(wished, Schema))
    assert set(rows["t"]["level"].to_pylist()) == set(range(40, 61))
    assert rows["t"]["kind"].to_pylist().count("b") > 230


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("meaning: emial", "Did you mean 'email'"),
        ("spread: {law: gauss}", "no distribution is called 'gauss'"),
        ("spread: {sigmaa: 1}", "no distribution has 'sigmaa'"),
    ],
)
def test_a_wish_that_does_not_exist_is_answered_with_what_does(tmp_path: Path, wish: str, said: str) -> None:
    text = to_yaml(_read(tmp_path, "CREATE TABLE t (id int PRIMARY KEY, level int NOT NULL);"))
    with pytest.raises(RequestError) as told:
        of_schema(from_yaml(text.replace("- name: level\n", f"- name: level\n    {wish}\n"), Schema))
    assert said in str(told.value) + told.value.mend


def test_an_unknown_locale_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as told:
        planned(tmp_path, locale="de_DX")
    assert "de_DE" in told.value.mend


def test_a_meaning_without_room_is_told_while_planning(tmp_path: Path) -> None:
    plan, _ = planned(tmp_path, "CREATE TABLE people (id int PRIMARY KEY, email varchar(5) NOT NULL);")
    assert any("email: email does not fit varchar(5)" in w for w in plan.warnings)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_has_people_places_and_streets_of_its_own(tmp_path: Path, locale: str) -> None:
    sql = "CREATE TABLE people (id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, email text NOT NULL, street text NOT NULL, city text NOT NULL, postal_code text NOT NULL, phone text NOT NULL, company text NOT NULL);"  # noqa: E501
    _, rows = planned(tmp_path, sql, locale=locale)
    people = rows["people"].to_pylist()
    assert len({r["first_name"] for r in people}) > 20
    assert len({r["city"] for r in people}) > 8
    assert all(r["email"].isascii() for r in people)
    if locale in ("ja_JP", "zh_CN", "hi_IN", "ar_SA"):
        assert not any(r["first_name"].isascii() or r["city"].isascii() for r in people)


def test_every_type_says_what_it_is_and_how_sensitive() -> None:
    from understudy.semantics.describing import about, can

    assert len(catalogue()) > 450
    assert set().union(*families().values()) == set(catalogue())
    for t in catalogue().values():
        assert about(t), t.name
        assert can(t), t.name
        assert t.pii in ("", *PII), t.name
        assert sensitivity(t) in ("", "low", "medium", "high"), t.name
        assert all(n in catalogue() for n in t.agrees), (t.name, t.agrees)


def _read(tmp_path: Path, sql: str) -> Schema:
    place = tmp_path / "schema.sql"
    place.write_text("-- PostgreSQL\n" + sql)
    return workflow.read([str(place)])
