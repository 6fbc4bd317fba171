"""What a schema says of lists, objects and combinations of schemas, and what may travel which way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.errors import SourceError
from understudy.sources.api.dialects import OLD, Dialect, Way
from understudy.sources.api.discriminators import Discriminators
from understudy.sources.api.library import Library, Place
from understudy.sources.api.patterns import ecma
from understudy.sources.api.values import Warn


class Structures:
    """Translates structures; ``translated``: what translates the schemas inside."""

    def __init__(
        self,
        library: Library,
        dialect: Dialect,
        warn: Warn,
        discriminators: Discriminators,
        translated: Callable[[Any, Place, Way], Any],
    ) -> None:
        self.library, self.dialect, self.warn = library, dialect, warn
        self.discriminators, self.translated = discriminators, translated

    def lists(self, s: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        """Elements: first ones, the rest, those contained."""
        items = s.get("items")
        first = s.get("prefixItems")
        if isinstance(first, list):
            out["prefixItems"] = [self.translated(v, place.below("prefixItems", i), way) for i, v in enumerate(first)]
        if isinstance(items, list):
            out["prefixItems"] = [self.translated(v, place.below("items", i), way) for i, v in enumerate(items)]
            if not items:
                del out["prefixItems"]
            if "additionalItems" in s:
                out["items"] = self.translated(s["additionalItems"], place.below("additionalItems"), way)
        elif items is not None:
            out["items"] = self.translated(items, place.below("items"), way)
        for word in ("contains", "unevaluatedItems"):
            if word in s:
                out[word] = self.translated(s[word], place.below(word), way)

    def objects(self, s: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        """Members: named, by pattern, all others; those that must be there and those that must not."""
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
                kept[name] = self.translated(member, at, way)
            out["properties"] = kept
        elif members is not None:
            self.warn(place, "properties should be an object; they are left out")
        if required:
            out["required"] = list(dict.fromkeys(required))
        for word in ("additionalProperties", "unevaluatedProperties", "propertyNames"):
            if word in s:
                out[word] = self.translated(s[word], place.below(word), way)
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
                kept[strict] = self.translated(member, place.below(pattern), way)
        if kept:
            out["patternProperties"] = kept

    def _dependencies(self, found: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        for name, needed in found.items():
            if isinstance(needed, str):
                needed = [needed]
            if isinstance(needed, list):
                out.setdefault("dependentRequired", {})[name] = [n for n in needed if isinstance(n, str)]
            else:
                made = self.translated(needed, place.below(name), way)
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

    def logic(self, s: dict[str, Any], place: Place, way: Way, out: dict[str, Any]) -> None:
        """Combinations, and what a discriminator says of them."""
        for word in ("allOf", "anyOf", "oneOf"):
            if isinstance(s.get(word), list) and s[word]:
                out[word] = [self.translated(v, place.below(word, i), way) for i, v in enumerate(s[word])]
        for word in ("not",) if self.dialect in OLD else ("not", "if", "then", "else"):
            if word in s:
                out[word] = self.translated(s[word], place.below(word), way)
        told = s.get("discriminator")
        if isinstance(told, dict) and isinstance(told.get("propertyName"), str):
            self.discriminators.branches(s, told, place, out)
        elif "oneOf" in out and "anyOf" not in out:
            self.discriminators.named_branches(s, place, out)
