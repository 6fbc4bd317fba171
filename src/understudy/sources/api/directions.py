"""Members that a record needs and must not have: said in different parts of one schema.

    allOf: [{properties: {id: {readOnly: true}}}], required: [id]

In OpenAPI 3.0 what is required and read-only is required of responses only (and write-only of requests), but validators
read each part by itself: they refuse a request with the member for one part, and without it for the other.
"""

from __future__ import annotations

from typing import Any

DEFS = "#/$defs/"


def barred_and_required(document: dict[str, Any]) -> list[str]:
    """Members that a whole record needs and must not have (one part of it says so, another part otherwise)."""
    defs = document.get("$defs", {})
    needed: dict[str, None] = {}
    barred: set[str] = set()
    todo: list[Any] = [document]
    seen: set[str] = set()
    while todo:
        part = todo.pop()
        if not isinstance(part, dict):
            continue
        needed |= dict.fromkeys(part.get("required", ()))
        barred |= {n for n, m in part.get("properties", {}).items() if m is False}
        todo += part.get("allOf", ())
        name = str(part.get("$ref", "")).removeprefix(DEFS)
        if name in defs and name not in seen:
            seen.add(name)
            todo.append(defs[name])
    return [n for n in needed if n in barred]
