"""Expressions of one dialect in the words of another; what cannot be said is told, never dropped in silence."""

from __future__ import annotations

import re

from understudy.model.schema import Field, Identity

SQLGLOT = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "duckdb": "duckdb"}
"""Our dialect names → sqlglot's."""

CHECK = re.compile(r"CHECK\s*\(", re.I)
"""The word, not a function whose name begins so."""


def translated(text: str, source: str, target: str) -> str | None:
    """An expression translated, or None where it cannot be."""
    if source == target or {source, target} == {"mysql", "mariadb"}:
        return text
    if not source:
        return text
    import sqlglot
    from sqlglot.errors import ErrorLevel, SqlglotError

    try:
        tree = sqlglot.parse_one(text, read=SQLGLOT[source])
        return tree.sql(dialect=SQLGLOT[target], unsupported_level=ErrorLevel.RAISE)
    except (SqlglotError, ValueError, RecursionError):
        return None


def check_body(text: str) -> str:
    """A check's condition without the word CHECK and what stands around it."""
    stripped = text.strip()
    if CHECK.match(stripped):
        stripped = stripped[5:].strip()
        end = stripped.rfind(")")
        return stripped[: end + 1]
    return f"({stripped})"


def default_words(field: Field, source: str, target: str) -> str | None:
    """The DEFAULT of a column: '' where there is none, None where it cannot be said in ``target``."""
    if not field.default or field.identity is not Identity.NONE:
        return ""
    if field.default.strip().upper() == "NULL":
        return ""
    if "nextval" in field.default.lower() and target != "postgresql":
        return ""
    text = translated(field.default, source, target)
    if text is None or source == target:
        return text
    literal = text.strip().upper()
    constant = literal[:1] in "'0123456789-" or literal in ("TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE")
    return text if constant or target == "postgresql" else f"({text})"
