"""A package that is not installed is the user's to install: one line says how."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from understudy.cli.extras import missing
from understudy.cli.main import main


@pytest.mark.parametrize(
    ("module", "extra"),
    [("selectolax.parser", "ui"), ("sklearn", "learning"), ("graphql", "api"), ("tree_sitter_java", "cases")],
)
def test_the_extra_that_brings_a_module_is_named(module: str, extra: str) -> None:
    told = missing(ModuleNotFoundError("no", name=module))
    assert told is not None
    assert f"understudy[{extra}]" in told.line


def test_a_module_that_no_extra_brings_is_a_fault_of_ours() -> None:
    assert missing(ModuleNotFoundError("no", name="understudy.nowhere")) is None


def test_a_page_without_its_reader_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [
        m for m in sys.modules if m.partition(".")[0] == "selectolax" or m.startswith("understudy.sources.ui")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "selectolax", None)
    page = tmp_path / "p.html"
    page.write_text("<!doctype html><html><form><input name=a></form></html>")
    assert main(["inspect", str(page), "--quiet"]) == 2
    assert "understudy[ui]" in capsys.readouterr().err
