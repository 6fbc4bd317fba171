"""Functions of text: Arrow's where it has them, Python's on distinct values where it has not."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import forms, matching, native
from understudy.kernels.casts import convert, nothing
from understudy.kernels.forms import Form, Sort
from understudy.kernels.joining import as_text, joined
from understudy.kernels.program import Program
from understudy.kernels.vector import Vector, both, mask, spread
from understudy.kernels.words import Pool, Words, strings, texts
from understudy.types.encoding import encodable

if TYPE_CHECKING:
    from understudy.kernels.calls import Function
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

Scalar = Callable[..., Any]
_WORD = re.compile(r"[^\W_]+")
Bulk = Callable[..., pa.Array]


def textual(name: str, scalar: Scalar, bulk: Bulk | None = None, *, result: Form = forms.TEXT) -> Function:
    """A function of one text and, perhaps, more arguments. ``scalar``: its meaning in Python; ``bulk``: the same
    by Arrow where the further arguments are constants."""

    def bind(_scope: Scope, args: list[Program]) -> Program:
        ready = [as_text(args[0]), *(_further(a) for a in args[1:])]
        if any(a.is_constant and a.value is None for a in ready):
            return nothing(result)
        if all(a.is_constant for a in ready[1:]):
            return _on_distinct(name, scalar, bulk, result, ready[0], tuple(a.value for a in ready[1:]))
        return _on_tuples(scalar, result, ready)

    return bind


def _further(p: Program) -> Program:
    """A further argument: text, or a whole number."""
    if p.form.sort is Sort.NULL:
        return p
    return p if p.form.sort in (Sort.TEXT, Sort.BINARY) else convert(p, forms.INT)


def _on_distinct(
    name: str, scalar: Scalar, bulk: Bulk | None, result: Form, p: Program, more: tuple[Any, ...]
) -> Program:
    def one_by_one(array: pa.Array) -> list[Any]:
        return [scalar(t, *more) for t in texts(array)]

    if result.sort is Sort.TEXT:

        def change(array: pa.Array) -> pa.Array:
            return strings(one_by_one(array)) if bulk is None else bulk(array, *more)

        key = (name, *more)
        pool = None if p.pool is None else p.pool.kept(key, lambda: Pool(change(p.pool.array), static=True))  # type: ignore[union-attr]

        def run(frame: Frame) -> Vector:
            v = p.run(frame)
            if pool is not None and v.data.pool is p.pool:
                return Vector(Words(pool, v.data.codes), v.valid)
            return Vector(v.data.mapped(key, change, frame.n), v.valid)

        return Program(forms.TEXT, run, pool=pool)

    def measure(array: pa.Array) -> Any:
        if bulk is None:
            return np.array(one_by_one(array), np.bool_ if result.sort is Sort.BOOL else np.int64)
        made = bulk(array, *more)
        return (
            native.booleans(made)
            if result.sort is Sort.BOOL
            else native.data_of(made, _KINDS[made.type]).astype(np.int64)
        )

    def counted(frame: Frame) -> Vector:
        v = p.run(frame)
        return Vector(v.data.measured((name, *more), measure, frame.n), v.valid)

    return Program(result, counted)


_KINDS = {pa.int32(): np.int32, pa.int64(): np.int64}


def _on_tuples(scalar: Scalar, result: Form, args: list[Program]) -> Program:
    """Arguments that vary: the function is asked once per distinct tuple of them."""

    def run(frame: Frame) -> Vector:
        vectors = [a.run(frame) for a in args]
        valid = None
        for v in vectors:
            valid = both(valid, v.valid)
        codes = np.zeros(frame.n, np.int64)
        columns: list[tuple[Any, list[Any]]] = []
        for v in vectors:
            code, members = _encoded(v, frame.n)
            _, codes = np.unique(codes * max(len(members), 1) + code, return_inverse=True)
            columns.append((code, members))
        first = np.zeros(int(codes.max(initial=-1)) + 1, np.int64)
        first[codes] = np.arange(frame.n)
        tuples = zip(*(_picked(c, first) for c in columns), strict=True)
        known = mask(valid, frame.n)
        some = np.ones(first.size, np.bool_) if known is None else known[first]
        found = [scalar(*t) if ok else None for t, ok in zip(tuples, some.tolist(), strict=True)]
        if result.sort is Sort.TEXT:
            return Vector(Words(Pool(strings("" if f is None else f for f in found)), codes), known)
        values = np.array([f or 0 for f in found], np.bool_ if result.sort is Sort.BOOL else np.int64)
        return Vector(values[codes], known)

    return Program(result, run)


def _encoded(v: Vector, n: int) -> tuple[Any, list[Any]]:
    """Codes of a vector's values and the values; rows that are null come with any of them."""
    known = mask(v.valid, n)
    if isinstance(v.data, Words):
        array = v.data.array(n)
        encoded = native.call("dictionary_encode", array)
        return native.data_of(encoded.indices, np.int32).astype(np.int64), texts(encoded.dictionary)
    data = spread(v.data, n)
    members, code = np.unique(data if known is None else np.where(known, data, 0), return_inverse=True)
    return code, members.tolist()


def _picked(data: Any, rows: Any) -> list[Any]:
    code, members = data
    return [members[c] for c in code[rows].tolist()]


# ---- meanings ----------------------------------------------------------------------------------
def _substring(text: str, start: int, length: int | None = None) -> str:
    if length is not None and length < 0:
        raise InternalError(f"a substring of {length} characters is impossible")
    end = len(text) + 1 if length is None else start + length
    return text[max(start, 1) - 1 : max(end, 1) - 1]


def _substrings(array: pa.Array, start: int, length: int | None = None) -> pa.Array:
    if length is not None and length < 0:
        raise InternalError(f"a substring of {length} characters is impossible")
    first = max(start, 1) - 1
    stop = None if length is None else max(start + length, 1) - 1
    if stop is not None and stop <= first:
        return native.cast(strings([""] * len(array)), pa.string())
    return native.call("utf8_slice_codeunits", array, options="SliceOptions", start=first, stop=stop)


def _lefts(array: pa.Array, n: int) -> pa.Array:
    if n == 0:
        return strings([""] * len(array))
    return native.call("utf8_slice_codeunits", array, options="SliceOptions", start=0, stop=n)


def _right(text: str, n: int) -> str:
    return text[-n:] if n else ""


def _lpad(text: str, width: int, fill: str = " ") -> str:
    width = max(width, 0)
    missing = width - len(text)
    if missing <= 0 or not fill:
        return text[:width]
    return (fill * missing)[:missing] + text


def _trimmer(arrow: str, python: str) -> Function:
    def scalar(text: str, characters: str = " ") -> str:
        return str(getattr(text, python)(characters)) if characters else text

    def bulk(array: pa.Array, characters: str = " ") -> pa.Array:
        return native.call(arrow, array, options="TrimOptions", characters=characters) if characters else array

    return textual(arrow, scalar, bulk)


def _replace(text: str, part: str, by: str) -> str:
    return text.replace(part, by) if part else text


def _replaced(array: pa.Array, part: str, by: str) -> pa.Array:
    if not part:
        return array
    return native.call("replace_substring", array, options="ReplaceSubstringOptions", pattern=part, replacement=by)


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _initcap(text: str) -> str:
    return _WORD.sub(lambda m: m[0][:1].upper() + m[0][1:].lower(), text)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", _ascii(text).lower()).strip("-")


def _named(name: str) -> Bulk:
    return lambda array: native.call(name, array)


# ---- two arguments the other way round, lists of texts ------------------------------------------
def position(scope: Scope, args: list[Program]) -> Program:
    """position(part, text)."""
    found = textual("position", lambda text, part: text.find(part) + 1, result=forms.INT)
    return found(scope, [args[1], as_text(args[0])])


def concat(_scope: Scope, args: list[Program]) -> Program:
    """Texts one behind the other; null if any is null."""
    return joined([as_text(a) for a in args])


def octet_length(scope: Scope, args: list[Program]) -> Program:
    """Bytes of a text or of bytes."""
    if args[0].form.sort is not Sort.BINARY:
        return textual("octet_length", lambda t: len(t.encode()), _named("binary_length"), result=forms.INT)(
            scope, args
        )
    inner = args[0].run

    def run(frame: Frame) -> Vector:
        v = inner(frame)
        found = v.data.measured(
            "bytes", lambda a: native.data_of(native.call("binary_length", a), np.int32).astype(np.int64), frame.n
        )
        return Vector(found, v.valid)

    return Program(forms.INT, run)


def length(scope: Scope, args: list[Program]) -> Program:
    """Characters of a text; bytes of bytes."""
    if args[0].form.sort is Sort.BINARY:
        return octet_length(scope, args)
    return textual("length", len, _named("utf8_length"), result=forms.INT)(scope, args)


# ---- JSON --------------------------------------------------------------------------------------
def _parsed(text: str) -> Any:
    def refuse(word: str) -> Any:
        raise ValueError(word)

    return json.loads(text, parse_constant=refuse)


def _json_valid(text: str) -> bool:
    try:
        _parsed(text)
    except ValueError:
        return False
    return True


def _typeof(text: str) -> str:
    """Empty where the text is no JSON."""
    try:
        value = _parsed(text)
    except ValueError:
        return ""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def json_typeof(scope: Scope, args: list[Program]) -> Program:
    """The kind of a JSON text; null where it is none."""
    kinds = textual("json_typeof", _typeof)(scope, args)

    def run(frame: Frame) -> Vector:
        v = kinds.run(frame)
        some = v.data.measured("some", lambda a: native.data_of(native.call("binary_length", a), np.int32) > 0, frame.n)
        return Vector(v.data, both(v.valid, some))

    return Program(forms.TEXT, run, pool=kinds.pool)


FUNCTIONS: dict[str, Function] = {
    "length": length,
    "octet_length": octet_length,
    "lower": textual("lower", str.lower, _named("utf8_lower")),
    "upper": textual("upper", str.upper, _named("utf8_upper")),
    "trim": _trimmer("utf8_trim", "strip"),
    "ltrim": _trimmer("utf8_ltrim", "lstrip"),
    "rtrim": _trimmer("utf8_rtrim", "rstrip"),
    "concat": concat,
    "substring": textual("substring", _substring, _substrings),
    "left": textual("left", lambda t, n: t[:n], _lefts),
    "right": textual("right", _right),
    "position": position,
    "replace": textual("replace", _replace, _replaced),
    "reverse": textual("reverse", lambda t: t[::-1], _named("utf8_reverse")),
    "repeat": textual(
        "repeat",
        lambda t, n: t * max(n, 0),
        lambda a, n: native.call("binary_repeat", a, native.numbers(np.array([max(n, 0)]))[0]),
    ),
    "lpad": textual("lpad", _lpad),
    "starts_with": textual(
        "starts_with",
        str.startswith,
        lambda a, p: native.call("starts_with", a, options="MatchSubstringOptions", pattern=p),
        result=forms.BOOL,
    ),
    "like": textual("like", matching.like, matching.likes, result=forms.BOOL),
    "ilike": textual("ilike", matching.ilike, matching.ilikes, result=forms.BOOL),
    "glob": textual("glob", matching.glob, matching.globs, result=forms.BOOL),
    "regex": textual("regex", matching.regex, matching.regexes, result=forms.BOOL),
    "iregex": textual("iregex", matching.iregex, matching.iregexes, result=forms.BOOL),
    "initials": textual("initials", lambda t: "".join(w[0] for w in t.split())),
    "slug": textual("slug", _slug),
    "ascii": textual("ascii", _ascii, lambda a: a if _all_ascii(a) else strings(_ascii(t) for t in texts(a))),
    "encodable": textual("encodable", encodable),
    "initcap": textual("initcap", _initcap),
    "regex_replace": textual("regex_replace", matching.regex_replace),
    "capitalize": textual("capitalize", lambda t: t[:1].upper() + t[1:]),
    "json_valid": textual("json_valid", _json_valid, result=forms.BOOL),
    "json_typeof": json_typeof,
    "md5": textual("md5", lambda t: hashlib.md5(t.encode(), usedforsecurity=False).hexdigest()),
    "sha256": textual("sha256", lambda t: hashlib.sha256(t.encode()).hexdigest()),
}


def _all_ascii(array: pa.Array) -> bool:
    return not (Pool(array).data >= 128).any()
