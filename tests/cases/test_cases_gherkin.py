"""Feature files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases.material import one, read, samples, touched, write

from understudy.errors import SourceError
from understudy.model.evidence import FacetKind
from understudy.model.flow import StepKind
from understudy.sources import cases


def test_background_rule_tags_and_kinds(tmp_path: Path) -> None:
    text = """@shop
Feature: Orders
  Background:
    Given I am on the "orders" page
  Rule: Only members order
    @smoke
    Scenario: Placing an order
      When I fill in "Quantity" with "3"
      And I press "Order"
      Then I should see "Thank you"
"""
    found = one(tmp_path, {"a.feature": text})
    assert [s.kind.value for s in found.steps] == ["visit", "fill", "press", "expect"]
    assert (found.name, found.tags) == ("Only members order › Placing an order", ("@shop", "@smoke"))
    assert touched(found) == [("quantity", ("3",))]


def test_an_outline_gives_each_parameter_its_values(tmp_path: Path) -> None:
    text = """Feature: Sign up
  Scenario Outline: registering
    When I enter "<mail>" into the "E-mail" field
    And I choose "<size>" from "Size"
    Examples:
      | mail    | size |
      | a@b.org | S    |
    Examples: more
      | size | mail    |
      | M    | c@d.org |
"""
    found = one(tmp_path, {"a.feature": text})
    assert touched(found) == [("e_mail", ("a@b.org", "c@d.org")), ("size", ("S", "M"))]
    assert found.examples == (("mail", "size"), ("a@b.org", "S"), ("c@d.org", "M"))


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        (
            'Given the store has a product "Mug" priced at "$9"',
            [("product", "name", "Mug"), ("product", "price", "$9")],
        ),
        (
            'Given there is a customer "Ann" with email "a@b.org"',
            [("customer", "name", "Ann"), ("customer", "email", "a@b.org")],
        ),
        ('When I specify its code as "M1"', [("shop", "code", "M1")]),
        ('When I set the billing address to "Main St"', [("shop", "billing_address", "Main St")]),
        ('When I type "Bob" in the name field', [("shop", "name", "Bob")]),
        ("When I enter a valid username", [("shop", "username", "")]),
    ],
)
def test_plain_words_say_which_field_of_what(tmp_path: Path, step: str, fields: list[tuple[str, str, str]]) -> None:
    found = one(tmp_path, {"a.feature": f"Feature: Shop\n  Scenario: x\n    {step}\n"})
    assert [(s.entity, s.field, *s.values, *([""] if not s.values else [])) for s in found.steps] == fields


def test_a_table_of_data_is_a_field_per_column_and_one_of_pairs_a_field_per_row(tmp_path: Path) -> None:
    text = """Feature: Shop
  Scenario: x
    Given the following users exist:
      | username | email   |
      | ann      | a@b.org |
      | bob      | b@b.org |
    When I fill in the form with the following:
      | Street | Main St |
      | City   | Bonn    |
"""
    evidence = read(tmp_path, {"a.feature": text})
    assert samples(evidence, "username") == {False: ("ann", "bob")}
    assert samples(evidence, "city") == {False: ("Bonn",)}
    assert {c.entity for c in evidence.claims if c.field == "email"} == {"users"}


def test_what_is_refused_is_wrong_on_purpose(tmp_path: Path) -> None:
    text = """Feature: Shop
  Scenario: Trying to register with an invalid address
    When I specify the email as "nope"
    And I press "Register"
    Then I should be notified that the email is invalid
"""
    evidence = read(tmp_path, {"a.feature": text})
    assert samples(evidence, "email") == {True: ("nope",)}
    assert not [c for c in evidence.claims if c.facet in (FacetKind.ENUM, FacetKind.PATTERN, FacetKind.RANGE)]


def test_other_languages_are_read(tmp_path: Path) -> None:
    text = """# language: de
Funktionalität: Konto
  Szenario: neu
    Wenn ich "Name" mit "Ann" ausfülle
    Dann sehe ich "Hallo"
"""
    found = one(tmp_path, {"a.feature": text})
    assert [s.kind for s in found.steps][-1] is StepKind.EXPECT
    assert touched(found) == [("name", ("Ann",))]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# language: xx\nFeature: a\n  Scenario: b\n    Given c\n", "xx"),
        (
            "Feature: a\n  Scenario: b\n    Given a table\n      | x | y |\n      | 1 |\n    Then c\n",
            "inconsistent cell count",
        ),
        ("Feature: a\n  Scenario: b\n    Given c\n  nonsense here\n  Scenario: d\n    Given e\n", "nonsense"),
    ],
)
def test_a_fault_is_told_with_its_line_and_the_rest_is_read(tmp_path: Path, text: str, words: str) -> None:
    evidence = read(tmp_path, {"a.feature": text})
    remarks = [c.value for c in evidence.claims if c.facet is FacetKind.REMARK]
    assert any(words in r.text and "line" in r.place for r in remarks)
    assert evidence.fragments


def test_a_file_without_a_feature_is_refused_in_one_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.feature", "not gherkin at all\n")
    with pytest.raises(SourceError) as caught:
        cases.read(path)
    assert "\n" not in caught.value.line
    assert "line 1" in caught.value.line
