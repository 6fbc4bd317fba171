"""HAR recordings: the calls of an application among everything that a browser loads."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from understudy.sources.api.exchanges import STATIC, Exchange, body_of, typed
from understudy.sources.api.infer import FILE

TEXTS = ("json", "javascript", "text/plain")


def is_recording(document: Any) -> bool:
    """Whether a document is a recording."""
    return isinstance(document, dict) and isinstance(document.get("log"), dict) and "entries" in document["log"]


def exchanges(document: dict[str, Any]) -> Iterator[Exchange]:
    """Calls that carry data: a body that is understood, or an answer in JSON."""
    entries = document["log"].get("entries")
    for number, entry in enumerate(entries if isinstance(entries, list) else ()):
        request = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(request, dict) or not isinstance(request.get("url"), str):
            continue
        media, body = _request(request.get("postData"))
        status, answer = _answer(entry.get("response"))
        path = request["url"].split("?")[0]
        if body is None and answer is None and (STATIC.search(path) or request.get("method") in (None, "GET", "HEAD")):
            continue
        answers = ((status, answer),) if status else ()
        yield Exchange(
            str(request.get("method") or "GET"), request["url"], f"#/log/entries/{number}", media, body, answers
        )


def _request(data: Any) -> tuple[str, Any]:
    if not isinstance(data, dict):
        return "", None
    media = str(data.get("mimeType") or "").split(";")[0].strip().lower()
    params = data.get("params")
    if isinstance(params, list) and params:
        pairs = {unquote_plus(str(p["name"])): p for p in params if isinstance(p, dict) and p.get("name")}
        kept = {
            n: FILE if p.get("fileName") else typed(unquote_plus(str(p.get("value", "")))) for n, p in pairs.items()
        }
        return media or "application/x-www-form-urlencoded", kept or None
    text = data.get("text")
    return media or "application/json", body_of(text, media) if isinstance(text, str) else None


def _answer(response: Any) -> tuple[str, Any]:
    if not isinstance(response, dict):
        return "", None
    status = str(response.get("status") or "")
    content = response.get("content")
    if not isinstance(content, dict) or not isinstance(content.get("text"), str):
        return status, None
    media = str(content.get("mimeType") or "").lower()
    text = content["text"]
    if content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return status, None
    return status, body_of(text, media) if any(t in media for t in TEXTS) else None
