"""What a schema says of one value, whatever its dialect: its type, words, bounds, lengths, patterns, examples, null."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from understudy.sources.api.dialects import FORMATS, INTEGERS, STANDARD_TYPES, TYPES, Dialect
from understudy.sources.api.library import Place
from understudy.sources.api.material import Ambiguous
from understudy.sources.api.patterns import ecma

Warn = Callable[[Place, str], None]

TIME_OF_DAY = "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
_NUMBERS = (
    "multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength "
    "minItems maxItems minProperties maxProperties minContains maxContains"
)
NUMBERS = tuple(_NUMBERS.split())
KEPT = frozenset({"const", "uniqueItems", "default", "examples", "deprecated", "contentEncoding", "contentMediaType"})


class Values:
    """Translates what is said of values in one description."""

    def __init__(self, dialect: Dialect, warn: Warn) -> None:
        self.dialect, self.warn = dialect, warn

    def said(self, s: dict[str, Any], place: Place) -> dict[str, Any]:
        """Type, words, bounds and texts of a schema; a fault in it is told and left out."""
        out: dict[str, Any] = {}
        self._types(s, place, out)
        self._plain(s, place, out)
        self._bounds(s, out)
        self._texts(s, place, out)
        return out

    def finished(self, s: dict[str, Any], out: dict[str, Any]) -> Any:
        """A translated schema with its examples, and null where it is said beside the type."""
        self._examples(s, out)
        return self._nullable(s, out)

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
        if form.lower() in STANDARD_TYPES or (form.lower() in TYPES and form.lower() not in FORMATS):
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


def _is_of(value: Any, types: list[str]) -> bool:
    kinds = {"string": str, "object": dict, "array": list, "boolean": bool, "null": type(None)}
    for t in types:
        if t in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
            return True
        if t in kinds and isinstance(value, kinds[t]):
            return True
    return False
