"""Rows of test data that stand at a test: ``@pytest.mark.parametrize``, ``@CsvSource``, ``@ValueSource``."""

from __future__ import annotations

import ast
import re
from typing import Any

from understudy.sources.code.tree import Func

PARAMETRIZE = re.compile(
    r"parametrize\(\s*(?P<names>\"[^\"]*\"|'[^']*'|[\[(][^\])]*[\])])\s*,\s*(?P<rows>.*)\)\s*$", re.DOTALL
)
JAVA_ROWS = re.compile(r"^(?P<kind>ValueSource|CsvSource)\s*\((?P<rows>.*)\)$", re.DOTALL)


def rows_of(function: Func) -> list[dict[str, Any]]:
    """Values of a test's parameters, row by row; empty where no data stands at it."""
    for mark in function.marks:
        match = PARAMETRIZE.search(mark)
        if match:
            try:
                names, rows = ast.literal_eval(match["names"]), ast.literal_eval(match["rows"].rstrip().rstrip(","))
            except (ValueError, SyntaxError):
                continue
            listed = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
            return [
                dict(zip(listed, row if isinstance(row, list | tuple) and len(listed) > 1 else [row], strict=False))
                for row in rows
            ]
        java = JAVA_ROWS.match(mark)
        if java:
            texts = re.findall(r"\"((?:[^\"\\]|\\.)*)\"", java["rows"])
            parameters = [n for n, _ in function.parameters]
            cut = [[p.strip().strip("'") for p in t.split(",")] if java["kind"] == "CsvSource" else [t] for t in texts]
            return [dict(zip(parameters, row, strict=False)) for row in cut]
    return []
