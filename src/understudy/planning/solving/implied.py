"""Rules over parts: those of the table, and those that hold by the nature of a structure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from understudy import rules
from understudy.model.expression import Node, Part
from understudy.model.rule import Rule
from understudy.model.schema import Entity
from understudy.planning.solving.parts import Parts, coupled, inner_rules, take_apart
from understudy.planning.solving.rulebook import Understood
from understudy.rules.trees import walk
from understudy.types import Kind


def read_parts(entity: Entity, dialect: str, known: rules.Known = rules.NOTHING) -> tuple[Parts, tuple[Node, ...]]:
    """The parts that the rules, keys and computed columns of a table speak of; and what domains inside structures
    demand of parts."""
    types = {f.name: f.type for f in entity.fields}
    if not any(t.kind in STRUCTURED for t in types.values()) and not known.routines:
        return Parts({}, ()), ()
    texts = [r.text for r in entity.checks if r.enforced and r.predicate is None]
    texts += [p.text for u in entity.uniques for p in u.parts if p.text]
    texts += [u.predicate for u in entity.uniques if u.predicate]
    texts += [f.generated for f in entity.fields if f.generated]
    texts += [x.predicate for x in entity.exclusions if x.predicate]
    inner = tuple(inner_rules(entity, dialect))
    trees = [rules.understand(t, dialect, types, known).predicate for t in texts]
    ranged = [
        f.name
        for f in entity.fields
        if f.type.kind is Kind.RANGE
        and not f.generated
        and any(f.name in text for x in entity.exclusions for text, _ in x.elements)
    ]
    return take_apart(entity, [*trees, *inner], ranged), inner


STRUCTURED = frozenset({
    Kind.JSON, Kind.TEXT, Kind.STRUCT, Kind.RANGE, Kind.ARRAY, Kind.NETWORK, Kind.GEOMETRIC, Kind.SPATIAL, Kind.MAP,
})  # fmt: skip
"""Kinds whose values have parts."""


def in_parts(understood: Understood, parts: Parts) -> Understood:
    """A rule over parts' columns; with parts that no column stands for, a rule that is not understood."""
    predicate = parts.apart(understood.predicate)
    if predicate is understood.predicate:
        return understood
    left = tuple(rules.render(n) for n in walk(predicate) if isinstance(n, Part))
    return msgspec.structs.replace(
        understood,
        predicate=predicate,
        columns=tuple(rules.columns_of(predicate)),
        opaque=(*understood.opaque, *left),
    )


def implied(parts: Parts, inner: Sequence[Node]) -> list[Understood]:
    """What holds by the nature of a structure, and by the domains inside it, as rules of its own."""
    found = [(f"parts of {name}", node) for name, node in coupled(parts)]
    found += [("a domain inside", parts.apart(node)) for node in inner]
    made = (Understood(Rule(n, rules.render(p), (), predicate=p), p, tuple(rules.columns_of(p))) for n, p in found)
    return list(made)
