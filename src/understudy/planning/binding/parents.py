"""Parents that a table's recipes may read: those that are planned already, as far as their rows are known."""

from __future__ import annotations

from understudy.planning.draft import Draft
from understudy.planning.layout.ties import Tie
from understudy.planning.table_draft import TableDraft
from understudy.semantics import Up

FARTHEST = 8
"""Tables, one above the other, that a value may be read through: each costs rows of all tables above it, and a chain of
hundreds of tables would outgrow the stack."""


def reach(draft: Draft, name: str) -> dict[str, int]:
    """Per column of a planned table through how many tables, one above the other, its values are read."""
    found = draft.reach.get(name)
    if found is not None:
        return found
    found = draft.reach[name] = {}
    table = draft.tables[name]
    above = {k.name: k.parent for k in table.links}
    trees = {c.name: c.expression for c in table.columns}

    def far(column: str) -> int:
        if column not in found and column in trees:
            found[column] = 0  # while it is being found out
            reads = draft.reading.of(trees[column])
            steps = [far(c) for c in reads.columns] + [up(*way) for way in reads.lookups]
            found[column] = max(steps, default=0)
        return found.get(column, 0)

    def up(link: str, column: str) -> int:
        parent = above[link]
        return 1 + (reach(draft, parent).get(column, 0) if parent in draft.tables and parent != name else 0)

    for column in trees:
        far(column)
    return found


def parents_read(here: TableDraft, ties: tuple[Tie, ...]) -> list[Up]:
    """Per tie its parent with the columns that every row of it has, held or generated."""
    found = []
    for tie in ties:
        above = here.draft.tables.get(tie.key.target)
        if tie.implied or above is None or above.name == here.entity.name or not above.columns:
            continue
        far = reach(here.draft, above.name)
        known = {c.name for c in above.columns if not c.omitted and far.get(c.name, 0) < FARTHEST}
        held = here.draft.held(above.name)
        if held is not None:
            known &= set() if held.columns is None else set(held.columns.column_names)
        meanings = {c.name: c.meaning for c in above.columns if c.meaning}
        found.append(Up(tie.name, here.draft.entity(above.name), frozenset(known), meanings, tie.required))
    return found
