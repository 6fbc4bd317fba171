"""Walking and rebuilding expression trees: which columns a rule reads, renaming them, mapping nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import msgspec

from understudy.model.expression import Call, Case, Cast, Column, Const, Node, Opaque, When

TRUE, FALSE, NULL = Const(True), Const(False), Const(None)
NOW = "$now"
"""The hidden column that stands for the moment of the plan's clock (a timestamp, microseconds)."""

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"((?:[^\"]|\"\")+)\"|`((?:[^`]|``)+)`")


_ENDS = frozenset({Const, Column})


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``, in order (without ``match``, which costs twice: nothing is asked so often)."""
    if type(node) in _ENDS:
        return ()
    if isinstance(node, Call):
        return node.args
    if isinstance(node, Case):
        return (*(part for b in node.branches for part in (b.condition, b.value)), node.otherwise)
    return tuple(n for name in _places(type(node)) for n in _nodes(getattr(node, name)))


@cache
def _places(kind: type) -> tuple[str, ...]:
    """The fields of a kind of node in which nodes may stand: trees are walked a hundred times a column."""
    return tuple(n for n, said in kind.__annotations__.items() if "Node" in str(said))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
    elif isinstance(value, msgspec.Struct) and value.__struct_config__.tag is not None:
        yield value  # type: ignore[misc]


def walk(node: Node) -> Iterator[Node]:
    """``node`` and all nodes below it, from the top."""
    todo = [node]
    while todo:
        part = todo.pop()
        yield part
        if below := children(part):
            todo.extend(below[::-1])


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """``node`` with ``change`` applied to each node directly below it."""
    match node:
        case Const() | Column():
            return node
        case Call(function=function, args=args):
            return Call(function, tuple([change(a) for a in args]))
        case Cast(value=value, type=kind, own_units=own):
            return Cast(change(value), kind, own)
        case Case(branches=branches, otherwise=otherwise):
            return Case(tuple(When(change(b.condition), change(b.value)) for b in branches), change(otherwise))
        case _:
            changed = {n: _changed(getattr(node, n), change) for n in _places(type(node))}
            return msgspec.structs.replace(node, **changed) if changed else node


def _changed(value: object, change: Callable[[Node], Node]) -> object:
    if isinstance(value, tuple):
        return tuple(_changed(item, change) for item in value)
    if isinstance(value, msgspec.Struct) and value.__struct_config__.tag is not None:
        return change(value)  # type: ignore[arg-type]
    return value


def columns_of(node: Node) -> tuple[str, ...]:
    """The columns that ``node`` reads, in order of appearance, each once (:data:`NOW` is not one of them).

    Words that nobody understood count with every identifier quoted in them.
    """
    found: dict[str, None] = {}
    for part in walk(node):
        if isinstance(part, Column) and part.name != NOW:
            found[part.name] = None
        elif isinstance(part, Opaque):
            found.update(dict.fromkeys(quoted_names(part.text)))
    return tuple(found)


def quoted_names(text: str) -> tuple[str, ...]:
    """The identifiers quoted (``"a"`` or `` `a` ``) in a SQL text, strings left aside."""
    names = (m.group(1) or m.group(2) for m in _QUOTED.finditer(text))
    return tuple(dict.fromkeys(n.replace('""', '"').replace("``", "`") for n in names if n))


def rename(node: Node, mapping: Mapping[str, str]) -> Node:
    """``node`` reading other columns: each name in ``mapping`` becomes what it maps to."""

    def change(part: Node) -> Node:
        match part:
            case Column(name=name):
                return Column(mapping.get(name, name))
            case Opaque(text=text):
                return Opaque(_renamed_text(text, mapping))
            case _:
                return rebuild(part, change)

    return change(node)


def at(node: Node, clock: int) -> Node:
    """``node`` at a moment: :data:`NOW` becomes that constant (microseconds since 1970-01-01 UTC)."""
    if isinstance(node, Column) and node.name == NOW:
        return Const(clock)
    return rebuild(node, lambda part: at(part, clock))


def _renamed_text(text: str, mapping: Mapping[str, str]) -> str:
    def swap(found: re.Match[str]) -> str:
        whole = found.group(0)
        if whole[0] == "'":
            return whole
        mark = whole[0]
        name = whole[1:-1].replace(mark * 2, mark)
        return mark + mapping.get(name, name).replace(mark, mark * 2) + mark

    return _QUOTED.sub(swap, text)


def opaque_texts(node: Node) -> tuple[str, ...]:
    """The words inside ``node`` that nobody understood."""
    return tuple(part.text for part in walk(node) if isinstance(part, Opaque))


def both(*parts: Node) -> Node:
    """The conjunction of ``parts``, flat."""
    flat = tuple(x for p in parts for x in (p.args if isinstance(p, Call) and p.function == "and" else (p,)))
    return flat[0] if len(flat) == 1 else Call("and", flat) if flat else TRUE


def either(*parts: Node) -> Node:
    """The disjunction of ``parts``, flat."""
    flat = tuple(x for p in parts for x in (p.args if isinstance(p, Call) and p.function == "or" else (p,)))
    return flat[0] if len(flat) == 1 else Call("or", flat) if flat else FALSE


def negation(part: Node) -> Node:
    """``not part``; a double negation cancels."""
    if isinstance(part, Call) and part.function == "not":
        return part.args[0]
    return Call("not", (part,))


def call(function: str, *args: Node) -> Call:
    """A call, written short."""
    return Call(function, args)
