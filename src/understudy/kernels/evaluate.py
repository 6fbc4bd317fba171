"""From nodes to programs: one small binder per kind of node.

Binding happens once; what a program does per batch is a handful of NumPy calls. Equal subexpressions of a
column are computed once per batch.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from understudy.errors import InternalError
from understudy.kernels import exchange, forms
from understudy.kernels.forms import Sort, form_of
from understudy.kernels.frame import STEP
from understudy.kernels.program import Program, literal
from understudy.kernels.vector import Vector, both, mask, spread, take
from understudy.model import expression as e
from understudy.model.expression import Node
from understudy.rng import streams

if TYPE_CHECKING:
    from understudy.kernels.frame import Frame
    from understudy.kernels.table import Table

Binder = Callable[["Scope", Any], Program]
CHEAP = (e.Const, e.Row, e.Slot, e.Column, e.Lookup, e.ParentRow, e.Ordinal, e.Siblings, e.Previous)
"""Nodes that are not worth remembering: they cost nothing, or the frame remembers them itself."""

SMALL = 64
"""Nodes of a tree that are named by their whole text: faster than hashing up to about so many."""

BARE = frozenset({"str", "int", "float", "bool", "int | None", "Type", "tuple[int, ...]", "tuple[float, ...]"})
"""What a node's field may be said to be where no node stands in it."""


class Scope:
    """Where an expression stands: its table, and the column, link or repair (``owner``) that draws are keyed by."""

    def __init__(self, table: Table, owner: str, root: object) -> None:
        self.table, self.owner = table, owner
        self.runtime = table.runtime
        self.uses: dict[str, Node] = {}
        self.bound: dict[str, Program] = {}
        nodes = _walk(root)
        self.root = root  # keeps the nodes, and so their identities, alive
        self.names = _named(nodes)
        self.times = Counter(self.names[id(n)] for n in nodes if self.names)
        self.inside_list = False

    def compile(self, node: Node) -> Program:
        """The program of a node; InternalError where it makes no sense or the plan lacks what it reads."""
        if isinstance(node, CHEAP):
            return _binders()[type(node)](self, node)
        name = self.names.get(id(node)) or repr(node)
        found = self.bound.get(name)
        if found is None:
            binder = _binders().get(type(node))
            if binder is None:
                raise InternalError(f"no kernel evaluates {type(node).__name__}")
            found = binder(self, node)
            if self.times[name] > 1 and not found.is_constant:
                found = _remembered(found, (self.owner, name))
            self.bound[name] = found
        return found

    def claim(self, use: str, node: Node) -> None:
        """Two different draws of one column must not share a stream: they would coincide."""
        other = self.uses.setdefault(use, node)
        if other != node:
            raise InternalError(f"two different draws share the use {use!r}", where=f"{self.table.name}.{self.owner}")

    def key(self, use: str, *lanes: int) -> streams.Key:
        """The key of a draw."""
        return streams.key(self.runtime.plan.seed, self.table.name, self.owner, use, *lanes)

    def bits(self, node: Node, use: str, *lanes: int) -> Callable[[Frame], Any]:
        """64 random bits per row for a draw."""
        self.claim(use, node)
        key, owner = self.key(use, *lanes), self.owner
        return lambda frame: streams.bits_of_base(frame.words, key, frame.attempt_of(owner))


def _remembered(program: Program, name: tuple[str, str]) -> Program:
    """A program whose result stays with the frame; a branch's rows take it from the frame below if it is there."""
    inner = program.run
    key = (STEP, *name)

    def run(frame: Frame) -> Vector:
        found = frame.memo.get(key)
        if found is None:
            base = frame.base
            if frame.kind == "part" and base is not None and key in base.memo:
                found = frame.below(lambda f: f.memo[key])
            else:
                found = inner(frame)
            frame.memo[key] = found
        return found  # type: ignore[no-any-return]

    return Program(program.form, run, pool=program.pool, fixed=program.fixed)


def _walk(root: object) -> list[Node]:
    """All nodes inside a value but the cheap ones. A stack instead of recursion: planning binds thousands of trees."""
    found: list[Node] = []
    todo = [root]
    while todo:
        value = todo.pop()
        if type(value) is tuple:
            todo.extend(value)
        elif isinstance(value, msgspec.Struct) and not isinstance(value, CHEAP):
            if isinstance(value, e._Node):
                found.append(value)  # type: ignore[arg-type]
            todo.extend([getattr(value, name) for name in places(type(value))])
    return found


def _named(nodes: list[Node]) -> dict[int, str]:
    """By identity, a name that equal nodes share: their text, or in a large tree (whose texts within texts would be
    quadratic) a hash of it with the names of the nodes inside in their places."""
    if len(nodes) <= SMALL:
        return {id(n): repr(n) for n in nodes} if len(nodes) > 1 else {}
    names: dict[int, str] = {}

    def said(value: Any) -> str:
        if type(value) is tuple:
            return f"({','.join(map(said, value))})"
        if not isinstance(value, msgspec.Struct) or isinstance(value, CHEAP):
            return repr(value)
        return (
            names.get(id(value))
            or f"{type(value).__name__}{[said(getattr(value, f)) for f in value.__struct_fields__]}"
        )

    for node in reversed(nodes):  # what is inside comes before what it is in
        if id(node) not in names:
            text = f"{type(node).__name__}{[said(getattr(node, f)) for f in node.__struct_fields__]}"
            names[id(node)] = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return names


@cache
def places(kind: type) -> tuple[str, ...]:
    """The fields of a kind of node (or link, or mode) in which nodes may stand."""
    return tuple(n for n, said in kind.__annotations__.items() if str(said) not in BARE)


@cache
def _binders() -> dict[type, Binder]:
    """The binder of each kind of node."""
    from understudy.kernels import (
        calls,
        composition,
        documents,
        draws,
        gathering,
        guests,
        joining,
        prose,
        relations,
        scores,
        texts,
        trees,
    )
    from understudy.kernels import siblings as runs

    return {
        e.Const: lambda _, node: literal(node.value),
        e.Row: _row,
        e.Column: _column,
        e.Slot: _slot,
        e.Lookup: relations.lookup,
        e.ParentRow: relations.parent_row,
        e.Ordinal: relations.ordinal,
        e.Siblings: relations.siblings,
        e.Previous: runs.previous,
        e.Aggregate: relations.aggregate,
        e.Children: gathering.children,
        e.Gathered: gathering.gathered,
        e.Uniform: draws.uniform,
        e.Chance: draws.chance,
        e.Choice: draws.choice,
        e.Zipf: draws.zipf,
        e.Quantile: draws.quantile,
        e.Bits: draws.bits,
        e.Leaf: trees.leaf,
        e.Score: scores.score,
        e.Drawn: trees.drawn,
        e.Permute: draws.permute,
        e.Skip: draws.skip,
        e.Take: _take,
        e.Pool: texts.pool,
        e.Digits: texts.digits,
        e.Join: joining.join,
        e.Prose: prose.prose,
        e.Uuid: texts.uuid,
        e.Hexadecimal: texts.hexadecimal,
        e.Call: calls.call,
        e.Cast: calls.cast,
        e.Case: composition.case,
        e.Nulls: composition.nulls,
        e.Listing: composition.listing,
        e.Record: composition.record,
        e.Document: documents.document,
        e.Written: documents.written,
        e.External: guests.external,
        e.Opaque: _opaque,
    }


def _row(scope: Scope, _node: e.Row) -> Program:
    return Program(forms.RAW, lambda frame: Vector(frame.rows))


def _slot(scope: Scope, _node: e.Slot) -> Program:
    def run(frame: Frame) -> Vector:
        if frame.slot is None:
            raise InternalError("a position is read outside a list", where=scope.table.name)
        return Vector(frame.slot)

    return Program(forms.RAW, run)


def _column(scope: Scope, node: e.Column) -> Program:
    column = scope.table.planned_column(node.name)
    form = form_of(column.type)
    if form.sort is Sort.INT and column.hidden and scope.table.is_raw(node.name):
        form = forms.RAW
    pool = scope.table.pool_of(node.name) if form.sort is Sort.TEXT else None
    name = node.name
    return Program(form, lambda frame: frame.column(name), pool=pool)


def _take(scope: Scope, node: e.Take) -> Program:
    index = scope.compile(node.index)
    array = scope.runtime.artefact(node.artefact, pa.Array)
    form, values = exchange.from_arrow(array, static=True)
    size, name = len(array), node.artefact
    data: Any = values.data

    def run(frame: Frame) -> Vector:
        at = index.run(frame)
        position = checked_index(at, size, frame, f"artefact {name}")
        taken = Vector(data, values.valid)
        found = take(taken, position)
        return Vector(found.data, both(found.valid, at.valid))

    pool = getattr(data, "pool", None)
    return Program(form, run, pool=pool)


def checked_index(v: Vector, size: int, frame: Frame, what: str) -> Any:
    """Positions within [0, size), 0 under nulls; InternalError where one is outside."""
    data, known = spread(v.data, frame.n), mask(v.valid, frame.n)
    if data.size and not (int(data.min()) >= 0 and int(data.max()) < size):
        inside = data if known is None else np.where(known, data, 0)
        if size == 0 and known is not None and not known.any():
            raise InternalError(f"{what} is empty", where=frame.table.name)
        if not (int(inside.min()) >= 0 and int(inside.max()) < size):
            worst = int(inside.max()) if int(inside.max()) >= size else int(inside.min())
            raise InternalError(f"position {worst} is outside {what}, which has {size}", where=frame.table.name)
        return inside
    return data


def _opaque(scope: Scope, node: e.Opaque) -> Program:
    raise InternalError(f"words that nobody understood cannot be evaluated: {node.text}", where=scope.table.name)
