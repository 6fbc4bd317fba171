"""Bad input: one clear line each, or the rest is read and the fault told; nothing hangs, nothing grows."""

from __future__ import annotations

import gzip
import json
import resource
import zipfile
from pathlib import Path

import pytest
from tests.files.material import Understood, written

from understudy.cli.main import main
from understudy.errors import SourceError
from understudy.model.evidence import FacetKind
from understudy.sources.files.limits import Limits
from understudy.sources.recognise import recognise

LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rows><row><x>&b;</x></row><row><x>1</x></row></rows>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<rows><row><x>&file;</x></row><row><x>1</x></row></rows>"""
WIDE = "".join(f"c{i}," for i in range(999)) + "last\n" + ("1," * 999 + "2\n") * 30


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n \n\n", "blanks"),
        ("garbage.csv", bytes(range(256)) * 40, "binary"),
        ("cut.parquet", b"PAR1" + bytes(200), "damaged or cut off"),
        ("cut.avro", b"Obj\x01" + bytes(200), "damaged or cut off"),
        ("cut.arrow", b"ARROW1\0\0" + bytes(200), "damaged or cut off"),
        ("cut.xlsx", b"PK\x03\x04" + bytes(200), "no readable workbook|damaged"),
        ("cut.csv.gz", gzip.compress(b"a,b\n1,2\n" * 5000, mtime=0)[:80], "gzip|damaged|breaks off"),
        ("laughs.xml", LAUGHS.encode(), "declares entities"),
        ("outside.xml", OUTSIDE.encode(), "declares entities"),
        ("deep.xml", b"<a>" * 500 + b"</a>" * 500, "deeper than|Excessive depth"),
        ("open.xml", b"<rows><row>1</row><row>", "not well-formed"),
        ("open.json", b'[{"a": 1}, {"a": ', "no valid JSON"),
        ("deep.json", b"[" * 100_000 + b"]" * 100_000, "no valid JSON|no table|deep"),
        ("words.json", b"{just words}", "no valid JSON"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, words: str
) -> None:
    path = written(tmp_path, name, content)
    assert main(["inspect", str(path), "--quiet"]) == 2
    told = capsys.readouterr().err.strip()
    assert len(told.splitlines()) == 1
    assert str(path) in told
    import re

    assert re.search(words, told), told


def test_a_header_alone_gives_fields_and_no_rows(tmp_path: Path) -> None:
    found = Understood(written(tmp_path, "t.csv", "id,name,day\n"))
    assert found.entities == {"t": 0}
    assert found.fields() == ["id", "name", "day"]
    assert not found.claims(FacetKind.UNIQUE)


@pytest.mark.parametrize("ending", ["xlsx", "json", "parquet", "txt", "dat"])
def test_what_is_not_what_its_ending_says_is_read_as_what_it_is(tmp_path: Path, ending: str) -> None:
    path = written(tmp_path, f"t.{ending}", "id;name\n1;a\n2;b\n3;c\n4;d\n")
    assert recognise(str(path)).name == "a CSV file"
    assert Understood(path).entities == {"t": 4}


def test_a_thousand_columns_are_read(tmp_path: Path) -> None:
    found = Understood(written(tmp_path, "wide.csv", WIDE))
    assert len(found.fields()) == 1000
    assert set(found.kinds().values()) == {"integer"}


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "t.csv", "id,name\n" + "1,abcdefgh\n" * 5000)
    with pytest.raises(SourceError, match="larger than the limit of 10,000 bytes"):
        Understood(path, Limits(file_bytes=10_000))


def test_a_packed_file_that_grows_beyond_the_limit_is_refused_while_it_is_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress(b"id,name\n" + b"1,aaaaaaaa\n" * 2_000_000)
    path = written(tmp_path, "t.csv.gz", packed)
    assert len(packed) < 100_000
    with pytest.raises(SourceError, match="limit of 1 MiB when unpacked"):
        Understood(path, Limits(file_bytes=1 << 20))


def test_the_limit_is_a_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERSTUDY_LIMITS_FILE_BYTES", "100")
    path = written(tmp_path, "t.csv", "id,name\n" + "1,abcdefgh\n" * 50)
    assert main(["inspect", str(path), "--quiet"]) == 2
    assert "limits.file_bytes" in capsys.readouterr().err


def test_a_workbook_that_is_a_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 << 20))
    with pytest.raises(SourceError, match="times its size"):
        Understood(path)
    with pytest.raises(SourceError, match="larger than the limit"):
        Understood(path, Limits(whole_bytes=1 << 20))


def test_a_quote_that_is_never_closed_is_told_with_its_line(tmp_path: Path) -> None:
    rows = [f'{i},"text {i}",{i}' for i in range(200)]
    rows[150] = '150,"text 150,150'
    found = Understood(written(tmp_path, "t.csv", "a,b,c\n" + "\n".join(rows) + "\n"))
    assert any("line 152" in r and "quote" in r for r in found.remarks)
    assert found.entities["t"] is not None
    assert found.entities["t"] >= 150


def test_a_row_longer_than_any_block_is_refused(tmp_path: Path) -> None:
    rows = '1,"a"\n' * 50_000
    path = written(tmp_path, "t.csv", "a,b\n" + rows + '2,"' + "x" * (9 << 20) + "\n")
    with pytest.raises(SourceError, match="longer than 4 MiB"):
        Understood(path)


def test_nul_bytes_behind_the_head_are_told_and_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{i},name {i}\n" for i in range(2000))
    found = Understood(written(tmp_path, "t.csv", ("a,b\n" + rows + "7,na\0me\n").encode()))
    assert found.entities == {"t": 2001}
    assert any("line 2002" in r and "NUL" in r for r in found.remarks)


def test_bytes_of_another_encoding_are_told_with_their_line(tmp_path: Path) -> None:
    rows = "".join(f"{i},Zürich\n" for i in range(40_000)).encode()
    found = Understood(written(tmp_path, "t.csv", b"a,b\n" + rows + b"1,Z\xfcrich\n"))
    assert found.entities == {"t": 40_001}
    assert any("line 40002" in r for r in found.remarks)
    assert found.value(FacetKind.ENUM, "b").values == ("Zürich",)


def test_infinite_numbers_and_impossible_dates_are_faults(tmp_path: Path) -> None:
    rows = "".join(f"{i}.5,2024-01-{i % 28 + 1:02}\n" for i in range(300))
    found = Understood(written(tmp_path, "t.csv", "x,d\n" + rows + "inf,2024-02-31\n" + "1.5,99999-01-01\n"))
    assert found.kinds() == {"x": "decimal", "d": "date"}
    told = " ".join(found.remarks)
    assert "'inf'" in told
    assert "'2024-02-31'" in told
    assert "'99999-01-01'" in told


def test_in_a_folder_what_cannot_be_read_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    written(tmp_path, "good.csv", "id,name\n1,a\n2,b\n3,c\n")
    written(tmp_path, "bad.parquet", b"PAR1" + bytes(100))
    found = Understood(tmp_path)
    assert found.entities == {"good": 3}
    assert any("bad.parquet" in r for r in found.remarks)


def test_memory_stays_bounded_while_a_large_file_streams(tmp_path: Path) -> None:
    row = json.dumps({"i": 1, "text": "x" * 80})
    path = tmp_path / "big.csv"
    with path.open("w") as target:
        target.write("id,word,amount\n")
        for block in range(40):
            target.write("".join(f"{block * 20_000 + i},{'w' * 40}{i % 977},{i}.25\n" for i in range(20_000)))
    assert row
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = Understood(path, Limits(deep_bytes=1 << 20, sample_cells=60_000))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert found.entities == {"big": 800_000}
    assert any("every" in r and "measured" in r for r in found.remarks)
    assert any(c.value.columns == ("id",) for c in found.claims(FacetKind.UNIQUE))  # type: ignore[union-attr]
    assert grown < 220
