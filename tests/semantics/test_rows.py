"""Rows as a person sees them: columns of a row agree, bounds hold, unique columns are unique."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import unicodedata
from decimal import Decimal

import msgspec
import pytest
from generated import rows_of
from semantic_tables import CLOCK, TABLES, entity, every_kind

from understudy.model.domain import Domain
from understudy.model.schema import Entity, Field
from understudy.semantics.pools import handle
from understudy.types import Kind, Type

BY_NAME = {t.name: t for t in TABLES}
NOW = dt.datetime.fromtimestamp(CLOCK / 1e6, dt.UTC)


def folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(c))


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_texts_keep_to_their_lengths_and_no_column_is_constant_or_empty(table: Entity) -> None:
    batch, _ = rows_of(table, 600)
    for field in table.fields:
        values = [v for v in batch[field.name].to_pylist() if v is not None]
        assert values, field.name
        assert len({str(v) for v in values}) > 1 or field.name == "currency", field.name
        if field.type.kind is Kind.TEXT and field.type.length:
            assert max(map(len, values)) <= field.type.length, field.name


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_unique_columns_are_unique_even_folded(table: Entity) -> None:
    usable = [f.name for f in table.fields if f.type.kind not in (Kind.BOOLEAN, Kind.ENUM) and (f.type.length or 9) > 2]
    batch, made = rows_of(table, 3000, unique=usable)
    for name in usable:
        coded = made.recipes[name].coded
        assert coded is not None
        values = [folded(str(v)) for v in batch[name].to_pylist()][: coded.capacity]
        if coded.capacity >= 3000 and len(set(values)) < len(values):
            assert not table.field(name).type.folded
            values = [str(v) for v in batch[name].to_pylist()]
        assert len(set(values)) == len(values), f"{name}: {made.recipes[name].reason}"


@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize(("name", "kind"), every_kind(), ids=lambda v: v if isinstance(v, str) else "")
def test_every_kind_without_a_meaning_evaluates(name: str, kind: Type, unique: bool) -> None:
    table = Entity("things", (Field(f"zz_{name}", kind),))
    _, made = rows_of(table, 1)
    coded = made.recipes[f"zz_{name}"].coded
    assert coded is not None
    count = min(500, coded.capacity) if unique else 500
    batch, _ = rows_of(table, count, unique=[f"zz_{name}"] if unique else [], nulls=False)
    values = [str(v) for v in batch[f"zz_{name}"].to_pylist()]
    assert batch[f"zz_{name}"].null_count == 0
    assert len(set(values)) == (count if unique else len(set(values)))
    assert len(set(values)) > 1 or count == 1


def test_a_person_is_one_person() -> None:
    batch, _ = rows_of(BY_NAME["customers"], 500, unique=["email"])
    for row in batch.to_pylist():
        assert row["email"].startswith(f"{handle(row['first_name'])}.{handle(row['last_name'])}")
    genders = {}
    for row in batch.to_pylist():
        assert genders.setdefault(row["first_name"], row["gender"]) == row["gender"]


def test_another_person_of_the_row_is_another() -> None:
    batch, _ = rows_of(BY_NAME["employees"], 300)
    same = sum(r["manager_name"] == f"{r['first_name']} {r['last_name']}" for r in batch.to_pylist())
    assert same < 5


def test_places_agree() -> None:
    batch, _ = rows_of(BY_NAME["suppliers"], 2000)
    countries: dict[str, set[str]] = {}
    for row in batch.to_pylist():
        countries.setdefault(row["city"] + (row["region"] or ""), set()).add(row["country"])
        assert -90 <= row["latitude"] <= 90
        assert -180 <= row["longitude"] <= 180
    assert all(len(c) == 1 for c in countries.values())
    assert len({c for found in countries.values() for c in found}) > 3


@pytest.mark.parametrize(
    ("table", "order"),
    [
        ("orders", ("order_date", "shipped_at", "delivered_at")),
        ("orders", ("order_date", "required_date")),
        ("customers", ("created_at", "updated_at", "deleted_at")),
        ("flights", ("scheduled_departure", "scheduled_arrival")),
        ("flights", ("actual_departure", "actual_arrival")),
        ("patients", ("admitted_at", "discharged_at")),
        ("sessions", ("started_at", "expires_at")),
        ("sessions", ("start_time", "end_time")),
        ("sessions", ("valid_from", "valid_to")),
        ("employees", ("birth_date", "hire_date")),
        ("issues", ("created_at", "closed_at")),
        ("products", ("min_quantity", "max_quantity")),
    ],
)
def test_times_and_bounds_stand_in_order(table: str, order: tuple[str, ...]) -> None:
    batch, _ = rows_of(BY_NAME[table], 3000)
    for row in batch.to_pylist():
        known = [row[n] for n in order if row[n] is not None]
        if any(isinstance(v, dt.datetime) for v in known):
            known = [v.date() if isinstance(v, dt.datetime) else v for v in known]
        assert known == sorted(known), row


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_nothing_that_happened_lies_in_the_future(table: Entity) -> None:
    batch, made = rows_of(table, 1000)
    for field in table.fields:
        ahead = made.recipes[field.name].meaning in ("due_at", "expires_at")
        if field.type.kind in (Kind.DATE, Kind.TIMESTAMP) and not ahead:
            latest = max(v for v in batch[field.name].to_pylist() if v is not None)
            assert (latest.date() if isinstance(latest, dt.datetime) else latest) <= NOW.date(), field.name


def test_amounts_add_up() -> None:
    batch, _ = rows_of(BY_NAME["orders"], 1000)
    for row in batch.to_pylist():
        assert row["total"] == row["subtotal"] + row["tax"] + row["shipping_cost"]
    batch, _ = rows_of(BY_NAME["order_items"], 1000)
    for row in batch.to_pylist():
        assert row["line_total"] == row["quantity"] * row["unit_price"]
    assert max(batch["unit_price"].to_pylist()) < Decimal(1001)


def test_what_has_not_happened_is_null() -> None:
    batch, _ = rows_of(BY_NAME["orders"], 1000)
    for row in batch.to_pylist():
        if row["status"] in ("pending", "processing"):
            assert row["shipped_at"] is None
            assert row["delivered_at"] is None
        if row["status"] == "delivered":
            assert row["delivered_at"] is not None


def test_slugs_are_those_of_the_title() -> None:
    batch, _ = rows_of(BY_NAME["pages"], 300)
    for row in batch.to_pylist():
        first = row["page_title"].split()[0]
        if first.isascii():  # titles in other scripts have no letters that an address is made of
            assert row["page_slug"].split("-")[0] == "".join(c for c in first.lower() if c.isalnum()), row
        assert row["page_slug"]


def test_forms_are_right() -> None:
    batch, _ = rows_of(BY_NAME["sessions"], 300)
    for row in batch.to_pylist():
        ipaddress.ip_address(row["ip_address"])
        json.loads(row["payload"])
    batch, _ = rows_of(BY_NAME["products"], 300)
    for code in batch["ean"].to_pylist():
        digits = [int(c) for c in code]
        assert sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0


@pytest.mark.parametrize("low", [-500, 0, 7, 10_000])
@pytest.mark.parametrize("width", [0, 1, 30, 5000])
@pytest.mark.parametrize("name", ["price", "zz", "rating", "age", "count", "year", "quantity", "total"])
def test_bounds_hold(name: str, low: int, width: int) -> None:
    domain = Domain(low=low, high=low + width)
    for kind in (Type(Kind.INTEGER, bits=32), Type(Kind.DECIMAL, precision=10, scale=2)):
        table = Entity("things", (Field(name, kind),))
        factor = Decimal(10) ** -(kind.scale or 0)
        for unique in ((), (name,)):
            count = min(200, width + 1) if unique else 200
            batch, _ = rows_of(table, count, domains={name: domain}, unique=unique, nulls=False)
            values = batch[name].to_pylist()
            assert all(low * factor <= v <= (low + width) * factor for v in values), (unique, values[:5])
            assert len(set(values)) == count if unique else True


def test_bounds_of_time_hold_and_keep_the_order() -> None:
    table = entity("bookings", "start_date date; end_date date; created_at ts; expires_at ts")
    day = CLOCK // 86_400_000_000
    domains = {
        "start_date": Domain(low=day - 100, high=day - 50),
        "end_date": Domain(low=day - 80, high=day - 40),
        "expires_at": Domain(high=CLOCK),
    }
    batch, _ = rows_of(table, 1000, domains=domains)
    first = dt.date(1970, 1, 1)
    for row in batch.to_pylist():
        assert day - 100 <= (row["start_date"] - first).days <= day - 50
        assert day - 80 <= (row["end_date"] - first).days <= day - 40
        assert row["start_date"] <= row["end_date"]
        assert row["created_at"] <= row["expires_at"] <= NOW


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 6, 8, 12, 20, 60])
@pytest.mark.parametrize("name", ["email", "name", "zz", "title", "phone", "url", "city", "description", "code"])
def test_tight_texts_are_unique_up_to_their_capacity(name: str, length: int) -> None:
    table = Entity("customers", (Field(name, Type(Kind.TEXT, length=length, folded=True)),))
    _, made = rows_of(table, 1, unique=[name], planned=1000)
    coded = made.recipes[name].coded
    assert coded is not None
    count = min(coded.capacity, 4000)
    batch, _ = rows_of(table, count, unique=[name], planned=max(count, 1000), nulls=False)
    values = [folded(v) for v in batch[name].to_pylist()]
    assert len(set(values)) == count
    assert max(map(len, values)) <= length


def test_texts_keep_to_the_shortest_length_asked() -> None:
    for name in ("name", "zz", "description", "code", "title"):
        table = Entity("things", (Field(name, Type(Kind.TEXT, length=80)),))
        for unique in ((), (name,)):
            batch, _ = rows_of(table, 300, domains={name: Domain(shortest=12)}, unique=unique, nulls=False)
            assert min(map(len, batch[name].to_pylist())) >= 12, (name, unique)


@pytest.mark.parametrize(
    "locale",
    ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "pt_BR", "nl_NL", "pl_PL", "tr_TR", "ja_JP", "zh_CN"],
)
def test_every_locale_makes_whole_rows(locale: str) -> None:
    batch, _ = rows_of(BY_NAME["customers"], 300, unique=["email"], locale=locale)
    assert len(set(batch["email"].to_pylist())) == 300
    assert all(e.isascii() and "@" in e and not e.startswith(".") for e in batch["email"].to_pylist())


def test_labels_all_occur_and_none_is_rare() -> None:
    labels = tuple(f"label {k}" for k in range(12))
    table = Entity("things", (Field("zz", Type(Kind.ENUM, labels=labels)),))
    batch, _ = rows_of(table, 5000, nulls=False)
    counts = dict.fromkeys(labels, 0)
    for v in batch["zz"].to_pylist():
        counts[v] += 1
    assert min(counts.values()) > 5000 * 0.015
    assert max(counts.values()) > 1.5 * min(counts.values())


def test_refused_values_do_not_occur() -> None:
    table = Entity("things", (Field("zz", Type(Kind.INTEGER, bits=32)), Field("kind", Type(Kind.TEXT, length=20))))
    domains = {"zz": Domain(low=0, high=9, refused=(0, 3)), "kind": Domain(refused=("standard",))}
    batch, _ = rows_of(table, 1000, domains=domains)
    assert not {0, 3} & set(batch["zz"].to_pylist())
    assert "standard" not in set(batch["kind"].to_pylist())


def test_members_of_lists_have_the_meaning_of_the_column() -> None:
    field = Field("tags", Type(Kind.ARRAY, element=Type(Kind.TEXT)))
    batch, _ = rows_of(Entity("posts", (msgspec.structs.replace(field, nullable=False),)), 300)
    words = {w for tags in batch["tags"].to_pylist() for w in tags}
    assert len(words) > 10
    assert all(w.replace("-", "").isalpha() for w in words)
