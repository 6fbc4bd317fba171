"""Members that a record needs and must not have: said in different parts of one schema.

    allOf: [{properties: {id: {readOnly: true}}}], required: [id]

In OpenAPI 3.0 what is required and read-only is required of responses only (and write-only of requests): the part that
requires it then does not. Other dialects have no such sentence.
"""

from __future__ import annotations

from typing import Any

DEFS = "#/$defs/"


def barred_and_required(document: dict[str, Any]) -> list[str]:
    """Members that a whole record needs and must not have (one part of it says so, another part otherwise)."""
    return _conflicts(document, document.get("$defs", {}))


def relieved(document: dict[str, Any]) -> dict[str, Any]:
    """The document, nothing required in it that must not be there."""
    return _Relief(document.get("$defs", {})).document(document)


def _conflicts(schema: Any, defs: dict[str, Any]) -> list[str]:
    needed: dict[str, None] = {}
    barred: set[str] = set()
    todo, seen = [schema], set[str]()
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


class _Relief:
    """Copies of schemas that require less; definitions that do so for one who refers to them get names of their own."""

    def __init__(self, defs: dict[str, Any]) -> None:
        self.defs = defs
        self.made: dict[str, Any] = {}

    def document(self, document: dict[str, Any]) -> dict[str, Any]:
        """All of it, definitions too."""
        root = self.schema({k: v for k, v in document.items() if k != "$defs"})
        kept = {**{n: self.schema(s) for n, s in self.defs.items()}, **self.made}
        return {**root, "$defs": {n: kept[n] for n in sorted(kept)}} if kept else root

    def schema(self, schema: Any) -> Any:
        """A schema and all below it."""
        if isinstance(schema, list):
            return [self.schema(s) for s in schema]
        if not isinstance(schema, dict):
            return schema
        below = {k: self._below(k, v) for k, v in schema.items()}
        found = frozenset(_conflicts(schema, self.defs)) if "allOf" in schema or "$ref" in schema else frozenset()
        return self.without(below, found) if found else below

    def _below(self, word: str, value: Any) -> Any:
        if word in ("properties", "patternProperties", "dependentSchemas"):
            return {n: self.schema(s) for n, s in value.items()}
        return value if word in ("enum", "const", "default", "examples", "dependentRequired") else self.schema(value)

    def without(self, schema: Any, names: frozenset[str]) -> Any:
        """A schema that requires none of some names."""
        if not isinstance(schema, dict):
            return schema
        out = dict(schema)
        if isinstance(out.get("required"), list):
            out["required"] = [n for n in out["required"] if n not in names]
            if not out["required"]:
                del out["required"]
        if isinstance(out.get("allOf"), list):
            out["allOf"] = [self.without(s, names) for s in out["allOf"]]
        name = str(out.get("$ref", "")).removeprefix(DEFS)
        if name in self.defs:
            out["$ref"] = DEFS + self._definition(name, names)
        return out

    def _definition(self, name: str, names: frozenset[str]) -> str:
        """The name of a definition without some names, itself where it requires none of them."""
        other = f"{name}_without_{'_'.join(sorted(names))}"
        if other not in self.made:
            self.made[other] = True
            made = self.without(self.defs[name], names)
            if made == self.defs[name]:
                del self.made[other]
                return name
            self.made[other] = self.schema(made)
        return other
