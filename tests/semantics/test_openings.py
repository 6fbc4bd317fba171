"""Texts about a thing name it, reasons stand where their flag does, trades are people."""

from __future__ import annotations

from datetime import date

import pytest

import understudy

CLOCK = 20_543 * 86_400 * 10**6  # 2026-03-31
TICKETS = """
CREATE TABLE course (id integer PRIMARY KEY, title varchar(80) NOT NULL, description text, teaser varchar(200));
CREATE TABLE ticket (
    id integer PRIMARY KEY, refunded boolean NOT NULL, refund_reason text, technique varchar(60) NOT NULL,
    curator varchar(80) NOT NULL, CHECK (NOT refunded OR refund_reason IS NOT NULL)
);
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    source = tmp_path_factory.mktemp("openings") / "schema.sql"
    source.write_text(TICKETS)
    return understudy.generate(str(source), rows=400)


def test_a_description_names_what_it_describes(made):
    rows = made["course"].to_pydict()
    told = [(t, d) for t, d in zip(rows["title"], rows["description"], strict=True) if d is not None]
    assert len(told) > 100
    assert all(t in d.split(". ")[0] for t, d in told)


def test_a_short_text_keeps_to_its_room(made):
    teasers = [t for t in made["course"].to_pydict()["teaser"] if t is not None]
    assert max(map(len, teasers)) <= 200


def test_a_reason_stands_where_its_flag_does_whatever_its_form(made):
    rows = made["ticket"].to_pydict()
    assert 10 < sum(rows["refunded"]) < 200
    assert all((r is not None) == f for f, r in zip(rows["refunded"], rows["refund_reason"], strict=True))


def test_a_text_of_unknown_meaning_is_one_of_a_few_sorts_of_what_it_is_called(made):
    techniques = set(made["ticket"].to_pydict()["technique"])
    assert 3 < len(techniques) < 40
    assert all(t.endswith(" technique") for t in techniques)


def test_an_article_follows_the_sound():
    from understudy.semantics.grammar import _with_articles

    assert _with_articles("A honest a european a apple A hour a uniform") == (
        "An honest a european an apple An hour a uniform"
    )


def test_what_is_active_ends_later_and_what_is_over_has_ended(tmp_path):
    source = tmp_path / "schema.sql"
    source.write_text(
        "CREATE TABLE contract (id integer PRIMARY KEY, start_date date NOT NULL, end_date date NOT NULL,"
        " status varchar(12) NOT NULL CHECK (status IN ('draft', 'active', 'expired')), CHECK (end_date > start_date));"
    )
    rows = understudy.generate(str(source), rows=400, clock=CLOCK)["contract"].to_pydict()
    spans = list(zip(rows["status"], rows["start_date"], rows["end_date"], strict=True))
    today = date(2026, 3, 31)
    assert sum(s == "active" for s, _, _ in spans) > 50
    assert all(begin <= today < end for status, begin, end in spans if status == "active")
    assert all(begin < end < today for status, begin, end in spans if status == "expired")
