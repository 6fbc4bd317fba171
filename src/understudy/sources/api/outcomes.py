"""What the tests of a collection expect of an answer: status, members, types, values; and that as JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

ELEMENT = "[]"
NAMED = "x-named"
"""Keyword of a member of which nothing is known but that it is there."""
WRONG_BODY = frozenset({400, 406, 409, 411, 412, 413, 415, 422})
"""Answers that say that the body sent was wrong."""
TYPES = {"string": "string", "number": "number", "boolean": "boolean", "object": "object", "array": "array"}
TYPES |= {"integer": "integer", "String": "string", "Number": "number", "Boolean": "boolean", "Array": "array"}


class Expected(msgspec.Struct, frozen=True):
    """One assertion. ``what``: status, exists, type, equal, one_of, pattern, size or says (words of the test where more
    is not understood); ``path``: the member of the answer; ``title``: of the test; ``denied``: it must not be so."""

    what: str
    path: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    title: str = ""
    denied: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What a script expects, and which variables it keeps of the answer: name → member."""

    expected: tuple[Expected, ...] = ()
    kept: tuple[tuple[str, tuple[str, ...]], ...] = ()
    faults: tuple[int, ...] = ()

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses that are expected, in order."""
        said = [int(v) for e in self.expected if e.what == "status" and not e.denied for v in e.values]
        return tuple(dict.fromkeys(said))

    @property
    def refused(self) -> bool:
        """Whether the body sent is wrong on purpose: nothing but its refusal is expected."""
        return bool(self.statuses) and all(s in WRONG_BODY for s in self.statuses)

    def schema(self) -> dict[str, Any] | None:
        """The answer's body as JSON Schema, as far as members, types and patterns are asserted; values are examples."""
        schema: dict[str, Any] = {}
        for e in self.expected:
            if e.what in ("exists", "type", "equal", "one_of", "pattern", "size") and e.path and not e.denied:
                _meant(_below(schema, e.path), e)
        return schema or None


def _below(schema: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """The schema of a member, made on the way; what stands above it is required."""
    here = schema
    for step in path:
        if step == ELEMENT:
            here["type"] = "array"
            here = here.setdefault("items", {})
            continue
        here["type"] = "object"
        required = here.setdefault("required", [])
        if step not in required:
            required.append(step)
        here = here.setdefault("properties", {}).setdefault(step, {NAMED: True})
    return here


def _meant(schema: dict[str, Any], e: Expected) -> None:
    match e.what:
        case "type" if e.values[0] in TYPES:
            schema.setdefault("type", TYPES[e.values[0]])
        case "equal" | "one_of" if all(isinstance(v, str | int | float) for v in e.values):
            schema["examples"] = list(dict.fromkeys([*schema.get("examples", ()), *e.values]))
            kinds = {_kind(v) for v in schema["examples"]}
            if len(kinds) == 1:
                schema.setdefault("type", kinds.pop())
        case "pattern" if re.match(r"\^.*\$$", str(e.values[0])):
            schema.setdefault("type", "string")
            schema.setdefault("pattern", str(e.values[0]))
        case "size":
            schema.setdefault("type", "array")


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
    return "string"
