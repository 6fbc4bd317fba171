"""Parents that a model chooses: by the class that a row wants, and within it the more often the more rows a parent is
to have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from understudy.model.expression import Column
from understudy.model.learned import Chosen
from understudy.model.link import Grouped
from understudy.planning import names
from understudy.planning.draft import Draft, flat
from understudy.planning.layout.ties import Tie

Indices = NDArray[np.int64]

MOST_MEMBERS = 1 << 22
"""Places in the lists of members, 8 bytes each: counts are brought down to it."""


def can_choose(draft: Draft, tie: Tie, chosen: Chosen) -> bool:
    """Whether the parents of a tie are made by the model, so that their classes and counts are known."""
    parent = draft.tables.get(tie.key.target)
    if parent is None or parent.existing or not parent.rows or tie.shared or tie.implied:
        return False
    return {chosen.classes, chosen.counts} <= {c.name for c in parent.columns}


def grouped(draft: Draft, table: str, tie: Tie, chosen: Chosen, eligible: Indices | None) -> Grouped:
    """The link: a list of members for each class, each parent as often as it is to have rows."""
    rows = np.arange(draft.tables[tie.key.target].rows, dtype=np.int64) if eligible is None else eligible
    classes, counts = (
        np.asarray(flat(v).cast("int64").fill_null(0).to_numpy(zero_copy_only=False))[rows]
        for v in draft.parent_values(tie.key.target, (chosen.classes, chosen.counts))
    )
    if not counts.any():
        counts = np.ones(rows.size, np.int64)
    if (total := int(counts.sum())) > MOST_MEMBERS:
        counts = np.where(counts > 0, np.maximum(counts * MOST_MEMBERS // total, 1), 0)
    order = np.argsort(classes, kind="stable")
    lists = np.split(np.repeat(rows[order], counts[order]), _ends(classes, counts, chosen.size))
    some = next(i for i, members in enumerate(lists) if members.size)
    for number in (*range(some + 1, chosen.size), *range(some - 1, -1, -1)):
        if not lists[number].size:  # nobody of that class: a neighbouring leaf of the tree is most like it
            lists[number] = lists[number - 1] if number > some else lists[number + 1]
    offsets = np.concatenate([[0], np.cumsum([members.size for members in lists])]).astype(np.int64)
    return Grouped(
        Column(chosen.column),
        draft.keep_indices(names.artefact(table, "offsets", tie.name), offsets),
        draft.keep_indices(names.artefact(table, "members", tie.name), np.concatenate(lists).astype(np.int64)),
    )


def _ends(classes: Indices, counts: Indices, size: int) -> Indices:
    """Where each class but the last ends in the list of all members."""
    return np.cumsum(np.bincount(classes, counts, minlength=size).astype(np.int64))[:-1]
