"""Texts for columns whose character set does not hold every letter: marks are left out where it has none."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from understudy.model.expression import Call, Const, Node, Pool
from understudy.semantics import textual
from understudy.semantics.loom import UNLIMITED, Loom, limits
from understudy.semantics.nouns import Coded, Want
from understudy.types.encoding import holds


def kept(loom: Loom, want: Want, node: Node, coded: Coded | None) -> tuple[Node, Coded | None]:
    """The text as the column's set holds it. Distinct texts cannot bend: where one has a letter that the set lacks,
    plain words take their place."""
    charset = want.field.type.charset
    if coded is not None and not all(holds(w, charset) for w in _words(loom, coded.expression)):
        coded = textual.coded(loom, want)
    if all(holds(w, charset) for w in _words(loom, node)) and _spelled(node):
        return node, coded
    made: Node = Call("encodable", (node, Const(charset)))
    longest = limits(want)[1]
    return (made if longest >= UNLIMITED else Call("left", (made, Const(longest)))), coded  # ß may become two letters


def _words(loom: Loom, node: object) -> Iterator[str]:
    if isinstance(node, Pool):
        yield from loom.words.get(node.pool, ())
    elif isinstance(node, Const) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            yield from _words(loom, getattr(node, name))
    elif isinstance(node, tuple):
        for item in node:
            yield from _words(loom, item)


def _spelled(node: Node) -> bool:
    """Whether all that a text is made of stands in the expression itself."""
    return isinstance(node, Pool | Const)
