"""Laws of numbers: whole, decimal and floating, inside their bounds, skewed as real ones are.

All laws are quantile tables in whole numbers (money in cents, and so on), so no float is on the row path
but the last division of a FLOAT column.
"""

from __future__ import annotations

import math

from understudy.model.expression import Call, Case, Column, Const, Node, Quantile, Uniform, When
from understudy.semantics.nouns import Coded, Want, code_name
from understudy.types import Kind, Type

Z = (-2.3, -1.53, -1.15, -0.89, -0.67, -0.49, -0.32, -0.16, 0.0, 0.16, 0.32, 0.49, 0.67, 0.89, 1.15, 1.53, 2.3)
"""Quantiles of the normal law at 0, 1/16 … 1, its ends cut at about one in a hundred."""

WIDEST = 1 << 62
"""Bounds beyond this are cut: sums of two draws must stay within int64."""

FLOAT_STEP = 100
"""FLOAT values are hundredths by default: measured things carry two digits."""

LEAST_STEPS = 8
"""Hundredths between the bounds of a FLOAT below which finer steps are taken."""


def scale_of(t: Type) -> int:
    """Digits after the point of the whole-number representation (FLOAT: hundredths)."""
    match t.kind:
        case Kind.DECIMAL:
            return t.scale or 0
        case Kind.MONEY:
            return t.scale if t.scale is not None else 2
        case Kind.FLOAT:
            return 2
        case _:
            return 0


def steps_of(want: Want) -> int:
    """Steps in a unit of a FLOAT: hundredths, finer ones where both bounds are close together."""
    d = want.domain
    steps = FLOAT_STEP
    if isinstance(d.low, int | float) and isinstance(d.high, int | float) and d.low < d.high:
        finest = 10**15 if want.field.type.bits > 32 else 10**6
        while (d.high - d.low) * steps < LEAST_STEPS and steps < finest:
            steps *= 10
    return steps


def bounds(want: Want) -> tuple[int, int, bool]:
    """Least and greatest whole-number representation permitted, and whether the domain names both."""
    t, d = want.field.type, want.domain
    match t.kind:
        case Kind.INTEGER:
            low, high = t.integer_bounds
        case Kind.YEAR:
            low, high = 1901, 2155
        case Kind.DECIMAL | Kind.MONEY:
            top = 10 ** (t.precision or (17 if t.kind is Kind.MONEY else 18)) - 1
            low, high = -top, top
        case _:
            low, high = -(10**15), 10**15
    factor = steps_of(want) if t.kind is Kind.FLOAT else 1
    if d.low is not None:
        low = max(low, math.ceil(d.low * factor))
    if d.high is not None:
        high = min(high, math.floor(d.high * factor))
    return max(low, -WIDEST), min(high, WIDEST), d.low is not None and d.high is not None


def law(use: str, low: int, high: int, median: int, sigma: float = 1.0) -> Node:
    """A log-normal-like draw about ``median``, kept inside [low, high]."""
    if low >= high:
        return Const(low)
    median = median if low < median < high else low + max(1, (high - low) // 3)
    base = low if low > 0 or median <= 0 else 0
    reach = max(1, median - base)
    points = tuple(min(high, max(low, base + round(reach * math.exp(sigma * z)))) for z in Z)
    return Quantile(use, points) if points[0] < points[-1] else Uniform(use, Const(low), Const(high))


def bell(use: str, low: int, high: int) -> Node:
    """A draw that is most often in the middle of [low, high]."""
    points = tuple(round((low + high) / 2 + (high - low) / 2 * z / 2.3) for z in Z)
    return Quantile(use, tuple(min(high, max(low, p)) for p in points))


def within(want: Want, use: str, low: int, median: int, high: int, sigma: float = 1.0) -> Node | None:
    """The law that a meaning asks for, in the type's representation, cut to what is permitted; None where
    meaning and bounds do not meet."""
    least, most, _ = bounds(want)
    low, high = max(low, least), min(high, most)
    if low > high or (low == high and least < most):
        return None
    return finish(want, stepped(want, use, low, high, median, sigma))


def stepped(want: Want, use: str, low: int, high: int, median: int, sigma: float) -> Node:
    """The draw in multiples of the domain's step."""
    step = want.domain.multiple or 1
    if step == 1:
        return Uniform(use, Const(low), Const(high)) if high - low < 8 else law(use, low, high, median, sigma)
    least, most = -(-low // step), high // step
    return Call("*", (law(use, least, most, median // step, sigma), Const(step)))


def finish(want: Want, node: Node) -> Node:
    """Refused values replaced by a neighbour, hundredths of a FLOAT made a float."""
    refused = [v for v in want.domain.refused if isinstance(v, int | float)]
    if refused and want.field.type.kind is not Kind.FLOAT:
        low, high, _ = bounds(want)
        free = next((v for v in range(max(low, 1), min(high, max(low, 1) + 1000) + 1) if v not in refused), low)
        inside = tuple(Const(int(v)) for v in refused)
        node = Case((When(Call("in", (node, *inside)), Const(free)),), node)
    return as_float(want, node)


def as_float(want: Want, node: Node) -> Node:
    """Hundredths as the FLOAT they stand for; other kinds as they are."""
    return Call("/", (node, Const(float(steps_of(want))))) if want.field.type.kind is Kind.FLOAT else node


def plain(want: Want, use: str) -> Node:
    """A number of no known meaning: small counts, amounts of tens, the whole range where it is named."""
    low, high, named = bounds(want)
    unit = 10 ** scale_of(want.field.type)
    if named and high - low <= 10_000 * unit:
        return finish(
            want, stepped(want, use, low, high, (low + high) // 2, 0.7) if high - low < 64 else bell(use, low, high)
        )
    least = max(low, 1 if unit == 1 else unit) if high >= unit else low
    most = min(high, max(1000 * unit, least + 1000 * unit))
    if least > most:
        least, most = low, min(high, low + 1000 * unit)
    return finish(want, stepped(want, use, least, most, least + min(40 * unit, max(1, (most - least) // 4)), 0.9))


def coded(want: Want, rows: int, low: int | None = None) -> Coded | None:
    """Distinct numbers: those of as many digits as leave the rows room, from the whole range if need be."""
    least, most, named = bounds(want)
    if want.field.type.kind is Kind.FLOAT and named and most - least < 4 * rows:
        return _dense(want, rows)
    step = want.domain.multiple or 1
    code = Column(code_name(want.field.name))
    if want.field.type.kind is Kind.FLOAT and want.field.type.bits <= 32:
        least, most = max(least, -(1 << 23)), min(most, 1 << 23)
    refused = [int(v) for v in want.domain.refused if isinstance(v, int | float)]
    start = max(least, low if low is not None else 1)
    if not named:
        digits = 10 ** max(3, len(str(50 * rows)) - 1)
        if start <= digits and 10 * digits - 1 <= most:
            start, most = digits, 10 * digits - 1
    if start + 4 * rows > most:
        start = least
    inside = [v for v in refused if start <= v <= most]
    if inside and most - max(inside) > 4 * rows:
        start = max(inside) + 1
    elif inside and min(inside) - start > 0:
        most = min(inside) - 1
    first = -(-start // step)
    capacity = most // step - first + 1
    if capacity <= 0:
        return None
    shifted: Node = Call("+", (code, Const(first))) if first else code
    value = Call("*", (shifted, Const(step))) if step != 1 else shifted
    return Coded(min(capacity, WIDEST), as_float(want, value))


def _dense(want: Want, rows: int) -> Coded | None:
    """Distinct floats between close bounds: as many even steps as leave the rows room."""
    low, high = want.domain.low, want.domain.high
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    steps = min(4 * rows, 1 << (40 if want.field.type.bits > 32 else 20))
    width = high - low
    if width <= 0:
        return Coded(1, Const(float(low))) if width == 0 else None
    code = Column(code_name(want.field.name))
    share = Call("/", (Call("+", (code, Const(1))), Const(float(steps + 1))))
    return Coded(steps, Call("+", (Call("*", (share, Const(float(width)))), Const(float(low)))))
