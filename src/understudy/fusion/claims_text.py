"""Claims in a few words, for reports."""

from __future__ import annotations

import msgspec

from understudy.model.evidence import Bounds, Choices, Pattern, Samples
from understudy.model.rule import Rule
from understudy.model.schema import Field, ForeignKey, Unique
from understudy.types import Kind, Type

LONGEST = 160


def shown_type(t: Type) -> str:
    """A type as one says it.

    >>> shown_type(Type(Kind.TEXT, length=40)), shown_type(Type(Kind.DECIMAL, precision=10, scale=2))
    ('text(40)', 'decimal(10,2)')
    """
    inner = ""
    match t.kind:
        case Kind.TEXT | Kind.BINARY if t.length is not None:
            inner = f"({t.length})"
        case Kind.DECIMAL if t.precision is not None:
            inner = f"({t.precision},{t.scale or 0})"
        case Kind.ENUM if t.labels:
            inner = f"({', '.join(t.labels[:6])}{', …' if len(t.labels) > 6 else ''})"
        case Kind.ARRAY if t.element is not None:
            inner = f" of {shown_type(t.element)}"
    return f"{t.kind.value}{inner}"


def said(value: object, facet: str = "") -> str:
    """A claim's value in words."""
    match value:
        case bool() if facet == "nullability":
            return "may be null" if value else "required"
        case Type():
            return shown_type(value)
        case Field():
            return f"{value.type.raw or shown_type(value.type)}{'' if value.nullable else ' NOT NULL'}"
        case Bounds():
            return bounds(value, facet)
        case Choices():
            words = ", ".join(str(v) for v in value.values[:8])
            return f"{'such as' if value.open else 'one of'} {words}{', …' if len(value.values) > 8 else ''}"
        case Pattern():
            return f"/{value.text}/{' (whole)' if value.whole else ''}"
        case Samples():
            words = ", ".join(repr(v) for v in value.values[:4])
            return f"{'wrong on purpose' if value.invalid else 'seen'}: {words}"
        case Unique():
            return f"{'primary key' if value.primary else 'unique'} ({', '.join(value.columns)})"
        case ForeignKey():
            return f"({', '.join(value.columns)}) refers to {value.target}"
        case Rule():
            return " ".join(value.text.split())
        case msgspec.Struct():
            return msgspec.json.encode(value).decode()[:LONGEST]
        case None:
            return "exists"
    return " ".join(str(value).split())[:LONGEST]


def bounds(value: Bounds, facet: str = "") -> str:
    """Bounds in words.

    >>> bounds(Bounds(1, 40), "length"), bounds(Bounds(high=5, high_open=True))
    ('1 to 40 characters', 'below 5')
    """
    unit = " characters" if facet == "length" else ""
    low, high = value.low, value.high
    parts = []
    if low is not None and high is not None and not (value.low_open or value.high_open):
        parts.append(f"{low} to {high}{unit}" if low != high else f"exactly {low}{unit}")
    else:
        if low is not None:
            parts.append(f"above {low}{unit}" if value.low_open else f"at least {low}{unit}")
        if high is not None:
            parts.append(f"below {high}{unit}" if value.high_open else f"at most {high}{unit}")
    if value.multiple_of:
        parts.append(f"steps of {value.multiple_of}")
    return ", ".join(parts) or "no bound"
