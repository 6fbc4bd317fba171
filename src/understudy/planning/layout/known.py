"""Rows per parent that a model has learned: which foreign key lays a table out, and a pass over the parents that adds
up how many rows each of them wants."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.model.expression import Node
from understudy.model.learned import Along
from understudy.model.link import Known, Owned
from understudy.planning import names
from understudy.planning.draft import Draft, flat
from understudy.planning.layout.keys import KeyPlan
from understudy.planning.layout.ties import Tie
from understudy.rng import given_offsets, streams
from understudy.rng.splitting import BLOCK

Indices = NDArray[np.int64]

PASS = 16 * BLOCK
"""Parents whose counts are made at a time."""


FEW = 1 << 16
"""Parents up to which counts are settled one by one and kept, 8 bytes each."""

SHIFTED = 4.0
"""Standard errors by which the wishes of parents differ from what was seen of parents as a whole: then these are other
parents (all of one segment), and their wishes stand."""


class Wishes(msgspec.Struct, frozen=True):
    """What the ``parents`` of ``tie`` want of a table. ``column``: theirs that says so; ``sums``: per block of 4,096
    parents; ``most``: the largest wish; ``settled``: each one's, where they are few; ``other``: together they want so
    much more or less than was seen that these are other parents."""

    tie: str
    column: str
    parents: int
    sums: tuple[int, ...]
    most: int
    settled: Indices | None = None
    other: bool = False

    @property
    def natural(self) -> int:
        """Rows that they want together."""
        return sum(self.sums)


def along(draft: Draft, table: str, ties: tuple[Tie, ...], keys: KeyPlan, absent: Mapping[str, Node]) -> Along | None:
    """The foreign key along which a learned table is to be laid out, where this plan can do so: it is a must, nothing
    else settles it, and the parents are made by the model."""
    found = draft.learned(table)
    if found is None or found.along is None:
        return None
    tie = next((t for t in ties if t.name == found.along.link), None)
    if tie is None or not tie.required or tie.implied or tie.shared or tie.name in absent:
        return None
    settled = {*keys.paired, *keys.tuple_links, *(name for d in keys.decoded for name in d.links)}
    parent = draft.tables.get(tie.key.target)
    if tie.name in settled or parent is None or parent.existing or not parent.rows:
        return None
    return found.along if any(c.name == found.along.counts for c in parent.columns) else None


def wishes(draft: Draft, table: str, tie: Tie, column: str, eligible: Indices | None) -> Wishes:
    """Ask the parents, a few blocks at a time; ``eligible``: those that may have rows (None: all)."""
    parent = draft.tables[tie.key.target]
    runtime = draft.runtime()
    size = parent.rows if eligible is None else int(eligible.size)
    found = draft.learned(table)
    shares = np.array(found.counts.get(tie.key.name, ()) if found is not None else ())
    parts: list[Indices] = []
    sums: list[int] = []
    most = 0
    for first in range(0, size, PASS):
        last = min(first + PASS, size)
        rows = range(first, last) if eligible is None else eligible[first:last]
        counts = _numbers(flat(runtime.column(parent.name, column, rows)))
        sums += _by_block(counts)
        most = max(most, int(counts.max(initial=0)))
        if size <= FEW:
            parts.append(counts)
    other = _other(sum(sums), size, shares)
    if not parts or other or not shares.size:
        return Wishes(tie.name, column, size, tuple(sums), most, other=other)
    settled = _as_seen(np.concatenate(parts), shares, streams.key(draft.request.seed, table, tie.name, "ranks"))
    return Wishes(tie.name, column, size, tuple(_by_block(settled)), int(settled.max(initial=0)), settled)


def _by_block(counts: Indices) -> list[int]:
    return [int(counts[at : at + BLOCK].sum()) for at in range(0, counts.size, BLOCK)]


def _other(total: int, parents: int, shares: NDArray[np.float64]) -> bool:
    """Whether parents want together what so many of those that were seen would hardly want."""
    if not shares.size:
        return True
    numbers = np.arange(shares.size)
    mean = float((shares * numbers).sum())
    deviation = float(np.sqrt((shares * (numbers - mean) ** 2).sum()))
    return abs(total - mean * parents) > SHIFTED * deviation * float(np.sqrt(parents))


def _as_seen(wishes: Indices, shares: NDArray[np.float64], key: streams.Key) -> Indices:
    """Counts as often as they were seen, the more to those who wish for more."""
    place = (np.arange(wishes.size) + 0.5) / wishes.size
    counts = np.minimum(np.searchsorted(np.cumsum(shares), place * shares.sum()), shares.size - 1)
    order = np.lexsort((streams.bits(np.arange(wishes.size, dtype=np.int64), key), wishes))
    settled = np.empty(wishes.size, np.int64)
    settled[order] = counts
    return settled


def _numbers(values: pa.Array) -> Indices:
    return np.asarray(values.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False))


def counted(draft: Draft, table: str, wanted: Wishes, rows: int, least: int, room: int) -> Owned:
    """The counts that were wished for, met to ``rows`` in all; ``least``, ``room``: what each parent must and can have.
    The caller has made sure that so many rows fit."""
    mean = -(-rows // max(wanted.parents, 1))
    most = max(min(room, max(wanted.most, -(-wanted.most * rows // max(wanted.natural, 1)), mean)), least, mean)
    offsets = given_offsets(wanted.sums, wanted.parents, rows, least, most)
    blocks = draft.keep_indices(names.artefact(table, "blocks", wanted.tie), offsets)
    settled = ""
    if wanted.settled is not None:
        settled = draft.keep_indices(names.artefact(table, "counts", wanted.tie), wanted.settled)
    return Owned(least, most, (), Known(wanted.column, wanted.natural, blocks, settled))
