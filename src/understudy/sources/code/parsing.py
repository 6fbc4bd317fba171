"""Trees of tree-sitter, and what the readers of all languages ask of them."""

from __future__ import annotations

import ast
import re
from typing import Any

from understudy.sources.code.tree import Module

Node = Any
"""A node of tree-sitter."""
ENDINGS = {
    ".ts": "typescript",
    ".tsx": "tsx",
    ".mts": "typescript",
    ".js": "javascript",
    ".jsx": "tsx",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".py": "python",
    ".java": "java",
}
LARGEST_BYTES = 4 << 20
"""Of one file of test code."""
MOST_FAULTS = 5


def language_of(path: str) -> str:
    """The language of a file by its ending, "" for others."""
    return next((v for k, v in ENDINGS.items() if path.lower().endswith(k)), "")


def parse(text: str, path: str) -> Module:
    """The program of a file."""
    from understudy.sources.code import java, javascript, python

    language = language_of(path)
    data = text.encode()
    root = _parser(language).parse(data).root_node
    match language:
        case "python":
            body = python.Reader(data).block(root)
        case "java":
            body = java.Reader(data).block(root)
        case _:
            body = javascript.Reader(data).block(root)
    return Module(path, language, body, tuple(_faults(root)) if root.has_error else ())


def _parser(language: str) -> Any:
    import tree_sitter

    match language:
        case "python":
            import tree_sitter_python

            grammar = tree_sitter_python.language()
        case "java":
            import tree_sitter_java

            grammar = tree_sitter_java.language()
        case "javascript":
            import tree_sitter_javascript

            grammar = tree_sitter_javascript.language()
        case "tsx":
            import tree_sitter_typescript

            grammar = tree_sitter_typescript.language_tsx()
        case _:
            import tree_sitter_typescript

            grammar = tree_sitter_typescript.language_typescript()
    return tree_sitter.Parser(tree_sitter.Language(grammar))


def _faults(root: Node) -> list[int]:
    found: list[int] = []
    stack = [root]
    while stack and len(found) < MOST_FAULTS:
        node = stack.pop()
        if node.type == "ERROR" or node.is_missing:
            found.append(node.start_point[0] + 1)
        elif node.has_error:
            stack.extend(reversed(node.children))
    return found


class Source:
    """The bytes that nodes point into."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def text(self, node: Node | None) -> str:
        """The text of a node, "" for none."""
        return "" if node is None else self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def child(self, node: Node, name: str) -> Node | None:
        """A named child."""
        return node.child_by_field_name(name)

    @staticmethod
    def line(node: Node) -> int:
        """The line that a node begins in."""
        return int(node.start_point[0]) + 1


SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\n)|(.))", re.DOTALL)


def unescaped(text: str) -> str:
    """A text without the backslashes of its program."""

    def told(m: re.Match[str]) -> str:
        code = m[1] or m[2] or m[3]
        if code:
            number = int(code, 16)
            return chr(number) if number < 0x110000 else ""
        return "" if m[4] else SIMPLE.get(m[5], m[5])

    return ESCAPE.sub(told, text) if "\\" in text else text


def number(text: str) -> int | float | None:
    """The value of a number as programs write it."""
    try:
        value = ast.literal_eval(text.rstrip("nLlFfDd") if not text.lower().startswith("0x") else text)
    except (ValueError, SyntaxError):
        return None
    return value if isinstance(value, int | float) else None
