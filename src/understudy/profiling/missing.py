"""Which columns are empty together: the patterns of nulls of a table, most frequent first."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.model.profile import Missing

MOST = 20


def missing(sample: pa.Table) -> tuple[Missing, ...]:
    """The most frequent patterns of nulls (the one without any is left out)."""
    names = [n for n in sample.column_names if sample.column(n).null_count > 0]
    if not names or not sample.num_rows:
        return ()
    masks = np.stack([pc.is_null(sample.column(n)).to_numpy() for n in names], axis=1)
    packed = np.packbits(masks, axis=1)
    different, counts = np.unique(packed, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    found = []
    for i in order:
        empty = np.unpackbits(different[i], count=len(names)).astype(bool)
        columns = tuple(n for n, e in zip(names, empty, strict=True) if e)
        if columns:
            found.append(Missing(columns, float(counts[i]) / sample.num_rows))
        if len(found) == MOST:
            break
    return tuple(found)
