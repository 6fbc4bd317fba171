"""Reads an SQLite file's structure: pragmas for all tables at once, and the words of CREATE statements.

Columns of a primary key count as NOT NULL although SQLite lets nulls into most of them (a bug that it
keeps for old files): nobody wants keys that are null.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import Any

from understudy.model.evidence import Evidence, FacetKind
from understudy.model.rule import Rule
from understudy.model.schema import Entity, Field, ForeignKey, Identity, KeyPart, Trigger, Unique
from understudy.sources.database.collect import Collector, check_selection, selector
from understudy.sources.database.connect import SqliteConnection
from understudy.sources.database.counting import count_rows
from understudy.sources.database.declared import declared_type
from understudy.sources.database.sql_text import Token, TokenKind, bare, replace_tokens, tokens
from understudy.sources.database.sqlite_text import TableText, read_index, read_table, read_trigger

TABLES = """
SELECT m.name, m.type, m.sql, coalesce(l.type, m.type), coalesce(l.wr, 0), coalesce(l.strict, 0)
FROM sqlite_master m LEFT JOIN pragma_table_list l ON l.name = m.name AND l.schema = 'main'
WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.rowid"""
COLUMNS = """
SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden
FROM sqlite_master m, pragma_table_xinfo(m.name) x
WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, x.cid"""
INDEXES = """
SELECT m.name, i.name, i.origin, i.partial, x.cid, x.name, x.coll, s.sql
FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_xinfo(i.name) x
LEFT JOIN sqlite_master s ON s.type = 'index' AND s.name = i.name
WHERE m.type = 'table' AND i."unique" AND x.key ORDER BY m.name, i.origin <> 'pk', i.seq DESC, x.seqno"""
PRIMARY_INDEXES = """
SELECT DISTINCT m.name FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin = 'pk'"""
FOREIGN_KEYS = """
SELECT m.name, f.id, f.seq, f."table", f."from", f."to", f.on_update, f.on_delete
FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id DESC, f.seq"""
TRIGGERS = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY tbl_name, name"


def read_sqlite(connection: SqliteConnection, schemas: tuple[str, ...] = (), tables: tuple[str, ...] = ()) -> Evidence:
    """Everything the file says of its tables; its only schema is ``main``."""
    check_selection(connection.where, "schema", schemas, ("main",))
    connection.query_none("BEGIN")
    try:
        return _Reader(connection).read(tables)
    finally:
        connection.query_none("ROLLBACK")


class _Reader:
    def __init__(self, connection: SqliteConnection) -> None:
        self.connection = connection
        self.out = Collector(connection.where)
        self.texts: dict[str, TableText] = {}
        self.columns: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.strict: set[str] = set()
        self.without_rowid: set[str] = set()
        self.lost: dict[str, str] = {}  # tables into which no row may go: what they refer to is not there
        self.indexed: set[str] = set()  # tables whose primary key is an index and so not the rowid (INTEGER … DESC)

    def read(self, tables: tuple[str, ...]) -> Evidence:
        query = self.connection.query
        everything = query(TABLES)
        check_selection(self.connection.where, "table", tables, [r[0] for r in everything])
        wanted = selector((), tables)
        chosen = [r for r in everything if wanted("main", r[0], r[0])]
        real = [r for r in chosen if r[1] == "table" and r[3] == "table"]
        for row in query(COLUMNS):
            self.columns[row[0]].append(row)
        for name, _, sql, _, without_rowid, strict in everything:
            self.texts[name] = read_table(sql or "")
            if strict:
                self.strict.add(name)
            if without_rowid:
                self.without_rowid.add(name)
        self.indexed = {t for (t,) in query(PRIMARY_INDEXES)}
        there = {r[0].lower() for r in everything}
        self.lost = {row[0]: row[3] for row in query(FOREIGN_KEYS) if row[3].lower() not in there}
        self._not_entities(chosen)
        counts = count_rows(self.connection, {r[0]: self.connection.quote(r[0]) for r in real})
        names = [r[0] for r in real]
        for name, _, sql, *_ in real:
            self._entity(name, sql, counts[name])
        for name in names:
            self._fields(name)
        self._uniques(set(names))
        self._foreign_keys(names, {r[0].lower(): r[0] for r in everything})
        for name in names:
            self._checks(name)
        views = [r for r in chosen if r[1] == "view"]
        for name, _, sql, *_ in views:
            self._view(name, sql)
        self._triggers(set(names), {r[0] for r in views})
        return Evidence(
            source=self.connection.where,
            claims=self.out.claims(),
            dialect="sqlite",
            version=str(query("SELECT sqlite_version()")[0][0]),
            default_namespace="main",
            settings={name: str(query(f"PRAGMA {name}")[0][0]) for name in ("encoding", "user_version")},
        )

    def _not_entities(self, chosen: list[tuple[Any, ...]]) -> None:
        for name, kind, sql, what, *_ in chosen:
            if kind != "table" or what == "table":
                continue
            words = (
                "a virtual table: it is kept by its module and not filled"
                if what == "virtual"
                else "a shadow table of a virtual table: not filled"
            )
            self.out.remark(name, words, raw=sql or "", severity="warning" if what == "virtual" else "info")

    def _entity(self, name: str, sql: str, rows: int) -> None:
        text = self.texts[name]
        options: dict[str, str] = {}
        if "." in name:
            options["dotted"] = "yes"
        if name in self.strict:
            options["strict"] = "yes"
        if name in self.without_rowid:
            options["without_rowid"] = "yes"
        if text.autoincrement:
            options["autoincrement"] = "yes"
        if name in self.lost:
            options["lost_reference"] = self.lost[name]
        self.out.add(FacetKind.ENTITY, name, Entity(name, (), rows=rows, options=options), raw=sql)
        for fault in text.faults:
            self.out.remark(name, f"not understood in its definition: {fault}", raw=sql)
        for clause in text.conflicts:
            self.out.remark(name, "ON CONFLICT drops or replaces rows without an error", raw=clause)

    # ---- fields -------------------------------------------------------------------------------------
    def _primary(self, table: str) -> list[str]:
        return [c[1] for c in sorted((c for c in self.columns[table] if c[5]), key=lambda c: c[5])]

    def _rowid_alias(self, table: str) -> str:
        keys = [c for c in self.columns[table] if c[5]]
        alone = len(keys) == 1 and keys[0][2].upper() == "INTEGER" and table not in self.without_rowid | self.indexed
        return keys[0][1] if alone else ""

    def _fields(self, table: str) -> None:
        text, alias = self.texts[table], self._rowid_alias(table)
        for _, name, declared, not_null, default, key, hidden in self.columns[table]:
            if hidden == 1:
                continue
            collation = text.collations.get(name.lower(), "")
            generated = text.generated.get(name.lower(), "") if hidden in (2, 3) else ""
            identity = Identity.AUTO_INCREMENT if text.autoincrement else Identity.BY_DEFAULT
            field = Field(
                name=name,
                type=declared_type(declared or "", "sqlite", collation=collation),
                nullable=not (not_null or key),
                default=self._default(default),
                generated=bare(generated),
                stored=hidden != 2,
                identity=identity if name == alias else Identity.NONE,
                collation=collation,
            )
            self.out.add(FacetKind.FIELD, table, field, field=name, raw=declared or "")

    def _default(self, default: str | None) -> str:
        if default is None or default.upper() == "NULL":
            return ""
        return (
            "'" + default[1:-1].replace('""', '"').replace("'", "''") + "'"
            if default.startswith('"') and default.endswith('"')
            else default
        )

    # ---- keys ---------------------------------------------------------------------------------------
    def _uniques(self, wanted: set[str]) -> None:
        rows = [r for r in self.connection.query(INDEXES) if r[0] in wanted]
        groups: dict[str, list[tuple[Unique, str]]] = defaultdict(list)
        for (table, index), grouped in groupby(rows, key=lambda r: (r[0], r[1])):
            group = list(grouped)
            unique = self._unique(table, index, group)
            groups[table].append((unique, group[0][7] or ""))
        for table in sorted(wanted):
            alias = self._rowid_alias(table)
            if alias:
                groups[table].insert(
                    0, (Unique(self.texts[table].primary or "primary key", (KeyPart(column=alias),), primary=True), "")
                )
            for unique, raw in groups[table]:
                self.out.add(FacetKind.UNIQUE, table, unique, raw=raw)

    def _unique(self, table: str, index: str, group: list[tuple[Any, ...]]) -> Unique:
        _, _, origin, partial, *_, sql = group[0]
        text = read_index(sql) if sql else None
        own = {
            c[1].lower(): self.texts[table].collations.get(c[1].lower(), "BINARY").upper() for c in self.columns[table]
        }
        parts = []
        for position, (_, _, _, _, number, column, collation, _) in enumerate(group):
            if number >= 0 and (collation or "BINARY").upper() == own.get(column.lower(), "BINARY"):
                parts.append(KeyPart(column=column))
            elif number >= 0:
                parts.append(KeyPart(text=f"{self.connection.quote(column)} COLLATE {collation}"))
            else:
                parts.append(KeyPart(text=self._strings(table, text.parts[position] if text else "rowid")))
        columns = tuple(p.column.lower() for p in parts)
        name = index
        if origin == "pk":
            name = self.texts[table].primary or "primary key"
        elif origin == "u":
            name = self.texts[table].uniques.get(columns, index)
        return Unique(
            name,
            tuple(parts),
            primary=origin == "pk",
            predicate=bare(self._strings(table, text.predicate)) if text and partial else "",
            index=origin == "c",
        )

    def _foreign_keys(self, names: list[str], spelled: dict[str, str]) -> None:
        rows = self.connection.query(FOREIGN_KEYS)
        for table, of_table in groupby((r for r in rows if r[0] in set(names)), key=lambda r: r[0]):
            written = self.texts[table].references
            groups = [list(g) for _, g in groupby(of_table, key=lambda r: r[1])]
            for position, group in enumerate(groups):
                reference = written[position] if len(written) == len(groups) else None
                self._foreign_key(table, group, reference, spelled)

    def _foreign_key(self, table: str, group: list[tuple[Any, ...]], reference: Any, spelled: dict[str, str]) -> None:
        _, _, _, target, _, _, on_update, on_delete = group[0]
        actual = spelled.get(target.lower(), target)
        own = {c[1].lower(): c[1] for c in self.columns[table]}
        theirs = {c[1].lower(): c[1] for c in self.columns.get(actual, [])}
        columns = tuple(own.get(r[4].lower(), r[4]) for r in group)
        targets = tuple(theirs.get(r[5].lower(), r[5]) for r in group if r[5]) or tuple(self._primary(actual))
        name = (reference.name if reference else "") or f"{table}_{'_'.join(columns)}_fkey"
        key = ForeignKey(
            name=name,
            columns=columns,
            target=actual,
            target_columns=targets,
            deferrable=bool(reference and reference.deferrable),
            initially_deferred=bool(reference and reference.deferred),
            on_delete=_action(on_delete),
            on_update=_action(on_update),
        )
        self.out.add(FacetKind.FOREIGN_KEY, table, key)
        if target.lower() not in spelled:
            self.out.remark(table, f"foreign key {name} refers to {target}, which does not exist", severity="warning")
        elif len(targets) != len(columns):
            self.out.remark(
                table,
                f"foreign key {name} does not fit the key of {actual}: {len(columns)} columns against {len(targets)}",
            )

    # ---- checks -------------------------------------------------------------------------------------
    def _strings(self, table: str, text: str) -> str:
        """SQLite takes a double-quoted word that is no column for a string; here it becomes one."""
        known = {c[1].lower() for c in self.columns[table]}

        def change(token: Token) -> str:
            if token.kind is TokenKind.NAME and token.text.startswith('"') and token.value.lower() not in known:
                return "'" + token.value.replace("'", "''") + "'"
            return token.text

        return replace_tokens(text, change)

    def _checks(self, table: str) -> None:
        own = {c[1].lower(): c[1] for c in self.columns[table]}
        for number, check in enumerate(self.texts[table].checks, 1):
            text = bare(self._strings(table, check.text))
            words = (t.value.lower() for t in tokens(text) if t.kind in (TokenKind.WORD, TokenKind.NAME))
            columns = tuple(dict.fromkeys(own[w] for w in words if w in own))
            name = check.name or (f"{table}_{check.column}_check" if check.column else f"{table}_check{number}")
            self.out.add(
                FacetKind.CHECK, table, Rule(name, text, columns, "sqlite"), field=check.column, raw=check.text
            )

    # ---- views and triggers -------------------------------------------------------------------------
    def _view(self, name: str, sql: str) -> None:
        from understudy.errors import UnderstudyError

        options = {"dotted": "yes"} if "." in name else {}
        self.out.add(FacetKind.ENTITY, name, Entity(name, (), view=True, options=options), raw=sql)
        try:
            columns = self.connection.query("SELECT name, type FROM pragma_table_xinfo(?)", (name,))
        except UnderstudyError as error:
            self.out.remark(name, f"this view cannot be used: {error.what}", raw=sql)
            return
        for column, declared in columns:
            field = Field(column, declared_type(declared or "", "sqlite"))
            self.out.add(FacetKind.FIELD, name, field, field=column, raw=declared or "")

    def _triggers(self, names: set[str], views: set[str]) -> None:
        spelled = {n.lower(): n for n in names | views}
        for name, table, sql in self.connection.query(TRIGGERS):
            actual = spelled.get(table.lower())
            if actual is None:
                continue
            text = read_trigger(sql)
            trigger = Trigger(name, text.timing, (text.event,), text=sql, body=text.body)
            self.out.add(FacetKind.TRIGGER, actual, trigger, raw=sql)
            if actual in views:
                words = f"view with INSTEAD OF trigger {name}: it is not filled, although it takes rows"
                self.out.remark(actual, words, raw=sql, severity="info")


def _action(word: str) -> str:
    low = (word or "").lower()
    return "" if low == "no action" else low
