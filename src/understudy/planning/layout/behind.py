"""Rows added to those in the target count on from them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from understudy.model.domain import Domain
from understudy.planning.binding.columns import Binder
from understudy.planning.draft import flat
from understudy.planning.layout.links import Indices, common_codes
from understudy.planning.layout.ties import Tie
from understudy.planning.table_draft import TableDraft


def behind(here: TableDraft, tie: Tie, column: str, domain: Domain) -> Indices | None:
    """Per parent how many numbers of ``column`` lie at or below the greatest that its rows in the target have."""
    columns = None if here.held is None else here.held.columns
    if columns is None or not {column, *tie.key.columns} <= set(columns.column_names):
        return None
    there = [flat(columns.column(c)) for c in tie.key.columns]
    mine, theirs = common_codes(here.draft.parent_values(tie.key.target, tie.key.target_columns), there)
    numbers = flat(columns.column(column)).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    used = np.zeros(max(int(mine.max(initial=-1)), int(theirs.max(initial=-1))) + 2, np.int64)
    np.maximum.at(used, theirs, numbers - Binder.first(domain) + 1)
    used[-1] = 0  # what -1, no parent, has read and written
    return np.where(mine >= 0, used[mine], 0)
