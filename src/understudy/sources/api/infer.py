"""A schema of values that were seen: what all of them have in common, and no more.

A member that every object has is required; a text is a date where all of them are; what was seen once says little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

UNKNOWN = "\u0000"
"""Begins a text that stands for a value nobody knows (a variable of a collection)."""
FILE = UNKNOWN + "file"
"""Stands for the bytes of a file that a form sends."""
ONLY_NULL: dict[str, Any] = {"examples": [None]}
"""The schema of what was only ever seen to be null."""
DEEPEST = 30
MOST_EXAMPLES = 12
MAP_KEYS = 20
"""Objects with more members than this, named by numbers or ids, are maps."""
FORMATS = (
    ("uuid", re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")),
    ("date-time", re.compile(r"\d{4}-[01]\d-[0-3]\d[Tt][0-2]\d:[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-][0-2]\d:[0-5]\d)")),
    ("date", re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")),
    ("email", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")),
    ("uri", re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][!-~]*)?")),
    ("ipv4", re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")),
)
IDENTIFIER = re.compile(r"\d+|[0-9a-fA-F]{8,}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def schema_of(values: Sequence[Any], deep: int = 0) -> dict[str, Any]:
    """The schema of values of one place (JSON Schema 2020-12)."""
    if not values or deep > DEEPEST:
        return {}
    if FILE in values:
        return {"type": "string", "format": "binary"}
    null = any(v is None for v in values)
    known = [v for v in values if v is not None and not (isinstance(v, str) and v.startswith(UNKNOWN))]
    if not known:
        return dict(ONLY_NULL) if null else {}
    groups: dict[str, list[Any]] = {}
    for value in known:
        groups.setdefault(_kind(value), []).append(value)
    if set(groups) == {"integer", "number"}:
        groups = {"number": known}
    made = [_of_kind(kind, group, deep) for kind, group in groups.items()]
    if len(made) == 1:
        if null:
            made[0]["type"] = [made[0]["type"], "null"]
        return made[0]
    return {"anyOf": [*made, *([{"type": "null"}] if null else [])]}


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() and abs(value) < 2**53 else "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _of_kind(kind: str, values: list[Any], deep: int) -> dict[str, Any]:
    match kind:
        case "object":
            return _object(values, deep)
        case "array":
            inner = [e for v in values for e in v]
            return {"type": "array", "items": schema_of(inner, deep + 1)}
        case "string":
            return _text(values)
    return {"type": kind, "examples": list(dict.fromkeys(values))[:MOST_EXAMPLES]}


def _text(values: list[str]) -> dict[str, Any]:
    plain = [v for v in values if v]
    out: dict[str, Any] = {"type": "string"}
    form = next((f for f, pattern in FORMATS if plain and all(pattern.fullmatch(v) for v in plain)), None)
    if form is not None and len(plain) == len(values):
        out["format"] = form
    shown = [v for v in dict.fromkeys(plain) if len(v) <= 200][:MOST_EXAMPLES]
    if shown:
        out["examples"] = shown
    return out


def _object(values: list[dict[str, Any]], deep: int) -> dict[str, Any]:
    names = list(dict.fromkeys(n for v in values for n in v))
    if len(names) > MAP_KEYS and all(IDENTIFIER.fullmatch(n) for n in names):
        inner = [e for v in values for e in v.values()]
        return {"type": "object", "additionalProperties": schema_of(inner, deep + 1)}
    members = {n: schema_of([v[n] for v in values if n in v], deep + 1) for n in names}
    required = [n for n in names if all(n in v for v in values)]
    return {"type": "object", "properties": members, **({"required": required} if required else {})}
