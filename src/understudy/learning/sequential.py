"""A table as series over time: which columns are, and how they are made of a row's number or its moment."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
import pyarrow as pa

from understudy.errors import InputError
from understudy.learning.columns import (
    HIDDEN,
    NULL,
    NUMBERS,
    TEMPORAL,
    Keep,
    Represented,
    as_numbers,
    decoded,
    represent,
)
from understudy.learning.series import PATHS, TAPE, Moments, Simulated, fit_series, laid_out, moments_of, whole
from understudy.model.expression import Call, Cast, Chance, Column, Const, Node, Nulls, Permute, Row, Take
from understudy.model.learned import LearnedColumn
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)
TIMES, LONGEST = 4, 20_000
"""Moments of a frozen path: so many times those that were seen."""
LEAST_VALUES = 8
MOST_MEMBERS = 50
PLACE, BEGIN = f"{HIDDEN}moment", f"{HIDDEN}where tapes begin"
SLOPE = 1 << 20
RELATED = 0.3
"""How much a number must go with the one before it for a table to be taken as a series unasked."""


class Found(msgspec.Struct):
    """A table's time column and its ``moments``; ``by``: the column that says whose series a row is of, if several;
    ``numbers``: the columns that are series; ``own``: the time column is a key, which planning makes."""

    time: Represented
    moments: Moments
    by: Represented | None
    numbers: list[Represented]
    own: bool


def find(entity: Entity, data: pa.Table, skipped: Sequence[str]) -> Found | str:
    """What of a table is series over time, or why nothing is."""
    columns: dict[str, Represented] = {}
    for field in entity.fields:
        if field.name in data.column_names:
            made = represent(field.name, field.type, data.column(field.name))
            if isinstance(made, Represented):
                made.table = entity.name
                columns[field.name] = made
    times = [as_numbers(c) for c in columns.values() if c.type.kind in TEMPORAL - {Kind.TIME}]
    if not times:
        return "it has no column of times"
    groups = [c for n, c in columns.items() if c.coded and 2 <= c.levels <= MOST_MEMBERS and c.type.kind not in NUMBERS]
    for time in times:
        for by in (None, *groups):
            members = by.numbers if by is not None else np.zeros(data.num_rows, np.int64)
            moments = moments_of(time.numbers, members)
            if moments is not None:
                numbers = [
                    as_numbers(c)
                    for n, c in columns.items()
                    if n not in skipped and c.type.kind in NUMBERS - TEMPORAL - {Kind.YEAR} and c.levels >= LEAST_VALUES
                ]
                if not numbers:
                    return "no column of numbers changes over time"
                return Found(time, moments, by, numbers, time.name in skipped)
    return "its times are not regular, or too few"


def related(found: Found) -> float:
    """How much numbers go with those one moment before, of the column where they do most."""
    best = 0.0
    for column in found.numbers:
        y = laid_out(found.moments, column.numbers, 0)
        if y.size > LEAST_VALUES and y.std() > 0:
            best = max(best, float(np.corrcoef(y[1:], y[:-1])[0, 1]))
    return best


def series_columns(
    entity: Entity, found: Found, seed: int, keep: Keep
) -> tuple[list[LearnedColumn], list[PlannedColumn], list[Represented], int]:
    """Learned columns, hidden ones, what they are for other columns, and rows of the frozen paths (0: of none)."""
    moments, made, hidden = found.moments, list[LearnedColumn](), list[PlannedColumn]()
    size, told = moments.size, list[Represented]()
    length = min(TIMES * moments.steps, LONGEST)
    if found.own:
        here = Call("units", (Cast(Column(found.time.name), found.time.type, own_units=True),))
        gone = Call("/", (Call("-", (here, Const(moments.start))), Const(moments.step)))
        hidden.append(PlannedColumn(PLACE, WHOLE, gone, f"steps of {found.time.name} so far", hidden=True))
    else:
        place: Node = Call("/", (Row(), Const(size))) if size > 1 else Row()
        hidden.append(PlannedColumn(PLACE, WHOLE, place, "the row's moment", hidden=True))
        when = Call("+", (Const(moments.start), Call("*", (Column(PLACE), Const(moments.step)))))
        hidden.append(PlannedColumn(HIDDEN + found.time.name, WHOLE, when, "step by step", hidden=True))
        made.append(LearnedColumn(found.time.name, decoded(found.time, keep), "series", "step by step"))
        told.append(found.time)
    member: Node = Const(0)
    if found.by is not None:
        if found.own and found.by.name in _settled(entity):
            raise InputError(
                f"which series a row is of stands in {found.by.name}, a key",
                where=entity.name,
                mend="Learn it as trees.",
            )
        hidden.append(
            PlannedColumn(HIDDEN + found.by.name, WHOLE, Call("%", (Row(), Const(size))), "in turn", hidden=True)
        )
        made.append(LearnedColumn(found.by.name, decoded(found.by, keep), "series", "one row of each per moment"))
        told.append(found.by)
        member = Column(HIDDEN + found.by.name)
    hidden.append(
        PlannedColumn(BEGIN, WHOLE, Permute("begin", Const(0), Const(TAPE)), "where tapes begin", hidden=True)
    )
    frozen = 0
    for number, column in enumerate(found.numbers):
        fits = _fits(moments, column, length, seed, number)
        if fits[0].paths is not None:
            frozen = length * size
        reach = moments.steps if found.own else TIMES * moments.steps
        node = _tidy(_value(f"{entity.name}:learned:{column.name}", fits, member, reach, keep), column)
        why = _said([f.said for f in fits])
        hidden.append(PlannedColumn(HIDDEN + column.name, WHOLE, node, why, hidden=True))
        made.append(LearnedColumn(column.name, decoded(column, keep), "series", why))
        told.append(column)
    return made, hidden, told, frozen


def _fits(moments: Moments, column: Represented, length: int, seed: int, number: int) -> list[Simulated]:
    """The members' series, all of them wandering or none, as most are."""
    laid = [laid_out(moments, column.numbers, m) for m in range(moments.size)]
    owns = [MOST_MEMBERS * number + m for m in range(moments.size)]
    fits = [fit_series(y, length, seed, own) for y, own in zip(laid, owns, strict=True)]
    wander = sum(f.paths is not None for f in fits) * 2 > len(fits)
    return [
        f if (f.paths is not None) == wander else fit_series(y, length, seed, own, wander)
        for f, y, own in zip(fits, laid, owns, strict=True)
    ]


def _settled(entity: Entity) -> set[str]:
    return {c for u in entity.uniques for c in u.columns}


def _said(each: list[str]) -> str:
    kinds = sorted(set(each), key=lambda k: -each.count(k))
    return kinds[0] if len(kinds) == 1 else ", ".join(f"{k} ({each.count(k)} of {len(each)})" for k in kinds)


def _value(stem: str, fits: Sequence[Simulated], member: Node, reach: int, keep: Keep) -> Node:
    """The number of a row, of the members' tapes or paths one behind the other. Beyond ``reach`` moments no line goes
    on."""
    at = Column(PLACE)
    if fits[0].paths is not None:
        paths = [f.paths for f in fits if f.paths is not None]
        held, length = keep(f"{stem}:paths", whole(paths)), paths[0].shape[1]
        path = Call("+", (Call("*", (member, Const(PATHS))), Permute("path", Const(0), Const(PATHS))))
        return Take(held, Call("+", (Call("*", (path, Const(length))), _wrapped(at, length))))
    period = math.lcm(*(f.season.size for f in fits))
    season = keep(f"{stem}:season", whole([np.resize(f.season, period) for f in fits]))
    level = Take(keep(f"{stem}:level", whole([np.array([f.level]) for f in fits])), member)
    slope = Take(keep(f"{stem}:slope", whole([np.array([f.slope * SLOPE]) for f in fits])), member)
    tape = keep(f"{stem}:tape", whole([f.tape for f in fits if f.tape is not None]))
    gone = Call("greatest", (Call("least", (at, Const(reach))), Const(0)))
    trend = Call("/", (Call("*", (slope, gone)), Const(SLOPE)))
    seasonal = Take(season, Call("+", (Call("*", (member, Const(period))), _wrapped(at, period))))
    around = _wrapped(Call("+", (at, Column(BEGIN))), TAPE)
    rest = Take(tape, Call("+", (Call("*", (member, Const(TAPE))), around)))
    return Call("+", (Call("+", (level, trend)), Call("+", (seasonal, rest))))


def _wrapped(node: Node, size: int) -> Node:
    """The remainder that is never negative."""
    by = Const(size)
    return Call("%", (Call("+", (Call("%", (node, by)), by)), by))


def _tidy(node: Node, column: Represented) -> Node:
    """In whole units, not below 0 where nothing was, and null as often as it was seen."""
    known = column.numbers[column.numbers != NULL]
    if column.unit > 1:
        half = Const(column.unit // 2)
        node = Call("*", (Call("/", (Call("+", (node, half)), Const(column.unit))), Const(column.unit)))
    if int(known.min()) >= 0:
        node = Call("greatest", (node, Const(0)))
    share = 1 - known.size / column.numbers.size
    return Nulls(node, Chance("null", share)) if share > 0 else node
