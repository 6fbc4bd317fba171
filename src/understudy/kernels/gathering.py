"""Lists of other rows: which rows point here, and what a column of them holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from understudy.errors import InternalError
from understudy.kernels import forms
from understudy.kernels.forms import WHOLE, Form, Sort, form_of
from understudy.kernels.frame import Frame
from understudy.kernels.program import Program
from understudy.kernels.relations import rows_of, two_sided
from understudy.kernels.vector import Lists, Vector, runs, spread
from understudy.model import expression as e

if TYPE_CHECKING:
    from understudy.kernels.evaluate import Scope


def children(scope: Scope, node: e.Children) -> Program:
    """The numbers of the rows that point here."""
    child = scope.runtime.read(node.child, scope.table.name)
    tie = child.tie(node.link)
    if tie.link.parent != scope.table.name:
        raise InternalError(f"link {node.link} of {node.child} leads to {tie.link.parent}", where=scope.table.name)
    two_sided(tie, "a list of children")

    def run(frame: Frame) -> Vector:
        offsets, rows = rows_of(frame, tie)
        numbers = np.arange(rows.start, rows.stop, dtype=np.int64) if isinstance(rows, range) else rows
        if node.most and frame.n:
            offsets, places = runs(offsets[:-1], np.minimum(np.diff(offsets), node.most))
            numbers = numbers.take(places)
        return Vector(Lists(offsets, Vector(numbers)))

    return Program(Form(Sort.LIST, element=forms.RAW), run)


def gathered(scope: Scope, node: e.Gathered) -> Program:
    """A column of several rows of a table."""
    table = scope.runtime.read(node.table, scope.table.name)
    rows = scope.compile(node.rows)
    if rows.form.sort is not Sort.LIST or rows.form.element is None or rows.form.element.sort not in WHOLE:
        raise InternalError(f"rows of {node.table} are named by {rows.form.sort.value}", where=scope.table.name)
    column = node.column
    element = form_of(table.planned_column(column).type)

    def run(frame: Frame) -> Vector:
        v = rows.run(frame)
        numbers = spread(v.data.elements.data, int(v.data.offsets[-1]))
        return Vector(Lists(v.data.offsets, table.frame(numbers).column(column)), v.valid)

    return Program(Form(Sort.LIST, element=element), run)
