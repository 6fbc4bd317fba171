"""The rules of one table, understood: domains that always hold, branches among which a row chooses, the rest.

Rules that share columns are solved together, as one component; a component becomes branches
(consistent alternatives). Most have a single branch: plain domains and relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Call, Const, Node
from understudy.model.rule import Rule
from understudy.model.schema import Entity
from understudy.planning.solving.gates import Gate
from understudy.planning.solving.partitions import partition_rule
from understudy.planning.trees import substitute
from understudy.rules import Branch
from understudy.types import Kind, Type


class Understood(msgspec.Struct, frozen=True):
    """A rule with its tree."""

    rule: Rule
    predicate: Node
    columns: tuple[str, ...]
    opaque: tuple[str, ...] = ()


class Component(msgspec.Struct, frozen=True):
    """Rules that share columns, and their alternatives (at least one). ``gate``: the first ``gated`` branches
    are open only where it says so, the others only elsewhere."""

    columns: tuple[str, ...]
    rules: tuple[Understood, ...]
    branches: tuple[Branch, ...]
    gate: Gate | None = None
    gated: int = 0


class Rulebook(msgspec.Struct, frozen=True):
    """``domains``: what every branch permits, per column. ``conflicts``: rules that contradict each other,
    a line each. ``barren``: no row can satisfy the rules. ``opaque``: rules with parts nobody here understands."""

    entity: str
    understood: tuple[Understood, ...]
    components: tuple[Component, ...]
    domains: dict[str, Domain]
    conflicts: tuple[str, ...] = ()
    barren: bool = False
    opaque: tuple[Understood, ...] = ()


def understand_rules(entity: Entity, dialect: str, clock: int, known: rules.Known = rules.NOTHING) -> list[Understood]:
    """The checks of a table with their trees, and what its partitions demand; the present moment is ``clock``."""
    types = {f.name: f.type for f in entity.fields}
    computed = _computed(entity, dialect, types, known)
    partitions = partition_rule(entity, dialect)
    checks = [*entity.checks, *([partitions] if partitions is not None else [])]
    found = [_understand(rule, dialect, types, known) for rule in checks]
    return [_over_inputs(msgspec.structs.replace(u, predicate=_at(u.predicate, clock)), computed) for u in found]


def _at(node: Node, clock: int) -> Node:
    timed = rules.at(node, clock)
    return node if timed == node else rules.simplify(timed)


def yielding(
    entity: Entity, understood: list[Understood], clock: int
) -> tuple[list[Understood], tuple[Understood, ...]]:
    """The rules to be met, and those that nobody enforces and that cannot be met beside the others: they give way, the
    last first."""
    types = {f.name: f.type for f in entity.fields}
    given: list[Understood] = []
    if all(u.rule.enforced for u in understood):
        return understood, ()
    for _, members in rules.components([u.predicate for u in understood if not u.opaque]):
        involved = [u for u in understood if any(u.predicate is m for m in members)]
        loose = [u for u in involved if not u.rule.enforced]
        while loose and not _possible(involved, types, clock):
            given.append(loose.pop())
            involved.remove(given[-1])
    return [u for u in understood if u not in given], tuple(given)


def _possible(understood: list[Understood], types: Mapping[str, Type], clock: int) -> bool:
    found = rules.branches([u.predicate for u in understood], types, clock=clock)
    return any(not any(d.empty for d in b.domains.values()) for b in found.branches)


def solve_rules(
    entity: Entity,
    understood: list[Understood],
    gates: tuple[Gate, ...] = (),
    clock: int | None = None,
    required: frozenset[str] = frozenset(),
    typed: bool = True,
) -> Rulebook:
    """Domains and branches of the rules of a table. ``required``: columns that are never null. ``typed``: the database
    holds values to the length and range of their column's type (SQLite does not)."""
    types = {f.name: f.type for f in entity.fields}
    solvable = [u for u in understood if not u.opaque]
    barren = any(rules.simplify(u.predicate) == Const(False) for u in solvable)
    rooms = {f.name: _room(f.type) for f in entity.fields} if typed else {}
    components, conflicts = _solve(list(understood), types, gates, clock, required, rooms)
    domains: dict[str, Domain] = {}
    for component in components:
        for column in component.columns:
            domains[column] = common(component.branches, column)
    return Rulebook(
        entity=entity.name,
        understood=tuple(understood),
        components=tuple(components),
        domains=domains,
        conflicts=() if barren else tuple(conflicts),
        barren=barren,
        opaque=tuple(u for u in understood if u.opaque),
    )


def _computed(entity: Entity, dialect: str, types: Mapping[str, Type], known: rules.Known) -> dict[str, Node]:
    """The columns that the database computes, as trees over their inputs."""
    found = {f.name: rules.understand(f.generated, dialect, types, known) for f in entity.fields if f.generated}
    return {name: u.predicate for name, u in found.items() if not u.opaque}


def _over_inputs(understood: Understood, computed: Mapping[str, Node]) -> Understood:
    """A rule about computed columns as a rule about what they are computed from."""
    predicate = understood.predicate
    for _ in computed:
        if not set(rules.columns_of(predicate)) & set(computed):
            break
        predicate = substitute(predicate, computed)
    if predicate is understood.predicate:
        return understood
    return msgspec.structs.replace(understood, predicate=predicate, columns=tuple(rules.columns_of(predicate)))


def _understand(rule: Rule, dialect: str, types: Mapping[str, Type], known: rules.Known) -> Understood:
    if rule.predicate is not None:
        return Understood(rule, rule.predicate, tuple(rules.columns_of(rule.predicate)))
    found = rules.understand(rule.text, rule.dialect or dialect, types, known)
    return Understood(rule, found.predicate, tuple(found.columns), tuple(found.opaque))


def _solve(
    understood: list[Understood],
    types: Mapping[str, Type],
    gates: tuple[Gate, ...],
    clock: int | None,
    required: frozenset[str],
    rooms: Mapping[str, Domain],
) -> tuple[list[Component], list[str]]:
    """Components with their branches; what contradicts is told by the words of the rules."""
    components: list[Component] = []
    conflicts: list[str] = []
    predicates = [u.predicate for u in understood]
    for columns, members in rules.components([*predicates, *(g.predicate for g in gates)]):
        if not columns:
            continue
        involved = tuple(u for u in understood if any(u.predicate is m for m in members))
        gate = next((g for g in gates if any(g.predicate is m for m in members)), None)
        names = tuple(sorted(columns))
        if gate is not None:
            components.append(_gated(names, involved, gate, types, clock, required))
            continue
        found = rules.branches([u.predicate for u in involved], types, clock=clock)
        kept = _filled(found.branches, required)
        if not kept:
            clash = [involved[i] for i in found.clashing] or list(involved)
            conflicts.append(
                "contradictory checks: " + " against ".join(f"{u.rule.name}: {u.rule.text}" for u in clash)
            )
        fitting = _filled((_within(b, rooms) for b in kept), required)
        if kept and not fitting:
            said = ", ".join(f"{u.rule.name}: {u.rule.text}" for u in involved)
            raws = ", ".join(f"{c} {types[c].raw or types[c].kind.value}" for c in names if c in types)
            conflicts.append(f"no value of the columns' types ({raws}) satisfies {said}")
        components.append(Component(names, involved, fitting or kept))
    return components, conflicts


def _room(t: Type) -> Domain:
    """What a column's type has room for, whatever the rules say."""
    match t.kind:
        case Kind.TEXT if t.length is not None:
            return Domain(longest=t.length)
        case Kind.INTEGER:
            low, high = t.integer_bounds
            return Domain(low=low, high=high)
    return Domain()


def _within(branch: Branch, rooms: Mapping[str, Domain]) -> Branch:
    """The branch without the values that a column's type has no room for; bounds that the type sets anyway are not
    repeated."""
    domains = {}
    for column, domain in branch.domains.items():
        met = domain.intersect(rooms.get(column, Domain()))
        domains[column] = met if met.hollow or met.values != domain.values else domain
    return branch if domains == branch.domains else msgspec.structs.replace(branch, domains=domains)


def _gated(
    columns: tuple[str, ...],
    involved: tuple[Understood, ...],
    gate: Gate,
    types: Mapping[str, Type],
    clock: int | None,
    required: frozenset[str],
) -> Component:
    """Branches where the gate is open (its predicate holds) and where it is closed (it is false)."""
    predicates = [u.predicate for u in involved]
    held, closed = (
        _filled(rules.branches([*predicates, said], types, clock=clock).branches, required)
        for said in (Call("is_true", (gate.predicate,)), Call("not", (gate.predicate,)))
    )
    return Component(columns, involved, (*held, *closed), gate if held and closed else None, len(held))


def _filled(branches: Iterable[Branch], required: frozenset[str]) -> tuple[Branch, ...]:
    """The branches that leave no required column without a value."""
    return tuple(b for b in branches if not any(d.hollow for c, d in b.domains.items() if c in required))


def common(branches: tuple[Branch, ...], column: str) -> Domain:
    """The least domain around what the branches permit a column (its hull)."""
    found = [b.domains.get(column, Domain()) for b in branches if not b.domains.get(column, Domain()).forbidden]
    if not found:
        return Domain(forbidden=True) if branches else Domain()
    hull = found[0]
    for other in found[1:]:
        hull = _hull(hull, other)
    if len(found) < len(branches):
        hull = msgspec.structs.replace(hull, required=False)
    return hull


def _hull(a: Domain, b: Domain) -> Domain:
    """A domain that contains both."""
    values = None if a.values is None or b.values is None else tuple(dict.fromkeys(a.values + b.values))
    return Domain(
        low=None if a.low is None or b.low is None else min(a.low, b.low),
        high=None if a.high is None or b.high is None else max(a.high, b.high),
        values=values,
        refused=tuple(v for v in a.refused if v in b.refused),
        shortest=None if a.shortest is None or b.shortest is None else min(a.shortest, b.shortest),
        longest=None if a.longest is None or b.longest is None else max(a.longest, b.longest),
        patterns=tuple(p for p in a.patterns if p in b.patterns),
        multiple=a.multiple if a.multiple == b.multiple else None,
        required=a.required and b.required,
        content=a.content if a.content == b.content else "",
    )


def boolean(t: Type) -> bool:
    """Whether a column of this type answers yes or no."""
    return t.kind is Kind.BOOLEAN or t.variant == "boolean"
