"""Requests and answers that were recorded or written down, as a described API: one operation per method and path.

Numbers and ids in paths are parameters; bodies of one operation are seen together, so that what differs is optional.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from understudy.semantics.words import singular
from understudy.sources.api.infer import IDENTIFIER, UNKNOWN, schema_of
from understudy.sources.api.outcomes import NAMED, Outcome

VARIABLE = re.compile(r"\{\{\s*\$?([\w.\- ]+?)\s*\}\}")
STATIC = re.compile(
    r"(?i)\.(?:js|mjs|css|png|jpe?g|gif|svg|ico|woff2?|ttf|eot|map|mp4|webm|webp|avif|html?|php|aspx?)$"
)
MOST = 400
"""Operations kept of one recording."""


class Exchange(msgspec.Struct, frozen=True):
    """``body``: the request's (None where it has none or it is not understood), of ``media``; ``answers``: (status,
    value). ``place``: where it stands in the material, in ``folders``. ``outcome``: what its tests expect; ``raw``: the
    body with its variables as they are written."""

    method: str
    url: str
    place: str
    media: str = ""
    body: Any = None
    answers: tuple[tuple[str, Any], ...] = ()
    name: str = ""
    outcome: Outcome = Outcome()
    raw: Any = None
    folders: tuple[str, ...] = ()


class Gathered(msgspec.Struct, frozen=True):
    """An OpenAPI document of exchanges, and where each operation (``/paths/…/post``) was first seen."""

    document: dict[str, Any]
    places: dict[str, str]
    order: tuple[str, ...]


def gather(exchanges: Iterable[Exchange]) -> Gathered:
    """One operation per method and path."""
    groups: dict[tuple[str, str], list[Exchange]] = {}
    order: list[str] = []
    for e in exchanges:
        path = templated(e.url)
        if path is None or (STATIC.search(path) and not e.answers):
            continue
        key = (path, e.method.lower())
        if key not in groups and len(groups) >= MOST:
            continue
        groups.setdefault(key, []).append(e)
        title = f"{e.method.upper()} {path}"
        if not order or order[-1] != title:
            order.append(title)
    paths: dict[str, Any] = {}
    places: dict[str, str] = {}
    for (path, method), group in groups.items():
        if method in ("get", "put", "post", "delete", "patch", "head", "options", "trace"):
            paths.setdefault(path, {})[method] = _operation(path, group)
            step = path.replace("~", "~0").replace("/", "~1")
            places[f"#/paths/{step}/{method}"] = group[0].place
    document = {"openapi": "3.1.0", "info": {"title": "recorded", "version": "1"}, "paths": paths}
    return Gathered(document, places, tuple(dict.fromkeys(order)))


def templated(url: str) -> str | None:
    """The path of an address, ids as parameters; None where it is no address."""
    text = VARIABLE.sub(lambda m: "{" + re.sub(r"\W", "_", m[1]) + "}", url.strip())
    text = re.sub(r"^\{\w+\}(?=/|\?|$)", "", text)
    text = re.sub(r"^[a-z][a-z0-9+.-]*://[^/?#]*", "", text, flags=re.I) if "://" in text else text
    if not text.startswith("/") and "/" in text and "." in text.split("/")[0]:
        text = text[text.index("/") :]
    path = text.split("?")[0].split("#")[0] or "/"
    if not path.startswith("/"):
        path = "/" + path
    out: list[str] = []
    for step in path.split("/")[1:]:
        if step.startswith(":") and len(step) > 1:
            out.append("{" + step[1:] + "}")
        elif IDENTIFIER.fullmatch(unquote(step)) and re.search(r"\d", step):
            before = next((s for s in reversed(out) if not s.startswith("{")), "")
            word = singular(re.sub(r"\W", "_", before)) if before else ""
            name = f"{word}Id" if word else "id"
            while "{" + name + "}" in out:
                name += "2"
            out.append("{" + name + "}")
        else:
            out.append(step)
    return "/" + "/".join(out)


def _operation(path: str, group: list[Exchange]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    named = next((e.name for e in group if e.name), "")
    if named:
        made["summary"] = named
    names = re.findall(r"\{([^{}]+)\}", path)
    parameters = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]
    parameters += _query(group)
    if parameters:
        made["parameters"] = parameters
    bodies: dict[str, list[Any]] = {}
    meant = [e for e in group if e.body is not None and not e.outcome.refused]
    for e in meant:
        bodies.setdefault(e.media or "application/json", []).append(e.body)
    if bodies:
        made["requestBody"] = {"content": {m: _content(values) for m, values in bodies.items()}}
    elif wrong := [e for e in group if isinstance(e.body, dict)]:  # wrong on purpose: only its names say something
        members = dict.fromkeys(n for e in wrong for n in e.body)
        schema = {"type": "object", "properties": {n: {NAMED: True} for n in members}}
        made["requestBody"] = {"content": {wrong[0].media or "application/json": {"schema": schema}}}
    answers: dict[str, list[Any]] = {}
    for e in group:
        for status, value in e.answers:
            answers.setdefault(status, []).append(value)
    made["responses"] = {s: _answer(values) for s, values in answers.items()}
    for e in group:
        if e.outcome.expected:
            _asserted(made["responses"], e.outcome)
    return made


def _answer(values: list[Any]) -> dict[str, Any]:
    known = [v for v in values if v is not None]
    return {"description": "", **({"content": {"application/json": _content(known)}} if known else {})}


def _asserted(answers: dict[str, Any], outcome: Outcome) -> None:
    """What tests expect of an answer, beside what was saved of it."""
    schema = outcome.schema()
    statuses = [str(s) for s in outcome.statuses] or ["200"]
    for status in statuses:
        answer = answers.setdefault(status, {"description": ""})
        if schema is not None and status.startswith("2"):
            content = answer.setdefault("content", {}).setdefault("application/json", {"schema": {}})
            content["schema"] = joined(content["schema"], schema)


def joined(seen: dict[str, Any], asserted: dict[str, Any]) -> dict[str, Any]:
    """A schema of what was seen, and of what is asserted of the same place, as one. Where they are of different kinds
    what was seen stays."""
    if "type" in seen and "type" in asserted and seen["type"] != asserted["type"]:
        return seen
    out = {**seen, **{k: v for k, v in asserted.items() if k not in ("properties", "required", "items", "examples")}}
    for list_of in ("required", "examples"):
        if list_of in asserted:
            out[list_of] = list(dict.fromkeys([*seen.get(list_of, ()), *asserted[list_of]]))
    if "items" in asserted:
        out["items"] = joined(seen.get("items", {}), asserted["items"])
    if "properties" in asserted:
        known = seen.get("properties", {})
        out["properties"] = known | {n: joined(known.get(n, {}), s) for n, s in asserted["properties"].items()}
    return out


def _content(values: list[Any]) -> dict[str, Any]:
    shown = {f"e{i}": {"value": v} for i, v in enumerate(values[:50])}
    return {"schema": schema_of(values), "examples": shown}


def _query(group: list[Exchange]) -> list[dict[str, Any]]:
    seen: dict[str, list[Any]] = {}
    for e in group:
        for name, value in parse_qsl(urlsplit(e.url.replace("{{", "%7B%7B")).query, keep_blank_values=True):
            seen.setdefault(name, []).append(typed(value))
    every = len(group)
    return [
        {"name": n, "in": "query", "required": len(v) >= every > 1, "schema": schema_of(v)} for n, v in seen.items()
    ]


def typed(text: str) -> Any:
    """A text of a form or query as what it seems to be."""
    if VARIABLE.search(text):
        return UNKNOWN + text
    if re.fullmatch(r"-?(?:0|[1-9]\d{0,14})", text):
        return int(text)
    if re.fullmatch(r"-?(?:0|[1-9]\d*)\.\d{1,9}", text):
        return float(text)
    return {"true": True, "false": False}.get(text, text)


def body_of(text: str, media: str, variables: Mapping[str, Any] | None = None) -> Any:
    """The value of a body; None where it is none that is understood."""
    if not text or not text.strip():
        return None
    if "form-urlencoded" in media:
        return {n: typed(v) for n, v in parse_qsl(text, keep_blank_values=True)} or None
    if "json" not in media and not re.match(r"\s*[\[{]", text):
        return None
    known = variables or {}
    filled = re.sub(r'"(\{\{[^{}]+\}\})"', lambda m: json.dumps(_variable(m[1], known)), text)
    filled = VARIABLE.sub(lambda m: _bare(m[0], filled, m.start(), known), filled)
    try:
        return json.loads(filled)
    except (ValueError, RecursionError):
        return None


def _variable(text: str, known: Mapping[str, Any]) -> Any:
    """A text that is a variable and nothing else: its value, or a text nobody knows."""
    found = known.get(VARIABLE.sub(r"\1", text).strip())
    return found if isinstance(found, str) and found and not VARIABLE.search(found) else "text"


def _bare(text: str, whole: str, at: int, known: Mapping[str, Any]) -> str:
    """A variable inside a text stays letters; outside of one it stands for any value."""
    inside = len(re.findall(r'(?<!\\)"', whole[:at])) % 2 == 1
    if inside:
        return "x"
    found = known.get(VARIABLE.sub(r"\1", text).strip())
    return json.dumps(typed(found)) if isinstance(found, str) and found else json.dumps(UNKNOWN + "variable")
