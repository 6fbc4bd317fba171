"""Partitions as rules: a row must fall into one that exists.

A range or list partitioning whose bounds can be said in SQL becomes a check like any other. Where a table (or a
partition that is partitioned itself) has no partition at all, or its hashes have gaps, what lacks is made before the
load, as the application would make it: see :mod:`understudy.planning.solving.making`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from understudy.model.rule import Rule
from understudy.model.schema import Entity, Partitioning

MYSQL_BOUND = re.compile(r"VALUES (?:LESS THAN|IN) (?:\((?P<values>.*)\)|MAXVALUE)$", re.IGNORECASE | re.DOTALL)
NULL_WORD = re.compile(r"\bNULL\b", re.IGNORECASE)
BOUND = re.compile(
    r"FOR VALUES\s+(?:FROM\s*\((?P<low>.*)\)\s*TO\s*\((?P<high>.*?)\)|IN\s*\((?P<values>.*?)\)|WITH\s*\(.*?\))"
    r"(?P<rest>\s*PARTITION BY.*)?$",
    re.IGNORECASE | re.DOTALL,
)
INNER = re.compile(r"PARTITION BY\s+(?P<strategy>\w+)\s*\((?P<keys>.*)\)\s*$", re.IGNORECASE | re.DOTALL)
NESTED = re.compile(r"OF\s+(?P<parent>\S+)\s+(?P<bound>.*)$", re.IGNORECASE | re.DOTALL)
OPEN = ("MINVALUE", "MAXVALUE")


def partition_rule(entity: Entity, dialect: str) -> Rule | None:
    """The rule that a table's partitions make, if they restrict anything that can be said."""
    plan = entity.partitioning
    if plan is not None and dialect in ("mysql", "mariadb"):
        return _mysql_rule(entity, plan, dialect)
    if plan is None or dialect != "postgresql" or not plan.bounds:
        return None
    text = _Tree(entity, plan).said("", plan.strategy, plan.keys)
    return Rule(f"{entity.table}_partitions", text, (), dialect, enforced=True) if text != TRUE else None


TRUE = "true"


class _Tree:
    """Partitions and theirs: ``children`` by the name of what they are part of (empty: the table)."""

    def __init__(self, entity: Entity, plan: Partitioning) -> None:
        self.columns = {f.name for f in entity.fields}
        self.children: dict[str, list[tuple[str, str]]] = {}
        for name, bound in plan.bounds:
            nested = NESTED.match(bound)
            parent = nested["parent"] if nested else ""
            self.children.setdefault(parent, []).append((name, nested["bound"] if nested else bound))

    def said(self, parent: str, strategy: str, keys: Sequence[str]) -> str:
        """What a row must fulfil for one of the partitions to take it."""
        written = [self._key(k) for k in keys]
        children = self.children.get(parent, [])
        ways = [self._way(name, bound, strategy.lower(), written) for name, bound in children]
        whole = any("DEFAULT" in bound.upper() for _, bound in children)
        if TRUE in ways or (whole and strategy.lower() != "hash"):
            return TRUE
        return "(" + " OR ".join(f"({w})" for w in ways) + ")" if ways else "false"

    def _key(self, key: str) -> str:
        return '"' + key.replace('"', '""') + '"' if key in self.columns else f"({key})"

    def _way(self, name: str, bound: str, strategy: str, keys: list[str]) -> str:
        found = BOUND.search(bound.strip())
        if found is None:
            return TRUE
        inner = INNER.search(found["rest"] or "")
        below = TRUE
        if inner is not None:
            below = self.said(name, inner["strategy"], [k.strip() for k in _listed(inner["keys"])])
        here = TRUE
        if found["values"] is not None:
            here = _among(keys[0], found["values"])
        elif found["low"] is not None:
            here = _between(keys, _listed(found["low"]), _listed(found["high"]))
        parts = [p for p in (here, below) if p != TRUE]
        return " AND ".join(parts) or TRUE


def _among(key: str, values: str) -> str:
    listed = [v for v in _listed(values) if v.strip().upper() != "NULL"]
    said = f"{key} IN ({', '.join(listed)})" if listed else "false"
    return f"({said} OR {key} IS NULL)" if len(listed) < len(_listed(values)) else f"{said} AND {key} IS NOT NULL"


def _between(keys: list[str], low: list[str], high: list[str]) -> str:
    sides = [f"{k} IS NOT NULL" for k in keys]
    for bound, strict, loose, closed in ((low, ">", ">=", "MINVALUE"), (high, "<", "<=", "MAXVALUE")):
        words = [b.strip() for b in bound]
        firm = next((i for i, w in enumerate(words) if w.upper() in OPEN), len(words))
        if not firm:
            continue
        whole = firm == len(words)
        lax = bound is low if whole else words[firm].upper() == closed
        sign = loose if lax else strict
        sides.append(_compared(keys[:firm], sign, words[:firm]))
    return " AND ".join(sides)


def _compared(keys: list[str], sign: str, values: list[str]) -> str:
    return f"{keys[0]} {sign} {values[0]}" if len(keys) == 1 else f"({', '.join(keys)}) {sign} ({', '.join(values)})"


def _listed(text: str) -> list[str]:
    """Words between commas, outside quotes and brackets."""
    parts, level, quoted = [""], 0, False
    for c in text:
        quoted ^= c == "'"
        level += 0 if quoted else (c == "(") - (c == ")")
        if c == "," and not quoted and not level:
            parts.append("")
        else:
            parts[-1] += c
    return parts


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
