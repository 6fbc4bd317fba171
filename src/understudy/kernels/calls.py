"""Calls of the closed registry, and casts."""

from __future__ import annotations

import binascii
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import forms
from understudy.kernels.casts import convert, nothing
from understudy.kernels.comparison import compare
from understudy.kernels.forms import WHOLE, Sort, form_of
from understudy.kernels.program import Program
from understudy.kernels.vector import Vector, mask, take, truth
from understudy.kernels.words import strings
from understudy.model import expression as e
from understudy.types import Kind, Type

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

Function: TypeAlias = Callable[["Scope", list[Program]], Program]

MANY = 1 << 20

ARGUMENTS: dict[str, tuple[int, int]] = {
    "+": (2, 2), "-": (1, 2), "*": (2, 2), "/": (2, 2), "%": (2, 2), "power": (2, 2), "ln": (1, 1), "exp": (1, 1),
    "abs": (1, 1), "sign": (1, 1),
    "round": (1, 2), "floor": (1, 1), "ceil": (1, 1), "trunc": (1, 2), "greatest": (1, MANY), "least": (1, MANY),
    "bit_and": (2, 2), "bit_or": (2, 2), "bit_xor": (2, 2), "shift_left": (2, 2), "shift_right": (2, 2),
    "units": (1, 1), "=": (2, 2), "<>": (2, 2),
    "<": (2, 2), "<=": (2, 2), ">": (2, 2), ">=": (2, 2), "is_distinct": (2, 2), "is_null": (1, 1),
    "is_true": (1, 1), "is_false": (1, 1), "and": (0, MANY), "or": (0, MANY), "not": (1, 1), "in": (1, MANY),
    "coalesce": (1, MANY), "nullif": (2, 2), "num_nulls": (0, MANY), "num_nonnulls": (0, MANY),
    "length": (1, 1), "octet_length": (1, 1), "lower": (1, 1), "upper": (1, 1), "trim": (1, 2), "ltrim": (1, 2),
    "rtrim": (1, 2), "concat": (0, MANY), "substring": (2, 3), "left": (2, 2), "right": (2, 2), "position": (2, 2),
    "replace": (3, 3), "reverse": (1, 1), "repeat": (2, 2), "lpad": (2, 3), "starts_with": (2, 2), "like": (2, 2),
    "ilike": (2, 2), "glob": (2, 2), "regex": (2, 2), "iregex": (2, 2), "initials": (1, 1), "slug": (1, 1),
    "ascii": (1, 1), "encodable": (2, 2), "initcap": (1, 1), "regex_replace": (3, 3),
    "capitalize": (1, 1), "year": (1, 1), "month": (1, 1), "day": (1, 1), "hour": (1, 1),
    "minute": (1, 1), "second": (1, 1), "day_of_week": (1, 1), "day_of_year": (1, 1), "epoch": (1, 1),
    "to_date": (1, 1), "to_timestamp": (1, 1), "to_time": (1, 1), "date_trunc": (2, 2), "add_months": (2, 2),
    "format_time": (2, 2), "array_length": (1, 1), "array_contains": (2, 2), "json_valid": (1, 1),
    "json_typeof": (1, 1), "check": (2, 2),
    "luhn": (1, 1), "mod97": (1, 1), "ean": (1, 1), "md5": (1, 1), "sha256": (1, 1),
}  # fmt: skip
"""Least and greatest number of arguments."""


@cache
def functions() -> dict[str, Function]:
    """Every function of the registry, by name."""
    from understudy.kernels import arithmetic, checkdigits, logic, moments, texting

    return {
        **arithmetic.FUNCTIONS,
        **logic.FUNCTIONS,
        **moments.FUNCTIONS,
        **texting.FUNCTIONS,
        **checkdigits.FUNCTIONS,
        "array_length": array_length,
        "array_contains": array_contains,
    }


def call(scope: Scope, node: e.Call) -> Program:
    """A call; InternalError where the function is unknown or cannot take what it is given."""
    found = functions().get(node.function)
    if found is None:
        raise InternalError(f"no function is called {node.function}", where=scope.table.name)
    least, most = ARGUMENTS[node.function]
    if not least <= len(node.args) <= most:
        raise InternalError(f"{node.function} does not take {len(node.args)} arguments", where=scope.table.name)
    args = [scope.compile(a) for a in node.args]
    try:
        return found(scope, args)
    except InternalError as error:
        raise InternalError(f"{node.function}: {error.what}", where=error.where or scope.table.name) from error


# ---- lists -------------------------------------------------------------------------------------
def array_length(_scope: Scope, args: list[Program]) -> Program:
    """Elements of each list."""
    if args[0].form.sort is Sort.NULL:
        return nothing(forms.INT)
    if args[0].form.sort is not Sort.LIST:
        raise InternalError(f"{args[0].form.sort.value} has no elements")
    inner = args[0].run

    def run(frame: Frame) -> Vector:
        v = inner(frame)
        return Vector(np.diff(v.data.offsets), v.valid)

    return Program(forms.INT, run)


def array_contains(_scope: Scope, args: list[Program]) -> Program:
    """Whether a list has an element; null elements are equal to nothing."""
    if Sort.NULL in (args[0].form.sort, args[1].form.sort):
        return nothing(forms.BOOL)
    element = args[0].form.element
    if element is None:
        raise InternalError(f"{args[0].form.sort.value} has no elements")
    lists, value = args[0].run, convert(args[1], element, adopting=True).run

    def run(frame: Frame) -> Vector:
        v, w = lists(frame), value(frame)
        offsets = v.data.offsets
        rows = np.repeat(np.arange(frame.n), np.diff(offsets))
        size = int(offsets[-1])
        found = np.zeros(frame.n, np.bool_)
        if size:
            found[rows[truth(compare("=", v.data.elements, take(w, rows), size), size)]] = True
        valid = mask(v.valid, frame.n)
        other = mask(w.valid, frame.n)
        return Vector(found, valid if other is None else other if valid is None else valid & other)

    return Program(forms.BOOL, run)


# ---- casts -------------------------------------------------------------------------------------
def cast(scope: Scope, node: e.Cast) -> Program:
    """A value as another type."""
    inner, t = scope.compile(node.value), node.type
    if node.own_units:
        return to_column(inner, t)
    form = form_of(t)
    if t.kind is Kind.INTERVAL:
        return convert(inner, forms.INTERVAL)
    if form.sort is Sort.DECIMAL and t.scale is None and t.kind is Kind.DECIMAL:
        return _unscaled(inner)
    if t.kind is Kind.JSON and inner.form.sort in (Sort.LIST, Sort.STRUCT):
        return _as_json(inner)
    if form.sort is Sort.BINARY and inner.form.sort is Sort.TEXT:
        return _bytes(inner, plain_hex=_is_hex(node.value))
    made = convert(inner, form)
    if made.form.sort is Sort.TEXT and t.length is not None and t.kind is Kind.TEXT:
        return functions()["left"](scope, [made, scope.compile(e.Const(t.length))])
    return made


def _as_json(p: Program) -> Program:
    """Lists and structs as JSON text."""
    from understudy.kernels.documents import spelled

    def run(frame: Frame) -> Vector:
        v = p.run(frame)
        return Vector(spelled(v, p.form, False, frame.n), v.valid)

    return Program(forms.TEXT, run)


def _unscaled(p: Program) -> Program:
    """A decimal of any scale: whole numbers have none, decimals keep theirs; text and floats are read as floats."""
    if p.form.sort in (Sort.DECIMAL, Sort.FLOAT):
        return p
    return convert(p, forms.FLOAT if p.form.sort is Sort.TEXT else forms.decimal(0))


def _is_hex(node: e.Node) -> bool:
    """Whether an expression gives hexadecimal digits by its nature."""
    match node:
        case e.Hexadecimal():
            return True
        case e.Digits(alphabet=alphabet):
            return len(alphabet) == 16
        case e.Join(parts=parts, separator=""):
            return all(_is_hex(p) for p in parts)
    return False


def _bytes(p: Program, *, plain_hex: bool) -> Program:
    """Hexadecimal digits (or what begins with ``\\x``) as the bytes that they mean, other texts as their UTF-8."""

    def change(array: pa.Array) -> pa.Array:
        if plain_hex and len(array):
            return _unhexed(array)
        return strings((_read_bytes(t) for t in array.to_pylist()), binary=True)

    def run(frame: Frame) -> Vector:
        v = p.run(frame)
        return Vector(v.data.mapped(("bytes", plain_hex), change, frame.n), v.valid)

    return Program(forms.BINARY, run)


def _read_bytes(text: str) -> bytes:
    if text.startswith("\\x"):
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            return text.encode()
    return text.encode()


def _unhexed(array: pa.Array) -> pa.Array:
    """All digits at once: each text has an even number of them."""
    from understudy.kernels.words import Pool, from_offsets

    pool = Pool(array)
    offsets = pool.offsets
    if ((offsets - offsets[0]) % 2).any():
        raise InternalError("bytes need an even number of hexadecimal digits")
    raw = binascii.unhexlify(pool.data[int(offsets[0]) : int(offsets[-1])].tobytes())
    return from_offsets(((offsets - offsets[0]) // 2).astype(np.int32), pa.py_buffer(raw), binary=True)


def to_column(p: Program, t: Type) -> Program:
    """An expression's values as those of a column: raw numbers count in the column's own units."""
    form = form_of(t)
    if t.kind is Kind.INTERVAL and p.form.sort in WHOLE | {Sort.TIME}:
        p = convert(p, forms.INTERVAL)
    if form.sort is Sort.DECIMAL and p.is_constant and isinstance(p.value, int) and not isinstance(p.value, bool):
        return Program(form, p.run, value=p.value)
    return convert(p, form, adopting=True)
