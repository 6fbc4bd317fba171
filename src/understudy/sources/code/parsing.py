"""Trees of tree-sitter, and what the readers of all languages ask of them."""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from typing import Any

from understudy.sources.code.tree import Expr, Lit, Module, Other, Stmt

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
DEEPEST = 100
"""Expressions within expressions that are read: chains of calls, sums of texts, lists in lists."""


def language_of(path: str) -> str:
    """The language of a file by its ending, "" for others."""
    return next((v for k, v in ENDINGS.items() if path.lower().endswith(k)), "")


def parse(text: str, path: str) -> Module:
    """The program of a file."""
    from understudy.sources.code import java, javascript, python

    language = language_of(path)
    data = text.encode()
    root = _parser(language).parse(data).root_node
    reader: Source
    match language:
        case "python":
            reader = python.Reader(data)
        case "java":
            reader = java.Reader(data)
        case _:
            reader = javascript.Reader(data)
    body = reader.whole(root)
    return Module(path, language, body, tuple(_faults(root)) if root.has_error else (), tuple(sorted(reader.deep)))


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


class Source(ABC):
    """The bytes that nodes point into."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.depth = 0
        self.deep: set[int] = set()

    def whole(self, root: Node) -> tuple[Stmt, ...]:
        """The statements of a file; those that are nested too deeply are left out, and their lines told in ``deep``."""
        found: list[Stmt] = []
        for child in root.named_children:
            try:
                found += self.statement(child)
            except RecursionError:
                self.deep.add(self.line(child))
        return tuple(found)

    def expression(self, node: Node | None) -> Expr:
        """One expression; what is nested too deeply is known by its text alone."""
        if node is None:
            return Lit(None)
        if self.depth >= DEEPEST:
            self.deep.add(self.line(node))
            return Other(self.text(node)[:200])
        self.depth += 1
        try:
            return self._expression(node)
        finally:
            self.depth -= 1

    @abstractmethod
    def statement(self, node: Node) -> list[Stmt]:
        """One statement as one or more of ours."""

    @abstractmethod
    def _expression(self, node: Node) -> Expr:
        """One expression that is not nested too deeply."""

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
