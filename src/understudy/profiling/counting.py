"""Counts of one column over a whole stream, in bounded memory: rows, nulls, extremes, different values, their shares.

Up to :data:`MOST_COUNTED` different values every one is counted. Beyond, a column that has had no value twice keeps the
hashes of all (it may be a key), others go on as a HyperLogLog.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from understudy.profiling.hashing import HyperLogLog, Words, hashes
from understudy.profiling.values import is_number, is_ordered, is_text, plain

MOST_COUNTED = 20_000
MOST_HASHES = 24_000_000
"""Hashes kept of all columns together (192 MB): keys of larger tables are no longer told for certain."""


class Budget:
    """Hashes that may still be kept."""

    def __init__(self, most: int = MOST_HASHES) -> None:
        self.left = most


class Counts:
    """What is known of a column so far."""

    def __init__(self, kind: pa.DataType, budget: Budget) -> None:
        self.kind, self.budget = kind, budget
        self.rows = self.nulls = self.infinite = 0
        self.low: object = None
        self.high: object = None
        self.total = self.squares = 0.0
        self.exact = True
        self._countable = not pa.types.is_nested(kind)
        self._parts: list[pa.Table] = []
        self._pending = 0
        self._sketch: HyperLogLog | None = None
        self._hashes: list[Words] | None = None
        self._kept = 0
        self._checked = 0

    def add(self, column: pa.ChunkedArray | pa.Array) -> None:
        """Take in the next rows."""
        values = plain(column)
        self.rows += len(values)
        self.nulls += values.null_count
        if len(values) == values.null_count:
            return
        if pa.types.is_floating(values.type):
            values = self._finite(values)
        self._extremes(values)
        if self._sketch is None and self._hashes is None and self._countable:
            self._count(values)
        else:
            self._hash(hashes(values))

    def _finite(self, values: pa.Array) -> pa.Array:
        odd = pc.invert(pc.is_finite(values))
        count = pc.sum(odd).as_py() or 0
        if not count:
            return values
        self.infinite += count
        return pc.if_else(odd, pa.scalar(None, values.type), values)

    def _extremes(self, values: pa.Array) -> None:
        if not (is_ordered(values.type) or is_text(values.type)):
            return
        found = pc.min_max(values)
        low, high = found["min"], found["max"]
        if not low.is_valid:
            return
        self.low = low if self.low is None or pc.less(low, self.low).as_py() else self.low
        self.high = high if self.high is None or pc.greater(high, self.high).as_py() else self.high
        if is_number(values.type):
            floats = pc.cast(values, pa.float64(), safe=False)
            self.total += pc.sum(floats).as_py() or 0.0
            self.squares += pc.sum(pc.multiply(floats, floats)).as_py() or 0.0

    # ---- different values -----------------------------------------------------------------------
    def _count(self, values: pa.Array) -> None:
        counted = pc.value_counts(values.drop_null())
        self._parts.append(pa.table({"v": counted.field(0), "n": counted.field(1)}))
        self._pending += len(counted)
        if self._pending > 4 * MOST_COUNTED:
            self._merge()
            if self._pending > MOST_COUNTED:
                self._overflow()

    def _merge(self) -> None:
        if len(self._parts) > 1:
            whole = pa.concat_tables(self._parts)
            self._parts = [whole.group_by("v").aggregate([("n", "sum")]).rename_columns(["v", "n"])]
        self._pending = sum(p.num_rows for p in self._parts)

    def _overflow(self) -> None:
        whole = self._parts[0]
        words = hashes(plain(whole.column("v")))
        once = (pc.max(whole.column("n")).as_py() or 0) <= 1
        self._parts, self._pending = [], 0
        if once and self.budget.left > 0:
            self._hashes = []
        self._hash(words, fresh=True)

    def _hash(self, words: Words, *, fresh: bool = False) -> None:
        if self._hashes is None:
            self._sketch = self._sketch or HyperLogLog()
            self._sketch.add(words)
            return
        self._hashes.append(words)
        self._kept += words.size
        self.budget.left -= words.size
        if fresh or self._kept >= 2 * self._checked or self.budget.left <= 0:
            self._check()

    def _check(self) -> None:
        """Whether all hashes are still different; where not, or where there is no room, a sketch must do."""
        assert self._hashes is not None
        together = np.sort(np.concatenate(self._hashes)) if self._hashes else np.empty(0, np.uint64)
        self._hashes, self._checked = [together], together.size
        if self.budget.left > 0 and not bool((together[1:] == together[:-1]).any()):
            return
        self.budget.left += together.size
        self._hashes, self._sketch = None, HyperLogLog()
        self._sketch.add(together)

    def distinct(self) -> int:
        """How many different values there are; :attr:`exact` tells whether that is certain."""
        if self._hashes is not None:
            self._check()
        if self._hashes is not None:
            return self._checked
        if self._sketch is not None:
            self.exact = False
            return min(self._sketch.estimate(), self.rows - self.nulls)
        self._merge()
        if self._pending > MOST_COUNTED:
            return self._pending
        return self._pending

    def counted(self) -> pa.Table | None:
        """All values (``v``) with their counts (``n``), most frequent first, as long as every one is counted."""
        if self._sketch is not None or self._hashes is not None or not self._countable:
            return None
        self._merge()
        if not self._parts:
            return pa.table({"v": pa.array([], self.kind), "n": pa.array([], pa.int64())})
        return self._parts[0].sort_by([("n", "descending"), ("v", "ascending")])
