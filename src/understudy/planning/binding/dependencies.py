"""Columns that depend on others of their row: floors, bends and definitions, never in a circle."""

from __future__ import annotations

from collections.abc import Mapping

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Node
from understudy.planning.binding.bending import Bend, bends, computed, sole
from understudy.planning.binding.orders import told_orders
from understudy.planning.binding.relations import Push, pushes, tighten
from understudy.planning.layout.keys import KeyPlan
from understudy.planning.solving.rulebook import Rulebook
from understudy.planning.table_draft import TableDraft


def column_floors(
    here: TableDraft,
    book: Rulebook,
    free: frozenset[str],
    keys: KeyPlan,
    domains: dict[str, Domain],
    definitions: Mapping[str, Node],
) -> dict[str, list[Push]]:
    """Orders between columns that single-branch components demand, as floors per column."""
    adjustable = free - keys.distinct
    relations = [r for b in sole(book) for r in b.relations]
    found, _ = pushes(relations, here.types, adjustable)
    settled = frozenset(keys.distinct)
    found += [p for p in told_orders(here.entity, settled, adjustable) if p not in found]
    found = [p for p in found if not circular(definitions, p.column, Column(p.floor))]
    tighten(found, domains)
    floors: dict[str, list[Push]] = {}
    for push in found:
        floors.setdefault(push.column, []).append(push)
    return floors


def column_bends(
    here: TableDraft,
    book: Rulebook,
    free: frozenset[str],
    definitions: Mapping[str, Node],
    floors: Mapping[str, list[Push]],
) -> dict[str, list[Bend]]:
    """Per column how its value bends to what rules say of it and others; see ``binding.bending``."""
    given = {c: Call("greatest", tuple(Column(p.floor) for p in found)) for c, found in floors.items()}
    return bends(book, here.types, free, {**given, **definitions})


def column_definitions(
    here: TableDraft, book: Rulebook, free: tuple[str, ...], keys: KeyPlan, domains: Mapping[str, Domain]
) -> dict[str, Node]:
    """Columns that rules let us compute from others, without going in a circle."""
    found: dict[str, Node] = {}
    computable = set(free) - keys.distinct
    for component in book.components:
        if len(component.branches) == 1:
            for d in component.branches[0].definitions:
                if d.column in computable and d.column not in found and not circular(found, d.column, d.node):
                    found[d.column] = d.node
    for column, node in computed(book, here.types, domains, frozenset(computable - set(found))).items():
        if not circular(found, column, node):
            found[column] = node
    return found


def circular(found: Mapping[str, Node], column: str, node: Node) -> bool:
    """Whether ``node`` reads ``column``, by way of what was ``found`` for others."""
    todo, seen = [node], set()
    while todo:
        for name in rules.columns_of(todo.pop()):
            if name == column:
                return True
            if name in found and name not in seen:
                seen.add(name)
                todo.append(found[name])
    return False
