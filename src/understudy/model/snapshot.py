"""Snapshots: what a target held before, as far as planning needs it."""

from __future__ import annotations

import msgspec
import pyarrow as pa


class TableSnapshot(msgspec.Struct, frozen=True):
    """``rows``: how many there are. ``columns``: those that keys and children need, as an Arrow table of
    at most ``limit`` rows; ``complete``: every row is in it. ``maxima``: greatest value of whole-number
    key columns; ``sequences``: next value of the sequence behind a column, where there is one."""

    name: str
    rows: int
    columns: pa.Table | None = None
    complete: bool = True
    maxima: dict[str, int] = {}
    sequences: dict[str, int] = {}


class Snapshot(msgspec.Struct, frozen=True):
    """The target's tables that hold rows, by entity name."""

    tables: dict[str, TableSnapshot] = {}
    fingerprint: str = ""
