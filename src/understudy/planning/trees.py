"""Small questions about expression trees that planning asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from understudy.model.expression import Aggregate, Column, Lookup, Node, Ordinal, ParentRow, Siblings
from understudy.model.link import Coded, Grouped, Mode
from understudy.model.plan import PlannedTable
from understudy.rules.trees import rebuild, walk


def links_of(node: Node) -> set[str]:
    """Names of the links that a tree reads."""
    return {n.link for n in walk(node) if isinstance(n, Lookup | ParentRow | Ordinal | Siblings)}


def substitute(node: Node, replacements: Mapping[str, Node]) -> Node:
    """The tree with columns replaced by other trees."""

    if isinstance(node, Column):
        return replacements.get(node.name, node)
    return rebuild(node, lambda part: substitute(part, replacements))


def marked(node: Node, mark: str) -> Node:
    """The tree with ``mark`` before the name of every stream of randomness, so that it shares none with another."""
    changed = rebuild(node, lambda part: marked(part, mark))
    if (use := getattr(changed, "use", None)) is not None:
        return msgspec.structs.replace(changed, use=mark + use)
    return changed


def expressions_of(mode: Mode) -> Iterator[Node]:
    """The trees inside a link's mode."""
    match mode:
        case Coded(index=index):
            yield index
        case Grouped(group=group, member=member):
            yield group
            if member is not None:
                yield member


def read_by_children(tables: Mapping[str, PlannedTable]) -> dict[str, frozenset[str]]:
    """Per table the columns that rows of others read of it: children look up, parents add up."""
    found: dict[str, set[str]] = {}
    for table in tables.values():
        targets = {k.name: k.parent for k in table.links}
        for column in table.columns:
            for node in walk(column.expression):
                if isinstance(node, Lookup) and node.link in targets:
                    found.setdefault(targets[node.link], set()).add(node.column)
                elif isinstance(node, Aggregate) and node.column:
                    found.setdefault(node.child, set()).add(node.column)
    return {n: frozenset(c) for n, c in found.items()}
