"""Single constraints as DDL clauses."""

from __future__ import annotations

import re
from collections import Counter

from understudy.delivery.ddl.translate import check_body, translated
from understudy.delivery.text.quoting import quote, quoted_list, quoted_table, table_path
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Exclusion, ForeignKey, KeyPart, Schema, Unique
from understudy.types import Kind

LONGEST_NAME = {"postgresql": 63, "mysql": 64, "mariadb": 64}
"""Bytes (PostgreSQL) or characters of a name: a longer one is cut in silence or refused."""

JSON_CHECK = re.compile(r"json_valid\s*\(\s*[`\"]?(?P<name>[^`\"()]+?)[`\"]?\s*\)", re.IGNORECASE)

UNNAMED = "primary key"
"""What a key without a name is called in a schema read from SQLite or a dump: no name to give to a target."""


def constraint_name(name: str, dialect: str, shared: frozenset[str] = frozenset()) -> str:
    """``CONSTRAINT name `` or '', where the server had better choose: none is known, the target has no room for it, or
    other constraints bear it too (``shared``)."""
    size = len(name.encode()) if dialect == "postgresql" else len(name)
    if not name or name == UNNAMED or name in shared or size > LONGEST_NAME.get(dialect, size):
        return ""
    return f"CONSTRAINT {quote(name, dialect)} "


def shared_names(schema: Schema, entities: list[Entity], dialect: str) -> dict[str, frozenset[str]]:
    """By namespace: the names that several keys bear where the dialect wants each once (PostgreSQL, SQLite and DuckDB:
    keys, beside the tables; MySQL: foreign keys)."""
    found: dict[str, list[str]] = {}
    mysql = dialect in ("mysql", "mariadb")
    for e in entities:
        names = found.setdefault(table_path(schema, e, dialect)[0], [])
        names += [k.name for k in e.foreign_keys] if mysql else [e.table, *(u.name for u in e.uniques)]
    return {space: frozenset(n for n, times in Counter(names).items() if times > 1) for space, names in found.items()}


def unique_clause(e: Entity, u: Unique, dialect: str, shared: frozenset[str] = frozenset()) -> str:
    """A key as a table constraint; '' where it must be an index (expressions, predicates)."""
    if u.predicate or any(not p.column for p in u.parts) or (u.index and not u.primary):
        return ""
    if not u.nulls_distinct and dialect != "postgresql":
        return ""
    mysql = dialect in ("mysql", "mariadb")
    parts = ", ".join(_part(p, dialect) for p in u.parts)
    if u.primary:
        name = "" if mysql else constraint_name(u.name, dialect, shared)
        return f"{name}PRIMARY KEY ({parts}){_deferral(u.deferrable, u.initially_deferred, dialect)}"
    name = constraint_name(u.name, dialect, shared)
    nulls = "" if u.nulls_distinct else " NULLS NOT DISTINCT"
    return f"{name}UNIQUE{nulls} ({parts}){_deferral(u.deferrable, u.initially_deferred, dialect)}"


def unique_index(
    schema: Schema, e: Entity, u: Unique, dialect: str, shared: frozenset[str] = frozenset()
) -> str | None:
    """A key as a unique index; None where the dialect has no such index."""
    if u.predicate and dialect not in ("postgresql", "sqlite"):
        return None
    parts = []
    for p in u.parts:
        text = _part(p, dialect) if p.column else translated(p.text, schema.dialect, dialect)
        if text is None or (not p.column and dialect == "mariadb"):
            return None
        parts.append(text if p.column else f"({text})")
    where = ""
    if u.predicate:
        condition = translated(u.predicate, schema.dialect, dialect)
        if condition is None:
            return None
        where = f" WHERE {condition}"
    if not u.nulls_distinct and dialect != "postgresql":
        return None
    nulls = "" if u.nulls_distinct else " NULLS NOT DISTINCT"
    own = u.name if u.name and u.name not in shared else f"{e.table}_{'_'.join(u.columns) or 'expression'}_key"
    name = quote(own, dialect)
    return f"CREATE UNIQUE INDEX {name} ON {quoted_table(schema, e, dialect)} ({', '.join(parts)}){nulls}{where}"


def _part(p: KeyPart, dialect: str) -> str:
    prefix = f"({p.prefix})" if p.prefix and dialect in ("mysql", "mariadb") else ""
    return quote(p.column, dialect) + prefix


def _deferral(deferrable: bool, initially: bool, dialect: str) -> str:
    if not deferrable or dialect not in ("postgresql", "sqlite"):
        return ""
    return f" DEFERRABLE INITIALLY {'DEFERRED' if initially else 'IMMEDIATE'}"


def foreign_key_clause(schema: Schema, k: ForeignKey, dialect: str, shared: frozenset[str] = frozenset()) -> str:
    """A foreign key as a table constraint."""
    target = schema.entity(k.target) if k.target in {e.name for e in schema.entities} else None
    table = quoted_table(schema, target, dialect) if target else quote(k.target, dialect)
    if target and dialect == "sqlite":
        table = quote(table_path(schema, target, dialect)[1], dialect)
    text = (
        f"{constraint_name(k.name, dialect, shared)}FOREIGN KEY ({quoted_list(k.columns, dialect)}) REFERENCES {table}"
    )
    text += f" ({quoted_list(k.target_columns, dialect)})" if k.target_columns else ""
    if k.match == "full" and dialect in ("postgresql",):
        text += " MATCH FULL"
    if dialect != "duckdb":
        text += f" ON DELETE {k.on_delete.upper()}" if k.on_delete else ""
        text += f" ON UPDATE {k.on_update.upper()}" if k.on_update else ""
    return text + _deferral(k.deferrable, k.initially_deferred, dialect)


def exclusion_clause(x: Exclusion) -> str:
    """An exclusion constraint of PostgreSQL."""
    name = f"CONSTRAINT {quote(x.name, 'postgresql')} " if x.name else ""
    if x.text.strip().upper().startswith("EXCLUDE"):
        return name + x.text
    elements = ", ".join(f"{element} WITH {operator}" for element, operator in x.elements)
    where = f" WHERE ({x.predicate})" if x.predicate else ""
    deferral = " DEFERRABLE" if x.deferrable else ""
    return f"{name}EXCLUDE USING {x.using} ({elements}){where}{deferral}"


def check_clauses(schema: Schema, e: Entity, dialect: str, notices: list[str]) -> list[str]:
    """The entity's checks; those that cannot be said in ``dialect`` become notices."""
    clauses, used = [], set()
    for rule in e.checks:
        if not rule.enforced or not rule.text or (dialect == "mysql" and _implied(e, rule)):
            continue
        text = translated(check_body(rule.text), rule.dialect or schema.dialect, dialect)
        if text is None:
            notices.append(f"{e.name}: check {rule.name or rule.text} cannot be said in {dialect} and was not made")
            continue
        named = rule.name and rule.name not in used
        used.add(rule.name)
        name = constraint_name(rule.name, dialect) if named else ""
        clauses.append(f"{name}CHECK ({text})")
    return clauses


def _implied(e: Entity, rule: Rule) -> bool:
    """Whether a check only says what MariaDB adds to a JSON column by itself, under the very same name."""
    found = JSON_CHECK.fullmatch(check_body(rule.text).strip(" ()") + ")")
    if found is None:
        return False
    return any(
        f.name == found["name"] and f.type.kind is Kind.JSON and "text" not in f.type.raw.lower() for f in e.fields
    )
