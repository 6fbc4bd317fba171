"""Any other database that SQLAlchemy has a dialect for: what its reflection sees, and no more.

What reflection misses (triggers, exclusion constraints, partitions, deferral) is said in a remark.
"""

from __future__ import annotations

from typing import Any

from understudy.model.evidence import Evidence, FacetKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, Identity, KeyPart, Unique
from understudy.sources.database.collect import Collector, check_selection, selector
from understudy.sources.database.connect import Connection
from understudy.sources.database.counting import LIMIT
from understudy.sources.database.declared import declared_type
from understudy.sources.database.sql_text import bare


def read_other(connection: Connection, schemas: tuple[str, ...] = (), tables: tuple[str, ...] = ()) -> Evidence:
    """Tables, columns, keys, checks and comments by reflection. Best effort, and said to be so."""
    import sqlalchemy

    try:
        inspector = sqlalchemy.inspect(connection.raw)
        return _Reader(connection, inspector).read(schemas, tables)
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise connection.explain(error) from error


class _Reader:
    def __init__(self, connection: Connection, inspector: Any) -> None:
        self.connection, self.inspector = connection, inspector
        self.out = Collector(connection.where)
        self.default = str(inspector.default_schema_name or "")

    def full(self, schema: str | None, table: str) -> str:
        return table if not schema or schema == self.default else f"{schema}.{table}"

    def read(self, schemas: tuple[str, ...], tables: tuple[str, ...]) -> Evidence:
        check_selection(self.connection.where, "schema", schemas, self.inspector.get_schema_names())
        spelled: set[str] = set()
        wanted = selector((), tables)
        for schema in schemas or (None,):
            names = self.inspector.get_table_names(schema=schema)
            for table in names:
                spelled |= {table, self.full(schema, table)}
                if wanted(schema or "", table, self.full(schema, table)):
                    self._table(schema, table)
        check_selection(self.connection.where, "table", tables, spelled)
        dialect = self.connection.dialect
        unseen = "triggers, exclusion constraints, partitions and views"
        words = f"{dialect} is read through SQLAlchemy's reflection: {unseen} are not seen"
        self.out.remark("", words)
        return Evidence(
            source=self.connection.where,
            claims=self.out.claims(),
            dialect=dialect,
            version=".".join(map(str, self.connection.raw.dialect.server_version_info or ())),
            default_namespace=self.default,
        )

    def _table(self, schema: str | None, table: str) -> None:
        name = self.full(schema, table)
        options = {"dotted": "yes"} if "." in table else {}
        comment = self._asked(lambda: self.inspector.get_table_comment(table, schema=schema).get("text")) or ""
        self.out.add(
            FacetKind.ENTITY, name, Entity(name, (), comment=comment, rows=self._rows(schema, table), options=options)
        )
        for column in self.inspector.get_columns(table, schema=schema):
            self._field(name, column)
        self._keys(schema, table, name)

    def _asked(self, ask: Any) -> Any:
        """What reflection answers; None where the dialect says that it cannot tell."""
        try:
            return ask()
        except NotImplementedError:
            return None

    def _rows(self, schema: str | None, table: str) -> int:
        import sqlalchemy

        inner = (
            sqlalchemy.select(sqlalchemy.literal(1))
            .select_from(sqlalchemy.table(table, schema=schema))
            .limit(LIMIT + 1)
        )
        count = sqlalchemy.select(sqlalchemy.func.count()).select_from(inner.subquery())
        return int(self.connection.raw.execute(count).scalar_one())

    def _field(self, entity: str, column: dict[str, Any]) -> None:
        declared = self._words(column["type"])
        identity, computed = column.get("identity"), column.get("computed")
        kind = Identity.NONE
        if identity:
            kind = Identity.ALWAYS if identity.get("always") else Identity.BY_DEFAULT
        elif column.get("autoincrement") is True:
            kind = Identity.AUTO_INCREMENT
        field = Field(
            name=column["name"],
            type=declared_type(declared, ""),
            nullable=bool(column.get("nullable", True)),
            default="" if computed else str(column.get("default") or ""),
            generated=bare(str(computed["sqltext"])) if computed else "",
            stored=bool(computed.get("persisted", True)) if computed else True,
            identity=kind,
            comment=column.get("comment") or "",
        )
        self.out.add(FacetKind.FIELD, entity, field, field=field.name, raw=declared)

    def _words(self, kind: Any) -> str:
        import sqlalchemy

        try:
            return str(kind.compile(dialect=self.connection.raw.dialect))
        except sqlalchemy.exc.CompileError:
            return repr(kind)

    def _keys(self, schema: str | None, table: str, name: str) -> None:
        primary = self.inspector.get_pk_constraint(table, schema=schema)
        if primary.get("constrained_columns"):
            parts = tuple(KeyPart(column=c) for c in primary["constrained_columns"])
            self.out.add(FacetKind.UNIQUE, name, Unique(primary.get("name") or "primary key", parts, primary=True))
        seen = set()
        for unique in self._asked(lambda: self.inspector.get_unique_constraints(table, schema=schema)) or []:
            columns = tuple(unique["column_names"])
            seen.add(columns)
            self.out.add(
                FacetKind.UNIQUE, name, Unique(unique.get("name") or "", tuple(KeyPart(column=c) for c in columns))
            )
        for index in self.inspector.get_indexes(table, schema=schema):
            if index.get("unique") and tuple(index["column_names"]) not in seen:
                parts = tuple(KeyPart(column=c or "", text="" if c else e) for c, e in _index_parts(index))
                self.out.add(FacetKind.UNIQUE, name, Unique(index.get("name") or "", parts, index=True))
        for check in self._asked(lambda: self.inspector.get_check_constraints(table, schema=schema)) or []:
            rule = Rule(check.get("name") or "", bare(str(check["sqltext"])), dialect=self.connection.dialect)
            self.out.add(FacetKind.CHECK, name, rule, raw=str(check["sqltext"]))
        for key in self.inspector.get_foreign_keys(table, schema=schema):
            self._foreign_key(schema, name, key)

    def _foreign_key(self, schema: str | None, name: str, key: dict[str, Any]) -> None:
        options = key.get("options") or {}
        claim = ForeignKey(
            name=key.get("name") or f"{name}_{'_'.join(key['constrained_columns'])}_fkey",
            columns=tuple(key["constrained_columns"]),
            target=self.full(key.get("referred_schema") or schema, key["referred_table"]),
            target_columns=tuple(key["referred_columns"]),
            deferrable=bool(options.get("deferrable")),
            initially_deferred=str(options.get("initially") or "").upper() == "DEFERRED",
            on_delete=str(options.get("ondelete") or "").lower(),
            on_update=str(options.get("onupdate") or "").lower(),
        )
        self.out.add(FacetKind.FOREIGN_KEY, name, claim)


def _index_parts(index: dict[str, Any]) -> list[tuple[str | None, str]]:
    columns = index["column_names"]
    expressions = index.get("expressions") or [c or "" for c in columns]
    return list(zip(columns, expressions, strict=True))
