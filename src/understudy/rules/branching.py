"""Rules over one group of columns as ways of meeting them: a disjunction of consistent branches.

A rule holds unless it is false. Each rule gives alternatives; alternatives of several rules are met pair by pair,
and what
contradicts itself is dropped at once. What another branch permits as well is dropped too, so that the common rule
(one condition
over nullable columns) is one branch. Columns that must not be null are told by a rule ``not is_null(column)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Const, Node
from understudy.rules.atoms import demand
from understudy.rules.branch import Branch, Branches
from understudy.rules.contents import contents
from understudy.rules.evaluation import evaluate
from understudy.rules.kinds import natural
from understudy.rules.masks import mask_branches
from understudy.rules.meeting import STARVED, meet, merged, met, pruned
from understudy.rules.normal import normal
from understudy.rules.rendering import render
from understudy.rules.simplification import understood
from understudy.rules.textual import found as found_in
from understudy.rules.trees import FALSE, NOW, NULL, TRUE, at, both, call, columns_of, either, negation, walk
from understudy.types import Kind, Type

Types = Mapping[str, Type]
SEARCH = 4000
"""Pairs of alternatives that the search for any way at all tries before it gives up."""


def branches(predicates: Sequence[Node], types: Types, limit: int = 256, clock: int | None = None) -> Branches:
    """The ways of meeting all ``predicates`` (at most ``limit``); none where they exclude each other. ``clock``: the
    moment that is now (microseconds since 1970-01-01 UTC); without it conditions on the present stay residue."""
    timed = predicates if clock is None else [at(p, clock) for p in predicates]
    per_rule = [_alternatives(normal(p, types), False, types, limit) for p in timed]
    found, narrowed = _combined(per_rule, types, limit)
    if not found:
        places = _clash(per_rule, types, limit)
        return Branches(conflict=tuple(render(predicates[i]) for i in places), clashing=places)
    return Branches(tuple(found), narrowed=tuple(render(predicates[i]) for i in narrowed))


def _combined(per_rule: Sequence[list[Branch]], types: Types, limit: int) -> tuple[list[Branch], list[int]]:
    """The branches of all rules together, and the places of the rules that had to be thinned."""
    found = [Branch()]
    narrowed: list[int] = []
    order = sorted(range(len(per_rule)), key=lambda i: len(per_rule[i]))
    for place in order:
        pairs = [m for a in found for b in per_rule[place] if (m := met(a, b, types)) is not None]
        found = pruned(pairs)
        if len(found) > limit:
            narrowed.append(place)
            found = [found[i * len(found) // limit] for i in range(limit)]
    if not found and narrowed:
        found = _searched([per_rule[i] for i in order], types)
    return _preferred([s for b in found if (s := _settled(b, types)) is not None]), narrowed


def _searched(per_rule: list[list[Branch]], types: Types) -> list[Branch]:
    """Any way through all rules, depth first, for thinning may have dropped just the ways that the last rule wants."""
    budget = SEARCH

    def descend(branch: Branch, depth: int) -> Branch | None:
        nonlocal budget
        if depth == len(per_rule):
            return branch
        for alternative in per_rule[depth]:
            budget -= 1
            if budget < 0:
                return None
            common = met(branch, alternative, types)
            if common is not None and (end := descend(common, depth + 1)) is not None:
                return end
        return None

    one = descend(Branch(), 0)
    return [] if one is None else [one]


def _clash(per_rule: Sequence[list[Branch]], types: Types, limit: int) -> tuple[int, ...]:
    """A smallest set of rules that exclude each other, by leaving out one after the other."""
    kept = list(range(len(per_rule)))
    for place in list(kept):
        without = [i for i in kept if i != place]
        if not _combined([per_rule[i] for i in without], types, limit)[0]:
            kept = without
    return tuple(kept)


# ---- one rule --------------------------------------------------------------------------------------
def _alternatives(node: Node, hold: bool, types: Types, limit: int) -> list[Branch]:
    """The ways in which a rule in normal form passes (is not false) or, with ``hold``, is true."""
    masks = mask_branches(node)
    if masks is not None:
        return masks
    match node:
        case Call(function="and", args=args):
            return _all(args, hold, types, limit)
        case Call(function="or", args=args):
            ways = [w for a in args for w in _alternatives(a, hold, types, limit)]
            return pruned(merged(_apart(ways, types))) if len(ways) <= limit else [Branch(residue=(node,))]
        case Call(function="is_true", args=(inner,)):
            return _alternatives(inner, True, types, limit)
        case Call(function="not", args=(Call(function="is_true", args=(inner,)),)):
            return _alternatives(normal(negation(inner), types), False, types, limit)
    return _condition(node, hold, types)


def _apart(ways: list[Branch], types: Types) -> list[Branch]:
    """A flag that is a way of its own (``not refunded or …``) has its other value in the others: no solution is lost,
    and each way says what the flag is."""
    for way in ways:
        if way.relations or way.definitions or way.residue or len(way.domains) != 1:
            continue
        ((name, domain),) = way.domains.items()
        if name not in types or types[name].kind is not Kind.BOOLEAN or domain.values not in ((True,), (False,)):
            continue
        other = Domain(values=(not domain.values[0],))
        return [
            w if name in w.domains else msgspec.structs.replace(w, domains={**w.domains, name: other}) for w in ways
        ]
    return ways


def _all(args: tuple[Node, ...], hold: bool, types: Types, limit: int) -> list[Branch]:
    found = [Branch()]
    for arg in sorted(args, key=lambda a: isinstance(a, Call) and a.function == "or"):
        pairs = [
            m for a in found for b in _alternatives(arg, hold, types, limit) if (m := met(a, b, types)) is not None
        ]
        found = pruned(pairs)
        if len(found) > limit:
            whole = both(*args)
            return [Branch(residue=(call("is_true", whole) if hold else whole,))]
    return found


def _condition(node: Node, hold: bool, types: Types) -> list[Branch]:
    """The ways in which one small condition passes or holds."""
    if node == TRUE or (node == NULL and not hold):
        return [Branch()]
    if node in (FALSE, NULL):
        return []
    match node:
        case Call(function="is_null", args=(Column(name=name),)):
            return [Branch({name: Domain(forbidden=True)})]
        case Call(function="not", args=(Call(function="is_null", args=(Column(name=name),)),)):
            return [Branch({name: Domain(required=True)})]
    extremes = _extremes(node, hold, types)
    if extremes is not None:
        return extremes
    return [_demanded(node, hold, types)]


def _demanded(node: Node, hold: bool, types: Types) -> Branch:
    found = demand(node, types)
    names = [n for n in columns_of(node) if n in types] if hold and _strict(node) else []
    domains = {n: Domain(required=True) for n in names}
    for name, content in contents(node, types).items():
        domains[name] = meet(domains.get(name, Domain()), Domain(content=content))
    for divisor in _divisors(node):
        domains[divisor] = meet(domains.get(divisor, Domain()), Domain(refused=(0,)))
    if found is None:
        return Branch(domains, residue=(node if not hold or _strict(node) else call("is_true", node),))
    for name, domain in found.domains.items():
        domains[name] = meet(domain, domains.get(name, Domain()))
    return Branch(
        domains,
        (found.relation,) if found.relation is not None else (),
        (found.definition,) if found.definition is not None else (),
        () if found.exact else (node,),
    )


def _divisors(node: Node) -> list[str]:
    """Columns that a condition divides by: 0 there is an error in most databases."""
    calls = (p for p in walk(node) if isinstance(p, Call) and p.function in ("/", "%"))
    return [p.args[1].name for p in calls if isinstance(p.args[1], Column)]


_LENIENT = frozenset({"coalesce", "nullif", "greatest", "least", "num_nulls", "num_nonnulls", "is_null", "is_true",
"is_false", "and", "or",
                      "is_distinct", "/", "%", "power", "array_contains", "json_typeof"})  # fmt: skip


def _strict(node: Node) -> bool:
    """Whether a condition is null exactly where one of its columns is."""
    return understood(node) and not any(
        not isinstance(p, Column | Const | Call) or (isinstance(p, Call) and p.function in _LENIENT) for p in walk(node)
    )


def _extremes(node: Node, hold: bool, types: Types) -> list[Branch] | None:
    """``greatest(a, b) <= 5`` as a condition on each of them; nulls among them do not count."""
    match node:
        case Call(function="<" | "<=" as sign, args=(Call(function="greatest", args=args), limit)) if not hold:
            return _all(tuple(Call(sign, (a, limit)) for a in args), hold, types, 64)
        case Call(function=">" | ">=" as sign, args=(Call(function="least", args=args), limit)) if not hold:
            return _all(tuple(Call(sign, (a, limit)) for a in args), hold, types, 64)
        case Call(function=">" | ">=" as sign, args=(Call(function="greatest", args=args), limit)):
            return _any(sign, args, limit, hold, types)
        case Call(function="<" | "<=" as sign, args=(Call(function="least", args=args), limit)):
            return _any(sign, args, limit, hold, types)
    return None


def _any(sign: str, args: tuple[Node, ...], limit: Node, hold: bool, types: Types) -> list[Branch]:
    ways: list[Node] = [call("is_true", Call(sign, (a, limit))) for a in args]
    if not hold:
        ways.append(both(*(call("is_null", a) for a in args)))
    return _alternatives(either(*ways), hold, types, 64)


# ---- at the end ------------------------------------------------------------------------------------
def _settled(branch: Branch, types: Types) -> Branch | None:
    """Finite columns thinned by patterns and by what is left over about them alone; None where nothing remains."""
    domains = {n: _thinned(d) for n, d in branch.domains.items()}
    if any(d.empty for d in domains.values()):
        return None
    residue: list[Node] = []
    for node in branch.residue:
        names = columns_of(node)
        values = _finite(domains.get(names[0], Domain()), types.get(names[0])) if len(names) == 1 else None
        if values is None or not understood(node) or _reads_now(node):
            residue.append(node)
            continue
        name = names[0]
        kept = tuple(v for v in values if evaluate(node, {name: natural(v, types.get(name))}) is not False)
        thinner = domains.get(name, Domain()).intersect(Domain(values=kept))
        if evaluate(node, {name: None}) is False:
            thinner = msgspec.structs.replace(thinner, required=True)
        if thinner.empty:
            return None
        domains[name] = STARVED if thinner.hollow else thinner
    return msgspec.structs.replace(branch, domains=domains, residue=tuple(residue))


def _thinned(domain: Domain) -> Domain:
    """A finite set of texts without those that the patterns refuse."""
    if domain.values is None or not domain.patterns:
        return domain
    kept = tuple(v for v in domain.values if all(found_in(p, str(v), fold="i" in f) for p, f in domain.patterns))
    return msgspec.structs.replace(domain, values=kept, patterns=())


def _reads_now(node: Node) -> bool:
    return any(isinstance(p, Column) and p.name == NOW for p in walk(node))


def _finite(domain: Domain, kind: Type | None) -> tuple[int | float | str | bool, ...] | None:
    if domain.values is not None:
        return domain.values
    if kind is not None and kind.kind is Kind.BOOLEAN:
        return (False, True)
    return kind.labels if kind is not None and kind.kind is Kind.ENUM and kind.labels else None


def _preferred(found: list[Branch]) -> list[Branch]:
    """Without branches that rest on words nobody understood, or in which sets of values exclude each other and only
    null is
    left, where others do without."""

    if not found:
        return found
    known = [b for b in found if all(map(understood, b.residue))]
    free = pruned(known or found)
    fed = [b for b in free if STARVED not in b.domains.values()] or free
    return [msgspec.structs.replace(b, domains={n: _bare(d) for n, d in b.domains.items()}) for b in fed]


def _bare(domain: Domain) -> Domain:
    """Where only null may stand, nothing else needs to be said."""
    return Domain(forbidden=True) if domain.forbidden else domain
