"""Rules that features say in words are followed where they are understood to the last word, else told."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy import plan, read
from understudy.model.evidence import Bounds, Choices, FacetKind
from understudy.sources.sayings import sayings

DDL = """CREATE TABLE tickets (
    id integer PRIMARY KEY, subject varchar(200) NOT NULL, priority integer, state varchar(20), due date
);"""
FEATURE = """Feature: Tickets
  Agents work on tickets. A ticket's subject must be between 5 and 60 characters.
  The due date must be after the day on which the ticket was raised.

  Rule: The priority of a ticket must not exceed 4
    Scenario: a ticket is raised
      When I fill in "Subject" with "Printer on fire"
      Then the ticket is shown

  Rule: A ticket's state must be one of open, waiting or closed
    Scenario: a ticket is closed
      When I fill in "State" with "closed"
      Then the ticket is shown
"""


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("A ticket's subject must be at least 5 characters.", ("ticket", "subject", FacetKind.LENGTH, Bounds(5))),
        ("The price of an item cannot be negative", ("item", "price", FacetKind.RANGE, Bounds(0))),
        ("The discount may not exceed 0.5.", ("", "discount", FacetKind.RANGE, Bounds(None, 0.5))),
        ("An e-mail is required", ("", "e_mail", FacetKind.NULLABILITY, False)),
        (
            "Every room's kind must be one of: single, double or suite",
            ("room", "kind", FacetKind.ENUM, Choices(("single", "double", "suite"))),
        ),
    ],
)
def test_a_sentence_says_what_holds_of_which_field(sentence: str, said: tuple[object, ...]) -> None:
    (found,), left = sayings(sentence)
    assert (found.entity, found.field, found.facet, found.value) == said
    assert left == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The due date must be after the start date.",
        "A user may have at most 3 devices.",
        "A refund must not exceed 90 % of the amount paid.",
    ],
)
def test_what_is_not_understood_to_the_last_word_is_told_and_claims_nothing(sentence: str) -> None:
    found, left = sayings(sentence)
    assert found == []
    assert left == [sentence.rstrip(".")]


def test_a_story_says_no_rules() -> None:
    assert sayings("As an agent I want to see my tickets, so that I must not search. It should work.") == (
        [],
        ["As an agent I want to see my tickets, so that I must not search"],
    )


def test_rules_of_a_feature_hold_in_the_rows(tmp_path: Path) -> None:
    ddl, feature = tmp_path / "schema.sql", tmp_path / "tickets.feature"
    ddl.write_text(DDL)
    feature.write_text(FEATURE)
    schema = read(ddl, feature)
    columns = {c for r in schema.entity("tickets").checks for c in r.columns}
    assert columns >= {"subject", "priority", "state"}
    assert plan(schema, rows=20).plan.unmet == ()
    assert any("due date must be after" in r.text for r in schema.remarks)
