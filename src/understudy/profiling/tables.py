"""One pass over a table's rows: counts of every column over all rows, and a bounded sample for everything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec
import pyarrow as pa

from understudy.model.profile import ColumnProfile, Flaw, TableProfile
from understudy.profiling.columns import column_profile
from understudy.profiling.counting import Budget, Counts
from understudy.profiling.missing import missing
from understudy.profiling.pairs import (
    Paired,
    associations,
    composite_keys,
    dependencies,
    duplicates,
    orderings,
    sums,
)
from understudy.profiling.sample import Sampler

SAMPLE_CELLS = 4_000_000
"""Cells of the sample: with pairs and all about 200 MB at the most."""


class Depth(StrEnum):
    """How much is measured: single columns; also keys of several columns, orders and sums; or everything."""

    COLUMNS = "columns"
    RULES = "rules"
    ALL = "all"


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

    def profile(self, kinds: Mapping[str, str] | None = None, depth: Depth = Depth.COLUMNS) -> TableProfile:
        """What was measured. ``kinds``: logical kinds of columns, where they say more than Arrow's types."""
        sample = self.sampler.table()
        columns = tuple(
            column_profile(f.name, (kinds or {}).get(f.name, str(f.type)), c, sample.column(i))
            for i, (f, c) in enumerate(zip(self.schema, self.counts, strict=True))
        )
        found = TableProfile(
            name=self.name,
            rows=self.sampler.seen,
            columns=columns,
            sampled=None if self.sampler.whole else sample.num_rows,
            keys=_single_keys(columns),
        )
        return found if depth is Depth.COLUMNS else _deeper(found, sample, depth)


def _single_keys(columns: Iterable[ColumnProfile]) -> tuple[tuple[str, ...], ...]:
    return tuple((c.name,) for c in columns if c.unique and not c.nulls)


UNFIT = ("float", "decimal", "json", "array", "struct", "map", "binary")
"""Kinds of columns that are no part of a key."""


def _deeper(found: TableProfile, sample: pa.Table, depth: Depth) -> TableProfile:
    """The same with what holds between columns."""
    paired = Paired(sample)
    keys = found.keys
    if not keys and found.rows == paired.rows:
        fit = [c.name for c in found.columns if not c.nulls and c.kind not in UNFIT]
        keys = composite_keys(paired, fit)
    found = msgspec.structs.replace(found, keys=keys, orderings=orderings(paired), sums=sums(paired))
    if depth is Depth.RULES:
        return found
    return msgspec.structs.replace(
        found,
        associations=associations(paired),
        dependencies=dependencies(paired),
        missing=missing(sample),
        duplicates=duplicates(paired),
        flaws=_flaws(found, paired),
    )


def _flaws(found: TableProfile, paired: Paired) -> tuple[Flaw, ...]:
    """What looks wrong with the table as a whole."""
    told = []
    for column in found.columns:
        if column.rows and column.nulls == column.rows:
            told.append(Flaw(f"{column.name} is empty in every row", 1.0))
        elif column.distinct == 1 and column.rows > 1:
            told.append(Flaw(f"{column.name} is the same in every row that has it", 1.0 - column.null_share))
    share = duplicates(paired)
    if share:
        told.append(Flaw("rows that repeat an earlier one", share))
    return tuple(told)


def profile_table(
    name: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    kinds: Mapping[str, str] | None = None,
    cells: int = SAMPLE_CELLS,
    depth: Depth = Depth.COLUMNS,
) -> TableProfile:
    """The profile of a table whose rows come in ``batches`` of ``schema``, in one pass and bounded memory."""
    reading = Pass(name, schema, cells)
    for batch in batches:
        reading.add(batch)
    return reading.profile(kinds, depth)
