"""Functions of the schema that checks call, read where their body is SQL or simple PL/pgSQL, and put in their place.

``valid_code(code)`` becomes what the function says of its argument. A query in a body that finds the chosen parent by a
foreign key (``SELECT kind FROM roles WHERE id = role_id``) becomes a :class:`Part` of the referring column, whose path
is the table, the pairs of columns and the parent's column; planning restricts the choice of parents by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from understudy.types import Type

_NAME = r"(?:\"[^\"]+\"|[\w$]+)"
_HEAD = re.compile(rf"^\s*CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+({_NAME}(?:\.{_NAME})?)\s*\(", re.IGNORECASE)
_LANGUAGE = re.compile(r"\bLANGUAGE\s+'?(\w+)", re.IGNORECASE)
_DOLLARS = re.compile(r"\bAS\s+(\$\w*\$)(.*?)\1", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r"\bAS\s+E?'((?:[^']|'')*)'", re.IGNORECASE | re.DOTALL)
_RETURN = re.compile(r"\bRETURN\s+(?!NULL\s+ON\b)(.*)$", re.IGNORECASE | re.DOTALL)
_ATOMIC = re.compile(r"\bBEGIN\s+ATOMIC\b(.*)\bEND\b", re.IGNORECASE | re.DOTALL)
_MODES = ("in", "inout", "variadic")
_TYPES = frozenset({
    "int", "int2", "int4", "int8", "integer", "bigint", "smallint", "text", "varchar", "char", "character", "numeric",
    "decimal", "bool", "boolean", "date", "timestamp", "timestamptz", "time", "timetz", "interval", "uuid", "json",
    "jsonb", "bytea", "real", "float", "double", "inet", "cidr", "citext", "name", "bpchar",
})  # fmt: skip
"""Words with which a parameter that has no name begins."""


class Routine(msgspec.Struct, frozen=True):
    """A function: its parameters' names (``$1`` where there is none) and its body. ``language``: sql or plpgsql."""

    name: str
    parameters: tuple[str, ...]
    language: str
    body: str


class Known(msgspec.Struct, frozen=True):
    """What rules may call and look up: functions by name (in lower case), columns' types by table."""

    routines: dict[str, Routine] = {}
    tables: dict[str, dict[str, Type]] = {}


NOTHING = Known()


def read_routines(statements: Iterable[str]) -> dict[str, Routine]:
    """The functions among DDL statements whose bodies may be read. Overloaded ones are left out."""
    found: dict[str, Routine] = {}
    twice: set[str] = set()
    for statement in statements:
        made = _routine(statement)
        if made is None:
            continue
        if made.name in found:
            twice.add(made.name)
        found[made.name] = made
    return {n: r for n, r in found.items() if n not in twice}


def _routine(statement: str) -> Routine | None:
    head = _HEAD.match(statement)
    if head is None:
        return None
    end = _closing(statement, head.end())
    parameters = _parameters(statement[head.end() : end])
    rest = statement[end + 1 :]
    language = _LANGUAGE.search(rest)
    kind = language[1].lower() if language else "sql"
    body = _body(rest)
    if body is None or parameters is None or kind not in ("sql", "plpgsql"):
        return None
    name = head[1].split(".")[-1].strip('"').lower()
    return Routine(name, parameters, kind, re.sub(r"\$(\d+)", r'"$\1"', body))


def _closing(text: str, start: int) -> int:
    level = 1
    for at in range(start, len(text)):
        level += (text[at] == "(") - (text[at] == ")")
        if not level:
            return at
    return len(text)


def _parameters(text: str) -> tuple[str, ...] | None:
    parts: list[str] = []
    level, current = 0, ""
    for c in text + ",":
        level += (c == "(") - (c == ")")
        if c == "," and not level:
            parts.append(current.strip())
            current = ""
        else:
            current += c
    names = []
    for number, part in enumerate((p for p in parts if p), 1):
        words = part.split()
        if words[0].lower() == "out":
            return None
        if words[0].lower() in _MODES:
            words = words[1:]
        bare = re.sub(r"[(\[].*", "", words[0]).lower()
        unnamed = len(words) == 1 or bare in _TYPES
        names.append(f"${number}" if unnamed else words[0].strip('"').lower())
    return tuple(names)


def _body(rest: str) -> str | None:
    if found := _DOLLARS.search(rest):
        return found[2]
    if found := _QUOTED.search(rest):
        return found[1].replace("''", "'")
    if found := _ATOMIC.search(rest):
        return found[1]
    if found := _RETURN.search(rest):
        return "SELECT " + found[1]
    return None


def known_of(statements: Iterable[str], tables: Mapping[str, Mapping[str, Type]]) -> Known:
    """Functions and tables together."""
    return Known(read_routines(statements), {n: dict(t) for n, t in tables.items()})
