"""Where drawing and redrawing find nothing: values found by search, as a column's domain or as rows to take from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from understudy import rules
from understudy.errors import UnderstudyError
from understudy.model.domain import Domain
from understudy.model.plan import PlannedTable, Repair
from understudy.planning import names
from understudy.planning.draft import Draft, flat
from understudy.planning.solving.rulebook import Understood
from understudy.planning.solving.search import Search, Values, searchable
from understudy.rng import streams
from understudy.types import Kind, Type
from understudy.types.arrow import arrow_type

STARTS = 64
"""Rows drawn to start from."""

VARIETY = 256
"""Different finds wanted where nothing has to be distinct."""

CODED = ("$code:", "$key:")
"""Hidden columns by which rows are distinct, or apart."""

WHOLE = {Kind.DATE: pa.int32(), Kind.TIMESTAMP: pa.int64()}
"""Kinds whose values are whole numbers to rules."""


def narrowed(
    draft: Draft,
    table: PlannedTable,
    understood: Sequence[Understood],
    scarce: Iterable[Understood],
    domains: Mapping[str, Domain],
    distinct: set[str],
) -> dict[str, Domain]:
    """Per column about which alone a rule speaks that hardly any draw satisfies: the values that were found."""
    types = {c.name: c.type for c in table.columns}
    found: dict[str, Domain] = {}
    for column in dict.fromkeys(u.columns[0] for u in scarce if len(set(u.columns)) == 1):
        predicates = [u.predicate for u in understood if not u.opaque and set(u.columns) == {column}]
        if column in types and searchable((column,), types, predicates):
            wanted = table.rows if column in distinct else min(VARIETY, table.rows)
            search = Search(predicates, (column,), types, domains, _seed(draft, table, column), wanted)
            rows = search.run(_starts(draft, table, (column,)))
            values = tuple(_scaled(r[column], types[column]) for r in rows if r[column] is not None)
            if values:
                found[column] = Domain(values=values)
    return found


def witnesses(
    draft: Draft,
    table: PlannedTable,
    repair: Repair,
    asked: Sequence[Understood],
    domains: Mapping[str, Domain],
) -> str:
    """The artefact with rows that keep every rule about the repair's columns; '' where none was found."""
    columns = _involved(repair, asked)
    types = {c.name: c.type for c in table.columns}
    trees = {c.name: c.expression for c in table.columns}
    if any(n.startswith(CODED) for c in columns for n in rules.columns_of(trees[c])):
        return ""  # what keeps rows apart must not be set
    predicates = [u.predicate for u in asked if set(u.columns) & set(columns)]
    if not columns or not searchable(columns, types, predicates):
        return ""
    visible = [c.name for c in table.columns if c.name in repair.columns and not c.hidden]
    everything = tuple(dict.fromkeys([*columns, *visible]))
    starts = _starts(draft, table, everything)
    wanted = min(VARIETY, table.rows)
    found = Search(predicates, columns, types, domains, _seed(draft, table, repair.name), wanted).run(starts)
    if not found:
        return ""
    arrays = {c: _array([r[c] for r in found], types[c]) for c in everything}
    return draft.keep(names.artefact(table.name, "witnesses", repair.name), pa.table(arrays))


def _involved(repair: Repair, asked: Sequence[Understood]) -> tuple[str, ...]:
    """The columns of the repair's rules and of all rules that share one with them; () where a redraw cannot change
    them all."""
    reached = set(rules.columns_of(repair.predicate))
    while more := {c for u in asked if set(u.columns) & reached for c in u.columns} - reached:
        reached |= more
    return tuple(sorted(reached)) if reached <= set(repair.columns) else ()


def _starts(draft: Draft, table: PlannedTable, columns: Sequence[str]) -> list[Values]:
    """Rows as they are drawn, in the values that rules speak of."""
    rows = range(min(table.rows, STARTS))
    try:
        drawn = {c: _plain(flat(draft.runtime(table).column(table.name, c, rows))) for c in columns}
    except UnderstudyError:  # another rule of the table finds nothing either
        return []
    return [dict(zip(columns, values, strict=True)) for values in zip(*drawn.values(), strict=True)]


def _plain(array: pa.Array) -> list[Any]:
    if pa.types.is_date32(array.type):
        array = array.cast(pa.int32())
    elif pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    return list(array.to_pylist())


def _array(values: list[Any], t: Type) -> pa.Array:
    target = arrow_type(t)
    if (whole := WHOLE.get(t.kind)) is not None:
        return pa.array(values, whole).cast(target)
    return pa.array(values, target)


def _scaled(value: Any, t: Type) -> int | str:
    """A value as domains hold it."""
    return int(value.scaleb(t.scale or 0)) if isinstance(value, Decimal) else value


def _seed(draft: Draft, table: PlannedTable, what: str) -> streams.Key:
    return streams.key(draft.request.seed, table.name, "search", what)
