"""Keys of rows that come beside real ones: beyond all that are there, and what refers to them with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from understudy.errors import RequestError
from understudy.model.schema import Entity, Schema

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


def beyond(schema: Schema, made: Mapping[str, pa.Table], real: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """``made`` with whole-number keys moved beyond those of ``real``, and the references to them. RequestError where
    other unique values meet real ones."""
    import pyarrow as pa
    import pyarrow.compute as pc

    moved: dict[tuple[str, str], int] = {}
    for name, table in made.items():
        entity = schema.entity(name)
        referring = {c for k in entity.foreign_keys for c in k.columns}
        for unique in entity.uniques:
            own = [c for c in unique.columns if c not in referring and c in table.column_names]
            if name not in real or not own or len(unique.columns) > 1:
                continue
            if pa.types.is_integer(table.column(own[0]).type):
                held = real[name].column(own[0])
                if pa.types.is_integer(held.type) and held.null_count < len(held):
                    moved[name, own[0]] = int(pc.max(held).as_py()) + 1 - int(pc.min(table.column(own[0])).as_py())
    out = {}
    for name, table in made.items():
        entity = schema.entity(name)
        shifts = {c: s for (n, c), s in moved.items() if n == name}
        for key in entity.foreign_keys:
            for column, target in zip(key.columns, key.target_columns, strict=True):
                if (key.target, target) in moved and column in table.column_names:
                    shifts[column] = moved[key.target, target]
        for column, shift in shifts.items():
            values = pc.add(table.column(column), pa.scalar(shift, table.schema.field(column).type))
            table = table.set_column(table.column_names.index(column), column, values)
        out[name] = table
        if name in real:
            _apart(entity, table, real[name])
    return out


def _apart(entity: Entity, made: pa.Table, real: pa.Table) -> None:
    """RequestError where values that must be unique meet real ones."""
    for unique in entity.uniques:
        columns = list(unique.columns)
        if unique.predicate or not set(columns) <= set(made.column_names) & set(real.column_names):
            continue
        sides = [t.select(columns).drop_null() for t in (made, real)]
        sides[1] = sides[1].cast(sides[0].schema, safe=False)
        both = sides[0].join(sides[1], columns, join_type="inner")
        if both.num_rows:
            raise RequestError(
                f"{both.num_rows:,} new values of {', '.join(columns)} are there already",
                where=entity.name,
                mend="Try another --seed.",
            )


def next_keys(entity: Entity, out: pa.Table, real: pa.Table, owner: NDArray[np.int64], seed: int) -> pa.Table:
    """``out`` with the columns of keys that it lacks: whole numbers count on (within an entity, where its key is part
    of theirs), UUIDs are fresh, in the order of the real rows' columns. RequestError for unique values of other kinds.
    """
    import pyarrow as pa

    for unique in sorted(entity.uniques, key=lambda u: not u.primary):
        lacking = [c for c in unique.columns if c not in out.column_names and c in real.column_names]
        if not lacking:
            continue
        *others, last = lacking
        kind = real.schema.field(last).type
        within = [c for c in unique.columns if c not in lacking]
        if not others and pa.types.is_integer(kind):
            out = out.append_column(last, pa.array(_counted(out, real, last, within), kind))
        elif not others and not within and _uuids(real, last):
            out = out.append_column(
                last, pa.array(_fresh(out.num_rows, entity.name, last, seed), pa.string()).cast(kind)
            )
        elif all(entity.field(c).nullable for c in lacking) and not unique.primary:
            for column in lacking:
                out = out.append_column(column, pa.nulls(out.num_rows, real.schema.field(column).type))
        else:
            raise RequestError(
                f"{', '.join(lacking)} must be unique, and nothing says what comes next",
                where=entity.name,
                mend="Keys that go on are whole numbers and UUIDs.",
            )
    lost = [f.name for f in entity.fields if f.name in real.column_names and f.name not in out.column_names]
    for column in lost:
        out = out.append_column(column, pa.nulls(out.num_rows, real.schema.field(column).type))
    return out.select([n for n in real.column_names if n in out.column_names])


def _counted(out: pa.Table, real: pa.Table, column: str, within: list[str]) -> NDArray[np.int64]:
    """Whole numbers that count on: over all, or within rows that are equal in ``within``."""
    import numpy as np
    import pyarrow as pa

    held = np.asarray(real.column(column).combine_chunks().cast(pa.int64()).fill_null(0))
    if not within:
        return int(held.max(initial=0)) + 1 + np.arange(out.num_rows)
    below, above = ([tuple(r.values()) for r in t.select(within).to_pylist()] for t in (out, real))
    last: dict[tuple[object, ...], int] = {}
    for group, number in zip(above, held.tolist(), strict=True):
        last[group] = max(last.get(group, number), number)
    told = np.empty(out.num_rows, np.int64)
    for i, group in enumerate(below):
        last[group] = last.get(group, 0) + 1
        told[i] = last[group]
    return told


def _uuids(real: pa.Table, column: str) -> bool:
    import re

    some = [v for v in real.column(column).slice(0, 50).to_pylist() if v is not None]
    return bool(some) and all(re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", str(v)) for v in some)


def _fresh(size: int, table: str, column: str, seed: int) -> list[str]:
    import uuid

    import numpy as np

    from understudy.rng import bits, key

    high, low = (bits(np.arange(size), key(seed, table, column, "uuid", part)) for part in (0, 1))
    return [str(uuid.UUID(int=(int(a) << 64) | int(b), version=4)) for a, b in zip(high, low, strict=True)]
