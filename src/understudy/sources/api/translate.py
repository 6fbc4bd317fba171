"""Schemas of every dialect in one language: JSON Schema 2020-12, self-contained.

    draft 4 … 2019-09, OpenAPI 3.0, Swagger 2 ─► keywords renamed, nullability and open bounds said in one way,
                                                 references gathered under ``$defs``, what is not JSON Schema left out

What a record may carry depends on the way it goes: a request has nothing read-only, a response nothing write-only.
"""

from __future__ import annotations

import json
import re
from typing import Any

from understudy.errors import SourceError
from understudy.sources.api.dialects import BESIDE_IGNORED, Dialect, Way
from understudy.sources.api.discriminators import Discriminators
from understudy.sources.api.library import Library, Place
from understudy.sources.api.structures import Structures
from understudy.sources.api.values import Values, Warn

Meant = tuple[Place, tuple[Place, ...]]
"""A place, and the documents by which one came there where that matters (``$dynamicRef``)."""


class Translator:
    """Translates the schemas of one library."""

    def __init__(self, library: Library, dialect: Dialect, warn: Warn) -> None:
        self.library, self.dialect, self.warn = library, dialect, warn
        self._names: dict[Meant, str] = {}
        self._defs: dict[tuple[Meant, Way], Any] = {}
        self._taken: dict[str, Meant] = {}
        container = "/definitions/" if dialect is Dialect.SWAGGER else "/components/schemas/"
        self.discriminators = Discriminators(library, container, self.named)
        self.values = Values(dialect, warn)
        self.structures = Structures(library, dialect, warn, self.discriminators, self.schema)
        self._scope: tuple[Place, ...] = ()
        self._dynamic_found: bool | None = None
        self._children: dict[Place, list[Place]] | None = None

    # ---- documents -------------------------------------------------------------------------
    def document(self, schema: Any, place: Place, way: Way = Way.EITHER) -> dict[str, Any]:
        """A schema with everything that it refers to."""
        self._scope = (self.library.resource(place),) if self._has_dynamic() else ()
        root = self.schema(schema, place, way)
        self._scope = ()
        return self.bound(root, way)

    def bound(self, root: Any, way: Way) -> dict[str, Any]:
        """A translated schema with the definitions that it refers to."""
        root = {"not": {}} if root is False else {} if root is True else root
        defs: dict[str, Any] = {}
        todo = references(root)
        by_name = {self._names[p]: p for p, w in self._defs if w is way}
        while todo:
            name = todo.pop()
            if name not in defs and name in by_name:
                defs[name] = self._defs[by_name[name], way]
                todo += references(defs[name])
        return {**root, "$defs": {n: defs[n] for n in sorted(defs)}} if defs else dict(root)

    def named(self, place: Place) -> str:
        """The name under ``$defs`` of what stands at a place (for who came the same way, where that matters)."""
        meant = (place, self._scope)
        if meant not in self._names:
            word = re.sub(r"[^A-Za-z0-9_.-]", "_", place.last) or "root"
            name, number = word, 2
            while name in self._taken and self._taken[name] != meant:
                name, number = f"{word}_{number}", number + 1
            self._names[meant], self._taken[name] = name, meant
        return self._names[meant]

    # ---- schemas ---------------------------------------------------------------------------
    def schema(self, s: Any, place: Place, way: Way) -> Any:
        """One schema, references to ``#/$defs/…``; a fault in it is told and the rest is kept."""
        if isinstance(s, bool):
            return s
        if not isinstance(s, dict):
            self.warn(place, "a schema should be an object; it is read as anything")
            return True
        if isinstance(s.get("$ref"), str):
            return self._reference(s, place, way)
        for word in ("$dynamicRef", "$recursiveRef"):
            if isinstance(s.get(word), str):
                return self._dynamic(s, word, place, way)
        out = self.values.said(s, place)
        self.structures.lists(s, place, way, out)
        self.structures.objects(s, place, way, out)
        self.structures.logic(s, place, way, out)
        return self.values.finished(s, out)

    def _dynamic(self, s: dict[str, Any], word: str, place: Place, way: Way) -> Any:
        """A reference whose meaning depends on the way that led there: the outermost document with that anchor."""
        rest = {k: v for k, v in s.items() if k != word}
        try:
            target = self.library.target(s[word], place)
            said = self.library.at(target)
        except SourceError:
            return self.schema({**rest, "$ref": s[word]}, place, way)
        anchor = s[word].rpartition("#")[2]
        scope = self._scope or (self.library.resource(place),)
        if word == "$dynamicRef" and isinstance(said, dict) and said.get("$dynamicAnchor") == anchor:
            target = self.library.dynamic(anchor, scope) or target
        elif word == "$recursiveRef" and isinstance(said, dict) and said.get("$recursiveAnchor") is True:
            roots = [r for r in scope if (top := self.library.at(r)) and top.get("$recursiveAnchor") is True]
            target = roots[0] if roots else target
        return self._to(target, rest, place, way)

    def _reference(self, s: dict[str, Any], place: Place, way: Way) -> Any:
        try:
            target = self.library.target(s["$ref"], place)
            self.library.resolved(self.library.at(target), target)
        except SourceError as error:
            self.warn(place, f"the reference {s['$ref']} leads nowhere ({error.what}); it is read as anything")
            return True
        return self._to(target, {k: v for k, v in s.items() if k != "$ref"}, place, way)

    def _to(self, at: Place, rest: dict[str, Any], place: Place, way: Way) -> Any:
        """A reference to a place, with what stands beside it."""
        value = self.library.at(at)
        made: dict[str, Any] = {"$ref": f"#/$defs/{self.definition(value, at, way)}"}
        if not re.search(r"/(?:oneOf|anyOf|allOf|not|if)(?:/\d+)?$", place.pointer):
            made = self.discriminators.called(made, value, at)
        if self.dialect in BESIDE_IGNORED:
            rest = {k: v for k, v in rest.items() if k not in ("nullable", "x-nullable", "default", "example")}
            if not set(rest) & _SAYING:
                return made
        if not rest:
            return made
        beside = self.schema(rest, place, way)
        if not isinstance(beside, dict) or not beside:
            return made if beside is not False else False
        return {**made, **beside}

    def definition(self, value: Any, place: Place, way: Way) -> str:
        """The name of a definition, translated once (once for each way that leads there, where ways differ)."""
        before = self._scope
        if self._has_dynamic():
            root = self.library.resource(place)
            self._scope = (*before, root) if root not in before else before
        try:
            name = self.named(place)
            key = ((place, self._scope), way)
            if key not in self._defs:
                self._defs[key] = True
                self._defs[key] = self.schema(value, place, way)
            return name
        finally:
            self._scope = before

    def _has_dynamic(self) -> bool:
        """Whether references of this description may mean different things for different callers."""
        if self._dynamic_found is None:
            document = self.library.document(self.library.root.address)
            self._dynamic_found = self.dialect in (Dialect.LATER, Dialect.OPENAPI_31) and _holds(
                document, {"$dynamicRef", "$recursiveRef"}
            )
        return self._dynamic_found


_WORDS = (
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern format "
    "maxItems minItems uniqueItems items prefixItems contains maxProperties minProperties required properties "
    "patternProperties additionalProperties propertyNames allOf anyOf oneOf not"
)
_SAYING = frozenset(_WORDS.split())


def _holds(document: Any, words: set[str]) -> bool:
    """Whether a member is called by one of some words, anywhere."""
    todo = [document]
    while todo:
        v = todo.pop()
        if isinstance(v, dict):
            if words & v.keys():
                return True
            todo += v.values()
        elif isinstance(v, list):
            todo += v
    return False


def references(value: Any) -> list[str]:
    """Names under ``$defs`` that a translated schema refers to."""
    found: list[str] = []
    todo = [value]
    while todo:
        v = todo.pop()
        if isinstance(v, dict):
            if isinstance(v.get("$ref"), str):
                found.append(v["$ref"].removeprefix("#/$defs/"))
            todo += v.values()
        elif isinstance(v, list):
            todo += v
    return found


def text_of(document: Any) -> str:
    """A document as compact JSON text."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
