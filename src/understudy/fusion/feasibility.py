"""Can conditions on one column hold at once? Asked of the rule engine, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.rule import Rule
from understudy.rules import patterns
from understudy.types import Kind, Type


def understood(text: str, dialect: str, types: Mapping[str, Type]) -> bool:
    """Whether planning can follow a condition."""
    return not rules.understand(text, dialect, types).opaque


def feasible(
    column: str, types: Mapping[str, Type], texts: Iterable[str], dialect: str, declared: Iterable[Rule] = ()
) -> bool:
    """Whether some value of the column's type meets all conditions, and the ``declared`` rules on it alone."""
    predicates = [rules.understand(t, dialect, types).predicate for t in texts]
    for rule in declared:
        found = rules.understand(rule.text, rule.dialect or dialect, types)
        if not found.opaque:
            predicates.append(found.predicate)
    room = _room(types[column])
    for branch in rules.branches(predicates, types).branches:
        domain = branch.domains.get(column, Domain()).intersect(room)
        if not domain.hollow and _writable(domain):
            return True
    return False


def _writable(domain: Domain) -> bool:
    """Whether some text of the length permitted matches every pattern; what is not understood is given credit."""
    if not domain.patterns:
        return True
    if domain.values is not None:
        return any(_matches(v, domain.patterns) for v in domain.values)
    known = tuple(p for p in domain.patterns if _alone(p))
    if not known:
        return True
    found = patterns.intersection(known, shortest=domain.shortest or 0, longest=domain.longest)
    return found is not None


def _matches(value: object, wanted: tuple[tuple[str, str], ...]) -> bool:
    text = str(value)
    for pattern, flags in wanted:
        language = patterns.compile(pattern, flags)
        if language is not None and not language.matches(text):
            return False
    return True


@cache
def _alone(pattern: tuple[str, str]) -> bool:
    return patterns.intersection((pattern,)) is not None


def _room(t: Type) -> Domain:
    """What the column's type has room for."""
    match t.kind:
        case Kind.TEXT if t.length is not None:
            return Domain(longest=t.length)
        case Kind.INTEGER:
            low, high = t.integer_bounds
            return Domain(low=low, high=high)
        case Kind.ENUM if t.labels:
            return Domain(values=t.labels)
    return Domain()
