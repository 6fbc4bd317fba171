"""Scores: the sum of many small trees, each of which asks the same question of all rows at one depth.

    feature 3 <= 17 ?      0        1                 one bit a question; the bits are the place of what
    feature 0 <=  4 ?    0   1    0   1               the tree says:  values[0b10]

Such trees (oblivious ones: Langley and Sage 1994; Kohavi 1994) cost a comparison and a shift a question, with nothing
to look up but at their end. The artefact is a table with a row a tree: ``feature`` (list of int16), ``threshold`` (list
of int64: 1 where the input is above it), ``value`` (list of int32, two to the power of the questions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.errors import InternalError
from understudy.kernels import forms
from understudy.kernels.program import Program, expect
from understudy.kernels.trees import NUMBERS, filled
from understudy.kernels.vector import Vector
from understudy.model import expression as e

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope
    from understudy.kernels.frame import Frame

BLOCK = 8192
"""Rows that are looked at together: their inputs stay near the processor."""

MOST_QUESTIONS = 8
"""Of one tree: its places fit into a byte."""


class Tree(NamedTuple):
    """Questions as (input, threshold), and what is said at each place."""

    questions: list[tuple[int, int]]
    values: NDArray[np.int32]


def score(scope: Scope, node: e.Score) -> Program:
    """The sum of what the trees say of a row."""
    inputs = [scope.compile(i) for i in node.inputs]
    for program in inputs:
        expect(program, NUMBERS, "a score")
    trees = scope.runtime.kept(("score", node.trees), lambda: _trees(scope.runtime.artefact(node.trees, pa.Table)))
    if max((f for tree in trees for f, _ in tree.questions), default=-1) >= len(inputs):
        raise InternalError(f"score {node.trees} asks for more than {len(inputs)} inputs", where=scope.table.name)

    def run(frame: Frame) -> Vector:
        columns = [filled(p.run(frame), frame.n) for p in inputs]
        total = np.zeros(frame.n, np.int64)
        for start in range(0, frame.n, BLOCK):
            stop = min(start + BLOCK, frame.n)
            total[start:stop] = said(trees, [c[start:stop] for c in columns], stop - start)
        return Vector(total)

    return Program(forms.RAW, run)


def said(trees: list[Tree], columns: list[NDArray[np.int64]], n: int) -> NDArray[np.int64]:
    """The sum over ``n`` rows, of which each column holds as many."""
    total = np.zeros(n, np.int32)
    place, answer = np.empty(n, np.uint8), np.empty(n, np.bool_)
    for tree in trees:
        place[:] = 0
        for feature, threshold in tree.questions:
            np.greater(columns[feature], threshold, out=answer)
            np.left_shift(place, 1, out=place)
            np.bitwise_or(place, answer.view(np.uint8), out=place)
        total += tree.values.take(place)
    return total.astype(np.int64)


def _trees(table: pa.Table) -> list[Tree]:
    rows = zip(*(table.column(name).to_pylist() for name in ("feature", "threshold", "value")), strict=True)
    found = [Tree(list(zip(f, t, strict=True)), np.array(v, np.int32)) for f, t, v in rows]
    if any(len(t.questions) > MOST_QUESTIONS or t.values.size != 1 << len(t.questions) for t in found):
        raise InternalError("a tree whose values are not one for each answer")
    return found
