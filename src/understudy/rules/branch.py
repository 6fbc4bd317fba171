"""Nouns of solving: one consistent way of meeting rules, and the ways taken together."""

from __future__ import annotations

import msgspec

from understudy.model.domain import Domain
from understudy.model.expression import Node


class Relation(msgspec.Struct, frozen=True, omit_defaults=True):
    """``left * left_factor  op  right * right_factor + offset`` in the representation of the columns (decimals
    scaled, dates in
    days, times and timestamps in microseconds); ``op`` of ``< <= = <> > >=`` (first two and = <> for generated ones).
    Holds as well where either side is null. Factors are 1 where both columns are represented alike; ``left_factor`` is
    positive. For texts only ``=`` and ``<>``, factors 1, offset 0."""

    left: str
    op: str
    right: str
    offset: int | float = 0
    left_factor: int = 1
    right_factor: int = 1


class Definition(msgspec.Struct, frozen=True):
    """``column`` equals ``node``, which does not read it: the column can be computed. ``node`` speaks in the numbers of
    expressions (1.5 is 1.5). Holds as well where either side is null."""

    column: str
    node: Node


class Branch(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way of meeting the rules. Null stands wherever a domain does not say ``required``; relations, definitions
    and residue
    are kept by a row in which any column they read is null, unless the column is required. ``residue``: conditions
    that neither
    domains nor relations say; a row must not make them false. ``weight``: relative share, for lack of better
    knowledge."""

    domains: dict[str, Domain] = {}
    relations: tuple[Relation, ...] = ()
    definitions: tuple[Definition, ...] = ()
    residue: tuple[Node, ...] = ()
    weight: float = 1.0


class Branches(msgspec.Struct, frozen=True, omit_defaults=True):
    """All ways found. None at all: ``clashing`` are the places (in the sequence given) of a smallest set of rules
    that exclude each
    other, and ``conflict`` their words. ``narrowed``: words of rules of which not every alternative is kept, for
    there were more
    than the limit: each branch still meets every rule."""

    branches: tuple[Branch, ...] = ()
    conflict: tuple[str, ...] = ()
    clashing: tuple[int, ...] = ()
    narrowed: tuple[str, ...] = ()
