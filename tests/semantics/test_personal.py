"""Personal data is found by names, by values, and inside running text; what is none is left alone."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import pytest

from understudy.cli.main import main
from understudy.semantics.freetext import found_in
from understudy.semantics.matching import Clues
from understudy.semantics.personal import Column, personal
from understudy.semantics.vocabularies import known

PEOPLE = [
    ("Anna", "Fischer", "anna@example.org", "Lindenstraße 4", "4111 1111 1111 1111", "1971-03-02", 41.5),
    ("John", "Smith", "john@example.com", "12 Oak Street", "5500 0055 5555 5559", "1958-11-20", 12.0),
    ("Maria", "Garcia", "maria@example.net", "99 Elm Avenue", "4012 8888 8888 1881", "1990-07-14", 7.25),
    ("Peter", "Müller", "peter@example.org", "Hauptstr. 17", "4222 2222 2222 2220", "1949-01-30", 99.0),
    ("Laura", "Rossi", "laura@example.com", "7 Mill Lane", "3782 822463 10005", "1983-05-09", 3.5),
    ("Pierre", "Dupont", "pierre@example.net", "14 rue de la Paix", "6011 1111 1111 1117", "1966-12-24", 58.0),
]


@pytest.fixture
def nameless(tmp_path: Path) -> Path:
    """A table of people whose columns are called c1 to c7, and one of goods."""
    place = tmp_path / "held.db"
    with sqlite3.connect(place) as held:
        held.execute("create table t1 (c1 text, c2 text, c3 text, c4 text, c5 text, c6 date, c7 real)")
        held.executemany("insert into t1 values (?, ?, ?, ?, ?, ?, ?)", PEOPLE)
        held.execute("create table goods (sku text, title text, price real)")
        held.executemany("insert into goods values (?, ?, ?)", [(f"A-{i}", f"Sturdy box {i}", i) for i in range(20)])
    return place


def classes(place: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, set[str]]:
    assert main(["inspect", f"sqlite:///{place}", "--pii", "--json", "--quiet"]) == 0
    found = json.loads(capsys.readouterr().out)
    return {f"{c['table']}.{c['column']}": {f["kind"] for f in c["findings"]} for c in found[0]["columns"]}


def test_values_are_classified_where_names_say_nothing(nameless: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert classes(nameless, capsys) == {
        "t1.c1": {"name"}, "t1.c2": {"name"}, "t1.c3": {"contact"}, "t1.c4": {"location"},
        "t1.c5": {"financial"}, "t1.c6": {"demographic"},
    }  # fmt: skip


def test_the_inventory_is_told_as_a_table_and_as_csv_with_its_evidence(
    nameless: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "inventory.csv"
    assert main(["inspect", f"sqlite:///{nameless}", "--pii", "--save", str(place)]) == 0
    printed = capsys.readouterr().out
    assert "check digits" in printed
    assert "6 columns hold personal data" in printed
    with place.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    card = next(r for r in rows if r["class"] == "financial")
    assert (card["table"], card["column"], card["sensitivity"]) == ("t1", "c5", "high")
    assert float(card["certainty"]) > 0.8


def test_a_file_and_a_structure_without_rows_are_read_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "people.csv").write_text("feld7,x\n" + "".join(f"{p[2]},{p[6]}\n" for p in PEOPLE), encoding="utf-8")
    assert main(["inspect", str(tmp_path / "people.csv"), "--pii"]) == 0
    assert "email" in capsys.readouterr().out
    (tmp_path / "s.sql").write_text("create table staff (id int primary key, last_name text, ssn char(11), box int);")
    assert main(["inspect", str(tmp_path / "s.sql"), "--pii"]) == 0
    printed = capsys.readouterr().out
    assert "government id" in printed
    assert "names only" in printed
    assert "box" not in printed


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Please write to jo.m@example.org before noon.", "email"),
        ("The card 4111 1111 1111 1111 was declined again.", "card_number"),
        ("Refund to DE89370400440532013000 as agreed last week.", "iban"),
        ("Spoke with Anna Fischer about the delay of the order.", "person_name"),
        ("Forwarded to Mrs. Johnson for approval this morning.", "person_name"),
        ("Call back on +49 30 2312500 after lunch, please.", "phone"),
        ("She was born on 12.03.1971 and came alone.", "birth_date"),
        ("Deliver to 12 Oak Hill Road, the door is blue.", "street_address"),
        ("My password is Blue7Tree!9 and it does not work.", "password_hash"),
    ],
)
def test_running_text_is_searched(text: str, meaning: str) -> None:
    assert [f.meaning for f in found_in((text,))] == [meaning]


@pytest.mark.parametrize(
    "text",
    [
        "The order arrived two days late and the box was open.",
        "The card 4111 1111 1111 1112 is no card at all, only digits.",
        "New York and San Francisco are sold out, Santa Clara has two left.",
        "Version 10.2.19 was replaced on 2024-11-05 in room 4.2 of house 7.",
    ],
)
def test_text_without_personal_data_is_left_alone(text: str) -> None:
    assert found_in((text,)) == ()


def test_a_list_of_cities_is_nobodys_data_and_a_customers_city_is() -> None:
    cities = ("Berlin", "Lyon", "Madrid", "Boston", "Napoli")
    alone = personal([Column(Clues("city", table="cities", samples=cities))])
    beside = personal(
        [
            Column(Clues("city", table="t", neighbours=("email",), samples=cities)),
            Column(Clues("email", table="t", neighbours=("city",), samples=("a@b.org", "c@d.org", "e@f.org"))),
        ]
    )
    assert alone == ((),)
    assert beside[0][0].kind == "location"


def test_a_reference_is_told_where_it_leads_and_not_where_it_stands() -> None:
    assert personal([Column(Clues("email", samples=("a@b.org", "c@d.org")), reference=True)]) == ((),)


def test_questions_that_do_not_go_together_are_refused(nameless: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = f"sqlite:///{nameless}"
    for wrong in (["--deep"], ["--pii", "--profile"], ["--pii", "--save", "x.yaml"]):
        assert main(["inspect", source, *wrong]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_presidio_reads_running_text_without_a_model() -> None:
    pytest.importorskip("presidio_analyzer")
    from understudy.semantics.presidio import recogniser

    texts = ("The card 4111 1111 1111 1111 was declined.", "Nothing of note happened here today.")
    found = list(recogniser()(texts))
    assert [(f.meaning, f.rows, f.how) for f in found] == [("card_number", 1, "Presidio")]
    column = Column(Clues("remark", samples=texts), texts)
    (told,) = personal([column], lambda _: found)
    assert any(f.kind == "financial" and f.share == 0.5 for f in told)


def test_vocabularies_hold_names_of_many_languages() -> None:
    assert {"jurgen", "marie", "giovanni"} <= known("first_name")
    assert {"muller", "kowalski", "rossi"} <= known("last_name")


def test_streets_without_numbers_are_places_too() -> None:
    streets = ("Hauptstraße", "Lindenweg", "Am Markt", "Schillerstraße", "Gartenstraße")
    columns = [
        Column(Clues("strasse", table="kunden", neighbours=("email",), samples=streets)),
        Column(Clues("email", table="kunden", neighbours=("strasse",), samples=("a@b.org", "c@d.org", "e@f.org"))),
    ]
    assert [f.kind for f in personal(columns)[0]] == ["location"]
