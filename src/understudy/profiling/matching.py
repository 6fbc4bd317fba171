"""Who belongs to whom: rows of a table matched to the rows that a foreign key names."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.model.schema import ForeignKey


def parents_of(key: ForeignKey, child: pa.Table, parent: pa.Table) -> NDArray[np.int64]:
    """Per child its parent's row; -1 where the reference is empty, or names nobody."""
    mine, theirs = np.zeros(child.num_rows, np.int64), np.zeros(parent.num_rows, np.int64)
    lost = np.zeros(child.num_rows, np.bool_)
    for own, other in zip(key.columns, key.target_columns, strict=True):
        above = parent.column(other).combine_chunks()
        values = pc.unique(above)
        below = child.column(own).combine_chunks()
        left = np.asarray(pc.fill_null(pc.index_in(below.cast(values.type), value_set=values), -1), np.int64)
        right = np.asarray(pc.fill_null(pc.index_in(above, value_set=values), -1), np.int64)
        lost |= (left < 0) | np.asarray(pc.is_null(below).to_numpy(zero_copy_only=False))
        mine = mine * (len(values) + 1) + left + 1
        theirs = theirs * (len(values) + 1) + right + 1
    order = np.argsort(theirs, kind="stable")
    if not order.size:
        return np.full(mine.size, -1, np.int64)
    place = np.minimum(np.searchsorted(theirs[order], mine), order.size - 1)
    return np.where(lost | (theirs[order][place] != mine), -1, order[place])
