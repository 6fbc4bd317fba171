"""Reads a live MySQL or MariaDB database's structure from information_schema, all tables at once.

The two differ in small things that matter: MariaDB prints defaults as expressions and keeps CHECKs of
columns apart from those of tables, MySQL prints literals bare and names what is an expression.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

import msgspec

from understudy.model.evidence import Evidence, FacetKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, Identity, KeyPart, Partitioning, Trigger, Unique
from understudy.sources.database import mysql_catalog as catalog
from understudy.sources.database.collect import Collector, check_selection, selector
from understudy.sources.database.connect import MysqlConnection
from understudy.sources.database.counting import LIMIT, count_rows
from understudy.sources.database.declared import declared_type
from understudy.sources.database.declared.terms import folds
from understudy.sources.database.sql_text import TokenKind, bare, split, tokens, unquote
from understudy.types import Kind, Type

TABLE_KINDS = frozenset({"BASE TABLE", "SYSTEM VERSIONED"})
VIEW_KINDS = frozenset({"VIEW", "SYSTEM VIEW"})
JSON_CHECK = re.compile(r"\s*json_valid\s*\(\s*(`(?:[^`]|``)+`|\w+)\s*\)\s*", re.IGNORECASE)
ON_UPDATE = re.compile(r"on update (current_timestamp(?:\(\d*\))?)", re.IGNORECASE)
BARE_DEFAULT = re.compile(
    r"(?:current_timestamp|now|localtime(?:stamp)?)\b.*|-?\d+(?:\.\d+)?|b'[01]*'|0x[0-9a-f]+", re.IGNORECASE
)
"""Defaults that MySQL prints as they were written; all others are text without its quotes."""


def read_mysql(connection: MysqlConnection, schemas: tuple[str, ...] = (), tables: tuple[str, ...] = ()) -> Evidence:
    """Everything information_schema says about the database of the URL; ``schemas`` may name others."""
    default = connection.address.database
    known = [str(n) for (n,) in connection.query("SELECT schema_name FROM information_schema.schemata")]
    check_selection(connection.where, "database", schemas, known)
    out = Collector(connection.where)
    prelude: list[str] = []
    seen: set[str] = set()
    for database in schemas or (default,):
        reader = _Reader(connection, out, database, default)
        reader.read(tables)
        seen |= reader.spelled
        prelude += reader.prelude()
    check_selection(connection.where, "table", tables, seen)
    return Evidence(
        source=connection.where,
        claims=out.claims(),
        dialect=connection.dialect,
        version=connection.version,
        default_namespace=default,
        prelude=tuple(prelude),
        settings=_settings(connection),
    )


def _settings(connection: MysqlConnection) -> dict[str, str]:
    names = (
        "sql_mode",
        "character_set",
        "collation",
        "lower_case_table_names",
        "foreign_key_checks",
        "innodb_strict_mode",
    )
    row = connection.query(catalog.SETTINGS)[0]
    return {name: str(value) for name, value in zip(names, row, strict=False)}


class _Reader:
    """One database of a server."""

    def __init__(self, connection: MysqlConnection, out: Collector, database: str, default: str) -> None:
        self.connection, self.out, self.database, self.default = connection, out, database, default
        self.maria = connection.dialect == "mariadb"
        self.spelled: set[str] = set()
        self.names: dict[str, str] = {}
        self.widest = self._bytes_per_character()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        rows = self.connection.query(sql, {"db": self.database})
        return [tuple(v.decode() if isinstance(v, bytes) else v for v in row) for row in rows]

    def full(self, database: str, table: str) -> str:
        return table if database == self.default else f"{database}.{table}"

    def _bytes_per_character(self) -> dict[str, int]:
        sql = """SELECT a.collation_name, c.maxlen FROM information_schema.collation_character_set_applicability a
                 JOIN information_schema.character_sets c ON c.character_set_name = a.character_set_name"""
        return {str(name).lower(): int(width) for name, width in self.connection.query(sql)}

    def read(self, tables: tuple[str, ...]) -> None:
        """All claims of this database."""
        wanted = selector((), tables)
        rows = self.query(catalog.TABLES)
        for row in rows:
            name = self.full(self.database, row[0])
            self.spelled |= {row[0], name, f"{self.database}.{row[0]}"}
            if row[1] in TABLE_KINDS | VIEW_KINDS and wanted(self.database, row[0], name):
                self.names[row[0]] = name
        chosen = [r for r in rows if r[0] in self.names]
        columns = [c for c in self.query(catalog.COLUMNS) if c[0] in self.names]
        checks = self._checks()
        json_columns = {
            (t, c) for t, _, text, column, _ in checks for c in [_json_column(text)] if c and column in ("", c)
        }
        updates = {(c[0], c[1]): m[1] for c in columns if (m := ON_UPDATE.search(c[5] or ""))}
        self._entities(chosen, updates)
        self._fields(columns, json_columns, {r[0] for r in chosen if r[1] in VIEW_KINDS})
        self._uniques()
        self._foreign_keys()
        for table, name, text, _, enforced in checks:
            rule = Rule(name, text, _columns_of(text), self.connection.dialect, enforced=enforced)
            self.out.add(FacetKind.CHECK, self.names[table], rule, raw=text)
        self._partitions()
        self._triggers()

    # ---- entities -----------------------------------------------------------------------------------
    def _entities(self, rows: list[tuple[Any, ...]], updates: dict[tuple[str, str], str]) -> None:
        counts = self._rows([r for r in rows if r[1] in TABLE_KINDS])
        views = dict(self.query(catalog.VIEWS))
        for table, kind, engine, _, collation, comment, create_options, _ in rows:
            options = {f"on_update.{c}": text for (t, c), text in updates.items() if t == table}
            if "." in table:
                options["dotted"] = "yes"
            if engine and kind in TABLE_KINDS:
                options["engine"] = engine
            if collation:
                options["collation"] = collation
            if "partitioned" not in (create_options or "") and (create_options or "").strip():
                options["create_options"] = create_options.strip()
            name = self.names[table]
            view = kind in VIEW_KINDS
            if kind == "SYSTEM VERSIONED":
                options["system_versioned"] = "yes"
                self.out.remark(name, "system-versioned: the server keeps every older row too", severity="info")
            if engine and kind in TABLE_KINDS and engine.lower() in ("myisam", "aria", "memory", "csv", "archive"):
                words = (
                    f"engine {engine} knows neither transactions nor foreign keys: a failed load cannot be rolled back"
                )
                self.out.remark(name, words, severity="info")
            entity = Entity(
                name, (), comment="" if view else comment or "", rows=counts.get(table), options=options, view=view
            )
            self.out.add(FacetKind.ENTITY, name, entity, raw=views.get(table) or "")

    def _rows(self, rows: list[tuple[Any, ...]]) -> dict[str, int]:
        """Exact counts up to LIMIT; the engine's estimate only where it is far beyond that."""
        large = {r[0]: int(r[3]) for r in rows if (r[3] or 0) > LIMIT * 2}
        ask = {r[0]: self.connection.qualify(self.database, r[0]) for r in rows if r[0] not in large}
        return large | count_rows(self.connection, ask)

    # ---- fields -------------------------------------------------------------------------------------
    def _fields(self, columns: list[tuple[Any, ...]], json_columns: set[tuple[str, str]], views: set[str]) -> None:
        srids = {}
        if not self.maria and self.connection.version[:1].isdigit() and int(self.connection.version.split(".")[0]) >= 8:
            srids = {(t, c): int(s) for t, c, s in self.query(catalog.SRIDS)}
        for row in columns:
            table, column, declared, nullable, default, extra, generation, collation, comment, length, octets = row
            kind = self._type(declared, collation or "", length, octets)
            if (table, column) in json_columns and kind.kind is Kind.TEXT:
                kind = Type(Kind.JSON, variant="longtext", raw=kind.raw)
            if (table, column) in srids:
                kind = msgspec.structs.replace(kind, srid=srids[table, column])
            low = (extra or "").lower()
            generated = (
                bare(_plain_literals(generation or ""))
                if "generated" in low.replace("default_generated", "") or generation
                else ""
            )
            field = Field(
                name=column,
                type=kind,
                nullable=nullable == "YES",
                default="" if generated or table in views else self._default(default, low, kind),
                generated=generated,
                stored="virtual" not in low,
                identity=Identity.AUTO_INCREMENT if "auto_increment" in low else Identity.NONE,
                collation=collation or "",
                comment=comment or "",
            )
            self.out.add(
                FacetKind.FIELD, self.names[table], field, field=column, raw=f"{declared} {extra or ''}".strip()
            )
            if "invisible" in low:
                self.out.remark(
                    self.names[table], "an invisible column: SELECT * does not show it", field=column, severity="info"
                )

    def _type(self, declared: str, collation: str, length: int | None, octets: int | None) -> Type:
        kind = declared_type(declared, self.connection.dialect, collation=collation)
        if kind.kind in (Kind.TEXT, Kind.ENUM, Kind.SET):
            kind = msgspec.structs.replace(kind, folded=folds(collation, self.connection.dialect))
        if kind.kind is Kind.TEXT and kind.variant.endswith("text") and octets:
            # TEXT counts bytes: so many characters fit whatever they are
            kind = msgspec.structs.replace(kind, length=int(octets) // self.widest.get(collation.lower(), 4))
        return kind

    def _default(self, default: str | None, extra: str, kind: Type) -> str:
        if default is None or (self.maria and default.upper() == "NULL"):
            return ""
        if self.maria or "default_generated" in extra:
            return _plain_literals(default)
        if BARE_DEFAULT.fullmatch(default) and kind.kind not in (Kind.TEXT, Kind.ENUM, Kind.SET):
            return default
        return "'" + default.replace("\\", "\\\\").replace("'", "''") + "'"

    # ---- keys ---------------------------------------------------------------------------------------
    def _uniques(self) -> None:
        has_expression = (
            not self.maria and self.connection.version[:1].isdigit() and int(self.connection.version.split(".")[0]) >= 8
        )
        rows = self.query(catalog.UNIQUES.format(expression="expression" if has_expression else "NULL"))
        for (table, name), group in groupby((r for r in rows if r[0] in self.names), key=lambda r: (r[0], r[1])):
            parts = tuple(
                KeyPart(
                    column=column or "",
                    text="" if column else bare(_plain_literals(text or "")),
                    prefix=int(prefix) if prefix else None,
                )
                for _, _, _, column, prefix, text in group
            )
            primary = name == "PRIMARY"
            self.out.add(FacetKind.UNIQUE, self.names[table], Unique(name, parts, primary=primary))

    def _foreign_keys(self) -> None:
        actions = {(t, n): (d, u) for t, n, d, u in self.query(catalog.ACTIONS)}
        rows = [r for r in self.query(catalog.FOREIGN_KEYS) if r[0] in self.names]
        for (table, name), grouped in groupby(rows, key=lambda r: (r[0], r[1])):
            group = list(grouped)
            delete, update = actions.get((table, name), ("", ""))
            key = ForeignKey(
                name=name,
                columns=tuple(r[3] for r in group),
                target=self.full(group[0][4], group[0][5]),
                target_columns=tuple(r[6] for r in group),
                on_delete=_action(delete),
                on_update=_action(update),
            )
            self.out.add(FacetKind.FOREIGN_KEY, self.names[table], key)

    def _checks(self) -> list[tuple[str, str, str, str, bool]]:
        """(table, name, text, column or "", enforced)."""
        if self.maria:
            rows = self.query(catalog.MARIADB_CHECKS)
            return [
                (t, n, bare(_plain_literals(text)), n if level == "Column" else "", True)
                for t, n, text, level in rows
                if t in self.names
            ]
        if not self.query(
            "SELECT 1 FROM information_schema.tables "
            "WHERE lower(table_schema) = 'information_schema' AND lower(table_name) = 'check_constraints'"
        ):
            return []
        return [
            (t, n, bare(_plain_literals(text)), "", e == "YES")
            for t, n, text, e in self.query(catalog.MYSQL_CHECKS)
            if t in self.names
        ]

    # ---- partitions and triggers --------------------------------------------------------------------
    def _partitions(self) -> None:
        rows = [r for r in self.query(catalog.PARTITIONS) if r[0] in self.names]
        for table, grouped in groupby(rows, key=lambda r: r[0]):
            group = list(grouped)
            method = str(group[0][2] or "")
            bounds: dict[str, str] = {}
            for _, name, _, _, description, *_ in group:
                bounds[name] = _bound(method, description)
            keys = tuple(unquote_key(k) for k in _cut(group[0][3] or ""))
            self.out.add(
                FacetKind.PARTITIONING,
                self.names[table],
                Partitioning(method.lower(), keys, tuple(bounds.items())),
                raw=group[0][3] or "",
            )
            if group[0][5]:
                words = f"partitions are cut again by {group[0][5]} ({group[0][6]}); every value has a place there"
                self.out.remark(self.names[table], words, severity="info")

    def _triggers(self) -> None:
        for table, name, timing, event, statement, _ in self.query(catalog.TRIGGERS):
            if table not in self.names:
                continue
            quote = self.connection.quote
            text = f"CREATE TRIGGER {quote(name)} {timing} {event} ON {quote(table)} FOR EACH ROW {statement}"
            trigger = Trigger(name, timing.lower(), (event.lower(),), text=text, body=statement)
            self.out.add(FacetKind.TRIGGER, self.names[table], trigger, raw=text)

    def prelude(self) -> list[str]:
        """Sequences, functions and procedures, as the server would make them anew."""
        out = []
        for table, kind, *_ in self.query(catalog.TABLES):
            if kind == "SEQUENCE":
                out.append(
                    str(
                        self.connection.query(f"SHOW CREATE SEQUENCE {self.connection.qualify(self.database, table)}")[
                            0
                        ][1]
                    )
                )
        for kind, name in self.query(catalog.ROUTINES):
            if kind not in ("FUNCTION", "PROCEDURE"):
                continue
            row = self.connection.query(f"SHOW CREATE {kind} {self.connection.qualify(self.database, name)}")[0]
            if row[2] is None:
                self.out.remark("", f"the body of {kind.lower()} {name} may not be read by this account")
            else:
                out.append(re.sub(r"\ACREATE DEFINER=\S+ ", "CREATE ", str(row[2])))
        return out


def _action(word: str) -> str:
    low = (word or "").lower()
    return "" if low in ("no action", "restrict") else low


def _json_column(text: str) -> str:
    match = JSON_CHECK.fullmatch(text)
    return unquote(match[1]) if match else ""


def _columns_of(text: str) -> tuple[str, ...]:
    """Columns of a CHECK: the server prints every column in backquotes, and nothing else."""
    return tuple(dict.fromkeys(t.value for t in tokens(text) if t.kind is TokenKind.NAME and t.text.startswith("`")))


STRING = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
INTRODUCER = re.compile(r"(?<![\w`'])_(?:utf8mb4|utf8mb3|utf8|latin1|ascii|binary|ucs2)(?=')")


def _plain_literals(text: str) -> str:
    """Expressions with quotes doubled inside strings, and without introducers of character sets.

    MySQL escapes the whole text once more (``_utf8mb4\\'x\\'``), MariaDB only quotes in strings.
    """
    if re.search(r"_[a-z0-9]+\\'", text):
        text = re.sub(r"\\(.)", r"\1", text)
    text = STRING.sub(lambda m: "'" + re.sub(r"\\'", "''", m[0][1:-1]) + "'", text)
    return INTRODUCER.sub("", text)


def _cut(text: str) -> list[str]:
    stream = tokens(text)
    return [text[part[0].start : part[-1].end] for part in split(stream)]


def unquote_key(text: str) -> str:
    """A partition key: a column without its quotes, an expression as it stands."""
    return unquote(text) if text.startswith("`") and text.count("`") == 2 and text.endswith("`") else text


def _bound(method: str, description: str | None) -> str:
    if description is None:
        return ""
    if method.startswith("RANGE"):
        return "VALUES LESS THAN MAXVALUE" if description == "MAXVALUE" else f"VALUES LESS THAN ({description})"
    return (
        "DEFAULT"
        if description.upper() == "DEFAULT"
        else f"VALUES IN ({description})"
        if method.startswith("LIST")
        else description
    )
