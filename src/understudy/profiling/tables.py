"""One pass over a table's rows: counts of every column over all rows, and a bounded sample for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from understudy.model.profile import ColumnProfile, TableProfile
from understudy.profiling.columns import column_profile
from understudy.profiling.counting import Budget, Counts
from understudy.profiling.sample import Sampler

SAMPLE_CELLS = 4_000_000
"""Cells of the sample: with pairs and all about 200 MB at the most."""


class Pass:
    """A table being read: give it every batch, then ask for the profile."""

    def __init__(self, name: str, schema: pa.Schema, cells: int = SAMPLE_CELLS) -> None:
        budget = Budget()
        self.name, self.schema = name, schema
        self.counts = [Counts(f.type, budget) for f in schema]
        self.sampler = Sampler(schema, cells)

    def add(self, batch: pa.RecordBatch) -> None:
        """The next rows."""
        self.sampler.add(batch)
        for counts, column in zip(self.counts, batch.columns, strict=True):
            counts.add(column)

    def profile(self, kinds: Mapping[str, str] | None = None) -> TableProfile:
        """What was measured. ``kinds``: logical kinds of columns, where they say more than Arrow's types."""
        sample = self.sampler.table()
        columns = tuple(
            column_profile(f.name, (kinds or {}).get(f.name, str(f.type)), c, sample.column(i))
            for i, (f, c) in enumerate(zip(self.schema, self.counts, strict=True))
        )
        return TableProfile(
            name=self.name,
            rows=self.sampler.seen,
            columns=columns,
            sampled=None if self.sampler.whole else sample.num_rows,
            keys=_single_keys(columns),
        )


def _single_keys(columns: Iterable[ColumnProfile]) -> tuple[tuple[str, ...], ...]:
    return tuple((c.name,) for c in columns if c.unique and not c.nulls)


def profile_table(
    name: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    kinds: Mapping[str, str] | None = None,
    cells: int = SAMPLE_CELLS,
) -> TableProfile:
    """The profile of a table whose rows come in ``batches`` of ``schema``, in one pass and bounded memory."""
    reading = Pass(name, schema, cells)
    for batch in batches:
        reading.add(batch)
    return reading.profile(kinds)
