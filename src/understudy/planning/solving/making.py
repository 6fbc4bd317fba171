"""Partitions that lack: a partitioned table without any holds no row, and hashes with gaps refuse some.

    range, list   no partition          name_default   DEFAULT
    hash          no partition          name_0         modulus 1, remainder 0
    hash          remainders missing    name_R         one for each, of the greatest modulus

A table with partitions that merely leave values out is kept as it is: its rows are made for those it has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import msgspec

from understudy.model.schema import Entity, Schema
from understudy.planning.solving.partitions import INNER, NESTED

HASHED = re.compile(r"modulus\s+(\d+)\s*,\s*remainder\s+(\d+)", re.IGNORECASE)

NAME_BYTES = 63
"""The longest name that PostgreSQL takes."""

Made = tuple[tuple[str, str], ...]
"""Partitions by name and bound, as in :class:`understudy.model.schema.Partitioning`."""


def with_partitions(schema: Schema) -> tuple[Schema, dict[str, Made]]:
    """The schema as if every partitioned table could take rows, and per table the partitions that this needs."""
    if schema.dialect != "postgresql":
        return schema, {}
    taken = {e.table for e in schema.entities}
    taken |= {_plain(n) for e in schema.entities if e.partitioning for n, _ in e.partitioning.bounds}
    made = {e.name: found for e in schema.entities if e.partitioning and (found := tuple(_lacking(e, taken)))}
    entities = tuple(_completed(e, made[e.name]) if e.name in made else e for e in schema.entities)
    return (msgspec.structs.replace(schema, entities=entities), made) if made else (schema, {})


def _completed(entity: Entity, made: Made) -> Entity:
    assert entity.partitioning is not None
    bounds = (*entity.partitioning.bounds, *made)
    return msgspec.structs.replace(entity, partitioning=msgspec.structs.replace(entity.partitioning, bounds=bounds))


def _lacking(entity: Entity, taken: set[str]) -> Iterator[tuple[str, str]]:
    plan = entity.partitioning
    assert plan is not None
    levels = {"": plan.strategy}
    below: dict[str, list[str]] = {}
    for name, bound in plan.bounds:
        nested = NESTED.match(bound)
        below.setdefault(nested["parent"] if nested else "", []).append(nested["bound"] if nested else bound)
        if (inner := INNER.search(bound)) is not None:
            levels[name] = inner["strategy"]
    for parent, strategy in levels.items():
        for suffix, bound in _bounds(strategy.lower(), below.get(parent, [])):
            name = _free(_plain(parent) or entity.table, suffix, taken)
            yield name, f"OF {parent} {bound}" if parent else bound


def _bounds(strategy: str, there: list[str]) -> Iterator[tuple[str, str]]:
    """Suffix and bound of the partitions that lack beside those that are there."""
    if strategy != "hash":
        if not there:
            yield "default", "DEFAULT"
        return
    hashed = [(int(m[1]), int(m[2])) for b in there if (m := HASHED.search(b)) is not None]
    modulus = math.lcm(*(m for m, _ in hashed)) if hashed else 1
    for remainder in range(modulus):
        if not any(remainder % m == r for m, r in hashed):
            yield str(remainder), f"FOR VALUES WITH (modulus {modulus}, remainder {remainder})"


def _plain(name: str) -> str:
    return name.rsplit(".", 1)[-1].strip('"')


def _free(table: str, suffix: str, taken: set[str]) -> str:
    """A name that no table has, within what the server takes."""
    number = 1
    while True:
        end = f"_{suffix}" if number == 1 else f"_{suffix}_{number}"
        name = table.encode()[: NAME_BYTES - len(end)].decode(errors="ignore") + end
        if name not in taken:
            taken.add(name)
            return name
        number += 1
