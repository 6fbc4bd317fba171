"""Columns that follow from others: formulas over the row, its parents and its children.

A formula is SQL over columns of the row; ``parent.column`` reads the row's parent, and
``sum(child.column)`` (min, max, count) its children, or the children of a parent they share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from understudy import rules
from understudy.errors import RequestError
from understudy.model.expression import Aggregate, Column, Lookup, Node
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity, Field, Schema
from understudy.planning.trees import substitute
from understudy.types import Kind, Type

AGGREGATE = re.compile(r'\b(sum|min|max|count)\s*\(\s*"?([\w.]+?)"?\s*\.\s*("?[\w*$]+"?)\s*\)', re.IGNORECASE)
REFERENCE = re.compile(r'"?\b([A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)?)"?\s*\.\s*"?([A-Za-z_]\w*)"?')


class Measure(msgspec.Struct, frozen=True):
    """An aggregate over children: ``function`` of ``column`` of ``child`` along its foreign key ``key``,
    computed on ``parent`` (the deriving table itself, or one that it refers to by ``through``)."""

    parent: str
    child: str
    key: str
    function: str
    column: str
    through: str = ""

    @property
    def hidden(self) -> str:
        """Name of the hidden column that holds it on ``parent``."""
        return f"${self.function}:{self.child}.{self.column}"


def measures(schema: Schema, entity: Entity, field: Field) -> tuple[Measure, ...]:
    """The aggregates that a field's formula needs."""
    return tuple(
        _measure(schema, entity, field, m.group(1).lower(), m.group(2), m.group(3).strip('"'))
        for m in AGGREGATE.finditer(field.derive)
    )


def _measure(schema: Schema, entity: Entity, field: Field, function: str, child: str, column: str) -> Measure:
    try:
        below = schema.entity(child)
    except KeyError as e:
        raise RequestError(
            f"derive names table {child!r}, which does not exist", where=f"{entity.name}.{field.name}"
        ) from e
    for key in below.foreign_keys:
        if key.target == entity.name:
            return Measure(entity.name, below.name, key.name, function, "" if column == "*" else column)
    for up in entity.foreign_keys:
        for key in below.foreign_keys:
            if key.target == up.target:
                return Measure(up.target, below.name, key.name, function, "" if column == "*" else column, up.name)
    raise RequestError(
        f"derive sums {child!r}, which is tied neither to {entity.name} nor to one of its parents",
        where=f"{entity.name}.{field.name}",
    )


def hidden_measure(measure: Measure, child: Entity | None) -> PlannedColumn:
    """The hidden column on the parent."""
    result = Type(Kind.INTEGER)
    if child is not None and measure.function != "count":
        found = child.field(measure.column).type
        if found.kind is Kind.DECIMAL:  # a sum has more digits than its parts
            result = msgspec.structs.replace(
                found, precision=min(38, max((found.precision or 18) + 6, 18)), length=None
            )
        else:
            result = found
    node = Aggregate(measure.child, measure.key, measure.function, measure.column)
    return PlannedColumn(measure.hidden, result, node, f"{measure.function} over {measure.child}", hidden=True)


def formula(schema: Schema, entity: Entity, field: Field, links: Mapping[str, str]) -> Node:
    """The expression of a derived field. ``links``: link name per parent table's name."""
    found = {m.hidden: m for m in measures(schema, entity, field)}
    text, replaced = field.derive, {}
    types = {f.name: f.type for f in entity.fields}
    for number, match in enumerate(list(AGGREGATE.finditer(text))):
        measure = list(found.values())[min(number, len(found) - 1)]
        node: Node = Column(measure.hidden)
        if measure.through:
            node = Lookup(measure.through, measure.hidden)
        replaced[f"us__part{number}"] = node
        types[f"us__part{number}"] = hidden_measure(measure, schema.entity(measure.child)).type
        text = text.replace(match.group(0), f"us__part{number}", 1)
    for number, match in enumerate(list(REFERENCE.finditer(text))):
        table = next((t for t in links if t == match.group(1) or t.rsplit(".", 1)[-1] == match.group(1)), None)
        if table is None:
            raise RequestError(
                f"derive reads {match.group(0)!r}, which is no parent", where=f"{entity.name}.{field.name}"
            )
        replaced[f"us__up{number}"] = Lookup(links[table], match.group(2))
        types[f"us__up{number}"] = _parent_type(schema, entity, field, table, match.group(2))
        text = text.replace(match.group(0), f"us__up{number}", 1)
    understood = rules.understand(text, schema.dialect or "postgresql", types)
    if understood.opaque:
        raise RequestError(f"derive is not understood: {understood.opaque[0]}", where=f"{entity.name}.{field.name}")
    known = {f.name for f in entity.fields} | set(replaced)
    if missing := [c for c in understood.columns if c not in known]:
        raise RequestError(f"derive reads {missing[0]!r}, which does not exist", where=f"{entity.name}.{field.name}")
    return substitute(understood.predicate, replaced)


def _parent_type(schema: Schema, entity: Entity, field: Field, table: str, column: str) -> Type:
    try:
        return schema.entity(table).field(column).type
    except KeyError as e:
        where = f"{entity.name}.{field.name}"
        raise RequestError(f"derive reads {table}.{column}, which does not exist", where=where) from e
