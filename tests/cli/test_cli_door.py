"""The door: starts fast, and answers mistakes with one line, the mend and the right exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from understudy.cli.main import COMMANDS, main

IMPORT_CPU_S, HELP_CPU_S = 0.3, 0.5
"""What starting may cost (contracts; measured at 0.05 and 0.10)."""

HEAVY = ("pandas", "duckdb", "sqlalchemy", "sqlglot", "polars", "psycopg", "pymysql", "mimesis")


def run(*arguments: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    around = {k: v for k, v in os.environ.items() if not k.startswith("UNDERSTUDY_")} | environment
    command = [sys.executable, "-m", "understudy.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=around, check=False, timeout=60)


def cpu_seconds(code: str) -> tuple[float, str]:
    """The least CPU time of three runs (the machine may be busy), and what the last printed."""
    tail = "\nimport resource\nu = resource.getrusage(resource.RUSAGE_SELF)\nprint('CPU', u.ru_utime + u.ru_stime)"
    found = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
        found.append(float(done.stdout.rsplit("CPU", 1)[1]))
    return min(found), done.stdout


def test_importing_is_fast_and_leaves_heavy_packages_out() -> None:
    seconds, printed = cpu_seconds(f"import sys, understudy\nprint([m for m in {HEAVY!r} if m in sys.modules])")
    assert printed.startswith("[]")
    assert seconds < IMPORT_CPU_S


def test_help_is_fast() -> None:
    seconds, printed = cpu_seconds("from understudy.cli.main import main\nmain(['--help'])")
    assert "generate" in printed
    assert seconds < HELP_CPU_S


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_the_common_options(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Example" in text
    assert f"understudy {command}" in text.split("Example")[1]
    assert "--json" in text
    assert "--quiet" in text


def test_options_of_later_issues_do_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--scenario", "--edge-cases"):
        assert main(["generate", "x.sql", "--to", "y", option, "1"]) == 2
    assert "No such option" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generte"], "Did you mean 'generate'?"),
        (["serve"], "unknown command 'serve'"),
        (["generate"], "Missing argument"),
        (["generate", "x.sql"], "--to"),
        (["generate", "x.sql", "--to", "y", "--append", "--replace"], "Choose one"),
        (["generate", "x.sql", "--to", "y", "--rows", "many"], "no row count"),
        (["generate", "x.sql", "--to", "y", "--rows", "-5"], "negative"),
        (["generate", "x.sql", "--to", "y", "--rows", "1.5"], "not a whole number"),
        (["generate", "x.sql", "--to", "y", "--rows", "1e99"], "larger"),
        (["generate", "x.sql", "--to", "y", "--rows", "a=1", "--rows", "a=2"], "twice"),
        (["generate", "x.sql", "--to", "y", "--rows", "1", "--rows", "2"], "two row counts"),
        (["generate", "x.sql", "--to", "y", "--clock", "soon"], "no date"),
        (["generate", "x.sql", "--to", "y", "--nulls", "2"], "--nulls"),
        (["generate", "x.sql", "--to", "y", "--scale", "0"], "--scale"),
        (["generate", "x.sql", "--to", "y", "--locale", "1"], "locale"),
        (["generate", "x.sql", "--to", "y", "--follow"], "--only"),
        (["generate", "x.plan", "--to", "y", "--seed", "1"], "saved plan has settled"),
    ],
)
def test_a_mistake_is_one_line_with_its_mend(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("understudy: ")
    assert shown.err.count("\n") == 1
    assert words in shown.err


def test_a_mistake_is_an_object_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "x.sql", "--to", "y", "--rows", "many", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "RequestError"
    assert error["where"] == "--rows many"
    assert error["mend"]


def test_passwords_are_never_echoed(capsys: pytest.CaptureFixture[str]) -> None:
    url = "postgresql://somebody:topsecret@127.0.0.1:1/none"
    assert main(["inspect", url, "--json"]) == 2
    shown = capsys.readouterr()
    assert "topsecret" not in shown.out + shown.err
    assert "somebody@127.0.0.1" in shown.err


def test_our_own_fault_is_a_line_and_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from understudy.cli.failures import tell_fault

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    url = "postgresql://me:topsecret@host/db"
    assert tell_fault(KeyError(url), ["plan", url]) == 3
    (log,) = (tmp_path / "understudy").iterdir()
    text = log.read_text()
    assert "KeyError" in text
    assert "topsecret" not in text


def test_a_fault_of_ours_exits_with_three_and_names_the_log(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom understudy.workflow import doctor\n"
        "def broken():\n    raise RuntimeError('boom')\n"
        "doctor.examine = broken\n"
        "from understudy.cli.main import main\nsys.exit(main(['doctor']))"
    )
    around = os.environ | {"XDG_STATE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=around, check=False)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert str(next((tmp_path / "understudy").iterdir())) in done.stderr


def test_doctor_config_and_formats_answer_in_words_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("doctor", "config", "formats"):
        assert main([command]) == 0
        assert capsys.readouterr().out.strip()
        assert main([command, "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)) > 3
        assert main([command, "--quiet"]) == 0
        assert capsys.readouterr().out == ""


def test_config_tells_where_a_value_comes_from(tmp_path: Path) -> None:
    done = run("config", "--json", folder=tmp_path, UNDERSTUDY_GENERATION_SEED="7", HOME=str(tmp_path))
    seed = next(s for s in json.loads(done.stdout) if s["key"] == "generation.seed")
    assert (seed["value"], seed["origin"]) == (7, "environment: UNDERSTUDY_GENERATION_SEED")


def test_the_reader_of_a_pipe_may_go_away() -> None:
    code = f"{sys.executable} -m understudy.cli.main formats --json | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
