"""Schemas of every dialect in one language: JSON Schema 2020-12, self-contained.

    draft 4 … 2019-09, OpenAPI 3.0, Swagger 2 ─► keywords renamed, nullability and open bounds said in one way,
                                                 references gathered under ``$defs``, what is not JSON Schema left out

What a record may carry depends on the way it goes: a request has nothing read-only, a response nothing write-only.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from understudy.errors import SourceError
from understudy.sources.api.discriminators import Discriminators
from understudy.sources.api.library import Library, Place
from understudy.sources.api.material import Ambiguous
from understudy.sources.api.patterns import ecma

Warn = Callable[[Place, str], None]


TIME_OF_DAY = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"


Meant = tuple[Place, tuple[Place, ...]]
"""A place, and the documents by which one came there where that matters (``$dynamicRef``)."""


class Dialect(StrEnum):
    """Whose schema language it is."""

    DRAFT_4 = "draft 4"
    DRAFT_7 = "draft 6 or 7"
    LATER = "2019-09 or 2020-12"
    SWAGGER = "Swagger 2"
    OPENAPI_30 = "OpenAPI 3.0"
    OPENAPI_31 = "OpenAPI 3.1"


class Way(StrEnum):
    """Which way a record goes."""

    EITHER = ""
    REQUEST = "request"
    RESPONSE = "response"


OLD = frozenset({Dialect.DRAFT_4, Dialect.SWAGGER, Dialect.OPENAPI_30})
"""Where ``exclusiveMinimum`` is a truth."""
BESIDE_IGNORED = frozenset({Dialect.DRAFT_4, Dialect.DRAFT_7, Dialect.SWAGGER, Dialect.OPENAPI_30})
"""Where keywords beside ``$ref`` are not read."""
TYPES = {
    "null": "null", "boolean": "boolean", "integer": "integer", "number": "number", "string": "string",
    "array": "array", "object": "object", "file": "string", "int": "integer", "long": "integer", "float": "number",
    "double": "number", "decimal": "number", "bool": "boolean", "text": "string", "str": "string", "date": "string",
    "datetime": "string", "date-time": "string", "uuid": "string", "list": "array", "dict": "object", "map": "object",
}  # fmt: skip
"""Types as people write them."""
STANDARD_TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
INTEGERS = {"int8": 8, "int16": 16, "int32": 32, "uint8": 8, "uint16": 16, "uint32": 32}
_NUMBERS = (
    "multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength "
    "minItems maxItems minProperties maxProperties minContains maxContains"
)
NUMBERS = tuple(_NUMBERS.split())
KEPT = frozenset({"const", "uniqueItems", "default", "examples", "deprecated", "contentEncoding", "contentMediaType"})


class Translator:
    """Translates the schemas of one library."""

    def __init__(self, library: Library, dialect: Dialect, warn: Warn) -> None:
        self.library, self.dialect, self.warn = library, dialect, warn
        self._names: dict[Meant, str] = {}
        self._defs: dict[tuple[Meant, Way], Any] = {}
        self._taken: dict[str, Meant] = {}
        container = "/definitions/" if dialect is Dialect.SWAGGER else "/components/schemas/"
        self.discriminators = Discriminators(library, container, self.named)
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
        out: dict[str, Any] = {}
        self._types(s, place, out)
        self._plain(s, place, out)
        self._bounds(s, out)
        self._texts(s, place, out)
        self._lists(s, place, way, out)
        self._objects(s, place, way, out)
        self._logic(s, place, way, out)
        self._examples(s, out)
        return self._nullable(s, out)

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

    def _types(self, s: dict[str, Any], place: Place, out: dict[str, Any]) -> None:
        said = s.get("type")
        if said is None or (isinstance(said, str) and said == "any"):
            return
        names = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        if any(isinstance(n, dict) for n in names):  # drafts before 4
            names = [n for n in names if isinstance(n, str)]
        known = [TYPES[n] for n in names if isinstance(n, str) and n in TYPES]
        for strange in [n for n in names if n not in STANDARD_TYPES and n != "file"]:
            meant = f"it is read as {TYPES[strange]}" if strange in TYPES else "it is left out"
            self.warn(place, f"there is no type {strange!r}; {meant}")
        if known:
            out["type"] = known[0] if len(known) == 1 else list(dict.fromkeys(known))

    def _plain(self, s: dict[str, Any], place: Place, out: dict[str, Any]) -> None:
        for word in KEPT:
            if word in s:
                out[word] = s[word]
        if isinstance(s.get("enum"), list):
            plain = [v for v in s["enum"] if not isinstance(v, Ambiguous)]
            out["enum"] = plain or s["enum"]
            if not out["enum"]:
                del out["enum"]
                out["not"] = {}
                self.warn(place, "an enumeration without values allows nothing")
            elif "type" in out:
                self._fitting(out, place)

    def _fitting(self, out: dict[str, Any], place: Place) -> None:
        """Values of another type than the schema's own are told, and read as that type where none is of it."""
        types = [out["type"]] if isinstance(out["type"], str) else out["type"]
        if any(_is_of(v, types) for v in out["enum"]) or None in out["enum"]:
            return
        self.warn(place, f"none of the enumeration's values is of type {'/'.join(types)}")

    def _bounds(self, s: dict[str, Any], out: dict[str, Any]) -> None:
        for word in NUMBERS:
            value = s.get(word)
            if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
                value = float(value) if "." in value else int(value)
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                out[word] = value
        for bound, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if s.get(strict) is True and bound in out:
                out[strict] = out.pop(bound)
        form = s.get("format")
        if out.get("type") == "integer" and form in INTEGERS:
            bits, signed = INTEGERS[form], not form.startswith("u")
            low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
            out.setdefault("minimum", low) if "exclusiveMinimum" not in out else None
            out.setdefault("maximum", high) if "exclusiveMaximum" not in out else None
        if out.get("multipleOf", 1) <= 0:
            del out["multipleOf"]

    def _texts(self, s: dict[str, Any], place: Place, out: dict[str, Any]) -> None:
        if isinstance(s.get("pattern"), str):
            self._pattern(s["pattern"], place, out)
        form = s.get("format")
        if not isinstance(form, str) or not form:
            return
        if re.search(r"[\^$\\\[\]+*|]", form):
            if "pattern" not in out and ecma(form) is not None:
                out["pattern"] = ecma(form)
            return
        if form.lower() in STANDARD_TYPES or (form.lower() in TYPES and form not in ("date", "date-time", "uuid")):
            if "type" not in out and form.lower() in STANDARD_TYPES:
                out["type"] = form.lower()
            return
        if form == "time" and self.dialect in (Dialect.SWAGGER, Dialect.OPENAPI_30, Dialect.OPENAPI_31):
            out.setdefault("pattern", TIME_OF_DAY)  # no offset: OpenAPI does not say whose time it means
            return
        out["format"] = form

    def _pattern(self, pattern: str, place: Place, out: dict[str, Any]) -> None:
        strict = ecma(pattern)
        if strict is None:
            self.warn(place, f"the pattern {pattern[:60]} is no ECMA regular expression; it is left out")
        elif strict:
            out["pattern"] = strict

    def _lists(self, s: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        items = s.get("items")
        first = s.get("prefixItems")
        if isinstance(first, list):
            out["prefixItems"] = [self.schema(v, place.below("prefixItems", i), way) for i, v in enumerate(first)]
        if isinstance(items, list):
            out["prefixItems"] = [self.schema(v, place.below("items", i), way) for i, v in enumerate(items)]
            if not items:
                del out["prefixItems"]
            if "additionalItems" in s:
                out["items"] = self.schema(s["additionalItems"], place.below("additionalItems"), way)
        elif items is not None:
            out["items"] = self.schema(items, place.below("items"), way)
        for word in ("contains", "unevaluatedItems"):
            if word in s:
                out[word] = self.schema(s[word], place.below(word), way)

    # ---- objects ---------------------------------------------------------------------------
    def _objects(self, s: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        members = s.get("properties")
        required = [n for n in s["required"] if isinstance(n, str)] if isinstance(s.get("required"), list) else []
        if isinstance(members, dict):
            kept = {}
            for name, member in members.items():
                at = place.below("properties", name)
                if self._barred(member, at, way, name in required):
                    kept[name] = False
                    required = [n for n in required if n != name]
                    continue
                if isinstance(member, dict) and member.get("required") is True:
                    self.warn(at, "required: true belongs into the object's list; it is read so")
                    required.append(name)
                kept[name] = self.schema(member, at, way)
            out["properties"] = kept
        elif members is not None:
            self.warn(place, "properties should be an object; they are left out")
        if required:
            out["required"] = list(dict.fromkeys(required))
        for word in ("additionalProperties", "unevaluatedProperties", "propertyNames"):
            if word in s:
                out[word] = self.schema(s[word], place.below(word), way)
        if isinstance(s.get("patternProperties"), dict):
            self._by_pattern(s["patternProperties"], place.below("patternProperties"), way, out)
        for word in ("dependentRequired", "dependentSchemas", "dependencies"):
            if isinstance(s.get(word), dict):
                self._dependencies(s[word], place.below(word), way, out)

    def _by_pattern(self, found: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        kept = {}
        for pattern, member in found.items():
            strict = ecma(pattern)
            if strict is None:
                self.warn(place, f"the pattern {pattern[:60]} is no ECMA regular expression; it is left out")
            else:
                kept[strict] = self.schema(member, place.below(pattern), way)
        if kept:
            out["patternProperties"] = kept

    def _dependencies(self, found: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        for name, needed in found.items():
            if isinstance(needed, str):
                needed = [needed]
            if isinstance(needed, list):
                out.setdefault("dependentRequired", {})[name] = [n for n in needed if isinstance(n, str)]
            else:
                made = self.schema(needed, place.below(name), way)
                out.setdefault("dependentSchemas", {})[name] = made

    def _barred(self, member: Any, place: Place, way: Way, required: bool) -> bool:
        """Whether a member must not travel this way. Where the dialect lets ``required`` count both ways, a required
        one stays."""
        if way is Way.EITHER or not isinstance(member, dict):
            return False
        word = "readOnly" if way is Way.REQUEST else "writeOnly"
        said = member
        if word not in member and isinstance(member.get("$ref"), str) and self.dialect is not Dialect.OPENAPI_30:
            try:
                said = self.library.resolved(member, place)[0]
            except SourceError:
                return False
        if not isinstance(said, dict) or said.get(word) is not True:
            return False
        return not required or self.dialect is Dialect.OPENAPI_30

    # ---- logic -----------------------------------------------------------------------------
    def _logic(self, s: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        for word in ("allOf", "anyOf", "oneOf"):
            if isinstance(s.get(word), list) and s[word]:
                out[word] = [self.schema(v, place.below(word, i), way) for i, v in enumerate(s[word])]
        for word in ("not",) if self.dialect in OLD else ("not", "if", "then", "else"):
            if word in s:
                out[word] = self.schema(s[word], place.below(word), way)
        told = s.get("discriminator")
        if isinstance(told, dict) and isinstance(told.get("propertyName"), str):
            self.discriminators.branches(s, told, place, out)
        elif "oneOf" in out and "anyOf" not in out:
            self.discriminators.named_branches(s, place, out)

    # ---- the rest --------------------------------------------------------------------------
    def _examples(self, s: dict[str, Any], out: dict[str, Any]) -> None:
        """One example, many, by name: a list."""
        found = list(s["examples"]) if isinstance(s.get("examples"), list) else []
        if isinstance(s.get("examples"), dict):
            found += [v.get("value", v) if isinstance(v, dict) else v for v in s["examples"].values()]
        for word in ("example", "x-example"):
            if word in s:
                found.append(s[word])
        out.pop("examples", None)
        if found:
            out["examples"] = found

    def _nullable(self, s: dict[str, Any], out: dict[str, Any]) -> Any:
        """Null said beside the type."""
        if self.dialect is Dialect.SWAGGER and (s.get("x-nullable") is True or s.get("x-isnullable") is True):
            return {"anyOf": [{"type": "null"}, out]}
        if self.dialect is Dialect.OPENAPI_30 and s.get("nullable") is True and isinstance(out.get("type"), str | list):
            types = [out["type"]] if isinstance(out["type"], str) else list(out["type"])
            if "null" not in types and ("enum" not in out or None in out["enum"]):
                out["type"] = [*types, "null"]
        return out


_WORDS = (
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern format "
    "maxItems minItems uniqueItems items prefixItems contains maxProperties minProperties required properties "
    "patternProperties additionalProperties propertyNames allOf anyOf oneOf not"
)
_SAYING = frozenset(_WORDS.split())


def _is_of(value: Any, types: list[str]) -> bool:
    kinds = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None)}
    for t in types:
        if t in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
            return True
        if t in kinds and isinstance(value, kinds[t]):
            return True
    return False


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
