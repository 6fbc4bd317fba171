"""Which parents may be chosen: those that checks on the key permit, that other foreign keys over the same
columns also have, and that are not yet taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.model.domain import Domain
from understudy.model.schema import Entity, ForeignKey
from understudy.model.snapshot import TableSnapshot
from understudy.planning.draft import Draft, flat
from understudy.planning.layout.keys import KeyPlan
from understudy.planning.layout.links import common_codes, group_members
from understudy.planning.layout.ties import Tie, owners
from understudy.planning.lessons import narrowed_parents

Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]


def eligible_parents(
    draft: Draft,
    entity: Entity,
    ties: tuple[Tie, ...],
    keys: KeyPlan,
    domains: Mapping[str, Domain],
    held: TableSnapshot | None,
    apart: tuple[frozenset[str], ...] = (),
    looks: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> dict[str, Indices | None]:
    """Per tie the indices of parents that may be chosen; None: all of them. ``apart``: pairs of columns that
    rules forbid to be equal: where both are required, a group of one parent does not do. ``looks``: per tie, the
    columns whose domain is asked of the parent's column."""
    masks: dict[str, Mask] = {}
    for tie in ties:
        if tie.key.target == entity.name:
            continue
        if tie.key.target not in draft.tables:  # behind this table in a cycle: its new rows are nobody's yet
            there = draft.held(tie.key.target)
            if there is not None and there.columns is not None and tie.name in keys.paired:
                _restrict(masks, tie, np.arange(draft.parents(tie.key.target)) >= there.columns.num_rows)
            continue
        if not tie.implied:
            for column in tie.own:
                _restrict(masks, tie, _permitted(draft, tie, tie.target_of(column), domains.get(column, Domain())))
        for name, column in (looks or {}).get(tie.name, ()):
            _restrict(masks, tie, _permitted(draft, tie, column, domains.get(name, Domain())))
        _restrict(masks, tie, narrowed_parents(draft, entity.name, tie.key.name, tie.key.target))
        _follow(draft, entity, ties, tie, masks, _at_least(entity, tie, ties, apart))
        if held is not None and held.columns is not None and not tie.implied:
            _restrict(masks, tie, _untaken(draft, tie, keys, held))
    return {t.name: None if t.name not in masks else np.flatnonzero(masks[t.name]).astype(np.int64) for t in ties}


def _restrict(masks: dict[str, Mask], tie: Tie, mask: Mask | None) -> None:
    if mask is not None and not mask.all():
        masks[tie.name] = masks[tie.name] & mask if tie.name in masks else mask


def _permitted(draft: Draft, tie: Tie, column: str, domain: Domain) -> Mask | None:
    """Parents whose ``column`` a check of the child permits."""
    if domain.values is None and domain.low is None and domain.high is None and not domain.refused:
        return None
    values = draft.parent_values(tie.key.target, [column])[0]
    if domain.values is not None:
        wanted = pa.array(list(domain.values)).cast(values.type)
        import pyarrow.compute as pc

        permitted: Mask = pc.is_in(values, value_set=wanted).to_numpy(zero_copy_only=False)
        return permitted
    if not pa.types.is_integer(values.type):
        return None
    numbers: Indices = values.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    low = -(1 << 62) if domain.low is None else domain.low
    high = (1 << 62) if domain.high is None else domain.high
    return (numbers >= low) & (numbers <= high) & ~np.isin(numbers, [v for v in domain.refused if isinstance(v, int)])


def _at_least(entity: Entity, tie: Tie, ties: tuple[Tie, ...], apart: tuple[frozenset[str], ...]) -> int:
    """How many parents a group needs for ``tie``: one, and one more for every other tie to the same parents that
    it must differ from."""
    settled = owners(ties)
    others = {c for pair in apart if pair & set(tie.own) for c in pair - set(tie.own)}
    rivals = {settled[c].name for c in others if c in settled and settled[c].required}
    return 1 + sum(1 for t in ties if t.name in rivals and t.key.target == tie.key.target)


def _follow(
    draft: Draft, entity: Entity, ties: tuple[Tie, ...], tie: Tie, masks: dict[str, Mask], least: int = 1
) -> None:
    """What a tie that shares columns demands of the tie that settles them."""
    if not tie.shared or not (tie.implied or tie.required):
        return
    settlers = {owners(ties)[c].name for c in tie.shared}
    settler = next((t for t in ties if t.name in settlers), None)
    if len(settlers) != 1 or settler is None or settler.key.target not in draft.tables:
        if tie.implied:
            draft.warnings.append(
                f"{entity.name}: foreign key {tie.name} lies across several others; its rows are verified afterwards"
            )
        return
    if settler.key.target == tie.key.target and _same_columns(settler, tie):
        return
    if tie.implied and _guaranteed(draft.entity(settler.key.target), settler, tie):
        return
    group, offsets, _ = group_members(draft, settler, tie)
    fits = group >= 0
    if least > 1:
        sizes = np.append(np.diff(offsets), 0)  # -1, no group, reads the last
        fits &= sizes[group] >= least
    _restrict(masks, settler, fits)


def _same_columns(settler: Tie, tie: Tie) -> bool:
    return all(c in settler.key.columns and settler.target_of(c) == tie.target_of(c) for c in tie.shared)


def _guaranteed(parent: Entity, settler: Tie, tie: Tie) -> bool:
    """Whether the settling parent itself refers to the same row, so that nothing is left to ask."""
    pairs = {(settler.target_of(c), tie.target_of(c)) for c in tie.shared}

    def says_so(key: ForeignKey) -> bool:
        return key.target == tie.key.target and pairs <= set(zip(key.columns, key.target_columns, strict=True))

    return any(says_so(k) for k in parent.foreign_keys)


def _untaken(draft: Draft, tie: Tie, keys: KeyPlan, held: TableSnapshot) -> Mask | None:
    """Parents without a row yet (one-to-one), or new ones (numbered within the parent)."""
    parents = draft.parents(tie.key.target)
    anchors = {d.anchor for d in keys.decoded if not d.joins}
    if tie.name in anchors:
        old = draft.tables[tie.key.target].existing
        fresh = np.arange(parents) >= old
        return fresh if fresh.any() else None
    if (
        tie.name not in keys.paired
        or held.columns is None
        or not set(tie.key.columns) <= set(held.columns.column_names)
    ):
        return None
    there = [flat(held.columns.column(c)) for c in tie.key.columns]
    mine, theirs = common_codes(draft.parent_values(tie.key.target, tie.key.target_columns), there)
    return ~np.isin(mine, theirs)
