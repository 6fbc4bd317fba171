"""Branches met, merged and compared: what two ways permit together, and which of two ways says it all."""

from __future__ import annotations

from collections.abc import Mapping
from math import lcm
from typing import TypeVar

import msgspec

from understudy.model.domain import Domain
from understudy.rules.branch import Branch
from understudy.rules.propagation import consistent
from understudy.types import Type

Types = Mapping[str, Type]
T = TypeVar("T")

STARVED = Domain(values=(), forbidden=True)
"""Only null is left, because sets of values exclude each other (and not because a rule asked for null)."""


def met(a: Branch, b: Branch, types: Types) -> Branch | None:
    """Both at once; None where that leaves a column nothing."""
    domains = dict(a.domains)
    for name, domain in b.domains.items():
        common = meet(domains[name], domain) if name in domains else domain.settled()
        if common.empty:
            return None
        domains[name] = STARVED if common.hollow and not common.forbidden else common
    together = Branch(
        domains,
        _unique(a.relations, b.relations),
        _unique(a.definitions, b.definitions),
        _unique(a.residue, b.residue),
    )
    return together if consistent(together, types) else None


def meet(a: Domain, b: Domain) -> Domain:
    """What both domains permit; steps meet in their least common multiple."""
    common = a.intersect(b)
    if common.multiple is None:
        return common
    step = lcm(a.multiple or 1, b.multiple or 1)
    values = None if common.values is None else tuple(v for v in common.values if isinstance(v, int) and v % step == 0)
    return msgspec.structs.replace(common, multiple=step, values=values)


def _unique(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def merged(ways: list[Branch]) -> list[Branch]:
    """Ways that differ in one column's domain only, as one where a domain can say both."""
    kept = list(ways)
    at = 0
    while at < len(kept):
        for other in range(at + 1, len(kept)):
            joined = _joined(kept[at], kept[other])
            if joined is not None:
                kept[at] = joined
                del kept[other]
                at = -1
                break
        at += 1
    return kept


def _joined(a: Branch, b: Branch) -> Branch | None:
    if (a.relations, a.definitions, a.residue) != (b.relations, b.definitions, b.residue):
        return None
    apart = [n for n in {**a.domains, **b.domains} if a.domains.get(n) != b.domains.get(n)]
    if len(apart) != 1:
        return None
    name = apart[0]
    union = _union(a.domains.get(name, Domain()), b.domains.get(name, Domain()))
    return None if union is None else msgspec.structs.replace(a, domains={**a.domains, name: union})


def _union(a: Domain, b: Domain) -> Domain | None:
    """The domain that permits just what either permits; None where no domain says it."""
    if a.forbidden or b.forbidden:
        other = b if a.forbidden else a
        return msgspec.structs.replace(other, required=False)
    bare = Domain(values=(), required=a.required)
    alike = all(msgspec.structs.replace(d, values=()) == bare for d in (a, b))
    if a.values is not None and b.values is not None and alike:
        return msgspec.structs.replace(a, values=tuple(dict.fromkeys(a.values + b.values)))
    return None


def pruned(found: list[Branch]) -> list[Branch]:
    """Without those that another permits as well."""
    kept: list[Branch] = []
    for branch in found:
        if any(_covers(k, branch) for k in kept):
            continue
        kept = [k for k in kept if not _covers(branch, k)]
        kept.append(branch)
    return kept


def _covers(wide: Branch, narrow: Branch) -> bool:
    if not (set(wide.relations) <= set(narrow.relations) and set(wide.definitions) <= set(narrow.definitions)):
        return False
    if not set(wide.residue) <= set(narrow.residue):
        return False
    return all(_contains(domain, narrow.domains.get(name, Domain())) for name, domain in wide.domains.items())


def _contains(wide: Domain, narrow: Domain) -> bool:
    """Whether ``wide`` permits all that ``narrow`` permits (no, where that cannot be seen easily)."""
    if wide.required and not narrow.required:
        return False
    if narrow.forbidden:
        return not wide.required
    if wide.forbidden:
        return False
    return msgspec.structs.replace(wide.intersect(narrow), required=narrow.required) == narrow.settled()
