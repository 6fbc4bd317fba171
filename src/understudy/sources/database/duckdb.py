"""Reads a DuckDB file's structure from its catalog functions."""

from __future__ import annotations

import re
from typing import Any

from understudy.model.evidence import Evidence, FacetKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, Identity, KeyPart, Unique
from understudy.sources.database.collect import Collector, check_selection, selector
from understudy.sources.database.connect import DuckdbConnection
from understudy.sources.database.counting import count_rows
from understudy.sources.database.declared import declared_type
from understudy.sources.database.sql_text import bare
from understudy.sources.database.sqlite_text import read_index, read_table

HERE = "database_name = current_database()"
TABLES = f"""
SELECT schema_name, table_name, comment, sql, false FROM duckdb_tables()
WHERE {HERE} AND NOT internal AND NOT temporary ORDER BY table_oid"""
VIEWS = f"""
SELECT schema_name, view_name, comment, sql, true FROM duckdb_views()
WHERE {HERE} AND NOT internal AND NOT temporary ORDER BY view_oid"""
COLUMNS = f"""
SELECT schema_name, table_name, column_name, data_type, is_nullable, column_default, comment, {{generation}}
FROM duckdb_columns() WHERE {HERE} AND NOT internal ORDER BY table_oid, column_index"""
CONSTRAINTS = f"""
SELECT schema_name, table_name, constraint_type, constraint_text, expression, constraint_column_names, constraint_name,
       referenced_table, referenced_column_names
FROM duckdb_constraints() WHERE {HERE} AND constraint_type <> 'NOT NULL' ORDER BY table_oid, constraint_index"""
INDEXES = f"""
SELECT schema_name, table_name, index_name, sql FROM duckdb_indexes()
WHERE {HERE} AND is_unique ORDER BY index_oid"""
TYPES = f"""
SELECT schema_name, type_name, logical_type, labels FROM duckdb_types()
WHERE {HERE} AND NOT internal AND type_name IS NOT NULL ORDER BY type_oid"""
SEQUENCES = f"""
SELECT schema_name, sequence_name, sql FROM duckdb_sequences()
WHERE {HERE} AND NOT temporary ORDER BY sequence_oid"""
MACROS = f"""
SELECT schema_name, function_name, parameters, macro_definition, function_type FROM duckdb_functions()
WHERE {HERE} AND NOT internal AND function_type IN ('macro', 'table_macro') ORDER BY function_oid"""
NEXTVAL = re.compile(r"\s*nextval\('((?:[^']|'')+)'(?:::\w+)?\)\s*", re.IGNORECASE)


def read_duckdb(connection: DuckdbConnection, schemas: tuple[str, ...] = (), tables: tuple[str, ...] = ()) -> Evidence:
    """Everything the file says of its tables."""
    return _Reader(connection).read(schemas, tables)


class _Reader:
    def __init__(self, connection: DuckdbConnection) -> None:
        self.connection = connection
        self.out = Collector(connection.where)
        self.default = "main"
        self.names: dict[tuple[str, str], str] = {}
        self.types: dict[tuple[str, ...], str] = {}

    def full(self, schema: str, table: str) -> str:
        return table if schema == self.default else f"{schema}.{table}"

    def read(self, schemas: tuple[str, ...], tables: tuple[str, ...]) -> Evidence:
        query = self.connection.query
        everything = query(TABLES) + query(VIEWS)
        known = [n for (n,) in query(f"SELECT schema_name FROM duckdb_schemas() WHERE {HERE}")]
        check_selection(self.connection.where, "schema", schemas, known)
        spelled = {s for r in everything for s in (r[1], self.full(r[0], r[1]), f"{r[0]}.{r[1]}")}
        check_selection(self.connection.where, "table", tables, spelled)
        wanted = selector(schemas, tables)
        chosen = [r for r in everything if wanted(r[0], r[1], self.full(r[0], r[1]))]
        self.names = {(r[0], r[1]): self.full(r[0], r[1]) for r in chosen}
        collations = {(r[0], r[1]): read_table(r[3] or "").collations for r in chosen if not r[4]}
        types = self._types()
        self._entities(chosen)
        self._fields({(r[0], r[1]) for r in chosen if r[4]}, collations)
        self._constraints()
        self._indexes()
        return Evidence(
            source=self.connection.where,
            claims=self.out.claims(),
            dialect="duckdb",
            version=str(query("SELECT version()")[0][0]).removeprefix("v"),
            default_namespace=self.default,
            types=types,
            prelude=self._prelude(known),
        )

    def _types(self) -> tuple[tuple[str, str], ...]:
        out = []
        for schema, name, logical, labels in self.connection.query(TYPES):
            full = self.full(schema, name)
            quoted = self.connection.qualify("" if schema == self.default else schema, name)
            if logical == "ENUM":
                words = ", ".join("'" + w.replace("'", "''") + "'" for w in labels)
                out.append((full, f"CREATE TYPE {quoted} AS ENUM ({words})"))
                self.types[tuple(labels)] = full
            else:
                self.out.remark(
                    full, f"a type made of {logical}: columns show their full type instead", severity="info"
                )
        return tuple(out)

    def _entities(self, chosen: list[tuple[Any, ...]]) -> None:
        ask = {(r[0], r[1]): self.connection.qualify(r[0], r[1]) for r in chosen if not r[4]}
        counts = count_rows(self.connection, ask)
        for schema, table, comment, sql, view in chosen:
            options = {"dotted": "yes"} if "." in table else {}
            name = self.names[schema, table]
            entity = Entity(
                name, (), comment=comment or "", rows=counts.get((schema, table)), options=options, view=view
            )
            self.out.add(FacetKind.ENTITY, name, entity, raw=sql or "")

    def _fields(self, views: set[tuple[str, str]], collations: dict[tuple[str, str], dict[str, str]]) -> None:
        import msgspec

        names = {row[0] for row in self.connection.query("DESCRIBE SELECT * FROM duckdb_columns()")}
        generation = "generation_expression" if "generation_expression" in names else "NULL"
        for schema, table, column, declared, nullable, default, comment, generated in self.connection.query(
            COLUMNS.format(generation=generation)
        ):
            if (schema, table) not in self.names:
                continue
            collation = collations.get((schema, table), {}).get(column.lower(), "")
            kind = declared_type(declared, "duckdb", collation=collation)
            if kind.labels in self.types:
                kind = msgspec.structs.replace(kind, name=self.types[kind.labels])
            sequence = NEXTVAL.fullmatch(default or "")
            field = Field(
                name=column,
                type=kind,
                nullable=bool(nullable),
                default="" if generated or (schema, table) in views else default or "",
                generated=bare(generated or ""),
                stored=not generated,
                identity=Identity.SERIAL if sequence and not generated else Identity.NONE,
                sequence=self._sequence(schema, sequence[1]) if sequence and not generated else "",
                collation=collation,
                comment=comment or "",
            )
            self.out.add(FacetKind.FIELD, self.names[schema, table], field, field=column, raw=declared)

    def _sequence(self, schema: str, text: str) -> str:
        name = text.replace("''", "'").replace('"', "")
        return name.removeprefix(f"{self.default}.")

    def _constraints(self) -> None:
        for schema, table, kind, text, expression, columns, name, target, target_columns in self.connection.query(
            CONSTRAINTS
        ):
            entity = self.names.get((schema, table))
            if entity is None:
                continue
            match kind:
                case "PRIMARY KEY" | "UNIQUE":
                    parts = tuple(KeyPart(column=c) for c in columns)
                    self.out.add(FacetKind.UNIQUE, entity, Unique(name, parts, primary=kind == "PRIMARY KEY"), raw=text)
                case "FOREIGN KEY":
                    key = ForeignKey(name, tuple(columns), self.full(schema, target), tuple(target_columns))
                    self.out.add(FacetKind.FOREIGN_KEY, entity, key, raw=text)
                case "CHECK":
                    self.out.add(
                        FacetKind.CHECK, entity, Rule(name, bare(expression), tuple(columns), "duckdb"), raw=text
                    )
                case _:
                    self.out.remark(entity, f"a constraint of an unknown kind: {text}", raw=text)

    def _indexes(self) -> None:
        fields = {c.entity: set[str]() for c in self.out.claims()}
        for claim in self.out.claims():
            if claim.facet is FacetKind.FIELD:
                fields[claim.entity].add(claim.field)
        for schema, table, name, sql in self.connection.query(INDEXES):
            entity = self.names.get((schema, table))
            if entity is None:
                continue
            parts = []
            for text in read_index(sql or "").parts:
                plain = bare(text)
                column = plain[1:-1].replace('""', '"') if plain.startswith('"') and plain.endswith('"') else plain
                parts.append(KeyPart(column=column) if column in fields[entity] else KeyPart(text=plain))
            self.out.add(FacetKind.UNIQUE, entity, Unique(name, tuple(parts), index=True), raw=sql or "")

    def _prelude(self, schemas: list[str]) -> tuple[str, ...]:
        quote = self.connection.quote
        system = {self.default, "information_schema", "pg_catalog"}
        out = [f"CREATE SCHEMA IF NOT EXISTS {quote(s)}" for s in sorted(set(schemas) - system)]
        out += [sql.rstrip(";") for _, _, sql in self.connection.query(SEQUENCES)]
        for schema, name, parameters, body, kind in self.connection.query(MACROS):
            full = self.connection.qualify("" if schema == self.default else schema, name)
            table = "TABLE " if kind == "table_macro" else ""
            out.append(f"CREATE MACRO {full}({', '.join(parameters or [])}) AS {table}{body}")
        return tuple(out)
