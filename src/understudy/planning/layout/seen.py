"""What rules see of the parents that rows choose, and inputs of computed columns that refer to parents."""

from __future__ import annotations

from understudy.model.expression import Const, Lookup, Node
from understudy.planning.binding.inversion import inverted
from understudy.planning.layout.ties import Tie, owners
from understudy.planning.solving.parts import reference
from understudy.planning.table_draft import TableDraft


def parents_seen(here: TableDraft, ties: tuple[Tie, ...]) -> dict[str, list[tuple[str, str]]]:
    """Per tie the hidden columns of which rules speak that are its parent's, and the parent's columns."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, path in here.parts.looks.items():
        key = reference(here.entity, path)
        for tie in ties:
            if tie.key == key:
                found.setdefault(tie.name, []).append((name, path[2]))
    return found


def lookups(here: TableDraft, ties: tuple[Tie, ...]) -> dict[str, Node]:
    """The hidden columns that are a parent's, as expressions."""
    found: dict[str, Node] = dict.fromkeys(here.parts.looks, Const(None))
    for tie, seen in parents_seen(here, ties).items():
        found |= {name: Lookup(tie, column) for name, column in seen}
    return found


def inputs_of_ties(here: TableDraft, ties: tuple[Tie, ...]) -> dict[str, Node]:
    """The inputs of computed columns that refer to parents, so made that the computed value is the parent's."""
    found: dict[str, Node] = {}
    for tie, column in ((t, c) for t in ties for c in t.own if here.entity.field(c).generated):
        tree = here.tree(here.entity.field(column).generated)
        made = inverted(tree, Lookup(tie.name, tie.target_of(column)), here.types)
        if made is not None and made[0] in here.types and made[0] not in owners(ties):
            found[made[0]] = made[1]
    return found
