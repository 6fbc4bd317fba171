"""Rows that follow a file: what was seen comes out again."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyarrow.csv
import pytest
from tests.files.material import written

import understudy
from understudy import workflow
from understudy.model.request import Request


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A file with shares, a skewed number, a spike, nulls, and dates."""
    rows = []
    for i in range(600):
        status = "open" if i % 10 < 7 else "closed" if i % 10 < 9 else "lost"
        amount = "0" if i % 2 else f"{(i % 60) ** 2 / 4:.2f}"
        note = "" if i % 4 == 0 else "yes"
        rows.append(f"{i + 1},{status},{amount},{note},2024-{i % 12 + 1:02}-{i % 28 + 1:02}\n")
    return written(tmp_path, "people.csv", "id,status,amount,note,since\n" + "".join(rows))


def test_generated_rows_follow_shares_ranges_and_nulls(people: Path, tmp_path: Path) -> None:
    bundle = workflow.prepare([str(people)], Request(default_rows=4000))
    manifest = workflow.generate(bundle, str(tmp_path / "out"), format="csv")
    assert manifest.holds
    made = pyarrow.csv.read_csv(tmp_path / "out" / "people.csv").to_pydict()
    shares = Counter(made["status"])
    assert set(shares) == {"open", "closed", "lost"}
    assert shares["open"] / 4000 == pytest.approx(0.7, abs=0.04)
    assert made["amount"].count(0) / 4000 == pytest.approx(0.5 + 0.5 / 60, abs=0.05)
    assert max(made["amount"]) <= 58**2 / 4
    assert sum(v in (None, "") for v in made["note"]) / 4000 == pytest.approx(0.25, abs=0.04)
    assert str(min(made["since"])) >= "2024-01-01"
    assert str(max(made["since"])) <= "2024-12-28"
    assert len(set(made["id"])) == 4000


def test_a_saved_schema_of_a_file_makes_the_same_rows_as_the_file(people: Path, tmp_path: Path) -> None:
    from understudy.workflow.saving import save_schema

    place = save_schema(workflow.read([str(people)]), tmp_path / "people")
    one = workflow.preview(workflow.prepare([str(people)], Request()))
    other = workflow.preview(workflow.prepare([str(place)], Request()))
    assert one["people"].equals(other["people"])


def test_rows_for_a_text_are_written_as_that_text_is(tmp_path: Path) -> None:
    rows = "".join(f"{i};{i % 28 + 1:02d}.03.2024;{i * 7},{i % 90 + 10}\r\n" for i in range(1, 60))
    source = tmp_path / "bills.csv"
    source.write_text("Bill no;Issued on;Amount\r\n" + rows)
    understudy.generate(source, to=tmp_path / "out", format="csv", rows=30)
    understudy.generate(source, to=tmp_path / "one.csv", rows=30)
    for made in (tmp_path / "out" / "bills.csv", tmp_path / "one.csv"):
        head, *lines = made.read_text().splitlines()
        assert head.replace('"', "") == "Bill no;Issued on;Amount"
        assert len(lines) == 30
        assert all(re.fullmatch(r'\d+;"\d\d\.\d\d\.2024";"\d+,\d\d"', line) for line in lines), lines[:3]
    assert not [v for v in understudy.validate(source, tmp_path / "out") if v.violations]


def test_other_formats_keep_their_own_manner(tmp_path: Path) -> None:
    source = tmp_path / "bills.csv"
    source.write_text("n;day\n" + "".join(f"{i};{i % 28 + 1:02d}.03.2024\n" for i in range(1, 60)))
    understudy.generate(source, to=tmp_path / "out", format="tsv", rows=5)
    assert "\t2024-" in (tmp_path / "out" / "bills.tsv").read_text()
