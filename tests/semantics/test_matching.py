"""What names say: labelled names of columns, and the catalogue's own soundness."""

from __future__ import annotations

import re

import pytest
from semantic_tables import logical

from understudy.model.schema import Entity, Field
from understudy.semantics import grammar, making, matches, pools, words
from understudy.semantics.catalogue import catalogue

LABELLED = """
customers.email s(80) email; users.EmailAddress s email; t.e_mail s(50) email; staff.fname s(30) first_name
staff.LName s(30) last_name; users.username s(40) user_name; artists.name s(80) artist; cities.name s(40) city
products.name s(80) product_name; genres.name s(30) genre; countries.name s(50) country
companies.name s company; departments.name s(40) department; categories.name s(40) category; tags.name s(30) tag
files.name s(90) file_name; users.name s(90) person_name; albums.title s(90) album; tracks.title s(90) song
films.title s(90) film; books.title s(90) book; employees.title s(40) job_title; posts.title s headline
issues.title s task_title; customers.dob date birth_date; customers.postalCode s(10) postcode
customers.postalcode s(10) postcode; customers.addr1 s(60) street_address; customers.tel s(30) phone
orders.qty int quantity; orders.unitprice dec(9,2) price; orders.shipped_at ts shipped_at
orders.OrderDate date created_at; users.lastLoginAt ts updated_at; t.dt_created ts created_at
subscriptions.validUntil date expires_at; invoices.due_date date due_at; t.ip_addr s(45) ipv4
t.tz s(40) timezone; t.lat float latitude; t.lng float longitude; t.sha256 s(64) sha256
t.mime_type s(60) mime_type; t.pwd s(80) password_hash; t.is_active bool flag; t.sort_order int position
reviews.rating int rating; products.sku s(20) sku; books.isbn s(13) isbn
flights.departure_airport c(3) airport_code; patients.diagnosis s(90) condition
vehicles.license_plate s(12) license_plate; employees.salary dec(10,2) salary; t.currency c(3) currency
t.country_code c(2) country_code; t.user_agent s user_agent
"""


@pytest.mark.parametrize("line", [x.strip() for x in LABELLED.replace("\n", ";").split(";") if x.strip()])
def test_a_name_means_what_a_person_would_say(line: str) -> None:
    place, kind, meaning = line.split()
    table, column = place.split(".")
    field = Field(column, logical(kind))
    found = matches(Entity(table, (field,)), field)
    assert found, line
    assert found[0].meaning == meaning, found[:3]
    assert list(found) == sorted(found, key=lambda m: -m.certainty)


@pytest.mark.parametrize(
    ("table", "column", "expected"),
    [
        ("customers", "CustAddrLine1", ("address", "line", "1")),
        ("orders", "CustAddrLine1", ("customer", "address", "line", "1")),
        ("customers", "customer_name", ("name",)),
        ("t", "shipcountry", ("ship", "country")),
        ("t", "HTTPStatusCode", ("http", "status", "code")),
        ("t", "QuantityPerUnit", ("quantity", "per", "unit")),
        ("t", "surfacearea", ("surface", "area")),
        ("t", "umbrella", ("umbrella",)),
    ],
)
def test_names_are_taken_apart(table: str, column: str, expected: tuple[str, ...]) -> None:
    found = words.own_tokens(table, column)
    assert tuple(words.singular(w) for w in found) == expected


def test_every_type_names_a_maker_and_word_lists_that_exist() -> None:
    for t in catalogue().values():
        assert t.maker in making.MAKERS, t.name
        assert t.names, t.name
        for key in ("pool", "bad_pool", "brief"):
            source = str(t.options.get(key, ""))
            if source.startswith("grammar:"):
                assert len(grammar.phrases(source[8:])) > 10
            elif source:
                assert len(pools.words(source)) > 2, t.name
        for key in ("topic", "bad"):
            if t.options.get(key):
                assert len(grammar.phrases(str(t.options[key]))) > 10, t.name


def test_phrases_are_varied_and_leave_no_slot_open() -> None:
    for t in catalogue().values():
        topic = str(t.options.get("topic", ""))
        if topic:
            found = grammar.phrases(topic)
            assert not [p for p in found if re.search(r"\{[a-z]", p)], t.name
            assert not [p for p in found if re.search(r"\b[Aa] [aeio](?!ne)", p)], t.name
            assert len({pools.fold(p) for p in found}) == len(found)
