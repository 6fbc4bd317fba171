"""Bounds that make a scarce rule likely: a sum, product or other growing term that must stay below a constant.

Where hardly any draw satisfies ``price * quantity <= 500`` or ``a + b < 100``, every column of the term is kept
below the number at which the term, all columns being alike, still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Const, Node
from understudy.types import Kind, Type

BOUNDED = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY)
MOST = 1 << 62
MIRRORED = {">": "<", ">=": "<="}


def ceilings(predicates: Iterable[Node], types: Mapping[str, Type], free: frozenset[str]) -> dict[str, Domain]:
    """Per column of ``free`` the upper bound (in its own scale) that the growing terms of the rules suggest."""
    found: dict[str, Domain] = {}
    for term, sign, limit in (c for p in predicates for c in _comparisons(p)):
        columns = rules.columns_of(term)
        if len(columns) < 2 or not set(columns) <= free or any(types[c].kind not in BOUNDED for c in columns):
            continue
        top = _greatest(term, sign, limit, columns)
        for column in columns if top else ():
            high = Domain(high=top * 10 ** (types[column].scale or 0) if types[column].kind is not Kind.FLOAT else top)
            found[column] = found.get(column, Domain()).intersect(high)
    return found


def _comparisons(node: Node) -> Iterator[tuple[Node, str, Const]]:
    """The conditions ``term <= constant`` that a rule demands."""
    match node:
        case Call(function="and", args=args):
            for arg in args:
                yield from _comparisons(arg)
        case Call(function="is_true", args=(inner,)):
            yield from _comparisons(inner)
        case Call(function="<" | "<=" as sign, args=(term, Const() as limit)):
            yield term, sign, limit
        case Call(function=">" | ">=" as sign, args=(Const() as limit, term)):
            yield term, MIRRORED[sign], limit


def _greatest(term: Node, sign: str, limit: Const, columns: tuple[str, ...]) -> int:
    """The greatest whole number that all columns may be at once; 0 if the term does not grow with them."""

    def holds(number: int) -> bool:
        values = dict.fromkeys(columns, number)
        return rules.evaluate(Call(sign, (term, limit)), values) is True

    if not holds(1) or holds(MOST):
        return 0
    low, high = 1, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def growing(node: Node) -> bool:
    """Whether a rule has a condition that a ceiling could make likely."""
    return any(not isinstance(term, Column | Const) for term, _, _ in _comparisons(node))
