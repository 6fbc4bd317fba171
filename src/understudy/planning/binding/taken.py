"""Codes whose values the target already holds: found by making candidates and looking them up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Const, Node, Permute, Row, Skip, Take
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.model.schema import Entity
from understudy.model.snapshot import TableSnapshot
from understudy.planning import names
from understudy.planning.binding.fill import Filling
from understudy.planning.draft import Draft, flat
from understudy.planning.layout.solve import whole_numbers
from understudy.rules.trees import walk
from understudy.semantics import Coded
from understudy.types import Kind, Type

if TYPE_CHECKING:
    from understudy.planning.binding.columns import Binding

ROUNDS = 64
"""Rounds in which rows step aside from what is there; each leaves only those that stepped onto another such value."""


def self_contained(filling: Filling, column: str, coded: Coded) -> bool:
    """Whether a distinct value follows from its code alone, with no draw: then candidates can be made without a row."""
    helpers = {h.name: h.expression for h in filling.hidden}
    todo, seen = [coded.expression], set()
    while todo:
        node = todo.pop()
        if any(getattr(n, "use", None) is not None for n in walk(node)):
            return False
        for name in rules.columns_of(node):
            if name not in helpers and name != names.code(column):
                return False
            if name in helpers and name not in seen:
                seen.add(name)
                todo.append(helpers[name])
    return True


def taken_values(held: TableSnapshot | None, column: str, domain: Domain) -> pa.Array | None:
    """Values that no row may have in a distinct column: those that the target holds, and texts that rules refuse."""
    spared = [v for v in domain.refused if isinstance(v, str)]
    refused = pa.array(spared, pa.string()) if spared else None
    if held is None or held.columns is None or column not in held.columns.column_names:
        return refused
    there = flat(held.columns.column(column))
    return there if refused is None else pa.concat_arrays([there, refused.cast(there.type)])


def step_aside(draft: Draft, table: PlannedTable, columns: Mapping[str, tuple[int, pa.Array]]) -> PlannedTable:
    """The table with codes of ``columns`` (each with its room and the values not to be had) that skip every candidate
    with such a value, for values that depend on more than their code."""
    for column, (room, known) in columns.items():
        folds = folded(draft.entity(table.name), column)
        refused = np.zeros(0, np.int64)
        for _ in range(ROUNDS):
            made = flat(draft.runtime(table).column(table.name, column, range(table.rows)))
            clashes = np.flatnonzero(_among(made, known, folds))
            if not clashes.size:
                break
            free = np.setdiff1d(np.arange(table.rows + refused.size, dtype=np.int64), refused)
            refused = np.union1d(refused, free[clashes])
            if table.rows + refused.size > room:
                draft.unmet.append(f"{table.name}.{column}: too few values are left beside those already there")
                break
            table = _skipping(draft, table, column, refused, room)
        else:
            draft.unmet.append(f"{table.name}.{column}: no values were found beside those already there")
    return table


def _skipping(draft: Draft, table: PlannedTable, column: str, refused: NDArray[np.int64], room: int) -> PlannedTable:
    name = names.artefact(table.name, "taken", column)
    draft.keep_indices(name, refused)
    code = Permute("code", Skip(Row(), name), Const(room))
    found = tuple(
        msgspec.structs.replace(c, expression=code) if c.name == names.code(column) else c for c in table.columns
    )
    return msgspec.structs.replace(table, columns=found)


def folded(entity: Entity, column: str) -> bool:
    """Whether values that differ in case alone may clash: by the column's type, or by a unique expression."""
    said = any(column in part.text for u in entity.uniques for part in u.parts if not part.column)
    return said or entity.field(column).type.folded


def _among(made: pa.Array, known: pa.Array, folds: bool) -> NDArray[np.bool_]:
    """Where a value is one of those known; ``folds``: without regard to case."""
    import pyarrow.compute as pc

    if pa.types.is_nested(made.type):  # Arrow looks up no lists; such keys are few, and only rows added to others ask
        there = {str(v) for v in known.to_pylist() if v is not None}
        return np.fromiter((str(v) in there for v in made.to_pylist()), bool, len(made))
    known = known.cast(made.type)
    if folds and pa.types.is_string(made.type):
        made, known = pc.utf8_lower(made), pc.utf8_lower(known)
    found: NDArray[np.bool_] = pc.is_in(made, value_set=known.drop_null()).to_numpy(zero_copy_only=False)
    return found


LISTED = 1 << 18
"""Distinct values that are made to find the codes of those that are there."""


def codes_of(
    draft: Draft, entity: Entity, filling: Filling, column: str, room: int, there: pa.Array
) -> NDArray[np.int64] | None:
    """The codes behind values that the target holds, -1 where none gives it; None where they cannot be told."""
    coded = filling.recipes[column].coded if column in filling.recipes else None
    if coded is None or room > LISTED or not self_contained(filling, column, coded) or pa.types.is_nested(there.type):
        return None
    import pyarrow.compute as pc

    code = PlannedColumn(names.code(column), Type(Kind.INTEGER), Row(), hidden=True)
    made = PlannedColumn(column, entity.field(column).type, coded.expression)
    trial = PlannedTable(entity.name, room, (made, code, *filling.hidden))
    values = flat(draft.runtime(trial).column(entity.name, column, range(room)))
    found: NDArray[np.int64] = pc.index_in(there.cast(values.type), value_set=values).fill_null(-1).to_numpy()
    return found.astype(np.int64)


def values_of(
    draft: Draft, entity: Entity, filling: Filling, node: Node, codes: Mapping[str, NDArray[np.int64]]
) -> NDArray[np.int64]:
    """What ``node`` gives for rows whose columns are made of these codes, as whole numbers that tell values apart."""
    count = next(iter(codes.values())).size
    columns: list[PlannedColumn] = [*filling.hidden]
    for column, numbers in codes.items():
        coded = filling.recipes[column].coded if column in filling.recipes else None
        if coded is not None:
            artefact = draft.keep_indices(names.artefact(entity.name, "$try", column), numbers)
            code = Take(artefact, Row())
            columns.append(PlannedColumn(names.code(column), Type(Kind.INTEGER), code, hidden=True))
            columns.append(PlannedColumn(column, entity.field(column).type, coded.expression))
    trial = PlannedTable(entity.name, count, tuple(columns))
    found = whole_numbers(draft.evaluate(trial, node, np.arange(count, dtype=np.int64)))
    for column in codes:
        draft.artefacts.pop(names.artefact(entity.name, "$try", column), None)
    return found


def refused_codes(draft: Draft, binding: Binding, column: str, coded: Coded, existing: pa.Array) -> NDArray[np.int64]:
    """Sorted candidate positions whose value is among the ``existing`` ones."""
    count = min(binding.rows + len(existing), binding.rooms[column])
    field = binding.entity.field(column)
    code = PlannedColumn(
        names.code(column), Type(Kind.INTEGER), Permute("code", Row(), Const(binding.rooms[column])), hidden=True
    )
    trial = PlannedTable(
        name=binding.entity.name,
        rows=count,
        columns=(PlannedColumn(column, field.type, coded.expression), code, *binding.filling.hidden),
    )
    made = flat(draft.runtime(trial).column(trial.name, column, range(count)))
    return np.flatnonzero(_among(made, existing, folded(binding.entity, column))).astype(np.int64)
