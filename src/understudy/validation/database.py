"""Judges a live database by query: every constraint of a schema, in the database's own engine."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence

from understudy.errors import RequestError
from understudy.model.event import Listener, StageFinished, StageStarted, silent
from understudy.model.schema import Entity, Schema
from understudy.model.violation import Verdict
from understudy.storage.databases import parse_address
from understudy.validation.asking import verdicts
from understudy.validation.engines import connect
from understudy.validation.keys import set_questions
from understudy.validation.questions import Question, Tongue
from understudy.validation.rows import row_questions
from understudy.validation.saying import sayer

TIMEOUT_S = 600.0
"""For one statement of up to a hundred counts, or one alone: a scan of 100M rows fits."""

SERVERS = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "sqlite": "SQLite", "duckdb": "DuckDB"}


def validate_database(
    url: str,
    schema: Schema,
    tables: Sequence[str] | None = None,
    listen: Listener = silent,
    *,
    timeout_s: float = TIMEOUT_S,
) -> tuple[Verdict, ...]:
    """A verdict for every constraint of ``schema`` (of the named tables; all without names) on the data behind
    ``url``. Nothing is written. RequestError for an unknown table, SourceError and ConnectionFailedError
    where the database cannot be opened."""
    chosen = selected(schema, tables)
    dialect = parse_address(url).dialect
    engine = connect(url, schema.default_namespace if schema.dialect == "postgresql" else "", timeout_s)
    try:
        tongue = _tongue(schema, dialect)
        questions = all_questions(schema, chosen, tongue)
        started = time.monotonic()
        listen(StageStarted("validate", f"{len(questions)} constraints"))
        able = (
            SERVERS.get(schema.dialect, "")
            if schema.dialect not in ("", dialect, "mariadb" * (dialect == "mysql"))
            else ""
        )
        found = verdicts(engine, questions, able)
        listen(StageFinished("validate", time.monotonic() - started, f"{len(found)} constraints"))
        return found
    finally:
        engine.close()


def selected(schema: Schema, tables: Collection[str] | None) -> tuple[Entity, ...]:
    """The entities to judge; views are none."""
    filled = tuple(e for e in schema.entities if not e.view)
    if tables is None:
        return filled
    known = {e.name: e for e in filled} | {e.table: e for e in filled if sum(o.table == e.table for o in filled) == 1}
    unknown = [t for t in tables if t not in known]
    if unknown:
        raise RequestError(f"no table {unknown[0]!r}", mend="Name tables of the schema.")
    wanted = {known[t].name for t in tables}
    return tuple(e for e in filled if e.name in wanted)


def all_questions(schema: Schema, chosen: Sequence[Entity], tongue: Tongue) -> list[Question]:
    """Every constraint of the chosen entities as a question."""
    entities = {e.name: e for e in schema.entities}
    return [q for e in chosen for q in _of_entity(e, entities, tongue)]


def _of_entity(entity: Entity, entities: dict[str, Entity], tongue: Tongue) -> Iterator[Question]:
    yield from row_questions(entity, tongue)
    yield from set_questions(entity, entities, tongue)


def _tongue(schema: Schema, dialect: str) -> Tongue:
    bare = Tongue(dialect, schema.dialect, {}, sayer(schema, dialect))
    outside = {k.target for e in schema.entities for k in e.foreign_keys} - {e.name for e in schema.entities}
    tables = {e.name: _place(schema, e, bare) for e in schema.entities}
    tables |= {name: ".".join(bare.quote(part) for part in name.split(".")) for name in outside}
    return Tongue(
        dialect, schema.dialect, tables, bare.say, heirs=_heirs(schema) if dialect == "postgresql" else frozenset()
    )


def _heirs(schema: Schema) -> frozenset[str]:
    """Entities from which others inherit; partitioned ones are not among them, for their keys bind all parts."""
    parents = {p.strip() for e in schema.entities for p in e.options.get("inherits", "").split(",")}
    return frozenset(e.name for e in schema.entities if e.name in parents and e.partitioning is None)


def _place(schema: Schema, entity: Entity, tongue: Tongue) -> str:
    """An entity's table in a database of the tongue's dialect. Where that has no namespaces, those that are not
    the default are part of the table's name (as delivery makes structure)."""
    space = entity.name[: -len(entity.table) - 1]
    table = entity.table
    mysql = ("mysql", "mariadb")
    if space in ("", schema.default_namespace):
        spaced = tongue.dialect == schema.dialect and tongue.dialect in ("postgresql", "duckdb") and space
        return f"{tongue.quote(space)}.{tongue.quote(table)}" if spaced else tongue.quote(table)
    if tongue.dialect in ("postgresql", "duckdb") or (tongue.dialect == "mysql" and schema.dialect in mysql):
        return f"{tongue.quote(space)}.{tongue.quote(table)}"
    return tongue.quote(f"{space}_{table}")
