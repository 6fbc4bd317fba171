"""Partitions and inheritance: one entity for a partitioned table, with what its partitions add.

A constraint that stands on partitions only can reject rows of the table all the same. Foreign keys
are lifted to the table (more than the server asks, never less); checks and unique keys are lifted
where every leaf has the same, and remarked upon otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from understudy.model.evidence import FacetKind
from understudy.model.rule import Rule
from understudy.model.schema import ForeignKey, KeyPart, Partitioning, Unique
from understudy.sources.database import postgresql_catalog as catalog
from understudy.sources.database.collect import Collector
from understudy.sources.database.connect import PostgresqlConnection
from understudy.sources.database.sql_text import bare, split, tokens

STRATEGIES = {"r": "range", "l": "list", "h": "hash"}
ACTIONS = {"a": "", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}


class Partitions:
    """The inheritance tree of a database. ``parents``: of plain inheritance, by child's oid."""

    def __init__(
        self, connection: PostgresqlConnection, names: dict[int, str], roots: set[int], parts: list[int]
    ) -> None:
        self._connection, self._names, self._roots = connection, names, roots
        self.parents: dict[int, list[int]] = defaultdict(list)
        self._children: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for child, parent, is_partition, bound in connection.query(catalog.INHERITANCE):
            if is_partition:
                self._children[parent].append((child, bound or ""))
            elif child in names and parent in names:
                self.parents[child].append(parent)
        self._keys = {
            oid: (STRATEGIES[s], _keys(columns, texts))
            for oid, s, columns, texts in connection.query(catalog.PARTITIONED)
        }
        self._parts = parts

    def claim(self, out: Collector, columns: dict[int, dict[int, str]]) -> None:
        """Claims about every chosen partitioned table, and remarks about its partitions."""
        root_of = {p: root for root in self._roots if root in self._keys for p, _, _ in self._descend(root)}
        if not self._keys:
            return
        for root in sorted(r for r in self._roots if r in self._keys):
            strategy, keys = self._keys[root]
            bounds = tuple(
                (self._names.get(p, str(p)), self._bound(root, parent, p, b)) for p, parent, b in self._descend(root)
            )
            self_claim = Partitioning(strategy, keys, bounds)
            out.add(FacetKind.PARTITIONING, self._names[root], self_claim)
            if not bounds:
                out.remark(self._names[root], "partitioned, but it has no partition yet")
        parts = [p for p in self._parts if p in root_of]
        if parts:
            self._lift(out, root_of, parts)

    def _descend(self, root: int) -> list[tuple[int, int, str]]:
        """(partition, parent, bound) of all levels below ``root``, parents first."""
        out: list[tuple[int, int, str]] = []
        for child, bound in self._children.get(root, []):
            out.append((child, root, bound))
            out += self._descend(child)
        return out

    def _bound(self, root: int, parent: int, part: int, bound: str) -> str:
        head = bound if parent == root else f"OF {self._names.get(parent, parent)} {bound}"
        if part in self._keys:
            strategy, keys = self._keys[part]
            return f"{head} PARTITION BY {strategy.upper()} ({', '.join(keys)})"
        return head

    def _leaves(self, root: int) -> list[int]:
        return [p for p, _, _ in self._descend(root) if p not in self._keys]

    # ---- constraints of the partitions themselves ---------------------------------------------------
    def _lift(self, out: Collector, root_of: dict[int, int], parts: list[int]) -> None:
        query = self._connection.query
        oids = {"oids": parts}
        names: dict[int, dict[int, str]] = defaultdict(dict)
        constraints = query(PARTITION_CONSTRAINTS, oids)
        targets = {r[9] for r in constraints if r[9]}
        for oid, number, name in query(catalog.TARGET_COLUMNS, {"oids": [*parts, *targets]}):
            names[oid][number] = name
        found: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for row in constraints:
            oid, kind, _, keys = row[0], row[1], row[2], row[3]
            columns = tuple(names[oid][k] for k in keys or [])
            target = tuple(names[row[9]][k] for k in row[10]) if kind == "f" else ()
            found[root_of[oid], kind, columns, bare(row[4] or ""), row[9], target].append(row)
        for (root, kind, columns, text, target, target_columns), rows in found.items():
            everywhere = {r[0] for r in rows} >= set(self._leaves(root))
            self._claim_lifted(out, root, kind, columns, text, target, target_columns, rows, everywhere)
        for oid, name, text in query(PARTITION_TRIGGERS, oids):
            out.remark(
                self._names[root_of[oid]], f"partition {self._names[oid]} has a trigger {name} of its own", raw=text
            )

    def _claim_lifted(
        self,
        out: Collector,
        root: int,
        kind: str,
        columns: tuple[str, ...],
        text: str,
        target: int,
        target_columns: tuple[str, ...],
        rows: list[tuple[Any, ...]],
        everywhere: bool,
    ) -> None:
        entity, first = self._names[root], rows[0]
        name, raw = first[2], first[5]
        where = "every partition" if everywhere else ", ".join(self._names[r[0]] for r in rows[:3])
        if kind == "f":
            key = ForeignKey(
                name,
                columns,
                self._names.get(target, str(target)),
                target_columns,
                deferrable=first[6],
                initially_deferred=first[7],
                on_delete=ACTIONS[first[11]],
                on_update=ACTIONS[first[12]],
            )
            out.add(FacetKind.FOREIGN_KEY, entity, key, raw=raw)
            out.remark(
                entity,
                f"foreign key {name} stands on {where}; it is kept for the whole table",
                raw=raw,
                severity="info",
            )
        elif kind == "c" and everywhere:
            out.add(FacetKind.CHECK, entity, Rule(name, text, columns, "postgresql"), raw=raw)
        elif kind in "pu" and everywhere and set(self._keys[root][1]) <= set(columns):
            unique = Unique(
                name, tuple(KeyPart(column=c) for c in columns), deferrable=first[6], initially_deferred=first[7]
            )
            out.add(FacetKind.UNIQUE, entity, unique, raw=raw)
        else:
            out.remark(entity, f"only {where} has {name}: {raw}", raw=raw)


def _keys(columns: list[str | None], expressions: str | None) -> tuple[str, ...]:
    """Key columns by name, key expressions by their text, in order."""
    texts = []
    if expressions:
        texts = [bare(expressions[part[0].start : part[-1].end]) for part in split(tokens(expressions))]
    rest = iter(texts)
    return tuple(c if c is not None else next(rest, "") for c in columns)


PARTITION_CONSTRAINTS = """
SELECT k.conrelid, k.contype::text, k.conname, k.conkey, pg_get_expr(k.conbin, k.conrelid), pg_get_constraintdef(k.oid),
       k.condeferrable, k.condeferred, 0, k.confrelid, k.confkey, k.confdeltype::text, k.confupdtype::text
FROM pg_constraint k
WHERE k.conrelid = ANY(%(oids)s) AND k.contype IN ('c','f','p','u','x') AND k.conparentid = 0 AND k.coninhcount = 0
UNION ALL
SELECT i.indrelid, CASE WHEN i.indpred IS NULL AND i.indexprs IS NULL THEN 'u' ELSE 'i' END, ic.relname,
       CASE WHEN i.indexprs IS NULL THEN (i.indkey::int2[])[0:i.indnkeyatts - 1] END, NULL,
         pg_get_indexdef(i.indexrelid),
       false, false, 0, 0, NULL, 'a', 'a'
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
WHERE i.indrelid = ANY(%(oids)s) AND i.indisunique AND NOT ic.relispartition
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
ORDER BY 1, 3"""

PARTITION_TRIGGERS = """
SELECT t.tgrelid, t.tgname, pg_get_triggerdef(t.oid, true) FROM pg_trigger t
WHERE NOT t.tgisinternal AND t.tgrelid = ANY(%(oids)s) AND coalesce((to_jsonb(t) ->> 'tgparentid')::int8, 0) = 0"""
