"""JSON, XML, Excel, Parquet, Arrow and Avro: the same shop in every form, and what is particular to each."""

from __future__ import annotations

import datetime
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from tests.files.material import Understood, written

from understudy.errors import SourceError
from understudy.model.evidence import FacetKind


def orders() -> list[dict[str, Any]]:
    """Thirty orders with a customer each and lines."""
    return [
        {
            "id": i,
            "status": ("open", "paid", "sent")[i % 3],
            "placed": f"2024-01-{i % 28 + 1:02}T10:00:00Z",
            "customer": {"name": f"N{i % 7}", "email": f"n{i}@example.org"},
            "tags": ["a", "b"][: i % 3],
            "lines": [{"sku": f"AB-{100 + i * j:04}", "qty": j + 1, "price": 9.5 * j + 1} for j in range(i % 4)],
        }
        for i in range(1, 31)
    ]


def as_array(folder: Path) -> Path:
    return written(folder, "orders.json", json.dumps(orders(), indent=1))


def as_lines(folder: Path) -> Path:
    return written(folder, "orders.jsonl", "\n".join(map(json.dumps, orders())))


def as_packed_lines(folder: Path) -> Path:
    return written(folder, "orders.jsonl.gz", gzip.compress("\n".join(map(json.dumps, orders())).encode(), mtime=0))


def as_object(folder: Path) -> Path:
    return written(folder, "shop.json", json.dumps({"version": 3, "orders": orders()}))


def as_parquet(folder: Path) -> Path:
    path = folder / "orders.parquet"
    pa.parquet.write_table(pa.Table.from_pylist(orders()), path)
    return path


def as_feather(folder: Path) -> Path:
    path = folder / "orders.feather"
    pa.feather.write_feather(pa.Table.from_pylist(orders()), path)
    return path


@pytest.mark.parametrize("form", [as_array, as_lines, as_packed_lines, as_object, as_parquet, as_feather])
def test_nested_rows_become_related_tables_in_every_form(tmp_path: Path, form: Any) -> None:
    found = Understood(form(tmp_path))
    assert found.entities == {"orders": 30, "orders_lines": 45}
    assert found.fields("orders") == ["id", "status", "placed", "customer_name", "customer_email", "tags"]
    assert found.fields("orders_lines") == ["order_id", "position", "sku", "qty", "price"]
    (key,) = found.claims(FacetKind.FOREIGN_KEY, "orders_lines")
    assert (key.value.columns, key.value.target, key.value.target_columns) == (("order_id",), "orders", ("id",))  # type: ignore[union-attr]
    uniques = [c.value for c in found.claims(FacetKind.UNIQUE, "orders_lines")]
    assert any(u.primary and u.columns == ("order_id", "position") for u in uniques)  # type: ignore[union-attr]
    assert found.kinds("orders")["tags"] == "array"
    if form in (as_array, as_lines, as_packed_lines, as_object):
        assert found.kinds("orders")["placed"] == "timestamp"


def test_children_of_children_lead_to_their_parents(tmp_path: Path) -> None:
    text = json.dumps(
        [
            {"code": f"C{i}", "kids": [{"n": j, "toys": [{"t": k} for k in range(j)]} for j in range(3)]}
            for i in range(9)
        ]
    )
    found = Understood(written(tmp_path, "families.json", text))
    assert found.entities == {"families": 9, "families_kids": 27, "families_kids_toys": 27}
    (key,) = found.claims(FacetKind.FOREIGN_KEY, "families_kids_toys")
    assert key.value.target == "families_kids"  # type: ignore[union-attr]
    assert set(key.value.columns) <= set(found.fields("families_kids_toys"))  # type: ignore[union-attr]


def test_records_by_key_are_rows_with_their_key(tmp_path: Path) -> None:
    found = Understood(
        written(tmp_path, "u.json", json.dumps({f"u{i}": {"age": i, "city": "Rome"} for i in range(20)}))
    )
    assert found.fields() == ["key", "age", "city"]
    assert found.entities == {"u": 20}


def test_digits_in_quotes_stay_text_and_members_of_mixed_types_are_text(tmp_path: Path) -> None:
    rows = [{"zip": str(10000 + i), "x": i if i % 2 else f"v{i}"} for i in range(20)]
    found = Understood(written(tmp_path, "t.json", json.dumps(rows)))
    assert found.kinds() == {"zip": "text", "x": "text"}
    assert "v2" in found.value(FacetKind.SAMPLE, "x").values


def test_json_that_breaks_off_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no valid JSON") as caught:
        Understood(written(tmp_path, "t.jsonl", '{"a": 1}\n{"a": 2}\n{"a": \n'))
    assert "\n" not in caught.value.line


def test_xml_records_have_attributes_elements_and_repeated_ones_as_tables(tmp_path: Path) -> None:
    books = "".join(
        f"<b:book id='b{i}'><title>T {i}</title><price cur='EUR'>{i},50</price><author>A{i}</author><author>B</author>"
        f"<review stars='{i % 5 + 1}'><text>good {i}</text></review></b:book>"
        for i in range(20)
    ).replace("</review></b:book>", "</review><review stars='2'><text>fine</text></review></b:book>", 3)
    text = f"<?xml version='1.0'?><b:catalog xmlns:b='http://x'><made>2024-01-01</made>{books}</b:catalog>"
    found = Understood(written(tmp_path, "books.xml", text))
    assert found.entities == {"books": 20, "books_review": 23}
    assert found.kinds("books") == {
        "id": "text",
        "title": "text",
        "price_cur": "text",
        "price_value": "decimal",
        "author": "array",
    }
    assert found.kinds("books_review")["stars"] == "integer"
    assert found.claims(FacetKind.FOREIGN_KEY, "books_review")


def test_excel_sheets_with_titles_groups_merged_cells_and_dates(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(tmp_path / "staff.xlsx")
    sheet = book.add_worksheet("Staff")
    sheet.write(0, 0, "Staff list 2024")
    sheet.merge_range(2, 1, 2, 2, "Address")
    sheet.write_row(3, 0, ["No", "City", "Zip", "Gross", "Since"])
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for i in range(12):
        sheet.write_row(4 + i, 0, [i + 1, ("Rome", "Oslo")[i % 2], f"{i:05}", 1000.5 + i])
        sheet.write_datetime(4 + i, 4, datetime.datetime(2020, 1, 1) + datetime.timedelta(10 * i), day)
    book.add_worksheet("Empty")
    other = book.add_worksheet("Depts")
    other.write_row(0, 0, ["code", "name"])
    for i in range(5):
        other.write_row(1 + i, 0, [f"D{i}", f"Dept {i}"])
    book.close()
    found = Understood(tmp_path / "staff.xlsx")
    assert found.entities == {"Staff": 12, "Depts": 5}
    kinds = found.kinds("Staff")
    assert list(kinds.values()) == ["integer", "text", "text", "decimal", "date"]
    assert [n.split()[-1] for n in kinds] == ["No", "City", "Zip", "Gross", "Since"]
    assert found.value(FacetKind.SAMPLE, list(kinds)[-1], "Staff").values[0] == "2020-01-01"
    assert any("sheet Empty" in r and "empty" in r for r in found.remarks)
    assert any("Staff list 2024" in r for r in found.remarks)


def test_avro_types_are_its_own(tmp_path: Path) -> None:
    import fastavro

    schema = {
        "type": "record",
        "name": "user",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "name", "type": ["null", "string"]},
            {"name": "born", "type": {"type": "int", "logicalType": "date"}},
            {"name": "kind", "type": {"type": "enum", "name": "k", "symbols": ["A", "B"]}},
            {"name": "pay", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
            {
                "name": "items",
                "type": {
                    "type": "array",
                    "items": {"type": "record", "name": "i", "fields": [{"name": "n", "type": "int"}]},
                },
            },
        ],
    }
    rows = [
        {
            "id": i,
            "name": None if i % 5 == 0 else f"n{i}",
            "born": datetime.date(1990, 1, 1),
            "kind": "AB"[i % 2],
            "pay": Decimal(i),
            "items": [{"n": j} for j in range(i % 3)],
        }
        for i in range(40)
    ]
    with (tmp_path / "u.avro").open("wb") as target:
        fastavro.writer(target, schema, rows)
    found = Understood(tmp_path / "u.avro")
    assert found.entities == {"u": 40, "u_items": 39}
    assert found.kinds("u") == {"id": "integer", "name": "text", "born": "date", "kind": "text", "pay": "decimal"}
    assert found.value(FacetKind.NULLABILITY, "name", "u") is True


def test_a_folder_of_files_is_related_by_its_keys_and_parts_are_one_table(tmp_path: Path) -> None:
    written(tmp_path, "customers.csv", "id,name\n" + "".join(f"{i},N{i}\n" for i in range(100, 160)))
    for part in (1, 2):
        rows = "".join(f"{1000 * part + i},{100 + (7 * i) % 50},{i}.5\n" for i in range(80))
        written(tmp_path, f"orders-0000{part}.csv", "order_id,customer_id,amount\n" + rows)
    found = Understood(tmp_path)
    assert found.entities == {"customers": 60, "orders": 160}
    (key,) = found.claims(FacetKind.FOREIGN_KEY)
    assert (key.entity, key.value.columns, key.value.target) == ("orders", ("customer_id",), "customers")  # type: ignore[union-attr]
    assert key.value.enforced is False  # type: ignore[union-attr]
    assert key.value.fanout["mean"] == pytest.approx(160 / 60, rel=0.01)  # type: ignore[union-attr]


def test_numbers_that_merely_lie_within_a_key_are_no_reference(tmp_path: Path) -> None:
    written(tmp_path, "customers.csv", "id,name\n" + "".join(f"{i},N{i}\n" for i in range(1, 200)))
    written(
        tmp_path,
        "answers.csv",
        "answer_id,stars,age\n" + "".join(f"{i},{i % 5 + 1},{20 + i % 60}\n" for i in range(1, 150)),
    )
    assert not Understood(tmp_path).claims(FacetKind.FOREIGN_KEY)
