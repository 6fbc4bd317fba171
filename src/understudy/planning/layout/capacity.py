"""How many distinct values a column can hold: a bound that key planning relies on.

It is the type's and the rules' bound, not the generator's: binding asks the recipe itself again.
"""

from __future__ import annotations

from understudy.model.domain import Domain
from understudy.types import Kind, Type

UNBOUNDED = 1 << 62
ALPHABET = 36
"""Symbols of a tight code: lower-case letters and digits, distinct under case-blind comparison."""


def capacity(t: Type, domain: Domain) -> int:
    """Distinct values (null not counted) that type and domain permit; at most 2**62."""
    if domain.hollow:
        return 0
    if domain.values is not None:
        return len(domain.values)
    return min(_by_kind(t, domain), UNBOUNDED)


def _by_kind(t: Type, domain: Domain) -> int:
    match t.kind:
        case Kind.BOOLEAN:
            return 2
        case Kind.INTEGER:
            low, high = t.integer_bounds
            return _span(domain, max(low, 0), high)
        case Kind.YEAR:
            return _span(domain, 1901, 2155)
        case Kind.DECIMAL | Kind.MONEY:
            return _span(domain, 0, 10 ** (t.precision or 18) - 1)
        case Kind.DATE:
            return _span(domain, 0, 20_000)
        case Kind.TIME:
            return 86_400
        case Kind.ENUM:
            return len(t.labels)
        case Kind.SET:
            return (1 << min(len(t.labels), 62)) - 1
        case Kind.BITS | Kind.BINARY:
            length = t.length if t.length is not None else 64
            return 1 << min(62, length if t.kind is Kind.BITS else 8 * length)
        case Kind.TEXT:
            longest = min((n for n in (t.length, domain.longest) if n is not None), default=None)
            return UNBOUNDED if longest is None or longest >= 12 else ALPHABET**longest
        case Kind.STRUCT | Kind.UNION | Kind.OPAQUE:
            return UNBOUNDED
        case _:
            return UNBOUNDED


def _span(domain: Domain, low: int, high: int) -> int:
    bottom = low if domain.low is None else int(domain.low)
    top = high if domain.high is None else int(domain.high)
    step = domain.multiple or 1
    return max(0, top // step - -(-bottom // step) + 1)
