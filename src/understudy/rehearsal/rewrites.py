"""Columns that come back otherwise than they were sent, and what they are instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from understudy.model.lesson import Assigned, Derived, Folded, Lesson
from understudy.model.schema import Entity, Identity
from understudy.rehearsal.reasons import Feature
from understudy.types import Kind

SAFE = re.compile(r"[A-Za-z_]\w*")
"""Names that a formula may hold without quotes."""

LEAST = 3
"""Rows that must agree before a formula is believed."""

NUMBERS = (Kind.INTEGER, Kind.DECIMAL)

FOLDS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("lower", str.lower),
    ("upper", str.upper),
    ("trim", lambda s: s.strip(" ")),
)

Pairs = Sequence[tuple[int, str | None, str | None]]


def rewritten(
    entity: Entity, column: str, pairs: Pairs, rows: int, features: Sequence[Feature], keyed: frozenset[str]
) -> Lesson:
    """What is to be learned of a column of which ``pairs`` (position, sent, came back) of ``rows`` rows differ.

    ``keyed``: columns that keys, references or other tables rely on: they are never left to the database.
    """
    why = (
        f"{len(pairs)} of {rows} rows tried came back otherwise, such as {_short(pairs[0][1])} as {_short(pairs[0][2])}"
    )
    for function, fold in FOLDS:
        if entity.field(column).type.kind is Kind.TEXT and all(
            a is not None and b is not None and fold(a) == b for _, a, b in pairs
        ):
            return Folded(entity.name, why, column, function)
    formula = next(_formulas(entity, column, pairs, features), "") if column not in keyed else ""
    if formula:
        return Derived(entity.name, why, column, formula)
    field = entity.field(column)
    free = field.nullable or bool(field.default) or field.identity is not Identity.NONE
    distinct = len({b for _, _, b in pairs}) == len(pairs) > 1
    sent = column in keyed or not free or len(pairs) < rows
    return Assigned(entity.name, why, column, sent=sent, distinct=distinct)


def _formulas(entity: Entity, column: str, pairs: Pairs, features: Sequence[Feature]) -> Iterator[str]:
    """Other columns of the row, a parent's column, a product, sum or difference of two numbers, that give every value
    that came back."""
    if len(pairs) < LEAST or len({b for _, _, b in pairs}) < 2:
        return
    field = entity.field(column)
    usable = [f for f in features if SAFE.fullmatch(f.column) and f.column != column]
    for f in usable:
        if f.type.kind is field.type.kind and all(_same(f.values[p], b) for p, _, b in pairs):
            yield _name(entity, f)
    if field.type.kind not in NUMBERS:
        return
    numbers = [f for f in usable if f.type.kind in NUMBERS]
    for i, f in enumerate(numbers):
        for g in numbers[i:]:
            for sign, function in (("*", lambda x, y: x * y), ("+", lambda x, y: x + y)):
                if all(_computed(function, f.values[p], g.values[p], b) for p, _, b in pairs):
                    yield f"{_name(entity, f)} {sign} {_name(entity, g)}"
        for g in numbers:
            if all(_computed(lambda x, y: x - y, f.values[p], g.values[p], b) for p, _, b in pairs):
                yield f"{_name(entity, f)} - {_name(entity, g)}"


def _name(entity: Entity, feature: Feature) -> str:
    if not feature.key:
        return feature.column
    target = next(k.target for k in entity.foreign_keys if k.name == feature.key)
    return f"{target}.{feature.column}"


def _same(value: Any, back: str | None) -> bool:
    if value is None or back is None:
        return value is None and back is None
    if isinstance(value, bool):
        return back in (("t", "true", "1") if value else ("f", "false", "0"))
    if isinstance(value, int | float | Decimal):
        return _number(back) == Decimal(str(value))
    return str(value) == back


def _computed(function: Callable[[Any, Any], Any], x: Any, y: Any, back: str | None) -> bool:
    if x is None or y is None or back is None:
        return back is None
    return bool(_number(back) == function(Decimal(str(x)), Decimal(str(y))))


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None


def _short(value: str | None) -> str:
    text = "null" if value is None else repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
