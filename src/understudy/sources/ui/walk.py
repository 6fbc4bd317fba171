"""A page in reading order: its texts and controls one after the other, each with what it stands in.

Most labels of the wild are no labels to HTML: they merely stand before a control, or in the cell to its left. One
walk over the tree notes for every text and control its surroundings, so that nearness can be asked later.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from understudy.sources.vocabulary import words

Node = Any
"""A node of selectolax's Lexbor tree."""
CONTROLS = frozenset({"input", "select", "textarea"})
SILENT = words("script style template option optgroup datalist svg head title noscript object mat-icon v-icon")
"""Elements whose texts are not read as part of the page."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "caption"})
ROLES = {
    "textbox": "text",
    "searchbox": "search",
    "combobox": "select",
    "listbox": "select",
    "spinbutton": "number",
    "slider": "range",
    "checkbox": "checkbox",
    "switch": "checkbox",
    "radio": "radio",
}
HINT = re.compile(
    r"(?:^|[-_\s])(?:help|hint|desc|description|form-text|helper|note|tooltip|info|instructions?|muted)(?:[-_\s]|$)|helptext|helper-?text",
    re.IGNORECASE,
)
ERROR = re.compile(
    r"(?:^|[-_\s])(?:error|errors|invalid|alert|warning|danger|validation)(?:[-_\s]|$)|invalid-feedback", re.IGNORECASE
)
STEP = re.compile(
    r"^(?:step|form-?step|wizard-?step|step-\d+|stepper-?pane|step-?content|wizard-?pane|form-?page)$", re.IGNORECASE
)
UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:left|top|right|text-indent)\s*:\s*-\d{3,}|opacity\s*:\s*0(?:[;\s]|$)|(?:^|[;\s])(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|$)|clip\s*:\s*rect\(\s*0",
    re.IGNORECASE,
)
BLOCKS = frozenset({"div", "p", "li", "td", "th", "section", "fieldset", "dd", "article", "us-field"})


class Surroundings(msgspec.Struct):
    """What stands around a point of the page, innermost last where there are several."""

    form: Node | None = None
    label: Node | None = None
    legend: Node | None = None
    heading: int = 0
    cell: Node | None = None
    button: Node | None = None
    fieldsets: tuple[Node, ...] = ()
    fields: tuple[Node, ...] = ()
    hint: bool = False
    error: bool = False
    unseen: str = ""
    step: Node | None = None
    block: int = 0
    dead: bool = False
    object: str = ""
    group: Node | None = None
    loop: bool = False


class Item(msgspec.Struct):
    """A text (``control`` None) or a control in its surroundings."""

    around: Surroundings
    text: str = ""
    control: Node | None = None


def walk(root: Node) -> list[Item]:
    """Texts and controls below a node, in reading order."""
    items: list[Item] = []
    stack: list[tuple[Node, Surroundings]] = [(root, Surroundings())]
    while stack:
        node, around = stack.pop()
        tag = node.tag
        if tag == "-text":
            text = node.text_content or ""
            if not text.isspace() and text:
                items.append(Item(around, " ".join(text.split())))
            continue
        if not node.is_element_node and tag != "-document":
            continue
        attributes = node.attributes if node.is_element_node else {}
        if tag in CONTROLS or (attributes.get("role") in ROLES and tag not in ("button", "a", "label")):
            items.append(Item(_entered(node, tag, attributes, around), control=node))
            if tag in CONTROLS:
                continue
        if tag in SILENT:
            continue
        inner = _entered(node, tag, attributes, around)
        children = list(node.iter(include_text=True))
        stack.extend((child, inner) for child in reversed(children))
    return items


def _entered(node: Node, tag: str, attributes: dict[str, str | None], around: Surroundings) -> Surroundings:
    """The surroundings inside an element."""
    changed: dict[str, Any] = {}
    if tag == "form":
        changed["form"] = node
    elif tag == "label":
        changed["label"] = node
    elif tag == "legend":
        changed["legend"] = node
    elif tag in HEADINGS or attributes.get("role") == "heading":
        changed["heading"] = int(tag[1]) if tag[1:].isdigit() else 6
    elif tag in ("td", "th"):
        changed["cell"] = node
    elif tag in ("button", "a") or attributes.get("role") == "button":
        changed["button"] = node
    elif tag == "fieldset" or attributes.get("role") in ("group", "radiogroup"):
        changed["fieldsets"] = (*around.fieldsets, node)
    if "data-us-field" in attributes or "data-us-label" in attributes:
        changed["fields"] = (*around.fields, node)
    if tag in BLOCKS:
        changed["block"] = node.mem_id
    words = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if tag == "small" or "data-us-hint" in attributes or HINT.search(attributes.get("class") or ""):
        changed["hint"] = True
    if ERROR.search(words) or attributes.get("role") == "alert" or tag in ("mat-error", "ion-note"):
        changed["error"] = True
    reason = unseen(attributes)
    if reason:
        changed["unseen"] = reason
    if "data-step" in attributes or any(STEP.match(c) for c in (attributes.get("class") or "").split()):
        changed["step"] = node
    if "data-us-object" in attributes:
        changed["object"] = attributes["data-us-object"] or ""
    if "data-us-loop" in attributes:
        changed["loop"] = True
    if "data-us-model" in attributes and tag not in CONTROLS:
        changed["group"] = node
    return msgspec.structs.replace(around, **changed) if changed else around


def unseen(attributes: dict[str, str | None]) -> str:
    """Why a person does not see an element, "" if nothing says so."""
    if "hidden" in attributes or "data-us-hidden" in attributes:
        return "hidden"
    if UNSEEN.search(attributes.get("style") or ""):
        return "style"
    return "aria-hidden" if attributes.get("aria-hidden") == "true" else ""


def words_in(node: Node, without: frozenset[str] = frozenset()) -> str:
    """All texts below a node that a person reads, controls and code aside."""
    parts: list[str] = []
    stack = [node]
    while stack:
        here = stack.pop()
        if here.tag == "-text":
            parts.append(here.text_content or "")
        elif here.is_element_node and here.tag not in SILENT and here.tag not in CONTROLS and here.tag not in without:
            if here is not node and "data-us-hint" in here.attributes:
                continue
            stack.extend(reversed(list(here.iter(include_text=True))))
            parts.append(" ")
    return " ".join("".join(parts).split())
