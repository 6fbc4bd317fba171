"""A guest's semantic types are found where pip puts them, and a clash or a broken guest is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line with ``place`` on the import path."""
    path = os.pathsep.join([str(place), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "understudy.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample guest, installed by pip into a folder of its own."""
    place = tmp_path_factory.mktemp("guests")
    source = ROOT / "examples" / "semantic-type"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "--target", str(place), str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return place


def test_the_sample_guest_explains_itself_with_examples_of_the_engine(installed: Path) -> None:
    done = run(installed, "types", "coffee_variety", "--json")
    assert done.returncode == 0, done.stderr
    note = json.loads(done.stdout)
    assert note["family"] == "coffee"
    assert set(note["examples"]) <= {"Bourbon", "Typica", "Caturra", "Catuai", "Geisha", "Pacamara", "SL28", "SL34", "Mundo Novo", "Maragogype", "Heirloom", "Castillo"}  # fmt: skip  # noqa: E501


def test_columns_are_recognised_as_a_guests_type(installed: Path, tmp_path: Path) -> None:
    schema = tmp_path / "s.sql"
    schema.write_text("CREATE TABLE beans (id int PRIMARY KEY, variety varchar(40), roast_batch varchar(12) UNIQUE);")
    done = run(installed, "plan", str(schema), "--json")
    assert done.returncode == 0, done.stderr
    columns = {c["name"]: c.get("meaning", "") for c in json.loads(done.stdout)["tables"][0]["columns"]}
    assert columns["variety"] == "coffee_variety"
    assert columns["roast_batch"] == "roast_batch"


def write_guest(place: Path, text: str) -> None:
    """A guest written by hand: a module and the entry point that names it."""
    (place / "strange_guest.py").write_text(text)
    (place / "strange_guest-1.dist-info").mkdir()
    entry = "[understudy.semantic_types]\nstrange = strange_guest:TYPES\n"
    (place / "strange_guest-1.dist-info" / "entry_points.txt").write_text(entry)


def test_a_guest_may_not_take_the_name_of_a_known_type(tmp_path: Path) -> None:
    write_guest(tmp_path, 'TYPES = {"types": [{"name": "email", "maker": "words", "names": ["x"]}]}')
    done = run(tmp_path, "types", "email")
    assert done.returncode == 2
    assert "email of strange is known already" in done.stderr


def test_a_guest_that_cannot_be_read_is_reported_and_takes_nothing_away(tmp_path: Path) -> None:
    write_guest(tmp_path, 'raise ValueError("no beans")')
    done = run(tmp_path, "types", "--family", "flags")
    assert done.returncode == 0
    assert "no beans" in done.stdout
    assert "flag" in done.stdout
