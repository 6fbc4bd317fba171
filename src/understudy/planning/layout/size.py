"""How many rows a table gets, and how often its references are empty."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from understudy.model.domain import Domain
from understudy.model.expression import Chance, Node
from understudy.planning.binding.columns import Binder
from understudy.planning.binding.fill import Filling
from understudy.planning.layout.capacity import capacity
from understudy.planning.layout.fanout import most_children
from understudy.planning.layout.keys import KeyPlan
from understudy.planning.layout.links import first_self
from understudy.planning.layout.room import most_rows
from understudy.planning.layout.ties import Tie
from understudy.planning.solving.rulebook import Rulebook
from understudy.planning.table_draft import TableDraft

ABSENT = 0.12
"""Share of optional references that are empty where nobody says otherwise."""

Eligible = Mapping[str, NDArray[np.int64] | None]
"""Per tie the parents that may be chosen; None: all."""


def link_absences(here: TableDraft, ties: tuple[Tie, ...], book: Rulebook, required: frozenset[str]) -> dict[str, Node]:
    """Per foreign key that may be empty, when it is."""
    absences: dict[str, Node] = {}
    for tie in ties:
        if tie.implied:
            continue
        masks = Binder.masks(book, tie.own)
        if masks is not None:
            absences[tie.name] = masks
        elif not tie.required and not _demanded(here, book, tie):
            share = _absent_share(here, tie, ties)
            if share:
                absences[tie.name] = Chance("absent", share)
    return absences


def _demanded(here: TableDraft, book: Rulebook, tie: Tie) -> bool:
    return any(book.domains.get(c, Domain()).required for c in tie.own)


def _absent_share(here: TableDraft, tie: Tie, ties: tuple[Tie, ...]) -> float:
    if not here.draft.parents(tie.key.target) and tie.key.target != here.entity.name:
        return 1.0
    if tie is first_self(ties, here.entity.name):
        return 0.0  # a forest's roots have no parent anyhow, and are as many as are wished for
    wished = [s for c in tie.own if (s := here.entity.field(c).null_share) is not None]
    if wished:
        return max(wished)
    nulls = here.draft.request.nulls
    return ABSENT if nulls is None else nulls


def table_size(
    here: TableDraft,
    book: Rulebook,
    keys: KeyPlan,
    ties: tuple[Tie, ...],
    rooms: Mapping[str, int],
    eligible: Eligible,
) -> tuple[int, str]:
    """How many rows, and why so many where it is not what was asked for; what cannot be met is noted."""
    if book.barren:
        if here.wanted.explicit and here.wanted.rows:
            here.draft.unmet.append(f"{here.entity.name}: its checks permit no row at all")
        return 0, "its checks permit no row"
    if lacking := _lost_reference(here):
        told = here.draft.unmet if here.wanted.explicit and here.wanted.rows else here.draft.warnings
        told.append(f"{lacking}: it takes no row until there is one")
        return 0, lacking
    own = next((t for t in ties if t.required and t.key.enforced and t.key.target == here.entity.name), None)
    if own is not None and here.dialect == "duckdb":  # no statement sees its own rows
        why = f"a first row would have to refer to itself by {own.name}, which DuckDB refuses"
        if here.wanted.explicit and here.wanted.rows:
            here.draft.unmet.append(f"{here.entity.name}: {why}")
        return 0, why
    parents = {t.name: _parent_count(here, t, eligible) for t in ties}
    most, why = most_rows(keys, ties, parents, rooms, here.held_rows)
    for tie in ties:
        limit = most_children(tie.key, parents[tie.name], here.wanted.rows if here.wanted.explicit else 0)
        if limit and tie.required and tie.key.target != here.entity.name and parents[tie.name] * limit < most:
            most, why = parents[tie.name] * limit, f"each row of {tie.key.target} takes at most {limit}"
    if here.wanted.rows <= most:
        return here.wanted.rows, here.wanted.reason
    if here.wanted.explicit:
        here.draft.unmet.append(f"{here.entity.name}: {here.wanted.rows:,} rows were asked for, but {why}")
    return most, f"at most {most:,}: {why}"


def _lost_reference(here: TableDraft) -> str:
    """The foreign key by which SQLite refuses every row, null or not: its table does not exist."""
    lost = here.entity.options.get("lost_reference", "")
    return f"{here.entity.name} refers to {lost}, which is no table" if lost else ""


def _parent_count(here: TableDraft, tie: Tie, eligible: Eligible) -> int:
    chosen = eligible.get(tie.name)
    if chosen is not None:
        return int(chosen.size)
    if tie.key.target == here.entity.name:
        return here.existing + here.wanted.rows
    return here.draft.parents(tie.key.target)


def distinct_rooms(
    here: TableDraft, filling: Filling, domains: Mapping[str, Domain], distinct: set[str]
) -> dict[str, int]:
    """Per column that carries uniqueness, how many distinct values it can take."""
    rooms: dict[str, int] = {}
    for column in distinct:
        coded = filling.recipes[column].coded
        bound = capacity(here.types[column], domains.get(column, Domain()))
        rooms[column] = bound if coded is None else min(bound, coded.capacity)
        domain = domains.get(column, Domain())
        if Binder.sequential(here.entity.field(column)) and domain.low is None and domain.values is None:
            rooms[column] = bound - 1  # counting starts at 1
        if coded is None and not Binder.sequential(here.entity.field(column)):
            here.draft.unmet.append(
                f"{here.entity.name}.{column}: no distinct values of type {here.types[column].raw} can be made"
            )
    return rooms
