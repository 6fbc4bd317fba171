"""Small questions about expression trees that planning asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from understudy.model.expression import (
    Aggregate,
    Column,
    Gathered,
    Lookup,
    Node,
    Opaque,
    Ordinal,
    ParentRow,
    Previous,
    Siblings,
)
from understudy.model.link import Coded, Grouped, Mode, Owned
from understudy.model.plan import PlannedTable
from understudy.rules.trees import NOW, quoted_names, rebuild, walk


def links_of(node: Node) -> set[str]:
    """Names of the links that a tree reads."""
    return {n.link for n in walk(node) if isinstance(n, Lookup | ParentRow | Ordinal | Siblings | Previous)}


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


class Reads(msgspec.Struct, frozen=True):
    """What a tree reads: columns of its own row or of the sibling before, (link, column) of parents, (child, column) of
    aggregates."""

    columns: tuple[str, ...]
    lookups: tuple[tuple[str, str], ...]
    aggregates: tuple[tuple[str, str], ...]


class Reading:
    """What trees read, found once a tree: planning asks the same of every column many times."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[Node, Reads]] = {}  # by identity, which the tree kept beside it keeps unique

    def of(self, tree: Node) -> Reads:
        """What a tree reads, each once, in order of appearance."""
        found = self._found.get(id(tree))
        if found is None:
            found = self._found[id(tree)] = tree, _reads(tree)
        return found[1]


def _reads(tree: Node) -> Reads:
    columns: dict[str, None] = {}
    lookups: dict[tuple[str, str], None] = {}
    aggregates: dict[tuple[str, str], None] = {}
    for node in walk(tree):
        if isinstance(node, Column):
            columns[node.name] = None
        elif isinstance(node, Lookup):
            lookups[node.link, node.column] = None
        elif isinstance(node, Previous):
            columns[node.column] = None
        elif isinstance(node, Aggregate):
            aggregates[node.child, node.column] = None
        elif isinstance(node, Gathered):
            aggregates[node.table, node.column] = None
        elif isinstance(node, Opaque):
            columns.update(dict.fromkeys(quoted_names(node.text)))
    columns.pop(NOW, None)
    return Reads(tuple(columns), tuple(lookups), tuple(aggregates))


def read_by_children(tables: Mapping[str, PlannedTable], reading: Reading) -> dict[str, frozenset[str]]:
    """Per table the columns that rows of others read of it: children look up, parents add up."""
    found: dict[str, set[str]] = {}
    for table in tables.values():
        targets = {k.name: k.parent for k in table.links}
        for reads in [reading.of(c.expression) for c in table.columns]:
            for link, column in reads.lookups:
                if link in targets:
                    found.setdefault(targets[link], set()).add(column)
            for child, column in reads.aggregates:
                if column:
                    found.setdefault(child, set()).add(column)
        for tie in table.links:
            if isinstance(tie.mode, Owned) and tie.mode.known is not None:
                found.setdefault(tie.parent, set()).add(tie.mode.known.column)
    return {n: frozenset(c) for n, c in found.items()}
