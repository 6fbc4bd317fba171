"""The project's own promises: nothing skipped in silence, locks without addresses, a Makefile that explains itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SKIPPING = """
import pytest

@pytest.mark.skip(reason="not today")
def test_marked(): pass

def test_inside(): pytest.skip("not here")

def test_of_corpora(corpora): raise AssertionError(corpora)

def test_fine(): pass
"""


@pytest.mark.parametrize(
    ("forbidden", "corpora", "code", "failed"), [("1", "nowhere", 1, 3), ("1", "none", 1, 2), ("", "none", 0, 0)]
)
def test_a_skip_is_a_failure_where_nothing_may_be_skipped(
    tmp_path: Path, forbidden: str, corpora: str, code: int, failed: int
) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_skipping.py").write_text(SKIPPING)
    around = os.environ | {"UNDERSTUDY_NO_SKIP": forbidden, "UNDERSTUDY_CORPORA": corpora}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-v",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=around, check=False)
    assert done.returncode == code, done.stdout
    assert len(re.findall(r"^(?:FAILED|ERROR) ", done.stdout, re.MULTILINE)) == failed
    assert ("NOT RUN: 1 tests: not today" in done.stdout) == (not failed)
    assert ("NOT RUN: 1 tests: UNDERSTUDY_CORPORA=none" in done.stdout) == (corpora == "none")


@pytest.mark.parametrize("lock", ["run.lock", "dev.lock"])
def test_locks_pin_every_package_by_hash_and_name_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    assert "://" not in text
    pins = re.findall(r"^[A-Za-z0-9._-]+(?:\[[^\]]+\])?==", text, re.MULTILINE)
    others = [
        line for line in text.splitlines() if line and not re.match(r"^[A-Za-z0-9._-]+==|^    --hash=sha256:", line)
    ]
    assert len(pins) > 15
    assert others == []


def test_every_target_has_a_help_line() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = next(line for line in text.splitlines() if line.startswith(".PHONY:")).split()[1:]
    done = subprocess.run(["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True)
    assert {line.split()[1] for line in done.stdout.splitlines()} == set(phony)


def test_the_readme_shows_commands_that_exist() -> None:
    from understudy.cli.main import COMMANDS

    shown = re.findall(r"^\$ understudy (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(shown) > 5
    assert set(shown) <= set(COMMANDS)
