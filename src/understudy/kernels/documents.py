"""JSON documents as text, member by member, without a Python object per row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import forms, native
from understudy.kernels.forms import NUMBERS, Form, Sort
from understudy.kernels.joining import joined
from understudy.kernels.program import Program, literal
from understudy.kernels.spelling import speller
from understudy.kernels.vector import Lists, Structs, Vector, mask, spread
from understudy.kernels.words import Pool, Words, merged, plain, strings
from understudy.model import expression as e
from understudy.types import Kind

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

_NULL = Pool(strings(["null"]), static=True)


def document(scope: Scope, node: e.Document) -> Program:
    """An object per row."""
    parts: list[Program] = [literal("{")]
    for number, (name, member) in enumerate(node.members):
        parts.append(literal(f"{', ' if number else ''}{json.dumps(name, ensure_ascii=False)}: "))
        parts.append(_member(scope, member))
    parts.append(literal("}"))
    return joined(parts)


def _member(scope: Scope, node: e.Node) -> Program:
    """A member's value as JSON text, ``null`` for null."""
    made = scope.compile(node)
    if made.is_constant:
        return literal(json.dumps(made.value, ensure_ascii=False))
    raw = is_json(scope, node.element if isinstance(node, e.Listing) else node)
    form = made.form
    pool = None
    if made.pool is not None and form.sort is Sort.TEXT:
        quoted = made.pool if raw else made.pool.kept("json", lambda: Pool(quote(made.pool.array), static=True))  # type: ignore[union-attr]
        pool = merged([quoted, _NULL])[0]

    def run(frame: Frame) -> Vector:
        v = made.run(frame)
        if pool is None or v.data.pool is not made.pool:
            return Vector(spelled(v, form, raw, frame.n))
        codes = np.arange(frame.n) if v.data.codes is None else np.asarray(v.data.codes)
        known = mask(v.valid, frame.n)
        return Vector(Words(pool, codes if known is None else np.where(known, codes, len(pool) - 1)))

    return Program(forms.TEXT, run, pool=pool)


def is_json(scope: Scope, node: e.Node) -> bool:
    """Whether an expression gives JSON text, which is not quoted again."""
    match node:
        case e.Document():
            return True
        case e.Cast(type=t):
            return t.kind is Kind.JSON
        case e.Column(name=name):
            return scope.table.planned_column(name).type.kind is Kind.JSON
        case e.Lookup(link=link, column=name):
            return scope.table.tie(link).parent.planned_column(name).type.kind is Kind.JSON
        case e.Nulls(value=value):
            return is_json(scope, value)
        case e.Case(branches=branches, otherwise=otherwise):
            return all(is_json(scope, v) for v in (*(b.value for b in branches), otherwise) if v != e.Const(None))
    return False


def spelled(v: Vector, form: Form, raw: bool, n: int) -> Words:
    """Values as JSON texts; nulls (and floats that JSON cannot say) as ``null``."""
    known = mask(v.valid, n)
    match form.sort:
        case Sort.NULL:
            return Words(_NULL, 0)
        case Sort.LIST:
            words = _array(v, form.element or forms.NULL, raw, n)
        case Sort.STRUCT:
            words = _object(v, form, raw, n)
        case Sort.TEXT if raw:
            words = v.data
        case Sort.TEXT:
            words = v.data.mapped("json", quote, n)
        case sort if sort in NUMBERS or sort is Sort.BOOL:
            if sort is Sort.FLOAT:
                finite = np.isfinite(spread(v.data, n))
                known = finite if known is None else finite & known
                v = Vector(np.where(finite, v.data, 0.0), v.valid)
            words = speller(form)(v, n).data
        case _:
            words = speller(form)(v, n).data.mapped("json", quote, n)
    return words if known is None or known.all() else _or_null(words, known, n)


def _or_null(words: Words, known: Any, n: int) -> Words:
    pool, starts = merged([words.pool, _NULL])
    codes = np.arange(n) if words.codes is None else np.asarray(words.codes)
    return Words(pool, np.where(known, codes, starts[1]))


def quote(array: pa.Array) -> pa.Array:
    """Texts as JSON strings; only those with something to escape are taken one by one."""
    special = native.booleans(
        native.call("match_substring_regex", array, options="MatchSubstringOptions", pattern='[\\x00-\\x1f"\\\\]')
    )
    mark, none = native.text('"'), native.text("")
    quoted = native.call("binary_join_element_wise", mark, array, mark, none, options="JoinOptions")
    if not special.any():
        return quoted
    odd = np.flatnonzero(special)
    escaped = strings(json.dumps(t, ensure_ascii=False) for t in native.take(array, odd).to_pylist())
    index = np.arange(len(array))
    index[odd] = len(array) + np.arange(odd.size)
    return native.take(pa.concat_arrays([quoted, escaped]), index)


def _array(v: Vector, element: Form, raw: bool, n: int) -> Words:
    """Lists as JSON arrays."""
    lists: Lists = v.data
    size = int(lists.offsets[-1])
    inner = spelled(lists.elements, element, raw, size).array(size) if size else strings([])
    offsets = native.numbers(lists.offsets.astype(np.int32))
    held = pa.Array.from_buffers(pa.list_(pa.string()), n, [None, offsets.buffers()[1]], children=[inner])
    text = native.call("binary_join", held, native.text(", "))
    ends = [native.text(t) for t in ("[", "]", "")]
    return plain(native.call("binary_join_element_wise", ends[0], text, ends[1], ends[2], options="JoinOptions"))


def _object(v: Vector, form: Form, raw: bool, n: int) -> Words:
    """Structs as JSON objects."""
    structs: Structs = v.data
    parts: list[Any] = []
    for number, ((name, inner), field) in enumerate(zip(form.fields, structs.fields, strict=True)):
        lead = ("{" if number == 0 else ", ") + json.dumps(name, ensure_ascii=False) + ": "
        parts += [native.text(lead), spelled(field, inner, raw, n).array(n)]
    if not parts:
        raise InternalError("a struct without fields has no JSON")
    parts += [native.text("}"), native.text("")]
    return plain(native.call("binary_join_element_wise", *parts, options="JoinOptions"))
