"""Discriminators: a member that tells alternatives apart says, in each of them, the words that mean it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.errors import SourceError
from understudy.sources.api.library import Library, Place


class Discriminators:
    """Works the words of discriminators into translated schemas."""

    def __init__(self, library: Library, container: str, named: Callable[[Place], str]) -> None:
        """``container``: where schemas stand that are named without a path; ``named``: what a place is called."""
        self.library, self.container, self.named = library, container, named

    def branches(self, s: dict[str, Any], told: dict[str, Any], place: Place, out: dict[str, Any]) -> None:
        """Branches told apart by a member: each carries the words that mean it."""
        word = next((w for w in ("oneOf", "anyOf") if w in out), "")
        if not word:
            return
        named: dict[str, list[str]] = {}
        mapping = told.get("mapping") if isinstance(told.get("mapping"), dict) else {}
        for value, reference in (mapping or {}).items():
            target = self._meant(reference, place)
            if target is not None and ("#" in reference or "/" in reference or "." in reference):
                named.setdefault(target, []).append(value)  # names without a path are read differently by readers
        branches = []
        for i, branch in enumerate(out[word]):
            raw = s[word][i]
            target = self._meant(raw.get("$ref"), place.below(word, i)) if isinstance(raw, dict) else None
            words = named.get(target or "", []) or ([raw["$ref"].rsplit("/", 1)[-1]] if target else [])
            if words:
                only = {"properties": {told["propertyName"]: {"enum": words}}, "required": [told["propertyName"]]}
                branch = {"allOf": [branch, only]}
            branches.append(branch)
        del out[word]
        out["anyOf"] = branches

    def named_branches(self, s: dict[str, Any], place: Place, out: dict[str, Any]) -> None:
        """Branches that extend one with a discriminator: whichever it is says its own name."""
        named = []
        for i, branch in enumerate(out["oneOf"]):
            raw = s["oneOf"][i]
            if isinstance(raw, dict) and isinstance(raw.get("$ref"), str) and isinstance(branch, dict):
                try:
                    at = self.library.target(raw["$ref"], place.below("oneOf", i))
                    branch = self.called(branch, self.library.at(at), at)
                except SourceError:
                    pass
            named.append(branch)
        if named != out["oneOf"]:
            out["anyOf"] = named

    def _meant(self, reference: Any, place: Place) -> str | None:
        """The definition that a discriminator's mapping or a branch names."""
        if not isinstance(reference, str):
            return None
        wanted = (
            reference if "/" in reference or "#" in reference or "." in reference else f"#{self.container}{reference}"
        )
        try:
            target = self.library.target(wanted, place)
            self.library.at(target)
        except SourceError:
            return None
        return self.named(target)

    def called(self, made: dict[str, Any], value: Any, place: Place) -> dict[str, Any]:
        """A schema that extends one with a discriminator, saying its own name in that member."""
        if not isinstance(value, dict) or not isinstance(made, dict):
            return made
        for i, part in enumerate(value.get("allOf") or ()):
            if not isinstance(part, dict) or not isinstance(part.get("$ref"), str):
                continue
            try:
                parent, at = self.library.resolved(part, place.below("allOf", i))
            except SourceError:
                continue
            told = parent.get("discriminator") if isinstance(parent, dict) else None
            name = told if isinstance(told, str) else told.get("propertyName") if isinstance(told, dict) else None
            if not isinstance(name, str) or "oneOf" in parent or "anyOf" in parent:
                continue
            words = [place.last]
            if isinstance(told, dict) and isinstance(told.get("mapping"), dict):
                mapped = [v for v, r in told["mapping"].items() if self._meant(r, at) == self.named(place)]
                words = mapped or words
            member = (parent.get("properties") or {}).get(name)
            allowed = member.get("enum") if isinstance(member, dict) else None
            if isinstance(allowed, list):
                words = [w for w in words if w in allowed]
            if words:
                made = {"allOf": [made, {"properties": {name: {"enum": words}}}]}
        return made
