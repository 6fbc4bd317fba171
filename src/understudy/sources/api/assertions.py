"""The words of assertions: ``to.have.property("id").that.is.a("number")``, ``=== 200``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

NAMED = {"OK": 200, "Created": 201, "Accepted": 202, "No Content": 204, "Bad Request": 400, "Unauthorized": 401}
NAMED |= {"Forbidden": 403, "Not Found": 404, "Conflict": 409, "Unprocessable Entity": 422}
KINDS = {"success": 200, "ok": 200, "created": 201, "accepted": 202, "badRequest": 400, "unauthorized": 401}
KINDS |= {"forbidden": 403, "notFound": 404, "rateLimited": 429}
EQUAL = frozenset({"eql", "equal", "equals", "eq", "eqls", "deepEqual", "strictEqual"})
BOUNDS = frozenset({"above", "below", "least", "most", "gt", "gte", "lt", "lte", "within", "greaterThan", "lessThan"})
TRUTHS = {"true": (True,), "false": (False,)}


class Path(msgspec.Struct, frozen=True):
    """A member of the answer: names, ``[]`` for an element of a list."""

    steps: tuple[str, ...] = ()


class Code(msgspec.Struct, frozen=True):
    """The status of the answer."""


class Size(msgspec.Struct, frozen=True):
    """The length of a member."""

    of: Path


class TypeOf(msgspec.Struct, frozen=True):
    """``typeof`` a member."""

    of: Path


class Variable(msgspec.Struct, frozen=True):
    """A variable of the collection or its environment."""

    name: str


Link = tuple[str, bool, list[Any]]
"""A word of a chain, whether it is called, and what it is given."""


class Note(Protocol):
    """Notes one assertion."""

    def __call__(self, what: str, path: Any, values: Sequence[Any] = (), denied: bool = False) -> None:
        """``path``: a member of the answer, () for the answer as a whole."""


def equal(note: Note, one: Any, other: Any, denied: bool) -> None:
    """Note that two values are the same, whichever of them is of the answer."""
    if not isinstance(one, Path | Code | Size | TypeOf):
        one, other = other, one
    match one:
        case Code():
            status = NAMED.get(other, other)
            note("status", (), (status,) if isinstance(status, int) else (), denied)
        case Size():
            note("size", one.of, (other,), denied)
        case TypeOf():
            what = ("exists", (), not denied) if other == "undefined" else ("type", (other,), denied)
            note(what[0], one.of, what[1], what[2])
        case Path():
            if other is None:  # undefined, null, or what only running would tell
                note("exists", one, (), not denied)
            elif isinstance(other, Variable):
                note("exists", one, (), denied)
            elif isinstance(other, dict):
                _object(note, one, other, denied)
            elif not isinstance(other, list | tuple | Path | Code):
                note("equal", one, (other,), denied)


def _object(note: Note, path: Path, value: Mapping[str, Any], denied: bool = False) -> None:
    """A whole object is expected: each of its members."""
    for key, inner in value.items():
        below = Path((*path.steps, key))
        if isinstance(inner, dict):
            _object(note, below, inner, denied)
        elif isinstance(inner, str | int | float):
            note("equal", below, (inner,), denied)
        else:
            note("exists", below, (), denied)


def chain(note: Note, about: Any, links: Sequence[Link]) -> Any:
    """Read the words that follow ``expect(about)``; what the next word would be of."""
    denied = False
    for name, called, given in links:
        if name == "not":
            denied = not denied
        elif isinstance(about, Code):
            _of_answer(note, name, called, given, denied)
        elif isinstance(about, Size | TypeOf) and name in EQUAL and called:
            equal(note, about, given[0] if given else None, denied)
        elif isinstance(about, Path):
            about = _of_member(note, about, name, called, given, denied)
    return about if about is not None else ()


def _of_answer(note: Note, name: str, called: bool, given: Sequence[Any], denied: bool) -> None:
    """An assertion about the answer as a whole, or its status."""
    first = given[0] if given else None
    if name == "status" or (name in EQUAL and called):
        equal(note, Code(), first, denied)
    elif name == "oneOf" and isinstance(first, list):
        note("status", (), [NAMED.get(v, v) for v in first], denied)
    elif name in KINDS:
        note("status", (), (KINDS[name],), denied)
    elif name == "jsonBody" and isinstance(first, dict):
        _object(note, Path(), first, denied)
    elif name == "jsonBody" and isinstance(first, str):
        path = Path(tuple(p for p in re.split(r"[.\[\]]+", first) if p))
        if len(given) > 1:
            equal(note, path, given[1], denied)
        else:
            note("exists", path, (), denied)


def _of_member(note: Note, about: Path, name: str, called: bool, given: Sequence[Any], denied: bool) -> Path:
    """An assertion about a member of the answer; the member that the next word is of."""
    first = given[0] if given else None
    match name:
        case "property" | "ownProperty" | "nested" if isinstance(first, str):
            about = Path((*about.steps, *first.split(".")))
            note("exists", about, (), denied)
            if len(given) > 1:
                equal(note, about, given[1], denied)
        case "a" | "an" if isinstance(first, str):
            note("type", about, (first,), denied)
        case word if word in EQUAL and called:
            equal(note, about, first, denied)
        case "oneOf" | "members" if isinstance(first, list):
            note("one_of", about, first, denied)
        case "match" if isinstance(first, str):
            note("pattern", about, (first,), denied)
        case "include" | "includes" | "contain" | "contains" if about.steps:
            note("exists", about, (), denied)
            if isinstance(first, dict):
                _object(note, about, first, denied)
        case "keys" | "key":
            for key in first if isinstance(first, list) else given:
                note("exists", Path((*about.steps, str(key))), (), denied)
        case "lengthOf" | "length" | "empty":
            note("size", about, given, denied)
        case "true" | "false":
            note("equal", about, TRUTHS[name], denied)
        case "string" | "number":
            note("type", about, (name,), denied)
        case "exist" | "ok":
            note("exists", about, (), denied)
        case "undefined" | "null" | "NaN":
            note("exists", about, (), not denied)
        case word if word in BOUNDS and about.steps:
            note("type", about, ("number",))
        case _:
            pass
    return about
