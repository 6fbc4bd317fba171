"""Keys of a table that are solved as tuples: its links and columns as parts, its rules as refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from understudy.model.expression import Node, Row, Take
from understudy.model.plan import PlannedColumn, PlannedTable
from understudy.model.schema import Entity
from understudy.planning import names
from understudy.planning.draft import Draft, flat, not_false
from understudy.planning.layout.keys import KeyPlan
from understudy.planning.layout.links import common_codes, group_members
from understudy.planning.layout.ties import Tie, owners
from understudy.planning.layout.witnesses import LIMIT, Candidates, Part, solve
from understudy.planning.selection import Wanted
from understudy.planning.solving.rulebook import Understood
from understudy.rng import streams

Indices = NDArray[np.int64]


SELF_PARENTS = 2
"""Of a self-reference solved as tuples, one row in so many is a parent: sorted by parent, rows then mostly come
after theirs."""


def solve_tuples(
    draft: Draft,
    entity: Entity,
    ties: tuple[Tie, ...],
    keys: KeyPlan,
    rooms: Mapping[str, int],
    rows: int,
    reason: str,
    wanted: Wanted,
    understood: list[Understood],
    eligible: Mapping[str, Indices | None],
    codes_of: Callable[[str, pa.Array], Indices | None],
    values_of: Callable[[Node, Candidates], Indices],
) -> tuple[int, str]:
    """Solve, keep the parts as artefacts, and say how many rows there are and why."""
    if rows > LIMIT:
        draft.unmet.append(
            f"{entity.name}: its keys must be solved as tuples, which is done for at most {LIMIT:,} rows"
        )
        return 0, "too many tuples"
    by_name = {t.name: t for t in ties}
    links = [by_name[n] for n in keys.tuple_links]
    parts = [_part(draft, entity, tie, links, ties, rows, eligible.get(tie.name)) for tie in links]
    parts += [Part(c, rooms[c]) for c in keys.tuple_columns]
    owner = owners(ties)
    wholes = [_parts_of(key, owner, keys) for key in keys.tuple_keys]
    seed = streams.key(draft.request.seed, entity.name, "tuples")
    accept = _judge(draft, entity, links, understood)
    taken = _taken(draft, entity, links, wholes, codes_of, keys)
    computed = {n: partial(values_of, node) for n, node in keys.computed.items()}
    found = solve(parts, wholes, rows, seed, accept=accept, taken=taken, computed=computed)
    found = _in_order(draft, entity, links, found)
    count = min((v.size for v in found.values()), default=0)
    for name, values in found.items():
        draft.keep_indices(names.artefact(entity.name, "tuple", name), values)
    if count < rows:
        why = f"its keys have only {count:,} combinations"
        if wanted.explicit:
            draft.unmet.append(f"{entity.name}: {wanted.rows:,} rows were asked for, but {why}")
        return count, f"at most {count:,}: {why}"
    return rows, reason


def _in_order(draft: Draft, entity: Entity, links: list[Tie], found: Candidates) -> Candidates:
    """The rows so ordered that a self-reference leads to an earlier one; a row whose parent would come after it has
    none (or itself, where null is forbidden): servers check row by row."""
    own = next((t for t in links if t.key.target == entity.name), None)
    if own is None:
        return found
    held = draft.held(entity.name)
    there = held.columns.num_rows if held is not None and held.columns is not None else 0
    order = np.argsort(found[own.name], kind="stable")
    found = {name: values[order] for name, values in found.items()}
    rows = there + np.arange(order.size, dtype=np.int64)
    instead = rows if own.required else np.full(order.size, -1, np.int64)
    for tie in links:
        if tie.key.target == entity.name:
            parents = found[tie.name] + there  # new rows lead to new ones: none clashes with those that are there
            found[tie.name] = np.where(
                parents < rows, parents, instead if tie is own else np.where(tie.required, rows, -1)
            )
    return found


def whole_numbers(values: pa.Array) -> Indices:
    """Values as whole numbers by which they are told apart: decimals without their point, moments as they count."""
    if pa.types.is_decimal(values.type):
        return np.array([-1 if v is None else int(v.scaleb(values.type.scale)) for v in values.to_pylist()], np.int64)
    if pa.types.is_date(values.type):
        values = values.cast(pa.int32())
    return np.asarray(values.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def _parts_of(key: frozenset[str], owner: Mapping[str, Tie], keys: KeyPlan) -> frozenset[str]:
    """A key's parts: links wholly inside it, and free columns (what is only partly inside is left out: stricter)."""
    links = {owner[c].name for c in key if c in owner and set(owner[c].key.columns) <= key}
    own = {c for c in key if c not in owner and (c in keys.tuple_columns or c in keys.computed)}
    return frozenset(links | own) or frozenset(owner[c].name for c in key if c in owner)


def _part(
    draft: Draft,
    entity: Entity,
    tie: Tie,
    links: list[Tie],
    ties: tuple[Tie, ...],
    rows: int,
    eligible: Indices | None,
) -> Part:
    if tie.shared and tie.key.target in draft.tables:
        settlers = {owners(ties)[c].name for c in tie.shared}
        settler = next((t for t in links if t.name in settlers), None)
        if len(settlers) == 1 and settler is not None and settler.key.target in draft.tables:
            group, offsets, members = group_members(draft, settler, tie, eligible)
            return Part(tie.name, draft.parents(tie.key.target), settler.name, group, offsets, members)
    size = max(1, rows // SELF_PARENTS) if tie.key.target == entity.name else draft.parents(tie.key.target)
    return Part(tie.name, size, choices=eligible)


def _judge(
    draft: Draft, entity: Entity, links: list[Tie], understood: list[Understood]
) -> Callable[[Candidates], NDArray[np.bool_]] | None:
    """A judgement of candidates by the rules that speak of the links' columns only; None if there is none."""
    settled = {c: t for t in links for c in t.own if t.key.target in draft.tables}
    rules = [u for u in understood if not u.opaque and u.columns and set(u.columns) <= set(settled)]
    if not rules:
        return None
    needed = {c for u in rules for c in u.columns}
    keys = {c: draft.parent_values(settled[c].key.target, [settled[c].target_of(c)])[0] for c in needed}

    def accept(candidates: Candidates) -> NDArray[np.bool_]:
        count = next(iter(candidates.values())).size
        columns = []
        for name in sorted(needed):
            artefact = draft.keep(
                names.artefact(entity.name, "$try", name), keys[name].take(pa.array(candidates[settled[name].name]))
            )
            columns.append(PlannedColumn(name, entity.field(name).type, Take(artefact, Row())))
        trial = PlannedTable(entity.name, count, tuple(columns))
        verdict = np.ones(count, bool)
        for u in rules:
            held = draft.evaluate(trial, u.predicate, np.arange(count, dtype=np.int64))
            verdict &= not_false(held)
        for name in sorted(needed):
            del draft.artefacts[names.artefact(entity.name, "$try", name)]
        return verdict

    return accept


def _taken(
    draft: Draft,
    entity: Entity,
    links: list[Tie],
    wholes: list[frozenset[str]],
    codes_of: Callable[[str, pa.Array], Indices | None],
    keys: KeyPlan,
) -> dict[frozenset[str], Candidates]:
    """Tuples that the target's rows already use. ``codes_of`` gives the codes behind a free column's values."""
    held = draft.held(entity.name)
    if held is None or held.columns is None:
        return {}
    found: Candidates = {}
    for tie in links:
        if tie.key.target in draft.tables and set(tie.key.columns) <= set(held.columns.column_names):
            there = [flat(held.columns.column(c)) for c in tie.key.columns]
            parents, mine = common_codes(draft.parent_values(tie.key.target, tie.key.target_columns), there)
            order = np.argsort(parents, kind="stable")
            place = np.minimum(np.searchsorted(parents[order], mine), max(parents.size - 1, 0))
            known = (mine >= 0) & (parents[order][place] == mine) if parents.size else np.zeros(mine.size, bool)
            found[tie.name] = np.where(known, order[place] if parents.size else -1, -1).astype(np.int64)
    for name in sorted({c for whole in wholes for c in whole & set(keys.computed)} & set(held.columns.column_names)):
        found[name] = whole_numbers(flat(held.columns.column(name)))
    for column in sorted({c for whole in wholes for c in whole} & set(held.columns.column_names)):
        if column not in found and (theirs := codes_of(column, flat(held.columns.column(column)))) is not None:
            found[column] = theirs
    own = {t.name for t in links if t.key.target == entity.name}
    taken = {}
    for whole in wholes:
        if whole & own:
            continue
        if whole <= set(found):
            known = [found[n] >= 0 if n not in keys.computed else np.ones(found[n].size, bool) for n in whole]
            whose = np.logical_and.reduce(known)
            taken[whole] = {n: found[n][whose] for n in whole}
        else:
            draft.warnings.append(
                f"{entity.name}: rows that are already there may clash on ({', '.join(sorted(whole))})"
            )
    return taken
