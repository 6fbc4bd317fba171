"""Small plans by hand, and streams of ready-made rows."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from understudy.model.batch import Batch
from understudy.model.expression import Row
from understudy.model.plan import LoadStep, Plan, PlannedColumn, PlannedTable
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, Identity, KeyPart, Schema, Unique
from understudy.ports.sink import Stream
from understudy.types import Kind, Type

INTEGER, TEXT = Type(Kind.INTEGER), Type(Kind.TEXT)
Data = dict[str, pa.Table]


def planned(entity: Entity, data: pa.Table) -> PlannedTable:
    omitted = {f.name for f in entity.fields if f.generated}
    columns = tuple(
        PlannedColumn(f.name, f.type, Row(), omitted=f.name in omitted)
        for f in entity.fields
        if f.name in data.column_names
    )
    return PlannedTable(entity.name, data.num_rows, columns)


def plan_of(schema: Schema, data: Data, *steps: LoadStep, batch_rows: int = 10) -> Plan:
    tables = tuple(planned(schema.entity(n), t) for n, t in data.items())
    load = steps or tuple(LoadStep((n,)) for n in data)
    return Plan(schema, tables, load, seed=1, clock=0, batch_rows=batch_rows)


def stream_of(data: Data, batch_rows: int = 10, *, fail_at: tuple[str, int] | None = None) -> Stream:
    """Rows of ready-made tables; at row ``fail_at`` of a table the power goes."""

    def stream(table: str, start: int, stop: int) -> Iterator[Batch]:
        for a in range(start, stop, batch_rows):
            b = min(a + batch_rows, stop)
            if fail_at is not None and fail_at[0] == table and b > fail_at[1]:
                raise KeyboardInterrupt
            record = data[table].slice(a, b - a).combine_chunks().to_batches()
            yield Batch(table, a, b, record[0] if record else pa.RecordBatch.from_pylist([], data[table].schema))

    return stream


def key(*columns: str, name: str = "") -> Unique:
    return Unique(name, tuple(KeyPart(c) for c in columns), primary=True)


def family(dialect: str, *, check: str = "age >= 0", types: tuple[str, str] = ("integer", "text")) -> Schema:
    """Parents and children with a primary key, a unique key, a check and a foreign key."""
    whole, words = (Type(Kind.INTEGER, bits=32, raw=types[0]), Type(Kind.TEXT, length=100, raw=types[1]))
    parent = Entity(
        "parent",
        (Field("id", whole, False), Field("label", words), Field("age", whole, False)),
        (key("id", name="parent_pk"), Unique("parent_label", (KeyPart("label"),))),
        checks=(Rule("parent_age", check, ("age",), dialect),),
    )
    child = Entity(
        "child",
        (Field("id", whole, False), Field("parent_id", whole, False)),
        (key("id", name="child_pk"),),
        (ForeignKey("child_parent", ("parent_id",), "parent", ("id",)),),
    )
    return Schema("family", (parent, child), dialect=dialect)


def family_rows(parents: int = 25, children: int = 60, first: int = 1) -> Data:
    whole = pa.int32()
    ids = list(range(first, first + parents))
    return {
        "parent": pa.table(
            {
                "id": pa.array(ids, whole),
                "label": pa.array([None if i % 7 == 0 else f"label {i}" for i in ids]),
                "age": pa.array([i % 90 for i in ids], whole),
            }
        ),
        "child": pa.table(
            {
                "id": pa.array(range(first, first + children), whole),
                "parent_id": pa.array([first + i % parents for i in range(children)], whole),
            }
        ),
    }


__all__ = ["INTEGER", "TEXT", "Identity", "Kind", "Type", "family", "family_rows", "key", "plan_of", "stream_of"]
