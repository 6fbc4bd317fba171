"""What an object of a schema has, member by member, combinations followed: ``allOf`` adds up, alternatives may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from understudy.errors import SourceError
from understudy.sources.api.library import Library, Place

DEEPEST = 12


class Member(msgspec.Struct, frozen=True):
    """``schema`` as it is written at ``place`` (a reference, maybe). ``sure``: 1, or less where it stands in an
    alternative."""

    name: str
    schema: Any
    place: Place
    required: bool
    sure: float = 1.0


class Seen(msgspec.Struct, frozen=True):
    """A schema with references followed and what is combined with it laid together. ``names``: of the definitions that
    it went through; ``null``: whether null is said to be allowed; ``parts``: (schema, place), own first."""

    parts: tuple[tuple[dict[str, Any], Place], ...]
    names: tuple[Place, ...] = ()
    null: bool = False
    alternatives: tuple[tuple[Any, Place], ...] = ()

    def said(self, word: str) -> Any:
        """The first value of a keyword."""
        return next((p[word] for p, _ in self.parts if word in p), None)

    def all_said(self, word: str) -> list[Any]:
        """Every value of a keyword."""
        return [p[word] for p, _ in self.parts if word in p]

    @property
    def types(self) -> tuple[str, ...]:
        """Types named, null left out."""
        found = [t for said in self.all_said("type") for t in ([said] if isinstance(said, str) else said or [])]
        return tuple(dict.fromkeys(t for t in found if isinstance(t, str) and t != "null"))


def look(library: Library, schema: Any, place: Place) -> Seen:
    """A schema seen whole."""
    parts: list[tuple[dict[str, Any], Place]] = []
    names: list[Place] = []
    others: list[tuple[Any, Place]] = []
    null = False
    todo: list[tuple[Any, Place, int]] = [(schema, place, 0)]
    while todo:
        s, at, deep = todo.pop(0)
        if not isinstance(s, dict) or deep > DEEPEST:
            continue
        if isinstance(s.get("$ref"), str):
            try:
                target = library.target(s["$ref"], at)
                todo.insert(0, (library.at(target), target, deep + 1))
                names.append(target)
            except SourceError:
                continue
            rest = {k: v for k, v in s.items() if k != "$ref"}
            if rest:
                todo.append((rest, at, deep + 1))
            continue
        parts.append((s, at))
        null = null or nullable(s)
        todo += [(v, at.below("allOf", i), deep + 1) for i, v in enumerate(listed(s.get("allOf")))]
        for word in ("oneOf", "anyOf"):
            branches = [(v, at.below(word, i)) for i, v in enumerate(listed(s.get(word)))]
            real = [(v, p) for v, p in branches if not (isinstance(v, dict) and v.get("type") == "null")]
            null = null or len(real) < len(branches)
            if len(real) == 1:
                todo.append((*real[0], deep + 1))
            else:
                others += real
    return Seen(tuple(parts), tuple(names), null, tuple(others))


def nullable(s: dict[str, Any]) -> bool:
    """Whether a schema itself says that null is allowed, in any of the ways there are."""
    types = s.get("type")
    enum = s.get("enum")
    return (
        s.get("nullable") is True
        or s.get("x-nullable") is True
        or s.get("x-isnullable") is True
        or (isinstance(types, list) and "null" in types and len(types) > 1)
        or (isinstance(enum, list) and None in enum and len(enum) > 1)
    )


def members(library: Library, seen: Seen, deep: int = 0) -> list[Member]:
    """The members of an object, each once, in order; those of alternatives behind, less sure."""
    found: dict[str, Member] = {}
    required = {n for said in seen.all_said("required") if isinstance(said, list) for n in said if isinstance(n, str)}
    for part, place in seen.parts:
        held = part.get("properties")
        for name, schema in held.items() if isinstance(held, dict) else ():
            found.setdefault(name, Member(name, schema, place.below("properties", name), name in required))
    if deep < DEEPEST // 3:
        for schema, place in seen.alternatives:
            for inner in members(library, look(library, schema, place), deep + 1):
                found.setdefault(
                    inner.name, msgspec.structs.replace(inner, required=False, sure=round(inner.sure * 0.7, 3))
                )
    return list(found.values())


def is_object(seen: Seen) -> bool:
    """Whether a schema describes an object with members."""
    return any(isinstance(p.get("properties"), dict) and p["properties"] for p, _ in seen.parts) or bool(
        seen.alternatives and not seen.types
    )


def items(seen: Seen) -> tuple[Any, Place] | None:
    """The schema of an array's elements."""
    for part, place in seen.parts:
        if isinstance(part.get("items"), dict):
            return part["items"], place.below("items")
    return None


def listed(value: Any) -> list[Any]:
    """A list, or none."""
    return value if isinstance(value, list) else []


def walk_names(places: tuple[Place, ...]) -> Iterator[str]:
    """The names of definitions, outermost first."""
    for place in places:
        yield place.last
