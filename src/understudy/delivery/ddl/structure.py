"""The DDL that makes a plan's tables: one statement list per dialect, foreign keys where they can stand.

Order: what the schema's types and tables need (prelude, types), tables, unique indexes and keys, foreign keys
(inside the tables for SQLite and DuckDB, after all tables elsewhere, so that cycles are no matter), triggers.
"""

from __future__ import annotations

import re

import msgspec

from understudy.delivery.ddl.constraints import (
    check_clauses,
    exclusion_clause,
    foreign_key_clause,
    shared_names,
    unique_clause,
    unique_index,
)
from understudy.delivery.ddl.translate import default_words, translated
from understudy.delivery.ddl.type_names import own_words, type_words
from understudy.delivery.text.quoting import has_namespaces, quote, quoted_table, table_path
from understudy.model.schema import Entity, Field, Identity, Schema, Unique


class TableMaking(msgspec.Struct, frozen=True):
    """One table: the statement, and a plainer one (no checks, no defaults) where a translation is refused."""

    entity: str
    statement: str
    plainer: str = ""


class Structure(msgspec.Struct, frozen=True):
    """Statements by phase, in order; ``notices``: what could not be said in the dialect."""

    prelude: tuple[str, ...] = ()
    tables: tuple[TableMaking, ...] = ()
    after: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def statements(self) -> tuple[str, ...]:
        """All of it as one script."""
        return (*self.prelude, *(t.statement for t in self.tables), *self.after, *self.references, *self.triggers)


def structure(schema: Schema, names: tuple[str, ...], dialect: str) -> Structure:
    """The DDL for the entities named, in ``dialect``."""
    native = same_family(schema.dialect, dialect)
    entities = creation_order(schema, names, dialect)
    notices: list[str] = []
    spaces = shared_names(schema, entities, dialect)
    shared = {e.name: spaces[table_path(schema, e, dialect)[0]] for e in entities}
    tables = tuple(_table(schema, e, dialect, native, notices, shared[e.name]) for e in entities)
    after: list[str] = []
    for e in entities:
        after += _indexes(schema, e, dialect, native, notices, shared[e.name])
        after += _partitions(schema, e, dialect) if native else []
    for e in entities:
        after += _owned_sequences(schema, e, dialect) if native else []
    references = [k for e in entities for k in _late_foreign_keys(schema, e, dialect, shared[e.name])]
    triggers: list[str] = []
    for e in entities:
        if native:
            triggers += [t.text for t in e.triggers if t.text.lstrip()[:6].upper() == "CREATE"]
        elif e.triggers:
            notices.append(f"{e.name}: {len(e.triggers)} trigger(s) of {schema.dialect} were not made")
    notices += _cycle_notices(schema, entities, dialect)
    prelude = _spaces(schema, entities, dialect) + (_prelude(schema, entities) if native else [])
    return Structure(tuple(prelude), tables, tuple(after), tuple(references), tuple(triggers), tuple(notices))


def same_family(a: str, b: str) -> bool:
    """Whether two dialects read each other's DDL."""
    return a == b or {a, b} == {"mysql", "mariadb"}


def creation_order(schema: Schema, names: tuple[str, ...], dialect: str) -> list[Entity]:
    """Parents first where that is possible; within a cycle the given order."""
    wanted = {n: schema.entity(n) for n in names}
    done: list[Entity] = []
    state: dict[str, int] = {}
    for root in names:
        stack = [(root, iter(_parents(wanted[root], wanted)))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            name, parents = stack[-1]
            following = next((p for p in parents if p not in state), None)
            if following is None:
                stack.pop()
                done.append(wanted[name])
            else:
                state[following] = 1
                stack.append((following, iter(_parents(wanted[following], wanted))))
    return done


def _parents(entity: Entity, wanted: dict[str, Entity]) -> list[str]:
    return [k.target for k in entity.foreign_keys if k.enforced and k.target in wanted and k.target != entity.name]


def _spaces(schema: Schema, entities: list[Entity], dialect: str) -> list[str]:
    spaces = dict.fromkeys(table_path(schema, e, dialect)[0] for e in entities)
    spaces.pop("", None)
    if not has_namespaces(dialect):
        return [f"CREATE DATABASE IF NOT EXISTS {quote(s, dialect)}" for s in spaces]
    return [f"CREATE SCHEMA IF NOT EXISTS {quote(s, dialect)}" for s in spaces]


def _prelude(schema: Schema, entities: list[Entity]) -> list[str]:
    wanted = [f for e in entities for f in e.fields if f.sequence and f.identity is Identity.SERIAL]
    made = " ".join(schema.prelude)
    sequences = [f"CREATE SEQUENCE IF NOT EXISTS {f.sequence}" for f in wanted if f.sequence not in made]
    types = [ddl for _, ddl in schema.types]
    early = [p for p in schema.prelude if not FUNCTION.match(p) or any(_called(p) in ddl for ddl in types)]
    late = [p for p in schema.prelude if p not in early]
    first = ["SET check_function_bodies = false"] if late and schema.dialect == "postgresql" else []
    return [*first, *early, *types, *late, *dict.fromkeys(sequences)]


FUNCTION = re.compile(
    r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE|AGGREGATE)\s+(?:[\w\"]+\.)?\"?(\w+)", re.I
)


NESTED = re.compile(r"OF\s+(?:[\w\"]+\.)?(\S+)\s+(.*)$", re.IGNORECASE | re.DOTALL)


def _called(statement: str) -> str:
    """How a function is called by name."""
    found = FUNCTION.match(statement)
    return f"{found[1]}(" if found else ""


def _table(
    schema: Schema, e: Entity, dialect: str, native: bool, notices: list[str], shared: frozenset[str]
) -> TableMaking:
    columns = [_column(schema, e, f, dialect, native, notices) for f in e.fields]
    bare = [_column(schema, e, f, dialect, native, [], plainer=True) for f in e.fields]
    keys = [unique_clause(e, u, dialect, shared) for u in e.uniques if _in_table(e, u, dialect)]
    keys = [k for k in keys if k]
    if dialect in ("sqlite", "duckdb"):
        keys += _inner_foreign_keys(schema, e, dialect)
    checks = check_clauses(schema, e, dialect, notices)
    exclusions = [exclusion_clause(x) for x in e.exclusions] if native else []
    if e.exclusions and not native:
        notices.append(f"{e.name}: exclusion constraints exist in PostgreSQL only and were not made")
    tail = _tail(e, dialect, native)
    table = quoted_table(schema, e, dialect)
    full = f"CREATE TABLE {table} (\n  " + ",\n  ".join([*columns, *keys, *exclusions, *checks]) + f"\n){tail}"
    plainer = "" if native else f"CREATE TABLE {table} (\n  " + ",\n  ".join([*bare, *keys]) + f"\n){tail}"
    return TableMaking(e.name, full, plainer if plainer != full else "")


def _in_table(e: Entity, u: Unique, dialect: str) -> bool:
    return not (u.primary and _rowid_key(e, dialect))


def _rowid_key(e: Entity, dialect: str) -> str:
    """The SQLite column whose PRIMARY KEY AUTOINCREMENT must stand at the column."""
    key = e.primary_key
    if dialect != "sqlite" or key is None or len(key.columns) != 1:
        return ""
    return key.columns[0] if e.field(key.columns[0]).identity is Identity.AUTO_INCREMENT else ""


def _column(
    schema: Schema, e: Entity, f: Field, dialect: str, native: bool, notices: list[str], *, plainer: bool = False
) -> str:
    if native:
        words = own_words(f.type, f.domain, schema.dialect)
    else:
        words = type_words(f.type, dialect, keyed=f.name in _keyed(schema, e))
    parts = [quote(f.name, dialect), "INTEGER" if _rowid_key(e, dialect) == f.name else words]
    parts += _collation(f, dialect) if native else []
    if f.generated:
        text = translated(f.generated, schema.dialect, dialect)
        if text is not None and not plainer:
            return " ".join([*parts, f"GENERATED ALWAYS AS ({text})", _kept(f, dialect)]).rstrip()
        notices.append(f"{e.name}.{f.name}: generated column made plain, its expression cannot be said in {dialect}")
        return " ".join(parts)
    parts += ["NOT NULL"] if not f.nullable else ["NULL"] if dialect in ("mysql", "mariadb") else []
    parts += _identity(e, f, dialect)
    default = "" if plainer else default_words(f, schema.dialect, dialect)
    if default is None:
        notices.append(f"{e.name}.{f.name}: default {f.default} cannot be said in {dialect} and was left out")
    elif default and not (dialect == "postgresql" and f.identity in (Identity.ALWAYS, Identity.BY_DEFAULT)):
        parts.append(f"DEFAULT {default}")
    elif native and f.identity is Identity.SERIAL and f.default:
        parts.append(f"DEFAULT {f.default}")
    return " ".join(parts)


def _kept(f: Field, dialect: str) -> str:
    if dialect in ("postgresql",) or (f.stored and dialect != "duckdb"):
        return "STORED"
    return "VIRTUAL"


def _collation(f: Field, dialect: str) -> list[str]:
    if not f.collation or f.collation.lower() in ("default", "binary"):
        return []
    if dialect == "postgresql":
        return ["COLLATE", ".".join(quote(p.strip('"'), dialect) for p in f.collation.split("."))]
    return [f"COLLATE {quote(f.collation, dialect)}"]


def _identity(e: Entity, f: Field, dialect: str) -> list[str]:
    if f.identity is Identity.NONE:
        return []
    if dialect == "postgresql":
        if f.identity is Identity.SERIAL and f.default:
            return []
        always = "ALWAYS" if f.identity is Identity.ALWAYS else "BY DEFAULT"
        return [f"GENERATED {always} AS IDENTITY"]
    if dialect in ("mysql", "mariadb"):
        leads = any(u.columns[:1] == (f.name,) for u in e.uniques)
        first = next(x.name for x in e.fields if x.identity is not Identity.NONE)
        return ["AUTO_INCREMENT"] if leads and first == f.name else []
    return ["PRIMARY KEY AUTOINCREMENT"] if _rowid_key(e, dialect) == f.name else []


def _keyed(schema: Schema, e: Entity) -> frozenset[str]:
    names = {c for u in e.uniques for c in u.columns}
    names |= {c for k in e.foreign_keys for c in k.columns}
    return frozenset(names)


def _tail(e: Entity, dialect: str, native: bool) -> str:
    if not native:
        return ""
    options = {k for k, v in e.options.items() if v.lower() in ("1", "true", "yes", "on")}
    if dialect == "sqlite":
        words = [w for k, w in (("strict", "STRICT"), ("without_rowid", "WITHOUT ROWID")) if k in options]
        return " " + ", ".join(words) if words else ""
    if dialect == "postgresql" and e.partitioning is not None:
        names = {f.name for f in e.fields}
        keys = ", ".join(quote(k, dialect) if k in names else k for k in e.partitioning.keys)
        return f" PARTITION BY {e.partitioning.strategy.upper()} ({keys})"
    if dialect in ("mysql", "mariadb") and e.options.get("engine"):
        return f" ENGINE={quote(e.options['engine'], dialect)}"
    return ""


def _partitions(schema: Schema, e: Entity, dialect: str) -> list[str]:
    return partition_statements(schema, e, dialect, e.partitioning.bounds if e.partitioning is not None else ())


def partition_statements(schema: Schema, e: Entity, dialect: str, bounds: tuple[tuple[str, str], ...]) -> list[str]:
    """The DDL for partitions of a table, by name and bound; none where the dialect has no such tables."""
    if dialect != "postgresql":
        return []
    space = table_path(schema, e, dialect)[0]
    made = []
    for name, bound in bounds:
        plain = name.removeprefix(f"{space}.") if space else name
        part = f"{quote(space, dialect)}.{quote(plain, dialect)}" if space else quote(plain, dialect)
        whole = quoted_table(schema, e, dialect)
        if nested := NESTED.match(bound):  # a partition of a partition
            whole, bound = (
                (f"{quote(space, dialect)}." if space else "") + quote(nested[1].strip('"'), dialect),
                nested[2],
            )
        made.append(f"CREATE TABLE {part} PARTITION OF {whole} {bound}")
    return made


def _indexes(
    schema: Schema, e: Entity, dialect: str, native: bool, notices: list[str], shared: frozenset[str]
) -> list[str]:
    made = []
    for u in e.uniques:
        if unique_clause(e, u, dialect):
            continue
        text = unique_index(schema, e, u, dialect, shared)
        if text is None:
            notices.append(f"{e.name}: unique index {u.name or u.columns} cannot be said in {dialect} and was not made")
        else:
            made.append(text)
    return made


def _owned_sequences(schema: Schema, e: Entity, dialect: str) -> list[str]:
    if dialect != "postgresql":
        return []
    table = quoted_table(schema, e, dialect)
    return [
        f"ALTER SEQUENCE {f.sequence} OWNED BY {table}.{quote(f.name, dialect)}"
        for f in e.fields
        if f.sequence and f.identity is Identity.SERIAL
    ]


def _inner_foreign_keys(schema: Schema, e: Entity, dialect: str) -> list[str]:
    cyclic = frozenset() if dialect == "sqlite" else backward(schema, e)
    keys = (k for k in e.foreign_keys if k.enforced and k.target not in cyclic)
    return [foreign_key_clause(schema, k, dialect) for k in keys]


def backward(schema: Schema, e: Entity) -> frozenset[str]:
    """Targets from which ``e`` can be reached again by foreign keys (itself not counted)."""
    ahead = {x.name: [k.target for k in x.foreign_keys if k.enforced] for x in schema.entities}
    return frozenset(t for t in ahead[e.name] if t != e.name and e.name in _reachable(t, ahead))


def _reachable(start: str, ahead: dict[str, list[str]]) -> set[str]:
    seen, stack = {start}, [start]
    while stack:
        fresh = [t for t in ahead.get(stack.pop(), []) if t not in seen]
        seen.update(fresh)
        stack.extend(fresh)
    return seen


def _cycle_notices(schema: Schema, entities: list[Entity], dialect: str) -> list[str]:
    if dialect != "duckdb":
        return []
    cyclic = [(e, k) for e in entities for k in e.foreign_keys if k.enforced and k.target in backward(schema, e)]
    return [
        f"{e.name}: foreign key to {k.target} is part of a cycle, which DuckDB cannot hold; not made" for e, k in cyclic
    ]


def _late_foreign_keys(schema: Schema, e: Entity, dialect: str, shared: frozenset[str]) -> list[str]:
    if dialect in ("sqlite", "duckdb"):
        return []
    known = {x.name for x in schema.entities}
    table = quoted_table(schema, e, dialect)
    keys = [k for k in e.foreign_keys if k.enforced and k.target in known]
    return [f"ALTER TABLE {table} ADD {foreign_key_clause(schema, k, dialect, shared)}" for k in keys]
