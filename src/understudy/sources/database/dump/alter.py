"""ALTER TABLE, action by action: later statements of a dump or migration change what earlier ones made."""

from __future__ import annotations

import msgspec

from understudy.model.schema import Identity
from understudy.sources.database.dump.catalog import Catalog, Column, Table
from understudy.sources.database.dump.changes import (
    drop_column,
    drop_constraint,
    rename_column,
    rename_constraint,
    rename_mentions,
    rename_table,
)
from understudy.sources.database.dump.columns import SERIALS, TableReader
from understudy.sources.database.dump.tables import bound_of, inherit, option
from understudy.sources.database.dump.words import MYSQL, Fault, Words
from understudy.sources.database.sql_text import bare

SILENT: frozenset[str] = frozenset(
    {"OWNER", "CLUSTER", "REPLICA", "RESET", "VALIDATE", "CHECK", "NO", "NOT", "ALGORITHM", "LOCK"}
    | {"FORCE", "ORDER", "CONVERT", "DISCARD", "IMPORT", "REMOVE", "TRUNCATE", "REORGANIZE", "COALESCE"}
    | {"ANALYZE", "OPTIMIZE", "REBUILD", "REPAIR", "EXCHANGE", "WITHOUT", "OPTIONS"}
)
"""Actions that change nothing of what rows must satisfy."""


def alter_table(catalog: Catalog, words: Words) -> None:
    """An ALTER TABLE, after the word TABLE."""
    line = words.line_here()
    lenient = words.accept("IF", "EXISTS")
    words.accept("ONLY")
    parts = words.qualified()
    words.mark("*")
    table = catalog.find(parts)
    if table is None:
        known = catalog.key(parts) in catalog.sequences or parts[-1].lower() in catalog.passed
        if not (lenient or known or words.word() == "OWNER"):
            raise Fault(f"ALTER TABLE names {'.'.join(parts)}, which is not there")
        return
    for action in _actions(words):
        at = action.line_here()
        try:
            _Alteration(catalog, table, action).run()
        except Fault as fault:
            told = " ".join(action.slice(action.at, action.stop).split())[:80]
            told = f" in {told!r}" if told else ""
            catalog.remark(
                at or line,
                f"not understood, left out: {fault.words}{told}",
                "error",
                catalog.full(table.space, table.name),
            )


def _actions(words: Words) -> list[Words]:
    return words.parts()


class _Alteration:
    """One action on one table."""

    def __init__(self, catalog: Catalog, table: Table, words: Words) -> None:
        self.catalog, self.table, self.words = catalog, table, words
        self.mysql = catalog.dialect in MYSQL
        self.reader = TableReader(catalog, table)

    def run(self) -> None:
        """Do it."""
        words = self.words
        match words.word():
            case "ADD":
                words.at += 1
                self._add()
            case "DROP":
                words.at += 1
                self._drop()
            case "ALTER":
                words.at += 1
                self._alter()
            case "MODIFY" | "CHANGE":
                self._redefine()
            case "RENAME":
                words.at += 1
                self._rename()
            case "SET":
                words.at += 1
                self._set()
            case "ATTACH" | "DETACH":
                self._partition()
            case "INHERIT":
                words.at += 1
                self.table.parents.append(words.qualified())
                inherit(self.catalog, self.table, self.table.parents[-1])
            case "ENABLE" | "DISABLE" | "FORCE" | "NO":
                self._enable()
            case word if word in SILENT:
                pass
            case _:
                while not words.done:
                    if not option(self.table, words, self.catalog.dialect):
                        raise words.fault("an action is not understood")

    # ---- add ----------------------------------------------------------------------------------------
    def _add(self) -> None:
        words = self.words
        explicit = words.accept("COLUMN")
        lenient = words.accept("IF", "NOT", "EXISTS")
        if words.word() == "PARTITION" and self.mysql and words.peek(1).text == "(":
            return
        if not explicit and self.reader.constraints.begins(words):
            self.reader.constraints.read(words)
        elif words.peek().text == "(":
            for item in words.group().parts():
                self.reader.item(item)
        elif not (lenient and words.is_name() and self.catalog.column(self.table, words.peek().value) is not None):
            self._add_column()
        self.reader.finish()

    def _add_column(self) -> None:
        words = self.words
        words, place = self._without_place(words)
        column = self.reader.column(words)
        self._move(column, place)

    def _without_place(self, words: Words) -> tuple[Words, tuple[str, str]]:
        """The definition without FIRST or AFTER x at its end."""
        if words.stop - words.at > 1 and words.stream[words.stop - 1].upper == "FIRST":
            return words.span(words.at, words.stop - 1), ("first", "")
        if words.stop - words.at > 2 and words.stream[words.stop - 2].upper == "AFTER":
            tail = words.span(words.stop - 1, words.stop)
            return words.span(words.at, words.stop - 2), ("after", tail.name())
        return words, ("", "")

    def _move(self, column: Column, place: tuple[str, str]) -> None:
        how, name = place
        if not how:
            return
        fold = self.catalog.fold
        rest = [(k, c) for k, c in self.table.columns.items() if c is not column]
        at = 0 if how == "first" else next((i + 1 for i, (k, _) in enumerate(rest) if k == fold(name)), len(rest))
        rest.insert(at, (fold(column.name), column))
        self.table.columns = dict(rest)

    # ---- drop ---------------------------------------------------------------------------------------
    def _drop(self) -> None:
        words = self.words
        if words.accept("PRIMARY", "KEY"):
            self.table.uniques = [u for u in self.table.uniques if not u.noun.primary]
        elif (
            words.accept("FOREIGN", "KEY")
            or words.accept("CONSTRAINT")
            or (words.word() == "CHECK" and words.accept("CHECK"))
            or (self.mysql and (words.accept("INDEX") or words.accept("KEY")))
        ):
            self._drop_named()
        elif words.word() == "PARTITION" and self.mysql:
            return
        else:
            words.accept("COLUMN")
            lenient = words.accept("IF", "EXISTS")
            drop_column(self.catalog, self.table, words.name(), lenient=lenient)

    def _drop_named(self) -> None:
        words, table = self.words, self.table
        lenient = words.accept("IF", "EXISTS")
        name = words.name()
        fold = self.catalog.fold
        if (
            not drop_constraint(self.catalog, table, name)
            and not lenient
            and fold(name) not in {fold(i) for i in table.indexes}
        ):
            raise Fault(f"there is no constraint {name} on {table.name}")

    # ---- alter column -------------------------------------------------------------------------------
    def _alter(self) -> None:
        words = self.words
        if words.accept("CONSTRAINT"):
            self._alter_constraint()
            return
        if words.accept("INDEX"):
            return
        words.accept("COLUMN")
        name = words.name()
        column = self.catalog.column(self.table, name)
        if column is None:
            raise Fault(f"there is no column {name} in {self.table.name}")
        if words.accept("SET", "DEFAULT"):
            self.reader.set_default(column, self.reader.constraints.source(words, words.at, words.stop))
        elif words.accept("DROP", "DEFAULT"):
            column.default = ""
            column.identity = Identity.NONE if column.identity is Identity.SERIAL else column.identity
        elif words.accept("SET", "NOT", "NULL"):
            column.nullable = False
        elif words.accept("DROP", "NOT", "NULL"):
            column.nullable = True
        elif words.accept("SET", "DATA", "TYPE") or words.accept("TYPE"):
            self._retype(column)
        else:
            self._alter_identity(column)

    def _retype(self, column: Column) -> None:
        words = self.words
        start, stop = words.until(frozenset({"USING", "COLLATE", "CASCADE", "RESTRICT"}))
        column.type_text = SERIALS.get(words.slice(start, stop).lower(), words.slice(start, stop))
        if words.accept("COLLATE"):
            column.collation = words.qualified()[-1]

    def _alter_identity(self, column: Column) -> None:
        words = self.words
        if words.accept("ADD", "GENERATED"):
            always = words.accept("ALWAYS")
            if not always:
                words.accept("BY", "DEFAULT")
            words.expect("AS")
            words.expect("IDENTITY")
            self.reader.identity(words, column, always=always)
        elif words.accept("SET", "GENERATED"):
            column.identity = Identity.ALWAYS if words.accept("ALWAYS") else Identity.BY_DEFAULT
        elif words.accept("DROP", "IDENTITY"):
            column.identity, column.sequence = Identity.NONE, ""
        elif words.accept("DROP", "EXPRESSION"):
            column.generated = ""
        elif words.accept("SET", "EXPRESSION", "AS"):
            column.generated = bare(words.group().rest)
        elif words.word() not in ("SET", "RESET", "RESTART"):
            raise words.fault("a change of a column is not understood")

    def _alter_constraint(self) -> None:
        words = self.words
        name = words.name()
        deferrable, deferred, enforced = None, None, None
        while not words.done:
            if words.accept("NOT", "DEFERRABLE"):
                deferrable, deferred = False, False
            elif words.accept("NOT", "ENFORCED"):
                enforced = False
            elif words.accept("ENFORCED"):
                enforced = True
            elif words.accept("INITIALLY", "DEFERRED"):
                deferrable, deferred = True, True
            elif words.accept("DEFERRABLE"):
                deferrable = True
            elif not words.accept("INITIALLY", "IMMEDIATE"):
                raise words.fault("a change of a constraint is not understood")
        for reference in self.table.references:
            if reference.key.name == name:
                key = reference.key
                reference.key = msgspec.structs.replace(
                    key,
                    deferrable=key.deferrable if deferrable is None else deferrable,
                    initially_deferred=key.initially_deferred if deferred is None else deferred,
                    enforced=key.enforced if enforced is None else enforced,
                )
        for check in self.table.checks:
            if check.noun.name == name and enforced is not None:
                check.noun = msgspec.structs.replace(check.noun, enforced=enforced)

    def _redefine(self) -> None:
        """MySQL: MODIFY x definition, CHANGE old new definition."""
        words = self.words
        change = words.take().upper == "CHANGE"
        words.accept("COLUMN")
        words.accept("IF", "EXISTS")
        name = words.name() if change else words.peek().value
        old = self.catalog.column(self.table, name)
        if old is None:
            raise Fault(f"there is no column {name} in {self.table.name}")
        definition, place = self._without_place(words)
        keys = [u for u in self.table.uniques if u.noun.primary and old.name in u.noun.columns]
        column = self.reader.column(definition, replaces=old)
        if keys:
            column.nullable = False
        if column.name != old.name:
            rename_mentions(self.catalog, self.table, old.name, column.name)
        self._move(column, place)
        self.reader.finish()

    # ---- rename and the rest ------------------------------------------------------------------------
    def _rename(self) -> None:
        words = self.words
        if words.accept("TO") or (self.mysql and words.accept("AS")):
            rename_table(self.catalog, self.table, words.qualified())
        elif words.accept("CONSTRAINT") or (
            self.mysql and words.word() in ("INDEX", "KEY") and words.accept(words.word())
        ):
            old = words.name()
            words.expect("TO")
            rename_constraint(self.table, old, words.name())
        elif self.mysql and words.word() not in ("COLUMN",) and words.word(1) != "TO":
            rename_table(self.catalog, self.table, words.qualified())
        else:
            words.accept("COLUMN")
            old = words.name()
            words.expect("TO")
            rename_column(self.catalog, self.table, old, words.name())

    def _set(self) -> None:
        words = self.words
        if words.accept("SCHEMA"):
            space = words.name()
            rename_table(self.catalog, self.table, (space, self.table.name))
        elif words.accept("UNLOGGED"):
            self.table.options["unlogged"] = "yes"
        elif words.accept("LOGGED"):
            self.table.options.pop("unlogged", None)

    def _partition(self) -> None:
        words = self.words
        attach = words.take().upper == "ATTACH"
        words.expect("PARTITION")
        parts = words.qualified()
        part = self.catalog.find(parts)
        if part is None:
            raise Fault(f"there is no table {'.'.join(parts)} to be a partition")
        if attach:
            part.part_of = (self.table.space or self.catalog.default, self.table.name)
            part.bound = bound_of(words)
        else:
            part.part_of, part.bound = (), ""

    def _enable(self) -> None:
        words, options = self.words, self.table.options
        if words.accept("ENABLE", "ROW", "LEVEL", "SECURITY"):
            options["row_security"] = options.get("row_security", "enabled")
        elif words.accept("DISABLE", "ROW", "LEVEL", "SECURITY"):
            options.pop("row_security", None)
        elif words.accept("FORCE", "ROW", "LEVEL", "SECURITY"):
            options["row_security"] = "forced"
        elif words.accept("NO", "INHERIT"):
            target = self.catalog.find(words.qualified())
            self.table.parents = [p for p in self.table.parents if self.catalog.find(p) is not target]
        elif words.word() in ("ENABLE", "DISABLE"):
            enabled = words.take().upper == "ENABLE"
            _ = words.accept("ALWAYS") or words.accept("REPLICA")
            if words.accept("TRIGGER") and not words.done:
                self._switch(words, enabled=enabled)

    def _switch(self, words: Words, *, enabled: bool) -> None:
        every = words.word() in ("ALL", "USER")
        name = words.name()
        for trigger in self.table.triggers:
            if every or trigger.noun.name == name:
                trigger.noun = msgspec.structs.replace(trigger.noun, enabled=enabled)
