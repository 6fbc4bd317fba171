"""Delimited text as people write it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from tests.files.material import Understood, written

from understudy.model.evidence import FacetKind

ROWS = [
    ("1", "Müller", "3,5", "31.12.2024"),
    ("2", "Çelik; Sons", "1.234,75", "01.02.2025"),
    ("3", 'the "Ä"', "0,1", ""),
]


def lines(delimiter: str, *, header: bool = True) -> str:
    """The rows as text, quoted where needed."""

    def cell(text: str) -> str:
        quoted = any(c in text for c in (delimiter, '"', "\n"))
        return '"' + text.replace('"', '""') + '"' if quoted else text

    rows = [("nr", "name", "price", "day"), *ROWS] if header else ROWS
    return "".join(delimiter.join(map(cell, r)) + "\r\n" for r in rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_delimiter_and_encoding_gives_the_same_table(tmp_path: Path, delimiter: str, encoding: str) -> None:
    found = Understood(written(tmp_path, "t.csv", lines(delimiter), encoding))
    assert found.fields() == ["nr", "name", "price", "day"]
    assert found.kinds() == {"nr": "integer", "name": "text", "price": "decimal", "day": "date"}
    assert set(found.value(FacetKind.SAMPLE, "name").values) == {"Müller", "Çelik; Sons", 'the "Ä"'}
    assert set(found.value(FacetKind.SAMPLE, "price").values) == {3.5, 1234.75, 0.1}
    assert set(found.value(FacetKind.SAMPLE, "day").values) == {"2024-12-31", "2025-02-01"}
    assert found.value(FacetKind.NULLABILITY, "day") is True
    assert found.value(FacetKind.NULLABILITY, "nr") is False


def test_japanese_in_shift_jis_is_read_as_japanese(tmp_path: Path) -> None:
    text = "番号,名前,都市\n" + "".join(
        f"{i},{n},{c}\n"
        for i, (n, c) in enumerate([("田中太郎", "東京"), ("鈴木花子", "大阪"), ("佐藤健", "札幌")] * 4)
    )
    found = Understood(written(tmp_path, "t.csv", text, "shift_jis"))
    assert found.fields() == ["番号", "名前", "都市"]
    assert "田中太郎" in found.value(FacetKind.SAMPLE, "名前").values


def test_packed_files_are_read_as_what_is_inside(tmp_path: Path) -> None:
    found = Understood(written(tmp_path, "t.csv.gz", gzip.compress(lines(",").encode(), mtime=0)))
    assert found.entities == {"t": 3}


def test_lines_before_the_table_and_comments_are_no_rows(tmp_path: Path) -> None:
    text = "Report of the day\nmade by us\n\n# a comment\nid,amount\n1,10\n# another\n2,20\n3,30\n"
    found = Understood(written(tmp_path, "t.csv", text))
    assert found.fields() == ["id", "amount"]
    assert found.entities == {"t": 3}
    assert any("Report of the day" in r for r in found.remarks)


def test_a_missing_header_is_not_taken_from_the_data(tmp_path: Path) -> None:
    found = Understood(written(tmp_path, "t.csv", "1,2.5,2024-01-01\n2,3.5,2024-01-02\n3,4.5,2024-01-03\n"))
    assert found.fields() == ["column_1", "column_2", "column_3"]
    assert found.entities == {"t": 3}


def test_a_header_of_words_over_words_is_a_header(tmp_path: Path) -> None:
    text = "first name,city\nAnna,Rome\nBert,Paris\nCarla,Rome\nDora,Oslo\nEmil,Bonn\n"
    assert Understood(written(tmp_path, "t.csv", text)).fields() == ["first name", "city"]


def test_repeated_and_missing_names_of_columns_become_distinct(tmp_path: Path) -> None:
    found = Understood(written(tmp_path, "t.csv", "id,value,,value\n1,2,3,4\n5,6,7,8\n"))
    assert found.fields() == ["id", "value", "column_3", "value_2"]
    assert any("line 1" in r and "value_2" in r for r in found.remarks)


def test_rows_of_another_width_are_told_with_their_line_and_the_rest_is_read(tmp_path: Path) -> None:
    text = "a,b,c\n" + "".join(f"{i},{i},{i}\n" for i in range(40)) + "1,2\n7,8,9,10\n" + "1,2,3\n"
    found = Understood(written(tmp_path, "t.csv", text))
    assert found.entities == {"t": 41}
    assert any("line 42" in r and "2 cells where 3" in r for r in found.remarks)
    assert any("line 43" in r and "4 cells where 3" in r for r in found.remarks)


def test_short_rows_that_are_usual_mean_empty_cells(tmp_path: Path) -> None:
    text = "a,b,c\n" + "".join(f"{i},{i}\n" if i % 3 else f"{i},{i},{i}\n" for i in range(30))
    found = Understood(written(tmp_path, "t.csv", text))
    assert found.entities == {"t": 30}
    assert found.value(FacetKind.NULLABILITY, "c") is True


def test_a_faulty_cell_is_told_with_its_line_and_does_not_make_the_column_text(tmp_path: Path) -> None:
    text = "id,n\n" + "".join(f"{i},{'oops' if i == 60 else i}\n" for i in range(200))
    found = Understood(written(tmp_path, "t.csv", text))
    assert found.kinds()["n"] == "integer"
    assert any("line 62" in r and "'oops'" in r for r in found.remarks)


def test_a_column_of_mixed_types_is_text_and_says_so(tmp_path: Path) -> None:
    text = "id,n\n" + "".join(f"{i},{i if i % 4 else 'x' + str(i)}\n" for i in range(200))
    found = Understood(written(tmp_path, "t.csv", text))
    assert found.kinds()["n"] == "text"


@pytest.mark.parametrize(
    ("values", "kind", "seen"),
    [
        (["1,234", "12,345", "999"], "integer", {1234, 12345, 999}),
        (["1.234,5", "7,25", "12"], "decimal", {1234.5, 7.25, 12}),
        (["$1,200.50", "$3.00", "$15.25"], "decimal", {1200.5, 3, 15.25}),
        (["12 %", "7.5 %", "100 %"], "decimal", {12, 7.5, 100}),
        (["1 234", "5 678", "12"], "integer", {1234, 5678, 12}),
        (["1e3", "2.5E-7", "3"], "float", {1000, 2.5e-7, 3}),
        (["(1,000)", "$5", "7"], "integer", {-1000, 5, 7}),
        (["007", "012", "100"], "text", {"007", "012", "100"}),
        (["true", "FALSE", "true"], "boolean", {True, False}),
        (["12:30", "07:05", "23:59"], "time", {"12:30:00", "07:05:00", "23:59:00"}),
        (["1:05 PM", "11:00 am", "12:00 AM"], "time", {"13:05:00", "11:00:00", "00:00:00"}),
        (["{}", '{"a": 1}', "[1, 2]"], "json", {"{}", '{"a": 1}', "[1, 2]"}),
        (["1", "NA", "3"], "integer", {1, 3}),
        (["12345678901234567890", "2", "3"], "text", {"12345678901234567890", "2", "3"}),
    ],
)
def test_values_are_read_as_they_are_written(tmp_path: Path, values: list[str], kind: str, seen: set[object]) -> None:
    quoted = ["" + '"' + v.replace('"', '""') + '"' for v in values]
    found = Understood(written(tmp_path, "t.csv", "k;v\n" + "".join(f"r{i};{v}\n" for i, v in enumerate(quoted))))
    assert found.kinds()["v"] == kind
    assert set(found.value(FacetKind.SAMPLE, "v").values) == seen


@pytest.mark.parametrize(
    ("numbers", "nothing"),
    [(["1", "2", "3", "4"], {""}), (["1", "?", "3", "4"], {"", "?"}), (["1", "NA", "3", "4"], {"", "NA"})],
)
def test_signs_and_words_among_texts_are_values_unless_the_files_numbers_say_na(
    tmp_path: Path, numbers: list[str], nothing: set[str]
) -> None:
    words = ["Private", "?", "NA", "State gov"]
    text = "n;work\n" + "".join(f"{n};{w}\n" for n, w in zip(numbers, words, strict=True))
    found = Understood(written(tmp_path, "t.csv", text))
    assert found.kinds() == {"n": "integer", "work": "text"}
    assert set(found.value(FacetKind.SAMPLE, "work").values) == set(words) - (nothing & {"NA"})


@pytest.mark.parametrize(
    ("values", "kind", "first"),
    [
        (["31/01/2024", "01/02/2024"], "date", "2024-01-31"),
        (["01/31/2024", "02/01/2024"], "date", "2024-01-31"),
        (["2024-01-31T10:00:00Z", "2024-02-01T00:00:00Z"], "timestamp", "2024-01-31T10:00:00+00:00"),
        (["2024-01-31 10:00", "2024-02-01 00:00"], "timestamp", "2024-01-31T10:00:00"),
        (["31-Jan-24", "01-Feb-24"], "date", "2024-01-31"),
        (["January 31, 2024", "February 1, 2024"], "date", "2024-01-31"),
        (["1/31/2024 3:04 PM", "2/1/2024 11:00 AM"], "timestamp", "2024-01-31T15:04:00"),
        (["31.01.2024 10:11:12,5", "01.02.2024 00:00:00,25"], "timestamp", "2024-01-31T10:11:12.500000"),
        (
            ["Wed, 31 Jan 2024 10:00:00 +0100", "Thu, 01 Feb 2024 00:00:00 +0000"],
            "timestamp",
            "2024-01-31T09:00:00+00:00",
        ),
    ],
)
def test_dates_of_many_forms(tmp_path: Path, values: list[str], kind: str, first: str) -> None:
    found = Understood(written(tmp_path, "t.csv", "k;v\n" + "".join(f"r{i};{v}\n" for i, v in enumerate(values))))
    assert found.kinds()["v"] == kind
    assert found.value(FacetKind.SAMPLE, "v").values[0] == first


def test_what_one_date_column_tells_of_day_and_month_holds_for_the_others(tmp_path: Path) -> None:
    text = "open,sure\n" + "".join(f"0{i}/02/2024,{i + 12}/02/2024\n" for i in range(1, 9))
    found = Understood(written(tmp_path, "t.csv", text))
    assert found.value(FacetKind.SAMPLE, "open").values[0] == "2024-02-01"
    assert not any("cannot be told apart" in r for r in found.remarks)


def test_dates_of_which_day_and_month_cannot_be_told_apart_say_so(tmp_path: Path) -> None:
    text = "k,when\n" + "".join(f"r{i},0{i}/02/2024\n" for i in range(1, 9))
    assert any(
        "cannot be told apart" in r and "when" in r for r in Understood(written(tmp_path, "t.csv", text)).remarks
    )
