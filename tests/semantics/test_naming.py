"""Things without a name of their own kind are called after their table; what belongs together in a row does."""

from __future__ import annotations

import re

import pytest

import understudy
from understudy.semantics import grammar
from understudy.semantics.catalogue import catalogue


def made(tmp_path, ddl: str, table: str, rows: int = 60, **options):
    place = tmp_path / "schema.sql"
    place.write_text(ddl)
    return understudy.generate(str(place), rows=rows, seed=3, **options)[table].to_pylist()


def test_a_name_says_what_its_table_is_about(tmp_path):
    rows = made(tmp_path, "CREATE TABLE depots (id int PRIMARY KEY, name text NOT NULL)", "depots")
    assert all(r["name"].endswith(" Depot") for r in rows)
    assert len({r["name"] for r in rows}) > 30


def test_names_of_kinds_are_of_kinds(tmp_path):
    rows = made(
        tmp_path, "CREATE TABLE tariff_type (id int PRIMARY KEY, name varchar(60) NOT NULL UNIQUE)", "tariff_type"
    )
    assert all(" Tariff" in r["name"] and "Type" not in r["name"] for r in rows)
    assert len({r["name"] for r in rows}) == 60


def test_in_another_language_the_place_stands_behind_the_noun(tmp_path):
    ddl = "CREATE TABLE lager (id int PRIMARY KEY, name text NOT NULL)"
    assert all(re.fullmatch(r"Lager \S.*", r["name"]) for r in made(tmp_path, ddl, "lager", locale="de_DE"))


def test_what_is_paid_is_the_measure_times_its_price(tmp_path):
    ddl = """CREATE TABLE refuelling (id int PRIMARY KEY, litres numeric(6,2) NOT NULL CHECK (litres > 0),
             price_per_litre numeric(5,3) NOT NULL, total numeric(9,2) NOT NULL)"""
    for r in made(tmp_path, ddl, "refuelling"):
        assert 1 < r["price_per_litre"] < 3
        assert abs(r["total"] - r["litres"] * r["price_per_litre"]) < 0.006


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pt_BR"])
def test_every_sentence_has_an_end(locale):
    for topic in {str(t.options["topic"]) for t in catalogue().values() if t.maker == "prose" and "topic" in t.options}:
        texts = grammar.sentences(topic, locale)
        cut = [s for s in texts if s[-1] not in '.!?"']
        assert not cut or len(cut) > len(texts) // 2, (topic, cut[:3])  # notes in a few words have no end


def test_what_ends_ends_soon_after_it_began_also_where_a_key_says_when_that_was(tmp_path):
    ddl = """CREATE TABLE rental (id int PRIMARY KEY, car int NOT NULL, rental_date timestamp NOT NULL,
             return_date timestamp NOT NULL, UNIQUE (rental_date, car))"""
    apart = sorted(r["return_date"] - r["rental_date"] for r in made(tmp_path, ddl, "rental", 400))
    assert apart[0].total_seconds() >= 0
    assert apart[200].days < 30


def test_most_rows_have_the_default(tmp_path):
    ddl = """CREATE TABLE guest (id int PRIMARY KEY, smoker boolean NOT NULL DEFAULT false,
             tier varchar(10) NOT NULL DEFAULT 'none' CHECK (tier IN ('gold', 'none', 'silver')),
             points int NOT NULL DEFAULT 0,
             status varchar(9) NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'done')))"""
    rows = made(tmp_path, ddl, "guest", 600)
    assert 0.03 < sum(r["smoker"] for r in rows) / 600 < 0.3
    assert 0.45 < sum(r["tier"] == "none" for r in rows) / 600 < 0.7
    assert 0.45 < sum(r["points"] == 0 for r in rows) / 600 < 0.7
    assert sum(r["status"] == "done" for r in rows) > 200, "a status begins with its default"


def test_a_stay_costs_its_nights_and_lasts_some_days(tmp_path):
    ddl = """CREATE TABLE reservation (id int PRIMARY KEY, arrival date NOT NULL, departure date NOT NULL,
             nights int NOT NULL CHECK (nights BETWEEN 1 AND 20), rate_per_night numeric(8,2) NOT NULL,
             total_amount numeric(10,2) NOT NULL, CHECK (departure > arrival))"""
    rows = made(tmp_path, ddl, "reservation", 200)
    assert all(r["total_amount"] == r["nights"] * r["rate_per_night"] for r in rows)
    assert len({(r["departure"] - r["arrival"]).days for r in rows}) > 4


def test_a_site_has_the_name_of_what_it_is_about(tmp_path):
    ddl = "CREATE TABLE hotel (id int PRIMARY KEY, name text NOT NULL, website text NOT NULL)"
    for r in made(tmp_path, ddl, "hotel"):
        assert r["website"] == f"https://www.{re.sub(r'[^a-z0-9]+', '-', r['name'].lower()).strip('-')}.example.com"


def test_tax_is_the_rate_of_the_row(tmp_path):
    ddl = """CREATE TABLE invoice (id int PRIMARY KEY, net_amount numeric(10,2) NOT NULL,
             vat_rate numeric(4,2) NOT NULL, vat_amount numeric(10,2) NOT NULL, total numeric(10,2) NOT NULL)"""
    rows = made(tmp_path, ddl, "invoice", 200)
    assert len({r["vat_rate"] for r in rows}) > 4
    for r in rows:
        assert abs(r["vat_amount"] - r["net_amount"] * r["vat_rate"] / 100) < 0.01 + 1e-9
        assert r["total"] == r["net_amount"] + r["vat_amount"]


def test_a_pattern_leaves_a_meaning_its_room(tmp_path):
    ddl = """CREATE TABLE team (id int PRIMARY KEY,
             slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{2,38}$'))"""
    rows = made(tmp_path, ddl, "team", 300)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", r["slug"]) and len(r["slug"]) < 40 for r in rows)
