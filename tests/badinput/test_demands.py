"""Demands that cannot be met, and wishes that make no sense, are told before a row is made."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

CLASHES = [
    ("a INTEGER NOT NULL CHECK (a > 5), CHECK (a < 3)", ["a > 5", "a < 3"]),
    ("a INTEGER NOT NULL, b INTEGER NOT NULL, CHECK (a > b), CHECK (b > a)", ["b > a"]),
    ("d DATE NOT NULL CHECK (d > '2030-01-01' AND d < '2029-01-01')", ["2029-01-01"]),
    (
        "a INT NOT NULL, b INT NOT NULL, CHECK ((a = 1 AND b = 2) OR (a = 3 AND b = 4)), CHECK (a + b = 100)",
        ["a + b = 100"],
    ),
    ("a INT NOT NULL CHECK (a IS NULL)", ["a IS NULL"]),
    ("s VARCHAR(3) NOT NULL CHECK (length(s) > 5)", ["length(s) > 5"]),
    ("s VARCHAR(3) NOT NULL CHECK (s IN ('abcdef', 'ghijkl'))", ["'abcdef'"]),
]


@pytest.mark.parametrize(("columns", "rules"), CLASHES)
def test_contradictory_checks_are_told_by_every_command_and_nothing_is_made(
    call: Call, dump: Callable[..., Path], tmp_path: Path, columns: str, rules: list[str]
) -> None:
    source = dump(f"SET client_encoding = 'UTF8';\nCREATE TABLE t (id bigint PRIMARY KEY, {columns});")
    planned = call("plan", source)
    assert planned.code == 1
    assert all(r in planned.out.split("Cannot be met")[1] for r in rules)
    for arguments in (["preview", source], ["generate", source, "--to", tmp_path / "out"]):
        told = call(*arguments)
        assert told.code == 2
        assert all(r in told.err for r in rules)
    assert not (tmp_path / "out").exists()
    quiet = call("plan", source, "--quiet")
    assert (quiet.code, quiet.out) == (1, "")
    assert all(r in quiet.err for r in rules)


@pytest.mark.parametrize(
    ("columns", "asked", "most"),
    [
        ("f BOOLEAN PRIMARY KEY", 3, 2),
        ("k INT PRIMARY KEY CHECK (k BETWEEN 1 AND 10)", 11, 10),
        ("c DECIMAL(2, 1) PRIMARY KEY CHECK (c >= 0)", 101, 100),
        ("a CHAR(1) NOT NULL CHECK (a IN ('x', 'y')), b BOOLEAN NOT NULL, PRIMARY KEY (a, b)", 5, 4),
    ],
)
def test_more_unique_rows_than_there_are_values_are_refused_with_the_number_that_fits(
    call: Call, dump: Callable[..., Path], tmp_path: Path, columns: str, asked: int, most: int
) -> None:
    source = dump(f"CREATE TABLE t ({columns});")
    planned = call("plan", source, "--rows", f"t={asked}")
    assert planned.code == 1
    assert f"{most} " in planned.out.split("Cannot be met")[1]
    told = call("generate", source, "--to", tmp_path / "out.csv", "--rows", f"t={asked}")
    assert told.code == 2
    assert f"{asked} rows were asked for" in told.line
    assert not (tmp_path / "out.csv").exists()
    assert call("generate", source, "--to", tmp_path / "out.csv", "--rows", f"t={most}", "--quiet").code == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) == most + 1


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (["--rows", "1e30"], "larger than 1e15"),
        (["--rows", "-5"], "negative"),
        (["--rows", "abc"], "not a number"),
        (["--rows", "nan"], "not a whole number"),
        (["--rows", ""], "not a number"),
        (["--rows", "a="], "not a number"),
        (["--rows", "customer=5"], "Did you mean 'customers'?"),
        (["--only", "order"], "Did you mean 'orders'?"),
        (["--except", "order"], "Did you mean 'orders'?"),
        (["--only", "orders", "--except", "orders"], "no table to fill"),
        (["--only", "orders", "--rows", "customers=5"], "not among the tables to fill"),
        (["--scale", "1e30"], "more than 1e15 rows"),
        (["--scale", "nan"], "no scale"),
        (["--locale", "xx_YY"], "no names and words for locale 'xx_YY'"),
        (["--clock", "2026-02-30"], "no date"),
        (["--seed", "-1"], "--seed"),
    ],
)
@pytest.mark.parametrize("command", ["plan", "generate"])
def test_a_wish_that_makes_no_sense_is_one_line(
    call: Call, dump: Callable[..., Path], tmp_path: Path, command: str, wish: list[str], words: str
) -> None:
    source = dump(
        "CREATE TABLE customers (id INT PRIMARY KEY);\n"
        "CREATE TABLE orders (id INT PRIMARY KEY, c INT NOT NULL REFERENCES customers (id));"
    )
    told = call(command, source, *wish, *(["--to", tmp_path / "out"] if command == "generate" else []))
    assert told.code == 2
    assert words in told.line
    assert not (tmp_path / "out").exists()


def test_a_demand_that_cannot_be_met_is_listed_for_machines(
    call: Call, dump: Callable[..., Path], tmp_path: Path
) -> None:
    source = dump("CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL CHECK (a > 5), CHECK (a < 3));")
    told = call("generate", source, "--to", tmp_path / "out", "--json")
    error = json.loads(told.out)["error"]
    assert error["kind"] == "UnsatisfiableError"
    assert len(error["demands"]) == 1
    assert error["mend"]
