"""A package that is not installed is the user's to install: one line says how."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import understudy
from understudy.cli.main import main
from understudy.workflow.extras import missing


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


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page, where what reads pages is not installed."""
    for name in [
        m for m in sys.modules if m.partition(".")[0] == "selectolax" or m.startswith("understudy.sources.ui")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "selectolax", None)
    page = tmp_path / "p.html"
    page.write_text("<!doctype html><html><form><input name=a></form></html>")
    return page


def test_a_page_without_its_reader_is_one_line(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(page), "--quiet"]) == 2
    assert "understudy[ui]" in capsys.readouterr().err


def test_a_program_is_told_the_same_line(page: Path) -> None:
    with pytest.raises(understudy.UnderstudyError, match=r'pip install "understudy\[ui\]"'):
        understudy.read(page)
