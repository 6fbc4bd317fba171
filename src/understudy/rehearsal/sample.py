"""Which rows are tried: some of every table, families rather than strangers, and every parent they refer to."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from understudy.kernels import Runtime
from understudy.model.bundle import Bundle
from understudy.model.link import Owned, Paired, Spread
from understudy.model.plan import PlannedTable

Rows = NDArray[np.int64]

PROBED = 2048
"""Rows among which a parent with many children is looked for."""


REACH = 3000
"""Rows behind a row named; twice as many before it."""

LONGEST = 20_000
"""Rows of a table that must be tried from the first on."""


def sample(
    bundle: Bundle,
    sizes: Mapping[str, int],
    around: Mapping[str, int] | None = None,
    gapless: frozenset[str] = frozenset(),
    whole: frozenset[str] = frozenset(),
) -> dict[str, Rows]:
    """Per table the sorted numbers of the rows to try: about ``sizes`` of them, those near row ``around`` where one
    is named, and the rows that other tables' samples refer to. ``gapless``: tables whose rows the database numbers:
    all from the first on; ``whole``: tables of which every row is tried, as far as that is possible: one in thousands
    was refused, for what it has or for what their triggers find elsewhere."""
    runtime = Runtime(bundle)
    tables = {t.name: t for t in bundle.plan.tables}
    found: dict[str, Rows] = {n: np.zeros(0, np.int64) for n in tables}
    todo = deque(
        (t.name, _chosen(runtime, t, LONGEST if t.name in whole else sizes.get(t.name, 0), (around or {}).get(t.name)))
        for t in tables.values()
    )
    while todo:
        name, rows = todo.popleft()
        if name in gapless and rows.size:
            rows = np.arange(min(int(rows.max()) + 1, LONGEST), dtype=np.int64)
        fresh = np.setdiff1d(rows, found[name])
        if not fresh.size:
            continue
        found[name] = np.union1d(found[name], fresh)
        table = tables[name]
        for link in (k for k in table.links if k.parent in tables):
            parents = runtime.parents(name, link.name, fresh) - tables[link.parent].existing
            todo.append((link.parent, np.unique(parents[parents >= 0])))
        for child, key in _named_children(bundle, table):
            of = fresh + table.existing
            todo.append((child, np.unique(runtime.children(child, key, of)[0])))
    return found


def _chosen(runtime: Runtime, table: PlannedTable, size: int, around: int | None) -> Rows:
    """The first rows, some spread over the table, the children of a parent that has many."""
    rows = table.rows
    if rows <= size:
        return np.arange(rows, dtype=np.int64)
    third = max(1, size // 3)
    parts = [np.arange(third), np.linspace(0, rows - 1, third).astype(np.int64)]
    if around is not None:
        reach = min(size, REACH)
        parts.append(np.arange(max(0, around - 2 * reach), min(rows, around + reach)))
    parts += [_family(runtime, table, third, around)]
    return np.unique(np.concatenate(parts).astype(np.int64))


def _family(runtime: Runtime, table: PlannedTable, size: int, around: int | None) -> Rows:
    """Rows that share a parent: the busiest of each link, or that of the row named."""
    chosen: list[Rows] = []
    for link in table.links:
        probed = np.arange(min(table.rows, PROBED)) if around is None else np.array([around])
        probed = probed.astype(np.int64)
        parents = runtime.parents(table.name, link.name, probed)
        counted = Counter(p for p in parents.tolist() if p >= 0)
        if not counted:
            continue
        busiest = counted.most_common(1)[0][0]
        if isinstance(link.mode, Owned | Spread | Paired):
            mine = runtime.children(table.name, link.name, np.array([busiest], np.int64))[0]
        else:
            mine = probed[parents == busiest]
        limit = 4 * size if around is None else max(4 * size, 1024)
        chosen.append(np.asarray(mine[:limit], np.int64))
    return np.concatenate(chosen) if chosen else np.zeros(0, np.int64)


def _named_children(bundle: Bundle, table: PlannedTable) -> list[tuple[str, str]]:
    """Children that a row itself refers to (its own default address): (child table, the child's link to it)."""
    linked = {k.name for k in table.links}
    entity = bundle.plan.schema.entity(table.name)
    tables = {t.name: t for t in bundle.plan.tables}
    found = []
    for key in entity.foreign_keys:
        if key.name in linked or key.target not in tables or not key.enforced:
            continue
        for link in tables[key.target].links:
            if link.parent == table.name and isinstance(link.mode, Owned | Spread | Paired):
                found.append((key.target, link.name))
    return found
