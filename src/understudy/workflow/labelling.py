"""Which rows of a plan were made to stand out, as the manifest labels them."""

from __future__ import annotations

import numpy as np

from understudy.model.bundle import Bundle
from understudy.model.manifest import Anomalous

ANOMALY = "$anomaly"
MOST = 100_000
"""Rows that a manifest names; of more it says how many there are."""
PART = 1 << 16


def anomalies(bundle: Bundle) -> tuple[Anomalous, ...]:
    """Per table with such rows how many there are, and where."""
    from understudy.kernels import Runtime

    out = []
    for table in bundle.plan.tables:
        if all(c.name != ANOMALY for c in table.columns):
            continue
        runtime, found, number = Runtime(bundle), list[int](), 0
        for start in range(0, table.rows, PART):
            size = min(PART, table.rows - start)
            told = runtime.column(table.name, ANOMALY, range(start, start + size))
            places = np.flatnonzero(np.asarray(told.to_numpy(zero_copy_only=False), np.bool_)) + start
            number += places.size
            found += places.tolist()[: MOST - len(found)]
        out.append(Anomalous(table.name, number, tuple(found)))
    return tuple(out)
