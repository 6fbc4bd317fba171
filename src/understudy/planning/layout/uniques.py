"""Unique keys from the schema's words: which columns they are on, and which of them are conditions instead of keys."""

from __future__ import annotations

from collections.abc import Mapping

from understudy import rules
from understudy.model.domain import Domain
from understudy.model.expression import Call, Column, Const, Node
from understudy.model.schema import KeyPart, Unique
from understudy.planning.layout.capacity import capacity
from understudy.planning.layout.exclusions import unique_of
from understudy.planning.layout.keys import Key, KeyPlan, Situation, plan_keys
from understudy.planning.layout.ties import Tie, owners
from understudy.planning.lessons import given
from understudy.planning.solving.domains import free_columns
from understudy.planning.solving.gates import Gate
from understudy.planning.solving.rulebook import Rulebook
from understudy.planning.table_draft import TableDraft
from understudy.rules.trees import walk
from understudy.types import Kind

KEY_CHARACTERS = 190
"""The longest text in a key: what MariaDB's index takes of utf8mb4, and longer than any key that people read."""


def read_keys(here: TableDraft) -> list[Key]:
    """Keys of the table: its uniques, and the exclusions that are met as keys."""
    found = [key for u in here.entity.uniques if (key := _key(here, u)) is not None]
    return found + [Key(unique_of(e), frozenset(e.columns), windowed=e.window is not None) for e in here.excluded]


def _key(here: TableDraft, unique: Unique) -> Key | None:
    columns: set[str] = set()
    strict = unique.primary or not unique.nulls_distinct
    for part in unique.parts:
        if part.column:
            columns.add(part.column)
        else:
            columns |= here.reads(part.text)
            strict = True
    generated = {f.name: f for f in here.entity.fields if f.generated}
    referring = {c for k in here.entity.foreign_keys for c in k.columns}
    for name in columns & set(generated) - referring:  # distinct inputs are asked of the columns it is computed from
        columns |= here.reads(generated[name].generated)
    computed = _computed(here, unique, set(generated) - referring)
    columns = here.parts.columns(columns - (set(generated) - referring))
    columns = columns - given(here.draft.lessons, here.entity.name) or columns
    if not columns:
        here.draft.warnings.append(
            f"{here.entity.name}: unique {unique.name} is on nothing that can be filled; left to the database"
        )
        return None
    return Key(unique, frozenset(columns), strict, computed=computed)


ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "abs", "round", "floor", "ceil", "trunc", "greatest", "least",
    "bit_and", "bit_or", "bit_xor", "shift_left", "shift_right"})  # fmt: skip
"""Functions that give different inputs the same value."""

EXACT = (Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.YEAR)


def _computed(here: TableDraft, unique: Unique, generated: set[str]) -> tuple[tuple[str, Node], ...]:
    """The computed values of a key that two rows may share though their inputs differ."""
    referring = {c for k in here.entity.foreign_keys for c in k.columns}
    texts = {p.column: here.entity.field(p.column).generated for p in unique.parts if p.column in generated}
    texts |= {f"${unique.name}.{i}": p.text for i, p in enumerate(unique.parts) if p.text}
    found = []
    for name, text in texts.items():
        tree = here.tree(text)
        inputs = rules.columns_of(tree)
        told = {n.function for n in walk(tree) if isinstance(n, Call)}
        alone = len(inputs) == 1 and not told - {"+", "-"}
        plain = all(c in here.types and here.types[c].kind in EXACT for c in inputs)
        if inputs and told & ARITHMETIC and not alone and plain and not set(inputs) & referring:
            found.append((name, tree))
    return tuple(found)


def split_gates(here: TableDraft, keys: list[Key], ties: tuple[Tie, ...]) -> tuple[tuple[Gate, ...], list[Key]]:
    """Partial uniques that no column can carry become gates; the other keys stay."""
    settled = owners(ties)
    gates, rest = [], []
    for key in keys:
        gate = _gate(here, key, ties, settled) if key.unique.predicate else None
        if gate is None:
            rest.append(key)
        else:
            gates.append(gate)
    return tuple(gates), rest


def _gate(here: TableDraft, key: Key, ties: tuple[Tie, ...], settled: Mapping[str, Tie]) -> Gate | None:
    need = here.wanted.rows
    loose = [c for c in key.columns if c not in settled]
    if any(capacity(here.types[c], Domain()) >= 8 * need for c in loose):
        return None
    understood = rules.understand(key.unique.predicate, here.dialect, here.types, here.draft.known)
    predicate = here.parts.apart(understood.predicate)
    reads = set(rules.columns_of(predicate))
    if understood.opaque or reads & set(settled) or not reads <= set(here.types):
        return None
    inside = [t for t in ties if set(t.key.columns) <= key.columns and not t.shared and t.required]
    anchor = inside[0].name if inside else ""
    since = 0
    if here.held_rows:
        target = here.draft.tables.get(inside[0].key.target) if inside else None
        since = -1 if target is None else target.existing
    return Gate(key.unique.name, predicate, tuple(reads), anchor, since)


def lay_keys(
    here: TableDraft, keys: list[Key], ties: tuple[Tie, ...], domains: dict[str, Domain], book: Rulebook
) -> KeyPlan:
    """How the keys are met; texts in keys get bounds that indexes can hold."""
    for key in keys:
        for column in key.columns & set(domains):
            if here.types[column].kind is Kind.TEXT and (domains[column].shortest or 0) <= KEY_CHARACTERS:
                domains[column] = domains[column].intersect(Domain(longest=KEY_CHARACTERS))
        for part in key.unique.parts:
            for column, coarse in _coarser(here, part):
                domains[column] = domains.get(column, Domain()).intersect(coarse)
    room = {c: capacity(here.types[c], domains.get(c, Domain())) for c in free_columns(here, ties)}
    tangled = tuple(frozenset((r.left, r.right)) for c in book.components for b in c.branches for r in b.relations)
    return plan_keys(keys, Situation(here.entity, ties, room, here.wanted.rows, here.held_rows, tangled))


DAY = 86_400_000_000
UNITS = {"day": DAY, "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}


def _coarser(here: TableDraft, part: KeyPart) -> list[tuple[str, Domain]]:
    """The column of which an expression sees but the first characters, or whole days: it has no more to be distinct
    by."""
    if part.prefix:
        return [(part.column, Domain(longest=part.prefix))]
    if not part.text:
        return []
    match here.tree(part.text):
        case Call(function="left", args=(Column(name=name), Const(value=int() as count))):
            return [(name, Domain(longest=count))]
        case Call(function="substring", args=(Column(name=name), Const(value=1), Const(value=int() as count))):
            return [(name, Domain(longest=count))]
        case Call(function="date_trunc", args=(Const(value=str() as unit), Column(name=name))) if unit in UNITS:
            return [(name, Domain(multiple=UNITS[unit]))] if here.types[name].kind is Kind.TIMESTAMP else []
        case Call(function="to_date", args=(Column(name=name),)) if here.types[name].kind is Kind.TIMESTAMP:
            return [(name, Domain(multiple=DAY))]
    return []
