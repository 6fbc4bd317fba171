"""What the browser accepts, as JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest
from tests.ui.material import document, property_of, reading

from understudy.sources.ui.patterns import read_pattern, unicode_pattern


@pytest.mark.parametrize(
    ("control", "schema"),
    [
        ("<input name=a maxlength=40>", {"type": "string", "minLength": 1, "maxLength": 40}),
        ("<input name=a type=password minlength=8>", {"type": "string", "minLength": 8, "format": "password"}),
        ("<input name=a pattern='[a-z]+|x'>", {"type": "string", "minLength": 1, "pattern": "^(?:[a-z]+|x)$"}),
        ("<input name=a type=number min=1 max=9>", {"type": "integer", "minimum": 1, "maximum": 9}),
        ("<input name=a type=number step=0.01 min=0>", {"type": "number", "multipleOf": 0.01, "minimum": 0}),
        ("<input name=a type=number step=any>", {"type": "number"}),
        ("<input name=a type=number min=1 max=9 step=2>", {"enum": [1, 3, 5, 7, 9]}),
        ("<input name=a type=range>", {"type": "integer", "minimum": 0, "maximum": 100}),
        ("<input name=a type=checkbox required>", {"const": True, "type": "boolean"}),
        ("<input name=a type=checkbox>", {"type": "boolean"}),
        ("<input name=a type=date>", {"type": "string", "format": "date"}),
        (
            "<input name=a type=date min=2024-02-28 max=2024-03-01>",
            {"enum": ["2024-02-28", "2024-02-29", "2024-03-01"]},
        ),
        ("<input name=a type=month min=2024-11 max=2025-01>", {"enum": ["2024-11", "2024-12", "2025-01"]}),
        ("<input name=a type=week min=2020-W52 max=2021-W01>", {"enum": ["2020-W52", "2020-W53", "2021-W01"]}),
        ("<input name=a type=time min=23:59 max=00:01>", {"enum": ["23:59", "00:00", "00:01"]}),
        ("<input name=a type=color>", {"type": "string", "pattern": "^#[0-9a-f]{6}$"}),
        (
            "<select name=a><option value=''>-<option value=1>A<option disabled>B<option>C</select>",
            {"enum": ["1", "C"]},
        ),
        (
            "<select name=a multiple required><option>A<option>B</select>",
            {"type": "array", "uniqueItems": True, "items": {"enum": ["A", "B"]}, "minItems": 1},
        ),
        ("<input type=radio name=a value=1><input type=radio name=a value=2>", {"enum": ["1", "2"]}),
        (
            "<input type=radio name=a id=x><label for=x>Yes</label><input type=radio name=a id=y><label for=y>No",
            {"enum": ["Yes", "No"]},
        ),
    ],
)
def test_a_control_says_what_it_accepts(control: str, schema: dict[str, Any]) -> None:
    assert property_of(control) == schema


def test_what_is_required_is_required_and_nothing_else_is() -> None:
    found = document("<form id=f><input name=a required><input name=b><input name=c required disabled></form>")
    assert found["required"] == ["a"]
    assert list(found["properties"]) == ["a", "b"]


def test_a_group_of_radios_is_required_when_one_of_them_is() -> None:
    markup = "<form id=f><input type=radio name=a value=1><input type=radio name=a value=2 required></form>"
    assert document(markup)["required"] == ["a"]


def test_a_pattern_that_the_browser_ignores_is_told_and_not_demanded() -> None:
    found = reading("<form id=f><input name=a pattern='[\\w-]+'></form>")
    assert '"pattern"' not in found.faces[0].document
    assert any("ignore" in str(c.value) for c in found.claims)


@pytest.mark.parametrize(
    ("text", "whole"),
    [("^a$", "^a$"), ("a|b", "^(?:a|b)$"), ("^a|b$", "^(?:^a|b$)$"), (r"a\$", r"^a\$$"), ("[|]", "^[|]$")],
)
def test_a_pattern_is_about_the_whole_value(text: str, whole: str) -> None:
    assert read_pattern(text).meant == whole


@pytest.mark.parametrize(
    "control",
    [
        "<select name=a required></select>",
        "<input name=a minlength=9 maxlength=3 required>",
        "<input name=a type=number min=9 max=3 required>",
        "<input name=a type=date min=2024-02-02 max=2024-01-01 required>",
    ],
)
def test_what_nothing_can_satisfy_is_left_out_and_told(control: str) -> None:
    found = reading(f"<form id=f>{control}<input name=b></form>")
    assert '"a"' not in found.faces[0].document
    assert any(str(c.value).startswith("a: ") for c in found.claims)


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        (r"[.,]\d", r"[.,]\d"),
        (r"[!%&@#$^*?_~]", r"[!%&@#$\^*?_~]"),
        (r"[a-z--[aeiou]]", r"(?:(?![aeiou])[a-z])"),
        (r"[\w&&\d]", r"(?:(?=[\d])[\w])"),
        (r"[a[b-c]]", r"(?:(?:[a]|[b-c]))"),
        (r"[^a\-]", r"[^a\-]"),
    ],
)
def test_sets_of_the_v_flag_are_written_for_the_u_flag(text: str, translated: str) -> None:
    assert unicode_pattern(text) == translated


@pytest.mark.parametrize("text", ["[a-]", "[(]", "[a--b&&c]", "[!!]", "[a"])
def test_what_the_v_flag_does_not_permit_is_refused(text: str) -> None:
    assert read_pattern(text).anchored == ""


def test_a_repetition_comes_with_what_it_repeats() -> None:
    found = document("<form id=f><input type=password name=p><input type=password name=p2 id=confirm></form>")
    assert found["dependentRequired"] == {"p": ["p2"], "p2": ["p"]}
    assert found["properties"]["p2"]["x-same-as"] == "p"


def test_a_control_belongs_to_the_form_that_it_names() -> None:
    found = reading("<form id=f></form><form id=g><input name=b></form><input name=a form=f>")
    assert [(f.name, '"a"' in f.document) for f in found.faces] == [("page.html #f", True), ("page.html #g", False)]


def test_a_form_that_a_table_squeezed_empty_still_owns_its_controls() -> None:
    found = reading("<table><form id=f><tr><td>Name</td><td><input name=a></td></tr></form></table>")
    assert [f.name for f in found.faces] == ["page.html #f"]
