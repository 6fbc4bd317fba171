"""Nested rows as flat tables: records inside rows become columns, lists of records become tables of their own.

    orders: {id, customer: {name}, lines: [{sku, n}]}
      ─►  orders(id, customer_name), orders_lines(order_id, position, sku, n)

A row's children say to which row they belong by its key; where it has none, rows are numbered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from understudy.sources.files.keys import KEY_ENDING, KEY_NAME
from understudy.sources.files.sheet import Faults, Sheet

Rows = Callable[[], Iterator[pa.RecordBatch]]
DEEPEST = 8
"""Levels of nesting that are taken apart; what lies deeper stays a document."""
PROBED = 100_000
"""Rows on which a key is looked for."""


class Origin(msgspec.Struct, frozen=True):
    """What all tables of one file share."""

    place: str
    faults: Faults
    size_bytes: int
    style: str
    loose: bool
    lines: Callable[[int], str] | None = None
    keep: object = None


class _Node(msgspec.Struct):
    """A table in the making: ``path``: where its list lies in the parent's flattened row ("" for the root)."""

    name: str
    schema: pa.Schema
    children: dict[str, _Node]
    key: tuple[str, ...] = ()
    numbered: bool = False
    parent: _Node | None = None
    column: str = ""


def tables(name: str, schema: pa.Schema, rows: Rows, origin: Origin, *, apart: bool = False) -> list[Sheet]:
    """The tables of a stream of nested rows. ``apart``: the stream is one record, whose lists are tables that belong to
    nobody."""
    flat = flattened(schema)
    if apart and any(_records(f.type) for f in flat):
        return _apart(flat, rows, origin)
    root = _node(name, flat, 0)
    if root.children:
        _keys(root, rows)
    return list(_sheets(root, root, rows, origin))


def flattened(schema: pa.Schema) -> pa.Schema:
    """The schema with records opened into columns."""
    while any(pa.types.is_struct(f.type) and f.type.num_fields for f in schema):
        fields = []
        for f in schema:
            if pa.types.is_struct(f.type) and f.type.num_fields:
                fields += [pa.field(f"{f.name}_{inner.name}", inner.type) for inner in f.type]
            else:
                fields.append(f)
        schema = pa.schema(_distinct(fields))
    return schema


def _distinct(fields: Sequence[pa.Field]) -> list[pa.Field]:
    taken: dict[str, int] = {}
    found = []
    for f in fields:
        taken[f.name] = taken.get(f.name, 0) + 1
        found.append(f if taken[f.name] == 1 else pa.field(f"{f.name}_{taken[f.name]}", f.type))
    return found


def flat_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch with records opened into columns, as :func:`flattened` says."""
    while any(pa.types.is_struct(t) and t.num_fields for t in batch.schema.types):
        fields, arrays = [], []
        for f, column in zip(batch.schema, batch.columns, strict=True):
            if pa.types.is_struct(f.type) and f.type.num_fields:
                for inner, part in zip(f.type, column.flatten(), strict=True):
                    fields.append(pa.field(f"{f.name}_{inner.name}", inner.type))
                    arrays.append(part)
            else:
                fields.append(f)
                arrays.append(column)
        batch = pa.RecordBatch.from_arrays(arrays, schema=pa.schema(_distinct(fields)))
    return batch


def _records(t: pa.DataType) -> bool:
    """Whether a column holds lists of records."""
    lists = pa.types.is_list(t) or pa.types.is_large_list(t) or pa.types.is_fixed_size_list(t)
    return bool(lists and pa.types.is_struct(t.value_type) and t.value_type.num_fields)


def _node(name: str, schema: pa.Schema, depth: int, parent: _Node | None = None, column: str = "") -> _Node:
    node = _Node(name, schema, {}, parent=parent, column=column)
    for f in schema:
        if _records(f.type) and depth < DEEPEST:
            inner = flattened(pa.schema(list(f.type.value_type)))
            node.children[f.name] = _node(f"{name}_{f.name}", inner, depth + 1, node, f.name)
    return node


# ---- keys -------------------------------------------------------------------------------------------
def _keys(root: _Node, rows: Rows) -> None:
    """Chooses for every table with children the column by which they name it."""
    probed, parts = 0, []
    for batch in rows():
        parts.append(flat_batch(batch))
        probed += batch.num_rows
        if probed >= PROBED:
            break
    sample = pa.Table.from_batches(parts, root.schema) if parts else root.schema.empty_table()
    _choose(root, sample)


def _choose(node: _Node, sample: pa.Table) -> None:
    if not node.children:
        return
    for f in node.schema:
        named = KEY_NAME.match(f.name) or KEY_ENDING.search(f.name)
        if named and (pa.types.is_integer(f.type) or pa.types.is_string(f.type)) and _unique(sample.column(f.name)):
            node.key = (f.name,)
            break
    node.numbered = not node.key
    node.key = node.key or (_free("row_id", node.schema.names),)
    for name, child in node.children.items():
        inner = pc.list_flatten(sample.column(name))
        table = pa.Table.from_struct_array(inner) if len(inner) else child.schema.empty_table()
        parts = [flat_batch(b) for b in table.to_batches()]
        _choose(child, pa.Table.from_batches(parts, child.schema) if parts else child.schema.empty_table())


def _unique(column: pa.ChunkedArray) -> bool:
    return column.null_count == 0 and len(column) > 0 and pc.count_distinct(column).as_py() == len(column)


def singular(name: str) -> str:
    """One of what an English plural names."""
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("ches", "shes", "xes", "sses", "zes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 3 else name


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


# ---- rows -------------------------------------------------------------------------------------------
def _sheets(root: _Node, node: _Node, rows: Rows, origin: Origin) -> Iterator[Sheet]:
    links = _links(node)
    own = [f for f in node.schema if f.name not in node.children]
    fields = [pa.field(c, t) for c, _, t in links]
    if node.parent is not None:
        fields.append(pa.field(_free("position", [f.name for f in own]), pa.int64()))
    if node.numbered:
        fields.append(pa.field(node.key[0], pa.int64()))
    schema = pa.schema(_distinct([*fields, *(pa.field(f.name, storable(f.type)) for f in own)]))

    def stream(columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        for batch in _walk(root, node, rows, schema):
            yield batch if columns is None else batch.select(list(columns))

    texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    sheet = Sheet(
        node.name,
        origin.place if node.parent is None else f"{origin.place}, {node.name}",
        schema,
        stream,
        origin.faults if node.parent is None else Faults(origin.faults.most),
        texts=texts,
        loose=origin.loose,
        size_bytes=origin.size_bytes,
        parent=(node.parent.name, tuple((c, p) for c, p, _ in links)) if node.parent is not None else None,
        style=origin.style,
        lines=origin.lines if node.parent is None else None,
    )
    sheet.keep = origin.keep
    if node.numbered:
        sheet.key = node.key
    elif node.parent is not None:
        sheet.key = tuple(schema.names[: len(links) + 1])
    yield sheet
    for child in node.children.values():
        yield from _sheets(root, child, rows, origin)


def _links(node: _Node) -> list[tuple[str, str, pa.DataType]]:
    """(own column, parent's column, type) by which a row names its parent."""
    parent = node.parent
    if parent is None:
        return []
    key = parent.key[0]
    kind = pa.int64() if parent.numbered else parent.schema.field(key).type
    about = singular(parent.name.rsplit("_", 1)[-1])
    name = key if key.lower().startswith(about.lower()) and not parent.numbered else f"{about}_{key}"
    return [(_free(name, node.schema.names), key, storable(kind))]


def _walk(root: _Node, node: _Node, rows: Rows, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    path: list[_Node] = []
    at: _Node | None = node
    while at is not None:
        path.insert(0, at)
        at = at.parent
    numbers = dict.fromkeys((n.name for n in path), 0)
    for raw in rows():
        batch, keys, positions = flat_batch(raw), None, None
        for step in path:
            if step is not root:
                batch, keys, positions = _down(batch, step, keys)
            if step.numbered or step is not node:
                count = batch.num_rows
                if step.numbered:
                    first = numbers[step.name]
                    own = pa.array(range(first + 1, first + count + 1), pa.int64())
                else:
                    own = batch.column(step.key[0]) if step.key else None
                numbers[step.name] += count
                if step is not node:
                    keys = own
        arrays = [] if keys is None or node.parent is None else [keys]
        if node.parent is not None:
            arrays.append(positions)
        if node.numbered:
            arrays.append(own)
        arrays += [c for f, c in zip(batch.schema, batch.columns, strict=True) if f.name not in node.children]
        made = [stored(a, f.type) for a, f in zip(arrays, schema, strict=True)]
        if batch.num_rows:
            yield pa.RecordBatch.from_arrays(made, schema=schema)


def _down(batch: pa.RecordBatch, step: _Node, keys: pa.Array) -> tuple[pa.RecordBatch, pa.Array, pa.Array]:
    """The elements of a list column as rows, with their parents' keys and their positions from 1."""
    lists = batch.column(step.column)
    inner = pc.list_flatten(lists)
    parents = pc.list_parent_indices(lists)
    counts = parents.to_numpy(zero_copy_only=False)
    import numpy as np

    starts = np.flatnonzero(np.diff(counts, prepend=-1)) if counts.size else np.empty(0, np.int64)
    lengths = np.diff(starts, append=counts.size)
    position = np.arange(counts.size) - np.repeat(starts, lengths) + 1
    table = pa.RecordBatch.from_struct_array(inner) if len(inner) else None
    flat = flat_batch(table) if table is not None else pa.RecordBatch.from_pylist([], step.schema)
    return flat, keys.take(parents), pa.array(position, pa.int64())


def storable(t: pa.DataType) -> pa.DataType:
    """The type in which a column is kept: documents (maps, lists of lists, empty records) as JSON text."""
    if pa.types.is_dictionary(t):
        return storable(t.value_type)
    if pa.types.is_null(t) or pa.types.is_map(t) or pa.types.is_struct(t) or pa.types.is_union(t):
        return pa.string()
    if pa.types.is_list(t) or pa.types.is_large_list(t) or pa.types.is_fixed_size_list(t):
        return (
            pa.string()
            if pa.types.is_nested(t.value_type) or pa.types.is_null(t.value_type)
            else pa.list_(storable(t.value_type))
        )
    if pa.types.is_large_string(t) or str(t) == "string_view":
        return pa.string()
    if pa.types.is_float16(t):
        return pa.float32()
    return t


def stored(values: pa.Array, t: pa.DataType) -> pa.Array:
    """Values in the type that :func:`storable` says."""
    if values.type == t:
        return values
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), t)
    if pa.types.is_string(t) and pa.types.is_nested(values.type):
        encode = msgspec.json.Encoder(enc_hook=str).encode
        texts = [None if v is None else encode(_plain(v)).decode() for v in values.to_pylist()]
        return pa.array(texts, pa.string())
    return values.cast(t)


def _plain(value: object) -> object:
    """Maps (lists of pairs in Arrow) as objects."""
    if isinstance(value, list) and value and all(isinstance(x, tuple) and len(x) == 2 for x in value):
        return {str(k): _plain(v) for k, v in value}
    return value


def _apart(flat: pa.Schema, rows: Rows, origin: Origin) -> list[Sheet]:
    """Every list of records of a single record as a table; what stands beside them is told."""
    found = []
    for f in flat:
        if not _records(f.type):
            continue

        def inner(name: str = f.name) -> Iterator[pa.RecordBatch]:
            for raw in rows():
                column = flat_batch(raw).column(flat.get_field_index(name))
                elements = pc.list_flatten(column)
                elements = elements.filter(pc.is_valid(elements))
                if len(elements):
                    yield pa.RecordBatch.from_struct_array(elements)

        own = msgspec.structs.replace(origin, faults=Faults(origin.faults.most), place=f"{origin.place}, {f.name}")
        found += tables(f.name, pa.schema(list(f.type.value_type)), inner, own)
    beside = [f.name for f in flat if not _records(f.type)]
    if beside:
        told = ", ".join(beside[:8])
        found[0].faults.add("members beside the tables", origin.place, f"beside the tables: {told}", "info")
    return found
