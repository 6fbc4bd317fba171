"""Whether one table's columns refer to another's: which values are found there, and how many children parents have."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.model.profile import Inclusion
from understudy.profiling.hashing import Words, hashes, mixed
from understudy.profiling.values import plain

MOST_FANOUT = 64
"""Children per parent that are told one by one."""
MOST_ROWS = 50_000_000
"""Rows of which the keys' hashes are kept (400 MB): of larger tables the first."""


class KeySide(msgspec.Struct, frozen=True):
    """Columns of a table that may refer or be referred to, and a way to read them."""

    table: str
    columns: tuple[str, ...]
    rows: Callable[[], Iterator[pa.RecordBatch]]


def inclusion(child: KeySide, parent: KeySide) -> Inclusion:
    """How the child's columns lie in the parent's: on hashes of all rows that have a value in every column."""
    mine, theirs = _words(child), np.unique(_words(parent))
    own, counts = np.unique(mine, return_counts=True)
    share = float(np.isin(own, theirs, assume_unique=True).mean()) if own.size else 0.0
    places = np.searchsorted(own, theirs)
    places[places == own.size] = 0
    hits = own[places] == theirs if own.size else np.zeros(theirs.size, bool)
    children = np.where(hits, counts[places] if own.size else 0, 0)
    shares = np.bincount(np.minimum(children, MOST_FANOUT), minlength=1) / max(theirs.size, 1)
    return Inclusion(
        child=child.table,
        columns=child.columns,
        parent=parent.table,
        target=parent.columns,
        share=share,
        fanout=tuple(round(float(x), 6) for x in shares),
        mean=float(children.mean()) if theirs.size else 0.0,
        most=int(children.max(initial=0)),
    )


def _words(side: KeySide) -> Words:
    parts: list[Words] = []
    rows = 0
    for batch in side.rows():
        columns = [plain(batch.column(c)) for c in side.columns]
        parts.append(together(columns))
        rows += batch.num_rows
        if rows > MOST_ROWS:
            break
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def together(columns: list[pa.Array]) -> Words:
    """A hash per row that has a value in every column."""
    import pyarrow.compute as pc

    there = pc.is_valid(columns[0])
    for column in columns[1:]:
        there = pc.and_(there, pc.is_valid(column))
    found: NDArray[np.uint64] | None = None
    for i, column in enumerate(columns):
        own = hashes(column.filter(there))
        found = own if found is None else mixed(found ^ (own + np.uint64(i)))
    assert found is not None
    return found
