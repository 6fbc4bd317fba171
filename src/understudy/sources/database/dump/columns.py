"""Columns of tables, as CREATE TABLE and ALTER TABLE … ADD write them."""

from __future__ import annotations

import re

from understudy.model.schema import Identity, Unique
from understudy.sources.database.dump.catalog import Catalog, Column, Table, numbered, plain
from understudy.sources.database.dump.constraints import Constraints
from understudy.sources.database.dump.words import MYSQL, Words, quote, string_value
from understudy.sources.database.sql_text import TokenKind, bare

COLUMN_STOPS: frozenset[str] = frozenset(
    {"CONSTRAINT", "NOT", "NULL", "DEFAULT", "PRIMARY", "UNIQUE", "KEY", "CHECK", "REFERENCES"}
    | {"GENERATED", "AS", "AUTO_INCREMENT", "AUTOINCREMENT", "COLLATE", "COMMENT", "ON", "STORAGE"}
    | {"COMPRESSION", "VIRTUAL", "STORED", "PERSISTENT", "INVISIBLE", "VISIBLE", "DEFERRABLE", "INITIALLY"}
    | {"IDENTITY", "FIRST", "AFTER", "COLUMN_FORMAT", "OPTIONS", "USING", "ENFORCED"}
)
VALUE_STOPS = COLUMN_STOPS - {"AS", "KEY"}
SERIALS = {
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
} | {"serial2": "smallint"}
NEXTVAL = re.compile(r"\(?\"?nextval\"?\s*\(\s*'((?:[^']|'')+)'", re.IGNORECASE)


class TableReader:
    """Reads items of a CREATE TABLE or ALTER TABLE into ``table``; ``finish`` runs what had to wait."""

    def __init__(self, catalog: Catalog, table: Table) -> None:
        self.catalog, self.table, self.dialect = catalog, table, catalog.dialect
        self.constraints = Constraints(catalog, table)

    def finish(self) -> None:
        """Add the constraints that waited for columns."""
        for add in self.constraints.waiting():
            add()

    def item(self, words: Words) -> None:
        """A column, or a constraint of the table."""
        if self.constraints.begins(words):
            self.constraints.read(words)
        else:
            self.column(words)

    # ---- columns ------------------------------------------------------------------------------------
    def column(self, words: Words, *, replaces: Column | None = None) -> Column:
        """``name type constraint…``; added to the table, in the place of ``replaces`` where that is given."""
        line, begin = words.line_here(), words.at
        name = words.name()
        old = self.catalog.column(self.table, name)
        if old is not None and old is not replaces:
            raise words.fault(f"column {name} is there twice")
        start = words.at
        while not words.done and not self._type_ends(words):
            if not words.skip_group():
                words.at += 1
        column = Column(name, words.slice(start, words.at), line)
        if not column.type_text and self.dialect not in ("sqlite", ""):
            raise words.fault(f"column {name} has no type")
        self._serial(column)
        self.place(column, replaces)
        self._attributes(words, column)
        column.raw = words.slice(begin, words.at)
        return column

    def place(self, column: Column, replaces: Column | None) -> None:
        """Put a column at the end, or where the one it replaces stood."""
        fold = self.catalog.fold
        if replaces is None:
            self.table.columns[fold(column.name)] = column
            return
        entries = [(fold(column.name), column) if c is replaces else (k, c) for k, c in self.table.columns.items()]
        self.table.columns = dict(entries)

    def _type_ends(self, words: Words) -> bool:
        word = words.word()
        if word in ("WITH", "WITHOUT"):
            return words.word(1) not in ("TIME", "LOCAL")
        return word in COLUMN_STOPS

    def _serial(self, column: Column) -> None:
        kind = column.type_text.lower()
        if self.dialect in MYSQL and kind == "serial":
            column.nullable, column.identity = False, Identity.AUTO_INCREMENT
            self.constraints.wait_unique(Unique("", plain((column.name,))), column.line, "SERIAL")
        elif self.dialect in ("postgresql", "") and kind in SERIALS:
            column.type_text, column.nullable, column.identity = SERIALS[kind], False, Identity.SERIAL
            self._own_sequence(column)
            column.default = f"nextval('{self._sequence_text(column.sequence)}'::regclass)"

    def _own_sequence(self, column: Column) -> None:
        taken = {s.name for s in self.catalog.sequences}
        name = numbered(self.table.name, column.name, "seq", taken)
        column.sequence = self.catalog.full(self.table.space, name)
        self.catalog.sequences[self.catalog.key((self.table.space or self.catalog.default, name))] = ""

    def _sequence_text(self, full: str) -> str:
        space, _, name = full.rpartition(".") if self.table.space else ("", "", full)
        parts = [p if re.fullmatch(r"[a-z_][a-z0-9_]*", p) else quote(p, self.dialect) for p in (space, name) if p]
        return ".".join(parts).replace("'", "''")

    def _attributes(self, words: Words, column: Column) -> None:
        name = ""
        while not words.done:
            line = words.line_here()
            if words.accept("CONSTRAINT"):
                name = words.name()
                continue
            if not self._attribute(words, column, name, line):
                raise words.fault(f"column {column.name} is not understood")
            name = ""

    def _attribute(self, words: Words, column: Column, name: str, line: int) -> bool:
        """One clause after a column's type; False where it is none that is known."""
        start = words.at
        match words.word():
            case "NOT" if words.accept("NOT", "NULL"):
                column.nullable = False
                self.constraints.conflict(words, line)
                words.accept("NO", "INHERIT")
            case "NULL":
                words.at += 1
                column.nullable = column.nullable or column.identity is Identity.NONE
                self.constraints.conflict(words, line)
            case "DEFAULT":
                words.at += 1
                self._default(words, column)
            case "GENERATED" | "AS":
                self._generated(words, column)
            case "PRIMARY" | "KEY" if words.accept("PRIMARY", "KEY") or (self.dialect in MYSQL and words.accept("KEY")):
                self.constraints.column_key(words, column, name, "pkey", line, start)
            case "UNIQUE":
                words.at += 1
                _ = words.accept("KEY") or words.accept("INDEX")
                self.constraints.column_key(words, column, name, "key", line, start)
            case "CHECK":
                words.at += 1
                self.constraints.check(words, name, column.name, line, start)
            case "REFERENCES":
                self.constraints.reference(words, (column.name,), name, line, start)
            case "AUTO_INCREMENT" | "AUTOINCREMENT":
                words.at += 1
                column.identity = Identity.AUTO_INCREMENT
                if self.dialect == "sqlite":
                    self.table.options["autoincrement"] = "yes"
            case _:
                return self._storage(words, column, line)
        return True

    def _storage(self, words: Words, column: Column, line: int) -> bool:
        match words.word():
            case "COLLATE":
                words.at += 1
                column.collation = words.string() if words.peek().kind is TokenKind.STRING else words.qualified()[-1]
            case "COMMENT":
                words.at += 1
                column.comment = words.string()
            case "ON" if words.accept("ON", "UPDATE"):
                start = words.at
                words.at += 1
                words.skip_group()
                column.on_update = words.slice(start, words.at)
            case "ON" if words.word(1) == "CONFLICT":
                self.constraints.conflict(words, line)
            case "STORAGE" | "COMPRESSION" | "COLUMN_FORMAT":
                words.at += 2
            case "VISIBLE" | "VIRTUAL" | "STORED" | "PERSISTENT":
                words.at += 1
            case "INVISIBLE":
                words.at += 1
                words_ = f"column {column.name} is invisible: SELECT * does not show it"
                self.catalog.remark(line, words_, "info", self.constraints.entity)
            case "IDENTITY":
                words.at += 1
                words.skip_group()
                column.identity, column.nullable = Identity.BY_DEFAULT, False
            case "OPTIONS":
                words.at += 1
                words.group()
            case "WITH" | "WITHOUT" if words.word(1) == "SYSTEM":
                words.at += 3
            case "DEFERRABLE" | "INITIALLY":
                words.at += 1 if words.word() == "DEFERRABLE" else 2
            case "NOT" if words.word(1) in ("DEFERRABLE", "VALID", "ENFORCED", "VISIBLE"):
                words.at += 2
            case "ENFORCED":
                words.at += 1
            case _:
                return False
        return True

    def _default(self, words: Words, column: Column) -> None:
        start, stop = words.until(VALUE_STOPS)
        if start == stop:
            raise words.fault("DEFAULT has no value")
        self.set_default(column, self.constraints.source(words, start, stop))

    def set_default(self, column: Column, text: str) -> None:
        """Give a column its default; a plain NULL is none."""
        column.default = "" if text.upper() in ("NULL", "(NULL)") else text
        column.identity = Identity.NONE if column.identity is Identity.SERIAL else column.identity
        found = NEXTVAL.match(text)
        if found:
            parts = Words(found[1].replace("''", "'"), self.dialect, 1).qualified()
            column.sequence = self.catalog.full(self.catalog.space(parts), parts[-1])
            column.identity = Identity.SERIAL

    def _generated(self, words: Words, column: Column) -> None:
        always = True
        if words.accept("GENERATED"):
            always = words.accept("ALWAYS")
            if not always:
                _ = words.accept("BY", "DEFAULT") and words.accept("ON", "NULL")
        words.expect("AS")
        if words.accept("IDENTITY"):
            self.identity(words, column, always=always)
            return
        inside = words.group()
        column.generated = bare(self.constraints.source(inside, inside.at, inside.stop))
        column.stored = self.dialect == "postgresql"
        if words.accept("STORED") or words.accept("PERSISTENT"):
            column.stored = self.dialect != "duckdb"
        elif words.accept("VIRTUAL"):
            column.stored = False

    def identity(self, words: Words, column: Column, *, always: bool) -> None:
        """``AS IDENTITY [(options)]``, after the word IDENTITY."""
        column.identity = Identity.ALWAYS if always else Identity.BY_DEFAULT
        column.nullable = False
        named: tuple[str, ...] = ()
        if words.peek().text == "(":
            inside = words.group()
            while not inside.done:
                if inside.accept("SEQUENCE", "NAME"):
                    named = inside.qualified()
                else:
                    inside.at += 1
        if named:
            column.sequence = self.catalog.full(self.catalog.space(named), named[-1])
        elif self.dialect in ("postgresql", ""):
            self._own_sequence(column)


def text_of(words: Words) -> str:
    """The value of a string, or a bare word as it stands (MySQL's table options take both)."""
    token = words.take()
    return string_value(token, words.dialect) if token.kind is TokenKind.STRING else token.text
