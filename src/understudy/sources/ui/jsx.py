"""JSX and TSX as HTML text: every element of the outermost expressions, with the values that are written out."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from understudy.sources.ui.wording import UNKNOWN, text_of

RENAMED = {
    "htmlfor": "for",
    "classname": "class",
    "defaultvalue": "value",
    "defaultchecked": "checked",
    "readonly": "readonly",
    "maxlength": "maxlength",
    "minlength": "minlength",
    "tabindex": "tabindex",
    "autocomplete": "autocomplete",
}
ROOTS = frozenset({"jsx_element", "jsx_self_closing_element", "jsx_fragment"})


def markup_of(text: str, name: str) -> str:
    """The markup that a module shows; one line break per line passed, so that places stay true."""
    import tree_sitter
    import tree_sitter_typescript

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_typescript.language_tsx()))
    data = text.encode()
    out = _Writer(data)
    for node in _roots(parser.parse(data).root_node):
        out.element(node)
    return "".join(out.parts)


def _roots(node: Any) -> list[Any]:
    """The outermost JSX nodes below a node, in order."""
    found, stack = [], [node]
    while stack:
        here = stack.pop()
        if here.type in ROOTS:
            found.append(here)
        else:
            stack.extend(reversed(here.children))
    return found


class _Writer:
    def __init__(self, data: bytes) -> None:
        self.data, self.row = data, 0
        self.parts: list[str] = []

    def _text(self, node: Any) -> str:
        return str(self.data[node.start_byte : node.end_byte].decode("utf-8", "replace"))

    def _down_to(self, node: Any) -> None:
        row = node.start_point[0]
        if row > self.row:
            self.parts.append("\n" * (row - self.row))
            self.row = row

    def element(self, node: Any) -> None:
        """Write an element and what is inside it."""
        self._down_to(node)
        if node.type == "jsx_self_closing_element":
            name = self._name(node)
            self.parts.append(f"<{name}{self._attributes(node)} />")
            return
        for child in node.children:
            match child.type:
                case "jsx_opening_element":
                    name = self._name(child)
                    if name:
                        self.parts.append(f"<{name}{self._attributes(child)}>")
                case "jsx_closing_element":
                    name = self._name(child)
                    if name:
                        self.parts.append(f"</{name}>")
                case "jsx_text":
                    self._down_to(child)
                    self.parts.append(" ".join(self._text(child).split()) + " ")
                case "jsx_expression":
                    self._expression(child)
                case kind if kind in ROOTS:
                    self.element(child)

    def _expression(self, node: Any) -> None:
        inner = _roots(node)
        if inner:
            for root in inner:
                self.element(root)
            return
        told = text_of(self._text(node)[1:-1], {})
        self.parts.append(escape(told) if told is not None else UNKNOWN)

    def _name(self, node: Any) -> str:
        found = node.child_by_field_name("name")
        return self._text(found) if found is not None else ""

    def _attributes(self, node: Any) -> str:
        written: dict[str, str] = {}
        for child in node.children:
            if child.type == "jsx_attribute":
                self._attribute(child, written)
            elif child.type == "jsx_expression":
                self._spread(self._text(child), written)
        return "".join(f' {k}="{escape(v)}"' for k, v in written.items())

    def _attribute(self, node: Any, written: dict[str, str]) -> None:
        name = self._text(node.children[0])
        key = RENAMED.get(name.lower(), name.lower() if "-" not in name else name)
        value = node.children[2] if len(node.children) > 2 else None
        if value is None:
            written[key] = ""
            return
        raw = self._text(value)
        if value.type == "string":
            written[key] = raw[1:-1]
            return
        inner = raw[1:-1].strip()
        if _roots(value):
            return
        told = text_of(inner, {})
        if told == "true":
            written[key] = ""
        elif told not in (None, "false", "null", "undefined"):
            written[key] = str(told)
        elif pattern := re.fullmatch(r"/(.*)/[a-z]*(?:\.source)?", inner):
            written[key] = pattern[1]
        elif key in ("value", "checked", "selected", "modelvalue") and (
            path := re.fullmatch(r"[\w.?!]+(?:\s*(?:\?\?|\|\|)\s*.*)?", inner)
        ):
            written["v-model"] = re.split(r"\s|\?\?|\|\|", path[0])[0].replace("?", "").replace("!", "")
        elif (
            key in ("required", "disabled", "multiple")
            or key == "options"
            or (key == "value" and node.parent is not None)
        ):
            written[f":{key}"] = inner

    def _spread(self, text: str, written: dict[str, str]) -> None:
        """``{...register("email", {required: true, maxLength: 80})}`` and its like: a name and rules."""
        found = re.search(
            r"\.\.\.\s*(?:\w+\.)*(?:register|getFieldProps|getInputProps|field)\(\s*['\"]([^'\"]+)['\"](.*)",
            text,
            re.DOTALL,
        )
        if found is None:
            return
        written.setdefault("name", found[1])
        rules = found[2]
        for rule in ("maxLength", "minLength", "min", "max"):
            number = re.search(rf"\b{rule}\s*:\s*(?:\{{\s*value\s*:\s*)?(-?[\d.]+)", rules)
            if number:
                written.setdefault(rule.lower(), number[1])
        if re.search(r"\brequired\s*:\s*(?!false)", rules):
            written.setdefault("required", "")
        pattern = re.search(r"\bpattern\s*:\s*(?:\{\s*value\s*:\s*)?/((?:\\.|[^/\\])+)/", rules)
        if pattern:
            written.setdefault("pattern", pattern[1])
