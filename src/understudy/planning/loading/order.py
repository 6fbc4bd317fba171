"""The load order: parents before children; cycles by deferral, a second pass, or one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from understudy.model.plan import LoadMethod, LoadStep
from understudy.model.schema import Entity, ForeignKey, Identity

Inner = tuple[str, ForeignKey]
"""A table, and a key of it that stays within the cycle."""

PLAIN_ENGINES = frozenset({"myisam", "aria", "memory", "csv", "archive"})


def load_steps(
    entities: Mapping[str, Entity], dialect: str, behind: Mapping[str, set[str]] | None = None
) -> tuple[LoadStep, ...]:
    """Steps for the tables given, in an order in which every enforced foreign key finds its parent. ``behind``: per
    table others that are to be loaded before it, as far as foreign keys let them."""
    edges = {
        name: {k.target for k in e.foreign_keys if k.enforced and k.target in entities and k.target != name}
        for name, e in entities.items()
    }
    edges = _wished(edges, behind or {})
    groups = sorted(components(edges), key=lambda group: all(_plain_engine(entities[n]) for n in group))
    return tuple(_step(tuple(group), entities, dialect) for group in groups)


def _wished(edges: dict[str, set[str]], behind: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The edges with wishes added one by one, those left out that would make a new cycle."""
    for name, others in behind.items():
        for other in sorted(others & set(edges)) if name in edges else ():
            grown = {**edges, name: edges[name] | {other}}
            if len(components(grown)) == len(components(edges)):
                edges = grown
    return edges


def _plain_engine(entity: Entity) -> bool:
    """Whether a table's engine has no transactions: it is filled last, for in its presence MariaDB refuses the
    savepoints that the others need. Nothing refers to such a table."""
    return entity.options.get("engine", "").lower() in PLAIN_ENGINES


def components(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Strongly connected components, what is referred to first (Tarjan 1972, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(sorted(edges[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, children = work[-1]
            child = next(children, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_pop_component(node, stack, on_stack, edges))
            elif child not in index:
                index[child] = low[child] = len(index)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(sorted(edges[child]))))
            elif child in on_stack:
                low[node] = min(low[node], index[child])
    return found


def _pop_component(node: str, stack: list[str], on_stack: set[str], edges: Mapping[str, object]) -> list[str]:
    group: set[str] = set()
    while node not in group:
        group.add(stack.pop())
    on_stack -= group
    return [n for n in edges if n in group]


def _step(group: tuple[str, ...], entities: Mapping[str, Entity], dialect: str) -> LoadStep:
    if len(group) == 1:
        return LoadStep(group)
    inner = [
        (n, k) for n in group for k in entities[n].foreign_keys if k.enforced and k.target in group and k.target != n
    ]
    text = "cycle of foreign keys between " + ", ".join(group)
    broken = _break(group, inner, lambda n, k: k.deferrable)
    if broken is not None and dialect == "postgresql":
        return LoadStep(
            broken[0], LoadMethod.DEFERRED, reason=f"{text}; deferrable constraints are checked at the commit"
        )
    broken = _break(group, inner, lambda n, k: _may_wait(entities[n], k))
    if broken is not None:
        later = {
            n: tuple(dict.fromkeys(c for m, k in broken[1] if m == n for c in _movable(entities[n], k))) for n in group
        }
        later = {n: columns for n, columns in later.items() if columns}
        return LoadStep(broken[0], LoadMethod.PLAIN, later, f"{text}; nullable references are set in a second pass")
    if dialect == "sqlite":
        return LoadStep(group, LoadMethod.DEFERRED, reason=f"{text}; SQLite checks them at the commit")
    if dialect == "postgresql":
        return LoadStep(
            group, LoadMethod.ONE_STATEMENT, reason=f"{text} that may neither be null nor wait: one statement"
        )
    return LoadStep(
        group, LoadMethod.CHECKS_OFF, reason=f"{text} that may neither be null nor wait: keys re-checked after the load"
    )


def _break(
    group: tuple[str, ...], inner: Sequence[Inner], may: Callable[[str, ForeignKey], bool]
) -> tuple[tuple[str, ...], list[Inner]] | None:
    """The order of the group and the keys set aside, if setting aside those that ``may`` wait breaks every cycle."""
    firm = {n: {k.target for m, k in inner if m == n and not may(m, k)} for n in group}
    order = components(firm)
    if any(len(g) > 1 for g in order):
        return None
    names = tuple(g[0] for g in order)
    place = {n: i for i, n in enumerate(names)}
    waiting = [(n, k) for n, k in inner if may(n, k) and place[k.target] > place[n]]
    return names, waiting


def _movable(entity: Entity, key: ForeignKey) -> tuple[str, ...]:
    """Columns of a foreign key that may be null at first: nullable and free of keys and checks."""
    fixed = {c for u in entity.uniques if u.primary or not u.nulls_distinct for c in u.columns}
    fixed |= {c for r in entity.checks for c in r.columns}
    nullable = {f.name for f in entity.fields if f.nullable and not f.generated and f.identity is Identity.NONE}
    return tuple(c for c in key.columns if c in nullable - fixed)


def _may_wait(entity: Entity, key: ForeignKey) -> bool:
    return bool(_movable(entity, key))
