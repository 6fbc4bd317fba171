"""Forms: what the values of an expression look like while it is evaluated, known before any row is made.

A form is a kind of value and, for decimals, its scale. RAW is a whole number of no unit yet (a draw, a
code, a row number): beside a decimal, a date or a time it counts in that one's own units; a literal whole
number beside a decimal is a natural number (3 is 3.00).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec
import pyarrow as pa

from understudy.errors import InternalError
from understudy.types import Kind, Type


class Sort(StrEnum):
    """Kinds of values while evaluating."""

    NULL = "null"
    RAW = "a raw number"
    INT = "a whole number"
    DECIMAL = "a decimal"
    FLOAT = "a float"
    BOOL = "a boolean"
    TEXT = "text"
    BINARY = "bytes"
    DATE = "a date"
    TIME = "a time"
    TIMESTAMP = "a timestamp"
    INTERVAL = "an interval"
    LIST = "a list"
    STRUCT = "a struct"


class Form(msgspec.Struct, frozen=True):
    """``scale``: of decimals. ``element``: of lists. ``fields``: of structs, in order."""

    sort: Sort
    scale: int = 0
    element: Form | None = None
    fields: tuple[tuple[str, Form], ...] = ()


NULL, RAW, INT, FLOAT, BOOL = Form(Sort.NULL), Form(Sort.RAW), Form(Sort.INT), Form(Sort.FLOAT), Form(Sort.BOOL)
TEXT, BINARY, DATE, TIME = Form(Sort.TEXT), Form(Sort.BINARY), Form(Sort.DATE), Form(Sort.TIME)
TIMESTAMP, INTERVAL = Form(Sort.TIMESTAMP), Form(Sort.INTERVAL)

WHOLE = frozenset({Sort.RAW, Sort.INT})
NUMBERS = frozenset({Sort.RAW, Sort.INT, Sort.DECIMAL, Sort.FLOAT})
TEMPORAL = frozenset({Sort.DATE, Sort.TIME, Sort.TIMESTAMP, Sort.INTERVAL})
WORDS = frozenset({Sort.TEXT, Sort.BINARY})


def decimal(scale: int) -> Form:
    """Decimals of that scale, as whole numbers of 10**-scale."""
    return Form(Sort.DECIMAL, scale)


def form_of(t: Type) -> Form:
    """The form in which values of a logical type are evaluated."""
    match t.kind:
        case Kind.INTEGER | Kind.YEAR:
            return INT
        case Kind.DECIMAL:
            return decimal(t.scale or 0)
        case Kind.MONEY:
            return decimal(2 if t.scale is None else t.scale)
        case Kind.FLOAT:
            return FLOAT
        case Kind.BOOLEAN:
            return BOOL
        case Kind.BINARY:
            return BINARY
        case Kind.DATE:
            return DATE
        case Kind.TIME:
            return TIME
        case Kind.TIMESTAMP:
            return TIMESTAMP
        case Kind.ARRAY if t.element is not None:
            return Form(Sort.LIST, element=form_of(t.element))
        case Kind.STRUCT:
            return Form(Sort.STRUCT, fields=tuple((n, form_of(f)) for n, f in t.fields))
        case Kind.MAP if t.key is not None and t.element is not None:
            entry = Form(Sort.STRUCT, fields=(("key", form_of(t.key)), ("value", form_of(t.element))))
            return Form(Sort.LIST, element=entry)
        case _:
            return TEXT


def form_of_arrow(t: pa.DataType) -> Form:
    """The form of the values of an Arrow array; whole numbers have no unit yet."""
    kinds = pa.types
    if kinds.is_dictionary(t):
        return form_of_arrow(t.value_type)
    if kinds.is_integer(t):
        return RAW
    if kinds.is_floating(t):
        return FLOAT
    if kinds.is_boolean(t):
        return BOOL
    if kinds.is_decimal(t):
        return decimal(t.scale)
    if kinds.is_string(t) or kinds.is_large_string(t) or kinds.is_string_view(t):
        return TEXT
    if kinds.is_binary(t) or kinds.is_large_binary(t) or kinds.is_fixed_size_binary(t):
        return BINARY
    if kinds.is_date(t):
        return DATE
    if kinds.is_time(t):
        return TIME
    if kinds.is_timestamp(t):
        return TIMESTAMP
    if kinds.is_null(t):
        return NULL
    if kinds.is_map(t):
        entry = Form(Sort.STRUCT, fields=(("key", form_of_arrow(t.key_type)), ("value", form_of_arrow(t.item_type))))
        return Form(Sort.LIST, element=entry)
    if kinds.is_list(t) or kinds.is_large_list(t):
        return Form(Sort.LIST, element=form_of_arrow(t.value_type))
    if kinds.is_struct(t):
        return Form(Sort.STRUCT, fields=tuple((f.name, form_of_arrow(f.type)) for f in t))
    raise InternalError(f"values of the Arrow type {t} cannot be evaluated")


def common(forms: Iterable[Form]) -> Form:
    """The form in which values of all ``forms`` can stand side by side; InternalError where there is none."""
    found = list(dict.fromkeys(f for f in forms if f.sort is not Sort.NULL))
    if not found:
        return NULL
    sorts = {f.sort for f in found}
    if len(found) == 1:
        return found[0]
    if sorts <= NUMBERS:
        return _common_number(found, sorts)
    others = sorts - WHOLE - {Sort.TEXT}
    if len(others) == 1 and others <= TEMPORAL:
        return Form(others.pop())
    if others == {Sort.DATE, Sort.TIMESTAMP}:
        return TIMESTAMP
    if others == {Sort.BOOL}:
        return BOOL if Sort.TEXT in sorts else INT
    if others == {Sort.BINARY} and not sorts & WHOLE:
        return BINARY
    if Sort.TEXT in sorts and others <= NUMBERS:
        return _common_number([f for f in found if f.sort is not Sort.TEXT], sorts - {Sort.TEXT})
    if sorts == {Sort.LIST}:
        return Form(Sort.LIST, element=common(f.element or NULL for f in found))
    if sorts == {Sort.STRUCT}:
        return found[0]
    raise InternalError(f"{' and '.join(sorted(s.value for s in sorts))} cannot stand side by side")


def _common_number(found: list[Form], sorts: set[Sort]) -> Form:
    if Sort.FLOAT in sorts:
        return FLOAT
    if Sort.DECIMAL in sorts:
        return decimal(max(f.scale for f in found if f.sort is Sort.DECIMAL))
    return INT if Sort.INT in sorts else RAW
