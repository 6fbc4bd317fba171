"""Following a pointer through a JSON Schema: what is said of a member of the documents that obey it."""

from __future__ import annotations

from collections.abc import Mapping


def member(document: object, pointer: str) -> Mapping[str, object]:
    """The schema of a member (``/address/city``, ``/tags/*``), references and combinations followed; empty if none."""
    root = document if isinstance(document, dict) else {}
    here: object = root
    for step in [p for p in pointer.split("/") if p]:
        step = step.replace("~1", "/").replace("~0", "~")
        here = _step(here, step, root, 0)
        if here is None:
            return {}
    resolved = _resolved(here, root)
    return resolved if isinstance(resolved, dict) else {}


def _resolved(node: object, root: Mapping[str, object], depth: int = 0) -> object:
    while isinstance(node, dict) and isinstance(node.get("$ref"), str) and depth < 30:
        node, depth = _local(str(node["$ref"]), root), depth + 1
    return node


def _local(reference: str, root: Mapping[str, object]) -> object:
    node: object = root
    for step in reference.removeprefix("#").split("/"):
        if step:
            step = step.replace("~1", "/").replace("~0", "~")
            node = node.get(step) if isinstance(node, dict) else None
    return node


def _step(node: object, step: str, root: Mapping[str, object], depth: int) -> object:
    node = _resolved(node, root)
    if not isinstance(node, dict) or depth > 12:
        return None
    if step == "*":
        items = node.get("items")
        if isinstance(items, dict | bool):
            return items
    else:
        properties = node.get("properties")
        if isinstance(properties, dict) and step in properties:
            return properties[step]
    for word in ("allOf", "anyOf", "oneOf"):
        options = node.get(word)
        for option in options if isinstance(options, list) else []:
            found = _step(option, step, root, depth + 1)
            if found is not None:
                return found
    return None
