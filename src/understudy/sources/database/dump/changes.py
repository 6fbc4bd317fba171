"""What happens to a table's constraints when its columns, or it itself, go or are called otherwise."""

from __future__ import annotations

from typing import Any

import msgspec

from understudy.sources.database.dump.catalog import Catalog, Reference, Table, TableKey, renamed_unique
from understudy.sources.database.dump.words import Fault


def drop_column(catalog: Catalog, table: Table, name: str, *, lenient: bool) -> None:
    """Take a column away, and the constraints that speak of it."""
    column = catalog.column(table, name)
    if column is None:
        if lenient:
            return
        raise Fault(f"there is no column {name} in {table.name}")
    del table.columns[catalog.fold(name)]
    gone = column.name
    table.uniques = [
        u for u in table.uniques if gone not in u.noun.columns and gone not in _spoken(catalog, u.noun.predicate, gone)
    ]
    table.checks = [c for c in table.checks if gone not in c.noun.columns]
    table.references = [r for r in table.references if gone not in r.key.columns]
    table.exclusions = [e for e in table.exclusions if gone not in {n for n, _ in e.noun.elements}]
    for other, reference in references_to(catalog, table):
        if gone in reference.key.target_columns:
            other.references.remove(reference)


def _spoken(catalog: Catalog, text: str, column: str) -> tuple[str, ...]:
    return (column,) if text and catalog.rename_in(text, column, column + "\0") != text else ()


def drop_constraint(catalog: Catalog, table: Table, name: str) -> bool:
    """Take a constraint away; False where there is none of that name."""
    fold = catalog.fold
    before = len(table.uniques) + len(table.checks) + len(table.references) + len(table.exclusions)
    table.uniques = [u for u in table.uniques if fold(u.noun.name) != fold(name)]
    table.checks = [c for c in table.checks if fold(c.noun.name) != fold(name)]
    table.references = [r for r in table.references if fold(r.key.name) != fold(name)]
    table.exclusions = [e for e in table.exclusions if fold(e.noun.name) != fold(name)]
    return before != len(table.uniques) + len(table.checks) + len(table.references) + len(table.exclusions)


def rename_constraint(table: Table, old: str, new: str) -> None:
    """Give a constraint or index another name."""
    groups: tuple[list[Any], ...] = (table.uniques, table.checks, table.exclusions)
    for placed in (p for group in groups for p in group):
        if placed.noun.name == old:
            placed.noun = msgspec.structs.replace(placed.noun, name=new)
    for reference in table.references:
        if reference.key.name == old:
            reference.key = msgspec.structs.replace(reference.key, name=new)


def rename_table(catalog: Catalog, table: Table, parts: tuple[str, ...]) -> None:
    """Give a table another name or namespace; foreign keys follow."""
    referring = references_to(catalog, table)
    children = [t for t in catalog.tables.values() if t.part_of and catalog.find(t.part_of) is table]
    heirs = [(t, i) for t in catalog.tables.values() for i, p in enumerate(t.parents) if catalog.find(p) is table]
    table.space = catalog.space(parts) if len(parts) > 1 else table.space
    table.name = parts[-1]
    full = (table.space or catalog.default, table.name)
    own = TableKey(catalog.fold(table.space), catalog.fold(table.name))
    catalog.tables = {own if t is table else k: t for k, t in catalog.tables.items()}
    for _, reference in referring:
        reference.target = full
    for child in children:
        child.part_of = full
    for heir, i in heirs:
        heir.parents[i] = full


def rename_column(catalog: Catalog, table: Table, old: str, new: str) -> None:
    """Give a column another name, wherever it is spoken of."""
    column = catalog.column(table, old)
    if column is None:
        raise Fault(f"there is no column {old} in {table.name}")
    old = column.name
    column.name = new
    table.columns = {catalog.fold(c.name): c for c in table.columns.values()}
    rename_mentions(catalog, table, old, new)


def rename_mentions(catalog: Catalog, table: Table, old: str, new: str) -> None:
    """Call a column by its new name in keys, checks, generated columns and foreign keys, here and elsewhere."""
    replace = msgspec.structs.replace
    swap = {old: new}
    for unique in table.uniques:
        noun = renamed_unique(unique.noun, old, new)
        parts = tuple(replace(p, text=catalog.rename_in(p.text, old, new)) if p.text else p for p in noun.parts)
        unique.noun = replace(noun, parts=parts, predicate=catalog.rename_in(noun.predicate, old, new))
    for check in table.checks:
        if old in check.noun.columns:
            columns = tuple(swap.get(c, c) for c in check.noun.columns)
            check.noun = replace(check.noun, text=catalog.rename_in(check.noun.text, old, new), columns=columns)
    for reference in table.references:
        reference.key = replace(reference.key, columns=tuple(swap.get(c, c) for c in reference.key.columns))
    for exclusion in table.exclusions:
        elements = tuple((swap.get(e, e), o) for e, o in exclusion.noun.elements)
        exclusion.noun = replace(exclusion.noun, elements=elements)
    table.partition_keys = tuple(swap.get(k, k) for k in table.partition_keys)
    for column in table.columns.values():
        column.generated = catalog.rename_in(column.generated, old, new) if column.generated else ""
    for _, reference in references_to(catalog, table):
        targets = tuple(swap.get(c, c) for c in reference.key.target_columns)
        reference.key = replace(reference.key, target_columns=targets)


def references_to(catalog: Catalog, table: Table) -> list[tuple[Table, Reference]]:
    """Foreign keys of all tables that refer to ``table``."""
    found: list[tuple[Table, Reference]] = []
    for other in catalog.tables.values():
        found += [(other, r) for r in other.references if catalog.find(r.target, r.space) is table]
    return found
