"""One table learned with differential privacy: bins, a network over them, and expressions that draw from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.learning.columns import HIDDEN, NULL, Keep, Represented, decoded
from understudy.learning.private.budget import Budget, sigma_of
from understudy.learning.private.choosing import CHOICE_SHARE, estimate, planned
from understudy.learning.private.domains import Binned, Public, Terms, binned, worth
from understudy.learning.private.network import Network, Table
from understudy.model.expression import Call, Column, Const, Drawn, Node, Take, Uniform
from understudy.model.learned import LearnedColumn, LearnedTable
from understudy.model.plan import PlannedColumn
from understudy.model.schema import Entity
from understudy.types import Kind, Type

WHOLE = Type(Kind.INTEGER)

ROWS_SHARE, COLUMNS_SHARE = 0.01, 0.35
"""Parts of the budget for the number of rows and for the columns alone; the rest goes to pairs."""

TELLING = 4.0
"""Rows per cell of a pair's table, in units of its noise, that bins are made for."""

FEWEST, MOST = 4, 24
"""Bins of a number."""

ONE = 1 << 32


def fit_private(
    entity: Entity,
    data: pa.Table,
    public: Mapping[str, Public],
    budget: Budget,
    *,
    skipped: Sequence[str] = (),
    keep: Keep,
    tell: Callable[[str], None] = lambda _: None,
) -> LearnedTable:
    """Learn the columns of ``data`` (all but ``skipped``) for all of ``budget``. Of the rows nothing enters the answer
    but through the budget's noise; names and kinds of columns, and what ``public`` says of them, are taken as known.
    """
    names = [f.name for f in entity.fields if f.name not in skipped and f.name in data.column_names]
    counted = np.array([data.num_rows])
    rows = float(max(int(budget.counts(counted, sigma_of(ROWS_SHARE * budget.rho), "number of rows")[0]), 1))
    for_pairs = (1 - ROWS_SHARE - COLUMNS_SHARE) * budget.rho
    noise = sigma_of((1 - CHOICE_SHARE) * for_pairs / max(planned(len(names)), 1))
    most = int(min(max((rows / (TELLING * noise)) ** 0.5, FEWEST), MOST))
    terms = Terms(
        COLUMNS_SHARE * budget.rho / max(sum(worth(entity.field(n).type) for n in names), 1),
        budget.delta / max(len(names), 1),
        rows,
        most,
        max(rows / most**2, TELLING * noise),
    )
    left: dict[str, str] = {}
    columns: list[Binned] = []
    for name in names:
        tell(name)
        field = entity.field(name)
        mine = msgspec.structs.replace(terms, rho=terms.rho * worth(field.type))
        values = data.column(name).combine_chunks()
        found = binned(name, field.type, values, public.get(name, Public()), budget, mine)
        if isinstance(found, str):
            left[name] = found
        else:
            columns.append(found)
    if not columns:
        return LearnedTable(entity.name, int(rows), (), (), left)
    network, tables, pairs = estimate(columns, rows, budget, for_pairs, tell)
    hidden = _bins(entity.name, columns, network, tables, keep)
    near = {c.name: [columns[b if a == i else a].name for a, b in pairs if i in (a, b)] for i, c in enumerate(columns)}
    made = tuple(
        LearnedColumn(c.name, _value(entity.name, c, keep), "private marginals", _reason(c, near[c.name]))
        for c in columns
    )
    return LearnedTable(entity.name, int(rows), made, hidden, left)


def _reason(column: Binned, near: Sequence[str]) -> str:
    with_ = f"; measured with {', '.join(near)}" if near else ""
    return f"{column.size} bins, {column.how}{with_}"


# ---- bins ----------------------------------------------------------------------------------------
def _bins(
    table: str, columns: Sequence[Binned], network: Network, tables: Sequence[Table], keep: Keep
) -> tuple[PlannedColumn, ...]:
    """A hidden column per bin, each drawn given those of its clique before it: the distribution, column by column."""
    done: set[int] = set()
    out = []
    for i in network.cliques.order:
        members = network.cliques.members[i]
        known = [c for c in members if c in done]
        for c in (c for c in members if c not in done):
            out.append(_drawn(table, columns, c, known, _conditional(tables[i], members, c, known), keep))
            known.append(c)
            done.add(c)
    return tuple(out)


def _conditional(table: Table, members: Sequence[int], c: int, known: Sequence[int]) -> NDArray[np.float64]:
    """A row of weights for ``c`` per combination of ``known``, the last of which moves fastest."""
    wanted = [*known, c]
    summed = table.sum(axis=tuple(k for k, m in enumerate(members) if m not in wanted))
    axes = [m for m in members if m in wanted]
    return np.asarray(np.transpose(summed, [axes.index(w) for w in wanted]).reshape(-1, summed.shape[axes.index(c)]))


def _drawn(
    table: str, columns: Sequence[Binned], c: int, known: Sequence[int], weights: NDArray[np.float64], keep: Keep
) -> PlannedColumn:
    row: Node = Const(0)
    for k in known:
        place = Column(HIDDEN + columns[k].name)
        row = place if row == Const(0) else Call("+", (Call("*", (row, Const(columns[k].size))), place))
    lists = keep(f"{table}:learned:{columns[c].name}:bins", weighted(weights))
    given = f"given {', '.join(columns[k].name for k in known)}" if known else "as often as noisy counts say"
    return PlannedColumn(HIDDEN + columns[c].name, WHOLE, Drawn("bin", lists, row), given, hidden=True)


def weighted(weights: NDArray[np.float64], values: NDArray[np.int64] | None = None) -> pa.ListArray:
    """Lists for :class:`Drawn`, a list per row of ``weights``: the positions in it (or ``values`` at them) with whole
    cumulative weights. A row without weight draws like all rows together."""
    weights = np.maximum(weights, 0.0)
    empty = weights.sum(axis=1) <= 0
    if empty.any():
        together = weights.sum(axis=0)
        weights = np.where(empty[:, None], together if together.sum() > 0 else 1.0, weights)
    upto = np.cumsum(weights, axis=1)
    upto = np.rint(upto / upto[:, -1:] * ONE).astype(np.int64)
    upto[:, -1] = ONE
    used = np.diff(upto, axis=1, prepend=0) > 0
    places = np.broadcast_to(np.arange(weights.shape[1]) if values is None else values, weights.shape)
    structs = pa.StructArray.from_arrays(
        [pa.array(places[used], pa.int64()), pa.array(upto[used], pa.int64())], ["value", "upto"]
    )
    offsets = np.concatenate([[0], np.cumsum(used.sum(axis=1))])
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), structs)


# ---- values --------------------------------------------------------------------------------------
def _value(table: str, column: Binned, keep: Keep) -> Node:
    """A value out of a bin: a cell of it by weight, a number within the cell, written as the column's type."""
    stem = f"{table}:learned:{column.name}"
    share = np.zeros((column.size, column.bins.size))
    share[column.bins, np.arange(column.bins.size)] = column.weights
    cell = Drawn("cell", keep(f"{stem}:cells", weighted(share)), Column(HIDDEN + column.name))
    null = column.lows == NULL
    lows = pa.array(np.where(null, 0, column.lows), mask=null)
    if column.values is not None:
        number: Node = Take(keep(f"{stem}:low", lows), cell)
    else:
        number = _within(stem, column, cell, keep)
    kept = Represented(column.name, column.type, np.zeros(0, np.int64), column.values is not None, given=number)
    kept.scale, kept.values, kept.table = column.scale, column.values, table
    return decoded(kept, keep)


def _within(stem: str, column: Binned, cell: Node, keep: Keep) -> Node:
    null = column.lows == NULL
    unit = column.unit
    lows = np.where(null, 0, -(-column.lows // unit))
    highs = np.maximum(np.where(null, 0, column.highs // unit), lows)
    low = Take(keep(f"{stem}:low", pa.array(lows, mask=null)), cell)
    high = Take(keep(f"{stem}:high", pa.array(highs, mask=null)), cell)
    number: Node = Uniform("within", low, high)
    return number if unit == 1 else Call("*", (number, Const(unit)))
