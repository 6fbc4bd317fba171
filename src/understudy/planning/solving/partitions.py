"""Partitions as rules: a row must fall into one that exists.

A range or list partitioning whose bounds can be said in SQL becomes a check like any other; a table without
a partition can hold no row, and that is told before generation.
"""

from __future__ import annotations

import re

from understudy.model.rule import Rule
from understudy.model.schema import Entity, Partitioning

RANGE = re.compile(r"FOR VALUES FROM \((?P<low>.*)\) TO \((?P<high>.*)\)", re.IGNORECASE | re.DOTALL)
MYSQL_BOUND = re.compile(r"VALUES (?:LESS THAN|IN) (?:\((?P<values>.*)\)|MAXVALUE)$", re.IGNORECASE | re.DOTALL)
NULL_WORD = re.compile(r"\bNULL\b", re.IGNORECASE)
LIST = re.compile(r"FOR VALUES IN \((?P<values>.*)\)", re.IGNORECASE | re.DOTALL)


def partition_rule(entity: Entity, dialect: str) -> Rule | None:
    """The rule that a table's partitions make, if they restrict anything that can be said."""
    plan = entity.partitioning
    if plan is not None and dialect in ("mysql", "mariadb"):
        return _mysql_rule(entity, plan, dialect)
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


def _mysql_rule(entity: Entity, plan: Partitioning, dialect: str) -> Rule | None:
    """Below the last bound of a range, among the values of a list; hashes take every row."""
    columns = {f.name for f in entity.fields}
    keys = ["`" + k.replace("`", "``") + "`" if k in columns else k for k in plan.keys]
    key = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
    bounds = [(found["values"] or "MAXVALUE").strip() for _, b in plan.bounds if (found := MYSQL_BOUND.search(b))]
    if not keys or len(bounds) < len(plan.bounds) or not bounds:
        return None
    if plan.strategy.startswith("list"):
        values = ", ".join(bounds)
        text = f"{key} IN ({values})" + ("" if NULL_WORD.search(values) else f" AND {key} IS NOT NULL")
        return Rule(f"{entity.table}_partitions", text, (), dialect, enforced=True)
    if not plan.strategy.startswith("range") or bounds[-1].upper().startswith("MAXVALUE"):
        return None
    parts = bounds[-1].split(",") if len(keys) > 1 else [bounds[-1]]
    firm = next((i for i, part in enumerate(parts) if part.strip().upper() == "MAXVALUE"), len(parts))
    if len(keys) == 1:
        text = f"{key} < {parts[0]}"
    else:
        text = f"({', '.join(keys[:firm])}) {'<' if firm == len(parts) else '<='} ({', '.join(parts[:firm])})"
    return Rule(f"{entity.table}_partitions", text, (), dialect, enforced=True)


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
