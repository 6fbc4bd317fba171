"""Columns that neither a recipe nor a parent gives: windows that exclude each other, names of a row's own children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from understudy.model.domain import Domain
from understudy.model.expression import Column, Node
from understudy.planning import names
from understudy.planning.layout.capacity import capacity
from understudy.planning.layout.exclusions import Excluded, Lane, Window, count, lane, settled, windows_of
from understudy.planning.layout.keys import KeyPlan
from understudy.planning.layout.seen import inputs_of_ties, lookups
from understudy.planning.layout.ties import Tie, owners
from understudy.planning.table_draft import TableDraft
from understudy.rules import Relation


def lanes(
    here: TableDraft, ties: tuple[Tie, ...], domains: dict[str, Domain], relations: Sequence[Relation]
) -> dict[str, Lane]:
    """Per window how many there are and where they lie; its hidden number gets the domain that this leaves.
    ``relations``: those that hold of every row."""
    found: dict[str, Lane] = {}
    for window in windows_of(here.excluded):
        rows = here.wanted.rows + here.held_rows
        sizes = [_combinations(here, e, ties, domains) for e in here.excluded if e.window == window]
        windows = max(count(window, rows, size) for size in sizes)
        found[window.name] = lane(
            window, windows, domains, here.draft.request.clock, here.held, _apart(window, relations)
        )
        domains[window.name] = Domain(low=0, high=windows - 1, required=True)
    return found


def _apart(window: Window, relations: Sequence[Relation]) -> tuple[int, int]:
    """The least and the most that the ends of a window's range lie apart."""
    least = most = 0
    for r in (r for r in relations if (r.left_factor, r.right_factor) == (1, 1)):
        if (r.left, r.right) == (window.end, window.start):
            sign, by = r.op, int(r.offset)
        elif (r.left, r.right) == (window.start, window.end):
            sign, by = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(r.op, r.op), -int(r.offset)
        else:
            continue
        if sign in (">", ">="):
            least = max(least, by + (sign == ">"))
        elif sign in ("<", "<=") and by > 0:
            most = min(most or by, by - (sign == "<"))
    return least, most


def _combinations(here: TableDraft, excluded: Excluded, ties: tuple[Tie, ...], domains: Mapping[str, Domain]) -> int:
    """About how many keys share the rows of an exclusion."""
    settled, product = owners(ties), 1
    for tie in {settled[c].name: settled[c] for c in excluded.columns if c in settled}.values():
        product *= max(1, here.draft.parents(tie.key.target))
    for column in excluded.columns:
        if column not in settled and not column.startswith("$"):
            room = capacity(here.types[column], domains.get(column, Domain()))
            product *= max(1, min(room, here.wanted.rows // 3))
    return product if len(excluded.columns) > 1 else 1


def gather(here: TableDraft, plan: KeyPlan, rooms: dict[str, int]) -> None:
    """Fewer values for the free columns of an exclusion's key, so that rows do share them."""
    for excluded in here.excluded:
        decoded = next((d for d in plan.decoded if d.key == excluded.exclusion.name and not d.anchor), None)
        for column in () if decoded is None else decoded.columns:
            if not column.startswith("$"):
                rooms[column] = min(rooms[column], max(1, here.wanted.rows // 3))


def settled_columns(here: TableDraft, lanes: Mapping[str, Lane], ties: tuple[Tie, ...]) -> dict[str, tuple[Node, str]]:
    """Columns that neither a recipe nor a parent gives: children named by their parent, windows, ranges in them."""
    found: dict[str, tuple[Node, str]] = {
        c: (Column(hidden), "names one of its own children") for c, hidden in backward_hidden(here).items()
    }
    found |= {c: (n, "so that the computed column is the parent's") for c, n in inputs_of_ties(here, ties).items()}
    found |= {c: (n, "the parent's") for c, n in lookups(here, ties).items()}
    for window in windows_of(here.excluded):
        found[window.name] = Column(names.code(window.name)), "disjoint windows for what must not overlap"
        for column, node in settled(window, lanes[window.name], here.types).items():
            found[column] = node, "within a window of its own, so that nothing overlaps"
    return found


def backward_hidden(here: TableDraft) -> dict[str, str]:
    """Per column that names a child of the row, the hidden column that holds the answer."""
    return {
        b.column: m.hidden
        for b in here.around.backward
        for m in here.around.measures
        if (m.child, m.key, m.function, m.column) == (b.child, b.child_key, "max", b.target_column)
    }
