"""Postman collections, v1, 2.0 and 2.1: requests, saved answers, folders, tests; known variables are filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from understudy.sources.api.exchanges import Exchange, body_of, typed
from understudy.sources.api.infer import FILE
from understudy.sources.api.outcomes import Outcome
from understudy.sources.api.scripts import outcome_of

DEEPEST = 60


def is_collection(document: Any) -> bool:
    """Whether a document is a collection."""
    if not isinstance(document, dict):
        return False
    if isinstance(document.get("collection"), dict):
        return is_collection(document["collection"])
    new = isinstance(document.get("item"), list) and isinstance(document.get("info"), dict)
    old = isinstance(document.get("requests"), list) and "name" in document
    return new or old


def is_environment(document: Any) -> bool:
    """Whether a document only names values of variables."""
    scope = document.get("_postman_variable_scope") if isinstance(document, dict) else None
    return scope is not None or (
        isinstance(document, dict) and isinstance(document.get("values"), list) and "name" in document
    )


def exchanges(document: dict[str, Any]) -> Iterator[Exchange]:
    """All requests, in the order of the collection."""
    if isinstance(document.get("collection"), dict):
        document = document["collection"]
    variables = _variables(document.get("variable") or document.get("variables"))
    if isinstance(document.get("requests"), list):
        yield from _first_version(document, variables)
        return
    todo: list[tuple[Any, str, tuple[str, ...], tuple[str, ...]]] = [(document, "#", (), ())]
    while todo:
        holder, place, folders, scripts = todo.pop()
        if not isinstance(holder, dict) or len(folders) > DEEPEST:
            continue
        here = (*scripts, *_scripts(holder))
        if isinstance(holder.get("item"), list):
            inside = folders if holder is document else (*folders, str(holder.get("name", "")))
            inner = [(v, f"{place}/item/{i}", inside, here) for i, v in enumerate(holder["item"])]
            todo += reversed(inner)
        elif "request" in holder:
            found = _request(holder, place, variables)
            if found is not None:
                outcome = outcome_of("\n".join(here)) if here else Outcome()
                yield msgspec.structs.replace(found, outcome=outcome, folders=folders)


def _scripts(holder: dict[str, Any]) -> tuple[str, ...]:
    """Test scripts of a request, a folder or the collection: they run after each request below."""
    found = []
    events = holder.get("event") or holder.get("events")
    for event in events if isinstance(events, list) else ():
        script = event.get("script") if isinstance(event, dict) and event.get("listen") == "test" else None
        text = script.get("exec") if isinstance(script, dict) else script
        if isinstance(text, list):
            text = "\n".join(t for t in text if isinstance(t, str))
        if isinstance(text, str) and text.strip():
            found.append(text)
    if isinstance(holder.get("tests"), str) and holder["tests"].strip():
        found.append(holder["tests"])
    return tuple(found)


def _variables(listed: Any) -> dict[str, Any]:
    found = listed if isinstance(listed, list) else []
    return {str(v.get("key", v.get("id"))): v.get("value") for v in found if isinstance(v, dict)}


def _request(item: dict[str, Any], place: str, variables: dict[str, Any]) -> Exchange | None:
    request = item["request"]
    if isinstance(request, str):
        return Exchange("GET", request, place, name=str(item.get("name", "")))
    if not isinstance(request, dict):
        return None
    media, body = _body(request.get("body"), request.get("header"), variables)
    answers: list[tuple[str, Any]] = []
    for answer in item.get("response") or ():
        if isinstance(answer, dict) and answer.get("code"):
            text = answer.get("body")
            answers.append((str(answer["code"]), body_of(text, "", variables) if isinstance(text, str) else None))
    method = request.get("method")
    return Exchange(
        method if isinstance(method, str) and method.isalpha() else "GET",
        _url(request.get("url")),
        place,
        media,
        body,
        tuple(answers),
        str(item.get("name", "")),
        raw=_raw(request.get("body")),
    )


def _raw(body: Any) -> Any:
    """A body with its variables as they are written; None where it is not understood."""
    if not isinstance(body, dict):
        return None
    mode = body.get("mode")
    if mode in ("urlencoded", "formdata") and isinstance(body.get(mode), list):
        return {str(v.get("key")): v.get("value") for v in body[mode] if isinstance(v, dict)}
    try:
        return json.loads(re.sub(r'(?<!")(\{\{[^{}]+\}\})(?!")', r'"\1"', str(body.get("raw") or "")))
    except (ValueError, RecursionError):
        return None


def _url(url: Any) -> str:
    if isinstance(url, str):
        return url
    if not isinstance(url, dict):
        return ""
    steps = url.get("path")
    if isinstance(steps, list):
        path = "/".join(s if isinstance(s, str) else str(s.get("value", "")) for s in steps)
        said = url.get("query")
        query: list[Any] = said if isinstance(said, list) else []
        pairs = [f"{q.get('key')}={q.get('value') or ''}" for q in query if isinstance(q, dict) and q.get("key")]
        return "/" + path + ("?" + "&".join(pairs) if pairs else "")
    return str(url.get("raw") or (f"/{steps}" if isinstance(steps, str) else ""))


def _body(body: Any, headers: Any, variables: dict[str, Any]) -> tuple[str, Any]:
    if not isinstance(body, dict) or body.get("disabled"):
        return "", None
    mode = body.get("mode")
    match mode:
        case "raw" if isinstance(body.get("raw"), str):
            media = _media(headers)
            found = body_of(body["raw"], media, variables)
            return ("application/json" if "form" not in media else media), found
        case "urlencoded" | "formdata":
            media = "application/x-www-form-urlencoded" if mode == "urlencoded" else "multipart/form-data"
            return media, _form(body.get(mode))
        case "graphql" if isinstance(body.get("graphql"), dict):
            call = dict(body["graphql"])
            if isinstance(call.get("variables"), str):
                call["variables"] = body_of(call["variables"], "json", variables)
            return "application/json", call
    return "", None


def _form(listed: Any) -> Any:
    if isinstance(listed, str):
        return body_of(listed, "application/x-www-form-urlencoded")
    pairs = [v for v in listed or () if isinstance(v, dict) and v.get("key") and not v.get("disabled")]
    return {str(v["key"]): FILE if v.get("type") == "file" else typed(str(v.get("value") or "")) for v in pairs} or None


def _media(headers: Any) -> str:
    for h in headers if isinstance(headers, list) else ():
        if isinstance(h, dict) and str(h.get("key", "")).lower() == "content-type":
            return str(h.get("value", "")).lower()
    return ""


def _first_version(document: dict[str, Any], variables: dict[str, Any]) -> Iterator[Exchange]:
    known = {str(r.get("id")): (i, r) for i, r in enumerate(document["requests"]) if isinstance(r, dict)}
    order = [i for i in document.get("order") or () if str(i) in known]
    for folder in document.get("folders") or ():
        order += [i for i in (folder.get("order") or () if isinstance(folder, dict) else ()) if str(i) in known]
    order += [i for i in known if i not in {str(o) for o in order}]
    for key in order:
        number, request = known[str(key)]
        headers = _old_headers(request.get("headers"))
        media, body = "", None
        match request.get("dataMode"):
            case "raw":
                raw = str(request.get("rawModeData") or request.get("data") or "")
                media, body = "application/json", body_of(raw, _media(headers), variables)
            case "urlencoded" | "params" if isinstance(request.get("data"), list):
                media, body = "application/x-www-form-urlencoded", _form(request["data"])
        answers: list[tuple[str, Any]] = []
        for answer in request.get("responses") or ():
            if isinstance(answer, dict) and isinstance(answer.get("responseCode"), dict):
                text = answer.get("text")
                value = body_of(text, "", variables) if isinstance(text, str) else None
                answers.append((str(answer["responseCode"].get("code")), value))
        method = str(request.get("method") or "GET")
        name = str(request.get("name", ""))
        scripts = _scripts(request)
        outcome = outcome_of("\n".join(scripts)) if scripts else Outcome()
        place = f"#/requests/{number}"
        yield Exchange(method, str(request.get("url", "")), place, media, body, tuple(answers), name, outcome)


def _old_headers(text: Any) -> list[dict[str, str]]:
    """Headers as lines of text."""
    lines = text.split("\n") if isinstance(text, str) else []
    return [{"key": n.strip(), "value": v.strip()} for n, _, v in (line.partition(":") for line in lines)]
