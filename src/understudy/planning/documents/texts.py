"""Texts by pattern and format: what a pattern permits, and the meaning that a format gives."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from understudy.model.expression import Call, Const, Digits, Join, Node, Uniform, Uuid
from understudy.rules import patterns
from understudy.types import Kind, Type

LONGEST_PATTERN = 4000
"""A text that a pattern is tried on is at most so long."""


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Any:
    import jsonschema_rs

    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def found(pattern: str, text: str) -> bool:
    """Whether a pattern (ECMA syntax) is found in a text; never where it is no pattern."""
    matcher = _matcher(pattern)
    return bool(matcher is not None and matcher.is_valid(text))


def language(wanted: tuple[str, ...], shortest: int, longest: int | None) -> patterns.Language | None:
    """The texts of those lengths in which all patterns are found; None where one is not understood."""
    return patterns.intersection(tuple((p, "") for p in wanted), shortest=shortest, longest=longest)


class Format(msgspec.Struct, frozen=True):
    """What a format means: ``type`` and ``meaning`` for semantics, ``written``: how a moment is written; ``pattern``:
    texts of which all have the format."""

    type: Type = Type(Kind.TEXT)
    meaning: str = ""
    written: str = ""
    pattern: str = ""


MOMENT = Type(Kind.TIMESTAMP, zoned=True)
FORMATS: dict[str, Format] = {
    "date-time": Format(MOMENT, written="%Y-%m-%dT%H:%M:%SZ"),
    "datetime": Format(MOMENT, written="%Y-%m-%dT%H:%M:%SZ"),
    "date": Format(Type(Kind.DATE), written="%Y-%m-%d"),
    "full-date": Format(Type(Kind.DATE), written="%Y-%m-%d"),
    "time": Format(MOMENT, written="%H:%M:%SZ"),
    "partial-time": Format(MOMENT, written="%H:%M:%S"),
    "duration": Format(pattern="^P[1-9]D(T[1-9]H([1-5]0M)?)?$"),
    "email": Format(meaning="email"),
    "idn-email": Format(meaning="email"),
    "hostname": Format(meaning="domain_name"),
    "idn-hostname": Format(meaning="domain_name"),
    "ipv4": Format(meaning="ipv4"),
    "ip": Format(meaning="ipv4"),
    "ipv6": Format(meaning="ipv6"),
    "uri": Format(meaning="url"),
    "url": Format(meaning="url"),
    "uri-reference": Format(meaning="url"),
    "iri": Format(meaning="url"),
    "iri-reference": Format(meaning="url"),
    "uri-template": Format(meaning="url"),
    "uuid": Format(Type(Kind.UUID)),
    "guid": Format(Type(Kind.UUID)),
    "byte": Format(pattern="^([A-Za-z0-9+/]{4}){3,8}$"),
    "base64": Format(pattern="^([A-Za-z0-9+/]{4}){3,8}$"),
    "base64url": Format(pattern="^([A-Za-z0-9_-]{4}){3,8}$"),
    "password": Format(pattern="^[A-Z][a-z]{5,8}[0-9]{2}[!?#+]$"),
    "json-pointer": Format(pattern="^/[a-z]{3,8}(/[0-9])?$"),
    "relative-json-pointer": Format(pattern="^[0-3]/[a-z]{3,8}$"),
    "regex": Format(pattern="^[a-z]{2,6}[+*]?$"),
}
"""Formats that validators know, and a few that are common without being anybody's standard."""


def fallback(form: str, use: str) -> Node | None:
    """A plain text of a format where no meaning gives one."""
    match form:
        case "ipv4" | "ip":
            octets = [Uniform(f"{use}.{i}", Const(1), Const(254)) for i in range(4)]
            return Join(tuple(octets), ".")
        case "ipv6":
            groups = [Digits(Uniform(f"{use}.{i}", Const(0), Const(65535)), 4, "0123456789abcdef") for i in range(8)]
            return Join(tuple(groups), ":")
        case "uuid" | "guid":
            return Uuid(use)
        case "uri" | "url" | "uri-reference" | "iri" | "iri-reference" | "uri-template":
            word = Digits(Uniform(use, Const(0), Const(26**5 - 1)), 5, "abcdefghijklmnopqrstuvwxyz")
            return Join((Const("https://"), word, Const(".example")))
        case "email" | "idn-email":
            word = Digits(Uniform(use, Const(0), Const(26**4 - 1)), 4, "abcdefghijklmnopqrstuvwxyz")
            return Join((word, Const("@example.com")))
        case "hostname" | "idn-hostname":
            word = Digits(Uniform(use, Const(0), Const(26**5 - 1)), 5, "abcdefghijklmnopqrstuvwxyz")
            return Join((word, Const(".example")))
    return None


def written(node: Node, how: str) -> Node:
    """A moment as text."""
    return Call("format_time", (node, Const(how)))
