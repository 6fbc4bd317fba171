"""Two tables side by side: the same columns, read alike, as numbers.

numbers, times ─► floats (nan: null)          everything else ─► codes of the values of both sides (-1: null)
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from understudy.errors import InputError
from understudy.model.schema import Entity
from understudy.types import Kind

NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.MONEY, Kind.FLOAT, Kind.YEAR})
TIMES = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIME})

FEW = 12
"""A number with at most so many values in all is shown and compared as categories too."""


class Column(msgspec.Struct):
    """A column of both sides (and of the rows held back). ``labels``: of the codes; none for numbers."""

    name: str
    kind: str
    real: NDArray[Any]
    synthetic: NDArray[Any]
    held: NDArray[Any] | None
    labels: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers or times."""
        return not self.labels


class Paired(msgspec.Struct):
    """Columns that both sides have; ``missing``: the real columns that the synthetic table lacks."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[int, int, int]
    missing: tuple[str, ...] = ()


def pair(entity: Entity, real: pa.Table, synthetic: pa.Table, held: pa.Table | None = None) -> Paired:
    """Columns by name. Keys and references of ``entity`` are left out: their values mean nothing. InputError where no
    column is left."""
    keys = {c for u in entity.uniques if u.primary or len(u.parts) == 1 for c in u.columns}
    keys |= {c for k in entity.foreign_keys for c in k.columns}
    wanted = [f for f in entity.fields if f.name not in keys and f.name in real.column_names]
    there = [f for f in wanted if f.name in synthetic.column_names]
    if not there:
        raise InputError("no column stands on both sides", where=entity.name, mend="Compare tables of one structure.")
    columns = []
    for field in there:
        parts = [real.column(field.name), synthetic.column(field.name)]
        parts += [] if held is None else [held.column(field.name)]
        made: list[NDArray[Any]] | None = _numbers(parts) if field.type.kind in NUMBERS | TIMES else None
        labels: tuple[str, ...] = ()
        if made is None:
            made, labels = _codes(parts)
        kind = "time" if field.type.kind in TIMES and not labels else "number" if not labels else "category"
        columns.append(Column(field.name, kind, made[0], made[1], made[2] if held is not None else None, labels))
    rows = (real.num_rows, synthetic.num_rows, 0 if held is None else held.num_rows)
    return Paired(entity.name, tuple(columns), rows, tuple(f.name for f in wanted if f not in there))


def _numbers(parts: list[pa.ChunkedArray]) -> list[NDArray[Any]] | None:
    """Floats; None where one side holds something else."""
    out = []
    for part in parts:
        array = part.combine_chunks()
        t = array.type
        try:
            if pa.types.is_dictionary(t):
                array, t = array.dictionary_decode(), t.value_type
            if pa.types.is_string(t) or pa.types.is_large_string(t):
                array = _parsed(array)
            elif pa.types.is_temporal(t):
                array = array.cast(pa.time64("us") if pa.types.is_time(t) else pa.timestamp("us")).cast(pa.int64())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
        floats = array.cast(pa.float64(), safe=False)
        values = np.array(pc.fill_null(floats, float("nan")).to_numpy(zero_copy_only=False), np.float64)
        values[~np.isfinite(values)] = np.nan
        out.append(values)
    return out


def _parsed(array: pa.Array) -> pa.Array:
    """Texts as numbers or times; ArrowInvalid where they are neither."""
    try:
        return array.cast(pa.float64())
    except pa.ArrowInvalid:
        return array.cast(pa.timestamp("us")).cast(pa.int64())


def _codes(parts: list[pa.ChunkedArray]) -> tuple[list[NDArray[Any]], tuple[str, ...]]:
    texts = []
    for part in parts:
        array = part.combine_chunks()
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        try:
            texts.append(array.cast(pa.string()))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            texts.append(pa.array([None if v is None else str(v) for v in array.to_pylist()], pa.string()))
    known = pc.unique(pa.concat_arrays(texts)).drop_null()
    known = known.take(pc.sort_indices(known))
    codes = [
        np.array(pc.fill_null(pc.index_in(t, value_set=known), -1).to_numpy(zero_copy_only=False), np.int64)
        for t in texts
    ]
    return codes, tuple(known.to_pylist()) or ("",)
