"""What conditions ask of columns, and sums of columns against zero as bounds and relations."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor, lcm

import msgspec

from understudy.model.domain import Domain
from understudy.rules.branch import Definition, Relation
from understudy.rules.kinds import scale_of
from understudy.rules.linear import Linear
from understudy.types import Kind, Type

Types = Mapping[str, Type]
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
"""The comparison that says the same with its sides exchanged."""


class Demand(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a condition asks for. ``exact``: nothing is left over; else the condition itself must be kept as residue."""

    domains: dict[str, Domain] = {}
    relation: Relation | None = None
    definition: Definition | None = None
    exact: bool = True


def only(name: str, domain: Domain, *, exact: bool = True) -> Demand:
    """A demand on one column."""
    return Demand({name: domain}, exact=exact)


def balanced(sign: str, total: Linear, types: Types) -> Demand | None:
    """``sum + constant sign 0`` over one column (a bound) or two (a relation)."""
    if len(total.terms) == 1:
        ((name, factor),) = total.terms
        return bounded(name, sign if factor > 0 else MIRRORED[sign], -total.constant / factor, types[name])
    if len(total.terms) == 2:
        return _related(sign, total, types)
    return None


def bounded(name: str, sign: str, limit: Fraction, kind: Type) -> Demand:
    """A column against a number, in the column's representation."""
    if kind.kind is Kind.FLOAT:
        return only(name, _float_domain(sign, float(limit), kind.bits))
    scaled = limit * 10 ** scale_of(kind)
    whole = scaled.denominator == 1
    value = int(scaled) if whole else 0
    match sign:
        case "=":
            return only(name, Domain(values=(value,) if whole else ()))
        case "<>":
            return only(name, Domain(refused=(value,)) if whole else Domain())
        case "<":
            return only(name, Domain(high=ceil(scaled) - 1))
        case "<=":
            return only(name, Domain(high=floor(scaled)))
        case ">":
            return only(name, Domain(low=floor(scaled) + 1))
    return only(name, Domain(low=ceil(scaled)))


def _float_domain(sign: str, limit: float, bits: int) -> Domain:
    match sign:
        case "=":
            return Domain(values=(limit,))
        case "<>":
            return Domain(refused=(limit,))
        case "<":
            return Domain(high=_next(limit, -math.inf, bits))
        case "<=":
            return Domain(high=limit)
        case ">":
            return Domain(low=_next(limit, math.inf, bits))
    return Domain(low=limit)


def _next(limit: float, towards: float, bits: int) -> float:
    """The neighbouring float of the column's width."""
    if bits > 32:
        return math.nextafter(limit, towards)
    (pattern,) = struct.unpack("<i", struct.pack("<f", limit))
    near = float(struct.unpack("<f", struct.pack("<f", limit))[0])
    if (near > limit) if towards > 0 else (near < limit):
        return near
    if pattern in (0, -(2**31)):
        return math.copysign(1e-45, towards)
    step = 1 if (pattern > 0) == (towards > 0) else -1
    return float(struct.unpack("<f", struct.pack("<i", pattern + step))[0])


def _related(sign: str, total: Linear, types: Types) -> Demand | None:
    (left, a), (right, b) = total.terms
    a, b = (c / 10 ** scale_of(types[n]) for n, c in ((left, a), (right, b)))
    if a < 0:
        a, b, constant, sign = -a, -b, -total.constant, MIRRORED[sign]
    else:
        constant = total.constant
    common = lcm(a.denominator, b.denominator)
    a, b, constant = a * common, b * common, constant * common
    shrink = math.gcd(a.numerator, b.numerator)
    a, b, constant = a / shrink, b / shrink, constant / shrink
    offset = -constant
    floats = any(types[n].kind is Kind.FLOAT for n in (left, right))
    if not floats and offset.denominator != 1:
        match sign:
            case "=" | "<>":
                return None
            case "<" | "<=":
                offset, sign = Fraction(floor(offset)), "<="
            case _:
                offset, sign = Fraction(ceil(offset)), ">="
    number = int(offset) if offset.denominator == 1 else float(offset)
    return Demand(relation=_oriented(Relation(left, sign, right, number, int(a), int(-b))))


def _oriented(relation: Relation) -> Relation:
    """The relation with ``<`` or ``<=`` instead of their mirrors, where both factors are positive."""
    if relation.op in (">", ">=") and relation.right_factor > 0:
        return Relation(
            relation.right,
            MIRRORED[relation.op],
            relation.left,
            -relation.offset,
            relation.right_factor,
            relation.left_factor,
        )
    return relation
