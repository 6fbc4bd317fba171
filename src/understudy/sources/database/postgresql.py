"""Reads a live PostgreSQL database's structure: a dozen catalog queries, whatever the number of tables."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from understudy.model.evidence import Evidence, FacetKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Exclusion, Field, ForeignKey, Identity, KeyPart, Trigger, Unique
from understudy.sources.database import postgresql_catalog as catalog
from understudy.sources.database.collect import Collector, check_selection, selector
from understudy.sources.database.connect import PostgresqlConnection
from understudy.sources.database.counting import LIMIT, count_rows
from understudy.sources.database.postgresql_ddl import read_ddl
from understudy.sources.database.postgresql_partitions import Partitions
from understudy.sources.database.postgresql_types import TypeBook
from understudy.sources.database.sql_text import TokenKind, bare, replace_tokens

ACTIONS = {"a": "", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
MATCHES = {"s": "simple", "f": "full", "p": "partial"}
POLICY_COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}
TRIGGER_EVENTS = ((4, "insert"), (16, "update"), (8, "delete"), (32, "truncate"))
"""Bits of pg_trigger.tgtype (``catalog/pg_trigger.h``)."""


class Relation(msgspec.Struct, frozen=True):
    """One row of :data:`catalog.RELATIONS`."""

    oid: int
    namespace: str
    table: str
    kind: str
    persistence: str
    row_security: bool
    force_row_security: bool
    estimate: float
    comment: str | None
    size_bytes: int
    readable: bool
    filtered: bool
    definition: str | None
    partition_key: str | None
    is_partition: bool

    @property
    def view(self) -> bool:
        """Read for reference, never filled."""
        return self.kind in "vmf"


def read_postgresql(
    connection: PostgresqlConnection, schemas: tuple[str, ...] = (), tables: tuple[str, ...] = ()
) -> Evidence:
    """Everything the catalogs say about the chosen namespaces and tables (all without a choice)."""
    connection.query_none("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        return _Reader(connection).read(schemas, tables)
    finally:
        connection.query_none("ROLLBACK")


class _Reader:
    """One reading: what the queries share."""

    def __init__(self, connection: PostgresqlConnection) -> None:
        self.connection = connection
        row = connection.query(catalog.SETTINGS)[0]
        self.default = str(row[0] or "public")
        self.version = str(row[1])
        self.settings = {
            "server_encoding": str(row[2]),
            "collation": str(row[3]),
            "search_path": str(row[4]),
            "max_identifier_length": str(row[5]),
        }
        self.out = Collector(connection.where)
        self.names: dict[int, str] = {}
        self.columns: dict[int, dict[int, str]] = defaultdict(dict)

    def full(self, namespace: str, table: str) -> str:
        return table if namespace == self.default else f"{namespace}.{table}"

    def read(self, schemas: tuple[str, ...], tables: tuple[str, ...]) -> Evidence:
        query = self.connection.query
        query("SELECT set_config('search_path', %s, true)", (self.connection.quote(self.default),))
        everything = [Relation(*row) for row in query(catalog.RELATIONS)]
        for r in everything:
            self.names[r.oid] = self.full(r.namespace, r.table)
        chosen = self._choose(everything, schemas, tables)
        oids = {"oids": [r.oid for r in chosen]}
        columns = query(catalog.COLUMNS, oids)
        book = self._types(columns)
        partitions = Partitions(
            self.connection, self.names, {r.oid for r in chosen}, [r.oid for r in everything if r.is_partition]
        )
        rows = self._rows(chosen)
        for relation in chosen:
            self._entity(relation, rows.get(relation.oid), partitions)
        self._fields(columns, book, {r.oid for r in chosen if r.view})
        self._uniques(query(catalog.UNIQUES, oids))
        self._constraints(query(catalog.CONSTRAINTS, oids))
        self._exclusions(query(catalog.EXCLUSIONS, oids))
        self._triggers(query(catalog.TRIGGERS, oids), {r.oid for r in chosen if r.view})
        self._warnings(query(catalog.REWRITES, oids), query(catalog.POLICIES, oids))
        partitions.claim(self.out, self.columns)
        types, prelude = read_ddl(self.connection, book, self.default)
        return Evidence(
            source=self.connection.where,
            claims=self.out.claims(),
            dialect="postgresql",
            version=self.version,
            default_namespace=self.default,
            types=types,
            prelude=prelude,
            settings=self.settings,
        )

    def _choose(self, everything: list[Relation], schemas: tuple[str, ...], tables: tuple[str, ...]) -> list[Relation]:
        where = self.connection.where
        roots = [r for r in everything if not r.is_partition]
        known = [n for (n,) in self.connection.query("SELECT nspname FROM pg_namespace")]
        check_selection(where, "schema", schemas, known)
        spelled = {s for r in roots for s in (r.table, self.names[r.oid], f"{r.namespace}.{r.table}")}
        check_selection(where, "table", tables, spelled)
        wanted = selector(schemas, tables)
        return [r for r in roots if wanted(r.namespace, r.table, self.names[r.oid])]

    def _types(self, columns: list[tuple[Any, ...]]) -> TypeBook:
        query = self.connection.query
        rows = query(catalog.TYPES, {"used": list({c[3] for c in columns})})
        labels = {oid: tuple(words) for oid, words in query(catalog.LABELS)}
        attributes: dict[int, list[tuple[str, int, int, str]]] = defaultdict(list)
        for relation, *attribute in query(catalog.ATTRIBUTES, {"oids": [r[10] for r in rows if r[10]]}):
            attributes[relation].append((attribute[0], attribute[1], attribute[2], attribute[3]))
        checks: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for oid, name, text, _ in query(catalog.DOMAIN_CHECKS):
            checks[oid].append((name, text))
        return TypeBook(rows, labels, dict(attributes), dict(checks), self.default)

    # ---- entities -----------------------------------------------------------------------------------
    def _rows(self, chosen: list[Relation]) -> dict[int, int]:
        """Rows per table: 0 where the file holds no page, an exact count up to LIMIT, else the estimate."""
        known: dict[int, int] = {}
        ask: dict[int, str] = {}
        for r in chosen:
            if r.view:
                continue
            if r.size_bytes == 0:
                known[r.oid] = 0
            elif not r.readable or r.filtered:
                self.out.remark(self.names[r.oid], "its rows cannot be counted by this account", severity="warning")
            elif r.estimate > LIMIT:
                known[r.oid] = int(r.estimate)
            else:
                only = "" if r.kind == "p" else "ONLY "
                ask[r.oid] = only + self.connection.qualify(r.namespace, r.table)
        return known | count_rows(self.connection, ask)

    def _entity(self, relation: Relation, rows: int | None, partitions: Partitions) -> None:
        name = self.names[relation.oid]
        options: dict[str, str] = {}
        if "." in relation.table:
            options["dotted"] = "yes"
        if relation.persistence == "u":
            options["unlogged"] = "yes"
            self.out.remark(name, "unlogged: its rows are lost when the server crashes", severity="info")
        if relation.row_security:
            options["row_security"] = "forced" if relation.force_row_security else "enabled"
        if relation.kind == "m":
            options["materialized"] = "yes"
        if relation.kind == "f":
            options["foreign"] = "yes"
            self.out.remark(name, "a foreign table: its rows live on another server, it is not filled")
        parents = partitions.parents.get(relation.oid, [])
        if parents:
            options["inherits"] = ", ".join(self.names.get(p, str(p)) for p in parents)
        entity = Entity(name, (), comment=relation.comment or "", rows=rows, options=options, view=relation.view)
        self.out.add(FacetKind.ENTITY, name, entity, raw=relation.definition or "")

    # ---- fields -------------------------------------------------------------------------------------
    def _fields(self, columns: list[tuple[Any, ...]], book: TypeBook, views: set[int]) -> None:
        for row in columns:
            oid, number, column, type_oid, *_ = row
            self.columns[oid][number] = column
            name = self.names[oid]
            field = self._field(row, book)
            self.out.add(FacetKind.FIELD, name, field, field=column, raw=row[5])
            if oid in views:
                continue
            for domain in book.domains(type_oid):
                for check, text in book.checks.get(domain.oid, []):
                    self._domain_check(name, column, book.qualified(domain), check, text)
            for domain in book.inner_domains(type_oid):
                for _, text in book.checks.get(domain.oid, []):
                    words = f"domain {book.qualified(domain)} inside {row[5]} demands {text}"
                    self.out.remark(name, words, raw=text, field=column)

    def _field(self, row: tuple[Any, ...], book: TypeBook) -> Field:
        (
            _,
            _,
            column,
            oid,
            typmod,
            shown,
            not_null,
            default,
            identity,
            generated,
            collation,
            folds,
            comment,
            space,
            sequence,
        ) = row
        kind = book.resolve(oid, typmod, shown)
        domains = book.domains(oid)
        if folds:
            kind = msgspec.structs.replace(kind, folded=True)
        default = default or ""
        inherited = next((d.default for d in domains if d.default), "") or ""
        return Field(
            name=column,
            type=kind,
            nullable=not (not_null or any(d.not_null for d in domains)),
            default="" if generated else default or inherited,
            generated=bare(default) if generated else "",
            stored=generated != "v",
            identity=_identity(identity, default, sequence),
            sequence=self.full(space, sequence) if sequence else "",
            domain=book.qualified(domains[0]) if domains else "",
            collation=collation or next((d.collation for d in domains if d.collation), "") or "",
            comment=comment or "",
        )

    def _domain_check(self, entity: str, column: str, domain: str, check: str, text: str) -> None:
        quoted = self.connection.quote(column)
        words = replace_tokens(
            bare(text), lambda t: quoted if t.kind is TokenKind.WORD and t.text == "VALUE" else t.text
        )
        rule = Rule(f"{column}:{check}", words, (column,), "postgresql", domain=domain)
        self.out.add(FacetKind.CHECK, entity, rule, field=column, raw=text)

    # ---- constraints --------------------------------------------------------------------------------
    def _parts(self, oid: int, numbers: list[int], texts: list[str]) -> tuple[KeyPart, ...]:
        names = self.columns[oid]
        return tuple(
            KeyPart(column=names[number]) if number else KeyPart(text=bare(text))
            for number, text in zip(numbers, texts, strict=False)
        )

    def _uniques(self, rows: list[tuple[Any, ...]]) -> None:
        for (
            oid,
            index,
            primary,
            numbers,
            count,
            texts,
            predicate,
            nulls_equal,
            deferrable,
            deferred,
            constraint,
            raw,
            folds,
        ) in rows:
            unique = Unique(
                name=constraint or index,
                parts=self._parts(oid, numbers[:count], texts),
                primary=primary,
                predicate=bare(predicate or ""),
                nulls_distinct=not nulls_equal,
                deferrable=deferrable,
                initially_deferred=deferred,
                index=constraint is None,
            )
            self.out.add(FacetKind.UNIQUE, self.names[oid], unique, raw=raw)
            if folds:
                self.out.remark(
                    self.names[oid], f"unique {unique.name} compares by a collation that is not exact", raw=raw
                )

    def _constraints(self, rows: list[tuple[Any, ...]]) -> None:
        targets = self._target_columns({r[11] for r in rows if r[1] == "f"})
        for row in rows:
            oid, kind, name, keys, expression, raw, *_ = row
            columns = tuple(self.columns[oid][k] for k in keys or [] if k > 0)
            if kind == "c":
                rule = Rule(name, bare(expression), columns, "postgresql", enforced=row[16])
                self.out.add(FacetKind.CHECK, self.names[oid], rule, raw=raw)
            else:
                self._foreign_key(row, columns, targets)

    def _target_columns(self, oids: set[int]) -> dict[int, dict[int, str]]:
        out: dict[int, dict[int, str]] = defaultdict(dict)
        for oid, number, name in self.connection.query(catalog.TARGET_COLUMNS, {"oids": list(oids)}):
            out[oid][number] = name
        return out

    def _foreign_key(self, row: tuple[Any, ...], columns: tuple[str, ...], targets: dict[int, dict[int, str]]) -> None:
        oid, _, name, _, _, raw, deferrable, deferred, valid, space, table, target, numbers, match, delete, update = (
            row[:16]
        )
        key = ForeignKey(
            name=name,
            columns=columns,
            target=self.full(space, table),
            target_columns=tuple(targets[target][n] for n in numbers),
            match=MATCHES[match],
            deferrable=deferrable,
            initially_deferred=deferred,
            on_delete=ACTIONS[delete],
            on_update=ACTIONS[update],
            enforced=row[16],
            validated=valid,
        )
        self.out.add(FacetKind.FOREIGN_KEY, self.names[oid], key, raw=raw)
        if row[17]:
            words = (
                f"foreign key {name} refers to {key.target}, one partition of a table; rows must land in that partition"
            )
            self.out.remark(self.names[oid], words, raw=raw)

    def _exclusions(self, rows: list[tuple[Any, ...]]) -> None:
        for oid, name, numbers, texts, operators, using, predicate, deferrable, raw in rows:
            parts = self._parts(oid, numbers, texts)
            elements = tuple((p.column or p.text, op) for p, op in zip(parts, operators, strict=True))
            exclusion = Exclusion(name, elements, using, bare(predicate or ""), deferrable, raw)
            self.out.add(FacetKind.EXCLUSION, self.names[oid], exclusion, raw=raw)

    # ---- what can reject or rewrite rows otherwise --------------------------------------------------
    def _triggers(self, rows: list[tuple[Any, ...]], views: set[int]) -> None:
        for oid, name, bits, enabled, text, source, language in rows:
            trigger = Trigger(
                name=name,
                timing="instead of" if bits & 64 else "before" if bits & 2 else "after",
                events=tuple(word for bit, word in TRIGGER_EVENTS if bits & bit),
                text=text,
                body=source if language not in ("c", "internal") else "",
                enabled=enabled in ("O", "A"),
                per_row=bool(bits & 1),
            )
            self.out.add(FacetKind.TRIGGER, self.names[oid], trigger, raw=text)
            if oid in views:
                words = f"view with INSTEAD OF trigger {name}: it is not filled, although it takes rows"
                self.out.remark(self.names[oid], words, raw=text, severity="info")

    def _warnings(self, rewrites: list[tuple[Any, ...]], policies: list[tuple[Any, ...]]) -> None:
        for oid, name, instead, text in rewrites:
            what = "replaces" if instead else "adds to"
            self.out.remark(self.names[oid], f"rewrite rule {name} {what} what is written", raw=text)
        for oid, name, command, permissive, using, check in policies:
            kind = "permissive" if permissive else "restrictive"
            raw = f"USING ({using})" if using else ""
            raw += f" WITH CHECK ({check})" if check else ""
            scope = f"{kind}, {POLICY_COMMANDS.get(command, command)}"
            words = f"row security policy {name} ({scope}) may reject rows: {raw.strip()}"
            self.out.remark(self.names[oid], words, raw=raw.strip())


def _identity(identity: str, default: str, sequence: str | None) -> Identity:
    match identity:
        case "a":
            return Identity.ALWAYS
        case "d":
            return Identity.BY_DEFAULT
    return Identity.SERIAL if sequence and default.startswith("nextval(") else Identity.NONE
