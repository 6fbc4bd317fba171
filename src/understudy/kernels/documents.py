"""JSON documents as text, member by member, without a Python object per row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import forms, native
from understudy.kernels.composition import condition
from understudy.kernels.forms import NUMBERS, Form, Sort
from understudy.kernels.joining import gather, joined
from understudy.kernels.program import Program, literal
from understudy.kernels.spelling import speller
from understudy.kernels.vector import Lists, Structs, Vector, mask, spread, truth
from understudy.kernels.words import Pool, Words, merged, plain, strings
from understudy.model import expression as e
from understudy.types import Kind

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

_NULL = Pool(strings(["null"]), static=True)
_COMMA = Pool(strings(["", ", "]), static=True)


def document(scope: Scope, node: e.Document) -> Program:
    """An object per row. Members that are always there come as parts of one joined text; behind a member that may be
    missing, each brings its own comma."""
    there = {name: condition(scope, where) for name, where in node.where}
    parts: list[Program] = [literal("{")]
    before: list[Program] = []
    firm = False
    for name, member in node.members:
        lead, value = f"{json.dumps(name, ensure_ascii=False)}: ", _member(scope, member)
        if (where := there.get(name)) is None:
            parts.append(_comma(before, firm))
            parts += [literal(lead), value]
            firm = True
        else:
            parts.append(_optional(joined([literal(lead), value]), where, list(before), firm))
            before.append(where)
    parts.append(literal("}"))
    return joined(parts)


def _comma(before: list[Program], firm: bool) -> Program:
    """The comma in front of a member: there where some member stands before it."""
    if firm or not before:
        return literal(", " if firm else "")
    some = tuple(before)
    return Program(forms.TEXT, lambda frame: Vector(Words(_COMMA, _any(some, frame).astype(np.int32))), pool=_COMMA)


def _optional(member: Program, where: Program, before: list[Program], firm: bool) -> Program:
    """A member with its comma where it is there, else nothing; made for the rows that have it only."""

    def run(frame: Frame) -> Vector:
        mine = truth(where.run(frame), frame.n)
        index = np.flatnonzero(mine)
        if not index.size:
            return Vector(Words(_COMMA, 0))
        inner = frame if index.size == frame.n else frame.part(index)
        words = member.run(inner).data
        if firm:
            commas: Any = 1
        else:
            commas = _any(before, frame)[index].astype(np.int32) if before else 0
        made = gather([Words(_COMMA, commas), words], index.size)
        pool, starts = merged([Pool(made), _COMMA])
        codes = np.full(frame.n, starts[1], np.int64)
        codes[index] = np.arange(index.size)
        return Vector(Words(pool, codes))

    return Program(forms.TEXT, run)


def _any(some: Sequence[Program], frame: Frame) -> NDArray[np.bool_]:
    """Where one of some conditions is true."""
    found = np.zeros(frame.n, np.bool_)
    for program in some:
        found |= truth(program.run(frame), frame.n)
    return found


def written(scope: Scope, node: e.Written) -> Program:
    """A value as JSON text."""
    return _member(scope, node.value)


def _member(scope: Scope, node: e.Node) -> Program:
    """A member's value as JSON text, ``null`` for null."""
    made = scope.compile(node)
    raw = is_json(scope, node.element if isinstance(node, e.Listing) else node)
    if made.is_constant:
        return literal(made.value if raw and made.value is not None else json.dumps(made.value, ensure_ascii=False))
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
        case e.Document() | e.Written():
            return True
        case e.Cast(type=t):
            return t.kind is Kind.JSON
        case e.Column(name=name):
            return scope.table.planned_column(name).type.kind is Kind.JSON
        case e.Lookup(link=link, column=name):
            return scope.table.tie(link).parent.planned_column(name).type.kind is Kind.JSON
        case e.Gathered(table=table, column=name):
            return scope.runtime.table(table).planned_column(name).type.kind is Kind.JSON
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
