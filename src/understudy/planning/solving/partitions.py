"""Partitions as rules: a row must fall into one that exists.

A range or list partitioning whose bounds can be said in SQL becomes a check like any other; a table without
a partition can hold no row, and that is told before generation.
"""

from __future__ import annotations

import re

from understudy.model.rule import Rule
from understudy.model.schema import Entity, Partitioning

RANGE = re.compile(r"FOR VALUES FROM \((?P<low>.*)\) TO \((?P<high>.*)\)", re.IGNORECASE | re.DOTALL)
LIST = re.compile(r"FOR VALUES IN \((?P<values>.*)\)", re.IGNORECASE | re.DOTALL)


def partition_rule(entity: Entity, dialect: str) -> Rule | None:
    """The rule that a table's partitions make, if they restrict anything that can be said."""
    plan = entity.partitioning
    if plan is None or dialect != "postgresql" or any("DEFAULT" in bound.upper() for _, bound in plan.bounds):
        return None
    if not plan.bounds or len(plan.keys) != 1 or plan.strategy == "hash":
        return None
    key = plan.keys[0]
    column = key if any(f.name == key for f in entity.fields) else ""
    if not column:
        return None
    quoted = '"' + column.replace('"', '""') + '"'
    parts = [said for _, bound in plan.bounds if (said := _said(quoted, bound))]
    if len(parts) != len([b for _, b in plan.bounds if not b.startswith("OF ")]):
        return None
    text = f"{quoted} IS NOT NULL AND (" + " OR ".join(parts) + ")" if plan.strategy == "range" else " OR ".join(parts)
    return Rule(f"{entity.table}_partitions", text, (column,), dialect, enforced=True)


def missing_partition(entity: Entity, dialect: str) -> str:
    """Why a table can hold no row, if its partitions are the reason; else empty."""
    plan: Partitioning | None = entity.partitioning
    if plan is None or plan.bounds or dialect != "postgresql":
        return ""
    return f"{entity.name} is partitioned by {plan.strategy} ({', '.join(plan.keys)}) and has no partition"


def _said(column: str, bound: str) -> str:
    if found := RANGE.search(bound):
        sides = []
        if "MINVALUE" not in found["low"].upper():
            sides.append(f"{column} >= {found['low']}")
        if "MAXVALUE" not in found["high"].upper():
            sides.append(f"{column} < {found['high']}")
        return "(" + (" AND ".join(sides) or "true") + ")"
    if found := LIST.search(bound):
        return f"{column} IN ({found['values']})"
    return ""
