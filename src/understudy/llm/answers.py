"""Models' answers read tolerantly: fences and words around, trailing commas, one thing where a list was asked for."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
import msgspec.inspect

T = TypeVar("T", bound=msgspec.Struct)

FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)
TRAILING = re.compile(r",(\s*[}\]])")


def read(content: str, kind: type[T]) -> tuple[T | None, str]:
    """The answer as ``kind``, or None and what is wrong with it."""
    raw, fault = _json(content)
    if fault:
        return None, fault
    try:
        return msgspec.convert(_fitted(raw, kind), type=kind, strict=False), ""
    except msgspec.MsgspecError as e:
        return None, str(e)


def _json(content: str) -> tuple[Any, str]:
    candidates = [m.group(1) for m in FENCE.finditer(content)] + [content]
    for text in candidates:
        body = _bracketed(text)
        for attempt in (body, TRAILING.sub(r"\1", body)):
            try:
                return msgspec.json.decode(attempt), ""
            except msgspec.MsgspecError:
                continue
    return None, "it is not JSON"


def _bracketed(text: str) -> str:
    """From the first bracket to the last."""
    starts = [i for i in (text.find("{"), text.find("[")) if i >= 0]
    end = max(text.rfind("}"), text.rfind("]"))
    return text[min(starts) : end + 1] if starts and end >= 0 else text.strip()


def _fitted(raw: Any, kind: type[msgspec.Struct]) -> Any:
    """A list where its holder was asked for, one thing where a list was."""
    lists = [f for f in msgspec.structs.fields(kind) if _is_list(f.type)]
    if isinstance(raw, list) and len(lists) == 1:
        return {lists[0].encode_name: raw}
    if isinstance(raw, dict) and len(lists) == 1:
        name = lists[0].encode_name
        if name not in raw and len(msgspec.structs.fields(kind)) == 1:
            return {name: [raw]}
        if isinstance(raw.get(name), dict):
            return {**raw, name: [raw[name]]}
    return raw


def _is_list(annotation: Any) -> bool:
    form = msgspec.inspect.type_info(annotation)
    return isinstance(form, msgspec.inspect.VarTupleType | msgspec.inspect.ListType)
