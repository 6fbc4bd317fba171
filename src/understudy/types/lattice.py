"""The lattice of logical types: which values of one type are also values of another.

A whole number is a decimal, a date is a timestamp at midnight, everything can be written as text. Sources speak with
different precision: a specification says ``string`` of what a database keeps as a date. The figures say how far a
claim for one type speaks for another as well: 1 where every value fits, less where it only may.
"""

from __future__ import annotations

from understudy.types.logical import Kind, Type

TEXTUAL = frozenset({Kind.UUID, Kind.ENUM, Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.INTERVAL, Kind.NETWORK, Kind.XML})
"""Kinds that travel as text in JSON, HTML and files: what says ``string`` may mean any of them."""

WIDER: dict[Kind, tuple[tuple[Kind, float], ...]] = {
    Kind.BOOLEAN: ((Kind.INTEGER, 0.6), (Kind.BITS, 0.7), (Kind.TEXT, 0.5)),
    Kind.INTEGER: ((Kind.DECIMAL, 1.0), (Kind.FLOAT, 0.95), (Kind.MONEY, 0.7), (Kind.TEXT, 0.5), (Kind.BOOLEAN, 0.2)),
    Kind.YEAR: ((Kind.INTEGER, 1.0), (Kind.DECIMAL, 0.9), (Kind.TEXT, 0.5)),
    Kind.DECIMAL: ((Kind.FLOAT, 0.9), (Kind.MONEY, 0.9), (Kind.INTEGER, 0.4), (Kind.TEXT, 0.5)),
    Kind.MONEY: ((Kind.DECIMAL, 1.0), (Kind.FLOAT, 0.9), (Kind.TEXT, 0.5)),
    Kind.FLOAT: ((Kind.DECIMAL, 0.9), (Kind.MONEY, 0.8), (Kind.INTEGER, 0.3), (Kind.TEXT, 0.4)),
    Kind.DATE: ((Kind.TIMESTAMP, 0.95), (Kind.TEXT, 0.7)),
    Kind.TIME: ((Kind.INTERVAL, 0.5), (Kind.TEXT, 0.7)),
    Kind.TIMESTAMP: ((Kind.DATE, 0.5), (Kind.TEXT, 0.6), (Kind.INTEGER, 0.2)),
    Kind.INTERVAL: ((Kind.TEXT, 0.6), (Kind.TIME, 0.4), (Kind.INTEGER, 0.3)),
    Kind.UUID: ((Kind.TEXT, 0.9), (Kind.BINARY, 0.5)),
    Kind.ENUM: ((Kind.TEXT, 1.0), (Kind.INTEGER, 0.2)),
    Kind.SET: ((Kind.TEXT, 0.9), (Kind.ARRAY, 0.7)),
    Kind.ARRAY: ((Kind.JSON, 0.9), (Kind.SET, 0.5), (Kind.TEXT, 0.4)),
    Kind.STRUCT: ((Kind.JSON, 1.0), (Kind.MAP, 0.8), (Kind.TEXT, 0.3)),
    Kind.MAP: ((Kind.JSON, 1.0), (Kind.STRUCT, 0.6), (Kind.TEXT, 0.3)),
    Kind.UNION: ((Kind.JSON, 0.8),),
    Kind.JSON: ((Kind.TEXT, 0.6), (Kind.MAP, 0.7), (Kind.STRUCT, 0.7), (Kind.ARRAY, 0.6)),
    Kind.BINARY: ((Kind.TEXT, 0.5),),
    Kind.BITS: ((Kind.TEXT, 0.4), (Kind.INTEGER, 0.4)),
    Kind.NETWORK: ((Kind.TEXT, 0.9),),
    Kind.XML: ((Kind.TEXT, 0.9),),
    Kind.SPATIAL: ((Kind.TEXT, 0.4), (Kind.JSON, 0.6), (Kind.GEOMETRIC, 0.8)),
    Kind.GEOMETRIC: ((Kind.TEXT, 0.5), (Kind.SPATIAL, 0.8)),
    Kind.RANGE: ((Kind.TEXT, 0.5), (Kind.STRUCT, 0.4)),
    Kind.SEARCH: ((Kind.TEXT, 0.7),),
    Kind.TEXT: (
        (Kind.ENUM, 0.6),
        (Kind.UUID, 0.6),
        (Kind.DATE, 0.5),
        (Kind.TIMESTAMP, 0.5),
        (Kind.TIME, 0.5),
        (Kind.NETWORK, 0.6),
        (Kind.XML, 0.6),
        (Kind.INTERVAL, 0.4),
        (Kind.BINARY, 0.4),
        (Kind.JSON, 0.4),
        (Kind.DECIMAL, 0.25),
        (Kind.INTEGER, 0.25),
        (Kind.FLOAT, 0.2),
        (Kind.MONEY, 0.25),
        (Kind.YEAR, 0.3),
        (Kind.BOOLEAN, 0.15),
        (Kind.SEARCH, 0.7),
        (Kind.SET, 0.5),
        (Kind.OPAQUE, 0.4),
    ),
    Kind.OPAQUE: ((Kind.TEXT, 0.4),),
}
"""Kind → the kinds that a value of it may also be taken for, and how far."""

MEMBER_SHARE = 0.3
"""How much of two arrays' likeness hangs on their elements."""


def supports(claim: Type, candidate: Type) -> float:
    """How far a claim that values are of type ``claim`` speaks for ``candidate`` too, between 0 and 1.

    >>> supports(Type(Kind.INTEGER), Type(Kind.DECIMAL)), supports(Type(Kind.DATE), Type(Kind.BOOLEAN))
    (1.0, 0.0)
    """
    if claim.kind is candidate.kind:
        return _same_kind(claim, candidate)
    return next((share for kind, share in WIDER.get(claim.kind, ()) if kind is candidate.kind), 0.0)


def _same_kind(claim: Type, candidate: Type) -> float:
    if claim.kind is Kind.ARRAY and claim.element is not None and candidate.element is not None:
        return 1.0 - MEMBER_SHARE + MEMBER_SHARE * supports(claim.element, candidate.element)
    if claim.kind is Kind.DECIMAL and (claim.scale or 0) > (candidate.scale if candidate.scale is not None else 99):
        return 0.9
    return 1.0


def likeness(one: Type, other: Type) -> float:
    """How well two types can be of the same field, whichever is the wider."""
    return max(supports(one, other), supports(other, one))


def carries(storage: Type, spoken: Type) -> bool:
    """Whether a record at a door of type ``spoken`` can show a value that is stored as ``storage``: a number as
    text, a date as text, but no word as a truth value."""
    if storage.kind is spoken.kind:
        return True
    if spoken.kind is Kind.TEXT:
        return storage.kind not in (Kind.STRUCT, Kind.MAP, Kind.BINARY, Kind.UNION)
    numeric = (Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.MONEY, Kind.YEAR)
    if storage.kind in numeric:
        whole = storage.kind in (Kind.INTEGER, Kind.YEAR)
        return spoken.kind in numeric and (whole or spoken.kind is not Kind.INTEGER or storage.scale == 0)
    if spoken.kind in (Kind.UUID, Kind.ENUM, Kind.DATE, Kind.TIMESTAMP, Kind.TIME, Kind.NETWORK):
        return storage.kind is Kind.TEXT or supports(storage, spoken) >= 0.5
    return supports(storage, spoken) >= 0.6
