"""Everything but tables: indexes, types, domains, sequences, views, comments, and what DROP takes away."""

from __future__ import annotations

from understudy.model.schema import Identity, Unique
from understudy.sources.database.dump.catalog import Catalog, Column, Table, TableKey
from understudy.sources.database.dump.changes import drop_constraint, references_to, rename_table
from understudy.sources.database.dump.columns import NEXTVAL, TableReader
from understudy.sources.database.dump.words import MYSQL, Fault, Words
from understudy.sources.database.sql_text import bare


def create_index(catalog: Catalog, words: Words, *, unique: bool, raw: str) -> None:
    """A CREATE INDEX, after the word INDEX. Only unique ones demand something; the others' names are kept."""
    line = words.line_here()
    words.accept("CONCURRENTLY")
    lenient = words.accept("IF", "NOT", "EXISTS")
    name = "" if words.word() == "ON" else words.qualified()[-1]
    if words.accept("USING"):
        words.take()
    words.expect("ON")
    words.accept("ONLY")
    parts = words.qualified()
    table = catalog.find(parts)
    if table is None:
        if parts[-1].lower() in catalog.passed:
            return
        raise Fault(f"an index is on {'.'.join(parts)}, which is not there")
    if lenient and name and name in table.names():
        return
    if name:
        table.indexes.add(name)
        catalog.indexes[name.lower()] = TableKey(catalog.fold(table.space), catalog.fold(table.name))
    if unique and not table.view:
        _unique_index(catalog, table, words, name, line, raw)


def _unique_index(catalog: Catalog, table: Table, words: Words, name: str, line: int, raw: str) -> None:
    if words.accept("USING"):
        words.take()
    reader = TableReader(catalog, table)
    inside = words.group()
    parts = tuple(reader.constraints.part(p) for p in inside.parts())
    distinct, predicate = True, ""
    while not words.done:
        if words.accept("NULLS", "NOT", "DISTINCT"):
            distinct = False
        elif words.accept("WHERE"):
            predicate = bare(reader.constraints.source(words, words.at, words.stop))
            words.at = words.stop
        elif not words.skip_group():
            words.at += 1
    table.indexes.discard(name)
    draft = Unique(name, parts, predicate=predicate, nulls_distinct=distinct, index=catalog.dialect not in MYSQL)
    reader.constraints.add_unique(draft, line, raw)
    table.indexes.add(table.uniques[-1].noun.name)


# ---- views ------------------------------------------------------------------------------------------
def create_view(catalog: Catalog, words: Words, raw: str, *, materialized: bool) -> None:
    """A CREATE VIEW, after the word VIEW. Its columns are known only where they are listed."""
    line = words.line_here()
    lenient = words.accept("IF", "NOT", "EXISTS")
    parts = words.qualified()
    key = catalog.key(parts)
    if key in catalog.tables and lenient:
        return
    view = Table(catalog.space(parts), parts[-1], line, raw, view=True, rows=None)
    if "." in view.name:
        view.options["dotted"] = "yes"
    if materialized:
        view.options["materialized"] = "yes"
    if words.peek().text == "(":
        for part in words.group().parts():
            name = part.name()
            view.columns[catalog.fold(name)] = Column(name, "", part.line_here(1))
    catalog.tables[key] = view


# ---- sequences, comments ----------------------------------------------------------------------------
def create_sequence(catalog: Catalog, words: Words, raw: str) -> None:
    """A CREATE SEQUENCE, after the word SEQUENCE."""
    words.accept("IF", "NOT", "EXISTS")
    parts = words.qualified()
    catalog.sequences[catalog.key(parts)] = raw


def alter_sequence(catalog: Catalog, words: Words) -> None:
    """ALTER SEQUENCE x OWNED BY t.c: the column is then fed by the sequence."""
    words.accept("IF", "EXISTS")
    sequence = words.qualified()
    while not words.done:
        if words.accept("OWNED", "BY"):
            owner = words.qualified()
            table = catalog.find(owner[:-1]) if len(owner) > 1 else None
            column = catalog.column(table, owner[-1]) if table else None
            if column is not None:
                column.sequence = catalog.full(catalog.space(sequence), sequence[-1])
                if column.identity is Identity.NONE and NEXTVAL.match(column.default):
                    column.identity = Identity.SERIAL
            return
        words.at += 1


def comment_on(catalog: Catalog, words: Words) -> None:
    """COMMENT ON TABLE, VIEW, COLUMN; other comments say nothing of rows."""
    kind = words.take().upper
    if kind == "MATERIALIZED" or kind == "FOREIGN":
        kind = words.take().upper
    if kind not in ("TABLE", "VIEW", "COLUMN"):
        return
    parts = words.qualified()
    words.expect("IS")
    text = "" if words.accept("NULL") else words.string()
    if kind == "COLUMN":
        table = catalog.find(parts[:-1]) if len(parts) > 1 else None
        column = catalog.column(table, parts[-1]) if table else None
        if column is None:
            if table is None or not table.view:
                raise Fault(f"a comment is on column {'.'.join(parts)}, which is not there")
            return
        column.comment = text
        return
    table = catalog.find(parts)
    if table is None:
        raise Fault(f"a comment is on {'.'.join(parts)}, which is not there")
    table.comment = text


# ---- drop -------------------------------------------------------------------------------------------
def drop(catalog: Catalog, words: Words) -> None:
    """A DROP, after that word."""
    _ = words.accept("MATERIALIZED") or words.accept("FOREIGN") or words.accept("TEMPORARY")
    kind = words.take().upper
    if kind not in ("TABLE", "VIEW", "TYPE", "DOMAIN", "INDEX", "SCHEMA", "TRIGGER", "SEQUENCE", "DATABASE", "TABLES"):
        return
    words.accept("CONCURRENTLY")
    lenient = words.accept("IF", "EXISTS")
    match kind:
        case "TRIGGER":
            _drop_trigger(catalog, words)
        case "INDEX":
            _drop_index(catalog, words)
        case "SCHEMA" | "DATABASE":
            space = words.name()
            for table in [
                t for t in catalog.tables.values() if catalog.fold(t.space or catalog.default) == catalog.fold(space)
            ]:
                _drop_table(catalog, table)
        case _:
            while words.is_name():
                _drop_one(catalog, kind, words.qualified(), lenient=lenient)
                if not words.mark(","):
                    break


def _drop_one(catalog: Catalog, kind: str, parts: tuple[str, ...], *, lenient: bool) -> None:
    if kind in ("TYPE", "DOMAIN"):
        found = catalog.find_type(parts)
        catalog.types = {k: t for k, t in catalog.types.items() if t is not found}
        return
    if kind == "SEQUENCE":
        catalog.sequences.pop(catalog.key(parts), None)
        return
    table = catalog.find(parts)
    if table is not None:
        _drop_table(catalog, table)
    elif not lenient and catalog.tables and parts[-1].lower() not in catalog.passed:
        raise Fault(f"DROP names {'.'.join(parts)}, which is not there")


def _drop_table(catalog: Catalog, table: Table) -> None:
    for other, reference in references_to(catalog, table):
        if other is not table and catalog.dialect == "postgresql":
            other.references.remove(reference)  # only CASCADE lets it go, and takes these along
    catalog.tables = {k: t for k, t in catalog.tables.items() if t is not table}
    for part in [
        t
        for t in catalog.tables.values()
        if t.part_of and t.part_of[-1] == table.name and catalog.find(t.part_of) is None
    ]:
        _drop_table(catalog, part)


def _drop_index(catalog: Catalog, words: Words) -> None:
    while words.is_name():
        parts = words.qualified()
        table = catalog.find(words.qualified()) if words.accept("ON") else None
        key = catalog.indexes.get(parts[-1].lower())
        table = table or (catalog.tables.get(key) if key else None)
        if table is not None:
            drop_constraint(catalog, table, parts[-1])
            table.indexes.discard(parts[-1])
        if not words.mark(","):
            return


def _drop_trigger(catalog: Catalog, words: Words) -> None:
    name = words.qualified()[-1]
    table = catalog.find(words.qualified()) if words.accept("ON") else None
    for candidate in [table] if table else list(catalog.tables.values()):
        candidate.triggers = [t for t in candidate.triggers if t.noun.name != name]


def rename_tables(catalog: Catalog, words: Words) -> None:
    """MySQL: RENAME TABLE a TO b, c TO d."""
    for part in words.parts():
        table = catalog.find(part.qualified())
        part.expect("TO")
        if table is None:
            raise Fault("RENAME TABLE names a table that is not there")
        rename_table(catalog, table, part.qualified())
