"""Manual steps: text, Markdown, CSV, Excel."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cases.material import one, read, touched, write

from understudy.sources import cases
from understudy.sources.recognise import recognise

STEPS = ["visit", "fill", "fill", "press", "expect"]
TEXT = """Test case 1: Log in

Preconditions: an account exists
Steps:
1. Go to the login page
2. Enter "ann" in the username field
3. Enter "s3cret" into the "Password" field
4. Click "Log in"
Expected result: "Welcome" is displayed
"""
MARKDOWN_TABLE = """## Log in

| ID | Title | Steps | Expected |
|----|-------|-------|----------|
| T1 | Log in | {steps} | "Welcome" is displayed |
""".format(
    steps='1. Go to the login page<br>2. Enter "ann" in the username field'
    '<br>3. Enter "s3cret" into the "Password" field<br>4. Click **Log in**'
)
CSV = """ID;Title;Step No;Action;Expected result
T1;Log in;1;Go to the login page;
;;2;"Enter ""ann"" in the username field";
;;3;"Enter ""s3cret"" into the ""Password"" field";
;;4;"Click ""Log in""\";\"""Welcome"" is displayed"
"""


@pytest.mark.parametrize(("name", "text"), [("a.txt", TEXT), ("a.md", MARKDOWN_TABLE), ("a.csv", CSV)])
def test_steps_are_read_whatever_holds_them(tmp_path: Path, name: str, text: str) -> None:
    found = one(tmp_path, {name: text})
    assert [s.kind.value for s in found.steps if s.kind.value != "given"] == STEPS
    assert touched(found) == [("username", ("ann",)), ("password", ("s3cret",))]
    assert found.name == "Log in"


def test_a_workbook_is_read_sheet_by_sheet(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "cases.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, field in (("Users", "username"), ("Orders", "quantity")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Test cases of the team"])
            sheet.write_row(2, 0, ["Test Case ID", "Summary", "Test Steps", "Test Data", "Expected Result"])
            sheet.write_row(
                3, 0, ["T1", f"Add {name}", "1. Open the form\n2. Click 'Save'", f"{field}: 12; note: x", "It is saved"]
            )
    found = cases.read(path).fragments
    assert [touched(f) for f in found] == [
        [("username", ("12",)), ("note", ("x",))],
        [("quantity", ("12",)), ("note", ("x",))],
    ]
    assert found[0].steps[0].place.startswith("Users")


def test_preconditions_are_given(tmp_path: Path) -> None:
    assert one(tmp_path, {"a.txt": TEXT}).steps[0].kind.value == "given"


def test_several_cases_of_one_text_stay_apart(tmp_path: Path) -> None:
    found = read(
        tmp_path, {"a.md": "# Shop\n\n## Test case 1: One\n1. Click A\n\n## Test case 2: Two\n1. Click B\n2. Click C\n"}
    ).fragments
    assert [(f.name, len(f.steps)) for f in found] == [("One", 1), ("Two", 2)]


def test_a_list_that_is_no_list_of_steps_is_none(tmp_path: Path) -> None:
    write(tmp_path, "a.feature", "Feature: a\n  Scenario: b\n    Given c\n")
    found = read(tmp_path, {"README.md": "# Project\n\n- fast\n- small\n- Apache licence\n"}).fragments
    assert [f.source for f in found] == ["a.feature"]


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("steps.csv", CSV, "cases"),
        ("rows.csv", "id,name\n1,Ann\n", "data"),
        ("a.feature", "Feature: a\n", "cases"),
        ("login.cy.ts", "it('x', () => {})\n", "test"),
        ("test_login.py", "def test_it(): pass\n", "test"),
        ("steps.txt", TEXT, "cases"),
    ],
)
def test_files_of_test_cases_are_recognised(tmp_path: Path, name: str, text: str, kind: str) -> None:
    assert recognise(str(write(tmp_path, name, text))).kind == kind
