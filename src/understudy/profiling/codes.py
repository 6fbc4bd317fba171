"""A sample's columns as small whole numbers, so that pairs of any types can be compared by counting.

Every value gets a code (:func:`exact`), or every group of values (:func:`binned`: quantiles of what has an order, the
most frequent of the rest). Null is a value like any other.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.profiling.hashing import hashes
from understudy.profiling.values import as_floats, is_ordered, plain

Codes = NDArray[np.int64]
BINS = 24
"""Groups of a column with an order: enough to see a dependence, few enough that 5,000 rows fill them."""
WORDS = 64
"""Groups of one without."""


def exact(column: pa.ChunkedArray | pa.Array) -> Codes:
    """0 … k-1 for k different values, k for null."""
    values = plain(column)
    there = pc.is_valid(values).to_numpy(zero_copy_only=False)
    different, places = np.unique(hashes(values), return_inverse=True)
    found = np.full(len(values), different.size, np.int64)
    found[there] = places
    return found


def binned(column: pa.ChunkedArray | pa.Array, codes: Codes) -> Codes:
    """At most :data:`BINS` or :data:`WORDS` groups; ``codes``: the column's exact ones."""
    different = int(codes.max(initial=0)) + 1
    values = plain(column)
    ordered = is_ordered(values.type)
    if different <= (BINS if ordered else WORDS):
        return codes
    if ordered:
        floats = as_floats(values)
        edges = np.unique(np.nanquantile(floats, np.arange(1, BINS - 1) / (BINS - 1)))
        groups = np.searchsorted(edges, floats, side="right")
        return np.where(np.isnan(floats), edges.size + 1, groups).astype(np.int64)
    counts = np.bincount(codes, minlength=different)
    ranks = np.empty(different, np.int64)
    ranks[np.argsort(-counts, kind="stable")] = np.arange(different)
    return np.minimum(ranks[codes], WORDS - 1)
