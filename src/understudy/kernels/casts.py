"""Between forms: what SQL's casts do, and how values of different forms are brought side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import calendar, forms, native, spelling, whole
from understudy.kernels.forms import NUMBERS, TEMPORAL, WHOLE, Form, Sort
from understudy.kernels.program import Program, literal, of_scalar, scaled
from understudy.kernels.vector import NOTHING, Lists, Structs, Vector, both
from understudy.kernels.words import Words, constant, texts

Change = Callable[[Vector, int], Vector]

TRUE, FALSE = frozenset({"t", "true", "y", "yes", "on", "1"}), frozenset({"f", "false", "n", "no", "off", "0"})
"""The words that SQL reads as booleans."""


def side_by_side(programs: Sequence[Program]) -> tuple[Form, list[Program]]:
    """The programs converted to a form in which their values can be compared or chosen among."""
    form = _shared_form(programs)
    return form, [convert(p, form, adopting=True) for p in programs]


def _shared_form(programs: Sequence[Program]) -> Form:
    """Literals follow what is computed: beside raw numbers they are raw, beside text or times they are read as such."""
    computed = [p.form for p in programs if not p.is_constant]
    literals = [p.form for p in programs if p.is_constant and p.value is not None]
    if not computed or not literals:
        return forms.common(f.form for f in programs)
    form = forms.common(computed)
    if form.sort is Sort.RAW and all(f.sort is Sort.INT for f in literals):
        return form
    if form.sort in TEMPORAL | {Sort.BOOL, Sort.FLOAT} and all(
        f.sort in WHOLE | {Sort.TEXT, Sort.DECIMAL, form.sort} for f in literals
    ):
        return form
    if form.sort is Sort.RAW:
        form = forms.INT
    return forms.common([form, *literals])


def convert(p: Program, to: Form, *, adopting: bool = False) -> Program:
    """``p`` in another form. ``adopting``: a raw number beside a decimal counts in the decimal's units."""
    if p.form == to:
        return p
    if p.form.sort is Sort.NULL:
        return nothing(to)
    if p.is_constant:
        return _constant(p, to)
    change = changer(p.form, to, adopting=adopting)
    if change is None:
        return Program(to, p.run, pool=p.pool, fixed=p.fixed)
    run = p.run
    return Program(to, lambda frame: change(run(frame), frame.n))


def nothing(to: Form) -> Program:
    """Null of a form."""
    data: Any = np.zeros((), np.int64)
    if to.sort in forms.WORDS:
        data = constant("" if to.sort is Sort.TEXT else b"")
    elif to.sort is Sort.FLOAT:
        data = np.zeros((), np.float64)
    elif to.sort is Sort.BOOL:
        data = np.zeros((), np.bool_)
    if to.sort in (Sort.LIST, Sort.STRUCT):
        return Program(to, lambda frame: Vector(_empty(to, frame.n), NOTHING), value=None)
    vector = Vector(data, NOTHING)
    return Program(to, lambda _: vector, value=None, pool=data.pool if isinstance(data, Words) else None)


def _empty(form: Form, n: int) -> Any:
    """Values of ``n`` rows to lie under nulls."""
    if form.sort is Sort.LIST:
        return Lists(np.zeros(n + 1, np.int64), Vector(_empty(form.element or forms.NULL, 0)))
    if form.sort is Sort.STRUCT:
        return Structs(tuple(Vector(_empty(f, n), NOTHING) for _, f in form.fields), n)
    if form.sort in forms.WORDS:
        return constant("" if form.sort is Sort.TEXT else b"")
    return np.zeros(n, np.bool_ if form.sort is Sort.BOOL else np.float64 if form.sort is Sort.FLOAT else np.int64)


def _constant(p: Program, to: Form) -> Program:
    """A literal read as another form; InternalError where it cannot be."""
    value = p.value
    if value is None:
        return nothing(to)
    if to.sort is Sort.DECIMAL and isinstance(value, int | float) and not isinstance(value, bool):
        return of_scalar(to, scaled(Decimal(repr(value)) if isinstance(value, float) else value, to.scale), value)
    if to.sort is Sort.FLOAT and isinstance(value, int | float):
        return of_scalar(to, np.float64(value), value)
    if to.sort in WHOLE | TEMPORAL and isinstance(value, int) and not isinstance(value, bool):
        return Program(to, p.run, value=value)
    if to.sort is Sort.BINARY and isinstance(value, str):
        return literal(value.encode())
    change = changer(p.form, to)
    if change is None:
        return Program(to, p.run, value=value)
    found = change(p.run(None), 1)
    if isinstance(value, str) and to.sort not in forms.WORDS and found.valid is not None and not np.all(found.valid):
        raise InternalError(f"the text {value!r} cannot be read as {to.sort.value}")
    return Program(to, lambda _: found, value=value, pool=found.data.pool if isinstance(found.data, Words) else None)


def changer(source: Form, to: Form, *, adopting: bool = False) -> Change | None:
    """How values change from one form to another; None where they stay as they are."""
    a, b = source.sort, to.sort
    if a in WHOLE and b is Sort.DECIMAL:
        digits = 0 if adopting and a is Sort.RAW else to.scale
        return _numeric(lambda d: whole.grown(d, digits)) if digits else None
    if (a in WHOLE | TEMPORAL and b in WHOLE) or (a in WHOLE and b in TEMPORAL):
        return None
    if b is Sort.TEXT:
        return spelling.speller(source)
    if b is Sort.BINARY and a is Sort.TEXT:
        return lambda v, n: Vector(v.data.mapped("bytes", lambda x: native.cast(x, _BINARY), n), v.valid)
    if a is Sort.TEXT:
        return _reader(to)
    if a in NUMBERS | {Sort.BOOL} and b in NUMBERS | {Sort.BOOL, Sort.INTERVAL}:
        return _number(source, to)
    return _moment_or_nested(source, to)


def _moment_or_nested(source: Form, to: Form) -> Change | None:
    match source.sort, to.sort:
        case Sort.DATE, Sort.TIMESTAMP:
            return _numeric(lambda d: d * calendar.DAY)
        case Sort.TIMESTAMP, Sort.DATE:
            return _numeric(lambda d: d // calendar.DAY)
        case Sort.TIMESTAMP, Sort.TIME:
            return _numeric(lambda d: d % calendar.DAY)
        case Sort.TIME, Sort.INTERVAL:
            return None
        case Sort.INTERVAL, Sort.TIME:
            return _numeric(lambda d: d % calendar.DAY)
        case Sort.INTERVAL, Sort.FLOAT:
            return _numeric(lambda d: d.astype(np.float64))
        case Sort.LIST, Sort.LIST:
            return _lists(source.element or forms.NULL, to.element or forms.NULL)
        case Sort.STRUCT, Sort.STRUCT if len(source.fields) == len(to.fields):
            return _structs([f for _, f in source.fields], [f for _, f in to.fields])
    raise InternalError(f"{source.sort.value} cannot be made {to.sort.value}")


def _numeric(change: Callable[[Any], Any]) -> Change:
    return lambda v, _: Vector(change(v.data), v.valid)


def _number(source: Form, to: Form) -> Change:
    match source.sort, to.sort:
        case Sort.BOOL, Sort.FLOAT:
            return _numeric(lambda d: d.astype(np.float64))
        case Sort.BOOL, _:
            return _numeric(lambda d: whole.grown(d.astype(np.int64), to.scale))
        case _, Sort.BOOL:
            return _numeric(lambda d: d != 0)
        case Sort.FLOAT, Sort.FLOAT:
            return _numeric(lambda d: d)
        case Sort.FLOAT, _:
            return lambda v, _n: _from_float(v, to.scale)
        case _, Sort.FLOAT:
            divisor = 10.0**source.scale
            return _numeric(lambda d: d.astype(np.float64) / divisor if source.scale else d.astype(np.float64))
    if to.scale >= source.scale:
        return _numeric(lambda d: whole.grown(d, to.scale - source.scale))
    return _numeric(lambda d: whole.rounded(d, source.scale - to.scale))


def _from_float(v: Vector, scale: int) -> Vector:
    """Floats as whole numbers of 10**-scale, halves away from zero; infinities and NaN are null."""
    data = np.asarray(v.data) * 10.0**scale
    finite = np.isfinite(data)
    rounded = half_away(np.where(finite, data, 0.0))
    if rounded.size and np.abs(rounded).max() >= 2.0**63:
        result: Any = np.array([int(x) for x in rounded.ravel()], object).reshape(rounded.shape)
    else:
        result = rounded.astype(np.int64)
    return Vector(result if np.ndim(v.data) else result[()], v.valid if finite.all() else both(v.valid, finite))


def half_away(x: Any) -> Any:
    """Rounded to whole floats, halves away from zero."""
    nearest = np.rint(x)
    return np.where(np.abs(x - np.trunc(x)) == 0.5, np.trunc(x) + np.sign(x), nearest)


# ---- reading texts -----------------------------------------------------------------------------
_BINARY = pa.binary()


def _reader(to: Form) -> Change:
    """Texts read as values; what cannot be read is null."""
    read, kind = _reading(to)

    def measure(array: Any) -> Any:
        found = [read(t) for t in texts(array)]
        known = np.array([f is not None for f in found], np.bool_)
        filled = [0 if f is None else f for f in found]
        exact: Any = np.array(filled, object)
        data = whole.narrowed(exact) if kind is np.int64 else exact.astype(kind)
        both_ = np.empty(len(found), [("value", data.dtype), ("known", np.bool_)])
        both_["value"], both_["known"] = data, known
        return both_

    def change(v: Vector, n: int) -> Vector:
        found = v.data.measured(("read", to), measure, n)
        known = None if found["known"].all() else found["known"]
        return Vector(found["value"], both(v.valid, known))

    return change


def _reading(to: Form) -> tuple[Callable[[str], Any], Any]:
    match to.sort:
        case Sort.DATE:
            return calendar.read_date, np.int64
        case Sort.TIMESTAMP:
            return calendar.read_timestamp, np.int64
        case Sort.TIME:
            return calendar.read_time, np.int64
        case Sort.INTERVAL:
            return calendar.read_interval, np.int64
        case Sort.BOOL:
            return _boolean, np.bool_
        case Sort.FLOAT:
            return lambda t: None if (d := _decimal(t)) is None else float(d), np.float64
        case Sort.INT | Sort.RAW | Sort.DECIMAL:
            return lambda t: None if (d := _decimal(t)) is None else _units(d, to.scale), np.int64
    raise InternalError(f"text cannot be made {to.sort.value}")


def _boolean(text: str) -> bool | None:
    word = text.strip().lower()
    return True if word in TRUE else False if word in FALSE else None


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _units(number: Decimal, scale: int) -> int:
    return int(number.scaleb(scale).to_integral_value("ROUND_HALF_UP"))


# ---- nested ------------------------------------------------------------------------------------
def _lists(source: Form, to: Form) -> Change | None:
    inner = _inner(source, to)
    if inner is None:
        return None

    def change(v: Vector, _n: int) -> Vector:
        return Vector(Lists(v.data.offsets, inner(v.data.elements, int(v.data.offsets[-1]))), v.valid)

    return change


def _structs(source: list[Form], to: list[Form]) -> Change | None:
    changes = [_inner(a, b) for a, b in zip(source, to, strict=True)]
    if not any(changes):
        return None

    def change(v: Vector, n: int) -> Vector:
        made = [f if c is None else c(f, n) for f, c in zip(v.data.fields, changes, strict=True)]
        return Vector(Structs(tuple(made), v.data.n), v.valid)

    return change


def _inner(source: Form, to: Form) -> Change | None:
    if source == to:
        return None
    if source.sort is Sort.NULL:
        return lambda _v, n: Vector(_empty(to, n), NOTHING)
    return changer(source, to, adopting=True)
