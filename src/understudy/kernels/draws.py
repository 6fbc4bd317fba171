"""Draws and codes: from random bits to numbers by law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from understudy.errors import InternalError
from understudy.kernels import forms, native
from understudy.kernels.casts import side_by_side
from understudy.kernels.forms import TEMPORAL, WHOLE, Sort
from understudy.kernels.program import Program, expect
from understudy.kernels.vector import Vector, both, mask, spread
from understudy.model import expression as e
from understudy.rng import codes, laws, permutation, streams

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

_NUMBERS = WHOLE | TEMPORAL | {Sort.DECIMAL}


def uniform(scope: Scope, node: e.Uniform) -> Program:
    """Between two bounds; of literals it is a raw number, else a number in the bounds' form."""
    low, high = scope.compile(node.low), scope.compile(node.high)
    bits = scope.bits(node, node.use)
    if low.is_constant and high.is_constant and isinstance(low.value, int) and isinstance(high.value, int):
        first, last = low.value, high.value
        if last < first:
            raise InternalError(f"a draw between {first} and {last} is impossible", where=scope.table.name)
        return Program(forms.RAW, lambda frame: Vector(streams.uniform(bits(frame), first, last)))
    form, (low, high) = side_by_side([low, high])
    expect(Program(form, low.run), _NUMBERS, "a uniform draw")
    bottom, top = low.run, high.run

    def run(frame: Frame) -> Vector:
        a, b = bottom(frame), top(frame)
        valid = mask(both(a.valid, b.valid), frame.n)
        x, y = spread(a.data, frame.n), spread(b.data, frame.n)
        bad = y < x if valid is None else (y < x) & valid
        if bad.any():
            row = int(frame.rows[int(np.argmax(bad))])
            raise InternalError(f"row {row}: nothing lies between the bounds of {node.use!r}", where=frame.table.name)
        return Vector(streams.uniform(bits(frame), x, np.maximum(x, y)), valid)

    return Program(form, run)


def chance(scope: Scope, node: e.Chance) -> Program:
    """True with a probability."""
    bits, share = scope.bits(node, node.use), node.share
    return Program(forms.BOOL, lambda frame: Vector(streams.chance(bits(frame), share)))


def choice(scope: Scope, node: e.Choice) -> Program:
    """An index by weights."""
    bits = scope.bits(node, node.use)
    table = scope.runtime.kept(("slots", node.weights), lambda: laws.slots(node.weights))
    return Program(forms.RAW, lambda frame: Vector(laws.choose(bits(frame), table)))


def zipf(scope: Scope, node: e.Zipf) -> Program:
    """A rank by a power law."""
    bits, size = scope.bits(node, node.use), node.size
    if size < 1:
        raise InternalError(f"a rank among {size} is impossible", where=scope.table.name)
    if node.exponent == 0:
        return Program(forms.RAW, lambda frame: Vector(streams.below(bits(frame), size)))
    law = scope.runtime.kept(("zipf", size, node.exponent), lambda: laws.zipf_law(size, node.exponent))
    return Program(forms.RAW, lambda frame: Vector(laws.zipf(bits(frame), size, law)))


def quantile(scope: Scope, node: e.Quantile) -> Program:
    """A number by inverting a law."""
    bits, law = scope.bits(node, node.use), laws.Quantiles(np.array(node.points, np.int64))
    return Program(forms.RAW, lambda frame: Vector(laws.quantile(bits(frame), law)))


def bits(scope: Scope, node: e.Bits) -> Program:
    """64 random bits."""
    drawn = scope.bits(node, node.use)
    return Program(forms.RAW, lambda frame: Vector(drawn(frame).view(np.int64)))


def permute(scope: Scope, node: e.Permute) -> Program:
    """A keyed permutation, one for all or one per value."""
    scope.claim(node.use, node)
    key = scope.key(node.use)
    source, size = scope.compile(node.input), scope.compile(node.size)
    per = None if node.per is None else scope.compile(node.per)
    expect(source, _NUMBERS, "a permutation")
    expect(size, _NUMBERS, "a permutation's size")
    fixed = size.value if size.is_constant and per is None else None

    def run(frame: Frame) -> Vector:
        v, room = source.run(frame), size.run(frame)
        tweak = None if per is None else per.run(frame)
        valid = both(v.valid, room.valid) if tweak is None else both(both(v.valid, room.valid), tweak.valid)
        known = mask(valid, frame.n)
        x, most = spread(v.data, frame.n), room.data
        _within(x, most, known, frame, node.use)
        if known is not None:
            x = np.where(known, x, 0)
        if fixed is not None:
            return Vector(permutation.permute(x, fixed, key), known)
        sizes = np.maximum(spread(most, frame.n), 1)
        return Vector(permutation.permute(x, sizes, key, None if tweak is None else spread(tweak.data, frame.n)), known)

    return Program(forms.RAW, run)


def _within(x: Any, size: Any, known: Any, frame: Frame, use: str) -> None:
    outside = (x < 0) | (x >= size)
    if known is not None:
        outside &= known
    if outside.any():
        at = int(np.argmax(outside))
        most = int(spread(size, frame.n)[at])
        what = f"row {int(frame.rows[at])}: {int(x[at])} is outside the {most} values that {use!r} permutes"
        raise InternalError(what, where=frame.table.name)


def skip(scope: Scope, node: e.Skip) -> Program:
    """The n-th candidate that is not refused."""
    source = scope.compile(node.input)
    expect(source, _NUMBERS, "a sieve")
    refused = native.data_of(scope.runtime.numbers(node.refused), np.int64)

    def run(frame: Frame) -> Vector:
        v = source.run(frame)
        return Vector(codes.skip(spread(v.data, frame.n), refused), v.valid)

    return Program(forms.RAW, run)
