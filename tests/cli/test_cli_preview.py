"""What a person reads of a few rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy.cli.main import main


def test_numbers_of_32_bits_are_shown_as_they_are_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "schema.sql"
    source.write_text("CREATE TABLE public.parcel (id serial PRIMARY KEY, freight real NOT NULL);")
    assert main(["preview", str(source), "--rows", "50", "--limit", "50", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["parcel"]
    assert any(row["freight"] % 1 for row in shown)
    assert all(len(str(row["freight"])) < 10 for row in shown)
