"""Material of API descriptions as plain values: JSON, and YAML as YAML 1.2 reads it (``NO`` is a word, not false).

Bounds keep material that was made to hurt from hurting: bytes, depth, and what aliases expand to.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from understudy.errors import SourceError

LARGEST_BYTES = 64 << 20
"""The largest description read, 64 MB: thirty times the largest seen."""
LARGEST_VALUES = 5_000_000
"""Values that a document may have once its aliases are followed."""
DEEPEST = 400
"""Values within values."""


class Ambiguous(str):
    """A word that YAML 1.2 reads as a word and older readers as a truth: ``NO``, ``on``, ``y``."""

    __slots__ = ()


TRUTHS = frozenset({"y", "n", "yes", "no", "on", "off"})


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; SourceError where it is not there, too large, or may not be read."""
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            what = f"the file has {size:,} bytes; descriptions of APIs are read up to {LARGEST_BYTES:,}"
            raise SourceError(what, where=str(path), mend="Split it, or name the part that matters.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SourceError("there is no such file", where=str(path), mend="Mend the name.") from error
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", where=str(path), mend="Change its permissions."
        ) from error


def parse(data: bytes, where: str) -> Any:
    """A JSON or YAML text as values; SourceError in one line where it is neither, or was made to hurt."""
    text = decoded(data, where)
    body = text.lstrip("\ufeff \t\r\n")
    if not body:
        raise SourceError("the document is empty", where=where, mend="Name one with something in it.")
    if body[0] == "<":
        what = "this is HTML, not a description of an API" if is_html(body) else "this is XML, not JSON or YAML"
        raise SourceError(what, where=where, mend="Name the address of the JSON or YAML document itself.")
    try:
        found = json.loads(text.lstrip("\ufeff"))
    except RecursionError as error:
        raise _too_deep(where) from error
    except ValueError as error:
        if body[0] in "{[" and not _maybe_flow_yaml(body):
            raise _not_json(error, body, where) from error
        found = _yaml(text, where)
    _check(found, where)
    return found


def decoded(data: bytes, where: str) -> str:
    """Text by its byte order mark, else UTF-8."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in data[:4096]:
            raise SourceError("this is binary data", where=where, mend="Name a JSON or YAML document.") from error
        return data.decode("latin-1")


def is_html(text: str) -> bool:
    """Whether a text is a web page."""
    return re.match(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", text[:4096], re.I | re.S) is not None


def _maybe_flow_yaml(body: str) -> bool:
    """Whether a text in braces may be YAML: bare words as keys, or comments."""
    return re.match(r"[{\[]\s*(?:#|[A-Za-z_$][\w$.-]*\s*:)", body) is not None


def _not_json(error: ValueError, body: str, where: str) -> SourceError:
    line = getattr(error, "lineno", 0)
    end = getattr(error, "pos", 0) >= len(body.rstrip()) - 1
    what = "the JSON text breaks off in the middle" if end else f"not valid JSON: {getattr(error, 'msg', error)}"
    return SourceError(what, where=f"{where}, line {line}" if line else where, mend="Mend that line.")


def _too_deep(where: str) -> SourceError:
    return SourceError(f"values are nested more than {DEEPEST} deep", where=where, mend="Flatten the document.")


# ---- YAML ------------------------------------------------------------------------------------------
@cache
def _loader() -> Any:
    """PyYAML's fast loader with the core schema of YAML 1.2: only true and false are truths, times are texts."""
    import yaml

    class Core(yaml.CSafeLoader):
        """YAML 1.2's core schema."""

    Core.yaml_implicit_resolvers = {}
    for tag, pattern, first in (
        ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
        ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789"),
        ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
        ("merge", r"^(?:<<)$", "<"),
    ):
        Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))

    def whole(loader: Any, node: Any) -> int:
        text = loader.construct_scalar(node).replace("_", "")
        return int(text, 8) if text.startswith("0o") else int(text, 16) if text.startswith("0x") else int(text)

    def mapping(loader: Any, node: Any) -> dict[str, Any]:
        loader.flatten_mapping(node)
        pairs = ((loader.construct_object(k, deep=True), loader.construct_object(v, deep=True)) for k, v in node.value)
        return {_key(k): v for k, v in pairs}

    def word(loader: Any, node: Any) -> str:
        text = str(loader.construct_scalar(node))
        return Ambiguous(text) if not node.style and text.lower() in TRUTHS else text

    Core.add_constructor("tag:yaml.org,2002:str", word)
    Core.add_constructor("tag:yaml.org,2002:int", whole)
    Core.add_constructor("tag:yaml.org,2002:map", mapping)
    return Core


def _key(key: Any) -> str:
    """A key as JSON has it: a text."""
    match key:
        case str():
            return key
        case bool():
            return "true" if key else "false"
        case None:
            return "null"
        case int() | float():
            return str(key)
    return json.dumps(key, default=str)


def _yaml(text: str, where: str) -> Any:
    import yaml

    try:
        loader = _loader()(text)
        try:
            node = loader.get_single_node()
            _weigh(node, where)
            return loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except RecursionError as error:
        raise _too_deep(where) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        what = getattr(error, "problem", None) or str(error)
        raise SourceError(f"not valid YAML: {what}", where=where + line, mend="Mend that line.") from error


def _weigh(root: Any, where: str) -> None:
    """SourceError where aliases expand to more than anybody writes, or to themselves."""
    import yaml

    sizes: dict[int, int] = {}
    todo: list[tuple[Any, bool]] = [(root, False)]
    inside: set[int] = set()
    while todo:
        node, done = todo.pop()
        if node is None or id(node) in sizes:
            continue
        parts = _inner(node)
        if done:
            inside.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(p)] for p in parts)
            if sizes[id(node)] > LARGEST_VALUES:
                what = f"its aliases expand to more than {LARGEST_VALUES:,} values"
                raise SourceError(what, where=where, mend="Write the parts out, or refer to them by $ref.")
            continue
        inside.add(id(node))
        if len(inside) > DEEPEST:
            raise _too_deep(where)
        todo.append((node, True))
        for part in parts:
            if id(part) in inside:
                raise SourceError("an alias stands inside what it stands for", where=where, mend="Use $ref instead.")
            todo.append((part, False))
    assert isinstance(root, yaml.Node | None)


def _inner(node: Any) -> list[Any]:
    if node.id == "mapping":
        return [n for pair in node.value for n in pair]
    return list(node.value) if node.id == "sequence" else []


def _check(value: Any, where: str) -> None:
    """SourceError where values are nested too deep (without recursion)."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            v
            for held in level
            if isinstance(held, dict | list)
            for v in (held.values() if isinstance(held, dict) else held)
            if isinstance(v, dict | list)
        ]
        if not level:
            return
    raise _too_deep(where)
