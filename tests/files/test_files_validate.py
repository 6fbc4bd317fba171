"""A file against a schema: every fault, by row and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.files.material import written

from understudy import workflow
from understudy.errors import SourceError
from understudy.model.editable import load_schema, save_schema
from understudy.model.violation import Verdict

SCHEMA = """
name: g
entities:
- name: item
  fields:
  - {name: id, type: {kind: integer}, nullable: false}
  - {name: name, type: {kind: text, length: 5}, nullable: false}
  - {name: price, type: {kind: decimal, precision: 9, scale: 2}, nullable: false}
  - {name: day, type: {kind: date}}
  - {name: status, type: {kind: enum, labels: [open, closed]}}
  - {name: owner, type: {kind: integer}}
  uniques:
  - {name: item_pkey, parts: [{column: id}], primary: true}
  foreign_keys:
  - {name: item_owner, columns: [owner], target: owner, target_columns: ['no']}
  checks:
  - {name: positive, text: price >= 0, columns: [price]}
- name: owner
  fields:
  - {name: 'no', type: {kind: integer}, nullable: false}
  uniques:
  - {name: owner_pkey, parts: [{column: 'no'}], primary: true}
"""
ITEMS = """ID;Name;Price;Day;Status;Owner
1;Anna;1.234,50;31.12.2024;open;1
2;Bert;3,20;01.02.2025;closed;2
2;Carl;abc;30.02.2025;open;9
4;;5,00;05.03.2025;lost;1
x;Emil;-7,00;06.03.2025;open;1
6;Gustav;9,00;;;
7;Hans;9,00;;;;;
"""


def broken(verdicts: tuple[Verdict, ...]) -> dict[tuple[str, str], tuple[str, ...]]:
    """(kind, rule) → rows shown, of what is broken."""
    return {(v.kind, v.rule): v.sample for v in verdicts if v.violations}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    written(folder, "item.csv", ITEMS, "cp1252")
    written(folder, "owner.csv", "no\n1\n2\n")
    written(tmp_path, "g.schema.yaml", SCHEMA)
    return folder


def test_all_faults_are_found_with_their_lines(shop: Path) -> None:
    schema = load_schema(shop.parent / "g.schema.yaml")
    found = broken(workflow.validate(schema, str(shop), shown=0))
    assert found["type", "id"] == ("line 6, id='x'",)
    assert found["type", "price"] == ("line 4, price='abc'",)
    assert found["type", "day"] == ("line 4, day='30.02.2025'",)
    assert found["enum", "status"] == ("line 5, status='lost'",)
    assert found["not_null", "name"] == ("line 5, id='4', name=NULL",)
    assert found["length", "name"] == ("line 7, id=6, name='Gustav'",)
    assert found["check", "positive"][0].startswith("line 6")
    assert found["unique", "item_pkey"] == ("line 3 and line 4, id=2, rows=2",)
    assert found["foreign_key", "item_owner"] == ("line 4, id=2, owner=9",)
    assert "line 8" in found["form", "rows of another width"][0]
    assert len(found) == 10


def test_rows_shown_are_limited_and_counts_are_not(tmp_path: Path) -> None:
    written(tmp_path, "g.schema.yaml", SCHEMA)
    rows = "".join(f"{i};N;{'x' if i % 2 else '1,5'};;;\n" for i in range(300))
    path = written(tmp_path, "item.csv", "id;name;price;day;status;owner\n" + rows)
    schema = load_schema(tmp_path / "g.schema.yaml")
    (found,) = [v for v in workflow.validate(schema, str(path)) if (v.kind, v.rule) == ("type", "price")]
    assert (found.violations, len(found.sample)) == (150, 5)
    (found,) = [v for v in workflow.validate(schema, str(path), shown=0) if (v.kind, v.rule) == ("type", "price")]
    assert len(found.sample) == 150


def test_a_missing_column_that_may_not_be_empty_is_a_fault(tmp_path: Path) -> None:
    written(tmp_path, "g.schema.yaml", SCHEMA)
    path = written(tmp_path, "item.csv", "id,name\n1,a\n2,b\n3,c\n")
    found = broken(workflow.validate(load_schema(tmp_path / "g.schema.yaml"), str(path)))
    assert ("column", "price") in found
    assert ("column", "day") not in found


def test_a_file_of_another_name_is_known_by_its_columns(tmp_path: Path) -> None:
    written(tmp_path, "g.schema.yaml", SCHEMA)
    path = written(tmp_path, "march.csv", "id,name,price,day,status,owner\n1,a,1.5,,,\n2,b,x,,,\n3,c,2,,,\n")
    found = broken(workflow.validate(load_schema(tmp_path / "g.schema.yaml"), str(path)))
    assert list(found) == [("type", "price")]
    with pytest.raises(SourceError, match="no table of the schema has the columns"):
        workflow.validate(
            load_schema(tmp_path / "g.schema.yaml"), str(written(tmp_path, "other.csv", "x,y\n1,2\n3,4\n"))
        )


def test_a_file_keeps_the_schema_that_was_read_from_it(tmp_path: Path) -> None:
    rows = "".join(
        f"{i};{('a', 'b')[i % 2]};{i},5;{i % 28 + 1:02}.01.2024;{'' if i % 3 else 'x'}\n" for i in range(1, 200)
    )
    path = written(tmp_path, "t.csv", "id;kind;amount;day;note\n" + rows)
    save_schema(workflow.read([str(path)]), tmp_path / "t.schema.yaml")
    assert not broken(workflow.validate(load_schema(tmp_path / "t.schema.yaml"), str(path)))


def test_excel_is_judged_by_sheet_and_row(tmp_path: Path) -> None:
    import xlsxwriter

    written(tmp_path, "g.schema.yaml", SCHEMA)
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    sheet = book.add_worksheet("item")
    sheet.write_row(0, 0, ["Items"])
    sheet.write_row(2, 0, ["id", "name", "price", "day", "status", "owner"])
    sheet.write_row(3, 0, [1, "Anna", 2.5])
    sheet.write_row(4, 0, [2, "Bert", -2.5])
    sheet.write_row(5, 0, [3, "Carl", 7])
    book.close()
    found = broken(workflow.validate(load_schema(tmp_path / "g.schema.yaml"), str(tmp_path / "book.xlsx")))
    assert found == {("check", "positive"): ("row 5, id=2, price=-2.50",)}
