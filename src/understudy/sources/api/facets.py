"""What a schema says of one field, as single facets: type, nullability, bounds, lengths, words, patterns, meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from understudy.model.evidence import Bounds, Choices, FacetKind, Pattern, Samples, Value
from understudy.sources.api.dialects import TYPES
from understudy.sources.api.library import Library
from understudy.sources.api.members import Seen, items, listed, look
from understudy.sources.api.patterns import ecma
from understudy.types import Kind, Type

FORMATS: dict[str, Type] = {
    "date": Type(Kind.DATE),
    "full-date": Type(Kind.DATE),
    "date-time": Type(Kind.TIMESTAMP, zoned=True),
    "datetime": Type(Kind.TIMESTAMP, zoned=True),
    "time": Type(Kind.TIME),
    "uuid": Type(Kind.UUID),
    "guid": Type(Kind.UUID),
    "byte": Type(Kind.BINARY),
    "binary": Type(Kind.BINARY),
    "duration": Type(Kind.INTERVAL),
}
NUMBERS: dict[str, Type] = {
    "int32": Type(Kind.INTEGER, bits=32),
    "int64": Type(Kind.INTEGER),
    "float": Type(Kind.FLOAT, bits=32),
    "double": Type(Kind.FLOAT),
    "decimal": Type(Kind.DECIMAL, scale=2),
}
MEANINGS = {
    "email": "email", "idn-email": "email", "uri": "url", "url": "url", "uri-reference": "url", "iri": "url",
    "hostname": "domain_name", "ipv4": "ipv4", "ipv6": "ipv6", "uuid": "uuid", "guid": "uuid", "phone": "phone",
    "telephone": "phone", "password": "password_hash", "country-code": "country_code", "currency": "currency",
    "color": "hex_color", "iban": "iban", "bic": "bic", "isbn": "isbn",
}  # fmt: skip
"""Formats → semantic types."""
MOST_SAMPLES = 20
Facets = Iterator[tuple[FacetKind, Value, float]]


def facets(library: Library, seen: Seen, required: bool) -> Facets:
    """(facet, value, certainty) of a field whose schema is ``seen``."""
    kind = type_of(library, seen)
    if kind is not None:
        yield FacetKind.TYPE, kind, 1.0
    yield FacetKind.NULLABILITY, seen.null or not required, 1.0 if required or seen.null else 0.7
    yield from _numbers(seen)
    yield from _texts(seen)
    words = choices(library, seen)
    if words:
        yield FacetKind.ENUM, Choices(words), 1.0
    found = samples(seen)
    if found:
        yield FacetKind.SAMPLE, Samples(found), 1.0


def type_of(library: Library, seen: Seen, deep: int = 0) -> Type | None:
    """The logical type; None where nothing tells."""
    form = next((f for f in seen.all_said("format") if isinstance(f, str)), "")
    types = tuple(dict.fromkeys(TYPES.get(t, t) for t in seen.types)) or _implied(seen)
    if len(types) > 1 and set(types) <= {"integer", "number"}:
        types = ("number",)
    match types:
        case ("integer",):
            return NUMBERS.get(form, Type(Kind.INTEGER))
        case ("number",):
            return NUMBERS.get(form, Type(Kind.DECIMAL, scale=_scale(seen)))
        case ("boolean",):
            return Type(Kind.BOOLEAN)
        case ("string" | "file",):
            longest = [n for n in seen.all_said("maxLength") if isinstance(n, int)]
            kind = FORMATS.get(form)
            return kind if kind is not None else Type(Kind.TEXT, length=min(longest) if longest else None)
        case ("array",):
            inner = items(seen)
            element = type_of(library, look(library, *inner), deep + 1) if inner is not None and deep < 4 else None
            return Type(Kind.ARRAY, element=element or Type(Kind.JSON))
        case ("object",):
            return Type(Kind.JSON)
        case ():
            return _of_alternatives(library, seen, deep)
    return Type(Kind.TEXT) if "string" in types else Type(Kind.JSON)


def _of_alternatives(library: Library, seen: Seen, deep: int) -> Type | None:
    """The type that all alternatives share."""
    found = [type_of(library, look(library, s, p), deep + 1) for s, p in seen.alternatives] if deep < 4 else []
    kinds = {t.kind for t in found if t is not None}
    if len(kinds) == 1:
        return next(t for t in found if t is not None)
    return Type(Kind.TEXT) if Kind.TEXT in kinds else Type(Kind.JSON) if kinds else None


def _implied(seen: Seen) -> tuple[str, ...]:
    """The type that keywords imply where none is named."""
    said = {word for part, _ in seen.parts for word in part}
    if said & {"properties", "additionalProperties"}:
        return ("object",)
    if "items" in said:
        return ("array",)
    values = [v for enum in seen.all_said("enum") for v in listed(enum) if v is not None]
    values += [v for v in seen.all_said("const") if v is not None]
    if values:
        if all(isinstance(v, str) for v in values):
            return ("string",)
        if all(isinstance(v, bool) for v in values):
            return ("boolean",)
        if all(isinstance(v, int) and not isinstance(v, bool) for v in values):
            return ("integer",)
    if said & {"pattern", "minLength", "maxLength"} or (said & {"format"} and seen.said("format") not in NUMBERS):
        return ("string",)
    if said & {"minimum", "maximum", "multipleOf"}:
        return ("number",)
    return ()


def _scale(seen: Seen) -> int | None:
    step = next((s for s in seen.all_said("multipleOf") if isinstance(s, float)), None)
    return len(repr(step).partition(".")[2]) if step is not None and "e" not in repr(step) else 2


def _numbers(seen: Seen) -> Facets:
    low, high = _bound(seen, "minimum", "exclusiveMinimum", max), _bound(seen, "maximum", "exclusiveMaximum", min)
    steps = [s for s in seen.all_said("multipleOf") if _number(s)]
    if low is not None or high is not None or steps:
        yield (
            FacetKind.RANGE,
            Bounds(
                low=None if low is None else low[0],
                high=None if high is None else high[0],
                low_open=low is not None and low[1],
                high_open=high is not None and high[1],
                multiple_of=steps[0] if steps else None,
            ),
            1.0,
        )


def _bound(seen: Seen, word: str, strict: str, stricter: Any) -> tuple[int | float, bool] | None:
    found: list[tuple[int | float, bool]] = []
    for part, _ in seen.parts:
        if _number(part.get(word)):
            found.append((part[word], part.get(strict) is True))
        if _number(part.get(strict)):
            found.append((part[strict], True))
    return stricter(found, key=lambda f: f[0]) if found else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(seen: Seen) -> Facets:
    listy = "array" in seen.types
    low_word, high_word = ("minItems", "maxItems") if listy else ("minLength", "maxLength")
    lows = [n for n in seen.all_said(low_word) if _number(n)]
    highs = [n for n in seen.all_said(high_word) if _number(n)]
    if lows or highs:
        yield FacetKind.LENGTH, Bounds(low=max(lows) if lows else None, high=min(highs) if highs else None), 1.0
    for pattern in seen.all_said("pattern"):
        strict = ecma(pattern) if isinstance(pattern, str) else None
        if strict:
            yield FacetKind.PATTERN, Pattern(strict), 1.0
    for form in seen.all_said("format"):
        if not isinstance(form, str):
            continue
        if form in MEANINGS:
            yield FacetKind.MEANING, MEANINGS[form], 1.0
        elif any(c in form for c in "^$[\\") and (strict := ecma(form)):
            yield FacetKind.PATTERN, Pattern(strict), 0.8


def choices(library: Library, seen: Seen) -> tuple[str | int | float | bool, ...]:
    """The values permitted, those of alternatives that are constants included; () where there is no list of them."""
    for enum in seen.all_said("enum"):
        found = [v for v in listed(enum) if isinstance(v, str | int | float | bool)]
        if found:
            return tuple(dict.fromkeys(found))
    for const in seen.all_said("const"):
        if isinstance(const, str | int | float | bool):
            return (const,)
    words: list[Any] = []
    for schema, place in seen.alternatives:
        inner = choices(library, look(library, schema, place)) if isinstance(schema, dict) else ()
        if not inner:
            return ()
        words += inner
    return tuple(dict.fromkeys(words))


def samples(seen: Seen) -> tuple[str | int | float | bool, ...]:
    """Examples and defaults."""
    found: list[Any] = []
    for part, _ in seen.parts:
        found += [part[w] for w in ("example", "x-example", "default") if w in part]
        many = part.get("examples")
        found += many if isinstance(many, list) else []
        found += (
            [v.get("value", v) if isinstance(v, dict) else v for v in many.values()] if isinstance(many, dict) else []
        )
    kept = [v for v in found if isinstance(v, str | int | float | bool)]
    return tuple(dict.fromkeys(kept))[:MOST_SAMPLES]
