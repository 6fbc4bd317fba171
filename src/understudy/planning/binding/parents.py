"""Parents that a table's recipes may read: those that are planned already, as far as their rows are known."""

from __future__ import annotations

from understudy.planning.layout.ties import Tie
from understudy.planning.table_draft import TableDraft
from understudy.semantics import Up


def parents_read(here: TableDraft, ties: tuple[Tie, ...]) -> list[Up]:
    """Per tie its parent with the columns that every row of it has, held or generated."""
    found = []
    for tie in ties:
        above = here.draft.tables.get(tie.key.target)
        if tie.implied or above is None or above.name == here.entity.name or not above.columns:
            continue
        known = {c.name for c in above.columns if not c.omitted}
        held = here.draft.held(above.name)
        if held is not None:
            known &= set() if held.columns is None else set(held.columns.column_names)
        meanings = {c.name: c.meaning for c in above.columns if c.meaning}
        found.append(Up(tie.name, here.draft.schema.entity(above.name), frozenset(known), meanings, tie.required))
    return found
