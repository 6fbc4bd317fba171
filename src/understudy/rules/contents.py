"""What a rule reads a text as: a text that is cast to a date, or asked whether it is valid JSON, is made as one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from understudy.model.domain import stricter
from understudy.model.expression import Call, Cast, Column, Const, Node, Opaque
from understudy.rules.trees import walk
from understudy.types import Kind, Type

READ = {
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.TIME: "time",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "number",
    Kind.FLOAT: "number",
    Kind.UUID: "uuid",
    Kind.JSON: "json",
}
"""Casts of a text that tell what it holds."""


DOCUMENT = re.compile(r"""\bjson_?\w*\(\s*["`](?P<name>(?:[^"`]|""|``)+)["`]""", re.IGNORECASE)
MEMBER = re.compile(r"""\bjson_?\w*\(\s*["`](?P<name>(?:[^"`]|""|``)+)["`]\s*,\s*'\$\.(?P<key>\w+)'""", re.IGNORECASE)
"""Words that nobody understood but that read a column as a document, and which members they ask for."""


def contents(node: Node, types: Mapping[str, Type]) -> dict[str, str]:
    """Per text column that a condition reads as something else, what that is (see ``Domain.content``)."""
    found: dict[str, str] = {}
    for part in walk(node):
        name, content = _told(part)
        kind = types.get(name)
        if kind is not None and content and kind.kind in (Kind.TEXT, Kind.JSON):
            found[name] = stricter(found.get(name, ""), content)
    return found


def _told(node: Node) -> tuple[str, str]:
    match node:
        case Call(function="=", args=(Column(name=name), Call(function="format_time", args=(_, Const(value=form))))):
            return name, "date" if form == "%Y-%m-%d" else "timestamp" if form == "%Y-%m-%d %H:%M:%S" else ""
        case Cast(value=Column(name=name), type=kind):
            return name, READ.get(kind.kind, "")
        case Call(function="json_valid", args=(Column(name=name),)):
            return name, "json"
        case Call(
            function="=" | "in",
            args=(Call(function="json_typeof", args=(Column(name=name),)), Const(value=str() as what), *_),
        ):
            return name, f"json:{what}"
        case Call(
            function="=",
            args=(
                Call(function="upper", args=(Call(function="json_typeof", args=(Column(name=name),)),)),
                Const(value=str() as what),
            ),
        ):
            return name, f"json:{what.lower()}"
        case Opaque(text=text) if (found := DOCUMENT.search(text)) is not None:
            members = tuple(dict.fromkeys(m["key"] for m in MEMBER.finditer(text) if m["name"] == found["name"]))
            return found["name"].replace('""', '"').replace(
                "``", "`"
            ), f"json:object:{','.join(members)}" if members else "json"
    return "", ""
