"""Rows of test data that stand at a test: ``parametrize``, ``CsvSource``, ``ValueSource``, providers of data."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import product
from typing import Any

from understudy.sources.cases.code.run import Runner
from understudy.sources.cases.code.values import Closure, Instance, Scope
from understudy.sources.code.parsing import parse, unescaped
from understudy.sources.code.tree import Attr, Call, Do, Expr, Func, Name, Seq

Row = dict[str, Any]
JAVA_ROWS = re.compile(r"^(?P<kind>ValueSource|CsvSource)\s*\((?P<rows>.*)\)$", re.DOTALL)
JAVA_TEXT = re.compile(r"\"\"\"(?P<block>.*?)\"\"\"|\"(?P<line>(?:[^\"\\]|\\.)*)\"", re.DOTALL)
PROVIDED = re.compile(
    r"^MethodSource\s*(?:\(\s*\{?\s*\"(?:[\w.]*#)?(?P<method>\w+)\".*)?"
    r"|^Test\s*\(.*\bdataProvider\s*=\s*\"(?P<provider>[^\"]+)\"",
    re.DOTALL,
)
MOST_ROWS = 12
"""Rows of a table of test data that are run."""


def rows_of(function: Func, runner: Runner, scope: Scope, this: Instance | None = None) -> list[Row]:
    """Values of a test's parameters, row by row; empty where no data stands at it. Tables that stand above each other
    are multiplied."""
    tables = [t for mark in function.marks if (t := _table(mark, function, runner, scope, this))]
    rows = [{k: v for part in parts for k, v in part.items()} for parts in product(*tables)] if tables else []
    return rows[:MOST_ROWS]


def _table(mark: str, function: Func, runner: Runner, scope: Scope, this: Instance | None) -> list[Row]:
    parameters = [n for n, _ in function.parameters]
    if "parametrize" in mark.split("(", maxsplit=1)[0]:
        return _parametrized(mark, runner, scope)
    java = JAVA_ROWS.match(mark)
    if java:
        texts = [m["block"] or unescaped(m["line"] or "") for m in JAVA_TEXT.finditer(java["rows"])]
        return [dict(zip(parameters, row, strict=False)) for row in _cut(texts, java["kind"] == "CsvSource")]
    provided = PROVIDED.match(mark)
    if provided and this is not None:
        given = _provided(provided["provider"] or provided["method"] or function.name, runner, this)
        return [dict(zip(parameters, r if isinstance(r, list) else [r], strict=False)) for r in given]
    return []


def _parametrized(mark: str, runner: Runner, scope: Scope) -> list[Row]:
    """The rows of ``pytest.mark.parametrize``, constants and ``pytest.param`` followed."""
    statement = next(iter(parse(mark, "mark.py").body), None)
    if not isinstance(statement, Do) or not isinstance(statement.value, Call) or len(statement.value.arguments) < 2:
        return []
    names, table = statement.value.arguments[:2]
    told = runner.quietly(names, scope)
    listed = (
        [n.strip() for n in told.split(",")] if isinstance(told, str) else list(told) if isinstance(told, list) else []
    )
    if isinstance(table, Seq):
        rows: Any = [_row(item, runner, scope) for item in table.items]
    else:
        rows = runner.quietly(table, scope)
    if not isinstance(rows, list):
        return []
    return [
        dict(zip(listed, row if isinstance(row, list) and len(listed) > 1 else [row], strict=False)) for row in rows
    ]


def _row(item: Expr, runner: Runner, scope: Scope) -> Any:
    """A row, or what ``pytest.param(…)`` holds."""
    if isinstance(item, Call) and item.function in (Attr(Name("pytest"), "param"), Name("param")):
        values = [runner.quietly(a, scope) for a in item.arguments]
        return values if len(values) > 1 else values[0] if values else None
    return runner.quietly(item, scope)


def _cut(texts: Sequence[str], cells: bool) -> list[list[Any]]:
    """Rows of JUnit: a value each, or cells as in CSV with single quotes."""
    if not cells:
        return [[_typed(t)] for t in texts]
    lines = [line.strip() for t in texts for line in t.splitlines() if line.strip()]
    mark = "|" if lines and all("|" in line and "," not in line for line in lines) else ","
    return [
        [_typed(c.strip()) for c in row]
        for row in csv.reader(lines, delimiter=mark, quotechar="'", skipinitialspace=True)
    ]


def _typed(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


def _provided(name: str, runner: Runner, this: Instance) -> list[Any]:
    """The rows that a method of the test's class gives, by its own name or the one it is known by."""
    methods = [m for c in runner.library.line(this.cls) for m in c.methods]
    known = re.compile(rf"DataProvider\b.*\bname\s*=\s*\"{re.escape(name)}\"", re.DOTALL)
    found = next((m for m in methods if m.name == name or any(known.match(k) for k in m.marks)), None)
    if found is None:
        return []
    told = runner.answer(Closure(found, runner.scope, this))
    return told if isinstance(told, list) else []
