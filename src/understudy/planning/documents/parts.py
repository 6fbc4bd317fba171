"""Parts of a JSON Schema and where they stand; several parts that a value must obey at once are a conjunction.

A part is known by its JSON pointer, so that a conjunction has a key, work on it is remembered, and a fault is told with
its place. What is made up on the way (complements, narrowed copies) is known by its own text.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeAlias
from urllib.parse import unquote

import msgspec

from understudy.errors import SourceError

LONGEST_CHAIN = 64
"""References that lead to references: a longer chain is a circle."""


class Part(msgspec.Struct, frozen=True, eq=False):
    """``pointer``: where it stands (``#/properties/name``), or ``~`` and its text. ``schema``: an object or a truth."""

    pointer: str
    schema: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Part) and other.pointer == self.pointer

    def __hash__(self) -> int:
        return hash(self.pointer)

    @property
    def closed(self) -> bool:
        """Whether nothing obeys it."""
        return self.schema is False


Conj: TypeAlias = tuple[Part, ...]
"""All of these at once, sorted by pointer, each once; none: anything goes."""

NEVER: Conj = (Part("~false", False),)


def canonical_text(schema: Any) -> str:
    """A schema as text, members in order."""
    return json.dumps(schema, sort_keys=True, ensure_ascii=False)


def references(schema: Any) -> list[str]:
    """The pointers that a schema refers to, anywhere inside."""
    out: list[str] = []
    todo = [schema]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                out.append(value["$ref"])
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    return out


class Book:
    """One document and the parts in it."""

    def __init__(self, document: Any, where: str = "") -> None:
        self.document, self.where = document, where
        self._texts: dict[str, tuple[str, list[str]]] = {}

    def at(self, pointer: str) -> Any:
        """What stands at a pointer; SourceError where nothing does."""
        found = self.document
        for step in pointer.lstrip("#").split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(name)] if isinstance(found, list) else found[name]
            except (KeyError, IndexError, ValueError, TypeError) as error:
                mend = "Mend the reference."
                raise SourceError(f"nothing stands at {pointer}", where=self.where, mend=mend) from error
        return found

    def digest(self, conj: Conj) -> str:
        """What a conjunction says, with everything that it refers to, as a content hash."""
        told: dict[str, str] = {}
        todo = [(p.pointer if p.pointer.startswith("#") else "", p.schema) for p in conj]
        seen = {pointer for pointer, _ in todo}
        while todo:
            pointer, schema = todo.pop()
            text, others = self._said(pointer, schema)
            told[pointer or text] = text
            for other in others:
                if other not in seen:
                    seen.add(other)
                    todo.append((other, self.at(other)))
        said = (
            key_of(conj),
            sorted(told.items()),
        )  # in a circle everything refers to the same: who asks tells it apart
        return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()

    def _said(self, pointer: str, schema: Any) -> tuple[str, list[str]]:
        """The hash of a schema's own text, and what it refers to; of a place in the document, once."""
        found = self._texts.get(pointer) if pointer else None
        if found is None:
            text = hashlib.blake2b(canonical_text(schema).encode(), digest_size=16).hexdigest()
            found = (text, references(schema))
            if pointer:
                self._texts[pointer] = found
        return found

    def below(self, part: Part, *steps: str | int) -> Part:
        """A part inside a part."""
        schema = part.schema
        for step in steps:
            schema = schema[step]
        if part.pointer.startswith("~"):
            return self.made(schema)
        path = "".join("/" + str(s).replace("~", "~0").replace("/", "~1") for s in steps)
        return Part(part.pointer + path, schema)

    def made(self, schema: Any) -> Part:
        """A part that stands nowhere."""
        if isinstance(schema, dict) and set(schema) == {"$ref"}:
            return self.followed(Part(schema["$ref"], self.at(schema["$ref"])))
        return Part("~" + json.dumps(schema, sort_keys=True, ensure_ascii=False), schema)

    def followed(self, part: Part) -> Part:
        """The part itself, or what it refers to where it is a reference and nothing else."""
        for _ in range(LONGEST_CHAIN):
            schema = part.schema
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str) or SAYING & set(schema):
                return part
            part = Part(schema["$ref"], self.at(schema["$ref"]))
        return Part("~true", True)  # a circle of references says nothing

    def conj(self, *parts: Part) -> Conj:
        """A conjunction of parts; NEVER where one of them is closed."""
        kept: dict[str, Part] = {}
        for part in parts:
            found = self.followed(part)
            if found.schema is False:
                return NEVER
            if found.schema is not True and found.schema != {}:
                kept[found.pointer] = found
        return tuple(kept[p] for p in sorted(kept))


_SAYING = (
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength "
    "pattern format maxItems minItems uniqueItems items prefixItems contains maxContains minContains "
    "maxProperties minProperties required properties patternProperties additionalProperties propertyNames "
    "dependentRequired dependentSchemas allOf anyOf oneOf not if then else unevaluatedItems "
    "unevaluatedProperties contentEncoding "
)
SAYING = frozenset(_SAYING.split())
"""Keywords that ask something of a value; the others only tell."""


def joined(*conjs: Conj) -> Conj:
    """All of several conjunctions at once."""
    kept = {p.pointer: p for c in conjs for p in c}
    if any(p.closed for p in kept.values()):
        return NEVER
    return tuple(kept[p] for p in sorted(kept))


def key_of(conj: Conj) -> tuple[str, ...]:
    """What a conjunction is remembered by."""
    return tuple(p.pointer for p in conj)


def place_of(conj: Conj) -> str:
    """Where a conjunction stands, for people: the longest pointer of its real parts."""
    real = [p.pointer for p in conj if not p.pointer.startswith("~")]
    return max(real, key=len) if real else "#"
