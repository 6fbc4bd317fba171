"""A bounded sample of a stream of rows, spread evenly over it, without chance: every n-th row, n doubling as needed."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

FEWEST_ROWS = 1000
MOST_ROWS = 200_000


class Sampler:
    """Takes every ``stride``-th row of the batches given to it; when there are too many, every second of those goes.
    ``cells`` bounds rows times columns."""

    def __init__(self, schema: pa.Schema, cells: int) -> None:
        width = max(len(schema.names), 1)
        self.most = min(MOST_ROWS, max(FEWEST_ROWS, cells // width))
        self.schema, self.stride, self.seen = schema, 1, 0
        self._parts: list[pa.Table] = []
        self._held = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Look at the next rows."""
        first = -self.seen % self.stride
        self.seen += batch.num_rows
        table = pa.Table.from_batches([batch], self.schema)
        if self.stride > 1:
            table = table.take(pa.array(range(first, batch.num_rows, self.stride), pa.int64()))
        self._parts.append(table)
        self._held += table.num_rows
        while self._held > self.most:
            self._halve()

    def _halve(self) -> None:
        whole = pa.concat_tables(self._parts)
        self.stride *= 2
        whole = whole.take(pa.array(range(0, whole.num_rows, 2), pa.int64())).combine_chunks()
        self._parts, self._held = [whole], whole.num_rows

    @property
    def whole(self) -> bool:
        """Whether every row is in the sample."""
        return self.stride == 1

    def table(self) -> pa.Table:
        """The sample, in the rows' order."""
        return pa.concat_tables(self._parts).combine_chunks() if self._parts else self.schema.empty_table()


def sample(schema: pa.Schema, batches: Iterable[pa.RecordBatch], cells: int) -> Sampler:
    """A sampler that has seen all of ``batches``."""
    found = Sampler(schema, cells)
    for batch in batches:
        found.add(batch)
    return found
